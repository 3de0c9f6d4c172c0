//! Protecting what a cell publishes, and giving it back.
//!
//! A load fills a slot with the word that it has read, and reads the word again. If that has the same address and bit,
//! whoever takes it out of the cell later finds the slot: the exchange comes after the second read, and the order of the
//! word puts the fill before that read. So the pointer is valid until the slot is cleared.
//!
//! The pointer is that of the second word. The first may be of a value that is gone, in whose place another one has been
//! allocated and published: it has the same address, but must not be used to access that.

use std::ptr;

use crate::barrier;
use crate::counts::Counts;
use crate::hooks::step;
use crate::record::{Record, Slot};
use crate::registry::Lease;
use crate::sync::{AtomicPtr, Ordering, fence};
use crate::thread;
use crate::word::{self, Word};

/// A pointer, and what keeps it valid.
#[derive(Clone, Copy)]
pub(crate) struct Protected {
    /// Null if the cell was empty.
    pub(crate) pointer: *const (),
    /// The slot that protects the pointer until it is [released](release). If null, the holder owns one strong count
    /// instead.
    pub(crate) slot: *const Slot,
}

/// Protects what the cell publishes, if that is a promoted word, and one of the first two slots of this thread is free. Returns
/// `None` otherwise, or if the cell is changed meanwhile.
///
/// It is small enough to be a part of every caller.
#[inline]
pub(crate) fn load_promoted(cell: &AtomicPtr<()>) -> Option<(Word, *const Slot)> {
    // Relaxed, because the word is read again.
    let word = cell.load(Ordering::Relaxed);
    if !word::is_promoted(word) {
        return None;
    }
    let slot = thread::record().and_then(Record::early_slot)?;
    step!();
    // SAFETY: records are never freed.
    let filled = unsafe { &*slot };
    // Release, because whoever looks for a pointer in this slot may see this word and not the clear before it,
    // which another thread may have done.
    filled.store(word, Ordering::Release);
    step!();
    // Pairs with the heavy barrier after the exchange in `swap`.
    barrier::light();
    step!();
    // Acquire pairs with the release that published the word, perhaps again since it was read first.
    let protected = cell.load(Ordering::Acquire);
    if protected == word {
        return Some((protected, slot));
    }
    // SAFETY: the word was put into that slot.
    unsafe { Record::clear(slot, word) };
    None
}

/// Protects what the cell publishes.
///
/// # Safety
/// `cell` holds words of pointers from [`Arc::into_raw`](std::sync::Arc::into_raw) for the type of `counts`, owns one strong
/// count of each, and is changed only by [`swap`](crate::swap).
#[inline]
pub(crate) unsafe fn load(cell: &AtomicPtr<()>, counts: &'static Counts) -> Protected {
    if let Some((word, slot)) = load_promoted(cell) {
        return Protected {
            pointer: word::pointer(word),
            slot,
        };
    }
    // SAFETY: the caller guarantees what the function asks for.
    unsafe { load_slowly(cell, counts) }
}

/// A load in every case.
///
/// # Safety
/// As for [`load`].
#[inline(never)]
unsafe fn load_slowly(cell: &AtomicPtr<()>, counts: &'static Counts) -> Protected {
    if let Some(record) = thread::record() {
        // SAFETY: the caller guarantees what the function asks for.
        return unsafe { load_with(record, cell, counts) };
    }
    // SAFETY: as above.
    unsafe { load_first(cell, counts) }
}

/// The first load of a thread, or one after its record has been handed back.
///
/// # Safety
/// As for [`load`].
#[cold]
unsafe fn load_first(cell: &AtomicPtr<()>, counts: &'static Counts) -> Protected {
    if let Some(record) = thread::register() {
        // SAFETY: the caller guarantees what the function asks for.
        return unsafe { load_with(record, cell, counts) };
    }
    let lease = Lease::new();
    // SAFETY: as above.
    unsafe { load_counted(lease.record(), cell, counts) }
}

/// # Safety
/// As for [`load`], and the current thread owns the record.
unsafe fn load_with(
    record: &'static Record,
    cell: &AtomicPtr<()>,
    counts: &'static Counts,
) -> Protected {
    loop {
        let word = cell.load(Ordering::Relaxed);
        if word.is_null() {
            return nothing();
        }
        let Some(slot) = record.free_slot() else {
            // SAFETY: the caller guarantees what the function asks for.
            return unsafe { load_counted(record, cell, counts) };
        };
        step!();
        // SAFETY: records are never freed.
        let filled = unsafe { &*slot };
        // The orderings are those of `load`.
        filled.store(word, Ordering::Release);
        step!();
        barrier::order(word);
        step!();
        let protected = cell.load(Ordering::Acquire);
        if protected == word {
            promote_at_times(record, cell, protected);
            return Protected {
                pointer: word::pointer(protected),
                slot,
            };
        }
        // SAFETY: the word was put into that slot.
        unsafe { Record::clear(slot, word) };
    }
}

/// Protects the pointer only until the strong count has been incremented.
///
/// # Safety
/// As for [`load`], and the current thread owns the record.
unsafe fn load_counted(
    record: &'static Record,
    cell: &AtomicPtr<()>,
    counts: &'static Counts,
) -> Protected {
    loop {
        let word = cell.load(Ordering::Relaxed);
        if word.is_null() {
            return nothing();
        }
        // Chosen anew each time, because clearing the slot may run user code, whose load may take it and keep it.
        let slot = record.free_or_spare_slot();
        // SAFETY: records are never freed.
        let filled = unsafe { &*slot };
        // Full fences are right for every word, so this slot needs no heavy barrier of who empties it.
        let fenced = word::pointer(word).cast_mut();
        // The orderings are those of `load`.
        filled.store(fenced, Ordering::Release);
        step!();
        barrier::full();
        step!();
        let protected = cell.load(Ordering::Acquire);
        let pointer = word::pointer(protected);
        let is_protected = protected == word;
        if is_protected {
            // SAFETY: the slot protects the pointer, so its strong count is not zero. The caller guarantees that it is
            // of the type of `counts`.
            unsafe { (counts.retain)(pointer) };
        }
        // SAFETY: the word was put into that slot. If a debt is dropped here, its value is not, or it is one that this
        // load does not return.
        unsafe { Record::clear(slot, fenced) };
        if is_protected {
            promote_at_times(record, cell, protected);
            return Protected {
                pointer,
                slot: ptr::null(),
            };
        }
    }
}

/// What a load of an empty cell returns.
fn nothing() -> Protected {
    // Pairs with the release of the swap that emptied the cell, whose null was read.
    fence(Ordering::Acquire);
    Protected {
        pointer: ptr::null(),
        slot: ptr::null(),
    }
}

/// Counts a load of a fenced word, and promotes each so many-th.
fn promote_at_times(record: &Record, cell: &AtomicPtr<()>, word: Word) {
    if !word::is_promoted(word) && record.count_fenced_load() {
        promote(cell, word);
    }
}

/// Readers of this word need no fence any more.
#[cold]
fn promote(cell: &AtomicPtr<()>, word: Word) {
    if barrier::is_available() {
        // If the word has changed, it is not this word that was stable. Relaxed, because a read-modify-write continues
        // the release sequence: who acquires the promoted word synchronises with who published it.
        let _ = cell.compare_exchange(
            word,
            word::promoted(word),
            Ordering::Relaxed,
            Ordering::Relaxed,
        );
    }
}

/// Gives back the pointer that a slot protects. That may run user code: the drop of the value.
///
/// # Safety
/// The slot is from a load, and this is the only call for it.
#[inline]
pub(crate) unsafe fn release(slot: *const Slot) {
    // SAFETY: it is a part of a record, which is never freed.
    let filled = unsafe { &*slot };
    // Relaxed, because until this function clears it, the slot keeps what the load has put into it.
    let word = filled.load(Ordering::Relaxed);
    if word::is_promoted(word) {
        // SAFETY: the caller guarantees it, and this is what the load has put into the slot.
        unsafe { release_promoted(slot, word::pointer(word)) }
    } else {
        // SAFETY: the slot is from a load, which has put this word into it.
        unsafe { Record::clear(slot, word) }
    }
}

/// Gives back what a slot protects by a promoted word. That may run user code: the drop of the value.
///
/// # Safety
/// As for [`release`], and the load has put a promoted word of this pointer into the slot.
#[inline]
pub(crate) unsafe fn release_promoted(slot: *const Slot, pointer: *const ()) {
    // SAFETY: it is a part of a record, which is never freed.
    let filled = unsafe { &*slot };
    step!();
    // The orderings are those of `Record::clear`.
    filled.store(word::EMPTY, Ordering::Release);
    step!();
    barrier::light();
    step!();
    // SAFETY: the slot is from a load, so from `Record::slot`.
    let record = unsafe { Record::of(slot) };
    if record.is_pending() {
        record.settle(pointer, None);
    }
}
