//! Of messages of one emission and of several.

use super::*;
use crate::builder::Builder;
use crate::codec::Json;
use crate::wire;
use smoke_signal::Signal;

fn incoming(bytes: Vec<u8>) -> Incoming {
    Incoming {
        bytes: bytes.into(),
        attempt: 1,
        ticket: None,
    }
}

fn message(sequence: u64) -> Incoming {
    incoming(wire::tests::message(0xab, sequence, 3, Json::NAME, b"[1]"))
}

/// Of several emissions.
fn several(sequence: u64, bodies: &[&str]) -> Incoming {
    let bodies: Vec<_> = bodies.iter().map(|body| body.as_bytes()).collect();
    incoming(wire::tests::several(sequence, &bodies))
}

/// As a durable bridge receives it.
fn with_ticket(incoming: Incoming, attempt: u64) -> Incoming {
    let ticket = Ticket {
        reply: String::new(),
        position: 4,
    };
    Incoming {
        attempt,
        ticket: Some(Box::new(ticket)),
        ..incoming
    }
}

/// A link whose messages the test brings.
struct Receiving {
    shared: Arc<Shared>,
    signal: Arc<Signal<(u32,)>>,
    ended: Arc<AtomicBool>,
    deliverer: Deliverer<(u32,), Json>,
    verdicts: mpsc::UnboundedReceiver<(Ticket, Verdict)>,
    heard: std::sync::mpsc::Receiver<(u64, u32)>,
}

impl Receiving {
    fn new() -> Self {
        let settings = Builder::new().max_message(200).deliveries(2).settings;
        let shared = Arc::new(Shared::new(settings));
        let ended = Arc::new(AtomicBool::new(false));
        let signal = Arc::new(Signal::<(u32,)>::new());
        let line = shared.outbox.line("a");
        let (tell, told) = mpsc::unbounded_channel();
        let deliverer = Deliverer {
            path: Path {
                bridge: shared.origin,
                line: line.index,
                signal: 0,
            },
            signal: Held::Shared(Arc::clone(&signal)),
            codec: Json,
            line,
            intake: Intake::new(shared.origin, Json::NAME, 200, 8),
            shared: Arc::clone(&shared),
            ended: Arc::clone(&ended),
            verdicts: tell,
        };
        let (hear, heard) = std::sync::mpsc::channel();
        signal.connect(move |value| {
            let sequence = current::Delivery::current().unwrap().sequence();
            hear.send((sequence, value)).unwrap();
        });
        Self {
            shared,
            signal,
            ended,
            deliverer,
            verdicts: told,
            heard,
        }
    }

    /// Delivers on this thread.
    fn deliver(&mut self, incoming: Incoming) -> Vec<(u64, u32)> {
        current::delivers(Arc::clone(&self.deliverer.line.subject));
        let mut left = incoming.emissions();
        self.shared.undelivered.add(left);
        self.deliverer.deliver_and_tell(incoming, &mut left);
        self.shared.undelivered.subtract(left);
        assert_eq!(self.shared.undelivered.get(), 0);
        self.heard.try_iter().collect()
    }

    /// What has been received, missed, undecodable and a panic.
    fn counts(&self) -> [u64; 4] {
        let stats = self.shared.counters.stats(0);
        [
            stats.received,
            stats.missed,
            stats.undecodable,
            stats.panicked,
        ]
    }
}

#[test]
fn each_of_several_emissions_is_delivered_and_counted() {
    let mut link = Receiving::new();
    assert_eq!(
        link.deliver(several(5, &["[7]", "[8]", "[9]"])),
        [(5, 7), (6, 8), (7, 9)]
    );
    assert_eq!(link.deliver(message(8)), [(8, 1)]);
    assert_eq!(link.counts(), [4, 0, 0, 0]);
}

#[test]
fn a_lost_message_of_several_emissions_is_missed_as_many_times() {
    let mut link = Receiving::new();
    link.deliver(several(1, &["[1]", "[2]"]));
    let lost = several(3, &["[3]", "[4]", "[5]"]);
    assert_eq!(link.deliver(several(6, &["[6]", "[7]"])), [(6, 6), (7, 7)]);
    assert_eq!(link.counts(), [4, 3, 0, 0]);
    assert_eq!(link.deliver(lost), [(3, 3), (4, 4), (5, 5)], "late");
    assert_eq!(link.counts(), [7, 0, 0, 0]);
    assert!(
        link.deliver(several(4, &["[4]", "[5]"])).is_empty(),
        "twice"
    );
    assert_eq!(link.shared.counters.duplicates.get(), 2);
}

#[test]
fn several_emissions_that_are_in_a_loop_are_skipped_and_counted() {
    let mut link = Receiving::new();
    let mut bytes = several(1, &["[1]", "[2]", "[3]"]).bytes.to_vec();
    wire::hops(&mut bytes, 9);
    assert!(link.deliver(incoming(bytes)).is_empty());
    assert_eq!(link.shared.counters.looped.get(), 3);
    assert_eq!(link.counts(), [0, 0, 0, 0]);
}

#[test]
fn an_undecodable_emission_among_others_skips_only_itself() {
    let mut link = Receiving::new();
    let long = format!("[{}2]", " ".repeat(200));
    let message = several(1, &["[1]", "[\"two\"]", "", &long, "[5]"]);
    assert_eq!(link.deliver(message), [(1, 1), (5, 5)]);
    // One that is too large is not looked at, so it has not arrived.
    assert_eq!(link.counts(), [2, 1, 3, 0]);
}

#[test]
fn a_forged_count_or_length_is_skipped_and_counted_once() {
    let mut link = Receiving::new();
    let good = several(1, &["[1]", "[2]"]);
    let forge = |what: &str, by: &str| {
        let text = String::from_utf8(good.bytes.to_vec()).unwrap();
        assert!(text.contains(what));
        incoming(text.replace(what, by).into_bytes())
    };
    let forged = [
        forge(" 0002\n", " ffff\n"),
        forge(" 0002\n", " 0001\n"),
        forge("00000003[2]", "00000004[2]"),
        forge("00000003[1]", "ffffffff[1]"),
    ];
    for (count, message) in (1..).zip(forged) {
        assert!(link.deliver(message).is_empty());
        assert_eq!(link.counts(), [0, 0, count, 0]);
    }
    assert_eq!(link.deliver(good).len(), 2);
}

#[test]
fn a_panic_among_several_emissions_does_not_stop_the_others() {
    let mut link = Receiving::new();
    link.signal.connect(|value| {
        if value == 2 {
            std::panic::resume_unwind(Box::new("two"));
        }
    });
    let heard = link.deliver(several(1, &["[1]", "[2]", "[3]"]));
    assert_eq!(heard, [(1, 1), (2, 2), (3, 3)]);
    assert_eq!(link.counts(), [2, 0, 0, 1]);
}

/// A bridge of the core protocol may send what a durable one receives.
#[test]
fn with_a_ticket_a_panic_is_tried_again_before_the_others_and_then_set_aside() {
    let mut link = Receiving::new();
    link.signal.connect(|value| {
        if value == 2 {
            std::panic::resume_unwind(Box::new("two"));
        }
    });
    let durable = |attempt| with_ticket(several(1, &["[1]", "[2]", "[3]"]), attempt);
    assert_eq!(link.deliver(durable(1)), [(1, 1), (2, 2)]);
    let (_, verdict) = link.verdicts.try_recv().unwrap();
    assert!(matches!(verdict, Verdict::Again(_)), "{verdict:?}");
    assert_eq!(link.deliver(durable(2)), [(2, 2), (3, 3)]);
    let (_, verdict) = link.verdicts.try_recv().unwrap();
    assert_eq!(verdict, Verdict::Never);
    assert!(link.verdicts.try_recv().is_err());
    assert_eq!(link.counts(), [2, 0, 0, 2]);
    assert_eq!(link.shared.counters.set_aside.get(), 1);
}

#[test]
fn a_link_that_ends_between_several_emissions_delivers_no_more_of_them() {
    let mut link = Receiving::new();
    let ended = Arc::clone(&link.ended);
    link.signal
        .connect(move |value| ended.store(value == 2, Ordering::Relaxed));
    let incoming = with_ticket(several(1, &["[1]", "[2]", "[3]"]), 1);
    assert_eq!(link.deliver(incoming), [(1, 1), (2, 2)]);
    assert!(link.verdicts.try_recv().is_err(), "it comes again");
    assert_eq!(link.counts(), [2, 0, 0, 0]);
}

/// A link that ends is told of by its bridge's thread, which may be handing over a batch at that moment.
#[test]
fn what_is_handed_over_while_the_thread_ends_is_no_longer_counted() {
    let Receiving {
        shared,
        signal,
        ended,
        deliverer,
        heard: _heard,
        verdicts: _verdicts,
    } = Receiving::new();
    signal.connect(move |_| ended.store(true, Ordering::Relaxed));
    let (inbox, messages) = mpsc::channel(2);
    let thread = std::thread::spawn(move || deliverer.run(messages));
    let room = inbox.try_reserve().unwrap();
    shared.undelivered.add(8);
    inbox
        .try_send(vec![several(1, &["[1]", "[2]", "[3]"]), message(4)])
        .expect("there is room");
    futures_executor::block_on(inbox.closed());
    // Longer than it takes to see that nothing is there.
    std::thread::sleep(Duration::from_millis(100));
    room.send(vec![message(5), several(6, &["[6]", "[7]", "[8]"])]);
    thread.join().unwrap();
    assert_eq!(shared.undelivered.get(), 0);
    assert_eq!(shared.counters.received.get(), 1);
}
