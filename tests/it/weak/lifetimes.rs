//! The object's lifetime, and the emissions around its end.

use std::sync::{Arc, Barrier, OnceLock};
use std::thread;

use smoke_signal::{Connection, Signal};

use crate::common::{Counter, DEADLOCK, said, throw, thrown, within};

use super::{Widget, owner};

// psygnal: test_weakref_disconnect
#[test]
fn a_weak_slot_does_not_keep_its_object_alive() {
    let signal = Signal::<(), char>::new();
    let object = Widget::new('w');
    signal.connect_weak(&object, Widget::letter);
    signal
        .options()
        .waitable()
        .connect_weak(&object, Widget::letter);
    let calls = signal.calls();
    assert_eq!(said(&signal), "ww");
    assert_eq!(Arc::strong_count(&object), 1);
    assert_eq!(Arc::weak_count(&object), 2);
    let weak = Arc::downgrade(&object);
    drop(object);
    assert!(weak.upgrade().is_none());
    assert_eq!(calls.count(), 0);
}

// Boost.Signals2: track_test.cpp; palacaze/sigslot: test_track_shared; psygnal: test_weakref
#[test]
fn an_object_taken_out_of_its_arc_counts_as_dropped() {
    let signal = Signal::<(), char>::new();
    let object = Widget::new('w');
    signal.connect_weak(&object, Widget::letter);
    let widget = Arc::into_inner(object).expect("the slot is no owner");
    assert!(signal.is_empty());
    assert_eq!(widget.letter(), 'w');

    // `make_mut` moves the object out as well, if there are weak references.
    let mut number = Arc::new('n');
    signal.connect_weak(&number, |number| *number);
    *Arc::make_mut(&mut number) = 'm';
    assert!(signal.is_empty());
}

// Boost.Signals2: deadlock_regression_test.cpp, trackable_test.cpp, test_immediate_disconnect_on_delete
#[test]
fn an_object_released_by_its_own_slot_lives_until_that_returns() {
    struct Mortal(Counter);
    impl Drop for Mortal {
        fn drop(&mut self) {
            self.0.add();
        }
    }
    static SIGNAL: Signal<(), usize> = Signal::new();
    let died = Counter::default();
    let object = Arc::new(Mortal(died.clone()));
    let (owner, seen) = (owner(&object), died.clone());
    let own: Arc<OnceLock<Connection>> = Arc::default();
    let known = Arc::clone(&own);
    let slot = SIGNAL.connect_weak(&object, move |object| {
        drop(owner.lock().unwrap().take());
        let me = *known.get().unwrap();
        assert!(SIGNAL.contains(me), "the call keeps the object alive");
        assert_eq!(SIGNAL.len(), 1);
        assert_eq!(seen.get(), 0);
        object.0.get()
    });
    own.set(slot).unwrap();
    drop(object);
    let seen = died.clone();
    let mut calls = SIGNAL.calls();
    assert_eq!(calls.next(), Some(0));
    assert_eq!(seen.get(), 1, "dropped when the call returned");
    assert!(!SIGNAL.contains(slot));
    drop(calls);
    assert!(SIGNAL.emit().is_empty());
}

// Boost.Signals2: deadlock_regression_test.cpp
#[test]
fn an_object_released_by_another_thread_lives_until_its_slot_returns() {
    within(DEADLOCK, "an object released during a call", || {
        let signal = Arc::new(Signal::<(), char>::new());
        let meet = Arc::new(Barrier::new(2));
        let gate = Arc::clone(&meet);
        let object = Widget::new('w');
        let slot = signal.connect_weak(&object, move |widget| {
            gate.wait();
            gate.wait();
            widget.letter
        });
        let emitting = Arc::clone(&signal);
        let emission = thread::spawn(move || said(&emitting));
        meet.wait();
        let weak = Arc::downgrade(&object);
        drop(object);
        assert!(weak.upgrade().is_some(), "the call keeps it alive");
        assert!(signal.contains(slot));
        meet.wait();
        assert_eq!(emission.join().unwrap(), "w");
        assert!(weak.upgrade().is_none());
        assert!(signal.is_empty());
    });
}

// Boost.Signals2: deadlock_regression_test.cpp
#[test]
fn a_slot_that_panics_releases_its_object() {
    let signal = Signal::<()>::new();
    let object = Widget::new('w');
    let owner = owner(&object);
    signal.connect_weak(&object, move |_| {
        owner.lock().unwrap().take();
        throw("after the last owner was dropped");
    });
    let weak = Arc::downgrade(&object);
    drop(object);
    assert_eq!(thrown(|| signal.emit()), "after the last owner was dropped");
    assert!(weak.upgrade().is_none());
    assert!(signal.is_empty());
    assert!(signal.emit().is_empty());
}

#[test]
fn a_slot_whose_object_an_earlier_slot_releases_is_not_called() {
    let signal = Signal::<(), char>::new();
    let object = Widget::new('b');
    let owner = owner(&object);
    signal.connect(move || {
        owner.lock().unwrap().take();
        'a'
    });
    signal.connect_weak(&object, Widget::letter);
    signal.connect(|| 'c');
    drop(object);
    assert_eq!(said(&signal), "ac");
    assert_eq!(said(&signal), "ac");
}

#[test]
fn a_slot_whose_object_is_released_during_a_lazy_emission_is_not_called() {
    let signal = Signal::<(), char>::new();
    let (one, two) = (Widget::new('1'), Widget::new('2'));
    signal.connect(|| 'a');
    signal.connect_weak(&one, Widget::letter);
    signal.connect(|| 'b');
    signal.connect_weak(&two, Widget::letter);
    let mut calls = signal.calls();
    assert_eq!(calls.next(), Some('a'));
    drop(one);
    assert_eq!(calls.next(), Some('b'));
    drop(two);
    assert_eq!(calls.next(), None);
    assert_eq!(said(&signal), "ab");
}

// palacaze/sigslot: test_track_shared_reversed
#[test]
fn two_objects_may_be_dropped_in_either_order() {
    for last_first in [false, true] {
        let signal = Signal::<(), char>::new();
        let (one, two) = (Widget::new('1'), Widget::new('2'));
        let first = signal.connect_weak(&one, Widget::letter);
        let second = signal.connect_weak(&two, Widget::letter);
        assert_eq!(said(&signal), "12");
        let (left, gone, slot, says) = if last_first {
            drop(two);
            (one, second, first, "1")
        } else {
            drop(one);
            (two, first, second, "2")
        };
        assert!(!signal.contains(gone));
        assert_eq!(signal.connections(), [slot]);
        assert_eq!(said(&signal), says);
        drop(left);
        assert!(signal.is_empty());
        assert_eq!(said(&signal), "");
    }
}

// palacaze/sigslot: test_track_shared_reversed
#[test]
fn all_slots_of_a_dropped_object_are_disconnected() {
    let signal = Signal::<(), char>::new();
    let (one, two) = (Widget::new('1'), Widget::new('2'));
    signal.connect_weak(&one, Widget::letter);
    signal.connect_weak(&two, Widget::letter);
    signal.connect_weak(&one, Widget::letter);
    assert_eq!(said(&signal), "121");
    drop(one);
    assert_eq!(signal.len(), 1);
    assert_eq!(said(&signal), "2");
}

// palacaze/sigslot: test_observer; Boost.Signals2: trackable_test.cpp
#[test]
fn weak_and_strong_slots_keep_their_order() {
    let signal = Signal::<(), char>::new();
    let objects: Vec<_> = ('a'..='j').map(Widget::new).collect();
    for object in &objects {
        signal.connect_weak(object, Widget::letter);
        let upper = object.letter.to_ascii_uppercase();
        let kept = Arc::clone(&objects[0]);
        signal.connect(move || {
            assert_eq!(kept.letter, 'a');
            upper
        });
    }
    assert_eq!(said(&signal), "aAbBcCdDeEfFgGhHiIjJ");
    drop(objects);
    assert_eq!(signal.len(), 11, "strong slots keep one object alive");
    assert_eq!(said(&signal), "aABCDEFGHIJ");
}
