//! Emission, and changes that callbacks make during it.

use std::panic;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread;

use smoke_signal::{CallbackKey, Registry};

use crate::common::{Counter, Recorder, thrown};

use super::{Outcome, emit_often};

#[test]
fn test_call_no_max_calls() -> Outcome {
    // smokesignal: test_call_no_max_calls
    let registry = Registry::new();
    let calls = Counter::default();
    let key = registry.on("foo", calls.adding())?;
    assert_eq!(emit_often(&registry, "foo", 5), 5);
    assert_eq!(calls.get(), 5);
    assert!(registry.responds_to(key, "foo"));
    assert_eq!(registry.calls_left(key), None);
    Ok(())
}

#[test]
fn test_emit_with_no_callbacks() -> Outcome {
    // smokesignal: test_emit_with_no_callbacks
    let registry = Registry::new();
    assert_eq!(registry.emit("foo", ())?, 0);
    registry.clear("foo");
    assert!(!registry.responds_to(test_emit_with_no_callbacks, "foo"));
    // None of these calls bound the name to a signature.
    assert_eq!(registry.on("foo", |_: u8| ()).map(|_| ()), Ok(()));
    Ok(())
}

#[test]
fn test_emit_with_callbacks() -> Outcome {
    // smokesignal: test_emit_with_callbacks
    let registry = Registry::new();
    let counters: [Counter; 4] = Default::default();
    for counter in &counters {
        let key = registry.on("foo", counter.adding())?;
        assert!(registry.responds_to(key, "foo"));
    }
    assert_eq!(registry.emit("foo", ())?, 4);
    assert_eq!(counters.map(|counter| counter.get()), [1, 1, 1, 1]);
    Ok(())
}

#[test]
fn test_emit_with_callback_args() -> Outcome {
    // smokesignal: test_emit_with_callback_args. A struct stands in for keyword arguments.
    #[derive(Clone, Debug)]
    struct Keywords {
        foo: &'static str,
        mult: u32,
    }

    let registry = Registry::new();
    let log = Recorder::new();
    for _ in 0..2 {
        let log = log.clone();
        registry.on("foo", move |a: i32, b: String, Keywords { foo, mult }| {
            log.add(format!("{a} {b} foo={foo} mult={mult}"));
        })?;
    }
    let keywords = Keywords {
        foo: "bar",
        mult: 6,
    };
    assert_eq!(registry.emit("foo", (1, "two".to_owned(), keywords))?, 2);
    assert_eq!(log.take(), ["1 two foo=bar mult=6"; 2]);
    Ok(())
}

#[test]
fn emit_with_other_arguments_is_an_error() -> Outcome {
    // Unlike smokesignal, a name has one signature. An enum carries several shapes.
    #[derive(Clone)]
    enum Shape {
        None,
        Three(i32, i32, i32),
    }

    let registry = Registry::new();
    let log = Recorder::new();
    let notes = log.clone();
    registry.on("foo", move |shape: Shape| match shape {
        Shape::None => notes.add("nothing".to_owned()),
        Shape::Three(a, b, c) => notes.add(format!("{a} {b} {c}")),
    })?;
    assert!(registry.emit("foo", ()).is_err());
    assert!(registry.emit("foo", (1, 2, 3)).is_err());
    assert_eq!(log.take(), [""; 0]);

    registry.emit("foo", (Shape::None,))?;
    registry.emit("foo", (Shape::Three(1, 2, 3),))?;
    assert_eq!(log.take(), ["nothing", "1 2 3"]);
    Ok(())
}

#[test]
fn emit_calls_on_this_thread_before_it_returns() -> Outcome {
    let registry = Registry::new();
    let log = Recorder::new();
    let notes = log.clone();
    registry.on("foo", move || {
        notes.add(format!("{:?}", thread::current().id()));
    })?;
    log.add("before".to_owned());
    registry.emit("foo", ())?;
    log.add("after".to_owned());
    let here = format!("{:?}", thread::current().id());
    assert_eq!(log.take(), ["before", &here, "after"]);
    Ok(())
}

#[test]
fn emit_calls_no_callback_of_another_name() -> Outcome {
    // smokesignal: test_instance_method; blinker: test_namespace
    let registry = Registry::new();
    let (foo, bar) = (Counter::default(), Counter::default());
    registry.on("foo", foo.adding())?;
    registry.on("bar", bar.adding())?;
    registry.emit("bar", ())?;
    assert_eq!((foo.get(), bar.get()), (0, 1));
    Ok(())
}

#[test]
fn emit_discards_results() -> Outcome {
    // `emit` returns only a count. The typed signal returns every result, in call order.
    let registry = Registry::new();
    registry.on("foo", || "first")?;
    registry.on("foo", || "second")?;
    assert_eq!(registry.emit("foo", ())?, 2);
    let signal = registry.signal::<(), &str>("foo")?;
    assert_eq!(signal.emit(), ["first", "second"]);
    Ok(())
}

#[test]
fn callbacks_not_called_have_no_result() -> Outcome {
    // signals2: connection_block_test
    let registry = Registry::new();
    let key = registry.on("foo", || "disconnected")?;
    registry.once("foo", || "used up")?;
    registry.on("foo", || "stays")?;
    registry.emit("foo", ())?;
    registry.disconnect(key);
    assert_eq!(registry.signal::<(), &str>("foo")?.emit(), ["stays"]);
    assert_eq!(registry.emit("foo", ())?, 1);
    Ok(())
}

#[test]
fn callbacks_are_called_in_the_order_of_registration() -> Outcome {
    // smokesignal calls them in no particular order.
    let registry = Registry::new();
    let log = Recorder::new();
    let first = registry.on("foo", log.adding("first"))?;
    registry.on("foo", log.adding("second"))?;
    registry.on("foo", log.adding("third"))?;
    registry.emit("foo", ())?;
    assert_eq!(log.take(), ["first", "second", "third"]);

    registry.disconnect(first);
    registry.on("foo", log.adding("again"))?;
    registry.emit("foo", ())?;
    assert_eq!(log.take(), ["second", "third", "again"]);
    Ok(())
}

#[test]
fn a_callback_may_emit_other_names() -> Outcome {
    static REGISTRY: Registry = Registry::new();
    let log = Recorder::new();
    let notes = log.clone();
    REGISTRY.on("outer", move || {
        notes.add("outer");
        REGISTRY.emit("inner", ()).unwrap();
        notes.add("outer goes on");
    })?;
    REGISTRY.on("inner", log.adding("inner"))?;
    REGISTRY.emit("outer", ())?;
    assert_eq!(log.take(), ["outer", "inner", "outer goes on"]);
    Ok(())
}

#[test]
fn a_callback_that_panics_stays_registered() -> Outcome {
    // psygnal: test_emit_loop_exceptions
    fn raise() {
        panic!("no such file");
    }

    let registry = Registry::new();
    let log = Recorder::new();
    let first = registry.on("foo", log.adding("first"))?;
    let notes = log.clone();
    let raising = registry.on("foo", move || {
        notes.add("raising");
        raise();
    })?;
    let last = registry.on("foo", log.adding("last"))?;

    for _ in 0..2 {
        assert_eq!(thrown(|| registry.emit("foo", ())), "no such file");
        assert_eq!(log.take(), ["first", "raising"]);
        for key in [first, raising, last] {
            assert!(registry.responds_to(key, "foo"));
        }
    }
    registry.disconnect(raising);
    registry.emit("foo", ())?;
    assert_eq!(log.take(), ["first", "last"]);
    Ok(())
}

// Changes that callbacks make during the emission that calls them.

#[test]
fn a_callback_disconnects_itself() -> Outcome {
    // Boost.Signals2: deletion_test.cpp, test_remove_self; psygnal: test_signal_emission_disconnect
    static REGISTRY: Registry = Registry::new();
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    fn disconnecting() {
        CALLS.fetch_add(1, Ordering::Relaxed);
        assert!(REGISTRY.disconnect(disconnecting));
        assert!(!REGISTRY.responds_to(disconnecting, "foo"));
    }

    let log = Recorder::new();
    REGISTRY.on("foo", log.adding("first"))?;
    REGISTRY.on("foo", disconnecting)?;
    REGISTRY.on("foo", log.adding("next"))?;
    REGISTRY.on("foo", log.adding("last"))?;
    assert_eq!(REGISTRY.emit("foo", ())?, 4);
    assert_eq!(REGISTRY.emit("foo", ())?, 3);
    assert_eq!(log.take(), ["first", "next", "last"].repeat(2));
    assert_eq!(CALLS.load(Ordering::Relaxed), 1);
    Ok(())
}

#[test]
fn all_callbacks_disconnect_themselves() -> Outcome {
    // palacaze/sigslot: signal-extended.cpp
    static REGISTRY: Registry = Registry::new();
    fn disconnecting<const N: u8>() {
        assert!(REGISTRY.disconnect(disconnecting::<N>));
    }

    REGISTRY.on("foo", disconnecting::<0>)?;
    REGISTRY.on("foo", disconnecting::<1>)?;
    REGISTRY.on("foo", disconnecting::<2>)?;
    assert_eq!(REGISTRY.emit("foo", ())?, 3);
    assert_eq!(REGISTRY.emit("foo", ())?, 0);
    Ok(())
}

#[test]
fn callbacks_removed_before_their_call_are_not_called() -> Outcome {
    // smokesignal still calls them. This is the one documented difference in emission.
    type Remove = fn(&Registry, CallbackKey);
    let ways: [(&str, Remove); 4] = [
        ("disconnect", |registry, key| {
            assert!(registry.disconnect(key));
        }),
        ("disconnect_from", |registry, key| {
            assert!(registry.disconnect_from(key, "foo"));
        }),
        ("clear", |registry, _| registry.clear("foo")),
        ("clear_all", |registry, _| registry.clear_all()),
    ];
    for (way, remove) in ways {
        let registry = Arc::new(Registry::new());
        let removed = Counter::default();
        let weak = Arc::downgrade(&registry);
        let victim = Arc::new(OnceLock::new());
        let known = Arc::clone(&victim);
        registry.on("foo", move || {
            if let Some(registry) = weak.upgrade() {
                remove(&registry, *known.get().expect("registered before emission"));
            }
        })?;
        victim
            .set(registry.on("foo", removed.adding())?)
            .expect("set once");
        assert_eq!(registry.emit("foo", ())?, 1, "{way}");
        assert_eq!(removed.get(), 0, "{way}");
    }
    Ok(())
}

#[test]
fn callbacks_registered_during_an_emission_are_first_called_by_the_next() -> Outcome {
    // signals2: connect_while_emitting
    static REGISTRY: Registry = Registry::new();
    let late = Counter::default();
    let counter = late.clone();
    REGISTRY.on("foo", move || {
        REGISTRY.on("foo", counter.adding()).unwrap();
    })?;
    let sums: Vec<_> = (0..4)
        .map(|_| {
            REGISTRY.emit("foo", ()).unwrap();
            late.get()
        })
        .collect();
    assert_eq!(sums, [0, 1, 3, 6]);
    Ok(())
}

#[test]
fn a_callback_clears_all_and_registers_another() -> Outcome {
    static REGISTRY: Registry = Registry::new();
    let new = Counter::default();
    let counter = new.clone();
    REGISTRY.on("foo", move || {
        REGISTRY.clear_all();
        REGISTRY.on("foo", counter.adding()).unwrap();
    })?;
    REGISTRY.emit("foo", ())?;
    assert_eq!(new.get(), 0);
    REGISTRY.emit("foo", ())?;
    assert_eq!(new.get(), 1);
    Ok(())
}
