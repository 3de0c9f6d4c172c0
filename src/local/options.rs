//! The builder for connections with options.

use core::fmt;
use core::panic::Location;

use crate::args::Args;
use crate::keys::Connection;
use crate::local::engine::{ListedSlot, SharedSlot, SlotOptions};
use crate::local::scoped::ScopedConnection;
use crate::local::signal::LocalSignal;

/// Options for connecting a slot. Created by [`LocalSignal::options`], and consumed by `connect` or one
/// of its variants.
///
/// ```
/// use smoke_signal::LocalSignal;
///
/// let opened: LocalSignal<(String,)> = LocalSignal::new();
/// opened
///     .options()
///     .group(-10)
///     .first()
///     .max_calls(3)
///     .connect(|path| println!("opened {path}"));
/// ```
#[must_use = "end with `connect` or one of its variants, or nothing is connected"]
pub struct ConnectOptions<'s, A: Args, R: 'static = ()> {
    signal: &'s LocalSignal<A, R>,
    max_calls: Option<u32>,
    group: i32,
    first: bool,
}

impl<A: Args, R> LocalSignal<A, R> {
    /// Starts to connect a slot with options: a call limit, a group, a place before other slots.
    ///
    /// ```
    /// use smoke_signal::LocalSignal;
    ///
    /// let frame: LocalSignal<(u32,), &str> = LocalSignal::new();
    /// frame.options().group(1).connect(|_| "draw");
    /// frame.options().max_calls(1).connect(|_| "set up");
    /// assert_eq!(frame.emit(0), ["set up", "draw"]);
    /// assert_eq!(frame.emit(1), ["draw"]);
    /// ```
    pub fn options(&self) -> ConnectOptions<'_, A, R> {
        ConnectOptions {
            signal: self,
            max_calls: None,
            group: 0,
            first: false,
        }
    }
}

impl<A: Args, R> ConnectOptions<'_, A, R> {
    /// Limits the slot to `n` calls. It is disconnected before its last call begins.
    ///
    /// With 0, the slot is never connected: the closure is dropped, and the key is dead from the start.
    ///
    /// ```
    /// let tick = smoke_signal::LocalSignal::<(), u8>::new();
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
    /// let stages = smoke_signal::LocalSignal::<(), &str>::new();
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
    /// let stages = smoke_signal::LocalSignal::<(), &str>::new();
    /// stages.connect(|| "second");
    /// stages.options().first().connect(|| "first");
    /// assert_eq!(stages.emit(), ["first", "second"]);
    /// ```
    pub fn first(mut self) -> Self {
        self.first = true;
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
        self.attach_slot(make(self.max_calls).into(), Location::caller())
    }

    #[inline(never)] // or every closure would have a copy
    fn attach_slot(
        self,
        slot: ListedSlot<A, R>,
        location: &'static Location<'static>,
    ) -> Connection {
        let options = self.slot_options(location);
        self.signal.core().connect(None, options, slot)
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
        reservation.commit(self.slot_options(Location::caller()), slot.into())
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
            .finish_non_exhaustive()
    }
}
