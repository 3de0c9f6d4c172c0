//! Takes messages from the connection and hands them to the thread that delivers them.

use std::collections::{BTreeSet, VecDeque};
use std::future::ready;
use std::mem;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::time::{MissedTickBehavior, interval};

use crate::problem::ProblemKind;
use crate::shared::{Settings, Shared};
use crate::transport::{Fault, Feed, Incoming, Session, Source, Ticket, Verdict};

/// How long to wait before the server is asked again after it has refused to deliver.
const PATIENCE: Duration = Duration::from_millis(500);

/// How many messages are taken before a verdict, the end, or the time is looked at.
const BATCH: usize = 64;

/// What is left of a feed.
#[derive(PartialEq, Eq)]
enum Taken {
    Some,
    All,
}

/// The end of a receiving link on the bridge's own thread. It outlives connections.
#[derive(Debug)]
pub(crate) struct Inlet {
    source: Source,
    /// To the thread that delivers. `None`: nothing more is received.
    inbox: Option<mpsc::Sender<Vec<Incoming>>>,
    /// What has come and is to be handed over at once. It stays here if the connection is lost meanwhile.
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
        settings: &Settings,
    ) -> Self {
        Self {
            source,
            inbox: Some(inbox),
            come: Vec::new(),
            verdicts,
            held: Vec::new(),
            open: BTreeSet::new(),
            told: VecDeque::new(),
            prefetch: settings.prefetch as usize,
            tick: settings.ack_wait / 3,
            subscribed: Arc::new(watch::Sender::new(false)),
        }
    }

    /// Runs until the thread that delivers has ended, or until the connection is lost, and then says why. If `stop`
    /// becomes true, takes no more messages than have been received, and waits for the verdicts on them.
    pub(crate) async fn read<S: Session>(
        &mut self,
        session: &S,
        shared: &Shared,
        mut stop: watch::Receiver<bool>,
    ) -> Result<(), String> {
        loop {
            match self.follow(session, shared, &mut stop).await {
                Ok(()) => return Ok(()),
                Err(Fault::Lost(why)) => return Err(why),
                Err(Fault::TooLarge) => {}
                Err(Fault::Refused(why)) => {
                    let detail = format!("the server does not deliver: {why}");
                    shared.report(ProblemKind::Server, Some(&self.source.subject), detail);
                    tokio::time::sleep(PATIENCE).await;
                }
            }
        }
    }

    async fn follow<S: Session>(
        &mut self,
        session: &S,
        shared: &Shared,
        stop: &mut watch::Receiver<bool>,
    ) -> Result<(), Fault> {
        self.hand_over(shared).await; // what had come when the last connection was lost
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
                    self.take(incoming?, &mut feed, shared).await?;
                }
            }
        }
    }

    /// Takes what has come, and what else is there already: to look at everything else after each message would take
    /// longer than the message, and the thread that delivers would be woken for each.
    async fn take(
        &mut self,
        first: Option<Incoming>,
        feed: &mut impl Feed,
        shared: &Shared,
    ) -> Result<(), Fault> {
        let taken = self.take_ready(first, feed, shared).await;
        self.hand_over(shared).await;
        if taken? == Taken::All {
            self.inbox = None;
        }
        Ok(())
    }

    async fn take_ready(
        &mut self,
        first: Option<Incoming>,
        feed: &mut impl Feed,
        shared: &Shared,
    ) -> Result<Taken, Fault> {
        let mut next = Some(first);
        let mut left = BATCH;
        while let Some(incoming) = next {
            let Some(incoming) = incoming else {
                return Ok(Taken::All);
            };
            match &incoming.ticket {
                None => {
                    shared.undelivered.add(1);
                    self.come.push(incoming);
                }
                Some(ticket) if self.is_done(ticket) => {
                    shared.counters.duplicates.add(1);
                    feed.settle(ticket, Verdict::Done).await?;
                }
                Some(ticket) => {
                    let ticket = ticket.clone();
                    self.offer(incoming, ticket, shared);
                }
            }
            left -= 1;
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
    async fn hand_over(&mut self, shared: &Shared) {
        if self.come.is_empty() {
            return;
        }
        if let Some(inbox) = &self.inbox
            && let Ok(room) = inbox.reserve().await
        {
            room.send(mem::take(&mut self.come));
        }
        shared.undelivered.subtract(self.come.len() as u64); // if the thread has ended
        self.come.clear();
    }

    /// Hands a message with a ticket to the thread that delivers. If it does not fit, it is delivered again: no verdict is
    /// told.
    fn offer(&mut self, incoming: Incoming, ticket: Ticket, shared: &Shared) {
        let Some(inbox) = &self.inbox else { return };
        shared.undelivered.add(1);
        if inbox.try_send(vec![incoming]).is_ok() {
            self.open.insert(ticket.position);
            self.held.push(ticket);
        } else {
            shared.undelivered.subtract(1);
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
