//! Disconnecting: once, for good, and never the wrong slot.

use smoke_signal::{Connection, Signal};

use crate::common::{Counter, said, together};

// palacaze/sigslot: test_disconnection; signals2: disconnect_test
#[test]
fn a_slot_disconnected_anywhere_in_the_order_is_not_called() {
    for (leaving, expected) in [(0, "bcd"), (1, "acd"), (3, "abc")] {
        let signal = Signal::<(), char>::new();
        let slots = ['a', 'b', 'c', 'd'].map(|letter| signal.connect(move || letter));
        assert!(signal.disconnect(slots[leaving]));
        assert_eq!(said(&signal), expected);
    }
    let signal = Signal::<(), char>::new();
    let only = signal.connect(|| 'a');
    assert!(signal.disconnect(only));
    assert_eq!(said(&signal), "");
}

// Boost.Signals2: signal_test.cpp, test_zero_args; Django: test_values_returned_by_disconnection
#[test]
fn disconnect_is_true_once() {
    let signal = Signal::<()>::new();
    let slot = signal.connect(|| ());
    assert!(signal.disconnect(slot));
    assert!(!signal.disconnect(slot));
    assert!(!signal.disconnect(slot));
    let cleared = signal.connect(|| ());
    signal.disconnect_all();
    assert!(!signal.disconnect(cleared));
}

// Boost.Signals2: connection_test.cpp, swap_test; psygnal: test_disconnect
#[test]
fn a_null_key_is_never_connected() {
    let signal = Signal::<()>::new();
    let null = Connection::default();
    assert!(!signal.disconnect(null) && !signal.contains(null), "unused");
    signal.connect(|| ());
    assert!(!signal.disconnect(null) && !signal.contains(null));
    assert_eq!(signal.len(), 1);
}

// smokesignal: test_clear; Boost.Signals2: deletion_test.cpp
#[test]
fn disconnecting_all_leaves_a_usable_signal() {
    let signal = Signal::<(), char>::new();
    let slots = ['a', 'b', 'c'].map(|letter| signal.connect(move || letter));
    signal.disconnect_all();
    assert!(signal.is_empty());
    assert!(slots.iter().all(|&slot| !signal.contains(slot)));
    assert_eq!(said(&signal), "");
    signal.connect(|| 'd');
    assert_eq!(said(&signal), "d");
}

#[test]
fn disconnecting_all_of_no_slots_does_nothing() {
    let signal = Signal::<()>::new();
    signal.disconnect_all();
    signal.disconnect_all();
    assert_eq!(signal.len(), 0);
}

#[test]
fn an_old_key_never_affects_the_slot_that_reuses_its_storage() {
    let signal = Signal::<()>::new();
    let mut old = Vec::new();
    for _ in 0..10_000 {
        let slot = signal.connect(|| ());
        assert!(signal.disconnect(slot));
        old.push(slot);
    }
    let slot = signal.connect(|| ());
    for key in old {
        assert!(!signal.disconnect(key));
        assert!(!signal.contains(key));
    }
    assert!(signal.contains(slot));
    assert_eq!(signal.emit().len(), 1);
}

// blinker: test_filtered_receiver
#[test]
fn a_closure_connected_again_comes_last() {
    let signal = Signal::<(), char>::new();
    let first = || 'a';
    let slot = signal.connect(first);
    signal.connect(|| 'b');
    signal.disconnect(slot);
    assert_ne!(signal.connect(first), slot);
    assert_eq!(said(&signal), "ba");
}

// palacaze/sigslot: test_threaded_misc
#[test]
fn only_one_of_many_threads_disconnects() {
    for _ in 0..200 {
        let signal = Signal::<()>::new();
        let dropped = Counter::default();
        let slot = signal.connect(dropped.tracked().held());
        let answers = together(4, |number| match number {
            0 => signal.emit().len() == 2,
            _ => signal.disconnect(slot),
        });
        assert_eq!(answers.iter().filter(|&&yes| yes).count(), 1);
        assert_eq!(dropped.get(), 1);
    }
}

// nod: fr00b0/nod#29; palacaze/sigslot: test_threaded_misc
#[test]
fn clearing_and_disconnecting_at_once() {
    for _ in 0..200 {
        let signal = Signal::<()>::new();
        let dropped = Counter::default();
        let slots = [(); 8].map(|()| signal.connect(dropped.tracked().held()));
        together(3, |number| match number {
            0 => signal.disconnect_all(),
            _ => slots.iter().for_each(|&slot| {
                signal.disconnect(slot);
            }),
        });
        assert!(signal.is_empty());
        assert_eq!(dropped.get(), 8);
    }
}

#[test]
fn keys_of_connect_with_key_are_dead_until_it_has_connected() {
    let signal = Signal::<()>::new();
    let slot = signal.connect_with_key(|me| {
        assert!(!signal.contains(me));
        assert!(!signal.disconnect(me), "nothing to disconnect yet");
        assert_eq!(signal.len(), 0);
        assert_eq!(signal.connections(), []);
        assert!(signal.emit().is_empty());
        signal.disconnect_all();
        || ()
    });
    assert!(signal.contains(slot), "the calls before did not affect it");
    assert_eq!(signal.connections(), [slot]);
    assert_eq!(signal.emit().len(), 1);
}
