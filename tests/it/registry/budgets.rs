//! Budgets of callbacks, which all their names share.

use std::panic;
use std::sync::Mutex;

use smoke_signal::{CallbackKey, Registry};

use crate::common::Counter;

use super::{Outcome, a_function, assert_names, holding, watched_value};

#[test]
fn on_max_zero_connects_nothing() -> Outcome {
    let registry = Registry::new();
    let (value, alive) = watched_value();
    let key = registry.on_max(["foo", "bar"], 0, holding(value))?;
    assert!(!alive());
    assert_eq!(registry.signals(key), [""; 0]);
    assert_eq!(registry.calls_left(key), None);
    assert!(!registry.disconnect(key));
    assert_eq!(registry.emit("foo", ())?, 0);
    assert!(registry.signal::<(), ()>("foo")?.is_empty());
    assert!(registry.on_max("foo", 0, |_: u8| ()).is_err());
    Ok(())
}

#[test]
fn on_max_zero_removes_a_registered_callback_from_all_its_names() -> Outcome {
    let registry = Registry::new();
    registry.on(["foo", "bar"], a_function)?;
    registry.on_max("baz", 0, a_function)?;
    assert_eq!(registry.signals(a_function), [""; 0]);
    for name in ["foo", "bar", "baz"] {
        assert_eq!(registry.emit(name, ())?, 0, "{name}");
    }
    registry.on("baz", a_function)?;
    assert_eq!(registry.signals(a_function), ["baz"]);
    registry.on_max([""; 0], 0, a_function)?;
    assert_eq!(registry.signals(a_function), [""; 0]);
    Ok(())
}

#[test]
fn on_max_zero_disconnects_at_once() -> Outcome {
    // It does not wait for the next emission.
    let registry = Registry::new();
    registry.on(["foo", "bar"], a_function)?;
    registry.on_max("foo", 0, a_function)?;
    for name in ["foo", "bar"] {
        assert!(registry.signal::<(), ()>(name)?.is_empty(), "{name}");
    }
    Ok(())
}

#[test]
fn on_max_zero_binds_its_names() -> Outcome {
    let registry = Registry::new();
    registry.on_max(["foo", "bar"], 0, |n: u8| n)?;
    assert_names(&registry, r#""bar": "(u8,) -> u8", "foo": "(u8,) -> u8""#);
    assert!(registry.emit("foo", ()).is_err());
    Ok(())
}

#[test]
fn calls_left_counts_across_all_names() -> Outcome {
    let registry = Registry::new();
    let key = registry.on_max(["foo", "bar"], u32::MAX, || ())?;
    assert_eq!(registry.calls_left(key), Some(u32::MAX));
    registry.emit("foo", ())?;
    registry.emit("bar", ())?;
    registry.signal::<(), ()>("foo")?.emit();
    assert_eq!(registry.calls_left(key), Some(u32::MAX - 3));
    registry.disconnect(key);
    assert_eq!(registry.calls_left(key), None);
    Ok(())
}

#[test]
fn a_callback_that_is_not_called_is_not_charged() -> Outcome {
    static REGISTRY: Registry = Registry::new();
    fn limited() {}

    REGISTRY.on("foo", || {
        REGISTRY.disconnect_from(limited, "foo");
    })?;
    REGISTRY.on_max(["foo", "bar"], 2, limited)?;
    assert_eq!(REGISTRY.emit("foo", ())?, 1);
    assert_eq!(REGISTRY.calls_left(limited), Some(2));
    // A callback connected again during the emission is first called by the next one.
    REGISTRY.clear("foo");
    REGISTRY.on_max("foo", 2, limited)?;
    REGISTRY
        .signal::<(), ()>("foo")?
        .options()
        .first()
        .once(|| {
            REGISTRY.disconnect_from(limited, "foo");
            REGISTRY.on("foo", limited).unwrap();
            REGISTRY.on_max("foo", 5, limited).unwrap();
        });
    assert_eq!(REGISTRY.emit("foo", ())?, 1);
    assert_eq!(REGISTRY.calls_left(limited), Some(5));
    assert_eq!(REGISTRY.emit("foo", ())?, 1);
    assert_eq!(REGISTRY.calls_left(limited), Some(4));
    Ok(())
}

#[test]
fn a_budget_set_inside_the_last_call_belongs_to_a_new_registration() -> Outcome {
    static REGISTRY: Registry = Registry::new();
    static KEYS: Mutex<Vec<CallbackKey>> = Mutex::new(Vec::new());
    fn again() {
        let key = REGISTRY.on_max("foo", 2, again).unwrap();
        KEYS.lock().unwrap().push(key);
    }

    let first = REGISTRY.once(["foo", "bar"], again)?;
    assert_eq!(REGISTRY.emit("bar", ())?, 1);
    assert!(!REGISTRY.responds_to(first, "foo"));
    assert_eq!(
        REGISTRY.signals(again),
        ["foo"],
        "it was removed from `bar`"
    );
    assert_eq!(REGISTRY.emit("foo", ())?, 1);
    let keys = KEYS.lock().unwrap();
    assert_ne!(keys[0], first);
    assert_eq!(
        keys[1], keys[0],
        "this was not the last call, so the registration is the same"
    );
    assert_eq!(REGISTRY.calls_left(keys[0]), Some(2));
    Ok(())
}

#[test]
fn a_call_that_panics_in_a_clone_is_charged() -> Outcome {
    struct Bad;
    impl Clone for Bad {
        fn clone(&self) -> Self {
            panic!("no copies");
        }
    }

    fn never(_: Bad) {
        unreachable!("there is no argument for it");
    }

    let registry = Registry::new();
    let calls = Counter::default();
    let limited = registry.on_max("foo", 2, never)?;
    let counter = calls.clone();
    let last = registry.on("foo", move |_: Bad| counter.add())?;
    for left in [Some(1), None] {
        assert!(panic::catch_unwind(|| registry.emit("foo", (Bad,))).is_err());
        assert_eq!(registry.calls_left(limited), left);
    }
    assert!(registry.responds_to(last, "foo"));
    assert_eq!(registry.emit("foo", (Bad,))?, 1);
    assert_eq!(calls.get(), 1);
    Ok(())
}
