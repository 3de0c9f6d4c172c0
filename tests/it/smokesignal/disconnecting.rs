//! Disconnecting, clearing and queries.

use std::sync::Arc;

use smoke_signal::{CallbackKey, Registry};

use crate::common::{Counter, Recorder};

use super::{Outcome, emit_often};

#[test]
fn test_disconnect() -> Outcome {
    // smokesignal: test_disconnect; Boost.Signals2: deletion_test.cpp, test_disconnect_equal
    fn callback() {}
    let registry = Registry::new();
    let others = Counter::default();
    registry.on(["foo", "bar"], others.adding())?;
    registry.on(["foo", "bar"], callback)?;
    registry.on(["foo", "bar"], others.adding())?;
    assert!(registry.disconnect(callback));
    assert!(!registry.responds_to(callback, "foo"));
    assert!(!registry.responds_to(callback, "bar"));
    assert_eq!(registry.emit("foo", ())?, 2);
    assert_eq!(registry.emit("bar", ())?, 2);
    assert_eq!(others.get(), 4);
    Ok(())
}

#[test]
fn disconnect_at_every_position() -> Outcome {
    // palacaze/sigslot: test_disconnection
    for gone in 0..4 {
        let registry = Registry::new();
        let log = Recorder::new();
        let mut expected = vec!["0", "1", "2", "3"];
        let keys = expected
            .iter()
            .map(|&entry| registry.on("foo", log.adding(entry)))
            .collect::<Result<Vec<_>, _>>()?;
        assert!(registry.disconnect(keys[gone]));
        expected.remove(gone);
        registry.emit("foo", ())?;
        assert_eq!(log.take(), expected);
    }
    Ok(())
}

#[test]
fn disconnecting_what_is_not_registered_does_nothing() -> Outcome {
    // psygnal: test_disconnect
    fn callback() {}
    let registry = Registry::new();
    assert!(!registry.disconnect(callback));
    assert!(!registry.disconnect(CallbackKey::default()));
    let key = registry.on("foo", callback)?;
    assert!(registry.disconnect(callback));
    for _ in 0..2 {
        assert!(!registry.disconnect(callback));
        assert!(!registry.disconnect(key));
        assert!(!registry.disconnect_from(key, "foo"));
    }
    Ok(())
}

#[test]
fn test_disconnect_from_removes_only_one() -> Outcome {
    // smokesignal: test_disconnect_from_removes_only_one
    fn callback() {}
    let registry = Registry::new();
    registry.on(["foo", "bar"], callback)?;
    assert!(registry.disconnect_from(callback, "foo"));
    assert!(!registry.responds_to(callback, "foo"));
    assert!(registry.responds_to(callback, "bar"));
    assert_eq!(registry.emit("foo", ())?, 0);
    assert_eq!(registry.emit("bar", ())?, 1);
    Ok(())
}

#[test]
fn test_disconnect_from_removes_all() -> Outcome {
    // smokesignal: test_disconnect_from_removes_all
    fn callback() {}
    let registry = Registry::new();
    registry.on(["foo", "bar"], callback)?;
    assert!(!registry.disconnect_from(callback, [""; 0]));
    assert!(!registry.disconnect_from(callback, "unknown"));
    assert!(!registry.disconnect_from(callback, ["unknown", "strange"]));
    assert_eq!(registry.signals(callback), ["bar", "foo"]);
    assert!(registry.disconnect_from(callback, ["foo", "unknown", "bar", "foo"]));
    assert!(!registry.responds_to(callback, "foo"));
    assert!(!registry.responds_to(callback, "bar"));
    assert!(!registry.disconnect_from(callback, ["foo", "bar"]));
    Ok(())
}

#[test]
fn test_clear() -> Outcome {
    // smokesignal: test_clear
    let registry = Registry::new();
    let (one, two) = (Counter::default(), Counter::default());
    let first = registry.on(["foo", "bar"], one.adding())?;
    let second = registry.on("foo", two.adding())?;
    registry.clear("foo");
    assert_eq!(registry.emit("foo", ())?, 0);
    assert_eq!(registry.emit("bar", ())?, 1);
    assert_eq!(registry.signals(first), ["bar"]);
    assert_eq!(registry.signals(second), [""; 0]);
    assert!(!registry.disconnect(second));
    Ok(())
}

#[test]
fn test_clear_many() -> Outcome {
    // smokesignal: test_clear_many
    fn callback() {}
    let registry = Registry::new();
    registry.on(["foo", "bar", "baz"], callback)?;
    registry.clear(["foo", "unknown", "bar", "foo"]);
    assert_eq!(registry.signals(callback), ["baz"]);
    Ok(())
}

#[test]
fn clear_without_names_clears_nothing() -> Outcome {
    // Unlike smokesignal (test_clear_no_args_clears_all), only `clear_all` clears everything.
    fn callback() {}
    let registry = Registry::new();
    registry.on(["foo", "bar"], callback)?;
    registry.clear([""; 0]);
    assert_eq!(registry.signals(callback), ["bar", "foo"]);
    Ok(())
}

#[test]
fn test_clear_all() -> Outcome {
    // smokesignal: test_clear_all
    fn callback() {}
    let registry = Registry::new();
    registry.clear_all();
    registry.clear("foo");
    registry.once(["foo", "bar"], callback)?;
    registry.clear_all();
    registry.clear_all();
    assert_eq!(registry.signals(callback), [""; 0]);
    assert_eq!(registry.emit("foo", ())?, 0);
    // Names stay bound to their types.
    assert!(registry.on("foo", |_: u8| ()).is_err());
    registry.on_max("foo", 2, callback)?;
    assert_eq!(emit_often(&registry, "foo", 5), 2);
    Ok(())
}

// Queries.

#[test]
fn test_signals() -> Outcome {
    // smokesignal: test_signals. Sorted here; there, in the order in which names were first used.
    fn callback() {}
    let registry = Registry::new();
    assert_eq!(registry.signals(callback), [""; 0]);
    registry.on("zebra", || ())?;
    registry.on(["zebra", "foo"], callback)?;
    registry.on("bar", callback)?;
    assert_eq!(registry.signals(callback), ["bar", "foo", "zebra"]);
    registry.disconnect_from(callback, "foo");
    assert_eq!(registry.signals(callback), ["bar", "zebra"]);
    registry.disconnect(callback);
    assert_eq!(registry.signals(callback), [""; 0]);
    Ok(())
}

#[test]
fn test_responds_to() -> Outcome {
    // smokesignal: test_responds_to_true, test_responds_to_false
    fn callback() {}
    fn stranger() {}
    let registry = Registry::new();
    registry.on_max("foo", 2, callback)?;
    registry.on("bar", || ())?;
    assert!(registry.responds_to(callback, "foo"));
    assert!(!registry.responds_to(callback, "bar"));
    assert!(!registry.responds_to(callback, "unknown"));
    assert!(!registry.responds_to(stranger, "foo"));
    registry.emit("foo", ())?;
    assert!(registry.responds_to(callback, "foo"));
    Ok(())
}

#[test]
fn a_used_up_callback_is_dropped() -> Outcome {
    // smokesignal: shaunduncan/smokesignal#6
    let registry = Registry::new();
    let captured = Arc::new(());
    let weak = Arc::downgrade(&captured);
    registry.on_max(["foo", "bar"], 2, move || {
        let _ = &captured;
    })?;
    registry.emit("foo", ())?;
    assert!(weak.upgrade().is_some());
    registry.emit("bar", ())?;
    assert!(weak.upgrade().is_none());
    Ok(())
}
