//! What can be seen of the model.

use super::super::events::{Drops, Event, Seen, SignalSeen, SlotSeen};
use super::super::operations::Kind;
use super::{Key, Model, State};

impl Model {
    pub(super) fn observe(&mut self) {
        let seen = Seen {
            signal: self.owned.then(|| self.signal_seen()),
            drops: self.keys().iter().map(|&slot| self.drops(slot)).collect(),
        };
        self.log.push(Event::Seen(seen));
    }

    fn signal_seen(&self) -> SignalSeen {
        let is_blocked =
            |slot: &Key| self.blocks > 0 || self.slots[*slot].blocks > 0 || self.is_running(*slot);
        let slot_seen = |slot: &Key| SlotSeen {
            slot: *slot,
            group: self.slots[*slot].group,
            calls_left: self.slots[*slot].calls_left,
            blocked: is_blocked(slot),
            weak: self.slots[*slot].kind == Kind::Weak,
            missed: self.slots[*slot].missed,
        };
        let mut contains = self.order.clone();
        contains.sort_unstable();
        SignalSeen {
            len: self.order.len(),
            is_empty: self.order.is_empty(),
            connections: self.order.clone(),
            slots: self.order.iter().map(slot_seen).collect(),
            is_blocked: contains.iter().copied().filter(is_blocked).collect(),
            contains,
        }
    }

    /// How often the slot's capture may have been dropped.
    fn drops(&self, key: Key) -> Drops {
        let slot = &self.slots[key];
        let mut emissions = self.emissions.values();
        let is_called = slot.in_flight > 0;
        let is_held = emissions
            .clone()
            .any(|emission| emission.snapshot.contains(&key));
        let may_be_held = is_held || emissions.any(|emission| emission.expired.contains(&key));
        match slot.state {
            State::Reserved | State::Connected => Drops::NONE,
            State::NeverConnected => Drops::ONE,
            _ if is_called => Drops::NONE,
            _ if slot.consumed => Drops::ONE,
            State::Expired if may_be_held || !self.dropped => Drops::NONE_OR_ONE,
            State::Disconnected if slot.waitable => Drops::ONE,
            State::Disconnected | State::Orphaned if is_held => Drops::NONE,
            State::Disconnected | State::Orphaned if may_be_held => Drops::NONE_OR_ONE,
            State::Expired | State::Disconnected | State::Orphaned => Drops::ONE,
        }
    }
}
