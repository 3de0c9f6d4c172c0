//! Every pair of concurrent operations on a registry behaves like the same operations one after the other.
//! One callback is registered for two names, which share its budget.

use std::cell::Cell;
use std::fmt::Debug;
use std::mem;
use std::sync::Arc;

use loom::thread;

use smoke_signal::{CallbackKey, Registry, Signal};

use crate::orders::{self, Crossing, Scenario, Step, step};
use crate::with_preemptions;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Operation {
    /// Registers another callback for one of the names.
    OnAnother,
    /// Registers the callback again for one of its names, which lifts its budget.
    OnAgain,
    /// Registers the callback again for both names, with a budget of one.
    OnceAgain,
    /// Registers it with a budget of 0, which disconnects it.
    NeverAgain,
    Emit,
    EmitOther,
    /// Drops the guard from `emitting`.
    DropEmitting,
    Disconnect,
    DisconnectFromOne,
    DisconnectFromBoth,
    /// Drops the handle from `scoped`.
    DropScoped,
    ClearOne,
    ClearAll,
    RemoveOne,
    /// Disconnects one of the callback's slots through the typed signal.
    DisconnectAllTyped,
    QueryNames,
    QueryBudget,
    /// Binds a new name to no arguments.
    Bind,
    /// Binds it and another new name by registering a callback.
    BindByOn,
    /// Binds it to other arguments.
    BindOtherwise,
    BindOtherwiseByOn,
    /// Binds only its arguments, by `emitting`.
    BindByEmitting,
    EmitNew,
    RemoveNew,
}

use Operation::*;

/// The operations on a callback.
const CALLBACK: [Operation; 18] = [
    OnAnother,
    OnAgain,
    OnceAgain,
    NeverAgain,
    Emit,
    EmitOther,
    DropEmitting,
    Disconnect,
    DisconnectFromOne,
    DisconnectFromBoth,
    DropScoped,
    ClearOne,
    ClearAll,
    RemoveOne,
    DisconnectAllTyped,
    QueryNames,
    QueryBudget,
    BindByOn,
];

/// The operations on a new name.
const NAME: [Operation; 8] = [
    Bind,
    BindByOn,
    BindOtherwise,
    BindOtherwiseByOn,
    BindByEmitting,
    EmitNew,
    RemoveNew,
    ClearAll,
];

std::thread_local! {
    /// Counts the calls of `tick`. All threads of a model share one thread of the operating system.
    static CALLS: Cell<usize> = const { Cell::new(0) };
}

fn tick() {
    CALLS.set(CALLS.get() + 1);
}

fn tock() {}

struct World {
    registry: Arc<Registry>,
    key: CallbackKey,
    typed: Arc<Signal<()>>,
}

/// Sets up the scenario in which each thread performs one of these operations.
fn scenario(max_calls: Option<u32>, table_published: bool, operations: &[Operation]) -> Scenario {
    CALLS.set(0);
    let registry = Arc::new(Registry::new());
    let key = match max_calls {
        Some(max_calls) => registry.on_max(["one", "other"], max_calls, tick),
        None => registry.on(["one", "other"], tick),
    };
    let world = World {
        key: key.unwrap(),
        typed: registry.signal("one").unwrap(),
        registry,
    };
    let crossing = Crossing::default();
    let threads = operations.iter().map(|&operation| {
        let (step, crossing) = (world.prepare(operation), crossing.clone());
        // A scope takes only the lock of its callback, at which `loom` does not try both orders.
        let crosses = operations.contains(&DropScoped);
        let step: Step = Box::new(move || {
            if crosses {
                crossing.pass();
            }
            step()
        });
        vec![step]
    });
    let threads = threads.collect();
    if table_published {
        world.registry.emit("nobody's", ()).unwrap();
        drop(world.typed.calls());
        drop(world.registry.signal::<(), ()>("other").unwrap().calls());
    }
    let afterwards = step(move || {
        let queries = [world.query(), world.query()];
        (queries, world.signatures(), CALLS.get())
    });
    Scenario {
        threads,
        afterwards,
    }
}

impl World {
    fn prepare(&self, operation: Operation) -> Step {
        let (registry, key) = (Arc::clone(&self.registry), self.key);
        let known = move |result: Result<CallbackKey, _>| result.map(|r| r == key).ok();
        match operation {
            OnAnother => step(move || known(registry.on("one", tock))),
            OnAgain => step(move || known(registry.on("one", tick))),
            OnceAgain => step(move || known(registry.once(["one", "other"], tick))),
            NeverAgain => step(move || registry.on_max("one", 0, tick).is_ok()),
            Emit => step(move || registry.emit("one", ())),
            EmitOther => step(move || registry.emit("other", ())),
            DropEmitting => {
                let guard = registry.emitting("one").unwrap();
                step(move || drop(guard))
            }
            Disconnect => step(move || registry.disconnect(key)),
            DisconnectFromOne => step(move || registry.disconnect_from(tick, "one")),
            DisconnectFromBoth => step(move || registry.disconnect_from(tick, ["one", "other"])),
            DropScoped => {
                let scoped = registry.scoped(key);
                step(move || drop(scoped))
            }
            ClearOne => step(move || registry.clear("one")),
            ClearAll => step(move || registry.clear_all()),
            RemoveOne => step(move || registry.remove("one")),
            DisconnectAllTyped => {
                let typed = Arc::clone(&self.typed);
                step(move || typed.disconnect_all())
            }
            QueryNames => step(move || registry.signals(tick)),
            QueryBudget => step(move || registry.calls_left(tick)),
            Bind => step(move || registry.signal::<(), ()>("new").is_ok()),
            BindByOn => step(move || registry.on(["new", "newer"], || ()).is_ok()),
            BindOtherwise => step(move || registry.signal::<(u8,), ()>("new").is_ok()),
            BindOtherwiseByOn => step(move || registry.on(["newer", "new"], |_: u8| ()).is_ok()),
            BindByEmitting => step(move || registry.emitting("new").map(mem::forget).is_ok()),
            EmitNew => step(move || registry.emit("new", ()).ok()),
            RemoveNew => step(move || registry.remove(["new", "newer"])),
        }
    }

    /// The registrations, and how many callbacks emissions then call.
    fn query(&self) -> impl Debug + use<> {
        let registry = &self.registry;
        (
            (registry.signals(tick), registry.calls_left(tick)),
            registry.signals(self.key),
            ["one", "other"].map(|name| registry.emit(name, ()).unwrap()),
            registry.responds_to(tick, "one"),
        )
    }

    /// Whether each new name accepts no arguments, and whether it accepts one.
    fn signatures(&self) -> impl Debug + use<> {
        let registry = &self.registry;
        ["new", "newer"].map(|name| {
            (
                registry.emit(name, ()).ok(),
                registry.emit(name, (1_u8,)).ok(),
            )
        })
    }
}

fn emits(operation: Operation) -> bool {
    matches!(operation, Emit | EmitOther | DropEmitting)
}

fn check(
    max_calls: Option<u32>,
    table_published: bool,
    preemptions: Option<usize>,
    operations: &[Operation],
) {
    let operations = operations.to_vec();
    let name = format!("{operations:?}, {max_calls:?} calls, table published: {table_published}");
    let set_up = move || scenario(max_calls, table_published, &operations);
    orders::check(&name, preemptions, set_up, |_| None);
}

/// Every pair of operations, in every order; two emissions with three preemptions.
fn pairs(max_calls: Option<u32>, operations: &[Operation]) {
    for table_published in [false, true] {
        for (n, &one) in operations.iter().enumerate() {
            for &other in &operations[..=n] {
                let preemptions = (emits(one) && emits(other)).then_some(3);
                check(max_calls, table_published, preemptions, &[one, other]);
            }
        }
    }
}

#[test]
fn pairs_with_a_callback() {
    pairs(None, &CALLBACK);
}

#[test]
fn pairs_with_a_callback_that_has_one_call_left() {
    pairs(Some(1), &CALLBACK);
}

#[test]
fn pairs_with_a_callback_that_has_two_calls_left() {
    pairs(Some(2), &CALLBACK);
}

#[test]
fn pairs_with_a_new_name() {
    pairs(None, &NAME);
}

/// Every triple of operations. Two preemptions.
fn triples(operations: &[Operation]) {
    for (n, &one) in operations.iter().enumerate() {
        for (m, &other) in operations[..=n].iter().enumerate() {
            for &third in &operations[..=m] {
                let triple = [one, other, third];
                // An operation that empties a signal may run while an emission is between its two slots.
                let empties = [ClearOne, ClearAll, RemoveOne, DisconnectAllTyped];
                let two_slots = triple.contains(&OnAnother) && triple.into_iter().any(emits);
                if !(two_slots && triple.iter().any(|operation| empties.contains(operation))) {
                    check(None, true, Some(2), &triple);
                }
            }
        }
    }
}

#[test]
fn triples_with_a_callback() {
    triples(&CALLBACK);
}

#[test]
fn triples_with_a_new_name() {
    triples(&NAME);
}

/// Rule 10: an emission that starts after a name was bound finds it, whatever other threads do to the
/// dispatch table meanwhile. Two preemptions.
#[test]
fn bind_against_two_emitters() {
    with_preemptions(2, || {
        CALLS.set(0);
        let registry = Arc::new(Registry::new());
        registry.on("one", tock).unwrap();
        let emitters = ["one", "new"].map(|name| {
            let registry = Arc::clone(&registry);
            thread::spawn(move || registry.emit(name, ()).unwrap())
        });
        registry.on("new", tick).unwrap();
        assert_eq!(registry.emit("new", ()), Ok(1));
        let [one, new] = emitters.map(|emitter| emitter.join().unwrap());
        assert_eq!(one, 1, "it is always bound");
        assert_eq!(CALLS.get(), 1 + new);
    });
}

/// Two threads emit the two names, and a third removes the callback from both. Either one of the emissions
/// makes the only call of its budget, or the callback is disconnected before. Two preemptions.
#[test]
fn two_names_and_one_budget_against_disconnect() {
    for table_published in [false, true] {
        with_preemptions(2, move || {
            CALLS.set(0);
            let registry = Arc::new(Registry::new());
            let key = registry.once(["one", "other"], tick).unwrap();
            if table_published {
                registry.emit("nobody's", ()).unwrap();
            }
            let emitters = ["one", "other"].map(|name| {
                let registry = Arc::clone(&registry);
                thread::spawn(move || registry.emit(name, ()).unwrap())
            });
            let disconnected = registry.disconnect(key);
            assert!(!registry.responds_to(key, "one"));
            let ran: usize = emitters.into_iter().map(|e| e.join().unwrap()).sum();
            assert_eq!(CALLS.get(), ran);
            assert_eq!(ran + usize::from(disconnected), 1, "one wins");
            assert!(registry.signals(tick).is_empty());
        });
    }
}

/// Two names are emitted while the callback is registered again with a budget of one. It is called once, or
/// twice if it was used up before. Two preemptions.
#[test]
fn two_names_and_one_budget_against_its_renewal() {
    for table_published in [false, true] {
        with_preemptions(2, move || {
            CALLS.set(0);
            let registry = Arc::new(Registry::new());
            registry.once(["one", "other"], tick).unwrap();
            if table_published {
                registry.emit("nobody's", ()).unwrap();
            }
            let emitters = ["one", "other"].map(|name| {
                let registry = Arc::clone(&registry);
                thread::spawn(move || registry.emit(name, ()).unwrap())
            });
            registry.once(["one", "other"], tick).unwrap();
            let ran: usize = emitters.into_iter().map(|e| e.join().unwrap()).sum();
            assert_eq!(CALLS.get(), ran);
            let names = registry.signals(tick);
            match registry.calls_left(tick) {
                Some(left) => assert_eq!((left, names.len()), (1, 2), "none or all"),
                None => assert!(names.is_empty() && ran >= 1),
            }
            let left = registry.emit("one", ()).unwrap() + registry.emit("other", ()).unwrap();
            assert_eq!(left, names.len() / 2);
            assert!((1..=2).contains(&(ran + left)));
        });
    }
}

/// A callback has one call left, on two names, and its registry has been dropped. The typed signals are
/// emitted while its scope ends: it has left both afterwards, and was called at most once.
#[test]
fn the_last_call_without_a_registry_against_the_end_of_a_scope() {
    with_preemptions(3, || {
        CALLS.set(0);
        let registry = Registry::new();
        let scoped = registry.scoped(registry.once(["one", "other"], tick).unwrap());
        let typed = ["one", "other"].map(|name| registry.signal::<(), ()>(name).unwrap());
        drop(registry);
        let emitters = [0, 1].map(|n| {
            let signal = Arc::clone(&typed[n]);
            thread::spawn(move || signal.emit().len())
        });
        drop(scoped);
        assert!(typed.iter().all(|signal| signal.is_empty()));
        let ran: usize = emitters.into_iter().map(|e| e.join().unwrap()).sum();
        assert_eq!(CALLS.get(), ran);
        assert!(ran <= 1);
    });
}

/// Rule 5: if disconnecting the slot of a last call through the typed signal returns `true`, that call does
/// not begin, and the callback stays on its other name. Otherwise it leaves that too.
#[test]
fn the_last_call_against_a_disconnect_of_its_slot() {
    with_preemptions(3, || {
        CALLS.set(0);
        let registry = Arc::new(Registry::new());
        let key = registry.once(["one", "other"], tick).unwrap();
        let typed = registry.signal::<(), ()>("one").unwrap();
        let slot = typed.connections()[0];
        let emitter = {
            let registry = Arc::clone(&registry);
            thread::spawn(move || registry.emit("one", ()).unwrap())
        };
        let disconnected = typed.disconnect(slot);
        let ran = emitter.join().unwrap();
        assert_eq!(ran + usize::from(disconnected), 1, "one wins");
        assert_eq!(registry.responds_to(key, "other"), disconnected);
        assert_eq!(registry.emit("other", ()), Ok(usize::from(disconnected)));
    });
}
