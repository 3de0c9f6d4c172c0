//! A slot as its signal sees it: the state that decides whether it is called, and the call.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use slotmap::{Key, KeyData};

use crate::args::Args;
use crate::core::wait::Completion;
use crate::keys::Connection;
use crate::owner::SlotOwner;
use crate::sync::{AtomicU32, CellArc, Ordering};

/// A slot of a signal, shared by the lists that contain it.
pub(crate) type SharedSlot<A, R> = Arc<dyn Slot<A, R>>;

/// The slot has left its signal.
const DISCONNECTED: u32 = 1 << 0;
/// `calls_left` applies. Without this bit, the slot may be called without limit.
const LIMITED: u32 = 1 << 1;
/// The bits above count the guards that block the slot: this is one of them.
const BLOCK: u32 = 1 << 2;

/// Whether a slot may be called.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Check {
    Callable,
    /// If its budget allows: the call has to be [charged](Head::charge).
    Limited,
    /// It is disconnected or blocked.
    NotCallable,
}

/// The state that every slot has besides its callable. It is kept small because memory bandwidth limits
/// emissions to very many slots.
pub(crate) struct Head {
    /// Zero while the slot is connected, not blocked, and without limit. Written only under the
    /// signal's mutex.
    state: AtomicU32,
    /// With `LIMITED`: how many more calls may begin.
    calls_left: AtomicU32,
    /// Set once, under the signal's mutex, before the slot is in any list: relaxed accesses suffice.
    /// The models need not switch threads at them, so this is not the atomic of `sync.rs`.
    key: AtomicU64,
}

impl Head {
    #[inline]
    pub(crate) fn new(max_calls: Option<u32>) -> Self {
        Self {
            state: AtomicU32::new(if max_calls.is_some() { LIMITED } else { 0 }),
            calls_left: AtomicU32::new(max_calls.unwrap_or(0)),
            key: AtomicU64::new(KeyData::default().as_ffi()),
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
            Ok(1) => self.begin_last_call(owner),
            Ok(_) => true,
            Err(_) => false,
        }
    }

    /// Disconnects the slot before its last call. Returns whether the call may begin: not if something else
    /// has disconnected the slot first.
    #[cold]
    fn begin_last_call(&self, owner: &SlotOwner) -> bool {
        let owner = owner.upgrade();
        if owner.is_some_and(|owner| owner.disconnect(self.key())) {
            return true;
        }
        // The signal has been dropped, before or after the slot was disconnected: the mark tells. It is read
        // by a read-modify-write, which sees the latest value, because nothing orders this thread after the
        // one that dropped the signal.
        self.state.fetch_or(0, Ordering::Acquire) & DISCONNECTED == 0
    }

    /// Disconnects the slot from its signal, if the signal still exists.
    #[cold]
    pub(crate) fn disconnect(&self, owner: &SlotOwner) {
        if let Some(owner) = owner.upgrade() {
            owner.disconnect(self.key());
        }
    }

    /// From now on, no emission calls the slot, whichever list it reads.
    pub(crate) fn mark_disconnected(&self) {
        self.state.fetch_or(DISCONNECTED, Ordering::Release);
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

/// What a slot that is more than a closure tells bookkeeping, and is told by it.
pub(crate) trait SlotHooks {
    /// Whether the slot needs an object that others own, and leaves when that is dropped.
    fn is_weak(&self) -> bool {
        false
    }

    /// Whether the slot counts as disconnected although nobody has disconnected it.
    fn is_expired(&self) -> bool {
        false
    }

    /// How many calls the budget that limits this slot has left, or `None` without a limit.
    fn calls_left(&self, head: &Head) -> Option<u32> {
        head.calls_left()
    }

    /// The slot's completion, if it can be waited for.
    fn completion(&self) -> Option<&CellArc<Completion>> {
        None
    }

    /// Called when the slot is about to be connected under `key`.
    fn assign(&self, _key: Connection) {}

    /// Called when the slot has been [marked](Head::mark_disconnected).
    fn mark_disconnected(&self) {}

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

    pub(crate) fn is_expired(&self) -> bool {
        self.hooks.is_some_and(SlotHooks::is_expired)
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
}

impl<A: Args> Arguments<'_, '_, A> {
    /// Makes the arguments for the slot and calls `f` with them.
    #[inline]
    pub(crate) fn pass<R>(self, f: impl Fn(A::In<'_>) -> R) -> R {
        match self {
            Self::Lend(args) => f(A::lend(args)),
            Self::Move(args) => f(args.take().expect("there is one last slot")),
        }
    }
}
