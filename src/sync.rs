//! The synchronisation primitives that the rest of the crate uses: those of `std` and `snapshot_cell`, or,
//! under `--cfg smoke_signal_loom`, those of the model checker `loom`.

use std::sync::{PoisonError, TryLockError};
use std::time::Instant;

#[cfg(not(smoke_signal_loom))]
mod primitives {
    pub(crate) use std::sync::atomic::{AtomicU8, AtomicU32, AtomicU64, Ordering};
    pub(crate) use std::sync::{Arc as CellArc, Condvar, Mutex, MutexGuard};
    pub(crate) use std::thread_local;

    pub(crate) use snapshot_cell::SnapshotCell;

    /// The result of [`SnapshotCell::load`]. It derefs to the `Option<CellArc<T>>` that the cell held.
    pub(crate) type Loaded<T> = snapshot_cell::Guard<T>;

    /// The result of [`SnapshotCell::load_promoted`]. It derefs to the value.
    pub(crate) type LoadedPromoted<T> = snapshot_cell::PromotedGuard<T>;

    /// Wraps a value as if [`SnapshotCell::load`] had returned it.
    pub(crate) fn loaded<T: Send + Sync + 'static>(value: Option<CellArc<T>>) -> Loaded<T> {
        Loaded::from_inner(value)
    }
}

#[cfg(smoke_signal_loom)]
mod primitives {
    pub(crate) use loom::sync::atomic::{AtomicU8, AtomicU32, AtomicU64, Ordering};
    pub(crate) use loom::sync::{Arc as CellArc, Condvar, Mutex, MutexGuard};
    pub(crate) use loom::thread_local;

    use std::ops::Deref;
    use std::sync::Arc;

    /// The result of [`SnapshotCell::load`].
    pub(crate) struct Loaded<T>(Option<CellArc<T>>);

    impl<T> Deref for Loaded<T> {
        type Target = Option<CellArc<T>>;

        fn deref(&self) -> &Self::Target {
            &self.0
        }
    }

    /// The result of [`SnapshotCell::load_promoted`].
    pub(crate) struct LoadedPromoted<T>(CellArc<T>);

    impl<T> Deref for LoadedPromoted<T> {
        type Target = T;

        fn deref(&self) -> &T {
            &self.0
        }
    }

    /// The stand-in for `snapshot_cell`, whose algorithm would multiply the interleavings of every model; the crate has
    /// models of its own. It guarantees no more order than `snapshot_cell` does: a load is ordered after the swap whose value it finds, but not after other
    /// loads, as it would be with a lock.
    pub(crate) struct SnapshotCell<T> {
        /// Counts the accesses and orders them. Each of these is a point at which `loom` may switch
        /// threads. There is no such point between it and the access to `value`.
        accesses: AtomicU64,
        /// In an `Arc` that `loom` does not see. Cloning that is not a point at which `loom` may
        /// switch threads, so no switch happens while the lock is held.
        value: std::sync::Mutex<Option<Arc<CellArc<T>>>>,
    }

    impl<T> SnapshotCell<T> {
        pub(crate) fn new() -> Self {
            Self {
                accesses: AtomicU64::new(0),
                value: std::sync::Mutex::new(None),
            }
        }

        pub(crate) fn load(&self) -> Loaded<T> {
            self.accesses.fetch_add(1, Ordering::Acquire);
            let value = self.value.lock().unwrap().clone();
            Loaded(value.map(|value| CellArc::clone(&value)))
        }

        /// Unlike the cell that this stands in for, it always returns the value if there is one.
        pub(crate) fn load_promoted(&self) -> Option<LoadedPromoted<T>> {
            self.load().0.map(LoadedPromoted)
        }

        pub(crate) fn store(&self, value: Option<CellArc<T>>) {
            let value = value.map(Arc::new);
            self.accesses.fetch_add(1, Ordering::AcqRel);
            let old = std::mem::replace(&mut *self.value.lock().unwrap(), value);
            // A load that started earlier and has not finished yet may still hold the value.
            drop(old);
        }
    }

    pub(crate) fn loaded<T>(value: Option<CellArc<T>>) -> Loaded<T> {
        Loaded(value)
    }
}

pub(crate) use primitives::*;

/// Locks `mutex`, poisoned or not. No user code runs under our locks, so a panic cannot leave the data
/// that they guard half changed.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Locks `mutex`, poisoned or not, unless it is locked already.
pub(crate) fn try_lock<T>(mutex: &Mutex<T>) -> Option<MutexGuard<'_, T>> {
    match mutex.try_lock() {
        Ok(guard) => Some(guard),
        Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
        Err(TryLockError::WouldBlock) => None,
    }
}

/// Waits for a notification. Spurious wakeups are possible.
pub(crate) fn wait<'m, T>(condvar: &Condvar, guard: MutexGuard<'m, T>) -> MutexGuard<'m, T> {
    condvar.wait(guard).unwrap_or_else(PoisonError::into_inner)
}

/// Like [`wait`], but not beyond the deadline. Returns `None` if the deadline had already passed.
pub(crate) fn wait_until<'m, T>(
    condvar: &Condvar,
    guard: MutexGuard<'m, T>,
    deadline: Instant,
) -> Option<MutexGuard<'m, T>> {
    let left = deadline.checked_duration_since(Instant::now())?;
    let (guard, _) = condvar
        .wait_timeout(guard, left)
        .unwrap_or_else(PoisonError::into_inner);
    (!left.is_zero()).then_some(guard)
}
