//! A subscriber is user code: it may use any signal, from any thread, and it may panic.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use smoke_signal::{Connection, LocalSignal, Registry, Signal};
use tracing::subscriber::set_global_default;

use super::acting::{Acting, CALLS};
use super::log::{Log, with_default};
use crate::common::{
    Counter, DEADLOCK, OnDrop, Recorder, Tracked, in_own_process, message, throw, thrown, within,
};
use crate::reentrancy::{METHODS, Signals, UserCode};

/// Whatever a subscriber is told of a signal, with every call that leads to it.
const SCENARIOS: [(&str, fn(&Signals)); 8] = [
    ("connect", |signal| {
        signal.connect(|_| UserCode::inert());
    }),
    ("connect_with_key", |signal| {
        signal.connect_with_key(|_| |_| UserCode::inert());
    }),
    ("emit", |signal| {
        signal.once(|_| UserCode::inert());
        let slot = signal.connect(|_| UserCode::inert());
        let _guard = signal.block(slot);
        signal.emit(UserCode::inert());
    }),
    ("calls", |signal| {
        signal.calls(UserCode::inert()).for_each(drop);
    }),
    ("emitting", |signal| {
        drop(signal.emitting(UserCode::inert()));
    }),
    ("disconnect", |signal| {
        let slot = signal.connect(|_| UserCode::inert());
        signal.disconnect(slot);
        let waitable = signal.options().waitable();
        let slot = waitable.connect(|_| UserCode::inert());
        let _ = signal.disconnect_and_wait(slot);
        drop(signal.connect_scoped(|_| UserCode::inert()));
        signal.connect_weak(&Arc::new(()), |(), _| UserCode::inert());
        signal.emit(UserCode::inert());
    }),
    ("disconnect_all", |signal| signal.disconnect_all()),
    ("a panicking slot", |signal| {
        signal.once(|_| throw("bad plugin"));
        let _ = catch_unwind(AssertUnwindSafe(|| drop(signal.emit(UserCode::inert()))));
    }),
];

/// How a subscriber calls something: on its own thread, or on another that it waits for. Returns the message of a panic.
const WAYS: [fn(Box<dyn FnOnce() + Send>) -> Option<String>; 2] = [
    |call| {
        let called = catch_unwind(AssertUnwindSafe(call));
        called.err().map(|payload| message(&*payload))
    },
    |call| {
        let called = thread::spawn(call).join();
        called.err().map(|payload| message(&*payload))
    },
];

#[test]
fn a_subscriber_may_call_every_method_and_so_may_a_thread_that_it_waits_for() {
    for way in WAYS {
        for told in CALLS {
            let reached = Counter::default();
            for (scenario, run) in SCENARIOS {
                for &(name, method) in METHODS {
                    let (what, reached) =
                        (format!("{name} in {told} of {scenario}"), reached.clone());
                    within(DEADLOCK, &what, move || {
                        let signal = Arc::new(Signals::new().named("acted on").warn_above(0));
                        let other = signal.connect(|_| UserCode::inert());
                        let weak = Arc::downgrade(&signal);
                        let failures = Recorder::new();
                        let failed = failures.clone();
                        let acts = Acting::new(move |call| {
                            if call == told {
                                reached.add();
                                let signal = weak.upgrade().expect("the test owns it");
                                let failure = way(Box::new(move || method(&signal, other)));
                                if let Some(failure) = failure {
                                    failed.add(failure);
                                }
                            }
                        });
                        with_default(acts, || run(&signal));
                        // The slot that panics may have been called by the subscriber.
                        let failures = failures.take();
                        assert!(failures.iter().all(|it| it == "bad plugin"), "{failures:?}");
                        signal.disconnect_all();
                        signal.connect(|_| UserCode::inert());
                        assert_eq!(signal.emit(UserCode::inert()).len(), 1);
                    });
                }
            }
            let reached = reached.get();
            assert!(reached > 50, "{told} was called {reached} times");
        }
    }
}

#[test]
fn a_subscriber_may_use_the_registry_that_it_is_told_of() {
    type Use = fn(&Registry);
    const USES: [Use; 8] = [
        |registry| drop(registry.on("name", |_: u8| ())),
        |registry| drop(registry.once(["name", "other"], || ())),
        |registry| drop(registry.emit("name", (1_u8,))),
        |registry| drop(registry.signal::<(), ()>("name")),
        |registry| drop(registry.emitting("other")),
        |registry| assert!(registry.remove("name") <= 1),
        |registry| registry.clear_all(),
        |registry| assert!(!format!("{registry:#?}").contains("locked")),
    ];
    for way in WAYS {
        for used in USES {
            within(DEADLOCK, "a registry", move || {
                let registry = Arc::new(Registry::new());
                let weak = Arc::downgrade(&registry);
                let failures = Recorder::new();
                let failed = failures.clone();
                let acts = Acting::new(move |_| {
                    let registry = weak.upgrade().expect("the test owns it");
                    let failure = way(Box::new(move || used(&registry)));
                    if let Some(failure) = failure {
                        failed.add(failure);
                    }
                });
                with_default(acts, || {
                    for run in USES {
                        run(&registry);
                    }
                    let key = registry.on("third", || ()).unwrap();
                    registry.emit("third", ()).unwrap();
                    registry.disconnect(key);
                });
                assert_eq!(failures.take(), [""; 0]);
                registry.clear_all();
                assert_eq!(registry.emit("third", ()), Ok(0));
            });
        }
    }
}

#[test]
fn a_subscriber_may_use_the_signal_of_one_thread_that_it_is_told_of() {
    type Use = fn(&LocalSignal<(u8,)>, Connection);
    const USES: [Use; 8] = [
        |signal, _| assert_ne!(signal.connect_mut(|_| ()), Connection::default()),
        |signal, _| assert_ne!(signal.once(|_| ()), Connection::default()),
        |signal, _| drop(signal.emit(1)),
        |signal, _| drop(signal.emitting(1)),
        |signal, _| signal.calls(1).for_each(drop),
        |signal, slot| assert!(!(signal.disconnect(slot) && signal.contains(slot))),
        |signal, slot| drop(signal.block(slot)),
        |signal, _| signal.disconnect_all(),
    ];
    thread_local! {
        static SIGNAL: RefCell<Option<Rc<LocalSignal<(u8,)>>>> = const { RefCell::new(None) };
        static USED: Cell<Option<Use>> = const { Cell::new(None) };
    }
    let signal = || SIGNAL.with_borrow(|signal| signal.clone().expect("it is set"));
    let failures = Recorder::new();
    let failed = failures.clone();
    let acts = Acting::new(move |_| {
        let used = USED.get().expect("it is set");
        let slot = signal().connections().pop().unwrap_or_default();
        let used = catch_unwind(AssertUnwindSafe(|| used(&signal(), slot)));
        if let Err(payload) = used {
            failed.add(message(&*payload));
        }
    });
    with_default(acts, || {
        for (used, run) in USES
            .into_iter()
            .flat_map(|used| USES.map(|run| (used, run)))
        {
            USED.set(Some(used));
            let fresh = LocalSignal::new().named("acted on").warn_above(0);
            SIGNAL.set(Some(Rc::new(fresh)));
            let slot = [signal().connect(|_| ()), signal().once(|_| ())][0];
            run(&signal(), slot);
            signal().disconnect_all();
        }
    });
    assert_eq!(failures.take(), [""; 0]);
}

/// Emits a signal whenever it is told something, while an emission is told whose slot tells something too. Returns what
/// it was told.
fn told_of_what_it_emits(
    subscribe: impl FnOnce(Acting<fn(&'static str)>, &dyn Fn()),
) -> Vec<&'static str> {
    static TEXTS: Signal<(&'static str,)> = Signal::new().named("texts");
    static TOLD: Mutex<Vec<&'static str>> = Mutex::new(Vec::new());
    TEXTS.connect(|text| TOLD.lock().unwrap().push(text));
    let signal = Signal::<()>::new();
    signal.connect(|| tracing::info!("from a slot"));
    let emits = Acting::new(
        (|call| {
            if call != "enabled" {
                TEXTS.emit(call);
            }
        }) as fn(&'static str),
    );
    subscribe(emits, &|| drop(signal.emit()));
    std::mem::take(&mut *TOLD.lock().unwrap())
}

#[test]
fn what_a_subscriber_emits_while_the_library_tells_it_something_is_not_told() {
    const TEST: &str = "tracing::subscribers::what_a_subscriber_emits_while_the_library_tells_it_something_is_not_told";
    in_own_process(TEST, || {
        // What the slot says comes from the user. `tracing` itself keeps a subscriber of one thread from hearing of what it
        // does then.
        let told = told_of_what_it_emits(|emits, emit| with_default(emits, emit));
        assert_eq!(
            told,
            ["new_span", "enter", "event", "event", "exit", "try_close"]
        );
    });
}

#[test]
fn what_a_global_subscriber_emits_while_the_library_tells_it_something_is_not_told() {
    const TEST: &str = "tracing::subscribers::what_a_global_subscriber_emits_while_the_library_tells_it_something_is_not_told";
    in_own_process(TEST, || {
        let told = told_of_what_it_emits(|emits, emit| {
            set_global_default(emits).unwrap();
            emit();
        });
        let emission = ["new_span", "enter", "event"];
        // What is emitted because of the slot's own event is an emission like any other.
        let because = ["new_span", "enter", "event", "event", "exit", "try_close"];
        let end = ["exit", "try_close"];
        assert_eq!(told, [&emission[..], &because, &end].concat());
    });
}

#[test]
fn what_a_subscriber_connects_or_disconnects_has_the_view_of_a_slot() {
    let signal = Arc::new(Signal::<(), char>::new());
    let slots = ['a', 'b'].map(|letter| signal.connect(move || letter));
    let weak = Arc::downgrade(&signal);
    let disconnected = Recorder::new();
    let disconnects = disconnected.clone();
    let acted = AtomicBool::new(false);
    let acts = Acting::new(move |call| {
        let signal = weak.upgrade().unwrap();
        if call == "new_span" {
            signal.connect(|| 'c');
        } else if call == "event" && !acted.swap(true, Ordering::Relaxed) {
            // The first slot's turn has come. That of the second has not.
            for slot in slots {
                disconnects.add(signal.disconnect(slot));
            }
        }
    });
    with_default(acts, || assert_eq!(signal.emit(), ['a']));
    assert_eq!(disconnected.take(), [true; 2]);
    assert_eq!(signal.emit(), ['c']);
}

#[test]
fn results_are_dropped_if_an_emission_that_is_told_ends_in_a_panic() {
    for panics in [false, true] {
        let results = Counter::default();
        let signal = Signal::<(), Tracked>::new();
        let local = LocalSignal::<(), Tracked>::new();
        for _ in 0..3 {
            let counter = results.clone();
            signal.connect(move || counter.tracked());
            let counter = results.clone();
            local.connect(move || counter.tracked());
        }
        // Dropped when the emission that has held it ends.
        let capture = OnDrop(|| throw("a capture"));
        let counter = results.clone();
        signal.options().max_calls(1).connect(move || {
            let _ = &capture;
            counter.tracked()
        });
        let capture = OnDrop(|| throw("a capture"));
        let counter = results.clone();
        local.options().max_calls(1).connect(move || {
            let _ = &capture;
            counter.tracked()
        });
        let acts = Acting::new(move |_| {
            if panics {
                throw("a bad subscriber");
            }
        });
        with_default(acts, || {
            assert_eq!(thrown(|| drop(signal.emit())), "a capture");
            assert_eq!(thrown(|| drop(local.emit())), "a capture");
        });
        assert_eq!(results.get(), 8, "a subscriber panics: {panics}");
    }
}

/// A layer that panics as it is told may come after others that have been told. If they took the span for entered,
/// whatever the thread logs later would seem to be in it.
#[test]
fn a_span_that_a_subscriber_panics_to_enter_is_exited() {
    let (enters, exits) = (Counter::default(), Counter::default());
    let (count_enter, count_exit) = (enters.clone(), exits.clone());
    let acts = Acting::new(move |call| match call {
        "enter" => {
            count_enter.add();
            throw("a bad layer");
        }
        "exit" => count_exit.add(),
        _ => (),
    });
    with_default(acts, || {
        let signal = Signal::<(), u8>::new();
        signal.connect(|| 1);
        signal.connect(|| 2);
        assert_eq!(signal.emit(), [1, 2]);
        assert_eq!(signal.calls().sum::<u8>(), 3);
        let local = LocalSignal::<(), u8>::new();
        local.connect(|| 3);
        assert_eq!(local.emit(), [3]);
    });
    assert!(enters.get() >= 4, "{}", enters.get());
    assert_eq!(exits.get(), enters.get());
}

/// Does everything that a subscriber is told of, and returns what it observes.
fn everything() -> Vec<String> {
    let mut seen = Vec::new();
    let signal = Signal::<(u8,), u8>::new().named("signal").warn_above(0);
    let first = signal.connect(|n| n);
    signal.options().max_calls(2).connect(|n| n + 1);
    let waitable = signal.options().waitable().connect(|n| n + 2);
    let blocked = signal.connect(|n| n + 3);
    signal.connect_weak(&Arc::new(()), |(), n| n);
    let guard = signal.block(blocked);
    seen.push(format!("{:?}", signal.emit(1)));
    seen.push(format!("{:?}", signal.calls(2).collect::<Vec<_>>()));
    drop(guard);
    signal.once(|_| throw("bad plugin"));
    seen.push(thrown(|| signal.emit(3)));
    seen.push(thrown(|| {
        let _guard = signal.emitting(4);
        signal.once(|_| throw("second"));
        throw("first")
    }));
    seen.push(format!("{:?}", signal.disconnect_and_wait(waitable)));
    seen.push(format!("{}", signal.disconnect(first)));
    seen.push(format!("{}", signal.len()));
    // Many departures at once: if their drops panicked, the process would abort.
    for _ in 0..3 {
        signal.connect(|n| n);
    }
    signal.disconnect_all();
    seen.push(format!("{}", signal.is_empty()));
    let local = LocalSignal::<(), u8>::new().warn_above(0);
    local.connect_mut(|| 7);
    local.once(|| throw("local"));
    seen.push(thrown(|| local.emit()));
    seen.push(format!("{:?}", local.emit()));
    local.disconnect_all();
    let registry = Registry::new();
    let key = registry.on(["one", "two"], |_: u8| ()).unwrap();
    registry.once(["one", "two"], |_: u8| ()).unwrap();
    seen.push(format!("{:?}", registry.emit("one", (1_u8,))));
    seen.push(format!("{:?}", registry.emit("one", ()).is_err()));
    seen.push(format!("{:?}", registry.emit("three", ())));
    seen.push(format!("{}", registry.disconnect(key)));
    registry.clear_all();
    #[cfg(feature = "async")]
    {
        let signal = smoke_signal::AsyncSignal::<(), u8>::new();
        signal.connect(async || 1);
        signal.connect(async || throw("in the future"));
        let caught = futures::executor::block_on(signal.emit().catch_unwind());
        seen.extend(caught.iter().map(|outcome| outcome.is_ok().to_string()));
    }
    seen
}

#[test]
fn a_subscriber_that_panics_changes_nothing() {
    const TEST: &str = "tracing::subscribers::a_subscriber_that_panics_changes_nothing";
    in_own_process(TEST, || {
        let expected = everything();
        for panicking in CALLS {
            let panics = Counter::default();
            let count = panics.clone();
            let acts = Acting::new(move |call| {
                if call == panicking {
                    count.add();
                    throw("a bad subscriber");
                }
            });
            assert_eq!(with_default(acts, everything), expected, "{panicking}");
            assert!(panics.get() > 5, "{panicking} panicked {}", panics.get());
        }
        let acts = Acting::new(|_| throw("a subscriber that never works"));
        assert_eq!(with_default(acts, everything), expected);
        let log = Log::at(tracing::Level::TRACE);
        assert_eq!(log.during(everything), expected);
    });
}
