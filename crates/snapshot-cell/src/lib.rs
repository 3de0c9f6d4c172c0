//! A cell.
#![deny(unsafe_op_in_unsafe_fn)]

mod barrier;
mod cell;
mod counts;
mod guard;
mod hooks;
mod load;
mod record;
mod registry;
mod swap;
mod sync;
mod thread;
mod word;

pub use crate::cell::SnapshotCell;
pub use crate::guard::Guard;
pub use crate::sync::Arc;
#[cfg(any(smoke_signal_loom, feature = "__test_hooks"))]
#[doc(hidden)]
pub mod __hooks {
    #[cfg(feature = "__test_hooks")]
    pub use crate::hooks::pause_one_in;
    pub use crate::hooks::set_promotion_period;
    #[cfg(smoke_signal_loom)]
    pub use crate::hooks::{set_models_threads, set_slots};
}
/// Off
pub fn disable_membarrier() { barrier::disable(); }
