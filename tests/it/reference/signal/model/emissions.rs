//! Emissions, lazy emissions and guards.

use super::super::events::Event;
use super::super::operations::{DEPTH, Kind, Pick};
use super::{Emission, EmissionId, Iteration, Key, Model, State};
use crate::reference::Thrown;

impl Model {
    pub(super) fn may_call(&self) -> bool {
        self.inside.len() < DEPTH
    }

    pub(super) fn next_emission(&mut self) -> EmissionId {
        self.emissions_so_far += 1;
        self.emissions_so_far
    }

    /// Takes the snapshot that an emission calls.
    pub(super) fn begin(&mut self, emission: EmissionId) {
        let snapshot = match self.blocks {
            0 => self.order.clone(),
            _ => Vec::new(),
        };
        // An emission of a blocked signal passes no slots. It looks for expired ones as a connect does.
        let looks_at_all = self.blocks == 0 || self.slots.len() <= 8;
        let has_expired = |slot: &Key| looks_at_all && self.slots[*slot].state == State::Expired;
        let expired = self.keys().into_iter().filter(has_expired).collect();
        self.emissions.insert(
            emission,
            Emission {
                remaining: snapshot.clone(),
                snapshot,
                expired,
            },
        );
    }

    /// Tries slots until one is called.
    fn next(&mut self, emission: EmissionId) -> Result<Option<usize>, Thrown> {
        loop {
            let in_progress = self
                .emissions
                .get_mut(&emission)
                .expect("it is in progress");
            if in_progress.remaining.is_empty() {
                // It has passed all slots that had expired before it.
                for slot in in_progress.expired.clone() {
                    self.sweep(slot);
                }
                return Ok(None);
            }
            let slot = in_progress.remaining.remove(0);
            let is_last = in_progress.remaining.is_empty();
            // If the emission also passes expired slots, its last slot may be another one.
            let original = (!is_last || in_progress.expired.is_empty()).then_some(is_last);
            self.sweep(slot);
            if self.acquire_call(slot) {
                self.log.push(Event::Called {
                    slot,
                    emission,
                    original,
                });
                return self.call(slot).map(Some);
            }
        }
    }

    /// Decides whether the slot is called, and charges the call.
    fn acquire_call(&mut self, slot: Key) -> bool {
        if self.is_running(slot) {
            self.slots[slot].missed += u64::from(self.can_leave(slot));
            return false;
        }
        let callable = matches!(self.slots[slot].state, State::Connected | State::Orphaned)
            && self.slots[slot].blocks == 0
            && self.slots[slot].calls_left != Some(0)
            && self.has_object(slot);
        if !callable {
            return false;
        }
        if let Some(left) = &mut self.slots[slot].calls_left {
            *left -= 1;
            if *left == 0 && self.can_leave(slot) {
                self.disconnect(slot);
            }
        }
        true
    }

    fn call(&mut self, slot: Key) -> Result<usize, Thrown> {
        self.slots[slot].in_flight += 1;
        self.inside.push(slot);
        let outcome = self.follow_script(slot);
        self.inside.pop();
        self.slots[slot].in_flight -= 1;
        self.slots[slot].consumed = self.slots[slot].kind == Kind::Once;
        self.expire_if_unowned(slot);
        outcome.map(|()| slot)
    }

    fn follow_script(&mut self, slot: Key) -> Result<(), Thrown> {
        for operation in self.slots[slot].script.clone() {
            if self.fuel > 0 {
                self.fuel -= 1;
                self.perform(&operation)?;
                self.observe();
            }
        }
        self.log.push(Event::Returned(slot));
        Ok(())
    }

    /// Whether an emission in progress has the slot.
    pub(super) fn is_held(&self, slot: Key) -> bool {
        let mut emissions = self.emissions.values();
        emissions.any(|emission| emission.snapshot.contains(&slot))
    }

    pub(super) fn end(&mut self, emission: EmissionId) {
        self.emissions.remove(&emission);
    }

    /// Runs a whole emission, and returns the results.
    fn emit_all(&mut self, emission: EmissionId) -> Result<Vec<usize>, Thrown> {
        self.begin(emission);
        let mut results = Vec::new();
        let outcome = loop {
            match self.next(emission) {
                Ok(Some(result)) => results.push(result),
                Ok(None) => break Ok(results),
                Err(thrown) => break Err(thrown),
            }
        };
        self.end(emission);
        outcome
    }

    pub(super) fn emit(&mut self, caught: bool) -> Result<(), Thrown> {
        let emission = self.next_emission();
        self.borrows += 1;
        let outcome = self.emit_all(emission);
        self.borrows -= 1;
        self.drop_if_unused();
        match outcome {
            Ok(results) => self.log.push(Event::Emitted(results)),
            Err(thrown) if caught => self.log.push(Event::Caught(thrown)),
            Err(thrown) => return Err(thrown),
        }
        Ok(())
    }

    pub(super) fn emit_by_guard(&mut self, emission: EmissionId) -> Result<(), Thrown> {
        if self.dropped {
            return Ok(());
        }
        self.emit_all(emission).map(drop)
    }

    pub(super) fn panic(&mut self, guarded: bool) -> Thrown {
        if guarded && self.may_call() {
            if let Some((_, emission)) = self.emitting.take(0) {
                self.unwinding += 1;
                let _ = self.emit_by_guard(emission);
                self.unwinding -= 1;
            }
        }
        self.thrown()
    }

    pub(super) fn thrown(&self) -> Thrown {
        Thrown(self.inside.last().copied())
    }

    /// One `next` of an iterator.
    fn item(&mut self, iteration: &Iteration) -> Result<Option<Result<usize, Thrown>>, Thrown> {
        match self.next(iteration.emission) {
            Ok(item) => Ok(item.map(Ok)),
            Err(thrown) if iteration.catching => Ok(Some(Err(thrown))),
            Err(thrown) => Err(thrown),
        }
    }

    pub(super) fn advance(&mut self, pick: Pick) -> Result<(), Thrown> {
        if let Some((place, iteration)) = self.calls.take(pick) {
            let item = self.item(&iteration);
            self.calls.put_back(place, iteration);
            self.log.push(Event::Next(item?));
        }
        Ok(())
    }

    pub(super) fn exhaust(&mut self, pick: Pick) -> Result<(), Thrown> {
        let Some((_, iteration)) = self.calls.take(pick) else {
            return Ok(());
        };
        let outcome = loop {
            match self.item(&iteration) {
                Ok(item) => {
                    self.log.push(Event::Next(item));
                    if item.is_none() {
                        break Ok(());
                    }
                }
                Err(thrown) => break Err(thrown),
            }
        };
        self.end(iteration.emission);
        outcome
    }
}
