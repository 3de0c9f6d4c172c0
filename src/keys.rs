//! The keys that connecting and registering return.

slotmap::new_key_type! {
    /// The key of a slot, returned when it is connected to a [`Signal`](crate::Signal).
    ///
    /// It is `Copy` and takes 8 bytes, also in an `Option`. It is a slotmap key, so a
    /// `slotmap::SecondaryMap<Connection, T>` can associate more data with each slot. Dropping it
    /// changes nothing: the slot stays connected.
    ///
    /// Keys are not reused: once a slot has left, its key never refers to the slot that took its
    /// place. As with any slotmap, a key is meaningful only to the signal that returned it; another
    /// signal may take it for one of its own. The default is a null key, which is never connected.
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

    /// The key of a callback, returned when it is registered with a [`Registry`](crate::Registry).
    ///
    /// It identifies the callback under all of its names. It is a slotmap key like [`Connection`],
    /// and meaningful only to the registry that returned it.
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
