//! What a signal reports as soon as a slot's object is gone.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use smoke_signal::{Connection, Signal};

use crate::common::{Counted, Counter, said};

use super::{Widget, holding};

/// Checks with every query that a slot is gone.
fn assert_gone(signal: &Signal<(), char>, slot: Connection) {
    assert!(!signal.contains(slot));
    assert!(!signal.is_blocked(slot));
    assert!(signal.block(slot).is_none());
    assert_eq!(signal.len(), 1);
    assert!(!signal.is_empty());
    let plain = signal.connections();
    assert_eq!(plain.len(), 1);
    assert!(!plain.contains(&slot));
    let listed: Vec<_> = signal.slots().iter().map(|s| s.connection).collect();
    assert_eq!(listed, plain);
    assert_eq!(format!("{signal:?}"), "Signal { slots: 1, .. }");
    assert!(!format!("{signal:#?}").contains(", weak"));
}

// psygnal: test_weakref
#[test]
fn a_slot_is_gone_as_soon_as_its_object_is_dropped() {
    for emitted in [false, true] {
        for waitable in [false, true] {
            let signal = Signal::<(), char>::new();
            signal.connect(|| 'p');
            let options = if waitable {
                signal.options().waitable()
            } else {
                signal.options()
            };
            let object = Widget::new('w');
            let slot = options.connect_weak(&object, Widget::letter);
            let guard = signal.block(slot);
            assert!(signal.is_blocked(slot));
            assert_eq!(signal.len(), 2);
            if emitted {
                signal.emit();
            }
            drop(object);
            assert_gone(&signal, slot);
            drop(guard);
            assert_gone(&signal, slot);
            assert!(!signal.disconnect(slot), "it had expired");
            assert_gone(&signal, slot);
            assert_eq!(said(&signal), "p");
        }
    }
}

#[test]
fn a_signal_whose_only_slot_expired_is_empty() {
    let signal = Signal::<(), char>::new();
    let object = Widget::new('w');
    let slot = signal.connect_weak(&object, Widget::letter);
    assert!(!signal.is_empty());
    drop(object);
    assert!(signal.is_empty());
    assert!(signal.connections().is_empty() && signal.slots().is_empty());
    let _all = signal.block_all();
    assert!(!signal.is_blocked(slot));
    assert!(signal.is_empty());
}

#[test]
fn a_signal_is_empty_once_the_last_of_its_objects_is_gone() {
    for emitted in [false, true] {
        for reversed in [false, true] {
            let signal = Signal::<(), char>::new();
            let mut objects = Vec::from_iter((0..100).map(|_| Widget::new('w')));
            for object in &objects {
                signal.connect_weak(object, Widget::letter);
            }
            if reversed {
                objects.reverse();
            }
            for object in objects {
                if emitted {
                    signal.emit();
                }
                assert!(!signal.is_empty());
                drop(object);
            }
            assert!(signal.is_empty());
            assert!(signal.is_empty(), "asked again");
            let object = Widget::new('w');
            let slot = signal.connect_weak(&object, Widget::letter);
            assert!(!signal.is_empty(), "a later slot");
            signal.disconnect(slot);
            assert!(signal.is_empty());
        }
    }
}

#[test]
fn a_blocked_signal_of_weak_slots_is_not_empty() {
    let signal = Signal::<(), char>::new();
    let object = Widget::new('w');
    signal.connect_weak(&object, Widget::letter);
    let guard = signal.block_all();
    assert!(!signal.is_empty());
    signal.emit();
    assert!(!signal.is_empty());
    drop(guard);
    drop(object);
    assert!(signal.is_empty());
}

// psygnal: test_weakref
#[test]
fn len_stays_exact_however_weak_slots_are_disconnected() {
    let signal = Signal::<(), char>::new();
    let object = Widget::new('w');
    let connect = || signal.connect_weak(&object, Widget::letter);
    for round in 0..3 {
        let slot = connect();
        assert!(signal.disconnect(slot));
        signal
            .options()
            .max_calls(1)
            .connect_weak(&object, Widget::letter);
        assert_eq!(said(&signal), "w", "round {round}");
        drop(signal.scoped(connect()));
        connect();
        signal.disconnect_all();
        assert!(signal.is_empty());
        let gone = Widget::new('g');
        signal.connect_weak(&gone, Widget::letter);
        drop(gone);
        signal.connect(|| 'p');
        assert_eq!(signal.len(), 1);
        // A reserved key does not count, with or without weak slots.
        signal.connect_with_key(|_| {
            assert_eq!(signal.len(), 1);
            connect();
            assert_eq!(signal.len(), 2);
            || 'k'
        });
        assert_eq!(signal.len(), 3);
        signal.disconnect_all();
    }
}

// Boost.Signals2: signal_test.cpp, test_zero_args
#[test]
fn disconnect_of_an_expired_slot_returns_false_and_drops_its_captures() {
    let signal = Signal::<(), char>::new();
    let dropped = Counter::default();
    let object = Widget::new('w');
    let slot = signal.connect_weak(&object, holding(dropped.tracked()));
    signal.emit();
    drop(object);
    assert_eq!(dropped.get(), 0, "the signal has not noticed yet");
    assert!(!signal.disconnect(slot));
    assert_eq!(dropped.get(), 1);
    assert!(!signal.disconnect(slot));

    let object = Widget::new('w');
    let slot = signal.connect_weak(&object, holding(dropped.tracked()));
    assert!(
        signal.disconnect(slot),
        "while its object lives, it is like any other"
    );
    assert_eq!(dropped.get(), 2);
    drop(object);
    assert!(!signal.disconnect(slot));
}

// Boost.Signals2: regression_test.cpp, scoped_connection_test
#[test]
fn scoped_handles_and_disconnect_all_drop_expired_slots_too() {
    let signal = Signal::<(), char>::new();
    let dropped = Counter::default();
    let connect = || {
        let object = Widget::new('w');
        signal.connect_weak(&object, holding(dropped.tracked()))
    };
    // Each connect drops the expired slot before it.
    let scoped = signal.scoped(connect());
    assert_eq!(dropped.get(), 0);
    drop(scoped);
    assert_eq!(dropped.get(), 1);
    connect();
    signal.disconnect_all();
    assert_eq!(dropped.get(), 2);
    connect();
    drop(signal);
    assert_eq!(dropped.get(), 3);
}

#[test]
fn nothing_is_charged_or_cloned_for_a_dropped_object() {
    let signal = Signal::<(Counted,), bool>::new();
    let object = Arc::new(());
    let options = signal.options().max_calls(1);
    let limited = options.connect_weak(&object, |(), argument| argument.is_clone);
    signal.connect(|argument| argument.is_clone);
    let _calls = signal.calls(Counted::default()); // its snapshot contains the slot
    drop(object);
    let argument = Counted::default();
    let clones = argument.clones.clone();
    assert_eq!(signal.emit(argument), [false]);
    assert_eq!(clones.get(), 0);
    assert!(!signal.contains(limited));
    assert!(!signal.disconnect(limited));
}

#[test]
fn budgets_of_weak_slots_work_like_others() {
    let signal = Signal::<(), char>::new();
    let object = Widget::new('w');
    let slot = signal
        .options()
        .max_calls(2)
        .connect_weak(&object, Widget::letter);
    let left = || signal.slots().first().map(|slot| slot.calls_left);
    assert_eq!(left(), Some(Some(2)));
    {
        let _guard = signal.block(slot);
        assert_eq!(said(&signal), "");
    }
    assert_eq!(said(&signal), "w");
    assert_eq!(left(), Some(Some(1)));
    assert_eq!(said(&signal), "w");
    assert_eq!(left(), None);
    assert!(!signal.contains(slot));
    drop(object);
    assert_eq!(said(&signal), "");
}

#[test]
fn a_signal_that_always_has_a_slot_is_never_empty() {
    static SIGNAL: Signal<()> = Signal::new();
    static DONE: AtomicBool = AtomicBool::new(false);
    let mut object = Arc::new(());
    let mut weak = SIGNAL.connect_weak(&object, |()| ());
    let asker = thread::spawn(|| {
        let mut empty = 0;
        while !DONE.load(Ordering::Relaxed) {
            empty += usize::from(SIGNAL.is_empty());
        }
        empty
    });
    for _ in 0..50_000 {
        let plain = SIGNAL.connect(|| ());
        drop(object);
        SIGNAL.disconnect(weak);
        object = Arc::new(());
        weak = SIGNAL.connect_weak(&object, |()| ());
        SIGNAL.disconnect(plain);
    }
    DONE.store(true, Ordering::Relaxed);
    assert_eq!(asker.join().unwrap(), 0);
}

#[test]
fn who_asks_whether_a_signal_is_empty_holds_no_captures() {
    static SIGNAL: Signal<()> = Signal::new();
    static DONE: AtomicBool = AtomicBool::new(false);
    let asker = thread::spawn(|| {
        while !DONE.load(Ordering::Relaxed) {
            SIGNAL.is_empty();
        }
    });
    let object = Arc::new(());
    let mut held = 0;
    for round in 0..50_000 {
        let captured = Arc::new(());
        let inside = Arc::clone(&captured);
        let slot = SIGNAL.connect_weak(&object, move |()| {
            let _ = &inside;
        });
        SIGNAL.emit();
        for _ in 0..round % 50 {
            std::hint::spin_loop();
        }
        assert!(SIGNAL.disconnect(slot));
        held += usize::from(Arc::strong_count(&captured) > 1);
    }
    DONE.store(true, Ordering::Relaxed);
    asker.join().unwrap();
    assert_eq!(held, 0);
}
