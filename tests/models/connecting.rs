//! Connecting and disconnecting, as far as the pairs with one slot do not cover them: reserved keys, and
//! emissions to several slots.

use std::sync::{Arc, Mutex};

use loom::sync::atomic::{AtomicBool, Ordering};
use loom::thread;
use smoke_signal::{BlockGuard, Connection, Signal};

use crate::orders::Crossing;
use crate::{alongside, with_preemptions};

/// A reserved key is not connected yet, so nobody can disconnect it before it is committed.
#[test]
fn reserved_key_against_disconnect() {
    loom::model(|| {
        let signal = crate::signal();
        let (key, crossing) = (Arc::new(Mutex::new(None)), Crossing::default());
        let other = thread::spawn({
            let (signal, key) = (Arc::clone(&signal), Arc::clone(&key));
            let crossing = crossing.clone();
            move || {
                crossing.pass();
                let reserved = *key.lock().unwrap();
                reserved.is_some_and(|key| signal.disconnect(key))
            }
        });
        let slot = signal.connect_with_key(|me| {
            *key.lock().unwrap() = Some(me);
            crossing.pass();
            || ()
        });
        let disconnected = other.join().unwrap();
        assert_eq!(signal.contains(slot), !disconnected);
        assert_eq!(signal.emit().len(), usize::from(!disconnected));
        assert_eq!(signal.len(), usize::from(!disconnected));
    });
}

/// `disconnect_all` and an emission do not cancel a reserved key.
#[test]
fn reserved_key_against_disconnect_all() {
    with_preemptions(3, || {
        let signal = crate::signal();
        signal.connect(|| ());
        let other = alongside(&signal, move |signal| {
            signal.disconnect_all();
            assert!(signal.emit().len() <= 1);
        });
        let connected_last = signal.connect_with_key(|_| || ());
        other.join().unwrap();
        let connected = signal.contains(connected_last);
        assert_eq!(signal.len(), usize::from(connected));
        assert_eq!(signal.emit().len(), usize::from(connected));
    });
}

/// A signal with two slots that return 1 and 3, in the groups with these numbers.
fn two_groups() -> Arc<Signal<(), i32>> {
    let signal = Arc::new(Signal::<(), i32>::new());
    signal.options().group(3).connect(|| 3);
    signal.options().group(1).connect(|| 1);
    signal
}

fn emitter(signal: &Arc<Signal<(), i32>>) -> thread::JoinHandle<Vec<i32>> {
    alongside(signal, |signal| signal.emit().into_iter().collect())
}

/// Rules 1 and 2: changes follow each other at the front, in the middle and at the end. An emission sees
/// the changes up to some point, and none after it.
fn changes_in_order_against_emitters(snapshot_published: bool, emitters: usize) {
    with_preemptions(2, move || {
        let signal = two_groups();
        let first = signal.connections()[0];
        if snapshot_published {
            drop(signal.calls());
        }
        let emitters: Vec<_> = (0..emitters).map(|_| emitter(&signal)).collect();
        signal.options().group(2).connect(|| 2);
        let here = signal.calls();
        signal.disconnect(first);
        signal.options().group(4).connect(|| 4);
        // It began before the last two changes: it skips the disconnected slot, and does not see the new one.
        assert_eq!(here.collect::<Vec<_>>(), [2, 3]);
        assert_eq!(signal.emit(), [2, 3, 4]);
        for emitter in emitters {
            let seen = emitter.join().unwrap();
            // If it began before the first slot was disconnected, it may skip that slot.
            let may: [&[i32]; 5] = [&[1, 3], &[3], &[1, 2, 3], &[2, 3], &[2, 3, 4]];
            assert!(may.contains(&&*seen), "{seen:?}");
        }
        assert_eq!(signal.emit(), [2, 3, 4]);
    });
}

#[test]
fn changes_in_order_against_an_emitter() {
    changes_in_order_against_emitters(false, 1);
    changes_in_order_against_emitters(true, 1);
}

#[test]
fn changes_in_order_against_two_emitters() {
    changes_in_order_against_emitters(false, 2);
    changes_in_order_against_emitters(true, 2);
}

/// Two threads connect into different groups while a third emits. Whoever is first, slots are called by
/// group, and each thread calls its own slot. Two preemptions.
#[test]
fn two_connects_in_groups_against_emit() {
    for snapshot_published in [false, true] {
        with_preemptions(2, move || {
            let signal = two_groups();
            if snapshot_published {
                drop(signal.calls());
            }
            let emitter = emitter(&signal);
            let connecter = alongside(&signal, move |signal| {
                signal.options().group(0).connect(|| 0);
                assert_eq!(signal.emit()[0], 0);
            });
            signal.options().group(2).connect(|| 2);
            assert!(signal.emit().ends_with(&[1, 2, 3]));
            connecter.join().unwrap();
            let seen = emitter.join().unwrap();
            assert!(seen.is_sorted() && seen.len() >= 2, "{seen:?}");
            assert_eq!(signal.emit(), [0, 1, 2, 3]);
        });
    }
}

/// `disconnect_all` runs while an emission calls three slots, one of them just connected. Slots are called
/// before it and none after it. Two preemptions.
#[test]
fn disconnect_all_against_connect_and_emit() {
    for snapshot_published in [false, true] {
        with_preemptions(2, move || {
            let signal = two_groups();
            if snapshot_published {
                drop(signal.calls());
            }
            let emitter = emitter(&signal);
            let connecter = alongside(&signal, move |signal| {
                signal.options().group(2).connect(|| 2);
            });
            signal.disconnect_all();
            let here = signal.emit();
            assert!(here.is_empty() || here == [2]);
            connecter.join().unwrap();
            let seen = emitter.join().unwrap();
            assert!(seen.is_sorted(), "{seen:?}");
            let left = signal.emit();
            assert!(left.is_empty() || left == [2]);
            assert!(here.len() <= left.len(), "nobody disconnected it since");
        });
    }
}

/// Rule 2: if the first slot of an emission learns that the second is disconnected or blocked, the second is
/// not called, even if both were unconditional when the emission began.
fn change_to_the_second_slot(
    first_is_unconditional: bool,
    change: fn(&Signal<(), bool>, Connection) -> Guard,
) {
    loom::model(move || {
        let signal = Arc::new(Signal::<(), bool>::new());
        let changed = Arc::new(AtomicBool::new(false));
        let ask = {
            let changed = Arc::clone(&changed);
            move || changed.load(Ordering::Acquire)
        };
        if first_is_unconditional {
            signal.connect(ask);
        } else {
            signal.options().max_calls(9).connect(ask);
        }
        let second = signal.connect(|| true);
        drop(signal.calls()); // publishes the snapshot
        let emitter = alongside(&signal, Signal::<(), _>::emit);
        let guard = change(&signal, second);
        changed.store(true, Ordering::Release);
        let returned = emitter.join().unwrap();
        assert!(
            returned.len() < 2 || !returned[0],
            "called after the change"
        );
        drop(guard);
    });
}

/// A guard that lives until the emission has ended.
type Guard = Option<BlockGuard>;

#[test]
fn disconnect_against_an_emission_at_its_first_slot() {
    for first_is_unconditional in [true, false] {
        change_to_the_second_slot(first_is_unconditional, |signal, second| {
            signal.disconnect(second);
            None
        });
        change_to_the_second_slot(first_is_unconditional, |signal, _| {
            signal.disconnect_all();
            None
        });
    }
}

#[test]
fn block_against_an_emission_at_its_first_slot() {
    for first_is_unconditional in [true, false] {
        change_to_the_second_slot(first_is_unconditional, Signal::block);
    }
}
