//! Queues, compared with a plain `VecDeque`.

mod library;
mod model;

use proptest::collection::vec;
use proptest::prelude::*;

use self::library::Library;
use self::model::Model;

/// The number of signals. Each has arguments of a type of its own.
const SIGNALS: usize = 3;

/// What a closure does when it is called. Slots are numbered as they are connected.
#[derive(Clone, Copy, Debug)]
enum Act {
    Nothing,
    Emit(usize),
    Connect(usize),
    Disconnect(usize),
    Drain,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Emit(usize),
    Connect(usize, Act),
    Disconnect(usize),
    DropSignal(usize),
    Drain,
    Hook,
}

fn acts() -> impl Strategy<Value = Act> {
    prop_oneof![
        3 => Just(Act::Nothing),
        2 => (0..SIGNALS).prop_map(Act::Emit),
        1 => (0..SIGNALS).prop_map(Act::Connect),
        2 => (0..8_usize).prop_map(Act::Disconnect),
        1 => Just(Act::Drain),
    ]
}

fn steps() -> impl Strategy<Value = Step> {
    prop_oneof![
        12 => (0..SIGNALS).prop_map(Step::Emit),
        4 => ((0..SIGNALS), acts()).prop_map(|(signal, act)| Step::Connect(signal, act)),
        2 => (0..8_usize).prop_map(Step::Disconnect),
        1 => (0..SIGNALS).prop_map(Step::DropSignal),
        4 => Just(Step::Drain),
        1 => Just(Step::Hook),
    ]
}

/// What can be seen after a step.
#[derive(Debug, PartialEq)]
struct Seen {
    /// The slot and the emission of each call.
    calls: Vec<(usize, u32)>,
    len: usize,
    missed: u64,
    wakes: usize,
    /// Which slots are connected, and whose closures exist.
    connected: Vec<bool>,
    closures: Vec<bool>,
}

proptest! {
    #![proptest_config(super::config())]

    #[test]
    fn a_queue_does_what_a_plain_one_does(
        capacity in prop_oneof![1 => Just(0_usize), 8 => 1..6_usize, 1 => Just(usize::MAX)],
        steps in vec(steps(), 0..60),
    ) {
        let mut model = Model::new(capacity);
        let library = Library::new(capacity);
        let first = (0..SIGNALS).map(|signal| Step::Connect(signal, Act::Nothing));
        for (nth, step) in first.chain(steps).enumerate() {
            model.step(step);
            library.step(step);
            prop_assert_eq!(library.seen(), model.seen(), "after step {}, {:?}", nth, step);
        }
    }
}
