//! The cost of an emission into a queue, beside a send into a channel of `std` of the same tuple.

use std::cell::Cell;
use std::hint::black_box;
use std::rc::Rc;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use smoke_signal::{Queue, Signal};

use crate::measure::{Candidate, Effort, Samples, compete};
use crate::report::{Table, Thresholds};

const ROUNDS: usize = 301;
/// An emission may take this many times as long as a send.
const THRESHOLD: f64 = 2.0;
/// This many calls are stored before they are delivered.
const STORED: u32 = 256;

/// What is timed.
#[derive(Clone, Copy, PartialEq)]
enum Timed {
    /// Storing alone.
    Stored,
    /// Storing and delivering.
    Delivered,
}

/// Stores calls, a few hundred at a time, and delivers them.
fn candidate(
    name: &'static str,
    timed: Timed,
    store: impl Fn() + 'static,
    deliver: impl Fn() + 'static,
    delivered: Rc<Cell<u32>>,
) -> Candidate {
    Candidate::new(name, move |repetitions| {
        let mut time = Duration::ZERO;
        let mut left = repetitions;
        while left > 0 {
            let now = left.min(STORED);
            let start = Instant::now();
            for _ in 0..now {
                store();
            }
            let stored = start.elapsed();
            deliver();
            time += match timed {
                Timed::Stored => stored,
                Timed::Delivered => start.elapsed(),
            };
            left -= now;
        }
        assert_eq!(delivered.take(), repetitions, "calls by {name}");
        time
    })
}

/// Counts what is delivered, on one thread.
fn counting<T: Copy>(delivered: &Rc<Cell<u32>>) -> impl Fn(T) + use<T> {
    let delivered = Rc::clone(delivered);
    move |item| {
        black_box(item);
        delivered.set(delivered.get() + 1);
    }
}

/// The floor. One consumer, and it must be told when to look.
fn channel<T: Copy + 'static>(item: T, timed: Timed) -> Candidate {
    let delivered = Rc::default();
    let count = counting(&delivered);
    let (sender, receiver) = mpsc::channel();
    let store = move || black_box(&sender).send(black_box(item)).unwrap();
    let deliver = move || receiver.try_iter().for_each(&count);
    candidate("mpsc::channel", timed, store, deliver, delivered)
}

/// A channel of limited capacity, which blocks when it is full.
fn bounded<T: Copy + 'static>(item: T, timed: Timed) -> Candidate {
    let delivered = Rc::default();
    let count = counting(&delivered);
    let (sender, receiver) = mpsc::sync_channel(STORED as usize);
    let store = move || black_box(&sender).send(black_box(item)).unwrap();
    let deliver = move || receiver.try_iter().for_each(&count);
    candidate("mpsc::sync_channel", timed, store, deliver, delivered)
}

/// What one would write by hand: a slot that sends into a channel.
fn by_hand<T: Copy + Send + Sync + 'static>(item: T, timed: Timed) -> Candidate {
    let delivered = Rc::default();
    let count = counting(&delivered);
    let (sender, receiver) = mpsc::channel();
    let signal = Signal::<(T,)>::new();
    signal.connect(move |item| sender.send(item).unwrap());
    let store = move || drop(black_box(&signal).emit(black_box(item)));
    let deliver = move || receiver.try_iter().for_each(&count);
    candidate("signal, channel", timed, store, deliver, delivered)
}

fn queue<T: Copy + Send + 'static>(item: T, timed: Timed) -> Candidate {
    let delivered = Rc::default();
    let count = counting(&delivered);
    let signal = Signal::<(T,)>::new();
    let queue = Queue::new(STORED as usize);
    queue.connect(&signal, count);
    queue.on_wake(|| ());
    let store = move || drop(black_box(&signal).emit(black_box(item)));
    let deliver = move || {
        queue.drain();
    };
    candidate("signal, queue", timed, store, deliver, delivered)
}

fn measure<T: Copy + Send + Sync + 'static>(item: T, timed: Timed, effort: Effort) -> Vec<Samples> {
    let candidates = vec![
        channel(item, timed),
        queue(item, timed),
        by_hand(item, timed),
        bounded(item, timed),
    ];
    compete(candidates, effort, ROUNDS)
}

pub(crate) fn run(effort: Effort, thresholds: &mut Thresholds) {
    for (timed, title) in [
        (Timed::Stored, "store a call for another thread"),
        (Timed::Delivered, "store and deliver a call"),
    ] {
        let mut table = Table::new(title, "bytes");
        for (bytes, samples) in [
            (4, measure(1_i32, timed, effort)),
            (64, measure([1_u64; 8], timed, effort)),
        ] {
            table.row(bytes, &samples);
            if timed == Timed::Stored {
                let what = format!("an emission into a queue, {bytes} bytes, against a send");
                thresholds.ratio(what, &samples[1], &samples[0], THRESHOLD);
            }
        }
        effort.show(&table);
    }
}
