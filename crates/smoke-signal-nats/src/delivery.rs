//! The thread that a receiving link delivers on.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde::de::DeserializeOwned;
use smoke_signal::Args;
use tokio::sync::mpsc;

use crate::codec::Codec;
use crate::current::{self, Delivered, Path};
use crate::discard;
use crate::intake::{Intake, Opened};
use crate::origins::Arrival;
use crate::outbox::Line;
use crate::problem::ProblemKind;
use crate::shared::Shared;
use crate::signal::Held;
use crate::transport::{Incoming, Ticket, Verdict};
use crate::wire::Head;

/// How long to wait before a message is delivered again: after the first panic, and at most.
const AGAIN: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(10));

/// What one link delivers with.
pub(crate) struct Deliverer<A: Args, C> {
    pub(crate) signal: Held<A>,
    pub(crate) codec: C,
    pub(crate) line: Arc<Line>,
    pub(crate) path: Path,
    pub(crate) intake: Intake,
    pub(crate) shared: Arc<Shared>,
    pub(crate) ended: Arc<AtomicBool>,
    pub(crate) verdicts: mpsc::UnboundedSender<(Ticket, Verdict)>,
}

impl<A, C> Deliverer<A, C>
where
    A: for<'a> Args<In<'a> = A> + DeserializeOwned,
    C: Codec,
{
    /// Delivers until the link ends, or nothing more can come.
    pub(crate) fn run(mut self, mut inbox: mpsc::Receiver<Vec<Incoming>>) {
        current::delivers(Arc::clone(&self.line.subject));
        while let Some(messages) = inbox.blocking_recv() {
            for incoming in messages {
                let mut left = incoming.emissions();
                if !self.ended.load(Ordering::Relaxed) {
                    self.deliver_and_tell(incoming, &mut left);
                }
                self.shared.undelivered.subtract(left);
            }
            if self.ended.load(Ordering::Relaxed) {
                break;
            }
        }
        inbox.close();
        // Waits for a batch that is just being handed over.
        while let Some(messages) = inbox.blocking_recv() {
            let left = messages.iter().map(Incoming::emissions).sum();
            self.shared.undelivered.subtract(left);
        }
    }

    fn deliver_and_tell(&mut self, incoming: Incoming, left: &mut u64) {
        let verdict = self.deliver(&incoming, left);
        if let Some((ticket, verdict)) = incoming.ticket.zip(verdict) {
            // An error means that the bridge has ended. The message will be delivered again.
            let _ended = self.verdicts.send((*ticket, verdict));
        }
    }

    /// Delivers the emissions of a message, and counts down how many are left. `None`: the link has ended meanwhile.
    fn deliver(&mut self, incoming: &Incoming, left: &mut u64) -> Option<Verdict> {
        let emissions = match self.intake.open(&incoming.bytes) {
            Opened::Emissions(emissions) => emissions,
            Opened::Echo => return Some(Verdict::Done),
            Opened::Looped => {
                self.shared.counters.looped.add(*left);
                self.shared
                    .report_once(&self.line, ProblemKind::Looped, || {
                        "a message has passed through too many bridges, and is skipped".to_owned()
                    });
                return Some(Verdict::Never);
            }
            Opened::Unreadable(why) => {
                self.skip(&why);
                return Some(Verdict::Never);
            }
        };
        let mut verdict = Verdict::Done;
        for (place, (head, body)) in emissions.enumerate() {
            if place > 0 {
                // Those before are not in hand any more.
                *left -= 1;
                self.shared.undelivered.subtract(1);
                if self.ended.load(Ordering::Relaxed) {
                    return None;
                }
            }
            match self.deliver_one(&head, body, incoming) {
                Verdict::Done => {}
                // The others come again too, or they would come before this one.
                again @ Verdict::Again(_) => return Some(again),
                other => verdict = other,
            }
        }
        Some(verdict)
    }

    fn deliver_one(&mut self, head: &Head<'_>, body: &[u8], incoming: &Incoming) -> Verdict {
        match self.intake.arrive(head, body) {
            Ok(Arrival::Duplicate) => {
                self.shared.counters.duplicates.add(1);
                Verdict::Done
            }
            Ok(arrival) => {
                self.count(head, arrival);
                let verdict = self.emit(head, body, incoming);
                if !matches!(verdict, Verdict::Again(_)) {
                    self.intake.done(head);
                }
                verdict
            }
            Err(why) => {
                self.skip(&why);
                Verdict::Never
            }
        }
    }

    fn count(&self, head: &Head<'_>, arrival: Arrival) {
        let missed = &self.shared.counters.missed;
        match arrival {
            Arrival::Next { gap: 0 } | Arrival::Again | Arrival::Ancient | Arrival::Duplicate => {}
            Arrival::Next { gap } => {
                missed.add(gap);
                self.shared
                    .report_once(&self.line, ProblemKind::Missed, || {
                        format!("{gap} emissions of {} have not arrived", head.origin)
                    });
            }
            Arrival::Late => missed.subtract(1),
        }
    }

    /// Emits here what has arrived.
    fn emit(&self, head: &Head<'_>, body: &[u8], incoming: &Incoming) -> Verdict {
        let counters = &self.shared.counters;
        if incoming.attempt > 1 {
            counters.redelivered.add(1);
        }
        // Each delivery before may have ended the process.
        if incoming.ticket.is_some() && incoming.attempt > self.shared.settings.deliveries {
            return self.set_aside(head, incoming, "no delivery has ended");
        }
        let args = match catch_unwind(AssertUnwindSafe(|| self.codec.decode::<A>(body))) {
            Ok(Ok(args)) => args,
            Ok(Err(error)) => {
                self.skip(&error);
                return Verdict::Never;
            }
            Err(panic) => {
                self.skip(&format_args!("panic: {}", discard::message(&*panic)));
                discard::quietly(Err::<(), _>(panic));
                return Verdict::Never;
            }
        };
        let delivered = Delivered {
            origin: head.origin,
            sequence: head.sequence,
            attempt: incoming.attempt,
            hops: head.hops,
        };
        let emitted = catch_unwind(AssertUnwindSafe(|| {
            current::delivering(delivered, self.path, || {
                self.signal.get().emit_tuple(args);
            });
        }));
        let Err(panic) = emitted else {
            counters.received.add(1);
            return Verdict::Done;
        };
        counters.panicked.add(1);
        let text = discard::message(&*panic).to_owned();
        discard::quietly(Err::<(), _>(panic));
        self.shared
            .report_once(&self.line, ProblemKind::Panicked, || {
                format!("a slot panicked: {text}")
            });
        if incoming.ticket.is_none() {
            return Verdict::Done;
        }
        if incoming.attempt >= self.shared.settings.deliveries {
            return self.set_aside(head, incoming, &text);
        }
        let doublings = u32::try_from(incoming.attempt - 1).map_or(u32::MAX, |again| again.min(16));
        Verdict::Again(AGAIN.1.min(AGAIN.0 * 2_u32.pow(doublings)))
    }

    fn set_aside(&self, head: &Head<'_>, incoming: &Incoming, why: &str) -> Verdict {
        self.shared.counters.set_aside.add(1);
        let position = incoming.ticket.as_ref().map_or(0, |ticket| ticket.position);
        let detail = format!(
            "message {position} of the stream (emission {} of {}) is set aside after {} deliveries: {why}",
            head.sequence, head.origin, incoming.attempt
        );
        self.shared
            .report(ProblemKind::SetAside, Some(&self.line.subject), detail);
        Verdict::Never
    }

    fn skip(&self, why: &dyn std::fmt::Display) {
        self.shared.counters.undecodable.add(1);
        self.shared
            .report_once(&self.line, ProblemKind::Undecodable, || {
                format!("a message is skipped: {why}")
            });
    }
}

#[cfg(test)]
mod tests;
