//! The guard that emits when it is dropped. Guards that emit by name are tested with the registry.

use std::mem;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;

use smoke_signal::testing::Spy;
use smoke_signal::{ByMut, ByRef, Signal, assert_emitted, assert_not_emitted};

use crate::common::{Counter, DEADLOCK, OnDrop, Recorder, in_own_process, throw, thrown, within};

#[test]
fn a_guard_emits_once_when_it_is_dropped() {
    let signal = Signal::<(u8,)>::new();
    let guard = assert_not_emitted!(signal => signal.emitting(7));
    assert_emitted!(signal, [(7,)] => drop(guard));
}

#[test]
fn a_guard_emits_while_unwinding_and_the_panic_continues() {
    let signal = Signal::<()>::new();
    let spy = Spy::on(&signal);
    let body = thrown(|| {
        let _guard = signal.emitting();
        throw("the body's");
    });
    assert_eq!((body.as_str(), spy.len()), ("the body's", 1));
}

#[test]
fn a_guard_emits_however_the_scope_is_left() {
    let signal = Signal::<()>::new();
    let spy = Spy::on(&signal);
    let leave = |early: bool| -> Option<()> {
        let _guard = signal.emitting();
        (!early).then_some(())?;
        Some(())
    };
    leave(true);
    leave(false);
    for round in 0..4 {
        let _guard = signal.emitting();
        if round == 0 {
            continue;
        }
        if round == 2 {
            break;
        }
        assert_eq!(spy.len(), 2 + round);
    }
    assert_eq!(spy.len(), 2 + 3);
}

#[test]
fn a_slots_panic_unwinds_out_of_the_drop() {
    let signal = Signal::<()>::new();
    signal.connect(|| throw("the slot's"));
    assert_eq!(thrown(|| drop(signal.emitting())), "the slot's");
}

#[test]
fn a_second_panic_is_discarded_without_an_abort() {
    in_own_process(
        "guards::a_second_panic_is_discarded_without_an_abort",
        || {
            let signal = Signal::<()>::new();
            signal.connect(|| throw("the slot's"));
            let body = thrown(|| {
                let _guard = signal.emitting();
                throw("the body's");
            });
            assert_eq!(body, "the body's");
        },
    );
}

#[test]
fn a_second_panic_is_discarded_even_if_its_payload_panics() {
    in_own_process(
        "guards::a_second_panic_is_discarded_even_if_its_payload_panics",
        || {
            let signal = Signal::<()>::new();
            signal.connect(|| panic::resume_unwind(Box::new(OnDrop(|| throw("the payload's")))));
            let body = thrown(|| {
                let _guard = signal.emitting();
                throw("the body's");
            });
            assert_eq!(body, "the body's");
        },
    );
}

#[test]
fn a_guard_calls_the_slots_connected_when_it_is_dropped() {
    let signal = Signal::<()>::new();
    let record = Recorder::new();
    let removed = signal.connect(record.adding("removed inside"));
    let guard = signal.emitting();
    signal.connect(record.adding("connected inside"));
    signal.disconnect(removed);
    drop(guard);
    assert_eq!(record.take(), ["connected inside"]);
}

#[test]
fn a_guard_calls_slots_of_a_signal_unused_when_it_was_made() {
    let signal = Signal::<()>::new();
    let guard = signal.emitting();
    assert_emitted!(signal, [()] => drop(guard));
}

#[test]
fn guards_emit_innermost_first() {
    let signal = Signal::<(&'static str,)>::new();
    assert_emitted!(signal, [("inner",), ("outer",)] => {
        let _outer = signal.emitting("outer");
        let _inner = signal.emitting("inner");
    });
}

#[test]
fn a_forgotten_guard_emits_nothing() {
    let signal = Signal::<()>::new();
    assert_not_emitted!(signal => mem::forget(signal.emitting()));
}

#[test]
fn a_guard_outlives_its_signal_and_then_emits_nothing() {
    let signal = Signal::<()>::new();
    let (calls, dropped) = (Counter::default(), Counter::default());
    let (call, tracked) = (calls.adding(), dropped.tracked());
    signal.connect(move || {
        tracked.touch();
        call();
    });
    let guard = signal.emitting();
    drop(signal);
    assert_eq!(dropped.get(), 1, "it does not keep the slots alive");
    drop(guard);
    assert_eq!(calls.get(), 0);
}

#[test]
fn a_guard_that_a_slot_captures_emits_nothing_as_its_signal_is_dropped() {
    let signal = Signal::<()>::new();
    let calls = Counter::default();
    let (call, guard) = (calls.adding(), signal.emitting());
    signal.connect(move || {
        let _ = &guard;
        call();
    });
    within(DEADLOCK, "a guard among captures", || drop(signal));
    assert_eq!(calls.get(), 0);
}

#[test]
fn a_guard_may_be_dropped_on_another_thread() {
    let signal = Arc::new(Signal::<(String,)>::new());
    let spy = Spy::map(&signal, |(text,)| (text, std::thread::current().id()));
    let guard = signal.emitting("text".to_owned());
    let other = std::thread::spawn(move || {
        drop(guard);
        std::thread::current().id()
    });
    let other = other.join().unwrap();
    assert_eq!(spy.calls(), [("text".to_owned(), other)]);
}

#[test]
fn a_guard_may_hold_borrowed_arguments() {
    let signal = Signal::<(ByRef<str>, ByMut<usize>)>::new();
    signal.connect(|text, length| *length = text.len());
    let (text, mut length) = (String::from("four"), 0);
    drop(signal.emitting(&text, &mut length));
    assert_eq!(length, 4);
}

#[test]
fn a_guards_arguments_are_dropped_even_if_a_slot_panics() {
    let signal = Signal::<(Arc<()>,)>::new();
    signal.connect(|_| throw("slot"));
    let argument = Arc::new(());
    let guard = signal.emitting(Arc::clone(&argument));
    let dropped = panic::catch_unwind(AssertUnwindSafe(|| drop(guard)));
    assert!(dropped.is_err());
    assert_eq!(Arc::strong_count(&argument), 1);
}

#[test]
fn a_cancelled_guard_drops_its_arguments_and_emits_nothing() {
    let signal = Signal::<(Arc<()>,)>::new();
    let argument = Arc::new(());
    let guard = signal.emitting(Arc::clone(&argument));
    assert_eq!(Arc::strong_count(&argument), 2);
    assert_not_emitted!(signal => guard.cancel());
    assert_eq!(Arc::strong_count(&argument), 1);
    assert_emitted!(signal, [(Arc::clone(&argument),)] => drop(signal.emitting(argument)));
}

#[test]
fn a_guard_is_cancelled_although_the_drop_of_an_argument_panics() {
    #[derive(Clone)]
    struct Argument;
    impl Drop for Argument {
        fn drop(&mut self) {
            if !std::thread::panicking() {
                throw("an argument");
            }
        }
    }

    let signal = Signal::<(Argument,)>::new();
    let spy = Spy::map(&signal, |(argument,)| mem::forget(argument));
    let guard = signal.emitting(Argument);
    assert_eq!(thrown(|| guard.cancel()), "an argument");
    assert!(spy.is_empty());
}

#[test]
fn guards_that_lend_or_emit_by_name_are_cancelled_too() {
    let signal = Signal::<(ByMut<u8>,)>::new();
    signal.connect(|n| *n += 1);
    let mut n = 0;
    signal.emitting(&mut n).cancel();
    drop(signal.emitting(&mut n));
    assert_eq!(n, 1);

    let registry = smoke_signal::Registry::new();
    let calls = Counter::default();
    registry.on("exit", calls.adding()).unwrap();
    registry.emitting("exit").unwrap().cancel();
    registry.emitting_between("enter", "exit").unwrap().cancel();
    assert_eq!(calls.get(), 0);
    drop(registry.emitting("exit").unwrap());
    assert_eq!(calls.get(), 1);
}
