//! A slot that adds no result to emissions: how a spy listens to a signal of any result.

use std::panic::Location;
use std::sync::Arc;

use crate::args::Args;
use crate::core::{Arguments, Head, Slot, SlotHooks, SlotView};
use crate::keys::Connection;
use crate::owner::SlotOwner;
use crate::signal::Signal;

struct SilentSlot<F> {
    head: Head,
    f: F,
}

/// Keeps the slot off the fast path, where each call adds a result. The other slots stay on it.
struct AddsNoResult;

impl SlotHooks for AddsNoResult {}

impl<A: Args, R, F> Slot<A, R> for SilentSlot<F>
where
    F: for<'a> Fn(A::In<'a>) + Send + Sync + 'static,
{
    fn view(&self) -> SlotView<'_> {
        SlotView {
            head: &self.head,
            hooks: Some(&AddsNoResult),
        }
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

impl<A: Args, R> Signal<A, R> {
    /// Connects a slot that adds no result to emissions.
    pub(crate) fn connect_silently<F>(
        &self,
        f: F,
        location: &'static Location<'static>,
    ) -> Connection
    where
        F: for<'a> Fn(A::In<'a>) + Send + Sync + 'static,
    {
        let head = Head::new(None);
        self.attach(Arc::new(SilentSlot { head, f }), location)
    }
}
