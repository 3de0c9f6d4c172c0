//! How programs are generated.

use proptest::collection::vec;
use proptest::prelude::*;

use super::operations::{Callable, Limit, Name, Operation, Pick, Program, Target};

pub(crate) fn program() -> impl Strategy<Value = Program> {
    let scripts = vec(vec(operation(), 0..4), 0..6);
    let steps = vec(operation(), 0..50);
    (scripts, steps, any::<bool>()).prop_map(|(scripts, steps, registry_is_dropped_first)| {
        Program {
            scripts,
            steps,
            registry_is_dropped_first,
        }
    })
}

fn operation() -> impl Strategy<Value = Operation> {
    let (name, pick) = (any::<Name>, any::<Pick>);
    let emission = || (any::<Name>(), any::<bool>());
    prop_oneof![
        8 => (names(), limit(), callable()).prop_map(|(n, l, c)| Operation::On(n, l, c)),
        1 => names().prop_map(Operation::OnMismatched),
        2 => target().prop_map(Operation::Disconnect),
        2 => (target(), names()).prop_map(|(target, names)| Operation::DisconnectFrom(target, names)),
        1 => names().prop_map(Operation::Clear),
        1 => names().prop_map(Operation::Remove),
        1 => target().prop_map(Operation::Scope),
        1 => pick().prop_map(Operation::EndScope),
        8 => emission().prop_map(|(name, caught)| Operation::Emit { name, caught }),
        1 => name().prop_map(Operation::Guard),
        1 => (name(), name()).prop_map(|(enter, exit)| Operation::GuardBetween(enter, exit)),
        2 => pick().prop_map(Operation::DropGuard),
        2 => (name(), pick()).prop_map(|(name, script)| Operation::ConnectTyped(name, script)),
        1 => (name(), pick()).prop_map(|(name, slot)| Operation::DisconnectTyped(name, slot)),
        1 => (name(), pick()).prop_map(|(name, slot)| Operation::BlockTyped(name, slot)),
        1 => pick().prop_map(Operation::Unblock),
        2 => emission().prop_map(|(name, caught)| Operation::EmitTyped { name, caught }),
        1 => rare(),
    ]
}

fn rare() -> impl Strategy<Value = Operation> {
    prop_oneof![
        1 => Just(Operation::ClearAll),
        2 => any::<Pick>().prop_map(Operation::Release),
        1 => any::<Name>().prop_map(Operation::DisconnectAllTyped),
        3 => any::<bool>().prop_map(|guarded| Operation::Panic { guarded }),
    ]
}

fn names() -> impl Strategy<Value = Vec<Name>> {
    vec(any::<Name>(), 0..4)
}

fn limit() -> impl Strategy<Value = Limit> {
    prop_oneof![
        2 => Just(Limit::On),
        2 => (0..4_u8).prop_map(Limit::OnMax),
        1 => Just(Limit::Once),
    ]
}

fn callable() -> impl Strategy<Value = Callable> {
    prop_oneof![
        any::<Pick>().prop_map(Callable::Function),
        any::<Pick>().prop_map(Callable::Closure),
    ]
}

fn target() -> impl Strategy<Value = Target> {
    prop_oneof![
        Just(Target::Itself),
        any::<Pick>().prop_map(Target::Function),
        any::<Pick>().prop_map(Target::Any),
    ]
}
