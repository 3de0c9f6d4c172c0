//! What methods of a bridge may answer instead.

use std::error::Error;
use std::fmt;

/// There is no bridge, because trying again would not help: the server does not accept the credentials or the
/// certificate, it has no JetStream, or an address or a name is not valid. That nobody answers is no such error; the
/// bridge tries again by itself.
#[derive(Debug)]
pub struct ConnectError {
    what: String,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl ConnectError {
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            source: None,
        }
    }

    #[cfg(feature = "nats")]
    pub(crate) fn with_source(
        what: impl Into<String>,
        source: impl Into<Box<dyn Error + Send + Sync>>,
    ) -> Self {
        Self {
            what: what.into(),
            source: Some(source.into()),
        }
    }
}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        match &self.source {
            Some(source) => write!(f, ": {source}"),
            None => Ok(()),
        }
    }
}

impl Error for ConnectError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(self.source.as_deref()?)
    }
}

/// Why a signal was not linked to a subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LinkError {
    /// The subject is empty, has an empty part between dots, a space or a control character, or a wildcard.
    Subject,
    /// This bridge already has a link between this signal and this subject, in this direction.
    AlreadyLinked,
    /// The bridge has been closed.
    Closed,
    /// The operating system has no thread for a link that receives.
    Thread,
}

impl fmt::Display for LinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Subject => {
                "not a subject: it has an empty part, a space, a control character or a wildcard"
            }
            Self::AlreadyLinked => "this signal is already linked to this subject",
            Self::Closed => "the bridge has been closed",
            Self::Thread => "no thread can be started",
        })
    }
}

impl Error for LinkError {}

/// What was left when the time given to [`Bridge::flush`](crate::Bridge::flush) or
/// [`Bridge::close`](crate::Bridge::close) was over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unfinished {
    /// Emissions that have not gone out.
    pub unsent: u64,
    /// Emissions that have been received and not delivered, or whose delivery was still in progress. A durable bridge
    /// receives them again the next time.
    pub undelivered: u64,
    /// Whether the bridge had no connection.
    pub disconnected: bool,
}

impl fmt::Display for Unfinished {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            unsent,
            undelivered,
            disconnected,
        } = self;
        let why = if *disconnected {
            "without a connection"
        } else {
            "out of time"
        };
        write!(
            f,
            "{why}: {unsent} emissions not sent, {undelivered} emissions not delivered"
        )
    }
}

impl Error for Unfinished {}
