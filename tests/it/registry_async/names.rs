//! Names that are bound to async callbacks, and those that are not.

use std::future::{Future, ready};

use futures::executor::block_on;
use smoke_signal::{Registry, SignatureMismatch, global};

use crate::common::Counter;

use super::{Outcome, counting, emit, length, nothing};

/// Checks the error and its text for a name that was bound in this file.
#[track_caller]
fn assert_refused<T>(outcome: Result<T, SignatureMismatch>, name: &str, refused: [&str; 3]) {
    let Err(error) = outcome else {
        panic!("it is not refused");
    };
    let [bound, requested, advice] = refused;
    let at = error.bound_at();
    assert_eq!(at.file(), file!());
    assert_eq!(
        (error.name(), error.bound(), error.requested()),
        (name, bound, requested)
    );
    assert_eq!(
        error.to_string(),
        format!(
            "signal \"{name}\" is bound to `{bound}` at {at} and can't be used as `{requested}`{advice}"
        )
    );
}

const AWAIT: &str = ": its callbacks return futures, so emit it with `emit_async`";

#[test]
fn an_unbound_name_resolves_at_once_and_stays_unbound() -> Outcome {
    let registry = Registry::new();
    assert_eq!(block_on(registry.emit_async::<_, u8>("foo", (1,))?), []);
    registry.on_async("bar", nothing)?;
    assert_eq!(block_on(registry.emit_async::<_, u8>("foo", (1,))?), []);
    registry.on("foo", |_: String| 1.5)?;
    assert!(registry.emit_async::<_, u8>("foo", (1,)).is_err());
    Ok(())
}

#[test]
fn methods_that_would_drop_the_futures_are_refused_on_an_async_name() -> Outcome {
    let registry = Registry::new();
    let calls = Counter::default();
    let key = registry.on_max_async("foo", 5, counting(&calls))?;
    let sync = Counter::default();
    let bound = "async () -> ()";
    assert_refused(registry.emit("foo", ()), "foo", [bound, "()", AWAIT]);
    assert_refused(registry.emit("foo", (1,)), "foo", [bound, "(i32,)", AWAIT]);
    assert_refused(registry.emitting("foo"), "foo", [bound, "()", AWAIT]);
    for (enter, exit) in [("foo", "new"), ("new", "foo")] {
        let guard = registry.emitting_between(enter, exit);
        assert_refused(guard, "foo", [bound, "()", AWAIT]);
    }
    let plain = [bound, "() -> ()", AWAIT];
    assert_refused(registry.on("foo", sync.adding()), "foo", plain);
    assert_refused(registry.once(["new", "foo"], sync.adding()), "foo", plain);
    assert_refused(registry.on_max("foo", 0, sync.adding()), "foo", plain);
    assert_refused(registry.signal::<(), ()>("foo"), "foo", plain);
    let other = registry.signal::<(u8,), bool>("foo");
    assert_refused(other, "foo", [bound, "(u8,) -> bool", AWAIT]);

    assert_eq!((calls.get(), sync.get()), (0, 0));
    assert_eq!(registry.calls_left(key), Some(5));
    assert_eq!(registry.signals(key), ["foo"]);
    assert_eq!(emit(&registry, "foo"), 1);
    registry.on("new", |_: u8| ())?; // nothing has bound it
    Ok(())
}

// smokesignal: tests_twisted.py, test_synchronous
#[test]
fn async_functions_are_refused_on_a_name_without_futures() -> Outcome {
    let registry = Registry::new();
    let calls = Counter::default();
    let key = registry.on_max("foo", 5, calls.adding())?;
    let bound = "() -> ()";
    let unit = [bound, "async () -> ()", ""];
    assert_refused(registry.emit_async::<_, ()>("foo", ()), "foo", unit);
    let number = registry.emit_async::<_, u8>("foo", (1,));
    assert_refused(number, "foo", [bound, "async (i32,) -> u8", ""]);
    let futures = Counter::default();
    assert_refused(registry.on_async("foo", nothing), "foo", unit);
    assert_refused(registry.once_async("foo", counting(&futures)), "foo", unit);
    assert_refused(
        registry.on_max_async(["new", "foo"], 1, nothing),
        "foo",
        unit,
    );
    assert_refused(registry.async_signal::<(), ()>("foo"), "foo", unit);

    assert_eq!((calls.get(), futures.get()), (0, 0));
    assert_eq!(registry.calls_left(key), Some(5));
    assert!(!registry.responds_to(nothing, "foo"));
    assert_eq!(registry.signals(nothing), [""; 0]);
    assert_eq!(registry.emit("foo", ())?, 1);
    registry.on("new", |_: u8| ())?; // nothing has bound it

    // A signal of futures is not an async name.
    registry.on("futures", || ready(1))?;
    let same = registry.on_async("futures", || ready(1));
    let Err(error) = same else {
        panic!("it is not refused");
    };
    assert_eq!(error.requested(), "async () -> i32");
    assert_eq!(registry.emit("futures", ())?, 1);
    Ok(())
}

#[test]
fn async_names_have_one_type() -> Outcome {
    let registry = Registry::new();
    registry.on_async("foo", length)?;
    let bound = "async (alloc::string::String,) -> usize";
    let args = registry.emit_async::<_, usize>("foo", (1_u8,));
    assert_refused(args, "foo", [bound, "async (u8,) -> usize", ""]);
    let ret = registry.emit_async::<_, u8>("foo", (String::new(),));
    let requested = "async (alloc::string::String,) -> u8";
    assert_refused(ret, "foo", [bound, requested, ""]);
    let unit = [bound, "async () -> ()", ""];
    assert_refused(registry.on_async("foo", nothing), "foo", unit);
    assert_refused(registry.async_signal::<(), ()>("foo"), "foo", unit);
    Ok(())
}

#[test]
fn a_name_bound_by_a_guard_refuses_async_callbacks() -> Outcome {
    let registry = Registry::new();
    let guard = registry.emitting("foo")?;
    let unit = ["()", "async () -> ()", ""];
    assert_refused(registry.on_async("foo", nothing), "foo", unit);
    assert_refused(registry.emit_async::<_, ()>("foo", ()), "foo", unit);
    assert_refused(registry.async_signal::<(), ()>("foo"), "foo", unit);
    let calls = Counter::default();
    registry.on("foo", calls.adding())?;
    drop(guard);
    assert_eq!(calls.get(), 1);
    Ok(())
}

#[test]
fn all_names_are_bound_or_none() -> Outcome {
    let registry = Registry::new();
    registry.on("b", || ())?;
    let refused = registry.on_async(["a", "b", "c"], nothing);
    assert_refused(refused, "b", ["() -> ()", "async () -> ()", ""]);
    assert_eq!(registry.signals(nothing), [""; 0]);
    for name in ["a", "c"] {
        assert_eq!(block_on(registry.emit_async::<_, u8>(name, (1,))?), []);
        registry.on(name, |_: u8| ())?;
    }
    registry.on_async(["d", "e"], nothing)?;
    assert_eq!((emit(&registry, "d"), emit(&registry, "e")), (1, 1));
    Ok(())
}

#[test]
fn one_registry_may_have_callbacks_of_both_kinds() -> Outcome {
    let registry = Registry::new();
    let calls = Counter::default();
    let plain = registry.on("plain", calls.adding())?;
    let futures = registry.on_async("futures", counting(&calls))?;
    assert_ne!(plain, futures);
    assert_eq!(
        (registry.emit("plain", ())?, emit(&registry, "futures")),
        (1, 1)
    );
    let shown = format!("{registry:?}");
    assert!(shown.contains(r#""futures": "async () -> ()""#), "{shown}");
    let listed = format!("{registry:#?}");
    assert!(
        listed.contains(r#""futures": "async () -> ()" ["#),
        "{listed}"
    );
    assert_eq!(
        listed.matches(file!()).count(),
        2,
        "each has a slot: {listed}"
    );
    registry.clear_all();
    assert_eq!(
        (registry.emit("plain", ())?, emit(&registry, "futures")),
        (0, 0)
    );
    Ok(())
}

#[test]
fn global_functions_use_the_global_registry() -> Outcome {
    const NAMES: [&str; 2] = ["registry_async::one", "registry_async::two"];
    async fn callback(n: u8) -> u8 {
        n + 1
    }
    fn results(name: &str, n: u8) -> Vec<u8> {
        block_on(global::emit_async(name, (n,)).unwrap()).into_vec()
    }
    let key = global::on_async(NAMES, callback)?;
    let line = line!() - 1;
    assert_eq!(Registry::global().signals(callback), NAMES);
    assert_eq!(results(NAMES[0], 1), [2]);
    assert_eq!(global::on_max_async(NAMES, 2, callback)?, key);
    assert_eq!(
        (results(NAMES[0], 1), results(NAMES[1], 2)),
        (vec![2], vec![3])
    );
    assert_eq!(results(NAMES[0], 1), []);
    let captured = 5;
    let once = global::once_async(NAMES, move |n: u8| ready(n + captured))?;
    assert_eq!(global::calls_left(once), Some(1));
    let signal = global::async_signal::<(u8,), u8>(NAMES[1])?;
    assert_eq!(block_on(signal.emit(1)), [6]);
    assert_eq!(results(NAMES[0], 1), []);
    let error = global::emit(NAMES[0], (1_u8,)).unwrap_err();
    let bound_at = error.bound_at();
    assert_eq!((bound_at.file(), bound_at.line()), (file!(), line));
    assert!(global::emitting(NAMES[0]).is_err());
    assert!(!global::disconnect(callback));

    let at = |location: &std::panic::Location<'_>| (location.file().to_owned(), location.line());
    let here = (file!().to_owned(), line!() + 1);
    global::on_max_async(NAMES[0], 1, callback)?;
    let signal = global::async_signal::<(u8,), u8>(NAMES[0])?;
    assert_eq!(at(signal.slots()[0].location), here);
    assert!(global::disconnect(callback));
    Ok(())
}

#[test]
fn emissions_by_name_may_be_sent_to_another_thread() -> Outcome {
    fn sendable<F: Future + Send + 'static>(future: F) -> F {
        future
    }
    let registry = Registry::new();
    registry.on_async("foo", async || 1)?;
    let emission = sendable(registry.emit_async::<_, i32>("foo", ())?);
    assert_eq!(
        std::thread::spawn(|| block_on(emission)).join().unwrap(),
        [1]
    );
    Ok(())
}
