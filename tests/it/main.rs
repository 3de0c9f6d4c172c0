//! The integration tests: one binary, a module for each topic.
//!
//! Names begin with the rows of the catalogue of behaviours that they cover: `b128_...`.

mod common;

mod arguments;
mod calls;
mod changes;
mod disconnect;
mod guards;
mod inference;
mod limits;
mod memory;
mod model;
mod order;
mod panics;
mod reentrancy;
mod registry;
mod registry_threads;
mod smokesignal;
mod threads;
