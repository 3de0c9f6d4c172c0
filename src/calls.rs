//! Lazy emission: an iterator that calls one slot at a time.

use std::fmt;
use std::iter::FusedIterator;
use std::panic::{self, AssertUnwindSafe};
use std::thread;

use crate::args::Args;
use crate::core::{Arguments, View};

/// An emission under way: each [`next`](Iterator::next) calls one slot and gives what it returned.
/// Made by [`Signal::calls`](crate::Signal#method.calls).
///
/// The standard iterator methods are the combiners: `last`, `max`, `sum`, `any`, `find`,
/// `try_fold`. What they do not reach is not called, and not charged to a call budget. `skip`,
/// `nth` and `count` do call the slots that they pass.
///
/// The iterator does not borrow the signal. Which slots it calls, and in which order, was settled
/// when it was made; a slot that is disconnected or used up before its turn is passed over. If a
/// slot panics, the next call of `next` goes on with the slot after it. Until the iterator is
/// dropped, captures of slots that have left the signal stay alive.
///
/// ```
/// use smoke_signal::Signal;
///
/// let may_close: Signal<(), bool> = Signal::new();
/// may_close.connect(|| true);
/// may_close.connect(|| false);
/// may_close.connect(|| unreachable!("the second slot has settled it"));
/// assert!(!may_close.calls().all(|yes| yes));
/// ```
#[must_use = "slots are called as the iterator advances; use `emit` to call them all"]
pub struct Calls<'a, A: Args, R: 'static = ()> {
    view: View<A, R>,
    next: usize,
    args: Arguments<'a, A>,
}

impl<'a, A: Args, R> Calls<'a, A, R> {
    pub(crate) fn new(view: View<A, R>, args: A::In<'a>) -> Self {
        Self {
            view,
            next: 0,
            args: Arguments::new(args),
        }
    }

    /// Calls every slot, whatever the others do: an iterator of [`std::thread::Result`] in which a
    /// panic is an `Err` with the panic's payload.
    ///
    /// Django's `send_robust` in Rust. What a panicking slot was changing is the slot's own
    /// business, as with [`std::panic::catch_unwind`]; the signal itself is never left half
    /// changed. Where panics abort, they still do.
    ///
    /// ```
    /// use smoke_signal::Signal;
    ///
    /// let plugins: Signal<(), &str> = Signal::new();
    /// plugins.connect(|| panic!("bad plugin"));
    /// plugins.connect(|| "good plugin");
    ///
    /// let outcomes: Vec<_> = plugins.calls().catch_unwind().collect();
    /// assert!(outcomes[0].is_err());
    /// assert_eq!(*outcomes[1].as_ref().unwrap(), "good plugin");
    /// ```
    pub fn catch_unwind(self) -> CatchUnwind<'a, A, R> {
        CatchUnwind { calls: self }
    }
}

impl<A: Args, R> Iterator for Calls<'_, A, R> {
    type Item = R;

    fn next(&mut self) -> Option<R> {
        let list = self.view.as_deref()?;
        list.call_next(&mut self.next, &mut self.args)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let slots = self.view.as_deref().map_or(0, |view| view.slots().len());
        (0, Some(slots - self.next))
    }
}

impl<A: Args, R> FusedIterator for Calls<'_, A, R> {}

impl<A: Args, R> fmt::Debug for Calls<'_, A, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Calls")
            .field("slots_left", &self.size_hint().1)
            .finish_non_exhaustive()
    }
}

/// An emission under way in which a panicking slot stops no other.
/// Made by [`Calls::catch_unwind`].
#[must_use = "slots are called as the iterator advances"]
pub struct CatchUnwind<'a, A: Args, R: 'static = ()> {
    calls: Calls<'a, A, R>,
}

impl<A: Args, R> Iterator for CatchUnwind<'_, A, R> {
    type Item = thread::Result<R>;

    fn next(&mut self) -> Option<thread::Result<R>> {
        // `Calls` stays consistent when a slot unwinds through it: it has advanced before.
        panic::catch_unwind(AssertUnwindSafe(|| self.calls.next())).transpose()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.calls.size_hint()
    }
}

impl<A: Args, R> FusedIterator for CatchUnwind<'_, A, R> {}

impl<A: Args, R> fmt::Debug for CatchUnwind<'_, A, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CatchUnwind")
            .field("slots_left", &self.size_hint().1)
            .finish_non_exhaustive()
    }
}
