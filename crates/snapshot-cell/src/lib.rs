//! [`SnapshotCell<T>`](SnapshotCell) holds an `Option<Arc<T>>` that many threads read and few replace. While the value
//! stays the same, a reader executes no locked instruction and no fence.
//!
//! ```
//! use std::sync::Arc;
//! use snapshot_cell::SnapshotCell;
//!
//! static ROUTES: SnapshotCell<Vec<String>> = SnapshotCell::new();
//!
//! // A reader.
//! let routes = ROUTES.load();
//! assert_eq!(routes.as_deref().map_or(0, Vec::len), 0);
//! drop(routes);
//!
//! // A writer.
//! ROUTES.store(Some(Arc::new(vec!["/".to_owned()])));
//! assert_eq!(ROUTES.load().as_deref().map_or(0, Vec::len), 1);
//! ```
//!
//! # Guarantees
//!
//! - **A guard protects its value.** From [`load`](SnapshotCell::load) until the [`Guard`] is dropped, the value is
//!   neither dropped nor edited, whatever is done to the cell.
//! - **Counts are never too low.** When [`swap`](SnapshotCell::swap) returns, the strong count of the old value includes
//!   every guard of it. So `Arc::get_mut` on it succeeds only if nobody reads it. It may be too high for as long as a
//!   load is about to start over, or a guard is being dropped.
//! - **Values are dropped promptly**, by whoever drops the last guard or `Arc`. No load drops the value of another cell,
//!   unless that has just been allocated where a value of this cell was.
//! - **Memory order.** What happens before a swap also happens before everything after a load that returns its value, or
//!   finds that the swap has emptied the cell. The use of a value through a guard happens before what follows a successful
//!   `Arc::get_mut` or `Arc::try_unwrap` of it, and before its drop. Loads and swaps of different cells are not
//!   ordered.
//! - **Progress.** A load starts over only if the cell was changed meanwhile. Then, and when a guard is dropped whose value
//!   was replaced, it takes a lock of its thread's record for a moment, and may drop the replaced value, execute a
//!   `membarrier`, or panic if that drop does. A swap takes the locks of the threads that read the old value. User code,
//!   which means the drop of a `T`, never runs under a lock. The first load of a thread may allocate.
//! - **Unserialised writers are sound.** Any threads may swap at once. Each swap returns another value of the sequence.
//!
//! # How it works
//!
//! Each thread announces what it reads in one of seven *slots* (hazard pointers). A swap looks at the slots of all
//! threads, and adds one strong count for each thread that reads the old value.
//!
//! That needs an order: the reader's announcement must be visible before it looks at the cell again. The usual one is a
//! full fence on both sides. Linux has another: the system call `membarrier` executes a fence on every running thread of
//! the process, so that readers need none, at the price of microseconds for the writer. The cell chooses by itself. A new
//! value is *fenced*. Every 4093rd load of a fenced value by one thread *promotes* that value: from then on its readers
//! execute no fences, and its replacement calls `membarrier`. So a value that changes often is cheap to change, and one
//! that does not is cheap to read.
//!
//! # What it costs
//!
//! | | cost |
//! |---|---|
//! | load and drop, promoted | a few loads and stores, all to memory of the thread |
//! | load and drop, fenced | two full fences |
//! | load, beyond seven guards of one thread | two full fences and a reference count |
//! | swap, old value fenced | two full fences, and a look at one or two words of each thread that is alive |
//! | swap, old value promoted | the same, and one `membarrier`, or two if somebody reads the old value, rarely more |
//! | a thread that has ended | nothing: its record is reused, and skipped until then |
//! | memory | 128 bytes for each thread that was alive at once, allocated for 64 threads at a time, never freed |
//!
//! # Without `membarrier`
//!
//! On other systems, or if the system refuses the call, nothing is promoted, and all readers execute fences. If it is
//! refused after something was promoted, for instance because a process has sandboxed itself meanwhile, then the cell
//! leaks each promoted value, once, instead of dropping it, and promotes nothing any more. A filter that kills the process
//! for the call must be known beforehand: call [`disable_membarrier`].
//!
//! # Limits
//!
//! - `T` must be `Send + Sync + 'static`, sized, and aligned to two bytes or more.
//! - A guard that is leaked, or kept for ever, keeps one of the seven slots of its thread for ever. Once its value has
//!   been replaced, every drop of a guard of that thread takes a lock. Clone the `Arc` instead.
//! - After a `fork`, the guards of threads that are gone keep their values in the child. If one of them was changing a
//!   cell at that moment, the child may wait for it for ever.
//! - No compare-and-swap, and no read-copy-update. Writers that depend on the old value need a lock of their own.
//! - Not for signal handlers.
//!
//! # Comparison
//!
//! | | readers | writers | drawbacks |
//! |---|---|---|---|
//! | this crate | no locked instruction, no fence | up to two `membarrier`s if the value was stable | readers need fences except on Linux |
//! | `arc-swap` | two locked instructions | wait-free readers are helped | a swap looks at every thread that ever was |
//! | `RwLock<Arc<T>>` | a locked instruction at each end, on a shared line | one locked instruction | readers disturb one another, and wait |
//!
//! # For model checking
//!
//! With `--cfg smoke_signal_loom` the cell is made of the primitives of `loom`, its `Arc` among them. So a crate that uses
//! the cell can check its own models with it. Nothing is promoted there.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

#[cfg(feature = "std")]
mod barrier;
#[cfg(feature = "std")]
mod cell;
#[cfg(feature = "std")]
mod counts;
mod direct;
#[cfg(feature = "std")]
mod guard;
#[cfg(feature = "std")]
mod hooks;
#[cfg(feature = "std")]
mod load;
#[cfg(feature = "std")]
mod record;
#[cfg(feature = "std")]
mod registry;
#[cfg(feature = "std")]
mod swap;
#[cfg(feature = "std")]
mod sync;
#[cfg(feature = "std")]
mod thread;
#[cfg(feature = "std")]
mod word;

#[cfg(feature = "std")]
pub use crate::cell::SnapshotCell;
pub use crate::direct::{DirectArc, DirectRc};
#[cfg(feature = "std")]
pub use crate::guard::{Guard, PromotedGuard};

/// Keeps this process from using the system call `membarrier`, for ever: nothing is promoted from now on.
///
/// For programs that install a filter which kills the process for calls that it does not know. Call it before the first
/// load. A value that has been promoted already still needs one call when it is replaced.
///
/// ```
/// snapshot_cell::disable_membarrier();
/// ```
#[cfg(feature = "std")]
pub fn disable_membarrier() {
    barrier::disable();
}

/// What tests may change.
#[cfg(all(feature = "std", any(smoke_signal_loom, feature = "__test_hooks")))]
#[doc(hidden)]
pub mod __hooks {
    #[cfg(feature = "__test_hooks")]
    pub use crate::hooks::pause_one_in;
    pub use crate::hooks::set_promotion_period;
    #[cfg(smoke_signal_loom)]
    pub use crate::hooks::{set_models_threads, set_slots};
}

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
