//! The slots of a signal in call order, as one emission sees them, and the calls of that emission.

use alloc::rc::Rc;
use alloc::vec::Vec;
use core::cell::Cell;

use crate::args::Args;
use crate::local::engine::slot::{Arguments, ListedSlot};
use crate::local::owner::{Owner, SlotOwner};
use crate::returns::Returns;

/// The slots of a signal in call order.
///
/// It keeps the signal's state alive, so that the slots can still leave if the signal is dropped while an
/// emission reads the list. The state does not keep the list alive for longer than the signal.
pub(crate) struct SlotList<A: Args, R: 'static> {
    owner: SlotOwner,
    slots: Vec<ListedSlot<A, R>>,
    /// The positions of the slots that must be checked, ascending. Right as soon as the list is current.
    checked: Vec<u32>,
    /// Emissions read this before each call, instead of the state of each slot.
    checks: Cell<Checks>,
    /// Whether an emission that starts now reads this list.
    is_current: Cell<bool>,
}

/// Which slots of a list must be checked before they are called.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Checks {
    /// All: some are blocked, or something has changed since the list was current, or all need it.
    All,
    /// Only those that need it.
    Some,
    /// None: no slot needs it.
    None,
}

impl<A: Args, R> SlotList<A, R> {
    /// Creates a list that has no slots yet.
    pub(crate) fn new(owner: SlotOwner) -> Rc<Self> {
        Rc::new(Self {
            owner,
            slots: Vec::new(),
            checked: Vec::new(),
            checks: Cell::new(Checks::All),
            is_current: Cell::new(false),
        })
    }

    /// Creates another list for the same signal, which has no slots yet.
    pub(crate) fn without_slots(&self) -> Rc<Self> {
        Self::new(self.owner.clone())
    }

    /// Sets the signal that the list belongs to.
    pub(crate) fn set_owner(&mut self, owner: Rc<dyn Owner>) {
        self.owner = Some(owner);
    }

    #[cfg(feature = "tracing")]
    pub(crate) fn owner(&self) -> &SlotOwner {
        &self.owner
    }

    pub(crate) fn slots(&self) -> &[ListedSlot<A, R>] {
        &self.slots
    }

    pub(crate) fn slots_mut(&mut self) -> &mut Vec<ListedSlot<A, R>> {
        &mut self.slots
    }

    /// Sets the positions of the slots that must be checked.
    pub(crate) fn set_checked(&mut self, checked: Vec<u32>) {
        self.checked = checked;
    }

    pub(crate) fn set_checks(&self, checks: Checks) {
        self.checks.set(checks);
    }

    pub(crate) fn set_current(&self, is_current: bool) {
        self.is_current.set(is_current);
    }

    #[inline]
    pub(crate) fn is_current(&self) -> bool {
        self.is_current.get()
    }

    #[inline]
    fn checks(&self, checks: Checks) -> bool {
        self.checks.get() == checks
    }

    /// Whether there is one slot, and it needs no check.
    #[inline]
    pub(crate) fn is_single_unchecked(&self) -> bool {
        self.slots.len() == 1 && self.checks(Checks::None)
    }

    /// Calls the slot if there [is one](Self::is_single_unchecked). Apart from the loop, which needs more registers.
    #[inline]
    pub(crate) fn emit_single(&self, args: A::In<'_>, results: &mut Returns<R>) {
        if let [slot] = &*self.slots {
            results.push(slot.call(args));
        }
    }

    /// Calls every slot in order and puts what they return into `results`, which is empty.
    #[inline]
    pub(crate) fn emit(&self, mut args: A::In<'_>, results: &mut Returns<R>) {
        let Some((last, others)) = self.slots.split_last() else {
            return;
        };
        // Where it is local, the number of results stays in a register.
        let mut returned = Returns::new();
        while self.checks(Checks::None) {
            // Every slot so far was called, so there are as many results: no other count is needed.
            let Some(slot) = others.get(returned.len()) else {
                returned.push(last.call(args));
                *results = returned;
                return;
            };
            returned.push(slot.call(A::lend(&mut args)));
        }
        *results = returned;
        self.emit_rest(args, results);
    }

    /// Calls the slots that are left when the fast path ends. A separate function, so that the loop above
    /// keeps its arguments in registers.
    #[inline(never)]
    fn emit_rest(&self, mut args: A::In<'_>, results: &mut Returns<R>) {
        let mut tried = results.len();
        if self.checks(Checks::Some) {
            tried = self.emit_some_checked(&mut args, results);
        }
        if let Some((last, others)) = self.slots[tried..].split_last() {
            for slot in others {
                if let Some(result) = slot.try_call(&self.owner, Arguments::Lend(&mut args)) {
                    results.push(result);
                }
            }
            if let Some(result) = last.try_call(&self.owner, Arguments::Move(&mut Some(args))) {
                results.push(result);
            }
        }
    }

    /// Calls slots from the first on, and checks only those that need it, for as long as that suffices. Leaves at
    /// least the last slot. Returns how many slots have had their turn.
    #[inline(never)]
    fn emit_some_checked(&self, args: &mut A::In<'_>, results: &mut Returns<R>) -> usize {
        let last = self.slots.len() - 1;
        let mut at = 0;
        for checked in self.checked.iter().map(|&at| at as usize).chain([last]) {
            while at < checked {
                if !self.checks(Checks::Some) {
                    return at;
                }
                results.push(self.slots[at].call(A::lend(args)));
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
