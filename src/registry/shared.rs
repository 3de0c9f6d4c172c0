//! The state that a registry shares with its handles: the bindings, which changes edit under a mutex, and
//! the dispatch table, which emissions by name read.

use std::any::TypeId;
use std::panic::{self, AssertUnwindSafe, Location};
use std::sync::{Arc, TryLockError, Weak};

use crate::args::Args;
use crate::core::SlotOptions;
use crate::discard::discard;
use crate::keys::CallbackKey;
use crate::owner::Owner;
use crate::registry::bindings::{Bindings, DispatchTable};
use crate::registry::callback::{CallbackSlot, SharedCallback};
use crate::registry::identity::CallbackIdentity;
use crate::registry::mismatch::{Signature, SignatureMismatch};
use crate::registry::named::{AnySignal, DeferredDrops, Emitter, Named};
use crate::sync::{CellArc, Loaded, Mutex, MutexGuard, SnapshotCell, lock};

pub(crate) struct Shared {
    /// Written only under the lock of `bindings`. Emptied when a new name makes it outdated. Dropped first,
    /// so that it never holds the last reference to a signal: a hash map leaks its other entries if one drop
    /// panics.
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

    /// Edits the bindings under their lock. Slots that `edit` removes from signals are dropped after
    /// unlocking. `edit` must not own anything whose drop runs user code, because it is dropped before that.
    pub(crate) fn change<T>(&self, edit: impl FnOnce(&mut Bindings, &mut DeferredDrops) -> T) -> T {
        let mut drops = DeferredDrops::new();
        let mut bindings = self.bindings();
        let result = edit(&mut bindings, &mut drops);
        drop(bindings);
        drop(drops);
        result
    }

    /// Makes the next emission by name read the bindings. To be called before they are unlocked.
    fn outdate_dispatch_table(&self, _bindings: &mut Bindings) {
        self.dispatch.swap(None);
    }

    fn bind<N: Named>(
        &self,
        bindings: &mut Bindings,
        name: &str,
        at: &'static Location<'static>,
    ) -> Arc<N> {
        let (signal, is_new) = bindings.bind(name, at);
        if is_new {
            self.outdate_dispatch_table(bindings);
        }
        signal
    }

    /// Returns the signal of a name, which is created and bound if necessary.
    pub(crate) fn named<N: Named>(
        &self,
        name: &str,
        at: &'static Location<'static>,
    ) -> Result<Arc<N>, SignatureMismatch> {
        self.change(|bindings, _| {
            bindings.check(name, &N::signature())?;
            Ok(self.bind(bindings, name, at))
        })
    }

    /// Binds the argument types of names.
    pub(crate) fn bind_args<A: Args>(
        &self,
        names: &[&str],
        at: &'static Location<'static>,
    ) -> Result<(), SignatureMismatch> {
        self.change(|bindings, _| {
            bindings.check_all(names, &Signature::of_args::<A>())?;
            for name in names {
                if bindings.bind_args::<A>(name, at) {
                    self.outdate_dispatch_table(bindings);
                }
            }
            Ok(())
        })
    }

    /// Connects a callback to the signal of each of the names, under one budget.
    pub(crate) fn register<N: Named>(
        self: &Arc<Self>,
        names: &[String],
        max_calls: Option<u32>,
        identity: Option<TypeId>,
        callback: &SharedCallback<N::Args, N::Ret>,
        at: &'static Location<'static>,
    ) -> Result<CallbackKey, SignatureMismatch> {
        let mut connected = Vec::new();
        let mut expired = DeferredDrops::new();
        let key = self.change(|bindings, drops| {
            bindings.check_all(names, &N::signature())?;
            let registry: Weak<Self> = Arc::downgrade(self);
            let (key, budget) = bindings.register(identity, max_calls, registry);
            for name in names {
                let signal = self.bind::<N>(bindings, name, at);
                if max_calls == Some(0) || bindings.is_connected(key, name) {
                    continue;
                }
                let slot = CallbackSlot::new(Arc::clone(callback), Arc::clone(&budget));
                let core = signal.signal().core();
                let options = SlotOptions::new(at);
                let (connection, found) =
                    core.connect_deferring_drops(None, options, Arc::new(slot));
                expired.push(Box::new(found));
                bindings.connected(key, name, connection);
                connected.push((core.clone() as Arc<dyn AnySignal>, connection));
            }
            if max_calls == Some(0) {
                bindings.remove(key, |_| true, drops);
            }
            bindings.forget_if_disconnected(key);
            Ok(key)
        })?;
        // If this panics, the caller gets no key, so what has been connected is disconnected again.
        if let Err(panic) = panic::catch_unwind(AssertUnwindSafe(|| drop(expired))) {
            let mut drops = DeferredDrops::new();
            for (signal, connection) in connected {
                signal.disconnect_into(connection, &mut drops);
            }
            discard(drops);
            panic::resume_unwind(panic);
        }
        Ok(key)
    }

    pub(crate) fn emit<A>(&self, name: &str, args: A) -> Result<usize, SignatureMismatch>
    where
        A: for<'a> Args<In<'a> = A>,
    {
        let emit = |emitter: &Emitter<A>| emitter.0.emit_any(args);
        let called = self.dispatch(name, &Signature::of_args::<A>(), emit)?;
        Ok(called.unwrap_or(0))
    }

    /// Calls `emit` with the emitter of a name. Returns `None` if there is nothing to emit.
    pub(crate) fn dispatch<E: 'static, T>(
        &self,
        name: &str,
        requested: &Signature,
        emit: impl FnOnce(&E) -> T,
    ) -> Result<Option<T>, SignatureMismatch> {
        let mut table = self.dispatch.load();
        if table.is_none() {
            table = self.renew_dispatch_table();
        }
        let Some(emitter) = table.as_ref().and_then(|table| table.get(name)) else {
            return Ok(None);
        };
        match emitter.as_ref().and_then(|it| it.downcast_ref::<E>()) {
            Some(emitter) => Ok(Some(emit(emitter))),
            // Bound to other types, or to these, but without a signal yet.
            None => self.bindings().check(name, requested).map(|()| None),
        }
    }

    #[cold]
    fn renew_dispatch_table(&self) -> Loaded<DispatchTable> {
        let bindings = self.bindings();
        if self.dispatch.load().is_none() {
            let table = bindings.dispatch_table();
            self.dispatch.swap(Some(CellArc::new(table)));
        }
        self.dispatch.load()
    }

    pub(crate) fn remove(&self, identity: CallbackIdentity, chosen: impl Fn(&str) -> bool) -> bool {
        self.change(|bindings, drops| match bindings.find(identity) {
            Some(key) => bindings.remove(key, chosen, drops),
            None => false,
        })
    }
}

impl Owner<CallbackKey> for Shared {
    /// Disconnects a callback from all its names, even if its budget is used up.
    fn disconnect(&self, key: CallbackKey) -> bool {
        self.change(|bindings, drops| bindings.remove(key, |_| true, drops))
    }
}
