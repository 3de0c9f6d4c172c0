//! The results of async slots, awaited.

use std::any::Any;
use std::fmt;
use std::future::Future;
use std::panic::{self, AssertUnwindSafe};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::thread;

use futures_util::FutureExt;
use futures_util::future::{self, CatchUnwind, Either, JoinAll, Ready};

use super::Pending;

/// The future of one slot: what it gives, or the panic of the slot or of its future.
type Outcome<R> = Either<CatchUnwind<AssertUnwindSafe<Pending<R>>>, Ready<thread::Result<R>>>;

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
    outcomes: JoinAll<Outcome<R>>,
}

impl<R> Emission<R> {
    /// Of what the slots returned as they were called, or of their panics.
    pub(crate) fn new(called: impl Iterator<Item = thread::Result<Pending<R>>>) -> Self {
        let outcome = |called: thread::Result<Pending<R>>| match called {
            // Whoever polls after a panic is told so: nothing here is left half changed.
            Ok(future) => Either::Left(AssertUnwindSafe(future).catch_unwind()),
            Err(payload) => Either::Right(future::ready(Err(payload))),
        };
        Self {
            outcomes: future::join_all(called.map(outcome)),
        }
    }

    fn poll_outcomes(&mut self, cx: &mut Context<'_>) -> Poll<Vec<thread::Result<R>>> {
        Pin::new(&mut self.outcomes).poll(cx)
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
        let outcomes = ready!(self.poll_outcomes(cx));
        let results: thread::Result<Vec<R>> = outcomes.into_iter().collect();
        Poll::Ready(results.unwrap_or_else(|payload| panic::resume_unwind(payload)))
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
        let outcomes = ready!(self.emission.poll_outcomes(cx));
        let handled = outcomes.into_iter().map(|outcome| match outcome {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => (self.handler)(Failure::Error(error)),
            Err(payload) => (self.handler)(Failure::Panic(payload)),
        });
        Poll::Ready(handled.collect())
    }
}

impl<T, E, H> fmt::Debug for Errback<T, E, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Errback").finish_non_exhaustive()
    }
}
