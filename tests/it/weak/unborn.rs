//! Slots that are connected with a `Weak`, perhaps before their object exists.

use std::sync::{Arc, Weak};
use std::thread;

use smoke_signal::{ScopedConnection, Signal};

use super::Widget;
use crate::common::{Counter, said};

// Boost.Signals2: track_test.cpp, dead_slot_test.cpp
#[test]
fn a_weak_reference_does_as_well_as_an_arc() {
    let signal = Signal::<(), char>::new();
    let object = Widget::new('w');
    let weak = Arc::downgrade(&object);
    let slot = signal.connect_weak(&weak, Widget::letter);
    signal
        .options()
        .waitable()
        .connect_weak(&weak, Widget::letter);
    signal.connector().connect_weak(&weak, Widget::letter);
    assert!(signal.contains(slot));
    assert_eq!(said(&signal), "www");
    assert_eq!(Arc::strong_count(&object), 1);
    drop(object);
    assert!(signal.is_empty() && !signal.contains(slot));
    assert_eq!(said(&signal), "");
}

#[test]
fn a_weak_reference_may_be_to_an_unsized_object() {
    let signal = Signal::<(), usize>::new();
    let object: Arc<dyn Fn() -> usize + Send + Sync> = Arc::new(|| 7);
    signal.connect_weak(&Arc::downgrade(&object), |object| object());
    assert_eq!(signal.emit(), [7]);
    let slice: Arc<[usize]> = Arc::new([1, 2]);
    signal.connect_weak(&slice, <[usize]>::len);
    assert_eq!(signal.emit(), [7, 2]);
    drop((object, slice));
    assert!(signal.is_empty());
}

// Boost.Signals2: dead_slot_test.cpp
#[test]
fn a_reference_to_nothing_is_dead_at_once() {
    let signal = Signal::<(), usize>::new();
    let dropped = Counter::default();
    let captured = dropped.tracked();
    let unsized_one: Weak<[usize]> = Weak::<[usize; 3]>::new();
    let slot = signal.connect_weak(&Weak::<usize>::new(), |n| *n);
    let other = signal.connect_weak(&unsized_one, move |numbers| {
        captured.touch();
        numbers.len()
    });
    assert!(!signal.contains(slot) && !signal.contains(other) && signal.is_empty());
    assert!(!signal.disconnect(slot));
    assert_eq!(signal.emit(), [0; 0]);
    assert_eq!(dropped.get(), 1);
}

/// Connects an object to the signal while it is being made, and runs `meanwhile` before it exists.
fn born_after(signal: &Signal<(), char>, meanwhile: impl FnOnce()) -> Arc<Widget> {
    Arc::new_cyclic(|this: &Weak<Widget>| {
        signal.connect_weak(this, Widget::letter);
        let options = signal.options().waitable();
        options.connect_weak(this, Widget::letter);
        meanwhile();
        Arc::into_inner(Widget::new('w')).expect("nobody else has it")
    })
}

#[test]
fn a_slot_waits_until_its_object_exists() {
    let signal = Signal::<(), char>::new();
    let object = born_after(&signal, || {
        assert_eq!(signal.len(), 0);
        assert!(signal.is_empty() && signal.slots().is_empty());
        assert!(signal.connections().is_empty());
        assert_eq!(said(&signal), "", "it is not called");
        signal.connect(|| 'p');
        assert_eq!(said(&signal), "p");
        let blocked = signal.block_all();
        assert_eq!(said(&signal), "");
        drop(blocked);
        for _ in 0..100 {
            signal.disconnect(signal.connect(|| 'q'));
        }
    });
    assert_eq!(signal.len(), 3);
    assert_eq!(said(&signal), "wwp");
    drop(object);
    assert_eq!(signal.len(), 1);
    assert_eq!(said(&signal), "p");
}

#[test]
fn a_signal_is_not_empty_any_more_once_the_object_exists() {
    let signal = Signal::<(), char>::new();
    let object = born_after(&signal, || {
        assert!(signal.is_empty());
        assert!(signal.is_empty(), "asked again");
    });
    assert!(!signal.is_empty());
    drop(object);
    assert!(signal.is_empty());
}

#[test]
fn an_object_whose_making_fails_leaves_a_slot_that_is_never_called() {
    let signal = Signal::<(), char>::new();
    crate::common::thrown(|| {
        born_after(&signal, || crate::common::throw("no object"));
    });
    assert!(signal.is_empty());
    assert_eq!(said(&signal), "");
    signal.disconnect_all();
}

#[test]
fn a_scope_in_the_object_leaves_nothing_behind() {
    struct Listener {
        _scope: ScopedConnection,
    }

    let signal = Signal::<()>::new();
    let dropped = Counter::default();
    let captured = dropped.tracked();
    let listener = Arc::new_cyclic(|this: &Weak<Listener>| Listener {
        _scope: signal.scoped(signal.connect_weak(this, move |_| captured.touch())),
    });
    // Nobody has seen it alive.
    drop(listener);
    assert_eq!(dropped.get(), 1);
}

#[test]
fn a_waiting_slot_can_be_disconnected() {
    let signal = Signal::<(), char>::new();
    let mut slot = None;
    let object = Arc::new_cyclic(|this: &Weak<Widget>| {
        slot = Some(signal.connect_weak(this, Widget::letter));
        assert!(!signal.contains(slot.unwrap()));
        assert!(!signal.disconnect(slot.unwrap()), "it is not connected yet");
        let waitable = signal.options().waitable();
        let waitable = waitable.connect_weak(this, Widget::letter);
        assert!(signal.block(waitable).is_none());
        assert_eq!(signal.disconnect_and_wait(waitable), Ok(false));
        let plain = signal.connect_weak(this, Widget::letter);
        assert_eq!(signal.disconnect_and_wait(plain), Ok(false));
        let scoped = signal.scoped(signal.connect_weak(this, Widget::letter));
        assert!(!scoped.is_connected() && !scoped.disconnect());
        Arc::into_inner(Widget::new('w')).expect("nobody else has it")
    });
    assert_eq!(said(&signal), "");
    assert!(!signal.disconnect(slot.unwrap()));
    drop(object);
}

#[test]
fn a_slot_of_an_object_that_is_alive_waits_for_nothing() {
    let signal = Signal::<(), char>::new();
    let dropped = Counter::default();
    for _ in 0..100 {
        let object = Widget::new('w');
        let captured = dropped.tracked();
        signal.connect_weak(&Arc::downgrade(&object), move |widget| {
            captured.touch();
            widget.letter()
        });
    }
    assert_eq!(said(&signal), "");
    assert_eq!(dropped.get(), 100);
}

#[test]
fn a_slot_whose_object_is_born_while_others_look_stays_connected() {
    for _ in 0..5_000 {
        let signal = Signal::<(), char>::new();
        thread::scope(|scope| {
            let object = born_after(&signal, || {
                for _ in 0..2 {
                    scope.spawn(|| {
                        signal.emit();
                        signal.is_empty();
                        signal.len();
                    });
                }
            });
            assert_eq!(signal.len(), 2);
            assert_eq!(said(&signal), "ww");
            drop(object);
        });
        assert!(signal.is_empty());
    }
}
