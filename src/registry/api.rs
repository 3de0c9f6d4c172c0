//! The registry: registering callbacks, and emitting by name.

use std::any::TypeId;
use std::fmt;
use std::panic::{Location, RefUnwindSafe, UnwindSafe};
use std::sync::{Arc, OnceLock, Weak};

use crate::args::Args;
use crate::emitting::{Emit, Emitting};
use crate::keys::CallbackKey;
use crate::registry::bindings::Listing;
use crate::registry::callback::{Callback, SharedCallback};
use crate::registry::identity::type_identity;
use crate::registry::mismatch::SignatureMismatch;
use crate::registry::named::Named;
use crate::registry::names::{Names, owned};
use crate::registry::shared::Shared;
use crate::signal::Signal;
use crate::trace::Origin;

/// Signals by name, with the vocabulary of Python's `smokesignal`.
///
/// A registry is a thin layer over typed signals: behind every name is a [`Signal`], which
/// [`signal`](Self::signal) returns. The first [`on`](Self::on) or [`signal`](Self::signal) with a
/// name binds it to one signature: its argument types and its result type. Until it is
/// [removed](Self::remove), the name stays bound, and using it with other types returns a
/// [`SignatureMismatch`]. [`global`](crate::global) has the same functions for one registry that the
/// whole process shares.
///
/// ```
/// use smoke_signal::Registry;
///
/// static SIGNALS: Registry = Registry::new();
///
/// fn debug(verbose: bool) {
///     println!("verbose: {verbose}");
/// }
///
/// SIGNALS.on("debug", debug)?;
/// assert_eq!(SIGNALS.emit("debug", (true,))?, 1);
/// assert!(SIGNALS.disconnect(debug));
/// # Ok::<(), smoke_signal::SignatureMismatch>(())
/// ```
///
/// # Callbacks
///
/// [`on`](Self::on) returns a [`CallbackKey`], which identifies the callback. A `fn`, or a closure
/// that captures nothing, also identifies itself (see [`Identity`](crate::Identity)). Registering
/// the same callable again for a name does not add a second call.
///
/// A call budget belongs to the callback, and all its names share it. Registering the callable again
/// resets the budget or removes it. The callback is disconnected from all its names before its last
/// call begins.
///
/// [`emit`](Self::emit) also calls slots that were connected through [`signal`](Self::signal), but
/// these are not callbacks and have no [`CallbackKey`].
///
/// # Threads, re-entrancy, panics
///
/// The same rules apply as for signals. No lock is held while a callback runs or a captured value is
/// dropped, so a callback may call any method of the registry. Emission looks up the name without a
/// lock, and then takes as few as the emission of a typed signal. A panic in a callback leaves the
/// registry unchanged.
///
/// The callbacks of a registry that has been dropped stay connected to typed signals that are still
/// used. Their budgets and scopes apply as before.
///
/// # Costs
///
/// Binding, registering, disconnecting and removing cost about the same however many names are bound
/// and however many were bound before.
pub struct Registry {
    shared: OnceLock<Arc<Shared>>,
}

impl Registry {
    /// Creates a registry without names. It allocates nothing until it is used.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            shared: OnceLock::new(),
        }
    }

    /// Returns the registry that the whole process shares. The functions of
    /// [`smoke_signal::global`](crate::global) use it.
    ///
    /// ```
    /// use smoke_signal::{Registry, global};
    ///
    /// global::on("saved", || ()).unwrap();
    /// assert_eq!(Registry::global().emit("saved", ()), Ok(1));
    /// ```
    pub fn global() -> &'static Self {
        static GLOBAL: Registry = Registry::new();
        &GLOBAL
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        self.shared.get_or_init(|| Arc::new(Shared::new()))
    }

    pub(crate) fn shared_if_used(&self) -> Option<&Arc<Shared>> {
        self.shared.get()
    }

    /// Registers a callback for one name, or for each name of a list. The number of its calls is not
    /// limited.
    ///
    /// If the list is empty, nothing is connected and the returned key is dead, unless the callable is
    /// already registered: then its key is returned and its budget is removed.
    ///
    /// # Errors
    ///
    /// [`SignatureMismatch`] if a name is bound to other types. Then no name has been bound, and
    /// nothing has been connected.
    ///
    /// ```
    /// let registry = smoke_signal::Registry::new();
    /// registry.on(["opened", "closed"], |path: String| println!("{path}"))?;
    /// assert_eq!(registry.emit("opened", ("a.txt".to_owned(),))?, 1);
    /// # Ok::<(), smoke_signal::SignatureMismatch>(())
    /// ```
    #[track_caller]
    pub fn on<S: 'static, C: Callback<S>>(
        &self,
        names: impl Names,
        callback: C,
    ) -> Result<CallbackKey, SignatureMismatch> {
        self.register_sync(names, None, callback, Location::caller())
    }

    /// Registers a callback that is called at most `max_calls` times, over all its names together.
    ///
    /// With 0, the callback is not registered, and is disconnected if it was. The names are bound
    /// nevertheless.
    ///
    /// # Errors
    ///
    /// As [`on`](Self::on).
    ///
    /// ```
    /// let registry = smoke_signal::Registry::new();
    /// registry.on_max("tick", 2, || ())?;
    /// let ran: usize = (0..5).map(|_| registry.emit("tick", ()).unwrap()).sum();
    /// assert_eq!(ran, 2);
    /// # Ok::<(), smoke_signal::SignatureMismatch>(())
    /// ```
    #[track_caller]
    pub fn on_max<S: 'static, C: Callback<S>>(
        &self,
        names: impl Names,
        max_calls: u32,
        callback: C,
    ) -> Result<CallbackKey, SignatureMismatch> {
        self.register_sync(names, Some(max_calls), callback, Location::caller())
    }

    /// Registers a callback that is called at most once, over all its names together.
    ///
    /// # Errors
    ///
    /// As [`on`](Self::on).
    ///
    /// ```
    /// let registry = smoke_signal::Registry::new();
    /// registry.once(["opened", "closed"], || ())?;
    /// assert_eq!(registry.emit("opened", ())?, 1);
    /// assert_eq!(registry.emit("closed", ())?, 0);
    /// # Ok::<(), smoke_signal::SignatureMismatch>(())
    /// ```
    #[track_caller]
    pub fn once<S: 'static, C: Callback<S>>(
        &self,
        names: impl Names,
        callback: C,
    ) -> Result<CallbackKey, SignatureMismatch> {
        self.register_sync(names, Some(1), callback, Location::caller())
    }

    fn register_sync<S: 'static, C: Callback<S>>(
        &self,
        names: impl Names,
        max_calls: Option<u32>,
        callback: C,
        at: &'static Location<'static>,
    ) -> Result<CallbackKey, SignatureMismatch> {
        let names = owned(names);
        let shared: SharedCallback<C::Args, C::Ret> = Arc::new(move |args| callback.call(args));
        let identity = type_identity::<C>();
        self.register::<Signal<C::Args, C::Ret>>(&names, max_calls, identity, shared, at)
    }

    /// Connects a callback to the signal of each of the names, under one budget.
    pub(crate) fn register<N: Named>(
        &self,
        names: &[String],
        max_calls: Option<u32>,
        identity: Option<TypeId>,
        callback: SharedCallback<N::Args, N::Ret>,
        at: &'static Location<'static>,
    ) -> Result<CallbackKey, SignatureMismatch> {
        let registered = self
            .shared()
            .register::<N>(names, max_calls, identity, &callback, at);
        drop(callback); // explicitly, or a panic in its drop would leak the error: see `Core::emit`
        registered
    }

    /// Emits a name: calls everything that is connected to its signal, in order. Returns the number
    /// of slots that were called.
    ///
    /// Emitting an unbound name is not an error: nothing is called, and the name stays unbound. No
    /// lock is held while callbacks run. A name that is bound to borrowed arguments is emitted
    /// through [`signal`](Self::signal).
    ///
    /// # Errors
    ///
    /// [`SignatureMismatch`] if the name is bound to other arguments. Then nothing has been called.
    ///
    /// # Panics
    ///
    /// If a callback panics, the panic unwinds out of `emit`, and later callbacks are not called.
    /// All callbacks stay registered.
    ///
    /// ```
    /// let registry = smoke_signal::Registry::new();
    /// registry.on("move", |x: i32, y: i32| println!("{x}, {y}"))?;
    /// assert_eq!(registry.emit("move", (3, 4))?, 1);
    /// assert_eq!(registry.emit("nobody listens", ())?, 0);
    /// assert!(registry.emit("move", ("north",)).is_err());
    /// # Ok::<(), smoke_signal::SignatureMismatch>(())
    /// ```
    #[cfg_attr(feature = "tracing", track_caller)]
    pub fn emit<A>(&self, name: &str, args: A) -> Result<usize, SignatureMismatch>
    where
        A: for<'a> Args<In<'a> = A>,
    {
        if let Some(shared) = self.shared.get() {
            return shared.emit(name, args, Origin::caller());
        }
        #[cfg(feature = "tracing")]
        crate::trace::emitted_to_nobody(name, Origin::caller());
        Ok(0)
    }

    /// Returns a guard that emits a name without arguments when it is dropped, on unwinding too.
    ///
    /// The guard calls what is connected when it is dropped. Creating it binds the name to no
    /// arguments, but leaves its result type open. It does not keep the registry alive.
    ///
    /// # Errors
    ///
    /// [`SignatureMismatch`] if the name is bound to other arguments.
    ///
    /// ```
    /// let registry = smoke_signal::Registry::new();
    /// registry.on("done", || println!("done"))?;
    /// {
    ///     let _guard = registry.emitting("done")?;
    ///     println!("working");
    /// }
    /// # Ok::<(), smoke_signal::SignatureMismatch>(())
    /// ```
    #[track_caller]
    #[must_use = "dropping the guard emits at once; bind it to a name"]
    pub fn emitting(&self, name: &str) -> Result<Emitting<'static>, SignatureMismatch> {
        let [id] = self
            .shared()
            .bind_args::<(), 1>([name], Location::caller())?;
        Ok(self.guard(name, id, Origin::caller()))
    }

    /// Emits `enter` at once, and returns a guard that emits `exit` when it is dropped, both without
    /// arguments.
    ///
    /// Both names are checked before `enter` is emitted. If a callback of `enter` panics, there is no
    /// guard, and `exit` is not emitted.
    ///
    /// # Errors
    ///
    /// [`SignatureMismatch`] if one of the names is bound to other arguments. Then nothing has been
    /// emitted or bound.
    ///
    /// ```
    /// let registry = smoke_signal::Registry::new();
    /// registry.on("start", || println!("start"))?;
    /// registry.on("done", || println!("done"))?;
    /// {
    ///     let _guard = registry.emitting_between("start", "done")?;
    ///     println!("working");
    /// }
    /// # Ok::<(), smoke_signal::SignatureMismatch>(())
    /// ```
    #[track_caller]
    #[must_use = "dropping the guard emits at once; bind it to a name"]
    pub fn emitting_between(
        &self,
        enter: &str,
        exit: &str,
    ) -> Result<Emitting<'static>, SignatureMismatch> {
        let [_, id] = self
            .shared()
            .bind_args::<(), 2>([enter, exit], Location::caller())?;
        self.emit(enter, ())?;
        Ok(self.guard(exit, id, Origin::caller()))
    }

    fn guard(&self, name: &str, id: u64, origin: Origin) -> Emitting<'static> {
        let target = ByName {
            registry: Arc::downgrade(self.shared()),
            name: name.to_owned(),
            id,
        };
        Emitting::new(target, (), origin)
    }

    /// Returns the typed signal behind a name, and binds the name if necessary. Every call with the
    /// same name returns the same signal.
    ///
    /// Use it for results, borrowed arguments, groups and lazy calls, or to emit without looking up
    /// the name.
    ///
    /// # Errors
    ///
    /// [`SignatureMismatch`] if the name is bound to other types.
    ///
    /// ```
    /// use smoke_signal::{ByRef, Registry};
    ///
    /// let registry = Registry::new();
    /// let line = registry.signal::<(ByRef<str>,), bool>("line")?;
    /// line.connect(|line| line.contains("ERROR"));
    /// assert!(line.calls("ERROR: out of tea").any(|hit| hit));
    /// # Ok::<(), smoke_signal::SignatureMismatch>(())
    /// ```
    #[track_caller]
    pub fn signal<A: Args, R: 'static>(
        &self,
        name: &str,
    ) -> Result<Arc<Signal<A, R>>, SignatureMismatch> {
        self.shared().named(name, Location::caller())
    }
}

/// The target of a guard: a name of a registry.
struct ByName {
    registry: Weak<Shared>,
    name: String,
    /// The binding of the name that the guard was made for.
    id: u64,
}

impl Emit<()> for ByName {
    fn emit(&self, (): (), origin: Origin) {
        let registry = self.registry.upgrade();
        let emitter = registry.and_then(|registry| registry.emitter_bound(&self.name, self.id));
        // The registry is released before the callbacks are called, so that they can observe its drop.
        if let Some(emitter) = emitter {
            emitter.emit_any((), origin);
        }
    }
}

impl Default for Registry {
    fn default() -> Self {
        Self::new()
    }
}

/// Lists the names with their signatures, and with `{:#?}` also their slots. Shows `<locked>` while the
/// registry is being changed. Never blocks. No lock is held while text is written to `f`.
impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let listing = match self.shared.get() {
            Some(shared) => shared.try_bindings().map(|bindings| bindings.listing()),
            None => Some(Vec::new()),
        };
        let mut debug = f.debug_struct("Registry");
        match &listing {
            Some(listing) => debug.field("signals", &Listing(listing)),
            None => debug.field("signals", &format_args!("<locked>")),
        };
        debug.finish_non_exhaustive()
    }
}

// No lock is held while user code runs, so a panic leaves nothing half changed.
impl UnwindSafe for Registry {}
impl RefUnwindSafe for Registry {}

#[cfg(all(test, not(smoke_signal_loom)))]
mod tests {
    use super::Registry;

    #[test]
    fn debug_does_not_wait_for_who_is_changing_the_registry_or_a_signal() {
        let registry = Registry::new();
        registry.on("name", || ()).unwrap();
        let bindings = registry.shared().bindings();
        assert_eq!(
            format!("{registry:?}"),
            "Registry { signals: <locked>, .. }"
        );
        drop(bindings);
        let signal = registry.signal::<(), ()>("name").unwrap();
        let held = signal.core().lock_as_a_change_does();
        let listed = format!("{registry:#?}");
        assert!(
            listed.contains(r#""name": "() -> ()" <locked>"#),
            "{listed}"
        );
        drop(held);
        assert!(!format!("{registry:#?}").contains("locked"));
    }
}
