//! A signal, as it is told to a subscriber.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::slot_info::SlotInfo;
use crate::trace::events::{self, Absence, SlotId};
use crate::trace::label::Label;
use crate::trace::listening::is_listening_closely;

/// The name of a signal.
#[derive(Clone)]
pub(crate) enum Name {
    Unnamed,
    Static(&'static str),
    /// That of a registry.
    Shared(Arc<str>),
}

impl Name {
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Unnamed => None,
            Self::Static(name) => Some(name),
            Self::Shared(name) => Some(name),
        }
    }
}

impl From<Label> for Name {
    fn from(label: Label) -> Self {
        label.name.map_or(Self::Unnamed, Self::Static)
    }
}

/// What a subscriber is told about a signal.
pub(crate) struct Subject {
    pub(crate) name: Name,
    /// Warn as soon as more slots than this are connected.
    warn_above: AtomicUsize,
}

impl Subject {
    pub(crate) fn new(name: Name, label: Label) -> Self {
        Self {
            name,
            warn_above: AtomicUsize::new(label.warn_above),
        }
    }

    /// A slot has been connected. `count` counts the slots, and `list` lists them.
    pub(crate) fn connected(
        &self,
        slot: SlotId,
        count: impl FnOnce() -> usize,
        list: impl FnOnce() -> Vec<SlotInfo>,
    ) {
        if is_listening_closely() {
            events::connected(self.name.text(), slot);
        }
        let limit = self.warn_above.load(Ordering::Relaxed);
        if limit < usize::MAX {
            let slots = count();
            if slots > limit && events::warnings_are_heard() && self.is_news(limit, slots) {
                events::crowded(self.name.text(), slots, &list());
            }
        }
    }

    /// There are more slots than the limit. Returns `true` once for each limit, whichever thread comes first. The next
    /// limit is half more.
    fn is_news(&self, limit: usize, slots: usize) -> bool {
        let mut next = limit;
        while next < slots {
            next = next.saturating_add((next / 2).max(1));
        }
        let relaxed = Ordering::Relaxed; // nothing else is published through it
        let exchanged = self
            .warn_above
            .compare_exchange(limit, next, relaxed, relaxed);
        exchanged.is_ok()
    }

    /// A slot has left.
    pub(crate) fn disconnected(&self, slot: SlotId, why: Absence) {
        events::disconnected(self.name.text(), slot, why);
    }

    /// The signal has been dropped, with this many slots.
    pub(crate) fn dropped(&self, slots: usize) {
        if is_listening_closely() {
            events::dropped(self.name.text(), slots);
        }
    }
}

/// A slot that has left its signal, which is to be told without a lock.
pub(crate) struct Departure {
    signal: Name,
    slot: SlotId,
    why: Absence,
}

impl Departure {
    pub(crate) fn new(signal: &Name, slot: SlotId, why: Absence) -> Self {
        Self {
            signal: signal.clone(),
            slot,
            why,
        }
    }

    pub(crate) fn tell(&self) {
        events::disconnected(self.signal.text(), self.slot, self.why);
    }
}
