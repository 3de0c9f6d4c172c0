//! The async signal, and its methods that do not depend on the number of arguments. The others are in
//! `arity.rs` and `tuple.rs`.

use std::fmt;
use std::time::Duration;

use crate::args::Args;
use crate::asynchronous::Pending;
use crate::block::BlockGuard;
use crate::core::WaitError;
use crate::keys::Connection;
use crate::scoped::ScopedConnection;
use crate::signal::Signal;
use crate::slot_info::SlotInfo;

/// A signal whose slots return futures, which the emitter awaits.
///
/// `A` is the tuple of argument types, as for a [`Signal`]. `R` is the output of each future. A slot
/// is a closure or function that returns a `Future<Output = R> + Send + 'static`: an `async` closure,
/// a closure that returns an `async` block, or [`std::future::ready`] for a plain value. The future
/// outlives the call of the slot, so it cannot borrow from the closure or from a
/// [`ByRef`](crate::ByRef) argument. Clone what it needs.
///
/// The methods are those of a signal, and all guarantees for signals apply to the calls of slots. The
/// futures belong to the emission: if a slot is disconnected while its future is pending, its result
/// still arrives. There is no `emitting`, because nobody could await the futures of an emission that
/// a drop begins.
///
/// ```
/// use smoke_signal::AsyncSignal;
/// use std::future::ready;
///
/// static QUOTE: AsyncSignal<(u32,), u32> = AsyncSignal::new();
///
/// QUOTE.connect(async |grams| grams * 3);
/// let per_gram = 2;
/// QUOTE.connect(move |grams| async move { 50 + grams * per_gram });
/// QUOTE.connect(|_grams| ready(1000));
///
/// # futures::executor::block_on(async {
/// assert_eq!(QUOTE.emit(100).await, [300, 250, 1000]);
/// # });
/// assert_eq!(QUOTE.len(), 3);
/// ```
pub struct AsyncSignal<A: Args, R: 'static = ()> {
    pub(crate) signal: Signal<A, Pending<R>>,
}

impl<A: Args, R> AsyncSignal<A, R> {
    /// Creates an async signal without slots.
    ///
    /// ```
    /// use smoke_signal::AsyncSignal;
    ///
    /// static SAVED: AsyncSignal<(String,)> = AsyncSignal::new();
    /// assert!(SAVED.is_empty());
    /// ```
    #[must_use]
    pub const fn new() -> Self {
        Self {
            signal: Signal::new(),
        }
    }

    /// Names a new signal, for logs with the feature `tracing`. See [`Signal::named`].
    ///
    /// ```
    /// use smoke_signal::AsyncSignal;
    ///
    /// static SAVED: AsyncSignal<(String,)> = AsyncSignal::new().named("saved");
    /// assert!(SAVED.is_empty());
    /// ```
    #[must_use]
    pub const fn named(mut self, name: &'static str) -> Self {
        self.signal.label = self.signal.label.named(name);
        self
    }

    /// With the feature `tracing`, makes a new signal warn when more than this many slots are connected. See
    /// [`Signal::warn_above`].
    ///
    /// ```
    /// use smoke_signal::AsyncSignal;
    ///
    /// static SAVED: AsyncSignal<(String,)> = AsyncSignal::new().named("saved").warn_above(100);
    /// SAVED.connect(async |path| println!("saved {path}"));
    /// ```
    #[must_use]
    pub const fn warn_above(mut self, slots: usize) -> Self {
        self.signal.label = self.signal.label.warn_above(slots);
        self
    }

    /// Disconnects a slot. Returns `true` if this call disconnected it. See [`Signal::disconnect`]. A
    /// future that the slot has returned is not affected.
    ///
    /// ```
    /// let tick = smoke_signal::AsyncSignal::<()>::new();
    /// let slot = tick.connect(async || println!("tick"));
    /// assert!(tick.disconnect(slot));
    /// assert!(!tick.disconnect(slot));
    /// ```
    pub fn disconnect(&self, connection: Connection) -> bool {
        self.signal.disconnect(connection)
    }

    /// Disconnects all slots. See [`Signal::disconnect_all`].
    ///
    /// ```
    /// let tick = smoke_signal::AsyncSignal::<()>::new();
    /// tick.connect(async || println!("tick"));
    /// tick.disconnect_all();
    /// assert!(tick.is_empty());
    /// ```
    pub fn disconnect_all(&self) {
        self.signal.disconnect_all();
    }

    /// Disconnects a [`waitable`](crate::AsyncConnectOptions::waitable) slot and blocks this thread
    /// until none of its calls is running. See [`Signal::disconnect_and_wait`]. The futures that the
    /// slot has returned are not waited for.
    ///
    /// # Errors
    ///
    /// As for the method of [`Signal`].
    ///
    /// ```
    /// let tick = smoke_signal::AsyncSignal::<()>::new();
    /// let slot = tick.options().waitable().connect(async || println!("tick"));
    /// assert_eq!(tick.disconnect_and_wait(slot), Ok(true));
    /// ```
    pub fn disconnect_and_wait(&self, connection: Connection) -> Result<bool, WaitError> {
        self.signal.disconnect_and_wait(connection)
    }

    /// Like [`disconnect_and_wait`](Self::disconnect_and_wait), but waits at most for `timeout`.
    ///
    /// # Errors
    ///
    /// As for the method of [`Signal`].
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let tick = smoke_signal::AsyncSignal::<()>::new();
    /// let slot = tick.options().waitable().connect(async || println!("tick"));
    /// assert_eq!(tick.disconnect_and_wait_timeout(slot, Duration::from_secs(1)), Ok(true));
    /// ```
    pub fn disconnect_and_wait_timeout(
        &self,
        connection: Connection,
        timeout: Duration,
    ) -> Result<bool, WaitError> {
        self.signal.disconnect_and_wait_timeout(connection, timeout)
    }

    /// Ties a slot to a scope: the slot is disconnected when the returned handle is dropped.
    ///
    /// ```
    /// let tick = smoke_signal::AsyncSignal::<()>::new();
    /// {
    ///     let _scoped = tick.scoped(tick.connect(async || println!("tick")));
    ///     assert_eq!(tick.len(), 1);
    /// }
    /// assert!(tick.is_empty());
    /// ```
    #[must_use = "dropping the handle disconnects the slot at once; bind it to a name"]
    pub fn scoped(&self, connection: Connection) -> ScopedConnection {
        self.signal.scoped(connection)
    }

    /// Blocks a slot: emissions skip it while the guard is alive. See [`Signal::block`]. Futures that
    /// the slot has returned run on.
    ///
    /// # Panics
    ///
    /// If 2<sup>29</sup> - 1 guards already block the slot.
    ///
    /// ```
    /// let value = smoke_signal::AsyncSignal::<(), i32>::new();
    /// let slot = value.connect(async || 1);
    /// let _guard = value.block(slot);
    /// # futures::executor::block_on(async {
    /// assert!(value.emit().await.is_empty());
    /// # });
    /// ```
    #[must_use = "dropping the guard ends the block at once; bind it to a name"]
    pub fn block(&self, connection: Connection) -> Option<BlockGuard> {
        self.signal.block(connection)
    }

    /// Blocks all slots while the guard is alive. See [`Signal::block_all`].
    ///
    /// ```
    /// let value = smoke_signal::AsyncSignal::<(), i32>::new();
    /// value.connect(async || 1);
    /// let _guard = value.block_all();
    /// # futures::executor::block_on(async {
    /// assert!(value.emit().await.is_empty());
    /// # });
    /// ```
    #[must_use = "dropping the guard ends the block at once; bind it to a name"]
    pub fn block_all(&self) -> BlockGuard {
        self.signal.block_all()
    }

    /// Returns `true` if the slot is connected and a guard blocks it or the whole signal.
    ///
    /// ```
    /// let tick = smoke_signal::AsyncSignal::<()>::new();
    /// let slot = tick.connect(async || ());
    /// let _guard = tick.block(slot);
    /// assert!(tick.is_blocked(slot));
    /// ```
    pub fn is_blocked(&self, connection: Connection) -> bool {
        self.signal.is_blocked(connection)
    }

    /// Returns `true` if the slot is connected. If other threads change the signal, the answer may be
    /// outdated at once.
    ///
    /// ```
    /// let tick = smoke_signal::AsyncSignal::<()>::new();
    /// let slot = tick.connect(async || ());
    /// assert!(tick.contains(slot));
    /// ```
    pub fn contains(&self, connection: Connection) -> bool {
        self.signal.contains(connection)
    }

    /// Returns the number of connected slots. If other threads change the signal, this is a hint.
    ///
    /// ```
    /// let tick = smoke_signal::AsyncSignal::<()>::new();
    /// tick.connect(async || ());
    /// assert_eq!(tick.len(), 1);
    /// ```
    pub fn len(&self) -> usize {
        self.signal.len()
    }

    /// Returns `true` if no slot is connected. If other threads change the signal, this is a hint.
    ///
    /// ```
    /// let tick = smoke_signal::AsyncSignal::<()>::new();
    /// assert!(tick.is_empty());
    /// ```
    pub fn is_empty(&self) -> bool {
        self.signal.is_empty()
    }

    /// Returns the keys of the connected slots, in call order.
    ///
    /// ```
    /// let tick = smoke_signal::AsyncSignal::<()>::new();
    /// let second = tick.connect(async || ());
    /// let first = tick.options().first().connect(async || ());
    /// assert_eq!(tick.connections(), [first, second]);
    /// ```
    pub fn connections(&self) -> Vec<Connection> {
        self.signal.connections()
    }

    /// Lists the connected slots, in call order. See [`Signal::slots`].
    ///
    /// ```
    /// let tick = smoke_signal::AsyncSignal::<()>::new();
    /// tick.options().group(-1).once(async || ());
    /// assert_eq!(tick.slots()[0].group, -1);
    /// ```
    pub fn slots(&self) -> Vec<SlotInfo> {
        self.signal.slots()
    }
}

impl<A: Args, R> Default for AsyncSignal<A, R> {
    fn default() -> Self {
        Self::new()
    }
}

/// Shows the same as the `Debug` of a [`Signal`].
impl<A: Args, R> fmt::Debug for AsyncSignal<A, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AsyncSignal").field(&self.signal).finish()
    }
}
