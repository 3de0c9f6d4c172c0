//! The behaviours of Python's smokesignal, as shown by its own tests and by what its code visibly does.
//! A comment names the original test, and says how [`Registry`] differs if it does.

use std::panic;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread;

use smoke_signal::global as smokesignal;
use smoke_signal::{CallbackKey, Emitting, Registry, SignatureMismatch};

use crate::common::{Counter, Recorder, in_own_process, thrown};
use crate::registry::counted;

type Outcome = Result<(), SignatureMismatch>;

/// Emits a name `times` times without arguments, and returns how many callbacks ran.
#[track_caller]
fn emit_often(registry: &Registry, name: &str, times: usize) -> usize {
    (0..times)
        .map(|_| registry.emit(name, ()).expect("bound to no arguments"))
        .sum()
}

// Emission.

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
fn test_emit_with_another_shape_of_arguments_is_an_error() -> Outcome {
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
fn test_emit_calls_on_this_thread_before_it_returns() -> Outcome {
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
fn test_emit_calls_no_callback_of_another_name() -> Outcome {
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
fn test_emit_discards_results() -> Outcome {
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
fn test_results_have_no_entry_for_those_not_called() -> Outcome {
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
fn test_callbacks_are_called_in_the_order_registered() -> Outcome {
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
fn test_a_callback_may_emit_other_names() -> Outcome {
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
fn test_a_callback_that_raises() -> Outcome {
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
fn test_a_callback_disconnects_itself() -> Outcome {
    // Boost.Signals2: deletion_test.cpp, test_remove_self; psygnal: test_signal_emission_disconnect
    static REGISTRY: Registry = Registry::new();
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    fn suicidal() {
        CALLS.fetch_add(1, Ordering::Relaxed);
        assert!(REGISTRY.disconnect(suicidal));
        assert!(!REGISTRY.responds_to(suicidal, "foo"));
    }

    let log = Recorder::new();
    REGISTRY.on("foo", log.adding("first"))?;
    REGISTRY.on("foo", suicidal)?;
    REGISTRY.on("foo", log.adding("next"))?;
    REGISTRY.on("foo", log.adding("last"))?;
    assert_eq!(REGISTRY.emit("foo", ())?, 4);
    assert_eq!(REGISTRY.emit("foo", ())?, 3);
    assert_eq!(log.take(), ["first", "next", "last"].repeat(2));
    assert_eq!(CALLS.load(Ordering::Relaxed), 1);
    Ok(())
}

#[test]
fn test_all_callbacks_disconnect_themselves() -> Outcome {
    // palacaze/sigslot: signal-extended.cpp
    static REGISTRY: Registry = Registry::new();
    fn suicidal<const N: u8>() {
        assert!(REGISTRY.disconnect(suicidal::<N>));
    }

    REGISTRY.on("foo", suicidal::<0>)?;
    REGISTRY.on("foo", suicidal::<1>)?;
    REGISTRY.on("foo", suicidal::<2>)?;
    assert_eq!(REGISTRY.emit("foo", ())?, 3);
    assert_eq!(REGISTRY.emit("foo", ())?, 0);
    Ok(())
}

#[test]
fn test_those_removed_before_their_turn_are_not_called() -> Outcome {
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
fn test_those_registered_during_an_emission_are_called_by_the_next() -> Outcome {
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
fn test_clear_all_then_on_inside_a_callback() -> Outcome {
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

// Registration.

#[test]
fn test_on_registers() -> Outcome {
    // smokesignal: test_on_registers; psygnal: test_repr_not_used
    fn callback() {
        unreachable!("nothing is emitted");
    }

    let registry = Registry::new();
    assert!(!registry.responds_to(callback, "foo"));
    registry.on("foo", callback)?;
    assert!(registry.responds_to(callback, "foo"));
    assert_eq!(registry.signals(callback), ["foo"]);
    Ok(())
}

#[test]
fn test_on_registers_many() -> Outcome {
    // smokesignal: test_on_registers_many
    counted!(callback, CALLS);
    let registry = Registry::new();
    registry.on(["foo", "bar"], callback)?;
    assert_eq!(registry.signals(callback), ["bar", "foo"]);
    registry.emit("foo", ())?;
    registry.emit("bar", ())?;
    assert_eq!(CALLS.load(Ordering::Relaxed), 2);
    Ok(())
}

#[test]
fn test_one_name_is_not_split_into_characters() -> Outcome {
    // Any string is a name, even one that looks like a tuple or `None`.
    fn callback() {}
    for name in ["foo", "('b', 'c')", "None", "1", "1.0"] {
        let registry = Registry::new();
        registry.on(name, callback)?;
        assert_eq!(registry.signals(callback), [name]);
        assert_eq!(registry.emit(name, ())?, 1);
        for other in ["f", "b", "('c', 'b')", "none", "1.00", "True"] {
            assert_eq!(registry.emit(other, ())?, 0, "{name:?} is not {other:?}");
        }
    }
    Ok(())
}

#[test]
fn test_on_with_an_empty_list() -> Outcome {
    // The key of a callback that is on no name is dead, but the call still sets the limit.
    fn callback() {}
    let registry = Registry::new();
    let key = registry.on([""; 0], callback)?;
    assert!(!registry.disconnect(key));
    assert!(!registry.disconnect(callback));
    assert_eq!(registry.signals(callback), [""; 0]);

    registry.on_max("foo", 2, callback)?;
    registry.on_max([""; 0], 7, callback)?;
    assert_eq!(registry.calls_left(callback), Some(7));
    registry.on([""; 0], callback)?;
    assert_eq!(registry.calls_left(callback), None);
    assert_eq!(registry.signals(callback), ["foo"]);
    Ok(())
}

#[test]
fn test_the_same_callback_registered_twice_is_called_once() -> Outcome {
    // Django: test_multiple_registration. Registered by two calls, and by one list.
    counted!(callback, CALLS);
    let registry = Registry::new();
    registry.on("foo", callback)?;
    registry.on("foo", callback)?;
    registry.on(["foo", "bar", "foo", "bar"], callback)?;
    assert_eq!(registry.emit("foo", ())?, 1);
    assert_eq!(registry.emit("bar", ())?, 1);
    assert_eq!(CALLS.load(Ordering::Relaxed), 2);
    assert_eq!(registry.signals(callback), ["bar", "foo"]);
    Ok(())
}

#[test]
fn test_on_decorator_registers() -> Outcome {
    // smokesignal: test_on_decorator_registers. There are no decorators; the key works wherever the callback does.
    fn my_callback() {}
    let registry = Registry::new();
    let key = registry.on("foo", my_callback)?;
    assert!(registry.responds_to(my_callback, "foo"));
    assert!(registry.responds_to(key, "foo"));
    assert_eq!(registry.signals(key), ["foo"]);
    assert!(registry.disconnect(key));
    assert!(!registry.responds_to(my_callback, "foo"));
    Ok(())
}

#[test]
fn test_on_creates_helpers() -> Outcome {
    // smokesignal: test_on_creates_responds_to_fn, test_on_creates_disconnect_fn. Here they are methods of the registry.
    let registry = Registry::new();
    let calls = Counter::default();
    let key = registry.on(["foo", "bar", "baz"], calls.adding())?;
    assert!(registry.responds_to(key, "foo"));
    assert!(!registry.responds_to(key, "qux"));
    assert_eq!(registry.signals(key), ["bar", "baz", "foo"]);
    assert!(registry.disconnect_from(key, "foo"));
    assert_eq!(registry.signals(key), ["bar", "baz"]);
    assert!(registry.disconnect(key));
    assert_eq!(registry.signals(key), [""; 0]);
    Ok(())
}

#[test]
fn test_instance_method() -> Outcome {
    // smokesignal: test_instance_method. Each closure is its own callback and keeps the instance alive.
    struct Foo {
        log: Recorder<String>,
    }
    impl Foo {
        fn method(&self, a: u8, b: &str) {
            self.log.add(format!("{a} {b}"));
        }
    }

    let registry = Registry::new();
    let log = Recorder::new();
    let foo = Arc::new(Foo { log: log.clone() });
    let weak = Arc::downgrade(&foo);
    let method = |foo: &Arc<Foo>| {
        let foo = Arc::clone(foo);
        move |a: u8, b: &'static str| foo.method(a, b)
    };
    let first = registry.on("foo", method(&foo))?;
    let second = registry.once("foo", method(&foo))?;
    drop(foo);
    assert_ne!(first, second);
    assert_eq!(registry.emit("foo", (1_u8, "yes"))?, 2);
    assert_eq!(registry.emit("foo", (2_u8, "no"))?, 1);
    assert_eq!(registry.emit("bar", (3_u8, "never"))?, 0);
    assert_eq!(log.take(), ["1 yes", "1 yes", "2 no"]);
    assert!(registry.disconnect(first));
    assert!(weak.upgrade().is_none());
    Ok(())
}

// Limits.

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
fn test_once_for_many_names_is_once_in_all() -> Outcome {
    // smokesignal: test_once
    let registry = Registry::new();
    let key = registry.once(["foo", "bar"], || ())?;
    assert_eq!(emit_often(&registry, "bar", 2), 1);
    assert_eq!(emit_often(&registry, "foo", 2), 0);
    assert_eq!(registry.signals(key), [""; 0]);
    Ok(())
}

#[test]
fn test_a_used_up_callback_has_left_all_names_before_its_last_call() -> Outcome {
    // smokesignal: test_on_max_calls. There, a callback leaves at the emission after its last call.
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
fn test_the_limit_is_counted_before_the_call() -> Outcome {
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
fn test_what_is_left_of_a_limit() -> Outcome {
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
fn test_two_once_callbacks_of_which_one_emits_again() -> Outcome {
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
fn test_a_limited_call_that_raises_counts() -> Outcome {
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
fn test_max_calls_zero_is_never_registered() -> Outcome {
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
fn test_a_limit_is_shared_by_all_names() -> Outcome {
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
fn test_registering_again_sets_the_limit_anew() -> Outcome {
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
fn test_registering_again_from_inside_the_call() -> Outcome {
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
fn test_once_for_another_name_after_it_has_fired() -> Outcome {
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
fn test_leaving_a_name_keeps_the_limit() -> Outcome {
    // After the callback leaves its last name, the limit starts afresh.
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

// Disconnecting.

#[test]
fn test_disconnect() -> Outcome {
    // smokesignal: test_disconnect; Boost.Signals2: deletion_test.cpp, test_disconnect_equal
    fn callback() {}
    let registry = Registry::new();
    let others = Counter::default();
    registry.on(["foo", "bar"], others.adding())?;
    registry.on(["foo", "bar"], callback)?;
    registry.on(["foo", "bar"], others.adding())?;
    assert!(registry.disconnect(callback));
    assert!(!registry.responds_to(callback, "foo"));
    assert!(!registry.responds_to(callback, "bar"));
    assert_eq!(registry.emit("foo", ())?, 2);
    assert_eq!(registry.emit("bar", ())?, 2);
    assert_eq!(others.get(), 4);
    Ok(())
}

#[test]
fn test_disconnect_first_middle_last_only() -> Outcome {
    // palacaze/sigslot: test_disconnection
    for gone in 0..4 {
        let registry = Registry::new();
        let log = Recorder::new();
        let mut expected = vec!["0", "1", "2", "3"];
        let receivers = expected
            .iter()
            .map(|&entry| registry.on("foo", log.adding(entry)))
            .collect::<Result<Vec<_>, _>>()?;
        assert!(registry.disconnect(receivers[gone]));
        expected.remove(gone);
        registry.emit("foo", ())?;
        assert_eq!(log.take(), expected);
    }
    Ok(())
}

#[test]
fn test_disconnect_what_is_not_registered() -> Outcome {
    // psygnal: test_disconnect
    fn callback() {}
    let registry = Registry::new();
    assert!(!registry.disconnect(callback));
    assert!(!registry.disconnect(CallbackKey::default()));
    let key = registry.on("foo", callback)?;
    assert!(registry.disconnect(callback));
    for _ in 0..2 {
        assert!(!registry.disconnect(callback));
        assert!(!registry.disconnect(key));
        assert!(!registry.disconnect_from(key, "foo"));
    }
    Ok(())
}

#[test]
fn test_disconnect_from_removes_only_one() -> Outcome {
    // smokesignal: test_disconnect_from_removes_only_one
    fn callback() {}
    let registry = Registry::new();
    registry.on(["foo", "bar"], callback)?;
    assert!(registry.disconnect_from(callback, "foo"));
    assert!(!registry.responds_to(callback, "foo"));
    assert!(registry.responds_to(callback, "bar"));
    assert_eq!(registry.emit("foo", ())?, 0);
    assert_eq!(registry.emit("bar", ())?, 1);
    Ok(())
}

#[test]
fn test_disconnect_from_removes_all() -> Outcome {
    // smokesignal: test_disconnect_from_removes_all
    fn callback() {}
    let registry = Registry::new();
    registry.on(["foo", "bar"], callback)?;
    assert!(!registry.disconnect_from(callback, [""; 0]));
    assert!(!registry.disconnect_from(callback, "unknown"));
    assert!(!registry.disconnect_from(callback, ["unknown", "strange"]));
    assert_eq!(registry.signals(callback), ["bar", "foo"]);
    assert!(registry.disconnect_from(callback, ["foo", "unknown", "bar", "foo"]));
    assert!(!registry.responds_to(callback, "foo"));
    assert!(!registry.responds_to(callback, "bar"));
    assert!(!registry.disconnect_from(callback, ["foo", "bar"]));
    Ok(())
}

#[test]
fn test_clear() -> Outcome {
    // smokesignal: test_clear
    let registry = Registry::new();
    let (one, two) = (Counter::default(), Counter::default());
    let first = registry.on(["foo", "bar"], one.adding())?;
    let second = registry.on("foo", two.adding())?;
    registry.clear("foo");
    assert_eq!(registry.emit("foo", ())?, 0);
    assert_eq!(registry.emit("bar", ())?, 1);
    assert_eq!(registry.signals(first), ["bar"]);
    assert_eq!(registry.signals(second), [""; 0]);
    assert!(!registry.disconnect(second));
    Ok(())
}

#[test]
fn test_clear_many() -> Outcome {
    // smokesignal: test_clear_many
    fn callback() {}
    let registry = Registry::new();
    registry.on(["foo", "bar", "baz"], callback)?;
    registry.clear(["foo", "unknown", "bar", "foo"]);
    assert_eq!(registry.signals(callback), ["baz"]);
    Ok(())
}

#[test]
fn test_clear_without_names_clears_nothing() -> Outcome {
    // Unlike smokesignal (test_clear_no_args_clears_all), only `clear_all` clears everything.
    fn callback() {}
    let registry = Registry::new();
    registry.on(["foo", "bar"], callback)?;
    registry.clear([""; 0]);
    assert_eq!(registry.signals(callback), ["bar", "foo"]);
    Ok(())
}

#[test]
fn test_clear_all() -> Outcome {
    // smokesignal: test_clear_all
    fn callback() {}
    let registry = Registry::new();
    registry.clear_all();
    registry.clear("foo");
    registry.once(["foo", "bar"], callback)?;
    registry.clear_all();
    registry.clear_all();
    assert_eq!(registry.signals(callback), [""; 0]);
    assert_eq!(registry.emit("foo", ())?, 0);
    // Names stay bound to their types.
    assert!(registry.on("foo", |_: u8| ()).is_err());
    registry.on_max("foo", 2, callback)?;
    assert_eq!(emit_often(&registry, "foo", 5), 2);
    Ok(())
}

// Queries.

#[test]
fn test_signals() -> Outcome {
    // smokesignal: test_signals. Sorted here; there, in the order in which names were first used.
    fn callback() {}
    let registry = Registry::new();
    assert_eq!(registry.signals(callback), [""; 0]);
    registry.on("zebra", || ())?;
    registry.on(["zebra", "foo"], callback)?;
    registry.on("bar", callback)?;
    assert_eq!(registry.signals(callback), ["bar", "foo", "zebra"]);
    registry.disconnect_from(callback, "foo");
    assert_eq!(registry.signals(callback), ["bar", "zebra"]);
    registry.disconnect(callback);
    assert_eq!(registry.signals(callback), [""; 0]);
    Ok(())
}

#[test]
fn test_responds_to() -> Outcome {
    // smokesignal: test_responds_to_true, test_responds_to_false
    fn callback() {}
    fn stranger() {}
    let registry = Registry::new();
    registry.on_max("foo", 2, callback)?;
    registry.on("bar", || ())?;
    assert!(registry.responds_to(callback, "foo"));
    assert!(!registry.responds_to(callback, "bar"));
    assert!(!registry.responds_to(callback, "unknown"));
    assert!(!registry.responds_to(stranger, "foo"));
    registry.emit("foo", ())?;
    assert!(registry.responds_to(callback, "foo"));
    Ok(())
}

#[test]
fn test_a_used_up_callback_is_freed() -> Outcome {
    // smokesignal: shaunduncan/smokesignal#6
    let registry = Registry::new();
    let captured = Arc::new(());
    let weak = Arc::downgrade(&captured);
    registry.on_max(["foo", "bar"], 2, move || {
        let _ = &captured;
    })?;
    registry.emit("foo", ())?;
    assert!(weak.upgrade().is_some());
    registry.emit("bar", ())?;
    assert!(weak.upgrade().is_none());
    Ok(())
}

// The guard.

#[test]
fn test_emitting_arg_style() -> Outcome {
    // smokesignal: test_emitting_arg_style
    let registry = Registry::new();
    let log = Recorder::new();
    registry.on("foo", log.adding("foo"))?;
    {
        let _guard = registry.emitting("foo")?;
        log.add("body");
    }
    assert_eq!(log.take(), ["body", "foo"]);
    Ok(())
}

#[test]
fn test_emitting_kwarg_style() -> Outcome {
    // smokesignal: test_emitting_kwarg_style. Here the entry name comes first, in a method named after it.
    let registry = Registry::new();
    let log = Recorder::new();
    registry.on("foo", log.adding("foo"))?;
    registry.on("bar", log.adding("bar"))?;
    {
        let _guard = registry.emitting_between("foo", "bar")?;
        log.add("body");
    }
    assert_eq!(log.take(), ["foo", "body", "bar"]);
    Ok(())
}

#[test]
fn test_emitting_the_empty_name() -> Outcome {
    let registry = Registry::new();
    let log = Recorder::new();
    registry.on("", log.adding("empty"))?;
    registry.on("None", log.adding("None"))?;
    drop(registry.emitting("foo")?);
    assert_eq!(log.take(), [""; 0]);
    drop(registry.emitting_between("", "None")?);
    assert_eq!(log.take(), ["empty", "None"]);
    Ok(())
}

#[test]
fn test_emitting_when_the_body_raises() -> Outcome {
    let registry = Registry::new();
    let log = Recorder::new();
    registry.on("foo", log.adding("foo"))?;
    let raised = thrown(|| {
        let _guard = registry.emitting("foo").unwrap();
        log.add("body");
        panic!("from the body");
    });
    assert_eq!(raised, "from the body");
    assert_eq!(log.take(), ["body", "foo"]);
    Ok(())
}

#[test]
fn test_emitting_when_the_body_is_left_early() -> Outcome {
    // In place of a decorated function, a function that holds a guard emits on each call.
    fn leave_early(registry: &Registry, how: &str) -> Outcome {
        for _ in 0..2 {
            let _guard = registry.emitting("foo")?;
            if how == "continue" {
                continue;
            }
            if how == "break" {
                break;
            }
            return Ok(());
        }
        Ok(())
    }

    let registry = Registry::new();
    let calls = Counter::default();
    registry.on("foo", calls.adding())?;
    for (how, expected) in [("return", 1), ("break", 2), ("continue", 4), ("return", 5)] {
        leave_early(&registry, how)?;
        assert_eq!(calls.get(), expected, "{how}");
    }
    Ok(())
}

#[test]
fn test_emitting_when_enter_raises() -> Outcome {
    let registry = Registry::new();
    let log = Recorder::new();
    registry.on("enter", || panic!("from enter"))?;
    registry.on("exit", log.adding("exit"))?;
    let raised = thrown(|| {
        let _guard = registry.emitting_between("enter", "exit").unwrap();
        log.add("body");
    });
    assert_eq!(raised, "from enter");
    assert_eq!(log.take(), [""; 0]);
    Ok(())
}

#[test]
fn test_emitting_when_exit_raises() -> Outcome {
    // The body's panic propagates and the exit's is discarded. Python chains the two exceptions.
    fn raise() {
        panic!("from exit");
    }

    let registry = Registry::new();
    let log = Recorder::new();
    registry.on("exit", log.adding("exit"))?;
    registry.on("exit", raise)?;
    for (body_raises, message) in [(false, "from exit"), (true, "from the body")] {
        let raised = thrown(|| {
            let _guard = registry.emitting("exit").unwrap();
            assert!(!body_raises, "from the body");
        });
        assert_eq!(raised, message);
        assert_eq!(log.take(), ["exit"]);
    }
    Ok(())
}

#[test]
fn test_emitting_calls_those_that_are_registered_at_the_end() -> Outcome {
    let registry = Registry::new();
    let log = Recorder::new();
    let early = registry.on("foo", log.adding("early"))?;
    {
        let _guard = registry.emitting("foo")?;
        registry.disconnect(early);
        registry.on("foo", log.adding("late"))?;
    }
    assert_eq!(log.take(), ["late"]);
    Ok(())
}

#[test]
fn test_emitting_nested() -> Outcome {
    let registry = Registry::new();
    let log = Recorder::new();
    for name in ["outer", "middle", "inner"] {
        registry.on(name, log.adding(name))?;
    }
    {
        let _outer = registry.emitting("outer")?;
        let _middle = registry.emitting("middle")?;
        let _inner = registry.emitting("inner")?;
    }
    assert_eq!(log.take(), ["inner", "middle", "outer"]);
    Ok(())
}

#[test]
fn test_emitting_the_same_name_twice_with_a_once_callback() -> Outcome {
    let registry = Registry::new();
    let calls = Counter::default();
    registry.once("foo", calls.adding())?;
    let guard = registry.emitting_between("foo", "foo")?;
    assert_eq!(calls.get(), 1);
    drop(guard);
    assert_eq!(calls.get(), 1);
    Ok(())
}

#[test]
fn test_emitting_is_entered_when_it_is_made() -> Outcome {
    // smokesignal's guard does nothing until it is entered.
    let registry = Registry::new();
    let calls = Counter::default();
    registry.on(["foo", "bar"], calls.adding())?;
    let _ = registry.emitting("foo")?;
    assert_eq!(calls.get(), 1);
    let _ = registry.emitting_between("foo", "bar")?;
    assert_eq!(calls.get(), 3);
    Ok(())
}

// The module.

#[test]
fn a_port_reads_as_the_original() -> Outcome {
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    fn debug(verbose: bool) {
        CALLS.fetch_add(if verbose { 10 } else { 1 }, Ordering::Relaxed);
    }

    smokesignal::on("port.debug", debug)?;
    smokesignal::emit("port.debug", (true,))?;
    smokesignal::emit("port.debug", (false,))?;
    assert_eq!(CALLS.load(Ordering::Relaxed), 11);
    assert!(smokesignal::responds_to(debug, "port.debug"));
    assert_eq!(smokesignal::signals(debug), ["port.debug"]);

    smokesignal::disconnect_from(debug, "port.debug");
    smokesignal::emit("port.debug", (true,))?;
    assert_eq!(CALLS.load(Ordering::Relaxed), 11);
    Ok(())
}

#[test]
fn exports_the_ten_functions_of_the_original() -> Outcome {
    // smokesignal: `__all__`. `clear_all` has a test of its own.
    fn foo() {}
    let key: CallbackKey = smokesignal::on("all.foo", foo)?;
    let _: CallbackKey = smokesignal::once(["all.bar", "all.baz"], foo)?;
    let _: CallbackKey = smokesignal::on_max(vec!["all.bar"], 3, foo)?;
    let names: Vec<String> = smokesignal::signals(key);
    assert_eq!(names, ["all.bar", "all.baz", "all.foo"]);
    let left: Option<u32> = smokesignal::calls_left(foo);
    assert_eq!(left, Some(3));
    let ran: Result<usize, SignatureMismatch> = smokesignal::emit("all.foo", ());
    assert_eq!(ran, Ok(1));
    let guard: Emitting<'static> = smokesignal::emitting("all.foo")?;
    drop(guard);
    assert_eq!(smokesignal::calls_left(foo), Some(1));
    let yes: bool = smokesignal::responds_to(foo, "all.baz");
    assert!(yes);
    let yes: bool = smokesignal::disconnect_from(foo, ["all.baz"]);
    assert!(yes);
    assert!(!smokesignal::responds_to(foo, "all.baz"));
    smokesignal::clear("all.bar");
    assert_eq!(smokesignal::signals(foo), ["all.foo"]);
    let yes: bool = smokesignal::disconnect(key);
    assert!(yes);

    smokesignal::on(["all.enter", "all.exit"], foo)?;
    let guard: Emitting<'static> = smokesignal::emitting_between("all.enter", "all.exit")?;
    smokesignal::clear(["all.enter", "all.exit"]);
    drop(guard);
    let _: fn() = smokesignal::clear_all;
    let signal = smokesignal::signal::<(), ()>("all.foo")?;
    assert!(signal.is_empty());
    Ok(())
}

#[test]
fn all_callers_share_the_global_registry() -> Outcome {
    fn callback() {}
    let other = Registry::new();
    smokesignal::on("shared.foo", callback)?;
    assert!(Registry::global().responds_to(callback, "shared.foo"));
    thread::spawn(|| assert!(smokesignal::disconnect(callback)))
        .join()
        .expect("seen by other threads");
    assert!(!Registry::global().responds_to(callback, "shared.foo"));

    // Other registries are separate, including the types of their names.
    other.on("shared.foo", |_: u8| ())?;
    assert_eq!(other.emit("shared.foo", (1_u8,))?, 1);
    assert_eq!(smokesignal::emit("shared.foo", ())?, 0);
    Ok(())
}

#[test]
fn global_functions_do_what_their_methods_do() -> Outcome {
    let log = Recorder::new();
    for name in ["does.enter", "does.exit", "does.end"] {
        smokesignal::on(name, log.adding(name))?;
    }
    {
        let _guard = smokesignal::emitting("does.end")?;
        let _between = smokesignal::emitting_between("does.enter", "does.exit")?;
        log.add("body");
    }
    assert_eq!(log.take(), ["does.enter", "body", "does.exit", "does.end"]);

    smokesignal::once("does.once", log.adding("once"))?;
    assert_eq!(smokesignal::emit("does.once", ())?, 1);
    assert_eq!(smokesignal::emit("does.once", ())?, 0);
    assert_eq!(log.take(), ["once"]);
    let signal = smokesignal::signal::<(), ()>("does.end")?;
    assert_eq!(signal.len(), 1);
    Ok(())
}

#[test]
fn global_functions_name_their_callers_in_errors() -> Outcome {
    smokesignal::on("located", |_: u8| ())?;
    let bound = line!() - 1;
    let errors = [
        smokesignal::on("located", || ()).unwrap_err(),
        smokesignal::on_max("located", 1, || ()).unwrap_err(),
        smokesignal::once("located", || ()).unwrap_err(),
        smokesignal::emit("located", ()).unwrap_err(),
        smokesignal::emitting("located").unwrap_err(),
        smokesignal::emitting_between("elsewhere", "located").unwrap_err(),
        smokesignal::signal::<(), ()>("located").unwrap_err(),
    ];
    for error in errors {
        assert_eq!(error.bound_at().file(), file!());
        assert_eq!(error.bound_at().line(), bound);
    }
    Ok(())
}

#[test]
fn test_clear_all_of_the_module() {
    // Runs in its own process because all tests share the global registry.
    fn callback() {}

    in_own_process("smokesignal::test_clear_all_of_the_module", || {
        smokesignal::on(["foo", "bar"], callback).unwrap();
        smokesignal::clear_all();
        assert_eq!(smokesignal::signals(callback), [""; 0]);
        assert_eq!(smokesignal::emit("foo", ()), Ok(0));
    });
}
