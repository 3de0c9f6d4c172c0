//! What a signal should do, on one thread and with nothing but a `Vec` of slots: the reference that
//! the library is compared with.

use std::collections::BTreeMap;
use std::mem;

use smoke_signal::WaitError;

use super::events::{Drops, Event, Seen, SignalSeen, SlotSeen};
use super::operations::{Connect, DEPTH, FUEL, Kind, Operation, Pick, Program, Who};
use crate::reference::table::Table;
use crate::reference::{Thrown, one_of};

type Key = usize;
type EmissionId = usize;

#[derive(Debug)]
struct Slot {
    state: State,
    kind: Kind,
    script: Vec<Operation>,
    group: i32,
    calls_left: Option<u32>,
    waitable: bool,
    blocks: usize,
    /// The object of a weak slot still has its owner.
    owned: bool,
    /// How many of its calls are under way.
    in_flight: usize,
    /// Consumed by its call.
    consumed: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// `connect_with_key` has not connected it yet.
    Making,
    /// Never was, and never will be, connected.
    Dead,
    Connected,
    /// Its object has gone. Nobody can see it any more; its captures may still be there.
    Expired,
    Left,
    /// Its signal has gone before it left: emissions under way still call it.
    Orphaned,
}

/// An emission under way.
#[derive(Debug)]
struct Emission {
    /// The slots whose turn is still to come.
    to_come: Vec<Key>,
    /// The slots that it started with: it holds their captures to its end.
    view: Vec<Key>,
    /// The slots that had expired before it started: it may hold their captures.
    expired: Vec<Key>,
}

/// What guards keep from being called.
#[derive(Debug)]
enum Block {
    Slot(Key),
    Signal,
}

#[derive(Debug)]
struct Iteration {
    emission: EmissionId,
    catching: bool,
}

#[derive(Debug)]
pub(crate) struct Model {
    scripts: Vec<Vec<Operation>>,
    fuel: usize,
    log: Vec<Event>,

    /// All slots that ever were.
    slots: Vec<Slot>,
    /// The connected ones, in call order.
    order: Vec<Key>,
    /// How many guards block the signal.
    blocks: usize,
    /// The signal has an owner.
    owned: bool,
    /// How many emissions hold the signal while they call its slots.
    borrows: usize,
    /// Neither: the signal has gone.
    gone: bool,

    emissions: BTreeMap<EmissionId, Emission>,
    emissions_so_far: usize,
    /// The slots that are being called, one from inside the other.
    inside: Vec<Key>,
    /// How many drops by unwinding are under way, one from inside the other.
    unwinding: usize,

    scoped: Table<Option<Key>>,
    guards: Table<Block>,
    calls: Table<Iteration>,
    emitting: Table<EmissionId>,
}

impl Model {
    pub(crate) fn new(program: &Program) -> Self {
        Self {
            scripts: program.scripts.clone(),
            fuel: FUEL,
            log: Vec::new(),
            slots: Vec::new(),
            order: Vec::new(),
            blocks: 0,
            owned: true,
            borrows: 0,
            gone: false,
            emissions: BTreeMap::new(),
            emissions_so_far: 0,
            inside: Vec::new(),
            unwinding: 0,
            scoped: Table::new(),
            guards: Table::new(),
            calls: Table::new(),
            emitting: Table::new(),
        }
    }

    /// Performs an operation outside of slots; what can be observed of it.
    pub(crate) fn step(&mut self, operation: &Operation) -> Vec<Event> {
        if let Err(thrown) = self.perform(operation) {
            self.log.push(Event::Caught(thrown));
        }
        self.look();
        mem::take(&mut self.log)
    }

    /// Tells whether handles, guards, iterators or objects are left.
    pub(crate) fn holds_anything(&self) -> bool {
        !(self.scoped.is_empty()
            && self.guards.is_empty()
            && self.calls.is_empty()
            && self.emitting.is_empty())
    }

    fn perform(&mut self, operation: &Operation) -> Result<(), Thrown> {
        match operation {
            Operation::Connect(connect) => self.connect(connect)?,
            Operation::Disconnect(who) if self.owned => {
                let slot = self.pick(*who).filter(|&slot| self.contains(slot));
                if let Some(slot) = slot {
                    self.leave(slot);
                }
                self.log.push(Event::Disconnected(slot.is_some()));
            }
            Operation::DisconnectAll if self.owned => {
                for slot in self.order.clone() {
                    self.leave(slot);
                }
            }
            Operation::DisconnectAndWait(who) if self.owned => {
                let waited = match self.pick(*who) {
                    Some(slot) => self.disconnect_and_wait(slot),
                    None => Ok(false),
                };
                self.log.push(Event::Waited(waited));
            }

            Operation::Scope(who) if self.owned => {
                let slot = self.pick(*who);
                self.scoped.add(slot);
            }
            Operation::EndScope(pick) => {
                let slot = self.scoped.take(*pick).and_then(|(_, slot)| slot);
                if let Some(slot) = slot.filter(|&slot| self.contains(slot)) {
                    self.leave(slot);
                }
            }
            Operation::Release(pick) => {
                self.scoped.take(*pick);
            }

            Operation::Block(who) if self.owned => {
                let slot = self.pick(*who).filter(|&slot| self.contains(slot));
                if let Some(slot) = slot {
                    self.slots[slot].blocks += 1;
                    self.guards.add(Block::Slot(slot));
                }
                self.log.push(Event::Blocked(slot.is_some()));
            }
            Operation::BlockAll if self.owned => {
                self.blocks += 1;
                self.guards.add(Block::Signal);
            }
            Operation::Unblock(pick) => self.unblock(*pick),

            Operation::DropObject(who) => {
                if let Some(slot) = self.pick(*who) {
                    self.slots[slot].owned = false;
                    self.expire_if_abandoned(slot);
                }
            }

            Operation::Emit { caught } if self.owned && self.may_call() => self.emit(*caught)?,
            Operation::Calls { catching } if self.owned => {
                let emission = self.next_emission();
                self.begin(emission);
                self.calls.add(Iteration {
                    emission,
                    catching: *catching,
                });
            }
            Operation::Advance(pick) if self.may_call() => self.advance(*pick)?,
            Operation::Exhaust(pick) if self.may_call() => self.exhaust(*pick)?,
            Operation::DropCalls(pick) => {
                if let Some((_, iteration)) = self.calls.take(*pick) {
                    self.end(iteration.emission);
                }
            }

            Operation::Guard if self.owned => {
                let emission = self.next_emission();
                self.emitting.add(emission);
            }
            Operation::DropGuard(pick) if self.may_call() => {
                if let Some((_, emission)) = self.emitting.take(*pick) {
                    let outcome = self.emit_by_guard(emission);
                    // A second panic during unwinding is discarded.
                    if self.unwinding == 0 {
                        outcome?;
                    }
                }
            }

            Operation::Panic { guarded } => return Err(self.panic(*guarded)),
            Operation::DropSignal => {
                self.owned = false;
                self.go_if_unused();
            }

            // The signal has gone, or too many slots are inside each other.
            _ => {}
        }
        Ok(())
    }

    fn pick(&self, who: Who) -> Option<Key> {
        match who {
            Who::Me => self.inside.last().copied(),
            Who::Connected(_) if !self.owned => None,
            Who::Connected(pick) => one_of(&self.order, pick),
            Who::Any(pick) => one_of(&self.keys(), pick),
        }
    }

    /// All slots that ever were.
    fn keys(&self) -> Vec<Key> {
        (0..self.slots.len()).collect()
    }

    // Slots that come and go.

    fn connect(&mut self, connect: &Connect) -> Result<(), Thrown> {
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
            state: State::Dead,
            kind: connect.kind,
            script,
            group: i32::from(connect.group),
            calls_left: max_calls.map(u32::from),
            waitable: connect.waitable,
            blocks: 0,
            owned: true,
            in_flight: 0,
            consumed: false,
        });
        if max_calls == Some(0) {
            return Ok(());
        }
        if matches!(connect.kind, Kind::WithKey | Kind::WithKeyPanics) {
            self.slots[slot].state = State::Making;
            self.log.push(Event::Making(slot));
            self.look();
            if connect.kind == Kind::WithKeyPanics {
                self.slots[slot].state = State::Dead;
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
        // What has expired is let go by the next connect at the latest.
        for slot in self.keys() {
            self.sweep(slot);
        }
        Ok(())
    }

    fn contains(&self, slot: Key) -> bool {
        self.slots[slot].state == State::Connected
    }

    fn leave(&mut self, slot: Key) {
        self.slots[slot].state = State::Left;
        self.order.retain(|&other| other != slot);
    }

    fn disconnect_and_wait(&mut self, slot: Key) -> Result<bool, WaitError> {
        let connected = self.contains(slot);
        if !self.slots[slot].waitable {
            return if connected {
                Err(WaitError::NotWaitable)
            } else {
                Ok(false)
            };
        }
        if connected {
            self.leave(slot);
        }
        self.sweep(slot);
        if self.inside.contains(&slot) {
            Err(WaitError::InsideSlot)
        } else {
            Ok(connected)
        }
    }

    /// The object of a weak slot is alive as long as it has its owner, or a call holds it.
    fn has_object(&self, slot: Key) -> bool {
        let slot = &self.slots[slot];
        slot.kind != Kind::Weak || slot.owned || slot.in_flight > 0
    }

    fn expire_if_abandoned(&mut self, slot: Key) {
        if self.contains(slot) && !self.has_object(slot) {
            self.leave(slot);
            self.slots[slot].state = State::Expired;
        }
    }

    /// A slot whose object has gone leaves its signal, if that is still there: from now on nothing
    /// but emissions can hold its captures.
    fn sweep(&mut self, slot: Key) {
        if self.slots[slot].state == State::Expired && !self.gone {
            self.slots[slot].state = State::Left;
        }
    }

    fn unblock(&mut self, pick: Pick) {
        match self.guards.take(pick) {
            // A guard that outlives its signal does nothing.
            Some(_) if self.gone => {}
            Some((_, Block::Slot(slot))) => self.slots[slot].blocks -= 1,
            Some((_, Block::Signal)) => self.blocks -= 1,
            None => {}
        }
    }

    fn go_if_unused(&mut self) {
        if self.owned || self.borrows > 0 || self.gone {
            return;
        }
        self.gone = true;
        self.order.clear();
        for slot in &mut self.slots {
            if slot.state == State::Connected {
                slot.state = State::Orphaned;
            }
        }
    }

    // Emissions.

    fn may_call(&self) -> bool {
        self.inside.len() < DEPTH
    }

    fn next_emission(&mut self) -> EmissionId {
        self.emissions_so_far += 1;
        self.emissions_so_far
    }

    /// What an emission goes through is settled when it starts.
    fn begin(&mut self, emission: EmissionId) {
        let view = match self.blocks {
            0 => self.order.clone(),
            _ => Vec::new(),
        };
        let has_expired = |slot: &Key| self.slots[*slot].state == State::Expired;
        let expired = self.keys().into_iter().filter(has_expired).collect();
        self.emissions.insert(
            emission,
            Emission {
                to_come: view.clone(),
                view,
                expired,
            },
        );
    }

    /// Takes turns until one becomes a call.
    fn next(&mut self, emission: EmissionId) -> Result<Option<usize>, Thrown> {
        loop {
            let under_way = self.emissions.get_mut(&emission).expect("it is under way");
            if under_way.to_come.is_empty() {
                // It has met all that had expired before.
                for slot in under_way.expired.clone() {
                    self.sweep(slot);
                }
                return Ok(None);
            }
            let slot = under_way.to_come.remove(0);
            let is_last = under_way.to_come.is_empty();
            // The last may be another one if the emission goes by what has expired, too.
            let original = (!is_last || under_way.expired.is_empty()).then_some(is_last);
            self.sweep(slot);
            if self.admit(slot) {
                self.log.push(Event::Called {
                    slot,
                    emission,
                    original,
                });
                return self.call(slot).map(Some);
            }
        }
    }

    /// Decides whether the slot's turn becomes a call, and charges it.
    fn admit(&mut self, slot: Key) -> bool {
        let callable = matches!(self.slots[slot].state, State::Connected | State::Orphaned)
            && self.slots[slot].blocks == 0
            && self.slots[slot].calls_left != Some(0)
            && self.has_object(slot);
        if !callable {
            return false;
        }
        if let Some(left) = &mut self.slots[slot].calls_left {
            *left -= 1;
            if *left == 0 && self.contains(slot) {
                self.leave(slot);
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
        self.expire_if_abandoned(slot);
        outcome.map(|()| slot)
    }

    fn follow_script(&mut self, slot: Key) -> Result<(), Thrown> {
        for operation in self.slots[slot].script.clone() {
            if self.fuel > 0 {
                self.fuel -= 1;
                self.perform(&operation)?;
                self.look();
            }
        }
        self.log.push(Event::Returned(slot));
        Ok(())
    }

    fn end(&mut self, emission: EmissionId) {
        self.emissions.remove(&emission);
    }

    /// All of an emission; what the slots returned.
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

    fn emit(&mut self, caught: bool) -> Result<(), Thrown> {
        let emission = self.next_emission();
        self.borrows += 1;
        let outcome = self.emit_all(emission);
        self.borrows -= 1;
        self.go_if_unused();
        match outcome {
            Ok(results) => self.log.push(Event::Emitted(results)),
            Err(thrown) if caught => self.log.push(Event::Caught(thrown)),
            Err(thrown) => return Err(thrown),
        }
        Ok(())
    }

    fn emit_by_guard(&mut self, emission: EmissionId) -> Result<(), Thrown> {
        if self.gone {
            return Ok(());
        }
        self.emit_all(emission).map(drop)
    }

    fn panic(&mut self, guarded: bool) -> Thrown {
        if guarded && self.may_call() {
            if let Some((_, emission)) = self.emitting.take(0) {
                self.unwinding += 1;
                let _ = self.emit_by_guard(emission);
                self.unwinding -= 1;
            }
        }
        self.thrown()
    }

    fn thrown(&self) -> Thrown {
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

    fn advance(&mut self, pick: Pick) -> Result<(), Thrown> {
        if let Some((place, iteration)) = self.calls.take(pick) {
            let item = self.item(&iteration);
            self.calls.put_back(place, iteration);
            self.log.push(Event::Next(item?));
        }
        Ok(())
    }

    fn exhaust(&mut self, pick: Pick) -> Result<(), Thrown> {
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

    // What can be seen.

    fn look(&mut self) {
        let seen = Seen {
            signal: self.owned.then(|| self.signal_seen()),
            drops: self.keys().iter().map(|&slot| self.drops(slot)).collect(),
        };
        self.log.push(Event::Seen(seen));
    }

    fn signal_seen(&self) -> SignalSeen {
        let is_blocked = |slot: &Key| self.blocks > 0 || self.slots[*slot].blocks > 0;
        let slot_seen = |slot: &Key| SlotSeen {
            slot: *slot,
            group: self.slots[*slot].group,
            calls_left: self.slots[*slot].calls_left,
            blocked: is_blocked(slot),
            weak: self.slots[*slot].kind == Kind::Weak,
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

    /// How often the slot's capture has been dropped.
    fn drops(&self, key: Key) -> Drops {
        let slot = &self.slots[key];
        let mut emissions = self.emissions.values();
        let is_called = slot.in_flight > 0;
        let is_held = emissions
            .clone()
            .any(|emission| emission.view.contains(&key));
        let may_be_held = is_held || emissions.any(|emission| emission.expired.contains(&key));
        match slot.state {
            State::Making | State::Connected => Drops::NONE,
            State::Dead => Drops::ONE,
            _ if is_called => Drops::NONE,
            _ if slot.consumed => Drops::ONE,
            State::Expired if may_be_held || !self.gone => Drops::NONE_OR_ONE,
            State::Left if slot.waitable => Drops::ONE,
            State::Left | State::Orphaned if is_held => Drops::NONE,
            State::Left | State::Orphaned if may_be_held => Drops::NONE_OR_ONE,
            State::Expired | State::Left | State::Orphaned => Drops::ONE,
        }
    }
}
