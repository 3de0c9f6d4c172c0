//! The call budget of a callback, shared by all its names.

use std::sync::Weak;

use crate::core::{Head, SlotHooks};
use crate::keys::CallbackKey;
use crate::owner::Owner;
use crate::sync::{AtomicU64, Ordering};

/// The value that means no limit.
const UNLIMITED: u64 = u64::MAX;

/// Whether a call may begin.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Charge {
    Granted,
    /// The call may begin, and is the last.
    Last,
    /// The budget is used up.
    Refused,
}

/// The call budget of one registered callback.
pub(crate) struct Budget {
    /// How many more calls may begin, or `UNLIMITED`. 0 is final: the callback has left.
    ///
    /// The order of changes of this one value decides who gets which call. Nothing else is published
    /// through it: relaxed suffices.
    left: AtomicU64,
    key: CallbackKey,
    registry: Weak<dyn Owner<CallbackKey>>,
}

fn stored(max_calls: Option<u32>) -> u64 {
    max_calls.map_or(UNLIMITED, u64::from)
}

impl Budget {
    pub(crate) fn new(
        max_calls: Option<u32>,
        key: CallbackKey,
        registry: Weak<dyn Owner<CallbackKey>>,
    ) -> Self {
        Self {
            left: AtomicU64::new(stored(max_calls)),
            key,
            registry,
        }
    }

    /// Takes one call from the budget. The callback leaves the registry with the last.
    #[inline]
    pub(crate) fn charge(&self) -> Charge {
        match self.left.load(Ordering::Relaxed) {
            UNLIMITED => Charge::Granted,
            _ => self.charge_limited(),
        }
    }

    fn charge_limited(&self) -> Charge {
        let charged =
            self.left
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| match left {
                    UNLIMITED => Some(UNLIMITED),
                    _ => left.checked_sub(1),
                });
        match charged {
            Ok(1) => {
                if let Some(registry) = self.registry.upgrade() {
                    registry.disconnect(self.key);
                }
                Charge::Last
            }
            Ok(_) => Charge::Granted,
            Err(_) => Charge::Refused,
        }
    }

    /// Replaces the budget. Returns `false` if it is used up, which means that the callback has left.
    pub(crate) fn renew(&self, max_calls: Option<u32>) -> bool {
        self.left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                (left != 0).then_some(stored(max_calls))
            })
            .is_ok()
    }

    /// Returns how many more calls may begin, or `None` if there is no limit.
    pub(crate) fn left(&self) -> Option<u32> {
        u32::try_from(self.left.load(Ordering::Relaxed)).ok()
    }

    pub(crate) fn is_used_up(&self) -> bool {
        self.left.load(Ordering::Relaxed) == 0
    }
}

impl SlotHooks for Budget {
    fn calls_left(&self, _head: &Head) -> Option<u32> {
        self.left()
    }
}
