//! Call budgets: `once` and `max_calls`.

use std::collections::BTreeSet;
use std::sync::Arc;

use smoke_signal::{Connection, Signal};

use crate::common::{Counter, Recorder, throw, thrown, together};

// smokesignal: test_on_max_calls, test_call_with_max_calls
#[test]
fn a_slot_runs_max_calls_times() {
    for (budget, emissions, expected) in [(3, 10, 3), (1, 5, 1), (5, 5, 5), (5, 4, 4)] {
        let signal = Signal::<()>::new();
        let calls = Counter::default();
        let slot = signal.options().max_calls(budget).connect(calls.adding());
        for _ in 0..emissions {
            signal.emit();
        }
        assert_eq!(calls.get(), expected);
        assert_eq!(signal.contains(slot), expected < budget as usize);
    }
}

// smokesignal: test_on_max_calls, test_call_with_max_calls
#[test]
fn the_largest_budget_is_not_unlimited() {
    let signal = Signal::<()>::new();
    let slot = signal.options().max_calls(u32::MAX).connect(|| ());
    assert_eq!(signal.emit().len() + signal.emit().len(), 2);
    assert!(signal.contains(slot));
}

// smokesignal: test_once, test_call_no_max_calls; Qt: SingleShotConnection
#[test]
fn once_slots_run_once_and_others_without_limit() {
    let signal = Signal::<(), &str>::new();
    signal.connect(|| "plain");
    signal.once(|| "once");
    assert_eq!(signal.emit(), ["plain", "once"]);
    for _ in 0..1000 {
        assert_eq!(signal.emit(), ["plain"]);
    }
}

// smokesignal: test_once, test_on_max_calls; Node: once
#[test]
fn a_slot_is_disconnected_before_its_last_call() {
    static SIGNAL: Signal<(), bool> = Signal::new();
    let contained = |me: Connection| move || SIGNAL.contains(me);
    let twice = SIGNAL.options().max_calls(2).connect_with_key(contained);
    assert_eq!(SIGNAL.emit(), [true]);
    assert_eq!(SIGNAL.emit(), [false], "it is disconnected by then");
    assert!(SIGNAL.is_empty());
    assert!(!SIGNAL.disconnect(twice), "it disconnected itself");
}

// smokesignal: tests_twisted.py, test_max_calls
#[test]
fn a_call_that_panics_has_been_charged() {
    let signal = Signal::<()>::new();
    let calls = Counter::default();
    let counter = calls.clone();
    signal.options().max_calls(2).connect(move || {
        counter.add();
        throw("spent");
    });
    for left in [2, 1] {
        assert_eq!(signal.len(), 1, "{left} left");
        assert_eq!(thrown(|| signal.emit()), "spent");
    }
    assert!(signal.is_empty());
    assert!(signal.emit().is_empty());
    assert_eq!(calls.get(), 2);
}

#[test]
fn a_slot_that_emits_its_own_signal_is_charged_at_every_level() {
    for budget in [1, 3] {
        let signal = Arc::new(Signal::<()>::new());
        let calls = Counter::default();
        let (weak, counter) = (Arc::downgrade(&signal), calls.clone());
        signal.options().max_calls(budget).connect(move || {
            counter.add();
            weak.upgrade().unwrap().emit();
        });
        signal.emit();
        assert_eq!(calls.get(), budget as usize);
        assert!(signal.is_empty());
    }
}

// Node: node-v0.x-archive#6503
#[test]
fn a_once_slot_runs_in_the_nested_emission_or_the_outer_one_but_not_both() {
    static SIGNAL: Signal<()> = Signal::new();
    let record = Recorder::new();
    let first = record.adding("first");
    SIGNAL.once(move || {
        first();
        SIGNAL.emit();
    });
    SIGNAL.once(record.adding("second"));
    SIGNAL.emit();
    assert_eq!(record.take(), ["first", "second"]);
}

#[test]
fn max_calls_0_never_connects() {
    let signal = Signal::<(), u8>::new();
    let dropped = Counter::default();
    let tracked = dropped.tracked();
    let slot = signal.options().max_calls(0).connect(move || {
        tracked.touch();
        1
    });
    assert_eq!(dropped.get(), 1, "the closure is dropped at once");
    let once = signal.options().max_calls(0).once(|| 2);
    let with_key = signal
        .options()
        .max_calls(0)
        .connect_with_key(|_| -> fn() -> u8 { unreachable!("nobody needs the closure") });
    for dead in [slot, once, with_key] {
        assert!(!signal.contains(dead));
        assert!(!signal.disconnect(dead));
    }
    assert!(signal.is_empty());
    assert!(signal.emit().is_empty());
    let alive = signal.connect(|| 3);
    // Each key is one of its own, as those of slots are.
    let keys = BTreeSet::from([slot, once, with_key, alive, Connection::default()]);
    assert_eq!(keys.len(), 5);
}

#[test]
fn other_slots_stay_when_one_is_used_up() {
    let signal = Signal::<(), u8>::new();
    signal.once(|| 1);
    signal.options().max_calls(2).connect(|| 2);
    signal.connect(|| 3);
    signal.once(|| 4);
    assert_eq!(signal.emit(), [1, 2, 3, 4]);
    assert_eq!(signal.emit(), [2, 3]);
    assert_eq!(signal.emit(), [3]);
}

// smokesignal: tests_twisted.py, test_max_calls
#[test]
fn budgets_are_exact_across_threads() {
    for (budget, emissions) in [(1000, 500), (1000, 100), (1, 200)] {
        let signal = Signal::<()>::new();
        let calls = Counter::default();
        signal.options().max_calls(budget).connect(calls.adding());
        let ran: usize = together(4, |_| {
            (0..emissions).map(|_| signal.emit().len()).sum::<usize>()
        })
        .into_iter()
        .sum();
        let expected = (4 * emissions).min(budget as usize);
        assert_eq!((calls.get(), ran), (expected, expected));
    }
}

#[test]
fn slots_that_a_lazy_emission_does_not_reach_are_not_charged() {
    let signal = Signal::<(), u8>::new();
    signal.connect(|| 1);
    let limited = signal.once(|| 2);
    assert_eq!(signal.calls().next(), Some(1));
    drop(signal.calls());
    assert!(signal.contains(limited));
    assert_eq!(signal.emit(), [1, 2]);
}

// Node: off
#[test]
fn a_once_slot_disconnected_before_its_call_never_runs() {
    let signal = Signal::<()>::new();
    let calls = Counter::default();
    let slot = signal.once(calls.adding());
    assert!(signal.disconnect(slot));
    signal.emit();
    assert_eq!(calls.get(), 0);
}

#[test]
fn a_once_slot_moves_its_captures_out() {
    let signal = Signal::<(), String>::new();
    let text = String::from("moved, not cloned");
    let at = text.as_ptr();
    signal.once(move || text);
    assert_eq!(signal.emit()[0].as_ptr(), at);
}

#[test]
fn a_once_slot_with_a_budget_runs_once() {
    let signal = Signal::<()>::new();
    signal.options().max_calls(5).once(|| ());
    assert_eq!(signal.emit().len(), 1);
    assert_eq!(signal.emit().len(), 0);
}
