//! Registration.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use smoke_signal::Registry;

use crate::common::{Counter, Recorder};
use crate::registry::counted;

use super::Outcome;

#[test]
fn test_on_registers() -> Outcome {
    // smokesignal: test_on_registers; psygnal: test_repr_not_used
    fn callback() {
        unreachable!("nothing is emitted");
    }

    let registry = Registry::new();
    assert!(!registry.responds_to(callback, "foo"));
    registry.on("foo", callback)?;
    assert!(registry.responds_to(callback, "foo"));
    assert_eq!(registry.signals(callback), ["foo"]);
    Ok(())
}

#[test]
fn test_on_registers_many() -> Outcome {
    // smokesignal: test_on_registers_many
    counted!(callback, CALLS);
    let registry = Registry::new();
    registry.on(["foo", "bar"], callback)?;
    assert_eq!(registry.signals(callback), ["bar", "foo"]);
    registry.emit("foo", ())?;
    registry.emit("bar", ())?;
    assert_eq!(CALLS.load(Ordering::Relaxed), 2);
    Ok(())
}

#[test]
fn one_name_is_not_split_into_characters() -> Outcome {
    // Any string is a name, even one that looks like a tuple or `None`.
    fn callback() {}
    for name in ["foo", "('b', 'c')", "None", "1", "1.0"] {
        let registry = Registry::new();
        registry.on(name, callback)?;
        assert_eq!(registry.signals(callback), [name]);
        assert_eq!(registry.emit(name, ())?, 1);
        for other in ["f", "b", "('c', 'b')", "none", "1.00", "True"] {
            assert_eq!(registry.emit(other, ())?, 0, "{name:?} is not {other:?}");
        }
    }
    Ok(())
}

#[test]
fn on_with_an_empty_list_registers_nothing() -> Outcome {
    // The key of a callback that is on no name is dead, but the call still sets the limit.
    fn callback() {}
    let registry = Registry::new();
    let key = registry.on([""; 0], callback)?;
    assert!(!registry.disconnect(key));
    assert!(!registry.disconnect(callback));
    assert_eq!(registry.signals(callback), [""; 0]);

    registry.on_max("foo", 2, callback)?;
    registry.on_max([""; 0], 7, callback)?;
    assert_eq!(registry.calls_left(callback), Some(7));
    registry.on([""; 0], callback)?;
    assert_eq!(registry.calls_left(callback), None);
    assert_eq!(registry.signals(callback), ["foo"]);
    Ok(())
}

#[test]
fn a_callback_registered_twice_is_called_once() -> Outcome {
    // Django: test_multiple_registration. Registered by two calls, and by one list.
    counted!(callback, CALLS);
    let registry = Registry::new();
    registry.on("foo", callback)?;
    registry.on("foo", callback)?;
    registry.on(["foo", "bar", "foo", "bar"], callback)?;
    assert_eq!(registry.emit("foo", ())?, 1);
    assert_eq!(registry.emit("bar", ())?, 1);
    assert_eq!(CALLS.load(Ordering::Relaxed), 2);
    assert_eq!(registry.signals(callback), ["bar", "foo"]);
    Ok(())
}

#[test]
fn test_on_decorator_registers() -> Outcome {
    // smokesignal: test_on_decorator_registers. There are no decorators; the key works wherever the callback does.
    fn my_callback() {}
    let registry = Registry::new();
    let key = registry.on("foo", my_callback)?;
    assert!(registry.responds_to(my_callback, "foo"));
    assert!(registry.responds_to(key, "foo"));
    assert_eq!(registry.signals(key), ["foo"]);
    assert!(registry.disconnect(key));
    assert!(!registry.responds_to(my_callback, "foo"));
    Ok(())
}

#[test]
fn test_on_creates_helpers() -> Outcome {
    // smokesignal: test_on_creates_responds_to_fn, test_on_creates_disconnect_fn. Here they are methods of the registry.
    let registry = Registry::new();
    let calls = Counter::default();
    let key = registry.on(["foo", "bar", "baz"], calls.adding())?;
    assert!(registry.responds_to(key, "foo"));
    assert!(!registry.responds_to(key, "qux"));
    assert_eq!(registry.signals(key), ["bar", "baz", "foo"]);
    assert!(registry.disconnect_from(key, "foo"));
    assert_eq!(registry.signals(key), ["bar", "baz"]);
    assert!(registry.disconnect(key));
    assert_eq!(registry.signals(key), [""; 0]);
    Ok(())
}

#[test]
fn test_instance_method() -> Outcome {
    // smokesignal: test_instance_method. Each closure is its own callback and keeps the instance alive.
    struct Foo {
        log: Recorder<String>,
    }
    impl Foo {
        fn method(&self, a: u8, b: &str) {
            self.log.add(format!("{a} {b}"));
        }
    }

    let registry = Registry::new();
    let log = Recorder::new();
    let foo = Arc::new(Foo { log: log.clone() });
    let weak = Arc::downgrade(&foo);
    let method = |foo: &Arc<Foo>| {
        let foo = Arc::clone(foo);
        move |a: u8, b: &'static str| foo.method(a, b)
    };
    let first = registry.on("foo", method(&foo))?;
    let second = registry.once("foo", method(&foo))?;
    drop(foo);
    assert_ne!(first, second);
    assert_eq!(registry.emit("foo", (1_u8, "yes"))?, 2);
    assert_eq!(registry.emit("foo", (2_u8, "no"))?, 1);
    assert_eq!(registry.emit("bar", (3_u8, "never"))?, 0);
    assert_eq!(log.take(), ["1 yes", "1 yes", "2 no"]);
    assert!(registry.disconnect(first));
    assert!(weak.upgrade().is_none());
    Ok(())
}
