//! What can be seen of the model.

use super::super::events::{CallbackSeen, Called, Event, NameSeen, RegistrySeen, Seen, SlotSeen};
use super::super::operations::{FUNCTIONS, NAMES};
use super::{Bound, CallbackKey, Key, Model};

impl Model {
    pub(super) fn observe(&mut self) {
        let seen = Seen {
            registry: self.owned.then(|| self.registry_seen()),
            drops: (0..self.captures.len())
                .map(|capture| usize::from(!self.is_held(capture)))
                .collect(),
        };
        self.log.push(Event::Seen(seen));
    }

    /// A capture is alive while its slot is connected, or in the snapshot of an emission in progress, or
    /// while a typed emission in progress keeps its removed signal.
    fn is_held(&self, capture: usize) -> bool {
        (0..self.slots.len()).any(|key| {
            let slot = &self.slots[key];
            let mut snapshots = self.snapshots.iter();
            slot.called == Called::Capturing(capture)
                && (slot.connected
                    || snapshots.any(|snapshot| snapshot.contains(&key))
                    || (slot.orphaned && self.typed.contains(&slot.signal)))
        })
    }

    fn bound_names(&self) -> Vec<String> {
        let names = NAMES.iter().zip(self.bound);
        let bound = names.filter(|(_, bound)| *bound != Bound::Nothing);
        let mut bound: Vec<_> = bound.map(|(name, _)| (*name).to_owned()).collect();
        bound.sort_unstable();
        bound
    }

    fn registry_seen(&self) -> RegistrySeen {
        let keys = 0..self.callbacks.len();
        let keys = keys.map(|key| self.callback_seen(Some(key)));
        let functions = (0..FUNCTIONS).map(|function| self.callback_seen(self.find(function)));
        RegistrySeen {
            keys: keys.collect(),
            functions: functions.collect(),
            names: (0..NAMES.len()).map(|name| self.name_seen(name)).collect(),
            bound: self.bound_names(),
        }
    }

    fn callback_seen(&self, key: Option<CallbackKey>) -> CallbackSeen {
        let mut slots: Vec<_> = key.map_or_else(Vec::new, |key| self.slots_of(key));
        slots.sort_unstable_by_key(|&slot| self.slots[slot].name);
        let responds_to: Vec<_> = slots
            .iter()
            .map(|&slot| NAMES[self.slots[slot].name])
            .collect();
        let mut signals: Vec<_> = responds_to.iter().map(|&name| name.to_owned()).collect();
        signals.sort_unstable();
        let registered = key.filter(|_| !slots.is_empty());
        CallbackSeen {
            signals,
            responds_to,
            calls_left: registered.and_then(|key| self.callbacks[key].calls_left),
        }
    }

    fn name_seen(&self, name: usize) -> NameSeen {
        let slot_seen = |slot: &Key| {
            let slot = &self.slots[*slot];
            SlotSeen {
                calls_left: slot.callback.and_then(|r| self.callbacks[r].calls_left),
                blocked: slot.blocks > 0,
            }
        };
        let has_signal = self.bound[name] == Bound::Signal;
        NameSeen {
            is_bound: self.bound[name] != Bound::Nothing,
            slots: has_signal.then(|| self.order(name).iter().map(slot_seen).collect()),
        }
    }
}
