//! smokesignal's own tests of its Twisted support.

use std::future::{Ready, ready};
use std::sync::Arc;
use std::task::Poll;

use futures::channel::oneshot;
use futures::executor::block_on;
use smoke_signal::{AsyncSignal, Failure};

use crate::common::{Counter, message, throw};

use super::{Gate, assert_pending, poll};

// smokesignal: tests_twisted.py, test_max_calls
#[test]
fn test_max_calls() {
    let signal = AsyncSignal::<()>::new();
    signal.options().max_calls(19).connect(async || ());
    let left = || signal.slots()[0].calls_left;
    assert_eq!(left(), Some(19));
    let first = signal.emit();
    assert_eq!(left(), Some(18));
    let second = signal.emit();
    assert_eq!(left(), Some(17));
    assert_eq!((block_on(first).len(), block_on(second).len()), (1, 1));
    assert_eq!(left(), Some(17));
}

// smokesignal: tests_twisted.py, TestTwisted._emit, test_synchronous; blinker: send_async
#[test]
fn test_synchronous() {
    let signal = AsyncSignal::<(), Result<&str, ()>>::new();
    signal.connect(|| ready(Ok("success")));
    let handled = Counter::default();
    let count = handled.clone();
    let emission = signal.emit().errback(move |_: Failure<()>| {
        count.add();
        Err(())
    });
    assert_eq!(block_on(emission), [Ok("success")]);
    assert_eq!(handled.get(), 0);
}

// smokesignal: tests_twisted.py, test_asynchronous, test_synchronous
#[test]
fn test_asynchronous() {
    let signal = AsyncSignal::<(), Result<&str, ()>>::new();
    let (sender, receiver) = oneshot::channel();
    signal.once(|| async { Ok(receiver.await.unwrap()) });
    let handled = Counter::default();
    let count = handled.clone();
    let mut emission = signal.emit().errback(move |_: Failure<()>| {
        count.add();
        Err(())
    });
    assert_pending(&mut emission);
    sender.send("success").unwrap();
    assert_eq!(block_on(emission), [Ok("success")]);
    assert_eq!(handled.get(), 0);
}

// smokesignal: tests_twisted.py, test_synchronous_failure
#[test]
fn test_synchronous_failure() {
    let signal = AsyncSignal::<(), Result<&str, &str>>::new();
    signal.connect(|| -> Ready<_> { throw("raised") });
    signal.connect(|| ready(Err("returned")));
    let emission = signal.emit().errback(|failure| match failure {
        Failure::Error(error) => Ok::<_, ()>(error),
        Failure::Panic(payload) => Ok(payload.downcast_ref::<&str>().copied().unwrap()),
    });
    assert_eq!(block_on(emission), [Ok("raised"), Ok("returned")]);
}

// smokesignal: tests_twisted.py, test_asynchronous_failure, test_synchronous_failure
#[test]
fn test_asynchronous_failure() {
    let signal = AsyncSignal::<(), Result<String, String>>::new();
    let gate = Gate::new();
    let wait = Arc::clone(&gate);
    signal.connect(move || {
        let wait = wait.wait();
        async {
            wait.await;
            Err("failed".to_owned())
        }
    });
    let wait = Arc::clone(&gate);
    signal.connect(move || {
        let wait = wait.wait();
        async {
            wait.await;
            throw("raised")
        }
    });
    let mut emission = signal.emit().errback(|failure| match failure {
        Failure::Error(error) => Ok::<_, ()>(error + ", handled"),
        Failure::Panic(payload) => Ok(message(&*payload) + ", handled"),
    });
    assert_pending(&mut emission);
    gate.open();
    let expected = ["failed, handled", "raised, handled"];
    assert_eq!(block_on(emission), expected.map(|text| Ok(text.to_owned())));
}

// smokesignal: tests_twisted.py, test_delay
#[test]
fn test_delay() {
    let signal = AsyncSignal::<(), &str>::new();
    let gate = Gate::new();
    let wait = Arc::clone(&gate);
    signal.connect(move || {
        let wait = wait.wait();
        async {
            wait.await;
            "success"
        }
    });
    let mut emission = signal.emit();
    assert_pending(&mut emission);
    assert_pending(&mut emission);
    gate.open();
    let results = poll(&mut emission).map(Vec::from);
    assert_eq!(results, Poll::Ready(vec!["success"]));
}
