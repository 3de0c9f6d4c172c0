//! The methods that take or pass all arguments as one tuple, for code that is generic over them.

use std::panic::Location;
use std::sync::Arc;

use crate::args::Args;
use crate::calls::Calls;
use crate::connector::Connector;
use crate::core::ClosureSlot;
use crate::keys::Connection;
use crate::options::ConnectOptions;
use crate::returns::Returns;
use crate::signal::Signal;
#[cfg(feature = "tracing")]
use crate::trace::{Origin, is_listening};

impl<A: Args, R> Signal<A, R> {
    /// Like [`connect`](Signal#method.connect), but `f` takes the arguments as one tuple. Use it in
    /// code that is generic over the arguments of a signal. Any thread may call it.
    ///
    /// ```
    /// use smoke_signal::{Args, Signal};
    ///
    /// /// Emits `to` whenever `from` is emitted.
    /// fn forward<A: Args>(from: &Signal<A>, to: &'static Signal<A>) {
    ///     from.connect_tuple(move |args| {
    ///         to.emit_tuple(args);
    ///     });
    /// }
    ///
    /// static LOG: Signal<(u32, String)> = Signal::new();
    ///
    /// let saved: Signal<(u32, String)> = Signal::new();
    /// forward(&saved, &LOG);
    /// LOG.connect(|version, path| assert_eq!((version, &*path), (3, "a.txt")));
    /// saved.emit(3, "a.txt".to_owned());
    /// ```
    #[track_caller]
    pub fn connect_tuple<F>(&self, f: F) -> Connection
    where
        F: for<'a> Fn(A::In<'a>) -> R + Send + Sync + 'static,
    {
        self.attach(Arc::new(ClosureSlot::new(None, f)), Location::caller())
    }

    /// Like [`emit`](Signal#method.emit), but takes the arguments as one tuple. Use it in code that
    /// is generic over the arguments of a signal.
    ///
    /// # Panics
    ///
    /// If a slot panics, as [`emit`](Signal#method.emit).
    ///
    /// ```
    /// let sum = smoke_signal::Signal::<(u32, u32), u32>::new();
    /// sum.connect(|a, b| a + b);
    /// assert_eq!(sum.emit_tuple((1, 2)), [3]);
    /// ```
    #[inline]
    #[cfg_attr(feature = "tracing", track_caller)]
    pub fn emit_tuple(&self, args: A::In<'_>) -> Returns<R> {
        #[cfg(feature = "tracing")]
        if is_listening() {
            return self.emit_observed(args, Origin::caller());
        }
        match self.core_if_used() {
            Some(core) => core.emit(args),
            None => Returns::new(),
        }
    }

    /// Like [`calls`](Signal#method.calls), but takes the arguments as one tuple. Use it in code that
    /// is generic over the arguments of a signal.
    ///
    /// ```
    /// let sum = smoke_signal::Signal::<(u32, u32), u32>::new();
    /// sum.connect(|a, b| a + b);
    /// assert_eq!(sum.calls_tuple((1, 2)).max(), Some(3));
    /// ```
    #[must_use = "slots are called as the iterator advances; use `emit_tuple` to call them all"]
    #[cfg_attr(feature = "tracing", track_caller)]
    pub fn calls_tuple<'a>(&self, args: A::In<'a>) -> Calls<'a, A, R> {
        let calls = Calls::new(self.snapshot(), args);
        #[cfg(feature = "tracing")]
        if is_listening() {
            let origin = Origin::caller();
            return calls.observed(|slots| self.observer(origin, slots));
        }
        calls
    }
}

impl<A: Args, R> ConnectOptions<'_, A, R> {
    /// Connects a slot with these options that takes the arguments as one tuple. See
    /// [`Signal::connect_tuple`].
    ///
    /// ```
    /// let sum = smoke_signal::Signal::<(u32, u32), u32>::new();
    /// sum.options().max_calls(1).connect_tuple(|(a, b)| a + b);
    /// assert_eq!(sum.emit(1, 2), [3]);
    /// ```
    #[track_caller]
    pub fn connect_tuple<F>(self, f: F) -> Connection
    where
        F: for<'a> Fn(A::In<'a>) -> R + Send + Sync + 'static,
    {
        self.attach(|max_calls| Arc::new(ClosureSlot::new(max_calls, f)))
    }
}

impl<A: Args, R> Connector<'_, A, R> {
    /// See [`Signal::connect_tuple`].
    ///
    /// ```
    /// let sum = smoke_signal::Signal::<(u32, u32), u32>::new();
    /// sum.connector().connect_tuple(|(a, b)| a + b);
    /// assert_eq!(sum.emit(1, 2), [3]);
    /// ```
    #[track_caller]
    pub fn connect_tuple<F>(self, f: F) -> Connection
    where
        F: for<'a> Fn(A::In<'a>) -> R + Send + Sync + 'static,
    {
        self.signal.connect_tuple(f)
    }
}
