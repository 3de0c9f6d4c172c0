//! The state of a registry: which name is bound to which signal, and which callback is connected where.
//!
//! Everything here runs under the registry's lock, so it must not run user code. Slots that are removed
//! from a signal are returned, and dropped after unlocking.

use std::any::{Any, TypeId};
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::mem;
use std::panic::Location;
use std::sync::{Arc, Weak};

use slotmap::SlotMap;

use crate::args::Args;
use crate::keys::{CallbackKey, Connection};
use crate::owner::Owner;
use crate::registry::budget::Budget;
use crate::registry::identity::CallbackIdentity;
use crate::registry::mismatch::{Signature, SignatureMismatch};
use crate::registry::named::{AnySignal, DeferredDrops, Named};

/// The signal of a name, as each type under which it is needed.
struct BoundSignal {
    /// For uses that do not need its types.
    any: Arc<dyn AnySignal>,
    /// The [`Named`] signal itself.
    typed: Arc<dyn Any + Send + Sync>,
    /// Its [`emitter`](Named::emitter).
    emitter: Arc<dyn Any + Send + Sync>,
}

/// What a name is bound to, and where.
struct Binding {
    signature: Signature,
    bound_at: &'static Location<'static>,
    /// `None` while only the argument types are known.
    signal: Option<BoundSignal>,
}

/// A callback's slot in the signal of one name.
struct NamedSlot {
    name: Arc<str>,
    connection: Connection,
}

/// A registered callback.
struct Registration {
    budget: Arc<Budget>,
    /// The type of a zero-sized callable, which identifies it.
    identity: Option<TypeId>,
    slots: Vec<NamedSlot>,
}

/// The table that emission by name reads: for each bound name, its signal's [`emitter`](Named::emitter),
/// or `None` while only the argument types are known.
pub(crate) type DispatchTable = HashMap<Arc<str>, Option<Arc<dyn Any + Send + Sync>>>;

#[derive(Default)]
pub(crate) struct Bindings {
    by_name: BTreeMap<Arc<str>, Binding>,
    registrations: SlotMap<CallbackKey, Registration>,
    by_type: HashMap<TypeId, CallbackKey>,
    /// The number of registrations at which to look for those that have lost all their slots through the
    /// typed signals.
    sweep_at: usize,
}

impl Bindings {
    /// Checks that `name` is either unbound or bound to `requested`.
    pub(crate) fn check(&self, name: &str, requested: &Signature) -> Result<(), SignatureMismatch> {
        match self.by_name.get(name) {
            Some(binding) if !binding.signature.agrees_with(requested) => Err(
                SignatureMismatch::new(name, &binding.signature, requested, binding.bound_at),
            ),
            _ => Ok(()),
        }
    }

    /// Does [`check`](Self::check) for each of the names.
    pub(crate) fn check_all(
        &self,
        names: &[impl AsRef<str>],
        requested: &Signature,
    ) -> Result<(), SignatureMismatch> {
        names
            .iter()
            .try_for_each(|name| self.check(name.as_ref(), requested))
    }

    /// Binds `name`, after [`check`](Self::check) has accepted its signature. Returns the signal, and
    /// whether it is new.
    pub(crate) fn bind<N: Named>(
        &mut self,
        name: &str,
        at: &'static Location<'static>,
    ) -> (Arc<N>, bool) {
        let bound = self.by_name.get(name).and_then(|b| b.signal.as_ref());
        if let Some(signal) = bound {
            let typed = Arc::clone(&signal.typed).downcast::<N>();
            return (typed.expect("the signature was checked"), false);
        }
        let signal = Arc::new(N::default());
        let binding = Binding {
            signature: N::signature(),
            bound_at: at,
            signal: Some(BoundSignal {
                any: signal.signal().core().clone(),
                typed: signal.clone(),
                emitter: signal.emitter(),
            }),
        };
        self.by_name.insert(Arc::from(name), binding);
        (signal, true)
    }

    /// Binds the argument types of `name`, after [`check`](Self::check) has accepted them. Returns whether
    /// the name was unbound before.
    pub(crate) fn bind_args<A: Args>(
        &mut self,
        name: &str,
        at: &'static Location<'static>,
    ) -> bool {
        let unbound = !self.by_name.contains_key(name);
        if unbound {
            let binding = Binding {
                signature: Signature::of_args::<A>(),
                bound_at: at,
                signal: None,
            };
            self.by_name.insert(Arc::from(name), binding);
        }
        unbound
    }

    pub(crate) fn dispatch_table(&self) -> DispatchTable {
        self.by_name
            .iter()
            .map(|(name, binding)| {
                let emitter = binding.signal.as_ref().map(|s| Arc::clone(&s.emitter));
                (Arc::clone(name), emitter)
            })
            .collect()
    }

    /// Copies what can be shown of each name, in order.
    pub(crate) fn listing(&self) -> Vec<NameListing> {
        self.by_name
            .iter()
            .map(|(name, binding)| NameListing {
                name: Arc::clone(name),
                signature: binding.signature,
                signal: binding.signal.as_ref().map(|s| Arc::clone(&s.any)),
            })
            .collect()
    }

    fn signal(&self, name: &str) -> Option<&dyn AnySignal> {
        Some(&*self.by_name.get(name)?.signal.as_ref()?.any)
    }

    /// Finds the registered callback that `identity` refers to. Returns `None` if it has been removed, or
    /// is about to be.
    pub(crate) fn find(&self, identity: CallbackIdentity) -> Option<CallbackKey> {
        let key = match identity {
            CallbackIdentity::Key(key) => key,
            CallbackIdentity::Type(callable) => *self.by_type.get(&callable)?,
        };
        let registration = self.registrations.get(key)?;
        (!registration.budget.is_used_up()).then_some(key)
    }

    /// Returns the existing registration of a callable, with its budget renewed, or else a new one.
    pub(crate) fn register(
        &mut self,
        identity: Option<TypeId>,
        max_calls: Option<u32>,
        registry: Weak<dyn Owner<CallbackKey>>,
    ) -> (CallbackKey, Arc<Budget>) {
        if let Some(&key) = identity.and_then(|id| self.by_type.get(&id)) {
            let budget = &self.registrations[key].budget;
            if self.names(key).next().is_some() && budget.renew(max_calls) {
                return (key, Arc::clone(budget));
            }
            // It has been used up, or disconnected through the typed signals, and is only still recorded
            // here. The callable gets a new registration, under a new key.
        }
        self.sweep();
        let key = self.registrations.insert_with_key(|key| Registration {
            budget: Arc::new(Budget::new(max_calls, key, registry)),
            identity,
            slots: Vec::new(),
        });
        if let Some(identity) = identity {
            self.by_type.insert(identity, key);
        }
        (key, Arc::clone(&self.registrations[key].budget))
    }

    /// Records where a callback has been connected.
    pub(crate) fn connected(&mut self, key: CallbackKey, name: &str, connection: Connection) {
        let name = match self.by_name.get_key_value(name) {
            Some((name, _)) => Arc::clone(name),
            None => Arc::from(name),
        };
        let slots = &mut self.registrations[key].slots;
        slots.retain(|slot| slot.name != name);
        slots.push(NamedSlot { name, connection });
    }

    /// Returns whether a callback is connected to the signal of a name.
    pub(crate) fn is_connected(&self, key: CallbackKey, name: &str) -> bool {
        self.names(key).any(|connected| connected == name)
    }

    /// Returns the names whose signals a callback is connected to.
    pub(crate) fn names(&self, key: CallbackKey) -> impl Iterator<Item = &str> {
        let slots = self
            .registrations
            .get(key)
            .map_or(&[][..], |registration| &registration.slots);
        slots.iter().filter_map(|slot| {
            self.signal(&slot.name)?
                .contains(slot.connection)
                .then_some(&*slot.name)
        })
    }

    pub(crate) fn calls_left(&self, key: CallbackKey) -> Option<u32> {
        self.names(key).next()?;
        // Emissions charge budgets without our lock, so it may have been used up since it was found.
        let left = self.registrations[key].budget.left();
        left.filter(|&left| left > 0)
    }

    /// Disconnects a callback from the signals of those of its names that `chosen` accepts, and forgets it
    /// if no name is left. Returns whether it was connected to any of them.
    pub(crate) fn remove(
        &mut self,
        key: CallbackKey,
        chosen: impl Fn(&str) -> bool,
        drops: &mut DeferredDrops,
    ) -> bool {
        let Some(registration) = self.registrations.get_mut(key) else {
            return false;
        };
        let slots = mem::take(&mut registration.slots);
        let (leaving, staying) = slots
            .into_iter()
            .partition::<Vec<_>, _>(|slot| chosen(&slot.name));
        registration.slots = staying;
        let mut any = false;
        for slot in leaving {
            if let Some(signal) = self.signal(&slot.name) {
                any |= signal.disconnect_into(slot.connection, drops);
            }
        }
        self.forget_if_disconnected(key);
        any
    }

    /// Disconnects all slots from the signals of the names that `chosen` accepts.
    pub(crate) fn clear(&mut self, chosen: impl Fn(&str) -> bool, drops: &mut DeferredDrops) {
        for (name, binding) in &self.by_name {
            match &binding.signal {
                Some(signal) if chosen(name) => signal.any.disconnect_all_into(drops),
                _ => {}
            }
        }
        let keys: Vec<_> = self.registrations.keys().collect();
        for key in keys {
            let slots = &mut self.registrations[key].slots;
            slots.retain(|slot| !chosen(&slot.name));
            self.forget_if_disconnected(key);
        }
    }

    /// Forgets a callback if it is no longer connected anywhere.
    pub(crate) fn forget_if_disconnected(&mut self, key: CallbackKey) {
        let registration = self.registrations.get(key);
        if registration.is_some_and(|registration| registration.slots.is_empty()) {
            self.forget(key);
        }
    }

    fn forget(&mut self, key: CallbackKey) {
        let identity = self
            .registrations
            .remove(key)
            .and_then(|registration| registration.identity);
        // By now the type may refer to a later registration of the same callable.
        match identity {
            Some(identity) if self.by_type.get(&identity) == Some(&key) => {
                self.by_type.remove(&identity);
            }
            _ => {}
        }
    }

    /// From time to time, forgets the callbacks that lost all their slots through the typed signals, so
    /// that they do not accumulate.
    fn sweep(&mut self) {
        if self.registrations.len() < self.sweep_at {
            return;
        }
        let keys: Vec<_> = self.registrations.keys().collect();
        for key in keys {
            if self.names(key).next().is_none() {
                self.forget(key);
            }
        }
        self.sweep_at = (2 * self.registrations.len()).max(16);
    }
}

/// A bound name, copied from the bindings to be formatted without their lock.
pub(crate) struct NameListing {
    name: Arc<str>,
    signature: Signature,
    signal: Option<Arc<dyn AnySignal>>,
}

/// Shows the names in order, each with its signature, and with `{:#?}` also its slots.
pub(crate) struct Listing<'l>(pub(crate) &'l [NameListing]);

impl fmt::Debug for Listing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map()
            .entries(self.0.iter().map(|listing| (&listing.name, listing)))
            .finish()
    }
}

impl fmt::Debug for NameListing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.signature.to_string())?;
        let Some(signal) = self.signal.as_ref().filter(|_| f.alternate()) else {
            return Ok(());
        };
        f.write_str(" ")?;
        match signal.try_slots() {
            Some(slots) => slots.fmt(f),
            None => f.write_str("<locked>"),
        }
    }
}
