//! The slot through which a queue listens to a signal.

use std::sync::Arc;

use crate::args::Args;
use crate::core::{Arguments, Head, Slot, SlotHooks, SlotView};
use crate::owner::SlotOwner;
use crate::queue::buffer::Buffer;
use crate::queue::closures::sweep_if_here;
use crate::queue::store::{SlotId, Store};

/// A slot that stores the arguments of each emission in a queue. It adds no result to the emission.
pub(super) struct QueueSlot<A> {
    head: Head,
    buffer: Arc<Buffer<A>>,
    membership: Membership,
}

/// Removes the slot from the queue, and its stored calls, as soon as it has left its signal, even if an emission
/// in progress still holds it. If it is dropped with its signal, the stored calls stay.
struct Membership {
    store: Arc<Store>,
    slot: SlotId,
}

impl<A> QueueSlot<A> {
    pub(super) fn new(store: Arc<Store>, slot: SlotId, buffer: Arc<Buffer<A>>) -> Self {
        Self {
            head: Head::new(None),
            buffer,
            membership: Membership { store, slot },
        }
    }
}

impl<A, R> Slot<A, R> for QueueSlot<A>
where
    A: for<'a> Args<In<'a> = A> + Send,
{
    fn view(&self) -> SlotView<'_> {
        SlotView {
            head: &self.head,
            hooks: Some(&self.membership),
        }
    }

    fn call(&self, _args: A) -> R {
        unreachable!("a slot without a result is called only through `try_call`")
    }

    fn try_call(&self, owner: &SlotOwner, args: Arguments<'_, '_, A>) -> Option<R> {
        if self.head.acquire_call(owner) {
            let Membership { store, slot } = &self.membership;
            args.pass(|args: A| store.store(*slot, &self.buffer, args));
        }
        None
    }
}

impl SlotHooks for Membership {
    fn release(&self) {
        let calls = self.store.remove(self.slot);
        sweep_if_here(&self.store);
        drop(calls);
    }
}

impl Drop for Membership {
    fn drop(&mut self) {
        self.store.end(self.slot);
        sweep_if_here(&self.store);
    }
}
