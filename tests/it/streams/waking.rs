//! The end of a stream, and the wake-ups of its readers.

use std::future::poll_fn;
use std::hint;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::{Duration, Instant};

use futures::executor::block_on;
use futures::{FutureExt, Stream, StreamExt};
use smoke_signal::Signal;

use crate::common::{Counter, DEADLOCK, within};

use super::{counting, has_ended, poll, ready};

/// Spins until another thread makes the condition true.
fn until(is_so: impl Fn() -> bool) {
    while !is_so() {
        for _ in 0..200 {
            if is_so() {
                return;
            }
            hint::spin_loop();
        }
        thread::yield_now();
    }
}

#[test]
fn a_stream_ends_after_its_buffered_items() {
    type End = fn(Signal<(i32,)>) -> Option<Signal<(i32,)>>;
    let ends: [End; 3] = [
        |signal| {
            drop(signal);
            None
        },
        |signal| {
            signal.disconnect_all();
            Some(signal)
        },
        |signal| {
            signal.disconnect(signal.slots()[0].connection);
            Some(signal)
        },
    ];
    for end in ends {
        let signal: Signal<(i32,)> = Signal::new();
        let mut stream = signal.stream(3);
        signal.emit(1);
        signal.emit(2);
        let signal = end(signal);
        if let Some(signal) = &signal {
            assert!(signal.is_empty());
            signal.emit(3);
        }
        assert_eq!(poll(&mut stream, Waker::noop()), Poll::Ready(Some((1,))));
        assert_eq!(poll(&mut stream, Waker::noop()), Poll::Ready(Some((2,))));
        for _ in 0..3 {
            assert_eq!(poll(&mut stream, Waker::noop()), Poll::Ready(None));
        }
        // Dropping it disconnects no other slot.
        if let Some(signal) = signal {
            let other = signal.connect(drop);
            drop(stream);
            assert!(signal.contains(other));
        }
    }
}

#[test]
fn an_emission_in_progress_arrives_before_the_end() {
    let signal: Signal<(i32,)> = Signal::new();
    let mut stream = signal.stream(3);
    let calls = signal.calls(1);
    drop(signal);
    let (woken, waker) = counting();
    assert_eq!(poll(&mut stream, &waker), Poll::Pending);
    assert_eq!(calls.count(), 0, "a stream adds no result");
    assert!(woken.get() >= 1);
    assert_eq!(ready(&mut stream), [(1,)]);
    assert!(has_ended(&mut stream));

    // Unlike a disconnected stream, which is not called.
    let signal: Signal<(i32,)> = Signal::new();
    let mut stream = signal.stream(3);
    let calls = signal.calls(1);
    signal.disconnect_all();
    assert_eq!(calls.count(), 0);
    assert!(has_ended(&mut stream));
    assert_eq!(stream.missed(), 0);
}

// Waking.

#[test]
fn a_waiting_reader_is_woken_once_by_each_event() {
    let signal: Signal<(i32,)> = Signal::new();
    let mut stream = signal.stream(3);
    let (woken, waker) = counting();
    assert_eq!(poll(&mut stream, &waker), Poll::Pending);
    assert_eq!(woken.get(), 0);
    signal.emit(1);
    assert_eq!(woken.get(), 1);
    signal.emit(2);
    assert_eq!(woken.get(), 1); // it knows
    assert_eq!(poll(&mut stream, &waker), Poll::Ready(Some((1,))));
    assert_eq!(poll(&mut stream, &waker), Poll::Ready(Some((2,))));
    assert_eq!(poll(&mut stream, &waker), Poll::Pending);
    assert_eq!(poll(&mut stream, &waker), Poll::Pending); // polled for no reason
    signal.emit(3);
    assert_eq!(woken.get(), 2);
    assert_eq!(poll(&mut stream, &waker), Poll::Ready(Some((3,))));
    assert_eq!(poll(&mut stream, &waker), Poll::Pending);
    drop(signal);
    assert_eq!(woken.get(), 3);
    assert_eq!(poll(&mut stream, &waker), Poll::Ready(None));
}

#[test]
fn a_waiting_reader_is_woken_by_each_kind_of_end() {
    let signal: Signal<(i32,)> = Signal::new();
    for alone in [false, true] {
        for all in [false, true] {
            let mut stream = signal.stream(1);
            let mut next = signal.next();
            let (woken, waker) = counting();
            if alone {
                let context = &mut Context::from_waker(&waker);
                assert_eq!(next.poll_unpin(context), Poll::Pending);
            } else {
                assert_eq!(poll(&mut stream, &waker), Poll::Pending);
            }
            if all {
                signal.disconnect_all();
            } else {
                for slot in signal.slots() {
                    assert!(signal.disconnect(slot.connection));
                }
            }
            assert_eq!(woken.get(), 1);
            assert!(has_ended(&mut stream));
            assert_eq!(next.now_or_never(), Some(None));
        }
    }
}

#[test]
fn the_task_that_polled_last_is_woken() {
    let signal: Signal<(i32,)> = Signal::new();
    let mut stream = signal.stream(3);
    let ((first, first_waker), (second, second_waker)) = (counting(), counting());
    assert_eq!(poll(&mut stream, &first_waker), Poll::Pending);
    assert_eq!(poll(&mut stream, &second_waker), Poll::Pending);
    signal.emit(1);
    assert_eq!((first.get(), second.get()), (0, 1));
    assert_eq!(poll(&mut stream, &first_waker), Poll::Ready(Some((1,))));
    assert_eq!(poll(&mut stream, &first_waker), Poll::Pending);
    drop(signal);
    assert_eq!((first.get(), second.get()), (1, 1));
}

/// Waits for the next item, and reports when it has to wait.
async fn next_and_tell<S: Stream + Unpin>(
    stream: &mut S,
    waits: &mpsc::Sender<()>,
) -> Option<S::Item> {
    poll_fn(|context| {
        let next = stream.poll_next_unpin(context);
        if next.is_pending() {
            waits.send(()).unwrap();
        }
        next
    })
    .await
}

#[test]
fn a_thread_that_waits_for_an_item_resumes() {
    within(DEADLOCK, "a blocked reader", || {
        let signal: Signal<(i32,)> = Signal::new();
        let mut stream = signal.stream(100); // a spurious wake makes it wait twice
        let (waits, waiting) = mpsc::channel();
        let reader = thread::spawn(move || {
            block_on(async {
                let mut items = Vec::new();
                while let Some((item,)) = next_and_tell(&mut stream, &waits).await {
                    items.push(item);
                }
                items
            })
        });
        for number in 0..100 {
            waiting.recv().unwrap();
            signal.emit(number);
        }
        waiting.recv().unwrap();
        drop(signal);
        assert_eq!(reader.join().unwrap(), (0..100).collect::<Vec<_>>());
    });
}

#[test]
fn a_thread_that_waits_for_next_resumes() {
    within(DEADLOCK, "a blocked reader", || {
        for emits in [true, false] {
            let signal: Signal<(i32,)> = Signal::new();
            let next = signal.next();
            let (waits, waiting) = mpsc::channel();
            let mut next = next.into_stream();
            let reader = thread::spawn(move || block_on(next_and_tell(&mut next, &waits)));
            waiting.recv().unwrap();
            if emits {
                signal.emit(1);
                assert!(signal.is_empty());
            }
            drop(signal);
            let emission = reader.join().unwrap();
            assert_eq!(emission, Some(emits.then_some((1,))));
        }
    });
}

#[test]
fn no_wake_is_lost_between_checking_and_waiting() {
    within(DEADLOCK, "ping-pong", || {
        let signal: Signal<(usize,)> = Signal::new();
        let mut stream = signal.stream(1);
        let (asked, sent) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let lost = thread::scope(|scope| {
            scope.spawn(|| {
                for round in 1.. {
                    until(|| asked.load(Ordering::Acquire) >= round);
                    if asked.load(Ordering::Acquire) == usize::MAX {
                        break;
                    }
                    signal.emit(round);
                    sent.store(round, Ordering::Release);
                }
            });
            let (woken, wakers): (Vec<_>, Vec<_>) = (0..4).map(|_| counting()).unzip();
            let (mut lost, start) = (0, Instant::now());
            for round in 1.. {
                let before: Vec<_> = woken.iter().map(Counter::get).collect();
                asked.store(round, Ordering::Release);
                let mut looks = 0;
                while poll(&mut stream, &wakers[looks % 4]).is_pending() {
                    looks += 1;
                }
                until(|| sent.load(Ordering::Acquire) >= round);
                // It came after the last poll that found nothing, so it woke that poll or was found by this one.
                let told = |look: usize| woken[look % 4].get() > before[look % 4];
                if looks > 0 && !told(looks - 1) && !told(looks) {
                    lost += 1;
                }
                if start.elapsed() > Duration::from_millis(500) {
                    break;
                }
            }
            asked.store(usize::MAX, Ordering::Release);
            lost
        });
        assert_eq!(lost, 0, "wakes lost");
    });
}

#[test]
fn no_end_is_lost_between_checking_and_waiting() {
    within(DEADLOCK, "signals dropped as they are polled", || {
        for round in 0..300 {
            let signal: Signal<(usize,)> = Signal::new();
            let next = signal.next();
            let ends = concurrently(
                move || {
                    for _ in 0..round % 64 {
                        hint::spin_loop();
                    }
                    drop(signal);
                },
                move || block_on(next),
            );
            assert_eq!(ends, None);
        }
    });
}

/// Runs both at once, and returns the result of the second.
fn concurrently<T: Send>(first: impl FnOnce() + Send, second: impl FnOnce() -> T + Send) -> T {
    let started = AtomicUsize::new(0);
    let start = || {
        started.fetch_add(1, Ordering::AcqRel);
        until(|| started.load(Ordering::Acquire) == 2);
    };
    thread::scope(|scope| {
        scope.spawn(|| {
            start();
            first();
        });
        start();
        second()
    })
}
