//! Every order in which threads can use the cell, or every order with a limited number of preemptions:
//!
//! ```text
//! RUSTFLAGS="--cfg smoke_signal_loom" cargo test --release -p snapshot-cell --test models -- --test-threads=1
//! ```
//!
//! `loom` has no asymmetric fences, so here both the light and the heavy barrier are full ones: what is promoted takes
//! other paths through the code, with the same order. `tests/store_buffers` tells the barriers apart.
//!
//! # Faults that the models find
//!
//! The crate was broken on purpose in each of these ways, and the models named here failed, among others:
//!
//! | broken on purpose | fails |
//! |---|---|
//! | the fill of a slot is relaxed; the look for a free slot is relaxed | `guard_dropped_elsewhere` |
//! | the second read is relaxed, or left out; the swap does not release | `load_against_edit_and_publication_of_the_same` |
//! | the clear of a slot is relaxed; looks at slots are relaxed | `guard_dropped_elsewhere`, `cell_dropped_under_a_guard` |
//! | no barrier of readers, light or full | `cell_dropped_under_a_guard` |
//! | no full fence of the spare slot; counted only after the spare slot was cleared | `spare_slot` |
//! | no barrier after the exchange, full or heavy | `load_against_edit_and_publication_of_the_same` |
//! | no barrier before the settlement; no settlement by the swap; `pending` not set, or not checked | `cell_dropped_under_a_guard` |
//! | a debt is taken while a slot holds its pointer; slots are compared with the bit | `guard_dropped_elsewhere` |
//! | several debts of one pointer in one record | `loads_against_the_same_in_and_out`, `two_writers_on_two_cells` |
//! | the lock is released between the search for a debt and its entry | `two_writers_on_two_cells` |
//! | the exchange is a load and a store | `two_writers_on_one_cell` |
//! | a swap skips the record of its own thread | `own_guard` |
//! | only the first slot is looked at; the look ends at the first empty slot; a debt is dropped without a look | `two_loads_nested` |
//! | a promotion exchanges the word without comparing it | `promotion_against_swap_and_load` |
//! | a dropped cell does not count its readers | `cell_dropped_under_a_guard` |
//! | a record is deactivated while it holds something; a lease that was not taken is handed back; a record is taken without acquire | `records_of_threads_that_start_together` |
//! | a new owner empties the slots of its record; a record is deactivated while it holds something | `records_change_hands` |
//! | a record is handed back before it is deactivated | `a_record_is_handed_over` |
//! | the bitmap of active records is read relaxed | `a_record_is_handed_back` |
//!
//! If a promotion stores the word instead, `promotion_against_swap_and_load` fails too, but first in an execution that
//! cannot happen: beside a plain store, `loom` lets two swaps return the same null.
//!
//! No model fails if a record is deactivated or handed back without release, because here both barriers of a reader are
//! full fences, which release. Promoted readers have none, so the release is needed. Nor does one fail if a swap does not
//! acquire, because a fence follows, unless the cell was empty.

#![cfg(smoke_signal_loom)]

mod loads;
mod records;
mod writers;

use std::sync::atomic::{AtomicUsize, Ordering};

use loom::cell::UnsafeCell;
use loom::model::Builder;
use loom::sync::Arc;
use snapshot_cell::{__hooks as hooks, SnapshotCell};

/// A value whose accesses loom checks for races. Reading, editing and dropping are accesses.
struct List {
    number: UnsafeCell<usize>,
    live: std::sync::Arc<AtomicUsize>,
}

// SAFETY: loom checks what is done with the cell.
unsafe impl Send for List {}
// SAFETY: as above.
unsafe impl Sync for List {}

impl List {
    fn read(&self) -> usize {
        // SAFETY: nobody writes meanwhile, or loom fails.
        self.number.with(|number| unsafe { *number })
    }

    /// Edits in place, if nobody else holds it.
    fn edit(this: &mut Arc<Self>) -> bool {
        let Some(list) = Arc::get_mut(this) else {
            return false;
        };
        // SAFETY: nobody accesses it meanwhile, or loom fails.
        list.number.with_mut(|number| unsafe { *number += 1 });
        true
    }
}

impl Drop for List {
    fn drop(&mut self) {
        // SAFETY: nobody accesses it meanwhile, or loom fails.
        self.number
            .with_mut(|number| unsafe { *number = usize::MAX });
        self.live.fetch_sub(1, Ordering::Relaxed);
    }
}

type Cell = SnapshotCell<List>;

/// Makes lists, and counts those that are alive.
#[derive(Clone)]
struct Lists(std::sync::Arc<AtomicUsize>);

impl Lists {
    fn list(&self, number: usize) -> Arc<List> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Arc::new(List {
            number: UnsafeCell::new(number),
            live: std::sync::Arc::clone(&self.0),
        })
    }
}

const NEVER: u32 = u32::MAX;

#[derive(Clone, Copy)]
struct Settings {
    preemptions: Option<usize>,
    slots: usize,
    models_threads: bool,
}

const ALL: Settings = Settings {
    preemptions: None,
    slots: 1,
    models_threads: false,
};

/// For models with too many orders to try them all.
const BOUNDED: Settings = Settings {
    preemptions: Some(4),
    ..ALL
};

impl Settings {
    /// Runs the model in every order. At its end nothing must be alive.
    fn run(self, model: impl Fn(Lists) + Sync + Send + 'static) {
        // The switches are for the whole process.
        static ONE: std::sync::Mutex<()> = std::sync::Mutex::new(());
        let _one = ONE
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        hooks::set_slots(self.slots);
        hooks::set_models_threads(self.models_threads);
        let mut builder = Builder::new();
        builder.preemption_bound = self.preemptions;
        builder.max_branches = 10_000;
        let executions = std::sync::Arc::new(AtomicUsize::new(0));
        let counter = std::sync::Arc::clone(&executions);
        builder.check(move || {
            counter.fetch_add(1, Ordering::Relaxed);
            hooks::set_promotion_period(NEVER);
            let lists = Lists(std::sync::Arc::new(AtomicUsize::new(0)));
            model(lists.clone());
            assert_eq!(lists.0.load(Ordering::Relaxed), 0, "every list was dropped");
        });
        println!("{} executions", executions.load(Ordering::Relaxed));
    }
}

fn holding(list: Arc<List>) -> Arc<Cell> {
    Arc::new(SnapshotCell::from(Some(list)))
}

/// Makes the next load promote what it loads.
fn promote(cell: &Cell) {
    hooks::set_promotion_period(1);
    drop(cell.load());
    hooks::set_promotion_period(NEVER);
    assert!(format!("{cell:?}").contains("is_promoted: true"));
}

fn both(f: impl Fn(bool)) {
    f(false);
    f(true);
}

fn read(cell: &Cell) -> Option<usize> {
    cell.load().as_deref().map(List::read)
}
