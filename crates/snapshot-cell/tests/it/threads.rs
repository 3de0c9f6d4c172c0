//! Threads that end: what happens to their records, and loads while they end.

use std::cell::RefCell;
use std::sync::mpsc;
use std::sync::{Arc, Barrier};
use std::thread;

use crate::common::{Cell, Value, Values, both, number, promote};

/// Loads when it is dropped, and holds a guard until then.
struct LoadsWhenDropped {
    cell: Arc<Cell>,
    guard: Option<snapshot_cell::Guard<Value>>,
    seen: mpsc::Sender<Option<usize>>,
}

impl Drop for LoadsWhenDropped {
    fn drop(&mut self) {
        let more = Vec::from_iter((0..10).map(|_| self.cell.load()));
        assert!(
            more.iter()
                .all(|guard| guard.as_ref().unwrap().number() == 1)
        );
        drop(self.guard.take());
        self.seen.send(number(&self.cell)).unwrap();
    }
}

thread_local! {
    /// Thread-locals are dropped in some order; one of these is initialised before the record, and one after it.
    static BEFORE: RefCell<Option<LoadsWhenDropped>> = const { RefCell::new(None) };
    static AFTER: RefCell<Option<LoadsWhenDropped>> = const { RefCell::new(None) };
}

#[test]
fn loads_while_a_thread_ends() {
    both(|_, cell| {
        let cell = Arc::new(cell);
        for loads_before in [false, true] {
            let (seen, results) = mpsc::channel();
            let loads = |guard| LoadsWhenDropped {
                cell: Arc::clone(&cell),
                guard,
                seen: seen.clone(),
            };
            let (before, after) = (loads(None), loads(None));
            thread::spawn(move || {
                BEFORE.set(Some(before));
                if loads_before {
                    let guard = after.cell.load();
                    BEFORE.with_borrow_mut(|before| before.as_mut().unwrap().guard = Some(guard));
                }
                AFTER.set(Some(after));
                if loads_before {
                    AFTER.with_borrow_mut(|after| {
                        let after = after.as_mut().unwrap();
                        after.guard = Some(after.cell.load());
                    });
                }
            })
            .join()
            .unwrap();
            drop(seen);
            assert_eq!(Vec::from_iter(results), [Some(1), Some(1)]);
        }
        let old = cell.swap(None).unwrap();
        assert_eq!(Arc::strong_count(&old), 1);
    });
}

/// Its record is handed to other threads meanwhile.
#[test]
fn a_guard_outlives_its_thread() {
    both(|values, cell| {
        let cell = Arc::new(cell);
        let load = || {
            let cell = Arc::clone(&cell);
            thread::spawn(move || cell.load()).join().unwrap()
        };
        let mut guards = Vec::from_iter((0..20).map(|_| load()));
        let old = cell.swap(Some(values.value(2))).unwrap();
        assert!(Arc::strong_count(&old) > 1);
        guards.extend((0..5).map(|_| load()));
        let numbers = Vec::from_iter(guards.iter().map(|guard| guard.as_ref().unwrap().number()));
        assert_eq!(numbers[..20], [1; 20]);
        assert_eq!(numbers[20..], [2; 5]);
        drop(guards);
        assert_eq!(Arc::strong_count(&old), 1);
    });
}

/// More threads than a block has records, all alive at once, and then again.
#[test]
fn many_threads() {
    for _ in 0..2 {
        both(|_, cell| {
            let cell = Arc::new(cell);
            let barrier = Arc::new(Barrier::new(201));
            let threads = Vec::from_iter((0..200).map(|_| {
                let (cell, barrier) = (Arc::clone(&cell), Arc::clone(&barrier));
                thread::spawn(move || {
                    let guard = cell.load();
                    barrier.wait();
                    barrier.wait();
                    guard.as_ref().unwrap().number()
                })
            }));
            barrier.wait();
            let old = cell.swap(None).unwrap();
            assert_eq!(Arc::strong_count(&old), 201);
            barrier.wait();
            for thread in threads {
                assert_eq!(thread.join().unwrap(), 1);
            }
            assert_eq!(Arc::strong_count(&old), 1);
        });
    }
}

/// Each thread promotes what it loads often enough.
#[test]
fn each_thread_promotes() {
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let values = Values::default();
                let cell = Cell::from(Some(values.value(1)));
                promote(&cell);
                cell.store(Some(values.value(2)));
                promote(&cell);
            });
        }
    });
}

/// Swaps that nobody serialises.
#[test]
fn concurrent_swaps() {
    both(|values, cell| {
        thread::scope(|scope| {
            for thread in 0..4 {
                let (values, cell) = (&values, &cell);
                scope.spawn(move || {
                    for round in 0..1000 {
                        let old = cell.swap(Some(values.value(1000 * thread + round)));
                        old.unwrap().number();
                        cell.load().as_ref().unwrap().number();
                    }
                });
            }
        });
        assert_eq!(values.alive(), 1);
    });
}
