//! How a link is made.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread;
use std::time::SystemTime;

use serde::Serialize;
use serde::de::DeserializeOwned;
use smoke_signal::Args;
use tokio::sync::mpsc;

use crate::bridge::Bridge;
use crate::codec::Codec;
use crate::current::Path;
use crate::delivery::Deliverer;
use crate::error::LinkError;
use crate::intake::Intake;
use crate::link::Link;
use crate::outbox::Line;
use crate::sender::Sender;
use crate::shared::{Active, LinkId};
use crate::signal::Held;
use crate::subject;
use crate::transport::{Command, Inlet, Source};
use crate::wire;

/// How many messages, or batches of messages without a verdict, wait for the slots of one link. While they do, more wait in
/// the client.
const INBOX: usize = 1024;

/// A link that is being made.
pub(crate) struct Start<A: Args> {
    id: LinkId,
    pub(crate) link: Link,
    signal: Held<A>,
    line: Arc<Line>,
    path: Path,
    ended: Arc<AtomicBool>,
}

impl<C: Codec> Bridge<C> {
    /// Adds a link that neither sends nor receives yet.
    pub(crate) fn link<A: Args>(
        &self,
        signal: Held<A>,
        subject: &str,
        sends: bool,
        receives: bool,
    ) -> Result<Start<A>, LinkError> {
        subject::check(subject)?;
        let line = self.shared.outbox.line(subject);
        let path = Path {
            bridge: self.shared.origin,
            line: line.index,
            signal: signal.address(),
        };
        let ended = receives.then(Arc::<AtomicBool>::default);
        let id = self.shared.add_link(Active {
            ends: (path.signal, path.line),
            sends,
            slot: None,
            receives: ended.clone(),
            _signal: signal.keep(),
        })?;
        Ok(Start {
            id,
            link: Link::new(&self.shared, self.commands.clone(), id),
            signal,
            line,
            path,
            ended: ended.unwrap_or_default(),
        })
    }

    /// Connects the slot that sends.
    pub(crate) fn start_sending<A>(&self, start: &Start<A>) -> Result<(), LinkError>
    where
        A: for<'a> Args<In<'a> = A> + Serialize,
    {
        let mut head = Vec::new();
        wire::begin(&mut head, self.shared.origin, 0, C::NAME);
        let sender = Sender {
            head,
            shared: Arc::clone(&self.shared),
            line: Arc::clone(&start.line),
            path: start.path,
            codec: self.codec.clone(),
        };
        let signal = start.signal.get();
        // Before all other slots: none of them must have emitted again when it looks whether this emission came from
        // outside.
        let first = signal.options().group(i32::MIN).first();
        let slot = first.connect_tuple(move |args: A| sender.send(&args));
        self.shared.set_slot(start.id, signal.scoped(slot))
    }

    /// Starts the thread that delivers, and subscribes.
    pub(crate) fn start_receiving<A>(&self, start: &Start<A>) -> Result<(), LinkError>
    where
        A: for<'a> Args<In<'a> = A> + DeserializeOwned,
    {
        let settings = &self.shared.settings;
        let (inbox, messages) = mpsc::channel(INBOX);
        let (verdicts, told) = mpsc::unbounded_channel();
        let source = Source {
            subject: Arc::clone(&start.line.subject),
            since: SystemTime::now(),
            done: None,
        };
        let deliverer = Deliverer {
            signal: start.signal.clone(),
            codec: self.codec.clone(),
            line: Arc::clone(&start.line),
            path: start.path,
            intake: Intake::new(
                self.shared.origin,
                C::NAME,
                settings.max_message,
                settings.hop_limit,
            ),
            shared: Arc::clone(&self.shared),
            ended: Arc::clone(&start.ended),
            verdicts,
        };
        thread::Builder::new()
            .name(start.line.subject.to_string())
            .spawn(move || deliverer.run(messages))
            .map_err(|_| LinkError::Thread)?;
        let inlet = Inlet::new(source, inbox, told, Arc::clone(&self.shared));
        self.commands
            .send(Command::Add(start.id, inlet))
            .map_err(|_| LinkError::Closed)
    }
}
