//! The model of a registry: plain `Vec`s on one thread.

use super::events::{Called, Event};
use super::operations::{FUEL, NAMES, Name, Operation, Program, index_of};
use crate::reference::table::Table;
use crate::reference::{Thrown, one_of};
use std::mem;

mod callbacks;
mod emissions;
mod observation;

/// All names.
const ALL: [Name; NAMES.len()] = [0, 1, 2, 3];

type CallbackKey = usize;
type Key = usize;

/// A callback that is, or was, registered.
#[derive(Debug)]
struct Callback {
    called: Called,
    /// Shared by all its names; `None` means no limit.
    calls_left: Option<u32>,
}

/// A slot of the signal behind a name.
#[derive(Debug)]
struct Slot {
    name: usize,
    /// The number of its signal: that of the name's binding.
    signal: usize,
    called: Called,
    /// `None` if connected through the typed signal.
    callback: Option<CallbackKey>,
    connected: bool,
    /// Its name was removed while it was connected through the typed signal. Emissions in progress still call it.
    orphaned: bool,
    blocks: usize,
}

/// What a name is bound to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bound {
    Nothing,
    /// Bound by a guard, which leaves the result type open.
    Arguments,
    Signal,
}

#[derive(Debug)]
pub(crate) struct Model {
    scripts: Vec<Vec<Operation>>,
    fuel: usize,
    log: Vec<Event>,

    owned: bool,
    bound: [Bound; NAMES.len()],
    /// The number of each name's binding, which a later one does not have.
    bindings: [usize; NAMES.len()],
    removals: usize,
    /// All callbacks, present and past.
    callbacks: Vec<Callback>,
    /// All slots, present and past, in the order of connection.
    slots: Vec<Slot>,
    /// The scripts of all captures, present and past.
    captures: Vec<Vec<Operation>>,

    /// The slots with which each emission in progress started, outermost first.
    snapshots: Vec<Vec<Key>>,
    /// The signals that typed emissions in progress keep alive.
    typed: Vec<usize>,
    /// What is being called, with its callback, outermost first.
    inside: Vec<(Called, Option<CallbackKey>)>,
    /// How many drops by unwinding are in progress, nested in each other.
    unwinding: usize,

    scoped: Table<Option<CallbackKey>>,
    /// Names, each with the number of its binding.
    guards: Table<(usize, usize)>,
    blocks: Table<Key>,
}

impl Model {
    pub(crate) fn new(program: &Program) -> Self {
        Self {
            scripts: program.scripts.clone(),
            fuel: FUEL,
            log: Vec::new(),
            owned: true,
            bound: [Bound::Nothing; NAMES.len()],
            bindings: [0, 1, 2, 3],
            removals: 0,
            callbacks: Vec::new(),
            slots: Vec::new(),
            captures: Vec::new(),
            snapshots: Vec::new(),
            typed: Vec::new(),
            inside: Vec::new(),
            unwinding: 0,
            scoped: Table::new(),
            guards: Table::new(),
            blocks: Table::new(),
        }
    }

    /// Performs an operation outside of callbacks, and returns what can be observed.
    pub(crate) fn step(&mut self, operation: &Operation) -> Vec<Event> {
        if let Err(thrown) = self.perform(operation) {
            self.log.push(Event::Caught(thrown));
        }
        self.observe();
        mem::take(&mut self.log)
    }

    /// Drops the registry, and returns what can be observed.
    pub(crate) fn drop_registry(&mut self) -> Vec<Event> {
        self.owned = false;
        for slot in &mut self.slots {
            slot.connected = false;
        }
        self.observe();
        mem::take(&mut self.log)
    }

    /// Returns whether handles or guards are left.
    pub(crate) fn holds_anything(&self) -> bool {
        !(self.scoped.is_empty() && self.guards.is_empty() && self.blocks.is_empty())
    }

    fn perform(&mut self, operation: &Operation) -> Result<(), Thrown> {
        match operation {
            Operation::EndScope(pick) => {
                let key = self.scoped.take(*pick).and_then(|(_, key)| key);
                self.disconnect(key, &ALL);
            }
            Operation::Release(pick) => {
                self.scoped.take(*pick);
            }
            Operation::Unblock(pick) => {
                if let Some((_, slot)) = self.blocks.take(*pick) {
                    self.slots[slot].blocks -= 1;
                }
            }
            Operation::DropGuard(pick) if self.may_call() => {
                if let Some((_, bound)) = self.guards.take(*pick) {
                    let outcome = self.emit_by_guard(bound);
                    // A second panic during unwinding is discarded.
                    if self.unwinding == 0 {
                        outcome?;
                    }
                }
            }
            Operation::Panic { guarded } => return Err(self.panic(*guarded)),
            _ if self.owned => return self.perform_on_registry(operation),
            _ => {}
        }
        Ok(())
    }

    fn perform_on_registry(&mut self, operation: &Operation) -> Result<(), Thrown> {
        match operation {
            Operation::On(names, limit, callable) => self.on(names, *limit, *callable),
            Operation::OnMismatched(names) => {
                let refused = names.iter().any(|&name| self.is_bound(name));
                self.log.extend(refused.then_some(Event::Refused(true)));
            }
            Operation::Disconnect(target) => {
                let left = self.disconnect(self.pick(*target), &ALL);
                self.log.push(Event::Disconnected(left));
            }
            Operation::DisconnectFrom(target, names) => {
                let left = self.disconnect(self.pick(*target), names);
                self.log.push(Event::Disconnected(left));
            }
            Operation::Clear(names) => self.clear(names),
            Operation::ClearAll => self.clear(&ALL),
            Operation::Remove(names) => {
                let names = names.iter().map(|&name| index_of(name));
                let removed = names.filter(|&name| self.remove(name)).count();
                self.log.push(Event::Removed(removed));
            }

            Operation::Scope(target) => {
                let key = self.pick(*target);
                self.scoped.add(key);
            }

            Operation::Emit { name, caught } if self.may_call() => {
                let outcome = self.emit(index_of(*name));
                let event = outcome.map(|results| Event::Emitted(results.len()));
                self.report(event, *caught)?;
            }
            Operation::Guard(name) => {
                self.bind(*name, Bound::Arguments);
                let name = index_of(*name);
                self.guards.add((name, self.bindings[name]));
            }
            Operation::GuardBetween(enter, exit) if self.may_call() => {
                self.bind(*enter, Bound::Arguments);
                self.bind(*exit, Bound::Arguments);
                let exits = (index_of(*exit), self.bindings[index_of(*exit)]);
                self.emit(index_of(*enter))?;
                self.guards.add(exits);
            }

            Operation::ConnectTyped(name, script) => {
                self.bind(*name, Bound::Signal);
                let called = self.capturing(*script);
                self.connect(index_of(*name), called, None);
            }
            Operation::DisconnectTyped(name, pick) => {
                self.bind(*name, Bound::Signal);
                let slot = one_of(&self.order(index_of(*name)), *pick);
                if let Some(slot) = slot {
                    self.slots[slot].connected = false;
                }
                self.log.push(Event::Disconnected(slot.is_some()));
            }
            Operation::DisconnectAllTyped(name) => {
                self.bind(*name, Bound::Signal);
                self.clear(&[*name]);
            }
            Operation::BlockTyped(name, pick) => {
                self.bind(*name, Bound::Signal);
                let slot = one_of(&self.order(index_of(*name)), *pick);
                if let Some(slot) = slot {
                    self.slots[slot].blocks += 1;
                    self.blocks.add(slot);
                }
                self.log.push(Event::Blocked(slot.is_some()));
            }
            Operation::EmitTyped { name, caught } if self.may_call() => {
                self.bind(*name, Bound::Signal);
                self.typed.push(self.bindings[index_of(*name)]);
                let outcome = self.emit(index_of(*name));
                let reported = self.report(outcome.map(Event::EmittedTyped), *caught);
                self.typed.pop();
                reported?;
            }
            // Calls are nested too deeply.
            _ => {}
        }
        Ok(())
    }

    fn report(&mut self, outcome: Result<Event, Thrown>, caught: bool) -> Result<(), Thrown> {
        match outcome {
            Ok(event) => self.log.push(event),
            Err(thrown) if caught => self.log.push(Event::Caught(thrown)),
            Err(thrown) => return Err(thrown),
        }
        Ok(())
    }
}
