//! The results of async slots, awaited.

use std::any::Any;
use std::fmt;
use std::future::Future;
use std::mem;
use std::panic::{self, AssertUnwindSafe};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::thread;

use smallvec::SmallVec;

use crate::args::Args;
use crate::asynchronous::Pending;
use crate::asynchronous::many::Many;
use crate::calls::Calls;
use crate::discard::discard;

/// With more futures than these it pays to find out which were woken; the `join_all` of `futures` draws
/// the line at the same place.
const FEW: usize = 30;

/// The futures of one emission, to be awaited concurrently.
enum Futures<R> {
    /// Polled one after the other: with few, that is quicker than to find out which were woken. The only
    /// one needs no allocation for the list, which would make an emission to one slot an eighth slower.
    Few(SmallVec<[Stage<R>; 1]>),
    /// Polled when they are woken. Boxed so that an emission of few is small: it is moved before its
    /// first poll.
    Many(Box<Many<R>>),
}

/// How far one of a few futures is.
enum Stage<R> {
    Pending(Pending<R>),
    Done(thread::Result<R>),
}

impl<R> Futures<R> {
    /// The futures of an emission, from what each of its slots returned or its panic.
    fn new(calls: &mut impl Iterator<Item = thread::Result<Pending<R>>>) -> Self {
        let at_most = calls.size_hint().1.unwrap_or(0);
        if at_most > FEW {
            let mut many = Box::new(Many::new(at_most));
            calls.for_each(|called| many.push(called));
            return Self::Many(many);
        }
        let mut stages = SmallVec::with_capacity(at_most);
        for called in calls {
            stages.push(match called {
                Ok(future) => Stage::Pending(future),
                Err(payload) => Stage::Done(Err(payload)),
            });
        }
        Self::Few(stages)
    }

    /// Once all are done, what `each` makes of every outcome, in order.
    fn poll<T>(
        &mut self,
        cx: &mut Context<'_>,
        mut each: impl FnMut(thread::Result<R>) -> T,
    ) -> Poll<Vec<T>> {
        let stages = match self {
            Self::Few(stages) => stages,
            Self::Many(many) => {
                let outcomes = ready!(many.poll(cx));
                return Poll::Ready(outcomes.into_iter().map(each).collect());
            }
        };
        ready!(poll_few(stages, cx));
        let mut results = Vec::with_capacity(stages.len());
        for stage in mem::take(stages) {
            if let Stage::Done(outcome) = stage {
                results.push(each(outcome));
            }
        }
        Poll::Ready(results)
    }
}

/// Polls those that are pending; ready if none is.
fn poll_few<R>(stages: &mut [Stage<R>], cx: &mut Context<'_>) -> Poll<()> {
    let mut pending = false;
    let mut next = 0;
    while next < stages.len() {
        // One `catch_unwind` for as many futures as do not panic. Whoever polls after a panic is told so:
        // nothing here is left half changed.
        let polled = panic::catch_unwind(AssertUnwindSafe(|| {
            while let Some(stage) = stages.get_mut(next) {
                next += 1;
                if let Stage::Pending(future) = stage {
                    match future.as_mut().poll(cx) {
                        Poll::Ready(result) => *stage = Stage::Done(Ok(result)),
                        Poll::Pending => pending = true,
                    }
                }
            }
        }));
        if let Err(payload) = polled {
            discard(mem::replace(
                &mut stages[next - 1],
                Stage::Done(Err(payload)),
            ));
        }
    }
    if pending {
        Poll::Pending
    } else {
        Poll::Ready(())
    }
}

/// The futures of one emission: awaited, it runs them side by side and gives what they gave, in the
/// order of the slots. Made by [`AsyncSignal::emit`](crate::AsyncSignal#method.emit) and
/// [`Registry::emit_async`](crate::Registry::emit_async).
///
/// The slots were called when it was made; only their futures are awaited. It owns all it needs:
/// the signal may go, slots may leave. Dropping it drops the futures. Of many futures only those
/// that were woken are polled.
///
/// # Panics
///
/// Where a slot or its future panicked, awaiting panics with the same payload once all others have
/// finished; of several payloads with the first in the order of slots. To handle it instead, see
/// [`errback`](Self::errback).
///
/// ```
/// use smoke_signal::AsyncSignal;
/// use std::future::ready;
///
/// static FETCH: AsyncSignal<(&'static str,), usize> = AsyncSignal::new();
///
/// FETCH.connect(|url| async move { url.len() });
/// FETCH.connect(|_url| ready(404)); // nothing to wait for
///
/// # futures::executor::block_on(async {
/// assert_eq!(FETCH.emit("https://").await, [8, 404]);
/// # });
/// ```
#[must_use = "the futures of the slots run only as this is awaited"]
pub struct Emission<R> {
    futures: Futures<R>,
}

/// The futures are pinned in boxes of their own, the results not at all: it may move.
impl<R> Unpin for Emission<R> {}

impl<R> Emission<R> {
    /// Calls the slots, and keeps what they returned.
    pub(crate) fn new<A: Args>(calls: Calls<'_, A, Pending<R>>) -> Self {
        let mut calls = calls.catch_unwind();
        let futures = Futures::new(&mut calls);
        drop(calls); // by hand, or a panic in its drop would leak the futures: see `Core::emit`
        Self { futures }
    }

    /// The emission where there are no slots.
    pub(crate) fn of_none() -> Self {
        Self {
            futures: Futures::Few(SmallVec::new()),
        }
    }
}

impl<T, E> Emission<Result<T, E>> {
    /// Handles failures: `handler` is called for each slot that gave an error or panicked, and what
    /// it returns takes that slot's place. Gives a `Vec<Result<T, E2>>` in the order of slots.
    ///
    /// It is called once all futures have finished, in the order of slots. This is the `errback` of
    /// smokesignal with Twisted.
    ///
    /// # Panics
    ///
    /// A panic of the handler unwinds at the await.
    ///
    /// ```
    /// use smoke_signal::{AsyncSignal, Failure};
    ///
    /// static FETCH: AsyncSignal<(&'static str,), Result<u16, String>> = AsyncSignal::new();
    ///
    /// FETCH.connect(|_url| async { Ok(200) });
    /// FETCH.connect(|url| async move { Err(format!("{url} is down")) });
    /// FETCH.connect(|_url| async { panic!("a bug") });
    ///
    /// # futures::executor::block_on(async {
    /// let answers = FETCH.emit("host").errback(|failure| match failure {
    ///     Failure::Error(text) => Err(text),
    ///     Failure::Panic(_) => Ok(500),
    /// });
    /// assert_eq!(answers.await, [Ok(200), Err("host is down".to_owned()), Ok(500)]);
    /// # });
    /// ```
    pub fn errback<E2, H>(self, handler: H) -> Errback<T, E, H>
    where
        H: FnMut(Failure<E>) -> Result<T, E2>,
    {
        Errback {
            emission: self,
            handler,
        }
    }
}

impl<R> Future for Emission<R> {
    type Output = Vec<R>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Vec<R>> {
        self.futures.poll(cx, |outcome| {
            outcome.unwrap_or_else(|payload| panic::resume_unwind(payload))
        })
    }
}

impl<R> fmt::Debug for Emission<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Emission").finish_non_exhaustive()
    }
}

/// How an async slot failed: what an [`errback`](Emission::errback) is called with.
#[derive(Debug)]
pub enum Failure<E> {
    /// Its future gave this error.
    Error(E),
    /// It panicked with this payload, as it was called or in its future.
    Panic(Box<dyn Any + Send>),
}

/// An emission whose failures are handled. Made by [`Emission::errback`].
#[must_use = "the futures of the slots run only as this is awaited"]
pub struct Errback<T, E, H> {
    emission: Emission<Result<T, E>>,
    handler: H,
}

/// The handler is called, never polled: it may move.
impl<T, E, H> Unpin for Errback<T, E, H> {}

impl<T, E, E2, H> Future for Errback<T, E, H>
where
    H: FnMut(Failure<E>) -> Result<T, E2>,
{
    type Output = Vec<Result<T, E2>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Self { emission, handler } = &mut *self;
        emission.futures.poll(cx, |outcome| match outcome {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => handler(Failure::Error(error)),
            Err(payload) => handler(Failure::Panic(payload)),
        })
    }
}

impl<T, E, H> fmt::Debug for Errback<T, E, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Errback").finish_non_exhaustive()
    }
}
