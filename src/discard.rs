//! Drops that must not panic.

use std::mem;
use std::panic::{self, AssertUnwindSafe};

/// Drops a value after a panic that is reported instead of any panic here. If the drop panics, its
/// payload is dropped too. If that panics again, the new payload is leaked, because this might go on for
/// ever.
pub(crate) fn discard<T>(value: T) {
    if let Err(payload) = panic::catch_unwind(AssertUnwindSafe(|| drop(value))) {
        if let Err(next) = panic::catch_unwind(AssertUnwindSafe(|| drop(payload))) {
            mem::forget(next);
        }
    }
}
