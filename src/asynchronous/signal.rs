//! The async signal, and its methods that do not depend on the number of arguments. The others are in
//! `arity.rs`.

use std::fmt;
use std::ops::Deref;

use crate::args::Args;
use crate::asynchronous::Pending;
use crate::asynchronous::emission::Emission;
use crate::options::ConnectOptions;
use crate::signal::Signal;

/// A [`Signal`] whose slots return futures, which the emitter awaits.
///
/// `A` is the tuple of argument types, as for a signal. `R` is the output of each future. A slot is
/// a closure or function that returns a `Future<Output = R> + Send + 'static`: an `async` closure,
/// a closure that returns an `async` block, or [`std::future::ready`] for a plain value. The future
/// outlives the call of the slot, so it cannot borrow from the closure or from a
/// [`ByRef`](crate::ByRef) argument. Clone what it needs.
///
/// It derefs to a signal for the methods that do not depend on the arguments: `disconnect`,
/// `contains`, `len`, `scoped`, `block`, `slots` and so on. All guarantees for signals apply to the
/// calls of slots. The futures belong to the emission: if a slot is disconnected while its future
/// is pending, its result still arrives.
///
/// The methods of that signal include `calls`, which returns the futures themselves, one slot at a
/// time, and `emitting`, whose guard calls the slots and drops their futures, because nobody could
/// await them.
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

    /// Starts to connect a slot with options. See [`Signal::options`].
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
        Emission::new(self.signal.snapshot(), args)
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

/// Shows the same as the signal's `Debug`.
impl<A: Args, R> fmt::Debug for AsyncSignal<A, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AsyncSignal").field(&self.signal).finish()
    }
}

/// Options for connecting an async slot. Created by [`AsyncSignal::options`], and consumed by
/// `connect` or one of its variants.
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
    /// See [`ConnectOptions::max_calls`]. A call counts when the slot is called, not when its
    /// future finishes.
    pub fn max_calls(mut self, n: u32) -> Self {
        self.options = self.options.max_calls(n);
        self
    }

    /// See [`ConnectOptions::group`].
    pub fn group(mut self, group: i32) -> Self {
        self.options = self.options.group(group);
        self
    }

    /// See [`ConnectOptions::first`].
    pub fn first(mut self) -> Self {
        self.options = self.options.first();
        self
    }

    /// See [`ConnectOptions::waitable`]. Waiting covers the calls of the slot, not the futures that
    /// they returned.
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
