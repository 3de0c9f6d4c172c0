//! Faults with guards, and in the payloads of caught panics.

use std::panic;
use std::sync::Mutex;

use smoke_signal::Signal;

use super::{Case, Fault, KINDS, Kind, SLOTS, Way};
use crate::common::{Counter, in_own_process, throw, thrown};

/// What panics in the emission of a guard that is dropped by unwinding.
#[derive(Clone, Copy, Debug, PartialEq)]
enum While {
    Body,
    Clone,
    Argument,
    Capture,
    Result,
}

/// Runs in its own process, which a panic that escapes the guard would abort.
#[test]
fn a_panic_in_the_emission_of_a_guard_does_not_stop_unwinding() {
    in_own_process(
        "faults::guards::a_panic_in_the_emission_of_a_guard_does_not_stop_unwinding",
        || {
            for what in [
                While::Body,
                While::Clone,
                While::Argument,
                While::Capture,
                While::Result,
            ] {
                for kind in KINDS {
                    for at in 0..SLOTS {
                        unwind_with_a_guard(what, kind, at);
                    }
                }
            }
        },
    );
}

fn unwind_with_a_guard(what: While, kind: Kind, at: usize) {
    let fault = match what {
        While::Body => Fault::Body,
        While::Result => Fault::Result,
        While::Capture => Fault::Capture,
        While::Clone | While::Argument => Fault::No,
    };
    // A capture that panics must be dropped by the guard's emission, with the last call.
    if what == While::Capture && kind != Kind::Limited && kind != Kind::WaitableLimited {
        return;
    }
    let case = Case::new((what, kind, at));
    let slots: [_; SLOTS] = std::array::from_fn(|number| {
        if number != at {
            return case.connect(Kind::Plain, case.slot(number, Fault::No));
        }
        let slot = case.slot(number, fault);
        if what != While::Capture {
            return case.connect(kind, slot);
        }
        let options = case.signal.options().max_calls(1);
        if kind.is_waitable() {
            options.waitable().connect(slot)
        } else {
            options.connect(slot)
        }
    });
    let argument = match what {
        While::Clone if at < SLOTS - 1 => case.ledger.panicking_clone(at + 1),
        While::Argument => case.ledger.bomb(),
        _ => case.ledger.value(),
    };
    let outer = thrown(|| {
        let _guard = case.signal.emitting(argument);
        throw("outer")
    });
    assert_eq!(outer, "outer", "{}", case.name);
    let called = match what {
        While::Body => at + 1,
        While::Clone if at < SLOTS - 1 => at,
        While::Capture if kind.is_waitable() => at + 1,
        _ => SLOTS,
    };
    assert_eq!(
        case.called.take(),
        Vec::from_iter(0..called),
        "{}",
        case.name
    );
    let mut left = Vec::from_iter(0..SLOTS);
    if kind.is_once() || matches!(what, While::Capture | While::Result) {
        case.signal.disconnect(slots[at]);
        left.remove(at);
    }
    case.assert_works(&left);
    case.signal.disconnect_all();
    case.assert_balance();
}

/// The payload of a panic, whose drop panics with another such payload, this many times.
struct Payload(u32, Counter);

impl Drop for Payload {
    fn drop(&mut self) {
        self.1.add();
        if let Some(less) = self.0.checked_sub(1) {
            panic::resume_unwind(Box::new(Payload(less, self.1.clone())));
        }
    }
}

#[test]
fn however_often_payloads_panic_a_guard_does_not_stop_unwinding() {
    in_own_process(
        "faults::guards::however_often_payloads_panic_a_guard_does_not_stop_unwinding",
        || {
            for often in 0..5 {
                let signal = Signal::<()>::new();
                let (dropped, noted) = (Counter::default(), Counter::default());
                let counter = dropped.clone();
                signal.connect(move || {
                    panic::resume_unwind(Box::new(Payload(often, counter.clone())))
                });
                signal.options().first().connect(noted.adding());
                let outer = thrown(|| {
                    let _guard = signal.emitting();
                    throw("outer")
                });
                assert_eq!(outer, "outer");
                assert_eq!((noted.get(), signal.len()), (1, 2));
                assert!(dropped.get() >= 1);
            }
        },
    );
}

#[test]
fn the_payload_of_a_caught_panic_panics_as_it_is_dropped() {
    for at in 0..SLOTS {
        let case = Case::new(at);
        for number in 0..SLOTS {
            let slot = case.slot(number, Fault::No);
            let payload = Mutex::new((number == at).then(|| case.ledger.bomb()));
            case.connect(Kind::Waitable, move |argument| {
                let result = slot(argument);
                let payload = payload.lock().unwrap().take();
                if let Some(payload) = payload {
                    panic::resume_unwind(Box::new(payload));
                }
                result
            });
        }
        let outcomes = case.signal.calls(case.ledger.value()).catch_unwind();
        for (number, outcome) in outcomes.enumerate() {
            assert_eq!(outcome.is_err(), number == at);
            if number == at {
                assert_eq!(thrown(|| drop(outcome)), "drop");
            }
        }
        assert_eq!(case.called.take(), [0, 1, 2]);
        case.assert_works(&[0, 1, 2]);
        case.signal.disconnect_all();
        case.assert_balance();
    }
}

#[test]
fn one_scope_of_several_panics() {
    for kind in KINDS {
        for at in 0..SLOTS {
            let tested = Case::with_fault("scopes", at, kind, Fault::Capture);
            let signal = &tested.case.signal;
            let scopes = tested.slots.map(|slot| signal.scoped(slot));
            assert_eq!(thrown(|| drop(scopes)), "drop");
            tested.assert_works_with(&[]);
        }
    }
}

/// A guard that emits is dropped first and panics. A scope and the blocks after it are dropped all the same.
#[test]
fn the_guards_after_one_that_panics_are_dropped() {
    for kind in KINDS {
        let tested = Case::with_fault("guards", 0, kind, Fault::Body);
        let (case, [_, blocked, scoped]) = (&tested.case, tested.slots);
        let guards = (
            case.signal.emitting(case.ledger.value()),
            case.signal.block(blocked),
            case.signal.scoped(scoped),
            case.signal.block(blocked),
        );
        assert_eq!(thrown(|| drop(guards)), "body");
        assert_eq!(case.called.take(), [0]);
        assert!(!case.signal.is_blocked(blocked));
        assert!(!case.signal.contains(scoped));
        let left: &[usize] = if kind.is_once() { &[1] } else { &[0, 1] };
        tested.assert_works_with(left);
    }
}

/// The signal is dropped before a guard of each kind. Those have nothing left to do or to drop.
#[test]
fn guards_outlive_a_signal_whose_drop_panicked() {
    let case = Case::new("outlived");
    let slot = case.connect(Kind::Waitable, case.slot(0, Fault::Capture));
    let guards = (
        case.signal.emitting(case.ledger.value()),
        case.signal.block(slot),
        case.signal.block_all(),
        case.signal.scoped(slot),
    );
    case.emit(Way::Emit);
    assert_eq!(case.called.take(), []);
    let Case {
        signal,
        ledger,
        object,
        ..
    } = case;
    assert_eq!(thrown(|| drop(signal)), "drop");
    drop((guards, object));
    ledger.assert_alive(0, "outlived");
}
