//! Helpers.

use std::future::Future;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use smoke_signal::Signal;
use smoke_signal_nats::{Bridge, Codec};

/// Longer than anything takes.
pub(crate) const LONG: Duration = Duration::from_secs(60);
/// How long to watch that something does not happen.
pub(crate) const SHORT: Duration = Duration::from_millis(100);

pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    futures_executor::block_on(future)
}

/// A signal of one process, and what its slot has been called with.
pub(crate) struct Heard<T: Clone + Send + 'static> {
    pub(crate) signal: Arc<Signal<(T,)>>,
    calls: Receiver<T>,
}

/// What most tests speak of.
pub(crate) fn numbers() -> Heard<u32> {
    Heard::new()
}

impl<T: Clone + Send + 'static> Heard<T> {
    pub(crate) fn new() -> Self {
        let (heard, calls) = channel();
        let signal = Arc::new(Signal::<(T,)>::new());
        signal.connect(move |value| {
            // A test that has ended hears nothing.
            let _ended = heard.send(value);
        });
        Self { signal, calls }
    }

    #[track_caller]
    pub(crate) fn next(&self) -> T {
        self.calls.recv_timeout(LONG).expect("nothing was heard")
    }

    #[track_caller]
    pub(crate) fn take(&self, count: usize) -> Vec<T> {
        (0..count).map(|_| self.next()).collect()
    }

    /// Nothing more comes.
    #[track_caller]
    pub(crate) fn is_quiet(&self)
    where
        T: std::fmt::Debug + PartialEq,
    {
        assert_eq!(
            self.calls.recv_timeout(SHORT),
            Err(RecvTimeoutError::Timeout)
        );
    }
}

/// Waits until `condition` holds.
#[track_caller]
pub(crate) fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < LONG, "waited in vain until {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Waits until everything has gone out, and links are in effect.
#[track_caller]
pub(crate) fn flush<C: Codec>(bridges: &[&Bridge<C>]) {
    for bridge in bridges {
        block_on(bridge.flush(LONG)).expect("the bridge was not flushed");
    }
}
