//! The builder for connections with options.

use std::fmt;
use std::panic::Location;
use std::sync::Arc;

use crate::args::Args;
use crate::core::{SharedSlot, SlotOptions, WaitableSlot};
use crate::keys::Connection;
use crate::scoped::ScopedConnection;
use crate::signal::Signal;

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
#[must_use = "end with `connect` or one of its variants, or nothing is connected"]
pub struct ConnectOptions<'s, A: Args, R: 'static = ()> {
    signal: &'s Signal<A, R>,
    max_calls: Option<u32>,
    group: i32,
    first: bool,
    waitable: bool,
}

impl<A: Args, R> Signal<A, R> {
    /// Starts to connect a slot with options: a call limit, a group, a place before other slots.
    ///
    /// ```
    /// use smoke_signal::Signal;
    ///
    /// let frame: Signal<(u32,), &str> = Signal::new();
    /// frame.options().group(1).connect(|_| "draw");
    /// frame.options().max_calls(1).connect(|_| "set up");
    /// assert_eq!(frame.emit(0), ["set up", "draw"]);
    /// assert_eq!(frame.emit(1), ["draw"]);
    /// ```
    pub fn options(&self) -> ConnectOptions<'_, A, R> {
        ConnectOptions::new(self)
    }
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

    fn slot_options(&self, location: &'static Location<'static>) -> SlotOptions {
        SlotOptions {
            group: self.group,
            first: self.first,
            location,
        }
    }

    /// How often a closure may be called that is consumed by its first call.
    pub(crate) fn at_most_once(mut self) -> Self {
        self.max_calls = self.max_calls.map(|n| n.min(1)).or(Some(1));
        self
    }

    /// Ties a slot of the same signal to a scope.
    pub(crate) fn scoped(self, connection: Connection) -> ScopedConnection {
        self.signal.scoped(connection)
    }

    /// Connects the slot that `make` returns for a call budget.
    #[track_caller]
    pub(crate) fn attach(self, make: impl FnOnce(Option<u32>) -> SharedSlot<A, R>) -> Connection {
        if self.max_calls == Some(0) {
            return self.signal.core().dead_key();
        }
        self.attach_slot(make(self.max_calls), Location::caller())
    }

    #[inline(never)] // or every closure would have a copy
    fn attach_slot(
        self,
        slot: SharedSlot<A, R>,
        location: &'static Location<'static>,
    ) -> Connection {
        let slot = self.finished(slot);
        let options = self.slot_options(location);
        self.signal.core().connect(options, slot)
    }

    /// Connects the slot that `make` returns for its key and a call budget.
    #[track_caller]
    pub(crate) fn attach_with_key(
        self,
        make: impl FnOnce(Connection, Option<u32>) -> SharedSlot<A, R>,
    ) -> Connection {
        let reservation = self.signal.core().reserve();
        if self.max_calls == Some(0) {
            return reservation.key;
        }
        let slot = make(reservation.key, self.max_calls);
        reservation.commit(self.slot_options(Location::caller()), self.finished(slot))
    }

    fn finished(self, slot: SharedSlot<A, R>) -> SharedSlot<A, R> {
        if self.waitable {
            Arc::new(WaitableSlot::new(slot))
        } else {
            slot
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
