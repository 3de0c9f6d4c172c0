//! Waiting until a slot has completed: the last of its calls has returned, and its captured values have
//! been dropped.

use std::cell::RefCell;
use std::error::Error;
use std::fmt;
use std::mem::{self, ManuallyDrop};
use std::ptr;
use std::time::Instant;

use smallvec::SmallVec;

use crate::sync::{Condvar, Mutex, Ordering, lock, thread_local, wait, wait_until};

/// The error returned by [`Signal::disconnect_and_wait`](crate::Signal::disconnect_and_wait) if it
/// could not wait until a slot completed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WaitError {
    /// The call came from inside that very slot, or from the drop of a captured value behind which that
    /// slot has to be dropped. The slot cannot complete before the call returns. It has been
    /// disconnected, but not waited for.
    InsideSlot,
    /// The slot was connected without [`waitable`](crate::ConnectOptions::waitable). It is still
    /// connected.
    NotWaitable,
    /// The timeout has elapsed. The slot has been disconnected, but is still running. Call again to
    /// continue waiting.
    TimedOut,
}

impl fmt::Display for WaitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::InsideSlot => "a slot can't wait for itself; it was disconnected without waiting",
            Self::NotWaitable => "the slot was connected without `waitable`; it is still connected",
            Self::TimedOut => "timed out; the slot was disconnected but is still running",
        })
    }
}

impl Error for WaitError {}

/// Records whether one slot has completed.
pub(crate) struct Completion {
    progress: Mutex<Progress>,
    completed: Condvar,
    /// The [thread](this_thread) that has disconnected the slot and is about to release it, or 0. Read only to be
    /// compared with the own thread: relaxed suffices, and the models need not see it.
    releasing: std::sync::atomic::AtomicUsize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Progress {
    Incomplete,
    /// A thread waits. Without it, a notification would be a system call for nobody.
    Awaited,
    Complete,
}

thread_local! {
    // Loom's macro does not support a `const` initialiser.
    #[allow(clippy::missing_const_for_thread_local)]
    /// The slots that this thread is inside, as the addresses of their completions.
    ///
    /// Never dropped, so that it is there while other thread-locals are being destroyed too: a slot may be
    /// called from there, and wait for itself. It owns memory only while more slots than a few are nested.
    static INSIDE: ManuallyDrop<RefCell<SmallVec<[*const Completion; 8]>>> =
        ManuallyDrop::new(RefCell::new(SmallVec::new()));
}

/// A number that tells this thread from all others that are running. 0 if the thread has none any more.
fn this_thread() -> usize {
    INSIDE
        .try_with(|inside| ptr::from_ref(inside).addr())
        .unwrap_or(0)
}

impl Completion {
    pub(crate) fn new() -> Self {
        Self {
            progress: Mutex::new(Progress::Incomplete),
            completed: Condvar::new(),
            releasing: std::sync::atomic::AtomicUsize::new(0),
        }
    }

    pub(crate) fn is_complete(&self) -> bool {
        *lock(&self.progress) == Progress::Complete
    }

    pub(crate) fn complete(&self) {
        let before = mem::replace(&mut *lock(&self.progress), Progress::Complete);
        if before == Progress::Awaited {
            self.completed.notify_all();
        }
    }

    /// Whether this thread has to return before the slot can complete.
    fn waits_for_this_thread(&self) -> bool {
        let this: *const Self = self;
        let is_inside = INSIDE.try_with(|inside| inside.borrow().contains(&this));
        let releasing = self.releasing.load(Ordering::Relaxed);
        is_inside.is_ok_and(|is| is) || (releasing != 0 && releasing == this_thread())
    }

    /// Records that this thread is about to release the slot. Until then, it cannot wait for it.
    pub(crate) fn begin_release(&self) {
        self.releasing.store(this_thread(), Ordering::Relaxed);
    }

    /// Records that this thread has released the slot. Calls on other threads may still be running.
    pub(crate) fn end_release(&self) {
        self.releasing.store(0, Ordering::Relaxed);
    }

    /// Waits until the slot has completed, or the deadline has passed.
    pub(crate) fn wait(&self, deadline: Option<Instant>) -> Result<(), WaitError> {
        if !self.is_complete() && self.waits_for_this_thread() {
            return Err(WaitError::InsideSlot);
        }
        let mut progress = lock(&self.progress);
        while *progress != Progress::Complete {
            *progress = Progress::Awaited;
            progress = match deadline {
                None => wait(&self.completed, progress),
                Some(deadline) => {
                    wait_until(&self.completed, progress, deadline).ok_or(WaitError::TimedOut)?
                }
            };
        }
        Ok(())
    }

    /// Records that this thread is inside the slot.
    pub(crate) fn enter(&self) {
        let _ = INSIDE.try_with(|inside| inside.borrow_mut().push(self));
    }

    /// Undoes the last `enter` of this thread. They nest.
    pub(crate) fn exit() {
        let _ = INSIDE.try_with(|inside| {
            let mut inside = inside.borrow_mut();
            inside.pop();
            if inside.is_empty() {
                inside.shrink_to_fit();
            }
        });
    }
}
