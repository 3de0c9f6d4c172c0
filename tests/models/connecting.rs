//! What the pairs with one slot do not tell of connecting and disconnecting: keys that are promised
//! still, and emissions to several slots.

use std::sync::{Arc, Mutex};

use loom::sync::atomic::{AtomicBool, Ordering};
use loom::thread;
use smoke_signal::{BlockGuard, Connection, Signal};

use crate::orders::Crossing;
use crate::{alongside, with_preemptions};

/// A key that is promised is not connected yet: whoever is given it can't disconnect it before.
#[test]
fn promised_key_against_disconnect() {
    loom::model(|| {
        let signal = crate::signal();
        let (key, crossing) = (Arc::new(Mutex::new(None)), Crossing::default());
        let other = thread::spawn({
            let (signal, key) = (Arc::clone(&signal), Arc::clone(&key));
            let crossing = crossing.clone();
            move || {
                crossing.pass();
                let promised = *key.lock().unwrap();
                promised.is_some_and(|key| signal.disconnect(key))
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

/// While a key is promised, `disconnect_all` and an emission come: the promise is kept.
#[test]
fn promised_key_against_disconnect_all() {
    with_preemptions(3, || {
        let signal = crate::signal();
        signal.connect(|| ());
        let other = alongside(&signal, move |signal| {
            signal.disconnect_all();
            assert!(signal.emit().len() <= 1);
        });
        let connected_last = signal.connect_with_key(|_| || ());
        other.join().unwrap();
        let kept = signal.contains(connected_last);
        assert_eq!(signal.len(), usize::from(kept));
        assert_eq!(signal.emit().len(), usize::from(kept));
    });
}

/// A signal with two slots, which give 1 and 3, in the groups of these numbers.
fn two_groups() -> Arc<Signal<(), i32>> {
    let signal = Arc::new(Signal::<(), i32>::new());
    signal.options().group(3).connect(|| 3);
    signal.options().group(1).connect(|| 1);
    signal
}

fn emitter(signal: &Arc<Signal<(), i32>>) -> thread::JoinHandle<Vec<i32>> {
    alongside(signal, |signal| signal.emit().into_iter().collect())
}

/// Rules 1 and 2: one change follows another, at the front, in the middle and at the end; an emission
/// sees so many of them, and none of the later ones.
fn changes_in_order_against_emitters(snapshot_taken: bool, emitters: usize) {
    with_preemptions(2, move || {
        let signal = two_groups();
        let first = signal.connections()[0];
        if snapshot_taken {
            drop(signal.calls());
        }
        let emitters: Vec<_> = (0..emitters).map(|_| emitter(&signal)).collect();
        signal.options().group(2).connect(|| 2);
        let here = signal.calls();
        signal.disconnect(first);
        signal.options().group(4).connect(|| 4);
        // Begun before the last two changes: it passes over what has left, and does not see what came.
        assert_eq!(here.collect::<Vec<_>>(), [2, 3]);
        assert_eq!(signal.emit(), [2, 3, 4]);
        for emitter in emitters {
            let seen = emitter.join().unwrap();
            // Where the last has begun before the first left, that one may be passed over.
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

/// Two threads connect into different groups and a third emits: whoever comes first, slots are called
/// by group, and an own slot is called. Two preemptions.
#[test]
fn two_connects_in_groups_against_emit() {
    for snapshot_taken in [false, true] {
        with_preemptions(2, move || {
            let signal = two_groups();
            if snapshot_taken {
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

/// `disconnect_all` comes between the turns of an emission to three slots, of which one has just been
/// connected: what is called is called before it, and nothing afterwards. Two preemptions.
#[test]
fn disconnect_all_against_connect_and_emit() {
    for snapshot_taken in [false, true] {
        with_preemptions(2, move || {
            let signal = two_groups();
            if snapshot_taken {
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
            assert!(here.len() <= left.len(), "nobody has disconnected it since");
        });
    }
}

/// Rule 2: when the first slot of an emission learns that the second has left or is blocked, that one is
/// not called, though the emission may have found both plain when it began.
fn second_slot_goes(first_is_plain: bool, change: fn(&Signal<(), bool>, Connection) -> Kept) {
    loom::model(move || {
        let signal = Arc::new(Signal::<(), bool>::new());
        let gone = Arc::new(AtomicBool::new(false));
        let ask = {
            let gone = Arc::clone(&gone);
            move || gone.load(Ordering::Acquire)
        };
        if first_is_plain {
            signal.connect(ask);
        } else {
            signal.options().max_calls(9).connect(ask);
        }
        let second = signal.connect(|| true);
        drop(signal.calls()); // the snapshot is taken
        let emitter = alongside(&signal, Signal::<(), _>::emit);
        let kept = change(&signal, second);
        gone.store(true, Ordering::Release);
        let returned = emitter.join().unwrap();
        assert!(returned.len() < 2 || !returned[0], "called after it went");
        drop(kept);
    });
}

/// A guard, which is to live until the emission has ended.
type Kept = Option<BlockGuard>;

#[test]
fn disconnect_against_an_emission_at_its_first_slot() {
    for first_is_plain in [true, false] {
        second_slot_goes(first_is_plain, |signal, second| {
            signal.disconnect(second);
            None
        });
        second_slot_goes(first_is_plain, |signal, _| {
            signal.disconnect_all();
            None
        });
    }
}

#[test]
fn block_against_an_emission_at_its_first_slot() {
    for first_is_plain in [true, false] {
        second_slot_goes(first_is_plain, Signal::block);
    }
}
