//! Several writers, a writer that reads, and cells that end.

use loom::sync::Arc;
use loom::thread;

use crate::{ALL, Cell, List, Settings, both, holding, promote, read};

/// One list in two cells, which two threads empty while a third one reads.
#[test]
fn two_writers_on_two_cells() {
    both(|promoted| {
        let bounded = Settings {
            preemptions: Some(3),
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
            drop(writer.join().unwrap());
            List::edit(&mut old);
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
