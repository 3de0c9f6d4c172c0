//! Loads against one writer.

use loom::sync::Arc;
use loom::sync::atomic::{AtomicBool, Ordering};
use loom::thread;
use snapshot_cell::__hooks as hooks;

use crate::{ALL, BOUNDED, List, Settings, both, holding, promote, read};

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
            let mut old = cell.swap(Some(lists.list(2))).unwrap();
            List::edit(&mut old);
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
            // Relaxed, so that it orders nothing. It only makes `loom` try that the guard is dropped before.
            let is_dropped = Arc::new(AtomicBool::new(false));
            let dropper = thread::spawn({
                let is_dropped = Arc::clone(&is_dropped);
                move || {
                    guard.as_deref().map(List::read);
                    drop(guard);
                    is_dropped.store(true, Ordering::Relaxed);
                }
            });
            let writer = thread::spawn(move || {
                let mut old = cell.swap(None).unwrap();
                List::edit(&mut old);
                old
            });
            if is_dropped.load(Ordering::Relaxed) {
                assert_eq!(read(&other), Some(2));
            }
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
