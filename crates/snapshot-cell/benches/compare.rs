//! Compares the cell with arc-swap, in one run that takes turns: `cargo bench -p snapshot-cell`.
//!
//! Prints the nanoseconds of each operation on both, the median of many rounds, and the ratio. Under `cargo test` it
//! runs one short round.

#![allow(missing_docs, clippy::cast_precision_loss)]

#[cfg(smoke_signal_loom)]
fn main() {}

#[cfg(not(smoke_signal_loom))]
fn main() {
    compare::main();
}

#[cfg(not(smoke_signal_loom))]
mod compare {
    use std::env;
    use std::hint::black_box;
    use std::sync::{Arc, Barrier};
    use std::thread;
    use std::time::Instant;

    use arc_swap::ArcSwapOption;
    use snapshot_cell::SnapshotCell;

    type List = Vec<u64>;

    #[allow(clippy::unnecessary_wraps)] // as the cells want it
    fn list() -> Option<Arc<List>> {
        Some(Arc::new(vec![1, 2, 3]))
    }

    /// What both cells can do.
    trait Cell: Send + Sync + 'static {
        fn new() -> Self;
        /// Loads, adds the length of the list to `sum`, and drops the guard.
        fn load(&self) -> usize;
        fn swap(&self, value: Option<Arc<List>>) -> Option<Arc<List>>;
        fn hold(&self) -> Box<dyn Send>;
    }

    impl Cell for SnapshotCell<List> {
        fn new() -> Self {
            Self::new()
        }
        #[inline]
        fn load(&self) -> usize {
            let guard = self.load();
            guard.as_deref().map_or(0, Vec::len)
        }
        fn swap(&self, value: Option<Arc<List>>) -> Option<Arc<List>> {
            self.swap(value)
        }
        fn hold(&self) -> Box<dyn Send> {
            Box::new(self.load())
        }
    }

    impl Cell for ArcSwapOption<List> {
        fn new() -> Self {
            Self::const_empty()
        }
        #[inline]
        fn load(&self) -> usize {
            let guard = self.load();
            guard.as_deref().map_or(0, Vec::len)
        }
        fn swap(&self, value: Option<Arc<List>>) -> Option<Arc<List>> {
            self.swap(value)
        }
        fn hold(&self) -> Box<dyn Send> {
            Box::new(self.load())
        }
    }

    struct Bench {
        rounds: usize,
        /// Divides the number of operations of a round.
        shorter: u32,
    }

    impl Bench {
        /// Prints the median time of one operation of each.
        fn row<S: FnMut(), A: FnMut()>(&self, name: &str, times: u32, mut ours: S, mut theirs: A) {
            fn round(times: u32, operation: &mut impl FnMut()) -> f64 {
                let start = Instant::now();
                for _ in 0..times {
                    operation();
                }
                start.elapsed().as_secs_f64() * 1e9 / f64::from(times)
            }
            let times = (times / self.shorter).max(1);
            round(times, &mut ours);
            round(times, &mut theirs);
            let mut results = [Vec::new(), Vec::new()];
            for _ in 0..self.rounds {
                results[0].push(round(times, &mut ours));
                results[1].push(round(times, &mut theirs));
            }
            let [ours, theirs] = results.map(|mut times| {
                times.sort_by(f64::total_cmp);
                times[times.len() / 2]
            });
            println!(
                "{name:<58} {ours:>10.1} {theirs:>10.1} {:>7.2}",
                ours / theirs
            );
        }

        fn changes(&self, when: &str) {
            self.row(
                &format!("publish, load, take out: {when}"),
                20_000,
                change::<SnapshotCell<List>>(),
                change::<ArcSwapOption<List>>(),
            );
        }
    }

    /// As when a slot is connected, the signal emitted, and the list edited in place.
    fn change<C: Cell>() -> impl FnMut() {
        let cell = C::new();
        let mut value = list();
        move || {
            black_box(cell.load());
            cell.swap(value.take());
            black_box(cell.load());
            value = cell.swap(None);
            assert!(Arc::get_mut(value.as_mut().unwrap()).is_some());
        }
    }

    /// Loads until the value has been promoted, if `cell` does that.
    fn warm_up(cell: &impl Cell) {
        for _ in 0..10_000 {
            cell.load();
        }
    }

    /// Publishes, lets the value be promoted while some threads hold it, and replaces it. Returns the nanoseconds that
    /// the replacement takes.
    fn replacement<C: Cell>(holders: usize, repeat: usize) -> f64 {
        let cell = Arc::new(C::new());
        let barrier = Arc::new(Barrier::new(holders + 1));
        let threads = Vec::from_iter((0..holders).map(|_| {
            let (cell, barrier) = (Arc::clone(&cell), Arc::clone(&barrier));
            thread::spawn(move || {
                for _ in 0..repeat {
                    barrier.wait();
                    let guard = cell.hold();
                    barrier.wait();
                    barrier.wait();
                    drop(guard);
                }
            })
        }));
        let mut times = Vec::new();
        for _ in 0..repeat {
            cell.swap(list());
            warm_up(&*cell);
            barrier.wait();
            barrier.wait();
            let start = Instant::now();
            let old = cell.swap(None);
            times.push(start.elapsed().as_secs_f64() * 1e9);
            drop(old);
            barrier.wait();
        }
        for thread in threads {
            thread.join().unwrap();
        }
        times.sort_by(f64::total_cmp);
        times[times.len() / 2]
    }

    pub(super) fn main() {
        let is_test = env::args().all(|argument| argument != "--bench");
        let bench = if is_test {
            Bench {
                rounds: 1,
                shorter: 1000,
            }
        } else {
            Bench {
                rounds: 31,
                shorter: 1,
            }
        };
        println!(
            "{:<58} {:>10} {:>10} {:>7}",
            "", "this, ns", "arc-swap", "ratio"
        );

        let ours = SnapshotCell::from(list());
        let theirs = ArcSwapOption::from(list());
        warm_up(&ours);
        bench.row(
            "load and drop, stable",
            300_000,
            || _ = black_box(Cell::load(black_box(&ours))),
            || _ = black_box(Cell::load(black_box(&theirs))),
        );
        let guards = (ours.load(), theirs.load());
        bench.row(
            "the same beside a guard",
            300_000,
            || _ = black_box(Cell::load(black_box(&ours))),
            || _ = black_box(Cell::load(black_box(&theirs))),
        );
        drop(guards);
        bench.changes("1 thread");
        let repeat = if is_test { 1 } else { 200 };
        for holders in [0, 4, 16, 64] {
            let ours = replacement::<SnapshotCell<List>>(holders, repeat);
            let theirs = replacement::<ArcSwapOption<List>>(holders, repeat);
            let name = format!("take out a stable value that {holders} threads hold");
            println!(
                "{name:<58} {ours:>10.1} {theirs:>10.1} {:>7.2}",
                ours / theirs
            );
        }

        let crowd = if is_test { 100 } else { 1000 };
        let (ours, theirs) = (Arc::new(ours), Arc::new(theirs));
        let barrier = Arc::new(Barrier::new(crowd + 1));
        let threads = Vec::from_iter((0..crowd).map(|_| {
            let (ours, theirs, barrier) =
                (Arc::clone(&ours), Arc::clone(&theirs), Arc::clone(&barrier));
            thread::spawn(move || {
                drop(ours.load());
                drop(theirs.load());
                barrier.wait();
                barrier.wait();
            })
        }));
        barrier.wait();
        bench.changes("1000 threads alive");
        barrier.wait();
        for thread in threads {
            thread.join().unwrap();
        }
        bench.changes("1000 threads have ended");
    }
}
