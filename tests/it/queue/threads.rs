//! Queues while other threads emit, disconnect and drop.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;

use smoke_signal::{Queue, Signal};

use crate::common::{DEADLOCK, within};

use super::Seen;

#[test]
fn what_an_emitter_did_before_is_visible_to_the_closure() {
    static DATA: AtomicU32 = AtomicU32::new(0);
    static SIGNAL: Signal<(u32,)> = Signal::new();
    let queue = Queue::new(10_000);
    queue.connect(&SIGNAL, |n| assert!(DATA.load(Ordering::Relaxed) >= n));
    let emitter = thread::spawn(|| {
        for n in 1..=1000 {
            DATA.store(n, Ordering::Relaxed);
            SIGNAL.emit(n);
        }
    });
    let mut delivered = 0;
    while delivered < 1000 {
        delivered += queue.drain();
    }
    emitter.join().unwrap();
}

/// Each emitter's calls arrive in its order over two signals, and nothing is lost.
#[test]
fn the_order_of_each_emitter_is_kept_over_all_signals() {
    const EMITTERS: usize = 3;
    const EACH: u32 = 1000;
    let signals: Arc<(Signal<(usize, u32)>, Signal<(usize, u32, String)>)> = Arc::default();
    let (queue, seen) = (Queue::new(usize::MAX), Seen::new());
    queue.connect_tuple(&signals.0, seen.adding());
    let record = seen.clone();
    queue.connect(&signals.1, move |emitter, n, text| {
        assert_eq!(text, n.to_string());
        record.add((emitter, n));
    });
    let emitters: Vec<_> = (0..EMITTERS)
        .map(|emitter| {
            let signals = Arc::clone(&signals);
            thread::spawn(move || {
                for n in 0..EACH {
                    if n % 3 == 0 {
                        signals.1.emit(emitter, n, n.to_string());
                    } else {
                        signals.0.emit(emitter, n);
                    }
                }
            })
        })
        .collect();
    within_this_thread(|| {
        let mut delivered = 0;
        while delivered < EMITTERS * EACH as usize {
            delivered += queue.drain();
        }
    });
    for emitter in emitters {
        emitter.join().unwrap();
    }
    let mut next = HashMap::new();
    for (emitter, n) in seen.take() {
        let expected = next.entry(emitter).or_insert(0);
        assert_eq!(n, *expected, "of emitter {emitter}");
        *expected += 1;
    }
    assert_eq!((queue.drain(), queue.missed()), (0, 0));
}

/// One may drop the call that another has to make room for. Whether they meet is up to chance.
#[test]
fn emitters_that_are_done_have_left_no_more_calls_than_the_capacity() {
    const EACH: u64 = 300;
    let signal = Signal::<(u64,)>::new();
    for _ in 0..500 {
        let queue = Queue::new(2);
        queue.connect(&signal, drop);
        let start = Barrier::new(4);
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    start.wait();
                    (0..EACH).for_each(|n| drop(signal.emit(n)));
                });
            }
        });
        assert_eq!((queue.len(), queue.missed()), (2, 4 * EACH - 2));
    }
}

/// A queue cannot go to the thread that `within` starts, so the watchdog is a thread of its own.
fn within_this_thread(work: impl FnOnce()) {
    let (done, over) = std::sync::mpsc::channel::<()>();
    let watchdog = thread::spawn(move || over.recv_timeout(DEADLOCK));
    work();
    drop(done);
    let waited = watchdog.join().unwrap();
    let over = std::sync::mpsc::RecvTimeoutError::Disconnected;
    assert_eq!(waited, Err(over), "too slow");
}

#[test]
fn a_queue_may_be_dropped_while_others_emit() {
    within(DEADLOCK, "queues are dropped", || {
        let signal: Arc<Signal<(Arc<()>,)>> = Arc::default();
        let argument = Arc::new(());
        let over = Arc::new(AtomicU32::new(0));
        let emitters: Vec<_> = (0..3)
            .map(|_| {
                let (signal, argument) = (Arc::clone(&signal), Arc::clone(&argument));
                let over = Arc::clone(&over);
                thread::spawn(move || {
                    while over.load(Ordering::Relaxed) == 0 {
                        signal.emit(Arc::clone(&argument));
                    }
                })
            })
            .collect();
        for n in 0..500 {
            let queue = Queue::new(n % 5);
            queue.on_wake(|| ());
            queue.connect(&signal, drop);
            let slot = queue.connect(&signal, drop);
            if n % 3 == 0 {
                queue.drain();
            }
            if n % 2 == 0 {
                signal.disconnect(slot);
            }
        }
        over.store(1, Ordering::Relaxed);
        for emitter in emitters {
            emitter.join().unwrap();
        }
        assert!(signal.is_empty());
        assert_eq!(Arc::strong_count(&argument), 1, "every argument is dropped");
    });
}
