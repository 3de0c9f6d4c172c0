//! Which futures are polled, and which task is woken.

use std::future::{self};
use std::sync::Arc;
use std::task::Poll;
use std::thread;

use futures::executor::block_on;
use futures::task::noop_waker;
use smoke_signal::AsyncSignal;

use crate::common::{Counter, Recorder};

use super::{Gate, OTHERS, Wakes, add_others, poll_with};

/// This many slots, each of which waits for its gate and then returns its number.
fn gated(slots: usize) -> (AsyncSignal<(), usize>, Vec<Arc<Gate>>) {
    let signal = AsyncSignal::<(), _>::new();
    let gates: Vec<_> = (0..slots).map(|_| Gate::new()).collect();
    for (number, gate) in gates.iter().enumerate() {
        let gate = Arc::clone(gate);
        signal.connect(move || {
            let wait = gate.wait();
            async move {
                wait.await;
                number
            }
        });
    }
    (signal, gates)
}

#[test]
fn only_the_woken_of_1000_futures_are_polled() {
    let (signal, gates) = gated(1000);
    let mut emission = signal.emit();
    let polls = || gates.iter().map(|gate| gate.polls()).sum::<usize>();
    assert_eq!(polls(), 0, "`emit` polls nothing");
    let wakes = Wakes::new();
    assert!(wakes.poll(&mut emission).is_pending());
    assert_eq!(polls(), 1000);
    for (done, gate) in gates.iter().rev().step_by(100).enumerate() {
        gate.open();
        assert!(wakes.take() > 0);
        assert!(wakes.poll(&mut emission).is_pending());
        assert_eq!(polls(), 1001 + done);
    }
    assert!(wakes.poll(&mut emission).is_pending());
    assert_eq!(polls(), 1010, "nothing was woken");
    gates[0].wake();
    assert!(wakes.poll(&mut emission).is_pending());
    assert_eq!(polls(), 1011, "a spurious wake");
    for gate in &gates {
        gate.open();
    }
    let Poll::Ready(results) = wakes.poll(&mut emission) else {
        panic!("all have finished");
    };
    assert!(results.into_iter().eq(0..1000));
    assert_eq!(polls(), 2001);
}

#[test]
fn a_spurious_wake_finishes_nothing() {
    for slots in [2, 100] {
        let (signal, gates) = gated(slots);
        let mut emission = signal.emit();
        let wakes = Wakes::new();
        gates[0].open();
        assert!(wakes.poll(&mut emission).is_pending());
        for _ in 0..3 {
            gates[1].wake();
            assert_eq!(wakes.take(), 1);
            assert!(wakes.poll(&mut emission).is_pending());
            assert!(poll_with(&mut emission, &noop_waker()).is_pending());
            assert!(wakes.poll(&mut emission).is_pending());
        }
        assert_eq!(gates[0].polls(), 1, "a finished future is not polled again");
        for gate in &gates {
            gate.open();
        }
        assert_eq!(block_on(emission), (0..slots).collect::<Vec<_>>());
    }
}

#[test]
fn waking_a_future_of_a_dropped_emission_does_nothing() {
    for slots in [1, 2, 100] {
        let (signal, gates) = gated(slots);
        let mut emission = signal.emit();
        let wakes = Wakes::new();
        assert!(wakes.poll(&mut emission).is_pending());
        drop(emission);
        for gate in &gates {
            let late = gate.waker().expect("it was polled");
            late.wake_by_ref();
            thread::spawn(move || late.wake()).join().unwrap();
            assert_eq!(gate.polls(), 1);
        }
        for gate in &gates {
            gate.open();
        }
        assert!(block_on(signal.emit()).into_iter().eq(0..slots));
    }
}

#[test]
fn a_future_that_never_wakes_does_not_delay_others() {
    for others in OTHERS {
        let signal = AsyncSignal::<()>::new();
        let (dropped, log, gate) = (Counter::default(), Recorder::new(), Gate::new());
        let tracked = dropped.tracked();
        signal.once(|| async move {
            let _tracked = tracked;
            future::pending::<()>().await;
        });
        let (wait, notes) = (gate.wait(), log.clone());
        signal.once(|| async move {
            wait.await;
            notes.add("finished");
        });
        add_others(&signal, others);
        let mut emission = signal.emit();
        let wakes = Wakes::new();
        assert!(wakes.poll(&mut emission).is_pending());
        gate.open();
        assert_eq!(wakes.take(), 1);
        assert!(wakes.poll(&mut emission).is_pending());
        assert_eq!(log.take(), ["finished"]);
        assert_eq!(wakes.take(), 0);
        assert_eq!(dropped.get(), 0);
        drop(emission);
        assert_eq!(dropped.get(), 1);
    }
}

#[test]
fn an_emission_wakes_the_task_that_polled_it_last() {
    for slots in [2, 100] {
        let (signal, gates) = gated(slots);
        let mut emission = signal.emit();
        let (before, after) = (Wakes::new(), Wakes::new());
        assert!(before.poll(&mut emission).is_pending());
        assert!(after.poll(&mut emission).is_pending());
        gates[1].open();
        assert_eq!(after.take(), 1);
        assert_eq!(before.take(), 0);
        for gate in &gates[2..] {
            gate.open();
        }
        let task = thread::spawn(|| block_on(emission));
        gates[0].open();
        assert!(task.join().unwrap().into_iter().eq(0..slots));
    }
}
