//! What a bridge, its links and its threads have in common.

use std::any::Any;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use smoke_signal::ScopedConnection;

use crate::error::LinkError;
use crate::origin::Origin;
use crate::outbox::{Line, Outbox, WhenFull};
use crate::problem::{ProblemKind, Reporter};
use crate::stats::{Counter, Counters};

/// What the builder sets for every transport.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) capacity: usize,
    pub(crate) when_full: WhenFull,
    pub(crate) max_message: usize,
    pub(crate) hop_limit: u8,
    /// How many messages the server may deliver before the first is acknowledged.
    pub(crate) prefetch: u32,
    pub(crate) deliveries: u64,
    pub(crate) ack_wait: Duration,
    pub(crate) reporter: Reporter,
}

#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) origin: Origin,
    pub(crate) settings: Settings,
    pub(crate) outbox: Outbox,
    pub(crate) counters: Counters,
    /// Messages on their way to slots.
    pub(crate) undelivered: Counter,
    links: Mutex<Links>,
    next_link: AtomicU64,
}

pub(crate) type LinkId = u64;

#[derive(Debug, Default)]
struct Links {
    closed: bool,
    active: HashMap<LinkId, Active>,
}

/// A link that has not ended.
pub(crate) struct Active {
    /// The address of the signal, and the subject's line.
    pub(crate) ends: (usize, usize),
    pub(crate) sends: bool,
    /// The slot that sends, which disconnects when it is dropped.
    pub(crate) slot: Option<ScopedConnection>,
    /// Set when a link that receives is to end.
    pub(crate) receives: Option<Arc<AtomicBool>>,
    /// Keeps the signal, and so its address.
    pub(crate) _signal: Box<dyn Any + Send + Sync>,
}

impl std::fmt::Debug for Active {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Active").finish_non_exhaustive()
    }
}

impl Shared {
    pub(crate) fn new(settings: Settings) -> Self {
        Self {
            origin: Origin::random(),
            outbox: Outbox::new(settings.capacity, settings.when_full),
            settings,
            counters: Counters::default(),
            undelivered: Counter::default(),
            links: Mutex::default(),
            next_link: AtomicU64::new(0),
        }
    }

    /// No user code runs under the lock: links are dropped after it is released.
    fn links(&self) -> MutexGuard<'_, Links> {
        self.links.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a link, which must not repeat one that there is.
    pub(crate) fn add_link(&self, link: Active) -> Result<LinkId, LinkError> {
        let mut links = self.links();
        if links.closed {
            return Err(LinkError::Closed);
        }
        let same = |other: &Active| {
            other.ends == link.ends
                && (other.sends && link.sends
                    || other.receives.is_some() && link.receives.is_some())
        };
        if links.active.values().any(same) {
            return Err(LinkError::AlreadyLinked);
        }
        let id = self.next_link.fetch_add(1, Ordering::Relaxed);
        links.active.insert(id, link);
        Ok(id)
    }

    /// Gives a link its slot, unless it has ended by now.
    pub(crate) fn set_slot(&self, id: LinkId, slot: ScopedConnection) -> Result<(), LinkError> {
        let mut links = self.links();
        if links.closed {
            return Err(LinkError::Closed);
        }
        let link = links.active.get_mut(&id).ok_or(LinkError::Closed)?;
        link.slot = Some(slot);
        Ok(())
    }

    /// Ends a link. The slot that sends is disconnected when this returns; a delivery in progress goes on.
    pub(crate) fn end_link(&self, id: LinkId) {
        let link = self.links().active.remove(&id);
        if let Some(ended) = link.as_ref().and_then(|link| link.receives.as_ref()) {
            ended.store(true, Ordering::Relaxed);
        }
    }

    /// Emissions no longer go out, and there can be no more links. Those that receive go on.
    pub(crate) fn stop_sending(&self) {
        let mut links = self.links();
        links.closed = true;
        let slots: Vec<_> = links
            .active
            .values_mut()
            .filter_map(|link| link.slot.take())
            .collect();
        drop(links);
        drop(slots);
    }

    /// No further delivery begins, and there can be no more links. Drops nothing.
    pub(crate) fn stop_receiving(&self) {
        let mut links = self.links();
        links.closed = true;
        for ended in links
            .active
            .values()
            .filter_map(|link| link.receives.as_ref())
        {
            ended.store(true, Ordering::Relaxed);
        }
    }

    /// Ends all links.
    pub(crate) fn end_all(&self) {
        self.stop_receiving();
        let active = std::mem::take(&mut self.links().active);
        drop(active);
    }

    pub(crate) fn report(&self, kind: ProblemKind, subject: Option<&Arc<str>>, detail: String) {
        self.settings
            .reporter
            .report(kind, subject.cloned(), detail);
    }

    pub(crate) fn report_once(
        &self,
        line: &Line,
        kind: ProblemKind,
        detail: impl FnOnce() -> String,
    ) {
        self.settings
            .reporter
            .once(&line.reported, kind, &line.subject, detail);
    }

    /// Counts an emission that does not go out.
    pub(crate) fn refuse(&self, line: &Line, kind: ProblemKind, detail: impl FnOnce() -> String) {
        self.counters.refused.add(1);
        self.report_once(line, kind, detail);
    }
}
