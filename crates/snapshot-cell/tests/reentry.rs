//! Values whose drop loads from another cell, and keeps the guard, while a load of their own cell starts over: for as many
//! seconds as `SNAPSHOT_CELL_STRESS_SECONDS` says, or two. With the feature `__test_hooks`, threads pause at random
//! between accesses.
//!
//! A load with seven guards in place chooses a slot, and another thread may free one meanwhile. If the load kept its
//! choice when it starts over, it would overwrite that guard's slot, and the value would be dropped under the guard.

#![cfg(not(smoke_signal_loom))]

use std::cell::{Cell, RefCell};
use std::env;
use std::hint;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use snapshot_cell::{Guard, SnapshotCell};

/// As many guards as cost no reference counting.
const GUARDS: usize = 7;

static OUTER: SnapshotCell<Outer> = SnapshotCell::new();
static INNER: SnapshotCell<Inner> = SnapshotCell::new();

thread_local! {
    static IS_READER: Cell<bool> = const { Cell::new(false) };
    static KEPT: RefCell<Vec<Guard<Inner>>> = const { RefCell::new(Vec::new()) };
}

/// On the reader's thread, its drop loads from `INNER`, and keeps the guard.
struct Outer(usize);

impl Drop for Outer {
    fn drop(&mut self) {
        hint::black_box(self.0);
        if IS_READER.get() {
            KEPT.with_borrow_mut(|kept| kept.push(INNER.load()));
        }
    }
}

struct Inner {
    is_alive: Arc<AtomicBool>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.is_alive.store(false, Ordering::SeqCst);
    }
}

fn publish_inner() -> Arc<AtomicBool> {
    let is_alive = Arc::new(AtomicBool::new(true));
    INNER.store(Some(Arc::new(Inner {
        is_alive: Arc::clone(&is_alive),
    })));
    is_alive
}

/// Drops a guard of the reader, and then replaces the outer value, once for each round.
fn replace(rounds: &AtomicUsize, done: &AtomicUsize, moved: &Mutex<Option<Guard<u64>>>) {
    let mut random = 1_u32;
    for round in 1.. {
        while rounds.load(Ordering::Acquire) < round {
            hint::spin_loop();
        }
        let Some(guard) = moved.lock().unwrap().take() else {
            return;
        };
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (0..random >> 25).for_each(|_| hint::spin_loop());
        drop(guard);
        (0..4).for_each(|n| OUTER.store(Some(Arc::new(Outer(n)))));
        done.store(round, Ordering::Release);
    }
}

#[test]
fn a_load_inside_a_drop_inside_a_load() {
    let seconds = env::var("SNAPSHOT_CELL_STRESS_SECONDS");
    let seconds = seconds.map_or(2.0, |seconds| seconds.parse().expect("a number"));
    #[cfg(feature = "__test_hooks")]
    snapshot_cell::__hooks::pause_one_in(8);

    let plain = SnapshotCell::from(Some(Arc::new(7_u64)));
    OUTER.store(Some(Arc::new(Outer(0))));
    let mut inner = publish_inner();
    let (rounds, done, moved) = (AtomicUsize::new(0), AtomicUsize::new(0), Mutex::new(None));
    IS_READER.set(true);
    let mut dropped = None;
    thread::scope(|scope| {
        scope.spawn(|| replace(&rounds, &done, &moved));
        let start = Instant::now();
        let mut round = 0;
        while start.elapsed() < Duration::from_secs_f64(seconds) {
            round += 1;
            let mut guards = Vec::from_iter((0..GUARDS).map(|_| plain.load()));
            *moved.lock().unwrap() = guards.pop();
            rounds.store(round, Ordering::Release);
            (0..6).for_each(|_| drop(OUTER.load()));
            while done.load(Ordering::Acquire) < round {
                hint::spin_loop();
            }
            let kept = KEPT.take();
            if !kept.is_empty() {
                let next = publish_inner();
                if !inner.load(Ordering::SeqCst) {
                    std::mem::forget(kept);
                    dropped = Some(round);
                    break;
                }
                drop(kept);
                inner = next;
            }
        }
        rounds.store(round + 1, Ordering::Release); // without a guard: the end
        println!("{round} rounds");
    });
    IS_READER.set(false);
    assert_eq!(
        dropped, None,
        "the round in which a guarded value was dropped"
    );
}
