//! Every order in which threads can use the cell, or every order with a limited number of preemptions:
//!
//! ```text
//! RUSTFLAGS="--cfg smoke_signal_loom" cargo test --release -p snapshot-cell --test models -- --test-threads=1
//! ```
//!
//! `loom` has no asymmetric fences, so here both the light and the heavy barrier are full ones: what is promoted takes
//! other paths through the code, with the same order. `tests/store_buffers` tells the barriers apart.

#![cfg(smoke_signal_loom)]
use std::sync::atomic::{AtomicUsize, Ordering};

use loom::cell::UnsafeCell;
use loom::model::Builder;
use loom::sync::Arc;
use loom::thread;
use snapshot_cell::{__hooks as hooks, SnapshotCell};

/// A value whose accesses loom checks for races. Reading, editing and dropping are accesses.
struct List {
    number: UnsafeCell<usize>,
    live: std::sync::Arc<AtomicUsize>,
}

// SAFETY: loom checks what is done with the cell.
unsafe impl Send for List {}
// SAFETY: as above.
unsafe impl Sync for List {}

impl List {
    fn read(&self) -> usize {
        // SAFETY: nobody writes meanwhile, or loom fails.
        self.number.with(|number| unsafe { *number })
    }

    /// Edits in place, if nobody else holds it.
    fn edit(this: &mut Arc<Self>) -> bool {
        let Some(list) = Arc::get_mut(this) else {
            return false;
        };
        // SAFETY: nobody accesses it meanwhile, or loom fails.
        list.number.with_mut(|number| unsafe { *number += 1 });
        true
    }
}

impl Drop for List {
    fn drop(&mut self) {
        // SAFETY: nobody accesses it meanwhile, or loom fails.
        self.number
            .with_mut(|number| unsafe { *number = usize::MAX });
        self.live.fetch_sub(1, Ordering::Relaxed);
    }
}

type Cell = SnapshotCell<List>;

/// Makes lists, and counts those that are alive.
#[derive(Clone)]
struct Lists(std::sync::Arc<AtomicUsize>);

impl Lists {
    fn list(&self, number: usize) -> Arc<List> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Arc::new(List {
            number: UnsafeCell::new(number),
            live: std::sync::Arc::clone(&self.0),
        })
    }
}

const NEVER: u32 = u32::MAX;

#[derive(Clone, Copy)]
struct Settings {
    preemptions: Option<usize>,
    slots: usize,
    models_threads: bool,
}

const ALL: Settings = Settings {
    preemptions: None,
    slots: 1,
    models_threads: false,
};

/// For models with too many orders to try them all.
const BOUNDED: Settings = Settings {
    preemptions: Some(4),
    ..ALL
};

impl Settings {
    /// Runs the model in every order. At its end nothing must be alive.
    fn run(self, model: impl Fn(Lists) + Sync + Send + 'static) {
        // The switches are for the whole process.
        static ONE: std::sync::Mutex<()> = std::sync::Mutex::new(());
        let _one = ONE
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        hooks::set_slots(self.slots);
        hooks::set_models_threads(self.models_threads);
        let mut builder = Builder::new();
        builder.preemption_bound = self.preemptions;
        builder.max_branches = 10_000;
        let executions = std::sync::Arc::new(AtomicUsize::new(0));
        let counter = std::sync::Arc::clone(&executions);
        builder.check(move || {
            counter.fetch_add(1, Ordering::Relaxed);
            hooks::set_promotion_period(NEVER);
            let lists = Lists(std::sync::Arc::new(AtomicUsize::new(0)));
            model(lists.clone());
            assert_eq!(lists.0.load(Ordering::Relaxed), 0, "every list was dropped");
        });
        println!("{} executions", executions.load(Ordering::Relaxed));
    }
}

fn holding(list: Arc<List>) -> Arc<Cell> {
    Arc::new(SnapshotCell::from(Some(list)))
}

/// Makes the next load promote what it loads.
fn promote(cell: &Cell) {
    hooks::set_promotion_period(1);
    drop(cell.load());
    hooks::set_promotion_period(NEVER);
    assert!(format!("{cell:?}").contains("is_promoted: true"));
}

fn both(f: impl Fn(bool)) {
    f(false);
    f(true);
}

fn read(cell: &Cell) -> Option<usize> {
    cell.load().as_deref().map(List::read)
}

/// What is read is alive and complete, and once the reader has ended, it holds nothing.
#[test]
fn load_against_swap() {
    both(|promoted| {
        ALL.run(move |lists| {
            let cell = holding(lists.list(1));
            if promoted {
                promote(&cell);
            }
            let reader = thread::spawn({
                let cell = Arc::clone(&cell);
                move || assert!(matches!(read(&cell), Some(1 | 2)))
            });
            let old = cell.swap(Some(lists.list(2))).unwrap();
            assert_eq!(old.read(), 1);
            reader.join().unwrap();
            assert_eq!(Arc::strong_count(&old), 1, "no debt is lost");
        });
    });
}

/// The list is edited only if nobody reads it, and the same `Arc` is published again.
#[test]
fn load_against_edit_and_publication_of_the_same() {
    both(|promoted| {
        ALL.run(move |lists| {
            let cell = holding(lists.list(1));
            if promoted {
                promote(&cell);
            }
            let reader = thread::spawn({
                let cell = Arc::clone(&cell);
                move || assert!(matches!(read(&cell), None | Some(1 | 2)))
            });
            let mut old = cell.swap(None).unwrap();
            List::edit(&mut old);
            assert!(cell.swap(Some(old)).is_none());
            reader.join().unwrap();
            let mut old = cell.swap(None).unwrap();
            assert!(List::edit(&mut old), "no debt is lost");
        });
    });
}

/// Two publications of one `Arc` in turn, two loads of the reader.
#[test]
fn loads_against_the_same_in_and_out() {
    both(|promoted| {
        BOUNDED.run(move |lists| {
            let cell = holding(lists.list(1));
            if promoted {
                promote(&cell);
            }
            let reader = thread::spawn({
                let cell = Arc::clone(&cell);
                move || {
                    read(&cell);
                    read(&cell);
                }
            });
            for _ in 0..2 {
                let mut old = cell.swap(None).unwrap();
                List::edit(&mut old);
                cell.store(Some(old));
            }
            reader.join().unwrap();
            let mut old = cell.swap(None).unwrap();
            assert!(List::edit(&mut old), "no debt is lost");
        });
    });
}

/// Two guards of one thread, dropped in the order in which they were loaded.
#[test]
fn two_loads_nested() {
    both(|promoted| {
        let two = Settings {
            slots: 2,
            ..BOUNDED
        };
        two.run(move |lists| {
            let cell = holding(lists.list(1));
            if promoted {
                promote(&cell);
            }
            let reader = thread::spawn({
                let cell = Arc::clone(&cell);
                move || {
                    let first = cell.load();
                    let second = cell.load();
                    let number = first.as_ref().unwrap().read();
                    drop(first);
                    assert!(number <= second.as_ref().unwrap().read());
                }
            });
            let old = cell.swap(Some(lists.list(2))).unwrap();
            reader.join().unwrap();
            assert_eq!(Arc::strong_count(&old), 1, "no debt is lost");
        });
    });
}

/// The second guard finds no slot and owns an `Arc`; with no slot at all, the first one does.
#[test]
fn spare_slot() {
    for slots in [0, 1] {
        both(|promoted| {
            let few = Settings { slots, ..BOUNDED };
            few.run(move |lists| {
                let cell = holding(lists.list(1));
                if promoted {
                    hooks::set_slots(1);
                    promote(&cell);
                    hooks::set_slots(slots);
                }
                let reader = thread::spawn({
                    let cell = Arc::clone(&cell);
                    move || {
                        let first = cell.load();
                        let second = (slots > 0).then(|| cell.load());
                        first.as_ref().unwrap().read();
                        drop(first);
                        second.map(|second| second.as_ref().unwrap().read());
                    }
                });
                let mut old = cell.swap(Some(lists.list(2))).unwrap();
                List::edit(&mut old);
                reader.join().unwrap();
                assert_eq!(Arc::strong_count(&old), 1, "no debt is lost");
            });
        });
    }
}

/// A guard that another thread drops, while its own thread fills the slot anew, with a value of another cell.
#[test]
fn guard_dropped_elsewhere() {
    both(|promoted| {
        BOUNDED.run(move |lists| {
            let (cell, other) = (holding(lists.list(1)), holding(lists.list(2)));
            if promoted {
                promote(&cell);
                promote(&other);
            }
            let guard = cell.load();
            let dropper = thread::spawn(move || guard.as_deref().map(List::read));
            let writer = thread::spawn(move || {
                let mut old = cell.swap(None).unwrap();
                List::edit(&mut old);
                old
            });
            assert_eq!(read(&other), Some(2));
            dropper.join().unwrap();
            let old = writer.join().unwrap();
            assert_eq!(Arc::strong_count(&old), 1, "no debt is lost");
        });
    });
}

/// The first load of the reader promotes, the second is of the promoted word, or of another.
#[test]
fn promotion_against_swap_and_load() {
    BOUNDED.run(|lists| {
        let cell = holding(lists.list(1));
        hooks::set_promotion_period(1);
        let reader = thread::spawn({
            let cell = Arc::clone(&cell);
            move || {
                read(&cell);
                read(&cell);
            }
        });
        let mut old = cell.swap(None).unwrap();
        List::edit(&mut old);
        assert!(cell.swap(Some(old)).is_none());
        reader.join().unwrap();
        let mut old = cell.swap(None).unwrap();
        assert!(List::edit(&mut old), "no debt is lost");
    });
}

/// One list in two cells, which two threads empty while a third one reads.
#[test]
fn two_writers_on_two_cells() {
    both(|promoted| {
        let bounded = Settings {
            preemptions: Some(2),
            ..ALL
        };
        bounded.run(move |lists| {
            let list = lists.list(1);
            let (one, two) = (holding(Arc::clone(&list)), holding(list));
            if promoted {
                promote(&one); // and not the other
            }
            let reader = thread::spawn({
                let (one, two) = (Arc::clone(&one), Arc::clone(&two));
                move || {
                    read(&one);
                    read(&two);
                }
            });
            let writer = thread::spawn(move || two.swap(None));
            let mut old = one.swap(None).unwrap();
            List::edit(&mut old);
            drop(writer.join().unwrap());
            reader.join().unwrap();
            assert!(List::edit(&mut old), "no debt is lost");
        });
    });
}

/// Swaps of one cell that nobody serialises.
#[test]
fn two_writers_on_one_cell() {
    both(|promoted| {
        let bounded = Settings {
            preemptions: Some(2),
            ..ALL
        };
        bounded.run(move |lists| {
            let cell = holding(lists.list(1));
            if promoted {
                promote(&cell);
            }
            // Takes the list out, edits it if it can, and publishes it again.
            let change = |cell: &Cell| {
                let mut old = cell.swap(None);
                if let Some(list) = &mut old {
                    List::edit(list);
                    list.read();
                    cell.store(old);
                }
            };
            let reader = thread::spawn({
                let cell = Arc::clone(&cell);
                move || _ = read(&cell)
            });
            let writer = thread::spawn({
                let cell = Arc::clone(&cell);
                move || change(&cell)
            });
            change(&cell);
            reader.join().unwrap();
            writer.join().unwrap();
            if let Some(mut old) = cell.swap(None) {
                assert!(List::edit(&mut old), "no debt is lost");
            }
        });
    });
}

/// A thread that changes the cell while it reads it, as a slot does that leaves inside its own emission.
#[test]
fn own_guard() {
    both(|promoted| {
        ALL.run(move |lists| {
            let cell = holding(lists.list(1));
            if promoted {
                promote(&cell);
            }
            let reader = thread::spawn({
                let cell = Arc::clone(&cell);
                move || _ = read(&cell)
            });
            let guard = cell.load();
            let mut old = cell.swap(None).unwrap();
            assert!(!List::edit(&mut old), "this thread reads it");
            assert_eq!(guard.as_ref().unwrap().read(), 1);
            drop(guard);
            reader.join().unwrap();
            assert!(List::edit(&mut old), "no debt is lost");
        });
    });
}

/// The cell ends before the guard does.
#[test]
fn cell_dropped_under_a_guard() {
    both(|promoted| {
        ALL.run(move |lists| {
            let cell = holding(lists.list(1));
            if promoted {
                promote(&cell);
            }
            let reader = thread::spawn({
                let cell = Arc::clone(&cell);
                move || {
                    let guard = cell.load();
                    drop(cell);
                    assert_eq!(guard.as_ref().unwrap().read(), 1);
                }
            });
            drop(cell);
            reader.join().unwrap();
        });
    });
}

/// A record whose thread ends while a guard of it lives on, and which another thread gets.
#[test]
fn records_change_hands() {
    both(|promoted| {
        let threads = Settings {
            preemptions: Some(2),
            models_threads: true,
            slots: 2,
        };
        threads.run(move |lists| {
            let cell = holding(lists.list(1));
            if promoted {
                // Not on the main thread, which ends after the records.
                let promoter = Arc::clone(&cell);
                thread::spawn(move || promote(&promoter)).join().unwrap();
            }
            let first = thread::spawn({
                let cell = Arc::clone(&cell);
                move || cell.load()
            });
            let second = thread::spawn({
                let cell = Arc::clone(&cell);
                move || _ = read(&cell)
            });
            let mut old = cell.swap(None).unwrap();
            List::edit(&mut old);
            let guard = first.join().unwrap();
            guard.as_deref().map(List::read);
            drop(guard);
            second.join().unwrap();
            assert!(List::edit(&mut old), "no debt is lost");
        });
    });
}

/// A record that is handed back before the scan that would have found it, or after, or meanwhile.
#[test]
fn a_record_is_handed_back() {
    let threads = Settings {
        preemptions: Some(4),
        models_threads: true,
        slots: 1,
    };
    threads.run(|lists| {
        let cell = holding(lists.list(1));
        let reader = thread::spawn({
            let cell = Arc::clone(&cell);
            move || _ = read(&cell)
        });
        let mut old = cell.swap(None).unwrap();
        List::edit(&mut old);
        reader.join().unwrap();
        assert!(List::edit(&mut old), "no debt is lost");
    });
}

/// Two threads that want a record at the same time get different ones.
#[test]
fn records_of_threads_that_start_together() {
    let threads = Settings {
        preemptions: Some(2),
        models_threads: true,
        slots: 1,
    };
    threads.run(|lists| {
        let cell = holding(lists.list(1));
        let start = || {
            let cell = Arc::clone(&cell);
            thread::spawn(move || cell.load())
        };
        let (first, second) = (start(), start());
        let guards = [first.join().unwrap(), second.join().unwrap()];
        let mut old = cell.swap(None).unwrap();
        assert_eq!(Arc::strong_count(&old), 3, "one for each record");
        drop(guards);
        assert!(List::edit(&mut old), "no debt is lost");
    });
}
