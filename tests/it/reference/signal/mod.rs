//! Signals of both kinds compared with a model, and with each other.

mod events;
mod local;
mod model;
pub(crate) mod operations;
mod threads;

#[cfg(not(fuzzing))]
mod regressions;
#[cfg(not(fuzzing))]
pub(crate) mod strategies;

use self::events::{Drops, Event};
use self::model::Model;
use self::operations::{Operation, Program};
use super::agree;

/// Runs a program in the model and with a signal for threads, and compares what can be observed.
#[track_caller]
pub(crate) fn compare(program: &Program) {
    let program = program.for_threads();
    let library = threads::library::Library::new(&program);
    compare_with(&program, |operation| library.step(operation));
}

/// Runs a program in the model and with a signal for one thread, and compares what can be observed.
#[track_caller]
pub(crate) fn compare_local(program: &Program) {
    let program = program.for_one_thread();
    let library = local::library::Library::new(&program);
    compare_with(&program, |operation| library.step(operation));
}

/// Runs a program with both kinds of signal, and compares the two traces: they are equal to the letter.
#[track_caller]
pub(crate) fn compare_kinds(program: &Program) {
    let program = program.for_threads().for_one_thread();
    let threads = threads::library::Library::new(&program);
    let local = local::library::Library::new(&program);
    compare_with(&program, |operation| {
        let (expected, actual) = (threads.step(operation), local.step(operation));
        agree(operation, (&expected, &actual), Event::eq);
        actual
    });
}

/// Runs a program in the model and with `library`.
#[track_caller]
fn compare_with(program: &Program, library: impl Fn(&Operation) -> Vec<Event>) {
    let mut model = Model::new(program);
    let mut step = |operation: &Operation| {
        let expected = model.step(operation);
        let actual = library(operation);
        agree(operation, (&expected, &actual), Event::allows);
        (model.holds_anything(), expected)
    };
    for operation in &program.steps {
        step(operation);
    }
    // At the end everything is dropped, including every capture.
    if program.signal_is_dropped_first {
        step(&Operation::DropSignal);
    }
    loop {
        step(&Operation::DropCalls(0));
        step(&Operation::DropGuard(0));
        step(&Operation::EndScope(0));
        if let (false, _) = step(&Operation::Unblock(0)) {
            break;
        }
    }
    let (_, last) = step(&Operation::DropSignal);
    let Some(Event::Seen(seen)) = last.last() else {
        unreachable!("every step ends with an observation");
    };
    assert!(seen.drops.iter().all(|drops| *drops == Drops::ONE));
}

#[cfg(not(fuzzing))]
proptest::proptest! {
    #![proptest_config(super::config())]

    #[test]
    fn a_signal_does_what_a_vec_of_slots_would(program in strategies::program()) {
        compare(&program);
    }

    #[test]
    fn a_signal_of_one_thread_does_what_a_vec_of_slots_would(program in strategies::program()) {
        compare_local(&program);
    }

    #[test]
    fn both_kinds_of_signal_leave_the_same_trace(program in strategies::program()) {
        compare_kinds(&program);
    }
}
