//! The two kinds of order between a reader's store and its next load, and the writer's side of each.
//!
//! A reader stores to its slot and then loads the word, or `pending`; a writer stores to the word, or to `pending`, and
//! then loads the slot. At least one of the two must see what the other has stored (Dekker's algorithm).
//!
//! - *Fenced*: both execute `fence(SeqCst)`.
//! - *Asymmetric*: the reader executes a [`light`] barrier, which only keeps the compiler from reordering. The writer
//!   executes a [`heavy`] one, which makes every running thread of the process execute a full fence. A thread that is
//!   not running executed one when it was descheduled. If the reader's store comes before its fence, the writer sees it;
//!   otherwise the reader's load comes after the fence, and sees what the writer stored.

use std::sync::atomic::AtomicU8;
#[cfg(not(smoke_signal_loom))]
use std::sync::atomic::compiler_fence;

use crate::sync::{Ordering, fence};
use crate::word::{self, Word};

/// Orders a reader's store before its next load, in the way that holds for `word`.
#[inline]
pub(crate) fn order(word: Word) {
    if word::is_promoted(word) {
        light();
    } else {
        full();
    }
}

/// The reader's side of the asymmetric order. Pairs with [`heavy`].
#[inline]
pub(crate) fn light() {
    #[cfg(not(smoke_signal_loom))]
    compiler_fence(Ordering::SeqCst);
    // `loom` has no asymmetric fences. tests/store_buffers shows what it therefore cannot.
    #[cfg(smoke_signal_loom)]
    fence(Ordering::SeqCst);
}

/// Both sides of the fenced order. Each pairs with the other.
#[inline]
pub(crate) fn full() {
    fence(Ordering::SeqCst);
}

/// Nobody has asked yet whether the system has the heavy barrier.
const UNKNOWN: u8 = 0;
/// The process is registered.
const READY: u8 = 1;
/// The system refuses, or the user does.
const OFF: u8 = 2;

/// Relaxed suffices for all accesses: no memory depends on it. A thread that acts on an old state promotes once more,
/// which is sound in every state.
static STATE: AtomicU8 = AtomicU8::new(UNKNOWN);

/// Whether words may be promoted. The first call registers the process.
pub(crate) fn is_available() -> bool {
    match STATE.load(Ordering::Relaxed) {
        READY => true,
        UNKNOWN => {
            let found = if system::register() { READY } else { OFF };
            // If another thread was faster, or `disable` was called, that holds.
            let _ = STATE.compare_exchange(UNKNOWN, found, Ordering::Relaxed, Ordering::Relaxed);
            STATE.load(Ordering::Relaxed) == READY
        }
        _ => false,
    }
}

/// Never promotes again.
pub(crate) fn disable() {
    STATE.store(OFF, Ordering::Relaxed);
}

/// Executes a full fence on every thread of the process. Pairs with [`light`] on all of them.
///
/// Returns `false` if that was not possible, which may happen even after a successful registration: the system may be
/// out of memory, or a filter of system calls may have been installed. Then nothing is promoted from now on.
#[must_use]
#[cold]
pub(crate) fn heavy() -> bool {
    full(); // promised for the calling thread too, whatever the system does about it
    for _ in 0..3 {
        if system::barrier() {
            full();
            return true;
        }
        // Perhaps this is the child of a fork, and this system does not inherit the registration.
        system::register();
    }
    disable();
    false
}

#[cfg(all(target_os = "linux", not(smoke_signal_loom), not(miri)))]
mod system {
    // Part of the kernel's interface, which does not change.
    const QUERY: libc::c_int = 0;
    const PRIVATE_EXPEDITED: libc::c_int = 1 << 3;
    const REGISTER_PRIVATE_EXPEDITED: libc::c_int = 1 << 4;

    fn membarrier(command: libc::c_int) -> Option<libc::c_long> {
        let no_flags: libc::c_uint = 0;
        let cpu: libc::c_int = 0;
        // SAFETY: `membarrier` accesses no memory of ours, and each argument has the type that it asks for. A kernel
        // that does not know the call or the command returns an error.
        let result = unsafe { libc::syscall(libc::SYS_membarrier, command, no_flags, cpu) };
        (result >= 0).then_some(result)
    }

    pub(super) fn register() -> bool {
        let needed = libc::c_long::from(PRIVATE_EXPEDITED | REGISTER_PRIVATE_EXPEDITED);
        membarrier(QUERY).is_some_and(|supported| supported & needed == needed)
            && membarrier(REGISTER_PRIVATE_EXPEDITED).is_some()
    }

    pub(super) fn barrier() -> bool {
        membarrier(PRIVATE_EXPEDITED).is_some()
    }
}

/// Nothing is promoted. Android is among them, because its filters of system calls kill the process.
#[cfg(all(any(not(target_os = "linux"), miri), not(smoke_signal_loom)))]
mod system {
    pub(super) fn register() -> bool {
        false
    }

    pub(super) fn barrier() -> bool {
        false
    }
}

#[cfg(smoke_signal_loom)]
mod system {
    use crate::sync::{Ordering, fence};

    pub(super) fn register() -> bool {
        true
    }

    /// As strong as the light barrier of the models needs.
    pub(super) fn barrier() -> bool {
        fence(Ordering::SeqCst);
        true
    }
}
