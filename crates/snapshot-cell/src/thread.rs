//! The record of the current thread.

use std::cell::Cell;

use crate::record::Record;
use crate::registry::Lease;
use crate::sync::thread_local;

#[cfg(not(smoke_signal_loom))]
thread_local! {
    /// Has no destructor, so that reading it is one instruction, and possible until the thread has ended.
    static RECORD: Cell<Option<&'static Record>> = const { Cell::new(None) };
    static HAND_BACK: HandBack = const { HandBack(Cell::new(None)) };
}

#[cfg(smoke_signal_loom)]
thread_local! {
    static RECORD: Cell<Option<&'static Record>> = Cell::new(None);
    static HAND_BACK: HandBack = HandBack(Cell::new(None));
}

/// Hands the record back when the thread ends.
struct HandBack(Cell<Option<Lease>>);

impl Drop for HandBack {
    fn drop(&mut self) {
        // Destructors of other thread-locals that run after this one find no record.
        let _ = RECORD.try_with(|record| record.set(None));
        drop(self.0.take());
    }
}

/// The record of the current thread, unless it has none yet, or has none any more.
#[inline]
pub(crate) fn record() -> Option<&'static Record> {
    #[cfg(not(smoke_signal_loom))]
    return RECORD.with(Cell::get);
    #[cfg(smoke_signal_loom)]
    return RECORD.try_with(Cell::get).ok().flatten();
}

/// Lets the current thread own a record. Returns `None` if the thread is ending and has handed its record back.
#[cold]
pub(crate) fn register() -> Option<&'static Record> {
    HAND_BACK
        .try_with(|hand_back| {
            let lease = Lease::new();
            let record = lease.record();
            hand_back.0.set(Some(lease));
            RECORD.with(|cell| cell.set(Some(record)));
            record
        })
        .ok()
}
