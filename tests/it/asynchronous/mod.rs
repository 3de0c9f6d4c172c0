//! Async signals: what an emission calls at once and what it leaves to be awaited, how results and failures
//! arrive, and which tasks are woken and polled. Tests that need an executor are in crates/executors.

#![allow(
    clippy::unused_async,
    reason = "async functions are slots, whether or not they wait for anything"
)]

use std::future::{Future, poll_fn};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

use smoke_signal::AsyncSignal;

mod caught;
mod connector;
mod emissions;
mod failures;
mod signals;
mod tuples;
mod twisted;
mod waking;
mod weak;

/// A gate that futures wait for. Counts how often they are polled.
#[derive(Default)]
struct Gate {
    polls: AtomicUsize,
    state: Mutex<(bool, Option<Waker>)>,
}

impl Gate {
    fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Resolves when the gate is open.
    fn wait(self: &Arc<Self>) -> impl Future<Output = ()> + Send + use<> {
        let gate = Arc::clone(self);
        poll_fn(move |cx| {
            gate.polls.fetch_add(1, Ordering::Relaxed);
            let mut state = gate.state.lock().unwrap();
            if state.0 {
                return Poll::Ready(());
            }
            state.1 = Some(cx.waker().clone());
            Poll::Pending
        })
    }

    fn open(&self) {
        self.state.lock().unwrap().0 = true;
        self.wake();
    }

    /// Wakes the waiting task, whether or not the gate is open.
    fn wake(&self) {
        if let Some(waker) = self.waker() {
            waker.wake();
        }
    }

    fn waker(&self) -> Option<Waker> {
        self.state.lock().unwrap().1.take()
    }

    fn polls(&self) -> usize {
        self.polls.load(Ordering::Relaxed)
    }
}

/// A waker that counts wake-ups.
#[derive(Default)]
struct Wakes(AtomicUsize);

impl Wakes {
    fn new() -> Arc<Self> {
        Arc::default()
    }

    fn take(&self) -> usize {
        self.0.swap(0, Ordering::Relaxed)
    }

    /// Polls again for as long as the future wakes itself while it is polled.
    fn poll<F: Future + Unpin>(self: &Arc<Self>, future: &mut F) -> Poll<F::Output> {
        loop {
            self.take();
            let polled = poll_with(future, &Waker::from(Arc::clone(self)));
            if polled.is_ready() || self.take() == 0 {
                return polled;
            }
        }
    }
}

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

fn poll_with<F: Future + Unpin>(future: &mut F, waker: &Waker) -> Poll<F::Output> {
    std::pin::Pin::new(future).poll(&mut Context::from_waker(waker))
}

/// Polls until the future waits.
fn poll<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
    Wakes::new().poll(future)
}

#[track_caller]
fn assert_pending<F: Future<Output: std::fmt::Debug> + Unpin>(future: &mut F) {
    match poll(future) {
        Poll::Pending => {}
        Poll::Ready(output) => panic!("it is ready: {output:?}"),
    }
}

/// One future, a few and many are polled differently. Adding this many idle slots covers each case.
const OTHERS: [usize; 3] = [0, 1, 64];

fn add_others<R: Default + Send + 'static>(signal: &AsyncSignal<(), R>, slots: usize) {
    for _ in 0..slots {
        signal.connect(|| async { R::default() });
    }
}
