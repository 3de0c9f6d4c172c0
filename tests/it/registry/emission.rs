//! Emission by name: arguments, and the count that it returns.

use std::sync::Arc;

use smoke_signal::Registry;

use crate::common::{Counted, Counter, Recorder};

use super::{Outcome, assert_names, watched_value};

#[test]
fn callbacks_have_zero_to_eight_parameters() -> Outcome {
    macro_rules! check {
        ($($a:ident)*) => {{
            let registry = Registry::new();
            let log = Recorder::new();
            let notes = log.clone();
            registry.on("foo", move |$($a: &'static str),*| {
                let all: &[&str] = &[$($a),*];
                notes.add(all.join(" "));
                all.len()
            })?;
            assert_eq!(registry.emit("foo", ($(stringify!($a),)*))?, 1);
            assert_eq!(log.take(), [[$(stringify!($a)),*].join(" ")]);
        }};
    }

    let registry = Registry::new();
    let calls = Counter::default();
    registry.on("foo", calls.adding())?;
    assert_eq!(registry.emit("foo", ())?, 1);
    assert_eq!(calls.get(), 1);
    check!(a);
    check!(a b);
    check!(a b c);
    check!(a b c d);
    check!(a b c d e);
    check!(a b c d e f);
    check!(a b c d e f g);
    check!(a b c d e f g h);
    Ok(())
}

#[test]
fn the_last_callback_gets_the_argument_itself() -> Outcome {
    let registry = Registry::new();
    let seen = Counter::default();
    for callbacks in 1..4 {
        let (seen, clones) = (seen.clone(), Counter::default());
        let counted = Counted {
            clones: clones.clone(),
            is_clone: false,
        };
        registry.on("foo", move |_: Counted| seen.add())?;
        assert_eq!(registry.emit("foo", (counted,))?, callbacks);
        assert_eq!(clones.get(), callbacks - 1);
    }
    assert_eq!(seen.get(), 1 + 2 + 3);
    Ok(())
}

#[test]
fn arguments_of_a_name_without_callbacks_are_dropped() -> Outcome {
    let registry = Registry::new();
    registry.signal::<(Arc<()>,), ()>("bound")?;
    for name in ["bound", "unbound"] {
        let (value, alive) = watched_value();
        assert_eq!(registry.emit(name, (value,))?, 0);
        assert!(!alive());
    }
    let (value, alive) = watched_value();
    assert!(registry.emit("bound", (value, 1)).is_err());
    assert!(!alive());
    Ok(())
}

#[test]
fn emit_returns_how_many_slots_ran() -> Outcome {
    static REGISTRY: Registry = Registry::new();
    fn victim() {}
    fn late() {}

    REGISTRY.once("foo", || {
        REGISTRY.disconnect(victim);
        REGISTRY.on("foo", late).unwrap();
        assert_eq!(
            REGISTRY.emit("foo", ()),
            Ok(2),
            "the typed slot and the late callback"
        );
    })?;
    REGISTRY.on("foo", victim)?;
    REGISTRY.signal::<(), ()>("foo")?.connect(|| ());
    assert_eq!(
        REGISTRY.emit("foo", ())?,
        2,
        "the callback and the typed slot"
    );
    assert_eq!(REGISTRY.emit("foo", ())?, 2);
    Ok(())
}

#[test]
fn emitting_an_unbound_name_leaves_it_unbound() -> Outcome {
    let registry = Registry::new();
    assert_eq!(registry.emit("foo", (1, 2))?, 0);
    registry.on("bar", || ())?;
    assert_eq!(registry.emit("foo", (1, 2))?, 0);
    assert_names(&registry, r#""bar": "() -> ()""#);
    registry.on("foo", |_: String| ())?;
    assert_eq!(registry.emit("foo", (String::new(),))?, 1);
    Ok(())
}

#[test]
fn names_bound_inside_an_emission_can_be_emitted_at_once() -> Outcome {
    static REGISTRY: Registry = Registry::new();
    let calls = Counter::default();
    let counter = calls.clone();
    REGISTRY.on("foo", move |depth: usize| {
        let name = format!("fresh {depth}");
        let _ = REGISTRY.on(&name, counter.adding()).unwrap();
        assert_eq!(REGISTRY.emit(&name, ()), Ok(1));
        if depth < 20 {
            assert_eq!(REGISTRY.emit("foo", (depth + 1,)), Ok(1));
        }
    })?;
    assert_eq!(REGISTRY.emit("foo", (0_usize,))?, 1);
    assert_eq!(calls.get(), 21);
    Ok(())
}
