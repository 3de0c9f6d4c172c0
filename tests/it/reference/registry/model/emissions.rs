//! Emissions and guards.

use super::super::events::{Called, Event};
use super::super::operations::DEPTH;
use super::{ALL, Key, Model, Slot};
use crate::reference::Thrown;

impl Model {
    pub(super) fn may_call(&self) -> bool {
        self.inside.len() < DEPTH
    }

    /// The connected slots of a name in call order.
    pub(super) fn order(&self, name: usize) -> Vec<Key> {
        let slots = 0..self.slots.len();
        slots
            .filter(|&slot| self.slots[slot].connected && self.slots[slot].name == name)
            .collect()
    }

    pub(super) fn emit(&mut self, name: usize) -> Result<Vec<Called>, Thrown> {
        let snapshot = self.order(name);
        self.snapshots.push(snapshot.clone());
        let mut results = Vec::new();
        let mut outcome = Ok(());
        for slot in snapshot {
            if outcome.is_ok() && self.acquire_call(slot) {
                results.push(self.slots[slot].called);
                outcome = self.call(slot);
            }
        }
        self.snapshots.pop();
        outcome.map(|()| results)
    }

    /// Decides whether the slot is called, and charges its callback.
    fn acquire_call(&mut self, slot: Key) -> bool {
        let slot = &self.slots[slot];
        if !(slot.connected || slot.orphaned) || slot.blocks > 0 {
            return false;
        }
        if let Some(key) = slot.callback {
            if let Some(left) = &mut self.callbacks[key].calls_left {
                *left -= 1;
                if *left == 0 {
                    self.disconnect(Some(key), &ALL);
                }
            }
        }
        true
    }

    fn call(&mut self, slot: Key) -> Result<(), Thrown> {
        let Slot {
            called, callback, ..
        } = self.slots[slot];
        self.log.push(Event::Called(called));
        self.inside.push((called, callback));
        let outcome = self.follow_script(called);
        self.inside.pop();
        outcome
    }

    fn follow_script(&mut self, called: Called) -> Result<(), Thrown> {
        let script = match called {
            Called::Function(function) => self.scripts.get(function).cloned().unwrap_or_default(),
            Called::Capturing(capture) => self.captures[capture].clone(),
        };
        for operation in script {
            if self.fuel > 0 {
                self.fuel -= 1;
                self.perform(&operation)?;
                self.observe();
            }
        }
        self.log.push(Event::Returned(called));
        Ok(())
    }

    pub(super) fn emit_by_guard(&mut self, (name, binding): (usize, usize)) -> Result<(), Thrown> {
        if !self.owned || self.bindings[name] != binding {
            return Ok(());
        }
        self.emit(name).map(drop)
    }

    pub(super) fn panic(&mut self, guarded: bool) -> Thrown {
        if guarded && self.may_call() {
            if let Some((_, bound)) = self.guards.take(0) {
                self.unwinding += 1;
                let _ = self.emit_by_guard(bound);
                self.unwinding -= 1;
            }
        }
        Thrown(self.inside.len().checked_sub(1))
    }
}
