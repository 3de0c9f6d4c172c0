//! User code that runs inside a stream: wakers, and the `drop` of items and wakers.

use std::sync::{Arc, Mutex, OnceLock};
use std::task::Poll;
use std::thread;

use futures::Stream;
use smoke_signal::{Signal, SignalStream};

use crate::common::{Counter, DEADLOCK, OnDrop, throw, thrown, within};

use super::{counting, has_ended, poll, ready, waking};

/// An item that acts when it is dropped. With only one slot it is never cloned.
#[derive(Clone)]
struct Acting(Option<Arc<dyn Fn() + Send + Sync>>);

impl Acting {
    fn new(act: impl Fn() + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(act)))
    }

    const IDLE: Self = Self(None);
}

impl Drop for Acting {
    fn drop(&mut self) {
        if let Some(act) = &self.0 {
            act();
        }
    }
}

#[test]
fn the_drop_of_a_missed_item_may_use_signal_and_stream() {
    static SIGNAL: Signal<(Acting,)> = Signal::new();
    static STREAM: OnceLock<SignalStream<(Acting,)>> = OnceLock::new();
    within(DEADLOCK, "the drop of a missed item", || {
        STREAM.set(SIGNAL.stream(1)).unwrap();
        let seen = Counter::default();
        SIGNAL.emit(Acting::new({
            let seen = seen.clone();
            move || {
                if thread::panicking() {
                    return;
                }
                let stream = STREAM.get().unwrap();
                assert_eq!((stream.missed(), stream.size_hint().0), (1, 1));
                SIGNAL.emit(Acting::IDLE);
                assert_eq!(stream.missed(), 2);
                drop(SIGNAL.stream(1));
                assert_eq!(SIGNAL.len(), 1);
                seen.add();
            }
        }));
        assert_eq!(seen.get(), 0);
        SIGNAL.emit(Acting::IDLE);
        assert_eq!(seen.get(), 1);
        assert_eq!(SIGNAL.len(), 1);
    });
}

#[test]
fn the_drop_of_a_buffered_item_may_use_the_signal() {
    static SIGNAL: Signal<(Acting,)> = Signal::new();
    within(DEADLOCK, "the drop of a buffered item", || {
        let stream = SIGNAL.stream(3);
        let seen = Counter::default();
        for _ in 0..3 {
            let seen = seen.clone();
            SIGNAL.emit(Acting::new(move || {
                SIGNAL.emit(Acting::IDLE); // to the stream that is going, if it is there still
                SIGNAL.emit(Acting::IDLE);
                seen.add();
            }));
        }
        drop(stream);
        assert_eq!(seen.get(), 3);
        assert!(SIGNAL.is_empty());

        // The same for an item that is never taken from a `next`.
        let next = SIGNAL.next();
        let emitted = seen.clone();
        SIGNAL.emit(Acting::new(move || {
            SIGNAL.emit(Acting::IDLE);
            emitted.add();
        }));
        drop(next);
        assert_eq!(seen.get(), 4);
    });
}

#[test]
fn an_item_whose_drop_panics_leaves_the_stream_usable() {
    let panicking = |message| {
        Acting::new(move || {
            if !thread::panicking() {
                throw(message); // not twice, if the test fails
            }
        })
    };
    let signal: Signal<(Acting,)> = Signal::new();
    let mut stream = signal.stream(1);
    signal.emit(panicking("missed"));
    assert_eq!(thrown(|| signal.emit(Acting::IDLE)), "missed");
    assert_eq!(stream.missed(), 1);
    assert_eq!(ready(&mut stream).len(), 1);

    signal.emit(panicking("buffered"));
    assert_eq!(thrown(move || drop(stream)), "buffered");
    assert!(signal.is_empty());
}

#[test]
fn a_waker_may_use_signal_and_stream() {
    static SIGNAL: Signal<(u8,)> = Signal::new();
    static STREAM: Mutex<Option<SignalStream<(u8,)>>> = Mutex::new(None);
    within(DEADLOCK, "a waker", || {
        let taken = Arc::new(Mutex::new(Vec::new()));
        let waker = waking({
            let taken = Arc::clone(&taken);
            move || {
                SIGNAL.emit(7);
                let mut stream = STREAM.lock().unwrap();
                let items = ready(stream.as_mut().unwrap());
                taken.lock().unwrap().extend(items);
            }
        });
        let wait = || poll(STREAM.lock().unwrap().as_mut().unwrap(), &waker);
        *STREAM.lock().unwrap() = Some(SIGNAL.stream(3));
        assert_eq!(wait(), Poll::Pending);
        SIGNAL.emit(1);
        assert_eq!(*taken.lock().unwrap(), [(1,), (7,)]);

        // It may even drop the stream that wakes it.
        let waker = waking(|| drop(STREAM.lock().unwrap().take()));
        let pending = poll(STREAM.lock().unwrap().as_mut().unwrap(), &waker);
        assert_eq!(pending, Poll::Pending);
        SIGNAL.emit(2);
        assert!(STREAM.lock().unwrap().is_none() && SIGNAL.is_empty());
    });
}

#[test]
fn a_waker_may_use_the_signal_at_the_end_of_the_stream() {
    static SIGNAL: Signal<(u8,)> = Signal::new();
    within(DEADLOCK, "a waker", || {
        let woken = Counter::default();
        let count = woken.clone();
        let waker = waking(move || {
            assert!(SIGNAL.is_empty());
            SIGNAL.emit(1);
            drop(SIGNAL.stream(1));
            count.add();
        });
        let mut stream = SIGNAL.stream(1);
        assert_eq!(poll(&mut stream, &waker), Poll::Pending);
        SIGNAL.disconnect_all();
        assert_eq!(woken.get(), 1);
        assert!(has_ended(&mut stream));
    });
}

#[test]
fn the_drop_of_a_waker_may_use_the_signal() {
    static SIGNAL: Signal<(u8,)> = Signal::new();
    within(DEADLOCK, "the drop of a waker", || {
        let mut stream = SIGNAL.stream(9);
        let wait_once = |stream: &mut SignalStream<_>| {
            let emitting = OnDrop(|| {
                SIGNAL.emit(5);
            });
            poll(stream, &waking(move || _ = &emitting))
        };
        assert_eq!(wait_once(&mut stream), Poll::Pending);
        SIGNAL.emit(1); // woken, and dropped
        assert_eq!(ready(&mut stream), [(1,), (5,)]);
        assert_eq!(wait_once(&mut stream), Poll::Pending);
        let (woken, waker) = counting();
        // The old waker is replaced and dropped before the check, so the emission is seen or wakes the task.
        let next = poll(&mut stream, &waker);
        assert!(next == Poll::Ready(Some((5,))) || woken.get() == 1);
    });
}

#[test]
fn a_waker_that_panics_loses_no_item() {
    let signal: Signal<(u8,)> = Signal::new();
    let mut stream = signal.stream(2);
    let waker = waking(|| throw("a waker"));
    assert_eq!(poll(&mut stream, &waker), Poll::Pending);
    assert_eq!(thrown(|| signal.emit(1)), "a waker");
    signal.emit(2);
    assert_eq!(ready(&mut stream), [(1,), (2,)]);
}
