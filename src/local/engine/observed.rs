//! The calls of an emission that is told to a subscriber of `tracing`, with the feature of that name.
//!
//! If the subscriber is told of each slot, each is called by itself, and checked before, even if none needs it: that it is
//! told takes longer. Otherwise the slots are called as in a lazy emission, so that a panic leaves the position of its slot.

use core::cell::Cell;
use std::panic::{self, AssertUnwindSafe, Location};

use crate::args::Args;
use crate::keys::Connection;
use crate::local::engine::list::SlotList;
use crate::local::engine::slot::{Arguments, ListedSlot, Presence, SlotView};
use crate::local::engine::{Core, Snapshot};
use crate::returns::Returns;
use crate::trace::{
    Absence, Observer, Origin, SlotId, Turn, is_listening, is_listening_closely, passed_over,
};

/// Calls every slot of a snapshot in order, and puts what they return into `results`.
pub(crate) fn emit_observed<A: Args, R>(
    snapshot: Snapshot<A, R>,
    args: A::In<'_>,
    observer: &Observer,
    results: &mut Returns<R>,
) {
    let inside = observer.enter();
    let (mut next, mut args) = (0, Some(args));
    if let Some(list) = snapshot.as_deref() {
        if observer.is_close() {
            while let Some(result) = list.call_next_closely(&mut next, &mut args, observer) {
                results.push(result);
            }
        } else {
            list.watched(&mut next, observer, |next| {
                while let Some(result) = list.call_next(next, &mut args) {
                    results.push(result);
                }
            });
        }
    }
    drop(args);
    drop(snapshot);
    drop(inside);
}

impl<A: Args, R> Core<A, R> {
    /// Returns who tells a subscriber of an emission to the slots of a snapshot. `None` if nobody wants to hear of it.
    pub(crate) fn observer(&self, origin: Origin, snapshot: &Snapshot<A, R>) -> Option<Observer> {
        if !is_listening() {
            return None;
        }
        let slots = snapshot.as_deref().map_or(0, |list| list.slots().len());
        Observer::new(self.subject.name.clone(), origin, slots)
    }

    /// Tells a subscriber that a slot has been connected. Nothing may be borrowed.
    pub(crate) fn tell_connected(&self, connection: Connection, at: &'static Location<'static>) {
        if is_listening() {
            let slot = SlotId {
                connection,
                connected_at: Some(at),
            };
            let count = || self.state.borrow().table.connected();
            self.subject.connected(slot, count, || self.slots());
        }
    }

    /// Tells a subscriber of slots that have just left. Nothing may be borrowed.
    pub(crate) fn tell_disconnected<'s>(
        &self,
        slots: impl IntoIterator<Item = &'s ListedSlot<A, R>>,
    ) {
        if is_listening_closely() {
            for slot in slots {
                let slot = slot.view();
                self.subject.disconnected(slot.id(), slot.departure());
            }
        }
    }
}

impl<A: Args, R> SlotList<A, R> {
    /// Does what [`call_next`](Self::call_next) does, and lets `observer` tell of it. The span is entered already.
    pub(crate) fn call_next_observed(
        &self,
        next: &mut usize,
        args: &mut Option<A::In<'_>>,
        observer: &Observer,
    ) -> Option<R> {
        if observer.is_close() {
            return self.call_next_closely(next, args, observer);
        }
        self.watched(next, observer, |next| self.call_next(next, args))
    }

    /// Runs `calls`, which advances `next` to the slot behind the one that it calls. If that panics, `observer` tells of
    /// it.
    fn watched<T>(
        &self,
        next: &mut usize,
        observer: &Observer,
        calls: impl FnOnce(&mut usize) -> T,
    ) -> T {
        let called = panic::catch_unwind(AssertUnwindSafe(|| calls(next)));
        called.unwrap_or_else(|payload| {
            observer.panicked(self.slots()[*next - 1].view().id(), &*payload);
            panic::resume_unwind(payload)
        })
    }

    /// Calls the first slot from `next` on that may be called, as [`call_next`](Self::call_next) does, and tells of each
    /// slot.
    fn call_next_closely(
        &self,
        next: &mut usize,
        args: &mut Option<A::In<'_>>,
        observer: &Observer,
    ) -> Option<R> {
        while let Some(slot) = self.slots().get(*next) {
            *next += 1;
            if args.is_none() {
                return None;
            }
            let id = slot.view().id();
            let was_called = Cell::new(false);
            let is_last = *next == self.slots().len();
            let result = self.watched(next, observer, |_| {
                let mut turn = Turn {
                    slot: id,
                    args,
                    is_last,
                    was_called: &was_called,
                };
                slot.try_call(self.owner(), Arguments::Observed(&mut turn))
            });
            if result.is_some() {
                return result;
            }
            // A slot that is called may add no result.
            if !was_called.get() {
                passed_over(id, slot.view().absence());
            }
        }
        None
    }
}

impl SlotView<'_> {
    pub(crate) fn id(&self) -> SlotId {
        SlotId {
            connection: self.head.key(),
            connected_at: self.head.connected_at.get(),
        }
    }

    /// Why the slot has left its signal, as it does.
    fn departure(&self) -> Absence {
        match self.head.calls_left() {
            Some(0) => Absence::UsedUp,
            _ if self.is_expired() => Absence::ObjectGone,
            _ => Absence::Gone,
        }
    }

    /// Why the slot was not called.
    fn absence(&self) -> Absence {
        match self.departure() {
            Absence::Gone if !self.head.is_connected() => Absence::Gone,
            Absence::Gone if self.head.is_blocked() => Absence::Blocked,
            Absence::Gone if self.presence() == Presence::Awaited => Absence::ObjectAwaited,
            Absence::Gone => Absence::Running,
            other => other,
        }
    }
}
