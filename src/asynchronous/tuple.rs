//! The methods of async signals that take or pass all arguments as one tuple, for code that is generic
//! over them.

use std::future::Future;

use crate::args::Args;
use crate::asynchronous::Pending;
use crate::asynchronous::connector::AsyncConnector;
use crate::asynchronous::emission::Emission;
use crate::asynchronous::options::AsyncConnectOptions;
use crate::asynchronous::signal::AsyncSignal;
use crate::calls::Calls;
use crate::keys::Connection;
#[cfg(feature = "tracing")]
use crate::trace::{Origin, is_listening};

impl<A: Args, R> AsyncSignal<A, R> {
    /// Like [`connect`](AsyncSignal#method.connect), but `f` takes the arguments as one tuple. Use it
    /// in code that is generic over the arguments of a signal. Any thread may call it.
    ///
    /// ```
    /// let sum = smoke_signal::AsyncSignal::<(u32, u32), u32>::new();
    /// sum.connect_tuple(async |(a, b)| a + b);
    /// # futures::executor::block_on(async {
    /// assert_eq!(sum.emit(1, 2).await, [3]);
    /// # });
    /// ```
    #[track_caller]
    pub fn connect_tuple<F, Fut>(&self, f: F) -> Connection
    where
        F: for<'a> Fn(A::In<'a>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = R> + Send + 'static,
    {
        self.options().connect_tuple(f)
    }

    /// Like [`emit`](AsyncSignal#method.emit), but takes the arguments as one tuple. Use it in code
    /// that is generic over the arguments of a signal.
    ///
    /// ```
    /// let sum = smoke_signal::AsyncSignal::<(u32, u32), u32>::new();
    /// sum.connect(async |a, b| a + b);
    /// # futures::executor::block_on(async {
    /// assert_eq!(sum.emit_tuple((1, 2)).await, [3]);
    /// # });
    /// ```
    #[cfg_attr(feature = "tracing", track_caller)]
    pub fn emit_tuple(&self, args: A::In<'_>) -> Emission<R> {
        let snapshot = self.signal.snapshot();
        #[cfg(feature = "tracing")]
        if is_listening() {
            let slots = snapshot.as_deref().map_or(0, |list| list.slots().len());
            if let Some(observer) = self.signal.observer(Origin::caller(), slots) {
                return Emission::observed(snapshot, args, observer);
            }
        }
        Emission::new(snapshot, args)
    }

    /// Like [`calls`](AsyncSignal#method.calls), but takes the arguments as one tuple. Use it in code
    /// that is generic over the arguments of a signal.
    ///
    /// ```
    /// let sum = smoke_signal::AsyncSignal::<(u32, u32), u32>::new();
    /// sum.connect(async |a, b| a + b);
    /// # futures::executor::block_on(async {
    /// for result in sum.calls_tuple((1, 2)) {
    ///     assert_eq!(result.await, 3);
    /// }
    /// # });
    /// ```
    #[must_use = "slots are called as the iterator advances, and each future has to be awaited"]
    #[cfg_attr(feature = "tracing", track_caller)]
    pub fn calls_tuple<'a>(&self, args: A::In<'a>) -> Calls<'a, A, Pending<R>> {
        self.signal.calls_tuple(args)
    }
}

impl<A: Args, R> AsyncConnectOptions<'_, A, R> {
    /// Connects an async slot with these options that takes the arguments as one tuple. See
    /// [`AsyncSignal::connect_tuple`].
    ///
    /// ```
    /// let sum = smoke_signal::AsyncSignal::<(u32, u32), u32>::new();
    /// sum.options().max_calls(1).connect_tuple(async |(a, b)| a + b);
    /// # futures::executor::block_on(async {
    /// assert_eq!(sum.emit(1, 2).await, [3]);
    /// # });
    /// ```
    #[track_caller]
    pub fn connect_tuple<F, Fut>(self, f: F) -> Connection
    where
        F: for<'a> Fn(A::In<'a>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = R> + Send + 'static,
    {
        self.options
            .connect_tuple(move |args: A::In<'_>| -> Pending<R> { Box::pin(f(args)) })
    }
}

impl<A: Args, R> AsyncConnector<'_, A, R> {
    /// See [`AsyncSignal::connect_tuple`].
    ///
    /// ```
    /// let sum = smoke_signal::AsyncSignal::<(u32, u32), u32>::new();
    /// sum.connector().connect_tuple(async |(a, b)| a + b);
    /// # futures::executor::block_on(async {
    /// assert_eq!(sum.emit(1, 2).await, [3]);
    /// # });
    /// ```
    #[track_caller]
    pub fn connect_tuple<F, Fut>(self, f: F) -> Connection
    where
        F: for<'a> Fn(A::In<'a>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = R> + Send + 'static,
    {
        self.options().connect_tuple(f)
    }
}
