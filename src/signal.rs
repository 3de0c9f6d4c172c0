//! The signal: what needs no knowledge of how many arguments it has. The methods that do are in
//! `arity.rs`.

use std::fmt;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::{Arc, OnceLock};

use crate::args::Args;
use crate::core::{Core, Placement, SharedSlot, View};
use crate::sync::loaded;
use crate::{ConnectOptions, Connection};

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
/// [`connect_with_key`](#method.connect_with_key), [`emit`](#method.emit),
/// [`calls`](#method.calls) and [`emitting`](#method.emitting) take as many arguments as the signal
/// has. They are documented here for one; the others differ in nothing else.
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
        self.core.get_or_init(|| Arc::new(Core::new()))
    }

    /// The slots as an emission that starts now sees them.
    #[inline]
    pub(crate) fn view(&self) -> View<A, R> {
        match self.core.get() {
            Some(core) => core.view(),
            None => loaded(None),
        }
    }

    /// Connects with options: a call budget, a group, a place before others.
    ///
    /// ```
    /// use smoke_signal::Signal;
    ///
    /// let frame: Signal<(u32,), &str> = Signal::new();
    /// frame.options().group(1).connect(|_| "draw");
    /// frame.options().max_calls(1).connect(|_| "set up");
    /// assert_eq!(frame.emit(0), ["set up", "draw"]);
    /// assert_eq!(frame.emit(1), ["draw"]);
    /// ```
    pub fn options(&self) -> ConnectOptions<'_, A, R> {
        ConnectOptions {
            signal: self,
            placement: Placement::default(),
        }
    }

    /// Disconnects a slot: `true` if this call did it, `false` if the slot had left before.
    ///
    /// Emissions under way call the slot no more, unless they are calling it at this moment on
    /// another thread: `disconnect` does not wait for that. When it returns, the slot's captures
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
        self.take(connection).is_some()
    }

    /// Disconnects a slot and hands it to the caller, who drops it.
    pub(crate) fn take(&self, connection: Connection) -> Option<SharedSlot<A, R>> {
        self.core.get()?.disconnect(connection)
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
        drop(self.take_all());
    }

    /// Disconnects all slots and hands them to the caller, who drops them.
    pub(crate) fn take_all(&self) -> Vec<SharedSlot<A, R>> {
        self.core
            .get()
            .map_or_else(Vec::new, |core| core.disconnect_all())
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
}

impl<A: Args, R> Default for Signal<A, R> {
    fn default() -> Self {
        Self::new()
    }
}

/// Tells how many slots there are, or `<locked>` while the signal is being changed; never blocks,
/// never runs foreign code.
impl<A: Args, R> fmt::Debug for Signal<A, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let len = self.core.get().map_or(Some(0), |core| core.try_len());
        let mut debug = f.debug_struct("Signal");
        match len {
            Some(len) => debug.field("slots", &len),
            None => debug.field("slots", &format_args!("<locked>")),
        };
        debug.finish_non_exhaustive()
    }
}

// A panic in a slot, a clone or a drop leaves nothing half changed: no lock is held around them.
impl<A: Args, R> UnwindSafe for Signal<A, R> {}
impl<A: Args, R> RefUnwindSafe for Signal<A, R> {}
