//! Faults with a registry: its callbacks, and their clones and captures.

use std::sync::Arc;

use smoke_signal::{CallbackKey, Registry};

use super::{Fault, LIMIT, Ledger, SLOTS, Value};
use crate::common::{DEADLOCK, Recorder, throw, thrown, within};

const NAMES: [&str; 2] = ["a", "b"];

#[derive(Clone, Copy, Debug, PartialEq)]
enum Budget {
    None,
    Limit,
    Once,
}

const BUDGETS: [Budget; 3] = [Budget::None, Budget::Limit, Budget::Once];

/// A registry whose callbacks, on both names, record their numbers when they are called. One is faulty.
#[derive(Clone)]
struct Case {
    name: String,
    ledger: Ledger,
    registry: Arc<Registry>,
    called: Recorder<usize>,
    keys: Vec<CallbackKey>,
    at: usize,
}

impl Case {
    fn new(name: impl std::fmt::Debug, at: usize, budget: Budget, fault: Fault) -> Self {
        let mut case = Self {
            name: format!("{:?}", (name, at, budget, fault)),
            ledger: Ledger::default(),
            registry: Arc::default(),
            called: Recorder::new(),
            keys: Vec::new(),
            at,
        };
        for number in 0..SLOTS {
            let key = if number == at {
                let callback = case.callback(number, fault);
                match budget {
                    Budget::None => case.registry.on(NAMES, callback),
                    Budget::Limit => case.registry.on_max(NAMES, LIMIT, callback),
                    Budget::Once => case.registry.once(NAMES, callback),
                }
            } else {
                let callback = case.callback(number, Fault::No);
                case.registry.on(NAMES, callback)
            };
            case.keys.push(key.unwrap());
        }
        case
    }

    fn callback(&self, number: usize, fault: Fault) -> impl Fn(Value) + Send + Sync + 'static {
        let capture = match fault {
            Fault::Capture => self.ledger.bomb(),
            _ => self.ledger.value(),
        };
        let first = Recorder::new();
        first.add(());
        let called = self.called.clone();
        move |argument| {
            capture.touch();
            called.add(number);
            if fault == Fault::Body && !first.take().is_empty() {
                throw("body");
            }
            drop(argument);
        }
    }

    fn emit(&self, name: &str) -> usize {
        self.registry.emit(name, (self.ledger.value(),)).unwrap()
    }

    fn others(&self) -> Vec<usize> {
        (0..SLOTS).filter(|&number| number != self.at).collect()
    }

    fn faulty(&self) -> CallbackKey {
        self.keys[self.at]
    }

    /// Asserts which callbacks each name has, on this thread and on another.
    #[track_caller]
    fn assert_works(&self, numbers: [&[usize]; 2]) {
        let elsewhere = self.clone();
        let expected = numbers.map(<[usize]>::to_owned);
        within(DEADLOCK, &self.name, move || {
            elsewhere.assert_works_here([&expected[0], &expected[1]]);
        });
        self.assert_works_here(numbers);
    }

    #[track_caller]
    fn assert_works_here(&self, numbers: [&[usize]; 2]) {
        for (name, numbers) in NAMES.into_iter().zip(numbers) {
            assert_eq!(self.emit(name), numbers.len(), "{}", self.name);
            assert_eq!(self.called.take(), numbers, "{name:?} of {}", self.name);
            for (number, &key) in self.keys.iter().enumerate() {
                let there = numbers.contains(&number);
                assert_eq!(self.registry.responds_to(key, name), there);
            }
            let more = self.callback(SLOTS, Fault::No);
            let more = self.registry.on(name, more).unwrap();
            assert_eq!(self.registry.signals(more), [name], "{}", self.name);
            assert_eq!(self.emit(name), numbers.len() + 1, "{}", self.name);
            assert_eq!(self.called.take(), [numbers, &[SLOTS]].concat());
            assert!(self.registry.disconnect(more), "{}", self.name);
            assert!(!self.registry.disconnect(more), "{}", self.name);
        }
    }

    /// Asserts that the callbacks with these numbers are registered, then disconnects all.
    #[track_caller]
    fn assert_balance(self, numbers: &[usize]) {
        for (number, &key) in self.keys.iter().enumerate() {
            let there = numbers.contains(&number);
            let left = self.registry.disconnect(key);
            assert_eq!(left, there, "{number} of {}", self.name);
        }
        self.ledger.assert_alive(0, &self.name);
    }
}

#[test]
fn a_callback_panics() {
    for name in NAMES {
        for budget in BUDGETS {
            for at in 0..SLOTS {
                let case = Case::new(name, at, budget, Fault::Body);
                assert_eq!(thrown(|| case.emit(name)), "body", "{}", case.name);
                assert_eq!(case.called.take(), Vec::from_iter(0..=at), "{}", case.name);
                assert_charged(case, budget);
            }
        }
    }
}

#[test]
fn a_clone_for_a_callback_panics() {
    for name in NAMES {
        for budget in BUDGETS {
            for at in 0..SLOTS - 1 {
                let case = Case::new(name, at, budget, Fault::No);
                let argument = case.ledger.panicking_clone(at + 1);
                let emitted = thrown(|| case.registry.emit(name, (argument,)));
                assert_eq!(emitted, "clone", "{}", case.name);
                assert_eq!(case.called.take(), Vec::from_iter(0..at), "{}", case.name);
                assert_charged(case, budget);
            }
        }
    }
}

/// Asserts that the fault cost one call, across all names, and nothing else.
#[track_caller]
fn assert_charged(case: Case, budget: Budget) {
    let left = case.registry.calls_left(case.faulty());
    let numbers = match budget {
        Budget::Once => {
            assert_eq!(left, None, "{}", case.name);
            case.others()
        }
        Budget::Limit => {
            assert_eq!(left, Some(LIMIT - 1), "{}", case.name);
            (0..SLOTS).collect()
        }
        Budget::None => (0..SLOTS).collect(),
    };
    case.assert_works([&numbers, &numbers]);
    case.assert_balance(&numbers);
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Exit {
    Disconnect,
    DisconnectFromBoth,
    /// From one name, without a fault, and then from the other.
    OneAfterTheOther,
    Scope,
    Clear,
    ClearOneAfterTheOther,
    ClearAll,
    TypedSignals,
}

const EXITS: [Exit; 8] = [
    Exit::Disconnect,
    Exit::DisconnectFromBoth,
    Exit::OneAfterTheOther,
    Exit::Scope,
    Exit::Clear,
    Exit::ClearOneAfterTheOther,
    Exit::ClearAll,
    Exit::TypedSignals,
];

fn disconnect_by(case: &Case, exit: Exit) {
    let (registry, key) = (&case.registry, case.faulty());
    match exit {
        Exit::Disconnect => drop(registry.disconnect(key)),
        Exit::DisconnectFromBoth => drop(registry.disconnect_from(key, NAMES)),
        Exit::OneAfterTheOther => {
            assert!(registry.disconnect_from(key, "a"));
            registry.disconnect_from(key, "b");
        }
        Exit::Scope => drop(registry.scoped(key)),
        Exit::Clear => registry.clear(NAMES),
        Exit::ClearOneAfterTheOther => {
            registry.clear("a");
            registry.clear("b");
        }
        Exit::ClearAll => registry.clear_all(),
        Exit::TypedSignals => {
            for name in NAMES {
                let signal = registry.signal::<(Value,), ()>(name).unwrap();
                signal.disconnect(signal.connections()[case.at]);
            }
        }
    }
}

#[test]
fn a_capture_panics_as_its_callback_is_disconnected() {
    for exit in EXITS {
        for budget in BUDGETS {
            for emitted_before in [false, true] {
                if emitted_before && budget == Budget::Once {
                    continue;
                }
                for at in 0..SLOTS {
                    let case = Case::new((exit, emitted_before), at, budget, Fault::Capture);
                    if emitted_before {
                        case.assert_works([&[0, 1, 2], &[0, 1, 2]]);
                    }
                    let left = thrown(|| disconnect_by(&case, exit));
                    assert_eq!(left, "drop", "{}", case.name);
                    let cleared = matches!(
                        exit,
                        Exit::Clear | Exit::ClearOneAfterTheOther | Exit::ClearAll
                    );
                    let others = if cleared { Vec::new() } else { case.others() };
                    case.ledger.assert_alive(others.len(), &case.name);
                    assert!(case.registry.signals(case.faulty()).is_empty());
                    case.assert_works([&others, &others]);
                    case.assert_balance(&others);
                }
            }
        }
    }
}

/// The last call of a budget removes the callback from all its names, and the emission is its last owner.
#[test]
fn a_capture_panics_as_a_used_up_callback_is_dropped() {
    for name in NAMES {
        for at in 0..SLOTS {
            let case = Case::new(name, at, Budget::Once, Fault::Capture);
            assert_eq!(thrown(|| case.emit(name)), "drop", "{}", case.name);
            assert_eq!(case.called.take(), [0, 1, 2], "{}", case.name);
            let others = case.others();
            case.assert_works([&others, &others]);
            case.assert_balance(&others);
        }
    }
}

#[test]
fn a_capture_panics_as_its_callback_is_refused() {
    let case = Case::new("refused", 0, Budget::None, Fault::No);
    let registry = &case.registry;
    let unused = thrown(|| registry.on_max(NAMES, 0, case.callback(3, Fault::Capture)));
    assert_eq!(unused, "drop", "a budget of 0");
    let nowhere = thrown(|| registry.on([""; 0], case.callback(3, Fault::Capture)));
    assert_eq!(nowhere, "drop", "no names");
    let bomb = case.ledger.bomb();
    let mismatch = thrown(|| registry.on(["new", "a"], move |_: u8| bomb.touch()));
    assert_eq!(mismatch, "drop", "another signature");
    assert_eq!(registry.emit("new", ("bound to nothing",)), Ok(0));
    case.assert_works([&[0, 1, 2], &[0, 1, 2]]);
    case.assert_balance(&[0, 1, 2]);
}

/// The callbacks of every signal are dropped, whichever of them panics.
#[test]
fn a_capture_panics_as_all_names_are_cleared_or_the_registry_is_dropped() {
    let names = 12;
    let ends: [fn(Registry); 3] = [
        drop,
        |registry| registry.clear_all(),
        |registry| registry.clear(Vec::from_iter((0..12).map(|name| name.to_string()))),
    ];
    for (end, go) in ends.into_iter().enumerate() {
        for emitted_before in [false, true] {
            for at in 0..names {
                let ledger = Ledger::default();
                let registry = Registry::new();
                for number in 0..names {
                    let capture = if number == at {
                        ledger.bomb()
                    } else {
                        ledger.value()
                    };
                    let name = number.to_string();
                    registry.on(&name, move || capture.touch()).unwrap();
                }
                if emitted_before {
                    assert_eq!(registry.emit("0", ()), Ok(1));
                }
                assert_eq!(thrown(|| go(registry)), "drop");
                ledger.assert_alive(0, &format!("{:?}", (end, emitted_before, at)));
            }
        }
    }
}
