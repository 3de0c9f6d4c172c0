//! Registering and disconnecting callbacks.

use super::super::events::{Called, Event};
use super::super::operations::{Callable, FUNCTIONS, Limit, Name, Pick, Target, index_of};
use super::{ALL, Bound, Callback, CallbackKey, Key, Model, Slot};
use crate::reference::one_of;

impl Model {
    pub(super) fn pick(&self, target: Target) -> Option<CallbackKey> {
        let keys: Vec<_> = (0..self.callbacks.len()).collect();
        match target {
            Target::Itself => match *self.inside.last()? {
                (Called::Function(function), _) => self.find(function),
                (Called::Capturing(_), key) => key,
            },
            Target::Function(pick) => self.find(usize::from(pick) % FUNCTIONS),
            Target::Any(pick) => one_of(&keys, pick),
        }
    }

    /// The registered callback that is this function.
    pub(super) fn find(&self, function: usize) -> Option<CallbackKey> {
        (0..self.callbacks.len()).find(|&key| {
            self.callbacks[key].called == Called::Function(function)
                && !self.slots_of(key).is_empty()
        })
    }

    /// The slots of a callback.
    pub(super) fn slots_of(&self, key: CallbackKey) -> Vec<Key> {
        let slots = 0..self.slots.len();
        slots
            .filter(|&slot| self.slots[slot].connected)
            .filter(|&slot| self.slots[slot].callback == Some(key))
            .collect()
    }

    fn responds_to(&self, key: CallbackKey, name: usize) -> bool {
        let mut slots = self.slots_of(key).into_iter();
        slots.any(|slot| self.slots[slot].name == name)
    }

    pub(super) fn on(&mut self, names: &[Name], limit: Limit, callable: Callable) {
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
        let key = known.unwrap_or(self.callbacks.len());
        if known.is_none() {
            self.callbacks.push(Callback {
                called,
                calls_left: None,
            });
        }
        self.callbacks[key].calls_left = max_calls;
        for name in names {
            self.bind(*name, Bound::Signal);
            if max_calls != Some(0) && !self.responds_to(key, index_of(*name)) {
                self.connect(index_of(*name), called, Some(key));
            }
        }
        if max_calls == Some(0) {
            self.disconnect(Some(key), &ALL);
        }
        self.log.push(Event::Registered(key));
    }

    pub(super) fn capturing(&mut self, script: Pick) -> Called {
        let script = match self.scripts.len() {
            0 => Vec::new(),
            scripts => self.scripts[usize::from(script) % scripts].clone(),
        };
        self.captures.push(script);
        Called::Capturing(self.captures.len() - 1)
    }

    pub(super) fn is_bound(&self, name: Name) -> bool {
        self.bound[index_of(name)] != Bound::Nothing
    }

    pub(super) fn bind(&mut self, name: Name, to: Bound) {
        let bound = &mut self.bound[index_of(name)];
        if *bound == Bound::Nothing || to == Bound::Signal {
            *bound = to;
        }
    }

    pub(super) fn connect(&mut self, name: usize, called: Called, callback: Option<CallbackKey>) {
        self.slots.push(Slot {
            name,
            signal: self.bindings[name],
            called,
            callback,
            connected: true,
            orphaned: false,
            blocks: 0,
        });
    }

    /// Removes a callback from some names, and returns whether it was on any of them.
    pub(super) fn disconnect(&mut self, key: Option<CallbackKey>, names: &[Name]) -> bool {
        let slots = key.map_or_else(Vec::new, |key| self.slots_of(key));
        let mut left = false;
        for slot in slots {
            let slot = &mut self.slots[slot];
            if names.iter().any(|&name| index_of(name) == slot.name) {
                slot.connected = false;
                left = true;
            }
        }
        left
    }

    /// Takes a name out, and returns whether it was bound.
    pub(super) fn remove(&mut self, name: usize) -> bool {
        if self.bound[name] == Bound::Nothing {
            return false;
        }
        self.bound[name] = Bound::Nothing;
        self.removals += 1;
        self.bindings[name] = self.bindings.len() + self.removals;
        for slot in &mut self.slots {
            if slot.name == name && slot.connected {
                slot.connected = false;
                slot.orphaned = slot.callback.is_none();
            }
        }
        true
    }

    pub(super) fn clear(&mut self, names: &[Name]) {
        for slot in &mut self.slots {
            if names.iter().any(|&name| index_of(name) == slot.name) {
                slot.connected = false;
            }
        }
    }
}
