//! Registries compared with a model.

mod events;
mod library;
mod model;
pub(crate) mod operations;

#[cfg(not(fuzzing))]
mod regressions;
#[cfg(not(fuzzing))]
pub(crate) mod strategies;

use self::events::Event;
use self::library::Library;
use self::model::Model;
use self::operations::{Operation, Program};
use super::agree;

/// Runs a program in the model and with the library, and compares what can be observed.
#[track_caller]
pub(crate) fn compare(program: &Program) {
    let mut model = Model::new(program);
    let library = Library::new(program);
    let step = |model: &mut Model, operation: &Operation| {
        let (expected, actual) = (model.step(operation), library.step(operation));
        agree(operation, (&expected, &actual), Event::eq);
    };
    let drop_registry = |model: &mut Model| {
        let (expected, actual) = (model.drop_registry(), library.drop_registry());
        agree(&"dropping", (&expected, &actual), Event::eq);
        expected
    };
    for operation in &program.steps {
        step(&mut model, operation);
    }
    // At the end everything is dropped, including every capture.
    if program.registry_is_dropped_first {
        drop_registry(&mut model);
    }
    while model.holds_anything() {
        step(&mut model, &Operation::DropGuard(0));
        step(&mut model, &Operation::EndScope(0));
        step(&mut model, &Operation::Unblock(0));
    }
    let last = drop_registry(&mut model);
    let Some(Event::Seen(seen)) = last.last() else {
        unreachable!("every step ends with an observation");
    };
    assert!(seen.drops.iter().all(|drops| *drops == 1));
}

#[cfg(not(fuzzing))]
proptest::proptest! {
    #![proptest_config(super::config())]

    #[test]
    fn a_registry_does_what_lists_of_names_would(program in strategies::program()) {
        compare(&program);
    }
}
