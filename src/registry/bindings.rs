//! The state of a registry: which name is bound to which signal, and which callback is registered.
//!
//! Everything here runs under the registry's lock, so it must not run user code. Slots and signals that are
//! removed are returned, and dropped after unlocking.

use std::any::{Any, TypeId};
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::mem;
use std::panic::Location;
use std::sync::Arc;

use crate::args::Args;
use crate::key_map::KeyMap;
use crate::keys::{CallbackKey, Connection};
use crate::registry::dispatch::{Bound, DispatchTable};
use crate::registry::identity::CallbackIdentity;
use crate::registry::mismatch::{Signature, SignatureMismatch};
use crate::registry::named::{AnySignal, DeferredDrops, Named};
use crate::registry::registration::Registration;
#[cfg(feature = "tracing")]
use crate::trace::Name;

/// The signal of a name, as each type under which it is needed.
struct BoundSignal {
    /// For uses that do not need its types.
    any: Arc<dyn AnySignal>,
    /// The [`Named`] signal itself.
    typed: Arc<dyn Any + Send + Sync>,
    /// The slots of callbacks in it, and some that have left.
    callbacks: Vec<Connection>,
    /// The number of `callbacks` at which to look for those that have left, so that they do not accumulate.
    sweep_at: usize,
}

/// A name that is bound.
struct Binding {
    bound: Arc<Bound>,
    /// `None` while only the argument types are known.
    signal: Option<BoundSignal>,
}

#[derive(Default)]
pub(crate) struct Bindings {
    by_name: BTreeMap<Arc<str>, Binding>,
    /// What is in the dispatch table when the lock is released.
    table: DispatchTable,
    table_has_changed: bool,
    /// The [id](Bound::id) of the next binding.
    next_id: u64,
    /// The registered callbacks, and some that have left.
    registrations: KeyMap<CallbackKey, Arc<Registration>>,
    by_type: HashMap<TypeId, CallbackKey>,
    /// The number of registrations at which to look for those that have left, so that they do not
    /// accumulate.
    sweep_at: usize,
}

impl Bindings {
    /// Checks that `name` is either unbound or bound to `requested`.
    pub(crate) fn check(&self, name: &str, requested: &Signature) -> Result<(), SignatureMismatch> {
        match self.by_name.get(name) {
            Some(binding) => binding.bound.check(requested),
            None => Ok(()),
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

    /// Returns the signal of `name`, after [`check`](Self::check) has accepted its signature. Binds the name
    /// if necessary.
    pub(crate) fn bind<N: Named>(&mut self, name: &str, at: &'static Location<'static>) -> Arc<N> {
        let bound = self.by_name.get(name);
        if let Some(signal) = bound.and_then(|binding| binding.signal.as_ref()) {
            let typed = Arc::clone(&signal.typed).downcast::<N>();
            return typed.expect("the signature was checked");
        }
        let id = bound.map(|binding| binding.bound.id);
        let signal = Arc::new(N::default());
        #[cfg(feature = "tracing")]
        signal.signal().core_named(Name::Shared(Arc::from(name)));
        let bound_signal = BoundSignal {
            any: signal.signal().core().clone(),
            typed: signal.clone(),
            callbacks: Vec::new(),
            sweep_at: 0,
        };
        let emitter = Some(signal.emitter());
        self.enter(name, id, N::signature(), at, emitter, Some(bound_signal));
        signal
    }

    /// Binds the argument types of `name`, after [`check`](Self::check) has accepted them. Returns the
    /// [id](Bound::id) of the binding.
    pub(crate) fn bind_args<A: Args>(&mut self, name: &str, at: &'static Location<'static>) -> u64 {
        match self.by_name.get(name) {
            Some(binding) => binding.bound.id,
            None => self.enter(name, None, Signature::of_args::<A>(), at, None, None),
        }
    }

    fn enter(
        &mut self,
        name: &str,
        id: Option<u64>,
        signature: Signature,
        at: &'static Location<'static>,
        emitter: Option<Arc<dyn Any + Send + Sync>>,
        signal: Option<BoundSignal>,
    ) -> u64 {
        let name: Arc<str> = Arc::from(name);
        let id = id.unwrap_or(self.next_id);
        self.next_id += 1;
        let bound = Arc::new(Bound {
            name: Arc::clone(&name),
            id,
            signature,
            at,
            emitter,
        });
        self.table.insert(Arc::clone(&bound));
        self.table_has_changed = true;
        self.by_name.insert(name, Binding { bound, signal });
        id
    }

    /// Returns the dispatch table if it has changed since the last time.
    pub(crate) fn take_changed_table(&mut self) -> Option<DispatchTable> {
        mem::take(&mut self.table_has_changed).then(|| self.table.clone())
    }

    /// Copies what can be shown of each name, in order.
    pub(crate) fn listing(&self) -> Vec<NameListing> {
        self.by_name
            .values()
            .map(|binding| NameListing {
                bound: Arc::clone(&binding.bound),
                signal: binding.signal.as_ref().map(|s| Arc::clone(&s.any)),
            })
            .collect()
    }

    /// The bound names, sorted.
    pub(crate) fn names(&self) -> Vec<String> {
        self.by_name
            .keys()
            .map(|name| (**name).to_owned())
            .collect()
    }

    /// Finds the registered callback that `identity` refers to. It may have lost its slots through the typed
    /// signals.
    pub(crate) fn find(
        &self,
        identity: CallbackIdentity,
    ) -> Option<(CallbackKey, &Arc<Registration>)> {
        let key = match identity {
            CallbackIdentity::Key(key) => key,
            CallbackIdentity::Type(callable) => *self.by_type.get(&callable)?,
        };
        let registration = self.registrations.get(key)?;
        (!registration.has_left()).then_some((key, registration))
    }

    /// Registers a callback. A callable's former registration must have left.
    pub(crate) fn register(
        &mut self,
        identity: Option<TypeId>,
        max_calls: Option<u32>,
    ) -> (CallbackKey, Arc<Registration>) {
        self.sweep();
        let registration = Arc::new(Registration::new(identity, max_calls));
        let key = self.registrations.insert(Arc::clone(&registration));
        if let Some(former) = identity.and_then(|identity| self.by_type.insert(identity, key)) {
            self.registrations.remove(former);
        }
        (key, registration)
    }

    /// Records a slot of a callback in the signal of a name, and returns the shared name.
    pub(crate) fn connected(&mut self, name: &str, connection: Connection) -> Arc<str> {
        let binding = self.by_name.get_mut(name).expect("the name is bound");
        if let Some(signal) = &mut binding.signal {
            if signal.callbacks.len() >= signal.sweep_at {
                let any = &signal.any;
                signal.callbacks.retain(|&callback| any.can_leave(callback));
                signal.sweep_at = (2 * signal.callbacks.len()).max(8);
            }
            signal.callbacks.push(connection);
        }
        Arc::clone(&binding.bound.name)
    }

    /// Disconnects all slots from the signal of a name.
    pub(crate) fn clear(&mut self, name: &str, drops: &mut DeferredDrops) {
        if let Some(binding) = self.by_name.get_mut(name) {
            binding.clear(drops);
        }
    }

    /// Disconnects all slots from the signals of all names.
    pub(crate) fn clear_all(&mut self, drops: &mut DeferredDrops) {
        for binding in self.by_name.values_mut() {
            binding.clear(drops);
        }
        self.registrations.clear();
        self.by_type.clear();
    }

    /// Takes a name out. Its callbacks leave its signal, which is dropped unless others use it. Returns
    /// whether the name was bound.
    pub(crate) fn remove(&mut self, name: &str, drops: &mut DeferredDrops) -> bool {
        let Some(binding) = self.by_name.remove(name) else {
            return false;
        };
        self.table.remove(name);
        self.table_has_changed = true;
        if let Some(signal) = binding.signal {
            for callback in &signal.callbacks {
                signal.any.disconnect_into(*callback, drops);
            }
            drops.push(Box::new(signal));
        }
        true
    }

    /// Forgets a callback that has left.
    pub(crate) fn forget(&mut self, key: CallbackKey) {
        let registration = self.registrations.remove(key);
        let identity = registration.and_then(|registration| registration.identity);
        // By now the type may refer to a later registration of the same callable.
        match identity {
            Some(identity) if self.by_type.get(&identity) == Some(&key) => {
                self.by_type.remove(&identity);
            }
            _ => {}
        }
    }

    /// From time to time, forgets the callbacks that have left.
    fn sweep(&mut self) {
        if self.registrations.len() < self.sweep_at {
            return;
        }
        self.registrations
            .retain(|registration| registration.is_connected());
        let registrations = &self.registrations;
        self.by_type
            .retain(|_, key| registrations.contains_key(*key));
        self.sweep_at = (2 * self.registrations.len()).max(16);
    }
}

impl Binding {
    fn clear(&mut self, drops: &mut DeferredDrops) {
        if let Some(signal) = &mut self.signal {
            signal.any.disconnect_all_into(drops);
            signal.callbacks.clear();
        }
    }
}

/// A bound name, copied from the bindings to be formatted without their lock.
pub(crate) struct NameListing {
    bound: Arc<Bound>,
    signal: Option<Arc<dyn AnySignal>>,
}

/// Shows the names in order, each with its signature, and with `{:#?}` also its slots.
pub(crate) struct Listing<'l>(pub(crate) &'l [NameListing]);

impl fmt::Debug for Listing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map()
            .entries(self.0.iter().map(|listing| (&listing.bound.name, listing)))
            .finish()
    }
}

impl fmt::Debug for NameListing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.bound.signature.to_string())?;
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

#[cfg(all(test, not(smoke_signal_loom)))]
mod tests {
    use crate::registry::Registry;

    fn tick() {}

    /// How many registrations, slots of a callback and slots of a name are recorded.
    fn sizes(registry: &Registry) -> [usize; 2] {
        let bindings = registry.shared().bindings();
        let callbacks = bindings
            .by_name
            .values()
            .filter_map(|it| it.signal.as_ref());
        let callbacks = callbacks.map(|signal| signal.callbacks.len()).sum();
        [bindings.registrations.len(), callbacks]
    }

    #[test]
    fn callbacks_that_have_left_in_any_way_do_not_accumulate() {
        let registry = Registry::new();
        let typed = registry.signal::<(), ()>("kept").unwrap();
        registry.on("kept", tick).unwrap();
        for number in 0..2000 {
            let name = number.to_string();
            let names = ["kept", &name];
            registry.on(&name, tick).unwrap();
            let capturing = move || {
                let _ = &number;
            };
            let key = registry.once(names, capturing).unwrap();
            match number % 5 {
                0 => drop(registry.emit("kept", ())),
                1 => assert!(registry.disconnect(key)),
                2 => drop(registry.scoped(key)),
                3 => assert!(typed.disconnect(typed.connections()[1])),
                _ => assert!(registry.disconnect_from(key, "kept")),
            }
            registry.clear(&name);
            assert_eq!(registry.remove(&name), 1);
            let key = registry.scoped(registry.on("kept", tick).unwrap());
            drop(key);
            registry.on("kept", tick).unwrap();
        }
        assert_eq!(registry.names(), ["kept"]);
        assert_eq!(typed.len(), 1);
        let [registrations, callbacks] = sizes(&registry);
        assert!(
            registrations < 50 && callbacks < 50,
            "{:?}",
            sizes(&registry)
        );
    }
}
