//! Faults in async signals and streams.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use crate::common::{Counter, throw};

mod futures;
mod streams;
mod wakers;

const MANY: usize = 33;

/// The first, a middle and the last position.
fn positions(slots: usize) -> Vec<usize> {
    let mut positions = vec![0, slots / 2, slots - 1];
    positions.dedup();
    positions
}

/// A waker that counts how often it is woken, and may panic as it is woken or dropped.
struct Task {
    woken: Counter,
    wake_panics: bool,
    drop_panics: bool,
}

impl Wake for Task {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.woken.add();
        if self.wake_panics {
            throw("wake");
        }
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        if self.drop_panics {
            throw("waker");
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum WakerFault {
    No,
    Wake,
    Drop,
}

fn waker(fault: WakerFault) -> (Waker, Counter) {
    let woken = Counter::default();
    let task = Arc::new(Task {
        woken: woken.clone(),
        wake_panics: fault == WakerFault::Wake,
        drop_panics: fault == WakerFault::Drop,
    });
    (Waker::from(task), woken)
}

/// Releases the share of the test in a waker whose last drop panics.
fn release(waker: Waker) {
    drop(catch_unwind(AssertUnwindSafe(|| drop(waker))));
}

fn poll<F: Future + Unpin>(future: &mut F, waker: &Waker) -> Poll<F::Output> {
    Pin::new(future).poll(&mut Context::from_waker(waker))
}
