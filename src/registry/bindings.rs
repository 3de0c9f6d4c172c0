//! What a registry knows: which name is bound to which signal, and which callback is connected where.
//!
//! Everything here runs under the registry's lock, so it runs no user code: what is taken out of a signal
//! is returned, to be dropped after unlocking.

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

/// The signal of a name, as each of the types that it is needed as.
struct BoundSignal {
    /// For what needs no types.
    any: Arc<dyn AnySignal>,
    /// The [`Named`] signal itself.
    typed: Arc<dyn Any + Send + Sync>,
    /// Its [`emitter`](Named::emitter).
    emitter: Arc<dyn Any + Send + Sync>,
}

/// What a name is bound to.
struct Binding {
    signature: Signature,
    bound_at: &'static Location<'static>,
    /// `None` while only the arguments are known.
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
    /// For zero-sized callables, which are their own identity.
    identity: Option<TypeId>,
    slots: Vec<NamedSlot>,
}

/// What emission by name reads: for each bound name its signal's [`emitter`](Named::emitter), or `None`
/// while only the arguments are known.
pub(crate) type DispatchTable = HashMap<Arc<str>, Option<Arc<dyn Any + Send + Sync>>>;

#[derive(Default)]
pub(crate) struct Bindings {
    by_name: BTreeMap<Arc<str>, Binding>,
    registrations: SlotMap<CallbackKey, Registration>,
    by_type: HashMap<TypeId, CallbackKey>,
    /// How many registrations there may be before those are looked for that have lost all their slots
    /// through the typed signals.
    sweep_at: usize,
}

impl Bindings {
    /// Makes sure that `name` is bound to nothing else than `requested`.
    pub(crate) fn check(&self, name: &str, requested: &Signature) -> Result<(), SignatureMismatch> {
        match self.by_name.get(name) {
            Some(binding) if !binding.signature.agrees_with(requested) => Err(
                SignatureMismatch::new(name, &binding.signature, requested, binding.bound_at),
            ),
            _ => Ok(()),
        }
    }

    /// [`check`](Self::check) for each of the names.
    pub(crate) fn check_all(
        &self,
        names: &[&str],
        requested: &Signature,
    ) -> Result<(), SignatureMismatch> {
        names
            .iter()
            .try_for_each(|name| self.check(name, requested))
    }

    /// Binds `name`, which [`check`](Self::check) has found free for this signature; the signal, and
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

    /// Binds the arguments of `name`, which [`check`](Self::check) has found free for them; tells
    /// whether that is news.
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

    fn signal(&self, name: &str) -> Option<&dyn AnySignal> {
        Some(&*self.by_name.get(name)?.signal.as_ref()?.any)
    }

    /// The registered callback that `identity` stands for; `None` if it has left, or is about to.
    pub(crate) fn find(&self, identity: CallbackIdentity) -> Option<CallbackKey> {
        let key = match identity {
            CallbackIdentity::Key(key) => key,
            CallbackIdentity::Type(callable) => *self.by_type.get(&callable)?,
        };
        let registration = self.registrations.get(key)?;
        (!registration.budget.is_used_up()).then_some(key)
    }

    /// The registration of a callable: the one there is, its budget set anew, or a new one.
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
            // It has left, used up or through the typed signals, and this has not been noted yet.
            // What is registered now is another, under a new key.
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

    /// Notes where a callback has been connected.
    pub(crate) fn connected(&mut self, key: CallbackKey, name: &str, connection: Connection) {
        let name = match self.by_name.get_key_value(name) {
            Some((name, _)) => Arc::clone(name),
            None => Arc::from(name),
        };
        let slots = &mut self.registrations[key].slots;
        slots.retain(|slot| slot.name != name);
        slots.push(NamedSlot { name, connection });
    }

    /// Tells whether a callback is connected to the signal of a name.
    pub(crate) fn is_connected(&self, key: CallbackKey, name: &str) -> bool {
        self.names(key).any(|connected| connected == name)
    }

    /// The names whose signals a callback is connected to.
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
        // Emissions charge budgets without our lock: it may have been used up since it was found.
        let left = self.registrations[key].budget.left();
        left.filter(|&left| left > 0)
    }

    /// Takes a callback out of the signals of those of its names that `chosen` picks, and forgets it if
    /// none is left. Returns whether it was connected to one of them.
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

    /// Empties the signals of those names that `chosen` picks.
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

    /// Forgets a callback that is connected nowhere.
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
        // By now the type may stand for a later registration of the same callable.
        match identity {
            Some(identity) if self.by_type.get(&identity) == Some(&key) => {
                self.by_type.remove(&identity);
            }
            _ => {}
        }
    }

    /// Forgets callbacks that lost all their slots through the typed signals, now and then, so that
    /// they do not pile up.
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

/// The bound names in order, each with its signature, and with `{:#?}` its slots.
impl fmt::Debug for Bindings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(&self.by_name).finish()
    }
}

impl fmt::Debug for Binding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.signature.to_string())?;
        let Some(signal) = self.signal.as_ref().filter(|_| f.alternate()) else {
            return Ok(());
        };
        f.write_str(" ")?;
        match signal.any.try_slots() {
            Some(slots) => slots.fmt(f),
            None => f.write_str("<locked>"),
        }
    }
}
