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
                if !self.ended.load(Ordering::Relaxed) {
                    self.deliver_and_tell(incoming);
                }
                self.shared.undelivered.subtract(1);
            }
            if self.ended.load(Ordering::Relaxed) {
                break;
            }
        }
        inbox.close();
        // Waits for a batch that is just being handed over.
        while let Some(messages) = inbox.blocking_recv() {
            self.shared.undelivered.subtract(messages.len() as u64);
        }
    }

    fn deliver_and_tell(&mut self, incoming: Incoming) {
        let verdict = self.deliver(&incoming);
        if let Some(ticket) = incoming.ticket {
            // An error means that the bridge has ended. The message will be delivered again.
            let _ended = self.verdicts.send((*ticket, verdict));
        }
    }

    fn deliver(&mut self, incoming: &Incoming) -> Verdict {
        let counters = &self.shared.counters;
        match self.intake.open(&incoming.bytes) {
            Opened::Message {
                head,
                body,
                arrival,
            } => {
                self.count(&head, arrival);
                let verdict = self.emit(&head, body, incoming);
                if !matches!(verdict, Verdict::Again(_)) {
                    self.intake.done(&head);
                }
                verdict
            }
            Opened::Echo => Verdict::Done,
            Opened::Duplicate => {
                counters.duplicates.add(1);
                Verdict::Done
            }
            Opened::Looped => {
                counters.looped.add(1);
                self.shared
                    .report_once(&self.line, ProblemKind::Looped, || {
                        "a message has passed through too many bridges, and is skipped".to_owned()
                    });
                Verdict::Never
            }
            Opened::Unreadable(why) => {
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

    /// Emits a message here.
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
mod tests {
    use super::*;
    use crate::builder::Builder;
    use crate::codec::Json;
    use crate::origin::Origin;
    use crate::wire;
    use smoke_signal::Signal;

    fn message(sequence: u64) -> Incoming {
        let mut message = Vec::new();
        wire::begin(&mut message, Origin::from_bits(7 << 64), 0, Json::NAME);
        wire::number(&mut message, sequence);
        message.extend_from_slice(b"[1]");
        Incoming {
            bytes: message.into(),
            attempt: 1,
            ticket: None,
        }
    }

    /// A link that ends is told of by its bridge's thread, which may be handing over a batch at that moment.
    #[test]
    fn what_is_handed_over_while_the_thread_ends_is_no_longer_counted() {
        let shared = Arc::new(Shared::new(Builder::new().settings));
        let ended = Arc::new(AtomicBool::new(false));
        let signal = Arc::new(Signal::<(u32,)>::new());
        let ending = Arc::clone(&ended);
        signal.connect(move |_| ending.store(true, Ordering::Relaxed));
        let line = shared.outbox.line("a");
        let deliverer = Deliverer {
            path: Path {
                bridge: shared.origin,
                line: line.index,
                signal: 0,
            },
            signal: Held::Shared(signal),
            codec: Json,
            line,
            intake: Intake::new(shared.origin, Json::NAME, 1024, 8),
            shared: Arc::clone(&shared),
            ended,
            verdicts: mpsc::unbounded_channel().0,
        };
        let (inbox, messages) = mpsc::channel(2);
        let thread = std::thread::spawn(move || deliverer.run(messages));
        let room = inbox.try_reserve().unwrap();
        shared.undelivered.add(4);
        inbox
            .try_send(vec![message(1), message(2)])
            .expect("there is room");
        futures_executor::block_on(inbox.closed());
        // Longer than it takes to see that nothing is there.
        std::thread::sleep(Duration::from_millis(100));
        room.send(vec![message(3), message(4)]);
        thread.join().unwrap();
        assert_eq!(shared.undelivered.get(), 0);
        assert_eq!(shared.counters.received.get(), 1);
    }
}
