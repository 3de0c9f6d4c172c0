//! Emissions that are told to a subscriber of `tracing`, with the feature of that name.

use std::any::Any;
use std::task::{Context, Poll};
use std::thread;

use crate::args::Args;
use crate::asynchronous::Pending;
use crate::asynchronous::emission::{Emission, Futures, Stage};
use crate::asynchronous::observed::Observed;
use crate::core::Snapshot;
use crate::returns::Returns;
use crate::trace::Observer;

impl<R> Futures<R> {
    /// Calls `each` with the number of each future that has panicked, and its payload. May do so more than once.
    fn each_panic(&mut self, mut each: impl FnMut(usize, &(dyn Any + Send))) {
        let stages = match self {
            Self::One(stage) => stage.as_slice(),
            Self::Few(stages) => stages,
            Self::Many(many) => return many.each_panic(each),
        };
        for (number, stage) in stages.iter().enumerate() {
            if let Stage::Done(Err(payload)) = stage {
                each(number, &**payload);
            }
        }
    }
}

impl<R> Emission<R> {
    /// Calls the slots that `snapshot` contains and keeps the futures that they return.
    pub(crate) fn observed<A: Args>(
        snapshot: Snapshot<A, Pending<R>>,
        args: A::In<'_>,
        observer: Observer,
    ) -> Self {
        let to_tell = Box::new(Observed::new(observer));
        let inside = to_tell.enter();
        let futures = match snapshot.as_deref() {
            Some(list) => Futures::new::<A>(list.slots().len(), args, |next, args| {
                to_tell.call_next(list, next, args)
            }),
            None => Futures::none(),
        };
        drop(inside);
        drop(snapshot); // explicitly, or a panic in its drop would leak the futures: see `Core::emit`
        let mut emission = Self::of(futures);
        emission.observed = Some(to_tell);
        emission
    }

    /// Does what [`poll_outcomes`](Self::poll_outcomes) does, in the span.
    pub(super) fn poll_observed<T>(
        &mut self,
        observed: Box<Observed>,
        cx: &mut Context<'_>,
        each: impl FnMut(thread::Result<R>) -> T,
    ) -> Poll<Returns<T>> {
        let inside = observed.enter();
        let polled = self.futures.poll(cx);
        self.futures
            .each_panic(|number, payload| observed.tell_panic(number, payload));
        if polled.is_ready() {
            self.terminated = true;
            return Poll::Ready(self.futures.take(each));
        }
        drop(inside);
        self.observed = Some(observed);
        Poll::Pending
    }
}
