//! Waiting until a slot is over: the last of its calls has returned, and its captures are gone.
//!
//! A waitable slot keeps its callable in a cell of its own. A call borrows what is in the cell: one
//! step that both finds the slot alive and makes the call count as one in flight. Leaving empties
//! the cell. Whoever lets go of the callable last, the thread that made the slot leave or the last
//! call in flight, drops it, and with that the slot is over. There is no moment at which a call has
//! found the slot alive and is not counted yet.

use std::cell::RefCell;
use std::error::Error;
use std::fmt;
use std::time::Instant;

use crate::args::Args;
use crate::slot::{Callable, Head};
use crate::snapshot::Snapshot;
use crate::sync::{CellArc, Condvar, Mutex, SnapshotCell, lock, thread_local, wait, wait_until};

/// Why a slot was not waited for.
/// From [`Signal::disconnect_and_wait`](crate::Signal::disconnect_and_wait).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WaitError {
    /// The call came from inside that very slot, which can't be over before that call returns. The
    /// slot has been disconnected, and not waited for.
    InsideSlot,
    /// The slot was connected without [`waitable`](crate::ConnectOptions::waitable). Nothing has
    /// changed.
    NotWaitable,
    /// The time is up. The slot has been disconnected; ask again to wait for the rest.
    TimedOut,
}

impl fmt::Display for WaitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::InsideSlot => "a slot can't wait for itself: disconnected, not waited for",
            Self::NotWaitable => "the slot was connected without `waitable`: nothing changed",
            Self::TimedOut => "the slot is still running: disconnected, not waited for to the end",
        })
    }
}

impl Error for WaitError {}

/// A callable whose slot can be waited for.
pub(crate) struct Waitable<C> {
    /// Empty when the slot has left.
    target: SnapshotCell<Target<C>>,
    ending: CellArc<Ending>,
}

/// What calls borrow from the cell. The fields are dropped in this order, whether or not the drop of
/// the callable panics.
struct Target<C> {
    /// The drop of the captures is a part of the slot: a wait from there would wait for itself.
    _entering: EnterAtDrop,
    callable: C,
    _finishing: FinishAtDrop,
}

struct EnterAtDrop(CellArc<Ending>);

impl Drop for EnterAtDrop {
    fn drop(&mut self) {
        self.0.enter();
    }
}

struct FinishAtDrop(CellArc<Ending>);

impl Drop for FinishAtDrop {
    fn drop(&mut self) {
        Ending::leave();
        self.0.finish();
    }
}

impl<C> Waitable<C> {
    pub(crate) fn new(callable: C) -> Self {
        let ending = CellArc::new(Ending {
            over: Mutex::new(false),
            changed: Condvar::new(),
        });
        let target = SnapshotCell::new();
        target.swap(Some(CellArc::new(Target {
            _entering: EnterAtDrop(CellArc::clone(&ending)),
            callable,
            _finishing: FinishAtDrop(CellArc::clone(&ending)),
        })));
        Self { target, ending }
    }
}

impl<A: Args, R, C: Callable<A, R>> Callable<A, R> for Waitable<C> {
    const WEAK: bool = C::WEAK;

    fn turn<'a>(
        &self,
        head: &Head,
        among: &Snapshot<A, R>,
        args: impl FnOnce() -> A::In<'a>,
    ) -> Option<R> {
        // Declared first, dropped last: the call is in flight until it has left.
        let in_flight = self.target.load();
        let target = in_flight.as_ref()?;
        self.ending.enter();
        let inside = Inside;
        let result = target.callable.turn(head, among, args);
        drop(inside);
        drop(in_flight); // by hand, or its panic would leak the result: see `Core::emit`
        result
    }

    fn is_expired(&self) -> bool {
        // Asked under the signal's lock, of slots that have not left: their cells are full, so that
        // this borrow is not the last and drops nothing.
        let target = self.target.load();
        target.as_ref().is_some_and(|t| t.callable.is_expired())
    }

    fn calls_left(&self, head: &Head) -> Option<u32> {
        head.calls_left()
    }

    fn ending(&self) -> Option<&CellArc<Ending>> {
        Some(&self.ending)
    }

    fn release(&self) {
        drop(self.target.swap(None));
    }
}

/// The end of one slot, to come or past.
pub(crate) struct Ending {
    over: Mutex<bool>,
    changed: Condvar,
}

thread_local! {
    // Loom's macro knows no `const` initialiser.
    #[allow(clippy::missing_const_for_thread_local)]
    /// The slots that this thread is inside of, as the addresses of their endings.
    static INSIDE: RefCell<Vec<*const Ending>> = RefCell::new(Vec::new());
}

impl Ending {
    pub(crate) fn is_over(&self) -> bool {
        *lock(&self.over)
    }

    fn finish(&self) {
        *lock(&self.over) = true;
        self.changed.notify_all();
    }

    /// Waits until the slot is over, or the deadline has come.
    pub(crate) fn wait(&self, deadline: Option<Instant>) -> Result<(), WaitError> {
        let this: *const Self = self;
        if INSIDE
            .try_with(|inside| inside.borrow().contains(&this))
            .is_ok_and(|is| is)
        {
            return Err(WaitError::InsideSlot);
        }
        let mut over = lock(&self.over);
        while !*over {
            over = match deadline {
                None => wait(&self.changed, over),
                Some(deadline) => {
                    wait_until(&self.changed, over, deadline).ok_or(WaitError::TimedOut)?
                }
            };
        }
        Ok(())
    }

    /// Notes that this thread is inside the slot; not where the thread is ending already and its
    /// locals are gone.
    fn enter(&self) {
        let _ = INSIDE.try_with(|inside| inside.borrow_mut().push(self));
    }

    /// Takes back the last `enter` of this thread: they nest.
    fn leave() {
        let _ = INSIDE.try_with(|inside| inside.borrow_mut().pop());
    }
}

/// From a call's [`Ending::enter`] to its return, by unwinding too.
struct Inside;

impl Drop for Inside {
    fn drop(&mut self) {
        Ending::leave();
    }
}
