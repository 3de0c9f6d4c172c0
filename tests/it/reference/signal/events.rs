//! What can be observed of a signal: the model foresees it, the library shows it.

use smoke_signal::WaitError;

use crate::reference::Thrown;

/// Slots are known by number here, in the order in which their connects began; so are emissions.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Event {
    /// A slot is called.
    Called {
        slot: usize,
        /// Its argument names the emission,
        emission: usize,
        /// and is the original, not a clone. `None`: either will do.
        original: Option<bool>,
    },
    /// The slot returns.
    Returned(usize),
    /// The closure of a `connect_with_key` is called.
    Making(usize),
    /// What `disconnect` answers.
    Disconnected(bool),
    Waited(Result<bool, WaitError>),
    /// What `block` answers: whether there is a guard.
    Blocked(bool),
    /// What `emit` returns.
    Emitted(Vec<usize>),
    /// What an iterator's `next` gives; `Err`: a panic as an item.
    Next(Option<Result<usize, Thrown>>),
    /// A panic arrives where it is caught.
    Caught(Thrown),
    /// What can be seen after an operation.
    Seen(Seen),
}

/// What a signal shows, and what has become of the slots' captures.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Seen {
    /// `None`: the signal has been dropped.
    pub(crate) signal: Option<SignalSeen>,
    /// For each slot that ever was, how often its capture has been dropped.
    pub(crate) drops: Vec<Drops>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SignalSeen {
    pub(crate) len: usize,
    pub(crate) is_empty: bool,
    pub(crate) connections: Vec<usize>,
    pub(crate) slots: Vec<SlotSeen>,
    /// The slots for which `contains` is true.
    pub(crate) contains: Vec<usize>,
    /// The slots for which `is_blocked` is true.
    pub(crate) is_blocked: Vec<usize>,
}

/// A `SlotInfo`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SlotSeen {
    pub(crate) slot: usize,
    pub(crate) group: i32,
    pub(crate) calls_left: Option<u32>,
    pub(crate) blocked: bool,
    pub(crate) weak: bool,
}

/// How often a capture has been dropped, from which to which number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Drops {
    pub(crate) least: usize,
    pub(crate) most: usize,
}

impl Drops {
    pub(crate) const NONE: Self = Self::exactly(0);
    pub(crate) const ONE: Self = Self::exactly(1);
    pub(crate) const NONE_OR_ONE: Self = Self { least: 0, most: 1 };

    pub(crate) const fn exactly(times: usize) -> Self {
        Self {
            least: times,
            most: times,
        }
    }

    fn admits(self, shown: Self) -> bool {
        self.least <= shown.least && shown.most <= self.most
    }
}

impl Event {
    /// Tells whether this event, of the model, agrees with the one of the library.
    pub(crate) fn admits(&self, shown: &Self) -> bool {
        match (self, shown) {
            (
                Self::Called {
                    slot,
                    emission,
                    original: None,
                },
                Self::Called {
                    slot: shown_slot,
                    emission: shown_emission,
                    ..
                },
            ) => slot == shown_slot && emission == shown_emission,
            (Self::Seen(seen), Self::Seen(shown)) => {
                seen.signal == shown.signal
                    && seen.drops.len() == shown.drops.len()
                    && seen
                        .drops
                        .iter()
                        .zip(&shown.drops)
                        .all(|(drops, shown)| drops.admits(*shown))
            }
            _ => self == shown,
        }
    }
}
