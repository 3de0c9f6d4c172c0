//! Emissions as a stream.

use std::collections::VecDeque;
use std::fmt;
use std::future::Future;
use std::mem;
use std::panic::Location;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use futures_core::Stream;

use crate::args::Args;
use crate::asynchronous::reader::Reader;
use crate::core::{ClosureSlot, OnceSlot};
use crate::keys::Connection;
use crate::scoped::ScopedConnection;
use crate::signal::Signal;

/// A stream of the emissions of a signal, as tuples of their arguments. Created by
/// [`Signal::stream`](crate::Signal#method.stream).
///
/// It listens from the moment it is created, and disconnects when it is dropped. It ends after its
/// buffered items once its slot is disconnected, for example because the signal was dropped.
///
/// An emitter never waits for a slow reader. If the buffer is full, the oldest item is dropped to
/// make room, and [`missed`](Self::missed) counts it. An item stays in the buffer until it is
/// taken, so dropping a `next()` future loses nothing.
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
pub struct SignalStream<A> {
    shared: Arc<Shared<A>>,
    _connection: ScopedConnection,
}

/// The state that the slot and the reader share.
struct Shared<A> {
    buffer: Mutex<Buffer<A>>,
    /// Woken and dropped without the lock of the buffer, because that runs user code.
    reader: Reader,
}

struct Buffer<A> {
    items: VecDeque<A>,
    capacity: usize,
    missed: u64,
    /// The slot has been disconnected and dropped.
    ended: bool,
}

impl<A> Shared<A> {
    fn new(capacity: usize) -> Arc<Self> {
        Arc::new(Self {
            buffer: Mutex::new(Buffer {
                items: VecDeque::new(),
                capacity,
                missed: 0,
                ended: false,
            }),
            reader: Reader::new(),
        })
    }

    /// Runs `look` under the lock. It must not run user code.
    fn with<T>(&self, look: impl FnOnce(&mut Buffer<A>) -> T) -> T {
        look(&mut self.buffer.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The value that the slot captures. Dropping it ends the stream.
struct Sender<A>(Arc<Shared<A>>);

impl<A> Sender<A> {
    fn send(&self, item: A) {
        let oldest = self.0.with(|buffer| {
            buffer.items.push_back(item);
            if buffer.items.len() <= buffer.capacity {
                return None;
            }
            buffer.missed += 1;
            buffer.items.pop_front()
        });
        self.0.reader.wake();
        drop(oldest);
    }
}

impl<A> Drop for Sender<A> {
    fn drop(&mut self) {
        self.0.with(|buffer| buffer.ended = true);
        self.0.reader.wake();
    }
}

impl<A> SignalStream<A> {
    /// Returns how many items were dropped because the buffer was full.
    pub fn missed(&self) -> u64 {
        self.shared.with(|buffer| buffer.missed)
    }
}

impl<A> Stream for SignalStream<A> {
    type Item = A;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<A>> {
        // Before looking at the buffer: an item sent before the look is seen, and one sent after it
        // wakes this reader.
        self.shared.reader.register(cx.waker());
        self.shared.with(|buffer| match buffer.items.pop_front() {
            None if !buffer.ended => Poll::Pending,
            next => Poll::Ready(next),
        })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let (buffered, ended) = self.shared.with(|b| (b.items.len(), b.ended));
        (buffered, ended.then_some(buffered))
    }
}

impl<A> Drop for SignalStream<A> {
    fn drop(&mut self) {
        // The slot may outlive this for a while, in an emission in progress.
        let items = self.shared.with(|buffer| {
            buffer.capacity = 0;
            mem::take(&mut buffer.items)
        });
        drop(items);
    }
}

impl<A> fmt::Debug for SignalStream<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignalStream").finish_non_exhaustive()
    }
}

/// A future that resolves to the arguments of the next emission of a signal, as a tuple, or to
/// `None` if the signal is dropped first. Created by [`Signal::next`](crate::Signal#method.next).
#[must_use = "it disconnects when it is dropped"]
pub struct NextEmission<A> {
    stream: SignalStream<A>,
}

impl<A> Future for NextEmission<A> {
    type Output = Option<A>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<A>> {
        Pin::new(&mut self.stream).poll_next(cx)
    }
}

impl<A> fmt::Debug for NextEmission<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NextEmission").finish_non_exhaustive()
    }
}

impl<A> Signal<A>
where
    A: for<'a> Args<In<'a> = A> + Send,
{
    /// Returns a stream of the emissions from now on, which buffers up to `capacity` of them. All
    /// arguments of the signal must be owned.
    ///
    /// If the buffer is full, the oldest item is dropped to make room for the newest. See
    /// [`SignalStream`]. Each stream is a slot of its own.
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
    pub fn stream(&self, capacity: usize) -> SignalStream<A> {
        assert!(
            capacity > 0,
            "a stream of emissions needs a capacity of 1 or more"
        );
        let shared = Shared::new(capacity);
        let sender = Sender(Arc::clone(&shared));
        let slot = ClosureSlot::new(None, move |args: A| sender.send(args));
        let connection = self.attach(Arc::new(slot), Location::caller());
        self.reader(shared, connection)
    }

    /// Returns a future of the next emission only. It resolves to the tuple of its arguments, or to
    /// `None` if the signal is dropped first. All arguments of the signal must be owned.
    ///
    /// It listens from the moment it is created, not from its first poll.
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
    #[track_caller]
    pub fn next(&self) -> NextEmission<A> {
        let shared = Shared::new(1);
        let sender = Sender(Arc::clone(&shared));
        let slot = OnceSlot::new(move |args: A| sender.send(args));
        let connection = self.attach(Arc::new(slot), Location::caller());
        NextEmission {
            stream: self.reader(shared, connection),
        }
    }

    fn reader(&self, shared: Arc<Shared<A>>, connection: Connection) -> SignalStream<A> {
        SignalStream {
            shared,
            _connection: self.scoped(connection),
        }
    }
}
