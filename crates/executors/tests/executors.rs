//! Async signals on tokio, on smol and on a plain `block_on`.

use std::future::{self, ready};
use std::thread;
use std::time::Duration;

use futures::channel::oneshot;
use futures::executor::block_on;
use smoke_signal::{AsyncSignal, Emission, Failure};
use tokio::time::{sleep, timeout};

#[allow(dead_code, reason = "shared with the integration tests of the library")]
#[path = "../../../tests/it/common.rs"]
mod common;

use common::{DEADLOCK, Recorder, message, throw, within};

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

/// An emission whose futures wait for each other, for another thread and for nothing; one panics and one fails.
fn assembly() -> Emission<Result<usize, ()>> {
    let signal = AsyncSignal::<(), Result<usize, ()>>::new();
    let (trio, many) = (meeting(3), meeting(50));
    signal.once(move || async move { Ok(trio.emit().await.len()) });
    signal.once(move || async move { Ok(many.emit().await.len()) });
    signal.connect(|| {
        let (sender, receiver) = oneshot::channel();
        let elsewhere = thread::spawn(|| sender.send(7).unwrap());
        async {
            let number = receiver.await.unwrap();
            elsewhere.join().unwrap();
            Ok(number)
        }
    });
    signal.connect(|| ready(Ok(1)));
    signal.connect(|| async { throw("a bug") });
    signal.connect(|| ready(Err(())));
    signal.emit()
}

const ASSEMBLED: [Result<usize, ()>; 6] = [Ok(3), Ok(50), Ok(7), Ok(1), Ok(0), Err(())];

fn lenient(failure: Failure<()>) -> Result<usize, ()> {
    match failure {
        Failure::Error(()) => Err(()),
        Failure::Panic(payload) => {
            assert_eq!(message(&*payload), "a bug");
            drop(payload);
            Ok(0)
        }
    }
}

#[test]
fn runs_with_block_on() {
    within(DEADLOCK, "block_on", || {
        assert_eq!(block_on(assembly().errback(lenient)), ASSEMBLED);
    });
}

#[test]
fn runs_with_smol() {
    within(DEADLOCK, "smol", || {
        smol::block_on(async {
            let task = smol::spawn(assembly().errback(lenient));
            assert_eq!(assembly().errback(lenient).await, ASSEMBLED);
            assert_eq!(task.await, ASSEMBLED);
        });
    });
}

#[test]
fn runs_with_tokio_on_one_thread() {
    within(DEADLOCK, "tokio", || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        runtime.block_on(async {
            let task = tokio::spawn(assembly().errback(lenient));
            assert_eq!(assembly().errback(lenient).await, ASSEMBLED);
            assert_eq!(task.await.unwrap(), ASSEMBLED);
            let panicked = tokio::spawn(assembly()).await.unwrap_err();
            assert_eq!(message(&*panicked.into_panic()), "a bug");
        });
    });
}

#[test]
fn runs_with_tokio_on_several_threads() {
    within(DEADLOCK, "tokio", || {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(3)
            .build()
            .unwrap();
        runtime.block_on(async {
            let tasks: Vec<_> = (0..10)
                .map(|_| tokio::spawn(assembly().errback(lenient)))
                .collect();
            for task in tasks {
                assert_eq!(task.await.unwrap(), ASSEMBLED);
            }
        });
    });
}

#[test]
fn sleeps_overlap() {
    within(DEADLOCK, "sleeps", || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .unwrap();
        let signal = AsyncSignal::<(), u64>::new();
        let log = Recorder::new();
        for number in [3, 2, 1] {
            let log = log.clone();
            signal.connect(move || {
                let log = log.clone();
                async move {
                    log.add(("sleeps", number));
                    sleep(Duration::from_millis(number)).await;
                    log.add(("wakes", number));
                    number
                }
            });
        }
        assert_eq!(runtime.block_on(signal.emit()), [3, 2, 1]);
        let events = log.take();
        let asleep = [("sleeps", 3), ("sleeps", 2), ("sleeps", 1)];
        assert_eq!(events[..3], asleep, "before any of them wakes");
        assert_eq!(events.len(), 6);

        signal.connect(future::pending);
        let late = runtime.block_on(async {
            let limit = Duration::from_millis(20);
            timeout(limit, signal.emit()).await
        });
        assert!(late.is_err(), "dropped while pending");
    });
}
