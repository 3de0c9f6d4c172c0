//! The builder for async connections with options.

use std::fmt;

use crate::args::Args;
use crate::asynchronous::Pending;
use crate::asynchronous::signal::AsyncSignal;
use crate::options::ConnectOptions;

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
#[must_use = "end with `connect` or one of its variants, or nothing is connected"]
pub struct AsyncConnectOptions<'s, A: Args, R: 'static = ()> {
    pub(crate) options: ConnectOptions<'s, A, Pending<R>>,
}

impl<A: Args, R> AsyncSignal<A, R> {
    /// Starts to connect a slot with options. See [`Signal::options`](crate::Signal::options).
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
