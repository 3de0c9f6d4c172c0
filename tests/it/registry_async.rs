//! What a registry does with callbacks that return futures, and what it refuses.

#![allow(
    clippy::unused_async,
    reason = "async functions are callbacks, whether or not they wait for anything"
)]

use std::future::{Future, Ready, ready};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures::channel::oneshot;
use futures::executor::block_on;
use smoke_signal::{CallbackKey, Failure, Registry, SignatureMismatch, global};

use crate::common::{Counter, throw, thrown};

type Outcome = Result<(), SignatureMismatch>;

/// Emits a name without arguments, whose futures give nothing; how many callbacks ran.
#[track_caller]
fn emit(registry: &Registry, name: &str) -> usize {
    let emission = registry.emit_async::<_, ()>(name, ());
    block_on(emission.expect("bound to no arguments")).len()
}

/// A callback that counts its calls.
fn counting(calls: &Counter) -> impl Fn() -> Ready<()> + Send + Sync + 'static + use<> {
    let calls = calls.clone();
    move || {
        calls.add();
        ready(())
    }
}

async fn nothing() {}

async fn length(text: String) -> usize {
    text.len()
}

/// The text of an error, which is what `refused` says where the name is bound here.
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
            "signal \"{name}\" is bound to `{bound}` at {at}, it can't be used as `{requested}`{advice}"
        )
    );
}

const AWAIT: &str = ": `emit_async` gives the futures of its callbacks, to be awaited";

// smokesignal: tests_twisted.py, TestTwisted._emit; blinker: send_async
#[test]
fn emission_by_name_gives_results_in_order() -> Outcome {
    let registry = Registry::new();
    let (sender, receiver) = oneshot::channel::<usize>();
    let receiver = std::sync::Mutex::new(Some(receiver));
    registry.on_async("measure", move |_: String| {
        let receiver = receiver.lock().unwrap().take().unwrap();
        async { receiver.await.unwrap() }
    })?;
    registry.on_async("measure", length)?;
    registry.on_async("measure", async |text: String| text.len() * 2)?;
    registry.on_async("measure", |text: String| ready(text.len() * 3))?;
    let emission = registry.emit_async::<_, usize>("measure", ("four".to_owned(),))?;
    drop(registry);
    sender.send(1).unwrap();
    assert_eq!(block_on(emission), [1, 4, 8, 12]);
    Ok(())
}

#[test]
fn callbacks_have_0_to_8_parameters() -> Outcome {
    let registry = Registry::new();
    registry.on_async("0", async || 0)?;
    registry.on_async("2", async |a: u8, b: u8| a + b)?;
    registry.on_async(
        "8",
        |a: u8, _: u8, _: u8, _: u8, _: u8, _: u8, _: u8, h: u8| async move { a + h },
    )?;
    block_on(async {
        assert_eq!(registry.emit_async::<_, i32>("0", ())?.await, [0]);
        assert_eq!(registry.emit_async::<_, u8>("2", (1_u8, 2_u8))?.await, [3]);
        let args = (1_u8, 2_u8, 3_u8, 4_u8, 5_u8, 6_u8, 7_u8, 8_u8);
        assert_eq!(registry.emit_async::<_, u8>("8", args)?.await, [9]);
        Ok(())
    })
}

// smokesignal: tests_twisted.py, test_max_calls
#[test]
fn callbacks_are_called_and_charged_by_emit_async() -> Outcome {
    let registry = Registry::new();
    let calls = Counter::default();
    let receiver = registry.on_max_async("foo", 19, counting(&calls))?;
    assert_eq!(registry.calls_left(receiver), Some(19));
    let first = registry.emit_async::<_, ()>("foo", ())?;
    assert_eq!((registry.calls_left(receiver), calls.get()), (Some(18), 1));
    let second = registry.emit_async::<_, ()>("foo", ())?;
    assert_eq!((registry.calls_left(receiver), calls.get()), (Some(17), 2));
    drop(first);
    assert_eq!(block_on(second), [()]);
    assert_eq!((registry.calls_left(receiver), calls.get()), (Some(17), 2));
    Ok(())
}

#[test]
fn a_budget_is_shared_by_all_names() -> Outcome {
    let registry = Registry::new();
    let calls = Counter::default();
    let receiver = registry.on_max_async(["a", "b", "c"], 3, counting(&calls))?;
    assert_eq!(registry.signals(receiver), ["a", "b", "c"]);
    assert_eq!((emit(&registry, "a"), emit(&registry, "b")), (1, 1));
    assert_eq!(registry.calls_left(receiver), Some(1));
    assert_eq!((emit(&registry, "b"), emit(&registry, "c")), (1, 0));
    assert_eq!(emit(&registry, "a"), 0);
    assert_eq!(calls.get(), 3);
    assert_eq!(registry.signals(receiver), [""; 0]);
    assert!(!registry.disconnect(receiver));
    Ok(())
}

#[test]
fn once_async_is_once_over_all_names() -> Outcome {
    let registry = Registry::new();
    let receiver = registry.once_async(["a", "b"], async || 1)?;
    assert_eq!(registry.calls_left(receiver), Some(1));
    let pending = registry.emit_async::<_, i32>("a", ())?;
    assert!(!registry.responds_to(receiver, "b"), "gone by then");
    assert_eq!(block_on(registry.emit_async::<_, i32>("b", ())?), []);
    assert_eq!(block_on(registry.emit_async::<_, i32>("a", ())?), []);
    assert_eq!(block_on(pending), [1]);
    Ok(())
}

#[test]
fn on_max_async_with_0_connects_nothing_and_binds() -> Outcome {
    let registry = Registry::new();
    let receiver = registry.on_max_async("foo", 0, nothing)?;
    assert!(!registry.responds_to(receiver, "foo"));
    assert!(!registry.responds_to(nothing, "foo"));
    assert_eq!(emit(&registry, "foo"), 0);
    assert!(registry.emit("foo", ()).is_err());
    Ok(())
}

#[test]
fn an_async_function_is_its_own_identity() -> Outcome {
    let registry = Registry::new();
    let receiver = registry.on_async(["a", "b"], length)?;
    assert_eq!(registry.signals(length), ["a", "b"]);
    assert!(registry.responds_to(length, "a"));
    assert!(!registry.responds_to(nothing, "a"));
    assert_eq!(registry.calls_left(length), None);
    assert!(registry.disconnect_from(length, "a"));
    assert_eq!(registry.signals(receiver), ["b"]);
    assert!(registry.disconnect(length));
    assert!(!registry.disconnect(length));
    assert!(!registry.disconnect(receiver));
    let text = ("four".to_owned(),);
    assert_eq!(block_on(registry.emit_async::<_, usize>("b", text)?), []);
    Ok(())
}

#[test]
fn registered_again_an_async_function_is_the_same_callback() -> Outcome {
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    async fn counted() {
        CALLS.fetch_add(1, Ordering::Relaxed);
    }
    let registry = Registry::new();
    let receiver = registry.on_async("foo", counted)?;
    assert_eq!(registry.on_async("foo", counted)?, receiver);
    assert_eq!(emit(&registry, "foo"), 1);
    assert_eq!(registry.on_max_async(["foo", "bar"], 2, counted)?, receiver);
    assert_eq!(registry.calls_left(counted), Some(2));
    assert_eq!((emit(&registry, "foo"), emit(&registry, "bar")), (1, 1));
    assert_eq!((emit(&registry, "foo"), emit(&registry, "bar")), (0, 0));
    assert_eq!(CALLS.load(Ordering::Relaxed), 3);
    assert_ne!(
        registry.once_async("foo", counted)?,
        receiver,
        "it had left"
    );
    assert_eq!(
        registry.on_async("foo", counted)?,
        registry.on_async("foo", counted)?
    );
    assert_eq!(registry.calls_left(counted), None);

    // Callbacks that capture are distinct.
    let calls = Counter::default();
    let one = registry.on_async("baz", counting(&calls))?;
    let two = registry.on_async("baz", counting(&calls))?;
    assert_ne!(one, two);
    assert_eq!(emit(&registry, "baz"), 2);
    Ok(())
}

#[test]
fn async_callbacks_are_taken_off_as_all_are() {
    let registry = Registry::new();
    let calls = Counter::default();
    let on = |names: &[&str]| registry.on_async(names, counting(&calls)).unwrap();
    let is_on = |receiver: CallbackKey| registry.signals(receiver).concat();

    let receiver = on(&["a", "b", "c"]);
    assert!(registry.disconnect_from(receiver, ["a", "b"]));
    assert!(!registry.disconnect_from(receiver, "a"));
    assert_eq!((emit(&registry, "a"), emit(&registry, "c")), (0, 1));
    assert!(registry.disconnect(receiver));
    assert_eq!(emit(&registry, "c"), 0);

    let (one, two) = (on(&["a", "b"]), on(&["b", "c"]));
    registry.clear("b");
    assert_eq!((is_on(one), is_on(two)), ("a".into(), "c".into()));
    registry.clear_all();
    assert_eq!((is_on(one), is_on(two)), (String::new(), String::new()));

    let scoped = registry.scoped(on(&["a"]));
    assert_eq!(emit(&registry, "a"), 1);
    drop(scoped);
    assert_eq!(emit(&registry, "a"), 0);
    assert!(registry.emit("a", ()).is_err(), "its types remain");
}

#[test]
fn a_callback_disconnected_while_pending_gives_its_result() -> Outcome {
    let registry = Registry::new();
    let receiver = registry.on_async("foo", async || "late")?;
    let emission = registry.emit_async::<_, &str>("foo", ())?;
    assert!(registry.disconnect(receiver));
    registry.clear_all();
    assert_eq!(block_on(emission), ["late"]);
    Ok(())
}

// smokesignal: tests_twisted.py, test_synchronous_failure
#[test]
fn failures_go_to_the_errback_not_to_the_emitter() -> Outcome {
    let registry = Registry::new();
    registry.on_async("foo", |n: u8| async move {
        if n > 0 { Ok(n) } else { Err("none") }
    })?;
    registry.on_async("foo", |_: u8| -> Ready<Result<u8, &str>> { throw("a bug") })?;
    let emission = registry.emit_async::<_, Result<u8, &str>>("foo", (0_u8,))?;
    let handled = emission.errback(|failure| match failure {
        Failure::Error(text) => Err(text.len()),
        Failure::Panic(_) => Ok(99),
    });
    assert_eq!(block_on(handled), [Err(4), Ok(99)]);
    let emission = registry.emit_async::<_, Result<u8, &str>>("foo", (1_u8,))?;
    assert_eq!(thrown(|| block_on(emission)), "a bug");
    Ok(())
}

#[test]
fn async_signal_is_the_signal_of_the_name() -> Outcome {
    let registry = Registry::new();
    let line = line!() + 1;
    let signal = registry.async_signal::<(u8,), u8>("foo")?;
    assert!(Arc::ptr_eq(&signal, &registry.async_signal("foo")?));
    signal.connect(async |n| n + 1);
    registry.on_async("foo", async |n: u8| n + 2)?;
    assert_eq!(
        block_on(registry.emit_async::<_, u8>("foo", (1_u8,))?),
        [2, 3]
    );
    assert_eq!(block_on(signal.emit(1)), [2, 3]);
    assert_eq!(signal.slots()[1].location.file(), file!());
    let error = registry.emit("foo", (1_u8,)).unwrap_err();
    assert_eq!(error.bound_at().line(), line);
    drop(registry);
    assert_eq!(block_on(signal.emit(1)), [2, 3]);
    Ok(())
}

#[test]
fn a_callback_disconnected_through_the_async_signal_is_gone() -> Outcome {
    let registry = Registry::new();
    let receiver = registry.on_async(["foo", "bar"], nothing)?;
    let foo = registry.async_signal::<(), ()>("foo")?;
    assert!(foo.disconnect(foo.connections()[0]));
    assert!(!registry.responds_to(receiver, "foo"));
    assert_eq!(registry.signals(nothing), ["bar"]);
    registry.async_signal::<(), ()>("bar")?.disconnect_all();
    assert_eq!(registry.signals(receiver), [""; 0]);
    assert!(!registry.disconnect(nothing));
    Ok(())
}

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
fn what_would_drop_the_futures_is_refused_on_an_async_name() -> Outcome {
    let registry = Registry::new();
    let calls = Counter::default();
    let receiver = registry.on_max_async("foo", 5, counting(&calls))?;
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
    assert_eq!(registry.calls_left(receiver), Some(5));
    assert_eq!(registry.signals(receiver), ["foo"]);
    assert_eq!(emit(&registry, "foo"), 1);
    registry.on("new", |_: u8| ())?; // nothing has bound it
    Ok(())
}

// smokesignal: tests_twisted.py, test_synchronous
#[test]
fn async_functions_are_refused_on_a_name_without_futures() -> Outcome {
    let registry = Registry::new();
    let calls = Counter::default();
    let receiver = registry.on_max("foo", 5, calls.adding())?;
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
    assert_eq!(registry.calls_left(receiver), Some(5));
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
fn a_name_that_a_guard_has_bound_takes_no_async_callback() -> Outcome {
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
fn receivers_of_both_kinds_live_in_one_registry() -> Outcome {
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
fn the_global_functions_are_those_of_the_global_registry() -> Outcome {
    const NAMES: [&str; 2] = ["registry_async::one", "registry_async::two"];
    async fn callback(n: u8) -> u8 {
        n + 1
    }
    fn results(name: &str, n: u8) -> Vec<u8> {
        block_on(global::emit_async(name, (n,)).unwrap())
    }
    let receiver = global::on_async(NAMES, callback)?;
    let line = line!() - 1;
    assert_eq!(Registry::global().signals(callback), NAMES);
    assert_eq!(results(NAMES[0], 1), [2]);
    assert_eq!(global::on_max_async(NAMES, 2, callback)?, receiver);
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
fn emissions_by_name_may_be_sent_elsewhere() -> Outcome {
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
