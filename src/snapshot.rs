//! The slots of a signal in call order, as one emission sees them, and the way from there to each
//! slot.

use std::sync::{Arc, Weak};

use smallvec::SmallVec;

use crate::args::Args;
use crate::core::Core;
use crate::slot::{Round, Slot};
use crate::sync::{AtomicBool, Loaded, Ordering};
use crate::{Connection, Returns};

/// A slot of a signal, shared by the snapshots of it.
pub(crate) type SharedSlot<A, R> = Arc<dyn Slot<A, R>>;

/// What an emission goes through; `None` where nothing was ever connected.
pub(crate) type View<A, R> = Loaded<Snapshot<A, R>>;

/// The slots of a signal in call order.
pub(crate) struct Snapshot<A: Args, R: 'static> {
    core: Weak<Core<A, R>>,
    slots: Slots<A, R>,
    /// Every slot may be called without a question: all are [plain](Slot::is_plain), none is
    /// blocked, and nothing has changed since.
    ///
    /// Emissions ask this one word before each turn, instead of each slot for its state: it is
    /// always at hand, and the arguments need not be kept in memory for the slot to fetch, which
    /// makes an emission to 64 slots a quarter faster.
    plain: AtomicBool,
}

pub(crate) type Slots<A, R> = SmallVec<[SharedSlot<A, R>; 4]>;

impl<A: Args, R> Snapshot<A, R> {
    pub(crate) fn new(core: Weak<Core<A, R>>) -> Self {
        Self {
            core,
            slots: SmallVec::new(),
            plain: AtomicBool::new(false),
        }
    }

    /// Another list of the same signal, of no slots.
    pub(crate) fn of_none(&self) -> Self {
        Self::new(Weak::clone(&self.core))
    }

    pub(crate) fn copy(&self) -> Self {
        Self {
            slots: self.slots.clone(),
            ..self.of_none()
        }
    }

    pub(crate) fn slots(&self) -> &[SharedSlot<A, R>] {
        &self.slots
    }

    pub(crate) fn slots_mut(&mut self) -> &mut Slots<A, R> {
        &mut self.slots
    }

    /// Release, to pair with the acquire in [`is_plain`](Self::is_plain): what was done before the
    /// last block ended is seen by whoever calls the slot without a question. The other way, to
    /// false, it comes before the slot is marked: a turn asks from then on, and who has found the
    /// mark asks ever after.
    pub(crate) fn set_plain(&self, plain: bool) {
        self.plain.store(plain, Ordering::Release);
    }

    #[inline]
    pub(crate) fn is_plain(&self) -> bool {
        self.plain.load(Ordering::Acquire)
    }

    /// Calls every slot in order.
    #[inline]
    pub(crate) fn emit(&self, mut args: A::In<'_>) -> Returns<R> {
        let mut returns = Returns::new();
        let Some((last, others)) = self.slots.split_last() else {
            return returns;
        };
        while self.is_plain() {
            // So far every turn was a call: there are as many results.
            let Some(slot) = others.get(returns.len()) else {
                returns.push(last.call(args));
                return returns;
            };
            returns.push(slot.call(A::lend(&mut args)));
        }
        self.emit_with_care(&others[returns.len()..], last, args, returns)
    }

    /// Asks each slot at its turn.
    #[inline(never)]
    fn emit_with_care(
        &self,
        others: &[SharedSlot<A, R>],
        last: &SharedSlot<A, R>,
        args: A::In<'_>,
        mut returns: Returns<R>,
    ) -> Returns<R> {
        let mut round = Round { among: self, args };
        for slot in others {
            if let Some(result) = slot.turn(&mut round) {
                returns.push(result);
            }
        }
        if let Some(result) = last.last_turn(self, round.args) {
            returns.push(result);
        }
        returns
    }

    /// Disconnects a slot of this snapshot from the signal, if that still exists. The slot stays
    /// alive as long as the snapshot; what a waitable one captured goes with its last call.
    pub(crate) fn disconnect(&self, key: Connection) {
        if let Some(core) = self.core.upgrade() {
            core.disconnect(key);
        }
    }
}
