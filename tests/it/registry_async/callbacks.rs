//! Async callbacks: results, budgets, identity, failures.

use std::future::{Ready, ready};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures::channel::oneshot;
use futures::executor::block_on;
use smoke_signal::{CallbackKey, Failure, Registry};

use crate::common::{Counter, throw, thrown};

use super::{Outcome, counting, emit, length, nothing};

// smokesignal: tests_twisted.py, TestTwisted._emit; blinker: send_async
#[test]
fn emission_by_name_returns_results_in_order() -> Outcome {
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
    let key = registry.on_max_async("foo", 19, counting(&calls))?;
    assert_eq!(registry.calls_left(key), Some(19));
    let first = registry.emit_async::<_, ()>("foo", ())?;
    assert_eq!((registry.calls_left(key), calls.get()), (Some(18), 1));
    let second = registry.emit_async::<_, ()>("foo", ())?;
    assert_eq!((registry.calls_left(key), calls.get()), (Some(17), 2));
    drop(first);
    assert_eq!(block_on(second), [()]);
    assert_eq!((registry.calls_left(key), calls.get()), (Some(17), 2));
    Ok(())
}

#[test]
fn a_budget_is_shared_by_all_names() -> Outcome {
    let registry = Registry::new();
    let calls = Counter::default();
    let key = registry.on_max_async(["a", "b", "c"], 3, counting(&calls))?;
    assert_eq!(registry.signals(key), ["a", "b", "c"]);
    assert_eq!((emit(&registry, "a"), emit(&registry, "b")), (1, 1));
    assert_eq!(registry.calls_left(key), Some(1));
    assert_eq!((emit(&registry, "b"), emit(&registry, "c")), (1, 0));
    assert_eq!(emit(&registry, "a"), 0);
    assert_eq!(calls.get(), 3);
    assert_eq!(registry.signals(key), [""; 0]);
    assert!(!registry.disconnect(key));
    Ok(())
}

#[test]
fn once_async_is_once_across_all_names() -> Outcome {
    let registry = Registry::new();
    let key = registry.once_async(["a", "b"], async || 1)?;
    assert_eq!(registry.calls_left(key), Some(1));
    let pending = registry.emit_async::<_, i32>("a", ())?;
    assert!(!registry.responds_to(key, "b"), "removed by then");
    assert_eq!(block_on(registry.emit_async::<_, i32>("b", ())?), []);
    assert_eq!(block_on(registry.emit_async::<_, i32>("a", ())?), []);
    assert_eq!(block_on(pending), [1]);
    Ok(())
}

#[test]
fn on_max_async_with_0_binds_but_connects_nothing() -> Outcome {
    let registry = Registry::new();
    let key = registry.on_max_async("foo", 0, nothing)?;
    assert!(!registry.responds_to(key, "foo"));
    assert!(!registry.responds_to(nothing, "foo"));
    assert_eq!(emit(&registry, "foo"), 0);
    assert!(registry.emit("foo", ()).is_err());
    Ok(())
}

#[test]
fn an_async_function_is_its_own_identity() -> Outcome {
    let registry = Registry::new();
    let key = registry.on_async(["a", "b"], length)?;
    assert_eq!(registry.signals(length), ["a", "b"]);
    assert!(registry.responds_to(length, "a"));
    assert!(!registry.responds_to(nothing, "a"));
    assert_eq!(registry.calls_left(length), None);
    assert!(registry.disconnect_from(length, "a"));
    assert_eq!(registry.signals(key), ["b"]);
    assert!(registry.disconnect(length));
    assert!(!registry.disconnect(length));
    assert!(!registry.disconnect(key));
    let text = ("four".to_owned(),);
    assert_eq!(block_on(registry.emit_async::<_, usize>("b", text)?), []);
    Ok(())
}

#[test]
fn an_async_function_registered_again_is_the_same_callback() -> Outcome {
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    async fn counted() {
        CALLS.fetch_add(1, Ordering::Relaxed);
    }
    let registry = Registry::new();
    let key = registry.on_async("foo", counted)?;
    assert_eq!(registry.on_async("foo", counted)?, key);
    assert_eq!(emit(&registry, "foo"), 1);
    assert_eq!(registry.on_max_async(["foo", "bar"], 2, counted)?, key);
    assert_eq!(registry.calls_left(counted), Some(2));
    assert_eq!((emit(&registry, "foo"), emit(&registry, "bar")), (1, 1));
    assert_eq!((emit(&registry, "foo"), emit(&registry, "bar")), (0, 0));
    assert_eq!(CALLS.load(Ordering::Relaxed), 3);
    assert_ne!(registry.once_async("foo", counted)?, key, "it was removed");
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
fn async_callbacks_are_disconnected_like_others() {
    let registry = Registry::new();
    let calls = Counter::default();
    let on = |names: &[&str]| registry.on_async(names, counting(&calls)).unwrap();
    let is_on = |key: CallbackKey| registry.signals(key).concat();

    let key = on(&["a", "b", "c"]);
    assert!(registry.disconnect_from(key, ["a", "b"]));
    assert!(!registry.disconnect_from(key, "a"));
    assert_eq!((emit(&registry, "a"), emit(&registry, "c")), (0, 1));
    assert!(registry.disconnect(key));
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
fn a_callback_disconnected_while_pending_still_returns_its_result() -> Outcome {
    let registry = Registry::new();
    let key = registry.on_async("foo", async || "late")?;
    let emission = registry.emit_async::<_, &str>("foo", ())?;
    assert!(registry.disconnect(key));
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
fn async_signal_returns_the_signal_of_the_name() -> Outcome {
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
    let key = registry.on_async(["foo", "bar"], nothing)?;
    let foo = registry.async_signal::<(), ()>("foo")?;
    assert!(foo.disconnect(foo.connections()[0]));
    assert!(!registry.responds_to(key, "foo"));
    assert_eq!(registry.signals(nothing), ["bar"]);
    registry.async_signal::<(), ()>("bar")?.disconnect_all();
    assert_eq!(registry.signals(key), [""; 0]);
    assert!(!registry.disconnect(nothing));
    Ok(())
}
