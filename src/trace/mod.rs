//! What the library tells `tracing`, with the feature of that name.
//!
//! Everything that a subscriber is told is in `events`, and reaches it through `telling`, which keeps panics of the
//! subscriber away from the library, and what the subscriber does from being told to it. No lock is held and nothing is
//! borrowed meanwhile, because a subscriber is user code.
//!
//! An emission asks [`is_listening`] once. If nobody listens, it goes on as without the feature. Otherwise it takes
//! another way, which calls each slot by itself: `core::observed` and `local::engine::observed`.
//!
//! Without the feature, this module has only empty types, so that signals and guards need not know of it.

#[cfg(feature = "tracing")]
mod cell;
#[cfg(feature = "tracing")]
mod events;
#[cfg(feature = "tracing")]
mod label;
#[cfg(feature = "tracing")]
mod listening;
#[cfg(feature = "tracing")]
mod observer;
#[cfg(feature = "tracing")]
mod subject;
#[cfg(feature = "tracing")]
mod telling;
#[cfg(feature = "tracing")]
mod turn;

#[cfg(feature = "tracing")]
pub(crate) use self::{
    cell::CoreCell,
    events::{Absence, SlotId, mismatch, passed_over},
    label::{Label, Origin},
    listening::{is_listening, is_listening_closely},
    observer::{Observer, emitted_to_nobody},
    subject::{Departure, Name, Subject},
    turn::Turn,
};

#[cfg(not(feature = "tracing"))]
mod off;
#[cfg(not(feature = "tracing"))]
pub(crate) use self::off::{Label, Origin};
