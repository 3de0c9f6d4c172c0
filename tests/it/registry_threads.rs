//! A [`Registry`] that many threads use at once. Every test counts calls and checks the results of `emit`
//! and `disconnect`. No test depends on how the threads are scheduled.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Mutex, mpsc};
use std::thread;

use smoke_signal::{CallbackKey, Registry};

use crate::common::{Counter, DEADLOCK, OnDrop, together, within};
use crate::registry::counted;

/// How many of the answers are yes.
fn yes(answers: &[bool]) -> usize {
    answers.iter().filter(|&&yes| yes).count()
}

#[test]
fn budgets_are_exact_across_threads_and_names() {
    // (budget, left after 4 threads have emitted 500 times each)
    for (budget, left) in [
        (1, None),
        (7, None),
        (1_999, None),
        (2_000, None),
        (2_500, Some(500)),
    ] {
        within(DEADLOCK, "emitting a limited callback", move || {
            let registry = Registry::new();
            let names = ["foo", "bar", "baz"];
            let calls = Counter::default();
            let key = registry.on_max(names, budget, calls.adding()).unwrap();
            let ran: usize = together(4, |thread| {
                (0..500)
                    .map(|round| registry.emit(names[(thread + round) % 3], ()).unwrap())
                    .sum::<usize>()
            })
            .into_iter()
            .sum();
            assert_eq!(calls.get(), 2_000.min(budget as usize));
            assert_eq!(ran, calls.get());
            assert_eq!(registry.calls_left(key), left);
            let registered = if left.is_some() { 3 } else { 0 };
            assert_eq!(registry.signals(key).len(), registered);
        });
    }
}

#[test]
fn a_once_callback_on_many_names_is_called_by_one_thread() {
    within(DEADLOCK, "emitting a once callback", || {
        let registry = Registry::new();
        let names = ["0", "1", "2", "3"];
        for _ in 0..300 {
            let key = registry.once(names, || ()).unwrap();
            let ran = together(4, |thread| {
                let ran = registry.emit(names[thread], ()).unwrap();
                // Whether or not this emission called it, it is disconnected by now.
                assert!(!registry.responds_to(key, names[thread]));
                ran
            });
            assert_eq!(ran.iter().sum::<usize>(), 1);
            for name in names {
                assert!(registry.signal::<(), ()>(name).unwrap().is_empty());
            }
        }
    });
}

#[test]
fn of_the_last_call_and_a_disconnect_one_wins() {
    type Remove = fn(&Registry, CallbackKey) -> bool;
    let ways: [(&str, Remove); 3] = [
        ("disconnect", |r, key| r.disconnect(key)),
        ("disconnect_from", |r, key| {
            r.disconnect_from(key, ["foo", "bar"])
        }),
        ("typed", |r, _| {
            let signal = r.signal::<(), ()>("foo").unwrap();
            let mut slots = signal.connections().into_iter();
            slots.any(|slot| signal.disconnect(slot))
        }),
    ];
    for (way, remove) in ways {
        within(DEADLOCK, way, move || {
            let (registry, rounds) = (Registry::new(), 1_000);
            let keys: Vec<_> = (0..rounds).map(|_| Mutex::new(None)).collect();
            // Both threads start each round as close together as they can.
            let arrived = AtomicUsize::new(0);
            let meet = |times: usize| {
                arrived.fetch_add(1, Ordering::SeqCst);
                while arrived.load(Ordering::SeqCst) < 2 * times {
                    thread::yield_now();
                }
            };
            let outcomes = together(2, |thread| {
                let mut outcomes = Vec::new();
                for (round, key) in keys.iter().enumerate() {
                    if thread == 0 {
                        *key.lock().unwrap() = registry.once(["foo", "bar"], || ()).ok();
                    }
                    meet(2 * round + 1);
                    outcomes.push(match thread {
                        0 => registry.emit("foo", ()).unwrap() == 1,
                        _ => remove(&registry, key.lock().unwrap().unwrap()),
                    });
                    meet(2 * round + 2);
                    if thread == 0 {
                        registry.clear_all();
                    }
                }
                outcomes
            });
            let won = outcomes[0].iter().zip(&outcomes[1]);
            let both = won.filter(|(called, left)| **called && **left).count();
            assert_eq!(both, 0, "rounds in which both won, of {rounds}");
        });
    }
}

#[test]
fn registering_one_callable_from_many_threads_gives_one_registration() {
    within(DEADLOCK, "registering one callable", || {
        fn callback() {}
        for _ in 0..200 {
            let registry = Registry::new();
            let keys = together(4, |thread| {
                let names = if thread % 2 == 0 {
                    ["foo", "bar"]
                } else {
                    ["bar", "baz"]
                };
                registry.on(names, callback).unwrap()
            });
            assert_eq!(keys, [keys[0]; 4]);
            assert_eq!(registry.signals(callback), ["bar", "baz", "foo"]);
            for name in ["foo", "bar", "baz"] {
                assert_eq!(registry.emit(name, ()), Ok(1));
            }
            assert!(registry.disconnect(keys[3]));
            assert_eq!(registry.emit("bar", ()), Ok(0));
        }
    });
}

#[test]
fn disconnecting_from_many_threads_succeeds_once() {
    type Remove = fn(&Registry, CallbackKey) -> bool;
    let ways: [(&str, Remove); 3] = [
        ("disconnect", |r, key| r.disconnect(key)),
        ("disconnect_from one", |r, key| {
            r.disconnect_from(key, "foo")
        }),
        ("disconnect_from both", |r, key| {
            r.disconnect_from(key, ["foo", "bar"])
        }),
    ];
    for (way, remove) in ways {
        within(DEADLOCK, way, move || {
            let registry = Registry::new();
            for _ in 0..200 {
                let key = registry.on(["foo", "bar"], || ()).unwrap();
                let answers = together(4, |_| remove(&registry, key));
                assert_eq!(yes(&answers), 1, "{answers:?}");
                registry.disconnect(key);
            }
            assert_eq!(registry.emit("foo", ()), Ok(0));
        });
    }
}

#[test]
fn a_once_callback_is_called_or_disconnected() {
    within(DEADLOCK, "emitting and disconnecting", || {
        let registry = Registry::new();
        let calls = Counter::default();
        for _ in 0..500 {
            let before = calls.get();
            let key = registry.once(["foo", "bar"], calls.adding()).unwrap();
            let outcome = together(3, |thread| match thread {
                0 => registry.emit("foo", ()).unwrap(),
                1 => registry.emit("bar", ()).unwrap(),
                _ => usize::from(registry.disconnect(key)),
            });
            let called = outcome[0] + outcome[1];
            assert_eq!(calls.get(), before + called);
            assert_eq!(called + outcome[2], 1, "one wins: {outcome:?}");
            assert!(!registry.disconnect(key));
            assert_eq!(registry.emit("foo", ()).unwrap(), 0);
        }
    });
}

#[test]
fn a_name_bound_by_many_threads_gets_one_signature() {
    within(DEADLOCK, "binding", || {
        for _ in 0..300 {
            let registry = Registry::new();
            // The first two bind every name, in opposite orders; the others are compatible with each other.
            let bound = together(4, |thread| match thread {
                0 => registry.on(["a", "b", "c"], |_: u8| ()).is_ok(),
                1 => registry.on(["c", "b", "a"], |_: u16| ()).is_ok(),
                2 => registry.signal::<(u32,), ()>("b").is_ok(),
                _ => registry.emitting_between("c", "a").is_ok(),
            });
            let names = format!("{registry:?}");
            let expected = match bound[..] {
                [true, false, false, false] => ["(u8,) -> ()"; 3],
                [false, true, false, false] => ["(u16,) -> ()"; 3],
                [false, false, true, true] => ["()", "(u32,) -> ()", "()"],
                _ => panic!("half bound: {bound:?}, {names}"),
            };
            for (name, signature) in ["a", "b", "c"].iter().zip(expected) {
                assert!(
                    names.contains(&format!("{name:?}: {signature:?}")),
                    "{names}"
                );
            }
            assert_eq!(registry.emit("b", (1_u8,)) == Ok(1), bound[0]);
            assert_eq!(registry.emit("b", (1_u16,)) == Ok(1), bound[1]);
        }
    });
}

#[test]
fn a_name_has_one_signal_for_all_threads() {
    within(DEADLOCK, "asking for a signal", || {
        for _ in 0..200 {
            let registry = Registry::new();
            let signals = together(4, |thread| {
                let signal = registry.signal::<(usize,), ()>("foo").unwrap();
                signal.connect(|_| ());
                // Whatever the others do, the slot connected just now is called.
                let ran = registry.emit("foo", (thread,)).unwrap();
                assert!((1..=4).contains(&ran));
                Arc::as_ptr(&signal) as usize
            });
            assert_eq!(HashSet::<usize>::from_iter(signals).len(), 1);
            assert_eq!(registry.emit("foo", (0_usize,)), Ok(4));
        }
    });
}

#[test]
fn an_emission_after_on_calls_the_callback() {
    // Rule 10, for names that are new and for those that are not, while others emit.
    within(DEADLOCK, "registering and emitting", || {
        let registry = Registry::new();
        let done = AtomicBool::new(false);
        let (registered, emitter) = mpsc::channel::<String>();
        let (answer, answers) = mpsc::channel();
        let (registry, done) = (&registry, &done);
        thread::scope(|scope| {
            scope.spawn(move || {
                while !done.load(Ordering::Relaxed) {
                    registry.emit("old", ()).unwrap();
                    registry.emit("never bound", ()).unwrap();
                }
            });
            scope.spawn(move || {
                for name in emitter {
                    answer.send(registry.emit(&name, ()).unwrap()).unwrap();
                }
            });
            for round in 0..300 {
                let name = format!("new {round}");
                let key = registry.on([&name, "old"], move || {
                    let _ = &round;
                });
                for name in [name, "old".to_owned()] {
                    registered.send(name).unwrap();
                    assert_eq!(answers.recv(), Ok(1), "round {round}");
                }
                assert!(registry.disconnect(key.unwrap()));
            }
            drop(registered);
            done.store(true, Ordering::Relaxed);
        });
    });
}

/// Emits "foo" and "bar" from several threads until `work` is done, and returns the number of calls.
fn while_others_emit(registry: &Registry, work: impl FnOnce()) -> usize {
    let done = AtomicBool::new(false);
    let emit = |name: &str| {
        let mut ran = 0;
        while !done.load(Ordering::Relaxed) {
            ran += registry.emit(name, ()).unwrap();
        }
        ran
    };
    thread::scope(|scope| {
        let emitters = ["foo", "bar", "foo"].map(|name| scope.spawn(move || emit(name)));
        // They must stop even if `work` panics, or its message would not be seen.
        let stop = OnDrop(|| done.store(true, Ordering::Relaxed));
        work();
        drop(stop);
        emitters
            .into_iter()
            .map(|emitter| emitter.join().expect("it only emits"))
            .sum()
    })
}

#[test]
fn a_callback_registered_again_as_it_is_used_up_loses_no_call() {
    counted!(callback, CALLS);
    const ROUNDS: usize = 300;
    within(DEADLOCK, "registering again and again", || {
        let registry = Registry::new();
        let ran = while_others_emit(&registry, || {
            for round in 0..ROUNDS {
                let names: &[_] = [&["foo", "bar"][..], &["foo"], &["bar"]][round % 3];
                let key = registry.once(names, callback).unwrap();
                // Used up, and disconnected by now, although its cleanup may still be in progress.
                while let Some(left) = registry.calls_left(callback) {
                    assert_eq!(left, 1);
                    thread::yield_now();
                }
                assert!(!registry.disconnect(key));
                assert!(!registry.disconnect(callback));
            }
        });
        assert_eq!(CALLS.load(Ordering::Relaxed), ROUNDS);
        assert_eq!(ran, ROUNDS);
        for name in ["foo", "bar"] {
            assert!(registry.signal::<(), ()>(name).unwrap().is_empty());
        }
    });
}

#[test]
fn a_callback_registered_again_at_any_time_stays_within_its_budget() {
    counted!(callback, CALLS);
    const ROUNDS: u32 = 2_000;
    within(DEADLOCK, "registering again at any time", || {
        let registry = Registry::new();
        let ran = while_others_emit(&registry, || {
            for round in 0..ROUNDS {
                registry
                    .on_max(["foo", "bar"], round % 3, callback)
                    .unwrap();
                if round % 7 == 0 {
                    registry.disconnect(callback);
                }
            }
        });
        // A registration with a budget of n allows n calls; the rest of the previous budget is void.
        let allowed: u32 = (0..ROUNDS).map(|round| round % 3).sum();
        assert_eq!(CALLS.load(Ordering::Relaxed), ran);
        assert!(ran <= allowed as usize, "{ran} of {allowed}");
        // The callback is still usable.
        registry.on_max(["foo", "bar"], 3, callback).unwrap();
        let again: usize = (0..3).map(|_| registry.emit("foo", ()).unwrap()).sum();
        assert_eq!(again, 3);
        for name in ["foo", "bar"] {
            assert!(registry.signal::<(), ()>(name).unwrap().is_empty());
        }
    });
}

#[test]
fn a_limit_lifted_while_others_emit_stays_lifted() {
    counted!(callback, CALLS);
    within(DEADLOCK, "lifting a limit", || {
        let registry = Registry::new();
        let ran = while_others_emit(&registry, || {
            for _ in 0..300 {
                registry.once(["foo", "bar"], callback).unwrap();
                let key = registry.on(["foo", "bar"], callback).unwrap();
                assert_eq!(registry.calls_left(callback), None);
                assert_eq!(registry.signals(callback), ["bar", "foo"]);
                assert!(registry.disconnect(key));
            }
        });
        assert_eq!(CALLS.load(Ordering::Relaxed), ran);
        assert_eq!(registry.emit("foo", ()), Ok(0));
    });
}

#[test]
fn emission_during_every_kind_of_change_counts_every_call() {
    within(DEADLOCK, "changing everything", || {
        let registry = Registry::new();
        let (calls, drops) = (Counter::default(), Counter::default());
        let registered = AtomicUsize::new(0);
        let register = |round: u32| {
            let (calls, captured) = (calls.clone(), drops.tracked());
            registered.fetch_add(1, Ordering::Relaxed);
            let callback = move || {
                captured.touch();
                calls.add();
            };
            match round % 3 {
                0 => registry.on(["foo", "bar"], callback),
                1 => registry.on_max(["foo", "bar"], round % 5, callback),
                _ => registry.once("bar", callback),
            }
            .unwrap()
        };
        let mut ran_here = 0;
        let ran = while_others_emit(&registry, || {
            let change = |thread, round| {
                let key = register(round);
                match (thread, round % 10) {
                    (0, 0) => registry.clear("foo"),
                    (1, 0) => registry.clear_all(),
                    (2, 0) => registry.signal::<(), ()>("bar").unwrap().disconnect_all(),
                    (_, 1) => drop(registry.on(format!("new {round}"), || ())),
                    (_, 2) => return registry.emit("bar", ()).unwrap(),
                    (_, 3) => assert!(registry.signals(key).len() <= 2),
                    (_, 4) => {
                        registry.disconnect_from(key, "foo");
                    }
                    _ => {
                        registry.disconnect(key);
                    }
                }
                0
            };
            let ran: Vec<usize> = together(3, |thread| {
                (0..200).map(|round| change(thread, round)).sum()
            });
            ran_here = ran.into_iter().sum();
        });
        assert_eq!(calls.get(), ran + ran_here);
        registry.clear_all();
        assert_eq!(registry.emit("foo", ()), Ok(0));
        assert_eq!(registry.emit("bar", ()), Ok(0));
        assert_eq!(drops.get(), registered.load(Ordering::Relaxed));
    });
}

#[test]
fn guards_dropped_by_many_threads_emit_once_each() {
    within(DEADLOCK, "dropping guards", || {
        let registry = Registry::new();
        let calls = Counter::default();
        registry.on("foo", calls.adding()).unwrap();
        together(4, |_| {
            for _ in 0..100 {
                let _guard = registry.emitting("foo").unwrap();
            }
        });
        assert_eq!(calls.get(), 400);
    });
}

#[test]
fn a_registry_may_be_dropped_while_other_threads_hold_guards() {
    within(DEADLOCK, "dropping the registry", || {
        for _ in 0..200 {
            let registry = Registry::new();
            let calls = Counter::default();
            let captured = Arc::new(());
            let weak = Arc::downgrade(&captured);
            let counting = calls.adding();
            registry
                .once("foo", move || {
                    let _ = &captured;
                    counting();
                })
                .unwrap();
            let guards = [(); 2].map(|()| registry.emitting("foo").unwrap());
            let barrier = Barrier::new(3);
            thread::scope(|scope| {
                for guard in guards {
                    scope.spawn(|| {
                        barrier.wait();
                        drop(guard);
                    });
                }
                barrier.wait();
                drop(registry);
            });
            assert!(calls.get() <= 1);
            assert!(weak.upgrade().is_none());
        }
    });
}
