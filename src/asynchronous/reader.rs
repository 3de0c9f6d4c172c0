//! Who waits for a stream or an emission, to be woken.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Wake, Waker};

/// The waker of the task that polled last.
///
/// It is cloned, woken and dropped without the lock, since each of these is foreign code. Nothing is
/// lost where one of them panics; the `AtomicWaker` of `futures` would wake nobody any more.
pub(super) struct Reader(Mutex<Option<Waker>>);

impl Reader {
    pub(super) fn new() -> Self {
        Self(Mutex::new(None))
    }

    fn lock(&self) -> MutexGuard<'_, Option<Waker>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// To be woken once: at the next [`wake`](Wake::wake).
    pub(super) fn register(&self, waker: &Waker) {
        let known = |known: &Waker| known.will_wake(waker);
        if self.lock().as_ref().is_some_and(known) {
            return;
        }
        let waker = waker.clone();
        let former = self.lock().replace(waker);
        drop(former);
    }

    pub(super) fn wake(&self) {
        let waker = self.lock().take();
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

/// A waker that wakes the reader: it stays the same whoever reads.
impl Wake for Reader {
    fn wake(self: Arc<Self>) {
        Self::wake(&self);
    }
}
