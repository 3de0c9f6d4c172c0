//! Signals whose slots return futures, and emissions as a stream. Nothing here needs or chooses an
//! executor.

mod arity;
mod connector;
mod emission;
mod listener;
mod many;
#[cfg(feature = "tracing")]
mod observed;
#[cfg(feature = "tracing")]
mod observed_emission;
mod options;
mod reader;
mod signal;
mod stream;
mod tuple;

use std::future::Future;
use std::pin::Pin;

pub use self::connector::AsyncConnector;
pub use self::emission::{CaughtEmission, Emission, Errback, Failure};
pub use self::options::AsyncConnectOptions;
pub use self::signal::AsyncSignal;
pub use self::stream::{NextEmission, SignalStream};

/// What a slot of an async signal returns.
pub(crate) type Pending<R> = Pin<Box<dyn Future<Output = R> + Send>>;
