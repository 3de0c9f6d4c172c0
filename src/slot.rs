//! One slot: a callable with the state that decides, at its turn, whether it is called.

use crate::Connection;
use crate::args::Args;
use crate::core::Snapshot;
use crate::sync::{AtomicU32, Mutex, Ordering, lock};

/// The slot has left its signal.
const GONE: u32 = 1 << 0;
/// `calls_left` counts; without this bit the slot may be called without limit.
const LIMITED: u32 = 1 << 1;

/// Where a slot stands in the call order: by group, then by sequence number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Order {
    pub(crate) group: i32,
    pub(crate) sequence: i64,
}

/// What every slot carries besides its callable.
pub(crate) struct Head {
    /// Bits, zero in the plain case: one load and one predictable branch are all that a plain slot
    /// adds to a call.
    state: AtomicU32,
    /// With `LIMITED`: how many more calls may begin.
    calls_left: AtomicU32,
    pub(crate) order: Order,
    pub(crate) key: Connection,
}

impl Head {
    pub(crate) fn new(key: Connection, order: Order, max_calls: Option<u32>) -> Self {
        Self {
            state: AtomicU32::new(if max_calls.is_some() { LIMITED } else { 0 }),
            calls_left: AtomicU32::new(max_calls.unwrap_or(0)),
            order,
            key,
        }
    }

    /// Decides whether the slot's turn becomes a call; where it does, the call has been charged.
    ///
    /// Acquire pairs with the release in [`Head::leave`]: whoever finds the slot gone also finds
    /// what the disconnecting thread did before.
    #[inline]
    pub(crate) fn admit<A: Args, R>(&self, among: &Snapshot<A, R>) -> bool {
        match self.state.load(Ordering::Acquire) {
            0 => true,
            state => self.admit_with_care(state, among),
        }
    }

    #[cold]
    fn admit_with_care<A: Args, R>(&self, state: u32, among: &Snapshot<A, R>) -> bool {
        if state & GONE != 0 {
            return false;
        }
        // A budget: every call takes one from the same counter, so that no two emissions can begin
        // the same call. The counter alone decides; nothing else is published through it, and what
        // the last call does next goes through the signal's mutex: relaxed is enough.
        let charged = self
            .calls_left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                left.checked_sub(1)
            });
        if charged == Ok(1) {
            among.disconnect(self.key);
        }
        charged.is_ok()
    }

    /// Marks the slot as gone: whoever comes to its turn from now on does not call it, whichever
    /// snapshot it comes from.
    pub(crate) fn leave(&self) {
        self.state.fetch_or(GONE, Ordering::Release);
    }
}

/// A slot as an emission sees it.
///
/// The state and the captures lie in one allocation behind one pointer, and a turn is one virtual
/// call: this took half the memory of a pointer to each, and no more time at any number of slots.
pub(crate) trait Slot<A: Args, R>: Send + Sync {
    fn head(&self) -> &Head;

    /// The slot's turn with more slots to come: the arguments are cloned, where the slot is called.
    fn turn(&self, among: &Snapshot<A, R>, args: &mut A::In<'_>) -> Option<R>;

    /// The turn of the last slot, which may have the arguments themselves.
    fn last_turn(&self, among: &Snapshot<A, R>, args: A::In<'_>) -> Option<R>;
}

/// What a slot calls, and what it asks before.
pub(crate) trait Callable<A: Args, R>: Send + Sync + 'static {
    /// Decides whether the turn of the slot with this `head` becomes a call.
    fn admit(&self, head: &Head, among: &Snapshot<A, R>) -> bool {
        head.admit(among)
    }

    fn call(&self, args: A::In<'_>) -> R;
}

/// A slot: what all have in common, and what this one calls.
pub(crate) struct SlotOf<C> {
    pub(crate) head: Head,
    pub(crate) callable: C,
}

impl<A: Args, R, C: Callable<A, R>> Slot<A, R> for SlotOf<C> {
    fn head(&self) -> &Head {
        &self.head
    }

    #[inline]
    fn turn(&self, among: &Snapshot<A, R>, args: &mut A::In<'_>) -> Option<R> {
        if !self.callable.admit(&self.head, among) {
            return None;
        }
        Some(self.callable.call(A::lend(args)))
    }

    #[inline]
    fn last_turn(&self, among: &Snapshot<A, R>, args: A::In<'_>) -> Option<R> {
        if !self.callable.admit(&self.head, among) {
            return None;
        }
        Some(self.callable.call(args))
    }
}

/// A closure, called at every turn.
pub(crate) struct Closure<F>(pub(crate) F);

impl<A: Args, R, F> Callable<A, R> for Closure<F>
where
    F: for<'a> Fn(A::In<'a>) -> R + Send + Sync + 'static,
{
    #[inline]
    fn call(&self, args: A::In<'_>) -> R {
        (self.0)(args)
    }
}

/// A closure that is called once and consumed by it.
pub(crate) struct OnceClosure<F>(Mutex<Option<F>>);

impl<F> OnceClosure<F> {
    pub(crate) fn new(f: F) -> Self {
        Self(Mutex::new(Some(f)))
    }
}

impl<A: Args, R, F> Callable<A, R> for OnceClosure<F>
where
    F: for<'a> FnOnce(A::In<'a>) -> R + Send + 'static,
{
    fn call(&self, args: A::In<'_>) -> R {
        let f = lock(&self.0).take();
        let f = f.expect("a budget of one lets one call begin");
        f(args)
    }
}
