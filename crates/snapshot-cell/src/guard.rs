//! What a load returns.

use std::fmt;
use std::mem::ManuallyDrop;
use std::ops::Deref;
use std::ptr;

use crate::load::{self, Protected};
use crate::record::Slot;
use crate::sync::Arc;
use crate::word::{self, Word};

/// The value that a [`SnapshotCell`](crate::SnapshotCell) held when it was [loaded](crate::SnapshotCell::load). Derefs to
/// an `Option<Arc<T>>`.
///
/// As long as the guard exists, the value is neither dropped nor edited, whatever happens to the cell. It may be sent to
/// another thread and dropped there, it may outlive the cell, and a thread may have several, dropped in any order. Up to
/// seven guards of one thread cost no reference counting; further ones own an `Arc`. To keep a value for long, clone the
/// `Arc` and drop the guard, because a guard that was leaked or is kept for ever takes one of the seven for ever.
///
/// Dropping the guard may drop the value, if it is the last to hold it.
///
/// ```
/// use std::sync::Arc;
/// use snapshot_cell::SnapshotCell;
///
/// let cell = SnapshotCell::from(Some(Arc::new(5)));
/// let guard = cell.load();
/// assert_eq!(guard.as_deref(), Some(&5));
/// let kept: Option<Arc<i32>> = guard.clone();
/// # drop(kept);
/// ```
#[must_use = "dropping the guard gives the value back at once"]
pub struct Guard<T: Send + Sync + 'static> {
    /// Owns a strong count only if `slot` is null. Otherwise the slot protects the value.
    value: ManuallyDrop<Option<Arc<T>>>,
    slot: *const Slot,
}

// SAFETY: a guard shares an `Arc<T>`, which may be used and dropped on any thread because `T` is `Send` and `Sync`. The
// slot is an atomic in a record that is never freed, and whoever clears it does so with the required order.
unsafe impl<T: Send + Sync + 'static> Send for Guard<T> {}
// SAFETY: a shared guard only lends the `Option<Arc<T>>`.
unsafe impl<T: Send + Sync + 'static> Sync for Guard<T> {}

impl<T: Send + Sync + 'static> Guard<T> {
    /// Makes a guard from a value that is in no cell, for functions that return a guard without a load.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use snapshot_cell::Guard;
    ///
    /// let guard = Guard::from_inner(Some(Arc::new(5)));
    /// assert!(guard.is_some());
    /// ```
    #[inline]
    pub fn from_inner(value: Option<Arc<T>>) -> Self {
        Self {
            value: ManuallyDrop::new(value),
            slot: ptr::null(),
        }
    }

    /// # Safety
    /// The pointer must be from [`Arc::into_raw`] for the type `T`, or null if `slot` is. `protected` must not be
    /// released by anybody else.
    #[inline]
    pub(crate) unsafe fn new(protected: Protected) -> Self {
        let value = (!protected.pointer.is_null()).then(|| {
            // SAFETY: the caller guarantees the type. If the slot protects the pointer, the strong count is not this
            // `Arc`'s, so it must not be dropped, and `Drop` does not.
            unsafe { Arc::from_raw(protected.pointer.cast()) }
        });
        Self {
            value: ManuallyDrop::new(value),
            slot: protected.slot,
        }
    }
}

impl<T: Send + Sync + 'static> Deref for Guard<T> {
    type Target = Option<Arc<T>>;

    #[inline]
    fn deref(&self) -> &Self::Target {
        &self.value
    }
}

impl<T: Send + Sync + 'static> Drop for Guard<T> {
    #[inline]
    fn drop(&mut self) {
        if self.slot.is_null() {
            // SAFETY: `Drop` is called once, and without a slot, the strong count is ours.
            drop_counted(unsafe { ManuallyDrop::take(&mut self.value) });
        } else {
            // SAFETY: the slot is from the load that made this guard. Nobody uses `value` after this.
            unsafe { load::release(self.slot) }
        }
    }
}

#[cold]
#[inline(never)]
fn drop_counted<T: Send + Sync + 'static>(value: Option<Arc<T>>) {
    drop(value);
}

impl<T: fmt::Debug + Send + Sync + 'static> fmt::Debug for Guard<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

/// The value that a [`SnapshotCell`](crate::SnapshotCell) held when it was
/// [loaded](crate::SnapshotCell::load_promoted), if it was promoted. Derefs to
/// the value.
///
/// As long as the guard exists, it protects the value as a [`Guard`] does. It may be sent to another thread and dropped
/// there, but keeps a slot of the thread that made it.
///
/// ```
/// use std::sync::Arc;
/// use snapshot_cell::SnapshotCell;
///
/// let cell = SnapshotCell::from(Some(Arc::new(5)));
/// while cell.load_promoted().is_none() {
///     drop(cell.load());
/// #   if cfg!(not(target_os = "linux")) {
/// #       return;
/// #   }
/// }
/// assert_eq!(*cell.load_promoted().unwrap(), 5);
/// ```
#[must_use = "dropping the guard gives the value back at once"]
pub struct PromotedGuard<T: Send + Sync + 'static> {
    /// What the slot protects.
    value: *const T,
    slot: *const Slot,
}

// SAFETY: as for `Guard`.
unsafe impl<T: Send + Sync + 'static> Send for PromotedGuard<T> {}
// SAFETY: a shared guard only lends the value.
unsafe impl<T: Send + Sync + 'static> Sync for PromotedGuard<T> {}

impl<T: Send + Sync + 'static> PromotedGuard<T> {
    /// # Safety
    /// [`load_promoted`](load::load_promoted) must have returned the two for a cell of the type `T`, and nobody else
    /// releases them.
    #[inline]
    pub(crate) unsafe fn new(word: Word, slot: *const Slot) -> Self {
        Self {
            value: word::pointer(word).cast(),
            slot,
        }
    }
}

impl<T: Send + Sync + 'static> Deref for PromotedGuard<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: `Arc::into_raw` returned the pointer, so it is that of a value. The slot protects that.
        unsafe { &*self.value }
    }
}

impl<T: Send + Sync + 'static> Drop for PromotedGuard<T> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: both are from the load that made this guard, and `Drop` is called once. Nobody uses `value` after
        // this.
        unsafe { load::release_promoted(self.slot, self.value.cast()) }
    }
}

impl<T: fmt::Debug + Send + Sync + 'static> fmt::Debug for PromotedGuard<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}
