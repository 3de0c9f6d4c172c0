//! The slots of a signal: in the list that emissions read or, once they have been changed, outside of it.

use alloc::rc::Rc;
use alloc::vec::Vec;
use core::cell::Cell;
use core::mem;

use snapshot_cell::DirectRc;

use crate::args::Args;
use crate::local::engine::list::{Checks, SlotList};
use crate::local::engine::slot::{AnySlots, ListedSlot, SlotView};
use crate::local::engine::table::SlotTable;
use crate::local::owner::Owner;

/// The list that an emission reads, or `None` if there is nothing to call.
pub(crate) type Snapshot<A, R> = Option<Rc<SlotList<A, R>>>;

/// Where emissions find the list. Empty while the list has to be looked for in the state.
pub(crate) type Ready<A, R> = Cell<Snapshot<A, R>>;

pub(crate) struct Slots<A: Args, R: 'static> {
    /// What emissions read. It has no slots while `edited` has them, and nobody else holds it then.
    list: Rc<SlotList<A, R>>,
    /// The slots, from a change until emissions read them.
    edited: Option<Vec<ListedSlot<A, R>>>,
    /// Whether a change that has not ended had to copy the slots, because an emission was reading them.
    contended: bool,
}

impl<A: Args, R> Slots<A, R> {
    pub(crate) fn new() -> Self {
        Self {
            list: SlotList::new(None),
            edited: None,
            contended: false,
        }
    }

    /// Sets the signal of the list, which has just been created.
    pub(crate) fn set_owner(&mut self, owner: Rc<dyn Owner>) {
        if let Some(list) = Rc::get_mut(&mut self.list) {
            list.set_owner(owner);
        }
    }

    pub(crate) fn list(&self) -> &Rc<SlotList<A, R>> {
        &self.list
    }

    pub(crate) fn as_slice(&self) -> &[ListedSlot<A, R>] {
        match &self.edited {
            Some(edited) => edited,
            None => self.list.slots(),
        }
    }

    /// Makes emissions that start from now on look at the state. This drops no slot.
    pub(crate) fn retire(&self, ready: &Ready<A, R>) {
        self.list.set_current(false);
        ready.set(None);
    }

    /// The slots, to be changed.
    #[inline]
    pub(crate) fn edit(&mut self, ready: &Ready<A, R>) -> &mut Vec<ListedSlot<A, R>> {
        if self.edited.is_none() {
            self.edited = Some(self.take_out(ready));
        }
        self.edited.as_mut().expect("the slots have been taken out")
    }

    /// Takes the slots out of the list. Emissions in progress continue with the list that they have.
    #[inline(never)] // for the size of a user's program
    fn take_out(&mut self, ready: &Ready<A, R>) -> Vec<ListedSlot<A, R>> {
        self.retire(ready);
        if let Some(list) = Rc::get_mut(&mut self.list) {
            return mem::take(list.slots_mut());
        }
        self.list.set_checks(Checks::All);
        let slots = self.list.slots().to_vec();
        self.list = self.list.without_slots();
        self.contended = true;
        slots
    }

    /// Makes emissions that start from now on read the slots, which are compact.
    pub(crate) fn publish(&mut self, table: &SlotTable, ready: &Ready<A, R>) {
        if let Some(slots) = self.edited.take() {
            let list = Rc::get_mut(&mut self.list).expect("nobody holds a list without slots");
            list.set_checked(table.checked_positions(&slots));
            *list.slots_mut() = slots;
        }
        self.contended = false;
        self.list.set_checks(table.checks());
        self.list.set_current(true);
        ready.set(Some(Rc::clone(&self.list)));
    }

    /// Whether the slots were copied. Asked when a change ends, which then either publishes them or leaves that to the
    /// next emission.
    #[inline]
    pub(crate) fn take_contended(&mut self) -> bool {
        mem::take(&mut self.contended)
    }

    /// Whether emissions may hold some of the slots: by this list, or by an older one.
    pub(crate) fn are_in_use(&self) -> bool {
        let is_held = |slot: &ListedSlot<A, R>| DirectRc::strong_count(slot) > 1;
        Rc::strong_count(&self.list) > 1 || self.as_slice().iter().any(is_held)
    }
}

impl<A: Args, R> AnySlots for Slots<A, R> {
    fn slot(&self, at: usize) -> SlotView<'_> {
        self.as_slice()[at].view()
    }
}

impl<A: Args, R> AnySlots for Vec<ListedSlot<A, R>> {
    fn slot(&self, at: usize) -> SlotView<'_> {
        self[at].view()
    }
}
