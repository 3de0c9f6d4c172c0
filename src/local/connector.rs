//! The right to connect to a signal without the right to emit it.

use core::fmt;

use crate::args::Args;
use crate::keys::Connection;
use crate::local::block::BlockGuard;
use crate::local::options::ConnectOptions;
use crate::local::scoped::ScopedConnection;
use crate::local::signal::LocalSignal;

/// The right to connect to a [`LocalSignal`] without the right to emit it. Created by
/// [`LocalSignal::connector`].
///
/// A type keeps its signals private and hands out connectors. Others may listen, but only the type
/// itself emits.
///
/// ```
/// use smoke_signal::LocalSignal;
/// use smoke_signal::local::Connector;
///
/// #[derive(Default)]
/// struct Button {
///     clicked: LocalSignal<(u32,)>,
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
/// # let signal = smoke_signal::LocalSignal::<()>::new();
/// signal.connector().emit();
/// ```
pub struct Connector<'s, A: Args, R: 'static = ()> {
    pub(crate) signal: &'s LocalSignal<A, R>,
}

impl<A: Args, R> LocalSignal<A, R> {
    /// Returns the right to connect to this signal without the right to emit it. Use it if a type
    /// keeps its signal private.
    ///
    /// ```
    /// let tick = smoke_signal::LocalSignal::<()>::new();
    /// tick.connector().connect(|| println!("tick"));
    /// assert_eq!(tick.len(), 1);
    /// ```
    pub const fn connector(&self) -> Connector<'_, A, R> {
        Connector { signal: self }
    }
}

impl<'s, A: Args, R> Connector<'s, A, R> {
    /// See [`LocalSignal::options`].
    pub fn options(self) -> ConnectOptions<'s, A, R> {
        self.signal.options()
    }

    /// See [`LocalSignal::disconnect`].
    pub fn disconnect(self, connection: Connection) -> bool {
        self.signal.disconnect(connection)
    }

    /// See [`LocalSignal::scoped`].
    #[must_use = "dropping the handle disconnects the slot at once; bind it to a name"]
    pub fn scoped(self, connection: Connection) -> ScopedConnection {
        self.signal.scoped(connection)
    }

    /// See [`LocalSignal::block`].
    ///
    /// # Panics
    ///
    /// If 2<sup>29</sup> - 1 guards already block the slot.
    #[must_use = "dropping the guard ends the block at once; bind it to a name"]
    pub fn block(self, connection: Connection) -> Option<BlockGuard> {
        self.signal.block(connection)
    }

    /// See [`LocalSignal::is_blocked`].
    pub fn is_blocked(self, connection: Connection) -> bool {
        self.signal.is_blocked(connection)
    }

    /// See [`LocalSignal::contains`].
    pub fn contains(self, connection: Connection) -> bool {
        self.signal.contains(connection)
    }

    /// See [`LocalSignal::len`].
    pub fn len(self) -> usize {
        self.signal.len()
    }

    /// See [`LocalSignal::is_empty`].
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
