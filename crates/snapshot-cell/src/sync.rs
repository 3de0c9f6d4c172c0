//! The primitives that the rest of the crate uses: those of `std`, or, under `--cfg smoke_signal_loom`, those of the
//! model checker `loom`.

#[cfg(not(smoke_signal_loom))]
mod primitives {
    pub(crate) use std::sync::Arc;
    pub(crate) use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicUsize as Bitmap, fence};
    pub(crate) use std::sync::{Mutex, MutexGuard};
    pub(crate) use std::thread_local;
}

#[cfg(smoke_signal_loom)]
mod primitives {
    pub(crate) use loom::sync::Arc;
    pub(crate) use loom::sync::atomic::{AtomicBool, AtomicPtr, fence};
    pub(crate) use loom::sync::{Mutex, MutexGuard};
    pub(crate) use loom::thread_local;

    use std::sync::atomic::Ordering;

    use crate::hooks;

    /// The bitmaps of a block of records. Every thread changes them when it starts and when it ends, and each of these
    /// changes would multiply the interleavings of every model. So they are visible to `loom` only in the models of
    /// records that change hands. In all others a record is never handed back, and the bitmaps are plain.
    pub(crate) struct Bitmap {
        modelled: loom::sync::atomic::AtomicUsize,
        plain: std::sync::atomic::AtomicUsize,
    }

    impl Bitmap {
        pub(crate) fn new(bits: usize) -> Self {
            Self {
                modelled: loom::sync::atomic::AtomicUsize::new(bits),
                plain: std::sync::atomic::AtomicUsize::new(bits),
            }
        }

        pub(crate) fn load(&self, ordering: Ordering) -> usize {
            if hooks::models_threads() {
                self.modelled.load(ordering)
            } else {
                self.plain.load(Ordering::SeqCst)
            }
        }

        pub(crate) fn fetch_or(&self, bits: usize, ordering: Ordering) -> usize {
            if hooks::models_threads() {
                self.modelled.fetch_or(bits, ordering)
            } else {
                self.plain.fetch_or(bits, Ordering::SeqCst)
            }
        }

        pub(crate) fn fetch_and(&self, bits: usize, ordering: Ordering) -> usize {
            if hooks::models_threads() {
                self.modelled.fetch_and(bits, ordering)
            } else {
                self.plain.load(Ordering::SeqCst)
            }
        }
    }
}

pub(crate) use std::sync::atomic::Ordering;

pub(crate) use primitives::*;

/// Locks `mutex`, poisoned or not: nothing that runs under our locks can panic halfway through a change.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}
