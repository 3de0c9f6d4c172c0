//! Faults in a call: the slot, the clones and drops of its arguments, its results, and the closure that
//! makes a slot.

use smoke_signal::{Returns, Signal};

use super::{Case, Fault, KINDS, Kind, LIMIT, Ledger, SLOTS, Value, WAYS, Way};
use crate::common::{message, throw, thrown};

#[test]
fn a_slot_panics() {
    for way in WAYS {
        for kind in KINDS {
            for at in 0..SLOTS {
                let tested = Case::with_fault(way, at, kind, Fault::Body);
                let case = &tested.case;
                assert_eq!(thrown(|| case.emit(way)), "body", "{}", case.name);
                assert_eq!(case.called.take(), Vec::from_iter(0..=at), "{}", case.name);
                if kind.is_limited() {
                    let left = case.signal.slots()[at].calls_left;
                    assert_eq!(left, Some(LIMIT - 1), "charged: {}", case.name);
                }
                tested.assert_works_after_a_call(kind);
            }
        }
    }
}

#[test]
fn a_slot_panics_in_a_lazy_emission_that_continues() {
    for kind in KINDS {
        for at in 0..SLOTS {
            let tested = Case::with_fault("lazy", at, kind, Fault::Body);
            let case = &tested.case;
            let outcomes = case.signal.calls(case.ledger.value()).catch_unwind();
            for (number, outcome) in outcomes.enumerate() {
                let outcome = outcome.map(drop).map_err(|payload| message(&*payload));
                let expected = if number == at {
                    Err("body".into())
                } else {
                    Ok(())
                };
                assert_eq!(outcome, expected, "{}", case.name);
            }
            assert_eq!(case.called.take(), [0, 1, 2], "{}", case.name);
            tested.assert_works_after_a_call(kind);
        }
    }
}

#[test]
fn every_slot_panics() {
    for kind in KINDS {
        let case = Case::new(kind);
        for number in 0..SLOTS {
            case.connect(kind, case.slot(number, Fault::Body));
        }
        // Each emission gets one slot further. A used-up slot is not called again.
        for number in 0..SLOTS {
            assert_eq!(thrown(|| case.emit(Way::Emit)), "body", "{kind:?}");
            let called = case.called.take();
            assert_eq!(called.last(), Some(&number), "{kind:?}");
        }
        let left = if kind.is_once() { 0 } else { SLOTS };
        case.assert_works(&Vec::from_iter(0..left));
        case.assert_balance();
    }
}

#[test]
fn a_clone_panics() {
    for way in WAYS {
        for kind in KINDS {
            // The last slot gets the original.
            for at in 0..SLOTS - 1 {
                let tested = Case::with_fault(way, at, kind, Fault::No);
                let case = &tested.case;
                let argument = case.ledger.panicking_clone(at + 1);
                assert_eq!(thrown(|| case.emit_value(way, argument)), "clone");
                assert_eq!(case.called.take(), Vec::from_iter(0..at), "{}", case.name);
                if kind.is_limited() {
                    let left = case.signal.slots()[at].calls_left;
                    assert_eq!(left, Some(LIMIT - 1), "charged: {}", case.name);
                }
                tested.assert_works_after_a_call(kind);
            }
        }
    }
}

#[test]
fn a_clone_panics_in_a_lazy_emission_that_continues() {
    for kind in KINDS {
        for at in 0..SLOTS - 1 {
            let tested = Case::with_fault("lazy", at, kind, Fault::No);
            let case = &tested.case;
            let argument = case.ledger.panicking_clone(at + 1);
            let outcomes = case.signal.calls(argument).catch_unwind();
            let panics: Vec<_> = outcomes.map(|outcome| outcome.is_err()).collect();
            assert_eq!(panics, [at == 0, at == 1, false], "{}", case.name);
            assert_eq!(case.called.take(), tested.others(), "{}", case.name);
            tested.assert_works_after_a_call(kind);
        }
    }
}

/// The clones of a bomb are harmless, and the last slot gets the original.
#[test]
fn an_argument_panics_as_the_last_slot_drops_it() {
    for way in WAYS {
        for kind in KINDS {
            let last = SLOTS - 1;
            let tested = Case::with_fault(way, last, kind, Fault::No);
            let case = &tested.case;
            let argument = case.ledger.bomb();
            assert_eq!(thrown(|| case.emit_value(way, argument)), "drop");
            assert_eq!(case.called.take(), [0, 1, 2], "{}", case.name);
            tested.assert_works_after_a_call(kind);
        }
    }
}

#[test]
fn an_argument_that_no_slot_takes_panics_as_it_is_dropped() {
    for way in WAYS {
        let unused = Case::new(("unused", way));
        let argument = unused.ledger.bomb();
        assert_eq!(thrown(|| unused.emit_value(way, argument)), "drop");
        unused.assert_works(&[]);
        unused.assert_balance();

        for kind in KINDS {
            // The last slot is blocked, and the others get clones.
            let last = SLOTS - 1;
            let tested = Case::with_fault(way, last, kind, Fault::No);
            let case = &tested.case;
            case.emit(Way::Emit);
            case.called.take();
            let block = case.signal.block(tested.faulty());
            let argument = case.ledger.bomb();
            assert_eq!(thrown(|| case.emit_value(way, argument)), "drop");
            assert_eq!(case.called.take(), [0, 1], "{}", case.name);
            drop(block);
            tested.assert_works_after_a_call(kind);
        }
    }
}

#[test]
fn an_argument_panics_as_a_lazy_emission_is_dropped_half_way() {
    for called in 0..SLOTS {
        let tested = Case::with_fault(called, 0, Kind::Plain, Fault::No);
        let case = &tested.case;
        let mut calls = case.signal.calls(case.ledger.bomb());
        assert_eq!(calls.by_ref().take(called).count(), called);
        assert_eq!(case.called.take().len(), called);
        assert_eq!(thrown(|| drop(calls)), "drop");
        tested.assert_works_with(&[0, 1, 2]);
    }
}

/// If one of several arguments panics, the others are dropped all the same.
#[test]
fn one_of_several_arguments_panics() {
    for at in 0..3 {
        let ledger = Ledger::default();
        let signal = Signal::<(Value, Value, Value)>::new();
        for _ in 0..2 {
            signal.connect(|_, _, _| ());
        }
        let arguments = |bomb: fn(&Ledger) -> Value| {
            std::array::from_fn(|number| {
                if number == at {
                    bomb(&ledger)
                } else {
                    ledger.value()
                }
            })
        };
        let [a, b, c] = arguments(Ledger::bomb);
        assert_eq!(thrown(|| signal.emit(a, b, c)), "drop");
        ledger.assert_alive(0, "dropped");
        let [a, b, c] = arguments(|ledger| ledger.panicking_clone(1));
        assert_eq!(thrown(|| signal.emit(a, b, c)), "clone");
        ledger.assert_alive(0, "cloned");
    }
}

#[test]
fn a_result_panics_as_it_is_dropped() {
    for way in WAYS {
        for at in 0..SLOTS {
            let tested = Case::with_fault(way, at, Kind::Waitable, Fault::Result);
            let case = &tested.case;
            assert_eq!(thrown(|| case.emit(way)), "drop", "{}", case.name);
            let called = match way {
                Way::Calls => at, // `for_each(drop)` drops each before the next is called
                Way::Emit | Way::Emitting => SLOTS - 1,
            };
            assert_eq!(case.called.take(), Vec::from_iter(0..=called));
            assert!(case.signal.disconnect(tested.faulty()));
            let others = tested.others();
            tested.assert_works_with(&others);
        }
    }
}

/// As many results as fit inline, and more.
#[test]
fn one_of_the_results_panics_however_they_are_dropped() {
    let ways: [(&str, fn(Returns<Value>)); 6] = [
        ("the collection", drop),
        ("a vector", |results| drop(results.into_vec())),
        ("one by one", |results| {
            results.into_iter().for_each(drop);
        }),
        ("the iterator", |results| drop(results.into_iter())),
        ("the rest of an iterator", |results| {
            let mut results = results.into_iter();
            drop(results.next());
            drop(results.next_back());
            drop(results);
        }),
        ("backwards", |results| {
            results.into_iter().rev().for_each(drop);
        }),
    ];
    for (way, drop_them) in ways {
        for slots in [3, 4, 6] {
            for at in 0..slots {
                let case = Case::new((way, slots, at));
                for number in 0..slots {
                    let fault = if number == at {
                        Fault::Result
                    } else {
                        Fault::No
                    };
                    case.connect(Kind::Plain, case.slot(number, fault));
                }
                let results = case.signal.emit(case.ledger.value());
                assert_eq!(results.len(), slots);
                assert_eq!(thrown(|| drop_them(results)), "drop", "{}", case.name);
                case.ledger.assert_alive(slots + 1, &case.name);
                case.signal.disconnect_all();
                case.assert_balance();
            }
        }
    }
}

#[test]
fn the_closure_that_makes_a_slot_panics() {
    for kind in KINDS {
        for first in [false, true] {
            let tested = Case::with_fault(("made", first), 1, kind, Fault::No);
            let case = &tested.case;
            for waitable in [false, true] {
                for max_calls in [None, Some(2)] {
                    let mut options = case.signal.options();
                    if first {
                        options = options.first();
                    }
                    if waitable {
                        options = options.waitable();
                    }
                    if let Some(max_calls) = max_calls {
                        options = options.max_calls(max_calls);
                    }
                    let slot = case.slot(9, Fault::No);
                    let mut reserved = None;
                    let outcome = thrown(|| {
                        options.connect_with_key(|me| {
                            reserved = Some(me);
                            if case.signal.contains(me) {
                                return slot;
                            }
                            throw("made")
                        })
                    });
                    assert_eq!(outcome, "made", "{}", case.name);
                    let reserved = reserved.expect("the closure was called");
                    assert!(!case.signal.contains(reserved), "{}", case.name);
                    assert!(!case.signal.disconnect(reserved), "{}", case.name);
                    tested.assert_there(&[0, 1, 2]);
                }
            }
            case.emit(Way::Emit);
            assert_eq!(case.called.take(), [0, 1, 2]);
            tested.assert_works_after_a_call(kind);
        }
    }
}
