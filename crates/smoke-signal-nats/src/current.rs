//! What the calling thread is delivering.

use std::cell::{Cell, OnceCell};
use std::sync::Arc;

use crate::origin::Origin;

/// What a slot is being called with, if it is called because of a message.
///
/// A bridge may deliver a message more than once. [`origin`](Self::origin), [`subject`](Self::subject) and
/// [`sequence`](Self::sequence) together identify an emission, so they are a key to remember what has been done already.
///
/// ```
/// use std::time::Duration;
///
/// use smoke_signal::Signal;
/// use smoke_signal_nats::{Delivery, Loopback};
///
/// static PAID: Signal<(u64,)> = Signal::new();
///
/// # futures_executor::block_on(async {
/// let (loopback, done) = (Loopback::new(), std::sync::mpsc::channel());
/// let (shop, bank) = (loopback.bridge(), loopback.bridge());
/// let _link = shop.receive(&PAID, "bank.paid.v1").unwrap();
/// PAID.connect(move |cents| done.0.send((cents, Delivery::current())).unwrap());
///
/// # shop.flush(Duration::from_secs(30)).await.unwrap();
/// // Another signal, because what one bridge receives here would be an emission for the other.
/// static PAYING: Signal<(u64,)> = Signal::new();
/// let _link = bank.send(&PAYING, "bank.paid.v1").unwrap();
/// PAYING.emit(250);
///
/// let (cents, delivery) = done.1.recv().unwrap();
/// let delivery = delivery.unwrap();
/// assert_eq!((cents, delivery.sequence(), delivery.is_redelivery()), (250, 1, false));
/// assert_eq!(delivery.origin(), bank.origin());
/// # });
/// ```
#[derive(Clone, Debug)]
pub struct Delivery {
    message: Delivered,
    subject: Arc<str>,
}

/// What is being delivered.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Delivered {
    pub(crate) origin: Origin,
    pub(crate) sequence: u64,
    pub(crate) attempt: u64,
    pub(crate) hops: u8,
}

impl Delivery {
    /// The delivery that the calling thread is making. `None` if it makes none: the emission is local. A thread that a
    /// slot starts, or hands something to, makes none either.
    pub fn current() -> Option<Self> {
        let Current { message, .. } = CURRENT.get()?;
        let subject = SUBJECT.try_with(|subject| subject.get().cloned());
        Some(Self {
            message,
            subject: subject.ok().flatten()?,
        })
    }

    /// The bridge that sent the message.
    pub fn origin(&self) -> Origin {
        self.message.origin
    }

    /// The subject that it came by.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// The number of the emission among those that the origin sends to the subject, from 1 on.
    pub fn sequence(&self) -> u64 {
        self.message.sequence
    }

    /// Returns `true` if a durable bridge delivers this again. An earlier delivery, here or in a process before this one,
    /// was not acknowledged: a slot panicked, or the process ended in its midst.
    pub fn is_redelivery(&self) -> bool {
        self.message.attempt > 1
    }
}

/// Which link an emission would be sent on by: that of this signal and subject of this bridge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Path {
    pub(crate) bridge: Origin,
    pub(crate) line: usize,
    /// The address of the signal.
    pub(crate) signal: usize,
}

#[derive(Clone, Copy)]
struct Current {
    message: Delivered,
    /// Where the message came from. Taken by the first slot that would send it back there: it is called before any that
    /// could emit the same signal again.
    echo: Option<Path>,
}

thread_local! {
    static CURRENT: Cell<Option<Current>> = const { Cell::new(None) };
    /// A thread delivers what comes by one subject.
    static SUBJECT: OnceCell<Arc<str>> = const { OnceCell::new() };
    static MAY_WAIT: Cell<bool> = const { Cell::new(true) };
}

/// The calling thread is to deliver what comes by this subject, and nothing else.
pub(crate) fn delivers(subject: Arc<str>) {
    SUBJECT.with(|of_thread| drop(of_thread.set(subject)));
}

/// Calls `f` as part of a delivery.
pub(crate) fn delivering<T>(message: Delivered, path: Path, f: impl FnOnce() -> T) -> T {
    struct Reset;
    impl Drop for Reset {
        fn drop(&mut self) {
            CURRENT.set(None);
        }
    }
    CURRENT.set(Some(Current {
        message,
        echo: Some(path),
    }));
    let _reset = Reset;
    f()
}

/// How many bridges have sent on what is being emitted, if it is to be sent on by this path. `None`: it is the message
/// that has come from there.
pub(crate) fn hops(path: Path) -> Option<u8> {
    match CURRENT.get() {
        None => Some(0),
        Some(current) if current.echo == Some(path) => {
            CURRENT.set(Some(Current {
                echo: None,
                ..current
            }));
            None
        }
        Some(current) => Some(current.message.hops.saturating_add(1)),
    }
}

/// The thread that empties the queue must not wait for room in it.
pub(crate) fn never_wait() {
    MAY_WAIT.set(false);
}

pub(crate) fn may_wait() -> bool {
    MAY_WAIT.get()
}
