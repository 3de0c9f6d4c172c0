//! What is told of `LocalSignal`.

pub(super) use std::rc::Rc as Pointer;

pub(super) use smoke_signal::LocalSignal as Signal;

#[allow(clippy::duplicate_mod, reason = "one text for each kind of signal")]
#[path = "changes.rs"]
mod changes;
#[allow(clippy::duplicate_mod, reason = "one text for each kind of signal")]
#[path = "crowds.rs"]
mod crowds;
#[allow(clippy::duplicate_mod, reason = "one text for each kind of signal")]
#[path = "emissions.rs"]
mod emissions;
#[allow(clippy::duplicate_mod, reason = "one text for each kind of signal")]
#[path = "panics.rs"]
mod panics;
#[allow(clippy::duplicate_mod, reason = "one text for each kind of signal")]
#[path = "slots.rs"]
mod slots;
