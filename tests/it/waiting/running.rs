//! Waiting for running calls.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use smoke_signal::{Connection, Signal, WaitError};

use crate::common::{Counter, DEADLOCK, within};

use super::{A_WHILE, Gate, answer_elsewhere, emit_elsewhere, wait_elsewhere};

#[test]
fn it_returns_whether_this_call_disconnected() {
    within(DEADLOCK, "nothing to wait for", || {
        let signal = Signal::<()>::new();
        let slot = signal.options().waitable().connect(|| ());
        assert_eq!(signal.emit().len(), 1);
        assert_eq!(signal.disconnect_and_wait(slot), Ok(true));
        assert!(!signal.contains(slot));
        assert!(signal.emit().is_empty());
        assert_eq!(signal.disconnect_and_wait(slot), Ok(false));
        assert!(!signal.disconnect(slot));
    });
}

#[test]
fn dead_keys_are_not_waited_for() {
    within(DEADLOCK, "dead keys", || {
        let signal = Signal::<()>::new();
        let null = Connection::default();
        assert_eq!(signal.disconnect_and_wait(null), Ok(false), "unused");
        let plain = signal.connect(|| ());
        signal.disconnect(plain);
        let dead = signal.options().waitable().max_calls(0).connect(|| ());
        for key in [null, plain, dead] {
            assert_eq!(signal.disconnect_and_wait(key), Ok(false));
        }
    });
}

#[test]
fn a_slot_that_is_not_waitable_stays_connected() {
    let signal = Signal::<()>::new();
    for slot in [
        signal.connect(|| ()),
        signal.options().connect_weak(&Arc::new(()), |()| ()),
        signal.once(|| ()),
    ] {
        if signal.contains(slot) {
            assert_eq!(
                signal.disconnect_and_wait(slot),
                Err(WaitError::NotWaitable)
            );
            assert!(signal.contains(slot));
        } else {
            assert_eq!(signal.disconnect_and_wait(slot), Ok(false), "expired");
        }
    }
    assert_eq!(signal.emit().len(), 2);
}

#[test]
fn it_waits_for_a_running_call() {
    within(DEADLOCK, "one call", || {
        let signal = Arc::new(Signal::<()>::new());
        let (gate, stop) = Gate::new();
        let over = Arc::new(AtomicBool::new(false));
        let dropped = Counter::default();
        let (ending, tracked) = (Arc::clone(&over), dropped.tracked());
        let slot = signal.options().waitable().connect(move || {
            tracked.touch();
            stop();
            ending.store(true, Ordering::Relaxed);
        });
        let emitter = emit_elsewhere(&signal);
        gate.wait_until_entered();
        let answer = wait_elsewhere(&signal, slot);
        assert!(answer.recv_timeout(A_WHILE).is_err(), "it is running");
        assert!(!signal.contains(slot), "but already disconnected");
        gate.open();
        assert_eq!(answer.recv(), Ok(Ok(true)));
        assert!(over.load(Ordering::Relaxed));
        assert_eq!(dropped.get(), 1);
        emitter.join().unwrap();
    });
}

#[test]
fn with_enough_time_it_waits_as_if_without_a_limit() {
    within(DEADLOCK, "one call, and a limit", || {
        let signal = Arc::new(Signal::<()>::new());
        let (gate, stop) = Gate::new();
        let slot = signal.options().waitable().connect(stop);
        let emitter = emit_elsewhere(&signal);
        gate.wait_until_entered();
        let answer = answer_elsewhere(&signal, move |signal| {
            signal.disconnect_and_wait_timeout(slot, DEADLOCK)
        });
        assert!(answer.recv_timeout(A_WHILE).is_err(), "it is running");
        gate.open();
        assert_eq!(answer.recv(), Ok(Ok(true)));
        assert_eq!(emitter.join().unwrap(), 1);
    });
}

#[test]
fn it_waits_for_all_running_calls() {
    within(DEADLOCK, "three calls", || {
        let signal = Arc::new(Signal::<()>::new());
        let (gate, stop) = Gate::new();
        let running = Arc::new(AtomicUsize::new(0));
        let inside = Arc::clone(&running);
        let slot = signal.options().waitable().connect(move || {
            inside.fetch_add(1, Ordering::Relaxed);
            stop();
            inside.fetch_sub(1, Ordering::Relaxed);
        });
        let emitters = [(); 3].map(|()| emit_elsewhere(&signal));
        (0..3).for_each(|_| gate.wait_until_entered());
        let answer = wait_elsewhere(&signal, slot);
        for _ in 0..3 {
            assert!(answer.recv_timeout(A_WHILE).is_err());
            gate.open();
        }
        assert_eq!(answer.recv(), Ok(Ok(true)));
        assert_eq!(running.load(Ordering::Relaxed), 0);
        for emitter in emitters {
            emitter.join().unwrap();
        }
    });
}

#[test]
fn it_does_not_wait_for_other_slots_of_the_emission() {
    within(DEADLOCK, "another slot", || {
        let signal = Arc::new(Signal::<()>::new());
        let (gate, stop) = Gate::new();
        let dropped = Counter::default();
        let slot = signal
            .options()
            .waitable()
            .connect(dropped.tracked().held());
        signal.connect(stop);
        let emitter = emit_elsewhere(&signal);
        gate.wait_until_entered();
        assert_eq!(signal.disconnect_and_wait(slot), Ok(true));
        assert_eq!(dropped.get(), 1, "although the emission holds its snapshot");
        gate.open();
        emitter.join().unwrap();
    });
}

/// However a waitable slot is disconnected, its captures are dropped with its last call.
#[test]
fn captures_are_dropped_although_the_emission_continues() {
    type Leave = fn(&Signal<()>, Connection);
    let ways: [(&str, Leave); 5] = [
        ("disconnect", |signal, slot| {
            signal.disconnect(slot);
        }),
        ("disconnect_all", |signal, _| signal.disconnect_all()),
        ("scoped", |signal, slot| drop(signal.scoped(slot))),
        ("disconnect_and_wait", |signal, slot| {
            signal.disconnect_and_wait(slot).unwrap();
        }),
        ("timeout", |signal, slot| {
            let wait = signal.disconnect_and_wait_timeout(slot, Duration::ZERO);
            assert_eq!(wait, Ok(true));
        }),
    ];
    for (way, leave) in ways {
        let signal = Signal::<()>::new();
        let dropped = Counter::default();
        let slot = signal
            .options()
            .waitable()
            .connect(dropped.tracked().held());
        let mut calls = signal.calls();
        leave(&signal, slot);
        assert_eq!(dropped.get(), 1, "{way}");
        assert_eq!(calls.next(), None, "{way}");
        assert_eq!(signal.disconnect_and_wait(slot), Ok(false), "{way}");
    }
}

#[test]
fn captures_of_a_used_up_slot_are_dropped_although_the_emission_continues() {
    let signal = Signal::<()>::new();
    let dropped = Counter::default();
    let options = signal.options().waitable();
    options.max_calls(1).connect(dropped.tracked().held());
    options.once(dropped.tracked().held());
    signal.connect(|| ());
    let mut calls = signal.calls();
    calls.next();
    assert_eq!(dropped.get(), 1);
    calls.next();
    assert_eq!(dropped.get(), 2);
    assert_eq!(calls.next(), Some(()));
}
