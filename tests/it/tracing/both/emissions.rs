//! The span of an emission. The text of two modules, whose parents say which kind of signal it is about.

use tracing::Level;

use super::{Pointer, Signal};
use crate::tracing::log::{Log, log, made};

#[test]
fn an_emission_is_a_span_in_which_the_slots_are_called() {
    let signal = Signal::<(u32,), u32>::new().named("saved");
    signal.connect(|n| n);
    signal.connect(|n| n + 1);
    let log = log(|| {
        assert_eq!(signal.emit(1), [1, 2]);
    });
    let expected = [
        "+ DEBUG emit{signal=saved at=@+1 slots=2}",
        "> emit{signal=saved at=@+1 slots=2}",
        "  TRACE slot connected_at=@-2 outcome=called",
        "  TRACE slot connected_at=@-1 outcome=called",
        "< emit{signal=saved at=@+1 slots=2}",
        "- emit{signal=saved at=@+1 slots=2}",
    ];
    assert_eq!(log, expected);
}

#[test]
fn a_signal_without_a_name_is_known_by_its_lines() {
    let signal = Signal::<()>::new();
    signal.connect(|| ());
    let log = log(|| signal.emit());
    assert_eq!(made(log), ["+ DEBUG emit{at=@+0 slots=1}"]);
}

#[test]
fn an_emission_that_nobody_listens_to_is_told() {
    let signal = Signal::<()>::new().named("saved");
    let never_used = log(|| signal.emit());
    signal.disconnect_all();
    let _guard = signal.block_all();
    signal.connect(|| ());
    let blocked = log(|| signal.emit());
    for log in [never_used, blocked] {
        let span = "emit{signal=saved at=@+0 slots=0}";
        let expected = ["+ DEBUG ", "> ", "< ", "- "].map(|mark| format!("{mark}{span}"));
        assert_eq!(log, expected);
    }
}

#[test]
fn each_way_to_emit_tells_its_own_line() {
    let signal = Signal::<(u8,)>::new();
    let log = log(|| {
        signal.emit(1);
        signal.emit_tuple((1,));
        drop(signal.calls(1));
        drop(signal.calls_tuple((1,)));
        let guard = signal.emitting(1);
        signal.emitting(1).cancel();
        drop(guard);
    });
    let lines = [1, 2, 3, 4, 5];
    let expected = lines.map(|line| format!("+ DEBUG emit{{at=@+{line} slots=0}}"));
    assert_eq!(made(log), expected);
}

#[test]
fn an_emission_inside_a_slot_is_inside_its_span_and_behind_the_slot() {
    let outer = Signal::<()>::new().named("outer");
    let inner = Pointer::new(Signal::<()>::new().named("inner"));
    let emitted = Pointer::clone(&inner);
    outer.connect(move || drop(emitted.emit()));
    inner.connect(|| ());
    let log = log(|| outer.emit());
    let expected = [
        "+ DEBUG emit{signal=outer at=@+0 slots=1}",
        "> emit{signal=outer at=@+0 slots=1}",
        "  TRACE slot connected_at=@-2 outcome=called",
        "  + DEBUG emit{signal=inner at=@-2 slots=1}",
        "  > emit{signal=inner at=@-2 slots=1}",
        "    TRACE slot connected_at=@-1 outcome=called",
        "  < emit{signal=inner at=@-2 slots=1}",
        "  - emit{signal=inner at=@-2 slots=1}",
        "< emit{signal=outer at=@+0 slots=1}",
        "- emit{signal=outer at=@+0 slots=1}",
    ];
    assert_eq!(log, expected);
}

#[test]
fn a_lazy_emission_is_one_span_that_is_entered_for_each_call() {
    let signal = Signal::<(), char>::new();
    signal.connect(|| 'a');
    signal.connect(|| 'b');
    signal.connect(|| 'c');
    let log = log(|| {
        let mut calls = signal.calls();
        assert_eq!(calls.next(), Some('a'));
        signal.emit();
        assert_eq!(calls.next(), Some('b'));
        drop(calls);
    });
    let lazy: Vec<_> = log.iter().filter(|line| line.contains("@+1")).collect();
    let expected = [
        "+ DEBUG emit{at=@+1 slots=3}",
        "> emit{at=@+1 slots=3}",
        "< emit{at=@+1 slots=3}",
        "> emit{at=@+1 slots=3}",
        "< emit{at=@+1 slots=3}",
        "- emit{at=@+1 slots=3}",
    ];
    assert_eq!(lazy, expected);
    assert_eq!(log[2], "  TRACE slot connected_at=@-3 outcome=called");
    assert_eq!(log.last().unwrap(), expected[5]);
}

#[test]
fn a_slot_that_a_lazy_emission_does_not_reach_is_not_told() {
    let signal = Signal::<(), bool>::new();
    signal.connect(|| false);
    signal.connect(|| unreachable!("the first slot has settled it"));
    let log = log(|| assert!(!signal.calls().all(|yes| yes)));
    let slots: Vec<_> = log.iter().filter(|line| line.contains("slot ")).collect();
    assert_eq!(slots, ["  TRACE slot connected_at=@-2 outcome=called"]);
}

#[test]
fn a_guard_calls_the_slots_of_its_end_and_tells_the_line_of_its_beginning() {
    let signal = Signal::<(&str,)>::new();
    let log = log(|| {
        let _guard = signal.emitting("text");
        signal.connect(|_| ());
    });
    let expected = [
        "TRACE connected connected_at=@+2",
        "+ DEBUG emit{at=@+1 slots=1}",
        "> emit{at=@+1 slots=1}",
        "  TRACE slot connected_at=@+2 outcome=called",
        "< emit{at=@+1 slots=1}",
        "- emit{at=@+1 slots=1}",
    ];
    assert_eq!(log, expected);
}

#[test]
fn a_guard_whose_signal_is_gone_tells_nothing() {
    let signal = Signal::<()>::new();
    let guard = signal.emitting();
    drop(signal);
    assert_eq!(log(|| drop(guard)), [""; 0]);
}

#[test]
fn at_debug_there_are_spans_without_slots_and_above_it_nothing() {
    let signal = Signal::<()>::new();
    let slot = signal.connect(|| ());
    let all = || {
        signal.connect(|| ());
        signal.emit();
        signal.calls().for_each(drop);
        drop(signal.emitting());
        signal.disconnect(slot);
        signal.disconnect_all();
    };
    let debug = Log::at(Level::DEBUG);
    debug.during(all);
    let told = debug.take();
    assert_eq!(told.iter().filter(|line| line.starts_with('+')).count(), 3);
    assert!(told.iter().all(|line| line.contains("emit{")), "{told:?}");
    for level in [Level::INFO, Level::WARN, Level::ERROR] {
        let log = Log::at(level);
        log.during(all);
        assert_eq!(log.take(), [""; 0]);
    }
}

#[test]
fn results_and_arguments_are_those_of_an_emission_that_nobody_hears_of() {
    let signal = Signal::<(String,), usize>::new();
    let sum = |signal: &Signal<(String,), usize>| {
        let emitted = signal.emit("four".to_owned());
        let lazy = signal.calls("four".to_owned()).collect::<Vec<_>>();
        assert_eq!(emitted, *lazy);
        lazy
    };
    for slots in 0..5 {
        let mut logged = Vec::new();
        log(|| logged = sum(&signal));
        assert_eq!(logged, sum(&signal));
        assert_eq!(logged.len(), slots);
        signal.connect(move |text| text.len() + slots);
    }
}

#[test]
fn a_name_has_no_effect_once_the_signal_has_been_used() {
    let signal = Signal::<()>::new().named("early");
    signal.connect(|| ());
    let signal = signal.named("late").warn_above(0);
    let log = log(|| {
        signal.emit();
        signal.connect(|| ());
    });
    assert_eq!(log[0], "+ DEBUG emit{signal=early at=@+1 slots=1}");
    assert_eq!(log[5], "TRACE connected signal=early connected_at=@+2");
    assert_eq!(log.len(), 6);
}
