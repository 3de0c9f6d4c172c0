//! The handle that disconnects when it is dropped.

use alloc::rc::Weak;
use core::fmt;
use core::panic::{RefUnwindSafe, UnwindSafe};

use crate::keys::Connection;
use crate::local::owner::ScopedOwner;

/// A handle that disconnects a slot when it is dropped. Created by
/// [`LocalSignal::connect_scoped`](crate::LocalSignal#method.connect_scoped) and
/// [`LocalSignal::scoped`](crate::LocalSignal::scoped).
///
/// It has no lifetime and no type parameter. A struct can keep connections to many signals in one
/// `Vec<ScopedConnection>`, which disconnects them all when it is dropped. A handle does not keep its signal alive.
/// If the slot has left, or the signal is gone and no emission of it is in progress, it does nothing. It is not
/// `Clone`, so it has one owner and disconnects once.
///
/// ```
/// use smoke_signal::LocalSignal;
/// use smoke_signal::local::ScopedConnection;
///
/// struct Window {
///     listens: Vec<ScopedConnection>,
/// }
///
/// let opened: LocalSignal<(String,)> = LocalSignal::new();
/// let closed: LocalSignal<()> = LocalSignal::new();
/// let window = Window {
///     listens: vec![
///         opened.connect_scoped(|path| println!("opened {path}")),
///         closed.connect_scoped(|| println!("closed")),
///     ],
/// };
/// assert_eq!(opened.len() + closed.len(), window.listens.len());
/// drop(window);
/// assert!(opened.is_empty() && closed.is_empty());
/// ```
#[must_use = "dropping it disconnects at once; to keep the connection, keep this, or `release` it"]
pub struct ScopedConnection {
    /// `None`: released.
    slot: Option<(Weak<dyn ScopedOwner>, Connection)>,
}

impl ScopedConnection {
    pub(crate) fn new(signal: Weak<dyn ScopedOwner>, connection: Connection) -> Self {
        Self {
            slot: Some((signal, connection)),
        }
    }

    /// Consumes the handle without disconnecting: the slot stays connected.
    ///
    /// ```
    /// let tick = smoke_signal::LocalSignal::<()>::new();
    /// let scoped = tick.scoped(tick.connect(|| println!("tick")));
    /// scoped.release();
    /// assert_eq!(tick.len(), 1);
    /// ```
    pub fn release(mut self) {
        self.slot = None;
    }

    /// Returns `true` if the slot is connected.
    ///
    /// ```
    /// let tick = smoke_signal::LocalSignal::<()>::new();
    /// let scoped = tick.connect_scoped(|| println!("tick"));
    /// assert!(scoped.is_connected());
    /// tick.disconnect_all();
    /// assert!(!scoped.is_connected());
    /// ```
    pub fn is_connected(&self) -> bool {
        self.slot.as_ref().is_some_and(|(signal, connection)| {
            let signal = signal.upgrade();
            signal.is_some_and(|signal| signal.can_leave(*connection))
        })
    }

    /// Disconnects the slot now. Returns `true` if this call disconnected it, and `false` if it was not connected,
    /// as [`LocalSignal::disconnect`](crate::LocalSignal::disconnect) does.
    ///
    /// ```
    /// let tick = smoke_signal::LocalSignal::<()>::new();
    /// let scoped = tick.connect_scoped(|| println!("tick"));
    /// assert!(scoped.disconnect());
    /// assert!(tick.is_empty());
    /// ```
    pub fn disconnect(mut self) -> bool {
        self.disconnect_once()
    }

    fn disconnect_once(&mut self) -> bool {
        self.slot.take().is_some_and(|(signal, connection)| {
            let signal = signal.upgrade();
            signal.is_some_and(|signal| signal.disconnect(connection))
        })
    }
}

impl Drop for ScopedConnection {
    fn drop(&mut self) {
        self.disconnect_once();
    }
}

impl fmt::Debug for ScopedConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_tuple("ScopedConnection");
        if let Some((_, connection)) = &self.slot {
            debug.field(connection);
        }
        debug.finish_non_exhaustive()
    }
}

// As its signal.
impl UnwindSafe for ScopedConnection {}
impl RefUnwindSafe for ScopedConnection {}
