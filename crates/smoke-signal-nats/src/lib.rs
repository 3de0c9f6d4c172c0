//! Signals of [`smoke_signal`] between processes, over [NATS](https://nats.io).
//!
//! A [`Bridge`] links a signal to a subject. What is emitted in one process is then emitted in all others that have linked
//! a signal to the same subject:
//!
//! ```no_run
//! use std::time::Duration;
//!
//! use smoke_signal::Signal;
//! use smoke_signal_nats::Bridge;
//!
//! static TEMPERATURE: Signal<(String, f64)> = Signal::new();
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let bridge = Bridge::connect("nats://127.0.0.1:4222").await?;
//! let _link = bridge.share(&TEMPERATURE, "house.temperature.v1")?;
//!
//! TEMPERATURE.connect(|room, celsius| println!("{room}: {celsius}"));
//! TEMPERATURE.emit("kitchen".to_owned(), 21.5);
//!
//! println!("{:?}", bridge.stats());
//! bridge.close(Duration::from_secs(5)).await?;
//! # Ok(())
//! # }
//! ```
//!
//! | | [`Bridge::connect`] | [`Bridge::durable`] | [`Loopback`] |
//! |---|---|---|---|
//! | needs | a NATS server | one with JetStream | nothing |
//! | who hears an emission | who listens at that moment | who has ever listened, once it is there | as `connect`, in this process |
//! | delivered | at most once; losses are counted | at least once; repetitions are marked | once, unless a slot is far too slow |
//! | order | per origin and subject | per origin and subject | per origin and subject |
//!
//! What an emission never does is wait for the network or fail because of it. Results are those of local slots only.
//! The README says what else is promised, what to watch in operation, and what this is not for.
//!
//! # Features
//!
//! - `nats`, on by default: bridges to a server. Without it there is only [`Loopback`].
//! - `postcard`: the binary codec `Postcard`.

#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(
    not(feature = "nats"),
    allow(dead_code, reason = "a loopback needs less than a server does")
)]

mod batch;
mod bridge;
mod builder;
mod codec;
mod current;
mod delivery;
mod discard;
mod error;
#[cfg(all(fuzzing, feature = "postcard"))]
#[doc(hidden)]
pub mod fuzzing;
mod intake;
mod link;
mod linking;
mod loopback;
#[cfg(test)]
mod model;
mod origin;
mod origins;
mod outbox;
mod problem;
mod sender;
mod shared;
mod signal;
mod stats;
mod subject;
mod transport;
mod wire;

pub use bridge::Bridge;
pub use builder::Builder;
#[cfg(feature = "postcard")]
pub use codec::Postcard;
pub use codec::{Codec, CodecError, Json};
pub use current::Delivery;
pub use error::{ConnectError, LinkError, Unfinished};
pub use link::Link;
pub use loopback::Loopback;
pub use origin::Origin;
pub use outbox::WhenFull;
pub use problem::{Problem, ProblemKind};
#[doc(hidden)]
pub use signal::Held;
pub use signal::Linkable;
pub use stats::Stats;

// The program in the README must compile.
#[cfg(all(doctest, feature = "nats"))]
#[doc = include_str!("../README.md")]
mod readme {}
