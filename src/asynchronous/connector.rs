//! The right to connect to an async signal without the right to emit it.

use std::fmt;
use std::time::Duration;

use crate::args::Args;
use crate::asynchronous::options::AsyncConnectOptions;
use crate::asynchronous::signal::AsyncSignal;
use crate::block::BlockGuard;
use crate::core::WaitError;
use crate::keys::Connection;
use crate::scoped::ScopedConnection;

/// The right to connect to an [`AsyncSignal`] without the right to emit it. Created by
/// [`AsyncSignal::connector`].
///
/// A type keeps its signals private and hands out connectors. As with a
/// [`Connector`](crate::Connector), a listener reaches only the slots whose keys it has.
///
/// ```
/// use smoke_signal::{AsyncConnector, AsyncSignal};
///
/// #[derive(Default)]
/// struct Store {
///     saved: AsyncSignal<(u32,)>,
/// }
///
/// impl Store {
///     fn saved(&self) -> AsyncConnector<'_, (u32,)> {
///         self.saved.connector()
///     }
///
///     async fn save(&self) {
///         self.saved.emit(1).await;
///     }
/// }
///
/// let store = Store::default();
/// let slot = store.saved().connect(async |version| println!("saved version {version}"));
/// futures::executor::block_on(store.save());
/// store.saved().disconnect(slot);
/// ```
///
/// A connector does not give access to the signal:
///
/// ```compile_fail
/// # let signal = smoke_signal::AsyncSignal::<()>::new();
/// signal.connector().emit();
/// ```
pub struct AsyncConnector<'s, A: Args, R: 'static = ()> {
    pub(crate) signal: &'s AsyncSignal<A, R>,
}

impl<A: Args, R> AsyncSignal<A, R> {
    /// Returns the right to connect to this signal without the right to emit it. Use it if a type
    /// keeps its signal private.
    ///
    /// ```
    /// use smoke_signal::{AsyncConnector, AsyncSignal};
    ///
    /// static SAVED: AsyncSignal<()> = AsyncSignal::new();
    ///
    /// pub const fn saved() -> AsyncConnector<'static, ()> {
    ///     SAVED.connector()
    /// }
    ///
    /// saved().connect(async || println!("saved"));
    /// ```
    pub const fn connector(&self) -> AsyncConnector<'_, A, R> {
        AsyncConnector { signal: self }
    }
}

impl<'s, A: Args, R> AsyncConnector<'s, A, R> {
    /// See [`AsyncSignal::options`].
    ///
    /// ```
    /// let saved = smoke_signal::AsyncSignal::<()>::new();
    /// saved.connector().options().max_calls(1).connect(async || println!("saved"));
    /// ```
    pub fn options(self) -> AsyncConnectOptions<'s, A, R> {
        self.signal.options()
    }

    /// See [`AsyncSignal::disconnect`].
    ///
    /// ```
    /// let saved = smoke_signal::AsyncSignal::<()>::new();
    /// let connector = saved.connector();
    /// let slot = connector.connect(async || println!("saved"));
    /// assert!(connector.disconnect(slot));
    /// ```
    pub fn disconnect(self, connection: Connection) -> bool {
        self.signal.disconnect(connection)
    }

    /// See [`AsyncSignal::disconnect_and_wait`].
    ///
    /// # Errors
    ///
    /// As for the method of [`Signal`](crate::Signal).
    ///
    /// ```
    /// let saved = smoke_signal::AsyncSignal::<()>::new();
    /// let connector = saved.connector();
    /// let slot = connector.options().waitable().connect(async || println!("saved"));
    /// assert_eq!(connector.disconnect_and_wait(slot), Ok(true));
    /// ```
    pub fn disconnect_and_wait(self, connection: Connection) -> Result<bool, WaitError> {
        self.signal.disconnect_and_wait(connection)
    }

    /// See [`AsyncSignal::disconnect_and_wait_timeout`].
    ///
    /// # Errors
    ///
    /// As for the method of [`Signal`](crate::Signal).
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let saved = smoke_signal::AsyncSignal::<()>::new();
    /// let connector = saved.connector();
    /// let slot = connector.options().waitable().connect(async || println!("saved"));
    /// let waited = connector.disconnect_and_wait_timeout(slot, Duration::from_secs(1));
    /// assert_eq!(waited, Ok(true));
    /// ```
    pub fn disconnect_and_wait_timeout(
        self,
        connection: Connection,
        timeout: Duration,
    ) -> Result<bool, WaitError> {
        self.signal.disconnect_and_wait_timeout(connection, timeout)
    }

    /// See [`AsyncSignal::scoped`].
    ///
    /// ```
    /// let saved = smoke_signal::AsyncSignal::<()>::new();
    /// let slot = saved.connector().connect(async || println!("saved"));
    /// drop(saved.connector().scoped(slot));
    /// assert!(saved.is_empty());
    /// ```
    #[must_use = "dropping the handle disconnects the slot at once; bind it to a name"]
    pub fn scoped(self, connection: Connection) -> ScopedConnection {
        self.signal.scoped(connection)
    }

    /// See [`AsyncSignal::block`].
    ///
    /// # Panics
    ///
    /// If 2<sup>29</sup> - 1 guards already block the slot.
    ///
    /// ```
    /// let saved = smoke_signal::AsyncSignal::<()>::new();
    /// let slot = saved.connector().connect(async || println!("saved"));
    /// let _guard = saved.connector().block(slot);
    /// assert!(saved.is_blocked(slot));
    /// ```
    #[must_use = "dropping the guard ends the block at once; bind it to a name"]
    pub fn block(self, connection: Connection) -> Option<BlockGuard> {
        self.signal.block(connection)
    }

    /// See [`AsyncSignal::is_blocked`].
    ///
    /// ```
    /// let saved = smoke_signal::AsyncSignal::<()>::new();
    /// let slot = saved.connector().connect(async || println!("saved"));
    /// assert!(!saved.connector().is_blocked(slot));
    /// ```
    pub fn is_blocked(self, connection: Connection) -> bool {
        self.signal.is_blocked(connection)
    }

    /// See [`AsyncSignal::contains`].
    ///
    /// ```
    /// let saved = smoke_signal::AsyncSignal::<()>::new();
    /// let slot = saved.connector().connect(async || println!("saved"));
    /// assert!(saved.connector().contains(slot));
    /// ```
    pub fn contains(self, connection: Connection) -> bool {
        self.signal.contains(connection)
    }

    /// See [`AsyncSignal::len`].
    ///
    /// ```
    /// let saved = smoke_signal::AsyncSignal::<()>::new();
    /// saved.connector().connect(async || println!("saved"));
    /// assert_eq!(saved.connector().len(), 1);
    /// ```
    pub fn len(self) -> usize {
        self.signal.len()
    }

    /// See [`AsyncSignal::is_empty`].
    ///
    /// ```
    /// let saved = smoke_signal::AsyncSignal::<()>::new();
    /// assert!(saved.connector().is_empty());
    /// ```
    pub fn is_empty(self) -> bool {
        self.signal.is_empty()
    }
}

impl<A: Args, R> Clone for AsyncConnector<'_, A, R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<A: Args, R> Copy for AsyncConnector<'_, A, R> {}

/// Shows the same as the signal's `Debug`.
impl<A: Args, R> fmt::Debug for AsyncConnector<'_, A, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AsyncConnector").field(self.signal).finish()
    }
}
