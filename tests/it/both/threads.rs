//! The promises, kept by `Signal`.

pub(super) use std::sync::{Arc as Pointer, Weak};

pub(super) use smoke_signal::Signal;

#[allow(clippy::duplicate_mod, reason = "one text for each kind of signal")]
#[path = "promises.rs"]
mod promises;
