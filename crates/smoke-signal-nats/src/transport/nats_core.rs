//! The core protocol of NATS: who listens now hears, and nothing is kept.

use std::cell::RefCell;
use std::future::Pending;

use async_nats::{PublishErrorKind, Subject, Subscriber};
use futures_util::StreamExt;

use crate::outbox::{Line, Outgoing};
use crate::transport::nats::{Connected, Servers};
use crate::transport::{
    Fault, Feed, Incoming, NoConnection, Session, Source, Ticket, Transport, Verdict,
};

pub(crate) struct Core(pub(crate) Servers);

impl Transport for Core {
    type Session = CoreSession;

    async fn connect(&mut self) -> Result<CoreSession, NoConnection> {
        let connected = self.0.connect().await?;
        Ok(CoreSession {
            connected,
            subjects: Subjects::default(),
        })
    }
}

pub(crate) struct CoreSession {
    connected: Connected,
    subjects: Subjects,
}

/// The client's own form of the subject of each line.
#[derive(Default)]
pub(crate) struct Subjects(RefCell<Vec<Option<Subject>>>);

impl Subjects {
    pub(crate) fn get(&self, line: &Line) -> Subject {
        let mut subjects = self.0.borrow_mut();
        if subjects.len() <= line.index {
            subjects.resize(line.index + 1, None);
        }
        subjects[line.index]
            .get_or_insert_with(|| Subject::from(&*line.subject))
            .clone()
    }
}

impl Session for CoreSession {
    type Receipt = Pending<Result<(), Fault>>;
    type Feed = CoreFeed;

    async fn publish(&self, message: &Outgoing) -> Result<Option<Self::Receipt>, Fault> {
        self.connected.check()?;
        let published = self
            .connected
            .client
            .publish(self.subjects.get(&message.line), message.bytes.clone());
        match published.await {
            Ok(()) => Ok(None),
            Err(error) => Err(match error.kind() {
                PublishErrorKind::MaxPayloadExceeded => Fault::TooLarge,
                PublishErrorKind::InvalidSubject => Fault::Refused(error.to_string()),
                PublishErrorKind::Send => Fault::Lost(error.to_string()),
            }),
        }
    }

    fn room(&self) -> usize {
        self.connected.client.max_payload()
    }

    async fn subscribe(&self, source: &Source) -> Result<CoreFeed, Fault> {
        self.connected.check()?;
        let subscriber = self
            .connected
            .client
            .subscribe(source.subject.to_string())
            .await;
        subscriber
            .map(|subscriber| CoreFeed {
                subscriber,
                is_drained: false,
            })
            .map_err(|error| Fault::Lost(error.to_string()))
    }

    async fn flush(&self) -> Result<(), Fault> {
        self.connected.round_trip().await
    }

    async fn lost(&self) -> String {
        self.connected.lost().await
    }
}

pub(crate) struct CoreFeed {
    subscriber: Subscriber,
    is_drained: bool,
}

impl Feed for CoreFeed {
    async fn next(&mut self) -> Result<Option<Incoming>, Fault> {
        match self.subscriber.next().await {
            Some(message) => Ok(Some(Incoming {
                bytes: message.payload,
                attempt: 1,
                ticket: None,
            })),
            None if self.is_drained => Ok(None),
            None => Err(Fault::Lost("the subscription ended".to_owned())),
        }
    }

    async fn drain(&mut self) -> Result<(), Fault> {
        self.is_drained = true;
        let drained = self.subscriber.drain().await;
        drained.map_err(|error| Fault::Lost(error.to_string()))
    }

    async fn settle(&mut self, _: &Ticket, _: Verdict) -> Result<(), Fault> {
        Ok(())
    }
}
