//! A record: the slots in which one thread announces what it reads, and the debts of its readers.
//!
//! # Debts
//!
//! Whoever takes a pointer out of a cell finds the records that hold it and gives each a *debt*: one strong count for
//! all guards of this record that hold the pointer. Whoever empties a slot of a record with debts *settles* its pointer:
//! if no slot holds it any more, the debt is dropped.
//!
//! No debt is lost, because a debt is left in a record only to a slot whose reader will see `pending`. Consider the looks
//! at the slots that come after the writer's barrier. There is at least one, the writer's own, with the lock or without.
//! Whoever clears a slot after the barrier executes the order of the word that was in it, and sees `pending`, which was set
//! before the barrier. What was cleared before the barrier, these looks see cleared. So a slot that such a look finds
//! filled has a reader that will settle, and the last of them finds every slot clear.
//!
//! A settlement that would have to leave a debt to a promoted word, though only fences were executed so far, executes a
//! heavy barrier and looks again. That may happen if a pointer was taken out as a fenced word, and a slow reader still
//! tries the promoted word that it has read before.

use std::mem::{align_of, offset_of, size_of};
use std::ptr;
use std::sync::atomic::AtomicU32;

use crate::barrier;
use crate::counts::Counts;
use crate::hooks::{self, step};
use crate::sync::{AtomicBool, AtomicPtr, Mutex, Ordering, lock};
use crate::word::{self, Word};

/// Holds the word that a reader protects, or [`EMPTY`](word::EMPTY), or null if it was never used.
///
/// The owner of a record fills the first free slot. So behind a slot that was never used there are only others, and
/// whoever looks for a pointer may stop there.
pub(crate) type Slot = AtomicPtr<()>;

/// How many guards of one thread are free of reference counting.
const SLOTS: usize = 7;

/// The slot for loads that find no other.
pub(crate) const SPARE: usize = SLOTS;

/// The first cache line is for the slots, the next for the rest. Two cache lines, because some processors fetch them in
/// pairs.
#[repr(C, align(128))]
pub(crate) struct Record {
    slots: [Slot; SLOTS + 1],
    /// Whether there are debts. Written under their lock.
    pending: AtomicBool,
    /// Fenced loads since the last promotion. Only the owner of the record counts; a new owner sees what the last one
    /// has left, or something older.
    fenced_loads: AtomicU32,
    debts: Mutex<Debts>,
}

const _: () = assert!(
    offset_of!(Record, slots) == 0 && size_of::<[Slot; SLOTS + 1]>() <= align_of::<Record>()
);

struct Debts {
    list: Vec<Debt>,
    /// How many there ever were.
    so_far: u64,
}

impl Debts {
    const fn new() -> Self {
        Self {
            list: Vec::new(),
            so_far: 0,
        }
    }

    fn position(&self, pointer: *const ()) -> Option<usize> {
        self.list
            .iter()
            .position(|debt| ptr::addr_eq(debt.pointer, pointer))
    }
}

/// One strong count.
struct Debt {
    pointer: *const (),
    counts: &'static Counts,
    /// Whether a heavy barrier was executed after `pending` was set for it.
    is_announced: bool,
    /// Tells it from others of the same record. While a writer executes the barrier for a debt, that may be settled, and
    /// another writer may add one of the same pointer, which the barrier does not announce.
    number: DebtNumber,
}

/// Which debt of a record, of all that it ever had.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct DebtNumber(u64);

// SAFETY: `Counts` are only made for types that are `Send` and `Sync`, so that their `Arc` may be dropped anywhere.
unsafe impl Send for Debt {}

impl Drop for Debt {
    fn drop(&mut self) {
        // SAFETY: the debt owns one strong count, and `owe` was given the table of its type.
        unsafe { (self.counts.release)(self.pointer) }
    }
}

/// How a record holds a pointer.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Held {
    No,
    Fenced,
    /// By a promoted word, among others.
    Promoted,
}

impl Held {
    #[cold]
    fn by(word: Word) -> Self {
        if word::is_promoted(word) {
            Self::Promoted
        } else {
            Self::Fenced
        }
    }
}

impl Record {
    #[cfg(not(smoke_signal_loom))]
    pub(crate) const fn new() -> Self {
        Self {
            slots: [const { Slot::new(ptr::null_mut()) }; SLOTS + 1],
            pending: AtomicBool::new(false),
            fenced_loads: AtomicU32::new(0),
            debts: Mutex::new(Debts::new()),
        }
    }

    #[cfg(smoke_signal_loom)]
    pub(crate) fn new() -> Self {
        Self {
            slots: std::array::from_fn(|_| Slot::new(ptr::null_mut())),
            pending: AtomicBool::new(false),
            fenced_loads: AtomicU32::new(0),
            debts: Mutex::new(Debts::new()),
        }
    }

    /// The pointer to a slot, from which [`of`](Self::of) finds the record.
    #[inline]
    fn slot(&'static self, index: usize) -> *const Slot {
        // Not `&self.slots[index]`, which must not be used to access anything but the slot.
        ptr::from_ref(self).cast::<Slot>().wrapping_add(index)
    }

    /// The record of a slot.
    ///
    /// # Safety
    /// The slot must be from [`slot`](Self::slot).
    #[inline]
    pub(crate) unsafe fn of(slot: *const Slot) -> &'static Self {
        let record = slot.map_addr(|address| address & !(align_of::<Self>() - 1));
        // SAFETY: the slots are at the start of the record, within its alignment, so this is its address. The pointer
        // was made from a reference to the whole record, which is never freed.
        unsafe { &*record.cast() }
    }

    /// One of the first two slots, if it is free. Two, so that a load inside another one's guard is as fast.
    #[inline]
    pub(crate) fn early_slot(&'static self) -> Option<*const Slot> {
        let is_free = |index| hooks::is_used(index) && self.is_free(index);
        if is_free(0) {
            Some(self.slot(0))
        } else {
            is_free(1).then(|| self.slot(1))
        }
    }

    #[inline]
    pub(crate) fn free_slot(&'static self) -> Option<*const Slot> {
        let index = (0..SLOTS).find(|&index| hooks::is_used(index) && self.is_free(index))?;
        Some(self.slot(index))
    }

    /// A free slot, if need be the spare one. That is free while no load of the owner is between its fill and its clear.
    /// To be chosen anew after anything that may run user code: a nested load may have taken the slot, and kept it.
    pub(crate) fn free_or_spare_slot(&'static self) -> *const Slot {
        self.free_slot().unwrap_or_else(|| self.slot(SPARE))
    }

    /// Acquire pairs with the release that cleared the slot, perhaps on another thread: whoever reads the next word in
    /// this slot instead of that is still ordered after the last use of what was in it before.
    #[inline]
    fn is_free(&self, index: usize) -> bool {
        word::is_empty(self.slots[index].load(Ordering::Acquire))
    }

    /// Whether no slot holds anything. Only the owner can fill one, so if the owner asks, the answer lasts.
    pub(crate) fn is_empty(&self) -> bool {
        (0..=SPARE).all(|index| !hooks::is_used(index) || self.is_free(index))
    }

    /// Whether each slot but the spare one holds something.
    pub(crate) fn is_full(&self) -> bool {
        (0..SLOTS).all(|index| hooks::is_used(index) && !self.is_free(index))
    }

    /// Whether a slot holds `pointer`.
    ///
    /// Acquire pairs with the release of the clear: if the slot no longer holds the pointer, its use happens before
    /// what the caller does next. It also pairs with the release of a later fill, which the caller may see instead.
    #[inline]
    pub(crate) fn held(&self, pointer: *const ()) -> Held {
        let mut held = Held::No;
        for (index, slot) in self.slots.iter().enumerate() {
            if hooks::is_used(index) {
                let word = slot.load(Ordering::Acquire);
                if word.is_null() {
                    break;
                }
                if word::is_same(word, pointer) {
                    held = held.max(Held::by(word));
                }
            }
        }
        held
    }

    /// Counts a fenced load of the owner. Returns whether it shall promote what it has loaded.
    pub(crate) fn count_fenced_load(&self) -> bool {
        let count = self.fenced_loads.load(Ordering::Relaxed) + 1;
        let promotes = count >= hooks::promotion_period();
        self.fenced_loads
            .store(if promotes { 0 } else { count }, Ordering::Relaxed);
        promotes
    }

    /// Whether this record has debts, of whatever pointer.
    ///
    /// Relaxed suffices, because it was stored before the barrier that pairs with that of the caller.
    #[inline]
    pub(crate) fn is_pending(&self) -> bool {
        self.pending.load(Ordering::Relaxed)
    }

    /// Takes one strong count for all slots of this record that hold the pointer, unless it has one already. The caller
    /// must then execute the writer's side of the order, and settle.
    ///
    /// # Safety
    /// The caller owns a strong count of the pointer, which is one of [`Arc::into_raw`](std::sync::Arc::into_raw) for the
    /// type of `counts`.
    pub(crate) unsafe fn owe(&self, pointer: *const (), counts: &'static Counts) -> DebtNumber {
        let mut debts = lock(&self.debts);
        if let Some(at) = debts.position(pointer) {
            return debts.list[at].number;
        }
        // SAFETY: the caller guarantees that the strong count is not zero, and that the table fits.
        unsafe { (counts.retain)(pointer) };
        let number = DebtNumber(debts.so_far);
        debts.so_far += 1;
        debts.list.push(Debt {
            pointer,
            counts,
            is_announced: false,
            number,
        });
        step!();
        self.pending.store(true, Ordering::Relaxed);
        number
    }

    /// Drops the debt of a pointer, if there is one and no slot holds the pointer any more. That may run user code: the
    /// drop of the value.
    ///
    /// `announced` is the debt for which the caller has executed a heavy barrier since `owe`, if it has.
    #[cold]
    pub(crate) fn settle(&self, pointer: *const (), mut announced: Option<DebtNumber>) {
        loop {
            let mut debts = lock(&self.debts);
            let Some(at) = debts.position(pointer) else {
                return;
            };
            let debt = &mut debts.list[at];
            debt.is_announced |= announced == Some(debt.number);
            step!();
            match self.held(pointer) {
                Held::No => {
                    let debt = debts.list.swap_remove(at);
                    if debts.list.is_empty() {
                        self.pending.store(false, Ordering::Relaxed);
                    }
                    drop(debts);
                    drop(debt); // after unlocking, because it may run user code
                    return;
                }
                Held::Promoted if !debt.is_announced => {
                    announced = Some(debt.number);
                    drop(debts);
                    // If the barrier fails, the debt may be lost: one strong count is leaked.
                    let _ = barrier::heavy();
                }
                Held::Fenced | Held::Promoted => return,
            }
        }
    }

    /// Clears a slot, and settles what was in it. That may run user code.
    ///
    /// # Safety
    /// `slot` must be from [`slot`](Self::slot), and `word` what the caller has put into it.
    #[inline(never)]
    pub(crate) unsafe fn clear(slot: *const Slot, word: Word) {
        // SAFETY: the caller guarantees it.
        let record = unsafe { Self::of(slot) };
        // SAFETY: as above; the slot is a part of the record.
        let slot = unsafe { &*slot };
        // Release pairs with the acquire in `held` and `is_free`.
        slot.store(word::EMPTY, Ordering::Release);
        step!();
        // Pairs with the barrier between setting `pending` and `settle`.
        barrier::order(word);
        step!();
        if record.is_pending() {
            record.settle(word::pointer(word), None);
        }
    }
}
