//! The task that waits for a stream or an emission.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Wake, Waker};

/// The waker of the task that polled last.
///
/// The waker is cloned, woken and dropped without the lock, because each of these runs user code. If
/// one of them panics, later wakes still work. With the `AtomicWaker` of `futures`, they would not.
pub(super) struct Reader(Mutex<Option<Waker>>);

impl Reader {
    pub(super) fn new() -> Self {
        Self(Mutex::new(None))
    }

    fn lock(&self) -> MutexGuard<'_, Option<Waker>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Registers `waker` to be woken once, at the next [`wake`](Wake::wake).
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

/// As a waker, this wakes whichever task is registered, so it stays the same when the task changes.
impl Wake for Reader {
    fn wake(self: Arc<Self>) {
        Self::wake(&self);
    }
}
