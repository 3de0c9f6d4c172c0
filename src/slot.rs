//! One slot: a callable with the state that decides, at its turn, whether it is called.

use std::sync::Weak;

use crate::Connection;
use crate::args::Args;
use crate::snapshot::Snapshot;
use crate::sync::{AtomicU32, CellArc, Mutex, Ordering, lock};
use crate::waiting::Ending;

/// The slot has left its signal.
const GONE: u32 = 1 << 0;
/// `calls_left` counts; without this bit the slot may be called without limit.
const LIMITED: u32 = 1 << 1;
/// The bits above count the guards that block the slot: this is one of them.
const BLOCK: u32 = 1 << 2;

/// What every slot carries besides its callable; no more, since an emission to very many slots is as
/// fast as they come from memory.
pub(crate) struct Head {
    /// Bits, zero where the slot is connected, not blocked, and without limit. Written under the
    /// signal's mutex only.
    state: AtomicU32,
    /// With `LIMITED`: how many more calls may begin.
    calls_left: AtomicU32,
    pub(crate) key: Connection,
}

impl Head {
    #[inline]
    pub(crate) fn new(key: Connection, max_calls: Option<u32>) -> Self {
        Self {
            state: AtomicU32::new(if max_calls.is_some() { LIMITED } else { 0 }),
            calls_left: AtomicU32::new(max_calls.unwrap_or(0)),
            key,
        }
    }

    /// Decides whether the slot's turn becomes a call; where it does, the call has been charged.
    ///
    /// Acquire pairs with the releases in [`leave`](Self::leave), [`block`](Self::block) and
    /// [`unblock`](Self::unblock): whoever finds the slot gone or blocked also finds what the other
    /// thread did before.
    #[inline]
    pub(crate) fn admit<A: Args, R>(&self, among: &Snapshot<A, R>) -> bool {
        let state = self.state.load(Ordering::Acquire);
        if state == 0 {
            return true;
        }
        if state & GONE != 0 || state >= BLOCK {
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
    #[inline]
    pub(crate) fn leave(&self) {
        self.state.fetch_or(GONE, Ordering::Release);
    }

    /// Blocks the slot once more: whoever comes to its turn from now on passes it over.
    pub(crate) fn block(&self) {
        let state = self.state.load(Ordering::Relaxed);
        assert!(
            state < u32::MAX - BLOCK,
            "a slot is blocked by 2^30 - 1 guards at most"
        );
        self.state.fetch_add(BLOCK, Ordering::Release);
    }

    pub(crate) fn unblock(&self) {
        self.state.fetch_sub(BLOCK, Ordering::Release);
    }

    #[inline]
    pub(crate) fn is_limited(&self) -> bool {
        // Settled from the start.
        self.state.load(Ordering::Relaxed) & LIMITED != 0
    }

    #[inline]
    pub(crate) fn is_blocked(&self) -> bool {
        // Under the mutex, like the writes: nothing to pair with.
        self.state.load(Ordering::Relaxed) >= BLOCK
    }

    /// What is left of the slot's own budget; `None`: no limit.
    pub(crate) fn calls_left(&self) -> Option<u32> {
        self.is_limited()
            .then(|| self.calls_left.load(Ordering::Relaxed))
    }
}

/// What an emission carries from slot to slot, where it asks each at its turn.
pub(crate) struct Round<'s, 'a, A: Args, R: 'static> {
    pub(crate) among: &'s Snapshot<A, R>,
    pub(crate) args: A::In<'a>,
}

/// A slot as its signal sees it.
///
/// The state and the captures lie in one allocation behind one pointer, and a turn is one virtual
/// call: this took half the memory of a pointer to each, and no more time at any number of slots.
pub(crate) trait Slot<A: Args, R>: Send + Sync {
    fn head(&self) -> &Head;

    /// Calls it without a question; only where it [`is_plain`](Self::is_plain).
    fn call(&self, args: A::In<'_>) -> R;

    /// The slot's turn with more slots to come: the arguments are cloned, where the slot is called.
    fn turn(&self, round: &mut Round<'_, '_, A, R>) -> Option<R>;

    /// The turn of the last slot, which may have the arguments themselves.
    fn last_turn(&self, among: &Snapshot<A, R>, args: A::In<'_>) -> Option<R>;

    /// As long as the slot is connected and not blocked, a turn is no more than a call.
    fn is_plain(&self) -> bool;
    /// See [`Callable::WEAK`].
    fn is_weak(&self) -> bool;
    /// See [`Callable::is_expired`].
    fn is_expired(&self) -> bool;
    /// See [`Callable::calls_left`].
    fn calls_left(&self) -> Option<u32>;
    /// See [`Callable::ending`].
    fn ending(&self) -> Option<&CellArc<Ending>>;
    /// See [`Callable::release`].
    fn release(&self);
}

/// What a slot calls, and what it asks before.
pub(crate) trait Callable<A: Args, R>: Send + Sync + 'static {
    /// The callable needs an object that others own, and has expired when that is gone.
    const WEAK: bool = false;

    /// The callable itself asks nothing at a turn: it has a [`call`](Self::call).
    const PLAIN: bool = false;

    /// Calls it; only where it is `PLAIN`.
    fn call(&self, _args: A::In<'_>) -> R {
        unreachable!("a callable that asks at its turn was called without one")
    }

    /// The turn of the slot with this `head`: if it becomes a call, the arguments are made for it.
    fn turn<'a>(
        &self,
        head: &Head,
        among: &Snapshot<A, R>,
        args: impl FnOnce() -> A::In<'a>,
    ) -> Option<R>;

    /// Tells whether the slot counts as gone though nobody has disconnected it.
    fn is_expired(&self) -> bool {
        false
    }

    /// What is left of the call budget that holds for this callable; `None`: no limit.
    fn calls_left(&self, head: &Head) -> Option<u32> {
        head.calls_left()
    }

    /// What tells that the last call is over, where somebody may wait for that.
    fn ending(&self) -> Option<&CellArc<Ending>> {
        None
    }

    /// Lets go of the captures as soon as no call uses them, whoever else still holds the slot.
    /// Called when the slot has left its signal, without a lock.
    fn release(&self) {}
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
    fn call(&self, args: A::In<'_>) -> R {
        self.callable.call(args)
    }

    fn turn(&self, round: &mut Round<'_, '_, A, R>) -> Option<R> {
        self.callable
            .turn(&self.head, round.among, || A::lend(&mut round.args))
    }

    fn last_turn(&self, among: &Snapshot<A, R>, args: A::In<'_>) -> Option<R> {
        self.callable.turn(&self.head, among, || args)
    }

    fn is_plain(&self) -> bool {
        C::PLAIN && !self.head.is_limited()
    }

    fn is_weak(&self) -> bool {
        C::WEAK
    }

    fn is_expired(&self) -> bool {
        self.callable.is_expired()
    }

    fn calls_left(&self) -> Option<u32> {
        self.callable.calls_left(&self.head)
    }

    fn ending(&self) -> Option<&CellArc<Ending>> {
        self.callable.ending()
    }

    fn release(&self) {
        self.callable.release();
    }
}

/// What stands where a slot has left, until the list is next arranged. It has no turns.
pub(crate) struct Gap;

impl<A: Args, R> Callable<A, R> for Gap {
    fn turn<'a>(
        &self,
        _head: &Head,
        _among: &Snapshot<A, R>,
        _args: impl FnOnce() -> A::In<'a>,
    ) -> Option<R> {
        None
    }
}

/// A closure, called at every turn.
pub(crate) struct Closure<F>(pub(crate) F);

impl<A: Args, R, F> Callable<A, R> for Closure<F>
where
    F: for<'a> Fn(A::In<'a>) -> R + Send + Sync + 'static,
{
    const PLAIN: bool = true;

    #[inline]
    fn call(&self, args: A::In<'_>) -> R {
        (self.0)(args)
    }

    #[inline]
    fn turn<'a>(
        &self,
        head: &Head,
        among: &Snapshot<A, R>,
        args: impl FnOnce() -> A::In<'a>,
    ) -> Option<R> {
        head.admit(among).then(|| (self.0)(args()))
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
    fn turn<'a>(
        &self,
        head: &Head,
        among: &Snapshot<A, R>,
        args: impl FnOnce() -> A::In<'a>,
    ) -> Option<R> {
        if !head.admit(among) {
            return None;
        }
        let f = lock(&self.0).take();
        let f = f.expect("a budget of one lets one call begin");
        Some(f(args()))
    }
}

/// A closure that is called with an object which it does not keep alive.
pub(crate) struct WeakClosure<T: ?Sized, F> {
    pub(crate) object: Weak<T>,
    pub(crate) f: F,
}

impl<A: Args, R, T, F> Callable<A, R> for WeakClosure<T, F>
where
    T: ?Sized + Send + Sync + 'static,
    F: for<'a> Fn(&T, A::In<'a>) -> R + Send + Sync + 'static,
{
    const WEAK: bool = true;

    fn turn<'a>(
        &self,
        head: &Head,
        among: &Snapshot<A, R>,
        args: impl FnOnce() -> A::In<'a>,
    ) -> Option<R> {
        let Some(object) = self.object.upgrade() else {
            among.disconnect(head.key);
            return None;
        };
        let result = head.admit(among).then(|| (self.f)(&object, args()));
        drop(object); // by hand, or its panic would leak the result: see `Core::emit`
        result
    }

    fn is_expired(&self) -> bool {
        self.object.strong_count() == 0
    }
}
