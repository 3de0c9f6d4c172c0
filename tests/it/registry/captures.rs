//! When the captures of a callback are dropped.

use std::sync::{Arc, Weak};

use smoke_signal::{CallbackKey, Registry};

use crate::common::Counter;

use super::{Outcome, holding, watched_value};

#[test]
fn captures_are_dropped_with_the_last_name() -> Outcome {
    type Step = fn(&Registry, CallbackKey);
    // The captures are alive before the last step, and dropped after it.
    let ways: [(&str, &[Step]); 9] = [
        ("disconnect", &[|r, cb| assert!(r.disconnect(cb))]),
        (
            "disconnect_from both",
            &[|r, cb| assert!(r.disconnect_from(cb, ["foo", "bar"]))],
        ),
        (
            "disconnect_from one by one",
            &[
                |r, cb| assert!(r.disconnect_from(cb, "foo")),
                |r, cb| assert!(r.disconnect_from(cb, "bar")),
            ],
        ),
        ("clear both", &[|r, _| r.clear(["foo", "bar"])]),
        (
            "clear one by one",
            &[|r, _| r.clear("bar"), |r, _| r.clear("foo")],
        ),
        ("clear_all", &[|r, _| r.clear_all()]),
        (
            "used up",
            &[
                |r, _| drop(r.emit("bar", ())),
                |r, _| drop(r.emit("bar", ())),
            ],
        ),
        (
            "typed signals",
            &[
                |r, _| r.signal::<(), ()>("foo").unwrap().disconnect_all(),
                |r, _| r.signal::<(), ()>("bar").unwrap().disconnect_all(),
            ],
        ),
        (
            "a mixture",
            &[
                |r, cb| assert!(r.disconnect_from(cb, "foo")),
                |r, _| drop(r.emit("bar", ())),
                |r, _| r.clear("bar"),
            ],
        ),
    ];
    for (way, steps) in ways {
        let registry = Registry::new();
        let (value, alive) = watched_value();
        let key = registry.on_max(["foo", "bar"], 3, holding(value))?;
        // The snapshot must not keep the captures alive.
        registry.on(["foo", "bar"], || ())?;
        registry.emit("foo", ())?;
        assert_eq!(registry.calls_left(key), Some(2));
        for step in steps {
            assert!(alive(), "{way}");
            step(&registry, key);
        }
        assert!(!alive(), "{way}");
        assert_eq!(registry.signals(key), [""; 0], "{way}");
    }

    let registry = Registry::new();
    let (value, alive) = watched_value();
    registry.on(["foo", "bar"], holding(value))?;
    drop(registry);
    assert!(!alive());
    Ok(())
}

#[test]
fn an_emission_in_progress_keeps_captures_until_it_ends() -> Outcome {
    static REGISTRY: Registry = Registry::new();
    let (value, alive) = watched_value();
    let weak: Weak<()> = Arc::downgrade(&value);
    let held = REGISTRY.on("foo", holding(value))?;
    let weak_there = weak.clone();
    REGISTRY.on("foo", move || {
        assert!(REGISTRY.disconnect(held));
        assert!(weak_there.upgrade().is_some());
    })?;
    REGISTRY.emit("foo", ())?;
    assert!(!alive());
    Ok(())
}

#[test]
fn a_callable_registered_again_is_the_first_one() -> Outcome {
    // A second value of a zero-sized type is dropped at once; the first stays.
    thread_local! {
        static DROPS: Counter = Counter::default();
    }
    struct Tracked;
    impl Drop for Tracked {
        fn drop(&mut self) {
            DROPS.with(Counter::add);
        }
    }
    fn make() -> impl Fn() + Send + Sync + 'static {
        holding(Tracked)
    }
    let drops = || DROPS.with(Counter::get);

    let registry = Registry::new();
    registry.on("foo", make())?;
    assert_eq!(drops(), 0);
    registry.on("foo", make())?;
    assert_eq!(drops(), 1);
    assert!(registry.responds_to(make(), "foo"));
    assert_eq!(drops(), 2);
    assert_eq!(registry.emit("foo", ())?, 1);
    assert!(registry.disconnect(make()));
    assert_eq!(drops(), 4);
    Ok(())
}
