//! Exchanging what a cell publishes, and finding who still reads the old value.

use crate::barrier;
use crate::counts::Counts;
use crate::hooks::step;
use crate::record::{DebtNumber, Held, Record};
use crate::registry;
use crate::sync::{AtomicPtr, Ordering};
use crate::word::{self, Word};

/// Publishes `new`, and returns the pointer that was published before. When this returns, the strong count of that
/// includes every guard that can read it.
///
/// Swaps of one cell may run concurrently. Each takes out a word of its own, with the strong count that came with it, and
/// looks for the readers that were protected by that count. If the same pointer is published again meanwhile, that
/// brings another count, and is taken out by another swap.
///
/// # Safety
/// As for [`load`](crate::load::load). `new` is null or a pointer that fits `counts`, and the caller gives one strong
/// count of it to the cell. It gets the one of the result.
pub(crate) unsafe fn swap(
    cell: &AtomicPtr<()>,
    new: *const (),
    counts: &'static Counts,
) -> *const () {
    // Release pairs with the second read of a load. Acquire pairs with the release of another swap, whose value the
    // caller gets. Where swaps are serialised, it is not needed, nor where the fence below follows.
    let old = cell.swap(new.cast_mut(), Ordering::AcqRel);
    let pointer = word::pointer(old);
    if !old.is_null() {
        step!();
        if order_exchange(old) {
            step!();
            // SAFETY: the strong count of the cell is now ours.
            unsafe { count_readers(old, counts) };
        } else {
            // Readers cannot be found. SAFETY: as above. This count is never released, so the value is never dropped or
            // edited, whoever reads it.
            unsafe { (counts.retain)(pointer) };
        }
    }
    pointer
}

/// Takes out what a cell publishes that nobody else can use any more.
///
/// # Safety
/// As for [`swap`], and all uses of the cell happen before this call, and none comes after.
pub(crate) unsafe fn take_last(cell: &AtomicPtr<()>, counts: &'static Counts) -> *const () {
    let old = cell.load(Ordering::Relaxed);
    if !old.is_null() {
        // No barrier before the look. All loads happen before, so their slots are seen as they left them, or as their guards did.
        // SAFETY: the strong count of the cell is now ours.
        unsafe { count_readers(old, counts) };
    }
    word::pointer(old)
}

/// Executes the writer's side of the order between the fill of a slot and the second read. Returns `false` if that was
/// not possible.
fn order_exchange(old: Word) -> bool {
    if word::is_promoted(old) {
        barrier::heavy()
    } else {
        barrier::full();
        true
    }
}

/// Adds a strong count for each record that holds the pointer.
///
/// # Safety
/// The caller owns a strong count of the pointer, and the table fits.
unsafe fn count_readers(old: Word, counts: &'static Counts) {
    let pointer = word::pointer(old);
    let mut readers = Vec::new();
    let mut strongest = Held::No;
    registry::for_each_active(|record| {
        let held = record.held(pointer);
        if held != Held::No {
            strongest = strongest.max(held);
            step!();
            // SAFETY: the caller guarantees what the function asks for.
            let debt = unsafe { record.owe(pointer, counts) };
            readers.push((record, debt));
        }
    });
    if !readers.is_empty() {
        settle_all(
            &readers,
            pointer,
            word::is_promoted(old) || strongest == Held::Promoted,
        );
    }
}

/// Drops the debts of readers that have not seen them.
#[cold]
fn settle_all(readers: &[(&'static Record, DebtNumber)], pointer: *const (), is_promoted: bool) {
    step!();
    // One barrier for all. It pairs with the one between clearing a slot and reading `pending`. If the heavy one fails,
    // a strong count may be leaked.
    if is_promoted {
        let _ = barrier::heavy();
    } else {
        barrier::full();
    }
    step!();
    for &(record, debt) in readers {
        // Usually the reader goes on, and no lock is needed to find that. By a fenced slot only: its reader executes a full
        // fence before it reads `pending`, so it sees what was stored before ours. For a promoted slot, `settle` executes
        // a heavy barrier.
        if !is_promoted && record.held(pointer) == Held::Fenced {
            continue;
        }
        // Runs no user code: the caller owns another strong count.
        record.settle(pointer, is_promoted.then_some(debt));
    }
}
