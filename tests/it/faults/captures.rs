//! Faults as captures are dropped, in every way that drops them, and as the object of a weak slot is dropped.

use std::sync::{Arc, Mutex, OnceLock};

use smoke_signal::{Connection, Signal};

use super::{Case, Fault, KINDS, Kind, Ledger, SLOTS, Tested, Value, WAYS, Way, WithFault};
use crate::common::{DEADLOCK, thrown, within};

/// The calls that disconnect slots and drop their captures.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Exit {
    Disconnect,
    ByConnector,
    DisconnectAll,
    Scope,
    Wait,
    WaitWithTimeout,
}

const EXITS: [Exit; 6] = [
    Exit::Disconnect,
    Exit::ByConnector,
    Exit::DisconnectAll,
    Exit::Scope,
    Exit::Wait,
    Exit::WaitWithTimeout,
];

fn disconnect_by(signal: &Tested, slot: Connection, exit: Exit) {
    match exit {
        Exit::Disconnect => drop(signal.disconnect(slot)),
        Exit::ByConnector => drop(signal.connector().disconnect(slot)),
        Exit::DisconnectAll => signal.disconnect_all(),
        Exit::Scope => drop(signal.scoped(slot)),
        Exit::Wait => drop(signal.disconnect_and_wait(slot)),
        Exit::WaitWithTimeout => drop(signal.disconnect_and_wait_timeout(slot, DEADLOCK)),
    }
}

#[test]
fn a_capture_panics_as_its_slot_is_disconnected() {
    for exit in EXITS {
        for kind in KINDS {
            let waits = matches!(exit, Exit::Wait | Exit::WaitWithTimeout);
            if waits && !kind.is_waitable() {
                continue;
            }
            for emitted_before in [false, true] {
                if emitted_before && kind.is_once() {
                    continue;
                }
                for at in 0..SLOTS {
                    let tested = Case::with_fault((exit, emitted_before), at, kind, Fault::Capture);
                    let case = &tested.case;
                    if emitted_before {
                        case.assert_calls(&[0, 1, 2]);
                    }
                    let slot = tested.faulty();
                    let left = thrown(|| disconnect_by(&case.signal, slot, exit));
                    assert_eq!(left, "drop", "{}", case.name);
                    let captures = if exit == Exit::DisconnectAll { 0 } else { 2 };
                    case.ledger.assert_alive(captures + 1, &case.name);
                    assert_over(case, slot);
                    if exit == Exit::DisconnectAll {
                        tested.assert_works_with(&[]);
                    } else {
                        let others = tested.others();
                        tested.assert_works_with(&others);
                    }
                }
            }
        }
    }
}

/// Asserts that a disconnected slot is complete for a thread that waits, whatever its captures did.
#[track_caller]
fn assert_over(case: &Case, slot: Connection) {
    let signal = Arc::clone(&case.signal);
    let waited = within(DEADLOCK, &case.name, move || {
        signal.disconnect_and_wait(slot)
    });
    assert_eq!(waited, Ok(false), "{}", case.name);
}

#[test]
fn a_capture_panics_as_the_signal_is_dropped() {
    for kind in KINDS {
        for emitted_before in [false, true] {
            if emitted_before && kind.is_once() {
                continue;
            }
            for slots in [SLOTS, 9] {
                for at in 0..slots {
                    let case = Case::new((kind, emitted_before, slots, at));
                    for number in 0..slots {
                        let fault = if number == at {
                            Fault::Capture
                        } else {
                            Fault::No
                        };
                        case.connect(kind, case.slot(number, fault));
                    }
                    if emitted_before {
                        case.assert_calls(&Vec::from_iter(0..slots));
                    }
                    let (ledger, object, name) = (case.ledger, case.object, case.name);
                    assert_eq!(thrown(|| drop(case.signal)), "drop", "{name}");
                    ledger.assert_alive(1, &name);
                    drop(object);
                }
            }
        }
    }
}

/// Connects a slot of this kind that disconnects itself at its first call.
fn disconnecting_itself(case: &Case, kind: Kind, number: usize, exit: Exit) -> Connection {
    let slot = case.slot(number, Fault::Capture);
    let signal = Arc::downgrade(&case.signal);
    let me = Arc::new(OnceLock::new());
    let own = Arc::clone(&me);
    let key = case.connect(kind, move |argument| {
        let signal = signal.upgrade().expect("it is emitting");
        disconnect_by(&signal, *own.get().expect("it is connected"), exit);
        slot(argument)
    });
    me.set(key).expect("set once");
    key
}

/// At the end of the emission that held the slot last, or of its call if the slot is waitable.
#[test]
fn a_capture_panics_as_the_emission_that_held_it_ends() {
    for way in WAYS {
        for exit in EXITS {
            for kind in KINDS {
                let waits = matches!(exit, Exit::Wait | Exit::WaitWithTimeout);
                // The captures of a `once` slot are dropped in its call, see below.
                if kind.is_once() || waits && !kind.is_waitable() {
                    continue;
                }
                for at in 0..SLOTS {
                    let case = Case::new((way, exit, kind, at));
                    let slots = std::array::from_fn(|number| {
                        if number == at {
                            disconnecting_itself(&case, kind, number, exit)
                        } else {
                            case.connect(Kind::Plain, case.slot(number, Fault::No))
                        }
                    });
                    let tested = WithFault { case, slots, at };
                    let case = &tested.case;
                    assert_eq!(thrown(|| case.emit(way)), "drop", "{}", case.name);
                    let last = match (exit, kind.is_waitable()) {
                        (Exit::DisconnectAll, _) | (_, true) => at,
                        (_, false) => SLOTS - 1,
                    };
                    assert_eq!(
                        case.called.take(),
                        Vec::from_iter(0..=last),
                        "{}",
                        case.name
                    );
                    let captures = if exit == Exit::DisconnectAll { 0 } else { 2 };
                    case.ledger.assert_alive(captures + 1, &case.name);
                    assert_over(case, tested.faulty());
                    if exit == Exit::DisconnectAll {
                        tested.assert_works_with(&[]);
                    } else {
                        let others = tested.others();
                        tested.assert_works_with(&others);
                    }
                }
            }
        }
    }
}

/// After the last call of a budget, only the emission holds the slot.
#[test]
fn a_capture_panics_as_a_used_up_slot_is_dropped() {
    for way in WAYS {
        for waitable in [false, true] {
            for weak in [false, true] {
                for at in 0..SLOTS {
                    let case = Case::new((way, waitable, weak, at));
                    let slots = std::array::from_fn(|number| {
                        if number != at {
                            return case.connect(Kind::Plain, case.slot(number, Fault::No));
                        }
                        let mut options = case.signal.options().max_calls(1);
                        if waitable {
                            options = options.waitable();
                        }
                        let slot = case.slot(number, Fault::Capture);
                        if weak {
                            options.connect_weak(&case.object, move |_, argument| slot(argument))
                        } else {
                            options.connect(slot)
                        }
                    });
                    let tested = WithFault { case, slots, at };
                    let case = &tested.case;
                    assert_eq!(thrown(|| case.emit(way)), "drop", "{}", case.name);
                    let last = if waitable { at } else { SLOTS - 1 };
                    assert_eq!(
                        case.called.take(),
                        Vec::from_iter(0..=last),
                        "{}",
                        case.name
                    );
                    assert_over(case, tested.faulty());
                    let others = tested.others();
                    tested.assert_works_with(&others);
                }
            }
        }
    }
}

#[test]
fn a_capture_of_a_once_slot_panics_in_its_call() {
    for way in WAYS {
        for waitable in [false, true] {
            for at in 0..SLOTS {
                let case = Case::new((way, waitable, at));
                let slots = std::array::from_fn(|number| {
                    if number != at {
                        return case.connect(Kind::Plain, case.slot(number, Fault::No));
                    }
                    let (capture, called) = (case.ledger.bomb(), case.called.clone());
                    let options = case.signal.options();
                    let options = if waitable {
                        options.waitable()
                    } else {
                        options
                    };
                    options.once(move |argument| {
                        called.add(number);
                        drop(capture);
                        argument
                    })
                });
                let tested = WithFault { case, slots, at };
                let case = &tested.case;
                assert_eq!(thrown(|| case.emit(way)), "drop", "{}", case.name);
                assert_eq!(case.called.take(), Vec::from_iter(0..=at), "{}", case.name);
                assert_over(case, tested.faulty());
                let others = tested.others();
                tested.assert_works_with(&others);
            }
        }
    }
}

/// The capture is not leaked if the clone of the argument panics, so that there is no call.
#[test]
fn a_capture_of_a_once_slot_panics_as_a_clone_prevents_its_call() {
    for way in WAYS {
        for kind in [Kind::Once, Kind::WaitableOnce] {
            let tested = Case::with_fault(way, 0, kind, Fault::No);
            let case = &tested.case;
            case.ledger.assert_alive(SLOTS + 1, &case.name);
            let argument = case.ledger.panicking_clone(1);
            assert_eq!(thrown(|| case.emit_value(way, argument)), "clone");
            case.ledger.assert_alive(SLOTS, &case.name);
            assert_over(case, tested.faulty());
            tested.assert_works_with(&[1, 2]);
        }
    }
}

/// With a budget of 0 the slot never connects, and its closure is dropped.
#[test]
fn a_capture_panics_as_its_slot_does_not_connect() {
    for kind in [Kind::Plain, Kind::WithKey, Kind::Once, Kind::Weak] {
        for waitable in [false, true] {
            let case = Case::new((kind, waitable));
            case.connect(Kind::Plain, case.slot(0, Fault::No));
            let slot = case.slot(1, Fault::Capture);
            let none = case.signal.options().max_calls(0);
            let none = if waitable { none.waitable() } else { none };
            let connected = thrown(|| match kind {
                Kind::WithKey => none.connect_with_key(move |_| slot),
                Kind::Once => none.once(slot),
                Kind::Weak => none.connect_weak(&case.object, move |_, argument| slot(argument)),
                _ => none.connect(slot),
            });
            assert_eq!(connected, "drop", "{}", case.name);
            case.assert_works(&[0]);
            case.assert_balance();
        }
    }
}

/// The calls that find and remove expired slots.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Finder {
    Connect,
    ConnectWithKey,
    ConnectWeak,
    Once,
    Disconnect,
    DisconnectAll,
    Emission(Way),
    MutedEmission,
}

const FINDERS: [Finder; 10] = [
    Finder::Connect,
    Finder::ConnectWithKey,
    Finder::ConnectWeak,
    Finder::Once,
    Finder::Disconnect,
    Finder::DisconnectAll,
    Finder::Emission(Way::Emit),
    Finder::Emission(Way::Calls),
    Finder::Emission(Way::Emitting),
    Finder::MutedEmission,
];

#[test]
fn a_capture_panics_as_its_expired_slot_is_removed() {
    for finder in FINDERS {
        for kind in [Kind::Weak, Kind::WaitableWeak] {
            for at in 0..SLOTS {
                let case = Case::new((finder, kind, at));
                let mut living = case.clone();
                living.object = Arc::new(case.ledger.value());
                living.connect(kind, case.slot(0, Fault::No));
                let expiring = std::array::from_fn::<_, SLOTS, _>(|number| {
                    let fault = if number == at {
                        Fault::Capture
                    } else {
                        Fault::No
                    };
                    case.connect(kind, case.slot(1 + number, fault))
                });
                living.connect(kind, case.slot(5, Fault::No));
                let Case { object, signal, .. } = case;
                drop(object);
                assert_eq!(signal.len(), 2, "{}", living.name);

                let more = || living.slot(6, Fault::No);
                let found = thrown(|| match finder {
                    Finder::Connect => drop(signal.connect(more())),
                    Finder::ConnectWithKey => drop(signal.connect_with_key(|_| more())),
                    Finder::ConnectWeak => drop(living.connect(Kind::Weak, more())),
                    Finder::Once => drop(signal.once(more())),
                    Finder::Disconnect => drop(signal.disconnect(expiring[at])),
                    Finder::DisconnectAll => signal.disconnect_all(),
                    Finder::Emission(way) => living.emit(way),
                    Finder::MutedEmission => {
                        let _muted = signal.block_all();
                        living.emit(Way::Emit);
                    }
                });
                assert_eq!(found, "drop", "{}", living.name);
                assert_eq!(living.called.take(), [], "before the first slot is called");
                for slot in expiring {
                    assert!(!signal.contains(slot) && !signal.disconnect(slot));
                    assert_over(&living, slot);
                }
                // What remains: an object and the captures of the slots. A connect that unwinds has
                // connected nothing, because its key is lost.
                let (numbers, captures): (&[usize], _) = match finder {
                    Finder::DisconnectAll => (&[], 0),
                    _ => (&[0, 5], 2),
                };
                living.ledger.assert_alive(captures + 1, &living.name);
                living.assert_works(numbers);
                drop(signal);
                living.assert_balance();
            }
        }
    }
}

/// The last owner releases the object while the slot runs, so the emission drops it.
#[test]
fn an_object_panics_as_its_last_emission_drops_it() {
    for way in WAYS {
        for kind in [Kind::Weak, Kind::WaitableWeak] {
            for at in 0..SLOTS {
                let mut case = Case::new((way, kind, at));
                case.object = Arc::new(case.ledger.bomb());
                let owner = Arc::new(Mutex::new(Some(Arc::clone(&case.object))));
                let slots = std::array::from_fn(|number| {
                    let slot = case.slot(number, Fault::No);
                    if number != at {
                        return case.connect(Kind::Plain, slot);
                    }
                    let owner = Arc::clone(&owner);
                    case.connect(kind, move |argument| {
                        owner.lock().unwrap().take();
                        slot(argument)
                    })
                });
                case.object = Arc::new(case.ledger.value());
                let tested = WithFault { case, slots, at };
                let case = &tested.case;
                assert_eq!(thrown(|| case.emit(way)), "drop", "{}", case.name);
                assert_eq!(case.called.take(), Vec::from_iter(0..=at), "{}", case.name);
                // Three captures and the new object remain; the result was dropped too.
                case.ledger.assert_alive(SLOTS + 1, &case.name);
                let others = tested.others();
                tested.assert_there(&others);
                tested.assert_works_with(&others);
            }
        }
    }
}

/// As many results as fit inline, and more.
#[test]
fn results_are_dropped_if_the_emission_ends_in_a_panic() {
    for slots in [1, 4, 5, 9] {
        let case = Case::new(slots);
        for number in 0..slots {
            let fault = if number == 0 {
                Fault::Capture
            } else {
                Fault::No
            };
            case.signal
                .options()
                .max_calls(1)
                .connect(case.slot(number, fault));
        }
        let results = thrown(|| case.signal.emit(case.ledger.value()));
        assert_eq!(results, "drop", "{}", case.name);
        case.ledger.assert_alive(1, &case.name);
        assert_eq!(case.called.take().len(), slots, "{}", case.name);
        case.assert_works(&[]);
        case.assert_balance();
    }
}

/// One of many captures that are dropped together panics, at every position.
#[test]
fn one_capture_of_many_panics() {
    let many = 20;
    for at in 0..many {
        let ledger = Ledger::default();
        let signal = Signal::<()>::new();
        for number in 0..many {
            let value = if number == at {
                ledger.bomb()
            } else {
                ledger.value()
            };
            signal.connect(move || Value::touch(&value));
        }
        signal.emit();
        assert_eq!(thrown(|| signal.disconnect_all()), "drop");
        ledger.assert_alive(0, "many");
        assert!(signal.is_empty() && signal.emit().is_empty());
    }
}
