//! Drops that must not panic.

use std::mem;
use std::panic::{self, AssertUnwindSafe};

/// Drops a value where a panic has come before, which is the one to be told of. What this drop
/// panics with is dropped too; where that panics again, the payload is leaked: there might be no end.
pub(crate) fn discard<T>(value: T) {
    if let Err(payload) = panic::catch_unwind(AssertUnwindSafe(|| drop(value))) {
        if let Err(next) = panic::catch_unwind(AssertUnwindSafe(|| drop(payload))) {
            mem::forget(next);
        }
    }
}
