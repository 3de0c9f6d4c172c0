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
    // What never connects has a dead key, which need not be the null one.
    let dead = full.options().max_calls(0).connect(|| ());
    assert!(!full.contains(dead) && !full.disconnect(dead));

    let mut notes = SecondaryMap::new();
    notes.insert(null, "nothing");
    assert_eq!(notes.get(null), None);
}

// Boost.Signals2: connection_test.cpp, swap_test
#[test]
fn the_null_receiver_is_harmless() {
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
fn keys_are_keys_of_every_map() {
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
    let heir = signal.connect(|| ());
    assert_ne!(heir, keys[0]);
    assert_eq!(secondary.insert(heir, 9), None, "not the old slot's note");
    assert_eq!(secondary.get(keys[0]), None);
    assert_eq!(hashed.get(&heir), None);

    let registry = Registry::new();
    let receivers = ["a", "b"].map(|name| {
        let captured = name.to_owned();
        registry.on(name, move || drop(captured.clone())).unwrap()
    });
    let mut names = SecondaryMap::new();
    for (receiver, name) in receivers.into_iter().zip(["a", "b"]) {
        names.insert(receiver, name);
    }
    assert_eq!((names[receivers[0]], names[receivers[1]]), ("a", "b"));
    assert_eq!(receivers.iter().collect::<HashSet<_>>().len(), 2);
    assert!(receivers[0] < receivers[1] || receivers[1] < receivers[0]);
}

// Boost.Signals2: shared_connection_block_test.cpp
#[test]
fn keys_are_copied_in_and_out_of_numbers() {
    let signal: Signal<()> = Signal::new();
    let key = signal.connect(|| ());
    let copy = key;
    let number: u64 = copy.data().as_ffi(); // as a C interface would keep it
    assert!(signal.disconnect(Connection::from(slotmap::KeyData::from_ffi(number))));
    assert!(!signal.disconnect(key), "the same connection");
}

#[test]
fn a_key_of_another_signal_is_dead_or_one_of_its_own() {
    let one: Signal<()> = Signal::new();
    let other: Signal<()> = Signal::new();
    let foreign: Vec<_> = (0..4).map(|_| one.connect(|| ())).collect();
    assert!(!foreign.iter().any(|&key| other.contains(key)), "empty");
    for _ in 0..2 {
        other.connect(|| ());
    }
    for key in foreign {
        let own = other.connections();
        assert_eq!(other.contains(key), own.contains(&key));
        assert_eq!(other.disconnect(key), own.contains(&key));
        let left: Vec<_> = own.into_iter().filter(|&other| other != key).collect();
        assert_eq!(other.connections(), left);
    }
    assert_eq!(one.len(), 4);
}
