//! The slots of a signal in call order, as one emission sees them, and the calls of that emission.

use std::mem;
use std::sync::Arc;

use crate::args::Args;
use crate::core::slot::{Arguments, ListedSlot, SlotView};
use crate::keys::Connection;
use crate::order::Rearrange;
use crate::owner::{Owner, SlotOwner};
use crate::returns::Returns;
use crate::sync::{AtomicU8, CellArc, Loaded, LoadedPromoted, Ordering};
#[cfg(feature = "tracing")]
use crate::trace::{Departure, Name};

/// The list that an emission reads, or `None` if nothing was ever connected.
pub(crate) type Snapshot<A, R> = Loaded<SlotList<A, R>>;

/// A list that an emission reads, which has not changed for a while.
pub(crate) type StableList<A, R> = LoadedPromoted<SlotList<A, R>>;

/// The slots of a signal in call order.
///
/// It keeps the signal's state alive, so that the slots can still leave if the signal is dropped while an
/// emission reads the list. The state does not keep the list alive for longer than the signal.
pub(crate) struct SlotList<A: Args, R: 'static> {
    owner: SlotOwner,
    slots: Vec<ListedSlot<A, R>>,
    /// The positions of the slots that [must be checked](SlotView::is_fast_path), ascending. Right as soon as the
    /// list is published.
    checked: Vec<u32>,
    /// A [`Checks`].
    ///
    /// Emissions read this before each call, instead of the state of each slot. It is always in the
    /// cache, and the arguments can stay in registers, which makes an emission to 64 slots a quarter
    /// faster.
    checks: AtomicU8,
}

/// Which slots of a list must be checked before they are called.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Checks {
    /// All: some are blocked, or have left since the list was published, or another list has taken its place, or all
    /// need it.
    All,
    /// Only those that need it.
    Some,
    /// None: no slot needs it.
    None,
}

impl<A: Args, R> Default for SlotList<A, R> {
    fn default() -> Self {
        Self {
            owner: None,
            slots: Vec::new(),
            checked: Vec::new(),
            checks: AtomicU8::new(Checks::All as u8),
        }
    }
}

impl<A: Args, R> SlotList<A, R> {
    /// Creates another list for the same signal, which is empty.
    #[inline(never)] // for the size of a user's program
    pub(crate) fn without_slots(&self) -> CellArc<Self> {
        // Allocated without an owner, or there would be code that drops it if that fails.
        let mut list = CellArc::<Self>::default();
        if let Some(list) = CellArc::get_mut(&mut list) {
            list.owner.clone_from(&self.owner);
        }
        list
    }

    /// Sets the signal that the list belongs to.
    pub(crate) fn set_owner(&mut self, owner: Arc<dyn Owner<Connection>>) {
        self.owner = Some(owner);
    }

    #[cfg(feature = "tracing")]
    pub(crate) fn owner(&self) -> &SlotOwner {
        &self.owner
    }

    pub(crate) fn take_owner(&mut self) -> SlotOwner {
        self.owner.take()
    }

    pub(crate) fn slots(&self) -> &Vec<ListedSlot<A, R>> {
        &self.slots
    }

    pub(crate) fn swap_slots(&mut self, slots: &mut Vec<ListedSlot<A, R>>) {
        mem::swap(&mut self.slots, slots);
    }

    /// Sets the positions of the slots that must be checked.
    pub(crate) fn set_checked(&mut self, checked: Vec<u32>) {
        self.checked = checked;
    }

    /// Release pairs with the acquire in [`checks`](Self::checks): whoever calls a slot without a check sees
    /// what was done before the last block ended. Before a slot is marked, all have to be checked, so an
    /// emission that has once seen the mark checks from then on.
    pub(crate) fn set_checks(&self, checks: Checks) {
        self.checks.store(checks as u8, Ordering::Release);
    }

    #[inline]
    fn checks(&self, checks: Checks) -> bool {
        self.checks.load(Ordering::Acquire) == checks as u8
    }

    /// Calls every slot in order. Adds what they return to `results`, which are empty at first, and returns them.
    ///
    /// Small enough to be a part of every caller. It does the same as [`emit_rest`](Self::emit_rest), but keeps the
    /// arguments in registers.
    #[inline]
    pub(crate) fn emit<C: Collect<R>>(&self, mut args: A::In<'_>, mut results: C) -> C {
        let Some((last, others)) = self.slots.split_last() else {
            return results;
        };
        while self.checks(Checks::None) {
            // Every slot so far was called, so there are as many results: no other count is needed.
            let Some(slot) = others.get(results.len()) else {
                results.push(last.call(args));
                return results;
            };
            results.push(slot.call(A::lend(&mut args)));
        }
        self.emit_rest(args, results)
    }

    /// Calls the slots behind those that have returned the `results`.
    #[inline(never)]
    pub(crate) fn emit_rest<C: Collect<R>>(&self, mut args: A::In<'_>, mut results: C) -> C {
        let mut tried = results.len();
        if tried < self.slots.len() && !self.checks(Checks::All) {
            tried = self.emit_until_changed(&mut args, &mut results);
        }
        let rest = &self.slots[tried..];
        if let Some((last, others)) = rest.split_last() {
            for slot in others {
                if let Some(result) = slot.try_call(&self.owner, Arguments::Lend(&mut args)) {
                    results.push(result);
                }
            }
            let mut args = Some(args);
            if let Some(result) = last.try_call(&self.owner, Arguments::Move(&mut args)) {
                results.push(result);
            }
            drop(args); // explicitly, or a panic in its drop would leak the results: see `Core::emit`
        }
        results
    }

    /// Calls the slots behind those that have returned the `results`, but for the last slot, and checks only those that
    /// need it, for as long as that suffices. Returns how many slots have had their turn.
    #[inline(never)]
    fn emit_until_changed<C: Collect<R>>(&self, args: &mut A::In<'_>, results: &mut C) -> usize {
        let last = self.slots.len() - 1;
        let tried = results.len();
        let mut at = tried;
        let checked = self.checked.iter().map(|&checked| checked as usize);
        for checked in checked.skip_while(|&checked| checked < tried).chain([last]) {
            for slot in &self.slots[at..checked] {
                if self.checks(Checks::All) {
                    return at;
                }
                results.push(slot.call(A::lend(args)));
                at += 1;
            }
            if at == last {
                break;
            }
            if let Some(result) = self.slots[at].try_call(&self.owner, Arguments::Lend(args)) {
                results.push(result);
            }
            at += 1;
        }
        at
    }

    /// Whether the slot at a position may be called without checking its state.
    fn is_unchecked(&self, at: usize) -> bool {
        let is_checked = || {
            let found = self.checked.binary_search_by_key(&at, |&at| at as usize);
            found.is_ok()
        };
        self.checks(Checks::None) || self.checks(Checks::Some) && !is_checked()
    }

    /// Calls the first slot from `next` on that may be called, and returns its result. If there is none, the
    /// arguments may be left, for the caller to drop.
    ///
    /// `next` is advanced before the call: after a panic, the next slot is called.
    #[inline]
    pub(crate) fn call_next<'a>(
        &self,
        next: &mut usize,
        args: &mut Option<A::In<'a>>,
    ) -> Option<R> {
        while let Some(slot) = self.slots.get(*next) {
            *next += 1;
            let args = if *next == self.slots.len() {
                Arguments::<'_, 'a, A>::Move(args)
            } else {
                Arguments::Lend(args.as_mut()?)
            };
            let result = if self.is_unchecked(*next - 1) {
                Some(args.pass(|args| slot.call(args)))
            } else {
                slot.try_call(&self.owner, args)
            };
            if result.is_some() {
                return result;
            }
        }
        None
    }
}

/// What an emission does with the results.
pub(crate) trait Collect<R> {
    fn push(&mut self, result: R);
    /// The number of results so far.
    fn len(&self) -> usize;
}

impl<R> Collect<R> for Returns<R> {
    #[inline]
    fn push(&mut self, result: R) {
        Self::push(self, result);
    }

    #[inline]
    fn len(&self) -> usize {
        <[R]>::len(self)
    }
}

impl<R> Collect<R> for &mut Returns<R> {
    #[inline]
    fn push(&mut self, result: R) {
        Returns::push(self, result);
    }

    #[inline]
    fn len(&self) -> usize {
        <[R]>::len(self)
    }
}

/// Counts results and drops them.
#[derive(Default)]
pub(crate) struct Count(pub(crate) usize);

impl<R> Collect<R> for Count {
    #[inline]
    fn push(&mut self, _result: R) {
        self.0 += 1;
    }

    #[inline]
    fn len(&self) -> usize {
        self.0
    }
}

/// The slots of a signal, as bookkeeping sees them.
pub(crate) trait AnyList: Rearrange {
    /// The slot at a position, counted from the front.
    fn slot(&self, at: usize) -> SlotView<'_>;
}

impl<A: Args, R> AnyList for Vec<ListedSlot<A, R>> {
    fn slot(&self, at: usize) -> SlotView<'_> {
        self[at].view()
    }
}

/// A slot that has left its signal. Its drop is user code: it drops the captured values, unless an
/// emission in progress still holds the slot.
pub(crate) struct Disconnected<A: Args, R: 'static> {
    slot: ListedSlot<A, R>,
    left_as: LeftAs,
    /// What a subscriber is told, without a lock.
    #[cfg(feature = "tracing")]
    departure: Option<Box<Departure>>,
}

/// What a slot was when it left.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum LeftAs {
    /// A connected slot that is nothing but a closure, and needs no [release](SlotView::release).
    Closure,
    Connected,
    /// Its object had been dropped, or was never seen: it did not count as connected.
    Absent,
}

impl<A: Args, R> Disconnected<A, R> {
    pub(crate) fn new(slot: ListedSlot<A, R>, left_as: LeftAs) -> Self {
        Self {
            slot,
            left_as,
            #[cfg(feature = "tracing")]
            departure: None,
        }
    }

    /// Also lets the slot tell a subscriber that it has left this signal.
    #[cfg(feature = "tracing")]
    pub(crate) fn observed(slot: ListedSlot<A, R>, left_as: LeftAs, signal: &Name) -> Self {
        let mut disconnected = Self::new(slot, left_as);
        let slot = disconnected.slot.view();
        disconnected.departure = slot.observed_departure(signal);
        disconnected
    }

    /// Whether the slot counted as connected, because its object existed.
    pub(crate) fn was_connected(&self) -> bool {
        self.left_as != LeftAs::Absent
    }
}

impl<A: Args, R> Drop for Disconnected<A, R> {
    fn drop(&mut self) {
        #[cfg(feature = "tracing")]
        if let Some(departure) = &self.departure {
            departure.tell();
        }
        if self.left_as != LeftAs::Closure {
            self.slot.view().release();
        }
    }
}
