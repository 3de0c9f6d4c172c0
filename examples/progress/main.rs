//! Threads count primes, and the main thread shows how far they are. The closures that draw stay on it: they hold
//! an `Rc`, and need no lock.
//!
//! ```text
//! cargo run --example progress               # bars, in a terminal
//! cargo run --example progress | cat         # plain lines
//! cargo run --example progress -- 5000000    # primes below another number
//! ```

mod screen;

use std::cell::{Cell, RefCell};
use std::io::{self, IsTerminal};
use std::ops::Range;
use std::rc::Rc;
use std::thread;

use smoke_signal::{Queue, Signal};

use screen::{Bars, Lines, Screen, print};

/// Emitted by a worker, with its number, how many percent of its part it has checked, and how many primes it has
/// found. These are totals, so that the next emission makes up for a missed one.
static CHECKED: Signal<(usize, u64, usize)> = Signal::new();
/// Emitted by a worker when it ends, also if it panics.
static ENDED: Signal<(usize,)> = Signal::new();

const WORKERS: usize = 4;

/// More than the workers emit altogether, so nothing is missed however slowly the terminal is drawn.
const CAPACITY: usize = WORKERS * 102;

fn is_prime(n: u64) -> bool {
    n > 1 && (2..=n.isqrt()).all(|d| n % d != 0)
}

/// Counts the primes of a part. Knows nothing of what is drawn, or whether anything is.
fn count(worker: usize, part: Range<u64>) -> usize {
    let _ended = ENDED.emitting(worker);
    let (first, length) = (part.start, part.end - part.start);
    let mut primes = 0;
    for percent in 1..=100 {
        let end = |percent| first + length * percent / 100;
        primes += (end(percent - 1)..end(percent))
            .filter(|&n| is_prime(n))
            .count();
        CHECKED.emit(worker, percent, primes);
    }
    primes
}

fn main() {
    let below: u64 = std::env::args().nth(1).map_or(1_000_000, |argument| {
        argument.parse().expect("the argument is a number")
    });

    let screen: Rc<RefCell<dyn Screen>> = if io::stdout().is_terminal() {
        Rc::new(RefCell::new(Bars::new()))
    } else {
        Rc::new(RefCell::new(Lines))
    };
    let running = Rc::new(Cell::new(WORKERS));

    let queue = Queue::new(CAPACITY);
    let main = thread::current();
    queue.on_wake(move || main.unpark());
    let shown = Rc::clone(&screen);
    queue.connect(&CHECKED, move |worker, percent, primes| {
        shown.borrow_mut().show(worker, percent, primes);
    });
    let left = Rc::clone(&running);
    queue.connect(&ENDED, move |worker| {
        screen.borrow_mut().end(worker); // after all that it has emitted
        left.set(left.get() - 1);
    });

    let part = move |worker: usize| below * worker as u64 / WORKERS as u64;
    let spawn = |worker| thread::spawn(move || count(worker, part(worker)..part(worker + 1)));
    let workers = Vec::from_iter((0..WORKERS).map(spawn));

    // The event loop. If the hook has been called since `drain` began, `park` returns at once.
    while running.get() > 0 {
        if queue.drain() == 0 {
            thread::park();
        }
    }

    assert_eq!(queue.missed(), 0);
    drop(queue);
    assert!(
        CHECKED.is_empty() && ENDED.is_empty(),
        "nobody listens any more"
    );
    let counts = workers
        .into_iter()
        .map(|worker| worker.join().expect("no worker panics"));
    print(&format!("{} primes below {below}", counts.sum::<usize>()));
}
