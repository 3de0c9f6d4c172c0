//! Stress: threads on all cores, and noise beside them, use one signal or registry at random, for a
//! while. What must come out even in the end, whatever they did, is asserted.
//!
//! `SMOKE_SIGNAL_STRESS_SECONDS` sets how long all scenarios together take (2 by default), and
//! `SMOKE_SIGNAL_STRESS_SEED` the seed that is printed by each. What each thread does follows from the
//! seed; in what order they meet does not. A hang fails after a time that nothing here takes.
//!
//! Each law was seen to fail when the library was broken on purpose:
//!
//! | law | broken on purpose | fails |
//! |---|---|---|

#[path = "../it/common.rs"]
#[allow(dead_code, reason = "what the other binary uses")]
mod common;
mod live;
mod scenario;

mod blocks;
mod budgets;
mod coming_and_going;
mod disconnects;
mod nested;
mod registry;
#[cfg(feature = "async")]
mod streams;
mod waiting;
mod weak;
