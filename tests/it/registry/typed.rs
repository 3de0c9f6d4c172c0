//! The typed signal behind a name.

use std::sync::Arc;

use slotmap::Key;
use smoke_signal::{ByMut, ByRef, CallbackKey, Registry};

use crate::common::{Counter, Recorder};

use super::{Outcome, a_function, holding, watched_value};

#[test]
fn a_name_has_one_typed_signal() -> Outcome {
    let registry = Registry::new();
    let foo = registry.signal::<(u8,), u8>("foo")?;
    assert!(Arc::ptr_eq(&foo, &registry.signal::<(u8,), u8>("foo")?));
    assert!(!Arc::ptr_eq(&foo, &registry.signal::<(u8,), u8>("bar")?));
    drop(foo);
    registry.signal::<(u8,), u8>("foo")?.connect(|n| n + 1);
    assert_eq!(registry.signal::<(u8,), u8>("foo")?.emit(1), [2]);
    registry.clear_all();
    assert!(registry.signal::<(u8,), u8>("foo")?.is_empty());
    Ok(())
}

#[test]
fn callbacks_and_typed_slots_share_a_signal() -> Outcome {
    let registry = Registry::new();
    let log = Recorder::new();
    registry.on("foo", log.adding("callback"))?;
    let signal = registry.signal::<(), ()>("foo")?;
    signal.connect(log.adding("slot"));
    signal.options().first().connect(log.adding("first"));
    assert_eq!(registry.emit("foo", ())?, 3);
    assert_eq!(log.take(), ["first", "callback", "slot"]);
    signal.emit();
    assert_eq!(log.take(), ["first", "callback", "slot"]);
    assert_eq!(signal.len(), 3);
    registry.clear("foo");
    assert!(signal.is_empty());
    assert_eq!(registry.emit("foo", ())?, 0);
    signal.connect(log.adding("slot"));
    registry.clear_all();
    assert_eq!(registry.emit("foo", ())?, 0);
    Ok(())
}

#[test]
fn borrowed_arguments_need_the_typed_signal() -> Outcome {
    let registry = Registry::new();
    let signal = registry.signal::<(ByRef<str>, ByMut<usize>), bool>("line")?;
    signal.connect(|line, hits| {
        *hits += line.matches('x').count();
        *hits > 2
    });
    let (line, mut hits) = ("x".repeat(2), 1);
    assert_eq!(signal.emit(&line, &mut hits), [true]);
    assert_eq!(hits, 3);
    // Emission by name cannot pass borrowed arguments.
    assert!(registry.emit("line", ("x".to_owned(), 1_usize)).is_err());
    registry.clear("line");
    assert!(signal.is_empty());
    Ok(())
}

#[test]
fn disconnecting_through_the_typed_signal_ends_the_registration() -> Outcome {
    let registry = Registry::new();
    let signal = registry.signal::<(), ()>("foo")?;
    let key = registry.on_max("foo", 3, a_function)?;
    signal.disconnect_all();
    assert!(!registry.responds_to(a_function, "foo"));
    assert_eq!(registry.signals(key), [""; 0]);
    assert_eq!(registry.calls_left(key), None);
    assert!(!registry.disconnect(key));
    registry.on("foo", a_function)?;
    assert_eq!(registry.emit("foo", ())?, 1);
    assert!(registry.responds_to(a_function, "foo"));
    assert_eq!(registry.calls_left(a_function), None);

    // From one of two names only.
    registry.on("bar", a_function)?;
    assert!(signal.disconnect(signal.connections()[0]));
    assert_eq!(registry.signals(a_function), ["bar"]);
    assert!(!registry.disconnect_from(a_function, "foo"));
    registry.on("foo", a_function)?;
    assert_eq!(registry.signals(a_function), ["bar", "foo"]);
    assert_eq!(registry.emit("foo", ())?, 1);
    Ok(())
}

#[test]
fn registrations_lost_through_the_typed_signal_do_not_accumulate() -> Outcome {
    /// The index of a key in its slotmap, which grows only if no index is free.
    fn index(key: CallbackKey) -> u64 {
        key.data().as_ffi() & u64::from(u32::MAX)
    }

    let registry = Registry::new();
    let signal = registry.signal::<(), ()>("foo")?;
    let stays = registry.on("bar", a_function)?;
    let mut highest = 0;
    for round in 0..2_000 {
        let key = registry.on("foo", holding(round))?;
        registry.on("foo", a_function)?;
        highest = highest.max(index(key));
        signal.disconnect_all();
    }
    assert!(highest < 64, "{highest} indices for one callback at a time");
    assert_eq!(registry.signals(stays), ["bar"]);
    assert_eq!(registry.emit("bar", ())?, 1);
    Ok(())
}

#[test]
fn forgetting_registrations_keeps_connected_ones() -> Outcome {
    let registry = Registry::new();
    let (foo, bar) = (
        registry.signal::<(), ()>("foo")?,
        registry.signal::<(), ()>("bar")?,
    );
    let mut connected = Vec::new();
    for round in 0..300 {
        connected.push(registry.on_max(["foo", "bar"], 9, holding(round))?);
        registry.on("foo", holding(round))?;
        // Callbacks that are also on `bar` stay.
        foo.disconnect_all();
    }
    assert_eq!(bar.len(), 300);
    for &key in &connected {
        assert_eq!(registry.signals(key), ["bar"]);
        assert_eq!(registry.calls_left(key), Some(9));
        assert!(registry.disconnect(key));
    }
    assert!(bar.is_empty());
    Ok(())
}

#[test]
fn a_key_disconnected_through_the_typed_signal_stays_dead() -> Outcome {
    for others in [0, 40] {
        let registry = Registry::new();
        let signal = registry.signal::<(), ()>("foo")?;
        let old = registry.on("foo", a_function)?;
        signal.disconnect_all();
        for n in 0..others {
            registry.on("other", holding(n))?;
        }
        let new = registry.on("foo", a_function)?;
        assert_ne!(old, new);
        assert!(!registry.responds_to(old, "foo"));
        assert!(!registry.disconnect(old));
        assert_eq!(registry.signals(a_function), ["foo"]);
        assert_eq!(registry.emit("foo", ())?, 1);
    }
    Ok(())
}

#[test]
fn a_typed_signal_outlives_its_registry() -> Outcome {
    let registry = Registry::new();
    let calls = Counter::default();
    registry.on("foo", calls.adding())?;
    let signal = registry.signal::<(), ()>("foo")?;
    drop(registry);
    signal.emit();
    assert_eq!(calls.get(), 1);
    assert_eq!(signal.len(), 1);
    Ok(())
}

#[test]
fn a_used_up_callback_is_dropped_by_a_typed_signal_that_outlived_its_registry() -> Outcome {
    let registry = Registry::new();
    let (value, alive) = watched_value();
    registry.once("foo", holding(value))?;
    let signal = registry.signal::<(), ()>("foo")?;
    drop(registry);
    assert_eq!(signal.emit().len(), 1);
    assert_eq!(signal.emit().len(), 0);
    assert_eq!(signal.len(), 0);
    assert!(!alive());
    Ok(())
}

#[test]
fn a_callback_is_disconnected_before_its_last_call_even_without_its_registry() -> Outcome {
    let registry = Registry::new();
    let signal = registry.signal::<(), ()>("foo")?;
    let (weak, calls) = (Arc::downgrade(&signal), Counter::default());
    let counter = calls.clone();
    registry.once("foo", move || {
        assert!(weak.upgrade().expect("the test owns it").is_empty());
        counter.add();
    })?;
    drop(registry);
    signal.emit();
    assert_eq!(calls.get(), 1);
    assert!(signal.is_empty());
    Ok(())
}
