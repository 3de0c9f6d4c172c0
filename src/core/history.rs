//! What a slot remembers for a subscriber of `tracing`, with the feature of that name.

use std::panic::Location;
use std::sync::atomic::{AtomicU8, Ordering};

use once_cell::race::OnceRef;

use crate::trace::Absence;

/// What a slot remembers for as long as an emission holds it.
pub(crate) struct History {
    /// The source line that connected it. Set once, before the slot is in any list.
    connected_at: OnceRef<'static, Location<'static>>,
    /// Why it has left its signal: one of the constants, or 0 if that is not known. Only a message depends on it: relaxed
    /// suffices.
    departure: AtomicU8,
}

const GONE: u8 = 1;
const USED_UP: u8 = 2;
const OBJECT_GONE: u8 = 3;

impl History {
    pub(crate) fn new() -> Self {
        Self {
            connected_at: OnceRef::new(),
            departure: AtomicU8::new(0),
        }
    }

    pub(crate) fn connected_at(&self) -> Option<&'static Location<'static>> {
        self.connected_at.get()
    }

    pub(crate) fn set_connected_at(&self, location: &'static Location<'static>) {
        let _ = self.connected_at.set(location);
    }

    pub(crate) fn departure(&self) -> Option<Absence> {
        match self.departure.load(Ordering::Relaxed) {
            GONE => Some(Absence::Gone),
            USED_UP => Some(Absence::UsedUp),
            OBJECT_GONE => Some(Absence::ObjectGone),
            _ => None,
        }
    }

    pub(crate) fn set_departure(&self, why: Absence) {
        let why = match why {
            Absence::UsedUp => USED_UP,
            Absence::ObjectGone => OBJECT_GONE,
            _ => GONE,
        };
        self.departure.store(why, Ordering::Relaxed);
    }
}
