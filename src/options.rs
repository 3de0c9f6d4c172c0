//! The builder for connections that are more than plain.

use std::fmt;

use crate::args::Args;
use crate::core::Placement;
use crate::slot::Callable;
use crate::{Connection, Signal};

/// How to connect a slot: made by [`Signal::options`], ended by one of the connects.
///
/// ```
/// use smoke_signal::Signal;
///
/// let opened: Signal<(String,)> = Signal::new();
/// opened
///     .options()
///     .group(-10)
///     .first()
///     .max_calls(3)
///     .connect(|path| println!("opened {path}"));
/// ```
#[must_use = "end with `connect`, `once` or `connect_with_key`"]
pub struct ConnectOptions<'s, A: Args, R: 'static = ()> {
    pub(crate) signal: &'s Signal<A, R>,
    pub(crate) placement: Placement,
}

impl<A: Args, R> ConnectOptions<'_, A, R> {
    /// Lets the slot be called `n` times at most; it leaves the signal before the last call begins.
    ///
    /// The budget is exact, however many threads emit at once: the slot runs as often as the signal
    /// is emitted, or `n` times, whichever is less. With 0 the slot never connects: the closure is
    /// dropped, the key is dead from the start.
    ///
    /// ```
    /// let tick = smoke_signal::Signal::<(), u8>::new();
    /// tick.options().max_calls(2).connect(|| 1);
    /// assert_eq!(tick.emit().len(), 1);
    /// assert_eq!(tick.emit().len(), 1);
    /// assert_eq!(tick.emit().len(), 0);
    /// ```
    pub fn max_calls(mut self, n: u32) -> Self {
        self.placement.max_calls = Some(n);
        self
    }

    /// Puts the slot in a group. Groups are called in ascending order; without this, a slot is in
    /// group 0.
    ///
    /// ```
    /// let stages = smoke_signal::Signal::<(), &str>::new();
    /// stages.options().group(1).connect(|| "late");
    /// stages.connect(|| "middle");
    /// stages.options().group(-1).connect(|| "early");
    /// assert_eq!(stages.emit(), ["early", "middle", "late"]);
    /// ```
    pub fn group(mut self, group: i32) -> Self {
        self.placement.group = group;
        self
    }

    /// Puts the slot before those that are in its group already, not after them.
    ///
    /// ```
    /// let stages = smoke_signal::Signal::<(), &str>::new();
    /// stages.connect(|| "second");
    /// stages.options().first().connect(|| "first");
    /// assert_eq!(stages.emit(), ["first", "second"]);
    /// ```
    pub fn first(mut self) -> Self {
        self.placement.first = true;
        self
    }

    pub(crate) fn attach<C: Callable<A, R>>(self, callable: C) -> Connection {
        let core = self.signal.core();
        if self.placement.max_calls == Some(0) {
            return core.dead_key();
        }
        core.connect(self.placement, callable)
    }

    pub(crate) fn attach_once<C: Callable<A, R>>(mut self, callable: C) -> Connection {
        let budget = self.placement.max_calls.unwrap_or(1).min(1);
        self.placement.max_calls = Some(budget);
        self.attach(callable)
    }

    pub(crate) fn attach_with_key<C: Callable<A, R>>(
        self,
        make: impl FnOnce(Connection) -> C,
    ) -> Connection {
        let promise = self.signal.core().promise();
        if self.placement.max_calls == Some(0) {
            return promise.key;
        }
        let callable = make(promise.key);
        promise.keep(self.placement, callable)
    }
}

impl<A: Args, R> Clone for ConnectOptions<'_, A, R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<A: Args, R> Copy for ConnectOptions<'_, A, R> {}

impl<A: Args, R> fmt::Debug for ConnectOptions<'_, A, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConnectOptions")
            .field("max_calls", &self.placement.max_calls)
            .field("group", &self.placement.group)
            .field("first", &self.placement.first)
            .finish_non_exhaustive()
    }
}
