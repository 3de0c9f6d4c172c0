//! Every pair and every triple of concurrent operations on a signal behaves like the same operations one
//! after the other.
//!
//! The signal has one slot, of each kind in turn. Other modules cover emissions to several slots, which
//! take a step for each slot.

use crate::operations::{Kind, Operation, Snapshot, scenario};
use crate::orders;

fn check(kind: Kind, snapshot: Snapshot, preemptions: Option<usize>, threads: &[Vec<Operation>]) {
    let done = threads.concat();
    let drops = done
        .iter()
        .filter(|&&operation| operation == Operation::DropObject);
    // An object has only one last owner.
    if drops.count() > 1 || may_run_between_two_slots(&done) {
        return;
    }
    let name = format!("{threads:?} with {kind:?}, {snapshot:?}");
    let threads = threads.to_vec();
    let emits = [0, 1].map(|thread| threads[thread].iter().any(|operation| operation.emits()));
    let finds_the_slot = done.contains(&Operation::Query) || done.contains(&Operation::Block);
    let set_up = move || scenario(kind, snapshot, &threads);
    orders::check(&name, preemptions, set_up, |in_order| {
        if !kind.limited || !finds_the_slot {
            return None;
        }
        // A query may come between the two steps of a last call: it finds the slot with no call left. So may a
        // block, which then does not keep this call from beginning. A disconnect does, or does not find the slot.
        let mut between = orders::between_charge_and_disconnect(emits, in_order)?;
        for answer in between.answers.iter_mut().flatten() {
            *answer = answer.replace("(true, Some(1)", "(true, Some(0)");
        }
        Some(between)
    });
}

/// With a second slot, `disconnect_all` may run while an emission is between two slots, which is not an order
/// of whole operations. `connecting` covers it.
fn may_run_between_two_slots(done: &[Operation]) -> bool {
    done.len() > 2
        && done.contains(&Operation::DisconnectAll)
        && done.iter().any(|operation| operation.connects())
        && done.iter().any(|operation| operation.emits())
}

const SNAPSHOTS: [Snapshot; 3] = [Snapshot::Unpublished, Snapshot::Published, Snapshot::Held];

/// Every pair of operations, in every order. Two emissions, and slots that are both weak and waitable, take
/// too many steps for that, so they are limited to three preemptions.
fn pairs(kind: Kind) {
    for snapshot in SNAPSHOTS {
        pairs_of(&kind.operations(), kind, snapshot);
    }
}

fn pairs_of(operations: &[Operation], kind: Kind, snapshot: Snapshot) {
    for (n, &one) in operations.iter().enumerate() {
        for &other in &operations[..=n] {
            let many = one.emits() && other.emits() || kind.weak && kind.waitable;
            let preemptions = many.then_some(3);
            check(kind, snapshot, preemptions, &[vec![one], vec![other]]);
        }
    }
}

#[test]
fn pairs_with_a_default_slot() {
    pairs(Kind::DEFAULT);
}

/// Without `disconnect_all`, which an emission in progress may see slot by slot: here are three.
#[test]
fn pairs_with_a_list_that_is_replaced() {
    let mut operations = Kind::DEFAULT.operations();
    operations.retain(|operation| *operation != Operation::DisconnectAll);
    pairs_of(&operations, Kind::DEFAULT, Snapshot::Replaced);
}

#[test]
fn pairs_with_a_slot_that_has_one_call_left() {
    pairs(Kind::LIMITED);
}

#[test]
fn pairs_with_a_weak_slot() {
    pairs(Kind::WEAK);
}

#[test]
fn pairs_with_a_waitable_slot() {
    pairs(Kind::WAITABLE);
}

#[test]
fn pairs_with_a_waitable_slot_that_has_one_call_left() {
    pairs(Kind {
        limited: true,
        ..Kind::WAITABLE
    });
}

#[test]
fn pairs_with_a_waitable_weak_slot() {
    pairs(Kind {
        weak: true,
        ..Kind::WAITABLE
    });
}

/// Every pair of operations, after which both threads emit. A thread sees its own operation, whatever the
/// other does to the snapshot. Two preemptions.
fn pairs_then_emissions(kind: Kind) {
    let operations = kind.operations();
    for (n, &one) in operations.iter().enumerate() {
        for &other in &operations[..=n] {
            let threads = [vec![one, Operation::Emit], vec![other, Operation::Emit]];
            check(kind, Snapshot::Published, Some(2), &threads);
        }
    }
}

#[test]
fn pairs_with_a_default_slot_then_emissions() {
    pairs_then_emissions(Kind::DEFAULT);
}

#[test]
fn pairs_with_a_waitable_slot_then_emissions() {
    pairs_then_emissions(Kind::WAITABLE);
}

/// Rule 10, and the same for every other change: a thread that learns of an operation of another sees its
/// effect. Three preemptions.
#[test]
fn every_announced_operation_is_visible() {
    for kind in [Kind::DEFAULT, Kind::WEAK, Kind::WAITABLE] {
        for snapshot in SNAPSHOTS {
            for operation in kind.operations() {
                for then in [
                    Operation::Emit,
                    Operation::Continue,
                    Operation::DropEmitting,
                    Operation::Query,
                ] {
                    let threads = [
                        vec![operation, Operation::Announce],
                        vec![Operation::CheckAnnouncement, then],
                    ];
                    check(kind, snapshot, Some(3), &threads);
                }
            }
        }
    }
}

/// Every triple of operations. Two preemptions.
fn triples(kind: Kind, snapshot: Snapshot) {
    let operations = kind.operations();
    for (n, &one) in operations.iter().enumerate() {
        for (m, &other) in operations[..=n].iter().enumerate() {
            for &third in &operations[..=m] {
                let threads = [vec![one], vec![other], vec![third]];
                check(kind, snapshot, Some(2), &threads);
            }
        }
    }
}

#[test]
fn triples_with_a_default_slot() {
    triples(Kind::DEFAULT, Snapshot::Published);
}

#[test]
fn triples_with_a_default_slot_and_no_snapshot() {
    triples(Kind::DEFAULT, Snapshot::Unpublished);
}

#[test]
fn triples_with_a_default_slot_and_an_emission_in_progress() {
    triples(Kind::DEFAULT, Snapshot::Held);
}

#[test]
fn triples_with_a_weak_slot() {
    triples(Kind::WEAK, Snapshot::Published);
}

#[test]
fn triples_with_a_waitable_slot() {
    triples(Kind::WAITABLE, Snapshot::Published);
}
