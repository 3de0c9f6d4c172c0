//! What happens to an emission in progress when its slots change the signal.

use std::sync::{Arc, OnceLock};

use smoke_signal::{Connection, Signal};

use crate::common::{Recorder, said};

/// Connects a slot that does something to the signal, then returns its letter.
fn doing(
    signal: &Arc<Signal<(), char>>,
    letter: char,
    what: impl Fn(&Arc<Signal<(), char>>) + Send + Sync + 'static,
) -> Connection {
    let weak = Arc::downgrade(signal);
    signal.connect(move || {
        what(&weak.upgrade().expect("the test owns it"));
        letter
    })
}

/// A key that is set later.
type Later = Arc<OnceLock<Connection>>;

// Boost.Signals2: deletion_test.cpp, test_remove_self; signals2: disconnect_while_emitting
#[test]
fn a_slot_disconnects_itself() {
    let signal = Arc::new(Signal::<(), char>::new());
    signal.connect(|| 'a');
    let own = Later::default();
    let known = Arc::clone(&own);
    let slot = doing(&signal, 'b', move |signal| {
        assert!(signal.disconnect(*known.get().unwrap()));
    });
    own.set(slot).unwrap();
    signal.connect(|| 'c');
    assert_eq!(said(&signal), "abc");
    assert_eq!(said(&signal), "ac");
}

// Boost.Signals2: deletion_test.cpp, test_remove_self; palacaze/sigslot: signal-extended.cpp
#[test]
fn all_slots_disconnect_themselves() {
    static SIGNAL: Signal<(), char> = Signal::new();
    for letter in ['a', 'b', 'c', 'd'] {
        SIGNAL.connect_with_key(|me| {
            move || {
                assert!(SIGNAL.disconnect(me));
                letter
            }
        });
    }
    assert_eq!(said(&SIGNAL), "abcd");
    assert_eq!(said(&SIGNAL), "");
}

// Boost.Signals2: deletion_test.cpp, test_remove_prior
#[test]
fn a_slot_disconnects_one_before_it() {
    let signal = Arc::new(Signal::<(), char>::new());
    let before = signal.connect(|| 'a');
    doing(&signal, 'b', move |signal| {
        signal.disconnect(before);
    });
    signal.connect(|| 'c');
    assert_eq!(said(&signal), "abc");
    assert_eq!(said(&signal), "bc");
}

// Boost.Signals2: deletion_test.cpp, test_remove_after; Node: nodejs/node#1182
#[test]
fn a_slot_disconnected_before_its_call_is_not_called() {
    let signal = Arc::new(Signal::<(), char>::new());
    let after = Later::default();
    let known = Arc::clone(&after);
    doing(&signal, 'a', move |signal| {
        signal.disconnect(*known.get().unwrap());
    });
    after.set(signal.connect(|| 'b')).unwrap();
    signal.connect(|| 'c');
    assert_eq!(said(&signal), "ac");
}

// Boost.Signals2: deletion_test.cpp, test_bloodbath
#[test]
fn slots_disconnect_those_before_and_after_them() {
    let signal = Arc::new(Signal::<(), char>::new());
    let slots: Arc<OnceLock<[Connection; 4]>> = Arc::default();
    let disconnecting = |victim: usize, letter| {
        let slots = Arc::clone(&slots);
        doing(&signal, letter, move |signal| {
            signal.disconnect(slots.get().unwrap()[victim]);
        })
    };
    let connected = [(1, '0'), (1, '1'), (0, '2'), (2, '3')]
        .map(|(victim, letter)| disconnecting(victim, letter));
    slots.set(connected).unwrap();
    assert_eq!(said(&signal), "023");
    assert_eq!(said(&signal), "3");
}

// signals2: async_disconnect_test
#[test]
fn a_slot_clears_the_signal() {
    let signal = Arc::new(Signal::<(), char>::new());
    doing(&signal, 'a', |signal| signal.disconnect_all());
    signal.connect(|| 'b');
    assert_eq!(said(&signal), "a");
    assert_eq!(said(&signal), "");
}

#[test]
fn a_slot_clears_the_signal_and_connects_another() {
    let signal = Arc::new(Signal::<(), char>::new());
    doing(&signal, 'a', |signal| {
        signal.disconnect_all();
        signal.connect(|| 'n');
    });
    signal.connect(|| 'b');
    assert_eq!(said(&signal), "a");
    assert_eq!(said(&signal), "n");
}

// signals2: connect_while_emitting; Boost.Signals2: regression_test.cpp, slot_connect_test
#[test]
fn a_slot_connected_during_an_emission_is_first_called_by_the_next() {
    let signal = Arc::new(Signal::<(), char>::new());
    doing(&signal, 'a', |signal| {
        signal.connect(|| 'n');
    });
    assert_eq!(said(&signal), "a");
    assert_eq!(said(&signal), "an");
    assert_eq!(said(&signal), "ann");
    assert_eq!(signal.len(), 4);
}

#[test]
fn a_slot_connected_during_an_emission_is_not_called_even_if_ordered_last() {
    let signal = Arc::new(Signal::<(), char>::new());
    doing(&signal, 'a', |signal| {
        signal.options().group(-1).connect(|| 'f');
        signal.options().first().connect(|| 'g');
        signal.options().group(1).connect(|| 'l');
    });
    signal.connect(|| 'b');
    assert_eq!(said(&signal), "ab");
    assert_eq!(said(&signal), "fgabl");
}

// signals2: recursive_connect_test, mutually_recursive_connect_test
#[test]
fn a_nested_emission_calls_slots_connected_before_it() {
    static SIGNAL: Signal<(u32,), u32> = Signal::new();
    SIGNAL.connect(|depth| {
        if depth > 0 {
            SIGNAL.connect(|_| 1);
            SIGNAL.emit(depth - 1).iter().sum()
        } else {
            0
        }
    });
    // Level k of the nesting calls the k slots that the outer levels connected.
    assert_eq!(SIGNAL.emit(100).iter().sum::<u32>(), (1..=100).sum());
    assert_eq!(SIGNAL.len(), 101);
}

#[test]
fn a_slot_in_reused_storage_is_not_mistaken_for_the_old_one() {
    let signal = Arc::new(Signal::<(), char>::new());
    let after = Later::default();
    let known = Arc::clone(&after);
    doing(&signal, 'a', move |signal| {
        if signal.disconnect(*known.get().unwrap()) {
            signal.connect(|| 'c');
        }
    });
    after.set(signal.connect(|| 'b')).unwrap();
    assert_eq!(said(&signal), "a");
    assert_eq!(said(&signal), "ac");
}

// Node: nodejs/node#8516
#[test]
fn a_slot_disconnected_in_a_nested_emission_is_not_called_by_the_outer_one() {
    static SIGNAL: Signal<(u8,)> = Signal::new();
    let record = Recorder::new();
    let (first, second) = (record.clone(), record.clone());
    SIGNAL.connect(move |level| {
        first.add(("first", level));
        if level == 1 {
            SIGNAL.emit(2);
        }
    });
    SIGNAL.connect_with_key(|me| {
        move |level| {
            second.add(("second", level));
            SIGNAL.disconnect(me);
        }
    });
    SIGNAL.emit(1);
    assert_eq!(record.take(), [("first", 1), ("first", 2), ("second", 2)]);
}

// Boost.Signals2: deletion_test.cpp, test_signal_deletion
#[test]
fn the_last_owner_of_the_signal_is_dropped_during_its_emission() {
    let signal = Arc::new(Signal::<()>::new());
    let weak = Arc::downgrade(&signal);
    let record = Recorder::new();
    let owner = std::sync::Mutex::new(Some(Arc::clone(&signal)));
    signal.connect(move || drop(owner.lock().unwrap().take()));
    signal.connect(record.adding("after"));
    let mut calls = signal.calls();
    drop(signal);
    assert!(weak.upgrade().is_some(), "the first slot owns it");
    assert_eq!(calls.next(), Some(()));
    assert!(weak.upgrade().is_none());
    assert_eq!(calls.next(), Some(()), "the emission continues to its end");
    assert_eq!(record.take(), ["after"]);
}

// signals2: disconnect_while_emitting
#[test]
fn a_slot_that_disconnects_itself_is_gone_at_once() {
    static SIGNAL: Signal<()> = Signal::new();
    SIGNAL.connect_with_key(|me| {
        move || {
            assert_eq!(SIGNAL.len(), 1);
            SIGNAL.disconnect(me);
            assert_eq!(SIGNAL.len(), 0);
            assert!(!SIGNAL.contains(me));
        }
    });
    assert_eq!(SIGNAL.emit().len(), 1);
}

// signals2: signal_emitting_cloned_block_test
#[test]
fn emissions_with_older_snapshots_see_a_disconnect() {
    let signal = Arc::new(Signal::<(), char>::new());
    signal.connect(|| 'a');
    let after = signal.connect(|| 'b');
    signal.connect(|| 'c');
    let mut calls = signal.calls();
    assert_eq!(calls.next(), Some('a'));
    // The signal publishes a new snapshot; the emission continues with its own.
    signal.connect(|| 'd');
    assert_eq!(said(&signal), "abcd");
    signal.disconnect(after);
    assert_eq!(calls.collect::<String>(), "c");
}
