//! The spy.

use std::fmt::{self, Debug};
use std::panic::{Location, RefUnwindSafe, UnwindSafe};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::args::Args;
use crate::testing::log::Log;
use crate::testing::not_emitted::NotEmitted;
use crate::testing::watch::{OwnedArgs, Watch, Watchable, Watcher, Watching};

/// Records what signals emit, from the moment it is made until it is dropped.
///
/// [`on`](Self::on) records the arguments of each emission, as a tuple. [`map`](Self::map) records what a closure makes of
/// them. [`and`](Self::and) adds another signal to the same record. [`this_thread`](Self::this_thread) leaves out what
/// other threads emit.
///
/// ```
/// use smoke_signal::Signal;
/// use smoke_signal::testing::Spy;
///
/// let moved: Signal<(i32, i32)> = Signal::new();
/// let spy = Spy::on(&moved);
/// moved.emit(1, 1);
/// moved.emit(2, 3);
/// assert_eq!(spy.calls(), [(1, 1), (2, 3)]);
/// ```
///
/// # What it does to the signal
///
/// A spy is a slot, connected by the line that makes it. It is listed, counted by `len`, blocked and disconnected as any
/// other.
///
/// - It adds no result to emissions, whatever the slots of the signal return.
/// - It is the last slot of its group, 0, but for slots that are connected later. So it records an emission after the
///   earlier slots have been called, and after any emissions that these began; a `ByMut` argument is then as they have
///   left it. If one of them panics, the spy sees nothing.
/// - A lazy emission, by `calls`, calls one slot for each result. So one that stops early does not reach the spy, and
///   neither does one that stops at the last result, as `calls(..).take(2)` does if there are two. One that is iterated to its
///   end, by `collect` for example, does.
/// - It changes neither the order nor the budgets of others. Arguments are cloned once more, as for any other slot; what
///   is lent is not cloned.
/// - Other slots are called as before, without a check. The spy itself is asked before its call, and adds its item under a
///   lock of its own: that takes about 30 ns, and more if several threads emit at once. An emission may also have to wait
///   for memory that the record needs, which grows until it is taken.
///
/// # Threads and user code
///
/// Items are recorded in the order in which the spy is called. That of one thread is the order of its emissions;
/// emissions of different threads are unordered.
///
/// No lock is held while user code runs: the closure of [`map`](Self::map), `Clone`, `Debug` and `Drop` of items, a
/// predicate. All of these may emit the signal and use the spy. What a method of the spy is looking at is not seen by
/// another that is called meanwhile, except that [`len`](Self::len) counts it.
///
/// A spy stays on its thread: it is neither `Send` nor `Sync`, because one type serves signals of threads and of one
/// thread. If a signal is dropped, its spy keeps what it has recorded.
#[must_use = "it disconnects when it is dropped; bind it to a name"]
pub struct Spy<T> {
    log: Arc<Log<T>>,
    connected: Vec<Watching>,
}

impl<T> Spy<T> {
    /// Records the arguments of each emission from now on, as a tuple. All arguments of the signal must be owned; for
    /// others, see [`map`](Self::map). For a `Signal`, they must be `Send`.
    ///
    /// It takes a `Signal`, a `LocalSignal`, an `AsyncSignal` (whose emissions call their slots at once, so nobody has to
    /// await), or a connector of one of these, also through a reference, an `Arc` or an `Rc`.
    ///
    /// ```
    /// use smoke_signal::Signal;
    /// use smoke_signal::testing::Spy;
    /// use std::sync::Arc;
    ///
    /// let saved: Arc<Signal<(u32, String), bool>> = Arc::default();
    /// let spy = Spy::on(&saved);
    /// saved.emit(1, "a.txt".to_owned());
    /// assert_eq!(spy.calls(), [(1, "a.txt".to_owned())]);
    /// ```
    #[track_caller]
    pub fn on<S>(signal: &S) -> Self
    where
        T: OwnedArgs,
        S: Watchable<Args = T> + Watch<T, for<'a> fn(<T as Args>::In<'a>) -> T>,
    {
        Self::new().watching(signal, T::owned, Location::caller())
    }

    /// Records what `map` makes of the arguments of each emission from now on. Use it for arguments that are borrowed,
    /// or to record only a part of them.
    ///
    /// The closure takes the arguments as one tuple. It is called during the emission, on the emitting thread. For a
    /// `Signal`, it must be `Send` and `Sync`, and what it returns `Send`.
    ///
    /// ```
    /// use smoke_signal::testing::Spy;
    /// use smoke_signal::{ByRef, Signal};
    ///
    /// let line: Signal<(usize, ByRef<str>)> = Signal::new();
    /// let spy = Spy::map(&line, |(_number, text)| text.to_owned());
    /// line.emit(1, "first");
    /// assert_eq!(spy.calls(), ["first"]);
    /// ```
    #[track_caller]
    pub fn map<S, F>(signal: &S, map: F) -> Self
    where
        S: Watch<T, F>,
        F: for<'a> Fn(<S::Args as Args>::In<'a>) -> T,
    {
        Self::new().watching(signal, map, Location::caller())
    }

    /// Also records what `map` makes of the emissions of another signal, in the same order.
    ///
    /// The signals may be of any kinds. An enum tells their emissions apart:
    ///
    /// ```
    /// use smoke_signal::testing::Spy;
    /// use smoke_signal::{LocalSignal, Signal};
    ///
    /// #[derive(Clone, Debug, PartialEq)]
    /// enum Seen {
    ///     Opened(String),
    ///     Closed,
    /// }
    ///
    /// let opened: Signal<(String,)> = Signal::new();
    /// let closed: LocalSignal<()> = LocalSignal::new();
    /// let spy = Spy::map(&opened, |(path,)| Seen::Opened(path)).and(&closed, |()| Seen::Closed);
    /// opened.emit("a.txt".to_owned());
    /// closed.emit();
    /// opened.emit("b.txt".to_owned());
    /// let [a, b] = ["a.txt", "b.txt"].map(|path| Seen::Opened(path.to_owned()));
    /// assert_eq!(spy.calls(), [a, Seen::Closed, b]);
    /// ```
    #[track_caller]
    pub fn and<S, F>(self, signal: &S, map: F) -> Self
    where
        S: Watch<T, F>,
        F: for<'a> Fn(<S::Args as Args>::In<'a>) -> T,
    {
        self.watching(signal, map, Location::caller())
    }

    fn new() -> Self {
        Self {
            log: Arc::new(Log::new()),
            connected: Vec::new(),
        }
    }

    fn watching<S, F>(mut self, signal: &S, map: F, location: &'static Location<'static>) -> Self
    where
        S: Watch<T, F>,
    {
        let log = Arc::clone(&self.log);
        let watcher = Watcher { log, map, location };
        self.connected.push(signal.watch(watcher));
        self
    }

    /// Records only what the calling thread emits, on all signals of the spy. Forgets what other threads emitted before.
    /// From now on, their emissions neither call the closure of [`map`](Self::map) nor clone arguments for the spy.
    ///
    /// So parallel tests of one `static` do not disturb each other:
    ///
    /// ```
    /// use smoke_signal::Signal;
    /// use smoke_signal::testing::Spy;
    /// use std::thread;
    ///
    /// static SAVED: Signal<(u32,)> = Signal::new();
    ///
    /// let spy = Spy::on(&SAVED).this_thread();
    /// thread::spawn(|| SAVED.emit(1)).join().unwrap();
    /// SAVED.emit(2);
    /// assert_eq!(spy.calls(), [(2,)]);
    /// ```
    pub fn this_thread(self) -> Self {
        self.log.only_this_thread();
        self
    }

    /// Gives the list of expected items in `assert_emitted!` its type. Forgets what was emitted to make it.
    #[doc(hidden)]
    pub fn expecting<const N: usize>(&self, items: [T; N]) -> [T; N] {
        drop(self.take());
        items
    }

    /// Returns what has been recorded and takes it out of the spy.
    ///
    /// ```
    /// use smoke_signal::Signal;
    /// use smoke_signal::testing::Spy;
    ///
    /// let tick: Signal<(u32,)> = Signal::new();
    /// let spy = Spy::on(&tick);
    /// tick.emit(1);
    /// assert_eq!(spy.take(), [(1,)]);
    /// assert!(spy.is_empty());
    /// tick.emit(2);
    /// assert_eq!(spy.take(), [(2,)]);
    /// ```
    pub fn take(&self) -> Vec<T> {
        self.log.take()
    }

    /// Returns how many items have been recorded and not been taken.
    ///
    /// ```
    /// use smoke_signal::Signal;
    /// use smoke_signal::testing::Spy;
    ///
    /// let tick: Signal<()> = Signal::new();
    /// let spy = Spy::on(&tick);
    /// tick.emit();
    /// tick.emit();
    /// assert_eq!(spy.len(), 2);
    /// ```
    pub fn len(&self) -> usize {
        self.log.lock().len()
    }

    /// Returns `true` if nothing has been recorded, or everything has been taken.
    ///
    /// ```
    /// use smoke_signal::Signal;
    /// use smoke_signal::testing::Spy;
    ///
    /// let tick: Signal<()> = Signal::new();
    /// let spy = Spy::on(&tick);
    /// assert!(spy.is_empty());
    /// ```
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<T: Clone> Spy<T> {
    /// Returns what has been recorded and not been taken, in order.
    ///
    /// ```
    /// use smoke_signal::Signal;
    /// use smoke_signal::testing::Spy;
    ///
    /// let tick: Signal<(u32,)> = Signal::new();
    /// let spy = Spy::on(&tick);
    /// tick.emit(1);
    /// tick.emit(2);
    /// assert_eq!(spy.calls(), [(1,), (2,)]);
    /// assert_eq!(spy.len(), 2); // nothing is taken
    /// ```
    pub fn calls(&self) -> Vec<T> {
        self.log.look().iter().cloned().collect()
    }

    /// Waits until `n` items have been recorded since the spy was made, at most for `timeout`. Returns those that have not
    /// been taken.
    ///
    /// What was recorded before the call counts, even if it has been taken, so it does not matter whether the
    /// emissions come early or late. If there are already `n`, this returns at once.
    ///
    /// Other threads have to emit meanwhile. A `LocalSignal` is emitted by this thread alone, so there it is only of use
    /// for what has been recorded already.
    ///
    /// # Errors
    ///
    /// If there are fewer than `n` after `timeout`. The text of the error says which. If the timeout is too long to be
    /// added to the current time, this waits without a limit.
    ///
    /// ```
    /// use smoke_signal::Signal;
    /// use smoke_signal::testing::Spy;
    /// use std::thread;
    /// use std::time::Duration;
    ///
    /// static LOADED: Signal<(u32,)> = Signal::new();
    ///
    /// let spy = Spy::on(&LOADED);
    /// for n in 1..=2 {
    ///     thread::spawn(move || LOADED.emit(n));
    /// }
    /// let mut loaded = spy.wait(2, Duration::from_secs(10)).unwrap();
    /// loaded.sort();
    /// assert_eq!(loaded, [(1,), (2,)]);
    /// ```
    pub fn wait(&self, n: usize, timeout: Duration) -> Result<Vec<T>, NotEmitted>
    where
        T: Debug,
    {
        if self.log.wait(deadline(timeout), |log| log.recorded() >= n) {
            return Ok(self.calls());
        }
        let taken = self.log.lock().taken();
        Err(NotEmitted::few(n, timeout, taken, &self.shown()))
    }

    /// Waits until an item has been recorded for which `predicate` returns `true`, at most for `timeout`. Returns the
    /// first such item, and leaves it in the spy.
    ///
    /// First it looks at what has been recorded and not been taken, then at each item that is added. The predicate is
    /// called once for each, on this thread.
    ///
    /// # Errors
    ///
    /// If there is no such item after `timeout`. The text of the error says which there are. If the timeout is too long
    /// to be added to the current time, this waits without a limit.
    ///
    /// ```
    /// use smoke_signal::Signal;
    /// use smoke_signal::testing::Spy;
    /// use std::thread;
    /// use std::time::Duration;
    ///
    /// static PROGRESS: Signal<(u8,)> = Signal::new();
    ///
    /// let spy = Spy::on(&PROGRESS);
    /// thread::spawn(|| (0..=100).for_each(|percent| drop(PROGRESS.emit(percent))));
    /// let half = spy.wait_for(|(percent,)| *percent >= 50, Duration::from_secs(10));
    /// assert_eq!(half, Ok((50,)));
    /// ```
    pub fn wait_for<P>(&self, mut predicate: P, timeout: Duration) -> Result<T, NotEmitted>
    where
        T: Debug,
        P: FnMut(&T) -> bool,
    {
        let deadline = deadline(timeout);
        let mut looked_at = 0;
        loop {
            let look = self.log.look();
            for item in look.iter().skip(looked_at) {
                looked_at += 1;
                if predicate(item) {
                    return Ok(item.clone());
                }
            }
            drop(look);
            if !self.log.wait(deadline, |log| log.len() > looked_at) {
                return Err(NotEmitted::other(timeout, &self.shown()));
            }
        }
    }

    /// The items that have not been taken, as they are to be printed.
    fn shown(&self) -> Vec<String>
    where
        T: Debug,
    {
        let look = self.log.look();
        look.iter().map(|item| format!("{item:?}")).collect()
    }
}

/// On overflow, there is none.
fn deadline(timeout: Duration) -> Option<Instant> {
    Instant::now().checked_add(timeout)
}

impl<T> Drop for Spy<T> {
    fn drop(&mut self) {
        self.connected.clear();
        // An emission in progress may call the slots until it finds them disconnected.
        drop(self.log.close());
    }
}

/// Shows how many items have been recorded and not been taken. Never runs user code, and never waits.
impl<T> Debug for Spy<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Spy");
        match self.log.try_len() {
            Some(recorded) => debug.field("recorded", &recorded),
            None => debug.field("recorded", &format_args!("<locked>")),
        };
        debug.finish_non_exhaustive()
    }
}

// A panic of user code leaves nothing half changed: no lock is held around it.
impl<T> UnwindSafe for Spy<T> {}
impl<T> RefUnwindSafe for Spy<T> {}
