//! The signal, and its methods that do not depend on the number of arguments. The others are in
//! `arity.rs`.

use std::fmt;
use std::panic::{Location, RefUnwindSafe, UnwindSafe};
#[cfg(not(feature = "tracing"))]
use std::sync::OnceLock;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use crate::args::Args;
use crate::block::BlockGuard;
use crate::core::{Blocked, Core, SharedSlot, SlotOptions, Snapshot, WaitError};
use crate::keys::Connection;
use crate::scoped::ScopedConnection;
use crate::slot_info::SlotInfo;
use crate::sync::loaded;
use crate::trace::Label;
#[cfg(feature = "tracing")]
use crate::trace::{CoreCell, Name, Subject};

/// A list of slots, which are called when the signal is emitted.
///
/// `A` is the tuple of argument types, 0 to 8 of them, each an [`Arg`](crate::Arg). `R` is what
/// each slot returns. A signal is `Send` and `Sync` for every `A` and `R`. Because
/// [`new`](Self::new) is `const`, a signal can be a `static`; it can also be a field, or shared in
/// an `Arc`. It takes at most 16 bytes, or 32 with the feature `tracing`. It allocates nothing until the first slot is connected, or the first
/// guard or handle is made.
///
/// ```
/// use smoke_signal::Signal;
///
/// static TEMPERATURE: Signal<(i32,)> = Signal::new();
///
/// let alarm = TEMPERATURE.connect(|celsius| {
///     if celsius > 90 {
///         eprintln!("too hot: {celsius} degrees");
///     }
/// });
/// TEMPERATURE.emit(95);
/// assert!(TEMPERATURE.disconnect(alarm));
/// ```
///
/// # Methods for each number of arguments
///
/// [`connect`](#method.connect), [`once`](#method.once),
/// [`connect_scoped`](#method.connect_scoped), [`connect_with_key`](#method.connect_with_key),
/// [`connect_weak`](#method.connect_weak), [`emit`](#method.emit), [`calls`](#method.calls) and
/// [`emitting`](#method.emitting) take as many arguments as the signal has. This page lists them for one argument. Signals with no argument or
/// with 2 to 8 have the same methods, which are not listed: they differ only in the number of
/// arguments that slots take and that `emit`, `calls` and `emitting` are called with. The pages of
/// [`ConnectOptions`](crate::ConnectOptions) and [`Connector`](crate::Connector) do the same.
///
/// Code that is generic over the arguments uses [`connect_tuple`](Self::connect_tuple),
/// [`emit_tuple`](Self::emit_tuple) and [`calls_tuple`](Self::calls_tuple).
///
/// # What slots may do
///
/// No lock is held while a slot runs. A slot may call any method of any signal, including its own:
/// it may disconnect itself or other slots, connect new ones, emit (the nested emission runs to its
/// end first), and drop anything. It may also panic. [The crate's page](crate#what-always-holds)
/// says how each of these affects an emission in progress.
///
/// A slot that owns its own signal, for example through an `Arc`, keeps it alive for ever. Let the
/// slot own a `Weak` instead.
pub struct Signal<A: Args, R: 'static = ()> {
    #[cfg(not(feature = "tracing"))]
    core: OnceLock<Arc<Core<A, R>>>,
    #[cfg(feature = "tracing")]
    core: CoreCell<Arc<Core<A, R>>>,
    /// Takes no space without the feature `tracing`.
    pub(crate) label: Label,
}

impl<A: Args, R> Signal<A, R> {
    /// Creates a signal without slots.
    ///
    /// ```
    /// use smoke_signal::Signal;
    ///
    /// static SAVED: Signal<(String,)> = Signal::new();
    /// assert!(SAVED.is_empty());
    /// ```
    #[must_use]
    pub const fn new() -> Self {
        Self {
            #[cfg(not(feature = "tracing"))]
            core: OnceLock::new(),
            #[cfg(feature = "tracing")]
            core: CoreCell::new(),
            label: Label::new(),
        }
    }

    /// For models: does what an emission does that has had to wait.
    #[cfg(smoke_signal_loom)]
    #[doc(hidden)]
    pub fn copy_next(&self) {
        self.core().copy_next();
    }

    pub(crate) fn core(&self) -> &Arc<Core<A, R>> {
        #[cfg(not(feature = "tracing"))]
        return self.core.get_or_init(Core::new);
        #[cfg(feature = "tracing")]
        self.core_named(self.label.into())
    }

    /// Returns the state of the signal, which is created with this name if it does not exist yet.
    #[cfg(feature = "tracing")]
    pub(crate) fn core_named(&self, name: Name) -> &Arc<Core<A, R>> {
        let make = || Core::new(Subject::new(name, self.label));
        self.core.get_or_init(make)
    }

    #[inline]
    pub(crate) fn core_if_used(&self) -> Option<&Arc<Core<A, R>>> {
        self.core.get()
    }

    /// The slots as an emission that starts now sees them.
    #[inline]
    pub(crate) fn snapshot(&self) -> Snapshot<A, R> {
        match self.core.get() {
            Some(core) => core.snapshot(),
            None => loaded(None),
        }
    }

    /// Connects a slot without options. Not inlined, or every closure would have a copy.
    #[inline(never)]
    pub(crate) fn attach(
        &self,
        slot: SharedSlot<A, R>,
        location: &'static Location<'static>,
    ) -> Connection {
        self.core().connect(SlotOptions::new(location), slot)
    }

    /// Disconnects a slot. Returns `true` if this call disconnected it, and `false` if it was not
    /// connected.
    ///
    /// Emissions in progress do not call the slot any more. If one is calling it on another thread
    /// at this moment, `disconnect` does not wait for that call;
    /// [`disconnect_and_wait`](Self::disconnect_and_wait) does. When `disconnect` returns, the
    /// captured values of the slot have been dropped, unless an emission in progress still holds
    /// them. Then they are dropped when that emission ends.
    ///
    /// The key of another signal is dead here: `disconnect` returns `false` and changes nothing.
    ///
    /// ```
    /// let tick = smoke_signal::Signal::<()>::new();
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
    /// let tick = smoke_signal::Signal::<()>::new();
    /// tick.connect(|| println!("tick"));
    /// tick.disconnect_all();
    /// assert!(tick.is_empty());
    /// ```
    pub fn disconnect_all(&self) {
        if let Some(core) = self.core.get() {
            drop(core.disconnect_all());
        }
    }

    /// Disconnects a [`waitable`](crate::ConnectOptions::waitable) slot and waits until its running
    /// calls have returned. Returns `true` if this call disconnected it, and `false` if it was
    /// disconnected before.
    ///
    /// After `Ok`, no call of the slot is running or will ever run, on any thread, and its captured
    /// values have been dropped, even if the emission that called it is still calling other slots.
    /// What the slot used from outside, such as a device or the code of a plugin, can be released
    /// now. A call that panicked has ended too.
    ///
    /// Blocks only until this slot's running calls have returned and its captured values have been
    /// dropped, on whichever thread that happens, and holds no lock meanwhile. Two slots that wait
    /// for each other deadlock. So does a slot that waits for a thread which waits for the slot.
    ///
    /// Once a slot that was connected without `waitable` is disconnected, nothing is known about
    /// it. The result is then `Ok(false)`, as for a key that was never connected.
    ///
    /// # Errors
    ///
    /// - [`WaitError::InsideSlot`] if it is called inside that very slot, or from the drop of its
    ///   captured values: the slot has been disconnected, but cannot be waited for.
    /// - [`WaitError::NotWaitable`] if the slot is connected without `waitable`: nothing has
    ///   changed.
    ///
    /// ```
    /// use smoke_signal::Signal;
    /// use std::sync::Arc;
    ///
    /// static FRAME: Signal<(u32,)> = Signal::new();
    ///
    /// let device = Arc::new("camera");
    /// let used = Arc::clone(&device);
    /// let slot = FRAME.options().waitable().connect(move |n| println!("{used}: frame {n}"));
    /// std::thread::spawn(|| FRAME.emit(1));
    ///
    /// assert_eq!(FRAME.disconnect_and_wait(slot), Ok(true));
    /// // Whether or not the frame had begun: now nobody uses the device.
    /// assert_eq!(Arc::strong_count(&device), 1);
    /// ```
    pub fn disconnect_and_wait(&self, connection: Connection) -> Result<bool, WaitError> {
        self.wait(connection, None)
    }

    /// Like [`disconnect_and_wait`](Self::disconnect_and_wait), but waits at most for `timeout`.
    ///
    /// If no call is running, the captured values are dropped on this thread. That is not waiting:
    /// it takes as long as it takes.
    ///
    /// # Errors
    ///
    /// As for `disconnect_and_wait`, and [`WaitError::TimedOut`] if the slot is still running after
    /// `timeout`. The slot has been disconnected nevertheless. Call again to wait for the remaining
    /// calls.
    ///
    /// ```
    /// use smoke_signal::{Signal, WaitError};
    /// use std::sync::mpsc;
    /// use std::time::Duration;
    ///
    /// static SAVED: Signal<()> = Signal::new();
    ///
    /// let (begun, begins) = mpsc::channel();
    /// let (end, ends) = mpsc::channel::<()>();
    /// let slot = SAVED.options().waitable().once(move || {
    ///     begun.send(()).unwrap();
    ///     ends.recv().unwrap();
    /// });
    /// std::thread::spawn(|| SAVED.emit());
    /// begins.recv().unwrap();
    ///
    /// let soon = Duration::from_millis(1);
    /// assert_eq!(SAVED.disconnect_and_wait_timeout(slot, soon), Err(WaitError::TimedOut));
    /// end.send(()).unwrap();
    /// assert_eq!(SAVED.disconnect_and_wait(slot), Ok(false));
    /// ```
    pub fn disconnect_and_wait_timeout(
        &self,
        connection: Connection,
        timeout: Duration,
    ) -> Result<bool, WaitError> {
        // On overflow, wait without a deadline.
        self.wait(connection, Instant::now().checked_add(timeout))
    }

    fn wait(&self, connection: Connection, deadline: Option<Instant>) -> Result<bool, WaitError> {
        match self.core.get() {
            Some(core) => core.disconnect_and_wait(connection, deadline),
            None => Ok(false),
        }
    }

    fn downgrade(&self) -> Weak<Core<A, R>> {
        Arc::downgrade(self.core())
    }

    /// Ties a slot to a scope: the slot is disconnected when the returned handle is dropped.
    ///
    /// ```
    /// let tick = smoke_signal::Signal::<()>::new();
    /// {
    ///     let _scoped = tick.scoped(tick.connect(|| println!("tick")));
    ///     tick.emit();
    /// }
    /// assert!(tick.is_empty());
    /// ```
    #[must_use = "dropping the handle disconnects the slot at once; bind it to a name"]
    pub fn scoped(&self, connection: Connection) -> ScopedConnection {
        ScopedConnection::of_slot(self.downgrade(), connection)
    }

    /// Blocks a slot: emissions skip it while the guard is alive. Returns `None` if it is not
    /// connected.
    ///
    /// From the moment `block` returns, emissions in progress skip the slot too, but a call that is
    /// running on another thread continues. If several guards block one slot, it is called again
    /// once all are dropped. The slot stays connected and its call budget is unchanged.
    ///
    /// # Panics
    ///
    /// If 2<sup>29</sup> - 1 guards already block the slot.
    ///
    /// ```
    /// let value = smoke_signal::Signal::<(i32,), i32>::new();
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
    /// meanwhile. Blinker calls such a signal muted.
    ///
    /// Emissions that start from now on call nothing. Emissions in progress run to their end. If
    /// there are several guards, all must be dropped.
    ///
    /// ```
    /// let value = smoke_signal::Signal::<(i32,), i32>::new();
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

    /// Returns `true` if the slot is connected and a guard blocks it or the whole signal.
    ///
    /// ```
    /// let tick = smoke_signal::Signal::<()>::new();
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

    /// Returns `true` if the slot is connected. If other threads change the signal, the answer may
    /// be outdated at once.
    ///
    /// A slot with a call budget is disconnected before its last call begins.
    ///
    /// ```
    /// let tick = smoke_signal::Signal::<()>::new();
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

    /// Returns the number of connected slots. If other threads change the signal, this is a hint.
    ///
    /// If slots are weak, this looks at each slot, in time proportional to their number. Ask
    /// [`is_empty`](Self::is_empty) if that is what you need to know: it takes about as long as an
    /// emission without slots.
    ///
    /// ```
    /// let tick = smoke_signal::Signal::<()>::new();
    /// tick.connect(|| ());
    /// assert_eq!(tick.len(), 1);
    /// ```
    pub fn len(&self) -> usize {
        self.core.get().map_or(0, |core| core.len())
    }

    /// Returns `true` if no slot is connected. If other threads change the signal, this is a hint.
    ///
    /// Takes the same time however many slots are connected. It takes no lock, unless all slots are
    /// weak: then it takes the signal's for a moment to find a slot whose object exists, and again
    /// when that slot or object is gone. If many slots wait for objects that do not exist yet, it looks
    /// at each of these.
    ///
    /// ```
    /// let tick = smoke_signal::Signal::<()>::new();
    /// assert!(tick.is_empty());
    /// ```
    pub fn is_empty(&self) -> bool {
        self.core.get().is_none_or(|core| core.is_empty())
    }

    /// Returns the keys of the connected slots, in call order.
    ///
    /// ```
    /// let tick = smoke_signal::Signal::<()>::new();
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
    /// let tick = smoke_signal::Signal::<()>::new();
    /// tick.connect(|| ());
    /// tick.options().group(-1).once(|| ());
    /// let groups: Vec<_> = tick.slots().iter().map(|slot| slot.group).collect();
    /// assert_eq!(groups, [-1, 0]);
    /// println!("{tick:#?}");
    /// ```
    pub fn slots(&self) -> Vec<SlotInfo> {
        self.core.get().map_or_else(Vec::new, |core| core.slots())
    }

    /// Like [`slots`](Self::slots), but returns `None` if another thread holds the lock.
    pub(crate) fn try_slots(&self) -> Option<Vec<SlotInfo>> {
        match self.core.get() {
            None => Some(Vec::new()),
            Some(core) => core.try_slots(),
        }
    }
}

impl<A: Args, R> Drop for Signal<A, R> {
    fn drop(&mut self) {
        // A guard of the signal may be using the core on another thread at this moment. The slots are
        // dropped here nevertheless.
        if let Some(core) = self.core.get() {
            core.close();
        }
    }
}

impl<A: Args, R> Default for Signal<A, R> {
    fn default() -> Self {
        Self::new()
    }
}

/// Shows the number of slots, or with `{:#?}` each of them, or `<locked>` while the signal is being
/// changed. Never blocks and never runs user code.
impl<A: Args, R> fmt::Debug for Signal<A, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let slots = self.try_slots();
        let listed = f.alternate();
        let mut debug = f.debug_struct("Signal");
        match slots {
            None => debug.field("slots", &format_args!("<locked>")),
            Some(slots) if listed => debug.field("slots", &slots),
            Some(slots) => debug.field("slots", &slots.len()),
        };
        debug.finish_non_exhaustive()
    }
}

// A panic in a slot, a clone or a drop leaves nothing half changed: no lock is held around them.
impl<A: Args, R> UnwindSafe for Signal<A, R> {}
impl<A: Args, R> RefUnwindSafe for Signal<A, R> {}

#[cfg(all(test, not(smoke_signal_loom)))]
mod tests {
    use super::Signal;

    #[test]
    fn debug_does_not_wait_for_who_is_changing_the_signal() {
        let signal = Signal::<()>::new();
        signal.connect(|| ());
        let held = signal.core().lock_as_a_change_does();
        assert_eq!(format!("{signal:?}"), "Signal { slots: <locked>, .. }");
        assert_eq!(
            format!("{signal:#?}"),
            "Signal {\n    slots: <locked>,\n    ..\n}"
        );
        drop(held);
        assert_eq!(format!("{signal:?}"), "Signal { slots: 1, .. }");
    }
}
