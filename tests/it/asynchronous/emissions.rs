//! What an emission calls, and the results it returns.

use std::future::{self, ready};
use std::sync::Arc;
use std::task::Poll;
use std::thread;

use futures::channel::oneshot;
use futures::executor::block_on;
use smoke_signal::{AsyncSignal, Returns};

use crate::common::{Counter, DEADLOCK, Recorder, within};

use super::{Gate, OTHERS, add_others, assert_pending, poll};

#[test]
fn results_are_in_slot_order_whatever_order_they_finish_in() {
    for others in OTHERS {
        let signal = AsyncSignal::<(), u32>::new();
        let finished = Recorder::new();
        let senders: Vec<_> = (1..=3)
            .map(|number| {
                let (sender, receiver) = oneshot::channel::<()>();
                let finished = finished.clone();
                signal.once(move || async move {
                    receiver.await.unwrap();
                    finished.add(number);
                    number
                });
                sender
            })
            .collect();
        add_others(&signal, others);
        let mut emission = signal.emit();
        assert_pending(&mut emission);
        for sender in senders.into_iter().rev() {
            assert_pending(&mut emission);
            sender.send(()).unwrap();
        }
        let results = block_on(emission);
        assert_eq!(results[..3], [1, 2, 3]);
        assert_eq!(results[3..], vec![0; others]);
        assert_eq!(finished.take(), [3, 2, 1]);
    }
}

/// A signal whose futures wait for one another, so they cannot finish one after the other.
fn meeting(slots: usize) -> AsyncSignal<(), usize> {
    let signal = AsyncSignal::<(), _>::new();
    let (mut senders, receivers): (Vec<_>, Vec<_>) =
        (0..slots).map(|_| oneshot::channel::<usize>()).unzip();
    senders.rotate_left(1);
    for (number, (sender, receiver)) in senders.into_iter().zip(receivers).enumerate() {
        signal.once(move || async move {
            sender.send(number).unwrap();
            receiver.await.unwrap()
        });
    }
    signal
}

#[test]
fn futures_run_concurrently() {
    within(DEADLOCK, "three", || {
        assert_eq!(block_on(meeting(3).emit()), [2, 0, 1]);
    });
    within(DEADLOCK, "many", || {
        let results = block_on(meeting(100).emit());
        assert_eq!(results[0], 99);
        assert!(results[1..].iter().copied().eq(0..99));
    });
}

#[test]
fn emit_calls_slots_even_if_nothing_is_awaited() {
    let signal = AsyncSignal::<(u8,)>::new();
    let log = Recorder::new();
    for name in ["first", "second", "third"] {
        let log = log.clone();
        signal.connect(move |n| {
            log.add(format!("{name} called with {n}"));
            let log = log.clone();
            async move { log.add(format!("{name} polled")) }
        });
    }
    let once = signal.once(|_| async {});
    let emission = signal.emit(1);
    let calls = ["first", "second", "third"].map(|name| format!("{name} called with 1"));
    assert_eq!(log.take(), calls);
    assert!(!signal.contains(once), "its budget is used up");
    drop(emission);
    assert_eq!(log.take(), [""; 0], "nothing was polled");

    let emission = signal.emit(1);
    log.take();
    assert_eq!(block_on(emission), [(); 3]);
    let polls = ["first polled", "second polled", "third polled"];
    assert_eq!(log.take(), polls, "and no slot is called again");
}

#[test]
fn slots_are_called_on_the_thread_that_emits() {
    let signal = AsyncSignal::<(), (thread::ThreadId, thread::ThreadId)>::new();
    signal.connect(|| {
        let called = thread::current().id();
        async move { (called, thread::current().id()) }
    });
    let here = thread::current().id();
    let emission = signal.emit();
    let (there, results) = thread::spawn(move || (thread::current().id(), block_on(emission)))
        .join()
        .unwrap();
    assert_eq!(results, [(here, there)]);
}

#[test]
fn an_emission_without_slots_is_ready_at_once() {
    let signal = AsyncSignal::<(u8,), String>::new();
    assert_eq!(poll(&mut signal.emit(1)), Poll::Ready(Returns::default()));
    let slot = signal.connect(|_| async { String::new() });
    signal.disconnect(slot);
    assert_eq!(poll(&mut signal.emit(1)), Poll::Ready(Returns::default()));
}

#[test]
fn an_emission_returns_its_results_once() {
    for others in OTHERS {
        let signal = AsyncSignal::<(), u8>::new();
        signal.connect(|| ready(1));
        add_others(&signal, others);
        let mut emission = signal.emit();
        let results = poll(&mut emission).map(|results| results.len());
        assert_eq!(results, Poll::Ready(others + 1));
        assert_eq!(poll(&mut emission), Poll::Ready(Returns::default()));
    }
}

// smokesignal: tests_twisted.py, test_max_calls
#[test]
fn a_once_slot_that_is_pending_is_not_started_again() {
    let signal = AsyncSignal::<(), u8>::new();
    let gate = Gate::new();
    let wait = gate.wait();
    signal.once(|| async {
        wait.await;
        1
    });
    let mut first = signal.emit();
    assert_pending(&mut first);
    let second = signal.emit();
    assert_eq!(block_on(second), []);
    gate.open();
    assert_eq!(block_on(first), [1]);
}

#[test]
fn a_slot_that_is_not_called_has_no_result() {
    let signal = AsyncSignal::<(), char>::new();
    signal.connect(|| ready('a'));
    signal.once(|| ready('b'));
    let blocked = signal.connect(|| ready('c'));
    let last = signal.connect(|| ready('d'));
    assert_eq!(block_on(signal.emit()), ['a', 'b', 'c', 'd']);
    assert_eq!(block_on(signal.emit()), ['a', 'c', 'd']);
    let guard = signal.block(blocked).expect("it is connected");
    assert_eq!(block_on(signal.emit()), ['a', 'd']);
    let emission = signal.emit();
    drop(guard);
    assert_eq!(
        block_on(emission),
        ['a', 'd'],
        "it was blocked when it was reached"
    );
    assert_eq!(block_on(signal.emit()), ['a', 'c', 'd']);
    let _guard = signal.block(last);
    assert_eq!(block_on(signal.emit()), ['a', 'c']);
}

#[test]
fn a_slot_disconnected_while_pending_still_returns_its_result() {
    for others in OTHERS {
        let signal = AsyncSignal::<(), u8>::new();
        let gate = Gate::new();
        let wait = Arc::clone(&gate);
        let slot = signal.connect(move || {
            let wait = wait.wait();
            async {
                wait.await;
                1
            }
        });
        add_others(&signal, others);
        let mut emission = signal.emit();
        assert_pending(&mut emission);
        assert!(signal.disconnect(slot));
        assert_pending(&mut emission);
        gate.open();
        assert_eq!(block_on(emission)[0], 1);
        assert_eq!(block_on(signal.emit()).len(), others);
    }
}

#[test]
fn an_emission_outlives_its_signal() {
    let signal = AsyncSignal::<(), u8>::new();
    let (gate, slots) = (Gate::new(), Counter::default());
    let (wait, tracked) = (Arc::clone(&gate), slots.tracked());
    signal.connect(move || {
        tracked.touch();
        let wait = wait.wait();
        async {
            wait.await;
            1
        }
    });
    let mut emission = signal.emit();
    assert_pending(&mut emission);
    drop(signal);
    assert_eq!(
        slots.get(),
        1,
        "the emission keeps the future, not the slot"
    );
    gate.open();
    assert_eq!(block_on(emission), [1]);
}

#[test]
fn dropping_an_emission_drops_its_futures() {
    for others in OTHERS {
        for polled in [false, true] {
            let signal = AsyncSignal::<(), Option<u8>>::new();
            let (futures, slots) = (Counter::default(), Counter::default());
            for _ in 0..3 {
                let (futures, held) = (futures.clone(), slots.tracked());
                signal.connect(move || {
                    held.touch();
                    let tracked = futures.tracked();
                    async move {
                        future::pending::<()>().await;
                        tracked.touch();
                        None
                    }
                });
            }
            add_others(&signal, others);
            let mut emission = signal.emit();
            if polled {
                assert_pending(&mut emission);
            }
            assert_eq!(futures.get(), 0);
            drop(emission);
            assert_eq!((futures.get(), slots.get()), (3, 0));

            let handled = Counter::default();
            let count = handled.clone();
            let signal = AsyncSignal::<(), Result<(), u8>>::new();
            signal.connect(|| ready(Err(1)));
            let tracked = futures.tracked();
            signal.once(|| async move {
                future::pending::<()>().await;
                tracked.touch();
                Ok(())
            });
            let mut emission = signal.emit().errback(move |_| {
                count.add();
                Ok::<_, ()>(())
            });
            if polled {
                assert_pending(&mut emission);
            }
            drop(emission);
            assert_eq!((futures.get(), handled.get()), (4, 0), "no errback on drop");
        }
    }
}

#[test]
fn dropping_an_emission_drops_its_results() {
    for others in OTHERS {
        let signal = AsyncSignal::<(), Option<crate::common::Tracked>>::new();
        let results = Counter::default();
        let count = results.clone();
        signal.connect(move || ready(Some(count.tracked())));
        signal.connect(future::pending);
        add_others(&signal, others);
        let mut emission = signal.emit();
        assert_pending(&mut emission);
        assert_eq!(results.get(), 0);
        drop(emission);
        assert_eq!(results.get(), 1);
    }
}

#[test]
fn an_emission_returned_by_a_slot_is_awaited() {
    static INNER: AsyncSignal<(&str,), String> = AsyncSignal::new();
    let outer = AsyncSignal::<(&str,), Returns<String>>::new();
    outer.connect(|name| INNER.emit(name));
    outer.connect(async |name| INNER.emit(name).await);
    outer.connect(|_name| ready(Returns::default()));
    INNER.connect(|name| async move { format!("inner {name}") });
    let results = block_on(outer.emit("x"));
    assert_eq!(results[..2], [["inner x"], ["inner x"]]);
    assert!(results[2].is_empty());
}

#[test]
fn a_future_may_change_and_emit_its_signal() {
    static SIGNAL: AsyncSignal<(u8,), usize> = AsyncSignal::new();
    SIGNAL.connect_with_key(|me| {
        move |n| async move {
            assert!(SIGNAL.disconnect(me));
            SIGNAL.connect(|n| ready(usize::from(n)));
            SIGNAL.emit(n + 1).await.into_iter().sum()
        }
    });
    within(DEADLOCK, "within a future", || {
        assert_eq!(block_on(SIGNAL.emit(1)), [2]);
        assert_eq!(block_on(SIGNAL.emit(5)), [5]);
    });
}

#[test]
fn emissions_implement_debug() {
    let signal = AsyncSignal::<(), Result<u8, u8>>::new();
    let emission = signal.emit();
    assert_eq!(format!("{emission:?}"), "Emission { .. }");
    let errback = emission.errback(|_| Err(()));
    assert_eq!(format!("{errback:?}"), "Errback { .. }");
    assert_eq!(
        format!("{:?}", signal.options().group(2)),
        "AsyncConnectOptions(ConnectOptions { max_calls: None, group: 2, first: false, \
         waitable: false, .. })"
    );
}
