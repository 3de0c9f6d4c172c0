//! Bridges in several real processes, some of which are killed. The processes are this program itself, which starts the
//! test `child` with a role.

mod child;
mod conversation;
#[path = "../harness/mod.rs"]
#[allow(dead_code, reason = "shared with the tests in one process")]
mod harness;
mod ledger;
mod storm;
