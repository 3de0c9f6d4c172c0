//! Guards: how many, where, for how long, and what the strong count is meanwhile.

use std::mem;
use std::sync::Arc;
use std::thread;

use snapshot_cell::Guard;

use crate::common::{Cell, Value, Values, both, number, promote};

#[test]
fn a_guard_is_counted_once_the_value_is_out() {
    both(|values, cell| {
        let guard = cell.load();
        let mut old = cell.swap(Some(values.value(2))).unwrap();
        assert_eq!(Arc::strong_count(&old), 2);
        assert!(Arc::get_mut(&mut old).is_none());
        assert_eq!(guard.as_ref().unwrap().number(), 1);
        drop(guard);
        assert_eq!(Arc::strong_count(&old), 1);
        assert_eq!(number(&cell), Some(2));
    });
}

#[test]
fn the_last_holder_drops_at_once() {
    both(|values, cell| {
        let guard = cell.load();
        cell.store(None);
        assert_eq!(values.alive(), 1);
        drop(guard);
        assert_eq!(values.alive(), 0);

        cell.store(Some(values.value(2)));
        cell.store(None);
        assert_eq!(values.alive(), 0);
    });
}

/// More than there are slots, all of one value, dropped in three orders.
#[test]
fn many_guards_of_one_value() {
    for order in 0..3 {
        both(|values, cell| {
            let mut guards = Vec::from_iter((0..20).map(|_| cell.load()));
            let old = cell.swap(None).unwrap();
            // One for each of the thirteen that found no slot, one for the seven others, and `old`.
            assert_eq!(Arc::strong_count(&old), 15);
            while !guards.is_empty() {
                assert!(Arc::strong_count(&old) > 1);
                let at = match order {
                    0 => 0,
                    1 => guards.len() - 1,
                    _ => guards.len() / 2,
                };
                assert_eq!(guards.remove(at).as_ref().unwrap().number(), 1);
            }
            assert_eq!(Arc::strong_count(&old), 1);
            drop(old);
            assert_eq!(values.alive(), 0);
        });
    }
}

#[test]
fn guards_of_many_values() {
    both(|values, cell| {
        let mut guards = Vec::new();
        for next in 2..30 {
            guards.push(cell.load());
            let old = cell.swap(Some(values.value(next))).unwrap();
            assert_eq!(Arc::strong_count(&old), 2);
            drop(old);
            if next % 3 == 0 {
                drop(guards.remove(guards.len() / 2));
            }
            assert_eq!(values.alive(), guards.len() + 1);
        }
    });
}

/// One debt for all the times that it was taken out.
#[test]
fn the_same_value_out_and_in_under_one_guard() {
    both(|_, cell| {
        let guard = cell.load();
        for _ in 0..100 {
            let value = cell.swap(None).unwrap();
            assert_eq!(Arc::strong_count(&value), 2);
            cell.store(Some(value));
        }
        drop(guard);
        let value = cell.swap(None).unwrap();
        assert_eq!(Arc::strong_count(&value), 1);
    });
}

#[test]
fn guards_dropped_on_other_threads() {
    both(|_, cell| {
        for _ in 0..10 {
            let guard = cell.load();
            let value = cell.swap(None).unwrap();
            thread::spawn(move || {
                assert_eq!(guard.as_ref().unwrap().number(), 1);
                let _ = guard;
            })
            .join()
            .unwrap();
            assert_eq!(Arc::strong_count(&value), 1);
            cell.store(Some(value));
        }
    });
}

/// A leaked guard keeps its value and its slot, and nothing else breaks.
#[test]
fn leaked_guards() {
    for promoted in [false, true] {
        thread::spawn(move || {
            let values = Values::default();
            let cell = Cell::from(Some(values.value(1)));
            if promoted {
                promote(&cell);
            }
            for _ in 0..10 {
                mem::forget(cell.load());
            }
            let old = cell.swap(Some(values.value(2))).unwrap();
            assert!(Arc::strong_count(&old) > 1);
            for _ in 0..10 {
                assert_eq!(number(&cell), Some(2));
            }
            cell.store(None);
            drop(old);
            assert_eq!(values.alive(), 1);
        })
        .join()
        .unwrap();
    }
    // Threads that get the records of those have no slot left.
    for _ in 0..4 {
        thread::spawn(|| both(|_, cell| assert_eq!(number(&cell), Some(1))))
            .join()
            .unwrap();
    }
}

#[test]
fn a_guard_outlives_its_cell() {
    both(|values, cell| {
        let guard = cell.load();
        drop(cell);
        assert_eq!(values.alive(), 1);
        assert_eq!(guard.as_ref().unwrap().number(), 1);
    });
}

#[test]
fn the_arc_of_a_guard_may_be_kept() {
    both(|_, cell| {
        let kept = Option::clone(&cell.load()).unwrap();
        let old = cell.swap(None).unwrap();
        assert_eq!(Arc::strong_count(&old), 2);
        assert!(Arc::ptr_eq(&old, &kept));
    });
}

#[test]
fn a_guard_of_an_own_value() {
    let values = Values::default();
    let guard = Guard::from_inner(Some(values.value(1)));
    assert_eq!(guard.as_ref().unwrap().number(), 1);
    drop(guard);
    assert_eq!(values.alive(), 0);
    assert!(Guard::<Value>::from_inner(None).is_none());
}

/// Two cells that are loaded in turn are both promoted, because the period is odd.
#[test]
fn cells_that_are_loaded_in_turn() {
    let values = Values::default();
    let cells = [1, 2].map(|number| Cell::from(Some(values.value(number))));
    for _ in 0..5000 {
        for cell in &cells {
            assert!(number(cell).is_some());
        }
    }
    cells.iter().for_each(promote);
}

/// A value whose drop uses its own cell, and panics.
#[test]
fn a_drop_that_loads_and_panics() {
    struct Bomb(Arc<Cell>, Values);

    impl Drop for Bomb {
        fn drop(&mut self) {
            assert_eq!(number(&self.0), Some(7));
            self.0.store(Some(self.1.value(8)));
            panic!("boom");
        }
    }

    let values = Values::default();
    let inner = Arc::new(Cell::from(Some(values.value(7))));
    let cell =
        snapshot_cell::SnapshotCell::from(Some(Arc::new(Bomb(inner.clone(), values.clone()))));
    let other = Cell::from(Some(values.value(1)));
    let (guard, others) = (cell.load(), other.load());
    cell.store(None);
    other.store(None);
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| drop(guard)));
    assert!(result.is_err());
    assert_eq!(number(&inner), Some(8));
    drop(others);
    drop(inner);
    assert_eq!(values.alive(), 0, "the debt of the other cell was not lost");
}
