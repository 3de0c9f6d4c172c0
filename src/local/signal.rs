//! The signal, and its methods that do not depend on the number of arguments. The others are in
//! `arity.rs`.

use alloc::rc::{Rc, Weak};
use alloc::vec::Vec;
use core::cell::OnceCell;
use core::fmt;
use core::panic::{Location, RefUnwindSafe, UnwindSafe};

use crate::args::Args;
use crate::keys::Connection;
use crate::local::block::BlockGuard;
#[cfg(feature = "tracing")]
use crate::local::engine::observed::emit_observed;
use crate::local::engine::{Blocked, Core, ListedSlot, SharedSlot, SlotOptions, Snapshot};
use crate::local::scoped::ScopedConnection;
#[cfg(feature = "tracing")]
use crate::returns::Returns;
use crate::slot_info::SlotInfo;
use crate::trace::Label;
#[cfg(feature = "tracing")]
use crate::trace::{Observer, Origin, Subject};

/// A signal for one thread: its slots need be neither `Send` nor `Sync`, and may change what they captured.
///
/// `A` and `R` are as for a [`Signal`](crate::Signal), and so is everything else but what concerns threads: the
/// methods, their names, and [what always holds](crate#what-always-holds). Slots, arguments and results may hold
/// an `Rc`. [`connect_mut`](#method.connect_mut) takes a closure that is `FnMut`.
/// [`connect_weak`](#method.connect_weak) takes an `Rc` of an object. What waits for other threads is not here.
///
/// A `LocalSignal` is neither `Send` nor `Sync`. It uses no atomics and no locks, so it also costs less than a
/// `Signal`. It takes at most 16 bytes, or 32 with the feature `tracing`, and allocates nothing until the first slot is connected, or the first guard
/// or handle is made. Its companions, such as the handle of a scope, are in the module [`local`](crate::local).
///
/// Because [`new`](Self::new) is `const`, it can be a thread-local without lazy initialization:
///
/// ```
/// use smoke_signal::LocalSignal;
///
/// thread_local! {
///     static CLICKED: LocalSignal<(u32,)> = const { LocalSignal::new() };
/// }
///
/// CLICKED.with(|clicked| {
///     let mut clicks = 0;
///     clicked.connect_mut(move |button| {
///         clicks += 1;
///         println!("button {button}, {clicks} clicks in all");
///     });
///     clicked.emit(1);
/// });
/// ```
///
/// # Methods for each number of arguments
///
/// [`connect`](#method.connect), [`connect_mut`](#method.connect_mut), [`once`](#method.once),
/// [`connect_scoped`](#method.connect_scoped), [`connect_with_key`](#method.connect_with_key),
/// [`connect_weak`](#method.connect_weak), [`emit`](#method.emit), [`calls`](#method.calls) and
/// [`emitting`](#method.emitting) take as many arguments as the signal has. This page lists them for one argument.
/// Signals with no argument or with 2 to 8 have the same methods. The pages of
/// [`ConnectOptions`](crate::local::ConnectOptions) and [`Connector`](crate::local::Connector) do the same.
///
/// # What slots may do
///
/// Nothing is borrowed while a slot runs. A slot may call any method of any signal, including its own: it may
/// disconnect itself or other slots, connect new ones, emit (the nested emission runs to its end first), and drop
/// anything, even the signal. It may also panic.
///
/// A slot that owns its own signal, for example through an `Rc`, keeps it alive for ever. Let the slot own a
/// `Weak` instead.
pub struct LocalSignal<A: Args, R: 'static = ()> {
    core: OnceCell<Rc<Core<A, R>>>,
    /// Takes no space without the feature `tracing`.
    label: Label,
}

impl<A: Args, R> LocalSignal<A, R> {
    /// Creates a signal without slots.
    ///
    /// ```
    /// use smoke_signal::LocalSignal;
    ///
    /// let saved: LocalSignal<(String,)> = LocalSignal::new();
    /// assert!(saved.is_empty());
    /// ```
    #[must_use]
    pub const fn new() -> Self {
        Self {
            core: OnceCell::new(),
            label: Label::new(),
        }
    }

    /// Names a new signal, for logs with the feature `tracing`. See [`Signal::named`](crate::Signal::named).
    ///
    /// ```
    /// use smoke_signal::LocalSignal;
    ///
    /// let saved = LocalSignal::<(String,)>::new().named("saved");
    /// saved.emit("a.txt".to_owned());
    /// ```
    #[must_use]
    pub const fn named(mut self, name: &'static str) -> Self {
        self.label = self.label.named(name);
        self
    }

    /// With the feature `tracing`, makes a new signal warn when more than this many slots are connected. See
    /// [`Signal::warn_above`](crate::Signal::warn_above).
    ///
    /// ```
    /// use smoke_signal::LocalSignal;
    ///
    /// let saved = LocalSignal::<(String,)>::new().named("saved").warn_above(100);
    /// saved.connect(|path| println!("saved {path}"));
    /// ```
    #[must_use]
    pub const fn warn_above(mut self, slots: usize) -> Self {
        self.label = self.label.warn_above(slots);
        self
    }

    pub(crate) fn core(&self) -> &Rc<Core<A, R>> {
        #[cfg(not(feature = "tracing"))]
        return self.core.get_or_init(Core::new);
        #[cfg(feature = "tracing")]
        self.core
            .get_or_init(|| Core::new(Subject::new(self.label.into(), self.label)))
    }

    /// Returns who tells a subscriber of an emission to a number of slots. `None` if nobody wants to hear of it.
    #[cfg(feature = "tracing")]
    #[cold]
    pub(crate) fn observer(&self, origin: Origin, slots: usize) -> Option<Observer> {
        let name = match self.core_if_used() {
            Some(core) => core.subject.name.clone(),
            None => self.label.into(),
        };
        Observer::new(name, origin, slots)
    }

    /// Emits, and tells a subscriber of it.
    #[cfg(feature = "tracing")]
    #[cold]
    #[inline(never)]
    pub(crate) fn emit_observed(&self, args: A::In<'_>, origin: Origin) -> Returns<R> {
        let snapshot = self.snapshot();
        let slots = snapshot.as_deref().map_or(0, |list| list.slots().len());
        let mut returns = Returns::new();
        if let Some(observer) = self.observer(origin, slots) {
            emit_observed(snapshot, args, &observer, &mut returns);
        } else if let Some(list) = snapshot {
            list.emit(args, &mut returns);
        }
        returns
    }

    #[inline]
    pub(crate) fn core_if_used(&self) -> Option<&Rc<Core<A, R>>> {
        self.core.get()
    }

    /// The slots as an emission that starts now sees them.
    #[inline]
    pub(crate) fn snapshot(&self) -> Snapshot<A, R> {
        self.core.get()?.snapshot()
    }

    /// Connects a slot without options.
    #[inline] // where the kind of slot is known, the conversion is an addition
    pub(crate) fn attach(
        &self,
        slot: SharedSlot<A, R>,
        location: &'static Location<'static>,
    ) -> Connection {
        self.attach_listed(slot.into(), location)
    }

    #[inline(never)] // or every closure would have a copy
    fn attach_listed(
        &self,
        slot: ListedSlot<A, R>,
        location: &'static Location<'static>,
    ) -> Connection {
        self.core().connect(None, SlotOptions::new(location), slot)
    }

    /// Disconnects a slot. Returns `true` if this call disconnected it, and `false` if it was not
    /// connected.
    ///
    /// Emissions in progress do not call the slot any more. When `disconnect` returns, the captured values of the
    /// slot have been dropped, unless an emission in progress still holds them. Then they are dropped when that
    /// emission ends. A slot that disconnects itself runs to its end.
    ///
    /// The key of another signal is dead here: `disconnect` returns `false` and changes nothing.
    ///
    /// ```
    /// let tick = smoke_signal::LocalSignal::<()>::new();
    /// let slot = tick.connect(|| println!("tick"));
    /// assert!(tick.disconnect(slot));
    /// assert!(!tick.disconnect(slot));
    /// ```
    pub fn disconnect(&self, connection: Connection) -> bool {
        self.core
            .get()
            .is_some_and(|core| core.disconnect(connection))
    }

    /// Disconnects all slots, as [`disconnect`](Self::disconnect) does for one.
    ///
    /// All slots are disconnected before the first captured value is dropped.
    ///
    /// ```
    /// let tick = smoke_signal::LocalSignal::<()>::new();
    /// tick.connect(|| println!("tick"));
    /// tick.disconnect_all();
    /// assert!(tick.is_empty());
    /// ```
    pub fn disconnect_all(&self) {
        if let Some(core) = self.core.get() {
            drop(core.disconnect_all());
        }
    }

    fn downgrade(&self) -> Weak<Core<A, R>> {
        Rc::downgrade(self.core())
    }

    /// Ties a slot to a scope: the slot is disconnected when the returned handle is dropped.
    ///
    /// ```
    /// let tick = smoke_signal::LocalSignal::<()>::new();
    /// {
    ///     let _scoped = tick.scoped(tick.connect(|| println!("tick")));
    ///     tick.emit();
    /// }
    /// assert!(tick.is_empty());
    /// ```
    #[must_use = "dropping the handle disconnects the slot at once; bind it to a name"]
    pub fn scoped(&self, connection: Connection) -> ScopedConnection {
        ScopedConnection::new(self.downgrade(), connection)
    }

    /// Blocks a slot: emissions skip it while the guard is alive. Returns `None` if it is not
    /// connected.
    ///
    /// From the moment `block` returns, emissions in progress skip the slot too. If several guards block one slot,
    /// it is called again once all are dropped. The slot stays connected and its call budget is unchanged.
    ///
    /// # Panics
    ///
    /// If 2<sup>29</sup> - 1 guards already block the slot.
    ///
    /// ```
    /// let value = smoke_signal::LocalSignal::<(i32,), i32>::new();
    /// let slot = value.connect(|v| v);
    /// let guard = value.block(slot).expect("it is connected");
    /// assert!(value.is_blocked(slot));
    /// assert!(value.emit(1).is_empty());
    /// drop(guard);
    /// assert_eq!(value.emit(2), [2]);
    /// ```
    #[must_use = "dropping the guard ends the block at once; bind it to a name"]
    pub fn block(&self, connection: Connection) -> Option<BlockGuard> {
        match self.core.get()?.block(connection) {
            Blocked::Once => Some(BlockGuard::new(self.downgrade(), Some(connection))),
            Blocked::NotConnected => None,
            Blocked::TooOften => panic!("a slot is blocked by 2^29 - 1 guards at most"),
        }
    }

    /// Blocks all slots of the signal while the guard is alive, including those connected
    /// meanwhile.
    ///
    /// Emissions that start from now on call nothing. Emissions in progress run to their end. If
    /// there are several guards, all must be dropped.
    ///
    /// ```
    /// let value = smoke_signal::LocalSignal::<(i32,), i32>::new();
    /// value.connect(|v| v);
    /// let guard = value.block_all();
    /// assert!(value.emit(1).is_empty());
    /// drop(guard);
    /// assert_eq!(value.emit(2), [2]);
    /// ```
    #[must_use = "dropping the guard ends the block at once; bind it to a name"]
    pub fn block_all(&self) -> BlockGuard {
        self.core().block_all();
        BlockGuard::new(self.downgrade(), None)
    }

    /// Returns `true` if the slot is connected and a guard blocks it or the whole signal, or it is a
    /// [`connect_mut`](#method.connect_mut) slot that is running.
    ///
    /// ```
    /// let tick = smoke_signal::LocalSignal::<()>::new();
    /// let slot = tick.connect(|| ());
    /// assert!(!tick.is_blocked(slot));
    /// let _guard = tick.block(slot);
    /// assert!(tick.is_blocked(slot));
    /// ```
    pub fn is_blocked(&self, connection: Connection) -> bool {
        self.core
            .get()
            .is_some_and(|core| core.is_blocked(connection))
    }

    /// Returns `true` if the slot is connected.
    ///
    /// A slot with a call budget is disconnected before its last call begins.
    ///
    /// ```
    /// let tick = smoke_signal::LocalSignal::<()>::new();
    /// let slot = tick.once(|| ());
    /// assert!(tick.contains(slot));
    /// tick.emit();
    /// assert!(!tick.contains(slot));
    /// ```
    pub fn contains(&self, connection: Connection) -> bool {
        self.core
            .get()
            .is_some_and(|core| core.contains(connection))
    }

    /// Returns the number of connected slots.
    ///
    /// If slots are weak, this looks at each slot, in time proportional to their number. Ask
    /// [`is_empty`](Self::is_empty) if that is what you need to know.
    ///
    /// ```
    /// let tick = smoke_signal::LocalSignal::<()>::new();
    /// tick.connect(|| ());
    /// assert_eq!(tick.len(), 1);
    /// ```
    pub fn len(&self) -> usize {
        self.core.get().map_or(0, |core| core.len())
    }

    /// Returns `true` if no slot is connected. Takes the same time however many slots are connected.
    ///
    /// ```
    /// let tick = smoke_signal::LocalSignal::<()>::new();
    /// assert!(tick.is_empty());
    /// ```
    pub fn is_empty(&self) -> bool {
        self.core.get().is_none_or(|core| core.is_empty())
    }

    /// Returns the keys of the connected slots, in call order.
    ///
    /// ```
    /// let tick = smoke_signal::LocalSignal::<()>::new();
    /// let second = tick.connect(|| ());
    /// let first = tick.options().first().connect(|| ());
    /// assert_eq!(tick.connections(), [first, second]);
    /// ```
    pub fn connections(&self) -> Vec<Connection> {
        self.core
            .get()
            .map_or_else(Vec::new, |core| core.connections())
    }

    /// Lists the connected slots, in call order: for each its key, its options, and the source
    /// line that connected it. The `{:#?}` format of a signal shows the same.
    ///
    /// ```
    /// let tick = smoke_signal::LocalSignal::<()>::new();
    /// tick.connect(|| ());
    /// tick.options().group(-1).once(|| ());
    /// let groups: Vec<_> = tick.slots().iter().map(|slot| slot.group).collect();
    /// assert_eq!(groups, [-1, 0]);
    /// println!("{tick:#?}");
    /// ```
    pub fn slots(&self) -> Vec<SlotInfo> {
        self.core.get().map_or_else(Vec::new, |core| core.slots())
    }
}

impl<A: Args, R> Drop for LocalSignal<A, R> {
    fn drop(&mut self) {
        // An emission in progress may keep the core alive. The slots that it does not call are dropped here
        // nevertheless.
        if let Some(core) = self.core.get() {
            core.close();
        }
    }
}

impl<A: Args, R> Default for LocalSignal<A, R> {
    fn default() -> Self {
        Self::new()
    }
}

/// Shows the number of slots, or with `{:#?}` each of them. Never runs user code.
impl<A: Args, R> fmt::Debug for LocalSignal<A, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let slots = self.slots();
        let listed = f.alternate();
        let mut debug = f.debug_struct("LocalSignal");
        if listed {
            debug.field("slots", &slots);
        } else {
            debug.field("slots", &slots.len());
        }
        debug.finish_non_exhaustive()
    }
}

// A panic in a slot, a clone or a drop leaves nothing half changed: nothing is borrowed around them.
impl<A: Args, R> UnwindSafe for LocalSignal<A, R> {}
impl<A: Args, R> RefUnwindSafe for LocalSignal<A, R> {}
