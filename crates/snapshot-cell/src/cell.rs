//! The cell: a thin, typed shell around functions that are compiled once.

use std::fmt;
use std::marker::PhantomData;
use std::ptr;

use crate::counts::Counts;
use crate::guard::{Guard, PromotedGuard};
use crate::sync::{Arc, AtomicPtr, Ordering};
use crate::{load, swap, word};

/// A cell that holds an `Option<Arc<T>>`, for values that are read much more often than they are replaced.
///
/// See the [crate](crate) for how it works, what it costs, and how it orders memory.
///
/// `T` must be aligned to at least two bytes, because the cell keeps one bit in the address of the value. A type of
/// smaller alignment, such as `u8` or `[u8; 4]`, does not compile:
///
/// ```compile_fail
/// let cell = snapshot_cell::SnapshotCell::<u8>::new();
/// ```
///
/// A shared reference to a cell can replace its value, so a cell of one type is not one of another type, even if the
/// one could take the place of the other. This compiles only without the second line:
///
/// ```
/// # use snapshot_cell::SnapshotCell;
/// fn narrowed(cell: &SnapshotCell<for<'a> fn(&'a str)>) {
/// #   let _ = cell;
/// }
/// ```
///
/// ```compile_fail
/// # use snapshot_cell::SnapshotCell;
/// fn narrowed(cell: &SnapshotCell<for<'a> fn(&'a str)>) {
///     let cell: &SnapshotCell<fn(&'static str)> = cell;
/// #   let _ = cell;
/// }
/// ```
pub struct SnapshotCell<T: Send + Sync + 'static> {
    /// Owns one strong count of the pointer, unless that is null.
    word: AtomicPtr<()>,
    owns: PhantomData<Option<Arc<T>>>,
    /// Invariant in `T`, because `&self` suffices to put another value in.
    takes: PhantomData<fn(T) -> T>,
}

impl<T: Send + Sync + 'static> SnapshotCell<T> {
    const IS_ALIGNED: () = assert!(
        align_of::<T>() >= 2,
        "the alignment of `T` must be at least 2"
    );

    /// A word for `value`, which owns the strong count.
    fn into_word(value: Option<Arc<T>>) -> word::Word {
        let () = Self::IS_ALIGNED;
        value.map_or(ptr::null_mut(), |value| {
            Arc::into_raw(value).cast_mut().cast()
        })
    }

    /// Creates an empty cell.
    ///
    /// ```
    /// use snapshot_cell::SnapshotCell;
    ///
    /// static CELL: SnapshotCell<String> = SnapshotCell::new();
    /// assert!(CELL.load().is_none());
    /// ```
    #[cfg(not(smoke_signal_loom))]
    pub const fn new() -> Self {
        let () = Self::IS_ALIGNED;
        Self {
            word: AtomicPtr::new(ptr::null_mut()),
            owns: PhantomData,
            takes: PhantomData,
        }
    }

    /// Creates an empty cell. (The atomics of `loom` cannot be created in a constant.)
    #[cfg(smoke_signal_loom)]
    pub fn new() -> Self {
        Self::from(None)
    }

    /// Returns the value.
    ///
    /// If the cell is changed meanwhile, this starts over. Then, as at the drop of a guard, it may drop the value that was
    /// replaced, which is user code and may panic, and it takes a lock for a moment. The first load of a thread may
    /// allocate.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use snapshot_cell::SnapshotCell;
    ///
    /// let cell = SnapshotCell::from(Some(Arc::new(5)));
    /// if let Some(number) = cell.load().as_deref() {
    ///     assert_eq!(*number, 5);
    /// }
    /// ```
    #[inline]
    pub fn load(&self) -> Guard<T> {
        // SAFETY: the word was put there by `into_word` or `swap`, always for `T`.
        let protected = unsafe { load::load(&self.word, Counts::of::<T>()) };
        // SAFETY: the load protects a pointer from `into_word`, or returned null.
        unsafe { Guard::new(protected) }
    }

    /// Returns the value if that takes neither a fence nor a call: the cell has held it for long enough for it to be
    /// promoted, this thread has loaded before, and has at most one guard. `None` says nothing about the value: then
    /// [`load`](Self::load) it.
    ///
    /// This compiles to less code than a load. It is for a loop that runs so often that its code is worth being compiled
    /// twice.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use snapshot_cell::SnapshotCell;
    ///
    /// fn sum(cell: &SnapshotCell<Vec<u32>>) -> u32 {
    ///     match cell.load_promoted() {
    ///         Some(numbers) => numbers.iter().sum(),
    ///         None => sum_slowly(cell),
    ///     }
    /// }
    ///
    /// #[cold]
    /// fn sum_slowly(cell: &SnapshotCell<Vec<u32>>) -> u32 {
    ///     cell.load().iter().flat_map(|numbers| numbers.iter()).sum()
    /// }
    ///
    /// let cell = SnapshotCell::from(Some(Arc::new(vec![1, 2, 3])));
    /// assert_eq!(sum(&cell), 6);
    /// ```
    #[inline]
    pub fn load_promoted(&self) -> Option<PromotedGuard<T>> {
        let (word, slot) = load::load_promoted(&self.word)?;
        // SAFETY: the word was put there by `into_word` or `swap`, always for `T`, and promoted since. The slot protects
        // it.
        Some(unsafe { PromotedGuard::new(word, slot) })
    }

    /// Replaces the value and returns the old one.
    ///
    /// When this returns, the strong count of the old value includes every [`Guard`] of it. So [`Arc::get_mut`] and
    /// [`Arc::try_unwrap`] succeed only if nobody reads it. The count may for a moment be higher than that, as long as a
    /// load is about to start over, or a guard is being dropped.
    ///
    /// Any number of threads may call this at once.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use snapshot_cell::SnapshotCell;
    ///
    /// let cell = SnapshotCell::from(Some(Arc::new(5)));
    /// let guard = cell.load();
    /// let mut old = cell.swap(Some(Arc::new(6))).unwrap();
    /// assert_eq!(Arc::get_mut(&mut old), None);
    /// drop(guard);
    /// assert_eq!(Arc::get_mut(&mut old), Some(&mut 5));
    /// ```
    #[must_use = "use `store` to drop the old value"]
    pub fn swap(&self, value: Option<Arc<T>>) -> Option<Arc<T>> {
        // SAFETY: the word was put there by `into_word` or `swap`, always for `T`, and so is the new one.
        let old = unsafe { swap::swap(&self.word, Self::into_word(value), Counts::of::<T>()) };
        // SAFETY: it was in the cell, with one strong count.
        unsafe { Self::from_pointer(old) }
    }

    /// Replaces the value and drops the old one, as soon as nobody reads it any more.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use snapshot_cell::SnapshotCell;
    ///
    /// let cell = SnapshotCell::new();
    /// cell.store(Some(Arc::new(5)));
    /// assert!(cell.load().is_some());
    /// ```
    pub fn store(&self, value: Option<Arc<T>>) {
        drop(self.swap(value));
    }

    /// # Safety
    /// The pointer is null, or from `into_word`, and the caller owns one strong count of it.
    unsafe fn from_pointer(pointer: *const ()) -> Option<Arc<T>> {
        (!pointer.is_null()).then(|| {
            // SAFETY: the caller guarantees it.
            unsafe { Arc::from_raw(pointer.cast()) }
        })
    }
}

impl<T: Send + Sync + 'static> Drop for SnapshotCell<T> {
    fn drop(&mut self) {
        // SAFETY: the word was put there by `into_word` or `swap`, always for `T`. Exclusive access means that all uses
        // of the cell happen before. Guards may still exist.
        let old = unsafe { swap::take_last(&self.word, Counts::of::<T>()) };
        // SAFETY: it was in the cell, with one strong count.
        drop(unsafe { Self::from_pointer(old) });
    }
}

impl<T: Send + Sync + 'static> From<Option<Arc<T>>> for SnapshotCell<T> {
    fn from(value: Option<Arc<T>>) -> Self {
        Self {
            word: AtomicPtr::new(Self::into_word(value)),
            owns: PhantomData,
            takes: PhantomData,
        }
    }
}

impl<T: Send + Sync + 'static> Default for SnapshotCell<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Send + Sync + 'static> fmt::Debug for SnapshotCell<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = self.word.load(Ordering::Relaxed);
        f.debug_struct("SnapshotCell")
            .field("is_some", &!word.is_null())
            .field("is_promoted", &word::is_promoted(word))
            .finish_non_exhaustive()
    }
}
