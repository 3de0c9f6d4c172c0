//! The integration tests: one binary, a module for each topic.
//!
//! Names begin with the rows of the catalogue of behaviours that they cover: `b128_...`.
//!
//! What always holds, by the rules in the crate's documentation; each of these changes was made on
//! purpose, and each of these tests was seen to fail for it:
//!
//! | rule | broken on purpose | fails, among others |
//! |---|---|---|
//! | 1 order | slots are not sorted; `first` is ignored | `order::b068_..`, `order::b072_..` |
//! | 2 one view | `disconnect`, `disconnect_all` do not mark the slot as gone | `changes::b125_..`, `changes::b127_..` |
//! | 2 its turn | arguments cloned before the charge; charged after the call | `arguments::b351_..`, `changes::b122_..` |
//! | 3 no lock | captures dropped under the lock; `connect_with_key`'s closure called under it | `reentrancy::b144_..` |
//! | 4 budgets | read and written in two steps; the last call does not leave; `max_calls(0)` connects | `limits::b097_..`, `limits::b082_..`, `limits::b087_..` |
//! | 5 `true` once | `disconnect` always answers `true` | `disconnect::b106_..` |
//! | 6 prompt drop | `disconnect`, `disconnect_all` do not outdate the snapshot | `memory::b239_..` |
//! | 7 panics | `Calls` advances after the call | `calls::b230_..` |
//! | 8 guards | silent on unwinding; the second panic, or its payload's, is not caught | `guards::b302_..`, `guards::b305_..` |
//! | 9 clones | the last slot gets a clone too | `arguments::b042_..` |
//! | 10 visibility | `connect`, or `connect_with_key`, does not outdate the snapshot | `changes::b130_..`, `reference::..` |
//! | 11 no `unsafe` | the compiler refuses it | |

mod common;

mod arguments;
#[cfg(feature = "async")]
mod asynchronous;
mod blocking;
mod calls;
mod changes;
mod compile_fail;
mod connector;
mod disconnect;
mod faults;
mod guards;
mod inference;
mod limits;
mod listing;
mod memory;
mod order;
mod panics;
mod reentrancy;
mod reference;
mod registry;
#[cfg(feature = "async")]
mod registry_async;
mod registry_threads;
mod scoped;
mod smokesignal;
#[cfg(feature = "async")]
mod streams;
mod threads;
mod traits;
mod waiting;
mod weak;
