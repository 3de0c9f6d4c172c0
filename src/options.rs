//! The builder for connections with options.

use std::fmt;
use std::panic::Location;

use crate::args::Args;
use crate::core::Placement;
use crate::slot::Callable;
use crate::waiting::Waitable;
use crate::{Connection, Signal};

/// Options for connecting a slot. Created by [`Signal::options`], and consumed by `connect` or one
/// of its variants.
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
#[must_use = "end with `connect`, `once`, `connect_with_key` or `connect_weak`"]
pub struct ConnectOptions<'s, A: Args, R: 'static = ()> {
    signal: &'s Signal<A, R>,
    max_calls: Option<u32>,
    group: i32,
    first: bool,
    waitable: bool,
}

impl<'s, A: Args, R> ConnectOptions<'s, A, R> {
    pub(crate) fn new(signal: &'s Signal<A, R>) -> Self {
        Self {
            signal,
            max_calls: None,
            group: 0,
            first: false,
            waitable: false,
        }
    }

    /// Limits the slot to `n` calls. It is disconnected before its last call begins.
    ///
    /// The limit is exact, however many threads emit: the slot runs as often as the signal is
    /// emitted, but at most `n` times. With 0, the slot is never connected: the closure is dropped,
    /// and the key is dead from the start.
    ///
    /// ```
    /// let tick = smoke_signal::Signal::<(), u8>::new();
    /// tick.options().max_calls(2).connect(|| 1);
    /// assert_eq!(tick.emit().len(), 1);
    /// assert_eq!(tick.emit().len(), 1);
    /// assert_eq!(tick.emit().len(), 0);
    /// ```
    pub fn max_calls(mut self, n: u32) -> Self {
        self.max_calls = Some(n);
        self
    }

    /// Puts the slot into a group. Groups are called in ascending order. The default is group 0.
    ///
    /// ```
    /// let stages = smoke_signal::Signal::<(), &str>::new();
    /// stages.options().group(1).connect(|| "late");
    /// stages.connect(|| "middle");
    /// stages.options().group(-1).connect(|| "early");
    /// assert_eq!(stages.emit(), ["early", "middle", "late"]);
    /// ```
    pub fn group(mut self, group: i32) -> Self {
        self.group = group;
        self
    }

    /// Puts the slot before those that are already in its group, instead of after them.
    ///
    /// ```
    /// let stages = smoke_signal::Signal::<(), &str>::new();
    /// stages.connect(|| "second");
    /// stages.options().first().connect(|| "first");
    /// assert_eq!(stages.emit(), ["first", "second"]);
    /// ```
    pub fn first(mut self) -> Self {
        self.first = true;
        self
    }

    /// Allows [`Signal::disconnect_and_wait`] to wait for the slot. For that, each call of the slot
    /// is counted, which makes it a little slower. The calls of other slots are not counted.
    ///
    /// ```
    /// let tick = smoke_signal::Signal::<()>::new();
    /// let slot = tick.options().waitable().connect(|| println!("tick"));
    /// assert_eq!(tick.disconnect_and_wait(slot), Ok(true));
    /// ```
    pub fn waitable(mut self) -> Self {
        self.waitable = true;
        self
    }

    fn placement(&self, location: &'static Location<'static>) -> Placement {
        Placement {
            group: self.group,
            first: self.first,
            max_calls: self.max_calls,
            location,
        }
    }

    #[track_caller]
    pub(crate) fn attach<C: Callable<A, R>>(self, callable: C) -> Connection {
        let core = self.signal.core();
        if self.max_calls == Some(0) {
            return core.dead_key();
        }
        let placement = self.placement(Location::caller());
        let connected = if self.waitable {
            core.connect(placement, Waitable::new(callable))
        } else {
            core.connect(placement, callable)
        };
        connected.key
    }

    #[track_caller]
    pub(crate) fn attach_once<C: Callable<A, R>>(mut self, callable: C) -> Connection {
        self.max_calls = Some(self.max_calls.unwrap_or(1).min(1));
        self.attach(callable)
    }

    #[track_caller]
    pub(crate) fn attach_with_key<C: Callable<A, R>>(
        self,
        make: impl FnOnce(Connection) -> C,
    ) -> Connection {
        let promise = self.signal.core().promise();
        if self.max_calls == Some(0) {
            return promise.key;
        }
        let placement = self.placement(Location::caller());
        let callable = make(promise.key);
        if self.waitable {
            promise.keep(placement, Waitable::new(callable))
        } else {
            promise.keep(placement, callable)
        }
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
            .field("max_calls", &self.max_calls)
            .field("group", &self.group)
            .field("first", &self.first)
            .field("waitable", &self.waitable)
            .finish_non_exhaustive()
    }
}
