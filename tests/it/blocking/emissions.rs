//! Slots blocked and unblocked during emissions, and by other threads.

use std::mem;
use std::sync::{Arc, Barrier, OnceLock};
use std::thread;

use smoke_signal::{Connection, Signal};

use crate::common::{Counter, DEADLOCK, said, together, within};

use super::{Later, abc};

/// A key that is set later.
type Key = Arc<OnceLock<Connection>>;

// signals2: signal_emitting_cloned_block_test; GObject: g_signal_handler_unblock
#[test]
fn a_slot_blocked_before_its_call_is_not_called() {
    let (signal, after) = (Signal::<(), char>::new(), Key::default());
    let signal = Arc::new(signal);
    let guard = Later::default();
    let (weak, known, kept) = (Arc::downgrade(&signal), after.clone(), guard.clone());
    signal.connect(move || {
        *kept.lock().unwrap() = weak.upgrade().unwrap().block(*known.get().unwrap());
        'a'
    });
    after.set(signal.connect(|| 'b')).unwrap();
    signal.connect(|| 'c');
    assert_eq!(said(&signal), "ac");
    guard.lock().unwrap().take();
    assert_eq!(said(&signal), "ac");
}

// signals2: signal_emitting_cloned_block_test; GObject: g_signal_handler_unblock
#[test]
fn a_slot_unblocked_before_its_call_is_called() {
    let (signal, guard) = (Signal::<(), char>::new(), Later::default());
    let kept = guard.clone();
    signal.connect(move || {
        kept.lock().unwrap().take();
        'a'
    });
    let after = signal.connect(|| 'b');
    *guard.lock().unwrap() = signal.block(after);
    assert_eq!(said(&signal), "ab");
}

// signals2: signal_emitting_cloned_block_test; GObject: g_signal_handler_unblock
#[test]
fn a_slot_blocked_after_its_call_is_not_called_from_the_next_emission_on() {
    let signal = Arc::new(Signal::<(), char>::new());
    let before = signal.connect(|| 'a');
    let guard = Later::default();
    let (weak, kept) = (Arc::downgrade(&signal), guard.clone());
    signal.connect(move || {
        *kept.lock().unwrap() = weak.upgrade().unwrap().block(before);
        'b'
    });
    assert_eq!(said(&signal), "ab");
    assert_eq!(said(&signal), "b");
    guard.lock().unwrap().take();
    assert_eq!(said(&signal), "ab");
}

// signals2: signal_emitting_cloned_block_test; GObject: g_signal_handler_unblock
#[test]
fn a_slot_may_be_blocked_between_the_calls_of_a_lazy_emission() {
    let (signal, slots) = abc();
    let mut calls = signal.calls();
    assert_eq!(calls.next(), Some('a'));
    let guard = signal.block(slots[1]);
    assert_eq!(calls.next(), Some('c'));
    assert_eq!(calls.next(), None);
    let mut calls = signal.calls();
    assert_eq!(calls.next(), Some('a'));
    drop(guard);
    assert_eq!(calls.next(), Some('b'));
}

// signals2: signal_emitting_cloned_block_test; GObject: g_signal_handler_unblock
#[test]
fn an_emission_with_an_older_snapshot_sees_the_block() {
    let (signal, slots) = abc();
    let calls = signal.calls();
    signal.connect(|| 'd');
    assert_eq!(said(&signal), "abcd");
    let _guard = signal.block(slots[1]);
    assert_eq!(calls.collect::<String>(), "ac");
}

// signals2: block_while_emitting
#[test]
fn a_slot_may_block_itself_before_it_emits_again() {
    static SIGNAL: Signal<(u32,), u32> = Signal::new();
    SIGNAL.connect_with_key(|me| {
        move |n| {
            assert!(!SIGNAL.is_blocked(me));
            let _guard = SIGNAL.block(me).expect("it is connected");
            assert!(SIGNAL.is_blocked(me));
            n + SIGNAL.emit(n + 1).iter().sum::<u32>()
        }
    });
    SIGNAL.connect(|n| n);
    assert_eq!(SIGNAL.emit(100), [201, 100]);
    assert_eq!(SIGNAL.emit(100), [201, 100]);
}

// signals2: block_while_emitting
#[test]
fn a_running_slot_that_blocks_itself_finishes() {
    static SIGNAL: Signal<(), char> = Signal::new();
    let guard = Later::default();
    let kept = guard.clone();
    SIGNAL.connect_with_key(|me| {
        move || {
            *kept.lock().unwrap() = SIGNAL.block(me);
            's'
        }
    });
    assert_eq!(said(&SIGNAL), "s");
    assert_eq!(said(&SIGNAL), "");
    guard.lock().unwrap().take();
    assert_eq!(said(&SIGNAL), "s");
    guard.lock().unwrap().take();
}

// Node: node-v0.x-archive#6503
#[test]
fn a_blocked_once_slot_keeps_its_call() {
    let signal = Signal::<(), String>::new();
    let text = String::from("once");
    let slot = signal.once(move || text);
    for _ in 0..3 {
        let _guard = signal.block(slot);
        assert!(signal.emit().is_empty());
        assert!(signal.contains(slot));
    }
    assert_eq!(signal.emit(), ["once"]);
    assert!(signal.block(slot).is_none());
    assert!(signal.emit().is_empty());
}

// Node: node-v0.x-archive#6503
#[test]
fn a_once_slot_cannot_block_itself_from_inside() {
    static SIGNAL: Signal<()> = Signal::new();
    SIGNAL.options().max_calls(1).connect_with_key(|me| {
        move || {
            assert!(SIGNAL.block(me).is_none());
            assert!(!SIGNAL.is_blocked(me));
        }
    });
    assert_eq!(SIGNAL.emit().len(), 1);
}

// palacaze/sigslot: test_connection_blocker; signals2: connection_block_test
#[test]
fn guards_may_be_dropped_on_other_threads() {
    let (signal, slots) = abc();
    let guards = [signal.block(slots[0]).unwrap(), signal.block_all()];
    let guards = thread::scope(|scope| {
        let moved = scope.spawn(|| {
            assert_eq!(said(&signal), "");
            guards
        });
        moved.join().unwrap()
    });
    for guard in guards {
        thread::spawn(move || drop(guard)).join().unwrap();
    }
    assert_eq!(said(&signal), "abc");
    assert!(!signal.is_blocked(slots[0]));
}

// signals2: connection_block_test; GObject: g_signal_handler_block
#[test]
fn guards_are_counted_across_threads() {
    let (signal, slots) = abc();
    let outer = signal.block(slots[1]);
    together(4, |_| {
        for _ in 0..200 {
            let _guards = (signal.block(slots[1]), signal.block_all());
            assert_eq!(said(&signal), "");
            assert!(signal.is_blocked(slots[1]));
        }
    });
    assert_eq!(said(&signal), "ac");
    drop(outer);
    assert_eq!(said(&signal), "abc");
}

// signals2: connection_block_test; GObject: g_signal_handler_block
#[test]
fn no_call_begins_while_a_guard_lives() {
    // One thread emits; the other blocks, and records calls while its guard is alive.
    let signal = Signal::<()>::new();
    let calls = Counter::default();
    let slot = signal.connect(calls.adding());
    together(2, |thread| {
        for _ in 0..2000 {
            if thread == 0 {
                signal.emit();
            } else {
                let _guard = signal.block(slot);
                assert!(signal.emit().is_empty());
            }
        }
    });
    signal.emit();
    assert!((1..=2001).contains(&calls.get()));
}

// signals2: signal_emitting_cloned_block_test; GObject: g_signal_handler_unblock
#[test]
fn blocking_does_not_wait_for_a_running_call() {
    within(DEADLOCK, "a block during a call", || {
        let signal = Arc::new(Signal::<(), char>::new());
        let meet = Arc::new(Barrier::new(2));
        let gate = Arc::clone(&meet);
        let running = signal.connect(move || {
            gate.wait();
            gate.wait();
            'r'
        });
        let after = signal.connect(|| 'a');
        let emitting = Arc::clone(&signal);
        let emission = thread::spawn(move || said(&emitting));
        meet.wait();
        let guards = (signal.block(running), signal.block(after));
        assert_eq!(said(&signal), "", "blocked without waiting");
        meet.wait();
        assert_eq!(emission.join().unwrap(), "r");
        drop(guards);
    });
}

// signals2: connection_block_test
#[test]
fn leaked_guards_block_forever() {
    let (signal, slots) = abc();
    mem::forget(signal.block(slots[1]));
    assert_eq!(said(&signal), "ac");
    drop(signal.block(slots[1]));
    assert_eq!(said(&signal), "ac");
    assert!(signal.disconnect(slots[1]), "it can still be disconnected");
    mem::forget(signal.block_all());
    drop(signal.block_all());
    assert_eq!(said(&signal), "");
}
