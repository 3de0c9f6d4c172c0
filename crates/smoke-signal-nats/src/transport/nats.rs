//! Connects to a NATS server.

use std::error::Error;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_nats::connection::State;
use async_nats::{Client, ConnectErrorKind, ConnectOptions, Event, RequestErrorKind, ServerAddr};
use bytes::Bytes;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use crate::error::ConnectError;
use crate::problem::{ProblemKind, Reporter};
use crate::transport::{Fault, NoConnection};

/// How long a client may take to connect that was told to take all the time it wants.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often a connection is looked at. That it is lost is told as well, but could be overheard.
const LOOK: Duration = Duration::from_secs(1);
/// A client that has lost its connection must not connect again, because what it still has would go out of order. It
/// cannot be told so, but it can be told to wait.
const NEVER: Duration = Duration::from_secs(60 * 60 * 24 * 365);

/// Where servers are, and how to connect.
pub(crate) struct Servers {
    addresses: Vec<ServerAddr>,
    options: ConnectOptions,
    reporter: Reporter,
}

/// A client, and whether it is connected.
#[derive(Clone, Debug)]
pub(crate) struct Connected {
    pub(crate) client: Client,
    lost: watch::Receiver<Option<String>>,
}

impl Servers {
    /// `urls` are one, or several with commas between.
    pub(crate) fn new(
        urls: &str,
        options: ConnectOptions,
        reporter: Reporter,
    ) -> Result<Self, ConnectError> {
        let addresses = urls
            .split(',')
            .map(|url| url.trim().parse())
            .collect::<Result<_, _>>();
        let addresses = addresses.map_err(|error: io::Error| {
            ConnectError::with_source("not an address of a server", error)
        })?;
        Ok(Self {
            addresses,
            options,
            reporter,
        })
    }

    pub(crate) async fn connect(&mut self) -> Result<Connected, NoConnection> {
        let (losing, lost) = watch::channel(None);
        let was_connected = Arc::new(AtomicBool::new(false));
        let again = Arc::clone(&was_connected);
        let reporter = self.reporter.clone();
        let options = self
            .options
            .clone()
            .no_echo()
            .reconnect_delay_callback(move |_| {
                if again.load(Ordering::Relaxed) {
                    NEVER
                } else {
                    Duration::ZERO
                }
            })
            .event_callback(move |event| {
                match event {
                    Event::Disconnected | Event::Closed => {
                        losing.send_replace(Some("the connection was lost".to_owned()));
                    }
                    Event::ServerError(error) => {
                        reporter.report(
                            ProblemKind::Server,
                            None,
                            format!("the server says: {error}"),
                        );
                    }
                    _ => {}
                }
                std::future::ready(())
            });
        let client = options
            .connect(&self.addresses[..])
            .await
            .map_err(|error| classify(&error))?;
        if client.connection_state() == State::Pending {
            let connected = async {
                while client.connection_state() == State::Pending {
                    sleep(Duration::from_millis(10)).await;
                }
            };
            let late = |_| NoConnection::Unreachable("nobody answers".to_owned());
            timeout(PATIENCE, connected).await.map_err(late)?;
        }
        was_connected.store(true, Ordering::Relaxed);
        // Servers that this one knows are asked too the next time.
        for server in client.server_pool().await.unwrap_or_default() {
            if !self.addresses.contains(&server.addr) {
                self.addresses.push(server.addr);
            }
        }
        Ok(Connected { client, lost })
    }
}

fn classify(error: &async_nats::ConnectError) -> NoConnection {
    let source = error
        .source()
        .and_then(|source| source.downcast_ref::<io::Error>());
    let untrusted = source.is_some_and(|source| source.kind() == io::ErrorKind::InvalidData);
    match error.kind() {
        ConnectErrorKind::ServerParse
        | ConnectErrorKind::Authentication
        | ConnectErrorKind::AuthorizationViolation
        | ConnectErrorKind::Tls => NoConnection::Refused(ConnectError::new(error.to_string())),
        ConnectErrorKind::Io if untrusted => {
            NoConnection::Refused(ConnectError::new(error.to_string()))
        }
        _ => NoConnection::Unreachable(error.to_string()),
    }
}

impl Connected {
    pub(crate) fn check(&self) -> Result<(), Fault> {
        match self.client.connection_state() {
            State::Connected => Ok(()),
            _ => Err(Fault::Lost("the connection was lost".to_owned())),
        }
    }

    pub(crate) async fn lost(&self) -> String {
        let mut lost = self.lost.clone();
        loop {
            tokio::select! {
                why = lost.wait_for(Option::is_some) => {
                    return why.ok().and_then(|why| why.clone()).unwrap_or_default();
                }
                () = sleep(LOOK) => if let Err(Fault::Lost(why)) = self.check() { return why },
            }
        }
    }

    /// Asks for something that nobody offers. The server says so after it has seen all that came before.
    pub(crate) async fn round_trip(&self) -> Result<(), Fault> {
        let error = self
            .client
            .request(self.client.new_inbox(), Bytes::new())
            .await
            .err();
        match error.map(|error| error.kind()) {
            None | Some(RequestErrorKind::NoResponders) => Ok(()),
            // A permission may be missing. Then it is in the hands of the operating system, at least.
            Some(RequestErrorKind::TimedOut) => {
                self.check()?;
                self.client
                    .flush()
                    .await
                    .map_err(|error| Fault::Lost(error.to_string()))
            }
            Some(other) => Err(Fault::Lost(other.to_string())),
        }
    }
}
