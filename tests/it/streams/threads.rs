//! Emissions from several threads.

use std::hint;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Waker;
use std::thread;

use futures::executor::block_on;
use futures::{FutureExt, StreamExt};
use smoke_signal::Signal;

use crate::common::{DEADLOCK, Numbers, together, within};

use super::{has_ended, now, poll, ready};

const THREADS: usize = 4;

const EACH: usize = 1000;

/// The items by thread, in the order of arrival.
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
fn no_emission_of_several_threads_that_fits_is_lost() {
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
fn each_emission_of_several_threads_is_read_or_missed() {
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
fn a_stream_may_be_dropped_while_another_thread_emits() {
    within(DEADLOCK, "streams are made and dropped", || {
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
fn a_stream_can_be_read_on_another_thread() {
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
