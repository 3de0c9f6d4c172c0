//! What can be observed of a signal.

use smoke_signal::WaitError;

use crate::reference::Thrown;

/// Slots and emissions are numbered here, in the order in which they began.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Event {
    /// A slot is called.
    Called {
        slot: usize,
        /// The emission, which its argument names.
        emission: usize,
        /// Whether the argument is the original and not a clone. `None` allows either.
        original: Option<bool>,
    },
    /// The slot returns.
    Returned(usize),
    /// The closure of a `connect_with_key` is called.
    WithKey(usize),
    /// The result of `disconnect`.
    Disconnected(bool),
    Waited(Result<bool, WaitError>),
    /// Whether `block` returned a guard.
    Blocked(bool),
    /// The results of `emit`.
    Emitted(Vec<usize>),
    /// The result of an iterator's `next`, in which `Err` is a panic as an item.
    Next(Option<Result<usize, Thrown>>),
    /// A panic is caught.
    Caught(Thrown),
    /// What can be seen after an operation.
    Seen(Seen),
}

/// The visible state of a signal, and how often each slot's capture was dropped.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Seen {
    /// `None` if the signal was dropped.
    pub(crate) signal: Option<SignalSeen>,
    /// How often the capture of each slot, present or past, was dropped.
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
    pub(crate) missed: u64,
}

/// A range for the number of times that a capture was dropped.
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

    fn allows(self, actual: Self) -> bool {
        self.least <= actual.least && actual.most <= self.most
    }
}

impl Event {
    /// Returns whether this event of the model allows the library's.
    pub(crate) fn allows(&self, actual: &Self) -> bool {
        match (self, actual) {
            (
                Self::Called {
                    slot,
                    emission,
                    original: None,
                },
                Self::Called {
                    slot: actual_slot,
                    emission: actual_emission,
                    ..
                },
            ) => slot == actual_slot && emission == actual_emission,
            (Self::Seen(seen), Self::Seen(actual)) => {
                seen.signal == actual.signal
                    && seen.drops.len() == actual.drops.len()
                    && seen
                        .drops
                        .iter()
                        .zip(&actual.drops)
                        .all(|(drops, actual)| drops.allows(*actual))
            }
            _ => self == actual,
        }
    }
}
