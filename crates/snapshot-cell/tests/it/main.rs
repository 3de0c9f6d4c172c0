//! Tests of the cell through its public interface, a module per topic.
//!
//! `membarrier` runs all others again in child processes that cannot use it: by the switch, and by a filter of system
//! calls.

#![cfg(not(smoke_signal_loom))]

mod common;
mod differential;
mod direct;
#[cfg(target_os = "linux")]
mod fork;
mod guards;
#[cfg(target_os = "linux")]
mod membarrier;
mod promoted;
mod threads;
mod traits;
