//! What a registry knows: which name is bound to which signal, and which callback is connected
//! where.
//!
//! Everything here runs under the registry's lock, and so runs no foreign code: what is taken out
//! of a signal is handed back, to be dropped after unlocking.

use std::any::{Any, TypeId};
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::panic::Location;
use std::sync::{Arc, Weak};

use slotmap::SlotMap;

use crate::args::Args;
use crate::registry::Shared;
use crate::registry::budget::Budget;
use crate::registry::callback::Who;
use crate::registry::mismatch::{Signature, SignatureMismatch};
use crate::{CallbackKey, Connection, Signal, SlotInfo};

/// Slots taken out of their signals. Dropping them is foreign code.
pub(crate) type Removed = Vec<Box<dyn Send + Sync>>;

/// A kind of signal that a name can be bound to.
pub(crate) trait Named: AnySignal + Default + 'static {
    type Args: Args;
    type Ret: 'static;

    fn signature() -> Signature;
    fn signal(&self) -> &Signal<Self::Args, Self::Ret>;
    /// What emission by name looks for in the [`Routes`].
    fn route(self: &Arc<Self>) -> Arc<dyn Any + Send + Sync>;
}

impl<A: Args, R: 'static> Named for Signal<A, R> {
    type Args = A;
    type Ret = R;

    fn signature() -> Signature {
        Signature::of::<A, R>()
    }

    fn signal(&self) -> &Self {
        self
    }

    fn route(self: &Arc<Self>) -> Arc<dyn Any + Send + Sync> {
        Arc::new(Emitter::<A>(self.clone()))
    }
}

/// A signal whose types are not known at the place of use.
pub(crate) trait AnySignal: Send + Sync {
    fn contains(&self, connection: Connection) -> bool;
    /// Tells whether this call disconnected the slot.
    fn disconnect_into(&self, connection: Connection, removed: &mut Removed) -> bool;
    fn disconnect_all_into(&self, removed: &mut Removed);
    /// The slots in call order, unless another thread is looking or changing just now.
    fn try_slots(&self) -> Option<Vec<SlotInfo>>;
}

impl<A: Args, R: 'static> AnySignal for Signal<A, R> {
    fn contains(&self, connection: Connection) -> bool {
        Signal::contains(self, connection)
    }

    fn disconnect_into(&self, connection: Connection, removed: &mut Removed) -> bool {
        match self.take(connection) {
            Some(slot) => {
                removed.push(Box::new(slot));
                true
            }
            None => false,
        }
    }

    fn disconnect_all_into(&self, removed: &mut Removed) {
        removed.push(Box::new(self.take_all()));
    }

    fn try_slots(&self) -> Option<Vec<SlotInfo>> {
        Signal::try_slots(self)
    }
}

/// A signal whose result type is not known at the place of use.
pub(crate) trait EmitAny<A: Args>: Send + Sync {
    /// Emits, and tells how many slots ran.
    fn emit_any(&self, args: A::In<'_>) -> usize;
}

impl<A: Args, R: 'static> EmitAny<A> for Signal<A, R> {
    fn emit_any(&self, args: A::In<'_>) -> usize {
        self.view()
            .as_deref()
            .map_or(0, |snapshot| snapshot.emit(args).len())
    }
}

/// An [`EmitAny`] as a sized type, to be found again in an `Any`.
pub(crate) struct Emitter<A: Args>(pub(crate) Arc<dyn EmitAny<A>>);

/// The signal of a name, under each of the types it is asked for by.
struct Bound {
    /// For what needs no types.
    any: Arc<dyn AnySignal>,
    /// The [`Named`] signal itself.
    typed: Arc<dyn Any + Send + Sync>,
    /// Its [`route`](Named::route).
    route: Arc<dyn Any + Send + Sync>,
}

/// What a name is bound to.
struct Binding {
    signature: Signature,
    bound_at: &'static Location<'static>,
    /// `None` as long as only the arguments are settled.
    bound: Option<Bound>,
}

/// A callback's connection to the signal of one name.
struct Place {
    name: Arc<str>,
    connection: Connection,
}

/// A registered callback.
struct Registration {
    budget: Arc<Budget>,
    /// For zero-sized callables, which are their own identity.
    identity: Option<TypeId>,
    places: Vec<Place>,
}

/// What emission by name reads: for each bound name the [`route`](Named::route) to its signal, or
/// `None` as long as only the arguments are settled.
pub(crate) type Routes = HashMap<Arc<str>, Option<Arc<dyn Any + Send + Sync>>>;

#[derive(Default)]
pub(crate) struct Books {
    bindings: BTreeMap<Arc<str>, Binding>,
    registrations: SlotMap<CallbackKey, Registration>,
    by_type: HashMap<TypeId, CallbackKey>,
    /// How many registrations to have before those are looked for that lost all their slots through
    /// the typed signals.
    sweep_at: usize,
}

impl Books {
    /// Makes sure that `name` is bound to nothing else than `requested`.
    pub(crate) fn check(&self, name: &str, requested: &Signature) -> Result<(), SignatureMismatch> {
        match self.bindings.get(name) {
            Some(binding) if !binding.signature.agrees_with(requested) => Err(
                SignatureMismatch::new(name, &binding.signature, requested, binding.bound_at),
            ),
            _ => Ok(()),
        }
    }

    /// Binds `name`, which [`check`](Self::check) has found free for this signature; the signal, and
    /// whether it is new.
    pub(crate) fn bind<N: Named>(
        &mut self,
        name: &str,
        at: &'static Location<'static>,
    ) -> (Arc<N>, bool) {
        let bound = self.bindings.get(name).and_then(|b| b.bound.as_ref());
        if let Some(bound) = bound {
            let typed = Arc::clone(&bound.typed).downcast::<N>();
            return (typed.expect("the signature was checked"), false);
        }
        let signal = Arc::new(N::default());
        let binding = Binding {
            signature: N::signature(),
            bound_at: at,
            bound: Some(Bound {
                any: signal.clone(),
                typed: signal.clone(),
                route: signal.route(),
            }),
        };
        self.bindings.insert(Arc::from(name), binding);
        (signal, true)
    }

    /// Binds the arguments of `name`, which [`check`](Self::check) has found free for them; tells
    /// whether that is news.
    pub(crate) fn bind_args<A: Args>(
        &mut self,
        name: &str,
        at: &'static Location<'static>,
    ) -> bool {
        let unbound = !self.bindings.contains_key(name);
        if unbound {
            let binding = Binding {
                signature: Signature::of_args::<A>(),
                bound_at: at,
                bound: None,
            };
            self.bindings.insert(Arc::from(name), binding);
        }
        unbound
    }

    pub(crate) fn routes(&self) -> Routes {
        self.bindings
            .iter()
            .map(|(name, binding)| {
                let route = binding.bound.as_ref().map(|b| Arc::clone(&b.route));
                (Arc::clone(name), route)
            })
            .collect()
    }

    fn signal(&self, name: &str) -> Option<&dyn AnySignal> {
        Some(&*self.bindings.get(name)?.bound.as_ref()?.any)
    }

    /// The registered callback that `who` names; none if it has left, or is about to.
    pub(crate) fn find(&self, who: Who) -> Option<CallbackKey> {
        let key = match who {
            Who::Key(key) => key,
            Who::Type(identity) => *self.by_type.get(&identity)?,
        };
        let registration = self.registrations.get(key)?;
        (!registration.budget.is_used_up()).then_some(key)
    }

    /// The registration of a callable: the one there is, its budget set anew, or a new one.
    pub(crate) fn register(
        &mut self,
        identity: Option<TypeId>,
        max_calls: Option<u32>,
        registry: &Weak<Shared>,
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
            budget: Arc::new(Budget::new(max_calls, key, registry.clone())),
            identity,
            places: Vec::new(),
        });
        if let Some(identity) = identity {
            self.by_type.insert(identity, key);
        }
        (key, Arc::clone(&self.registrations[key].budget))
    }

    /// Notes where a callback is connected.
    pub(crate) fn place(&mut self, key: CallbackKey, name: &str, connection: Connection) {
        let name = match self.bindings.get_key_value(name) {
            Some((name, _)) => Arc::clone(name),
            None => Arc::from(name),
        };
        let places = &mut self.registrations[key].places;
        places.retain(|place| place.name != name);
        places.push(Place { name, connection });
    }

    /// Tells whether a callback is connected to the signal of a name.
    pub(crate) fn is_placed(&self, key: CallbackKey, name: &str) -> bool {
        self.names(key).any(|placed| placed == name)
    }

    /// The names whose signals a callback is connected to.
    pub(crate) fn names(&self, key: CallbackKey) -> impl Iterator<Item = &str> {
        let places = self
            .registrations
            .get(key)
            .map_or(&[][..], |registration| &registration.places);
        places.iter().filter_map(|place| {
            self.signal(&place.name)?
                .contains(place.connection)
                .then_some(&*place.name)
        })
    }

    pub(crate) fn calls_left(&self, key: CallbackKey) -> Option<u32> {
        self.names(key).next()?;
        // Emissions charge budgets without our lock: it may have been used up since it was found.
        let left = self.registrations[key].budget.left();
        left.filter(|&left| left > 0)
    }

    /// Takes a callback out of the signals of those of its names that `chosen` picks, and out of the
    /// books when none is left; tells whether it was connected to one.
    pub(crate) fn remove(
        &mut self,
        key: CallbackKey,
        chosen: impl Fn(&str) -> bool,
        removed: &mut Removed,
    ) -> bool {
        let Some(registration) = self.registrations.get_mut(key) else {
            return false;
        };
        let places = std::mem::take(&mut registration.places);
        let (leaving, staying) = places
            .into_iter()
            .partition::<Vec<_>, _>(|place| chosen(&place.name));
        registration.places = staying;
        let mut any = false;
        for place in leaving {
            if let Some(signal) = self.signal(&place.name) {
                any |= signal.disconnect_into(place.connection, removed);
            }
        }
        self.forget_if_unplaced(key);
        any
    }

    /// Empties the signals of those names that `chosen` picks.
    pub(crate) fn clear(&mut self, chosen: impl Fn(&str) -> bool, removed: &mut Removed) {
        for (name, binding) in &self.bindings {
            match &binding.bound {
                Some(bound) if chosen(name) => bound.any.disconnect_all_into(removed),
                _ => {}
            }
        }
        let keys: Vec<_> = self.registrations.keys().collect();
        for key in keys {
            let places = &mut self.registrations[key].places;
            places.retain(|place| !chosen(&place.name));
            self.forget_if_unplaced(key);
        }
    }

    /// Strikes a callback out of the books if it is connected nowhere.
    pub(crate) fn forget_if_unplaced(&mut self, key: CallbackKey) {
        let registration = self.registrations.get(key);
        if registration.is_some_and(|registration| registration.places.is_empty()) {
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
impl fmt::Debug for Books {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(&self.bindings).finish()
    }
}

impl fmt::Debug for Binding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.signature.to_string())?;
        let Some(bound) = self.bound.as_ref().filter(|_| f.alternate()) else {
            return Ok(());
        };
        f.write_str(" ")?;
        match bound.any.try_slots() {
            Some(slots) => slots.fmt(f),
            None => f.write_str("<locked>"),
        }
    }
}
