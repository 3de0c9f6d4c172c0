//! A slot that adds no result to emissions: how a spy listens to a signal of any result.

use alloc::rc::Rc;
use core::panic::Location;

use crate::args::Args;
use crate::keys::Connection;
use crate::local::engine::{Arguments, Head, Slot, SlotHooks};
use crate::local::owner::SlotOwner;
use crate::local::signal::LocalSignal;

struct SilentSlot<F> {
    head: Head,
    f: F,
}

/// Keeps the slot off the fast path, where each call adds a result. The other slots stay on it.
struct AddsNoResult;

impl SlotHooks for AddsNoResult {}

impl<A: Args, R, F> Slot<A, R> for SilentSlot<F>
where
    F: for<'a> Fn(A::In<'a>) + 'static,
{
    fn head(&self) -> &Head {
        &self.head
    }

    fn hooks(&self) -> Option<&dyn SlotHooks> {
        Some(&AddsNoResult)
    }

    fn call(&self, _args: A::In<'_>) -> R {
        unreachable!("a silent slot is called only through `try_call`")
    }

    fn try_call(&self, owner: &SlotOwner, args: Arguments<'_, '_, A>) -> Option<R> {
        if self.head.acquire_call(owner) {
            args.pass(|args| (self.f)(args));
        }
        None
    }
}

impl<A: Args, R> LocalSignal<A, R> {
    /// Connects a slot that adds no result to emissions.
    pub(crate) fn connect_silently<F>(
        &self,
        f: F,
        location: &'static Location<'static>,
    ) -> Connection
    where
        F: for<'a> Fn(A::In<'a>) + 'static,
    {
        let head = Head::new(None);
        self.attach(Rc::new(SilentSlot { head, f }), location)
    }
}
