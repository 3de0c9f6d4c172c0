//! Signals of one thread, beside those for threads and lists by hand.

use std::cell::RefCell;
use std::hint::black_box;
use std::ops::Deref;
use std::rc::Rc;
use std::time::Instant;

use slotmap::{DefaultKey, SlotMap};
use smoke_signal::{Connection, LocalSignal};

use crate::measure::{Candidate, Effort, Samples, compete};
use crate::report::{Table, Thresholds};
use crate::rivals::{Counters, RawLoop, Rival, Slot, SmokeSignal, emitting};

const ROUNDS: usize = 301;
const SLOTS: [u32; 6] = [0, 1, 4, 16, 64, 1000];

const CONNECTED: [u32; 3] = [16, 1000, 10_000];
const CONNECT_ROUNDS: usize = 51;

const NAME: &str = "LocalSignal";

fn with_slots(slots: Vec<impl Slot>) -> LocalSignal<(i32,)> {
    let signal = LocalSignal::<(i32,)>::new();
    for slot in slots {
        signal.connect(slot);
    }
    signal
}

fn local(slots: u32) -> Candidate {
    let counters = Counters::new(slots);
    let signal = with_slots(counters.slots());
    Candidate::checked(
        NAME,
        move |argument| {
            black_box(&signal).emit(argument);
        },
        move |emissions| assert!(counters.each_was(emissions), "calls by {NAME}"),
    )
}

/// The slots are closures that a user would hand to `connect_mut`.
fn changing(slots: u32) -> Candidate {
    let counters = Counters::new(slots);
    let signal = LocalSignal::<(i32,)>::new();
    for slot in counters.slots() {
        let mut calls = 0_u64;
        signal.connect_mut(move |argument| {
            calls = black_box(calls + 1);
            slot(argument);
        });
    }
    Candidate::checked(
        "connect_mut",
        move |argument| {
            black_box(&signal).emit(argument);
        },
        move |emissions| assert!(counters.each_was(emissions), "calls of `connect_mut`"),
    )
}

fn rival<R: Rival + 'static>(slots: u32) -> Candidate {
    let counters = Counters::new(slots);
    emitting(R::with_slots(counters.slots()), counters)
}

type SharedSlot = Rc<dyn Fn(i32)>;

fn shared(slots: Vec<impl Slot>) -> impl Iterator<Item = SharedSlot> {
    slots.into_iter().map(|slot| Rc::new(slot) as _)
}

/// A list by hand, which is cloned for each emission, so that slots may change it.
fn by_hand<L: Clone + Deref<Target = [SharedSlot]> + FromIterator<SharedSlot> + 'static>(
    name: &'static str,
    slots: u32,
) -> Candidate {
    let counters = Counters::new(slots);
    let list: RefCell<L> = RefCell::new(shared(counters.slots()).collect());
    Candidate::checked(
        name,
        move |argument| {
            let slots = black_box(&list).borrow().clone();
            for slot in &*slots {
                slot(argument);
            }
        },
        move |emissions| assert!(counters.each_was(emissions), "calls by {name}"),
    )
}

/// Measures emissions. The floor comes first, and the local signal second.
fn emissions(effort: Effort) -> Vec<(u32, Vec<Samples>)> {
    let compete = |slots| {
        let candidates = vec![
            rival::<RawLoop>(slots),
            local(slots),
            changing(slots),
            rival::<SmokeSignal>(slots),
            by_hand::<Vec<SharedSlot>>("RefCell<Vec<Rc>>", slots),
            by_hand::<Rc<[SharedSlot]>>("RefCell<Rc<[Rc]>>", slots),
        ];
        (slots, compete(candidates, effort, ROUNDS))
    };
    SLOTS.map(compete).into()
}

/// The floor of changes: a box for the closure, and a slotmap's insertion and removal.
type Boxes = SlotMap<DefaultKey, Box<dyn Fn(i32)>>;

/// Connects slots and disconnects them in another order.
fn connecting<C: 'static, K: Copy + 'static>(
    name: &'static str,
    slots: u32,
    mut changed: C,
    connect: impl Fn(&mut C, u32) -> K + 'static,
    disconnect: impl Fn(&mut C, K) + 'static,
) -> Candidate {
    let mut keys = Vec::new();
    Candidate::new(name, move |repetitions| {
        let start = Instant::now();
        for _ in 0..repetitions {
            keys.extend((0..slots).map(|slot| connect(&mut changed, slot)));
            // 389 is coprime to the numbers of slots.
            for nth in 0..keys.len() {
                disconnect(&mut changed, keys[nth * 389 % keys.len()]);
            }
            keys.clear();
        }
        start.elapsed()
    })
}

fn changes(effort: Effort) -> Vec<(u32, Vec<Samples>)> {
    let compete = |slots| {
        let boxed = |captured: u32| {
            move |argument| {
                black_box((captured, argument));
            }
        };
        let floor = connecting(
            "Box, SlotMap",
            slots,
            Boxes::new(),
            move |boxes, captured| boxes.insert(Box::new(boxed(captured))),
            |boxes, key| drop(boxes.remove(key)),
        );
        let local = connecting(
            NAME,
            slots,
            Rc::new(LocalSignal::<(i32,)>::new()),
            move |signal, captured| signal.connect(boxed(captured)),
            |signal, key: Connection| assert!(signal.disconnect(key)),
        );
        let samples = compete(vec![floor, local], effort, CONNECT_ROUNDS).into_iter();
        (slots, samples.map(|s| s.divided(slots)).collect())
    };
    CONNECTED.map(compete).into()
}

pub(crate) fn run(effort: Effort, thresholds: &mut Thresholds) {
    let mut table = Table::new("emit, one thread, local signals", "slots");
    for (slots, samples) in emissions(effort) {
        table.row(slots, &samples);
        let limit = match slots {
            1 => 2.3,
            4 => 1.35,
            16 => 1.12,
            64 | 1000 => 1.06,
            _ => continue,
        };
        let what = format!("emit, {slots} slots, {NAME} against a raw loop");
        thresholds.ratio(what, &samples[1], &samples[0], limit);
    }
    effort.show(&table);

    let mut table = Table::new("connect + disconnect, per slot, local signals", "slots");
    for (slots, samples) in changes(effort) {
        table.row(slots, &samples);
        let what = format!("connect + disconnect, {slots} slots, {NAME} against the floor");
        thresholds.ratio(what, &samples[1], &samples[0], 1.6);
    }
    effort.show(&table);
}
