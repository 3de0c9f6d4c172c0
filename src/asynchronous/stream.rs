//! Emissions as a stream.

use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_core::{FusedFuture, FusedStream, Stream};

use crate::args::{Arg, Args, for_each_arity};
use crate::asynchronous::listener::{ListenerSlot, Shared};
use crate::connector::Connector;
use crate::scoped::ScopedConnection;
use crate::signal::Signal;

/// A stream of the emissions of a signal: of the tuples of their arguments, or of what a closure
/// makes of these. Created by [`Signal::stream`](crate::Signal#method.stream) and
/// [`Signal::stream_map`](crate::Signal#method.stream_map).
///
/// It listens from the moment it is created, and disconnects when it is dropped. Its slot adds no
/// result to emissions.
///
/// An emitter never waits for a slow reader. If the buffer is full, the oldest item is dropped to
/// make room, and [`missed`](Self::missed) counts it. An item stays in the buffer until it is
/// taken, so dropping a `next()` future loses nothing.
///
/// # The end
///
/// The stream ends after its buffered items as soon as its slot is disconnected, for example by
/// [`disconnect_all`](crate::Signal::disconnect_all). It does not matter that an emission in
/// progress still holds the slot: a slot may disconnect the stream and read it to its end. Only a
/// call of its slot that is running on another thread still delivers its item. Nothing follows the
/// end.
///
/// If the signal is dropped, an emission in progress runs to its end and may still add an item. The
/// stream ends when the last such emission has ended. So a slot that drops its own signal must not
/// wait for the end of a stream: its own emission would have to end first.
///
/// The reader is woken without a lock, by the thread that emits, disconnects or drops.
///
/// ```
/// use futures::StreamExt;
/// use smoke_signal::Signal;
///
/// let moved: Signal<(i32, i32)> = Signal::new();
/// let mut positions = moved.stream(2);
/// moved.emit(1, 1);
/// moved.emit(2, 2);
/// moved.emit(3, 3);
/// drop(moved);
///
/// # futures::executor::block_on(async {
/// assert_eq!(positions.next().await, Some((2, 2)));
/// assert_eq!(positions.missed(), 1);
/// assert_eq!(positions.next().await, Some((3, 3)));
/// assert_eq!(positions.next().await, None);
/// # });
/// ```
#[must_use = "it disconnects when it is dropped"]
pub struct SignalStream<T> {
    shared: Arc<Shared<T>>,
    /// The end has been returned.
    terminated: bool,
    _connection: ScopedConnection,
}

impl<T: Send + 'static> SignalStream<T> {
    /// Connects a slot that hands what `make` returns to a stream.
    fn new<A: Args, R>(
        signal: &Signal<A, R>,
        capacity: usize,
        max_calls: Option<u32>,
        make: impl for<'a> Fn(A::In<'a>) -> T + Send + Sync + 'static,
        location: &'static Location<'static>,
    ) -> Self {
        let shared = Shared::new(capacity);
        let slot = ListenerSlot::new(Arc::clone(&shared), max_calls, make);
        let connection = signal.attach(Arc::new(slot), location);
        Self {
            shared,
            terminated: false,
            _connection: signal.scoped(connection),
        }
    }
}

impl<T> SignalStream<T> {
    /// Returns how many items were dropped because the buffer was full.
    ///
    /// ```
    /// let progress = smoke_signal::Signal::<(u8,)>::new();
    /// let stream = progress.stream(1);
    /// progress.emit(50);
    /// progress.emit(100);
    /// assert_eq!(stream.missed(), 1);
    /// ```
    pub fn missed(&self) -> u64 {
        self.shared.missed()
    }
}

impl<T> Stream for SignalStream<T> {
    type Item = T;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        if self.terminated {
            return Poll::Ready(None);
        }
        let next = self.shared.poll_next(cx.waker());
        self.terminated = matches!(next, Poll::Ready(None));
        next
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.shared.size_hint()
    }
}

/// It is terminated once it has returned `None`, so `select!` sees the end.
impl<T> FusedStream for SignalStream<T> {
    fn is_terminated(&self) -> bool {
        self.terminated
    }
}

impl<T> Drop for SignalStream<T> {
    fn drop(&mut self) {
        // The slot may outlive this for a while, in an emission in progress.
        drop(self.shared.close());
    }
}

impl<T> fmt::Debug for SignalStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignalStream").finish_non_exhaustive()
    }
}

/// A future that resolves to the arguments of the next emission of a signal, as a tuple, or to
/// `None` if its slot is disconnected or the signal is dropped first. Created by
/// [`Signal::next`](crate::Signal#method.next).
///
/// It listens from the moment it is created. Once it has resolved, it is disconnected.
#[must_use = "it disconnects when it is dropped"]
pub struct NextEmission<T> {
    stream: SignalStream<T>,
    resolved: bool,
}

impl<T> Future for NextEmission<T> {
    type Output = Option<T>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        let next = Pin::new(&mut self.stream).poll_next(cx);
        self.resolved |= next.is_ready();
        next
    }
}

/// It is terminated once it has resolved.
impl<T> FusedFuture for NextEmission<T> {
    fn is_terminated(&self) -> bool {
        self.resolved
    }
}

impl<T> fmt::Debug for NextEmission<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NextEmission").finish_non_exhaustive()
    }
}

#[track_caller]
fn assert_capacity(capacity: usize) {
    assert!(
        capacity > 0,
        "a stream of emissions needs a capacity of 1 or more"
    );
}

impl<A, R> Signal<A, R>
where
    A: for<'a> Args<In<'a> = A> + Send,
{
    /// Returns a stream of the emissions from now on, which buffers up to `capacity` of them. All
    /// arguments of the signal must be owned; for others, see
    /// [`stream_map`](Signal#method.stream_map).
    ///
    /// **If the buffer is full, the oldest item is dropped to make room for the newest**, and
    /// [`SignalStream::missed`] counts it. Each stream is a slot of its own, which adds no result to
    /// emissions. Any thread may emit while another reads the stream.
    ///
    /// # Panics
    ///
    /// If `capacity` is 0.
    ///
    /// ```
    /// use futures::StreamExt;
    ///
    /// let progress = smoke_signal::Signal::<(u8,)>::new();
    /// let stream = progress.stream(16);
    /// progress.emit(50);
    /// progress.emit(100);
    /// drop(progress);
    /// # futures::executor::block_on(async {
    /// assert_eq!(stream.collect::<Vec<_>>().await, [(50,), (100,)]);
    /// # });
    /// ```
    #[track_caller]
    #[must_use = "dropping the stream disconnects it"]
    pub fn stream(&self, capacity: usize) -> SignalStream<A> {
        assert_capacity(capacity);
        SignalStream::new(self, capacity, None, |args: A| args, Location::caller())
    }

    /// Returns a future of the next emission only. It resolves to the tuple of its arguments, or to
    /// `None` if its slot is disconnected or the signal is dropped first. All arguments of the
    /// signal must be owned.
    ///
    /// It listens from the moment it is created, not from its first poll. Its slot adds no result
    /// to the emission. Any thread may emit.
    ///
    /// ```
    /// let ready = smoke_signal::Signal::<(u16,)>::new();
    /// let next = ready.next();
    /// ready.emit(8080);
    /// ready.emit(8081);
    /// # futures::executor::block_on(async {
    /// assert_eq!(next.await, Some((8080,)));
    /// # });
    /// assert!(ready.is_empty());
    /// ```
    ///
    /// # Not in a loop
    ///
    /// Each call creates a new listener. **A loop that awaits `next()` misses whatever is emitted
    /// between two calls**, and nothing counts that. A [`stream`](Self::stream) listens all the
    /// time:
    ///
    /// ```
    /// use futures::StreamExt;
    ///
    /// let key = smoke_signal::Signal::<(char,)>::new();
    /// let mut keys = key.stream(64);
    /// key.emit('o');
    /// key.emit('k'); // while the loop is busy with the first
    /// drop(key);
    /// # futures::executor::block_on(async {
    /// let mut text = String::new();
    /// while let Some((letter,)) = keys.next().await {
    ///     text.push(letter);
    /// }
    /// assert_eq!(text, "ok");
    /// # });
    /// ```
    #[track_caller]
    #[must_use = "dropping the future disconnects it"]
    pub fn next(&self) -> NextEmission<A> {
        NextEmission {
            stream: SignalStream::new(self, 1, Some(1), |args: A| args, Location::caller()),
            resolved: false,
        }
    }
}

impl<A, R> Connector<'_, A, R>
where
    A: for<'a> Args<In<'a> = A> + Send,
{
    /// See [`Signal::stream`](Signal#method.stream).
    ///
    /// # Panics
    ///
    /// If `capacity` is 0.
    ///
    /// ```
    /// let progress = smoke_signal::Signal::<(u8,)>::new();
    /// let mut stream = progress.connector().stream(16);
    /// progress.emit(100);
    /// # futures::executor::block_on(async {
    /// # use futures::StreamExt;
    /// assert_eq!(stream.next().await, Some((100,)));
    /// # });
    /// ```
    #[track_caller]
    #[must_use = "dropping the stream disconnects it"]
    pub fn stream(self, capacity: usize) -> SignalStream<A> {
        self.signal.stream(capacity)
    }

    /// See [`Signal::next`](Signal#method.next).
    ///
    /// ```
    /// let ready = smoke_signal::Signal::<(u16,)>::new();
    /// let next = ready.connector().next();
    /// ready.emit(8080);
    /// # futures::executor::block_on(async {
    /// assert_eq!(next.await, Some((8080,)));
    /// # });
    /// ```
    #[track_caller]
    #[must_use = "dropping the future disconnects it"]
    pub fn next(self) -> NextEmission<A> {
        self.signal.next()
    }
}

macro_rules! impl_stream_map {
    ([$($hidden:meta)?] $fence:literal $($A:ident $a:ident),*) => {
        $(#[$hidden])?
        impl<$($A: Arg,)* R> Signal<($($A,)*), R> {
            /// Returns a stream of what `f` makes of the arguments of each emission from now on,
            /// which buffers up to `capacity` items. Use it for borrowed arguments, or to keep only
            /// a part of the arguments.
            ///
            /// `f` is called on the emitting thread, during the emission, like a slot. If it panics,
            /// the panic unwinds out of `emit`. Otherwise the stream is that of
            /// [`stream`](Signal#method.stream): if the buffer is full, the oldest item is dropped
            /// and counted.
            ///
            /// # Panics
            ///
            /// If `capacity` is 0.
            ///
            #[doc = concat!("```", $fence)]
            /// use futures::StreamExt;
            /// use smoke_signal::{ByRef, Signal};
            ///
            /// let line: Signal<(ByRef<str>,), bool> = Signal::new();
            /// let lengths = line.stream_map(16, |text| text.len());
            /// line.emit("one");
            /// line.emit("three");
            /// drop(line);
            /// # futures::executor::block_on(async {
            /// assert_eq!(lengths.collect::<Vec<_>>().await, [3, 5]);
            /// # });
            /// ```
            #[track_caller]
            #[must_use = "dropping the stream disconnects it"]
            pub fn stream_map<F, T>(&self, capacity: usize, f: F) -> SignalStream<T>
            where
                F: for<'a> Fn($($A::In<'a>),*) -> T + Send + Sync + 'static,
                T: Send + 'static,
            {
                assert_capacity(capacity);
                let f = move |($($a,)*): <($($A,)*) as Args>::In<'_>| f($($a),*);
                SignalStream::new(self, capacity, None, f, Location::caller())
            }
        }

        $(#[$hidden])?
        impl<$($A: Arg,)* R> Connector<'_, ($($A,)*), R> {
            /// See [`Signal::stream_map`](Signal#method.stream_map).
            ///
            /// # Panics
            ///
            /// If `capacity` is 0.
            ///
            #[doc = concat!("```", $fence)]
            /// use smoke_signal::{ByRef, Signal};
            ///
            /// let line: Signal<(ByRef<str>,)> = Signal::new();
            /// let mut texts = line.connector().stream_map(16, |text| text.to_owned());
            /// line.emit("one");
            /// # futures::executor::block_on(async {
            /// # use futures::StreamExt;
            /// assert_eq!(texts.next().await, Some("one".to_owned()));
            /// # });
            /// ```
            #[track_caller]
            #[must_use = "dropping the stream disconnects it"]
            pub fn stream_map<F, T>(self, capacity: usize, f: F) -> SignalStream<T>
            where
                F: for<'a> Fn($($A::In<'a>),*) -> T + Send + Sync + 'static,
                T: Send + 'static,
            {
                self.signal.stream_map(capacity, f)
            }
        }
    };
}

for_each_arity!(impl_stream_map);
