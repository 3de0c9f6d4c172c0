//! Values that panic when they are dropped while a callback is registered.

use std::sync::Arc;

use smoke_signal::Registry;

use crate::common::{Counter, OnDrop, throw, thrown};

use super::{Outcome, a_function, holding, watched_value};

/// A name that panics when it is dropped.
struct Bomb(&'static str);

impl AsRef<str> for Bomb {
    fn as_ref(&self) -> &str {
        self.0
    }
}

impl Drop for Bomb {
    fn drop(&mut self) {
        throw("from a name");
    }
}

#[test]
fn nothing_is_connected_if_the_names_panic_as_they_are_dropped() -> Outcome {
    let registry = Registry::new();
    registry.on("typed", |_: u8| ())?;
    let (value, alive) = watched_value();
    let held = holding(value);
    assert_eq!(thrown(|| registry.on([Bomb("foo")], held)), "from a name");
    assert!(!alive(), "it was not connected");
    assert_eq!(registry.emit("foo", ())?, 0);
    // With an error: it must not be leaked, which the test for leaks would find.
    assert_eq!(
        thrown(|| registry.on([Bomb("typed")], a_function)),
        "from a name"
    );
    Ok(())
}

#[test]
fn nothing_is_connected_if_an_expired_slot_panics_as_it_is_dropped() -> Outcome {
    let registry = Registry::new();
    let calls = Counter::default();
    let signal = registry.signal::<(), ()>("foo")?;
    let expire = || {
        let object = Arc::new(());
        let bomb = OnDrop(|| throw("from an expired slot"));
        signal.connect_weak(&object, move |()| {
            let _ = &bomb;
        });
    };

    expire();
    let message = thrown(|| registry.on(["bar", "foo"], calls.adding()));
    assert_eq!(message, "from an expired slot");
    assert_eq!(registry.emit("foo", ())? + registry.emit("bar", ())?, 0);
    assert!(signal.is_empty());

    // A callback that is registered already stays so, but only where it was.
    let key = registry.on_max("bar", 5, a_function)?;
    expire();
    let message = thrown(|| registry.on(["bar", "foo"], a_function));
    assert_eq!(message, "from an expired slot");
    assert_eq!(registry.signals(key), ["bar"]);
    assert_eq!(registry.on(["bar", "foo"], a_function)?, key);
    assert_eq!(registry.signals(key), ["bar", "foo"]);
    Ok(())
}
