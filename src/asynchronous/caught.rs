//! A future whose panics are results.

use std::future::Future;
use std::panic::{self, AssertUnwindSafe};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::thread;

use super::Pending;
use crate::discard::discard;

/// Gives what the future within gave, or the payload of its panic, in its `poll` or in its drop after
/// that; of two panics the first. It unwinds only where it is dropped before it is ready.
pub(super) struct Caught<R>(Option<Pending<R>>);

impl<R> Caught<R> {
    pub(super) fn new(future: Pending<R>) -> Self {
        Self(Some(future))
    }

    /// The future, which is not polled again.
    pub(super) fn take(&mut self) -> Option<Pending<R>> {
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
