//! Emissions whose slots return futures.

use std::any::Any;
use std::fmt;
use std::future::Future;
use std::mem;
use std::panic::{self, AssertUnwindSafe};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::thread;

use futures_core::FusedFuture;

use crate::args::Args;
use crate::asynchronous::Pending;
use crate::asynchronous::many::Many;
#[cfg(feature = "tracing")]
use crate::asynchronous::observed::Observed;
use crate::core::Snapshot;
use crate::discard::discard;
use crate::returns::Returns;

/// With more futures than this, it pays to track which were woken. The `join_all` of `futures` has the
/// same threshold.
const FEW: usize = 30;

/// The futures of one emission, to be awaited concurrently.
pub(super) enum Futures<R> {
    /// A single one needs no list: to allocate one would make an emission to one slot a quarter slower.
    /// `None` if there is none.
    One(Option<Stage<R>>),
    /// Polled one after the other: for a few, that is faster than tracking which were woken.
    Few(Vec<Stage<R>>),
    /// Polled when they are woken. Boxed to keep an emission of a few small, because it is moved before
    /// its first poll.
    Many(Box<Many<R>>),
}

/// The state of one of a few futures.
pub(super) enum Stage<R> {
    Pending(Pending<R>),
    Done(thread::Result<R>),
}

impl<R> Stage<R> {
    fn new(called: thread::Result<Pending<R>>) -> Self {
        match called {
            Ok(future) => Self::Pending(future),
            Err(payload) => Self::Done(Err(payload)),
        }
    }

    fn outcome(self) -> Option<thread::Result<R>> {
        match self {
            Self::Pending(_) => None,
            Self::Done(outcome) => Some(outcome),
        }
    }
}

impl<R> Futures<R> {
    /// Calls this many slots, each by `call_next`, and keeps the futures that they return.
    pub(super) fn new<'a, A: Args>(
        slots: usize,
        args: A::In<'a>,
        call_next: impl FnMut(&mut usize, &mut Option<A::In<'a>>) -> Option<Pending<R>>,
    ) -> Self {
        match slots {
            0 | 1 => {
                let mut only = None;
                call_each::<A, _>(call_next, args, |called| only = Some(Stage::new(called)));
                Self::One(only)
            }
            slots if slots <= FEW => {
                let mut stages = Vec::with_capacity(slots);
                call_each::<A, _>(call_next, args, |called| {
                    // So that `push` never has to grow: if it might, rustc 1.95 writes each stage twice,
                    // and an emission to 16 slots takes an eighth longer.
                    assert!(stages.len() < stages.capacity());
                    stages.push(Stage::new(called));
                });
                Self::Few(stages)
            }
            slots => {
                let mut many = Box::new(Many::new(slots));
                call_each::<A, _>(call_next, args, |called| many.push(called));
                Self::Many(many)
            }
        }
    }

    /// No futures.
    pub(super) fn none() -> Self {
        Self::One(None)
    }

    /// Polls the futures. Returns `Ready` once all are done.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        match self {
            Self::One(stage) => poll_few(stage.as_mut_slice(), cx),
            Self::Few(stages) => poll_few(stages, cx),
            Self::Many(many) => many.poll(cx),
        }
    }

    /// Takes the outcomes of futures that are all done. Returns what `each` makes of them, in order.
    pub(super) fn take<T>(&mut self, each: impl FnMut(thread::Result<R>) -> T) -> Returns<T> {
        match self {
            Self::One(stage) => {
                let outcome = stage.take().and_then(Stage::outcome);
                collect(1, outcome.into_iter().map(each))
            }
            Self::Few(stages) => {
                let stages = mem::take(stages);
                let at_most = stages.len();
                let outcomes = stages.into_iter().filter_map(Stage::outcome);
                collect(at_most, outcomes.map(each))
            }
            Self::Many(many) => {
                let outcomes = many.take_outcomes();
                collect(outcomes.len(), outcomes.into_iter().flatten().map(each))
            }
        }
    }
}

/// Collects results, of which there are at most this many.
fn collect<T>(at_most: usize, results: impl Iterator<Item = T>) -> Returns<T> {
    let mut collected = Returns::with_capacity(at_most);
    for result in results {
        collected.push(result);
    }
    collected
}

/// Calls every slot in order by `call_next`, whether or not others panic, and `each` with what it returned or the payload
/// of its panic.
fn call_each<'a, A: Args, R>(
    mut call_next: impl FnMut(&mut usize, &mut Option<A::In<'a>>) -> Option<R>,
    args: A::In<'a>,
    mut each: impl FnMut(thread::Result<R>),
) {
    let (mut next, mut args) = (0, Some(args));
    loop {
        // One `catch_unwind` for as many slots as do not panic.
        let calls = panic::catch_unwind(AssertUnwindSafe(|| {
            while let Some(result) = call_next(&mut next, &mut args) {
                each(Ok(result));
            }
        }));
        match calls {
            Ok(()) => break,
            Err(payload) => each(Err(payload)),
        }
    }
}

/// Polls the futures that are pending. Returns `Ready` if none is pending any more.
fn poll_few<R>(stages: &mut [Stage<R>], cx: &mut Context<'_>) -> Poll<()> {
    let mut pending = false;
    let mut next = 0;
    while next < stages.len() {
        // One `catch_unwind` serves all futures up to the next panic. It is unwind safe: a future that
        // panicked is never polled again, and nothing else is left half changed.
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

/// A future that runs the futures of one emission concurrently and resolves to their results, in
/// call order, as [`Returns`]. Created by [`AsyncSignal::emit`](crate::AsyncSignal#method.emit) and
/// [`Registry::emit_async`](crate::Registry::emit_async).
///
/// The slots have already been called when it is created. Only their futures remain to be awaited.
/// It does not borrow the signal: the signal may be dropped, and slots may be disconnected.
/// Dropping it drops the futures. If there are many futures, only those that were woken are polled.
///
/// # Panics
///
/// If a slot or its future panicked, awaiting panics with the same payload once all others have
/// finished. If there are several payloads, it panics with the first in call order. To handle
/// panics instead, see [`catch_unwind`](Self::catch_unwind) and [`errback`](Self::errback).
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
    pub(super) futures: Futures<R>,
    /// It has resolved.
    pub(super) terminated: bool,
    /// What it tells a subscriber, if one listens.
    #[cfg(feature = "tracing")]
    pub(super) observed: Option<Box<Observed>>,
}

/// Each future is pinned in a box of its own, and the results are not pinned, so this may move.
impl<R> Unpin for Emission<R> {}

impl<R> Emission<R> {
    /// Calls the slots that `snapshot` contains and keeps the futures that they return.
    pub(crate) fn new<A: Args>(snapshot: Snapshot<A, Pending<R>>, args: A::In<'_>) -> Self {
        let emission = match snapshot.as_deref() {
            Some(list) => Self::of(Futures::new::<A>(list.slots().len(), args, |next, args| {
                list.call_next(next, args)
            })),
            None => Self::of_none(),
        };
        drop(snapshot); // explicitly, or a panic in its drop would leak the futures: see `Core::emit`
        emission
    }

    /// An emission without slots.
    pub(crate) fn of_none() -> Self {
        Self::of(Futures::none())
    }

    pub(super) fn of(futures: Futures<R>) -> Self {
        Self {
            futures,
            terminated: false,
            #[cfg(feature = "tracing")]
            observed: None,
        }
    }

    /// Polls the futures. Once all are done, returns what `each` makes of their outcomes, in order.
    fn poll_outcomes<T>(
        &mut self,
        cx: &mut Context<'_>,
        each: impl FnMut(thread::Result<R>) -> T,
    ) -> Poll<Returns<T>> {
        #[cfg(feature = "tracing")]
        if let Some(observed) = self.observed.take() {
            return self.poll_observed(observed, cx, each);
        }
        ready!(self.futures.poll(cx));
        self.terminated = true;
        Poll::Ready(self.futures.take(each))
    }

    /// Keeps panics apart: returns a future that resolves to a [`std::thread::Result`] for each slot, in
    /// call order, in which a panic of the slot or of its future is an `Err` with its payload.
    ///
    /// If a slot panics while it changes a value, the value may be left inconsistent, as with
    /// [`std::panic::catch_unwind`]. With `panic = "abort"`, a panic still aborts the process.
    ///
    /// ```
    /// use smoke_signal::AsyncSignal;
    ///
    /// static PLUGINS: AsyncSignal<(), &str> = AsyncSignal::new();
    ///
    /// PLUGINS.connect(async || panic!("bad plugin"));
    /// PLUGINS.connect(async || "good plugin");
    ///
    /// # futures::executor::block_on(async {
    /// let outcomes = PLUGINS.emit().catch_unwind().await;
    /// assert!(outcomes[0].is_err());
    /// assert_eq!(*outcomes[1].as_ref().unwrap(), "good plugin");
    /// # });
    /// ```
    pub fn catch_unwind(self) -> CaughtEmission<R> {
        CaughtEmission { emission: self }
    }
}

impl<T, E> Emission<Result<T, E>> {
    /// Handles failures: `handler` is called for each slot that panicked or whose future returned an
    /// error, and its result replaces that of the slot. The returned future resolves to
    /// `Returns<Result<T, E2>>`, in call order.
    ///
    /// The handler is called once all futures have finished, in call order. This corresponds to
    /// `errback` of smokesignal with Twisted.
    ///
    /// # Panics
    ///
    /// If the handler panics, awaiting panics with its payload.
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
    type Output = Returns<R>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Returns<R>> {
        self.poll_outcomes(cx, |outcome| {
            outcome.unwrap_or_else(|payload| panic::resume_unwind(payload))
        })
    }
}

/// It is terminated once it has resolved or panicked.
impl<R> FusedFuture for Emission<R> {
    fn is_terminated(&self) -> bool {
        self.terminated
    }
}

impl<R> fmt::Debug for Emission<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Emission").finish_non_exhaustive()
    }
}

/// An emission whose panics are caught. Created by [`Emission::catch_unwind`].
#[must_use = "the futures of the slots run only as this is awaited"]
pub struct CaughtEmission<R> {
    emission: Emission<R>,
}

impl<R> Future for CaughtEmission<R> {
    type Output = Returns<thread::Result<R>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.emission.poll_outcomes(cx, |outcome| outcome)
    }
}

/// It is terminated once it has resolved.
impl<R> FusedFuture for CaughtEmission<R> {
    fn is_terminated(&self) -> bool {
        self.emission.terminated
    }
}

impl<R> fmt::Debug for CaughtEmission<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CaughtEmission").finish_non_exhaustive()
    }
}

/// How an async slot failed: the argument of an [`errback`](Emission::errback) handler.
#[derive(Debug)]
pub enum Failure<E> {
    /// Its future returned this error.
    Error(E),
    /// The slot or its future panicked with this payload.
    Panic(Box<dyn Any + Send>),
}

/// An emission whose failures are handled. Created by [`Emission::errback`].
#[must_use = "the futures of the slots run only as this is awaited"]
pub struct Errback<T, E, H> {
    emission: Emission<Result<T, E>>,
    handler: H,
}

/// The handler is never pinned, so this may move.
impl<T, E, H> Unpin for Errback<T, E, H> {}

impl<T, E, E2, H> Future for Errback<T, E, H>
where
    H: FnMut(Failure<E>) -> Result<T, E2>,
{
    type Output = Returns<Result<T, E2>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Self { emission, handler } = &mut *self;
        emission.poll_outcomes(cx, |outcome| match outcome {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => handler(Failure::Error(error)),
            Err(payload) => handler(Failure::Panic(payload)),
        })
    }
}

/// It is terminated once it has resolved or its handler has panicked.
impl<T, E, H> FusedFuture for Errback<T, E, H>
where
    Self: Future,
{
    fn is_terminated(&self) -> bool {
        self.emission.terminated
    }
}

impl<T, E, H> fmt::Debug for Errback<T, E, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Errback").finish_non_exhaustive()
    }
}
