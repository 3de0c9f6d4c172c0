//! `load_promoted`: when it returns the value, and what its guard protects.

use std::sync::Arc;
use std::thread;

use snapshot_cell::SnapshotCell;

use crate::common::{Cell, Value, Values, number, promote, promotes};

/// A cell with a promoted value, or `None` where nothing is promoted.
fn promoted() -> Option<(Values, Cell)> {
    let values = Values::default();
    let cell = Cell::from(Some(values.value(1)));
    promotes().then(|| promote(&cell)).map(|()| (values, cell))
}

#[test]
fn nothing_before_the_value_is_promoted() {
    let cell = SnapshotCell::from(Some(Arc::new(5)));
    assert!(cell.load_promoted().is_none());
    cell.store(None);
    assert!(cell.load_promoted().is_none());
}

#[test]
fn nothing_after_the_value_was_replaced() {
    let Some((values, cell)) = promoted() else {
        return;
    };
    assert_eq!(cell.load_promoted().unwrap().number(), 1);
    cell.store(Some(values.value(2)));
    assert!(cell.load_promoted().is_none());
    assert_eq!(values.alive(), 1);
}

#[test]
fn nothing_inside_two_guards() {
    let Some((_, cell)) = promoted() else { return };
    let first = cell.load_promoted().unwrap();
    let second = cell.load_promoted().unwrap();
    assert!(cell.load_promoted().is_none());
    assert_eq!(number(&cell), Some(1));
    drop(first);
    assert_eq!(cell.load_promoted().unwrap().number(), 1);
    assert_eq!(second.number(), 1);
}

#[test]
fn nothing_on_a_thread_that_has_not_loaded() {
    let Some((_, cell)) = promoted() else { return };
    thread::scope(|scope| {
        scope.spawn(|| {
            assert!(cell.load_promoted().is_none());
            assert_eq!(number(&cell), Some(1));
            assert!(cell.load_promoted().is_some());
        });
    });
}

#[test]
fn the_guard_is_counted_once_the_value_is_out() {
    let Some((values, cell)) = promoted() else {
        return;
    };
    let guard = cell.load_promoted().unwrap();
    let mut old = cell.swap(Some(values.value(2))).unwrap();
    assert_eq!(Arc::strong_count(&old), 2);
    assert!(Arc::get_mut(&mut old).is_none());
    assert_eq!(guard.number(), 1);
    drop(guard);
    assert!(Arc::get_mut(&mut old).is_some());
}

#[test]
fn the_last_holder_drops_at_once() {
    let Some((values, cell)) = promoted() else {
        return;
    };
    let guard = cell.load_promoted().unwrap();
    drop(cell);
    assert_eq!(values.alive(), 1);
    assert_eq!(guard.number(), 1);
    drop(guard);
    assert_eq!(values.alive(), 0);
}

#[test]
fn a_guard_is_dropped_on_another_thread() {
    let Some((values, cell)) = promoted() else {
        return;
    };
    let guard = cell.load_promoted().unwrap();
    let old: Arc<Value> = cell.swap(None).unwrap();
    thread::scope(|scope| {
        scope.spawn(move || assert_eq!(guard.number(), 1));
    });
    assert_eq!(Arc::strong_count(&old), 1);
    drop(old);
    assert_eq!(values.alive(), 0);
}

#[test]
fn a_panic_gives_the_value_back() {
    let Some((values, cell)) = promoted() else {
        return;
    };
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let _guard = cell.load_promoted().unwrap();
        cell.store(None);
        assert_eq!(values.alive(), 1);
        std::panic::resume_unwind(Box::new(()));
    }));
    assert!(panic.is_err());
    assert_eq!(values.alive(), 0);
}
