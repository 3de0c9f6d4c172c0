//! The integration tests: one binary, a module for each topic.
//!
//! Names begin with the rows of the catalogue of behaviours that they cover: `b128_...`.

mod common;

mod inference;
mod registry;
mod registry_threads;
mod smokesignal;
