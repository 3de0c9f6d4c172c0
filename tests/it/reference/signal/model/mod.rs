//! The model of a signal: a plain `Vec` of slots on one thread.

use super::events::Event;
use super::operations::{FUEL, Kind, Operation, Program, Target};
use crate::reference::table::Table;
use crate::reference::{Thrown, one_of};
use std::collections::BTreeMap;
use std::mem;

mod emissions;
mod observation;
mod slots;

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
    /// Whether the object of a weak slot still has its owner.
    owned: bool,
    /// How many of its calls are in progress.
    in_flight: usize,
    /// How many emissions did not call it because it was running.
    missed: u64,
    /// Whether a call consumed it.
    consumed: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// `connect_with_key` has not connected it yet.
    Reserved,
    /// Never connects.
    NeverConnected,
    Connected,
    /// Its object was dropped. The slot is no longer visible, but its captures may still exist.
    Expired,
    Disconnected,
    /// Its signal was dropped while it was connected. Emissions in progress still call it, unless it leaves.
    Orphaned,
}

/// An emission in progress.
#[derive(Debug)]
struct Emission {
    /// The slots that it has not reached yet.
    remaining: Vec<Key>,
    /// The slots that it started with. It keeps their captures alive until it ends.
    snapshot: Vec<Key>,
    /// The slots that had expired before it started. It may keep their captures alive.
    expired: Vec<Key>,
}

/// What a guard blocks.
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

    /// All slots, present and past.
    slots: Vec<Slot>,
    /// The connected slots, in call order.
    order: Vec<Key>,
    /// How many guards block the signal.
    blocks: usize,
    /// Whether the signal has an owner.
    owned: bool,
    /// How many emissions keep the signal alive while they call its slots.
    borrows: usize,
    /// Whether the signal was dropped: it has neither owner nor emissions.
    dropped: bool,

    emissions: BTreeMap<EmissionId, Emission>,
    emissions_so_far: usize,
    /// The slots that are being called, outermost first.
    inside: Vec<Key>,
    /// How many drops by unwinding are in progress, nested in each other.
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
            dropped: false,
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

    /// Performs an operation outside of slots, and returns what can be observed.
    pub(crate) fn step(&mut self, operation: &Operation) -> Vec<Event> {
        if let Err(thrown) = self.perform(operation) {
            self.log.push(Event::Caught(thrown));
        }
        self.observe();
        mem::take(&mut self.log)
    }

    /// Returns whether handles, guards or iterators are left.
    pub(crate) fn holds_anything(&self) -> bool {
        !(self.scoped.is_empty()
            && self.guards.is_empty()
            && self.calls.is_empty()
            && self.emitting.is_empty())
    }

    fn perform(&mut self, operation: &Operation) -> Result<(), Thrown> {
        match operation {
            Operation::Connect(connect) => self.connect(connect)?,
            Operation::Disconnect(target) if self.owned => {
                let slot = self.pick(*target).filter(|&slot| self.contains(slot));
                if let Some(slot) = slot {
                    self.disconnect(slot);
                }
                self.log.push(Event::Disconnected(slot.is_some()));
            }
            Operation::DisconnectAll if self.owned => {
                for slot in self.order.clone() {
                    self.disconnect(slot);
                }
            }
            Operation::DisconnectAndWait(target) if self.owned => {
                let waited = match self.pick(*target) {
                    Some(slot) => self.disconnect_and_wait(slot),
                    None => Ok(false),
                };
                self.log.push(Event::Waited(waited));
            }

            Operation::Scope(target) if self.owned => {
                let slot = self.pick(*target);
                self.scoped.add(slot);
            }
            Operation::EndScope(pick) => {
                let slot = self.scoped.take(*pick).and_then(|(_, slot)| slot);
                if let Some(slot) = slot.filter(|&slot| self.can_leave(slot)) {
                    self.disconnect(slot);
                }
            }
            Operation::Release(pick) => {
                self.scoped.take(*pick);
            }
            Operation::DisconnectScoped(pick) => self.disconnect_scoped(*pick),
            Operation::CancelGuard(pick) => {
                self.emitting.take(*pick);
            }
            Operation::Foreign(_) if self.owned => self.log.push(Event::Disconnected(false)),

            Operation::Block(target) if self.owned => {
                let slot = self.pick(*target).filter(|&slot| self.contains(slot));
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

            Operation::DropObject(target) => {
                if let Some(slot) = self.pick(*target) {
                    self.slots[slot].owned = false;
                    self.expire_if_unowned(slot);
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
                self.drop_if_unused();
            }

            // The signal was dropped, or calls are nested too deeply.
            _ => {}
        }
        Ok(())
    }

    fn pick(&self, target: Target) -> Option<Key> {
        match target {
            Target::Itself => self.inside.last().copied(),
            Target::Connected(_) if !self.owned => None,
            Target::Connected(pick) => one_of(&self.order, pick),
            Target::Any(pick) => one_of(&self.keys(), pick),
        }
    }

    /// All slots, present and past.
    fn keys(&self) -> Vec<Key> {
        (0..self.slots.len()).collect()
    }
}
