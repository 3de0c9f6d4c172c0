//! User code that runs inside the registry may call every method.

use std::any::Any;
use std::panic;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread;

use smoke_signal::{CallbackKey, Registry};

use crate::common::{Counter, DEADLOCK, OnDrop, thrown, within};

use super::{Outcome, a_function, holding, raising};

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
    ("remove", |r| {
        r.remove(["fresh", "foo"]);
    }),
    ("names", |r| drop(r.names())),
    ("Debug", |r| assert!(!format!("{r:?}").contains("locked"))),
];

/// User code.
type Code = Arc<dyn Fn() + Send + Sync>;

fn run_on_drop(code: Code) -> OnDrop<impl FnMut() + Send + Sync> {
    OnDrop(move || code())
}

/// An argument that runs user code when it is cloned.
struct OnClone(Code);

impl Clone for OnClone {
    fn clone(&self) -> Self {
        (self.0)();
        Self(Arc::clone(&self.0))
    }
}

/// A zero-sized value that runs the user code of its thread when it is dropped.
struct Empty;

impl Drop for Empty {
    fn drop(&mut self) {
        // The code may not be set yet, or may be dropped already as the thread ends.
        let _ = CODE_OF_EMPTY.try_with(|code| code.get().map(|code| code()));
    }
}

thread_local! {
    static CODE_OF_EMPTY: OnceLock<Code> = const { OnceLock::new() };
}

fn holding_empty(nothing: Empty) -> impl Fn() + Send + Sync + 'static {
    holding(nothing)
}

type Situation = fn(&Registry, Code);

/// All situations in which a registry runs user code.
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
            r.on("foo", holding_empty(Empty)).unwrap();
            CODE_OF_EMPTY.with(|cell| assert!(cell.set(code).is_ok()));
            r.on("foo", holding_empty(Empty)).unwrap();
        },
    ),
    ("when a callback in a query is dropped", |r, code| {
        r.on("foo", holding_empty(Empty)).unwrap();
        CODE_OF_EMPTY.with(|cell| assert!(cell.set(code).is_ok()));
        r.responds_to(holding_empty(Empty), "foo");
    }),
    ("when disconnect drops captures", |r, code| {
        let key = r.on(["foo", "bar"], holding(run_on_drop(code))).unwrap();
        assert!(r.disconnect(key));
    }),
    ("when disconnect_from drops captures", |r, code| {
        let key = r.on(["foo", "bar"], holding(run_on_drop(code))).unwrap();
        assert!(r.disconnect_from(key, ["foo", "bar"]));
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
        r.on("foo", holding_empty(Empty)).unwrap();
        CODE_OF_EMPTY.with(|cell| assert!(cell.set(code).is_ok()));
        // Drops both the callback passed in and the registered one.
        r.on_max("foo", 0, holding_empty(Empty)).unwrap();
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
fn user_code_may_call_every_method() {
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
                        // Only once, because the method may lead back here.
                        if !ran.swap(true, Ordering::Relaxed) {
                            let registry = weak.upgrade().expect("the test owns it");
                            // The drop may run during unwinding, when a second panic would abort.
                            let _ = noted.set(panic::catch_unwind(|| method(&registry)).is_ok());
                        }
                    }),
                );
                assert_eq!(outcome.get(), Some(&true), "it ran without a panic");

                // The registry still works.
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
fn user_code_may_use_what_remains_of_a_dropped_registry() {
    within(DEADLOCK, "dropping a registry", || {
        let registry = Arc::new(Registry::new());
        let signal = registry.signal::<(), ()>("foo").unwrap();
        let guard = Mutex::new(Some(registry.emitting("foo").unwrap()));
        let (dropped, ran) = (Arc::downgrade(&registry), Counter::default());
        let counter = ran.clone();
        let captured = OnDrop(move || {
            assert!(dropped.upgrade().is_none());
            signal.connect(|| ());
            signal.emit();
            drop(guard.lock().unwrap().take());
            signal.disconnect_all();
            counter.add();
        });
        registry.on(["foo", "bar"], holding(captured)).unwrap();
        // The captured value owns the signal of "foo". The callback must not be connected to that signal,
        // or the cycle would keep both alive.
        registry.clear("foo");
        drop(registry);
        assert_eq!(ran.get(), 1);
    });
}

#[test]
fn a_panicking_callback_does_not_change_the_registry() -> Outcome {
    let registry = Registry::new();
    let keys = [
        registry.on(["foo", "bar"], || ())?,
        registry.on(["foo", "bar"], raising)?,
        registry.on_max("foo", 2, || ())?,
    ];
    for _ in 0..3 {
        assert!(panic::catch_unwind(|| registry.emit("foo", ())).is_err());
        assert!(panic::catch_unwind(|| registry.signal::<(), ()>("foo").unwrap().emit()).is_err());
    }
    for key in keys {
        assert!(registry.responds_to(key, "foo"));
    }
    assert_eq!(
        registry.calls_left(keys[2]),
        Some(2),
        "not reached, so not charged"
    );
    assert!(registry.disconnect(keys[1]));
    assert_eq!(registry.emit("foo", ())?, 2);
    assert_eq!(registry.emit("bar", ())?, 1);
    Ok(())
}

#[test]
fn a_panicking_drop_leaves_the_registry_usable() -> Outcome {
    type Remove = fn(&Registry, CallbackKey);
    let ways: [Remove; 4] = [
        |registry, key| assert!(registry.disconnect(key)),
        |registry, _| registry.clear("foo"),
        |registry, _| registry.clear_all(),
        |registry, _| drop(registry.emit("foo", ())),
    ];
    for remove in ways {
        let registry = Registry::new();
        // A second panic would abort the tests.
        let bad = OnDrop(|| assert!(thread::panicking(), "from a drop"));
        let key = registry.once("foo", holding(bad))?;
        assert_eq!(thrown(|| remove(&registry, key)), "from a drop");
        assert!(!registry.responds_to(key, "foo"));
        assert_eq!(registry.emit("foo", ())?, 0);
        registry.on("foo", a_function)?;
        assert_eq!(registry.emit("foo", ())?, 1);
        registry.on("other", a_function)?;
        assert!(registry.disconnect(a_function));
    }
    Ok(())
}
