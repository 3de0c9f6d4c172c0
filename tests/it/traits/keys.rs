//! Keys: null keys, maps of keys, keys of other signals.

use std::collections::{BTreeMap, HashMap, HashSet};

use slotmap::Key;
use slotmap::SecondaryMap;
use smoke_signal::{CallbackKey, Connection, Registry, Signal};

use super::debug;

// Boost.Signals2: connection_test.cpp, swap_test
#[test]
fn the_null_connection_is_harmless() {
    let null = Connection::default();
    assert!(null.is_null());
    assert_eq!(null, Connection::null());

    let unused: Signal<()> = Signal::new();
    let emptied: Signal<()> = Signal::new();
    emptied.connect(|| ());
    emptied.disconnect_all();
    let full: Signal<()> = Signal::new();
    let keys: Vec<_> = (0..3).map(|_| full.connect(|| ())).collect();
    for signal in [&unused, &emptied, &full] {
        let len = signal.len();
        assert!(!signal.contains(null));
        assert!(!signal.disconnect(null));
        assert_eq!(signal.len(), len);
    }
    assert_eq!(full.connections(), keys);
    assert!(!keys.contains(&null));
    // A slot that never connects has a dead key, which need not be the null key.
    let dead = full.options().max_calls(0).connect(|| ());
    assert!(!full.contains(dead) && !full.disconnect(dead));

    let mut notes = SecondaryMap::new();
    notes.insert(null, "nothing");
    assert_eq!(notes.get(null), None);
}

// Boost.Signals2: connection_test.cpp, swap_test
#[test]
fn the_null_callback_key_is_harmless() {
    let null = CallbackKey::default();
    assert!(null.is_null());
    let unused = Registry::new();
    let used = Registry::new();
    let callback = used.on("a", || ()).unwrap();
    for registry in [&unused, &used] {
        assert!(!registry.disconnect(null));
        assert!(!registry.disconnect_from(null, ["a", "b"]));
        assert!(!registry.responds_to(null, "a"));
        assert_eq!(registry.signals(null), [""; 0]);
        assert_eq!(registry.calls_left(null), None);
    }
    assert_eq!(used.signals(callback), ["a"]);
    assert_eq!(
        debug(&unused),
        "Registry { signals: {}, .. }",
        "still unused"
    );
}

// Boost.Signals2: shared_connection_block_test.cpp
#[test]
fn keys_work_in_every_map() {
    let signal: Signal<()> = Signal::new();
    let keys: Vec<Connection> = (0..4).map(|_| signal.connect(|| ())).collect();
    let mut secondary = SecondaryMap::new();
    let mut hashed = HashMap::new();
    let mut sorted = BTreeMap::new();
    for (n, &key) in keys.iter().enumerate() {
        secondary.insert(key, n);
        hashed.insert(key, n);
        sorted.insert(key, n);
    }
    for (n, &key) in keys.iter().enumerate() {
        assert_eq!(secondary[key], n);
        assert_eq!(hashed[&key], n);
        assert_eq!(sorted[&key], n);
    }
    assert_eq!(hashed.len(), keys.len(), "no two are equal");

    signal.disconnect(keys[0]);
    let successor = signal.connect(|| ());
    assert_ne!(successor, keys[0]);
    assert_eq!(
        secondary.insert(successor, 9),
        None,
        "not the value of the old slot"
    );
    assert_eq!(secondary.get(keys[0]), None);
    assert_eq!(hashed.get(&successor), None);

    let registry = Registry::new();
    let callbacks = ["a", "b"].map(|name| {
        let captured = name.to_owned();
        registry.on(name, move || drop(captured.clone())).unwrap()
    });
    let mut names = SecondaryMap::new();
    for (callback, name) in callbacks.into_iter().zip(["a", "b"]) {
        names.insert(callback, name);
    }
    assert_eq!((names[callbacks[0]], names[callbacks[1]]), ("a", "b"));
    assert_eq!(callbacks.iter().collect::<HashSet<_>>().len(), 2);
    assert!(callbacks[0] < callbacks[1] || callbacks[1] < callbacks[0]);
}

// Boost.Signals2: shared_connection_block_test.cpp
#[test]
fn keys_convert_to_and_from_numbers() {
    let signal: Signal<()> = Signal::new();
    let key = signal.connect(|| ());
    let copy = key;
    let number: u64 = copy.data().as_ffi(); // as a C interface would keep it
    assert!(signal.disconnect(Connection::from(slotmap::KeyData::from_ffi(number))));
    assert!(!signal.disconnect(key), "the same connection");
}

#[test]
fn a_key_of_another_signal_is_dead() {
    let [one, other] = [const { Signal::<()>::new() }; 2];
    let theirs = Vec::from_iter((0..4).map(|_| one.options().waitable().connect(|| ())));
    assert!(!theirs.iter().any(|&key| other.contains(key)), "unused");
    let own = Vec::from_iter((0..4).map(|_| other.options().waitable().connect(|| ())));
    assert!(
        !theirs.iter().any(|key| own.contains(key)),
        "none are equal"
    );
    for &key in &theirs {
        assert!(!other.contains(key) && !other.is_blocked(key));
        assert!(other.block(key).is_none());
        drop(other.scoped(key));
        assert!(!other.disconnect(key));
        assert_eq!(other.disconnect_and_wait(key), Ok(false));
    }
    assert_eq!((one.connections(), other.connections()), (theirs, own));
}

#[test]
fn a_key_that_was_scoped_to_the_wrong_signal_disconnects_nothing() {
    static OPENED: Signal<()> = Signal::new();
    static CLOSED: Signal<()> = Signal::new();
    CLOSED.connect(|| ());
    let slip = CLOSED.scoped(OPENED.connect(|| ()));
    drop(slip);
    assert_eq!((OPENED.len(), CLOSED.len()), (1, 1));
}

#[test]
fn a_map_of_the_keys_of_many_signals_has_an_entry_for_each() {
    let signals = Vec::from_iter((0..100).map(|_| Signal::<()>::new()));
    let mut slots = HashMap::new();
    for (nth, signal) in signals.iter().enumerate() {
        for _ in 0..100 {
            slots.insert(signal.connect(|| ()), nth);
            let reused = signal.connect(|| ());
            signal.disconnect(reused);
        }
    }
    assert_eq!(slots.len(), 100 * 100);
    for (key, nth) in slots {
        assert!(signals[nth].disconnect(key));
    }
}

#[test]
fn a_callback_key_of_another_registry_is_dead() {
    let [one, other] = [const { Registry::new() }; 2];
    let captured = String::new();
    let [theirs, own] = [&one, &other].map(|registry| {
        let captured = captured.clone();
        registry.on("name", move || drop(captured.clone())).unwrap()
    });
    assert_ne!(theirs, own);
    assert!(!other.responds_to(theirs, "name"));
    assert_eq!(other.signals(theirs), [""; 0]);
    assert_eq!(other.calls_left(theirs), None);
    drop(other.scoped(theirs));
    assert!(!other.disconnect_from(theirs, "name"));
    assert!(!other.disconnect(theirs));
    assert_eq!(other.emit("name", ()), Ok(1));
    assert_eq!(one.emit("name", ()), Ok(1));
}
