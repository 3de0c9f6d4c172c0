//! Streams of emissions, and `next`.

use futures::{FutureExt, Stream, StreamExt};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use futures::task::{self, ArcWake};

use crate::common::Counter;

mod drops;
mod ends;
mod fused;
mod items;
mod maps;
mod next;
mod reentrancy;
mod results;
mod threads;
mod waking;

/// A waker that calls a function.
struct Task<F>(F);

impl<F: Fn() + Send + Sync + 'static> ArcWake for Task<F> {
    fn wake_by_ref(task: &Arc<Self>) {
        (task.0)();
    }
}

fn waking(call: impl Fn() + Send + Sync + 'static) -> Waker {
    task::waker(Arc::new(Task(call)))
}

/// A waker, and a count of its wake-ups.
fn counting() -> (Counter, Waker) {
    let woken = Counter::default();
    let waker = waking(woken.adding());
    (woken, waker)
}

fn poll<S: Stream + Unpin>(stream: &mut S, waker: &Waker) -> Poll<Option<S::Item>> {
    stream.poll_next_unpin(&mut Context::from_waker(waker))
}

/// The items that are ready.
fn ready<S: Stream + Unpin>(stream: &mut S) -> Vec<S::Item> {
    let mut items = Vec::new();
    while let Poll::Ready(Some(item)) = poll(stream, Waker::noop()) {
        items.push(item);
    }
    items
}

/// The output of a future that is ready.
fn now<F: Future>(future: F) -> F::Output {
    future.now_or_never().expect("it is ready")
}

fn has_ended<S: Stream + Unpin>(stream: &mut S) -> bool {
    matches!(poll(stream, Waker::noop()), Poll::Ready(None))
}
