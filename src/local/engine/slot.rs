//! A slot as its signal sees it: the state that decides whether it is called, and the call.

use alloc::rc::Rc;
use core::cell::Cell;

use snapshot_cell::DirectRc;

use crate::args::Args;
use crate::keys::Connection;
use crate::local::owner::SlotOwner;
#[cfg(feature = "tracing")]
use crate::trace::Turn;

/// A slot that is being connected.
pub(crate) type SharedSlot<A, R> = Rc<dyn Slot<A, R>>;

/// A slot of a signal, shared by the lists that contain it. A call through an `Rc` would take half as long again.
pub(crate) type ListedSlot<A, R> = DirectRc<dyn Slot<A, R>>;

/// The slot has left its signal.
const DISCONNECTED: u32 = 1 << 0;
/// `calls_left` applies. Without this bit, the slot may be called without limit.
const LIMITED: u32 = 1 << 1;
/// The slot's object may not exist yet: it has not been seen alive.
const AWAITING: u32 = 1 << 2;
/// The bits above count the guards that block the slot: this is one of them.
const BLOCK: u32 = 1 << 3;

/// Whether the object that a slot needs exists. `Weak` cannot tell an object that has been dropped from one that
/// does not exist yet, so a slot that may be connected before its object exists remembers whether that has been
/// seen alive.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Presence {
    /// It exists, or the slot needs no object.
    Present,
    /// It has not been seen alive.
    Awaited,
    /// It has been dropped.
    Expired,
}

/// Whether a slot may be called.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Check {
    Callable,
    /// If its budget allows: the call has to be [charged](Head::charge).
    Limited,
    /// It is disconnected or blocked, or its object has not been seen alive.
    NotCallable,
}

/// The state that every slot has besides its callable.
pub(crate) struct Head {
    /// Zero while the slot is connected, not blocked, without limit, and not waiting for its object.
    state: Cell<u32>,
    /// With `LIMITED`: how many more calls may begin.
    calls_left: Cell<u32>,
    key: Cell<Connection>,
    /// The source line that connected the slot.
    #[cfg(feature = "tracing")]
    pub(crate) connected_at: Cell<Option<&'static core::panic::Location<'static>>>,
}

impl Head {
    #[inline]
    pub(crate) fn new(max_calls: Option<u32>) -> Self {
        Self {
            state: Cell::new(if max_calls.is_some() { LIMITED } else { 0 }),
            calls_left: Cell::new(max_calls.unwrap_or(0)),
            key: Cell::default(),
            #[cfg(feature = "tracing")]
            connected_at: Cell::new(None),
        }
    }

    #[inline]
    pub(crate) fn assign(&self, key: Connection) {
        self.key.set(key);
    }

    #[inline]
    pub(crate) fn key(&self) -> Connection {
        self.key.get()
    }

    fn has(&self, bit: u32) -> bool {
        self.state.get() & bit != 0
    }

    /// Whether the slot may be called now.
    #[inline]
    pub(crate) fn check(&self) -> Check {
        match self.state.get() {
            0 => Check::Callable,
            LIMITED => Check::Limited,
            _ => Check::NotCallable,
        }
    }

    /// Looks at the object of a slot that is [not callable](Check::NotCallable). Returns whether it is
    /// callable after that: it was waiting for its object, which exists now. If the object is gone, disconnects
    /// the slot.
    #[cold]
    pub(crate) fn find_object(&self, object: &dyn SlotHooks, owner: &SlotOwner) -> bool {
        if object.presence(self) == Presence::Expired {
            self.disconnect(owner);
        }
        self.check() != Check::NotCallable
    }

    /// Makes the slot wait for its object.
    pub(crate) fn await_object(&self) {
        self.state.set(self.state.get() | AWAITING);
    }

    /// The presence of an object, which is owned or not.
    pub(crate) fn presence(&self, owned: bool) -> Presence {
        match (self.has(AWAITING), owned) {
            (_, true) => {
                self.state.set(self.state.get() & !AWAITING);
                Presence::Present
            }
            (true, false) => Presence::Awaited,
            (false, false) => Presence::Expired,
        }
    }

    /// Decides whether the slot may be called now. If so, the call has been charged to its budget.
    #[inline]
    pub(crate) fn acquire_call(&self, owner: &SlotOwner) -> bool {
        match self.check() {
            Check::Callable => true,
            Check::Limited => self.charge(owner),
            Check::NotCallable => false,
        }
    }

    /// Takes one call from the budget. With the last one, the slot leaves the signal.
    #[inline]
    pub(crate) fn charge(&self, owner: &SlotOwner) -> bool {
        let left = self.calls_left.get();
        self.calls_left.set(left.saturating_sub(1));
        match left {
            0 => false,
            1 => self.disconnect(owner),
            _ => true,
        }
    }

    /// Disconnects the slot. Returns whether this call disconnected it.
    #[cold]
    pub(crate) fn disconnect(&self, owner: &SlotOwner) -> bool {
        let owner = owner.as_ref();
        owner.is_some_and(|owner| owner.disconnect(self.key()))
    }

    pub(crate) fn is_connected(&self) -> bool {
        !self.has(DISCONNECTED)
    }

    /// From now on, no emission calls the slot, whichever list it reads.
    #[inline]
    pub(crate) fn mark_disconnected(&self) {
        self.state.set(self.state.get() | DISCONNECTED);
    }

    /// Blocks the slot once more. Returns `false`, and changes nothing, if as many guards block it as can be
    /// counted.
    pub(crate) fn block(&self) -> bool {
        let state = self.state.get();
        let countable = state < u32::MAX - BLOCK;
        if countable {
            self.state.set(state + BLOCK);
        }
        countable
    }

    #[cfg(all(test, feature = "std", not(smoke_signal_loom)))]
    pub(crate) fn block_as_often_as_possible(&self) {
        self.state.set(self.state.get() | !(BLOCK - 1));
    }

    pub(crate) fn unblock(&self) {
        self.state.set(self.state.get() - BLOCK);
    }

    #[inline]
    pub(crate) fn is_limited(&self) -> bool {
        self.has(LIMITED)
    }

    #[inline]
    pub(crate) fn is_blocked(&self) -> bool {
        self.state.get() >= BLOCK
    }

    /// How many calls are left, or `None` without a limit.
    pub(crate) fn calls_left(&self) -> Option<u32> {
        self.is_limited().then(|| self.calls_left.get())
    }
}

/// What a slot that is more than a closure tells bookkeeping.
pub(crate) trait SlotHooks {
    /// Whether the slot needs an object that others own, and leaves when that is dropped.
    fn is_weak(&self) -> bool {
        false
    }

    /// Whether the object exists that the slot needs. `head` is that of the slot.
    fn presence(&self, _head: &Head) -> Presence {
        Presence::Present
    }

    /// Whether a call is running that keeps others from beginning.
    fn is_running(&self) -> bool {
        false
    }

    /// How many calls were not made because one was running.
    fn missed(&self) -> u64 {
        0
    }
}

/// All that bookkeeping needs to know about a slot.
#[derive(Clone, Copy)]
pub(crate) struct SlotView<'s> {
    pub(crate) head: &'s Head,
    pub(crate) hooks: Option<&'s dyn SlotHooks>,
}

impl SlotView<'_> {
    /// Whether the slot may be called without a check while it is connected and not blocked.
    #[inline]
    pub(crate) fn is_fast_path(&self) -> bool {
        self.hooks.is_none() && !self.head.is_limited()
    }

    #[inline]
    pub(crate) fn is_weak(&self) -> bool {
        self.hooks.is_some_and(SlotHooks::is_weak)
    }

    #[inline]
    pub(crate) fn presence(&self) -> Presence {
        self.hooks
            .map_or(Presence::Present, |hooks| hooks.presence(self.head))
    }

    /// Whether the slot counts as disconnected although nobody has disconnected it.
    #[inline]
    pub(crate) fn is_expired(&self) -> bool {
        self.presence() == Presence::Expired
    }

    /// Whether the slot counts as connected, if it is in the list.
    #[inline]
    pub(crate) fn is_present(&self) -> bool {
        self.presence() == Presence::Present
    }

    /// Whether emissions skip the slot.
    pub(crate) fn is_blocked(&self) -> bool {
        self.head.is_blocked() || self.hooks.is_some_and(SlotHooks::is_running)
    }

    pub(crate) fn missed(&self) -> u64 {
        self.hooks.map_or(0, SlotHooks::missed)
    }
}

/// Slots by position, as bookkeeping sees them.
pub(crate) trait AnySlots {
    /// The slot at a position, counted from the front.
    fn slot(&self, at: usize) -> SlotView<'_>;
}

/// A slot: its state and its captured values in one allocation, behind one pointer.
pub(crate) trait Slot<A: Args, R> {
    fn head(&self) -> &Head;

    /// `None` for a slot that is nothing but a closure.
    fn hooks(&self) -> Option<&dyn SlotHooks> {
        None
    }

    /// Calls the slot without checking its state, if it is [that kind of slot](SlotView::is_fast_path).
    fn call(&self, args: A::In<'_>) -> R;

    /// Calls the slot if it may be called now. Only then are the arguments cloned.
    fn try_call(&self, owner: &SlotOwner, args: Arguments<'_, '_, A>) -> Option<R>;
}

impl<A: Args, R> dyn Slot<A, R> {
    #[inline]
    pub(crate) fn view(&self) -> SlotView<'_> {
        SlotView {
            head: self.head(),
            hooks: self.hooks(),
        }
    }
}

/// The arguments of an emission, offered to one slot.
pub(crate) enum Arguments<'s, 'a, A: Args> {
    /// For any slot but the last: the arguments are cloned or lent.
    Lend(&'s mut A::In<'a>),
    /// For the last slot: the arguments are moved. `None` if they have been.
    Move(&'s mut Option<A::In<'a>>),
    /// Either, for a slot that is observed.
    #[cfg(feature = "tracing")]
    Observed(&'s mut Turn<'s, 'a, A>),
}

impl<A: Args> Arguments<'_, '_, A> {
    /// Makes the arguments for the slot and calls `f` with them.
    #[inline]
    pub(crate) fn pass<R>(self, f: impl Fn(A::In<'_>) -> R) -> R {
        match self {
            Self::Lend(args) => f(A::lend(args)),
            Self::Move(args) => f(args.take().expect("there is one last slot")),
            #[cfg(feature = "tracing")]
            Self::Observed(turn) => turn.pass(f),
        }
    }
}
