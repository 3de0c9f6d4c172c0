//! What a subscriber of `tracing` is told, with the feature `tracing`.

pub(crate) mod acting;
#[cfg(feature = "async")]
mod asynchronous;
mod both;
mod local;
mod log;
mod registry;
mod same;
mod subscribers;
mod threads;
