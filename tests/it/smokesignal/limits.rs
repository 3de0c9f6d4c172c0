//! Limits on the number of calls.

use std::panic;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use smoke_signal::{CallbackKey, Registry};

use crate::common::{Counter, Recorder};

use super::{Outcome, emit_often};

#[test]
fn test_on_max_calls() -> Outcome {
    // smokesignal: test_on_max_calls, test_on_decorator_max_calls
    for (limit, emissions, expected) in [(3, 10, 3), (1, 5, 1), (5, 5, 5), (6, 5, 5)] {
        let registry = Registry::new();
        let calls = Counter::default();
        let key = registry.on_max("foo", limit, calls.adding())?;
        assert_eq!(emit_often(&registry, "foo", emissions), expected);
        assert_eq!(calls.get(), expected);
        let stays = expected < limit as usize;
        assert_eq!(registry.responds_to(key, "foo"), stays);
    }
    Ok(())
}

#[test]
fn test_once() -> Outcome {
    // smokesignal: test_once, test_once_decorator
    fn is_like_a_limit_of_one(registry: &Registry, key: CallbackKey, calls: &Counter) {
        assert_eq!(registry.calls_left(key), Some(1));
        assert_eq!(emit_often(registry, "foo", 2), 1);
        assert_eq!(calls.get(), 1);
        assert!(!registry.responds_to(key, "foo"));
        assert!(!registry.disconnect(key));
    }

    let registry = Registry::new();
    let calls = Counter::default();
    let key = registry.once("foo", calls.adding())?;
    is_like_a_limit_of_one(&registry, key, &calls);
    let calls = Counter::default();
    let key = registry.on_max("foo", 1, calls.adding())?;
    is_like_a_limit_of_one(&registry, key, &calls);
    Ok(())
}

#[test]
fn once_for_many_names_is_once_in_total() -> Outcome {
    // smokesignal: test_once
    let registry = Registry::new();
    let key = registry.once(["foo", "bar"], || ())?;
    assert_eq!(emit_often(&registry, "bar", 2), 1);
    assert_eq!(emit_often(&registry, "foo", 2), 0);
    assert_eq!(registry.signals(key), [""; 0]);
    Ok(())
}

#[test]
fn a_callback_is_removed_from_all_names_before_its_last_call() -> Outcome {
    // smokesignal: test_on_max_calls. There, a callback is removed by the emission after its last call.
    static REGISTRY: Registry = Registry::new();
    fn callback() {
        let left = REGISTRY.calls_left(callback);
        assert_eq!(REGISTRY.responds_to(callback, "foo"), left.is_some());
        assert_eq!(
            REGISTRY.signals(callback).len(),
            if left.is_some() { 2 } else { 0 }
        );
        assert!(!REGISTRY.disconnect_from(callback, "elsewhere"));
    }

    let calls = Counter::default();
    REGISTRY.on_max(["foo", "bar"], 2, callback)?;
    REGISTRY.on("foo", calls.adding())?;
    assert_eq!(REGISTRY.emit("bar", ())?, 1);
    assert!(REGISTRY.responds_to(callback, "foo"));
    assert_eq!(REGISTRY.calls_left(callback), Some(1));
    assert_eq!(REGISTRY.emit("foo", ())?, 2);
    assert!(!REGISTRY.responds_to(callback, "bar"));
    assert_eq!(REGISTRY.signals(callback), [""; 0]);
    assert!(!REGISTRY.disconnect(callback));
    assert_eq!(emit_often(&REGISTRY, "foo", 3), 3);
    assert_eq!(calls.get(), 4);
    Ok(())
}

#[test]
fn a_call_is_charged_before_it_runs() -> Outcome {
    // smokesignal: tests_twisted.py, test_max_calls
    static REGISTRY: Registry = Registry::new();
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    fn recursive() {
        let before = CALLS.fetch_add(1, Ordering::Relaxed);
        assert!(before < 10, "endless");
        REGISTRY.emit("foo", ()).unwrap();
    }

    for limit in [1, 3] {
        CALLS.store(0, Ordering::Relaxed);
        REGISTRY.on_max("foo", limit, recursive)?;
        assert_eq!(REGISTRY.emit("foo", ())?, 1);
        assert_eq!(CALLS.load(Ordering::Relaxed), limit as usize);
        assert!(!REGISTRY.responds_to(recursive, "foo"));
    }
    Ok(())
}

#[test]
fn calls_left_counts_down() -> Outcome {
    // smokesignal: tests_twisted.py, test_max_calls
    static REGISTRY: Registry = Registry::new();
    static LOG: Mutex<Vec<Option<u32>>> = Mutex::new(Vec::new());
    fn looking() {
        LOG.lock().unwrap().push(REGISTRY.calls_left(looking));
    }

    REGISTRY.on_max("foo", 3, looking)?;
    assert_eq!(REGISTRY.calls_left(looking), Some(3));
    emit_often(&REGISTRY, "foo", 4);
    assert_eq!(*LOG.lock().unwrap(), [Some(2), Some(1), None]);
    Ok(())
}

#[test]
fn two_once_callbacks_run_once_even_if_one_emits_again() -> Outcome {
    // Node: node-v0.x-archive#6503
    static REGISTRY: Registry = Registry::new();
    let log = Recorder::new();
    let notes = log.clone();
    REGISTRY.once("foo", move || {
        notes.add("A begins");
        assert_eq!(REGISTRY.emit("foo", ()), Ok(1));
        notes.add("A ends");
    })?;
    REGISTRY.once("foo", log.adding("B"))?;
    assert_eq!(REGISTRY.emit("foo", ())?, 1);
    assert_eq!(log.take(), ["A begins", "B", "A ends"]);
    Ok(())
}

#[test]
fn a_limited_call_that_panics_is_charged() -> Outcome {
    let registry = Registry::new();
    let key = registry.on_max("foo", 2, || panic!("raised"))?;
    for left in [Some(1), None] {
        assert!(panic::catch_unwind(|| registry.emit("foo", ())).is_err());
        assert_eq!(registry.calls_left(key), left);
    }
    assert_eq!(emit_often(&registry, "foo", 2), 0);
    assert!(!registry.responds_to(key, "foo"));
    Ok(())
}

#[test]
fn max_calls_zero_is_never_registered() -> Outcome {
    // In smokesignal it stays registered until the next emission.
    let registry = Registry::new();
    let calls = Counter::default();
    let key = registry.on_max(["foo", "bar"], 0, calls.adding())?;
    assert!(!registry.responds_to(key, "foo"));
    assert_eq!(registry.emit("foo", ())?, 0);
    assert_eq!(calls.get(), 0);
    assert!(!registry.disconnect(key));
    Ok(())
}

#[test]
fn a_limit_is_shared_by_all_names() -> Outcome {
    let registry = Registry::new();
    let calls = Counter::default();
    let key = registry.on_max(["a", "b"], 3, calls.adding())?;
    let ran = ["a", "a", "b", "b", "a"].map(|name| emit_often(&registry, name, 1));
    assert_eq!(ran, [1, 1, 1, 0, 0]);
    assert_eq!(calls.get(), 3);
    assert_eq!(registry.signals(key), [""; 0]);
    Ok(())
}

#[test]
fn registering_again_resets_the_limit() -> Outcome {
    fn callback() {}
    let registry = Registry::new();
    registry.on_max("foo", 2, callback)?;
    assert_eq!(emit_often(&registry, "foo", 1), 1);
    registry.on_max("bar", 2, callback)?;
    assert_eq!(registry.calls_left(callback), Some(2));
    assert_eq!(emit_often(&registry, "foo", 1), 1);
    assert_eq!(emit_often(&registry, "bar", 3), 1);
    assert_eq!(emit_often(&registry, "foo", 3), 0);

    // Without a limit, even for another name, it is unlimited on every name.
    registry.on_max("foo", 2, callback)?;
    registry.on("bar", callback)?;
    assert_eq!(registry.calls_left(callback), None);
    assert_eq!(emit_often(&registry, "foo", 5), 5);

    // The last call to set a limit wins.
    registry.on_max("bar", 5, callback)?;
    registry.once("foo", callback)?;
    assert_eq!(emit_often(&registry, "bar", 5), 1);
    assert_eq!(emit_often(&registry, "foo", 5), 0);
    Ok(())
}

#[test]
fn registering_again_from_inside_the_call_resets_the_limit() -> Outcome {
    // From the last call, and from the one before it.
    static REGISTRY: Registry = Registry::new();
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    fn again<const LIMIT: u32>() {
        CALLS.fetch_add(1, Ordering::Relaxed);
        REGISTRY.on_max("foo", LIMIT, again::<LIMIT>).unwrap();
        assert_eq!(REGISTRY.calls_left(again::<LIMIT>), Some(LIMIT));
    }

    REGISTRY.once("foo", again::<1>)?;
    assert_eq!(emit_often(&REGISTRY, "foo", 4), 4);
    assert!(REGISTRY.disconnect(again::<1>));
    REGISTRY.on_max("foo", 2, again::<2>)?;
    assert_eq!(emit_often(&REGISTRY, "foo", 4), 4);
    assert_eq!(CALLS.load(Ordering::Relaxed), 8);
    Ok(())
}

#[test]
fn once_for_another_name_after_the_call_registers_only_that_name() -> Outcome {
    // smokesignal arms `a` again, too.
    fn callback() {}
    let registry = Registry::new();
    registry.once("a", callback)?;
    assert_eq!(emit_often(&registry, "a", 1), 1);
    registry.once("b", callback)?;
    assert_eq!(registry.signals(callback), ["b"]);
    assert_eq!(emit_often(&registry, "a", 1), 0);
    assert_eq!(emit_often(&registry, "b", 2), 1);
    Ok(())
}

#[test]
fn removal_from_a_name_keeps_the_limit() -> Outcome {
    // Once the callback is removed from its last name, a new registration sets a new limit.
    fn callback() {}
    let registry = Registry::new();
    registry.on_max(["a", "b", "c"], 3, callback)?;
    emit_often(&registry, "a", 1);
    registry.disconnect_from(callback, "a");
    assert_eq!(registry.calls_left(callback), Some(2));
    registry.clear("b");
    assert_eq!(registry.calls_left(callback), Some(2));
    registry.clear("c");
    assert_eq!(registry.calls_left(callback), None);
    registry.on_max("c", 3, callback)?;
    assert_eq!(emit_often(&registry, "c", 5), 3);
    Ok(())
}
