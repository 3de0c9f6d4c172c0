//! Signals whose slots return futures, and emissions as a stream. Nothing here needs or chooses an
//! executor.

mod arity;
mod emission;
mod listener;
mod many;
mod reader;
mod signal;
mod stream;

use std::future::Future;
use std::pin::Pin;

pub use self::emission::{Emission, Errback, Failure};
pub use self::signal::{AsyncConnectOptions, AsyncSignal};
pub use self::stream::{NextEmission, SignalStream};

/// What a slot of an async signal returns.
pub(crate) type Pending<R> = Pin<Box<dyn Future<Output = R> + Send>>;
