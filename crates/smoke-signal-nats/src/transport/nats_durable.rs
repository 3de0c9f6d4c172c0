//! JetStream: messages are stored until they are acknowledged.

use std::cell::RefCell;
use std::collections::HashSet;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use async_nats::jetstream::consumer::{AckPolicy, Consumer, DeliverPolicy, pull};
use async_nats::jetstream::context::{ConsumerInfoErrorKind, PublishErrorKind};
use async_nats::jetstream::message::{AckKind, PublishMessage};
use async_nats::jetstream::{Context, Message};
use futures_util::StreamExt;

use crate::error::ConnectError;
use crate::origin::Origin;
use crate::outbox::Outgoing;
use crate::transport::nats::{Connected, Servers};
use crate::transport::nats_core::Subjects;
use crate::transport::nats_stream;
use crate::transport::{
    Fault, Feed, Incoming, NoConnection, Session, Source, Ticket, Transport, Verdict,
};

/// How long a consumer without a name outlives its bridge.
const NAMELESS: Duration = Duration::from_secs(60 * 60);
/// The server says this often that it is there, if there is nothing else to say.
const HEARTBEAT: Duration = Duration::from_secs(2);
/// How often messages are asked for anew, if none come. A server that has forgotten the question is silent that long.
const EXPIRES: Duration = Duration::from_secs(10);
/// How many messages are asked for at once. How many come at once is up to `max_ack_pending`.
const BATCH: usize = 128;

/// What a durable bridge is told.
#[derive(Clone, Debug)]
pub(crate) struct Durable {
    pub(crate) stream: String,
    /// The beginning of the names of its consumers, and whether they are to outlive the bridge.
    pub(crate) name: String,
    pub(crate) is_named: bool,
    pub(crate) origin: Origin,
    pub(crate) prefetch: u32,
    pub(crate) ack_wait: Duration,
}

pub(crate) struct JetStream {
    pub(crate) servers: Servers,
    pub(crate) durable: Arc<Durable>,
}

impl Transport for JetStream {
    type Session = DurableSession;

    async fn connect(&mut self) -> Result<DurableSession, NoConnection> {
        let connected = self.servers.connect().await?;
        let context = async_nats::jetstream::new(connected.client.clone());
        if let Err(error) = nats_stream::find(&context, &self.durable.stream).await {
            return Err(match (connected.check(), error) {
                (Ok(()), Fault::Refused(why)) => NoConnection::Refused(ConnectError::new(format!(
                    "the server has no JetStream: {why}"
                ))),
                (_, fault) => NoConnection::Unreachable(fault.to_string()),
            });
        }
        Ok(DurableSession {
            connected,
            context,
            durable: Arc::clone(&self.durable),
            subjects: Subjects::default(),
            covered: RefCell::default(),
        })
    }
}

pub(crate) struct DurableSession {
    connected: Connected,
    context: Context,
    durable: Arc<Durable>,
    subjects: Subjects,
    /// The lines whose subjects the stream has.
    covered: RefCell<HashSet<usize>>,
}

type Receipt = Pin<Box<dyn Future<Output = Result<(), Fault>>>>;

impl Session for DurableSession {
    type Receipt = Receipt;
    type Feed = DurableFeed;

    async fn publish(&self, message: &Outgoing) -> Result<Option<Receipt>, Fault> {
        self.connected.check()?;
        let line = &message.line;
        if !self.covered.borrow().contains(&line.index) {
            nats_stream::cover(&self.context, &self.durable.stream, &line.subject).await?;
            self.covered.borrow_mut().insert(line.index);
        }
        // The server drops a message whose identity it has seen within two minutes.
        let id = format!(
            "{}.{}.{}",
            self.durable.origin, line.index, message.sequence
        );
        let publish = PublishMessage::build()
            .payload(message.bytes.clone())
            .message_id(id);
        match self
            .context
            .send_publish(self.subjects.get(line), publish)
            .await
        {
            Ok(receipt) => Ok(Some(Box::pin(async move {
                receipt
                    .into_future()
                    .await
                    .map(drop)
                    .map_err(|error| fault(&error))
            }))),
            Err(error) => Err(fault(&error)),
        }
    }

    async fn subscribe(&self, source: &Source) -> Result<DurableFeed, Fault> {
        self.connected.check()?;
        nats_stream::cover(&self.context, &self.durable.stream, &source.subject).await?;
        let consumer = self.consumer(source).await?;
        let messages = consumer
            .stream()
            .max_messages_per_batch(BATCH.max(self.durable.prefetch as usize))
            .heartbeat(HEARTBEAT)
            .expires(EXPIRES)
            .messages()
            .await
            .map_err(|error| Fault::Refused(error.to_string()))?;
        Ok(DurableFeed {
            messages,
            client: self.connected.clone(),
            is_drained: false,
        })
    }

    async fn flush(&self) -> Result<(), Fault> {
        self.connected.round_trip().await
    }

    async fn lost(&self) -> String {
        self.connected.lost().await
    }
}

impl DurableSession {
    /// The consumer of a link. A new one begins with what was stored since the link was made, or, if it has been lost, where
    /// it was.
    async fn consumer(&self, source: &Source) -> Result<Consumer<pull::Config>, Fault> {
        let durable = &self.durable;
        let name = nats_stream::consumer_name(&durable.name, &source.subject);
        let stream = self
            .context
            .get_stream_no_info(&durable.stream)
            .await
            .map_err(refused)?;
        let max_ack_pending = i64::from(durable.prefetch);
        let config = match stream.consumer_info(&name).await {
            Ok(info) => {
                let there = info.config;
                if there.max_ack_pending == max_ack_pending && there.ack_wait == durable.ack_wait {
                    return stream.get_consumer(&name).await.map_err(refused);
                }
                pull::Config {
                    durable_name: there.durable_name,
                    name: there.name,
                    deliver_policy: there.deliver_policy,
                    filter_subject: there.filter_subject,
                    inactive_threshold: there.inactive_threshold,
                    ..pull::Config::default()
                }
            }
            Err(error) if error.kind() == ConsumerInfoErrorKind::NotFound => pull::Config {
                durable_name: Some(name.clone()),
                deliver_policy: match source.done {
                    Some(position) => DeliverPolicy::ByStartSequence {
                        start_sequence: position + 1,
                    },
                    None => since(source.since),
                },
                filter_subject: source.subject.to_string(),
                inactive_threshold: if durable.is_named {
                    Duration::ZERO
                } else {
                    NAMELESS
                },
                ..pull::Config::default()
            },
            Err(error) => return Err(refused(error)),
        };
        let config = pull::Config {
            ack_policy: AckPolicy::Explicit,
            ack_wait: durable.ack_wait,
            max_ack_pending,
            ..config
        };
        stream.create_consumer(config).await.map_err(refused)
    }
}

fn since(time: SystemTime) -> DeliverPolicy {
    let nanos = time
        .duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |since| since.as_nanos());
    let start = i128::try_from(nanos)
        .ok()
        .and_then(|nanos| async_nats::datetime::from_nanos(nanos).ok());
    start.map_or(DeliverPolicy::New, |start_time| {
        DeliverPolicy::ByStartTime { start_time }
    })
}

fn fault(error: &async_nats::jetstream::context::PublishError) -> Fault {
    match error.kind() {
        PublishErrorKind::MaxPayloadExceeded => Fault::TooLarge,
        // Whether it is stored is unknown.
        PublishErrorKind::TimedOut | PublishErrorKind::BrokenPipe => Fault::Lost(error.to_string()),
        _ => Fault::Refused(error.to_string()),
    }
}

fn refused(error: impl std::fmt::Display) -> Fault {
    Fault::Refused(error.to_string())
}

pub(crate) struct DurableFeed {
    messages: pull::Stream,
    client: Connected,
    is_drained: bool,
}

impl Feed for DurableFeed {
    async fn next(&mut self) -> Result<Option<Incoming>, Fault> {
        if self.is_drained {
            return Ok(None);
        }
        match self.messages.next().await {
            Some(Ok(message)) => incoming(message).map(Some),
            Some(Err(error)) => {
                self.client.check()?;
                Err(refused(error))
            }
            None => Err(Fault::Refused("the consumer ended".to_owned())),
        }
    }

    async fn drain(&mut self) -> Result<(), Fault> {
        self.is_drained = true;
        Ok(())
    }

    async fn settle(&mut self, ticket: &Ticket, verdict: Verdict) -> Result<(), Fault> {
        let kind = match verdict {
            Verdict::Done => AckKind::Ack,
            Verdict::Working => AckKind::Progress,
            Verdict::Again(pause) => AckKind::Nak(Some(pause)),
            Verdict::Never => AckKind::Term,
        };
        let told = self
            .client
            .client
            .publish(ticket.reply.clone(), kind.into())
            .await;
        told.map_err(|error| Fault::Lost(error.to_string()))
    }
}

fn incoming(message: Message) -> Result<Incoming, Fault> {
    let info = message.info().map_err(refused)?;
    let (attempt, position) = (
        u64::try_from(info.delivered).unwrap_or(1),
        info.stream_sequence,
    );
    let message = message.message;
    let reply = message
        .reply
        .map(|reply| reply.to_string())
        .unwrap_or_default();
    Ok(Incoming {
        bytes: message.payload,
        attempt,
        ticket: Some(Box::new(Ticket { reply, position })),
    })
}
