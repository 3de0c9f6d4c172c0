//! What [`Registry`] promises beyond the original: who a callback is, names and their types, typed
//! signals behind names, guards, and what foreign code may do while the registry runs it.

use std::any::Any;
use std::borrow::Cow;
use std::mem;
use std::panic::{self, AssertUnwindSafe};
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, Weak};
use std::thread;

use slotmap::Key;
use smoke_signal::{
    ByMut, ByRef, CallbackKey, Emitting, Names, Registry, Signal, SignatureMismatch,
};

use crate::common::{Counted, Counter, DEADLOCK, OnDrop, Recorder, thrown, within};

type Outcome = Result<(), SignatureMismatch>;

/// Defines a callback that captures nothing, and a static with the number of its calls.
macro_rules! counted {
    ($callback:ident, $CALLS:ident) => {
        static $CALLS: AtomicUsize = AtomicUsize::new(0);
        fn $callback() {
            $CALLS.fetch_add(1, Ordering::Relaxed);
        }
    };
}
pub(crate) use counted;

/// A callback that does nothing but hold something.
fn holding<T: Send + Sync + 'static>(held: T) -> impl Fn() + Send + Sync + 'static {
    move || {
        let _ = &held;
    }
}

/// A value, and whether it is alive.
fn watched_value() -> (Arc<()>, impl Fn() -> bool) {
    let value = Arc::new(());
    let weak = Arc::downgrade(&value);
    (value, move || weak.strong_count() > 0)
}

/// What the registry's `Debug` says of its names.
#[track_caller]
fn assert_names(registry: &Registry, names: &str) {
    assert_eq!(
        format!("{registry:?}"),
        format!("Registry {{ signals: {{{names}}}, .. }}")
    );
}

// Who a callback is.

#[test]
fn a_callable_without_captures_is_its_own_identity() -> Outcome {
    #[track_caller]
    fn check<C: Fn() + Copy + Send + Sync + 'static>(callback: C) {
        let registry = Registry::new();
        let receiver = registry.on("foo", callback).unwrap();
        assert_eq!(registry.on_max(["foo", "bar"], 2, callback), Ok(receiver));
        assert_eq!(registry.emit("foo", ()), Ok(1));
        assert_eq!(registry.signals(callback), registry.signals(receiver));
        assert_eq!(registry.calls_left(callback), Some(1));
        assert_eq!(registry.calls_left(receiver), Some(1));
        assert!(registry.responds_to(callback, "bar"));
        assert!(registry.responds_to(receiver, "bar"));
        assert!(registry.disconnect_from(callback, "bar"));
        assert!(registry.disconnect(callback));
        assert!(!registry.disconnect(receiver));
    }
    fn generic<T>() {}

    check(|| ());
    check(a_function);
    check(generic::<u8>);
    let nothing = ();
    check(move || nothing);

    // Different functions, or instances of a generic one, are different callbacks.
    let registry = Registry::new();
    registry.on("foo", generic::<u8>)?;
    assert!(!registry.responds_to(generic::<u16>, "foo"));
    assert!(!registry.responds_to(a_function, "foo"));
    registry.on("foo", generic::<u16>)?;
    assert_eq!(registry.emit("foo", ())?, 2);
    Ok(())
}

fn a_function() {}

/// Written as a closure it would return `!`, which is another signature.
fn raising() {
    panic!("from a callback");
}

#[test]
fn closures_of_one_expression_are_one_callback_if_they_capture_nothing() -> Outcome {
    let registry = Registry::new();
    let mut receivers = Vec::new();
    for _ in 0..3 {
        receivers.push(registry.on("foo", || ())?);
    }
    assert_eq!(receivers, [receivers[0]; 3]);
    assert_eq!(registry.emit("foo", ())?, 1);
    // Written twice they are two.
    registry.on("foo", || ())?;
    assert_eq!(registry.emit("foo", ())?, 2);
    Ok(())
}

#[test]
fn closures_with_captures_are_distinct() -> Outcome {
    let registry = Registry::new();
    let log = Recorder::new();
    let receivers = ["a", "b", "c"].map(|entry| registry.on("foo", log.adding(entry)).unwrap());
    assert_ne!(receivers[0], receivers[1]);
    assert_ne!(receivers[1], receivers[2]);
    registry.emit("foo", ())?;
    assert_eq!(log.take(), ["a", "b", "c"]);
    assert!(registry.disconnect(receivers[1]));
    registry.emit("foo", ())?;
    assert_eq!(log.take(), ["a", "c"]);
    Ok(())
}

#[test]
fn function_pointers_are_distinct() -> Outcome {
    // A pointer is a value, its type says nothing of which function it is.
    let registry = Registry::new();
    let pointer: fn() = a_function;
    assert_ne!(registry.on("foo", pointer)?, registry.on("foo", pointer)?);
    assert_eq!(registry.emit("foo", ())?, 2);
    Ok(())
}

#[test]
fn an_old_receiver_never_means_a_later_registration() -> Outcome {
    let registry = Registry::new();
    let old = registry.on("foo", a_function)?;
    registry.disconnect(old);
    let new = registry.on("foo", a_function)?;
    assert_ne!(old, new);
    assert!(!registry.responds_to(old, "foo"));
    assert_eq!(registry.signals(old), [""; 0]);
    assert_eq!(registry.calls_left(old), None);
    assert!(!registry.disconnect_from(old, "foo"));
    assert!(!registry.disconnect(old));
    assert!(registry.responds_to(new, "foo"));
    assert!(registry.responds_to(a_function, "foo"));
    Ok(())
}

#[test]
fn a_callable_that_has_left_comes_back_under_a_new_receiver() -> Outcome {
    type Leave = fn(&Registry, CallbackKey);
    let ways: [(&str, Leave); 6] = [
        ("disconnect", |r, cb| assert!(r.disconnect(cb))),
        ("disconnect_from", |r, cb| {
            assert!(r.disconnect_from(cb, ["bar", "foo"]));
        }),
        ("clear", |r, _| r.clear(["foo", "bar"])),
        ("clear_all", |r, _| r.clear_all()),
        ("used up", |r, _| drop(r.emit("bar", ()))),
        ("on_max(0)", |r, _| drop(r.on_max("foo", 0, a_function))),
    ];
    for (way, leave) in ways {
        let registry = Registry::new();
        let old = registry.once(["foo", "bar"], a_function)?;
        leave(&registry, old);
        let new = registry.on("foo", a_function)?;
        assert_ne!(old, new, "{way}");
        assert!(!registry.responds_to(old, "foo"), "{way}");
        assert!(!registry.disconnect(old), "{way}");
        assert!(registry.disconnect(new), "{way}");
    }
    Ok(())
}

#[test]
fn an_empty_registry_answers_every_question() -> Outcome {
    for registry in [Registry::new(), Registry::default()] {
        assert!(!registry.disconnect(a_function));
        assert!(!registry.disconnect_from(a_function, ["foo", "bar"]));
        assert!(!registry.responds_to(CallbackKey::default(), "foo"));
        assert_eq!(registry.signals(a_function), [""; 0]);
        assert_eq!(registry.calls_left(a_function), None);
        registry.clear("foo");
        registry.clear_all();
        assert_eq!(registry.emit("foo", ())?, 0);
        assert_names(&registry, "");
    }
    Ok(())
}

// Names.

#[test]
fn names_come_in_many_forms() {
    #[track_caller]
    fn check<N: Names + Clone>(names: N, expected: &[&str]) {
        let registry = Registry::new();
        let receiver = registry.on(names.clone(), || ()).unwrap();
        assert_eq!(registry.signals(receiver), expected);
        let others = registry.on(["foo", "bar", "other"], || ()).unwrap();
        assert!(registry.disconnect_from(receiver, names.clone()));
        assert_eq!(registry.signals(receiver), [""; 0]);
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
    let receiver = registry.on(Vec::<String>::new(), holding(value))?;
    assert!(!alive());
    assert!(!registry.disconnect(receiver));
    assert_names(&registry, "");
    assert_eq!(
        registry.calls_left(registry.on_max([""; 0], 3, a_function)?),
        None
    );
    // Nothing of that has stayed.
    registry.on("foo", a_function)?;
    assert_eq!(registry.calls_left(a_function), None);
    assert_eq!(registry.emit("foo", ())?, 1);
    Ok(())
}

#[test]
fn the_receiver_for_a_list_without_names_stays_dead() -> Outcome {
    let registry = Registry::new();
    let dead = registry.on_max([""; 0], 3, a_function)?;
    assert_ne!(registry.on("foo", a_function)?, dead);
    assert!(!registry.responds_to(dead, "foo"));
    assert!(!registry.disconnect(dead));
    assert!(registry.disconnect(a_function));
    Ok(())
}

// Arguments and results.

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

// Emission tells how many slots ran.

#[test]
fn emit_counts_what_ran() -> Outcome {
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

// Budgets.

#[test]
fn on_max_zero_connects_nothing() -> Outcome {
    let registry = Registry::new();
    let (value, alive) = watched_value();
    let receiver = registry.on_max(["foo", "bar"], 0, holding(value))?;
    assert!(!alive());
    assert_eq!(registry.signals(receiver), [""; 0]);
    assert_eq!(registry.calls_left(receiver), None);
    assert!(!registry.disconnect(receiver));
    assert_eq!(registry.emit("foo", ())?, 0);
    assert!(registry.signal::<(), ()>("foo")?.is_empty());
    assert!(registry.on_max("foo", 0, |_: u8| ()).is_err());
    Ok(())
}

#[test]
fn on_max_zero_takes_a_registered_callback_off_all_its_names() -> Outcome {
    let registry = Registry::new();
    registry.on(["foo", "bar"], a_function)?;
    registry.on_max("baz", 0, a_function)?;
    assert_eq!(registry.signals(a_function), [""; 0]);
    for name in ["foo", "bar", "baz"] {
        assert_eq!(registry.emit(name, ())?, 0, "{name}");
    }
    registry.on("baz", a_function)?;
    assert_eq!(registry.signals(a_function), ["baz"]);
    registry.on_max([""; 0], 0, a_function)?;
    assert_eq!(registry.signals(a_function), [""; 0]);
    Ok(())
}

#[test]
fn on_max_zero_disconnects_at_once() -> Outcome {
    // Not only at the next emission.
    let registry = Registry::new();
    registry.on(["foo", "bar"], a_function)?;
    registry.on_max("foo", 0, a_function)?;
    for name in ["foo", "bar"] {
        assert!(registry.signal::<(), ()>(name)?.is_empty(), "{name}");
    }
    Ok(())
}

#[test]
fn on_max_zero_binds_its_names() -> Outcome {
    let registry = Registry::new();
    registry.on_max(["foo", "bar"], 0, |n: u8| n)?;
    assert_names(&registry, r#""bar": "(u8,) -> u8", "foo": "(u8,) -> u8""#);
    assert!(registry.emit("foo", ()).is_err());
    Ok(())
}

#[test]
fn calls_left_counts_over_all_names() -> Outcome {
    let registry = Registry::new();
    let receiver = registry.on_max(["foo", "bar"], u32::MAX, || ())?;
    assert_eq!(registry.calls_left(receiver), Some(u32::MAX));
    registry.emit("foo", ())?;
    registry.emit("bar", ())?;
    registry.signal::<(), ()>("foo")?.emit();
    assert_eq!(registry.calls_left(receiver), Some(u32::MAX - 3));
    registry.disconnect(receiver);
    assert_eq!(registry.calls_left(receiver), None);
    Ok(())
}

#[test]
fn a_turn_that_is_no_call_is_not_charged() -> Outcome {
    static REGISTRY: Registry = Registry::new();
    fn limited() {}

    REGISTRY.on("foo", || {
        REGISTRY.disconnect_from(limited, "foo");
    })?;
    REGISTRY.on_max(["foo", "bar"], 2, limited)?;
    assert_eq!(REGISTRY.emit("foo", ())?, 1);
    assert_eq!(REGISTRY.calls_left(limited), Some(2));
    // Connected again within the emission, it waits for the next.
    REGISTRY.clear("foo");
    REGISTRY.on_max("foo", 2, limited)?;
    REGISTRY
        .signal::<(), ()>("foo")?
        .options()
        .first()
        .once(|| {
            REGISTRY.disconnect_from(limited, "foo");
            REGISTRY.on("foo", limited).unwrap();
            REGISTRY.on_max("foo", 5, limited).unwrap();
        });
    assert_eq!(REGISTRY.emit("foo", ())?, 1);
    assert_eq!(REGISTRY.calls_left(limited), Some(5));
    assert_eq!(REGISTRY.emit("foo", ())?, 1);
    assert_eq!(REGISTRY.calls_left(limited), Some(4));
    Ok(())
}

#[test]
fn a_budget_set_anew_inside_the_last_call_is_that_of_a_new_registration() -> Outcome {
    static REGISTRY: Registry = Registry::new();
    static RECEIVERS: Mutex<Vec<CallbackKey>> = Mutex::new(Vec::new());
    fn again() {
        let receiver = REGISTRY.on_max("foo", 2, again).unwrap();
        RECEIVERS.lock().unwrap().push(receiver);
    }

    let first = REGISTRY.once(["foo", "bar"], again)?;
    assert_eq!(REGISTRY.emit("bar", ())?, 1);
    assert!(!REGISTRY.responds_to(first, "foo"));
    assert_eq!(REGISTRY.signals(again), ["foo"], "it had left `bar`");
    assert_eq!(REGISTRY.emit("foo", ())?, 1);
    let receivers = RECEIVERS.lock().unwrap();
    assert_ne!(receivers[0], first);
    assert_eq!(
        receivers[1], receivers[0],
        "not the last call: the same registration"
    );
    assert_eq!(REGISTRY.calls_left(receivers[0]), Some(2));
    Ok(())
}

#[test]
fn a_call_that_panics_in_a_clone_is_charged() -> Outcome {
    struct Bad;
    impl Clone for Bad {
        fn clone(&self) -> Self {
            panic!("no copies");
        }
    }

    fn never(_: Bad) {
        unreachable!("there is no argument for it");
    }

    let registry = Registry::new();
    let calls = Counter::default();
    let limited = registry.on_max("foo", 2, never)?;
    let counter = calls.clone();
    let last = registry.on("foo", move |_: Bad| counter.add())?;
    for left in [Some(1), None] {
        assert!(panic::catch_unwind(|| registry.emit("foo", (Bad,))).is_err());
        assert_eq!(registry.calls_left(limited), left);
    }
    assert!(registry.responds_to(last, "foo"));
    assert_eq!(registry.emit("foo", (Bad,))?, 1);
    assert_eq!(calls.get(), 1);
    Ok(())
}

// The typed signal behind a name.

#[test]
fn a_name_has_one_typed_signal() -> Outcome {
    let registry = Registry::new();
    let foo = registry.signal::<(u8,), u8>("foo")?;
    assert!(Arc::ptr_eq(&foo, &registry.signal::<(u8,), u8>("foo")?));
    assert!(!Arc::ptr_eq(&foo, &registry.signal::<(u8,), u8>("bar")?));
    drop(foo);
    registry.signal::<(u8,), u8>("foo")?.connect(|n| n + 1);
    assert_eq!(registry.signal::<(u8,), u8>("foo")?.emit(1), [2]);
    registry.clear_all();
    assert!(registry.signal::<(u8,), u8>("foo")?.is_empty());
    Ok(())
}

#[test]
fn callbacks_and_typed_slots_share_a_signal() -> Outcome {
    let registry = Registry::new();
    let log = Recorder::new();
    registry.on("foo", log.adding("callback"))?;
    let signal = registry.signal::<(), ()>("foo")?;
    signal.connect(log.adding("slot"));
    signal.options().first().connect(log.adding("first"));
    assert_eq!(registry.emit("foo", ())?, 3);
    assert_eq!(log.take(), ["first", "callback", "slot"]);
    signal.emit();
    assert_eq!(log.take(), ["first", "callback", "slot"]);
    assert_eq!(signal.len(), 3);
    registry.clear("foo");
    assert!(signal.is_empty());
    assert_eq!(registry.emit("foo", ())?, 0);
    signal.connect(log.adding("slot"));
    registry.clear_all();
    assert_eq!(registry.emit("foo", ())?, 0);
    Ok(())
}

#[test]
fn borrowed_arguments_go_through_the_typed_signal() -> Outcome {
    let registry = Registry::new();
    let signal = registry.signal::<(ByRef<str>, ByMut<usize>), bool>("line")?;
    signal.connect(|line, hits| {
        *hits += line.matches('x').count();
        *hits > 2
    });
    let (line, mut hits) = ("x".repeat(2), 1);
    assert_eq!(signal.emit(&line, &mut hits), [true]);
    assert_eq!(hits, 3);
    // By name there is no such emission.
    assert!(registry.emit("line", ("x".to_owned(), 1_usize)).is_err());
    registry.clear("line");
    assert!(signal.is_empty());
    Ok(())
}

#[test]
fn disconnecting_through_the_typed_signal_ends_the_registration() -> Outcome {
    let registry = Registry::new();
    let signal = registry.signal::<(), ()>("foo")?;
    let receiver = registry.on_max("foo", 3, a_function)?;
    signal.disconnect_all();
    assert!(!registry.responds_to(a_function, "foo"));
    assert_eq!(registry.signals(receiver), [""; 0]);
    assert_eq!(registry.calls_left(receiver), None);
    assert!(!registry.disconnect(receiver));
    registry.on("foo", a_function)?;
    assert_eq!(registry.emit("foo", ())?, 1);
    assert!(registry.responds_to(a_function, "foo"));
    assert_eq!(registry.calls_left(a_function), None);

    // On one of two names only.
    registry.on("bar", a_function)?;
    assert!(signal.disconnect(signal.connections()[0]));
    assert_eq!(registry.signals(a_function), ["bar"]);
    assert!(!registry.disconnect_from(a_function, "foo"));
    registry.on("foo", a_function)?;
    assert_eq!(registry.signals(a_function), ["bar", "foo"]);
    assert_eq!(registry.emit("foo", ())?, 1);
    Ok(())
}

#[test]
fn registrations_lost_through_the_typed_signal_do_not_pile_up() -> Outcome {
    /// The place of a key in its slotmap: new ones are taken only where none is free.
    fn place(receiver: CallbackKey) -> u64 {
        receiver.data().as_ffi() & u64::from(u32::MAX)
    }

    let registry = Registry::new();
    let signal = registry.signal::<(), ()>("foo")?;
    let stays = registry.on("bar", a_function)?;
    let mut highest = 0;
    for round in 0..2_000 {
        let receiver = registry.on("foo", holding(round))?;
        registry.on("foo", a_function)?;
        highest = highest.max(place(receiver));
        signal.disconnect_all();
    }
    assert!(highest < 64, "{highest} places for one callback at a time");
    assert_eq!(registry.signals(stays), ["bar"]);
    assert_eq!(registry.emit("bar", ())?, 1);
    Ok(())
}

#[test]
fn forgetting_registrations_leaves_those_that_are_connected() -> Outcome {
    let registry = Registry::new();
    let (foo, bar) = (
        registry.signal::<(), ()>("foo")?,
        registry.signal::<(), ()>("bar")?,
    );
    let mut connected = Vec::new();
    for round in 0..300 {
        connected.push(registry.on_max(["foo", "bar"], 9, holding(round))?);
        registry.on("foo", holding(round))?;
        // Those that are on `bar` too stay.
        foo.disconnect_all();
    }
    assert_eq!(bar.len(), 300);
    for &receiver in &connected {
        assert_eq!(registry.signals(receiver), ["bar"]);
        assert_eq!(registry.calls_left(receiver), Some(9));
        assert!(registry.disconnect(receiver));
    }
    assert!(bar.is_empty());
    Ok(())
}

#[test]
fn a_receiver_that_left_through_the_typed_signal_stays_dead() -> Outcome {
    for others in [0, 40] {
        let registry = Registry::new();
        let signal = registry.signal::<(), ()>("foo")?;
        let old = registry.on("foo", a_function)?;
        signal.disconnect_all();
        for n in 0..others {
            registry.on("other", holding(n))?;
        }
        let new = registry.on("foo", a_function)?;
        assert_ne!(old, new);
        assert!(!registry.responds_to(old, "foo"));
        assert!(!registry.disconnect(old));
        assert_eq!(registry.signals(a_function), ["foo"]);
        assert_eq!(registry.emit("foo", ())?, 1);
    }
    Ok(())
}

#[test]
fn a_typed_signal_outlives_its_registry() -> Outcome {
    let registry = Registry::new();
    let calls = Counter::default();
    registry.on("foo", calls.adding())?;
    let signal = registry.signal::<(), ()>("foo")?;
    drop(registry);
    signal.emit();
    assert_eq!(calls.get(), 1);
    assert_eq!(signal.len(), 1);
    Ok(())
}

#[test]
fn a_used_up_callback_leaves_a_typed_signal_that_outlived_its_registry() -> Outcome {
    let registry = Registry::new();
    let (value, alive) = watched_value();
    registry.once("foo", holding(value))?;
    let signal = registry.signal::<(), ()>("foo")?;
    drop(registry);
    assert_eq!(signal.emit().len(), 1);
    assert_eq!(signal.emit().len(), 0);
    assert_eq!(signal.len(), 0);
    assert!(!alive());
    Ok(())
}

#[test]
fn a_signal_that_outlived_its_registry_is_left_before_the_last_call() -> Outcome {
    let registry = Registry::new();
    let signal = registry.signal::<(), ()>("foo")?;
    let (weak, calls) = (Arc::downgrade(&signal), Counter::default());
    let counter = calls.clone();
    registry.once("foo", move || {
        assert!(weak.upgrade().expect("the test holds it").is_empty());
        counter.add();
    })?;
    drop(registry);
    signal.emit();
    assert_eq!(calls.get(), 1);
    assert!(signal.is_empty());
    Ok(())
}

// Signatures.

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
    let receiver = registry.on("foo", |text: String| text.len())?;
    let line = line!() - 1;
    for (what, attempt, requested) in attempts {
        let error = attempt(&registry).unwrap_or_else(|| panic!("{what} is let through"));
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
                 {file}:{line}:{column}, it can't be used as `{requested}`"
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
    // Nothing has come of them.
    assert_names(&registry, r#""foo": "(alloc::string::String,) -> usize""#);
    assert_eq!(registry.emit("foo", ("text".to_owned(),))?, 1);
    assert_eq!(registry.signals(receiver), ["foo"]);
    Ok(())
}

#[test]
fn whoever_names_it_first_binds_a_name() -> Outcome {
    type Bind = fn(&Registry) -> Outcome;
    /// A call, where it stands, and the signature that it binds "foo" to.
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
        // Later uses do not move it.
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
fn a_name_stays_bound_when_all_have_left() -> Outcome {
    let ways: [fn(&Registry, CallbackKey); 5] = [
        |registry, receiver| assert!(registry.disconnect(receiver)),
        |registry, receiver| assert!(registry.disconnect_from(receiver, "foo")),
        |registry, _| registry.clear("foo"),
        |registry, _| registry.clear_all(),
        |registry, _| drop(registry.emit("foo", (1_u8,))),
    ];
    for leave in ways {
        let registry = Registry::new();
        let receiver = registry.once("foo", |_: u8| ())?;
        let signal = registry.signal::<(u8,), ()>("foo")?;
        leave(&registry, receiver);
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

    for place in 0..4 {
        let registry = Registry::new();
        registry.on("bound", |_: String| ())?;
        let before = format!("{registry:?}");
        let mut names = vec!["a", "b", "c"];
        names.insert(place, "bound");

        let (value, alive) = watched_value();
        let refused = registry.on(&names, move |n: u8| {
            let _ = &value;
            n
        });
        assert_eq!(refused.unwrap_err().name(), "bound");
        assert!(!alive(), "the callback is dropped");
        assert_eq!(format!("{registry:?}"), before);

        // What was registered before is as it was, its budget too.
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

    // The result is settled later; the guard emits that.
    let calls = Counter::default();
    let counter = calls.clone();
    let counting = move || {
        counter.add();
        "result"
    };
    let receiver = registry.on("foo", counting)?;
    let line = line!() - 1;
    assert_names(&registry, r#""foo": "() -> &str", "other": "() -> ()""#);
    assert_eq!(registry.emit("foo", ())?, 1);
    drop(guard);
    assert_eq!(calls.get(), 2);
    assert_eq!(registry.signal::<(), &str>("foo")?.emit(), ["result"]);
    let error = registry.on("foo", || ()).unwrap_err();
    assert_eq!(error.bound_at().line(), line);
    assert!(registry.disconnect(receiver));

    // Through `signal`, and after an emission that found no slots, just as well.
    drop(registry.emitting_between("enter", "exit")?);
    registry.signal::<(), u8>("enter")?.connect(|| 1);
    registry.signal::<(), u16>("exit")?.connect(|| 2);
    assert_eq!(registry.emit("enter", ())?, 1);
    assert_eq!(registry.emit("exit", ())?, 1);
    drop(registry.emitting("exit")?);
    Ok(())
}

// Guards.

#[test]
fn a_guard_emits_exactly_once() -> Outcome {
    let registry = Registry::new();
    let calls = Counter::default();
    registry.on("foo", calls.adding())?;
    let guard = registry.emitting("foo")?;
    assert_eq!(calls.get(), 0);
    drop(guard);
    assert_eq!(calls.get(), 1);
    mem::forget(registry.emitting("foo")?);
    assert_eq!(calls.get(), 1, "forgotten, it does not emit");
    assert_eq!(
        format!("{:?}", registry.emitting("foo")?),
        "Emitting { .. }"
    );
    Ok(())
}

#[test]
fn a_guard_on_another_thread_emits_there() -> Outcome {
    let registry = Registry::new();
    let log = Recorder::new();
    let notes = log.clone();
    registry.on("foo", move || {
        notes.add(format!("{:?}", thread::current().id()));
    })?;
    let guard: Emitting<'static> = registry.emitting("foo")?;
    let there = thread::spawn(move || {
        let _guard = guard;
        format!("{:?}", thread::current().id())
    })
    .join()
    .expect("it only emits");
    assert_eq!(log.take(), [there]);
    Ok(())
}

#[test]
fn a_guard_whose_registry_is_gone_does_nothing() -> Outcome {
    let registry = Registry::new();
    let calls = Counter::default();
    let (value, alive) = watched_value();
    registry.on("foo", calls.adding())?;
    registry.on("foo", holding(value))?;
    let guard = registry.emitting("foo")?;
    drop(registry);
    assert!(!alive(), "the guard does not keep it alive");
    drop(guard);
    assert_eq!(calls.get(), 0);
    Ok(())
}

#[test]
fn a_guard_dropped_by_a_panic_in_a_callback_emits() -> Outcome {
    static REGISTRY: Registry = Registry::new();
    let log = Recorder::new();
    let notes = log.clone();
    REGISTRY.on("work", move || {
        let _guard = REGISTRY.emitting_between("enter", "exit").unwrap();
        notes.add("work");
        panic!("from work");
    })?;
    REGISTRY.on("enter", log.adding("enter"))?;
    REGISTRY.on("exit", log.adding("exit"))?;
    REGISTRY.on("exit", raising)?;
    REGISTRY.on("exit", log.adding("not reached"))?;
    assert_eq!(thrown(|| REGISTRY.emit("work", ())), "from work");
    assert_eq!(log.take(), ["enter", "work", "exit"]);
    Ok(())
}

#[test]
fn a_guard_dropped_by_what_it_calls_emits_within() -> Outcome {
    // A callback that owns a guard, and goes by being used up.
    let registry = Registry::new();
    let log = Recorder::new();
    registry.on("inner", log.adding("inner"))?;
    let guard = registry.emitting("inner")?;
    let notes = log.clone();
    registry.once("outer", move || {
        let _ = &guard;
        notes.add("outer");
    })?;
    drop(registry.emitting("outer")?);
    assert_eq!(log.take(), ["outer", "inner"]);
    Ok(())
}

// Foreign code inside the registry.

type Method = fn(&Registry);

/// Every method of a registry in which `a_function` is on "foo" and "bar", and "typed" takes a `u8`.
const METHODS: &[(&str, Method)] = &[
    ("on", |r| drop(r.on(["foo", "fresh"], || ()))),
    ("on, refused", |r| {
        assert!(r.on(["fresh", "typed"], || ()).is_err());
    }),
    ("on, again", |r| drop(r.on(["foo", "bar"], a_function))),
    ("on_max", |r| drop(r.on_max("foo", 2, a_function))),
    ("on_max(0)", |r| drop(r.on_max("foo", 0, a_function))),
    ("once", |r| drop(r.once("bar", || ()))),
    ("emit", |r| drop(r.emit("foo", ()))),
    ("emit, other", |r| drop(r.emit("bar", ()))),
    ("emit, refused", |r| assert!(r.emit("typed", ()).is_err())),
    ("emitting", |r| drop(r.emitting("foo"))),
    ("emitting_between", |r| {
        drop(r.emitting_between("bar", "foo"));
    }),
    ("signal", |r| {
        let signal = r.signal::<(), ()>("foo").unwrap();
        signal.connect(|| ());
        signal.disconnect_all();
    }),
    ("disconnect", |r| {
        r.disconnect(a_function);
    }),
    ("disconnect_from", |r| {
        r.disconnect_from(a_function, ["foo", "bar"]);
    }),
    ("signals", |r| drop(r.signals(a_function))),
    ("responds_to", |r| {
        r.responds_to(a_function, "foo");
    }),
    ("calls_left", |r| {
        r.calls_left(a_function);
    }),
    ("clear", |r| r.clear(["foo", "bar"])),
    ("clear_all", Registry::clear_all),
    ("Debug", |r| assert!(!format!("{r:?}").contains("locked"))),
];

/// Foreign code.
type Code = Arc<dyn Fn() + Send + Sync>;

fn run_on_drop(code: Code) -> OnDrop<impl FnMut() + Send + Sync> {
    OnDrop(move || code())
}

/// An argument that runs foreign code when it is cloned.
struct OnClone(Code);

impl Clone for OnClone {
    fn clone(&self) -> Self {
        (self.0)();
        Self(Arc::clone(&self.0))
    }
}

/// Takes no room, and runs the foreign code of this thread when it is dropped.
struct Nothing;

thread_local! {
    static CODE_OF_NOTHING: OnceLock<Code> = const { OnceLock::new() };
}

impl Drop for Nothing {
    fn drop(&mut self) {
        // Not yet there while values are made, or gone with the thread.
        let _ = CODE_OF_NOTHING.try_with(|code| code.get().map(|code| code()));
    }
}

fn holding_nothing(nothing: Nothing) -> impl Fn() + Send + Sync + 'static {
    holding(nothing)
}

type Situation = fn(&Registry, Code);

/// All situations in which a registry runs foreign code.
const SITUATIONS: &[(&str, Situation)] = &[
    ("in a callback", |r, code| {
        r.on("foo", move || code()).unwrap();
        r.emit("foo", ()).unwrap();
    }),
    ("in the last call of a callback", |r, code| {
        r.once(["foo", "bar"], move || code()).unwrap();
        r.emit("foo", ()).unwrap();
    }),
    ("in a callback that a guard calls", |r, code| {
        r.on("foo", move || code()).unwrap();
        drop(r.emitting("foo").unwrap());
    }),
    ("in a callback that the typed signal calls", |r, code| {
        r.on("foo", move || code()).unwrap();
        r.signal::<(), ()>("foo").unwrap().emit();
    }),
    ("when an argument is cloned", |r, code| {
        r.on("cloned", |_: OnClone| ()).unwrap();
        r.on("cloned", |_: OnClone| ()).unwrap();
        r.emit("cloned", (OnClone(code),)).unwrap();
    }),
    ("when an argument is dropped", |r, code| {
        let argument = Arc::new(run_on_drop(code));
        r.on("dropped", |_: Arc<dyn Any + Send + Sync>| ()).unwrap();
        r.emit("dropped", (argument as Arc<dyn Any + Send + Sync>,))
            .unwrap();
    }),
    ("when a refused argument is dropped", |r, code| {
        assert!(r.emit("typed", (Rc::new(run_on_drop(code)),)).is_err());
    }),
    ("when a result is dropped", |r, code| {
        let make = move || Box::new(run_on_drop(Arc::clone(&code))) as Box<dyn Any>;
        r.on("result", make).unwrap();
        r.emit("result", ()).unwrap();
    }),
    ("when a refused callback is dropped", |r, code| {
        let callback = holding(run_on_drop(code));
        assert!(r.on(["fresh", "typed"], callback).is_err());
    }),
    ("when a callback for no names is dropped", |r, code| {
        r.on([""; 0], holding(run_on_drop(code))).unwrap();
    }),
    ("when a callback without calls is dropped", |r, code| {
        r.on_max("foo", 0, holding(run_on_drop(code))).unwrap();
    }),
    (
        "when a callback that is registered already is dropped",
        |r, code| {
            r.on("foo", holding_nothing(Nothing)).unwrap();
            CODE_OF_NOTHING.with(|cell| assert!(cell.set(code).is_ok()));
            r.on("foo", holding_nothing(Nothing)).unwrap();
        },
    ),
    ("when a callback that is asked for is dropped", |r, code| {
        r.on("foo", holding_nothing(Nothing)).unwrap();
        CODE_OF_NOTHING.with(|cell| assert!(cell.set(code).is_ok()));
        r.responds_to(holding_nothing(Nothing), "foo");
    }),
    ("when disconnect drops captures", |r, code| {
        let receiver = r.on(["foo", "bar"], holding(run_on_drop(code))).unwrap();
        assert!(r.disconnect(receiver));
    }),
    ("when disconnect_from drops captures", |r, code| {
        let receiver = r.on(["foo", "bar"], holding(run_on_drop(code))).unwrap();
        assert!(r.disconnect_from(receiver, ["foo", "bar"]));
    }),
    ("when clear drops captures", |r, code| {
        r.on("foo", holding(run_on_drop(code))).unwrap();
        r.clear("foo");
    }),
    ("when clear_all drops captures", |r, code| {
        r.on(["foo", "bar"], holding(run_on_drop(code))).unwrap();
        r.clear_all();
    }),
    (
        "when clear drops the captures of a typed slot",
        |r, code| {
            let slot = holding(run_on_drop(code));
            r.signal::<(), ()>("foo").unwrap().connect(slot);
            r.clear("foo");
        },
    ),
    ("when on_max(0) drops captures", |r, code| {
        r.on("foo", holding_nothing(Nothing)).unwrap();
        CODE_OF_NOTHING.with(|cell| assert!(cell.set(code).is_ok()));
        // Dropped: the one that is handed over and the one that was registered.
        r.on_max("foo", 0, holding_nothing(Nothing)).unwrap();
    }),
    (
        "when an emission drops the captures of a used-up callback",
        |r, code| {
            r.once(["foo", "bar"], holding(run_on_drop(code))).unwrap();
            r.emit("foo", ()).unwrap();
        },
    ),
    ("when the typed signal drops captures", |r, code| {
        r.on("foo", holding(run_on_drop(code))).unwrap();
        r.signal::<(), ()>("foo").unwrap().disconnect_all();
    }),
    ("when a panic goes through emit", |r, code| {
        r.once("foo", move || {
            let _guard = run_on_drop(Arc::clone(&code));
            raising();
        })
        .unwrap();
        assert!(panic::catch_unwind(|| r.emit("foo", ())).is_err());
    }),
];

#[test]
fn foreign_code_may_call_every_method() {
    for &(situation, run) in SITUATIONS {
        for &(name, method) in METHODS {
            let what = format!("{name} {situation}");
            within(DEADLOCK, &what, move || {
                let registry = Arc::new(Registry::new());
                registry.on(["foo", "bar"], a_function).unwrap();
                registry.on("typed", |_: u8| ()).unwrap();
                let outcome = Arc::new(OnceLock::new());
                let (weak, noted) = (Arc::downgrade(&registry), Arc::clone(&outcome));
                let ran = AtomicBool::new(false);
                run(
                    &registry,
                    Arc::new(move || {
                        // Once: the method may lead back here.
                        if !ran.swap(true, Ordering::Relaxed) {
                            let registry = weak.upgrade().expect("the test holds it");
                            // A drop may be a part of unwinding, where a second panic aborts.
                            let _ = noted.set(panic::catch_unwind(|| method(&registry)).is_ok());
                        }
                    }),
                );
                assert_eq!(outcome.get(), Some(&true), "it ran, and as it should");

                // The registry goes on working.
                registry.clear_all();
                registry.on(["foo", "after"], a_function).unwrap();
                assert_eq!(registry.signals(a_function), ["after", "foo"]);
                assert_eq!(registry.emit("foo", ()), Ok(1));
                assert!(registry.disconnect(a_function));
            });
        }
    }
}

#[test]
fn foreign_code_may_use_what_is_left_of_a_dropped_registry() {
    within(DEADLOCK, "dropping a registry", || {
        let registry = Arc::new(Registry::new());
        let signal = registry.signal::<(), ()>("foo").unwrap();
        let guard = Mutex::new(Some(registry.emitting("foo").unwrap()));
        let (gone, ran) = (Arc::downgrade(&registry), Counter::default());
        let counter = ran.clone();
        let captured = OnDrop(move || {
            assert!(gone.upgrade().is_none());
            signal.connect(|| ());
            signal.emit();
            drop(guard.lock().unwrap().take());
            signal.disconnect_all();
            counter.add();
        });
        registry.on(["foo", "bar"], holding(captured)).unwrap();
        // The slot on "foo" keeps its signal: it goes with its registry only if it is on no name
        // whose signal it keeps itself.
        registry.clear("foo");
        drop(registry);
        assert_eq!(ran.get(), 1);
    });
}

#[test]
fn a_panicking_callback_leaves_the_registry_as_it_was() -> Outcome {
    let registry = Registry::new();
    let receivers = [
        registry.on(["foo", "bar"], || ())?,
        registry.on(["foo", "bar"], raising)?,
        registry.on_max("foo", 2, || ())?,
    ];
    for _ in 0..3 {
        assert!(panic::catch_unwind(|| registry.emit("foo", ())).is_err());
        assert!(panic::catch_unwind(|| registry.signal::<(), ()>("foo").unwrap().emit()).is_err());
    }
    for receiver in receivers {
        assert!(registry.responds_to(receiver, "foo"));
    }
    assert_eq!(
        registry.calls_left(receivers[2]),
        Some(2),
        "not reached, not charged"
    );
    assert!(registry.disconnect(receivers[1]));
    assert_eq!(registry.emit("foo", ())?, 2);
    assert_eq!(registry.emit("bar", ())?, 1);
    Ok(())
}

#[test]
fn a_panicking_drop_leaves_the_registry_usable() -> Outcome {
    type Remove = fn(&Registry, CallbackKey);
    let ways: [Remove; 4] = [
        |registry, receiver| assert!(registry.disconnect(receiver)),
        |registry, _| registry.clear("foo"),
        |registry, _| registry.clear_all(),
        |registry, _| drop(registry.emit("foo", ())),
    ];
    for remove in ways {
        let registry = Registry::new();
        // Were this a second panic, it would abort the tests.
        let bad = OnDrop(|| assert!(thread::panicking(), "from a drop"));
        let receiver = registry.once("foo", holding(bad))?;
        assert_eq!(thrown(|| remove(&registry, receiver)), "from a drop");
        assert!(!registry.responds_to(receiver, "foo"));
        assert_eq!(registry.emit("foo", ())?, 0);
        registry.on("foo", a_function)?;
        assert_eq!(registry.emit("foo", ())?, 1);
        registry.on("other", a_function)?;
        assert!(registry.disconnect(a_function));
    }
    Ok(())
}

// Captures.

#[test]
fn captures_are_dropped_with_the_last_name() -> Outcome {
    type Step = fn(&Registry, CallbackKey);
    // Before the last step they are alive, after it they are not.
    let ways: [(&str, &[Step]); 9] = [
        ("disconnect", &[|r, cb| assert!(r.disconnect(cb))]),
        (
            "disconnect_from both",
            &[|r, cb| assert!(r.disconnect_from(cb, ["foo", "bar"]))],
        ),
        (
            "disconnect_from one by one",
            &[
                |r, cb| assert!(r.disconnect_from(cb, "foo")),
                |r, cb| assert!(r.disconnect_from(cb, "bar")),
            ],
        ),
        ("clear both", &[|r, _| r.clear(["foo", "bar"])]),
        (
            "clear one by one",
            &[|r, _| r.clear("bar"), |r, _| r.clear("foo")],
        ),
        ("clear_all", &[|r, _| r.clear_all()]),
        (
            "used up",
            &[
                |r, _| drop(r.emit("bar", ())),
                |r, _| drop(r.emit("bar", ())),
            ],
        ),
        (
            "typed signals",
            &[
                |r, _| r.signal::<(), ()>("foo").unwrap().disconnect_all(),
                |r, _| r.signal::<(), ()>("bar").unwrap().disconnect_all(),
            ],
        ),
        (
            "a mixture",
            &[
                |r, cb| assert!(r.disconnect_from(cb, "foo")),
                |r, _| drop(r.emit("bar", ())),
                |r, _| r.clear("bar"),
            ],
        ),
    ];
    for (way, steps) in ways {
        let registry = Registry::new();
        let (value, alive) = watched_value();
        let receiver = registry.on_max(["foo", "bar"], 3, holding(value))?;
        // A snapshot of the slots must not keep them.
        registry.on(["foo", "bar"], || ())?;
        registry.emit("foo", ())?;
        assert_eq!(registry.calls_left(receiver), Some(2));
        for step in steps {
            assert!(alive(), "{way}");
            step(&registry, receiver);
        }
        assert!(!alive(), "{way}");
        assert_eq!(registry.signals(receiver), [""; 0], "{way}");
    }

    let registry = Registry::new();
    let (value, alive) = watched_value();
    registry.on(["foo", "bar"], holding(value))?;
    drop(registry);
    assert!(!alive());
    Ok(())
}

#[test]
fn an_emission_under_way_holds_captures_until_it_ends() -> Outcome {
    static REGISTRY: Registry = Registry::new();
    let (value, alive) = watched_value();
    let weak: Weak<()> = Arc::downgrade(&value);
    let held = REGISTRY.on("foo", holding(value))?;
    let weak_there = weak.clone();
    REGISTRY.on("foo", move || {
        assert!(REGISTRY.disconnect(held));
        assert!(weak_there.upgrade().is_some());
    })?;
    REGISTRY.emit("foo", ())?;
    assert!(!alive());
    Ok(())
}

#[test]
fn a_callable_registered_again_is_the_first_one() -> Outcome {
    // The second value of the same zero-sized type is dropped at once, the first stays.
    thread_local! {
        static DROPS: Counter = Counter::default();
    }
    struct Tracked;
    impl Drop for Tracked {
        fn drop(&mut self) {
            DROPS.with(Counter::add);
        }
    }
    fn make() -> impl Fn() + Send + Sync + 'static {
        holding(Tracked)
    }
    let drops = || DROPS.with(Counter::get);

    let registry = Registry::new();
    registry.on("foo", make())?;
    assert_eq!(drops(), 0);
    registry.on("foo", make())?;
    assert_eq!(drops(), 1);
    assert!(registry.responds_to(make(), "foo"));
    assert_eq!(drops(), 2);
    assert_eq!(registry.emit("foo", ())?, 1);
    assert!(registry.disconnect(make()));
    assert_eq!(drops(), 4);
    Ok(())
}

// Formatting.

#[test]
fn debug_lists_names_and_signatures() -> Outcome {
    let registry = Registry::new();
    assert_names(&registry, "");
    registry.on("saved", |_: String, _: u8| true)?;
    registry.signal::<(), ()>("a \"quoted\" name")?;
    let _guard = registry.emitting("closed")?;
    let names = r#""a \"quoted\" name": "() -> ()", "closed": "()", "saved": "(alloc::string::String, u8) -> bool""#;
    assert_names(&registry, names);
    assert_eq!(
        format!("{:#?}", Registry::default()),
        "Registry {\n    signals: {},\n    ..\n}"
    );
    Ok(())
}

#[test]
fn registries_are_isolated() -> Outcome {
    let (one, two) = (Registry::new(), Registry::new());
    one.on("foo", a_function)?;
    assert!(!two.responds_to(a_function, "foo"));
    assert!(!two.disconnect(a_function));
    two.on("foo", |_: u8| ())?;
    assert_eq!(one.emit("foo", ())?, 1);
    two.clear_all();
    assert!(one.responds_to(a_function, "foo"));
    Ok(())
}

#[test]
fn a_registry_survives_unwinding_past_it() -> Outcome {
    let registry = Registry::new();
    let raised = panic::catch_unwind(AssertUnwindSafe(|| {
        registry.on(["foo", "bar"], a_function).unwrap();
        panic!("elsewhere");
    }));
    assert!(raised.is_err());
    assert_eq!(registry.signals(a_function), ["bar", "foo"]);
    let _: Arc<Signal<(), ()>> = registry.signal("foo")?;
    Ok(())
}
