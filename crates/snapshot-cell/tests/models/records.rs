//! Records that change hands.

use loom::sync::Arc;
use loom::thread;

use crate::{List, Settings, both, holding, promote, read};

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
            assert!(matches!(guard.as_deref().map(List::read), None | Some(1)));
            drop(guard);
            second.join().unwrap();
            assert!(List::edit(&mut old), "no debt is lost");
        });
    });
}

/// A thread that starts may get the record of one that ends, and is not disturbed by the end.
#[test]
fn a_record_is_handed_over() {
    let threads = Settings {
        preemptions: Some(2),
        models_threads: true,
        slots: 1,
    };
    threads.run(|lists| {
        let cell = holding(lists.list(1));
        let ending = thread::spawn({
            let cell = Arc::clone(&cell);
            move || _ = read(&cell)
        });
        let starting = thread::spawn({
            let cell = Arc::clone(&cell);
            move || cell.load()
        });
        let guard = starting.join().unwrap();
        let mut old = cell.swap(None).unwrap();
        assert!(!List::edit(&mut old), "the guard reads it");
        drop(guard);
        ending.join().unwrap();
        assert!(List::edit(&mut old), "no debt is lost");
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
