//! Every two things that threads can do to a registry at once: whatever comes of them is what comes of
//! them one after the other. One callback is registered for two names, under one budget.

use std::cell::Cell;
use std::fmt::Debug;
use std::mem;
use std::sync::Arc;

use loom::thread;

use smoke_signal::{CallbackKey, Registry, Signal};

use crate::orders::{self, Scene, Step, step};
use crate::with_preemptions;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Deed {
    /// Another callback is registered for one of the names.
    OnAnother,
    /// The callback is registered again, for one of its names: its budget is lifted.
    OnAgain,
    /// The callback is registered again, for both names: its budget is one.
    OnceAgain,
    /// It is registered with no call to make, and so leaves.
    NeverAgain,
    Emit,
    EmitOther,
    /// The guard from `emitting` is dropped.
    DropEmitting,
    Disconnect,
    DisconnectFromOne,
    DisconnectFromBoth,
    /// The handle from `scoped` is dropped.
    DropScoped,
    ClearOne,
    ClearAll,
    /// One of the callback's slots is taken out through the typed signal.
    DisconnectAllTyped,
    LookForNames,
    LookForBudget,
    /// A new name is bound, to no arguments.
    Bind,
    /// The same by registering, for that name and another new one.
    BindByOn,
    /// The same, to other arguments.
    BindOtherwise,
    BindOtherwiseByOn,
    /// `emitting` binds the arguments of the new name only.
    BindByEmitting,
    EmitNew,
}

use Deed::*;

/// What is done to a callback.
const CALLBACK: [Deed; 17] = [
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
    DisconnectAllTyped,
    LookForNames,
    LookForBudget,
    BindByOn,
];

/// What is done to a name that is new.
const NAME: [Deed; 7] = [
    Bind,
    BindByOn,
    BindOtherwise,
    BindOtherwiseByOn,
    BindByEmitting,
    EmitNew,
    ClearAll,
];

std::thread_local! {
    /// The calls of `tick`. All threads of a model are one to the operating system.
    static CALLS: Cell<usize> = const { Cell::new(0) };
}

fn tick() {
    CALLS.set(CALLS.get() + 1);
}

fn tock() {}

struct World {
    registry: Arc<Registry>,
    receiver: CallbackKey,
    typed: Arc<Signal<()>>,
}

/// Sets the scene in which each thread does one of these deeds.
fn scene(max_calls: Option<u32>, routes_taken: bool, deeds: &[Deed]) -> Scene {
    CALLS.set(0);
    let registry = Arc::new(Registry::new());
    let receiver = match max_calls {
        Some(max_calls) => registry.on_max(["one", "other"], max_calls, tick),
        None => registry.on(["one", "other"], tick),
    };
    let world = World {
        receiver: receiver.unwrap(),
        typed: registry.signal("one").unwrap(),
        registry,
    };
    let threads = deeds.iter().map(|&d| vec![world.prepare(d)]).collect();
    if routes_taken {
        world.registry.emit("nobody's", ()).unwrap();
        drop(world.typed.calls());
        drop(world.registry.signal::<(), ()>("other").unwrap().calls());
    }
    let afterwards = step(move || {
        let looks = [world.look(), world.look()];
        (looks, world.signatures(), CALLS.get())
    });
    Scene {
        threads,
        afterwards,
    }
}

impl World {
    fn prepare(&self, deed: Deed) -> Step {
        let (registry, receiver) = (Arc::clone(&self.registry), self.receiver);
        let known = move |result: Result<CallbackKey, _>| result.map(|r| r == receiver).ok();
        match deed {
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
            Disconnect => step(move || registry.disconnect(receiver)),
            DisconnectFromOne => step(move || registry.disconnect_from(tick, "one")),
            DisconnectFromBoth => step(move || registry.disconnect_from(tick, ["one", "other"])),
            DropScoped => {
                let scoped = registry.scoped(receiver);
                step(move || drop(scoped))
            }
            ClearOne => step(move || registry.clear("one")),
            ClearAll => step(move || registry.clear_all()),
            DisconnectAllTyped => {
                let typed = Arc::clone(&self.typed);
                step(move || typed.disconnect_all())
            }
            LookForNames => step(move || registry.signals(tick)),
            LookForBudget => step(move || registry.calls_left(tick)),
            Bind => step(move || registry.signal::<(), ()>("new").is_ok()),
            BindByOn => step(move || registry.on(["new", "newer"], || ()).is_ok()),
            BindOtherwise => step(move || registry.signal::<(u8,), ()>("new").is_ok()),
            BindOtherwiseByOn => step(move || registry.on(["newer", "new"], |_: u8| ()).is_ok()),
            BindByEmitting => step(move || registry.emitting("new").map(mem::forget).is_ok()),
            EmitNew => step(move || registry.emit("new", ()).ok()),
        }
    }

    /// What is registered, and what emissions then call.
    fn look(&self) -> impl Debug + use<> {
        let registry = &self.registry;
        (
            (registry.signals(tick), registry.calls_left(tick)),
            registry.signals(self.receiver),
            ["one", "other"].map(|name| registry.emit(name, ()).unwrap()),
            registry.responds_to(tick, "one"),
        )
    }

    /// Whether the new names are bound, or free, to no arguments, and whether to one.
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

fn emits(deed: Deed) -> bool {
    matches!(deed, Emit | EmitOther | DropEmitting)
}

fn check(max_calls: Option<u32>, routes_taken: bool, preemptions: Option<usize>, deeds: &[Deed]) {
    let deeds = deeds.to_vec();
    let emitting = [emits(deeds[0]), emits(deeds[1])];
    let name = format!("{deeds:?}, {max_calls:?} calls, routes taken: {routes_taken}");
    let set = move || scene(max_calls, routes_taken, &deeds);
    orders::check(&name, preemptions, set, |in_order| match max_calls {
        Some(1) => orders::between_charge_and_leave(emitting, in_order),
        _ => None,
    });
}

/// Each deed against each, in every order; two emissions with three preemptions.
fn pairs(max_calls: Option<u32>, deeds: &[Deed]) {
    for routes_taken in [false, true] {
        for (n, &one) in deeds.iter().enumerate() {
            for &other in &deeds[..=n] {
                let preemptions = (emits(one) && emits(other)).then_some(3);
                check(max_calls, routes_taken, preemptions, &[one, other]);
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

/// Each deed against each against each. Two preemptions.
fn threes(deeds: &[Deed]) {
    for (n, &one) in deeds.iter().enumerate() {
        for (m, &other) in deeds[..=n].iter().enumerate() {
            for &third in &deeds[..=m] {
                let three = [one, other, third];
                // What empties a signal may come while an emission to two slots is between them.
                let empties = [ClearOne, ClearAll, DisconnectAllTyped];
                let two_slots = three.contains(&OnAnother) && three.into_iter().any(emits);
                if !(two_slots && three.iter().any(|deed| empties.contains(deed))) {
                    check(None, true, Some(2), &three);
                }
            }
        }
    }
}

#[test]
fn threes_with_a_callback() {
    threes(&CALLBACK);
}

#[test]
fn threes_with_a_new_name() {
    threes(&NAME);
}

/// Rule 10: an emission that starts after a name has been bound finds it, whatever other threads do to
/// the routes meanwhile. Two preemptions.
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
        assert_eq!(one, 1, "bound all the time");
        assert_eq!(CALLS.get(), 1 + new);
    });
}

/// Two names are emitted, and a third thread takes the callback off both: the one call that its budget
/// lets it have is made by one of the emissions, or by none. Two preemptions.
#[test]
fn two_names_and_one_budget_against_disconnect() {
    for routes_taken in [false, true] {
        with_preemptions(2, move || {
            CALLS.set(0);
            let registry = Arc::new(Registry::new());
            let receiver = registry.once(["one", "other"], tick).unwrap();
            if routes_taken {
                registry.emit("nobody's", ()).unwrap();
            }
            let emitters = ["one", "other"].map(|name| {
                let registry = Arc::clone(&registry);
                thread::spawn(move || registry.emit(name, ()).unwrap())
            });
            let disconnected = registry.disconnect(receiver);
            assert!(!registry.responds_to(receiver, "one"));
            let ran: usize = emitters.into_iter().map(|e| e.join().unwrap()).sum();
            assert_eq!(CALLS.get(), ran);
            assert!(ran <= 1, "one call is all there was");
            assert!(disconnected || ran == 1, "somebody has it");
            assert!(registry.signals(tick).is_empty());
        });
    }
}

/// Two names are emitted while the callback is registered anew, with one call again: it is called once,
/// or twice where it had left before. Two preemptions.
#[test]
fn two_names_and_one_budget_against_its_renewal() {
    for routes_taken in [false, true] {
        with_preemptions(2, move || {
            CALLS.set(0);
            let registry = Arc::new(Registry::new());
            registry.once(["one", "other"], tick).unwrap();
            if routes_taken {
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
