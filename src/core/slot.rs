//! A slot as its signal sees it: the state that decides whether it is called, and the call.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use slotmap::{Key, KeyData};
use snapshot_cell::DirectArc;

use crate::args::Args;
#[cfg(feature = "tracing")]
use crate::core::history::History;
use crate::core::wait::Completion;
use crate::keys::Connection;
use crate::owner::SlotOwner;
use crate::sync::{AtomicU32, CellArc, Ordering};
#[cfg(feature = "tracing")]
use crate::trace::Turn;

/// A slot that is being connected.
pub(crate) type SharedSlot<A, R> = Arc<dyn Slot<A, R>>;

/// A slot of a signal, shared by the lists that contain it. A call through an `Arc` would take half as long again.
pub(crate) type ListedSlot<A, R> = DirectArc<dyn Slot<A, R>>;

/// The slot has left its signal.
const DISCONNECTED: u32 = 1 << 0;
/// `calls_left` applies. Without this bit, the slot may be called without limit.
const LIMITED: u32 = 1 << 1;
/// The slot's object may not exist yet: nobody has seen it alive.
const AWAITING: u32 = 1 << 2;
/// The bits above count the guards that block the slot: this is one of them.
const BLOCK: u32 = 1 << 3;

/// Whether the object that a slot needs exists. The slot of an object that has been dropped leaves its signal,
/// which must not happen to a slot whose object does not exist yet. `Weak` tells in both cases that nobody owns
/// the object. So a slot that may be connected before its object exists remembers whether anybody has seen
/// that alive.
///
/// First it is asked whether the slot still waits, then whether the object is owned. In the other order, an
/// object that comes into being between the two questions, and is seen by another thread, would count as
/// dropped.
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

/// The state that every slot has besides its callable. It is kept small because memory bandwidth limits
/// emissions to very many slots.
pub(crate) struct Head {
    /// Zero while the slot is connected, not blocked, without limit, and not waiting for its object. Written
    /// only under the signal's mutex, except that whoever sees the object ends the waiting.
    state: AtomicU32,
    /// With `LIMITED`: how many more calls may begin.
    calls_left: AtomicU32,
    /// Set once, under the signal's mutex, before the slot is in any list: relaxed accesses suffice.
    /// The models need not switch threads at them, so this is not the atomic of `sync.rs`.
    key: AtomicU64,
    #[cfg(feature = "tracing")]
    pub(crate) history: History,
}

impl Head {
    #[inline]
    pub(crate) fn new(max_calls: Option<u32>) -> Self {
        Self {
            state: AtomicU32::new(if max_calls.is_some() { LIMITED } else { 0 }),
            calls_left: AtomicU32::new(max_calls.unwrap_or(0)),
            key: AtomicU64::new(KeyData::default().as_ffi()),
            #[cfg(feature = "tracing")]
            history: History::new(),
        }
    }

    pub(crate) fn assign(&self, key: Connection) {
        self.key.store(key.data().as_ffi(), Ordering::Relaxed);
    }

    pub(crate) fn key(&self) -> Connection {
        KeyData::from_ffi(self.key.load(Ordering::Relaxed)).into()
    }

    /// Whether the slot may be called now.
    ///
    /// Acquire pairs with the releases in [`mark_disconnected`](Self::mark_disconnected),
    /// [`block`](Self::block) and [`unblock`](Self::unblock): whoever finds the slot disconnected or
    /// blocked also sees what the other thread did before.
    #[inline]
    pub(crate) fn check(&self) -> Check {
        match self.state.load(Ordering::Acquire) {
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

    /// Makes a slot that is being created wait for its object.
    pub(crate) fn await_object(&mut self) {
        self.state.fetch_or(AWAITING, Ordering::Relaxed);
    }

    /// Whether the slot waits for its object. Acquire pairs with the release in [`presence`](Self::presence):
    /// whoever finds that the waiting has ended finds the object owned, unless it has been dropped since.
    pub(crate) fn is_awaiting(&self) -> bool {
        self.state.load(Ordering::Acquire) & AWAITING != 0
    }

    /// The presence of an object, whether it was awaited before, and is owned.
    pub(crate) fn presence(&self, awaited: bool, owned: bool) -> Presence {
        match (awaited, owned) {
            (false, true) => Presence::Present,
            (false, false) => Presence::Expired,
            (true, false) => Presence::Awaited,
            (true, true) => {
                self.state.fetch_and(!AWAITING, Ordering::Release);
                Presence::Present
            }
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

    /// [`acquire_call`](Self::acquire_call) out of line, for the size of a user's program.
    #[inline(never)]
    pub(crate) fn acquire_limited_call(&self, owner: &SlotOwner) -> bool {
        self.acquire_call(owner)
    }

    /// Takes one call from the budget. With the last one, the slot leaves the signal.
    ///
    /// Every call takes one from the same counter, so no two emissions can begin the same call. Of the
    /// last call and a disconnect, one wins: the one that takes the slot out under the signal's mutex.
    /// Nothing else is published through the counter: relaxed suffices.
    #[inline]
    pub(crate) fn charge(&self, owner: &SlotOwner) -> bool {
        let charged = self
            .calls_left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                left.checked_sub(1)
            });
        match charged {
            // Whoever disconnects the slot has decided: if this did, the call may begin.
            Ok(1) => self.disconnect(owner),
            Ok(_) => true,
            Err(_) => false,
        }
    }

    /// Disconnects the slot. Returns whether this call disconnected it.
    #[cold]
    pub(crate) fn disconnect(&self, owner: &SlotOwner) -> bool {
        let owner = owner.as_ref();
        owner.is_some_and(|owner| owner.disconnect(self.key()))
    }

    #[cfg(feature = "tracing")]
    pub(crate) fn is_disconnected(&self) -> bool {
        self.state.load(Ordering::Acquire) & DISCONNECTED != 0
    }

    /// From now on, no emission calls the slot, whichever list it reads. Under the mutex, like all that writes the state
    /// but [`presence`](Self::presence), which slots without hooks do not need: for these, a store suffices, which is no
    /// locked instruction.
    pub(crate) fn mark_disconnected(&self, has_hooks: bool) {
        if has_hooks {
            self.state.fetch_or(DISCONNECTED, Ordering::Release);
        } else {
            let state = self.state.load(Ordering::Relaxed);
            self.state.store(state | DISCONNECTED, Ordering::Release);
        }
    }

    /// Blocks the slot once more. From now on, emissions skip it. Returns `false`, and changes nothing, if
    /// as many guards block it as can be counted.
    pub(crate) fn block(&self) -> bool {
        let countable = self.state.load(Ordering::Relaxed) < u32::MAX - BLOCK;
        if countable {
            self.state.fetch_add(BLOCK, Ordering::Release);
        }
        countable
    }

    #[cfg(test)]
    pub(crate) fn block_as_often_as_possible(&self) {
        self.state.fetch_or(!(BLOCK - 1), Ordering::Release);
    }

    pub(crate) fn unblock(&self) {
        self.state.fetch_sub(BLOCK, Ordering::Release);
    }

    pub(crate) fn is_limited(&self) -> bool {
        // Fixed when the slot was made.
        self.state.load(Ordering::Relaxed) & LIMITED != 0
    }

    pub(crate) fn is_blocked(&self) -> bool {
        // Under the mutex, like the writes: there is nothing to pair with.
        self.state.load(Ordering::Relaxed) >= BLOCK
    }

    /// How many calls the slot's own budget has left, or `None` without a limit.
    pub(crate) fn calls_left(&self) -> Option<u32> {
        self.is_limited()
            .then(|| self.calls_left.load(Ordering::Relaxed))
    }
}

/// A reference to the object of a weak slot, without the slot: whoever holds it keeps no captured values.
pub(crate) struct Witness(pub(crate) Box<dyn Object>);

/// An object that may have been dropped.
pub(crate) trait Object: Send + Sync {
    /// Whether anybody owns it.
    fn is_owned(&self) -> bool;
}

/// What a slot that is more than a closure tells bookkeeping, and is told by it.
pub(crate) trait SlotHooks {
    /// Whether the slot needs an object that others own, and leaves when that is dropped.
    fn is_weak(&self) -> bool {
        false
    }

    /// Whether the object exists that the slot needs. `head` is that of the slot.
    fn presence(&self, _head: &Head) -> Presence {
        Presence::Present
    }

    /// A reference to the object of a weak slot.
    fn witness(&self) -> Option<Witness> {
        None
    }

    /// How many calls the budget that limits this slot has left, or `None` without a limit.
    fn calls_left(&self, head: &Head) -> Option<u32> {
        head.calls_left()
    }

    /// The slot's completion, if it can be waited for.
    fn completion(&self) -> Option<&CellArc<Completion>> {
        None
    }

    /// Whether the slot itself may refuse a call, although nothing keeps it from being called.
    #[cfg(feature = "tracing")]
    fn may_refuse(&self) -> bool {
        false
    }

    /// Called when the slot is about to be connected under `key`.
    fn assign(&self, _key: Connection) {}

    /// Drops the captured values as soon as no call uses them, even if emissions still hold the slot.
    /// Called without a lock once the slot has left its signal.
    fn release(&self) {}
}

/// All that bookkeeping needs to know about a slot.
#[derive(Clone, Copy)]
pub(crate) struct SlotView<'s> {
    pub(crate) head: &'s Head,
    pub(crate) hooks: Option<&'s dyn SlotHooks>,
}

impl SlotView<'_> {
    /// Whether the slot may be called without a check while it is connected and not blocked.
    pub(crate) fn is_fast_path(&self) -> bool {
        self.hooks.is_none() && !self.head.is_limited()
    }

    pub(crate) fn is_weak(&self) -> bool {
        self.hooks.is_some_and(SlotHooks::is_weak)
    }

    /// Releases the captured values. This runs user code, so no lock may be held.
    #[inline(never)]
    pub(crate) fn release(&self) {
        if let Some(hooks) = self.hooks {
            hooks.release();
            if let Some(completion) = hooks.completion() {
                completion.end_release();
            }
        }
    }

    pub(crate) fn presence(&self) -> Presence {
        self.hooks
            .map_or(Presence::Present, |hooks| hooks.presence(self.head))
    }

    /// Whether the slot counts as disconnected although nobody has disconnected it.
    pub(crate) fn is_expired(&self) -> bool {
        self.presence() == Presence::Expired
    }

    /// Whether the slot counts as connected, if it is in the list.
    pub(crate) fn is_present(&self) -> bool {
        self.presence() == Presence::Present
    }

    pub(crate) fn calls_left(&self) -> Option<u32> {
        match self.hooks {
            Some(hooks) => hooks.calls_left(self.head),
            None => self.head.calls_left(),
        }
    }
}

/// A slot: its state and its captured values in one allocation, behind one pointer.
///
/// Implementations are compiled for every closure or signal, so they contain the call and nothing
/// that could be compiled once.
pub(crate) trait Slot<A: Args, R>: Send + Sync {
    fn view(&self) -> SlotView<'_>;

    /// Calls the slot without checking its state, if it is [that kind of slot](SlotView::is_fast_path).
    fn call(&self, args: A::In<'_>) -> R;

    /// Calls the slot if it may be called now. Only then are the arguments cloned.
    fn try_call(&self, owner: &SlotOwner, args: Arguments<'_, '_, A>) -> Option<R>;
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
            Self::Move(args) => f(args.take().unwrap_or_else(|| two_last_slots())),
            #[cfg(feature = "tracing")]
            Self::Observed(turn) => turn.pass(f),
        }
    }
}

/// Out of line, for the size of a user's program.
#[cold]
#[inline(never)]
fn two_last_slots() -> ! {
    unreachable!("there is one last slot")
}
