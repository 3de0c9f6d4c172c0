//! Signals by name: the API of Python's smokesignal over typed signals.

#![allow(
    clippy::needless_pass_by_value,
    reason = "lists of names are taken by value or by reference, as the caller likes"
)]

#[cfg(feature = "async")]
mod asynchronous;
mod books;
mod budget;
mod callback;
mod mismatch;
mod names;

use std::any::TypeId;
use std::fmt;
use std::panic::{Location, RefUnwindSafe, UnwindSafe};
use std::sync::{Arc, OnceLock, Weak};

#[cfg(feature = "async")]
pub use self::asynchronous::AsyncCallback;
pub use self::callback::{Callback, Identity};
pub use self::mismatch::SignatureMismatch;
pub use self::names::Names;

use self::books::{Books, Emitter, Named, Removed, Routes};
use self::callback::{Registered, Who, type_identity};
use self::mismatch::Signature;
use crate::args::Args;
use crate::core::Placement;
use crate::emitting::Emit;
use crate::sync::{CellArc, Mutex, SnapshotCell, lock};
use crate::{CallbackKey, Emitting, ScopedConnection, Signal};

/// Signals by name, with the vocabulary of Python's `smokesignal`.
///
/// A thin layer: behind every name is a typed [`Signal`], which [`signal`](Self::signal) hands out.
/// Each name is bound to one signature, arguments and result, by the first [`on`](Self::on) or
/// [`signal`](Self::signal) that names it, and stays bound; whoever uses it with other types gets a
/// [`SignatureMismatch`]. [`global`](crate::global) has the same functions over one registry for the
/// whole process.
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
/// [`on`](Self::on) returns a [`CallbackKey`], which names the callback from then on; a `fn` or a
/// closure without captures also names itself (see [`Identity`]). Registering the same callable
/// again for a name adds no second call. A call budget belongs to the callback and is shared by all
/// its names; registering again sets it anew, or lifts it; when it is used up the callback leaves
/// all its names, before its last call begins.
///
/// Slots connected through [`signal`](Self::signal) are called by [`emit`](Self::emit) too, but are
/// no callbacks: they have no [`CallbackKey`].
///
/// # Threads, re-entrancy, panics
///
/// As for signals: no lock is held while a callback runs or a capture is dropped, so callbacks may
/// call any method of the registry; emission takes no lock; a panic in a callback leaves the
/// registry as it was.
pub struct Registry {
    shared: OnceLock<Arc<Shared>>,
}

/// What callbacks and guards refer back to.
pub(crate) struct Shared {
    /// Written under the lock of `books` only; empty when a new name has outdated it. Dropped first,
    /// so that it is not the last to hold a signal: a hash map leaks the rest where one drop panics.
    routes: SnapshotCell<Routes>,
    books: Mutex<Books>,
}

impl Registry {
    /// Makes a registry without names. It allocates nothing until it is used.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            shared: OnceLock::new(),
        }
    }

    /// The registry of the whole process, behind [`smoke_signal::global`](crate::global).
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

    fn shared(&self) -> &Arc<Shared> {
        self.shared.get_or_init(|| {
            Arc::new(Shared {
                books: Mutex::new(Books::default()),
                routes: SnapshotCell::new(),
            })
        })
    }

    /// Registers a callback for one name or for a list of names, without limit.
    ///
    /// With an empty list nothing is connected and the key is dead, unless the callable is
    /// registered already: then its budget is lifted.
    ///
    /// # Errors
    ///
    /// [`SignatureMismatch`] if a name is bound to other types. Then none of the names has been
    /// bound or connected.
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
        self.register_sync(&names, None, callback, Location::caller())
    }

    /// Registers a callback that is called `max_calls` times at most, over all its names together.
    /// With 0 it is not registered, and if it was, it leaves; the names are bound all the same.
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
        self.register_sync(&names, Some(max_calls), callback, Location::caller())
    }

    /// Registers a callback that is called once at most, over all its names together.
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
        self.register_sync(&names, Some(1), callback, Location::caller())
    }

    fn register_sync<S: 'static, C: Callback<S>>(
        &self,
        names: &impl Names,
        max_calls: Option<u32>,
        callback: C,
        at: &'static Location<'static>,
    ) -> Result<CallbackKey, SignatureMismatch> {
        let callback = Arc::new(callback);
        let slot = || {
            let callback = Arc::clone(&callback);
            move |args: <C::Args as Args>::In<'_>| callback.call(args)
        };
        let who = type_identity::<C>();
        let registered =
            self.register::<Signal<C::Args, C::Ret>, _>(names, max_calls, who, slot, at);
        drop(callback); // by hand, or its panic would leak the error: see `Core::emit`
        registered
    }

    /// Connects one of what `slot` makes to each of the names, under one budget.
    fn register<N: Named, F>(
        &self,
        names: &impl Names,
        max_calls: Option<u32>,
        identity: Option<TypeId>,
        slot: impl Fn() -> F,
        at: &'static Location<'static>,
    ) -> Result<CallbackKey, SignatureMismatch>
    where
        F: for<'a> Fn(<N::Args as Args>::In<'a>) -> N::Ret + Send + Sync + 'static,
    {
        let names = names.list();
        self.shared().change(|shared, books, removed| {
            for name in &names {
                books.check(name, &N::signature())?;
            }
            let weak = Arc::downgrade(shared);
            let (key, budget) = books.register(identity, max_calls, &weak);
            for name in &names {
                let bound = shared.bind::<N>(books, name, at);
                if max_calls == Some(0) || books.is_placed(key, name) {
                    continue;
                }
                let callable = Registered {
                    call: slot(),
                    budget: Arc::clone(&budget),
                };
                let core = bound.signal().core();
                let connected = core.connect(Placement::plain(at), callable);
                removed.push(Box::new(connected.expired));
                books.place(key, name, connected.key);
            }
            if max_calls == Some(0) {
                books.remove(key, |_| true, removed);
            }
            books.forget_if_unplaced(key);
            Ok(key)
        })
    }

    /// Emits a name: calls everything connected to its signal, in order; tells how many slots ran.
    ///
    /// A name that nobody has bound is no error: nothing runs, and it stays unbound. No lock is
    /// held. Names bound to borrowed arguments are emitted through [`signal`](Self::signal).
    ///
    /// # Errors
    ///
    /// [`SignatureMismatch`] if the name is bound to other arguments; nothing has been called.
    ///
    /// # Panics
    ///
    /// A panicking callback unwinds out of `emit`; later ones are not called, all stay registered.
    ///
    /// ```
    /// let registry = smoke_signal::Registry::new();
    /// registry.on("move", |x: i32, y: i32| println!("{x}, {y}"))?;
    /// assert_eq!(registry.emit("move", (3, 4))?, 1);
    /// assert_eq!(registry.emit("nobody listens", ())?, 0);
    /// assert!(registry.emit("move", ("north",)).is_err());
    /// # Ok::<(), smoke_signal::SignatureMismatch>(())
    /// ```
    pub fn emit<A>(&self, name: &str, args: A) -> Result<usize, SignatureMismatch>
    where
        A: for<'a> Args<In<'a> = A>,
    {
        match self.shared.get() {
            Some(shared) => shared.emit(name, args),
            None => Ok(0),
        }
    }

    /// Emits a name without arguments when the guard is dropped, on unwinding too.
    ///
    /// What is called is settled then. The guard binds the name's arguments to `()` and leaves its
    /// result open. It holds the registry weakly.
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
    pub fn emitting(&self, name: &str) -> Result<Emitting<'static>, SignatureMismatch> {
        self.bind_guarded([name], Location::caller())?;
        Ok(self.guard(name))
    }

    /// Emits `enter` at once and `exit` when the guard is dropped, both without arguments.
    ///
    /// Both names are checked before the first is emitted. If a callback of `enter` panics, there
    /// is no guard and `exit` is not emitted.
    ///
    /// # Errors
    ///
    /// [`SignatureMismatch`] if one of the names is bound to other arguments; nothing has been
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
    pub fn emitting_between(
        &self,
        enter: &str,
        exit: &str,
    ) -> Result<Emitting<'static>, SignatureMismatch> {
        self.bind_guarded([enter, exit], Location::caller())?;
        self.emit(enter, ())?;
        Ok(self.guard(exit))
    }

    fn bind_guarded<const N: usize>(
        &self,
        names: [&str; N],
        at: &'static Location<'static>,
    ) -> Result<(), SignatureMismatch> {
        self.shared().change(|shared, books, _| {
            for name in names {
                books.check(name, &Signature::of_args::<()>())?;
            }
            for name in names {
                if books.bind_args::<()>(name, at) {
                    shared.outdate_routes(books);
                }
            }
            Ok(())
        })
    }

    fn guard(&self, name: &str) -> Emitting<'static> {
        let target = ByName {
            registry: Arc::downgrade(self.shared()),
            name: name.to_owned(),
        };
        Emitting::new(target, ())
    }

    /// The typed signal behind a name, always the same one: the way to results, borrowed arguments,
    /// groups, lazy calls, and to emission without looking up the name.
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
        self.named(name, Location::caller())
    }

    fn named<N: Named>(
        &self,
        name: &str,
        at: &'static Location<'static>,
    ) -> Result<Arc<N>, SignatureMismatch> {
        self.shared().change(|shared, books, _| {
            books.check(name, &N::signature())?;
            Ok(shared.bind(books, name, at))
        })
    }

    /// Takes a callback off all its names: `true` if this call did it, `false` if it was not
    /// registered, or no more.
    ///
    /// ```
    /// let registry = smoke_signal::Registry::new();
    /// let key = registry.on(["opened", "closed"], || ())?;
    /// assert!(registry.disconnect(key));
    /// assert!(!registry.disconnect(key));
    /// # Ok::<(), smoke_signal::SignatureMismatch>(())
    /// ```
    pub fn disconnect<K>(&self, callback: impl Identity<K>) -> bool {
        self.remove(callback.identify(), |_| true)
    }

    /// Takes a callback off one name, or off each of a list; `true` if it was on one of them.
    ///
    /// ```
    /// let registry = smoke_signal::Registry::new();
    /// let key = registry.on(["opened", "closed"], || ())?;
    /// assert!(registry.disconnect_from(key, "opened"));
    /// assert_eq!(registry.signals(key), ["closed"]);
    /// # Ok::<(), smoke_signal::SignatureMismatch>(())
    /// ```
    pub fn disconnect_from<K>(&self, callback: impl Identity<K>, names: impl Names) -> bool {
        let names = names.list();
        self.remove(callback.identify(), |name| names.contains(&name))
    }

    /// Ties a callback to a scope: it is taken off all its names when the handle is dropped.
    ///
    /// ```
    /// let registry = smoke_signal::Registry::new();
    /// {
    ///     let _scoped = registry.scoped(registry.on(["opened", "closed"], || ())?);
    ///     assert_eq!(registry.emit("opened", ())?, 1);
    /// }
    /// assert_eq!(registry.emit("opened", ())?, 0);
    /// # Ok::<(), smoke_signal::SignatureMismatch>(())
    /// ```
    pub fn scoped(&self, key: CallbackKey) -> ScopedConnection {
        ScopedConnection::of_callback(Arc::downgrade(self.shared()), key)
    }

    fn remove(&self, who: Who, chosen: impl Fn(&str) -> bool) -> bool {
        self.shared
            .get()
            .is_some_and(|shared| shared.remove(who, chosen))
    }

    /// The names a callback is registered for, sorted.
    ///
    /// ```
    /// let registry = smoke_signal::Registry::new();
    /// let key = registry.on(["opened", "closed"], || ())?;
    /// assert_eq!(registry.signals(key), ["closed", "opened"]);
    /// # Ok::<(), smoke_signal::SignatureMismatch>(())
    /// ```
    pub fn signals<K>(&self, callback: impl Identity<K>) -> Vec<String> {
        self.look_up(callback.identify(), |books, key| {
            let mut names: Vec<_> = books.names(key).map(str::to_owned).collect();
            names.sort_unstable();
            names
        })
        .unwrap_or_default()
    }

    /// Tells whether a callback is registered for a name.
    ///
    /// ```
    /// let registry = smoke_signal::Registry::new();
    /// let key = registry.on("opened", || ())?;
    /// assert!(registry.responds_to(key, "opened"));
    /// assert!(!registry.responds_to(key, "closed"));
    /// # Ok::<(), smoke_signal::SignatureMismatch>(())
    /// ```
    pub fn responds_to<K>(&self, callback: impl Identity<K>, name: &str) -> bool {
        self.look_up(callback.identify(), |books, key| books.is_placed(key, name))
            .unwrap_or(false)
    }

    /// What is left of a callback's call budget; `None` if it has no limit, or is not registered.
    ///
    /// ```
    /// let registry = smoke_signal::Registry::new();
    /// let key = registry.on_max("tick", 3, || ())?;
    /// registry.emit("tick", ())?;
    /// assert_eq!(registry.calls_left(key), Some(2));
    /// # Ok::<(), smoke_signal::SignatureMismatch>(())
    /// ```
    pub fn calls_left<K>(&self, callback: impl Identity<K>) -> Option<u32> {
        self.look_up(callback.identify(), Books::calls_left)?
    }

    fn look_up<T>(&self, who: Who, read: impl FnOnce(&Books, CallbackKey) -> T) -> Option<T> {
        let books = lock(&self.shared.get()?.books);
        let key = books.find(who)?;
        Some(read(&books, key))
    }

    /// Empties the signal of one name, or of each of a list: callbacks and slots connected through
    /// [`signal`](Self::signal) alike. The names stay bound. An empty list clears nothing; see
    /// [`clear_all`](Self::clear_all).
    ///
    /// ```
    /// let registry = smoke_signal::Registry::new();
    /// registry.on(["opened", "closed"], || ())?;
    /// registry.clear("opened");
    /// assert_eq!(registry.emit("opened", ())?, 0);
    /// assert_eq!(registry.emit("closed", ())?, 1);
    /// # Ok::<(), smoke_signal::SignatureMismatch>(())
    /// ```
    pub fn clear(&self, names: impl Names) {
        let names = names.list();
        self.clear_chosen(|name| names.contains(&name));
    }

    /// Empties the signals of all names. The names stay bound.
    ///
    /// ```
    /// let registry = smoke_signal::Registry::new();
    /// registry.on(["opened", "closed"], || ())?;
    /// registry.clear_all();
    /// assert_eq!(registry.emit("closed", ())?, 0);
    /// # Ok::<(), smoke_signal::SignatureMismatch>(())
    /// ```
    pub fn clear_all(&self) {
        self.clear_chosen(|_| true);
    }

    fn clear_chosen(&self, chosen: impl Fn(&str) -> bool) {
        if let Some(shared) = self.shared.get() {
            shared.change(|_, books, removed| books.clear(chosen, removed));
        }
    }
}

impl Shared {
    /// Edits the books under their lock; what `edit` takes out of the signals is dropped after
    /// unlocking. `edit` must own nothing foreign: it is dropped before.
    fn change<T>(
        self: &Arc<Self>,
        edit: impl FnOnce(&Arc<Self>, &mut Books, &mut Removed) -> T,
    ) -> T {
        let mut removed = Removed::new();
        let mut books = lock(&self.books);
        let result = edit(self, &mut books, &mut removed);
        drop(books);
        drop(removed);
        result
    }

    /// Makes the next emission by name look at the books; to be called before they are unlocked.
    fn outdate_routes(&self, _books: &mut Books) {
        self.routes.swap(None);
    }

    fn bind<N: Named>(
        &self,
        books: &mut Books,
        name: &str,
        at: &'static Location<'static>,
    ) -> Arc<N> {
        let (named, is_new) = books.bind(name, at);
        if is_new {
            self.outdate_routes(books);
        }
        named
    }

    fn emit<A>(&self, name: &str, args: A) -> Result<usize, SignatureMismatch>
    where
        A: for<'a> Args<In<'a> = A>,
    {
        let emit = |emitter: &Emitter<A>| emitter.0.emit_any(args);
        let ran = self.follow(name, &Signature::of_args::<A>(), emit)?;
        Ok(ran.unwrap_or(0))
    }

    /// Follows the route of a name to what emits it; `None` where there is nothing to emit.
    fn follow<E: 'static, T>(
        &self,
        name: &str,
        requested: &Signature,
        emit: impl FnOnce(&E) -> T,
    ) -> Result<Option<T>, SignatureMismatch> {
        let mut routes = self.routes.load();
        if routes.is_none() {
            routes = self.take_routes();
        }
        let Some(route) = routes.as_ref().and_then(|routes| routes.get(name)) else {
            return Ok(None);
        };
        match route.as_ref().and_then(|route| route.downcast_ref::<E>()) {
            Some(emitter) => Ok(Some(emit(emitter))),
            // Bound to other types, or to these without a signal yet.
            None => lock(&self.books).check(name, requested).map(|()| None),
        }
    }

    #[cold]
    fn take_routes(&self) -> crate::sync::Loaded<Routes> {
        let books = lock(&self.books);
        if self.routes.load().is_none() {
            self.routes.swap(Some(CellArc::new(books.routes())));
        }
        self.routes.load()
    }

    fn remove(self: &Arc<Self>, who: Who, chosen: impl Fn(&str) -> bool) -> bool {
        self.change(|_, books, removed| match books.find(who) {
            Some(key) => books.remove(key, chosen, removed),
            None => false,
        })
    }

    /// Takes a callback off all its names.
    pub(crate) fn disconnect(self: &Arc<Self>, key: CallbackKey) {
        self.remove(Who::Key(key), |_| true);
    }

    /// Takes a callback whose budget is used up off all its names.
    fn retire(self: &Arc<Self>, key: CallbackKey) {
        self.change(|_, books, removed| books.remove(key, |_| true, removed));
    }
}

/// What a guard of a registry emits.
struct ByName {
    registry: Weak<Shared>,
    name: String,
}

impl Emit<()> for ByName {
    fn emit(&self, args: ()) {
        if let Some(registry) = self.registry.upgrade() {
            let ran = registry.emit(&self.name, args);
            debug_assert!(ran.is_ok(), "the guard has bound the name's arguments");
        }
    }
}

impl Default for Registry {
    fn default() -> Self {
        Self::new()
    }
}

/// Lists the names with their signatures, with `{:#?}` also who is listening; or says `<locked>` while
/// the registry is being changed. Never blocks, never runs foreign code.
impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Registry");
        match self.shared.get().map(|shared| shared.books.try_lock()) {
            None => debug.field("signals", &Books::default()),
            Some(Ok(books)) => debug.field("signals", &*books),
            Some(Err(_)) => debug.field("signals", &format_args!("<locked>")),
        };
        debug.finish_non_exhaustive()
    }
}

// No lock is held around foreign code: a panic leaves nothing half changed.
impl UnwindSafe for Registry {}
impl RefUnwindSafe for Registry {}

#[cfg(all(test, not(smoke_signal_loom)))]
mod tests {
    use super::Registry;
    use crate::sync::lock;

    #[test]
    fn debug_does_not_wait_for_who_is_changing_the_registry_or_a_signal() {
        let registry = Registry::new();
        registry.on("name", || ()).unwrap();
        let books = lock(&registry.shared().books);
        assert_eq!(
            format!("{registry:?}"),
            "Registry { signals: <locked>, .. }"
        );
        drop(books);
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
