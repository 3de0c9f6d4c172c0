//! The promises, kept by `LocalSignal`.

pub(super) use std::rc::{Rc as Pointer, Weak};

pub(super) use smoke_signal::LocalSignal as Signal;

#[allow(clippy::duplicate_mod, reason = "one text for each kind of signal")]
#[path = "promises.rs"]
mod promises;
