//! Emissions as a stream, and the next one alone.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::hint;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::{Duration, Instant};

use futures::executor::block_on;
use futures::task::{self, ArcWake};
use futures::{FutureExt, Stream, StreamExt};
use smoke_signal::{NextEmission, Signal, SignalStream};

use crate::common::{Counter, DEADLOCK, Numbers, OnDrop, throw, thrown, together, within};

/// A waker that calls a function.
struct Task<F>(F);

impl<F: Fn() + Send + Sync + 'static> ArcWake for Task<F> {
    fn wake_by_ref(task: &Arc<Self>) {
        (task.0)();
    }
}

fn waking(call: impl Fn() + Send + Sync + 'static) -> Waker {
    task::waker(Arc::new(Task(call)))
}

/// A waker, and how often it was woken.
fn counting() -> (Counter, Waker) {
    let woken = Counter::default();
    let waker = waking(woken.adding());
    (woken, waker)
}

fn poll<S: Stream + Unpin>(stream: &mut S, waker: &Waker) -> Poll<Option<S::Item>> {
    stream.poll_next_unpin(&mut Context::from_waker(waker))
}

/// What is there without waiting.
fn ready<S: Stream + Unpin>(stream: &mut S) -> Vec<S::Item> {
    let mut items = Vec::new();
    while let Poll::Ready(Some(item)) = poll(stream, Waker::noop()) {
        items.push(item);
    }
    items
}

/// What a future gives without waiting.
fn now<F: Future>(future: F) -> F::Output {
    future.now_or_never().expect("it is ready")
}

fn has_ended<S: Stream + Unpin>(stream: &mut S) -> bool {
    matches!(poll(stream, Waker::noop()), Poll::Ready(None))
}

/// Spins for what another thread does soon.
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

/// An item that does something when it is dropped. Where there is one slot it is never cloned.
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

// What comes, what is dropped, what is counted.

#[test]
fn items_are_the_arguments_in_the_order_of_emissions() {
    let nothing: Signal<()> = Signal::new();
    let mut stream = nothing.stream(2);
    let next = nothing.next();
    nothing.emit();
    nothing.emit();
    assert_eq!(ready(&mut stream).len(), 2);
    assert!(now(next).is_some());

    macro_rules! arrive {
        ($(($($T:ty: $one:expr, $two:expr;)*))*) => {$({
            let signal: Signal<($($T,)*)> = Signal::new();
            let mut stream = signal.stream(2);
            let next = signal.next();
            signal.emit($($one),*);
            signal.emit($($two),*);
            assert_eq!(ready(&mut stream), [($($one,)*), ($($two,)*)]);
            assert_eq!(now(next), Some(($($one,)*)));
            assert_eq!(signal.len(), 1);
        })*};
    }
    arrive! {
        (String: "a".to_owned(), "b".to_owned();)
        (u8: 1, 2; char: 'a', 'b';)
        (u8: 1, 2; char: 'a', 'b'; Vec<i8>: vec![1], vec![];)
        (u8: 1, 2; char: 'a', 'b'; Vec<i8>: vec![1], vec![]; Box<str>: "a".into(), "b".into();)
        (u8: 1, 2; u8: 3, 4; u8: 5, 6; u8: 7, 8; Option<String>: Some("a".to_owned()), None;)
        (u8: 1, 2; u8: 3, 4; u8: 5, 6; u8: 7, 8; u8: 9, 0; &'static str: "a", "b";)
        (u8: 1, 2; u8: 3, 4; u8: 5, 6; u8: 7, 8; u8: 9, 0; bool: true, false; i64: -1, -2;)
        (u8: 1, 2; u8: 3, 4; u8: 5, 6; u8: 7, 8; u8: 9, 0; bool: true, false; i64: -1, -2;
            Arc<str>: "a".into(), "b".into();)
    }
}

#[test]
fn what_was_emitted_before_does_not_come() {
    let signal: Signal<(i32,)> = Signal::new();
    signal.emit(1);
    let mut stream = signal.stream(4);
    let next = signal.next();
    signal.emit(2);
    assert_eq!(ready(&mut stream), [(2,)]);
    assert_eq!(now(next), Some((2,)));
}

#[test]
fn when_full_the_oldest_goes_and_is_counted() {
    for (capacity, kept) in [
        (1, vec![12]),
        (2, vec![11, 12]),
        (5, vec![8, 9, 10, 11, 12]),
    ] {
        let signal: Signal<(usize,)> = Signal::new();
        let mut stream = signal.stream(capacity);
        for number in 1..=12 {
            signal.emit(number);
            assert_eq!(stream.missed(), number.saturating_sub(capacity) as u64);
            assert_eq!(stream.size_hint().0, number.min(capacity));
        }
        let items: Vec<_> = ready(&mut stream).into_iter().map(|(n,)| n).collect();
        assert_eq!(items, kept);

        // There is room again, and the count stands.
        let missed = 12 - capacity as u64;
        for number in 0..capacity {
            signal.emit(number);
        }
        assert_eq!(stream.missed(), missed);
        signal.emit(13);
        assert_eq!(stream.missed(), missed + 1);
        assert_eq!(ready(&mut stream).len(), capacity);
    }
}

#[test]
fn whatever_the_order_of_emitting_and_reading_it_is_as_a_ring() {
    let mut numbers = Numbers(1);
    for capacity in 1..=5 {
        let signal: Signal<(u32,)> = Signal::new();
        let mut stream = signal.stream(capacity);
        let (mut ring, mut missed) = (VecDeque::new(), 0);
        for number in 0..2000 {
            if numbers.below(5) < 3 {
                signal.emit(number);
                ring.push_back((number,));
                if ring.len() > capacity {
                    ring.pop_front();
                    missed += 1;
                }
            } else {
                let next = stream.next().now_or_never();
                assert_eq!(next, ring.pop_front().map(Some));
            }
            assert_eq!(stream.missed(), missed);
            assert_eq!(stream.size_hint(), (ring.len(), None));
        }
    }
}

#[test]
fn two_streams_know_nothing_of_each_other() {
    let signal: Signal<(i32,)> = Signal::new();
    let (mut small, mut large) = (signal.stream(1), signal.stream(10));
    assert_eq!(signal.len(), 2);
    signal.emit(1);
    signal.emit(2);
    assert_eq!((small.missed(), large.missed()), (1, 0));
    assert_eq!(ready(&mut small), [(2,)]);
    assert_eq!(large.next().now_or_never(), Some(Some((1,))));

    drop(small);
    assert_eq!(signal.len(), 1);
    signal.emit(3);
    drop(signal);
    assert_eq!(now(large.collect::<Vec<_>>()), [(2,), (3,)]);
}

#[test]
fn size_hints_are_what_is_buffered_and_exact_at_the_end() {
    let signal: Signal<(i32,)> = Signal::new();
    let mut stream = signal.stream(3);
    assert_eq!(stream.size_hint(), (0, None));
    signal.emit(1);
    signal.emit(2);
    assert_eq!(stream.size_hint(), (2, None));
    drop(signal);
    assert_eq!(stream.size_hint(), (2, Some(2)));
    assert_eq!(stream.next().now_or_never(), Some(Some((1,))));
    assert_eq!(stream.size_hint(), (1, Some(1)));
    assert_eq!(stream.next().now_or_never(), Some(Some((2,))));
    assert_eq!(stream.size_hint(), (0, Some(0)));
}

#[test]
fn without_capacity_there_is_no_stream() {
    let signal: Signal<(i32,)> = Signal::new();
    let message = thrown(|| signal.stream(0));
    assert_eq!(
        message,
        "a stream of emissions needs a capacity of 1 or more"
    );
    assert!(signal.is_empty());
    let _stream = signal.stream(usize::MAX); // nothing is allocated in advance
}

#[test]
fn the_location_is_the_callers() {
    let signal: Signal<(i32,)> = Signal::new();
    let (_stream, line) = (signal.stream(1), line!());
    let (_next, next_line) = (signal.next(), line!());
    let slots = signal.slots();
    let locations: Vec<_> = slots.iter().map(|slot| slot.location).collect();
    assert!(locations.iter().all(|location| location.file() == file!()));
    assert_eq!(locations[0].line(), line);
    assert_eq!(locations[1].line(), next_line);
    let calls_left: Vec<_> = slots.iter().map(|slot| slot.calls_left).collect();
    assert_eq!(calls_left, [None, Some(1)]);
}

// What is dropped.

#[test]
fn dropped_it_disconnects_and_drops_what_is_buffered() {
    let signal: Signal<(Arc<()>,)> = Signal::new();
    let item = Arc::new(());
    let stream = signal.stream(2);
    for _ in 0..5 {
        signal.emit(Arc::clone(&item));
    }
    assert_eq!(Arc::strong_count(&item), 3); // the missed ones went at once
    assert_eq!(signal.len(), 1);
    drop(stream);
    assert!(signal.is_empty());
    assert_eq!(Arc::strong_count(&item), 1);
    signal.emit(Arc::clone(&item));
    assert_eq!(Arc::strong_count(&item), 1);
}

#[test]
fn dropped_in_an_emission_it_drops_what_is_buffered_at_once() {
    let signal: Signal<(Arc<()>, bool)> = Signal::new();
    let stream = Arc::new(Mutex::new(None));
    let item = Arc::new(());
    signal.connect({
        let (stream, item) = (Arc::clone(&stream), Arc::downgrade(&item));
        move |own, last| {
            drop(own);
            let before = item.strong_count();
            let buffered: Option<SignalStream<_>> = if last {
                stream.lock().unwrap().take()
            } else {
                None
            };
            let count = buffered.as_ref().map_or(0, |b| b.size_hint().0);
            drop(buffered);
            assert_eq!(item.strong_count(), before - count);
        }
    });
    *stream.lock().unwrap() = Some(signal.stream(2));
    signal.emit(Arc::clone(&item), false);
    signal.emit(Arc::clone(&item), false);
    assert_eq!(Arc::strong_count(&item), 3);
    signal.emit(Arc::clone(&item), true);
    assert_eq!(Arc::strong_count(&item), 1);
}

#[test]
fn an_item_that_comes_as_the_stream_goes_is_dropped_at_once() {
    /// Counts itself, and drops the stream as it is cloned for its slot.
    #[derive(Debug)]
    struct Item(Arc<()>, Arc<Mutex<Option<SignalStream<(Item,)>>>>);
    impl Clone for Item {
        fn clone(&self) -> Self {
            drop(self.1.lock().unwrap().take());
            Self(Arc::clone(&self.0), Arc::clone(&self.1))
        }
    }

    let signal: Signal<(Item,)> = Signal::new();
    let count = Arc::new(());
    let stream: Arc<Mutex<Option<SignalStream<_>>>> = Arc::default();
    *stream.lock().unwrap() = Some(signal.stream(2));
    let left = Counter::default();
    signal.connect({
        let (left, count) = (left.clone(), Arc::downgrade(&count));
        move |_item| {
            // Of the item and the count itself: none is buffered.
            assert_eq!(count.strong_count(), 2);
            left.add();
        }
    });
    signal.emit(Item(Arc::clone(&count), Arc::clone(&stream)));
    assert_eq!(left.get(), 1);
    assert!(stream.lock().unwrap().is_none());
    assert_eq!(signal.len(), 1);
}

#[test]
fn a_next_dropped_mid_item_loses_nothing() {
    let signal: Signal<(i32,)> = Signal::new();
    let mut stream = signal.stream(4);
    let (woken, waker) = counting();
    let context = &mut Context::from_waker(&waker);

    // Dropped while pending.
    let mut next = stream.next();
    assert_eq!(next.poll_unpin(context), Poll::Pending);
    drop(next);
    signal.emit(1);
    assert_eq!(stream.next().now_or_never(), Some(Some((1,))));

    // Dropped after it was woken.
    let mut next = stream.next();
    assert_eq!(next.poll_unpin(context), Poll::Pending);
    let before = woken.get();
    signal.emit(2);
    assert_eq!(woken.get(), before + 1);
    drop(next);
    signal.emit(3);
    assert_eq!(ready(&mut stream), [(2,), (3,)]);

    // Dropped unpolled; raced with something that is ready, again and again.
    drop(stream.next());
    for number in 0..4 {
        signal.emit(number);
        let mut next = stream.next();
        let first = futures::future::select(futures::future::ready(()), &mut next);
        assert!(matches!(now(first), futures::future::Either::Left(_)));
    }
    assert_eq!(ready(&mut stream), [(0,), (1,), (2,), (3,)]);
    assert_eq!(stream.missed(), 0);
}

// The end.

#[test]
fn it_ends_after_what_is_buffered() {
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
        // Its drop disconnects nobody else.
        if let Some(signal) = signal {
            let other = signal.connect(drop);
            drop(stream);
            assert!(signal.contains(other));
        }
    }
}

#[test]
fn an_emission_under_way_comes_before_the_end() {
    let signal: Signal<(i32,)> = Signal::new();
    let mut stream = signal.stream(3);
    let calls = signal.calls(1);
    drop(signal);
    let (woken, waker) = counting();
    assert_eq!(poll(&mut stream, &waker), Poll::Pending);
    assert_eq!(calls.count(), 1);
    assert!(woken.get() >= 1);
    assert_eq!(ready(&mut stream), [(1,)]);
    assert!(has_ended(&mut stream));

    // Not so where it was disconnected: its turn is no call.
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

/// The next item, and word of it when it must be waited for.
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
fn a_thread_that_waits_goes_on() {
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
fn a_thread_that_waits_for_the_next_one_goes_on() {
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
fn no_wake_is_lost_between_looking_and_waiting() {
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
                // It came after the last look in vain: it woke who looked then, or who has found it.
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
fn no_end_is_lost_between_looking_and_waiting() {
    within(DEADLOCK, "signals that go as they are polled", || {
        for round in 0..300 {
            let signal: Signal<(usize,)> = Signal::new();
            let next = signal.next();
            let ends = side_by_side(
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

/// Runs both at once; what the second gave.
fn side_by_side<T: Send>(first: impl FnOnce() + Send, second: impl FnOnce() -> T + Send) -> T {
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

// Several threads.

const THREADS: usize = 4;
const EACH: usize = 1000;

/// What each thread emitted of it, in the order of arrival.
fn by_thread(items: Vec<(usize, usize)>) -> [Vec<usize>; THREADS] {
    let mut sorted = [const { Vec::new() }; THREADS];
    for (thread, number) in items {
        sorted[thread].push(number);
    }
    sorted
}

fn emit_from_threads(signal: &Signal<(usize, usize)>) {
    together(THREADS, |thread| {
        for number in 0..EACH {
            signal.emit(thread, number);
        }
    });
}

#[test]
fn of_several_threads_emissions_nothing_that_fits_is_lost() {
    within(DEADLOCK, "four threads emit", || {
        let signal: Signal<(usize, usize)> = Signal::new();
        let mut late = signal.stream(THREADS * EACH);
        let meanwhile = signal.stream(THREADS * EACH);
        let reader = thread::spawn(|| block_on(meanwhile.collect::<Vec<_>>()));
        emit_from_threads(&signal);
        drop(signal);
        assert_eq!(late.missed(), 0);
        let expected: Vec<_> = (0..EACH).collect();
        for items in [reader.join().unwrap(), ready(&mut late)] {
            for numbers in by_thread(items) {
                assert_eq!(numbers, expected);
            }
        }
        assert!(has_ended(&mut late));
    });
}

#[test]
fn of_several_threads_emissions_each_is_read_or_missed() {
    within(DEADLOCK, "four threads emit", || {
        for capacity in [1, 7, 500] {
            let signal: Signal<(usize, usize)> = Signal::new();
            let mut late = signal.stream(capacity);
            let mut meanwhile = signal.stream(capacity);
            let reader = thread::spawn(move || {
                let items: Vec<_> = block_on(meanwhile.by_ref().collect());
                (items, meanwhile.missed())
            });
            emit_from_threads(&signal);
            drop(signal);
            let (items, missed) = reader.join().unwrap();
            assert_eq!(items.len() as u64 + missed, (THREADS * EACH) as u64);
            for numbers in by_thread(items) {
                assert!(numbers.is_sorted_by(|earlier, later| earlier < later));
            }
            assert_eq!(late.missed(), (THREADS * EACH - capacity) as u64);
            assert_eq!(ready(&mut late).len(), capacity);
        }
    });
}

#[test]
fn dropped_on_one_thread_as_another_emits() {
    within(DEADLOCK, "streams come and go", || {
        let signal: Signal<(Arc<()>,)> = Signal::new();
        let item = Arc::new(());
        let over = AtomicBool::new(false);
        thread::scope(|scope| {
            let emitter = scope.spawn(|| {
                while !over.load(Ordering::Relaxed) {
                    signal.emit(Arc::clone(&item));
                    thread::yield_now();
                }
            });
            let mut numbers = Numbers(7);
            for _ in 0..3000 {
                let mut stream = signal.stream(1 + numbers.below(3));
                let next = signal.next();
                for _ in 0..numbers.below(100) {
                    hint::spin_loop();
                }
                if numbers.below(2) == 0 {
                    let _ = poll(&mut stream, Waker::noop());
                    drop(next);
                } else {
                    let _ = next.now_or_never();
                }
            }
            over.store(true, Ordering::Relaxed);
            emitter.join().unwrap();
        });
        assert!(signal.is_empty());
        assert_eq!(Arc::strong_count(&item), 1);
    });
}

#[test]
fn they_can_be_read_on_another_thread() {
    static SIGNAL: Signal<(String,)> = Signal::new();
    let (mut stream, next) = (SIGNAL.stream(2), SIGNAL.next());
    SIGNAL.emit("a".to_owned());
    SIGNAL.emit("b".to_owned());
    let read = thread::spawn(move || {
        let items = ready(&mut stream);
        (items, now(next))
    });
    let (items, next) = read.join().unwrap();
    assert_eq!(items, [("a".to_owned(),), ("b".to_owned(),)]);
    assert_eq!(next, Some(("a".to_owned(),)));
    assert!(SIGNAL.is_empty());
}

// What comes back to the signal or to the stream from inside.

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

        // And the items that nobody takes from a `next`.
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
fn an_item_whose_drop_panics_spoils_nothing() {
    let panicking = |message| {
        Acting::new(move || {
            if !thread::panicking() {
                throw(message); // not twice, where the test fails
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

        // It may even drop the stream that it is woken for.
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
        // Replaced, and dropped: before the look, so that the emission is seen or woken.
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

// The next one alone.

#[test]
fn next_resolves_with_one_emission_and_leaves() {
    let signal: Signal<(i32,)> = Signal::new();
    let mut next = signal.next();
    let (woken, waker) = counting();
    let context = &mut Context::from_waker(&waker);
    assert_eq!(signal.len(), 1);
    assert_eq!(next.poll_unpin(context), Poll::Pending);
    signal.emit(1);
    assert!(signal.is_empty());
    assert_eq!(woken.get(), 1);
    signal.emit(2);
    assert_eq!(next.poll_unpin(context), Poll::Ready(Some((1,))));
    signal.emit(3);
    // Polled further, as no one should: nothing more comes.
    assert_eq!(next.poll_unpin(context), Poll::Ready(None));
}

#[test]
fn each_next_has_the_emission_to_itself() {
    let signal: Signal<(i32,)> = Signal::new();
    let nexts: Vec<NextEmission<_>> = (0..3).map(|_| signal.next()).collect();
    signal.emit(1);
    signal.emit(2);
    let later = signal.next();
    signal.emit(3);
    let all = now(futures::future::join_all(nexts));
    assert_eq!(all, [Some((1,)); 3]);
    assert_eq!(now(later), Some((3,)));
}

#[test]
fn next_emitted_from_several_threads_takes_one() {
    let signal: Signal<(usize,)> = Signal::new();
    for _ in 0..200 {
        let next = signal.next();
        together(2, |thread| {
            signal.emit(thread);
        });
        assert!(signal.is_empty());
        assert!(now(next).is_some());
    }
}

#[test]
fn next_dropped_before_disconnects() {
    let signal: Signal<(Arc<()>,)> = Signal::new();
    let item = Arc::new(());
    drop(signal.next());
    assert!(signal.is_empty());

    let mut next = signal.next();
    assert!((&mut next).now_or_never().is_none());
    drop(next);
    assert!(signal.is_empty());

    // Resolved, but not taken.
    let next = signal.next();
    signal.emit(Arc::clone(&item));
    assert_eq!(Arc::strong_count(&item), 2);
    drop(next);
    assert_eq!(Arc::strong_count(&item), 1);
}

#[test]
fn next_of_a_signal_that_goes_is_none() {
    let signal: Signal<(i32,)> = Signal::new();
    let (early, emitted) = (signal.next(), signal.next());
    signal.disconnect(signal.slots()[0].connection);
    signal.emit(1);
    let late = signal.next();
    drop(signal);
    assert_eq!(now(early), None);
    assert_eq!(now(emitted), Some((1,)));
    assert_eq!(now(late), None);
}

#[test]
fn they_are_called_in_their_place() {
    let signal: Signal<(i32,)> = Signal::new();
    let both: Arc<OnceLock<(SignalStream<_>, SignalStream<_>)>> = Arc::default();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let look = || {
        let (both, seen) = (Arc::clone(&both), Arc::clone(&seen));
        move |_: i32| {
            let (one, two) = both.get().unwrap();
            let sizes = (one.size_hint().0, two.size_hint().0);
            seen.lock().unwrap().push(sizes);
        }
    };
    signal.connect(look());
    let one = signal.stream(9);
    signal.connect(look());
    let two = signal.stream(9);
    signal.options().group(1).connect(look());
    both.set((one, two)).unwrap();
    signal.emit(1);
    let seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
    assert_eq!(*seen, [(0, 0), (1, 0), (1, 1)]);

    let signal: Signal<(i32,)> = Signal::new();
    let next = signal.next();
    let before = signal.len();
    signal.connect(|_| ());
    assert_eq!(signal.slots()[before - 1].calls_left, Some(1));
    drop(next);
    assert_eq!(signal.len(), 1);
}

#[test]
fn blocked_they_wait() {
    let signal: Signal<(i32,)> = Signal::new();
    let (mut stream, mut next) = (signal.stream(9), signal.next());
    let slots = signal.slots();
    let guards: Vec<_> = slots.iter().map(|s| signal.block(s.connection)).collect();
    signal.emit(1);
    assert_eq!(poll(&mut stream, Waker::noop()), Poll::Pending);
    assert_eq!((&mut next).now_or_never(), None);
    drop(guards);
    let guard = signal.block_all();
    signal.emit(2);
    assert_eq!(poll(&mut stream, Waker::noop()), Poll::Pending);
    assert_eq!((&mut next).now_or_never(), None);
    drop(guard);
    signal.emit(3);
    assert_eq!(ready(&mut stream), [(3,)]);
    assert_eq!(stream.missed(), 0);
    assert_eq!(next.now_or_never(), Some(Some((3,))));
}

#[test]
fn made_in_an_emission_they_begin_with_the_next_one() {
    static SIGNAL: Signal<(i32,)> = Signal::new();
    static MADE: Mutex<Vec<NextEmission<(i32,)>>> = Mutex::new(Vec::new());
    let slot = SIGNAL.connect(|_| MADE.lock().unwrap().push(SIGNAL.next()));
    SIGNAL.emit(1);
    SIGNAL.emit(2);
    SIGNAL.disconnect(slot);
    SIGNAL.emit(3);
    let made = std::mem::take(&mut *MADE.lock().unwrap());
    let results = now(futures::future::join_all(made));
    assert_eq!(results, [Some((2,)), Some((3,))]);
}

#[test]
fn streams_can_be_shown() {
    let signal = Signal::<(i32,)>::new();
    assert_eq!(format!("{:?}", signal.stream(1)), "SignalStream { .. }");
    assert_eq!(format!("{:?}", signal.next()), "NextEmission { .. }");
}
