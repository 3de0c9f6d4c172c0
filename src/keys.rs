//! The keys that connecting and registering return.

slotmap::new_key_type! {
    /// The key of a slot, returned by connecting it to a [`Signal`](crate::Signal).
    ///
    /// It is `Copy` and takes 8 bytes, in an `Option` too. Because it is a slotmap key, a
    /// `slotmap::SecondaryMap<Connection, T>` can store more about each slot of one signal. For the
    /// slots of several signals, take a `HashMap`. Dropping a key changes nothing: the slot stays
    /// connected.
    ///
    /// A key belongs to the signal that made it. To any other signal it is dead: `disconnect` and
    /// `contains` return `false`, `block` returns `None`. Keys of two signals are never equal. Nor
    /// are keys reused: once a slot is disconnected, its key never refers to a newer slot of the same
    /// signal. Both hold as long as the number of signals ever used, multiplied by how often one
    /// place in the storage of one signal is used again, stays below 2<sup>29</sup>. The default
    /// is a null key, which is never connected.
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
    ///
    /// let other: Signal<()> = Signal::new();
    /// other.connect(|| println!("other"));
    /// assert!(!other.disconnect(new), "it belongs to `tick`");
    /// ```
    pub struct Connection;

    /// The key of a callback, returned by registering it with a [`Registry`](crate::Registry).
    ///
    /// It identifies the callback under all its names. It is a slotmap key like [`Connection`], and
    /// belongs to the registry that made it as a `Connection` belongs to its signal.
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
