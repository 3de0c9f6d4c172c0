//! Settings for a bridge.

use std::fmt;
use std::time::Duration;

use crate::bridge::Bridge;
use crate::codec::{Codec, Json};
#[cfg(feature = "nats")]
use crate::error::ConnectError;
use crate::loopback::Loopback;
use crate::outbox::WhenFull;
use crate::problem::{Problem, Reporter};
use crate::shared::{Settings, Shared};
use crate::transport::Transport;
use crate::wire;

/// Settings for a [`Bridge`]. Created by [`Bridge::builder`].
///
/// ```
/// use smoke_signal_nats::{Bridge, Loopback, WhenFull};
///
/// let bridge = Bridge::builder()
///     .capacity(100_000)
///     .when_full(WhenFull::Block)
///     .on_problem(|problem| eprintln!("{problem}"))
///     .loopback(&Loopback::new());
/// ```
#[must_use = "a builder does nothing until it connects"]
#[derive(Clone)]
pub struct Builder<C: Codec = Json> {
    codec: C,
    pub(crate) settings: Settings,
    name: Option<String>,
    #[cfg(feature = "nats")]
    options: async_nats::ConnectOptions,
}

impl Builder {
    pub(crate) fn new() -> Self {
        Self {
            codec: Json,
            settings: Settings {
                capacity: 10_000,
                when_full: WhenFull::Refuse,
                max_message: 1024 * 1024,
                hop_limit: 8,
                prefetch: 1,
                deliveries: 5,
                ack_wait: Duration::from_secs(5),
                reporter: Reporter::default(),
            },
            name: None,
            #[cfg(feature = "nats")]
            options: async_nats::ConnectOptions::new(),
        }
    }
}

impl<C: Codec> Builder<C> {
    /// How many emissions the outgoing queue holds; 10 000 unless set. Each takes the size of its message, and about 150
    /// bytes.
    pub fn capacity(mut self, emissions: usize) -> Self {
        self.settings.capacity = emissions.max(1);
        self
    }

    /// What an emission does if the outgoing queue is full; [`WhenFull::Refuse`] unless set.
    ///
    /// Set [`WhenFull::Block`] for a durable bridge of a program that would rather wait than lose an emission.
    pub fn when_full(mut self, policy: WhenFull) -> Self {
        self.settings.when_full = policy;
        self
    }

    /// The largest message of one emission, in bytes, that is sent or accepted; 1 MiB unless set. The first line takes about
    /// 70 of them. A server has a limit of its own, 1 MiB unless it is configured.
    pub fn max_message(mut self, bytes: usize) -> Self {
        self.settings.max_message = bytes;
        self
    }

    /// How many bridges may send on an emission after the first; 8 unless set. Two processes that forward each other's
    /// signals in a circle, over several subjects, stop after so many rounds.
    ///
    /// An emission by a slot that a message has called, on its thread, counts as that message sent on. So does a reply to a
    /// reply: set a higher limit for processes that converse.
    pub fn hop_limit(mut self, bridges: u8) -> Self {
        self.settings.hop_limit = bridges;
        self
    }

    /// Is called with what goes wrong. Without it, problems are logged with `tracing` at the level WARN.
    ///
    /// It is called by the thread that notices: one of the bridge's own, or one that emits. No lock is held. If it blocks,
    /// so does the connection, or the emission; if it panics, the panic is ignored.
    pub fn on_problem(mut self, hook: impl Fn(&Problem) + Send + Sync + 'static) -> Self {
        self.settings.reporter = Reporter::new(hook);
        self
    }

    /// How arguments are written as bytes; [`Json`] unless set.
    pub fn codec<D: Codec>(self, codec: D) -> Builder<D> {
        const {
            assert!(
                wire::is_codec(D::NAME.as_bytes()),
                "the name of a codec is 1 to 16 of a to z, 0 to 9 and -"
            );
        }
        Builder {
            codec,
            settings: self.settings,
            name: self.name,
            #[cfg(feature = "nats")]
            options: self.options,
        }
    }

    /// For a durable bridge: what this process is called, in all its lives. Letters, digits, `-` and `_`.
    ///
    /// Its consumers at the server are named after it and the subject, `billing-shop-order-v1` for example, and outlive the
    /// bridge: a process that starts again with the same name receives what it has not finished, and what was emitted
    /// meanwhile. A name that is not used any more should be deleted from the stream (`nats consumer rm`).
    ///
    /// Two processes that run at the same time must have different names, or each receives a part, and neither what the
    /// other sends. Without a name, the bridge receives what is emitted from now on; its consumers are deleted by the
    /// server an hour after it has gone.
    #[cfg(feature = "nats")]
    #[cfg_attr(docsrs, doc(cfg(feature = "nats")))]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// For a durable bridge: how often a message is delivered whose slots panic, or in whose midst the process ends, before
    /// it is set aside and reported; 5 times unless set. The pauses between grow from 0.1 to 10 seconds.
    ///
    /// A message that is set aside stays in the stream, at the position that is reported.
    #[cfg(feature = "nats")]
    #[cfg_attr(docsrs, doc(cfg(feature = "nats")))]
    pub fn deliveries(mut self, times: u64) -> Self {
        self.settings.deliveries = times.max(1);
        self
    }

    /// For a durable bridge: how long the server waits for the word that a message is being worked on, before it delivers
    /// it again; 5 seconds unless set. The bridge gives that word three times as often, however long slots run. So this is
    /// how long a message waits whose process was killed.
    #[cfg(feature = "nats")]
    #[cfg_attr(docsrs, doc(cfg(feature = "nats")))]
    pub fn ack_wait(mut self, pause: Duration) -> Self {
        self.settings.ack_wait = pause.max(Duration::from_millis(100));
        self
    }

    /// For a durable bridge: how many messages of a link the server may deliver before the first of them is acknowledged;
    /// 1 unless set.
    ///
    /// With 1, order holds always. With more, throughput no longer depends on the time to the server, but a message that
    /// is delivered again, after a panic or a crash, comes after some that were emitted later.
    #[cfg(feature = "nats")]
    #[cfg_attr(docsrs, doc(cfg(feature = "nats")))]
    pub fn prefetch(mut self, messages: u32) -> Self {
        self.settings.prefetch = messages.clamp(1, 1024);
        self
    }

    /// How to connect: credentials, certificates, timeouts, the name that the server shows. Handed through to `async-nats`.
    /// For `NKeys` and files of credentials, enable its feature `nkeys`.
    ///
    /// The bridge itself sets `no_echo`, `reconnect_delay_callback` and `event_callback`.
    ///
    /// ```no_run
    /// use async_nats::ConnectOptions;
    /// use smoke_signal_nats::Bridge;
    ///
    /// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
    /// let options = ConnectOptions::with_user_and_password("shop".into(), std::env::var("PASSWORD")?)
    ///     .require_tls(true)
    ///     .add_root_certificates("ca.pem".into());
    /// let bridge = Bridge::builder().connect_options(options).connect("nats.example.com").await?;
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(feature = "nats")]
    #[cfg_attr(docsrs, doc(cfg(feature = "nats")))]
    pub fn connect_options(mut self, options: async_nats::ConnectOptions) -> Self {
        self.options = options;
        self
    }

    /// A bridge to the others of a [`Loopback`].
    ///
    /// # Panics
    ///
    /// If the operating system has no more threads.
    pub fn loopback(self, loopback: &Loopback) -> Bridge<C> {
        self.over(|_| loopback.transport())
    }

    /// A bridge over a transport that connects at once, or will by and by.
    pub(crate) fn over<T: Transport>(self, transport: impl FnOnce(&Shared) -> T) -> Bridge<C> {
        match Bridge::start(Shared::new(self.settings), self.codec, transport) {
            Ok((bridge, _)) => bridge,
            Err(error) => panic!("no thread for a bridge: {error}"),
        }
    }

    /// Connects with the core protocol of NATS. `url` is the address of a server, such as `nats://127.0.0.1:4222`, or of
    /// several of one cluster, with commas between.
    ///
    /// Returns after the first attempt, even if nobody has answered. Then, and whenever the connection is lost, the bridge
    /// tries again by itself; meanwhile emissions wait in the queue.
    ///
    /// # Errors
    ///
    /// If trying again would not help: the address is none, the server refuses the credentials, or its certificate cannot
    /// be trusted. Once the bridge exists, these are reported instead, and it tries again, because a server may be in the
    /// midst of a change.
    #[cfg(feature = "nats")]
    #[cfg_attr(docsrs, doc(cfg(feature = "nats")))]
    pub async fn connect(self, url: impl AsRef<str>) -> Result<Bridge<C>, ConnectError> {
        use crate::transport::{nats::Servers, nats_core::Core};

        let servers = Servers::new(url.as_ref(), self.options, self.settings.reporter.clone())?;
        begun(Bridge::start(
            Shared::new(self.settings),
            self.codec,
            |_| Core(servers),
        ))
        .await
    }

    /// Connects with JetStream. What is emitted is stored by `stream`, which is created if it does not exist, and given the
    /// subjects of links if it does not have them. For limits, replicas and so on create it before.
    ///
    /// See [`connect`](Self::connect) for `url` and for what happens without a server.
    ///
    /// # Errors
    ///
    /// As for [`connect`](Self::connect), and if the server has no JetStream, or if `stream` or the name of the bridge has
    /// other characters than letters, digits, `-` and `_`.
    #[cfg(feature = "nats")]
    #[cfg_attr(docsrs, doc(cfg(feature = "nats")))]
    pub async fn durable(
        self,
        url: impl AsRef<str>,
        stream: impl AsRef<str>,
    ) -> Result<Bridge<C>, ConnectError> {
        use crate::origin::Origin;
        use crate::transport::nats::Servers;
        use crate::transport::nats_durable::{Durable, JetStream};

        let stream = stream.as_ref().to_owned();
        for name in self.name.iter().chain([&stream]) {
            if name.is_empty()
                || !name
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
            {
                return Err(ConnectError::new(format!(
                    "not a name of letters, digits, - and _: {name:?}"
                )));
            }
        }
        let servers = Servers::new(url.as_ref(), self.options, self.settings.reporter.clone())?;
        let mut shared = Shared::new(self.settings);
        if let Some(name) = &self.name {
            shared.origin = Origin::of_name(&format!("{stream}.{name}"));
        }
        let durable = Durable {
            stream,
            is_named: self.name.is_some(),
            name: self.name.unwrap_or_else(|| shared.origin.to_string()),
            origin: shared.origin,
            prefetch: shared.settings.prefetch,
            ack_wait: shared.settings.ack_wait,
        };
        begun(Bridge::start(shared, self.codec, |_| JetStream {
            servers,
            durable: durable.into(),
        }))
        .await
    }
}

/// Waits for the first attempt to connect.
#[cfg(feature = "nats")]
async fn begun<C: Codec>(
    started: std::io::Result<(
        Bridge<C>,
        tokio::sync::oneshot::Receiver<Result<(), ConnectError>>,
    )>,
) -> Result<Bridge<C>, ConnectError> {
    let (bridge, first) =
        started.map_err(|error| ConnectError::with_source("no thread for a bridge", error))?;
    match first.await {
        Ok(Ok(())) => Ok(bridge),
        Ok(Err(error)) => Err(error),
        Err(_) => Err(ConnectError::new("the thread of the bridge ended")),
    }
}

impl<C: Codec> fmt::Debug for Builder<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
