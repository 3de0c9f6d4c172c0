//! Connecting, disconnecting, expiring and unblocking slots.

use super::super::events::Event;
use super::super::operations::{Connect, Kind, Pick};
use super::{Block, Key, Model, Slot, State};
use crate::reference::Thrown;
use smoke_signal::WaitError;

impl Model {
    pub(super) fn connect(&mut self, connect: &Connect) -> Result<(), Thrown> {
        if !self.owned {
            return Ok(());
        }
        let slot = self.slots.len();
        let max_calls = match (connect.kind, connect.max_calls) {
            (Kind::Once, None) => Some(1),
            (Kind::Once, Some(max_calls)) => Some(max_calls.min(1)),
            (_, max_calls) => max_calls,
        };
        let script = match self.scripts.len() {
            0 => Vec::new(),
            scripts => self.scripts[usize::from(connect.script) % scripts].clone(),
        };
        self.slots.push(Slot {
            state: State::NeverConnected,
            kind: connect.kind,
            script,
            group: i32::from(connect.group),
            calls_left: max_calls.map(u32::from),
            waitable: connect.waitable,
            blocks: 0,
            owned: true,
            in_flight: 0,
            missed: 0,
            consumed: false,
        });
        if max_calls == Some(0) {
            return Ok(());
        }
        if matches!(connect.kind, Kind::WithKey | Kind::WithKeyPanics) {
            self.slots[slot].state = State::Reserved;
            self.log.push(Event::WithKey(slot));
            self.observe();
            if connect.kind == Kind::WithKeyPanics {
                self.slots[slot].state = State::NeverConnected;
                return Err(self.thrown());
            }
        }
        self.slots[slot].state = State::Connected;
        let group = i32::from(connect.group);
        let place = self.order.iter().position(|&other| {
            let other = self.slots[other].group;
            other > group || (other == group && connect.first)
        });
        self.order.insert(place.unwrap_or(self.order.len()), slot);
        // The next connect, at the latest, drops expired slots, if there are so few that it looks at all.
        if self.slots.len() <= 8 {
            for slot in self.keys() {
                self.sweep(slot);
            }
        }
        Ok(())
    }

    pub(super) fn contains(&self, slot: Key) -> bool {
        self.slots[slot].state == State::Connected
    }

    /// Whether the slot can leave: it is connected, or was until its signal was dropped.
    pub(super) fn can_leave(&self, slot: Key) -> bool {
        matches!(self.slots[slot].state, State::Connected | State::Orphaned)
    }

    pub(super) fn disconnect(&mut self, slot: Key) {
        self.slots[slot].state = State::Disconnected;
        self.order.retain(|&other| other != slot);
    }

    pub(super) fn disconnect_scoped(&mut self, pick: Pick) {
        let slot = self.scoped.take(pick).and_then(|(_, slot)| slot);
        let slot = slot.filter(|&slot| self.contains(slot) || self.is_held(slot));
        let done = slot.is_some_and(|slot| self.can_leave(slot) && self.has_object(slot));
        if let Some(slot) = slot.filter(|_| done) {
            self.disconnect(slot);
        }
        self.log.push(Event::Disconnected(done));
    }

    pub(super) fn disconnect_and_wait(&mut self, slot: Key) -> Result<bool, WaitError> {
        let connected = self.contains(slot);
        if !self.slots[slot].waitable {
            return if connected {
                Err(WaitError::NotWaitable)
            } else {
                Ok(false)
            };
        }
        if connected {
            self.disconnect(slot);
        }
        self.sweep(slot);
        if self.inside.contains(&slot) {
            Err(WaitError::InsideSlot)
        } else {
            Ok(connected)
        }
    }

    /// A slot that changes what it captured is blocked while it runs.
    pub(super) fn is_running(&self, slot: Key) -> bool {
        self.slots[slot].kind == Kind::Mut && self.slots[slot].in_flight > 0
    }

    /// The object of a weak slot is alive while its owner or a call keeps it.
    pub(super) fn has_object(&self, slot: Key) -> bool {
        let slot = &self.slots[slot];
        slot.kind != Kind::Weak || slot.owned || slot.in_flight > 0
    }

    pub(super) fn expire_if_unowned(&mut self, slot: Key) {
        if self.contains(slot) && !self.has_object(slot) {
            self.disconnect(slot);
            self.slots[slot].state = State::Expired;
        }
    }

    /// Removes an expired slot from its signal. From then on only emissions can keep its captures alive.
    pub(super) fn sweep(&mut self, slot: Key) {
        let expired = match self.slots[slot].state {
            State::Expired => true,
            State::Orphaned => !self.has_object(slot),
            _ => false,
        };
        if expired {
            self.slots[slot].state = State::Disconnected;
        }
    }

    pub(super) fn unblock(&mut self, pick: Pick) {
        match self.guards.take(pick) {
            Some((_, Block::Slot(slot))) => self.slots[slot].blocks -= 1,
            Some((_, Block::Signal)) => self.blocks -= 1,
            None => {}
        }
    }

    pub(super) fn drop_if_unused(&mut self) {
        if self.owned || self.borrows > 0 || self.dropped {
            return;
        }
        self.dropped = true;
        self.order.clear();
        for slot in &mut self.slots {
            if slot.state == State::Connected {
                slot.state = State::Orphaned;
            }
        }
    }
}
