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

/// A thread that emits, and tells how many slots it has called.
fn emitter(signal: &Arc<Signal<()>>) -> thread::JoinHandle<usize> {
    let signal = Arc::clone(signal);
    thread::spawn(move || signal.emit().len())
}
