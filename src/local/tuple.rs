//! The methods that take or pass all arguments as one tuple, for code that is generic over them.

use alloc::rc::Rc;
use core::panic::Location;

use crate::args::Args;
use crate::keys::Connection;
use crate::local::calls::Calls;
use crate::local::connector::Connector;
use crate::local::engine::ClosureSlot;
use crate::local::options::ConnectOptions;
use crate::local::signal::LocalSignal;
use crate::returns::Returns;
#[cfg(feature = "tracing")]
use crate::trace::{Origin, is_listening};

impl<A: Args, R> LocalSignal<A, R> {
    /// Like [`connect`](LocalSignal#method.connect), but `f` takes the arguments as one tuple. Use it in
    /// code that is generic over the arguments of a signal.
    ///
    /// ```
    /// use smoke_signal::{Args, LocalSignal};
    /// use std::rc::Rc;
    ///
    /// /// Emits `to` whenever `from` is emitted.
    /// fn forward<A: Args>(from: &LocalSignal<A>, to: &Rc<LocalSignal<A>>) {
    ///     let to = Rc::downgrade(to);
    ///     from.connect_tuple(move |args| {
    ///         if let Some(to) = to.upgrade() {
    ///             to.emit_tuple(args);
    ///         }
    ///     });
    /// }
    ///
    /// let log: Rc<LocalSignal<(u32, String)>> = Rc::default();
    /// let saved: LocalSignal<(u32, String)> = LocalSignal::new();
    /// forward(&saved, &log);
    /// log.connect(|version, path| assert_eq!((version, &*path), (3, "a.txt")));
    /// saved.emit(3, "a.txt".to_owned());
    /// ```
    #[track_caller]
    pub fn connect_tuple<F>(&self, f: F) -> Connection
    where
        F: for<'a> Fn(A::In<'a>) -> R + 'static,
    {
        self.attach(Rc::new(ClosureSlot::new(None, f)), Location::caller())
    }

    /// Like [`emit`](LocalSignal#method.emit), but takes the arguments as one tuple. Use it in code that
    /// is generic over the arguments of a signal.
    ///
    /// # Panics
    ///
    /// If a slot panics, as [`emit`](LocalSignal#method.emit).
    ///
    /// ```
    /// let sum = smoke_signal::LocalSignal::<(u32, u32), u32>::new();
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
        let mut results = Returns::new();
        if let Some(core) = self.core_if_used() {
            core.emit(args, &mut results);
        }
        results
    }

    /// Like [`calls`](LocalSignal#method.calls), but takes the arguments as one tuple. Use it in code that
    /// is generic over the arguments of a signal.
    ///
    /// ```
    /// let sum = smoke_signal::LocalSignal::<(u32, u32), u32>::new();
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
    /// [`LocalSignal::connect_tuple`].
    ///
    /// ```
    /// let sum = smoke_signal::LocalSignal::<(u32, u32), u32>::new();
    /// sum.options().max_calls(1).connect_tuple(|(a, b)| a + b);
    /// assert_eq!(sum.emit(1, 2), [3]);
    /// ```
    #[track_caller]
    pub fn connect_tuple<F>(self, f: F) -> Connection
    where
        F: for<'a> Fn(A::In<'a>) -> R + 'static,
    {
        self.attach(|max_calls| Rc::new(ClosureSlot::new(max_calls, f)))
    }
}

impl<A: Args, R> Connector<'_, A, R> {
    /// See [`LocalSignal::connect_tuple`].
    ///
    /// ```
    /// let sum = smoke_signal::LocalSignal::<(u32, u32), u32>::new();
    /// sum.connector().connect_tuple(|(a, b)| a + b);
    /// assert_eq!(sum.emit(1, 2), [3]);
    /// ```
    #[track_caller]
    pub fn connect_tuple<F>(self, f: F) -> Connection
    where
        F: for<'a> Fn(A::In<'a>) -> R + 'static,
    {
        self.signal.connect_tuple(f)
    }
}
