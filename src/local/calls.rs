//! Lazy emission: an iterator that calls one slot at a time.

use core::fmt;
use core::iter::FusedIterator;

use crate::args::Args;
use crate::keys::Connection;
use crate::local::engine::Snapshot;
#[cfg(feature = "tracing")]
use crate::trace::Observer;
#[cfg(feature = "tracing")]
use alloc::boxed::Box;

/// A lazy emission: each [`next`](Iterator::next) calls one slot and returns its result. Created by
/// [`LocalSignal::calls`](crate::LocalSignal#method.calls).
///
/// The standard iterator methods combine the results: `last`, `max`, `sum`, `any`, `find`,
/// `try_fold`. A slot that they do not reach is not called, and its call budget is not charged.
/// `skip`, `nth` and `count` do call the slots that they pass.
///
/// The iterator does not borrow the signal. The slots and their order are fixed when it is created.
/// A slot that is disconnected, blocked or used up before its turn is skipped. If a slot panics, the next
/// call of `next` continues with the slot after it. Captured values of slots that have been
/// disconnected stay alive until the iterator is dropped.
///
/// ```
/// use smoke_signal::LocalSignal;
///
/// let may_close: LocalSignal<(), bool> = LocalSignal::new();
/// may_close.connect(|| true);
/// may_close.connect(|| false);
/// may_close.connect(|| unreachable!("the second slot has settled it"));
/// assert!(!may_close.calls().all(|yes| yes));
/// ```
#[must_use = "slots are called as the iterator advances; use `emit` to call them all"]
pub struct Calls<'a, A: Args, R: 'static = ()> {
    snapshot: Snapshot<A, R>,
    next: usize,
    /// Until the last slot has taken them.
    args: Option<A::In<'a>>,
    /// Tells a subscriber of the emission, if one listens.
    #[cfg(feature = "tracing")]
    observer: Option<Box<Observer>>,
}

impl<'a, A: Args, R> Calls<'a, A, R> {
    pub(crate) fn new(snapshot: Snapshot<A, R>, args: A::In<'a>) -> Self {
        Self {
            snapshot,
            next: 0,
            args: Some(args),
            #[cfg(feature = "tracing")]
            observer: None,
        }
    }

    /// Lets the observer that `make` returns for a number of slots tell a subscriber of the emission.
    #[cfg(feature = "tracing")]
    pub(crate) fn observed(mut self, make: impl FnOnce(usize) -> Option<Observer>) -> Self {
        let slots = self.size_hint().1.unwrap_or(0);
        self.observer = make(slots).map(Box::new);
        self
    }

    /// Says which slot returned what: returns an iterator of pairs of the slot's key and its result.
    ///
    /// The slot may have left since. Its key is that of the connection all the same.
    ///
    /// ```
    /// use smoke_signal::LocalSignal;
    ///
    /// let may_close: LocalSignal<(), bool> = LocalSignal::new();
    /// may_close.connect(|| true);
    /// let editor = may_close.connect(|| false);
    ///
    /// let vetoed = may_close.calls().keyed().find(|(_, agrees)| !agrees);
    /// assert_eq!(vetoed, Some((editor, false)));
    /// ```
    #[must_use = "slots are called as the iterator advances"]
    pub fn keyed(self) -> Keyed<Self> {
        Keyed { calls: self }
    }

    /// Calls the next slot. Nothing but the slots' turns can panic here.
    fn call_next(&mut self) -> Option<R> {
        let list = self.snapshot.as_deref()?;
        #[cfg(feature = "tracing")]
        if let Some(observer) = &self.observer {
            let _inside = observer.enter();
            return list.call_next_observed(&mut self.next, &mut self.args, observer);
        }
        list.call_next(&mut self.next, &mut self.args)
    }

    /// The key of the slot that was called last.
    fn last_called(&self) -> Connection {
        let list = self.snapshot.as_deref().expect("a slot was called");
        list.slots()[self.next - 1].view().head.key()
    }
}

impl<A: Args, R> Iterator for Calls<'_, A, R> {
    type Item = R;

    fn next(&mut self) -> Option<R> {
        let result = self.call_next();
        if result.is_none() {
            self.args = None; // unless the last slot has taken them
        }
        result
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let slots = self
            .snapshot
            .as_deref()
            .map_or(0, |list| list.slots().len());
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

/// A lazy emission that says which slot it called. Created by [`Calls::keyed`] and `CatchUnwind::keyed`; `C` is
/// either of these.
#[must_use = "slots are called as the iterator advances"]
pub struct Keyed<C> {
    calls: C,
}

impl<A: Args, R> Iterator for Keyed<Calls<'_, A, R>> {
    type Item = (Connection, R);

    fn next(&mut self) -> Option<Self::Item> {
        let result = self.calls.next()?;
        Some((self.calls.last_called(), result))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.calls.size_hint()
    }
}

impl<C> FusedIterator for Keyed<C> where Self: Iterator {}

impl<C> fmt::Debug for Keyed<C>
where
    Self: Iterator,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keyed")
            .field("slots_left", &self.size_hint().1)
            .finish_non_exhaustive()
    }
}

#[cfg(feature = "std")]
pub use self::catching::CatchUnwind;

/// A panic can only be caught with `std`.
#[cfg(feature = "std")]
mod catching {
    use core::fmt;
    use core::iter::FusedIterator;
    use std::panic::{self, AssertUnwindSafe};
    use std::thread;

    use super::{Calls, Keyed};
    use crate::args::Args;
    use crate::keys::Connection;

    impl<'a, A: Args, R> Calls<'a, A, R> {
        /// Calls every slot even if others panic: returns an iterator of [`std::thread::Result`], in
        /// which a panic is an `Err` with its payload.
        ///
        /// If a slot panics while it changes a value, the value may be left inconsistent, as with
        /// [`std::panic::catch_unwind`]. The signal itself is always consistent. With `panic = "abort"`, a panic
        /// still aborts the process. This needs the feature `std`.
        ///
        /// ```
        /// use smoke_signal::LocalSignal;
        ///
        /// let plugins: LocalSignal<(), &str> = LocalSignal::new();
        /// plugins.connect(|| panic!("bad plugin"));
        /// plugins.connect(|| "good plugin");
        ///
        /// let outcomes: Vec<_> = plugins.calls().catch_unwind().collect();
        /// assert!(outcomes[0].is_err());
        /// assert_eq!(*outcomes[1].as_ref().unwrap(), "good plugin");
        /// ```
        #[must_use = "slots are called as the iterator advances"]
        pub fn catch_unwind(self) -> CatchUnwind<'a, A, R> {
            CatchUnwind { calls: self }
        }
    }

    /// A lazy emission in which a panic does not stop the other slots. Created by
    /// [`Calls::catch_unwind`]. This needs the feature `std`.
    #[must_use = "slots are called as the iterator advances"]
    pub struct CatchUnwind<'a, A: Args, R: 'static = ()> {
        calls: Calls<'a, A, R>,
    }

    impl<A: Args, R> CatchUnwind<'_, A, R> {
        /// Says which slot returned what, or panicked: returns an iterator of pairs of the slot's key and its
        /// outcome.
        ///
        /// ```
        /// use smoke_signal::LocalSignal;
        ///
        /// let plugins: LocalSignal<()> = LocalSignal::new();
        /// plugins.connect(|| ());
        /// let bad = plugins.connect(|| panic!("bad plugin"));
        ///
        /// for (plugin, outcome) in plugins.calls().catch_unwind().keyed() {
        ///     if outcome.is_err() {
        ///         plugins.disconnect(plugin);
        ///     }
        /// }
        /// assert!(!plugins.contains(bad));
        /// assert_eq!(plugins.len(), 1);
        /// ```
        #[must_use = "slots are called as the iterator advances"]
        pub fn keyed(self) -> Keyed<Self> {
            Keyed { calls: self }
        }
    }

    impl<A: Args, R> Iterator for CatchUnwind<'_, A, R> {
        type Item = thread::Result<R>;

        fn next(&mut self) -> Option<thread::Result<R>> {
            // `Calls` stays consistent when a slot unwinds through it: it has advanced before.
            let called = panic::catch_unwind(AssertUnwindSafe(|| self.calls.call_next()));
            let called = called.transpose();
            if called.is_none() {
                // Not caught: no slot has panicked if the arguments do so as they are dropped.
                self.calls.args = None;
            }
            called
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

    impl<A: Args, R> Iterator for Keyed<CatchUnwind<'_, A, R>> {
        type Item = (Connection, thread::Result<R>);

        fn next(&mut self) -> Option<Self::Item> {
            let outcome = self.calls.next()?;
            Some((self.calls.calls.last_called(), outcome))
        }

        fn size_hint(&self) -> (usize, Option<usize>) {
            self.calls.size_hint()
        }
    }
}
