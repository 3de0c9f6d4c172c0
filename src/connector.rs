//! The right to listen to a signal without the right to emit it.

use std::fmt;
use std::time::Duration;

use crate::args::Args;
use crate::block::BlockGuard;
use crate::core::WaitError;
use crate::keys::Connection;
use crate::options::ConnectOptions;
use crate::scoped::ScopedConnection;
use crate::signal::Signal;
use crate::slot_info::SlotInfo;

/// Everything that a [`Signal`] can do but emit.
/// Made by [`Signal::connector`].
///
/// A type keeps its signals private and hands out connectors: others may listen, it alone emits.
///
/// ```
/// use smoke_signal::{Connector, Signal};
///
/// #[derive(Default)]
/// struct Button {
///     clicked: Signal<(u32,)>,
/// }
///
/// impl Button {
///     fn clicked(&self) -> Connector<'_, (u32,)> {
///         self.clicked.connector()
///     }
///
///     fn click(&self) {
///         self.clicked.emit(1);
///     }
/// }
///
/// let button = Button::default();
/// let slot = button.clicked().connect(|times| println!("clicked {times} times"));
/// button.click();
/// button.clicked().disconnect(slot);
/// ```
///
/// There is no way from it to the signal:
///
/// ```compile_fail
/// # let signal = smoke_signal::Signal::<()>::new();
/// signal.connector().emit();
/// ```
pub struct Connector<'s, A: Args, R: 'static = ()> {
    pub(crate) signal: &'s Signal<A, R>,
}

impl<A: Args, R> Signal<A, R> {
    /// The right to listen without the right to emit; for a type that keeps its signal private.
    ///
    /// ```
    /// use smoke_signal::{Connector, Signal};
    ///
    /// static CLICKED: Signal<()> = Signal::new();
    ///
    /// pub const fn clicked() -> Connector<'static, ()> {
    ///     CLICKED.connector()
    /// }
    ///
    /// clicked().connect(|| println!("clicked"));
    /// ```
    pub const fn connector(&self) -> Connector<'_, A, R> {
        Connector { signal: self }
    }
}

impl<'s, A: Args, R> Connector<'s, A, R> {
    /// As [`Signal::options`].
    pub fn options(self) -> ConnectOptions<'s, A, R> {
        self.signal.options()
    }

    /// As [`Signal::disconnect`].
    pub fn disconnect(self, connection: Connection) -> bool {
        self.signal.disconnect(connection)
    }

    /// As [`Signal::disconnect_all`].
    pub fn disconnect_all(self) {
        self.signal.disconnect_all();
    }

    /// As [`Signal::disconnect_and_wait`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn disconnect_and_wait(self, connection: Connection) -> Result<bool, WaitError> {
        self.signal.disconnect_and_wait(connection)
    }

    /// As [`Signal::disconnect_and_wait_timeout`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn disconnect_and_wait_timeout(
        self,
        connection: Connection,
        timeout: Duration,
    ) -> Result<bool, WaitError> {
        self.signal.disconnect_and_wait_timeout(connection, timeout)
    }

    /// As [`Signal::scoped`].
    pub fn scoped(self, connection: Connection) -> ScopedConnection {
        self.signal.scoped(connection)
    }

    /// As [`Signal::block`].
    pub fn block(self, connection: Connection) -> Option<BlockGuard> {
        self.signal.block(connection)
    }

    /// As [`Signal::block_all`].
    pub fn block_all(self) -> BlockGuard {
        self.signal.block_all()
    }

    /// As [`Signal::is_blocked`].
    pub fn is_blocked(self, connection: Connection) -> bool {
        self.signal.is_blocked(connection)
    }

    /// As [`Signal::contains`].
    pub fn contains(self, connection: Connection) -> bool {
        self.signal.contains(connection)
    }

    /// As [`Signal::len`].
    pub fn len(self) -> usize {
        self.signal.len()
    }

    /// As [`Signal::is_empty`].
    pub fn is_empty(self) -> bool {
        self.signal.is_empty()
    }

    /// As [`Signal::connections`].
    pub fn connections(self) -> Vec<Connection> {
        self.signal.connections()
    }

    /// As [`Signal::slots`].
    pub fn slots(self) -> Vec<SlotInfo> {
        self.signal.slots()
    }
}

impl<A: Args, R> Clone for Connector<'_, A, R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<A: Args, R> Copy for Connector<'_, A, R> {}

/// As the signal's.
impl<A: Args, R> fmt::Debug for Connector<'_, A, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Connector").field(&self.signal).finish()
    }
}
