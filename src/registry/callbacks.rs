//! Looking up and disconnecting the callbacks of a registry, and its names.

use std::sync::Arc;

use crate::keys::CallbackKey;
use crate::registry::api::Registry;
use crate::registry::bindings::Bindings;
use crate::registry::identity::{CallbackIdentity, Identity};
use crate::registry::names::Names;
use crate::registry::registration::Registration;
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
    pub fn disconnect<K, C: Identity<K>>(&self, callback: C) -> bool {
        let () = C::IDENTIFIES;
        self.disconnect_chosen(callback.identify(), None)
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
    pub fn disconnect_from<K, C: Identity<K>>(&self, callback: C, names: impl Names) -> bool {
        let () = C::IDENTIFIES;
        self.disconnect_chosen(callback.identify(), Some(&names.list()))
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
    #[must_use = "dropping the handle disconnects the callback at once; bind it to a name"]
    pub fn scoped(&self, key: CallbackKey) -> ScopedConnection {
        let registration = self.look_up(CallbackIdentity::Key(key), Arc::downgrade);
        ScopedConnection::of_callback(registration.unwrap_or_default(), key)
    }

    fn disconnect_chosen(&self, identity: CallbackIdentity, names: Option<&[&str]>) -> bool {
        self.shared_if_used()
            .is_some_and(|shared| shared.disconnect(identity, names))
    }

    /// Returns the names that a callback is registered for, sorted.
    ///
    /// ```
    /// let registry = smoke_signal::Registry::new();
    /// let key = registry.on(["opened", "closed"], || ())?;
    /// assert_eq!(registry.signals(key), ["closed", "opened"]);
    /// # Ok::<(), smoke_signal::SignatureMismatch>(())
    /// ```
    pub fn signals<K, C: Identity<K>>(&self, callback: C) -> Vec<String> {
        let () = C::IDENTIFIES;
        let names = self.look_up(callback.identify(), |registration| registration.names());
        names.unwrap_or_default()
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
    pub fn responds_to<K, C: Identity<K>>(&self, callback: C, name: &str) -> bool {
        let () = C::IDENTIFIES;
        let responds = self.look_up(callback.identify(), |registration| {
            registration.lock().is_connected(name)
        });
        responds.unwrap_or(false)
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
    pub fn calls_left<K, C: Identity<K>>(&self, callback: C) -> Option<u32> {
        let () = C::IDENTIFIES;
        self.look_up(callback.identify(), |registration| {
            registration.calls_left()
        })?
    }

    fn look_up<T>(
        &self,
        identity: CallbackIdentity,
        read: impl FnOnce(&Arc<Registration>) -> T,
    ) -> Option<T> {
        let bindings = self.shared_if_used()?.bindings();
        let (_, registration) = bindings.find(identity)?;
        Some(read(registration))
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
        if let Some(shared) = self.shared_if_used() {
            let names = names.list();
            shared.change(|bindings, drops| {
                for name in &names {
                    bindings.clear(name, drops);
                }
            });
        }
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
        if let Some(shared) = self.shared_if_used() {
            shared.change(Bindings::clear_all);
        }
    }

    /// Removes one name, or each name of a list, altogether. Returns how many of them were bound.
    ///
    /// The callbacks leave these names, and the names are free for other signatures. A typed signal that
    /// [`signal`](Self::signal) returned before goes on by itself, with the slots that were connected
    /// through it. If nobody holds it, it is dropped with its slots. A guard from
    /// [`emitting`](Self::emitting) that was made before emits nothing any more, even if the name is bound
    /// again.
    ///
    /// A program that uses a new name for each request, and removes it afterwards, needs no more memory
    /// than for the names that are bound at the same time.
    ///
    /// ```
    /// let registry = smoke_signal::Registry::new();
    /// registry.on("request 1", |status: u16| println!("{status}"))?;
    /// registry.emit("request 1", (200_u16,))?;
    /// assert_eq!(registry.remove(["request 1", "request 2"]), 1);
    /// assert_eq!(registry.emit("request 1", ("another type",))?, 0);
    /// # Ok::<(), smoke_signal::SignatureMismatch>(())
    /// ```
    pub fn remove(&self, names: impl Names) -> usize {
        let Some(shared) = self.shared_if_used() else {
            return 0;
        };
        let names = names.list();
        shared.change(|bindings, drops| {
            let bound = names.iter().filter(|name| bindings.remove(name, drops));
            bound.count()
        })
    }

    /// Returns the names that are bound, sorted.
    ///
    /// ```
    /// let registry = smoke_signal::Registry::new();
    /// registry.on(["opened", "closed"], || ())?;
    /// registry.signal::<(String,), ()>("saved")?;
    /// registry.clear_all();
    /// assert_eq!(registry.names(), ["closed", "opened", "saved"]);
    /// # Ok::<(), smoke_signal::SignatureMismatch>(())
    /// ```
    pub fn names(&self) -> Vec<String> {
        self.shared_if_used()
            .map_or_else(Vec::new, |shared| shared.bindings().names())
    }
}
