//! Qt, of C++.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::thread;

use smoke_signal::testing::Spy;
use smoke_signal::{Connector, Queue, Signal};

use crate::common::{DEADLOCK, Recorder};

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

// theirs: `Qt::QueuedConnection`
#[test]
fn a_queued_slot_is_called_when_the_loop_of_the_receiver_turns() {
    let slider = Slider::default();
    let label = Rc::new(Cell::new(0)); // lives on this thread
    let queue = Queue::new(64);
    let shown = Rc::clone(&label);
    queue.connect(&slider.changed(), move |value| shown.set(value));
    thread::scope(|scope| {
        scope.spawn(|| slider.set(7));
    });
    slider.set(8);
    assert_eq!(label.get(), 0, "`emit` has returned");
    assert_eq!(queue.drain(), 2);
    assert_eq!(label.get(), 8);
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

// theirs: `QSignalSpy spy(&a, &A::changed);`
#[test]
fn a_spy_lists_the_arguments_of_each_emission() {
    let slider = Slider::default();
    let spy = Spy::on(&slider.changed());
    slider.set(7);
    slider.set(8);
    assert_eq!(spy.len(), 2);
    assert_eq!(spy.take(), [(7,), (8,)]);
    assert!(spy.is_empty());
}

// theirs: `spy.wait(1000)`
#[test]
fn a_spy_waits_for_another_thread() {
    let slider = Slider::default();
    let spy = Spy::on(&slider.changed());
    thread::scope(|scope| {
        scope.spawn(|| slider.set(7));
        assert_eq!(spy.wait(1, DEADLOCK).unwrap(), [(7,)]);
    });
    assert!(spy.wait(1, DEADLOCK).is_ok(), "it has been emitted once");
}
