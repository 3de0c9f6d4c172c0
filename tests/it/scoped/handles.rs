//! What a handle disconnects: its slot, at the end of its own scope, and nothing else.

use std::mem;
use std::sync::Arc;

use smoke_signal::{ByRef, CallbackKey, Connection, Registry, ScopedConnection, Signal};

use crate::common::{Counter, OnDrop, Recorder, said};

use super::{Later, Outcome, abc};

// Boost.Signals2: regression_test.cpp, scoped_connection_test, connection_test.cpp, release_test
#[test]
fn the_end_of_the_scope_disconnects() {
    let (signal, scoped, slot) = abc();
    let copy = slot;
    assert_eq!(said(&signal), "abc", "the handle changes nothing as such");
    assert!(signal.contains(slot));
    drop(scoped);
    assert!(!signal.contains(copy), "every copy of the key knows");
    assert!(!signal.disconnect(slot), "it was the handle that did it");
    assert_eq!((said(&signal).as_str(), signal.len()), ("ac", 2));
}

// Boost.Signals2: regression_test.cpp, scoped_connection_test
#[test]
fn captures_are_gone_when_the_handle_is() {
    let signal = Signal::<()>::new();
    let dropped = Counter::default();
    let scoped = signal.scoped(signal.connect(dropped.tracked().held()));
    signal.emit();
    drop(scoped);
    assert_eq!(dropped.get(), 1);

    let scoped = signal.scoped(signal.connect(dropped.tracked().held()));
    let calls = signal.calls();
    drop(scoped);
    assert_eq!(dropped.get(), 1, "an emission under way holds them");
    drop(calls);
    assert_eq!(dropped.get(), 2);
}

// Boost.Signals2: regression_test.cpp, scoped_connection_test
#[test]
fn every_kind_of_slot() {
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

// Boost.Signals2: regression_test.cpp, scoped_connection_test, trackable_test.cpp
#[test]
fn an_owner_of_handles_of_many_signals_and_registries() -> Outcome {
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
fn it_outlives_the_signal() {
    let dropped = Counter::default();
    let signal = Signal::<()>::new();
    let slot = signal.connect(dropped.tracked().held());
    let scoped = signal.scoped(slot);
    drop(signal);
    assert_eq!(dropped.get(), 1, "it does not keep the slots alive");
    drop(scoped);

    let registry = Registry::new();
    let tracked = dropped.tracked();
    let receiver = registry.on("name", move || tracked.touch()).unwrap();
    let scoped = registry.scoped(receiver);
    drop(registry);
    assert_eq!(dropped.get(), 2);
    drop(scoped);
}

#[test]
fn it_does_not_keep_the_signal_alive_in_any_form() {
    // The slot owns what owns the handle: a cycle, were the handle strong.
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
fn the_signal_goes_while_a_handle_disconnects() {
    // A capture that goes with the handle owns the signal: the other slots go with that, there and
    // then, though the handle is at work on it.
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
fn a_signal_moved_somewhere_else_is_still_meant() {
    let (signal, scoped, slot) = abc();
    let moved = Box::new(signal);
    assert!(moved.contains(slot));
    drop(scoped);
    assert_eq!(said(&moved), "ac");
}

// Boost.Signals2: connection_test.cpp, release_test
#[test]
fn release_lets_the_connection_live_on() {
    let (signal, mut scoped, slot) = abc();
    scoped.release();
    assert!(signal.contains(slot));
    assert_eq!(said(&signal), "abc");

    // A handle for the place of a released one manages its own connection.
    scoped = signal.scoped(signal.connect(|| 'd'));
    assert_eq!(said(&signal), "abcd");
    drop(scoped);
    assert_eq!(said(&signal), "abc");
    assert!(signal.disconnect(slot));
}

// Boost.Signals2: connection_test.cpp, release_test
#[test]
fn release_of_a_registry_callback() -> Outcome {
    let registry = Registry::new();
    let receiver = registry.on(["a", "b"], || ())?;
    registry.scoped(receiver).release();
    assert_eq!(registry.signals(receiver), ["a", "b"]);
    Ok(())
}

// Boost.Signals2: regression_test.cpp, scoped_connection_test
#[test]
fn re_assigned_it_lets_go_of_the_old_connection() {
    struct Listener {
        listens: ScopedConnection,
    }
    let (signal, scoped, slot) = abc();
    let mut listener = Listener { listens: scoped };
    let new = signal.connect(|| 'n');
    assert_eq!(said(&signal), "abcn", "both, for a moment");
    listener.listens = signal.scoped(new);
    assert!(!signal.contains(slot));
    assert_eq!(said(&signal), "acn");
    drop(listener);
    assert_eq!(said(&signal), "ac");
}

// Boost.Signals2: connection_test.cpp, move_test, swap_test
#[test]
fn moved_and_swapped() {
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
fn given_to_a_function_and_back() {
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
fn two_handles_of_one_connection() {
    let (signal, scoped, slot) = abc();
    let again = signal.scoped(slot);
    drop(scoped);
    assert_eq!(said(&signal), "ac");
    drop(again);
    assert_eq!(said(&signal), "ac");
}

#[test]
fn what_left_before_is_no_concern_of_the_handle() {
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
fn ten_thousand_slots_in_the_same_storage_place() {
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
fn of_a_callback_that_left_or_was_cleared() -> Outcome {
    let registry = Registry::new();
    let receiver = registry.on("a", || ())?;
    let scoped = registry.scoped(receiver);
    assert!(registry.disconnect(receiver));
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
fn of_nothing_it_does_nothing() {
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
