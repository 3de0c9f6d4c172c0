//! The handle that disconnects when it is dropped.

use std::fmt;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::Weak;

use crate::keys::{CallbackKey, Connection};
use crate::owner::ScopedOwner;

/// A handle that disconnects a slot when it is dropped, or a callback from all its names. Created
/// by [`Signal::connect_scoped`](crate::Signal#method.connect_scoped),
/// [`Signal::scoped`](crate::Signal::scoped) and [`Registry::scoped`](crate::Registry::scoped).
///
/// It has no lifetime and no type parameter, and is `Send` and `Sync`. A struct can keep
/// connections to many signals and registries in one `Vec<ScopedConnection>`, which disconnects
/// them all when it is dropped. A handle does not keep its signal alive. If the slot has left, or the
/// signal is gone and no emission of it is in progress, it does nothing. It is not `Clone`, so it has
/// one owner and disconnects once.
///
/// Dropping it has the effect of [`Signal::disconnect`](crate::Signal::disconnect): emissions in
/// progress do not call the slot any more, and a call that is running on another thread is not
/// waited for.
///
/// ```
/// use smoke_signal::{ScopedConnection, Signal};
///
/// static OPENED: Signal<(String,)> = Signal::new();
/// static CLOSED: Signal<()> = Signal::new();
///
/// struct Window {
///     listens: Vec<ScopedConnection>,
/// }
///
/// let window = Window {
///     listens: vec![
///         OPENED.connect_scoped(|path| println!("opened {path}")),
///         CLOSED.connect_scoped(|| println!("closed")),
///     ],
/// };
/// assert_eq!(OPENED.len() + CLOSED.len(), window.listens.len());
/// drop(window);
/// assert!(OPENED.is_empty() && CLOSED.is_empty());
/// ```
#[must_use = "dropping it disconnects at once; to keep the connection, keep this, or `release` it"]
pub struct ScopedConnection {
    /// `None`: released.
    what: Option<What>,
}

enum What {
    Slot(Weak<dyn ScopedOwner<Connection>>, Connection),
    Callback(Weak<dyn ScopedOwner<CallbackKey>>, CallbackKey),
}

impl ScopedConnection {
    pub(crate) fn of_slot(
        signal: Weak<dyn ScopedOwner<Connection>>,
        connection: Connection,
    ) -> Self {
        Self {
            what: Some(What::Slot(signal, connection)),
        }
    }

    pub(crate) fn of_callback(
        registry: Weak<dyn ScopedOwner<CallbackKey>>,
        key: CallbackKey,
    ) -> Self {
        Self {
            what: Some(What::Callback(registry, key)),
        }
    }

    /// Consumes the handle without disconnecting: the slot stays connected.
    ///
    /// ```
    /// let tick = smoke_signal::Signal::<()>::new();
    /// let scoped = tick.scoped(tick.connect(|| println!("tick")));
    /// scoped.release();
    /// assert_eq!(tick.len(), 1);
    /// ```
    pub fn release(mut self) {
        self.what = None;
    }

    /// Returns `true` if the slot is connected, or the callback to any of its names. If other threads
    /// change the signal, the answer may be outdated at once.
    ///
    /// ```
    /// let tick = smoke_signal::Signal::<()>::new();
    /// let scoped = tick.connect_scoped(|| println!("tick"));
    /// assert!(scoped.is_connected());
    /// tick.disconnect_all();
    /// assert!(!scoped.is_connected());
    /// ```
    pub fn is_connected(&self) -> bool {
        match &self.what {
            Some(What::Slot(signal, connection)) => contains(signal, *connection),
            Some(What::Callback(registry, key)) => contains(registry, *key),
            None => false,
        }
    }

    /// Disconnects the slot now, or the callback from all its names. Returns `true` if this call
    /// disconnected it, and `false` if it was not connected, as
    /// [`Signal::disconnect`](crate::Signal::disconnect) does.
    ///
    /// ```
    /// let tick = smoke_signal::Signal::<()>::new();
    /// let scoped = tick.connect_scoped(|| println!("tick"));
    /// assert!(scoped.disconnect());
    /// assert!(tick.is_empty());
    /// ```
    pub fn disconnect(mut self) -> bool {
        self.disconnect_once()
    }

    fn disconnect_once(&mut self) -> bool {
        match self.what.take() {
            Some(What::Slot(signal, connection)) => disconnect(&signal, connection),
            Some(What::Callback(registry, key)) => disconnect(&registry, key),
            None => false,
        }
    }
}

impl Drop for ScopedConnection {
    fn drop(&mut self) {
        self.disconnect_once();
    }
}

fn contains<K>(owner: &Weak<dyn ScopedOwner<K>>, key: K) -> bool {
    owner.upgrade().is_some_and(|owner| owner.can_leave(key))
}

fn disconnect<K>(owner: &Weak<dyn ScopedOwner<K>>, key: K) -> bool {
    owner.upgrade().is_some_and(|owner| owner.disconnect(key))
}

impl fmt::Debug for ScopedConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_tuple("ScopedConnection");
        match &self.what {
            Some(What::Slot(_, connection)) => debug.field(connection),
            Some(What::Callback(_, key)) => debug.field(key),
            None => &mut debug,
        };
        debug.finish_non_exhaustive()
    }
}

// As its signal.
impl UnwindSafe for ScopedConnection {}
impl RefUnwindSafe for ScopedConnection {}
