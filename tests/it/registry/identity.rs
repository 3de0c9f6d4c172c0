//! The identity of a callback, and the keys that stand for it.

use smoke_signal::{CallbackKey, Registry};

use crate::common::Recorder;

use super::{Outcome, a_function, assert_names};

#[test]
fn a_callable_without_captures_is_its_own_identity() -> Outcome {
    #[track_caller]
    fn check<C: Fn() + Copy + Send + Sync + 'static>(callback: C) {
        let registry = Registry::new();
        let key = registry.on("foo", callback).unwrap();
        assert_eq!(registry.on_max(["foo", "bar"], 2, callback), Ok(key));
        assert_eq!(registry.emit("foo", ()), Ok(1));
        assert_eq!(registry.signals(callback), registry.signals(key));
        assert_eq!(registry.calls_left(callback), Some(1));
        assert_eq!(registry.calls_left(key), Some(1));
        assert!(registry.responds_to(callback, "bar"));
        assert!(registry.responds_to(key, "bar"));
        assert!(registry.disconnect_from(callback, "bar"));
        assert!(registry.disconnect(callback));
        assert!(!registry.disconnect(key));
    }
    fn generic<T>() {}

    check(|| ());
    check(a_function);
    check(generic::<u8>);
    let nothing = ();
    check(move || nothing);

    // Different functions, or instances of a generic one, are different callbacks.
    let registry = Registry::new();
    registry.on("foo", generic::<u8>)?;
    assert!(!registry.responds_to(generic::<u16>, "foo"));
    assert!(!registry.responds_to(a_function, "foo"));
    registry.on("foo", generic::<u16>)?;
    assert_eq!(registry.emit("foo", ())?, 2);
    Ok(())
}

#[test]
fn closures_of_one_expression_are_one_callback_if_they_capture_nothing() -> Outcome {
    let registry = Registry::new();
    let mut keys = Vec::new();
    for _ in 0..3 {
        keys.push(registry.on("foo", || ())?);
    }
    assert_eq!(keys, [keys[0]; 3]);
    assert_eq!(registry.emit("foo", ())?, 1);
    // Two expressions are two callbacks.
    registry.on("foo", || ())?;
    assert_eq!(registry.emit("foo", ())?, 2);
    Ok(())
}

#[test]
fn closures_with_captures_are_distinct() -> Outcome {
    let registry = Registry::new();
    let log = Recorder::new();
    let keys = ["a", "b", "c"].map(|entry| registry.on("foo", log.adding(entry)).unwrap());
    assert_ne!(keys[0], keys[1]);
    assert_ne!(keys[1], keys[2]);
    registry.emit("foo", ())?;
    assert_eq!(log.take(), ["a", "b", "c"]);
    assert!(registry.disconnect(keys[1]));
    registry.emit("foo", ())?;
    assert_eq!(log.take(), ["a", "c"]);
    Ok(())
}

#[test]
fn function_pointers_are_distinct() -> Outcome {
    // The type of a function pointer does not say which function it is.
    let registry = Registry::new();
    let pointer: fn() = a_function;
    assert_ne!(registry.on("foo", pointer)?, registry.on("foo", pointer)?);
    assert_eq!(registry.emit("foo", ())?, 2);
    Ok(())
}

#[test]
fn an_old_key_never_stands_for_a_later_registration() -> Outcome {
    let registry = Registry::new();
    let old = registry.on("foo", a_function)?;
    registry.disconnect(old);
    let new = registry.on("foo", a_function)?;
    assert_ne!(old, new);
    assert!(!registry.responds_to(old, "foo"));
    assert_eq!(registry.signals(old), [""; 0]);
    assert_eq!(registry.calls_left(old), None);
    assert!(!registry.disconnect_from(old, "foo"));
    assert!(!registry.disconnect(old));
    assert!(registry.responds_to(new, "foo"));
    assert!(registry.responds_to(a_function, "foo"));
    Ok(())
}

#[test]
fn a_callable_registered_again_gets_a_new_key() -> Outcome {
    type Remove = fn(&Registry, CallbackKey);
    let ways: [(&str, Remove); 6] = [
        ("disconnect", |r, cb| assert!(r.disconnect(cb))),
        ("disconnect_from", |r, cb| {
            assert!(r.disconnect_from(cb, ["bar", "foo"]));
        }),
        ("clear", |r, _| r.clear(["foo", "bar"])),
        ("clear_all", |r, _| r.clear_all()),
        ("used up", |r, _| drop(r.emit("bar", ()))),
        ("on_max(0)", |r, _| drop(r.on_max("foo", 0, a_function))),
    ];
    for (way, remove) in ways {
        let registry = Registry::new();
        let old = registry.once(["foo", "bar"], a_function)?;
        remove(&registry, old);
        let new = registry.on("foo", a_function)?;
        assert_ne!(old, new, "{way}");
        assert!(!registry.responds_to(old, "foo"), "{way}");
        assert!(!registry.disconnect(old), "{way}");
        assert!(registry.disconnect(new), "{way}");
    }
    Ok(())
}

#[test]
fn an_empty_registry_answers_every_question() -> Outcome {
    for registry in [Registry::new(), Registry::default()] {
        assert!(!registry.disconnect(a_function));
        assert!(!registry.disconnect_from(a_function, ["foo", "bar"]));
        assert!(!registry.responds_to(CallbackKey::default(), "foo"));
        assert_eq!(registry.signals(a_function), [""; 0]);
        assert_eq!(registry.calls_left(a_function), None);
        registry.clear("foo");
        registry.clear_all();
        assert_eq!(registry.emit("foo", ())?, 0);
        assert_names(&registry, "");
    }
    Ok(())
}
