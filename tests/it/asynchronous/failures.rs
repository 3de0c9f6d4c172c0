//! Panics, errors and errbacks.

use std::future::{Ready, ready};
use std::sync::Arc;

use futures::executor::block_on;
use smoke_signal::{AsyncSignal, Failure};

use crate::common::{Counter, Recorder, message, throw, thrown};

use super::{Gate, OTHERS, add_others, assert_pending};

// smokesignal: tests_twisted.py, test_synchronous_failure
#[test]
fn a_panic_unwinds_at_the_await_once_all_others_have_finished() {
    for others in OTHERS {
        for in_the_call in [false, true] {
            let signal = AsyncSignal::<(), Option<crate::common::Tracked>>::new();
            let log = Recorder::new();
            let (results, gate) = (Counter::default(), Gate::new());
            add_others(&signal, others);
            let count = results.clone();
            signal.connect(move || ready(Some(count.tracked())));
            if in_the_call {
                signal.connect(|| -> Ready<_> { throw("a bug") });
            } else {
                signal.connect(|| async { throw("a bug") });
            }
            let (wait, notes, count) = (Arc::clone(&gate), log.clone(), results.clone());
            signal.connect(move || {
                notes.add("called");
                let (wait, notes, tracked) = (wait.wait(), notes.clone(), count.tracked());
                async move {
                    wait.await;
                    notes.add("finished");
                    Some(tracked)
                }
            });
            let mut emission = signal.emit();
            assert_eq!(log.take(), ["called"]);
            assert_pending(&mut emission);
            assert_eq!(results.get(), 0);
            gate.open();
            assert_eq!(thrown(|| block_on(emission)), "a bug");
            assert_eq!(log.take(), ["finished"]);
            assert_eq!(results.get(), 2, "the other results are dropped");

            assert_eq!(signal.len(), others + 3, "the signal still works");
            assert_eq!(thrown(|| block_on(signal.emit())), "a bug");
            assert_eq!(log.take(), ["called", "finished"]);
        }
    }
}

#[test]
fn the_first_panic_in_slot_order_unwinds() {
    for others in OTHERS {
        let signal = AsyncSignal::<(), u8>::new();
        let (first, second) = (Gate::new(), Gate::new());
        for (gate, name) in [(&first, "first"), (&second, "second")] {
            let wait = gate.wait();
            signal.once(move || async move {
                wait.await;
                throw(name)
            });
        }
        let calls = Counter::default();
        let count = calls.clone();
        signal.once(move || -> Ready<u8> {
            count.add();
            throw("at once")
        });
        add_others(&signal, others);
        let mut emission = signal.emit();
        assert_eq!(calls.get(), 1, "it has panicked already");
        assert_pending(&mut emission);
        second.open();
        assert_pending(&mut emission);
        first.open();
        assert_eq!(thrown(|| block_on(emission)), "first");
        assert_eq!(
            block_on(signal.emit()).len(),
            others,
            "the signal still works"
        );
    }
}

#[test]
fn a_panic_that_is_not_awaited_is_dropped_with_the_emission() {
    let signal = AsyncSignal::<()>::new();
    let dropped = Counter::default();
    let payload = dropped.tracked();
    signal.once(|| -> Ready<()> { std::panic::resume_unwind(Box::new(payload)) });
    let emission = signal.emit();
    assert_eq!(dropped.get(), 0);
    drop(emission);
    assert_eq!(dropped.get(), 1);
}

#[test]
fn a_panic_keeps_its_payload() {
    #[derive(Debug, PartialEq)]
    struct Code(u8);
    let signal = AsyncSignal::<()>::new();
    signal.connect(|| async { std::panic::resume_unwind(Box::new(Code(7))) });
    let emission = std::panic::AssertUnwindSafe(signal.emit());
    let payload = std::panic::catch_unwind(|| block_on({ emission }.0)).unwrap_err();
    assert_eq!(payload.downcast_ref(), Some(&Code(7)));
}

// Errbacks.

/// Describes a failure.
fn describe(failure: Failure<i32>) -> String {
    match failure {
        Failure::Error(code) => format!("error {code}"),
        Failure::Panic(payload) => format!("panic {}", message(&*payload)),
    }
}

// smokesignal: tests_twisted.py, test_synchronous_failure
#[test]
fn an_errback_is_called_once_for_each_failure_in_slot_order() {
    for others in OTHERS {
        let signal = AsyncSignal::<(), Result<String, i32>>::new();
        let gate = Gate::new();
        let wait = gate.wait();
        signal.once(|| async {
            wait.await;
            Err(1)
        });
        signal.connect(|| async { Ok("fine".to_owned()) });
        signal.connect(|| -> Ready<_> { throw("call") });
        signal.connect(|| async { throw("future") });
        signal.connect(|| ready(Err(2)));
        for _ in 0..others {
            signal.connect(|| ready(Ok(String::new())));
        }
        let mut calls = Vec::new();
        let mut emission = signal.emit().errback(|failure| {
            let failure = describe(failure);
            calls.push(failure.clone());
            if failure == "error 2" {
                return Err(calls.len());
            }
            Ok(format!("{failure} handled as {}", calls.len()))
        });
        assert_pending(&mut emission);
        gate.open();
        let results = block_on(emission);
        let ok = |text: &str| Ok(text.to_owned());
        let expected = [
            ok("error 1 handled as 1"),
            ok("fine"),
            ok("panic call handled as 2"),
            ok("panic future handled as 3"),
            Err(4_usize),
        ];
        assert_eq!(results[..5], expected);
        assert_eq!(results[5..], vec![ok(""); others]);
        let failures = ["error 1", "panic call", "panic future", "error 2"];
        assert_eq!(calls, failures);
    }
}

#[test]
fn an_errback_is_called_once_all_have_finished() {
    let signal = AsyncSignal::<(), Result<u8, i32>>::new();
    let gate = Gate::new();
    let wait = gate.wait();
    signal.connect(|| ready(Err(1)));
    signal.once(|| async {
        wait.await;
        Ok(2)
    });
    let log = Recorder::new();
    let notes = log.clone();
    let mut emission = signal.emit().errback(move |failure| {
        notes.add(describe(failure));
        Ok::<_, ()>(0)
    });
    assert_pending(&mut emission);
    assert_eq!(log.take(), [""; 0]);
    gate.open();
    assert_eq!(block_on(emission), [Ok(0), Ok(2)]);
    assert_eq!(log.take(), ["error 1"]);
}

#[test]
fn without_an_errback_an_error_is_a_result() {
    let signal = AsyncSignal::<(), Result<u8, &str>>::new();
    signal.connect(|| ready(Ok(1)));
    signal.connect(|| async { Err("failed") });
    assert_eq!(block_on(signal.emit()), [Ok(1), Err("failed")]);
}

#[test]
fn an_errback_may_return_the_failure() {
    let signal = AsyncSignal::<(), Result<u8, i32>>::new();
    signal.connect(|| ready(Err(1)));
    signal.connect(|| ready(Ok(2)));
    let answers = signal.emit().errback(Err);
    let answers = block_on(answers);
    assert!(matches!(answers[..], [Err(Failure::Error(1)), Ok(2)]));
    assert_eq!(format!("{answers:?}"), "[Err(Error(1)), Ok(2)]");
}

#[test]
fn a_panic_in_an_errback_unwinds_at_the_await_and_drops_the_rest() {
    for others in OTHERS {
        let signal = AsyncSignal::<(), Result<Option<crate::common::Tracked>, u8>>::new();
        let (results, futures) = (Counter::default(), Counter::default());
        for fails in [false, true, false, true, false] {
            let (results, futures) = (results.clone(), futures.clone());
            signal.connect(move || {
                let (result, future) = (results.tracked(), futures.tracked());
                async move {
                    future.touch();
                    if fails { Err(1) } else { Ok(Some(result)) }
                }
            });
        }
        for _ in 0..others {
            signal.connect(|| ready(Ok(None)));
        }
        let (handled, handlers) = (Counter::default(), Counter::default());
        let (count, held) = (handled.clone(), handlers.tracked());
        let emission = signal.emit().errback(move |_| -> Result<_, ()> {
            held.touch();
            count.add();
            throw("handler")
        });
        assert_eq!(thrown(|| block_on(emission)), "handler");
        assert_eq!(handled.get(), 1, "it is not called again");
        assert_eq!((futures.get(), results.get()), (5, 5));
        assert_eq!(handlers.get(), 1);
        assert_eq!(signal.len(), 5 + others);
    }
}

#[test]
fn an_errback_handles_panics() {
    let signal = AsyncSignal::<(), Result<u8, i32>>::new();
    for name in ["a", "b"] {
        signal.connect(move || async move { throw(name) });
    }
    let mut said = String::new();
    let emission = signal.emit().errback(|failure| {
        said.push_str(&describe(failure));
        Ok::<_, ()>(0)
    });
    assert_eq!(block_on(emission), [Ok(0), Ok(0)]);
    assert_eq!(said, "panic apanic b");
}
