//! The strong count of an `Arc` whose type has been erased.

use crate::sync::Arc;

/// The operations on the strong count behind a pointer of [`Arc::into_raw`]. There is one table for each type, so that
/// everything else is compiled once.
pub(crate) struct Counts {
    /// Adds one to the strong count.
    ///
    /// # Safety
    /// The pointer must be from `Arc::into_raw` for the type of this table, and the strong count at least one.
    pub(crate) retain: unsafe fn(*const ()),
    /// Subtracts one from the strong count, and drops the value if that was the last one.
    ///
    /// # Safety
    /// As for `retain`, and the caller owns the one that is subtracted. The type is `Send` and `Sync`, so any thread
    /// may call this.
    pub(crate) release: unsafe fn(*const ()),
}

impl Counts {
    pub(crate) const fn of<T: Send + Sync + 'static>() -> &'static Self {
        &Self {
            retain: retain::<T>,
            release: release::<T>,
        }
    }
}

unsafe fn retain<T>(pointer: *const ()) {
    // SAFETY: the caller guarantees what this function asks for.
    unsafe { Arc::<T>::increment_strong_count(pointer.cast()) }
}

unsafe fn release<T>(pointer: *const ()) {
    // SAFETY: the caller guarantees what this function asks for.
    unsafe { Arc::<T>::decrement_strong_count(pointer.cast()) }
}
