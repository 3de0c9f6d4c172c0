//! Programs on which the model and the library once disagreed, after shrinking. Each was a bug in one
//! of them, or in a library that was broken on purpose.

use super::operations::{Connect, Kind, Operation, Program, Target};
use super::{compare, compare_kinds, compare_local};

use Operation::{
    Advance, Block, BlockAll, Calls, Disconnect, DisconnectAndWait, DropCalls, DropGuard,
    DropObject, DropSignal, Emit, Exhaust, Guard, Panic, Unblock,
};

const PLAIN: Connect = Connect {
    kind: Kind::Plain,
    script: 0,
    group: 0,
    first: false,
    max_calls: None,
    waitable: false,
};

const WEAK: Connect = Connect {
    kind: Kind::Weak,
    ..PLAIN
};

const WAITABLE_AND_WEAK: Connect = Connect {
    waitable: true,
    ..WEAK
};

#[track_caller]
fn check(scripts: &[&[Operation]], steps: &[Operation]) {
    for signal_is_dropped_first in [false, true] {
        let program = Program {
            scripts: scripts.iter().map(|script| script.to_vec()).collect(),
            steps: steps.to_vec(),
            signal_is_dropped_first,
        };
        compare(&program);
        compare_local(&program);
        compare_kinds(&program);
    }
}

#[test]
fn a_waitable_slot_whose_object_went_is_let_go_by_an_emission_that_another_holds_it_from() {
    check(
        &[],
        &[
            Operation::Connect(WAITABLE_AND_WEAK),
            Calls { catching: false },
            Operation::Connect(PLAIN),
            DropObject(Target::Any(0)),
            Calls { catching: false },
            DropSignal,
        ],
    );
}

#[test]
fn a_waitable_slot_whose_object_went_before_the_signal_stays_with_the_iterator() {
    check(
        &[],
        &[
            Operation::Connect(WAITABLE_AND_WEAK),
            Operation::Connect(PLAIN),
            Calls { catching: false },
            DropObject(Target::Any(0)),
            DropSignal,
            Advance(0),
            Advance(0),
        ],
    );
}

#[test]
fn a_block_outlives_its_signal_in_the_slots() {
    check(
        &[],
        &[
            Operation::Connect(PLAIN),
            Operation::Connect(PLAIN),
            Block(Target::Any(0)),
            Calls { catching: false },
            DropSignal,
            Unblock(0),
            Exhaust(0),
        ],
    );
}

#[test]
fn an_older_iterator_removes_expired_slots() {
    check(
        &[],
        &[
            Operation::Connect(WEAK),
            Operation::Connect(PLAIN),
            Calls { catching: false },
            DropObject(Target::Any(0)),
            Advance(0),
            DropCalls(0),
        ],
    );
}

#[test]
fn an_object_that_its_own_call_lets_go_lives_to_the_end_of_the_call() {
    check(
        &[&[
            DropObject(Target::Itself),
            DisconnectAndWait(Target::Itself),
            Disconnect(Target::Itself),
        ]],
        &[
            Operation::Connect(WEAK),
            Operation::Connect(WAITABLE_AND_WEAK),
            Emit { caught: false },
        ],
    );
}

#[test]
fn iterators_of_one_signal_advance_each_other() {
    check(
        &[&[Advance(0)], &[Panic { guarded: true }]],
        &[
            Operation::Connect(PLAIN),
            Operation::Connect(Connect { script: 1, ..PLAIN }),
            Operation::Connect(PLAIN),
            Guard,
            Calls { catching: false },
            Calls { catching: true },
            Exhaust(1),
            Exhaust(0),
        ],
    );
}

#[test]
fn a_budget_is_used_up_by_nested_emissions_before_the_outer_one_comes() {
    check(
        &[&[Emit { caught: false }], &[]],
        &[
            Operation::Connect(Connect {
                max_calls: Some(2),
                ..PLAIN
            }),
            Operation::Connect(Connect {
                max_calls: Some(3),
                script: 1,
                ..PLAIN
            }),
            Emit { caught: false },
            Emit { caught: false },
        ],
    );
}

#[test]
fn a_slot_blocks_all_and_a_guard_emits_to_nobody() {
    check(
        &[&[BlockAll, DropGuard(0)]],
        &[
            Guard,
            Operation::Connect(PLAIN),
            Operation::Connect(PLAIN),
            Emit { caught: false },
            Unblock(0),
            Emit { caught: false },
        ],
    );
}

#[test]
fn a_weak_slot_comes_and_expires_while_all_are_blocked() {
    check(
        &[],
        &[
            BlockAll,
            Emit { caught: false },
            Operation::Connect(WEAK),
            DropObject(Target::Connected(0)),
            Emit { caught: false },
        ],
    );
}

#[test]
fn an_iterator_holds_no_slot_that_expired_before_it_although_it_was_copied_under_a_block() {
    check(
        &[],
        &[
            Operation::Connect(WEAK),
            Emit { caught: false },
            Calls { catching: false },
            BlockAll,
            Operation::Connect(PLAIN),
            DropObject(Target::Any(0)),
            Unblock(0),
            Calls { catching: false },
            Operation::Connect(PLAIN),
        ],
    );
}
