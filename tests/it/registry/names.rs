//! Names: the forms in which they are given, and lists of them.

use std::borrow::Cow;
use std::rc::Rc;

use smoke_signal::{Names, Registry};

use crate::common::Recorder;

use super::{Outcome, a_function, assert_names, holding, watched_value};

#[test]
fn names_come_in_many_forms() {
    #[track_caller]
    fn check<N: Names + Clone>(names: N, expected: &[&str]) {
        let registry = Registry::new();
        let key = registry.on(names.clone(), || ()).unwrap();
        assert_eq!(registry.signals(key), expected);
        let others = registry.on(["foo", "bar", "other"], || ()).unwrap();
        assert!(registry.disconnect_from(key, names.clone()));
        assert_eq!(registry.signals(key), [""; 0]);
        registry.clear(names.clone());
        let cleared = 3 - registry.signals(others).len();
        assert_eq!(cleared, expected.len());
        assert!(registry.once(names.clone(), || ()).is_ok());
        assert!(registry.on_max(names, 2, || ()).is_ok());
        for name in expected {
            assert_eq!(
                registry.emit(name, ()),
                Ok(if *name == expected[0] { 2 } else { 1 })
            );
        }
    }

    let owned = ["bar".to_owned(), "foo".to_owned()];
    check("foo", &["foo"]);
    check("foo".to_owned(), &["foo"]);
    check(&owned[0], &["bar"]);
    check(["foo"], &["foo"]);
    check(["foo", "bar"], &["bar", "foo"]);
    check(&["foo", "bar"], &["bar", "foo"]);
    check(&["foo", "bar"][..], &["bar", "foo"]);
    check(vec!["foo", "bar"], &["bar", "foo"]);
    check(&vec!["foo", "bar"], &["bar", "foo"]);
    check(owned.clone(), &["bar", "foo"]);
    check(&owned, &["bar", "foo"]);
    check(&owned[..], &["bar", "foo"]);
    check(owned.to_vec(), &["bar", "foo"]);
    check(&owned.to_vec(), &["bar", "foo"]);
    check([&owned[0], &owned[1]], &["bar", "foo"]);
    check(
        [Cow::Borrowed("foo"), Cow::Owned("bar".to_owned())],
        &["bar", "foo"],
    );
    check([Rc::<str>::from("foo")], &["foo"]);
}

#[test]
fn any_string_is_a_name() -> Outcome {
    let huge = "long ".repeat(20_000);
    let huger = format!("{huge}!");
    let names = [
        "", " ", "foo", "Foo", "FOO ", "\0", "foo\0", "\"", "\n", "ä", "a\u{308}", "名前", "🚬",
        &huge, &huger,
    ];
    let registry = Registry::new();
    let log = Recorder::new();
    for name in names {
        let (log, owned) = (log.clone(), name.to_owned());
        registry.on(name, move || log.add(owned.clone()))?;
    }
    for name in names {
        assert_eq!(registry.emit(name, ())?, 1);
        assert_eq!(log.take(), [name]);
    }
    registry.clear("ä");
    assert_eq!(registry.emit("a\u{308}", ())?, 1);
    Ok(())
}

#[test]
fn a_list_without_names_binds_and_connects_nothing() -> Outcome {
    let registry = Registry::new();
    let (value, alive) = watched_value();
    let key = registry.on(Vec::<String>::new(), holding(value))?;
    assert!(!alive());
    assert!(!registry.disconnect(key));
    assert_names(&registry, "");
    assert_eq!(
        registry.calls_left(registry.on_max([""; 0], 3, a_function)?),
        None
    );
    // None of these calls left anything behind.
    registry.on("foo", a_function)?;
    assert_eq!(registry.calls_left(a_function), None);
    assert_eq!(registry.emit("foo", ())?, 1);
    Ok(())
}

#[test]
fn the_key_for_a_list_without_names_stays_dead() -> Outcome {
    let registry = Registry::new();
    let dead = registry.on_max([""; 0], 3, a_function)?;
    assert_ne!(registry.on("foo", a_function)?, dead);
    assert!(!registry.responds_to(dead, "foo"));
    assert!(!registry.disconnect(dead));
    assert!(registry.disconnect(a_function));
    Ok(())
}
