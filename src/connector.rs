//! The right to connect to a signal without the right to emit it.

use std::fmt;
use std::time::Duration;

use crate::args::Args;
use crate::block::BlockGuard;
use crate::core::WaitError;
use crate::keys::Connection;
use crate::options::ConnectOptions;
use crate::scoped::ScopedConnection;
use crate::signal::Signal;

/// The right to connect to a [`Signal`] without the right to emit it. Created by
/// [`Signal::connector`].
///
/// A type keeps its signals private and hands out connectors. Others may listen, but only the type
/// itself emits.
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
/// A listener reaches only the slots whose keys it has. So a connector can neither disconnect nor block all
/// slots, nor list those of others, and it does not give access to the signal:
///
/// ```compile_fail
/// # let signal = smoke_signal::Signal::<()>::new();
/// signal.connector().emit();
/// ```
pub struct Connector<'s, A: Args, R: 'static = ()> {
    pub(crate) signal: &'s Signal<A, R>,
}

impl<A: Args, R> Signal<A, R> {
    /// Returns the right to connect to this signal without the right to emit it. Use it if a type
    /// keeps its signal private.
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
    /// See [`Signal::options`].
    pub fn options(self) -> ConnectOptions<'s, A, R> {
        self.signal.options()
    }

    /// See [`Signal::disconnect`].
    pub fn disconnect(self, connection: Connection) -> bool {
        self.signal.disconnect(connection)
    }

    /// See [`Signal::disconnect_and_wait`].
    ///
    /// # Errors
    ///
    /// As for the method of [`Signal`].
    pub fn disconnect_and_wait(self, connection: Connection) -> Result<bool, WaitError> {
        self.signal.disconnect_and_wait(connection)
    }

    /// See [`Signal::disconnect_and_wait_timeout`].
    ///
    /// # Errors
    ///
    /// As for the method of [`Signal`].
    pub fn disconnect_and_wait_timeout(
        self,
        connection: Connection,
        timeout: Duration,
    ) -> Result<bool, WaitError> {
        self.signal.disconnect_and_wait_timeout(connection, timeout)
    }

    /// See [`Signal::scoped`].
    #[must_use = "dropping the handle disconnects the slot at once; bind it to a name"]
    pub fn scoped(self, connection: Connection) -> ScopedConnection {
        self.signal.scoped(connection)
    }

    /// See [`Signal::block`].
    ///
    /// # Panics
    ///
    /// If 2<sup>29</sup> - 1 guards already block the slot.
    #[must_use = "dropping the guard ends the block at once; bind it to a name"]
    pub fn block(self, connection: Connection) -> Option<BlockGuard> {
        self.signal.block(connection)
    }

    /// See [`Signal::is_blocked`].
    pub fn is_blocked(self, connection: Connection) -> bool {
        self.signal.is_blocked(connection)
    }

    /// See [`Signal::contains`].
    pub fn contains(self, connection: Connection) -> bool {
        self.signal.contains(connection)
    }

    /// See [`Signal::len`].
    pub fn len(self) -> usize {
        self.signal.len()
    }

    /// See [`Signal::is_empty`].
    pub fn is_empty(self) -> bool {
        self.signal.is_empty()
    }
}

impl<A: Args, R> Clone for Connector<'_, A, R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<A: Args, R> Copy for Connector<'_, A, R> {}

/// Shows the same as the signal's `Debug`.
impl<A: Args, R> fmt::Debug for Connector<'_, A, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Connector").field(&self.signal).finish()
    }
}
