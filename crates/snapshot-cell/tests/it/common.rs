//! Values that count themselves, and cells that are promoted.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use snapshot_cell::SnapshotCell;

/// Counts those that are alive.
#[derive(Clone, Default)]
pub(crate) struct Values(Arc<AtomicUsize>);

#[derive(Debug)]
pub(crate) struct Value {
    number: usize,
    /// Twice the number, until it is dropped.
    check: usize,
    alive: Arc<AtomicUsize>,
}

impl Values {
    pub(crate) fn value(&self, number: usize) -> Arc<Value> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Arc::new(Value {
            number,
            check: 2 * number,
            alive: Arc::clone(&self.0),
        })
    }

    pub(crate) fn alive(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

impl Value {
    pub(crate) fn number(&self) -> usize {
        assert_eq!(self.check, 2 * self.number, "use after drop");
        self.number
    }
}

impl Drop for Value {
    fn drop(&mut self) {
        self.number();
        self.check = 1;
        self.alive.fetch_sub(1, Ordering::Relaxed);
    }
}

pub(crate) type Cell = SnapshotCell<Value>;

pub(crate) fn number(cell: &Cell) -> Option<usize> {
    cell.load().as_deref().map(Value::number)
}

pub(crate) fn is_promoted<T: Send + Sync>(cell: &SnapshotCell<T>) -> bool {
    format!("{cell:?}").contains("is_promoted: true")
}

/// Whether values are promoted in this process.
pub(crate) fn promotes() -> bool {
    #[cfg(target_os = "linux")]
    return crate::membarrier::is_available();
    #[cfg(not(target_os = "linux"))]
    return false;
}

/// Loads until the value has been promoted, or would have been.
#[track_caller]
pub(crate) fn promote<T: Send + Sync>(cell: &SnapshotCell<T>) {
    let promotes = promotes();
    for _ in 0..5000 {
        let _ = cell.load();
    }
    assert_eq!(is_promoted(cell), promotes);
}

/// Runs a test with a fenced and with a promoted value, number 1. At its end, no value may be alive.
#[track_caller]
pub(crate) fn both(test: impl Fn(&Values, Cell)) {
    for promoted in [false, true] {
        let values = Values::default();
        let cell = Cell::from(Some(values.value(1)));
        if promoted {
            promote(&cell);
        }
        test(&values, cell);
        assert_eq!(values.alive(), 0, "every value was dropped");
    }
}
