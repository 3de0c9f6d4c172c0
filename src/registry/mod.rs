//! Signals by name: the API of Python's smokesignal, on top of typed signals.

#![allow(
    clippy::needless_pass_by_value,
    reason = "lists of names are taken by value or by reference, as the caller likes"
)]

mod api;
#[cfg(feature = "async")]
mod asynchronous;
mod bindings;
mod callback;
mod callbacks;
mod dispatch;
mod identity;
mod mismatch;
mod named;
mod names;
mod registration;
mod shared;

pub use self::api::Registry;
pub use self::callback::Callback;
pub use self::identity::Identity;
pub use self::mismatch::SignatureMismatch;
pub use self::names::Names;
