//! Blocks, step by step: what they guarantee to the thread that blocks.

use loom::thread;

use crate::{alongside, emitter, signal, with_preemptions};

/// An emission that starts after `block` returned skips the slot. Once the last guard is dropped, on any
/// thread, the slot is called again.
#[test]
fn two_blocks_against_emit() {
    with_preemptions(3, || {
        let signal = signal();
        let slot = signal.connect(|| ());
        let emitter = emitter(&signal);
        let other = alongside(&signal, move |signal| drop(signal.block(slot).unwrap()));
        let guard = signal.block(slot).unwrap();
        assert!(signal.is_blocked(slot));
        assert!(signal.emit().is_empty());
        drop(guard);
        other.join().unwrap();
        assert!(!signal.is_blocked(slot));
        assert_eq!(signal.emit().len(), 1);
        assert!(emitter.join().unwrap() <= 1);
    });
}

/// Blocks are counted, and none is lost, whichever threads make and drop the guards.
#[test]
fn two_blocks() {
    loom::model(|| {
        let signal = signal();
        let slot = signal.connect(|| ());
        let other = alongside(&signal, move |signal| signal.block(slot).unwrap());
        let here = signal.block(slot).unwrap();
        let there = other.join().unwrap();
        let dropping = thread::spawn(move || drop(there));
        drop(here);
        dropping.join().unwrap();
        assert!(!signal.is_blocked(slot));
        assert_eq!(signal.emit().len(), 1);
    });
}

/// A thread that has found a slot blocked does not call it afterwards, even if `block` has not returned yet.
#[test]
fn block_once_seen_stays_seen() {
    loom::model(|| {
        let signal = signal();
        let slot = signal.connect(|| ());
        signal.emit(); // the snapshot is taken
        let emitter = alongside(&signal, move |signal| {
            let found_blocked = signal.calls().next().is_none();
            let called = !signal.emit().is_empty();
            assert!(
                !(found_blocked && called),
                "called after it was found blocked"
            );
        });
        let guard = signal.block(slot).unwrap();
        emitter.join().unwrap();
        drop(guard);
        assert_eq!(signal.emit().len(), 1);
    });
}

/// An emission that starts after `block_all` returned calls nothing. Once the guard is dropped it calls
/// everything, including slots connected meanwhile.
#[test]
fn block_all_against_connect_and_emit() {
    for snapshot_published in [false, true] {
        with_preemptions(2, move || {
            let signal = signal();
            signal.connect(|| ());
            if snapshot_published {
                drop(signal.calls());
            }
            let emitter = emitter(&signal);
            let connecter = alongside(&signal, move |signal| {
                signal.connect(|| ());
            });
            let guard = signal.block_all();
            assert!(signal.emit().is_empty());
            connecter.join().unwrap();
            assert!(signal.emit().is_empty());
            drop(guard);
            assert_eq!(signal.emit().len(), 2);
            assert!(emitter.join().unwrap() <= 2);
        });
    }
}

/// Two guards of the whole signal: nothing is called until both are dropped.
#[test]
fn two_blocks_of_all_against_emit() {
    with_preemptions(3, || {
        let signal = signal();
        signal.connect(|| ());
        let other = alongside(&signal, move |signal| {
            let guard = signal.block_all();
            assert!(signal.emit().is_empty());
            drop(guard);
        });
        let guard = signal.block_all();
        assert!(signal.emit().is_empty());
        drop(guard);
        other.join().unwrap();
        assert_eq!(signal.emit().len(), 1);
    });
}
