//! All records of the process. They are in blocks, which are never freed. A thread owns a record from its first load to
//! its end, and then another thread may own it.

use std::sync::OnceLock;

use crate::record::Record;
use crate::sync::{Bitmap, Ordering};

/// One bit of a bitmap for each.
#[cfg(not(smoke_signal_loom))]
const RECORDS: usize = usize::BITS as usize;
/// Enough for every thread of a model.
#[cfg(smoke_signal_loom)]
const RECORDS: usize = 4;

const ALL: usize = usize::MAX >> (usize::BITS as usize - RECORDS);

pub(crate) struct Block {
    /// The records that may hold anything. A bit is set before its record's first slot is filled. It is cleared only by
    /// the record's owner, when all slots are empty, and then only an owner can fill one.
    active: Bitmap,
    /// The records that a thread owns.
    owned: Bitmap,
    /// `OnceLock` releases and acquires: a record is initialised before another thread sees it.
    next: OnceLock<Box<Block>>,
    records: [Record; RECORDS],
}

/// In static memory, so that a process with few threads allocates none.
#[cfg(not(smoke_signal_loom))]
static FIRST: Block = Block::new();
#[cfg(smoke_signal_loom)]
loom::lazy_static! {
    static ref FIRST: model::First = model::First::new();
}

#[cfg(smoke_signal_loom)]
mod model {
    use std::mem::ManuallyDrop;
    use std::ops::Deref;

    use super::Block;

    /// `loom` may drop statics while the thread-locals of threads that were joined still have to be dropped. So where
    /// those hand back records, the block is leaked.
    pub(super) struct First(ManuallyDrop<Box<Block>>);

    impl First {
        pub(super) fn new() -> Self {
            Self(ManuallyDrop::new(Box::new(Block::new())))
        }
    }

    impl Deref for First {
        type Target = Block;

        fn deref(&self) -> &Block {
            &self.0
        }
    }

    impl Drop for First {
        fn drop(&mut self) {
            if !crate::hooks::models_threads() {
                // SAFETY: dropped once, here.
                unsafe { ManuallyDrop::drop(&mut self.0) }
            }
        }
    }
}

impl Block {
    #[cfg(not(smoke_signal_loom))]
    const fn new() -> Self {
        Self {
            active: Bitmap::new(0),
            owned: Bitmap::new(0),
            next: OnceLock::new(),
            records: [const { Record::new() }; RECORDS],
        }
    }

    #[cfg(smoke_signal_loom)]
    fn new() -> Self {
        Self {
            active: Bitmap::new(0),
            owned: Bitmap::new(0),
            next: OnceLock::new(),
            records: std::array::from_fn(|_| Record::new()),
        }
    }

    fn first() -> &'static Self {
        &FIRST
    }

    fn all() -> impl Iterator<Item = &'static Self> {
        std::iter::successors(Some(Self::first()), |block| {
            block.next.get().map(|next| &**next)
        })
    }

    /// Acquire pairs with the release in [`Lease::drop`]: the new owner sees the record as the last one left it.
    fn own(&'static self, index: usize) -> Option<Lease> {
        let bit = 1 << index;
        let is_free = self.owned.fetch_or(bit, Ordering::Acquire) & bit == 0;
        // Not `then_some`, which would make a lease in any case, and drop it.
        is_free.then(|| Lease { block: self, index })
    }

    /// Lets a thread own a record that nobody owns, unless its slots are all full of guards that were leaked, or that
    /// other threads keep.
    fn own_any(&'static self) -> Option<Lease> {
        let free = ALL & !self.owned.load(Ordering::Relaxed);
        let lease = bits(free)
            .filter_map(|index| self.own(index))
            .find(|lease| !lease.record().is_full())?;
        // Relaxed, because whoever looks for what the record holds is ordered after that by the same barriers that order
        // it after the fill of a slot.
        self.active.fetch_or(1 << lease.index, Ordering::Relaxed);
        Some(lease)
    }

    /// Deactivates those of the given records that are empty by now. Their last owner handed them back while they held
    /// something.
    #[cold]
    fn sweep(&'static self, orphans: usize) {
        for index in bits(orphans) {
            if self.records[index].is_empty() {
                drop(self.own(index));
            }
        }
    }
}

fn bits(mut bitmap: usize) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let lowest = (bitmap != 0).then(|| bitmap.trailing_zeros() as usize);
        bitmap &= bitmap.wrapping_sub(1);
        lowest
    })
}

/// The ownership of a record. Dropping it hands the record back.
pub(crate) struct Lease {
    block: &'static Block,
    index: usize,
}

impl Lease {
    pub(crate) fn new() -> Self {
        let mut block = Block::first();
        loop {
            if let Some(lease) = block.own_any() {
                return lease;
            }
            block = block.next.get_or_init(|| Box::new(Block::new()));
        }
    }

    pub(crate) fn record(&self) -> &'static Record {
        &self.block.records[self.index]
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        #[cfg(smoke_signal_loom)]
        if !crate::hooks::models_threads() {
            return; // see `Bitmap`
        }
        let bit = 1 << self.index;
        // Guards that were moved to other threads, or leaked, may still be in the slots.
        if self.record().is_empty() {
            // Release pairs with the acquire in `for_each_active`: a scan that skips the record is ordered after all
            // uses of what it held.
            self.block.active.fetch_and(!bit, Ordering::Release);
        }
        self.block.owned.fetch_and(!bit, Ordering::Release);
    }
}

/// Looks at every record that may hold anything.
#[inline]
pub(crate) fn for_each_active(mut look: impl FnMut(&'static Record)) {
    for block in Block::all() {
        let active = block.active.load(Ordering::Acquire);
        for index in bits(active) {
            look(&block.records[index]);
        }
        let orphans = active & !block.owned.load(Ordering::Relaxed);
        if orphans != 0 {
            block.sweep(orphans);
        }
    }
}
