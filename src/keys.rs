//! The keys that connecting and registering return.

slotmap::new_key_type! {
    /// The key of a slot, returned by connecting it to a [`Signal`](crate::Signal).
    ///
    /// It is `Copy` and takes 8 bytes, in an `Option` too. Because it is a slotmap key, a
    /// `slotmap::SecondaryMap<Connection, T>` can store more about each slot. Dropping a key
    /// changes nothing: the slot stays connected.
    ///
    /// Keys are not reused: once a slot is disconnected, its key never refers to a newer slot of
    /// the same signal. As with any slotmap, a key is meaningful only to the signal that made it;
    /// another signal may treat it as one of its own. The default is a null key, which is never
    /// connected.
    ///
    /// ```
    /// use smoke_signal::{Connection, Signal};
    ///
    /// let tick: Signal<()> = Signal::new();
    /// let old = tick.connect(|| println!("tick"));
    /// tick.disconnect(old);
    /// let new = tick.connect(|| println!("tock"));
    /// assert_ne!(old, new);
    /// assert!(!tick.contains(old));
    /// assert!(!tick.contains(Connection::default()));
    /// ```
    pub struct Connection;

    /// The key of a callback, returned by registering it with a [`Registry`](crate::Registry).
    ///
    /// It identifies the callback under all its names. It is a slotmap key like [`Connection`], and
    /// is meaningful only to the registry that made it.
    ///
    /// ```
    /// use smoke_signal::Registry;
    ///
    /// let registry = Registry::new();
    /// let greeting = String::from("hello");
    /// let key = registry.on("greet", move || println!("{greeting}"))?;
    /// assert!(registry.disconnect(key));
    /// assert!(!registry.disconnect(key));
    /// # Ok::<(), smoke_signal::SignatureMismatch>(())
    /// ```
    pub struct CallbackKey;
}
