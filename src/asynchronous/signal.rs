//! The async signal: what needs no knowledge of how many arguments it has.

use std::fmt;
use std::ops::Deref;

use crate::args::Args;
use crate::asynchronous::Pending;
use crate::asynchronous::emission::Emission;
use crate::calls::Calls;
use crate::options::ConnectOptions;
use crate::signal::Signal;

/// A [`Signal`] whose slots return futures, which the emitter awaits.
///
/// `A` is the tuple of arguments as for a signal, `R` is what each future gives. Slots are closures
/// of any function that returns a `Future<Output = R> + Send + 'static`; an `async` block or `async`
/// closure is one, [`std::future::ready`] makes one of a plain value. The future outlives the call,
/// so it may not borrow from the closure or from a [`ByRef`](crate::ByRef) argument: clone what it
/// needs.
///
/// It derefs to a signal for everything that needs no arguments: `disconnect`, `contains`, `len`,
/// `scoped`, `block`, `slots` and so on. Of what always holds for signals, all holds here, for the
/// call of a slot; its future is the emission's. So a slot may be disconnected while its future is
/// pending: its result still arrives.
///
/// Through the same way `calls` gives the futures themselves, one slot at a time, and `emitting` a
/// guard that calls the slots and drops their futures, since nobody is there to await them.
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
    signal: Signal<A, Pending<R>>,
}

impl<A: Args, R> AsyncSignal<A, R> {
    /// Makes an async signal without slots.
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

    /// Connects with options, as [`Signal::options`].
    ///
    /// ```
    /// let frame = smoke_signal::AsyncSignal::<(u32,), &str>::new();
    /// frame.options().group(1).connect(|_| async { "draw" });
    /// frame.options().max_calls(1).connect(|_| async { "set up" });
    /// # futures::executor::block_on(async {
    /// assert_eq!(frame.emit(0).await, ["set up", "draw"]);
    /// assert_eq!(frame.emit(1).await, ["draw"]);
    /// # });
    /// ```
    pub fn options(&self) -> AsyncConnectOptions<'_, A, R> {
        AsyncConnectOptions {
            options: self.signal.options(),
        }
    }

    pub(crate) fn emission(&self, args: A::In<'_>) -> Emission<R> {
        Emission::new(Calls::new(self.signal.view(), args))
    }
}

impl<A: Args, R> Deref for AsyncSignal<A, R> {
    type Target = Signal<A, Pending<R>>;

    fn deref(&self) -> &Self::Target {
        &self.signal
    }
}

impl<A: Args, R> Default for AsyncSignal<A, R> {
    fn default() -> Self {
        Self::new()
    }
}

/// As the signal's.
impl<A: Args, R> fmt::Debug for AsyncSignal<A, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AsyncSignal").field(&self.signal).finish()
    }
}

/// How to connect an async slot: made by [`AsyncSignal::options`], ended by one of the connects.
///
/// ```
/// use smoke_signal::AsyncSignal;
///
/// let opened: AsyncSignal<(String,)> = AsyncSignal::new();
/// opened.options().group(-10).first().max_calls(3).connect(async |path| {
///     println!("opened {path}");
/// });
/// ```
#[must_use = "end with `connect`, `once`, `connect_with_key` or `connect_weak`"]
pub struct AsyncConnectOptions<'s, A: Args, R: 'static = ()> {
    pub(crate) options: ConnectOptions<'s, A, Pending<R>>,
}

impl<A: Args, R> AsyncConnectOptions<'_, A, R> {
    /// As [`ConnectOptions::max_calls`]. A call counts when the slot is called, not when its future
    /// finishes.
    pub fn max_calls(mut self, n: u32) -> Self {
        self.options = self.options.max_calls(n);
        self
    }

    /// As [`ConnectOptions::group`].
    pub fn group(mut self, group: i32) -> Self {
        self.options = self.options.group(group);
        self
    }

    /// As [`ConnectOptions::first`].
    pub fn first(mut self) -> Self {
        self.options = self.options.first();
        self
    }

    /// As [`ConnectOptions::waitable`]. What can be waited for is the end of the calls, not of the
    /// futures that they returned.
    pub fn waitable(mut self) -> Self {
        self.options = self.options.waitable();
        self
    }
}

impl<A: Args, R> Clone for AsyncConnectOptions<'_, A, R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<A: Args, R> Copy for AsyncConnectOptions<'_, A, R> {}

impl<A: Args, R> fmt::Debug for AsyncConnectOptions<'_, A, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AsyncConnectOptions")
            .field(&self.options)
            .finish()
    }
}
