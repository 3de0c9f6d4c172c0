//! The programs, and what must hold after each.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use proptest::prelude::*;
use smoke_signal::Signal;

use super::world::{Way, World};
use crate::bridge::Bridge;
use crate::builder::Builder;
use crate::current::Delivery;
use crate::link::Link;
use crate::origin::Origin;
use crate::wire;

const SUBJECT: &str = "model.v1";
const LONG: Duration = Duration::from_secs(10);

#[derive(Clone, Debug)]
enum Step {
    /// A bridge emits so many values.
    Emit { bridge: usize, count: u64 },
    /// All connections end.
    Kill,
    /// They end after the server has stored what is on the way, and before it can say so.
    LoseReceipts,
    /// Nobody can connect, or anybody.
    Open(bool),
    /// The server sees so many messages.
    See(usize),
    /// The server refuses so many messages.
    Refuse(u32),
    /// Messages may be of so many bytes, if several emissions share them.
    Room(usize),
    /// What has been delivered without a verdict is delivered again.
    Expire,
    /// Threads have time to do something.
    Pause(u64),
}

fn steps(bridges: usize) -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (0..bridges, 1..20_u64).prop_map(|(bridge, count)| Step::Emit { bridge, count }),
        2 => Just(Step::Kill),
        1 => Just(Step::LoseReceipts),
        1 => any::<bool>().prop_map(Step::Open),
        4 => (1..30_usize).prop_map(Step::See),
        1 => (1..3_u32).prop_map(Step::Refuse),
        1 => (0..300_usize).prop_map(Step::Room),
        2 => Just(Step::Expire),
        4 => (0..5_u64).prop_map(Step::Pause),
    ];
    prop::collection::vec(step, 1..40)
}

/// One bridge, as a process has it.
struct Party {
    bridge: Bridge,
    signal: Arc<Signal<(u64,)>>,
    _link: Link,
    /// What was emitted and not refused, and everything that was emitted.
    accepted: Vec<u64>,
    emitted: u64,
    /// What was delivered without a panic: the origin, its number, and the value.
    heard: Arc<Mutex<Vec<(Origin, u64, u64)>>>,
}

impl Party {
    fn new(world: &Arc<World>, index: usize, capacity: usize, panics: bool) -> Self {
        let way = Way {
            world: Arc::clone(world),
            bridge: index,
        };
        let builder: Builder = Bridge::builder().capacity(capacity).on_problem(|_| {});
        let bridge = builder.over(|_| way);
        let signal = Arc::new(Signal::<(u64,)>::new());
        let heard = Arc::<Mutex<Vec<_>>>::default();
        let notes = Arc::clone(&heard);
        signal.connect(move |value: u64| {
            let Some(delivery) = Delivery::current() else {
                return;
            };
            // Now and then, so that something expires meanwhile.
            if panics && value.is_multiple_of(3) {
                std::thread::sleep(Duration::from_millis(1));
            }
            // Without a message on the standard error.
            if panics && value.is_multiple_of(5) && !delivery.is_redelivery() {
                std::panic::resume_unwind(Box::new("the first time"));
            }
            notes
                .lock()
                .unwrap()
                .push((delivery.origin(), delivery.sequence(), value));
        });
        let link = bridge.share(&signal, SUBJECT).unwrap();
        Self {
            bridge,
            signal,
            _link: link,
            accepted: Vec::new(),
            emitted: 0,
            heard,
        }
    }

    fn emit(&mut self) {
        let (value, refused) = (self.emitted, self.bridge.stats().refused);
        self.emitted += 1;
        self.signal.emit(value);
        if self.bridge.stats().refused == refused {
            self.accepted.push(value);
        }
    }

    /// What has been heard of another one: numbers and values.
    fn heard_of(&self, other: &Self) -> Vec<(u64, u64)> {
        let heard = self.heard.lock().unwrap();
        let of_other = heard
            .iter()
            .filter(|(origin, ..)| *origin == other.bridge.origin());
        of_other
            .map(|&(_, sequence, value)| (sequence, value))
            .collect()
    }

    fn flush(&self) {
        futures_executor::block_on(self.bridge.flush(LONG)).unwrap();
    }
}

fn run(world: &World, parties: &mut [Party], steps: Vec<Step>) {
    for step in steps {
        match step {
            Step::Emit { bridge, count } => (0..count).for_each(|_| parties[bridge].emit()),
            Step::Kill => world.kill(),
            Step::LoseReceipts => world.lose_receipts(),
            Step::Open(open) => world.open(open),
            Step::See(count) => world.see(count),
            Step::Refuse(count) => world.refuse(count),
            Step::Room(bytes) => world.room(bytes),
            Step::Expire => world.expire(),
            Step::Pause(milliseconds) => std::thread::sleep(Duration::from_millis(milliseconds)),
        }
    }
    world.heal();
}

fn until(what: &str, condition: impl Fn() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < LONG, "waited in vain until {what}");
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn durable(capacity: usize, steps: Vec<Step>) {
    let world = World::new(true);
    let mut parties: Vec<_> = (0..3)
        .map(|index| Party::new(&world, index, capacity, true))
        .collect();
    run(&world, &mut parties, steps);
    parties.iter().for_each(Party::flush);

    let stored = world.stored();
    for (index, party) in parties.iter().enumerate() {
        let stats = party.bridge.stats();
        let accepted = party.accepted.len() as u64;
        assert_eq!(
            (stats.sent, stats.refused, stats.queued),
            (accepted, party.emitted - accepted, 0)
        );
        // Stored once, in order.
        let of_party = stored.iter().filter(|stored| stored.bridge == index);
        let values: Vec<u64> = of_party
            .map(|stored| {
                let (_, body) = wire::parse(&stored.bytes).unwrap().next().unwrap();
                serde_json::from_slice::<(u64,)>(body).unwrap().0
            })
            .collect();
        assert_eq!(values, party.accepted);
        // Heard once, in order, by each of the others, and not by itself.
        for (other, listener) in parties.iter().enumerate() {
            let expected = if other == index {
                &Vec::new()
            } else {
                &party.accepted
            };
            until("everything is heard", || {
                listener.heard_of(party).len() >= expected.len()
            });
            let heard = listener.heard_of(party);
            assert_eq!(
                heard.iter().map(|&(_, value)| value).collect::<Vec<_>>(),
                *expected
            );
            assert!(heard.iter().all(|&(sequence, value)| sequence == value + 1));
        }
    }
    for party in &parties {
        until("everything is counted", || {
            party.bridge.stats().received == party.heard.lock().unwrap().len() as u64
        });
        assert_eq!(party.bridge.stats().set_aside, 0);
    }
}

fn core(capacity: usize, steps: Vec<Step>) {
    let world = World::new(false);
    let mut parties: Vec<_> = (0..3)
        .map(|index| Party::new(&world, index, capacity, false))
        .collect();
    run(&world, &mut parties, steps);
    // All are connected now, so that nothing is lost any more, and one more shows what was lost.
    parties.iter().for_each(Party::flush);
    for party in &mut parties {
        party.emit();
        party.flush();
    }
    let mut missed = BTreeMap::<usize, u64>::new();
    for party in &parties {
        let stats = party.bridge.stats();
        let accepted = party.accepted.len() as u64;
        assert_eq!(
            (stats.sent, stats.refused, stats.queued),
            (accepted, party.emitted - accepted, 0)
        );
        for (index, listener) in parties.iter().enumerate() {
            if std::ptr::eq(listener, party) {
                assert_eq!(listener.heard_of(party), []);
                continue;
            }
            let last = party.emitted;
            until("the last one is heard", || {
                listener
                    .heard_of(party)
                    .last()
                    .is_some_and(|&(n, _)| n == last)
            });
            let heard = listener.heard_of(party);
            assert!(
                heard.is_sorted_by(|a, b| a.0 < b.0),
                "in order, and once: {heard:?}"
            );
            assert!(
                heard
                    .iter()
                    .all(|(sequence, value)| *sequence == value + 1
                        && party.accepted.contains(value))
            );
            *missed.entry(index).or_default() += last - heard[0].0 + 1 - heard.len() as u64;
        }
    }
    for (index, missed) in missed {
        until("everything is counted", || {
            parties[index].bridge.stats().missed == missed
        });
    }
}

/// Chance seldom ends a connection after the server has refused a message and before it has seen those before it.
#[test]
fn what_is_on_its_way_when_the_server_refuses_is_not_forgotten() {
    let emit = |count| Step::Emit { bridge: 0, count };
    let (pause, see) = (Step::Pause(50), Step::See(1));
    let steps = [
        emit(1),
        pause.clone(),
        see,
        pause.clone(),
        emit(3),
        pause.clone(),
        Step::Refuse(1),
        emit(1),
        pause,
        Step::Kill,
    ];
    durable(1000, steps.to_vec());
}

/// A queue that fills while nobody can connect, and goes out in messages of at most `room` bytes, if the client knows of the
/// server's limit. Returns how many emissions each message holds.
fn backlog(room: usize, limit: usize) -> Vec<u64> {
    let world = World::new(false);
    world.room(room);
    world.limit(limit);
    world.heal();
    let mut parties: Vec<_> = (0..2)
        .map(|index| Party::new(&world, index, 1000, false))
        .collect();
    parties.iter().for_each(Party::flush);
    world.open(false);
    world.kill();
    (0..40).for_each(|_| parties[0].emit());
    world.open(true);
    parties.iter().for_each(Party::flush);
    // The listener may have connected after the speaker.
    world.kill();
    parties.iter().for_each(Party::flush);
    parties[0].emit();
    parties[0].flush();
    let stats = parties[0].bridge.stats();
    assert_eq!((stats.sent, stats.refused, stats.queued), (41, 0, 0));
    until("the last one is heard", || {
        let heard = parties[1].heard_of(&parties[0]);
        heard.last() == Some(&(41, 40))
    });
    let stored = world.stored();
    assert!(
        stored
            .iter()
            .all(|stored| stored.bytes.len() <= room.max(100))
    );
    let read = stored
        .iter()
        .flat_map(|stored| wire::parse(&stored.bytes).unwrap());
    assert!(read.map(|(head, _)| head.sequence).eq(1..=41));
    stored
        .iter()
        .map(|stored| wire::emissions(&stored.bytes))
        .collect()
}

#[test]
fn what_has_waited_goes_out_in_few_messages_and_what_has_not_alone() {
    let messages = backlog(4096, usize::MAX);
    assert_eq!(messages.last(), Some(&1));
    assert!(messages.len() < 15, "{messages:?}");
}

#[test]
fn without_room_each_emission_is_a_message() {
    assert_eq!(backlog(0, usize::MAX), [1; 41]);
    assert!(backlog(100, usize::MAX).contains(&2));
}

#[test]
fn what_is_too_large_together_goes_out_apart() {
    assert_eq!(backlog(4096, 0), [1; 41]);
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 5, failure_persistence: None, ..ProptestConfig::with_cases(
        std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(48),
    ) })]

    #[test]
    fn durable_bridges_lose_nothing_that_was_accepted(steps in steps(3)) {
        durable(1000, steps);
    }

    #[test]
    fn durable_bridges_with_a_short_queue_refuse_and_lose_nothing_else(steps in steps(3)) {
        durable(8, steps);
    }

    #[test]
    fn core_bridges_count_what_is_lost(steps in steps(3)) {
        core(1000, steps);
    }

    #[test]
    fn core_bridges_with_a_short_queue_count_what_is_lost(steps in steps(3)) {
        core(8, steps);
    }
}
