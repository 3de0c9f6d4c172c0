//! Signals compared with a model.

mod events;
mod library;
mod model;
pub(crate) mod operations;

#[cfg(not(fuzzing))]
mod regressions;
#[cfg(not(fuzzing))]
mod strategies;

use self::events::{Drops, Event};
use self::library::Library;
use self::model::Model;
use self::operations::{Operation, Program};
use super::agree;

/// Runs a program in the model and with the library, and compares what can be observed.
#[track_caller]
pub(crate) fn compare(program: &Program) {
    let mut model = Model::new(program);
    let library = Library::new(program);
    let mut step = |operation: &Operation| {
        let expected = model.step(operation);
        let actual = library.step(operation);
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
}
