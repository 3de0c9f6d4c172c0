//! Random programs, run on this cell and on arc-swap. Both must load and return the same values, and the values must have
//! the same strong counts where those are specified.

use std::sync::Arc;
use std::thread;

use arc_swap::ArcSwapOption;
use snapshot_cell::{Guard, SnapshotCell};

trait Cell: Send + Sync + Default {
    type Guard: Send + 'static;

    fn load(&self) -> Self::Guard;
    fn swap(&self, value: Option<Arc<usize>>) -> Option<Arc<usize>>;
    fn value(guard: &Self::Guard) -> Option<&Arc<usize>>;
}

impl Cell for SnapshotCell<usize> {
    type Guard = Guard<usize>;

    fn load(&self) -> Self::Guard {
        self.load()
    }

    fn swap(&self, value: Option<Arc<usize>>) -> Option<Arc<usize>> {
        self.swap(value)
    }

    fn value(guard: &Self::Guard) -> Option<&Arc<usize>> {
        guard.as_ref()
    }
}

impl Cell for ArcSwapOption<usize> {
    type Guard = arc_swap::Guard<Option<Arc<usize>>>;

    fn load(&self) -> Self::Guard {
        self.load()
    }

    fn swap(&self, value: Option<Arc<usize>>) -> Option<Arc<usize>> {
        self.swap(value)
    }

    fn value(guard: &Self::Guard) -> Option<&Arc<usize>> {
        guard.as_ref()
    }
}

/// A generator of random numbers (xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % bound
    }
}

/// What a step of a program shows.
#[derive(Debug, PartialEq)]
enum Seen {
    Loaded(Option<usize>),
    Swapped(Option<usize>),
    /// The strong count of a value that no guard has. Otherwise it may differ: the guards of one value may share one.
    Count(usize),
    /// Of a value that guards have and no cell: whether it is higher than without them.
    IsRead(bool),
    Guards(Vec<Option<usize>>),
}

fn run<C: Cell>(seed: u64) -> Vec<Seen> {
    const VALUES: usize = 4;
    let mut random = Random(seed);
    let cells = [C::default(), C::default(), C::default()];
    let values: [Arc<usize>; VALUES] = std::array::from_fn(Arc::new);
    let mut guards: Vec<C::Guard> = Vec::new();
    let mut trace = Vec::new();
    for _ in 0..60 {
        match random.below(10) {
            0..4 => {
                let guard = cells[random.below(3)].load();
                trace.push(Seen::Loaded(C::value(&guard).map(|value| **value)));
                guards.push(guard);
            }
            4..7 => {
                let new = values.get(random.below(VALUES + 1)).cloned();
                let old = cells[random.below(3)].swap(new);
                trace.push(Seen::Swapped(old.map(|value| *value)));
            }
            7 if !guards.is_empty() => {
                let at = random.below(guards.len());
                drop(guards.swap_remove(at));
            }
            8 if !guards.is_empty() => {
                let at = random.below(guards.len());
                let guard = guards.swap_remove(at);
                thread::spawn(move || drop(guard)).join().unwrap();
            }
            9 if guards.len() > 12 => guards.clear(),
            _ => (),
        }
        let held = |value| {
            let has =
                |guard: &&C::Guard| C::value(guard).is_some_and(|held| Arc::ptr_eq(held, value));
            guards.iter().filter(has).count()
        };
        let published = |value| {
            let has =
                |cell: &&C| C::value(&cell.load()).is_some_and(|held| Arc::ptr_eq(held, value));
            cells.iter().filter(has).count()
        };
        for value in &values {
            let count = Arc::strong_count(value);
            if held(value) == 0 {
                trace.push(Seen::Count(count));
            } else if published(value) == 0 {
                trace.push(Seen::IsRead(count > 1));
            }
        }
        let numbers = guards
            .iter()
            .map(|guard| C::value(guard).map(|value| **value));
        trace.push(Seen::Guards(numbers.collect()));
    }
    drop(guards);
    drop(cells);
    assert!(values.iter().all(|value| Arc::strong_count(value) == 1));
    trace
}

#[test]
fn random_programs() {
    for seed in 1..1000_u64 {
        let seed = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        assert_eq!(
            run::<SnapshotCell<usize>>(seed),
            run::<ArcSwapOption<usize>>(seed),
            "seed {seed:#x}"
        );
    }
}
