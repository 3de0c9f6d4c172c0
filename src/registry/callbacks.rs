//! Looking up and disconnecting the callbacks of a registry.

use std::sync::{Arc, Weak};

use crate::keys::CallbackKey;
use crate::registry::api::Registry;
use crate::registry::bindings::Bindings;
use crate::registry::identity::{CallbackIdentity, Identity};
use crate::registry::names::Names;
use crate::registry::shared::Shared;
use crate::scoped::ScopedConnection;

impl Registry {
    /// Disconnects a callback from all its names. Returns `true` if this call disconnected it, and
    /// `false` if it was not registered.
    ///
    /// ```
    /// let registry = smoke_signal::Registry::new();
    /// let key = registry.on(["opened", "closed"], || ())?;
    /// assert!(registry.disconnect(key));
    /// assert!(!registry.disconnect(key));
    /// # Ok::<(), smoke_signal::SignatureMismatch>(())
    /// ```
    pub fn disconnect<K>(&self, callback: impl Identity<K>) -> bool {
        self.remove(callback.identify(), |_| true)
    }

    /// Disconnects a callback from one name, or from each name of a list. Returns `true` if it was
    /// registered for any of them.
    ///
    /// ```
    /// let registry = smoke_signal::Registry::new();
    /// let key = registry.on(["opened", "closed"], || ())?;
    /// assert!(registry.disconnect_from(key, "opened"));
    /// assert_eq!(registry.signals(key), ["closed"]);
    /// # Ok::<(), smoke_signal::SignatureMismatch>(())
    /// ```
    pub fn disconnect_from<K>(&self, callback: impl Identity<K>, names: impl Names) -> bool {
        let names = names.list();
        self.remove(callback.identify(), |name| names.contains(&name))
    }

    /// Ties a callback to a scope: it is disconnected from all its names when the returned handle is
    /// dropped.
    ///
    /// ```
    /// let registry = smoke_signal::Registry::new();
    /// {
    ///     let _scoped = registry.scoped(registry.on(["opened", "closed"], || ())?);
    ///     assert_eq!(registry.emit("opened", ())?, 1);
    /// }
    /// assert_eq!(registry.emit("opened", ())?, 0);
    /// # Ok::<(), smoke_signal::SignatureMismatch>(())
    /// ```
    pub fn scoped(&self, key: CallbackKey) -> ScopedConnection {
        let registry: Weak<Shared> = Arc::downgrade(self.shared());
        ScopedConnection::of_callback(registry, key)
    }

    fn remove(&self, identity: CallbackIdentity, chosen: impl Fn(&str) -> bool) -> bool {
        self.shared_if_used()
            .is_some_and(|shared| shared.remove(identity, chosen))
    }

    /// Returns the names that a callback is registered for, sorted.
    ///
    /// ```
    /// let registry = smoke_signal::Registry::new();
    /// let key = registry.on(["opened", "closed"], || ())?;
    /// assert_eq!(registry.signals(key), ["closed", "opened"]);
    /// # Ok::<(), smoke_signal::SignatureMismatch>(())
    /// ```
    pub fn signals<K>(&self, callback: impl Identity<K>) -> Vec<String> {
        self.look_up(callback.identify(), |bindings, key| {
            let mut names: Vec<_> = bindings.names(key).map(str::to_owned).collect();
            names.sort_unstable();
            names
        })
        .unwrap_or_default()
    }

    /// Returns `true` if a callback is registered for a name.
    ///
    /// ```
    /// let registry = smoke_signal::Registry::new();
    /// let key = registry.on("opened", || ())?;
    /// assert!(registry.responds_to(key, "opened"));
    /// assert!(!registry.responds_to(key, "closed"));
    /// # Ok::<(), smoke_signal::SignatureMismatch>(())
    /// ```
    pub fn responds_to<K>(&self, callback: impl Identity<K>, name: &str) -> bool {
        self.look_up(callback.identify(), |bindings, key| {
            bindings.is_connected(key, name)
        })
        .unwrap_or(false)
    }

    /// Returns how many more calls of a callback may begin, or `None` if it has no limit or is not
    /// registered.
    ///
    /// ```
    /// let registry = smoke_signal::Registry::new();
    /// let key = registry.on_max("tick", 3, || ())?;
    /// registry.emit("tick", ())?;
    /// assert_eq!(registry.calls_left(key), Some(2));
    /// # Ok::<(), smoke_signal::SignatureMismatch>(())
    /// ```
    pub fn calls_left<K>(&self, callback: impl Identity<K>) -> Option<u32> {
        self.look_up(callback.identify(), Bindings::calls_left)?
    }

    fn look_up<T>(
        &self,
        identity: CallbackIdentity,
        read: impl FnOnce(&Bindings, CallbackKey) -> T,
    ) -> Option<T> {
        let bindings = self.shared_if_used()?.bindings();
        let key = bindings.find(identity)?;
        Some(read(&bindings, key))
    }

    /// Disconnects everything from one name, or from each name of a list: callbacks as well as slots
    /// that were connected through [`signal`](Self::signal). The names stay bound.
    ///
    /// An empty list clears nothing. To clear every name, use [`clear_all`](Self::clear_all).
    ///
    /// ```
    /// let registry = smoke_signal::Registry::new();
    /// registry.on(["opened", "closed"], || ())?;
    /// registry.clear("opened");
    /// assert_eq!(registry.emit("opened", ())?, 0);
    /// assert_eq!(registry.emit("closed", ())?, 1);
    /// # Ok::<(), smoke_signal::SignatureMismatch>(())
    /// ```
    pub fn clear(&self, names: impl Names) {
        let names = names.list();
        self.clear_chosen(|name| names.contains(&name));
    }

    /// Disconnects everything from all names. The names stay bound.
    ///
    /// ```
    /// let registry = smoke_signal::Registry::new();
    /// registry.on(["opened", "closed"], || ())?;
    /// registry.clear_all();
    /// assert_eq!(registry.emit("closed", ())?, 0);
    /// # Ok::<(), smoke_signal::SignatureMismatch>(())
    /// ```
    pub fn clear_all(&self) {
        self.clear_chosen(|_| true);
    }

    fn clear_chosen(&self, chosen: impl Fn(&str) -> bool) {
        if let Some(shared) = self.shared_if_used() {
            shared.change(|bindings, drops| bindings.clear(chosen, drops));
        }
    }
}
