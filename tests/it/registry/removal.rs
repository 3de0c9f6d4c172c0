//! Taking names out of a registry.

use smoke_signal::{Registry, global};

use crate::common::{Counter, together};

use super::{Outcome, a_function, assert_names, holding, watched_value};

#[test]
fn names_are_listed_in_order_until_they_are_removed() -> Outcome {
    let registry = Registry::new();
    assert_eq!(registry.names(), [""; 0]);
    assert_eq!(registry.remove("foo"), 0);
    registry.on(["foo", ""], a_function)?;
    registry.signal::<(u8,), ()>("bar")?;
    drop(registry.emitting("guarded")?);
    registry.emit("unbound", ())?;
    registry.clear_all();
    assert_eq!(registry.names(), ["", "bar", "foo", "guarded"]);
    assert_eq!(registry.remove(["foo", "unbound", "foo", "guarded"]), 2);
    assert_eq!(registry.names(), ["", "bar"]);
    assert_eq!(registry.remove(registry.names()), 2);
    assert_names(&registry, "");
    Ok(())
}

#[test]
fn the_global_registry_has_both() -> Outcome {
    global::on("global name to be removed", || ())?;
    let listed = || global::names().contains(&"global name to be removed".to_owned());
    assert!(listed());
    assert_eq!(global::remove("global name to be removed"), 1);
    assert!(!listed());
    Ok(())
}

#[test]
fn callbacks_leave_a_name_that_is_removed() -> Outcome {
    let registry = Registry::new();
    let (value, alive) = watched_value();
    let key = registry.on_max(["bar", "foo"], 3, holding(value))?;
    let once = registry.once("foo", || ())?;
    registry.remove("foo");
    assert_eq!(registry.signals(key), ["bar"]);
    assert_eq!(registry.calls_left(key), Some(3));
    assert!(!registry.responds_to(key, "foo"));
    assert!(!registry.disconnect(once));
    assert_eq!(registry.emit("foo", ())?, 0);
    assert_eq!(registry.emit("bar", ())?, 1);
    assert!(alive());
    registry.remove("bar");
    assert!(!alive());
    assert!(!registry.disconnect(key));
    Ok(())
}

#[test]
fn a_removed_name_is_free_for_another_signature() -> Outcome {
    let registry = Registry::new();
    registry.on("foo", a_function)?;
    registry.emit("foo", ())?;
    registry.remove("foo");
    assert_eq!(registry.emit("foo", ("unbound",))?, 0);
    registry.on("foo", |_: u8| ())?;
    assert_eq!(registry.emit("foo", (1_u8,))?, 1);
    assert!(registry.emit("foo", ()).is_err());
    assert_names(&registry, r#""foo": "(u8,) -> ()""#);
    Ok(())
}

#[test]
fn a_typed_signal_goes_on_by_itself() -> Outcome {
    let registry = Registry::new();
    let signal = registry.signal::<(), u8>("foo")?;
    signal.connect(|| 1);
    let key = registry.on(["foo", "bar"], || 2_u8)?;
    let scoped = registry.scoped(key);
    assert_eq!(registry.remove("foo"), 1);
    assert_eq!(signal.emit(), [1], "without the callback");
    assert_eq!(registry.emit("foo", ())?, 0);
    let new = registry.signal::<(), u8>("foo")?;
    assert!(new.is_empty());
    new.connect(|| 3);
    assert_eq!(signal.emit(), [1]);
    drop(scoped);
    assert_eq!(registry.emit("bar", ())?, 0);
    Ok(())
}

#[test]
fn a_function_may_be_registered_again_under_a_removed_name() -> Outcome {
    let registry = Registry::new();
    let kept = registry.signal::<(), ()>("foo")?;
    registry.on(["foo", "bar"], a_function)?;
    registry.remove("foo");
    registry.on("foo", a_function)?;
    assert_eq!(registry.signals(a_function), ["bar", "foo"]);
    assert_eq!(registry.emit("foo", ())?, 1);
    assert!(kept.is_empty());
    Ok(())
}

#[test]
fn a_guard_made_before_emits_nothing() -> Outcome {
    let registry = Registry::new();
    let calls = Counter::default();
    let guards = || -> Result<_, smoke_signal::SignatureMismatch> {
        registry.remove("foo");
        let early = registry.emitting("foo")?;
        registry.on("foo", calls.adding())?;
        let guard = (early, registry.emitting_between("foo", "foo")?);
        registry.remove("foo");
        Ok(guard)
    };
    drop(guards()?);
    let before = guards()?;
    registry.on("foo", |_: u8| ())?;
    drop(before);
    let before = guards()?;
    registry.on("foo", calls.adding())?;
    drop(before);
    assert_eq!(calls.take(), 3, "only the first halves");
    drop(registry.emitting("foo")?);
    assert_eq!(calls.get(), 1);
    Ok(())
}

#[test]
fn a_callback_may_remove_its_own_name() -> Outcome {
    static REGISTRY: Registry = Registry::new();
    let (value, alive) = watched_value();
    REGISTRY.on("foo", move || {
        let _ = &value;
        assert_eq!(REGISTRY.remove("foo"), 1);
        assert!(REGISTRY.on("foo", |_: u8| ()).is_ok());
    })?;
    let later = Counter::default();
    REGISTRY.on("foo", later.adding())?;
    assert_eq!(REGISTRY.emit("foo", ())?, 1);
    assert_eq!(later.get(), 0, "it has left before its turn");
    assert!(!alive());
    Ok(())
}

#[test]
fn names_come_and_go_on_many_threads() {
    let registry = Registry::new();
    together(4, |thread| {
        let own = format!("own {thread}");
        for round in 0..500 {
            let ran = registry
                .on(["shared", &own], holding(thread))
                .and_then(|key| {
                    let ran = registry.emit(&own, ())?;
                    registry.emit("shared", ())?;
                    registry.disconnect(key);
                    Ok(ran)
                });
            assert_eq!(ran, Ok(1));
            assert_eq!(registry.remove(&own), 1);
            if round % 8 == thread {
                registry.remove("shared");
            }
        }
    });
    registry.remove("shared");
    assert_eq!(registry.names(), [""; 0]);
}
