//! Signatures: what binds a name, and the error of every method on a mismatch.

use std::panic;
use std::sync::Arc;

use smoke_signal::{ByRef, CallbackKey, Registry, SignatureMismatch};

use crate::common::Counter;

use super::{Outcome, assert_names, watched_value};

#[test]
fn a_mismatch_is_an_error_of_every_method() -> Outcome {
    type Attempt = fn(&Registry) -> Option<SignatureMismatch>;
    let attempts: [(&str, Attempt, &str); 11] = [
        ("on", |r| r.on("foo", || 0_u8).err(), "() -> u8"),
        (
            "on, result only",
            |r| r.on("foo", |_: String| ()).err(),
            "(alloc::string::String,) -> ()",
        ),
        (
            "on a list",
            |r| r.on(["foo", "bar"], |_: i32| ()).err(),
            "(i32,) -> ()",
        ),
        (
            "on_max",
            |r| r.on_max("foo", 3, |_: i32, _: i32| ()).err(),
            "(i32, i32) -> ()",
        ),
        ("on_max(0)", |r| r.on_max("foo", 0, || ()).err(), "() -> ()"),
        ("once", |r| r.once("foo", || true).err(), "() -> bool"),
        ("emit", |r| r.emit("foo", (1_i64,)).err(), "(i64,)"),
        ("emitting", |r| r.emitting("foo").err(), "()"),
        (
            "emitting_between, enter",
            |r| r.emitting_between("foo", "bar").err(),
            "()",
        ),
        (
            "emitting_between, exit",
            |r| r.emitting_between("bar", "foo").err(),
            "()",
        ),
        (
            "signal",
            |r| r.signal::<(ByRef<str>,), u8>("foo").err(),
            "(smoke_signal::args::ByRef<str>,) -> u8",
        ),
    ];

    let registry = Registry::new();
    let key = registry.on("foo", |text: String| text.len())?;
    let line = line!() - 1;
    for (what, attempt, requested) in attempts {
        let error = attempt(&registry).unwrap_or_else(|| panic!("{what} is accepted"));
        assert_eq!(error.name(), "foo", "{what}");
        assert_eq!(error.bound(), "(alloc::string::String,) -> usize", "{what}");
        assert_eq!(error.requested(), requested, "{what}");
        let bound_at = error.bound_at();
        assert_eq!(
            (bound_at.file(), bound_at.line()),
            (file!(), line),
            "{what}"
        );
        let (file, column) = (file!(), bound_at.column());
        assert_eq!(
            error.to_string(),
            format!(
                "signal \"foo\" is bound to `(alloc::string::String,) -> usize` at \
                 {file}:{line}:{column} and can't be used as `{requested}`"
            )
        );
        assert_eq!(
            format!("{error:?}"),
            format!(
                "SignatureMismatch {{ name: \"foo\", \
                 bound: \"(alloc::string::String,) -> usize\", \
                 requested: \"{requested}\", bound_at: {file}:{line}:{column}, .. }}"
            )
        );
        assert_eq!(error, error.clone());
        assert!(std::error::Error::source(&error).is_none());
    }
    // The refused calls changed nothing.
    assert_names(&registry, r#""foo": "(alloc::string::String,) -> usize""#);
    assert_eq!(registry.emit("foo", ("text".to_owned(),))?, 1);
    assert_eq!(registry.signals(key), ["foo"]);
    Ok(())
}

#[test]
fn the_first_use_binds_a_name() -> Outcome {
    type Bind = fn(&Registry) -> Outcome;
    /// A call, its line, and the signature to which it binds "foo".
    macro_rules! bind {
        ($method:ident $([$($types:tt)*])? ($($args:tt)*), $signature:literal) => {
            (
                stringify!($method),
                line!(),
                (|r| r.$method$(::<$($types)*>)?($($args)*).map(drop)) as Bind,
                $signature,
            )
        };
    }

    let bindings = [
        bind!(on("foo", || ()), "() -> ()"),
        bind!(on_max("foo", 1, || ()), "() -> ()"),
        bind!(once(["foo", "bar"], || ()), "() -> ()"),
        bind!(signal[(), ()]("foo"), "() -> ()"),
        bind!(emitting("foo"), "()"),
        bind!(emitting_between("foo", "bar"), "()"),
    ];
    for (what, line, bind, signature) in bindings {
        let registry = Registry::new();
        bind(&registry)?;
        // Later uses do not change it.
        bind(&registry)?;
        let _ = registry.emitting("foo")?;
        let error = registry.emit("foo", (1,)).unwrap_err();
        assert_eq!(error.bound(), signature, "{what}");
        assert_eq!(error.bound_at().line(), line, "{what}");
        assert_eq!(error.bound_at().file(), file!(), "{what}");
    }
    Ok(())
}

#[test]
fn a_name_stays_bound_without_callbacks() -> Outcome {
    let ways: [fn(&Registry, CallbackKey); 5] = [
        |registry, key| assert!(registry.disconnect(key)),
        |registry, key| assert!(registry.disconnect_from(key, "foo")),
        |registry, _| registry.clear("foo"),
        |registry, _| registry.clear_all(),
        |registry, _| drop(registry.emit("foo", (1_u8,))),
    ];
    for remove in ways {
        let registry = Registry::new();
        let key = registry.once("foo", |_: u8| ())?;
        let signal = registry.signal::<(u8,), ()>("foo")?;
        remove(&registry, key);
        assert_eq!(registry.emit("foo", (1_u8,))?, 0);
        assert!(registry.on("foo", || ()).is_err());
        assert!(Arc::ptr_eq(&signal, &registry.signal("foo")?));
    }
    Ok(())
}

#[test]
fn a_call_over_several_names_binds_all_or_none() -> Outcome {
    fn callback(n: u8) -> u8 {
        n
    }

    for index in 0..4 {
        let registry = Registry::new();
        registry.on("bound", |_: String| ())?;
        let before = format!("{registry:?}");
        let mut names = vec!["a", "b", "c"];
        names.insert(index, "bound");

        let (value, alive) = watched_value();
        let refused = registry.on(&names, move |n: u8| {
            let _ = &value;
            n
        });
        assert_eq!(refused.unwrap_err().name(), "bound");
        assert!(!alive(), "the callback is dropped");
        assert_eq!(format!("{registry:?}"), before);

        // An existing registration is unchanged, including its budget.
        registry.on_max(["old", "a"], 3, callback)?;
        let before = format!("{registry:?}");
        registry.emit("old", (1_u8,))?;
        for refused in [
            registry.on(&names, callback),
            registry.on_max(&names, 9, callback),
            registry.on_max(&names, 0, callback),
            registry.once(&names, callback),
        ] {
            assert_eq!(refused.unwrap_err().name(), "bound");
        }
        assert_eq!(registry.calls_left(callback), Some(2));
        assert_eq!(registry.signals(callback), ["a", "old"]);
        assert_eq!(format!("{registry:?}"), before);
        assert_eq!(registry.emit("b", ("any arguments",))?, 0);
    }
    Ok(())
}

#[test]
fn emitting_between_checks_both_names_before_it_emits() -> Outcome {
    let registry = Registry::new();
    let calls = Counter::default();
    registry.on("enter", calls.adding())?;
    registry.on("bound", |_: u8| ())?;
    let before = format!("{registry:?}");
    for (enter, exit) in [
        ("enter", "bound"),
        ("bound", "enter"),
        ("new", "bound"),
        ("bound", "new"),
    ] {
        let error = registry.emitting_between(enter, exit).unwrap_err();
        assert_eq!(error.name(), "bound");
    }
    assert_eq!(calls.get(), 0);
    assert_eq!(format!("{registry:?}"), before);
    Ok(())
}

#[test]
fn emitting_binds_arguments_only() -> Outcome {
    let registry = Registry::new();
    registry.on("other", || ())?;
    registry.emit("other", ())?;
    registry.clear_all();
    let guard = registry.emitting("foo")?;
    assert_names(&registry, r#""foo": "()", "other": "() -> ()""#);
    assert_eq!(registry.emit("foo", ())?, 0);
    assert_eq!(registry.emit("foo", (1,)).unwrap_err().bound(), "()");
    assert!(registry.on("foo", |_: u8| ()).is_err());
    registry.clear("foo");

    // The result type is bound later, and the guard emits with it.
    let calls = Counter::default();
    let counter = calls.clone();
    let counting = move || {
        counter.add();
        "result"
    };
    let key = registry.on("foo", counting)?;
    let line = line!() - 1;
    assert_names(&registry, r#""foo": "() -> &str", "other": "() -> ()""#);
    assert_eq!(registry.emit("foo", ())?, 1);
    drop(guard);
    assert_eq!(calls.get(), 2);
    assert_eq!(registry.signal::<(), &str>("foo")?.emit(), ["result"]);
    let error = registry.on("foo", || ()).unwrap_err();
    assert_eq!(error.bound_at().line(), line);
    assert!(registry.disconnect(key));

    // The same through `signal`, and after an emission without slots.
    drop(registry.emitting_between("enter", "exit")?);
    registry.signal::<(), u8>("enter")?.connect(|| 1);
    registry.signal::<(), u16>("exit")?.connect(|| 2);
    assert_eq!(registry.emit("enter", ())?, 1);
    assert_eq!(registry.emit("exit", ())?, 1);
    drop(registry.emitting("exit")?);
    Ok(())
}
