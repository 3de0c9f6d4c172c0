//! Values that are counted while they are alive.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering::SeqCst};

/// Counts live records, objects and captures.
#[derive(Default)]
pub(crate) struct Live {
    pub(crate) now: AtomicI64,
    made: AtomicUsize,
    /// Records with different numbers of calls and results.
    pub(crate) unaccounted: AtomicUsize,
}

/// A capture that counts as alive.
pub(crate) struct Held(pub(crate) Arc<Live>);

impl Held {
    pub(crate) fn new(live: &Arc<Live>) -> Self {
        live.now.fetch_add(1, SeqCst);
        live.made.fetch_add(1, SeqCst);
        Self(Arc::clone(live))
    }

    pub(crate) fn touch(&self) {
        let _ = &self.0;
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.0.now.fetch_sub(1, SeqCst);
    }
}

impl Live {
    #[track_caller]
    pub(crate) fn assert_none(&self) {
        assert_eq!(self.now.load(SeqCst), 0, "alive in the end");
        assert!(self.made.load(SeqCst) > 0, "something was made");
        assert_eq!(self.unaccounted.load(SeqCst), 0, "calls without a result");
    }
}
