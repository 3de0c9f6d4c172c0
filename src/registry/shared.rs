//! The state that a registry shares with its handles: the bindings, which changes edit under a mutex, and
//! the dispatch table, which emissions by name read.

use std::any::TypeId;
use std::panic::{self, AssertUnwindSafe, Location};
use std::sync::{Arc, TryLockError, Weak};

use crate::args::Args;
use crate::core::SlotOptions;
use crate::discard::discard;
use crate::keys::CallbackKey;
use crate::registry::bindings::Bindings;
use crate::registry::callback::{CallbackSlot, SharedCallback};
use crate::registry::dispatch::DispatchTable;
use crate::registry::identity::CallbackIdentity;
use crate::registry::mismatch::{Signature, SignatureMismatch};
use crate::registry::named::{AnySignal, DeferredDrops, EmitAny, Emitter, Named};
use crate::registry::registration::Slots;
use crate::sync::{CellArc, Mutex, MutexGuard, SnapshotCell, lock};
use crate::trace::Origin;
#[cfg(feature = "tracing")]
use crate::trace::emitted_to_nobody;

/// Tells a subscriber of a mismatch. No lock may be held.
#[cfg(feature = "tracing")]
fn tell_mismatch<T>(result: &Result<T, SignatureMismatch>, at: &'static Location<'static>) {
    if let Err(mismatch) = result {
        mismatch.tell(at);
    }
}

pub(crate) struct Shared {
    /// Written only under the lock of `bindings`. `None` until a name is bound.
    dispatch: SnapshotCell<DispatchTable>,
    bindings: Mutex<Bindings>,
}

impl Shared {
    pub(crate) fn new() -> Self {
        Self {
            dispatch: SnapshotCell::new(),
            bindings: Mutex::new(Bindings::default()),
        }
    }

    /// Locks the bindings for reading.
    pub(crate) fn bindings(&self) -> MutexGuard<'_, Bindings> {
        lock(&self.bindings)
    }

    /// Locks the bindings, unless another thread has locked them.
    pub(crate) fn try_bindings(&self) -> Option<MutexGuard<'_, Bindings>> {
        match self.bindings.try_lock() {
            Ok(bindings) => Some(bindings),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    /// Edits the bindings under their lock. If names have been bound or removed, emissions see all of that
    /// at once. What `edit` removes is dropped after unlocking. `edit` must not own anything whose drop runs
    /// user code, because it is dropped before that.
    pub(crate) fn change<T>(&self, edit: impl FnOnce(&mut Bindings, &mut DeferredDrops) -> T) -> T {
        let mut drops = DeferredDrops::new();
        let mut bindings = self.bindings();
        let result = edit(&mut bindings, &mut drops);
        if let Some(table) = bindings.take_changed_table() {
            self.dispatch.store(Some(CellArc::new(table)));
        }
        drop(bindings);
        drop(drops);
        result
    }

    /// Returns the signal of a name, which is created and bound if necessary.
    pub(crate) fn named<N: Named>(
        &self,
        name: &str,
        at: &'static Location<'static>,
    ) -> Result<Arc<N>, SignatureMismatch> {
        let named = self.change(|bindings, _| {
            bindings.check(name, &N::signature())?;
            Ok(bindings.bind(name, at))
        });
        #[cfg(feature = "tracing")]
        tell_mismatch(&named, at);
        named
    }

    /// Binds the argument types of names. Returns the [id](crate::registry::dispatch::Bound::id) of each
    /// binding.
    pub(crate) fn bind_args<A: Args, const N: usize>(
        &self,
        names: [&str; N],
        at: &'static Location<'static>,
    ) -> Result<[u64; N], SignatureMismatch> {
        let bound = self.change(|bindings, _| {
            bindings.check_all(&names, &Signature::of_args::<A>())?;
            Ok(names.map(|name| bindings.bind_args::<A>(name, at)))
        });
        #[cfg(feature = "tracing")]
        tell_mismatch(&bound, at);
        bound
    }

    /// Connects a callback to the signal of each of the names, under one budget.
    pub(crate) fn register<N: Named>(
        &self,
        names: &[String],
        max_calls: Option<u32>,
        identity: Option<TypeId>,
        callback: &SharedCallback<N::Args, N::Ret>,
        at: &'static Location<'static>,
    ) -> Result<CallbackKey, SignatureMismatch> {
        let mut connected = Vec::new();
        let mut connect = |bindings: &mut Bindings, registration: &Arc<_>, slots: &mut Slots| {
            for name in names {
                let signal = bindings.bind::<N>(name, at);
                if max_calls == Some(0) || slots.is_connected(name) {
                    continue;
                }
                let core = signal.signal().core();
                let any: Arc<dyn AnySignal> = core.clone();
                let weak = Arc::downgrade(&any);
                let slot = CallbackSlot::new(
                    Arc::clone(callback),
                    Arc::clone(registration),
                    Weak::clone(&weak),
                );
                let options = SlotOptions::new(at);
                let connection = core.connect_unswept(options, Arc::new(slot));
                slots.insert(bindings.connected(name, connection), weak, connection);
                connected.push((any, connection));
            }
        };
        let registered = self.change(|bindings, drops| {
            bindings.check_all(names, &N::signature())?;
            let known = identity.and_then(|it| bindings.find(CallbackIdentity::Type(it)));
            let known = known.map(|(key, registration)| (key, Arc::clone(registration)));
            if let Some((key, registration)) = &known {
                if let Some(mut slots) = registration.renew(max_calls) {
                    connect(bindings, registration, &mut slots);
                    if max_calls == Some(0) {
                        registration.leave(&mut slots, drops);
                        bindings.forget(*key);
                    }
                    return Ok(*key);
                }
            }
            let (key, registration) = bindings.register(identity, max_calls);
            let mut slots = registration.lock();
            connect(bindings, &registration, &mut slots);
            if slots.is_empty() {
                bindings.forget(key);
            }
            Ok(key)
        });
        #[cfg(feature = "tracing")]
        tell_mismatch(&registered, at);
        let key = registered?;
        // If an expired slot panics in its drop, the caller gets no key, so what has been connected is
        // disconnected again.
        let sweep = || connected.iter().for_each(|(signal, _)| signal.sweep());
        if let Err(panic) = panic::catch_unwind(AssertUnwindSafe(sweep)) {
            let mut drops = DeferredDrops::new();
            for (signal, connection) in connected {
                signal.disconnect_into(connection, &mut drops);
            }
            discard(drops);
            panic::resume_unwind(panic);
        }
        #[cfg(feature = "tracing")]
        for (signal, connection) in connected {
            signal.tell_connected(connection, at);
        }
        Ok(key)
    }

    pub(crate) fn emit<A>(
        &self,
        name: &str,
        args: A,
        origin: Origin,
    ) -> Result<usize, SignatureMismatch>
    where
        A: for<'a> Args<In<'a> = A>,
    {
        let emit = |emitter: &Emitter<A>| emitter.0.emit_any(args, origin);
        let called = self.dispatch(name, &Signature::of_args::<A>(), origin, emit)?;
        Ok(called.unwrap_or(0))
    }

    /// The emitter of a name without arguments, if it is still bound by the binding with this id.
    pub(crate) fn emitter_bound(&self, name: &str, id: u64) -> Option<Arc<dyn EmitAny<()>>> {
        let table = self.dispatch.load();
        let bound = table.as_ref().and_then(|table| table.get(name))?;
        let emitter: &Emitter<()> = (bound.id == id).then(|| bound.emitter()).flatten()?;
        Some(Arc::clone(&emitter.0))
    }

    /// Calls `emit` with the emitter of a name. Returns `None` if there is nothing to emit.
    #[cfg_attr(not(feature = "tracing"), allow(unused_variables))]
    pub(crate) fn dispatch<E: 'static, T>(
        &self,
        name: &str,
        requested: &Signature,
        origin: Origin,
        emit: impl FnOnce(&E) -> T,
    ) -> Result<Option<T>, SignatureMismatch> {
        let table = self.dispatch.load();
        let Some(bound) = table.as_ref().and_then(|table| table.get(name)) else {
            #[cfg(feature = "tracing")]
            emitted_to_nobody(name, origin);
            return Ok(None);
        };
        if let Some(emitter) = bound.emitter() {
            return Ok(Some(emit(emitter)));
        }
        // Bound to other types, or to these, but without a signal yet.
        let checked = bound.check(requested).map(|()| None);
        #[cfg(feature = "tracing")]
        match &checked {
            Ok(_) => emitted_to_nobody(name, origin),
            Err(mismatch) => mismatch.tell(origin.location()),
        }
        checked
    }

    /// Disconnects a callback from these names, or from all.
    pub(crate) fn disconnect(&self, identity: CallbackIdentity, names: Option<&[&str]>) -> bool {
        self.change(|bindings, drops| {
            let Some((key, registration)) = bindings.find(identity) else {
                return false;
            };
            let any = match names {
                Some(names) => registration.leave_names(names, drops),
                None => registration.leave(&mut registration.lock(), drops),
            };
            if registration.has_left() {
                bindings.forget(key);
            }
            any
        })
    }
}
