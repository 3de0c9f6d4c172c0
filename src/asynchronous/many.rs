//! Many futures that run concurrently. Only those that were woken are polled.

#[cfg(feature = "tracing")]
use std::any::Any;
use std::future::Future;
use std::mem;
use std::panic::{self, AssertUnwindSafe};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};
use std::thread;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

use crate::asynchronous::Pending;
use crate::asynchronous::reader::Reader;
use crate::discard::discard;

/// No panic of a future or a waker may unwind through `pending`. If the drop of a future panicked there,
/// the other futures would be leaked. If the drop of a waker did, nothing would be woken any more.
pub(super) struct Many<R> {
    pending: FuturesUnordered<Numbered<R>>,
    /// In call order. `None`: pending.
    outcomes: Vec<Option<thread::Result<R>>>,
    reader: Arc<Reader>,
    /// Wakes `reader`: the only waker that `pending` ever sees.
    waker: Waker,
    /// The numbers of those that have panicked since that was asked last.
    #[cfg(feature = "tracing")]
    panicked: Vec<usize>,
}

struct Numbered<R> {
    number: usize,
    future: Caught<R>,
}

impl<R> Many<R> {
    pub(super) fn new(at_most: usize) -> Self {
        let reader = Arc::new(Reader::new());
        Self {
            pending: FuturesUnordered::new(),
            outcomes: Vec::with_capacity(at_most),
            waker: Waker::from(Arc::clone(&reader)),
            reader,
            #[cfg(feature = "tracing")]
            panicked: Vec::new(),
        }
    }

    /// Adds the future that a slot returned, or the payload of its panic.
    pub(super) fn push(&mut self, called: thread::Result<Pending<R>>) {
        match called {
            Ok(future) => {
                self.pending.push(Numbered {
                    number: self.outcomes.len(),
                    future: Caught::new(future),
                });
                self.outcomes.push(None);
            }
            Err(payload) => self.outcomes.push(Some(Err(payload))),
        }
    }

    /// Polls the futures that were woken. Returns `Ready` once all are done.
    pub(super) fn poll(&mut self, cx: &Context<'_>) -> Poll<()> {
        self.reader.register(cx.waker());
        let mut cx = Context::from_waker(&self.waker);
        while let Some((number, outcome)) = ready!(self.pending.poll_next_unpin(&mut cx)) {
            #[cfg(feature = "tracing")]
            if outcome.is_err() {
                self.panicked.push(number);
            }
            self.outcomes[number] = Some(outcome);
        }
        Poll::Ready(())
    }

    /// Calls `each` with the number of each future that has panicked since the last time, and its payload.
    #[cfg(feature = "tracing")]
    pub(super) fn each_panic(&mut self, mut each: impl FnMut(usize, &(dyn Any + Send))) {
        for number in mem::take(&mut self.panicked) {
            if let Some(Err(payload)) = &self.outcomes[number] {
                each(number, &**payload);
            }
        }
    }

    /// Takes the outcomes of futures that are all done, in call order.
    pub(super) fn take_outcomes(&mut self) -> Vec<Option<thread::Result<R>>> {
        mem::take(&mut self.outcomes)
    }
}

impl<R> Drop for Many<R> {
    fn drop(&mut self) {
        let futures = self.pending.iter_mut().map(|it| it.future.take());
        drop(futures.collect::<Vec<_>>());
    }
}

impl<R> Future for Numbered<R> {
    type Output = (usize, thread::Result<R>);

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let outcome = ready!(Pin::new(&mut self.future).poll(cx));
        Poll::Ready((self.number, outcome))
    }
}

/// Resolves to the result of the inner future, or to the payload of its panic, be it in its `poll` or in
/// its drop after that. If both panic, the first payload wins. This unwinds only if it is dropped before it
/// is ready.
struct Caught<R>(Option<Pending<R>>);

impl<R> Caught<R> {
    fn new(future: Pending<R>) -> Self {
        Self(Some(future))
    }

    /// Takes the future out. It is not polled again.
    fn take(&mut self) -> Option<Pending<R>> {
        self.0.take()
    }
}

impl<R> Future for Caught<R> {
    type Output = thread::Result<R>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<thread::Result<R>> {
        let future = self.0.as_mut().expect("polled after it was ready");
        let outcome = match panic::catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx))) {
            Ok(polled) => Ok(ready!(polled)),
            Err(payload) => Err(payload),
        };
        let future = self.0.take();
        let dropped = panic::catch_unwind(AssertUnwindSafe(|| drop(future)));
        Poll::Ready(match (outcome, dropped) {
            (outcome, Ok(())) => outcome,
            (Ok(result), Err(payload)) => {
                discard(result);
                Err(payload)
            }
            (Err(first), Err(second)) => {
                discard(second);
                Err(first)
            }
        })
    }
}
