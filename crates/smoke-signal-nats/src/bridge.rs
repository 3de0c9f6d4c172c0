//! The bridge.

use std::fmt;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use smoke_signal::Args;
use tokio::sync::{mpsc, oneshot};

use crate::builder::Builder;
use crate::codec::{Codec, Json};
#[cfg(feature = "nats")]
use crate::error::ConnectError;
use crate::error::{LinkError, Unfinished};
use crate::link::Link;
use crate::origin::Origin;
use crate::shared::Shared;
use crate::signal::Linkable;
use crate::stats::Stats;
use crate::transport::{Command, Transport, supervisor};

/// Links signals of this process to subjects, by which they reach other processes.
///
/// A bridge is connected to a NATS server, with the core protocol ([`connect`](Self::connect)) or with JetStream
/// ([`durable`](Self::durable)), or, without a server, to the other bridges of a [`Loopback`](crate::Loopback). `C` is the
/// codec of its messages.
///
/// It has a thread of its own that talks to the server, and one for each link that receives, on which slots are called. No
/// method but [`flush`](Self::flush) and [`close`](Self::close) waits for anything. The futures run on any executor.
///
/// Dropping a bridge ends all links at once, and what is queued is lost. [`close`](Self::close) finishes first.
///
/// ```no_run
/// use std::time::Duration;
///
/// use serde::{Deserialize, Serialize};
/// use smoke_signal::Signal;
/// use smoke_signal_nats::Bridge;
///
/// #[derive(Clone, Serialize, Deserialize)]
/// struct Order {
///     item: String,
///     pieces: u32,
/// }
///
/// static ORDER: Signal<(Order,)> = Signal::new();
///
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// let bridge = Bridge::connect("nats://127.0.0.1:4222").await?;
/// let _orders = bridge.share(&ORDER, "shop.order.v1")?;
///
/// ORDER.connect(|order| println!("{} x {}", order.pieces, order.item));
/// ORDER.emit(Order { item: "tea".to_owned(), pieces: 3 });
///
/// bridge.close(Duration::from_secs(5)).await?;
/// # Ok(())
/// # }
/// ```
pub struct Bridge<C: Codec = Json> {
    pub(crate) shared: Arc<Shared>,
    pub(crate) commands: mpsc::UnboundedSender<Command>,
    pub(crate) codec: C,
}

impl Bridge {
    /// Settings for a bridge.
    pub fn builder() -> Builder {
        Builder::new()
    }

    /// Connects to a NATS server with the core protocol: who listens now hears, and what is lost on the way is counted. See
    /// [`Builder::connect`].
    ///
    /// # Errors
    ///
    /// As for [`Builder::connect`].
    #[cfg(feature = "nats")]
    #[cfg_attr(docsrs, doc(cfg(feature = "nats")))]
    pub async fn connect(url: impl AsRef<str>) -> Result<Self, ConnectError> {
        Builder::new().connect(url).await
    }

    /// Connects to a NATS server with JetStream: what is emitted is stored, and delivered at least once. See
    /// [`Builder::durable`], and [`Builder::name`] for a process that is to go on where it was when it starts again.
    ///
    /// # Errors
    ///
    /// As for [`Builder::durable`].
    #[cfg(feature = "nats")]
    #[cfg_attr(docsrs, doc(cfg(feature = "nats")))]
    pub async fn durable(
        url: impl AsRef<str>,
        stream: impl AsRef<str>,
    ) -> Result<Self, ConnectError> {
        Builder::new().durable(url, stream).await
    }
}

impl<C: Codec> Bridge<C> {
    /// Starts a bridge. The receiver answers once the first attempt to connect has been made.
    pub(crate) fn start<T: Transport>(
        shared: Shared,
        codec: C,
        transport: impl FnOnce(&Shared) -> T,
    ) -> std::io::Result<(
        Self,
        oneshot::Receiver<Result<(), crate::error::ConnectError>>,
    )> {
        let transport = transport(&shared);
        let shared = Arc::new(shared);
        let (commands, receiver) = mpsc::unbounded_channel();
        let (begun, first) = oneshot::channel();
        let supervised = Arc::clone(&shared);
        thread::Builder::new()
            .name("smoke-signal-nats".to_owned())
            .spawn(move || supervisor::run(transport, &supervised, receiver, begun))?;
        Ok((
            Self {
                shared,
                commands,
                codec,
            },
            first,
        ))
    }

    /// Sends what is emitted here: each emission of `signal`, until the link ends, goes out to `subject`.
    ///
    /// The link is a slot, called before all others. It encodes the arguments on the emitting thread and queues them, which
    /// neither waits for the network nor fails because of it; if the queue is full, see
    /// [`Builder::when_full`]. What has been received by this bridge, from this subject and for this signal, is not sent
    /// back.
    ///
    /// # Errors
    ///
    /// If `subject` is no subject or has a wildcard, if there is such a link already, or if the bridge has been closed.
    ///
    /// ```
    /// use smoke_signal::Signal;
    /// use smoke_signal_nats::{LinkError, Loopback};
    ///
    /// static MOVED: Signal<(i32, i32)> = Signal::new();
    ///
    /// let bridge = Loopback::new().bridge();
    /// let _link = bridge.send(&MOVED, "game.moved.v1").unwrap();
    /// assert_eq!(bridge.send(&MOVED, "game.moved.v1").unwrap_err(), LinkError::AlreadyLinked);
    /// assert_eq!(bridge.send(&MOVED, "game.*").unwrap_err(), LinkError::Subject);
    /// ```
    pub fn send<A>(
        &self,
        signal: impl Linkable<Args = A>,
        subject: impl AsRef<str>,
    ) -> Result<Link, LinkError>
    where
        A: for<'a> Args<In<'a> = A> + Serialize,
    {
        let start = self.link(signal.hold(), subject.as_ref(), true, false)?;
        self.start_sending(&start)?;
        Ok(start.link)
    }

    /// Emits here what others emit: each message that arrives at `subject`, until the link ends, is emitted by `signal`.
    ///
    /// Slots are called on a thread that belongs to this link, one message after the other. One that blocks stops this
    /// link, and nothing else. One that panics ends its emission, as ever; the panic is counted and reported, and the link
    /// goes on. What they are called with, [`Delivery::current`](crate::Delivery::current) tells.
    ///
    /// The server knows of the link a little later. To be sure that nothing is missed from now on, wait for
    /// [`flush`](Self::flush).
    ///
    /// # Errors
    ///
    /// As for [`send`](Self::send), and if the operating system has no more threads.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use smoke_signal::Signal;
    /// use smoke_signal_nats::Loopback;
    ///
    /// # futures_executor::block_on(async {
    /// static HERE: Signal<(String,)> = Signal::new();
    /// static THERE: Signal<(String,)> = Signal::new();
    ///
    /// let loopback = Loopback::new();
    /// let (here, there) = (loopback.bridge(), loopback.bridge());
    /// let _heard = here.receive(&HERE, "chat.line.v1").unwrap();
    /// let _said = there.send(&THERE, "chat.line.v1").unwrap();
    /// here.flush(Duration::from_secs(30)).await.unwrap();
    ///
    /// let (heard, lines) = std::sync::mpsc::channel();
    /// HERE.connect(move |line| heard.send(line).unwrap());
    /// THERE.emit("hello".to_owned());
    /// assert_eq!(lines.recv().unwrap(), "hello");
    /// # });
    /// ```
    pub fn receive<A>(
        &self,
        signal: impl Linkable<Args = A>,
        subject: impl AsRef<str>,
    ) -> Result<Link, LinkError>
    where
        A: for<'a> Args<In<'a> = A> + DeserializeOwned,
    {
        let start = self.link(signal.hold(), subject.as_ref(), false, true)?;
        self.start_receiving(&start)?;
        Ok(start.link)
    }

    /// [`send`](Self::send) and [`receive`](Self::receive) as one link: processes that share a signal hear each other.
    ///
    /// # Errors
    ///
    /// As for [`receive`](Self::receive).
    pub fn share<A>(
        &self,
        signal: impl Linkable<Args = A>,
        subject: impl AsRef<str>,
    ) -> Result<Link, LinkError>
    where
        A: for<'a> Args<In<'a> = A> + Serialize + DeserializeOwned,
    {
        let start = self.link(signal.hold(), subject.as_ref(), true, true)?;
        self.start_receiving(&start)?;
        self.start_sending(&start)?;
        Ok(start.link)
    }

    /// What has been counted so far.
    ///
    /// ```
    /// let bridge = smoke_signal_nats::Loopback::new().bridge();
    /// assert_eq!(bridge.stats().sent, 0);
    /// ```
    pub fn stats(&self) -> Stats {
        self.shared.counters.stats(self.shared.outbox.len())
    }

    /// The origin of what this bridge sends.
    pub fn origin(&self) -> Origin {
        self.shared.origin
    }

    /// Waits until the server has everything that was emitted before, with a durable bridge on its disk, and knows of all
    /// links that were made before. Waits for a connection if there is none.
    ///
    /// # Errors
    ///
    /// If that takes longer than `timeout`. Nothing is dropped then: the bridge goes on.
    pub async fn flush(&self, timeout: Duration) -> Result<(), Unfinished> {
        self.ask(|answer| Command::Flush(timeout, answer)).await
    }

    /// Ends all links and closes the connection. Emissions no longer go out from now on, and nothing more is received. What
    /// is queued is sent, and what has been received is delivered, as far as `timeout` allows; nothing is delivered after
    /// that. Waits for a connection if there is none and something is queued.
    ///
    /// Called by a slot of this bridge, it waits for that slot until the time is over. A bridge that has been closed can be
    /// closed again, without effect.
    ///
    /// # Errors
    ///
    /// If something is left when the time is over. It is lost, except that a durable bridge receives again what it has not
    /// delivered.
    pub async fn close(&self, timeout: Duration) -> Result<(), Unfinished> {
        self.shared.stop_sending();
        self.ask(|answer| Command::Close(timeout, answer)).await
    }

    async fn ask(
        &self,
        command: impl FnOnce(crate::transport::Answer) -> Command,
    ) -> Result<(), Unfinished> {
        let (answer, answered) = oneshot::channel();
        // If the thread has ended, the question comes back, and with it the answer is dropped.
        drop(self.commands.send(command(answer)));
        if let Ok(result) = answered.await {
            return result;
        }
        match self.shared.outbox.len() as u64 {
            0 => Ok(()),
            unsent => Err(Unfinished {
                unsent,
                undelivered: 0,
                disconnected: true,
            }),
        }
    }
}

impl<C: Codec> Drop for Bridge<C> {
    fn drop(&mut self) {
        self.shared.end_all();
        // An error means that it has been closed.
        let _closed = self.commands.send(Command::Stop);
    }
}

impl<C: Codec> fmt::Debug for Bridge<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bridge")
            .field("origin", &self.shared.origin)
            .finish_non_exhaustive()
    }
}
