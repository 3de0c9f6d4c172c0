//! The slot through which a stream listens to a signal, and the buffer that both share.

use std::collections::VecDeque;
use std::mem;
use std::panic::{self, AssertUnwindSafe};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Poll, Waker};
use std::thread;

use crate::args::Args;
use crate::asynchronous::reader::Reader;
use crate::core::{Arguments, Head, Slot, SlotHooks, SlotView};
use crate::discard::discard;
use crate::owner::SlotOwner;

/// The state that the slot and the reader share.
pub(super) struct Shared<T> {
    buffer: Mutex<Buffer<T>>,
    /// Woken and dropped without the lock of the buffer, because that runs user code.
    reader: Reader,
}

struct Buffer<T> {
    items: VecDeque<T>,
    capacity: usize,
    missed: u64,
    /// How many calls of the slot have begun and have not delivered their item yet.
    calls: usize,
    /// The slot has left its signal: no call begins any more.
    left: bool,
}

impl<T> Buffer<T> {
    /// Adds an item. Returns the oldest if there is no room for it.
    fn push(&mut self, item: T) -> Option<T> {
        self.items.push_back(item);
        if self.items.len() <= self.capacity {
            return None;
        }
        self.missed += 1;
        self.items.pop_front()
    }

    /// No item will be added any more.
    fn has_ended(&self) -> bool {
        self.left && self.calls == 0
    }
}

impl<T> Shared<T> {
    pub(super) fn new(capacity: usize) -> Arc<Self> {
        Arc::new(Self {
            buffer: Mutex::new(Buffer {
                items: VecDeque::new(),
                capacity,
                missed: 0,
                calls: 0,
                left: false,
            }),
            reader: Reader::new(),
        })
    }

    /// Runs `look` under the lock. It must not run user code.
    fn with<U>(&self, look: impl FnOnce(&mut Buffer<T>) -> U) -> U {
        look(&mut self.buffer.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes the oldest item. Returns `Ready(None)` at the end.
    pub(super) fn poll_next(&self, waker: &Waker) -> Poll<Option<T>> {
        // Before looking at the buffer: an item that arrives before the look is seen, and one that arrives
        // after it wakes this reader.
        self.reader.register(waker);
        self.with(|buffer| match buffer.items.pop_front() {
            None if !buffer.has_ended() => Poll::Pending,
            next => Poll::Ready(next),
        })
    }

    pub(super) fn missed(&self) -> u64 {
        self.with(|buffer| buffer.missed)
    }

    pub(super) fn size_hint(&self) -> (usize, Option<usize>) {
        let (buffered, ended) = self.with(|b| (b.items.len(), b.has_ended()));
        (buffered, ended.then_some(buffered))
    }

    /// Takes all items out, for the caller to drop, and keeps none that arrive later.
    pub(super) fn close(&self) -> impl Sized + use<T> {
        self.with(|buffer| {
            buffer.capacity = 0;
            mem::take(&mut buffer.items)
        })
    }

    /// Begins a call of the slot, unless the slot has left.
    fn begin_call(&self) -> Option<Call<'_, T>> {
        self.with(|buffer| {
            buffer.calls += usize::from(!buffer.left);
            !buffer.left
        })
        .then(|| Call(self))
    }

    /// The slot has left its signal. This is the end, unless calls are running.
    fn leave(&self) {
        let ends = self.with(|buffer| !mem::replace(&mut buffer.left, true) && buffer.has_ended());
        if ends {
            self.reader.wake();
        }
    }
}

/// A call of the slot. Until it has delivered its item or is dropped, the stream does not end.
struct Call<'s, T>(&'s Shared<T>);

impl<T> Call<'_, T> {
    fn deliver(self, item: T) {
        let Self(shared) = self;
        mem::forget(self); // this ends the call
        let oldest = shared.with(|buffer| {
            buffer.calls -= 1;
            buffer.push(item)
        });
        shared.reader.wake();
        drop(oldest);
    }
}

impl<T> Drop for Call<'_, T> {
    fn drop(&mut self) {
        let ends = self.0.with(|buffer| {
            buffer.calls -= 1;
            buffer.has_ended()
        });
        if !ends {
        } else if thread::panicking() {
            // The clone of an argument panicked. If the waker panicked too, the process would abort.
            let wake = AssertUnwindSafe(|| self.0.reader.wake());
            if let Err(payload) = panic::catch_unwind(wake) {
                discard(payload);
            }
        } else {
            self.0.reader.wake();
        }
    }
}

/// A slot that makes an item of the arguments of each emission and hands it to a stream. It adds no
/// result to the emission.
pub(super) struct ListenerSlot<T, F> {
    head: Head,
    listener: Listener<T>,
    make: F,
}

/// Ends the stream as soon as the slot has left its signal, even if an emission in progress still holds
/// the slot; or when it is dropped with its signal.
struct Listener<T>(Arc<Shared<T>>);

impl<T, F> ListenerSlot<T, F> {
    pub(super) fn new(shared: Arc<Shared<T>>, max_calls: Option<u32>, make: F) -> Self {
        Self {
            head: Head::new(max_calls),
            listener: Listener(shared),
            make,
        }
    }
}

impl<A: Args, R, T, F> Slot<A, R> for ListenerSlot<T, F>
where
    T: Send + 'static,
    F: for<'a> Fn(A::In<'a>) -> T + Send + Sync + 'static,
{
    fn view(&self) -> SlotView<'_> {
        SlotView {
            head: &self.head,
            hooks: Some(&self.listener),
        }
    }

    fn call(&self, _args: A::In<'_>) -> R {
        unreachable!("a listening slot is called only through `try_call`")
    }

    fn try_call(&self, owner: &SlotOwner, args: Arguments<'_, '_, A>) -> Option<R> {
        // Before the charge, because with the last call of its budget the slot leaves.
        let call = self.listener.0.begin_call()?;
        if self.head.acquire_call(owner) {
            let item = args.pass(|args| (self.make)(args));
            call.deliver(item);
        }
        None
    }
}

impl<T> SlotHooks for Listener<T> {
    fn release(&self) {
        self.0.leave();
    }
}

impl<T> Drop for Listener<T> {
    fn drop(&mut self) {
        self.0.leave();
    }
}
