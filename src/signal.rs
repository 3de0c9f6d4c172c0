//! The signal: what needs no knowledge of how many arguments it has. The methods that do are in
//! `arity.rs`.

use std::fmt;
use std::panic::{Location, RefUnwindSafe, UnwindSafe};
use std::sync::{Arc, OnceLock, Weak};
use std::time::{Duration, Instant};

use crate::args::Args;
use crate::block::BlockGuard;
use crate::core::{Core, SharedSlot, SlotOptions, View, WaitError};
use crate::keys::Connection;
use crate::scoped::ScopedConnection;
use crate::slot_info::SlotInfo;
use crate::sync::loaded;

/// A list of slots that are called when the signal is emitted.
///
/// `A` is the tuple of argument types, 0 to 8 of them, each an [`Arg`](crate::Arg); `R` is what
/// each slot returns. A signal is `Send` and `Sync` whatever `A` and `R` are, and [`new`](Self::new)
/// is `const`: a signal can be a `static`, a field, or shared in an `Arc`. It is 16 bytes at most
/// and allocates nothing until the first slot is connected.
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
/// [`connect_with_key`](#method.connect_with_key), [`connect_weak`](#method.connect_weak),
/// [`emit`](#method.emit), [`calls`](#method.calls) and [`emitting`](#method.emitting) take as many
/// arguments as the signal has. They are documented here for one; the others differ in nothing else.
///
/// # What slots may do
///
/// A slot is called with no lock held. It may call any method of any signal, its own included, from
/// any thread: disconnect itself or others, connect, emit (the nested emission runs first, to its
/// end), drop things. It may panic. [The crate's page](crate#what-always-holds) tells what each does
/// to an emission under way.
///
/// A slot that owns its own signal (through an `Arc`, say) keeps it alive for ever: let it own a
/// `Weak` instead.
pub struct Signal<A: Args, R: 'static = ()> {
    core: OnceLock<Arc<Core<A, R>>>,
}

impl<A: Args, R> Signal<A, R> {
    /// Makes a signal without slots.
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
            core: OnceLock::new(),
        }
    }

    pub(crate) fn core(&self) -> &Arc<Core<A, R>> {
        self.core.get_or_init(Core::new)
    }

    #[inline]
    pub(crate) fn core_if_used(&self) -> Option<&Arc<Core<A, R>>> {
        self.core.get()
    }

    /// The slots as an emission that starts now sees them.
    #[inline]
    pub(crate) fn view(&self) -> View<A, R> {
        match self.core.get() {
            Some(core) => core.view(),
            None => loaded(None),
        }
    }

    /// Connects a slot without options.
    pub(crate) fn attach(
        &self,
        slot: SharedSlot<A, R>,
        location: &'static Location<'static>,
    ) -> Connection {
        self.core().connect(SlotOptions::new(location), slot)
    }

    /// Disconnects a slot: `true` if this call did it, `false` if the slot had left before.
    ///
    /// Emissions under way call the slot no more, unless they are calling it at this moment on
    /// another thread: `disconnect` does not wait for that, see
    /// [`disconnect_and_wait`](Self::disconnect_and_wait). When it returns, the slot's captures
    /// have been dropped, unless an emission under way still holds them; then they go when that
    /// emission ends.
    ///
    /// The key must come from this signal. Like any slotmap key it means nothing to another one:
    /// there it is dead, or another slot's.
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
            .is_some_and(|core| core.disconnect(connection).is_some())
    }

    /// Disconnects all slots, as [`disconnect`](Self::disconnect) does one.
    ///
    /// All slots have left before the first capture is dropped.
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

    /// Disconnects a [`waitable`](ConnectOptions::waitable) slot and waits until it is over: `true`
    /// if this call disconnected it, `false` if it had left before.
    ///
    /// After `Ok` no call of the slot is running or will ever run, on any thread, and its captures
    /// have been dropped, even where the emission that called it goes on with other slots. So what
    /// the slot used from outside, a plugin's code or a device, may go too. A call that panicked is
    /// over.
    ///
    /// It blocks the thread until the calls of this slot that are running have returned, and for
    /// nothing else. No lock is held meanwhile. Two slots that wait for each other, or a slot that
    /// waits for a thread which waits for the slot, wait for ever.
    ///
    /// Of a slot that was connected without `waitable` nothing is remembered once it has left:
    /// then the answer is `Ok(false)`, as for a key that was never connected.
    ///
    /// # Errors
    ///
    /// [`WaitError::InsideSlot`] if it is called from inside that very slot, or from the drop of
    /// its captures: the slot is disconnected, but can't be waited for.
    /// [`WaitError::NotWaitable`] if the slot is connected without `waitable`: nothing changes.
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

    /// As [`disconnect_and_wait`](Self::disconnect_and_wait), but waits no longer than `timeout`.
    ///
    /// # Errors
    ///
    /// As there, and [`WaitError::TimedOut`] if the slot is still running by then. It has been
    /// disconnected all the same; asking again waits for the rest.
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
        // A deadline that no clock will show is none.
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

    /// Ties a slot to a scope: it is disconnected when the handle is dropped.
    ///
    /// ```
    /// let tick = smoke_signal::Signal::<()>::new();
    /// {
    ///     let _scoped = tick.scoped(tick.connect(|| println!("tick")));
    ///     tick.emit();
    /// }
    /// assert!(tick.is_empty());
    /// ```
    pub fn scoped(&self, connection: Connection) -> ScopedConnection {
        ScopedConnection::of_slot(self.downgrade(), connection)
    }

    /// Keeps a slot from being called as long as the guard lives; `None` if it is not connected.
    ///
    /// Emissions under way pass the slot over too, from the moment at which this returns, unless
    /// they are calling it at this moment on another thread. Guards are counted. The slot stays
    /// connected, its call budget is untouched.
    ///
    /// # Panics
    ///
    /// If 2<sup>30</sup> - 1 guards block the slot already.
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
    pub fn block(&self, connection: Connection) -> Option<BlockGuard> {
        let blocked = self.core.get()?.block(connection);
        blocked.then(|| BlockGuard::new(self.downgrade(), Some(connection)))
    }

    /// Keeps all slots of the signal from being called as long as the guard lives, those that are
    /// connected meanwhile too; blinker calls the signal muted.
    ///
    /// Emissions that start from now on call nothing; those under way go on to their end. Guards
    /// are counted.
    ///
    /// ```
    /// let value = smoke_signal::Signal::<(i32,), i32>::new();
    /// value.connect(|v| v);
    /// let guard = value.block_all();
    /// assert!(value.emit(1).is_empty());
    /// drop(guard);
    /// assert_eq!(value.emit(2), [2]);
    /// ```
    pub fn block_all(&self) -> BlockGuard {
        self.core().block_all();
        BlockGuard::new(self.downgrade(), None)
    }

    /// Tells whether the slot is connected and a guard keeps it, or the whole signal, from being
    /// called.
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

    /// Tells whether the slot is connected. Where other threads change the signal, the answer may
    /// be outdated as soon as it is given.
    ///
    /// A slot with a call budget has left before its last call begins.
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

    /// The number of connected slots. Where other threads change the signal, a hint.
    ///
    /// ```
    /// let tick = smoke_signal::Signal::<()>::new();
    /// tick.connect(|| ());
    /// assert_eq!(tick.len(), 1);
    /// ```
    pub fn len(&self) -> usize {
        self.core.get().map_or(0, |core| core.len())
    }

    /// Tells whether no slot is connected. Where other threads change the signal, a hint.
    ///
    /// ```
    /// let tick = smoke_signal::Signal::<()>::new();
    /// assert!(tick.is_empty());
    /// ```
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The connected slots in call order.
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

    /// Who is listening, in call order: for each slot its key, its options, and the source line
    /// that connected it. The `{:#?}` of a signal shows the same.
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

    /// As [`slots`](Self::slots), unless another thread is looking or changing just now.
    pub(crate) fn try_slots(&self) -> Option<Vec<SlotInfo>> {
        match self.core.get() {
            None => Some(Vec::new()),
            Some(core) => core.try_slots(),
        }
    }
}

impl<A: Args, R> Drop for Signal<A, R> {
    fn drop(&mut self) {
        // A guard of the signal may be using the core on another thread at this moment: the slots
        // go here all the same.
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

/// Tells how many slots there are, with `{:#?}` each of them; or `<locked>` while the signal is being
/// changed. Never blocks, never runs foreign code.
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
