//! Qt, of C++.

use std::sync::Arc;

use smoke_signal::{Connector, Signal};

use crate::common::Recorder;

use super::behaviours::{self, Label};

#[derive(Default)]
struct Slider {
    changed: Signal<(u32,)>,
}

impl Slider {
    fn changed(&self) -> Connector<'_, (u32,)> {
        self.changed.connector()
    }

    fn set(&self, value: u32) {
        self.changed.emit(value);
    }
}

// theirs: `connect(a, &A::changed, b, &B::set)`
#[test]
fn a_connection_ends_with_the_receiver() {
    let (slider, label) = (Slider::default(), Arc::new(Label::default()));
    slider.changed().connect_weak(&label, Label::show);
    slider.set(7);
    assert_eq!(label.shown(), 7);
    drop(label);
    assert!(slider.changed().is_empty());
}

// theirs: `emit changed(1)`
#[test]
fn slots_have_been_called_when_emit_returns() {
    behaviours::slots_are_called_at_once_in_the_order_connected();
}

// theirs: `QMetaObject::Connection`, `disconnect(c)`
#[test]
fn a_connection_can_be_disconnected() {
    behaviours::a_key_disconnects_once();
}

// theirs: `Qt::SingleShotConnection`
#[test]
fn a_single_shot_is_disconnected_when_it_is_called() {
    behaviours::a_slot_that_runs_once_has_left_before_it_is_called();
}

// theirs: `QSignalBlocker blocker(a);`
#[test]
fn a_blocker_restores_what_was_before() {
    behaviours::a_signal_is_blocked_until_the_last_guard_is_dropped();
}

// theirs: a signal connected to a signal
#[test]
fn a_signal_emits_another() {
    let (slider, copy) = (Slider::default(), Arc::new(Slider::default()));
    slider.changed().connect_weak(&copy, Slider::set);
    let record = Recorder::new();
    let recorded = record.clone();
    copy.changed().connect(move |value| recorded.add(value));
    slider.set(7);
    assert_eq!(record.take(), [7]);
}
