//! Random sequences of what can be done to a signal, against a plain `Vec` that does the same.

use std::sync::Arc;

use proptest::prelude::*;
use smoke_signal::{BlockGuard, Connection, ScopedConnection, Signal};

/// How a slot is connected.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Plain,
    Once,
    WithKey,
    /// With an object, which a later step may drop.
    Weak,
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
    /// An emission between whose first and second result that slot is disconnected, another is
    /// blocked, and one is connected.
    ChangeWithin(usize, usize),
    Scope(usize),
    /// Drops one of the scoped connections; the number is taken modulo how many there are.
    EndScope(usize),
    Block(usize),
    BlockAll,
    /// Drops one of the guards, of a slot or of all.
    Unblock(usize),
    /// Drops the object of that slot, if it has one.
    DropObject(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let kind = prop_oneof![
        Just(Kind::Plain),
        Just(Kind::Once),
        Just(Kind::WithKey),
        Just(Kind::Weak)
    ];
    let number = any::<usize>;
    let group = prop_oneof![3 => Just(0), 1 => -2..=2, 1 => any::<i32>()];
    let max_calls = prop_oneof![2 => Just(None), 1 => (0..4_u32).prop_map(Some)];
    prop_oneof![
        6 => (kind, group, any::<bool>(), max_calls).prop_map(|(kind, group, first, max_calls)| {
            Step::Connect { kind, group, first, max_calls }
        }),
        3 => number().prop_map(Step::Disconnect),
        1 => Just(Step::Clear),
        4 => Just(Step::Emit),
        2 => (0..5_usize).prop_map(Step::Take),
        2 => (number(), number()).prop_map(|(gone, blocked)| Step::ChangeWithin(gone, blocked)),
        2 => number().prop_map(Step::Scope),
        1 => number().prop_map(Step::EndScope),
        2 => number().prop_map(Step::Block),
        1 => Just(Step::BlockAll),
        2 => number().prop_map(Step::Unblock),
        2 => number().prop_map(Step::DropObject),
    ]
}

/// A connected slot of the model.
#[derive(Clone, Debug)]
struct Slot {
    key: Connection,
    number: usize,
    group: i32,
    calls_left: Option<u32>,
    blocks: usize,
    weak: bool,
}

/// What a signal should be.
#[derive(Default)]
struct Model {
    /// In call order.
    slots: Vec<Slot>,
    /// The keys of all slots that ever were, by number.
    keys: Vec<Connection>,
    /// The objects of weak slots, by number.
    objects: Vec<Option<Arc<usize>>>,
    scoped: Vec<(Connection, ScopedConnection)>,
    /// `None`: of the whole signal.
    guards: Vec<(Option<Connection>, BlockGuard)>,
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
            Kind::Weak => {
                let object = Arc::new(number);
                let key = options.connect_weak(&object, |object| *object);
                self.objects.resize(number, None);
                self.objects.push(Some(object));
                key
            }
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
                blocks: 0,
                weak: matches!(kind, Kind::Weak),
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
        if self.slots[at].blocks > 0 {
            return None;
        }
        let number = self.slots[at].number;
        if let Some(left) = &mut self.slots[at].calls_left {
            *left -= 1;
            if *left == 0 {
                self.slots.remove(at);
            }
        }
        Some(number)
    }

    fn connections(&self) -> Vec<Connection> {
        self.slots.iter().map(|slot| slot.key).collect()
    }

    /// What an emission that starts now goes through.
    fn view(&self) -> Vec<Connection> {
        if self.is_blocked() {
            Vec::new()
        } else {
            self.connections()
        }
    }

    fn is_blocked(&self) -> bool {
        self.guards.iter().any(|(of, _)| of.is_none())
    }

    fn block(&mut self, signal: &Signal<(), usize>, key: Connection) {
        let slot = self.slots.iter_mut().find(|slot| slot.key == key);
        let guard = signal.block(key);
        assert_eq!(guard.is_some(), slot.is_some());
        if let (Some(slot), Some(guard)) = (slot, guard) {
            slot.blocks += 1;
            self.guards.push((Some(key), guard));
        }
    }

    fn unblock(&mut self, number: usize) {
        if self.guards.is_empty() {
            return;
        }
        let (of, guard) = self.guards.swap_remove(number % self.guards.len());
        drop(guard);
        if let Some(slot) = self.slots.iter_mut().find(|slot| Some(slot.key) == of) {
            slot.blocks -= 1;
        }
    }

    fn end_scope(&mut self, number: usize) {
        if !self.scoped.is_empty() {
            let (key, scoped) = self.scoped.swap_remove(number % self.scoped.len());
            drop(scoped);
            self.disconnect(key);
        }
    }

    fn drop_object(&mut self, number: usize) {
        if self.keys.is_empty() {
            return;
        }
        let number = number % self.keys.len();
        if let Some(object) = self.objects.get_mut(number) {
            if object.take().is_some() {
                self.disconnect(self.keys[number]);
            }
        }
    }

    /// Some slot that is or was, if there ever was one.
    fn pick(&self, number: usize) -> Connection {
        match self.keys.len() {
            0 => Connection::default(),
            len => self.keys[number % len],
        }
    }

    fn agrees_with(&self, signal: &Signal<(), usize>) {
        assert_eq!(signal.connections(), self.connections());
        let infos = signal.slots();
        for (slot, info) in self.slots.iter().zip(&infos) {
            assert_eq!(info.connection, slot.key);
            assert_eq!((info.group, info.weak), (slot.group, slot.weak));
            assert_eq!(info.calls_left, slot.calls_left);
            assert_eq!(info.blocked, slot.blocks > 0 || self.is_blocked());
            assert_eq!(info.blocked, signal.is_blocked(slot.key));
        }
        assert_eq!(infos.len(), self.slots.len());
        assert_eq!(signal.len(), self.slots.len());
        assert_eq!(signal.is_empty(), self.slots.is_empty());
        for &key in &self.keys {
            let connected = self.slots.iter().any(|slot| slot.key == key);
            assert_eq!(signal.contains(key), connected);
            assert!(connected || !signal.is_blocked(key));
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
            Step::ChangeWithin(gone, blocked) => {
                let mut view = model.view().into_iter();
                let mut calls = signal.calls();
                let first = view.find_map(|key| model.turn(key));
                assert_eq!(calls.next(), first);
                let key = model.pick(gone);
                assert_eq!(signal.disconnect(key), model.disconnect(key));
                model.block(&signal, model.pick(blocked));
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
            Step::Scope(number) => {
                let key = model.pick(number);
                model.scoped.push((key, signal.scoped(key)));
            }
            Step::EndScope(number) => model.end_scope(number),
            Step::Block(number) => model.block(&signal, model.pick(number)),
            Step::BlockAll => model.guards.push((None, signal.block_all())),
            Step::Unblock(number) => model.unblock(number),
            Step::DropObject(number) => model.drop_object(number),
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
