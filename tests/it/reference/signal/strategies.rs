//! How programs are generated.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::operations::{Connect, Kind, Operation, Pick, Program, Target};

pub(crate) fn program() -> impl Strategy<Value = Program> {
    let scripts = vec(vec(operation(2), 0..4), 0..6);
    let steps = vec(operation(6), 0..50);
    (scripts, steps, any::<bool>()).prop_map(|(scripts, steps, signal_is_dropped_first)| Program {
        scripts,
        steps,
        signal_is_dropped_first,
    })
}

/// `connecting` sets the share of connects: twice that many, to about 30 others.
fn operation(connecting: u32) -> impl Strategy<Value = Operation> {
    let pick = any::<Pick>;
    let yes = any::<bool>;
    prop_oneof![
        2 * connecting => connect().prop_map(Operation::Connect),
        2 => target().prop_map(Operation::Disconnect),
        1 => target().prop_map(Operation::DisconnectAndWait),
        1 => target().prop_map(Operation::Scope),
        1 => pick().prop_map(Operation::EndScope),
        1 => pick().prop_map(Operation::DisconnectScoped),
        1 => target().prop_map(Operation::Block),
        2 => pick().prop_map(Operation::Unblock),
        2 => target().prop_map(Operation::DropObject),
        4 => yes().prop_map(|caught| Operation::Emit { caught }),
        2 => yes().prop_map(|catching| Operation::Calls { catching }),
        4 => pick().prop_map(Operation::Advance),
        1 => pick().prop_map(Operation::Exhaust),
        1 => pick().prop_map(Operation::DropCalls),
        1 => Just(Operation::Guard),
        1 => pick().prop_map(Operation::DropGuard),
        1 => rare(),
    ]
}

fn rare() -> impl Strategy<Value = Operation> {
    prop_oneof![
        2 => any::<Pick>().prop_map(Operation::Release),
        2 => any::<Pick>().prop_map(Operation::Foreign),
        2 => any::<Pick>().prop_map(Operation::CancelGuard),
        2 => Just(Operation::BlockAll),
        2 => Just(Operation::DisconnectAll),
        4 => any::<bool>().prop_map(|guarded| Operation::Panic { guarded }),
        1 => Just(Operation::DropSignal),
    ]
}

fn target() -> impl Strategy<Value = Target> {
    prop_oneof![
        Just(Target::Itself),
        any::<Pick>().prop_map(Target::Connected),
        any::<Pick>().prop_map(Target::Any),
    ]
}

fn connect() -> impl Strategy<Value = Connect> {
    let kind = prop_oneof![
        4 => Just(Kind::Plain),
        2 => Just(Kind::Mut),
        2 => Just(Kind::Once),
        2 => Just(Kind::WithKey),
        1 => Just(Kind::WithKeyPanics),
        4 => Just(Kind::Weak),
    ];
    let group = prop_oneof![3 => Just(0), 2 => -2..=2_i8, 1 => any::<i8>()];
    let max_calls = option::weighted(0.4, 0..4_u8);
    let waitable = proptest::bool::weighted(0.3);
    (
        kind,
        any::<Pick>(),
        group,
        any::<bool>(),
        max_calls,
        waitable,
    )
        .prop_map(
            |(kind, script, group, first, max_calls, waitable)| Connect {
                kind,
                script,
                group,
                first,
                max_calls,
                waitable,
            },
        )
}
