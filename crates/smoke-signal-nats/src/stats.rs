//! What a bridge has counted.

use std::sync::atomic::{AtomicU64, Ordering};

/// What a bridge has counted since it was created. Returned by [`Bridge::stats`](crate::Bridge::stats).
///
/// The numbers are read one after the other while the bridge goes on, so they may not fit together exactly unless it is
/// at rest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Emissions handed to the client; with a durable bridge, those that the server has stored.
    pub sent: u64,
    /// Emissions that did not go out: the queue was full, the codec had no form for the arguments, or the message was
    /// too large.
    pub refused: u64,
    /// Emissions of others that have been emitted here, and returned.
    pub received: u64,
    /// Emissions of others that should have arrived here and did not: the numbers between two that arrived of one
    /// origin on one subject. Falls again if one arrives late. What an origin emitted before the first message seen of it is not
    /// counted.
    pub missed: u64,
    /// Messages that were skipped: not from a bridge, of another version or codec, or malformed. And emissions that were:
    /// of another type, or too large. One that shares a message with others skips only itself.
    pub undecodable: u64,
    /// Emissions here that a panic of a slot ended.
    pub panicked: u64,
    /// Connections after the first.
    pub reconnects: u64,
    /// Emissions in the outgoing queue, or on their way to the server without its word that they are stored.
    pub queued: u64,
    /// Emissions that had been received before, and were dropped.
    pub duplicates: u64,
    /// Emissions that a durable bridge received again because the first delivery was not acknowledged.
    pub redelivered: u64,
    /// Messages that a durable bridge gave up, because slots panicked at each delivery.
    pub set_aside: u64,
    /// Emissions that were not sent on, or were skipped here, because they had passed through too many bridges.
    pub looped: u64,
}

/// The counters behind [`Stats`].
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) sent: Counter,
    pub(crate) refused: Counter,
    pub(crate) received: Counter,
    pub(crate) missed: Counter,
    pub(crate) undecodable: Counter,
    pub(crate) panicked: Counter,
    pub(crate) connections: Counter,
    pub(crate) duplicates: Counter,
    pub(crate) redelivered: Counter,
    pub(crate) set_aside: Counter,
    pub(crate) looped: Counter,
}

impl Counters {
    pub(crate) fn stats(&self, queued: usize) -> Stats {
        Stats {
            sent: self.sent.get(),
            refused: self.refused.get(),
            received: self.received.get(),
            missed: self.missed.get(),
            undecodable: self.undecodable.get(),
            panicked: self.panicked.get(),
            reconnects: self.connections.get().saturating_sub(1),
            queued: queued as u64,
            duplicates: self.duplicates.get(),
            redelivered: self.redelivered.get(),
            set_aside: self.set_aside.get(),
            looped: self.looped.get(),
        }
    }
}

/// A number for people to read: nothing is synchronised by it.
#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn add(&self, more: u64) {
        self.0.fetch_add(more, Ordering::Relaxed);
    }

    pub(crate) fn subtract(&self, less: u64) {
        self.0.fetch_sub(less, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
