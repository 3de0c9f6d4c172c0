//! The results of async slots, awaited.

use std::any::Any;
use std::fmt;
use std::future::Future;
use std::mem;
use std::panic::{self, AssertUnwindSafe};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::thread;

use futures_util::FutureExt;
use futures_util::future::{self, CatchUnwind, Either, JoinAll, Ready};

use super::Pending;

/// From more futures than these on it pays to find out which were woken; `join_all` draws the line
/// at the same place.
const FEW: usize = 30;

/// The futures of one emission, side by side.
enum Futures<R> {
    /// Polled one after the other: with few, that is quicker than to find out which were woken.
    Few(Vec<Stage<R>>),
    /// Polled where they were woken.
    Many(JoinAll<Outcome<R>>),
}

/// How far one of a few futures is.
enum Stage<R> {
    Pending(Pending<R>),
    Over(thread::Result<R>),
}

/// One of many futures: what it gives, or the panic of the slot or of its future.
type Outcome<R> = Either<CatchUnwind<AssertUnwindSafe<Pending<R>>>, Ready<thread::Result<R>>>;

impl<R> Futures<R> {
    /// Of what slots returned as they were called, or of their panics.
    fn new(called: impl Iterator<Item = thread::Result<Pending<R>>>) -> Self {
        // What `called` knows is how many there are at most.
        let at_most = called.size_hint().1.unwrap_or(usize::MAX);
        if at_most > FEW {
            return Self::Many(future::join_all(called.map(|called| match called {
                // Whoever polls after a panic is told so: nothing here is left half changed.
                Ok(future) => Either::Left(AssertUnwindSafe(future).catch_unwind()),
                Err(payload) => Either::Right(future::ready(Err(payload))),
            })));
        }
        let mut stages = Vec::with_capacity(at_most);
        stages.extend(called.map(|called| match called {
            Ok(future) => Stage::Pending(future),
            Err(payload) => Stage::Over(Err(payload)),
        }));
        Self::Few(stages)
    }

    /// Once all are over, what `each` makes of every one, in order.
    fn poll<T>(
        &mut self,
        cx: &mut Context<'_>,
        each: impl FnMut(thread::Result<R>) -> T,
    ) -> Poll<Vec<T>> {
        let stages = match self {
            Self::Few(stages) => stages,
            Self::Many(outcomes) => {
                let outcomes = ready!(Pin::new(outcomes).poll(cx));
                return Poll::Ready(outcomes.into_iter().map(each).collect());
            }
        };
        ready!(poll_few(stages, cx));
        let outcomes = mem::take(stages)
            .into_iter()
            .filter_map(|stage| match stage {
                Stage::Pending(_) => None, // none is left
                Stage::Over(outcome) => Some(outcome),
            });
        let mut results = Vec::with_capacity(outcomes.size_hint().1.unwrap_or(0));
        results.extend(outcomes.map(each));
        Poll::Ready(results)
    }
}

/// Polls those that are pending; ready when none is.
fn poll_few<R>(stages: &mut [Stage<R>], cx: &mut Context<'_>) -> Poll<()> {
    let mut pending = false;
    let mut next = 0;
    while next < stages.len() {
        // One `catch_unwind` for as many futures as do not panic.
        let polled = panic::catch_unwind(AssertUnwindSafe(|| {
            while let Some(stage) = stages.get_mut(next) {
                next += 1;
                if let Stage::Pending(future) = stage {
                    match future.as_mut().poll(cx) {
                        Poll::Ready(result) => *stage = Stage::Over(Ok(result)),
                        Poll::Pending => pending = true,
                    }
                }
            }
        }));
        if let Err(payload) = polled {
            stages[next - 1] = Stage::Over(Err(payload));
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
    /// Of what slots returned as they were called, or of their panics.
    pub(crate) fn new(called: impl Iterator<Item = thread::Result<Pending<R>>>) -> Self {
        Self {
            futures: Futures::new(called),
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
