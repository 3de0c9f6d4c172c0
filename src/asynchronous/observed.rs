//! What an emission whose slots return futures tells a subscriber of `tracing`, with the feature of that name.
//!
//! The slots are called in the span of the emission, and their futures are polled in it.

use std::any::Any;
use std::cell::RefCell;
use std::panic::{self, AssertUnwindSafe};

use crate::args::Args;
use crate::asynchronous::Pending;
use crate::core::SlotList;
use crate::trace::{Observer, SlotId};

/// What an emission has to tell while its futures are polled.
pub(super) struct Observed {
    observer: Observer,
    /// Which slot returned each of the futures. `None` once its panic has been told.
    slots: RefCell<Vec<Option<SlotId>>>,
}

impl Observed {
    pub(super) fn new(observer: Observer) -> Self {
        Self {
            observer,
            slots: RefCell::default(),
        }
    }

    /// Enters the span for as long as the returned value lives.
    pub(super) fn enter(&self) -> impl Sized + use<'_> {
        self.observer.enter()
    }

    /// Calls the next slot of a list, and remembers which it was. The span is entered already.
    pub(super) fn call_next<A: Args, R>(
        &self,
        list: &SlotList<A, Pending<R>>,
        next: &mut usize,
        args: &mut Option<A::In<'_>>,
    ) -> Option<Pending<R>> {
        let observer = &self.observer;
        let call = AssertUnwindSafe(|| list.call_next_observed(next, args, observer));
        match panic::catch_unwind(call) {
            Ok(None) => None,
            Ok(future) => {
                let slot = list.slots()[*next - 1].view().id();
                self.slots.borrow_mut().push(Some(slot));
                future
            }
            Err(payload) => {
                self.slots.borrow_mut().push(None);
                panic::resume_unwind(payload);
            }
        }
    }

    /// A future has panicked. This may be told more than once.
    pub(super) fn tell_panic(&self, number: usize, payload: &(dyn Any + Send)) {
        let slot = self.slots.borrow_mut()[number].take();
        if let Some(slot) = slot {
            self.observer.panicked(slot, payload);
        }
    }
}
