//! Programs on which the model and the library once disagreed, after shrinking. Each was a bug in one
//! of them, or in a library that was broken on purpose.

use super::compare;
use super::operations::{Callable, Limit, Operation, Program, Target};

use Operation::{
    Clear, ConnectTyped, DisconnectTyped, DropGuard, Emit, EmitTyped, Guard, On, Scope,
};

#[track_caller]
fn check(scripts: &[&[Operation]], steps: &[Operation]) {
    for registry_is_dropped_first in [false, true] {
        compare(&Program {
            scripts: scripts.iter().map(|script| script.to_vec()).collect(),
            steps: steps.to_vec(),
            registry_is_dropped_first,
        });
    }
}

fn emit(name: u8) -> Operation {
    Emit {
        name,
        caught: false,
    }
}

#[test]
fn a_function_registered_again_in_its_last_call_identifies_the_new_callback() {
    check(
        &[&[
            On(vec![0, 1], Limit::OnMax(1), Callable::Function(0)),
            emit(1),
            Operation::Disconnect(Target::Itself),
        ]],
        &[
            On(vec![0], Limit::Once, Callable::Function(0)),
            emit(0),
            emit(1),
        ],
    );
}

#[test]
fn a_function_that_lost_its_slots_through_the_typed_signal_is_registered_under_a_new_receiver() {
    check(
        &[],
        &[
            On(vec![0, 2], Limit::OnMax(2), Callable::Function(0)),
            Scope(Target::Function(0)),
            DisconnectTyped(0, 0),
            On(vec![], Limit::OnMax(3), Callable::Function(0)),
            DisconnectTyped(2, 0),
            On(vec![2, 2], Limit::On, Callable::Function(0)),
            emit(2),
        ],
    );
}

#[test]
fn names_stay_bound_when_they_are_cleared_and_a_guard_binds_its_own() {
    check(
        &[&[Clear(vec![0, 3])]],
        &[
            Guard(3),
            ConnectTyped(0, 0),
            On(vec![3, 0], Limit::On, Callable::Closure(0)),
            Operation::OnMismatched(vec![1, 3]),
            DropGuard(0),
            EmitTyped {
                name: 0,
                caught: false,
            },
        ],
    );
}
