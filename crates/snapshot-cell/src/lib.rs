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
/// Off
pub fn disable_membarrier() { barrier::disable(); }
