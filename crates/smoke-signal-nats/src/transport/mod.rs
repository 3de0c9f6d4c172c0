//! What carries messages. A bridge runs on any [`Transport`]: a NATS server, a [`Loopback`](crate::Loopback), or, in the
//! tests, one that fails in all the ways it may.
//!
//! Everything here runs on the bridge's own thread, which runs no slots.

use std::future::Future;
use std::time::{Duration, SystemTime};

use bytes::Bytes;

use crate::error::ConnectError;
use crate::outbox::Outgoing;
use crate::wire;

mod desk;
pub(crate) mod loopback;
#[cfg(feature = "nats")]
pub(crate) mod nats;
#[cfg(feature = "nats")]
pub(crate) mod nats_core;
#[cfg(feature = "nats")]
pub(crate) mod nats_durable;
#[cfg(feature = "nats")]
mod nats_stream;
mod pump;
mod reader;
pub(crate) mod supervisor;

pub(crate) use desk::{Answer, Command};
pub(crate) use reader::Inlet;

/// Makes connections, one after the other.
pub(crate) trait Transport: Send + 'static {
    type Session: Session;

    /// Tries once to connect.
    async fn connect(&mut self) -> Result<Self::Session, NoConnection>;
}

/// Why there is no connection.
#[derive(Debug)]
pub(crate) enum NoConnection {
    /// It will be no better the next time.
    Refused(ConnectError),
    /// It may be better the next time.
    Unreachable(String),
}

/// A connection. Once it is lost, it stays so.
pub(crate) trait Session: 'static {
    /// Resolves once a message need not be kept any longer.
    type Receipt: Future<Output = Result<(), Fault>> + Unpin;
    type Feed: Feed;

    /// Hands over a message. `None`: it need not be kept. Messages arrive in the order in which they are handed over; if
    /// one is lost because the connection is, so are all after it.
    async fn publish(&self, message: &Outgoing) -> Result<Option<Self::Receipt>, Fault>;

    /// The longest message that several emissions may share, if they need no receipts. 0: each is a message of its own.
    fn room(&self) -> usize {
        0
    }

    /// Begins to receive.
    async fn subscribe(&self, source: &Source) -> Result<Self::Feed, Fault>;

    /// Returns once the server has seen all that was handed over before, and all subscriptions.
    async fn flush(&self) -> Result<(), Fault>;

    /// Returns once the connection is lost, and says why.
    async fn lost(&self) -> String;
}

/// Messages of one subject.
pub(crate) trait Feed {
    /// The next one. `None`: it is drained, and nothing is left. Loses nothing if it is dropped before it is ready.
    async fn next(&mut self) -> Result<Option<Incoming>, Fault>;

    /// Receives nothing more. What was received before is still to be taken, unless the server keeps it.
    async fn drain(&mut self) -> Result<(), Fault>;

    /// Tells the server how a delivery went.
    async fn settle(&mut self, ticket: &Ticket, verdict: Verdict) -> Result<(), Fault>;
}

/// What is to be received.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    pub(crate) subject: std::sync::Arc<str>,
    /// When the link was made: a durable bridge receives what was stored since then.
    pub(crate) since: SystemTime,
    /// The position of the last message that was dealt with here, if there is any and the transport has positions.
    pub(crate) done: Option<u64>,
}

/// A message as it came.
#[derive(Debug)]
pub(crate) struct Incoming {
    pub(crate) bytes: Bytes,
    /// 1, or more if it has been delivered before.
    pub(crate) attempt: u64,
    /// `None`: nobody waits for a verdict. Boxed, because there are most messages where there is none.
    pub(crate) ticket: Option<Box<Ticket>>,
}

impl Incoming {
    /// How many emissions it holds.
    pub(crate) fn emissions(&self) -> u64 {
        wire::emissions(&self.bytes)
    }
}

/// What a verdict refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ticket {
    /// The subject that the verdict goes to.
    pub(crate) reply: String,
    /// The place of the message in its stream.
    pub(crate) position: u64,
}

/// How the delivery of a message went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Done,
    /// It is not done yet, but somebody is at it.
    Working,
    /// It is to be delivered again, after some time.
    Again(Duration),
    /// It is never to be delivered again.
    Never,
}

/// What may go wrong with a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The connection is lost.
    Lost(String),
    /// The server does not accept this now.
    Refused(String),
    /// The message is too large, now and for ever.
    TooLarge,
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Lost(why) | Self::Refused(why) => f.write_str(why),
            Self::TooLarge => f.write_str("the message is too large"),
        }
    }
}
