//! Delivery on the thread that owns some state.

mod buffer;
mod closures;
mod slot;
mod source;
mod store;

use std::cell::Cell;
use std::fmt;
use std::panic::{self, AssertUnwindSafe, Location, RefUnwindSafe, UnwindSafe};
use std::rc::Rc;
use std::sync::Arc;

pub use self::source::{PassTo, QueueSource};

use self::buffer::Buffer;
use self::closures::Closures;
use self::slot::QueueSlot;
use self::source::sealed::PassTo as _;
use self::store::Store;

use crate::discard::discard;
use crate::keys::Connection;

/// Delivers emissions on one thread, that of the queue, whichever threads emit.
///
/// A user interface, a game or an interpreter has state that lives on one thread. A slot that uses it cannot be
/// connected to a [`Signal`](crate::Signal), which any thread may emit. Through a queue it can: what is connected
/// to the signal only stores the arguments. [`drain`](Self::drain), which the queue's thread calls in its loop,
/// calls the closure with them. So the closure need not be `Send`, may hold an `Rc`, and may change what it
/// captured.
///
/// ```
/// use smoke_signal::{Queue, Signal};
/// use std::thread;
///
/// static LOADED: Signal<(String, usize)> = Signal::new();
///
/// let queue = Queue::new(64);
/// let mut total = 0;
/// queue.connect(&LOADED, move |path, bytes| {
///     total += bytes;
///     println!("{path}; {total} bytes so far");
/// });
///
/// let worker = thread::spawn(|| {
///     LOADED.emit("a.txt".to_owned(), 100);
///     LOADED.emit("b.txt".to_owned(), 250);
/// });
/// worker.join().unwrap();
/// assert_eq!(queue.drain(), 2); // both are printed here
/// ```
///
/// Qt calls this a queued connection, psygnal `emit_queued`. An emission on the queue's own thread is stored too.
/// The page [threads](crate::threads) compares a queue with a channel and a stream, and shows how event loops use
/// it.
///
/// # What is delivered
///
/// - **In order.** One queue listens to any number of signals. What one thread emits is delivered in the order of
///   emission, over all of them. Between threads, the order is that in which they stored their calls.
/// - **Once.** Each stored call is delivered, missed or discarded, and only one of these.
/// - **Missed.** If `capacity` calls are stored, the oldest is dropped to make room for the newest, and
///   [`missed`](Self::missed) counts it. An emitter never waits for the queue's thread.
/// - **Discarded.** What is stored when its slot is disconnected, or when the queue is dropped, is dropped.
/// - **No result.** The slot adds none to the emission, whatever the other slots return.
/// - **Visibility.** What an emitter did before it emitted is visible to the closure.
///
/// If the signal is dropped, what is stored is still delivered. While the slot is [blocked](crate::Signal::block),
/// nothing is stored; what was stored before is delivered.
///
/// # Disconnecting
///
/// The key that `connect` returns belongs to the signal, like that of any other slot. It is used with
/// [`Signal::disconnect`](crate::Signal::disconnect), `scoped`, `block` and `contains` of that signal or its
/// connector, on any thread. Disconnecting discards what is stored at once, even if an emission in progress still
/// holds the slot, and no call begins after that. A call that has begun continues: the closure may disconnect
/// itself, or another thread may disconnect meanwhile. (It cannot be waited for by
/// [`disconnect_and_wait`](crate::Signal::disconnect_and_wait): outside of `drain`, no call is running.)
///
/// Dropping the queue disconnects all its slots.
///
/// The closure is dropped on the queue's thread. If that thread disconnects, or drops a signal of which nothing is
/// stored, the closure is dropped at once, unless it is running; then it is dropped when it returns. If another
/// thread disconnects or drops, the next `drain` or `connect` drops the closure, or the drop of the queue. A
/// closure that owns its queue through an `Rc` keeps it alive for ever. Let it own a `Weak` instead.
///
/// # Re-entrancy and panics
///
/// No lock is held while user code runs: closures, the hook, the drop of arguments and closures. A closure may
/// emit any signal, also one that its own queue listens to: the next `drain` delivers that. It may connect to the
/// queue, disconnect itself and others, and call `drain`, which does nothing inside itself. [`drain`](Self::drain)
/// says what happens if it panics.
pub struct Queue {
    store: Arc<Store>,
    closures: Rc<Closures>,
    /// A `drain` is running.
    draining: Cell<bool>,
}

impl Queue {
    /// Creates a queue for this thread that stores at most `capacity` calls, of all its slots together.
    ///
    /// Memory is allocated as calls are stored, and kept for later ones: an emission allocates nothing, unless
    /// more calls of one slot are stored than ever before. While threads emit, each may have stored one call more
    /// for which it has not made room yet. A queue with a capacity of 0 stores nothing: each emission is missed.
    ///
    /// ```
    /// let queue = smoke_signal::Queue::new(1000);
    /// assert!(queue.is_empty());
    /// ```
    #[must_use = "a queue disconnects its slots when it is dropped"]
    pub fn new(capacity: usize) -> Self {
        let store = Store::new(capacity);
        Self {
            closures: Closures::of(&store),
            store,
            draining: Cell::new(false),
        }
    }

    /// Connects a closure to a signal: every emission that starts from now on stores its arguments, and
    /// [`drain`](Self::drain) calls `f` with them. The slot in the signal is one like others: it comes after those
    /// that were connected before, and is counted by [`len`](crate::Signal::len) and listed by
    /// [`slots`](crate::Signal::slots).
    ///
    /// `signal` is a [`Signal`](crate::Signal) or a [`Connector`](crate::Connector), with any result. Its
    /// arguments must be owned and `Send`. If a signal lends its arguments, connect a slot that emits what is
    /// needed of them through a second signal, and the queue to that one. `f` takes the arguments one by one and
    /// needs no annotations.
    ///
    /// The key belongs to the signal. See [Disconnecting](Self#disconnecting).
    ///
    /// ```
    /// use smoke_signal::{Queue, Signal};
    /// use std::cell::RefCell;
    /// use std::rc::Rc;
    ///
    /// static MOVED: Signal<(i32, i32)> = Signal::new();
    ///
    /// let queue = Queue::new(64);
    /// let path = Rc::new(RefCell::new(Vec::new()));
    /// let drawn = Rc::clone(&path);
    /// let slot = queue.connect(&MOVED, move |x, y| drawn.borrow_mut().push((x, y)));
    /// std::thread::spawn(|| MOVED.emit(3, 4)).join().unwrap();
    /// queue.drain();
    /// assert_eq!(*path.borrow(), [(3, 4)]);
    ///
    /// MOVED.emit(5, 6);
    /// assert!(MOVED.disconnect(slot)); // discards what is stored
    /// assert_eq!(queue.drain(), 0);
    /// ```
    #[track_caller]
    pub fn connect<S, F>(&self, signal: &S, mut f: F) -> Connection
    where
        S: QueueSource + ?Sized,
        S::Args: PassTo<F>,
        F: 'static,
    {
        self.connect_tuple(signal, move |args: S::Args| args.pass_to(&mut f))
    }

    /// Like [`connect`](Self::connect), but `f` takes the arguments as one tuple. Use it in code that is generic
    /// over the arguments of a signal.
    ///
    /// ```
    /// use smoke_signal::{Args, Queue, Signal};
    /// use std::fmt::Debug;
    ///
    /// fn log<A>(queue: &Queue, name: &'static str, signal: &Signal<A>)
    /// where
    ///     A: for<'a> Args<In<'a> = A> + Send + Debug,
    /// {
    ///     queue.connect_tuple(signal, move |args| println!("{name}: {args:?}"));
    /// }
    ///
    /// let queue = Queue::new(64);
    /// let (opened, closed) = (Signal::<(String,)>::new(), Signal::<()>::new());
    /// log(&queue, "opened", &opened);
    /// log(&queue, "closed", &closed);
    /// opened.emit("a.txt".to_owned());
    /// closed.emit();
    /// assert_eq!(queue.drain(), 2);
    /// ```
    #[track_caller]
    pub fn connect_tuple<S, F>(&self, signal: &S, f: F) -> Connection
    where
        S: QueueSource + ?Sized,
        F: FnMut(S::Args) + 'static,
    {
        let buffer = Arc::new(Buffer::<S::Args>::new());
        let slot = loop {
            self.closures.sweep(&self.store);
            if let Some(slot) = self.store.add(buffer.clone()) {
                break slot;
            }
        };
        self.closures.insert(slot, Arc::clone(&buffer), f);
        let signal = signal.as_signal();
        let listener = QueueSlot::new(Arc::clone(&self.store), slot, buffer);
        let connection = signal.attach(Arc::new(listener), Location::caller());
        self.closures.tie(slot, signal.scoped(connection));
        connection
    }

    /// Delivers what is stored when it is called, in order, and returns the number of calls. What is stored
    /// meanwhile stays for the next `drain`, so a closure that emits its own signal does not keep it running for
    /// ever.
    ///
    /// Returns 0 at once if it is called inside itself, from a closure.
    ///
    /// # Panics
    ///
    /// If a closure panics, the panic unwinds out of `drain`. The call counts as delivered, the slot stays
    /// connected, and what is still stored stays for the next `drain`, for which the [hook](Self::on_wake) is
    /// called again.
    ///
    /// ```
    /// use smoke_signal::{Queue, Signal};
    ///
    /// static TICK: Signal<(u32,)> = Signal::new();
    ///
    /// let queue = Queue::new(8);
    /// queue.connect(&TICK, |n| {
    ///     if n > 0 {
    ///         TICK.emit(n - 1);
    ///     }
    /// });
    /// TICK.emit(1);
    /// assert_eq!(queue.drain(), 1);
    /// assert_eq!(queue.drain(), 1);
    /// assert_eq!(queue.drain(), 0);
    /// ```
    pub fn drain(&self) -> usize {
        if self.draining.replace(true) {
            return 0;
        }
        let mut draining = Draining {
            queue: self,
            completed: false,
        };
        self.closures.sweep(&self.store);
        let end = self.store.begin_drain();
        let mut calls = 0;
        while let Some((slot, state)) = self.store.next_call(end) {
            self.closures.call(slot, &self.store, state);
            calls += 1;
        }
        self.closures.sweep(&self.store);
        draining.completed = true;
        calls
    }

    /// Sets the hook that tells the queue's thread to call [`drain`](Self::drain): it unparks the thread, or sends
    /// an event to its loop. Replaces the former hook.
    ///
    /// The emitting thread calls `f`, during the emission, when it has stored a call that nobody has been told of:
    /// the queue was empty, or a `drain` has begun since `f` was last called. A thread that calls `drain` after
    /// each call of `f` sees every emission: no wake-up is lost. There may be more of them than needed, because
    /// what is stored may be discarded.
    ///
    /// If the queue is not empty, this thread calls `f` at once.
    ///
    /// `f` may use any signal. A panic in it unwinds out of the emission; the call is stored. An emission that is
    /// in progress on another thread may still call a hook that has just been replaced, or that of a queue that
    /// has just been dropped.
    ///
    /// ```
    /// use smoke_signal::{Queue, Signal};
    /// use std::thread;
    ///
    /// static LOADED: Signal<(u32,)> = Signal::new();
    ///
    /// let queue = Queue::new(64);
    /// let this = thread::current();
    /// queue.on_wake(move || this.unpark());
    /// queue.connect(&LOADED, |bytes| println!("{bytes} bytes"));
    ///
    /// thread::spawn(|| LOADED.emit(512));
    /// while queue.drain() == 0 {
    ///     thread::park();
    /// }
    /// ```
    pub fn on_wake<F>(&self, f: F)
    where
        F: Fn() + Send + Sync + 'static,
    {
        self.store.set_hook(Arc::new(f));
    }

    /// Returns how many calls were dropped because the queue was full, since it was created.
    ///
    /// ```
    /// let progress = smoke_signal::Signal::<(u8,)>::new();
    /// let queue = smoke_signal::Queue::new(1);
    /// queue.connect(&progress, |percent| assert_eq!(percent, 100));
    /// progress.emit(50);
    /// progress.emit(100);
    /// assert_eq!((queue.drain(), queue.missed()), (1, 1));
    /// ```
    pub fn missed(&self) -> u64 {
        self.store.missed()
    }

    /// Returns how many calls are stored. While other threads emit, this is a hint.
    ///
    /// ```
    /// let tick = smoke_signal::Signal::<()>::new();
    /// let queue = smoke_signal::Queue::new(8);
    /// queue.connect(&tick, || ());
    /// tick.emit();
    /// assert_eq!(queue.len(), 1);
    /// ```
    pub fn len(&self) -> usize {
        usize::try_from(self.store.len()).unwrap_or(usize::MAX)
    }

    /// Returns `true` if no call is stored. While other threads emit, this is a hint.
    ///
    /// ```
    /// assert!(smoke_signal::Queue::new(8).is_empty());
    /// ```
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        // First all is discarded and disconnected, then user code runs.
        let calls = self.store.close();
        let closures = self.closures.close(&self.store);
        drop(calls);
        drop(closures);
    }
}

/// A `drain` that is running.
struct Draining<'q> {
    queue: &'q Queue,
    completed: bool,
}

impl Drop for Draining<'_> {
    fn drop(&mut self) {
        self.queue.draining.set(false);
        if self.completed {
            return;
        }
        // A closure has panicked. Its thread may go on to wait for the hook, although calls are still stored.
        let call_hook = AssertUnwindSafe(|| self.queue.store.call_hook_again());
        if let Err(payload) = panic::catch_unwind(call_hook) {
            discard(payload);
        }
    }
}

/// Never blocks and never runs user code.
impl fmt::Debug for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Queue")
            .field("len", &self.store.len())
            .field("capacity", &self.store.capacity())
            .field("missed", &self.store.missed())
            .finish_non_exhaustive()
    }
}

// A panic in a closure leaves nothing half changed.
impl UnwindSafe for Queue {}
impl RefUnwindSafe for Queue {}
