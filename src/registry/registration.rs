//! A registered callback: its slots in the signals of its names, and the call budget that they share.
//!
//! Its slots and handles own it, and it does not need its registry: a callback leaves all its signals with
//! its last call, or when its scope ends, even if the registry has been dropped.
//!
//! The lock of a registration is taken after that of the registry and before those of signals. Slots that
//! are removed under it are dropped after unlocking.

use std::any::TypeId;
use std::collections::BTreeMap;
use std::mem;
use std::sync::{Arc, Weak};

use crate::core::{Head, SlotHooks};
use crate::keys::{CallbackKey, Connection};
use crate::owner::{Owner, ScopedOwner};
use crate::registry::named::{AnySignal, DeferredDrops};
use crate::sync::{AtomicU64, Mutex, MutexGuard, Ordering, lock};

/// The value that means no limit.
const UNLIMITED: u64 = u64::MAX;

fn stored(max_calls: Option<u32>) -> u64 {
    max_calls.map_or(UNLIMITED, u64::from)
}

/// A callback's slot in the signal of one name.
struct NamedSlot {
    signal: Weak<dyn AnySignal>,
    connection: Connection,
}

impl NamedSlot {
    fn is_connected(&self) -> bool {
        let signal = self.signal.upgrade();
        signal.is_some_and(|signal| signal.can_leave(self.connection))
    }

    fn disconnect(&self, drops: &mut DeferredDrops) -> bool {
        let signal = self.signal.upgrade();
        signal.is_some_and(|signal| signal.disconnect_into(self.connection, drops))
    }
}

/// The slots of a callback, by name. Some may have left through the typed signals.
#[derive(Default)]
pub(crate) struct Slots {
    by_name: BTreeMap<Arc<str>, NamedSlot>,
    /// The number of slots at which to look for those that have left, so that they do not accumulate.
    sweep_at: usize,
}

impl Slots {
    pub(crate) fn insert(
        &mut self,
        name: Arc<str>,
        signal: Weak<dyn AnySignal>,
        connection: Connection,
    ) {
        if self.by_name.len() >= self.sweep_at {
            self.by_name.retain(|_, slot| slot.is_connected());
            self.sweep_at = (2 * self.by_name.len()).max(8);
        }
        let slot = NamedSlot { signal, connection };
        self.by_name.insert(name, slot);
    }

    pub(crate) fn is_connected(&self, name: &str) -> bool {
        self.by_name.get(name).is_some_and(NamedSlot::is_connected)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.by_name.is_empty()
    }

    /// Whether any slot is connected. Forgets those in front of it, so that nobody has to pass them again.
    fn any(&mut self) -> bool {
        while let Some(first) = self.by_name.first_entry() {
            if first.get().is_connected() {
                return true;
            }
            first.remove();
        }
        false
    }

    fn disconnect_all(&mut self, drops: &mut DeferredDrops) -> bool {
        let slots = mem::take(&mut self.by_name);
        let left = slots.values().filter(|slot| slot.disconnect(drops));
        left.count() > 0
    }
}

/// A registered callback.
pub(crate) struct Registration {
    /// The type of a zero-sized callable, which identifies it.
    pub(crate) identity: Option<TypeId>,
    /// How many more calls may begin, or `UNLIMITED`. 0 is final: the callback has left.
    ///
    /// More than 1 becomes one less without a lock. The order of changes of this one value then decides who
    /// gets which call, and nothing else is published through it: relaxed suffices. All other changes
    /// happen under the lock of `slots`. They swap, because the model checker would order a store before
    /// a concurrent charge that did not see it.
    calls_left: AtomicU64,
    slots: Mutex<Slots>,
}

impl Registration {
    pub(crate) fn new(identity: Option<TypeId>, max_calls: Option<u32>) -> Self {
        Self {
            identity,
            calls_left: AtomicU64::new(stored(max_calls)),
            slots: Mutex::new(Slots::default()),
        }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Slots> {
        lock(&self.slots)
    }

    /// Replaces the budget and returns the locked slots, or returns `None` if the callback has left.
    pub(crate) fn renew(&self, max_calls: Option<u32>) -> Option<MutexGuard<'_, Slots>> {
        let mut slots = self.lock();
        if self.has_left() || !slots.any() {
            return None;
        }
        self.calls_left.swap(stored(max_calls), Ordering::Relaxed);
        Some(slots)
    }

    /// Takes one call from the budget. Returns whether the call of this slot, which is in `signal`, may
    /// begin.
    #[inline]
    pub(crate) fn charge(&self, signal: &Weak<dyn AnySignal>, head: &Head) -> bool {
        match self.calls_left.load(Ordering::Relaxed) {
            UNLIMITED => true,
            _ => self.charge_limited(signal, head),
        }
    }

    fn charge_limited(&self, signal: &Weak<dyn AnySignal>, head: &Head) -> bool {
        loop {
            let charged = self.calls_left.fetch_update(
                Ordering::Relaxed,
                Ordering::Relaxed,
                |left| match left {
                    UNLIMITED => Some(UNLIMITED),
                    0 | 1 => None,
                    _ => Some(left - 1),
                },
            );
            match charged {
                Ok(_) => return true,
                Err(0) => return false,
                Err(_) => {}
            }
            if let Some(begins) = self.charge_last(signal, head) {
                return begins;
            }
        }
    }

    /// Takes the last call from the budget, and disconnects the callback from all its names. Returns
    /// whether the call may begin, or `None` if it is not the last after all.
    ///
    /// Disconnecting the slot decides between the call and everything else that disconnects it: only one
    /// of them finds it connected.
    #[cold]
    fn charge_last(&self, signal: &Weak<dyn AnySignal>, head: &Head) -> Option<bool> {
        let mut drops = DeferredDrops::new();
        let mut slots = self.lock();
        match self.calls_left.load(Ordering::Relaxed) {
            0 => return Some(false),
            1 => {}
            _ => return None,
        }
        let signal = signal.upgrade();
        #[cfg(feature = "tracing")]
        head.history.set_departure(crate::trace::Absence::UsedUp);
        let begins = signal.is_some_and(|signal| signal.disconnect_into(head.key(), &mut drops));
        if begins {
            self.calls_left.swap(0, Ordering::Relaxed);
            slots.disconnect_all(&mut drops);
        }
        drop(slots);
        drop(drops);
        Some(begins)
    }

    /// Disconnects the callback from all its names. Returns whether it was connected to any of them.
    pub(crate) fn leave(&self, slots: &mut Slots, drops: &mut DeferredDrops) -> bool {
        let any = slots.disconnect_all(drops);
        self.calls_left.swap(0, Ordering::Relaxed);
        any
    }

    /// Disconnects the callback from these names. Returns whether it was connected to any of them.
    pub(crate) fn leave_names(&self, names: &[&str], drops: &mut DeferredDrops) -> bool {
        let mut slots = self.lock();
        let mut any = false;
        for name in names {
            if let Some(slot) = slots.by_name.remove(*name) {
                any |= slot.disconnect(drops);
            }
        }
        if slots.by_name.is_empty() {
            self.calls_left.swap(0, Ordering::Relaxed);
        }
        any
    }

    /// Whether the callback has left all its names for ever. If it has lost its slots through the typed
    /// signals, this may still be `false`.
    pub(crate) fn has_left(&self) -> bool {
        self.calls_left.load(Ordering::Relaxed) == 0
    }

    /// Whether the callback is connected under any name.
    pub(crate) fn is_connected(&self) -> bool {
        self.lock().any()
    }

    /// Returns the names under which the callback is connected, sorted.
    pub(crate) fn names(&self) -> Vec<String> {
        let slots = self.lock();
        let connected = slots.by_name.iter().filter(|(_, slot)| slot.is_connected());
        connected.map(|(name, _)| (**name).to_owned()).collect()
    }

    /// Returns how many more calls may begin, or `None` if there is no limit or the callback has left.
    pub(crate) fn calls_left(&self) -> Option<u32> {
        let mut slots = self.lock();
        let left = u32::try_from(self.calls_left.load(Ordering::Relaxed)).ok();
        left.filter(|&left| left > 0 && slots.any())
    }
}

impl SlotHooks for Registration {
    fn calls_left(&self, _head: &Head) -> Option<u32> {
        u32::try_from(self.calls_left.load(Ordering::Relaxed)).ok()
    }
}

impl Owner<CallbackKey> for Registration {
    fn disconnect(&self, _key: CallbackKey) -> bool {
        let mut drops = DeferredDrops::new();
        let mut slots = self.lock();
        let left = self.leave(&mut slots, &mut drops);
        drop(slots);
        drop(drops);
        left
    }
}

impl ScopedOwner<CallbackKey> for Registration {
    fn can_leave(&self, _key: CallbackKey) -> bool {
        self.is_connected()
    }
}
