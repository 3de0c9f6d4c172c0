//! Models of what threads may do to one signal or registry at once, run by the model checker `loom`
//! in every order that its memory model allows, or in every one with so many interruptions of a thread
//! (preemptions) as the model says:
//!
//! ```text
//! RUSTFLAGS="--cfg smoke_signal_loom" cargo test --release --test models
//! ```
//!
//! With `SMOKE_SIGNAL_LOOM_MORE_PREEMPTIONS=1`, the models that count preemptions allow one more than
//! they say: for a run that has all night.
//!
//! Loom threads are real threads of the model: a promise that one order of steps breaks fails here
//! every time, where a stress test would need luck. The models use the public API only.
//!
//! # The matrix
//!
//! Every two deeds of this table meet, and every three. Each `=` says: whatever comes of it is what
//! comes of the two one after the other, in either order (`pairs`); a letter, that there is more to
//! promise, and in which module: `c`onnecting, `b`udgets, bloc`k`ing, `w`eak, waitin`g`,
//! `l`ifetimes, `v`isibility.
//!
//! | | connect | with key | disconnect | all | scope | wait | object | block | unblock | block all | unblock all | emit | going on | emitting | look |
//! |---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|
//! | `connect`, also `first` | = c | | | | | | | | | | | | | | |
//! | `connect_with_key` | = | = | | | | | | | | | | | | | |
//! | `disconnect` | = c | = c | = | | | | | | | | | | | | |
//! | `disconnect_all` | = c | = c | = | = | | | | | | | | | | | |
//! | `scoped` dropped | = | = | = | = | = | | | | | | | | | | |
//! | `disconnect_and_wait` | = | = | = g | = | = | = g | | | | | | | | | |
//! | a weak slot's object dropped | = | = | = | = | = | = | one owner | | | | | | | | |
//! | `block` | = | = | = | = | = | = | = | = k | | | | | | | |
//! | its guard dropped | = | = | = | = | = | = | = | = k | = k | | | | | | |
//! | `block_all` | = k | = | = | = | = | = | = | = | = | = k | | | | | |
//! | its guard dropped | = k | = | = | = | = | = | = | = | = | = k | = k | | | | |
//! | `emit`, also with the last call | = c v | = v | = b v | = c v | = v | = g v | = w | = k b v | = v | = k v | = v | = b | | | |
//! | an emission under way | = c | = | = v | = v | = v | = g | = | = v | = | = | = | = | = | | |
//! | `emitting` dropped | = | = | = | = | = | = | = | = | = | = | = | = | = | = | |
//! | a look (`slots`) | = | = | = | = | = | = | = | = | = | = | = | = | = | = | = |
//! | the signal dropped | - | - | - | - | l | - | - | - | l | - | l | - | l | l | - |
//!
//! Where the table has `-`, a thread borrows the signal, which is then not dropped. The last call has a
//! moment of its own, which `orders::between_charge_and_leave` tells of. Each deed is done to a slot
//! that is plain, has one call left, is weak, is waitable, and both of these, where the snapshot is
//! taken, is not, or is held by an emission; and what one thread has done, another sees done that has
//! learnt of it (`news_of_every_deed`, rule 10).
//!
//! `registry` has the same for a callback under two names with one budget: `on`, `once`, `on_max`,
//! `emit`, `emitting`, `disconnect`, `disconnect_from`, `scoped`, `clear`, `clear_all`, a
//! `disconnect_all` of the typed signal, the looks; and for binding a new name, alike or otherwise.
//!
//! # What is not seen
//!
//! - The pairs are compared with the library's own answers in order: those are for other tests to judge.
//! - What costs time only: a list that no change publishes again (`settle`), a block whose end leaves
//!   emissions asking their slots.
//! - A swap of the snapshot cell that releases without acquiring: all swaps of a signal's cell are made
//!   under its mutex, which orders them.
//! - A callback's last call that leaves the registry only, and not its own signal: that matters where the
//!   registry is dropped while its typed signal lives on.
//! - The signal's mutex, atomics and snapshots are loom's. The snapshot cell is a stand-in for arc-swap,
//!   which so is trusted to do what `sync.rs` says.
//! - The counts of `std`'s `Arc` and `Weak` (slots, cores, a weak slot's object, what guards hold) are
//!   no steps to loom: threads switch around them only where the models make them meet, at a `Crossing`.
//!   A drop by another thread than the last owner's is not tried at every point.
//! - `OnceLock`, which makes a signal's core and a registry's books with their first use: they are made
//!   on the first thread, and two first uses at once are not tried.
//! - `HashMap`, `BTreeMap` and slotmaps are data under the locks, not steps.
//! - Time: `loom` lets no wait time out.
//! - The feature `async`.
//!
//! # What was broken
//!
//! Each of these was broken on purpose, and the models named (of many, some) failed:
//!
//! | broken on purpose | fails |
//! |---|---|
//! | a change does not take the list out of the cell (`park`) | `block_all_against_connect_and_emit` |
//! | an emission stores the list in the cell after unlocking the truth | `block_all_against_connect_and_emit`, `two_blocks_of_all_against_emit`, `changes_in_order_…`, `two_connects_in_groups_against_emit`, the pairs |
//! | a change that copies the list does not tell emissions that go through the old one to ask | `disconnect_against_an_emission_at_its_first_slot` |
//! | an emission asks once, as it begins, whether all is plain | `disconnect_…` and `block_against_an_emission_at_its_first_slot` |
//! | a list counts as plain when it is published, whatever its slots | the pairs, `budgets`, `waiting`, `weak` |
//! | `disconnect` does not mark the slot as gone, or a turn does not ask for that mark | `disconnect_against_an_emission_at_its_first_slot`, `changes_in_order_…` |
//! | `disconnect` looks for the slot and takes it out in two steps | the pairs, `promised_key_against_disconnect`, `wait_against_disconnect_and_an_emitter` |
//! | a promised key counts as connected | the pairs |
//! | `disconnect_all` takes promised keys too | `promised_key_against_disconnect_all`, the pairs |
//! | a budget is read and written in two steps | `two_emitters_and_a_budget`, `three_emitters_and_a_budget_of_two`, `two_emitters_and_a_closure_that_is_consumed`, the pairs |
//! | the last call leaves after it has been made, or never | `two_emitters_and_a_budget`, `budget_against_block_and_unblock` |
//! | `block` does not tell the list to ask its slots | `block_once_seen_stays_seen`, `block_against_an_emission_at_its_first_slot`, `pairs_with_a_plain_slot_then_emissions` |
//! | `block` marks the slot before it tells the list to ask its slots | `block_once_seen_stays_seen`, `pairs_with_a_plain_slot_then_emissions` |
//! | `block` reads and writes the count in two steps, unlocking between | `two_blocks`, `before_block`, the pairs |
//! | the end of one block makes the list plain, though another lasts | `two_blocks_against_emit`, `pairs_with_a_slot_that_has_one_call_left`, `news_of_every_deed` |
//! | `block_all` leaves the list in the cell | `block_all_against_connect_and_emit`, `signal_drop_against_two_handles`, the pairs |
//! | an emission publishes the list though the signal is blocked | `block_all_against_connect_and_emit` |
//! | a change publishes the list though the signal is blocked (`settle`) | `pairs_with_a_plain_slot` |
//! | the first of several guards of the whole signal ends all blocks | `two_blocks_of_all_against_emit`, `pairs_with_a_plain_slot` |
//! | the end of `block_all` leaves the list of no slots in the cell | `block_all_against_connect_and_emit`, `two_blocks_of_all_against_emit` |
//! | an emission does not take out a slot whose object has gone | `weak_drop_against_an_emitter`, `…_two_emitters` |
//! | a slot whose object has gone counts as connected | the same |
//! | changes and emissions do not sweep out what has expired | `weak_connect_and_drop_against_an_emitter_of_a_blocked_signal` |
//! | a blocked signal with weak slots publishes the list of none, or keeps it when one is connected | the same |
//! | a waitable slot is over when it has let go of its target, whoever calls it still | the `wait` models |
//! | it is over before its captures have gone | the `wait` models |
//! | the end of a slot is noted without a notification, or notified before it is noted | the `wait` models |
//! | a waiter unlocks between looking and sleeping, or does not wait | the `wait` models |
//! | waitable slots that have left are not remembered | the `wait` models, `before_the_end_of_a_wait` |
//! | a slot is waited for before the waiter has let go of it itself | the `wait` models |
//! | a waitable slot's captures go with the emission, not with the call | `wait_with_an_emission_going_on`, `pairs_with_a_waitable_slot_then_emissions` |
//! | a slot that waits for itself is not told so | `wait_from_inside_against_wait` |
//! | the drop of a scope disconnects nothing | `before_the_drop_of_a_scope` |
//! | the drop of a signal leaves its slots to the core, or those that are in the cell | `signal_drop_against_a_handle`, `…_two_handles` |
//! | a callback's budget is read and written in two steps | `two_names_and_one_budget_against_disconnect`, `…_its_renewal` |
//! | a callback's budget is renewed in two steps, or though it is used up | `pairs_with_a_callback_that_has_one_call_left` |
//! | a callback's last call does not take it off its other names | `pairs_with_a_callback_that_has_one_call_left` |
//! | a callback is found and removed in two steps | `pairs_with_a_callback` |
//! | a name is found free and bound in two steps | `pairs_with_a_new_name` |
//! | a new name does not outdate the routes | `bind_against_two_emitters` |
//! | an emission stores the routes after unlocking the books | `pairs_with_a_callback`, `pairs_with_a_new_name` |
//! | relaxed: the store or the load of `plain`, the end of a block | `before_unblock` |
//! | relaxed: the mark of a slot that leaves | `before_disconnect`, `before_disconnect_all`, `before_the_drop_of_a_scope` |
//! | relaxed: the mark of a block | `before_block`, `block_once_seen_stays_seen` |
//! | relaxed: the load of these marks | all of those |
//! | relaxed: the load or the swap of the snapshot cell; the swap without release | the `before_connect` models, `changes_in_order_…`, `bind_against_two_emitters`, the pairs |

#![cfg(smoke_signal_loom)]

mod blocking;
mod budgets;
mod connecting;
mod deeds;
mod lifetimes;
mod orders;
mod pairs;
mod registry;
mod visibility;
mod waiting;
mod weak;

use std::env;
use std::sync::Arc;

use loom::model::Builder;
use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::thread;
use smoke_signal::Signal;

/// The model checker, for every order of steps in which threads are interrupted this many times at
/// most, all together, and so many times more as the environment asks for; `None`: any number of times.
fn checker(preemptions: Option<usize>) -> Builder {
    let more = env::var("SMOKE_SIGNAL_LOOM_MORE_PREEMPTIONS");
    let more = more.map_or(0, |more| more.parse().expect("a number of preemptions"));
    let mut checker = Builder::new();
    checker.preemption_bound = preemptions.map(|most| most + more);
    checker
}

fn with_preemptions(most: usize, model: impl Fn() + Send + Sync + 'static) {
    checker(Some(most)).check(model);
}

/// A signal whose core is made already: loom's objects must be made on the model's first thread.
fn signal() -> Arc<Signal<()>> {
    let signal = Arc::new(Signal::<()>::new());
    let placeholder = signal.connect(|| ());
    signal.disconnect(placeholder);
    signal
}

/// A slot that counts its calls.
fn counting(calls: &Arc<AtomicUsize>) -> impl Fn() + Send + Sync + 'static {
    let calls = Arc::clone(calls);
    move || {
        calls.fetch_add(1, Ordering::Relaxed);
    }
}

/// A thread that does something with the signal.
fn alongside<R: 'static, T: 'static>(
    signal: &Arc<Signal<(), R>>,
    work: impl FnOnce(&Signal<(), R>) -> T + 'static,
) -> thread::JoinHandle<T> {
    let signal = Arc::clone(signal);
    thread::spawn(move || work(&signal))
}

/// A thread that emits, and tells how many slots it has called.
fn emitter(signal: &Arc<Signal<()>>) -> thread::JoinHandle<usize> {
    alongside(signal, |signal| signal.emit().len())
}
