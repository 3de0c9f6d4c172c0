//! Slots that can be waited for.
//!
//! A waitable slot keeps another slot in a cell of its own. A call borrows what is in the cell: one step
//! that both finds the slot alive and makes the call count as running. Leaving empties the cell. Whoever
//! releases the inner slot last, the thread that disconnected the slot or the last running call, drops
//! it, and with that the slot has completed. There is no moment at which a call has found the slot alive
//! and is not counted yet.

use crate::args::Args;
use crate::core::slot::{
    Arguments, Head, Presence, SharedSlot, Slot, SlotHooks, SlotView, Witness,
};
use crate::core::wait::Completion;
use crate::keys::Connection;
use crate::owner::SlotOwner;
use crate::sync::{CellArc, SnapshotCell};

/// Makes an inner slot waitable. This head knows whether the slot is connected and not blocked. The budget
/// is that of the inner slot.
pub(crate) struct WaitableSlot<A: Args, R: 'static> {
    head: Head,
    /// Empty once the slot has left.
    target: SnapshotCell<Target<A, R>>,
    completion: CellArc<Completion>,
    is_weak: bool,
}

/// The value that calls borrow from the cell. The fields are dropped in this order, even if the drop of the
/// slot panics.
struct Target<A: Args, R: 'static> {
    /// Dropping the captured values is part of the slot, so a wait from there would wait for itself.
    _entering: EnterOnDrop,
    slot: SharedSlot<A, R>,
    _completing: CompleteOnDrop,
}

struct EnterOnDrop(CellArc<Completion>);

impl Drop for EnterOnDrop {
    fn drop(&mut self) {
        self.0.enter();
    }
}

struct CompleteOnDrop(CellArc<Completion>);

impl Drop for CompleteOnDrop {
    fn drop(&mut self) {
        Completion::exit();
        self.0.complete();
    }
}

/// Lives from a call's [`Completion::enter`] until the call returns or unwinds.
struct Inside;

impl Drop for Inside {
    fn drop(&mut self) {
        Completion::exit();
    }
}

impl<A: Args, R> WaitableSlot<A, R> {
    pub(crate) fn new(slot: SharedSlot<A, R>) -> Self {
        let completion = CellArc::new(Completion::new());
        let is_weak = slot.view().is_weak();
        let target = SnapshotCell::new();
        target.store(Some(CellArc::new(Target {
            _entering: EnterOnDrop(CellArc::clone(&completion)),
            slot,
            _completing: CompleteOnDrop(CellArc::clone(&completion)),
        })));
        Self {
            head: Head::new(None),
            target,
            completion,
            is_weak,
        }
    }

    /// Looks at the inner slot. Returns `None` once the slot has left.
    ///
    /// Called before the slot is [released](SlotHooks::release). Until then its cell is not empty, so this
    /// borrow is not the last and drops nothing.
    fn with_inner<T>(&self, f: impl FnOnce(SlotView<'_>) -> T) -> Option<T> {
        let target = self.target.load();
        target.as_ref().map(|target| f(target.slot.view()))
    }
}

impl<A: Args, R> Slot<A, R> for WaitableSlot<A, R> {
    fn view(&self) -> SlotView<'_> {
        SlotView {
            head: &self.head,
            hooks: Some(self),
        }
    }

    fn call(&self, _args: A::In<'_>) -> R {
        unreachable!("a waitable slot is called only through `try_call`")
    }

    fn try_call(&self, owner: &SlotOwner, args: Arguments<'_, '_, A>) -> Option<R> {
        // Declared first, so dropped last: the call counts as running until this thread has exited the slot.
        let running = self.target.load();
        let target = running.as_ref()?;
        if !self.head.acquire_call(owner) {
            // Blocked or not, a slot whose object is gone leaves, as a `WeakSlot` does.
            if target.slot.view().is_expired() {
                self.head.disconnect(owner);
            }
            return None;
        }
        self.completion.enter();
        let inside = Inside;
        let result = target.slot.try_call(owner, args);
        drop(inside);
        drop(running); // explicitly, or a panic in its drop would leak the result: see `Core::emit`
        result
    }
}

impl<A: Args, R> SlotHooks for WaitableSlot<A, R> {
    fn is_weak(&self) -> bool {
        self.is_weak
    }

    fn presence(&self, _head: &Head) -> Presence {
        self.with_inner(|slot| slot.presence())
            .unwrap_or(Presence::Present)
    }

    fn witness(&self) -> Option<Witness> {
        self.with_inner(|slot| slot.hooks?.witness())?
    }

    fn calls_left(&self, _head: &Head) -> Option<u32> {
        self.with_inner(|slot| slot.calls_left())?
    }

    fn completion(&self) -> Option<&CellArc<Completion>> {
        Some(&self.completion)
    }

    fn assign(&self, key: Connection) {
        self.with_inner(|slot| slot.head.assign(key));
    }

    fn release(&self) {
        self.target.store(None);
    }
}
