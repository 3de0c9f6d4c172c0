//! Every two things that threads can do to a signal at once, and every three: whatever comes of them
//! is what comes of them one after the other.
//!
//! The signal has one slot, of each kind in turn. What an emission to more slots than one is, other
//! modules tell: it is a step for each of them.

use crate::deeds::{Deed, Kind, Snapshot, scene};
use crate::orders;

fn check(kind: Kind, snapshot: Snapshot, preemptions: Option<usize>, threads: &[Vec<Deed>]) {
    let done = threads.concat();
    let drops = done.iter().filter(|&&deed| deed == Deed::DropObject);
    // There is one last owner of an object.
    if drops.count() > 1 || comes_between_two_slots(&done) {
        return;
    }
    let name = format!("{threads:?} with {kind:?}, {snapshot:?}");
    let threads = threads.to_vec();
    let emits = [0, 1].map(|thread| threads[thread].iter().any(|deed| deed.emits()));
    let set = move || scene(kind, snapshot, &threads);
    orders::check(&name, preemptions, set, |in_order| {
        if !kind.limited {
            return None;
        }
        let mut between = orders::between_charge_and_leave(emits, in_order)?;
        // Who looks then finds the slot with no call left.
        for answer in between.answers.iter_mut().flatten() {
            *answer = answer.replace("(true, Some(1)", "(true, Some(0)");
        }
        Some(between)
    });
}

/// With a slot more, `disconnect_all` may come while an emission is between two slots: that is no order
/// of whole deeds. `connecting` has it.
fn comes_between_two_slots(done: &[Deed]) -> bool {
    done.len() > 2
        && done.contains(&Deed::DisconnectAll)
        && done.iter().any(|deed| deed.connects())
        && done.iter().any(|deed| deed.emits())
}

const SNAPSHOTS: [Snapshot; 3] = [Snapshot::Untaken, Snapshot::Taken, Snapshot::Held];

/// Each deed against each, in every order. Two emissions take too many steps for that, and so does
/// what is done to a slot that is both weak and waitable: there, the orders with three preemptions.
fn pairs(kind: Kind) {
    let deeds = kind.deeds();
    for snapshot in SNAPSHOTS {
        for (n, &one) in deeds.iter().enumerate() {
            for &other in &deeds[..=n] {
                let many = one.emits() && other.emits() || kind.weak && kind.waitable;
                let preemptions = many.then_some(3);
                check(kind, snapshot, preemptions, &[vec![one], vec![other]]);
            }
        }
    }
}

#[test]
fn pairs_with_a_plain_slot() {
    pairs(Kind::PLAIN);
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

/// Each deed against each, and both threads emit afterwards: what a thread has done itself, it sees
/// done, whatever the other does to the snapshot. Two preemptions.
fn pairs_then_emissions(kind: Kind) {
    let deeds = kind.deeds();
    for (n, &one) in deeds.iter().enumerate() {
        for &other in &deeds[..=n] {
            let threads = [vec![one, Deed::Emit], vec![other, Deed::Emit]];
            check(kind, Snapshot::Taken, Some(2), &threads);
        }
    }
}

#[test]
fn pairs_with_a_plain_slot_then_emissions() {
    pairs_then_emissions(Kind::PLAIN);
}

#[test]
fn pairs_with_a_waitable_slot_then_emissions() {
    pairs_then_emissions(Kind::WAITABLE);
}

/// Rule 10, and the same for every other change: what one thread has done, another sees done that has
/// learnt of it. Three preemptions.
#[test]
fn news_of_every_deed() {
    for kind in [Kind::PLAIN, Kind::WEAK, Kind::WAITABLE] {
        for snapshot in SNAPSHOTS {
            for deed in kind.deeds() {
                for then in [Deed::Emit, Deed::GoOn, Deed::DropEmitting, Deed::Look] {
                    let threads = [vec![deed, Deed::Tell], vec![Deed::Hear, then]];
                    check(kind, snapshot, Some(3), &threads);
                }
            }
        }
    }
}

/// Each deed against each against each. Two preemptions.
fn threes(kind: Kind, snapshot: Snapshot) {
    let deeds = kind.deeds();
    for (n, &one) in deeds.iter().enumerate() {
        for (m, &other) in deeds[..=n].iter().enumerate() {
            for &third in &deeds[..=m] {
                let threads = [vec![one], vec![other], vec![third]];
                check(kind, snapshot, Some(2), &threads);
            }
        }
    }
}

#[test]
fn threes_with_a_plain_slot() {
    threes(Kind::PLAIN, Snapshot::Taken);
}

#[test]
fn threes_with_a_plain_slot_and_no_snapshot() {
    threes(Kind::PLAIN, Snapshot::Untaken);
}

#[test]
fn threes_with_a_plain_slot_and_an_emission_under_way() {
    threes(Kind::PLAIN, Snapshot::Held);
}

#[test]
fn threes_with_a_weak_slot() {
    threes(Kind::WEAK, Snapshot::Taken);
}

#[test]
fn threes_with_a_waitable_slot() {
    threes(Kind::WAITABLE, Snapshot::Taken);
}
