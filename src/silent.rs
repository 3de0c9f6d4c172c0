//! A slot that adds no result to emissions: how a spy listens to a signal of any result.

use std::panic::Location;
use std::sync::Arc;

use crate::args::Args;
use crate::core::{Arguments, Head, Slot, SlotHooks, SlotView};
use crate::keys::Connection;
use crate::owner::SlotOwner;
use crate::signal::Signal;

struct SilentSlot<W, F> {
    head: Head,
    is_wanted: W,
    f: F,
}

/// Keeps the slot off the fast path, where each call adds a result. The other slots stay on it.
struct AddsNoResult;

impl SlotHooks for AddsNoResult {
    #[cfg(feature = "tracing")]
    fn may_refuse(&self) -> bool {
        true
    }
}

impl<A: Args, R, W, F> Slot<A, R> for SilentSlot<W, F>
where
    W: Fn() -> bool + Send + Sync + 'static,
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
        if (self.is_wanted)() && self.head.acquire_call(owner) {
            args.pass(|args| (self.f)(args));
        }
        None
    }
}

impl<A: Args, R> Signal<A, R> {
    /// Connects a slot that adds no result to emissions. Those that `is_wanted` does not want pass it over, and make no
    /// arguments for it.
    pub(crate) fn connect_silently<W, F>(
        &self,
        is_wanted: W,
        f: F,
        location: &'static Location<'static>,
    ) -> Connection
    where
        W: Fn() -> bool + Send + Sync + 'static,
        F: for<'a> Fn(A::In<'a>) + Send + Sync + 'static,
    {
        let head = Head::new(None);
        let slot = SilentSlot { head, is_wanted, f };
        self.attach(Arc::new(slot), location)
    }
}
