//! The results of async slots, awaited.

use std::any::Any;
use std::fmt;
use std::future::Future;
use std::mem;
use std::panic::{self, AssertUnwindSafe};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::thread;

use super::Pending;
use super::caught::Caught;
use super::many::Many;
use crate::args::Args;
use crate::discard::discard;
use crate::slot::Round;
use crate::snapshot::{SharedSlot, Snapshot};

/// From more futures than these on it pays to find out which were woken; the `join_all` of `futures`
/// draws the line at the same place.
const FEW: usize = 30;

/// The futures of one emission, side by side.
enum Futures<R> {
    /// The only one: in a list of its own an emission to one slot would take an eighth longer.
    One(Caught<R>),
    /// Polled one after the other: with few, that is quicker than to find out which were woken.
    Few(Vec<Stage<R>>),
    /// Polled where they were woken. Boxed, for an emission of few to be small: it is moved before
    /// its first poll.
    Many(Box<Many<R>>),
}

/// How far one of a few futures is.
enum Stage<R> {
    Pending(Pending<R>),
    Over(thread::Result<R>),
}

impl<R> Futures<R> {
    /// Of what each slot of an emission returned as it was called, or of its panic.
    fn new<A: Args>(snapshot: &Snapshot<A, Pending<R>>, args: A::In<'_>) -> Self {
        match snapshot.slots() {
            [slot] => match call_last(slot, snapshot, args) {
                Some(Ok(future)) => Self::One(Caught::new(future)),
                Some(Err(payload)) => Self::Few(vec![Stage::Over(Err(payload))]),
                None => Self::none(),
            },
            slots if slots.len() <= FEW => {
                let mut stages = Vec::with_capacity(slots.len());
                call_all(snapshot, args, |called| {
                    // So that `push` never has to grow: where it may, rustc 1.95 writes each stage
                    // twice, and an emission to 16 slots takes an eighth longer.
                    assert!(stages.len() < stages.capacity());
                    stages.push(Stage::new(called));
                });
                Self::Few(stages)
            }
            slots => {
                let mut many = Box::new(Many::new(slots.len()));
                call_all(snapshot, args, |called| many.push(called));
                Self::Many(many)
            }
        }
    }

    /// Of no slots.
    fn none() -> Self {
        Self::Few(Vec::new())
    }

    /// Once all are over, what `each` makes of every one, in order.
    fn poll<T>(
        &mut self,
        cx: &mut Context<'_>,
        mut each: impl FnMut(thread::Result<R>) -> T,
    ) -> Poll<Vec<T>> {
        let stages = match self {
            Self::One(future) => {
                let outcome = ready!(Pin::new(future).poll(cx));
                *self = Self::none();
                return Poll::Ready(vec![each(outcome)]);
            }
            Self::Few(stages) => stages,
            Self::Many(many) => {
                let outcomes = ready!(many.poll(cx));
                return Poll::Ready(outcomes.into_iter().map(each).collect());
            }
        };
        ready!(poll_few(stages, cx));
        let mut results = Vec::with_capacity(stages.len());
        for stage in mem::take(stages) {
            if let Stage::Over(outcome) = stage {
                results.push(each(outcome));
            }
        }
        Poll::Ready(results)
    }
}

impl<R> Stage<R> {
    fn new(called: thread::Result<Pending<R>>) -> Self {
        match called {
            Ok(future) => Self::Pending(future),
            Err(payload) => Self::Over(Err(payload)),
        }
    }
}

/// Calls every slot in order, whatever the others do, and hands on what each returned or the payload
/// of its panic.
fn call_all<A: Args, R>(
    snapshot: &Snapshot<A, R>,
    args: A::In<'_>,
    mut each: impl FnMut(thread::Result<R>),
) {
    let Some((last, others)) = snapshot.slots().split_last() else {
        return;
    };
    let mut others = others.iter();
    let mut round = Round {
        among: snapshot,
        args,
    };
    while !others.as_slice().is_empty() {
        // One `catch_unwind` for as many slots as do not panic.
        let turns = AssertUnwindSafe(|| {
            while snapshot.is_plain() {
                let Some(slot) = others.next() else { return };
                each(Ok(slot.call(A::lend(&mut round.args))));
            }
            for slot in others.by_ref() {
                if let Some(result) = slot.turn(&mut round) {
                    each(Ok(result));
                }
            }
        });
        if let Err(payload) = panic::catch_unwind(turns) {
            each(Err(payload));
        }
    }
    if let Some(called) = call_last(last, snapshot, round.args) {
        each(called);
    }
}

/// What the last slot returned, or the payload of its panic; `None` where it was not called.
fn call_last<A: Args, R>(
    slot: &SharedSlot<A, R>,
    snapshot: &Snapshot<A, R>,
    args: A::In<'_>,
) -> Option<thread::Result<R>> {
    panic::catch_unwind(AssertUnwindSafe(|| slot.last_turn(snapshot, args))).transpose()
}

/// Polls those that are pending; ready when none is.
fn poll_few<R>(stages: &mut [Stage<R>], cx: &mut Context<'_>) -> Poll<()> {
    let mut pending = false;
    let mut next = 0;
    while next < stages.len() {
        // One `catch_unwind` for as many futures as do not panic. Whoever polls after a panic is told
        // so: nothing here is left half changed.
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
            discard(mem::replace(
                &mut stages[next - 1],
                Stage::Over(Err(payload)),
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
    pub(crate) fn new<A: Args>(snapshot: &Snapshot<A, Pending<R>>, args: A::In<'_>) -> Self {
        Self {
            futures: Futures::new(snapshot, args),
        }
    }

    /// The emission where there are no slots.
    pub(crate) fn of_none() -> Self {
        Self {
            futures: Futures::none(),
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
