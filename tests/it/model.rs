//! Random sequences of what can be done to a signal, against a plain `Vec` that does the same.

use proptest::prelude::*;
use smoke_signal::{Connection, Signal};

/// How a slot is connected.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Plain,
    Once,
    WithKey,
}

/// One step. Numbers that pick a slot are taken modulo how many there ever were.
#[derive(Clone, Debug)]
enum Step {
    Connect {
        kind: Kind,
        group: i32,
        first: bool,
        max_calls: Option<u32>,
    },
    Disconnect(usize),
    Clear,
    Emit,
    /// A lazy emission of which so many results are taken.
    Take(usize),
    /// An emission between whose first and second result that slot is disconnected, and another
    /// connected.
    ChangeWithin(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let kind = prop_oneof![Just(Kind::Plain), Just(Kind::Once), Just(Kind::WithKey)];
    let group = prop_oneof![3 => Just(0), 1 => -2..=2, 1 => any::<i32>()];
    let max_calls = prop_oneof![2 => Just(None), 1 => (0..4_u32).prop_map(Some)];
    prop_oneof![
        6 => (kind, group, any::<bool>(), max_calls).prop_map(|(kind, group, first, max_calls)| {
            Step::Connect { kind, group, first, max_calls }
        }),
        3 => any::<usize>().prop_map(Step::Disconnect),
        1 => Just(Step::Clear),
        4 => Just(Step::Emit),
        2 => (0..5_usize).prop_map(Step::Take),
        2 => any::<usize>().prop_map(Step::ChangeWithin),
    ]
}

/// A connected slot of the model.
#[derive(Clone, Debug)]
struct Slot {
    key: Connection,
    number: usize,
    group: i32,
    calls_left: Option<u32>,
}

/// What a signal should be.
#[derive(Default)]
struct Model {
    /// In call order.
    slots: Vec<Slot>,
    /// The keys of all slots that ever were, by number.
    keys: Vec<Connection>,
}

impl Model {
    fn connect(&mut self, signal: &Signal<(), usize>, step: &Step) {
        let &Step::Connect {
            kind,
            group,
            first,
            max_calls,
        } = step
        else {
            unreachable!("the step is a connect");
        };
        let number = self.keys.len();
        let mut options = signal.options().group(group);
        if first {
            options = options.first();
        }
        if let Some(calls) = max_calls {
            options = options.max_calls(calls);
        }
        let key = match kind {
            Kind::Plain => options.connect(move || number),
            Kind::Once => options.once(move || number),
            Kind::WithKey => options.connect_with_key(|_| move || number),
        };
        self.keys.push(key);
        let calls_left = match kind {
            Kind::Once => Some(max_calls.unwrap_or(1).min(1)),
            _ => max_calls,
        };
        if calls_left == Some(0) {
            return;
        }
        let place = self
            .slots
            .partition_point(|other| other.group < group || (other.group == group && !first));
        self.slots.insert(
            place,
            Slot {
                key,
                number,
                group,
                calls_left,
            },
        );
    }

    fn disconnect(&mut self, key: Connection) -> bool {
        let before = self.slots.len();
        self.slots.retain(|slot| slot.key != key);
        self.slots.len() < before
    }

    /// The slot's turn, if it is still there: what it returns.
    fn turn(&mut self, key: Connection) -> Option<usize> {
        let at = self.slots.iter().position(|slot| slot.key == key)?;
        let number = self.slots[at].number;
        if let Some(left) = &mut self.slots[at].calls_left {
            *left -= 1;
            if *left == 0 {
                self.slots.remove(at);
            }
        }
        Some(number)
    }

    fn view(&self) -> Vec<Connection> {
        self.slots.iter().map(|slot| slot.key).collect()
    }

    /// Some slot that is or was, if there ever was one.
    fn pick(&self, number: usize) -> Connection {
        match self.keys.len() {
            0 => Connection::default(),
            len => self.keys[number % len],
        }
    }

    fn agrees_with(&self, signal: &Signal<(), usize>) {
        assert_eq!(signal.connections(), self.view());
        assert_eq!(signal.len(), self.slots.len());
        assert_eq!(signal.is_empty(), self.slots.is_empty());
        for &key in &self.keys {
            let connected = self.slots.iter().any(|slot| slot.key == key);
            assert_eq!(signal.contains(key), connected);
        }
    }
}

fn run(steps: &[Step]) {
    let signal = Signal::<(), usize>::new();
    let mut model = Model::default();
    for step in steps {
        match *step {
            Step::Connect { .. } => model.connect(&signal, step),
            Step::Disconnect(number) => {
                let key = model.pick(number);
                assert_eq!(signal.disconnect(key), model.disconnect(key));
            }
            Step::Clear => {
                signal.disconnect_all();
                model.slots.clear();
            }
            Step::Emit => {
                let view = model.view();
                let expected: Vec<_> = view.iter().filter_map(|&key| model.turn(key)).collect();
                assert_eq!(signal.emit(), expected[..]);
            }
            Step::Take(taken) => {
                let view = model.view();
                let turns = view.iter().filter_map(|&key| model.turn(key));
                let expected: Vec<_> = turns.take(taken).collect();
                let results: Vec<_> = signal.calls().take(taken).collect();
                assert_eq!(results, expected);
            }
            Step::ChangeWithin(number) => {
                let mut view = model.view().into_iter();
                let mut calls = signal.calls();
                let first = view.find_map(|key| model.turn(key));
                assert_eq!(calls.next(), first);
                let key = model.pick(number);
                assert_eq!(signal.disconnect(key), model.disconnect(key));
                let connect = Step::Connect {
                    kind: Kind::Plain,
                    group: 0,
                    first: false,
                    max_calls: None,
                };
                model.connect(&signal, &connect);
                let rest: Vec<_> = view.filter_map(|key| model.turn(key)).collect();
                assert_eq!(calls.collect::<Vec<_>>(), rest);
            }
        }
        model.agrees_with(&signal);
    }
}

proptest! {
    // Failures are shrunk and printed; there is no file of them to carry along.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_signal_does_what_a_vec_of_slots_would(steps in prop::collection::vec(step(), 0..60)) {
        run(&steps);
    }
}
