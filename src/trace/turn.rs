//! The turn of a slot in an emission that is told to a subscriber.

use std::cell::Cell;

use crate::args::Args;
use crate::trace::events::{self, SlotId};

/// The arguments of an emission, offered to a slot that is observed.
pub(crate) struct Turn<'t, 'a, A: Args> {
    pub(crate) slot: SlotId,
    /// `None` once the last slot has taken them.
    pub(crate) args: &'t mut Option<A::In<'a>>,
    pub(crate) is_last: bool,
    /// Set when the call begins.
    pub(crate) was_called: &'t Cell<bool>,
}

impl<A: Args> Turn<'_, '_, A> {
    /// Makes the arguments for the slot and calls `f` with them, after the subscriber has been told.
    #[cold]
    #[inline(never)]
    pub(crate) fn pass<R>(&mut self, f: impl Fn(A::In<'_>) -> R) -> R {
        self.was_called.set(true);
        events::called(self.slot);
        if self.is_last {
            return f(self.args.take().expect("there is one last slot"));
        }
        let args = self.args.as_mut();
        f(A::lend(args.expect("only the last slot takes them")))
    }
}
