//! What a registry should do, on one thread and with nothing but `Vec`s: the reference that the
//! library is compared with.

use std::mem;

use super::events::{CallbackSeen, Called, Event, NameSeen, RegistrySeen, Seen, SlotSeen};
use super::operations::{
    Callable, DEPTH, FUEL, FUNCTIONS, Limit, NAMES, Name, Operation, Pick, Program, Who, place,
};
use crate::reference::table::Table;
use crate::reference::{Thrown, one_of};

/// All names.
const ALL: [Name; NAMES.len()] = [0, 1, 2, 3];

type CallbackKey = usize;
type Key = usize;

/// A callback that is, or was, registered.
#[derive(Debug)]
struct Callback {
    called: Called,
    /// Over all its names; `None`: no limit.
    calls_left: Option<u32>,
}

/// A slot of the signal behind a name.
#[derive(Debug)]
struct Slot {
    name: usize,
    called: Called,
    /// `None`: connected through the typed signal.
    callback: Option<CallbackKey>,
    connected: bool,
    blocks: usize,
}

/// What a name is bound to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bound {
    Nothing,
    /// By a guard, which leaves the result open.
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
    /// All callbacks that ever were.
    callbacks: Vec<Callback>,
    /// All slots that ever were, in the order connected.
    slots: Vec<Slot>,
    /// The scripts of all captures that ever were.
    captures: Vec<Vec<Operation>>,

    /// The slots that each emission under way started with, one from inside the other.
    views: Vec<Vec<Key>>,
    /// What is being called, one from inside the other, and the callback that it is.
    inside: Vec<(Called, Option<CallbackKey>)>,
    /// How many drops by unwinding are under way, one from inside the other.
    unwinding: usize,

    scoped: Table<Option<CallbackKey>>,
    guards: Table<usize>,
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
            callbacks: Vec::new(),
            slots: Vec::new(),
            captures: Vec::new(),
            views: Vec::new(),
            inside: Vec::new(),
            unwinding: 0,
            scoped: Table::new(),
            guards: Table::new(),
            blocks: Table::new(),
        }
    }

    /// Performs an operation outside of callbacks; what can be observed of it.
    pub(crate) fn step(&mut self, operation: &Operation) -> Vec<Event> {
        if let Err(thrown) = self.perform(operation) {
            self.log.push(Event::Caught(thrown));
        }
        self.look();
        mem::take(&mut self.log)
    }

    /// Drops the registry; what can be observed of it.
    pub(crate) fn drop_registry(&mut self) -> Vec<Event> {
        self.owned = false;
        for slot in &mut self.slots {
            slot.connected = false;
        }
        self.look();
        mem::take(&mut self.log)
    }

    /// Tells whether handles or guards are left.
    pub(crate) fn holds_anything(&self) -> bool {
        !(self.scoped.is_empty() && self.guards.is_empty() && self.blocks.is_empty())
    }

    fn perform(&mut self, operation: &Operation) -> Result<(), Thrown> {
        match operation {
            Operation::EndScope(pick) => {
                let receiver = self.scoped.take(*pick).and_then(|(_, receiver)| receiver);
                self.leave(receiver, &ALL);
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
                if let Some((_, name)) = self.guards.take(*pick) {
                    let outcome = self.emit_by_guard(name);
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
            Operation::Disconnect(who) => {
                let left = self.leave(self.pick(*who), &ALL);
                self.log.push(Event::Disconnected(left));
            }
            Operation::DisconnectFrom(who, names) => {
                let left = self.leave(self.pick(*who), names);
                self.log.push(Event::Disconnected(left));
            }
            Operation::Clear(names) => self.clear(names),
            Operation::ClearAll => self.clear(&ALL),

            Operation::Scope(who) => {
                let receiver = self.pick(*who);
                self.scoped.add(receiver);
            }

            Operation::Emit { name, caught } if self.may_call() => {
                let outcome = self.emit(place(*name));
                let event = outcome.map(|results| Event::Emitted(results.len()));
                self.report(event, *caught)?;
            }
            Operation::Guard(name) => {
                self.bind(*name, Bound::Arguments);
                self.guards.add(place(*name));
            }
            Operation::GuardBetween(enter, exit) if self.may_call() => {
                self.bind(*enter, Bound::Arguments);
                self.bind(*exit, Bound::Arguments);
                self.emit(place(*enter))?;
                self.guards.add(place(*exit));
            }

            Operation::ConnectTyped(name, script) => {
                self.bind(*name, Bound::Signal);
                let called = self.capturing(*script);
                self.connect(place(*name), called, None);
            }
            Operation::DisconnectTyped(name, pick) => {
                self.bind(*name, Bound::Signal);
                let slot = one_of(&self.order(place(*name)), *pick);
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
                let slot = one_of(&self.order(place(*name)), *pick);
                if let Some(slot) = slot {
                    self.slots[slot].blocks += 1;
                    self.blocks.add(slot);
                }
                self.log.push(Event::Blocked(slot.is_some()));
            }
            Operation::EmitTyped { name, caught } if self.may_call() => {
                self.bind(*name, Bound::Signal);
                let outcome = self.emit(place(*name));
                self.report(outcome.map(Event::EmittedTyped), *caught)?;
            }
            // Too many callbacks are inside each other.
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

    // Callbacks that come and go.

    fn pick(&self, who: Who) -> Option<CallbackKey> {
        let receivers: Vec<_> = (0..self.callbacks.len()).collect();
        match who {
            Who::Me => match *self.inside.last()? {
                (Called::Function(function), _) => self.find(function),
                (Called::Capturing(_), receiver) => receiver,
            },
            Who::Function(pick) => self.find(usize::from(pick) % FUNCTIONS),
            Who::CallbackKey(pick) => one_of(&receivers, pick),
        }
    }

    /// The registered callback that is this function.
    fn find(&self, function: usize) -> Option<CallbackKey> {
        (0..self.callbacks.len()).find(|&receiver| {
            self.callbacks[receiver].called == Called::Function(function)
                && !self.places(receiver).is_empty()
        })
    }

    /// The slots of a callback.
    fn places(&self, receiver: CallbackKey) -> Vec<Key> {
        let slots = 0..self.slots.len();
        slots
            .filter(|&slot| self.slots[slot].connected)
            .filter(|&slot| self.slots[slot].callback == Some(receiver))
            .collect()
    }

    fn responds_to(&self, receiver: CallbackKey, name: usize) -> bool {
        let mut places = self.places(receiver).into_iter();
        places.any(|slot| self.slots[slot].name == name)
    }

    fn on(&mut self, names: &[Name], limit: Limit, callable: Callable) {
        let max_calls = match limit {
            Limit::On => None,
            Limit::OnMax(calls) => Some(u32::from(calls)),
            Limit::Once => Some(1),
        };
        let (called, known) = match callable {
            Callable::Function(pick) => {
                let function = usize::from(pick) % FUNCTIONS;
                (Called::Function(function), self.find(function))
            }
            Callable::Closure(script) => (self.capturing(script), None),
        };
        let receiver = known.unwrap_or(self.callbacks.len());
        if known.is_none() {
            self.callbacks.push(Callback {
                called,
                calls_left: None,
            });
        }
        self.callbacks[receiver].calls_left = max_calls;
        for name in names {
            self.bind(*name, Bound::Signal);
            if max_calls != Some(0) && !self.responds_to(receiver, place(*name)) {
                self.connect(place(*name), called, Some(receiver));
            }
        }
        if max_calls == Some(0) {
            self.leave(Some(receiver), &ALL);
        }
        self.log.push(Event::Registered(receiver));
    }

    fn capturing(&mut self, script: Pick) -> Called {
        let script = match self.scripts.len() {
            0 => Vec::new(),
            scripts => self.scripts[usize::from(script) % scripts].clone(),
        };
        self.captures.push(script);
        Called::Capturing(self.captures.len() - 1)
    }

    fn is_bound(&self, name: Name) -> bool {
        self.bound[place(name)] != Bound::Nothing
    }

    fn bind(&mut self, name: Name, to: Bound) {
        let bound = &mut self.bound[place(name)];
        if *bound == Bound::Nothing || to == Bound::Signal {
            *bound = to;
        }
    }

    fn connect(&mut self, name: usize, called: Called, callback: Option<CallbackKey>) {
        self.slots.push(Slot {
            name,
            called,
            callback,
            connected: true,
            blocks: 0,
        });
    }

    /// Takes a callback off some names; tells whether it was on one.
    fn leave(&mut self, receiver: Option<CallbackKey>, names: &[Name]) -> bool {
        let places = receiver.map_or_else(Vec::new, |receiver| self.places(receiver));
        let mut left = false;
        for slot in places {
            let slot = &mut self.slots[slot];
            if names.iter().any(|&name| place(name) == slot.name) {
                slot.connected = false;
                left = true;
            }
        }
        left
    }

    fn clear(&mut self, names: &[Name]) {
        for slot in &mut self.slots {
            if names.iter().any(|&name| place(name) == slot.name) {
                slot.connected = false;
            }
        }
    }

    // Emissions.

    fn may_call(&self) -> bool {
        self.inside.len() < DEPTH
    }

    /// The connected slots of a name in call order.
    fn order(&self, name: usize) -> Vec<Key> {
        let slots = 0..self.slots.len();
        slots
            .filter(|&slot| self.slots[slot].connected && self.slots[slot].name == name)
            .collect()
    }

    fn emit(&mut self, name: usize) -> Result<Vec<Called>, Thrown> {
        let view = self.order(name);
        self.views.push(view.clone());
        let mut results = Vec::new();
        let mut outcome = Ok(());
        for slot in view {
            if outcome.is_ok() && self.admit(slot) {
                results.push(self.slots[slot].called);
                outcome = self.call(slot);
            }
        }
        self.views.pop();
        outcome.map(|()| results)
    }

    /// Decides whether the slot's turn becomes a call, and charges its callback.
    fn admit(&mut self, slot: Key) -> bool {
        let slot = &self.slots[slot];
        if !slot.connected || slot.blocks > 0 {
            return false;
        }
        if let Some(receiver) = slot.callback {
            if let Some(left) = &mut self.callbacks[receiver].calls_left {
                *left -= 1;
                if *left == 0 {
                    self.leave(Some(receiver), &ALL);
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
                self.look();
            }
        }
        self.log.push(Event::Returned(called));
        Ok(())
    }

    fn emit_by_guard(&mut self, name: usize) -> Result<(), Thrown> {
        if !self.owned {
            return Ok(());
        }
        self.emit(name).map(drop)
    }

    fn panic(&mut self, guarded: bool) -> Thrown {
        if guarded && self.may_call() {
            if let Some((_, name)) = self.guards.take(0) {
                self.unwinding += 1;
                let _ = self.emit_by_guard(name);
                self.unwinding -= 1;
            }
        }
        Thrown(self.inside.len().checked_sub(1))
    }

    // What can be seen.

    fn look(&mut self) {
        let seen = Seen {
            registry: self.owned.then(|| self.registry_seen()),
            drops: (0..self.captures.len())
                .map(|capture| usize::from(!self.is_held(capture)))
                .collect(),
        };
        self.log.push(Event::Seen(seen));
    }

    /// A capture is there as long as a slot that has it is connected, or in an emission under way.
    fn is_held(&self, capture: usize) -> bool {
        (0..self.slots.len()).any(|key| {
            let slot = &self.slots[key];
            slot.called == Called::Capturing(capture)
                && (slot.connected || self.views.iter().any(|view| view.contains(&key)))
        })
    }

    fn registry_seen(&self) -> RegistrySeen {
        let receivers = 0..self.callbacks.len();
        let receivers = receivers.map(|receiver| self.callback_seen(Some(receiver)));
        let functions = (0..FUNCTIONS).map(|function| self.callback_seen(self.find(function)));
        RegistrySeen {
            receivers: receivers.collect(),
            functions: functions.collect(),
            names: (0..NAMES.len()).map(|name| self.name_seen(name)).collect(),
        }
    }

    fn callback_seen(&self, receiver: Option<CallbackKey>) -> CallbackSeen {
        let mut places: Vec<_> = receiver.map_or_else(Vec::new, |receiver| self.places(receiver));
        places.sort_unstable_by_key(|&slot| self.slots[slot].name);
        let responds_to: Vec<_> = places
            .iter()
            .map(|&slot| NAMES[self.slots[slot].name])
            .collect();
        let mut signals: Vec<_> = responds_to.iter().map(|&name| name.to_owned()).collect();
        signals.sort_unstable();
        let registered = receiver.filter(|_| !places.is_empty());
        CallbackSeen {
            signals,
            responds_to,
            calls_left: registered.and_then(|receiver| self.callbacks[receiver].calls_left),
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
