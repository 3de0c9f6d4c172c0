//! Bridges of one process, without a server.

use std::collections::HashMap;
use std::convert::Infallible;
use std::future::{Pending, pending};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::sync::mpsc;

use crate::outbox::Outgoing;
use crate::transport::{
    Fault, Feed, Incoming, NoConnection, Session, Source, Ticket, Transport, Verdict,
};

/// How many messages wait for one slow link. More are lost, as a server loses them.
const CAPACITY: usize = 65_536;

/// Who listens to what.
#[derive(Debug, Default)]
pub(crate) struct Hub {
    listeners: Mutex<HashMap<Arc<str>, Vec<Listener>>>,
    bridges: AtomicU64,
}

#[derive(Debug)]
struct Listener {
    bridge: u64,
    messages: mpsc::Sender<Bytes>,
}

impl Hub {
    fn listeners(&self) -> MutexGuard<'_, HashMap<Arc<str>, Vec<Listener>>> {
        self.listeners
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn transport(self: &Arc<Self>) -> Local {
        Local {
            hub: Arc::clone(self),
            bridge: self.bridges.fetch_add(1, Ordering::Relaxed),
        }
    }
}

/// The place of one bridge.
#[derive(Clone, Debug)]
pub(crate) struct Local {
    hub: Arc<Hub>,
    bridge: u64,
}

impl Transport for Local {
    type Session = Self;

    async fn connect(&mut self) -> Result<Self, NoConnection> {
        Ok(self.clone())
    }
}

impl Session for Local {
    type Receipt = Pending<Result<(), Fault>>;
    type Feed = LocalFeed;

    async fn publish(&self, message: &Outgoing) -> Result<Option<Self::Receipt>, Fault> {
        if let Some(listeners) = self.hub.listeners().get_mut(&message.line.subject) {
            listeners.retain(|listener| {
                let sent = listener.bridge == self.bridge
                    || !matches!(
                        listener.messages.try_send(message.bytes.clone()),
                        Err(mpsc::error::TrySendError::Closed(_))
                    );
                sent && !listener.messages.is_closed()
            });
        }
        Ok(None)
    }

    async fn subscribe(&self, source: &Source) -> Result<LocalFeed, Fault> {
        let (messages, feed) = mpsc::channel(CAPACITY);
        let mut listeners = self.hub.listeners();
        let listener = Listener {
            bridge: self.bridge,
            messages,
        };
        listeners
            .entry(Arc::clone(&source.subject))
            .or_default()
            .push(listener);
        Ok(LocalFeed(feed))
    }

    async fn flush(&self) -> Result<(), Fault> {
        Ok(())
    }

    async fn lost(&self) -> String {
        match pending::<Infallible>().await {}
    }
}

pub(crate) struct LocalFeed(mpsc::Receiver<Bytes>);

impl Feed for LocalFeed {
    /// The hub keeps the other end, so this ends only if it is drained.
    async fn next(&mut self) -> Result<Option<Incoming>, Fault> {
        let bytes = self.0.recv().await;
        Ok(bytes.map(|bytes| Incoming {
            bytes,
            attempt: 1,
            ticket: None,
        }))
    }

    async fn drain(&mut self) -> Result<(), Fault> {
        self.0.close();
        Ok(())
    }

    async fn settle(&mut self, _: &Ticket, _: Verdict) -> Result<(), Fault> {
        Ok(())
    }
}
