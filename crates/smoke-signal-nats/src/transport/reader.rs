//! Takes messages from the connection and hands them to the thread that delivers them.

use std::collections::{BTreeSet, VecDeque};
use std::future::ready;
use std::mem;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::time::{MissedTickBehavior, interval};

use crate::problem::ProblemKind;
use crate::shared::Shared;
use crate::transport::{Fault, Feed, Incoming, Session, Source, Ticket, Verdict};

/// How long to wait before the server is asked again after it has refused to deliver.
const PATIENCE: Duration = Duration::from_millis(500);

/// How many emissions are taken, or a few more, before a verdict, the end, or the time is looked at.
const BATCH: u64 = 128;

/// What is left of a feed.
#[derive(PartialEq, Eq)]
enum Taken {
    Some,
    All,
}

/// The end of a receiving link on the bridge's own thread. It outlives connections.
#[derive(Debug)]
pub(crate) struct Inlet {
    shared: Arc<Shared>,
    source: Source,
    /// To the thread that delivers. `None`: nothing more is received.
    inbox: Option<mpsc::Sender<Vec<Incoming>>>,
    /// What has come and is to be handed over at once, its emissions counted as undelivered. It stays here if the connection is lost
    /// meanwhile.
    come: Vec<Incoming>,
    /// From that thread. Ends when the thread does.
    verdicts: mpsc::UnboundedReceiver<(Ticket, Verdict)>,
    /// Handed to that thread, and without a verdict.
    held: Vec<Ticket>,
    /// The positions of messages that are to be delivered, or to be delivered again.
    open: BTreeSet<u64>,
    /// The last final verdicts, which may not have reached the server: as many as may be without one there.
    told: VecDeque<(Ticket, Verdict)>,
    prefetch: usize,
    /// How often the server is told that somebody is at it.
    tick: Duration,
    /// Whether the server knows of the subscription.
    pub(crate) subscribed: Arc<watch::Sender<bool>>,
}

impl Inlet {
    pub(crate) fn new(
        source: Source,
        inbox: mpsc::Sender<Vec<Incoming>>,
        verdicts: mpsc::UnboundedReceiver<(Ticket, Verdict)>,
        shared: Arc<Shared>,
    ) -> Self {
        let settings = &shared.settings;
        let (prefetch, tick) = (settings.prefetch as usize, settings.ack_wait / 3);
        Self {
            shared,
            source,
            inbox: Some(inbox),
            come: Vec::new(),
            verdicts,
            held: Vec::new(),
            open: BTreeSet::new(),
            told: VecDeque::new(),
            prefetch,
            tick,
            subscribed: Arc::new(watch::Sender::new(false)),
        }
    }

    /// Runs until the thread that delivers has ended, or until the connection is lost, and then says why. If `stop`
    /// becomes true, takes no more messages than have been received, and waits for the verdicts on them.
    pub(crate) async fn read<S: Session>(
        &mut self,
        session: &S,
        mut stop: watch::Receiver<bool>,
    ) -> Result<(), String> {
        loop {
            match self.follow(session, &mut stop).await {
                Ok(()) => return Ok(()),
                Err(Fault::Lost(why)) => return Err(why),
                Err(Fault::TooLarge) => {}
                Err(Fault::Refused(why)) => {
                    let detail = format!("the server does not deliver: {why}");
                    self.shared
                        .report(ProblemKind::Server, Some(&self.source.subject), detail);
                    tokio::time::sleep(PATIENCE).await;
                }
            }
        }
    }

    async fn follow<S: Session>(
        &mut self,
        session: &S,
        stop: &mut watch::Receiver<bool>,
    ) -> Result<(), Fault> {
        self.hand_over().await; // what had come when the last connection was lost
        if *stop.borrow() {
            self.inbox = None;
        }
        let mut feed = session.subscribe(&self.source).await?;
        self.subscribed.send_replace(true);
        for (ticket, verdict) in self.told.clone() {
            feed.settle(&ticket, verdict).await?;
        }
        let mut ticks = interval(self.tick);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut is_drained = false;
        loop {
            if !is_drained && *stop.borrow_and_update() {
                is_drained = true;
                feed.drain().await?;
            }
            tokio::select! {
                biased;
                verdict = self.verdicts.recv() => match verdict {
                    Some((ticket, verdict)) => self.tell(&mut feed, ticket, verdict).await?,
                    None => return Ok(()),
                },
                changed = stop.changed() => if changed.is_err() { return Ok(()) },
                _ = ticks.tick(), if !self.held.is_empty() => {
                    for ticket in &self.held {
                        feed.settle(ticket, Verdict::Working).await?;
                    }
                }
                incoming = feed.next(), if self.inbox.is_some() => {
                    self.take(incoming?, &mut feed).await?;
                }
            }
        }
    }

    /// Takes what has come, and what else is there already: to look at everything else after each message would take
    /// longer than the message, and the thread that delivers would be woken for each.
    async fn take(&mut self, first: Option<Incoming>, feed: &mut impl Feed) -> Result<(), Fault> {
        let taken = self.take_ready(first, feed).await;
        self.shared.undelivered.add(emissions(&self.come));
        self.hand_over().await;
        if taken? == Taken::All {
            self.inbox = None;
        }
        Ok(())
    }

    async fn take_ready(
        &mut self,
        first: Option<Incoming>,
        feed: &mut impl Feed,
    ) -> Result<Taken, Fault> {
        let mut next = Some(first);
        let mut left = BATCH;
        while let Some(incoming) = next {
            let Some(incoming) = incoming else {
                return Ok(Taken::All);
            };
            match &incoming.ticket {
                None => {
                    left = left.saturating_sub(incoming.emissions());
                    self.come.push(incoming);
                }
                Some(ticket) if self.is_done(ticket) => {
                    self.shared.counters.duplicates.add(1);
                    feed.settle(ticket, Verdict::Done).await?;
                    left -= 1;
                }
                Some(ticket) => {
                    let ticket = Ticket::clone(ticket);
                    self.offer(incoming, ticket);
                    left -= 1;
                }
            }
            next = tokio::select! {
                biased;
                incoming = feed.next(), if left > 0 => Some(incoming?),
                () = ready(()) => None,
            };
        }
        Ok(Taken::Some)
    }

    /// Whether the server has forgotten that a message is done. One that was killed may have forgotten a lot.
    fn is_done(&self, ticket: &Ticket) -> bool {
        self.source.done >= Some(ticket.position) && !self.open.contains(&ticket.position)
    }

    /// Hands what has come to the thread that delivers. Waits while slots are slow. The client drops what comes meanwhile
    /// and does not fit into its own buffer.
    async fn hand_over(&mut self) {
        if self.come.is_empty() {
            return;
        }
        if let Some(inbox) = &self.inbox
            && let Ok(room) = inbox.reserve().await
        {
            room.send(mem::take(&mut self.come));
        }
        self.shared.undelivered.subtract(emissions(&self.come)); // if the thread has ended
        self.come.clear();
    }

    /// Hands a message with a ticket to the thread that delivers. If it does not fit, it is delivered again: no verdict is
    /// told.
    fn offer(&mut self, incoming: Incoming, ticket: Ticket) {
        let Some(inbox) = &self.inbox else { return };
        let emissions = incoming.emissions();
        self.shared.undelivered.add(emissions);
        if inbox.try_send(vec![incoming]).is_ok() {
            self.open.insert(ticket.position);
            self.held.push(ticket);
        } else {
            self.shared.undelivered.subtract(emissions);
        }
    }

    async fn tell(
        &mut self,
        feed: &mut impl Feed,
        ticket: Ticket,
        verdict: Verdict,
    ) -> Result<(), Fault> {
        self.held.retain(|held| *held != ticket);
        if matches!(verdict, Verdict::Done | Verdict::Never) {
            self.open.remove(&ticket.position);
            let before = self.open.first().map_or(ticket.position, |first| first - 1);
            self.source.done = self.source.done.max(Some(before));
            if self.told.len() == self.prefetch {
                self.told.pop_front();
            }
            self.told.push_back((ticket.clone(), verdict));
        }
        feed.settle(&ticket, verdict).await
    }
}

/// If the link ends while a batch waits to be handed over, nobody will.
impl Drop for Inlet {
    fn drop(&mut self) {
        self.shared.undelivered.subtract(emissions(&self.come));
    }
}

fn emissions(messages: &[Incoming]) -> u64 {
    messages.iter().map(Incoming::emissions).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builder::Builder;
    use crate::outbox::Outgoing;
    use std::cell::RefCell;
    use std::future::{Pending, pending, poll_fn};
    use std::pin::pin;
    use std::rc::Rc;
    use std::task::Poll;
    use std::time::SystemTime;

    /// Connections to a server that has these messages for whoever subscribes next.
    #[derive(Clone, Default)]
    struct Server(Rc<RefCell<VecDeque<u8>>>);

    impl Session for Server {
        type Receipt = Pending<Result<(), Fault>>;
        type Feed = Self;

        async fn publish(&self, _: &Outgoing) -> Result<Option<Self::Receipt>, Fault> {
            Ok(None)
        }

        async fn subscribe(&self, _: &Source) -> Result<Self, Fault> {
            Ok(self.clone())
        }

        async fn flush(&self) -> Result<(), Fault> {
            Ok(())
        }

        async fn lost(&self) -> String {
            pending().await
        }
    }

    impl Feed for Server {
        async fn next(&mut self) -> Result<Option<Incoming>, Fault> {
            let Some(byte) = self.0.borrow_mut().pop_front() else {
                return pending().await;
            };
            Ok(Some(Incoming {
                bytes: vec![byte].into(),
                attempt: 1,
                ticket: None,
            }))
        }

        async fn drain(&mut self) -> Result<(), Fault> {
            Ok(())
        }

        async fn settle(&mut self, _: &Ticket, _: Verdict) -> Result<(), Fault> {
            Ok(())
        }
    }

    /// A link whose thread has room for one batch.
    struct Link {
        shared: Arc<Shared>,
        server: Server,
        inlet: Inlet,
        messages: mpsc::Receiver<Vec<Incoming>>,
        _verdicts: mpsc::UnboundedSender<(Ticket, Verdict)>,
    }

    impl Link {
        fn new() -> Self {
            let shared = Arc::new(Shared::new(Builder::new().settings));
            let (inbox, messages) = mpsc::channel(1);
            let (verdicts, told) = mpsc::unbounded_channel();
            let source = Source {
                subject: "a".into(),
                since: SystemTime::now(),
                done: None,
            };
            Self {
                inlet: Inlet::new(source, inbox, told, Arc::clone(&shared)),
                shared,
                server: Server::default(),
                messages,
                _verdicts: verdicts,
            }
        }

        /// Reads these messages on a connection that is lost when nothing more happens.
        async fn read(&mut self, messages: impl IntoIterator<Item = u8>) {
            self.server.0.borrow_mut().extend(messages);
            let (_keep, stop) = watch::channel(false);
            let mut reading = pin!(self.inlet.read(&self.server, stop));
            // More often than there are batches and other reasons to give way.
            for _ in 0..100 {
                let polled = poll_fn(|context| Poll::Ready(reading.as_mut().poll(context))).await;
                assert!(polled.is_pending());
                tokio::task::yield_now().await;
            }
        }

        /// What the thread finds.
        fn found(&mut self) -> Vec<u8> {
            let batch = self.messages.try_recv().unwrap_or_default();
            self.shared.undelivered.subtract(batch.len() as u64);
            batch.iter().map(|incoming| incoming.bytes[0]).collect()
        }
    }

    fn run(test: impl Future<Output = ()>) {
        let builder = &mut tokio::runtime::Builder::new_current_thread();
        builder.enable_time().build().unwrap().block_on(test);
    }

    #[test]
    fn a_batch_that_does_not_fit_is_handed_over_by_the_next_connection_and_once() {
        run(async {
            let mut link = Link::new();
            link.read(0..3).await;
            link.read(3..6).await; // waits with these
            assert_eq!(link.shared.undelivered.get(), 6);
            link.read(6..9).await; // waits with the same, and takes no more
            assert_eq!(link.shared.undelivered.get(), 6);
            assert_eq!(link.found(), [0, 1, 2]);
            link.read(9..12).await; // hands them over, and waits with the rest
            assert_eq!(link.found(), [3, 4, 5]);
            link.read([]).await;
            assert_eq!(link.found(), [6, 7, 8, 9, 10, 11]);
            assert!(link.found().is_empty());
            assert_eq!(link.shared.undelivered.get(), 0);
        });
    }

    #[test]
    fn a_batch_that_waits_is_no_longer_counted_if_its_link_ends() {
        run(async {
            let mut link = Link::new();
            link.read(0..3).await;
            link.read(3..6).await;
            let Link {
                shared,
                inlet,
                mut messages,
                ..
            } = link;
            drop(inlet);
            assert_eq!(shared.undelivered.get(), 3);
            assert_eq!(messages.recv().await.map(|batch| batch.len()), Some(3));
            assert!(messages.recv().await.is_none());
        });
    }

    #[test]
    fn a_batch_that_waits_is_no_longer_counted_if_the_thread_ends() {
        run(async {
            let mut link = Link::new();
            link.read(0..3).await;
            link.read(3..6).await;
            link.messages.close();
            assert_eq!(link.found(), [0, 1, 2]);
            link.read(6..9).await;
            assert_eq!(link.shared.undelivered.get(), 0);
            assert!(link.found().is_empty());
        });
    }
}
