//! Takes messages out of the queue and hands them to the connection.

use std::collections::VecDeque;
use std::time::Duration;

use crate::batch;
use crate::outbox::{Outgoing, Taker};
use crate::problem::ProblemKind;
use crate::shared::Shared;
use crate::transport::{Fault, Session};

/// How many messages may be on their way without a receipt.
const FLIGHT: usize = 256;
/// How many are handed over before anything else is looked at.
const BATCH: usize = 1024;
/// How long to wait after the server has refused a message: at first, and at most.
const PATIENCE: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(2));

/// Runs until the connection is lost, and says why. If it ends, or is dropped, what has no receipt is back in the queue.
///
/// Messages are stored in the order of the queue, although many are on their way at once: within one connection they
/// arrive in order, and after a failure everything from the first message without a receipt is sent again, on a new
/// connection. The server drops what it has stored already. Until the first receipt, and after a refusal, one message goes
/// alone, or one could be accepted after its predecessor was refused.
pub(crate) async fn run<S: Session>(session: &S, shared: &Shared) -> String {
    let mut pump = Pump {
        session,
        shared,
        taker: Taker::default(),
        ready: VecDeque::new(),
        flight: VecDeque::new(),
        width: 1,
        alone: false,
        patience: PATIENCE.0,
    };
    loop {
        match pump.step().await {
            Ok(()) => {}
            Err(Fault::Lost(why)) => return why,
            Err(Fault::Refused(why)) => pump.refused(why).await,
            Err(Fault::TooLarge) => pump.too_large(),
        }
    }
}

struct Pump<'s, S: Session> {
    session: &'s S,
    shared: &'s Shared,
    taker: Taker,
    /// Taken out of the queue, and not handed over.
    ready: VecDeque<Outgoing>,
    /// Handed over, and without a receipt.
    flight: VecDeque<(Outgoing, S::Receipt)>,
    /// How many may be in flight.
    width: usize,
    /// The next one shares no message.
    alone: bool,
    patience: Duration,
}

impl<S: Session> Pump<'_, S> {
    async fn step(&mut self) -> Result<(), Fault> {
        if self.ready.is_empty() {
            self.shared.outbox.take(&mut self.taker, &mut self.ready);
        }
        if !self.ready.is_empty() && self.flight.len() < self.width {
            let mut settled = 0;
            let result = self.hand_over(&mut settled).await;
            self.settle(settled);
            tokio::task::yield_now().await;
            return result;
        }
        let is_full = self.flight.len() == self.width;
        let Some((_, receipt)) = self.flight.front_mut() else {
            self.shared.outbox.filled().await;
            return Ok(());
        };
        if is_full {
            receipt.await?;
        } else {
            // More may be handed over meanwhile.
            tokio::select! {
                received = receipt => received?,
                () = self.shared.outbox.filled() => return Ok(()),
            }
        }
        self.flight.pop_front();
        self.settle(1);
        self.width = FLIGHT;
        self.patience = PATIENCE.0;
        Ok(())
    }

    /// Hands over a batch, or as much as may be in flight. Counts what needs no receipt. Nothing waits for company, but
    /// what is there goes out together if the connection has room for that.
    async fn hand_over(&mut self, settled: &mut usize) -> Result<(), Fault> {
        while self.flight.len() < self.width
            && *settled < BATCH
            && let Some(message) = self.ready.front()
        {
            let room = if self.alone { 0 } else { self.session.room() };
            if let Some((joined, count)) = batch::join(&self.ready, room) {
                match self.session.publish(&joined).await {
                    // There is less room than a moment ago.
                    Err(Fault::TooLarge) => self.alone = true,
                    published => {
                        published?;
                        self.ready.drain(..count);
                        *settled += count;
                    }
                }
                continue;
            }
            let receipt = self.session.publish(message).await?;
            self.alone = false;
            let message = self.ready.pop_front();
            match receipt {
                Some(receipt) => self
                    .flight
                    .extend(message.map(|message| (message, receipt))),
                None => *settled += 1,
            }
        }
        Ok(())
    }

    fn settle(&self, count: usize) {
        if count > 0 {
            self.shared.counters.sent.add(count as u64);
            self.shared.outbox.settle(count);
        }
    }

    /// The first message that is not handed over can never be.
    fn too_large(&mut self) {
        self.alone = false;
        if let Some(message) = self.ready.pop_front() {
            self.shared
                .refuse(&message.line, ProblemKind::TooLarge, || {
                    format!(
                        "{} bytes are more than the server accepts",
                        message.bytes.len()
                    )
                });
            self.shared.outbox.settle(1);
        }
    }

    /// Begins again, after some time, with what has no receipt.
    async fn refused(&mut self, why: String) {
        let messages = self.flight.drain(..).map(|(message, _)| message);
        let messages: VecDeque<_> = messages.chain(self.ready.drain(..)).collect();
        self.ready = messages;
        if let Some(message) = self.ready.front() {
            let detail = || format!("the server does not take messages: {why}");
            self.shared
                .report_once(&message.line, ProblemKind::Server, detail);
        }
        self.width = 1;
        tokio::time::sleep(self.patience).await;
        self.patience = PATIENCE.1.min(self.patience * 2);
    }
}

impl<S: Session> Drop for Pump<'_, S> {
    fn drop(&mut self) {
        let flight = self.flight.drain(..).map(|(message, _)| message);
        let messages: Vec<_> = flight.chain(self.ready.drain(..)).collect();
        self.shared.outbox.give_back(messages.into_iter());
    }
}
