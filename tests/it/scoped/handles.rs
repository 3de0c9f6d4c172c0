//! What a handle disconnects: its slot, at the end of its own scope, and nothing else.

use std::mem;
use std::sync::Arc;

use smoke_signal::{ByRef, CallbackKey, Connection, Registry, ScopedConnection, Signal};

use crate::common::{Counter, OnDrop, Recorder, said};

use super::{Later, Outcome, abc};

// Boost.Signals2: regression_test.cpp, scoped_connection_test
#[test]
fn dropping_the_handle_disconnects() {
    let (signal, scoped, slot) = abc();
    let copy = slot;
    assert_eq!(said(&signal), "abc", "the handle alone changes nothing");
    assert!(signal.contains(slot));
    drop(scoped);
    assert!(!signal.contains(copy), "for every copy of the key");
    assert!(!signal.disconnect(slot), "the handle disconnected it");
    assert_eq!((said(&signal).as_str(), signal.len()), ("ac", 2));
}

// Boost.Signals2: regression_test.cpp, scoped_connection_test
#[test]
fn captures_are_dropped_with_the_handle() {
    let signal = Signal::<()>::new();
    let dropped = Counter::default();
    let scoped = signal.scoped(signal.connect(dropped.tracked().held()));
    signal.emit();
    drop(scoped);
    assert_eq!(dropped.get(), 1);

    let scoped = signal.scoped(signal.connect(dropped.tracked().held()));
    let calls = signal.calls();
    drop(scoped);
    assert_eq!(dropped.get(), 1, "the emission in progress holds them");
    drop(calls);
    assert_eq!(dropped.get(), 2);
}

// Boost.Signals2: regression_test.cpp, scoped_connection_test
#[test]
fn every_kind_of_slot_can_be_scoped() {
    let signal = Signal::<(), char>::new();
    let object = Arc::new('w');
    let waitable = signal.options().waitable();
    let scoped: Vec<_> = [
        signal.connect(|| 'p'),
        signal.once(|| 'o'),
        signal.options().max_calls(2).connect(|| 'l'),
        signal.connect_with_key(|_| || 'k'),
        signal.connect_weak(&object, |object| *object),
        waitable.connect(|| 'q'),
        signal.connector().connect(|| 'r'),
    ]
    .map(|slot| signal.scoped(slot))
    .into();
    assert_eq!(signal.len(), 7);
    drop(scoped);
    assert!(signal.is_empty());
    assert_eq!(said(&signal), "");
}

// Boost.Signals2: regression_test.cpp, scoped_connection_test
#[test]
fn an_object_may_own_handles_of_many_signals_and_registries() -> Outcome {
    struct Owner {
        _listens: Vec<ScopedConnection>,
    }
    let numbers = [(); 3].map(|()| Signal::<(u32,), u32>::new());
    let lines = Signal::<(ByRef<str>,), Option<String>>::new();
    let (one, two) = (Registry::new(), Registry::new());
    let other = numbers[0].connect(|n| n);

    let mut listens: Vec<_> = numbers
        .iter()
        .map(|signal| signal.scoped(signal.connect(|n| n + 1)))
        .collect();
    listens.push(lines.scoped(lines.connect(|line| Some(line.to_owned()))));
    listens.push(one.scoped(one.on(["a", "b"], |_: u8| ())?));
    let named = two.signal::<(), ()>("c")?;
    listens.push(named.scoped(named.connect(|| ())));
    let owner = Owner { _listens: listens };

    assert_eq!(numbers[0].emit(1), [1, 2]);
    assert_eq!(lines.emit("x").len(), 1);
    assert_eq!(one.emit("a", (0_u8,))? + one.emit("b", (0_u8,))?, 2);
    assert_eq!(two.emit("c", ())?, 1);
    drop(owner);
    assert_eq!(two.emit("c", ())?, 0);
    assert_eq!(one.emit("a", (0_u8,))? + one.emit("b", (0_u8,))?, 0);
    assert!(numbers[1].is_empty() && numbers[2].is_empty() && lines.is_empty());
    assert_eq!(numbers[0].connections(), [other]);
    Ok(())
}

#[test]
fn a_handle_may_outlive_its_signal() {
    let dropped = Counter::default();
    let signal = Signal::<()>::new();
    let slot = signal.connect(dropped.tracked().held());
    let scoped = signal.scoped(slot);
    drop(signal);
    assert_eq!(dropped.get(), 1, "it does not keep the slots alive");
    drop(scoped);

    let registry = Registry::new();
    let tracked = dropped.tracked();
    let key = registry.on("name", move || tracked.touch()).unwrap();
    let scoped = registry.scoped(key);
    drop(registry);
    assert_eq!(dropped.get(), 2);
    drop(scoped);
}

#[test]
fn a_handle_does_not_keep_its_signal_alive() {
    // The slot owns the owner of the handle. A strong handle would make a cycle.
    let dropped = Counter::default();
    let signal = Signal::<()>::new();
    let handle = Later::default();
    let (held, tracked) = (Arc::clone(&handle), dropped.tracked());
    let slot = signal.connect(move || {
        tracked.touch();
        let _ = &held;
    });
    *handle.lock().unwrap() = Some(signal.scoped(slot));
    let seen = Arc::downgrade(&handle);
    drop(handle);
    drop(signal);
    assert_eq!(dropped.get(), 1);
    assert_eq!(seen.strong_count(), 0);
}

// Boost.Signals2: deletion_test.cpp, test_signal_deletion
#[test]
fn a_signal_may_be_dropped_while_a_handle_disconnects() {
    // The handle drops a capture that owns the signal. The other slots are dropped with the signal,
    // even though the handle is still using it.
    let signal = Arc::new(Signal::<()>::new());
    let dropped = Counter::default();
    signal.connect(dropped.tracked().held());
    let record = Recorder::new();
    let (seen, noted) = (dropped.clone(), record.clone());
    let mut owner = Some(Arc::clone(&signal));
    let capture = OnDrop(move || {
        assert_eq!(seen.get(), 0);
        drop(owner.take());
        noted.add(seen.get());
    });
    let scoped = signal.scoped(signal.connect(move || {
        let _ = &capture;
    }));
    let guard = signal.block_all();
    drop(signal);
    drop(scoped);
    assert_eq!(record.take(), [1]);
    drop(guard);
}

#[test]
fn a_handle_still_works_after_its_signal_is_moved() {
    let (signal, scoped, slot) = abc();
    let moved = Box::new(signal);
    assert!(moved.contains(slot));
    drop(scoped);
    assert_eq!(said(&moved), "ac");
}

// Boost.Signals2: connection_test.cpp, release_test
#[test]
fn release_keeps_the_connection() {
    let (signal, mut scoped, slot) = abc();
    scoped.release();
    assert!(signal.contains(slot));
    assert_eq!(said(&signal), "abc");

    // A handle in place of a released one manages its own connection.
    scoped = signal.scoped(signal.connect(|| 'd'));
    assert_eq!(said(&signal), "abcd");
    drop(scoped);
    assert_eq!(said(&signal), "abc");
    assert!(signal.disconnect(slot));
}

// Boost.Signals2: connection_test.cpp, release_test
#[test]
fn release_keeps_a_registry_callback() -> Outcome {
    let registry = Registry::new();
    let key = registry.on(["a", "b"], || ())?;
    registry.scoped(key).release();
    assert_eq!(registry.signals(key), ["a", "b"]);
    Ok(())
}

// Boost.Signals2: regression_test.cpp, scoped_connection_test
#[test]
fn reassigning_a_handle_disconnects_its_old_connection() {
    struct Listener {
        listens: ScopedConnection,
    }
    let (signal, scoped, slot) = abc();
    let mut listener = Listener { listens: scoped };
    let new = signal.connect(|| 'n');
    assert_eq!(said(&signal), "abcn", "both are connected for a moment");
    listener.listens = signal.scoped(new);
    assert!(!signal.contains(slot));
    assert_eq!(said(&signal), "acn");
    drop(listener);
    assert_eq!(said(&signal), "ac");
}

// Boost.Signals2: connection_test.cpp, move_test, swap_test
#[test]
fn handles_may_be_moved_and_swapped() {
    let (signal, scoped, _) = abc();
    let mut moved = vec![scoped];
    let boxed = Box::new(moved.pop());
    drop(moved);
    assert_eq!(said(&signal), "abc");
    let mut first = boxed.expect("it was pushed");
    let mut second = signal.scoped(signal.connect(|| 'd'));
    mem::swap(&mut first, &mut second);
    drop(first);
    assert_eq!(said(&signal), "abc");
    drop(second);
    assert_eq!(said(&signal), "ac");
}

// Boost.Signals2: connection_test.cpp, move_test; palacaze/sigslot: test_scoped_connection_moving
#[test]
fn handles_may_be_passed_and_returned() {
    fn back(scoped: ScopedConnection) -> ScopedConnection {
        scoped
    }
    fn end(_scoped: ScopedConnection) {}
    let (signal, scoped, _) = abc();
    let scoped = back(scoped);
    assert_eq!(said(&signal), "abc");
    end(scoped);
    assert_eq!(said(&signal), "ac");
}

#[test]
fn one_connection_may_have_two_handles() {
    let (signal, scoped, slot) = abc();
    let again = signal.scoped(slot);
    drop(scoped);
    assert_eq!(said(&signal), "ac");
    drop(again);
    assert_eq!(said(&signal), "ac");
}

#[test]
fn a_handle_of_a_disconnected_slot_does_nothing() {
    let (signal, scoped, slot) = abc();
    assert!(signal.disconnect(slot));
    drop(scoped);
    assert_eq!(said(&signal), "ac");

    let scoped = signal.scoped(signal.connect(|| 'd'));
    signal.disconnect_all();
    let new = signal.connect(|| 'e');
    drop(scoped);
    assert_eq!(signal.connections(), [new]);

    let used_up = signal.scoped(signal.once(|| 'o'));
    assert_eq!(said(&signal), "eo");
    let next = signal.connect(|| 'f');
    drop(used_up);
    assert_eq!(signal.connections(), [new, next]);
}

#[test]
fn a_handle_never_affects_later_slots_in_its_storage() {
    let signal = Signal::<(), char>::new();
    let mut handles = Vec::new();
    for _ in 0..10_000 {
        let slot = signal.connect(|| 'x');
        handles.push(signal.scoped(slot));
        signal.disconnect(slot);
    }
    let last = signal.connect(|| 'l');
    drop(handles);
    assert_eq!(signal.connections(), [last]);
    assert_eq!(said(&signal), "l");
}

#[test]
fn a_handle_of_a_removed_callback_does_nothing() -> Outcome {
    let registry = Registry::new();
    let key = registry.on("a", || ())?;
    let scoped = registry.scoped(key);
    assert!(registry.disconnect(key));
    let other = registry.on("a", || ())?;
    drop(scoped);
    assert!(registry.responds_to(other, "a"));

    let cleared = registry.scoped(other);
    registry.clear_all();
    let third = registry.on("a", || ())?;
    drop(cleared);
    assert_eq!(registry.signals(third), ["a"]);

    let used_up = registry.scoped(registry.once("b", || ())?);
    assert_eq!(registry.emit("b", ())?, 1);
    drop(used_up);
    Ok(())
}

// Boost.Signals2: connection_test.cpp, swap_test
#[test]
fn a_handle_of_a_null_key_does_nothing() {
    let signal = Signal::<(), char>::new();
    drop(signal.scoped(Connection::default()));
    signal.connect(|| 'a');
    drop(signal.scoped(Connection::default()));
    drop(signal.scoped(signal.options().max_calls(0).connect(|| 'b')));
    assert_eq!(said(&signal), "a");

    let registry = Registry::new();
    drop(registry.scoped(CallbackKey::default()));
    registry.on("a", || ()).unwrap();
    drop(registry.scoped(CallbackKey::default()));
    assert_eq!(registry.emit("a", ()), Ok(1));
}
