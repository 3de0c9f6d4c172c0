//! Models of threads that use one signal or registry at once. The model checker `loom` runs them in every
//! order that its memory model allows, or in every order with at most as many interruptions of a thread
//! (preemptions) as the model says:
//!
//! ```text
//! RUSTFLAGS="--cfg smoke_signal_loom" cargo test --release --test models
//! ```
//!
//! With `SMOKE_SIGNAL_LOOM_MORE_PREEMPTIONS=1`, the models that limit preemptions allow one more, for an
//! overnight run.
//!
//! If any order of steps breaks a guarantee, a model fails every time, whereas a stress test needs luck.
//! The models use only the public API, and `Signal::copy_next`, which is there for them.
//!
//! # The matrix
//!
//! Every two and every three operations of this table run concurrently. An `=` means that the outcome is
//! that of the two operations one after the other, in either order (`pairs`). A letter names a module with
//! further guarantees: `c`onnecting, `b`udgets, bloc`k`ing, `w`eak, waitin`g`, `l`ifetimes,
//! `v`isibility.
//!
//! | | connect | with key | disconnect | all | scope | wait | object | block | unblock | block all | unblock all | emit | in progress | emitting | query |
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
//! | an emission in progress | = c | = | = v | = v | = v | = g | = | = v | = | = | = | = | = | | |
//! | `emitting` dropped | = | = | = | = | = | = | = | = | = | = | = | = | = | = | |
//! | a query (`slots`) | = | = | = | = | = | = | = | = | = | = | = | = | = | = | = |
//! | the signal dropped | - | - | - | - | l | - | - | - | l | - | l | - | l | l | - |
//!
//! A `-` means that a thread borrows the signal, so it cannot be dropped. A query may see the moment
//! between the two steps of a last call, see `orders::between_charge_and_disconnect`. Each operation applies to a slot that has no
//! options, has one call left, is weak, is waitable, or is both weak and waitable. The snapshot is
//! unpublished, published, or held by an emission; for a slot without options, also published and to be replaced by a
//! copy. A thread that learns of an operation sees its effect (`every_announced_operation_is_visible`, rule 10).
//!
//! `registry` does the same for a callback on two names that share its budget: `on`, `once`, `on_max`,
//! `emit`, `emitting`, `disconnect`, `disconnect_from`, `scoped`, `clear`, `clear_all`, `remove`, a
//! `disconnect_all` of the typed signal, and queries. It also binds a new name to equal and to different
//! signatures.
//!
//! # What the models do not cover
//!
//! - The pairs are compared with the library's own sequential answers, which other tests check.
//! - What only costs time: a snapshot that a contended change does not publish again, or emissions that
//!   keep checking their slots after a block has ended.
//! - A swap of the snapshot cell that releases without acquiring. All swaps of a signal's cell happen under
//!   its mutex, which orders them.
//! - The snapshot cell. The signal's mutex, atomics and snapshots are loom's, but the cell is a stand-in for
//!   the crate `snapshot-cell`, which has models of its own.
//! - The reference counts of `std`'s `Arc` and `Weak` (slots, signals, a weak slot's object, guards), which
//!   loom does not see. Threads switch around them only where the models add a `Crossing`. Drops by a
//!   thread other than the last owner's are not tried at every point.
//! - `OnceLock`, which creates a signal's state and a registry's bindings at their first use. They are
//!   created on the first thread, and two concurrent first uses are not tried.
//! - `HashMap`, `BTreeMap` and slotmaps, which are data under the locks and take no steps.
//! - Time: no wait times out under `loom`.
//! - The feature `async`.
//!
//! # Faults that the models find
//!
//! The library was broken on purpose in each of these ways, and the models named here failed, among others:
//!
//! | broken on purpose | fails |
//! |---|---|
//! | a change does not unpublish the snapshot | `block_all_against_connect_and_emit` |
//! | an emission publishes the snapshot after unlocking the state | `block_all_against_connect_and_emit`, `two_blocks_of_all_against_emit`, `changes_in_order_…`, `two_connects_in_groups_against_emit`, the pairs |
//! | a change that copies the snapshot does not mark the old one as conditional | `disconnect_against_an_emission_at_its_first_slot` |
//! | an emission checks only once, as it begins, whether all slots are unconditional | `disconnect_…` and `block_against_an_emission_at_its_first_slot` |
//! | a published snapshot counts as unconditional, whatever its slots | the pairs, `budgets`, `waiting`, `weak` |
//! | a change does not publish its copy before it unlocks | `pairs_with_a_list_that_is_replaced` |
//! | `disconnect` does not mark the slot as disconnected, or a call does not check the mark | `disconnect_against_an_emission_at_its_first_slot`, `changes_in_order_…` |
//! | `disconnect` finds the slot and removes it in two steps | the pairs, `reserved_key_against_disconnect`, `wait_against_disconnect_and_an_emitter` |
//! | a reserved key counts as connected | the pairs |
//! | `disconnect_all` cancels reserved keys too | `reserved_key_against_disconnect_all`, the pairs |
//! | a budget is read and written in two steps | `two_emitters_and_a_budget`, `three_emitters_and_a_budget_of_two`, `two_emitters_and_a_closure_that_is_consumed`, the pairs |
//! | the last call disconnects its slot only after the call, or never | `two_emitters_and_a_budget`, `budget_against_block_and_unblock` |
//! | `block` does not mark the snapshot as conditional | `block_once_seen_stays_seen`, `block_against_an_emission_at_its_first_slot`, `pairs_with_a_default_slot_then_emissions` |
//! | `block` marks the slot before it marks the snapshot as conditional | `block_once_seen_stays_seen`, `pairs_with_a_default_slot_then_emissions` |
//! | `block` reads and writes the count in two steps, and unlocks in between | `two_blocks`, `before_block`, the pairs |
//! | the end of one block marks the snapshot as unconditional, although another lasts | `two_blocks_against_emit`, `pairs_with_a_slot_that_has_one_call_left`, `every_announced_operation_is_visible` |
//! | `block_all` leaves the snapshot published | `block_all_against_connect_and_emit`, `signal_drop_against_two_handles`, the pairs |
//! | an emission publishes the snapshot although the signal is blocked | `block_all_against_connect_and_emit` |
//! | a contended change publishes the snapshot although the signal is blocked | `pairs_with_a_default_slot` |
//! | the first of several guards of the whole signal ends all blocks | `two_blocks_of_all_against_emit`, `pairs_with_a_default_slot` |
//! | the end of `block_all` leaves the empty snapshot published | `block_all_against_connect_and_emit`, `two_blocks_of_all_against_emit` |
//! | an emission does not remove a slot whose object is gone | `weak_drop_against_an_emitter`, `…_two_emitters` |
//! | a slot whose object is gone counts as connected | the same |
//! | changes and emissions do not remove expired slots | `weak_connect_and_drop_against_an_emitter_of_a_blocked_signal` |
//! | a blocked signal with weak slots publishes the empty snapshot, or keeps it when a slot is connected | the same |
//! | a waitable slot completes when it releases its callable, although calls are running | the `wait` models |
//! | it completes before its captures are dropped | the `wait` models |
//! | completion is recorded without a notification, or notified before it is recorded | the `wait` models |
//! | a waiter unlocks between checking and sleeping, or does not wait | the `wait` models |
//! | disconnected waitable slots are not remembered | the `wait` models, `before_the_end_of_a_wait` |
//! | a waiter waits before it releases the slot itself | the `wait` models |
//! | a waitable slot's captures are dropped with the emission, not with the call | `wait_with_an_emission_in_progress`, `pairs_with_a_waitable_slot_then_emissions` |
//! | a slot that waits for itself gets no error | `wait_from_inside_against_wait` |
//! | the drop of a scope disconnects nothing | `before_the_drop_of_a_scope` |
//! | the drop of a signal does not drop its slots, or the published ones | `signal_drop_against_a_handle`, `…_two_handles` |
//! | a callback's budget is read and written in two steps | `two_names_and_one_budget_against_disconnect`, `…_its_renewal` |
//! | a callback's budget is renewed in two steps, or although it is used up | `pairs_with_a_callback_that_has_one_call_left` |
//! | a callback's last call does not remove it from its other names | `pairs_with_a_callback_that_has_one_call_left` |
//! | a callback is found and removed in two steps | `pairs_with_a_callback` |
//! | a name is found free and bound in two steps | `pairs_with_a_new_name` |
//! | a new name is not published in the dispatch table | `bind_against_two_emitters` |
//! | relaxed: the store or the load of the unconditional mark, the end of a block | `before_unblock` |
//! | relaxed: the mark of a disconnected slot | `before_disconnect`, `before_disconnect_all`, `before_the_drop_of_a_scope` |
//! | relaxed: the mark of a block | `before_block`, `block_once_seen_stays_seen` |
//! | relaxed: the load of these marks | all of those |
//! | relaxed: the load or the swap of the snapshot cell; the swap without release | the `before_connect` models, `changes_in_order_…`, `bind_against_two_emitters`, the pairs |

#![cfg(smoke_signal_loom)]

mod blocking;
mod budgets;
mod connecting;
mod lifetimes;
mod operations;
mod orders;
mod pairs;
mod queue;
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

/// The model checker, limited to this many preemptions of all threads together, plus those that the
/// environment adds. `None` means no limit.
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

/// A signal whose state exists already, because loom's objects must be created on the model's first thread.
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

/// Starts a thread that uses the signal.
fn alongside<R: 'static, T: 'static>(
    signal: &Arc<Signal<(), R>>,
    work: impl FnOnce(&Signal<(), R>) -> T + 'static,
) -> thread::JoinHandle<T> {
    let signal = Arc::clone(signal);
    thread::spawn(move || work(&signal))
}

/// Starts a thread that emits, and returns how many slots it called.
fn emitter(signal: &Arc<Signal<()>>) -> thread::JoinHandle<usize> {
    alongside(signal, |signal| signal.emit().len())
}
