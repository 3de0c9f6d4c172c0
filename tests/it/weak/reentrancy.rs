//! An object's `drop` is user code and may call every method.

use std::sync::{Arc, Mutex, Weak};
use std::thread;

use smoke_signal::{Connection, ScopedConnection, Signal};

use crate::common::{Counter, DEADLOCK, OnDrop, said, throw, thrown, together, within};

use super::{Widget, holding, owner};

/// A method that an object's drop calls; the second argument is a connected slot.
type Method = fn(&Arc<Signal<(), char>>, Connection);

const METHODS: &[(&str, Method)] = &[
    ("connect", |signal, _| {
        signal.connect(|| 'n');
    }),
    ("once", |signal, _| {
        signal.once(|| 'n');
    }),
    ("connect_with_key", |signal, _| {
        signal.connect_with_key(|_| || 'n');
    }),
    ("connect_weak", |signal, _| {
        let object = Widget::new('n');
        signal.connect_weak(&object, Widget::letter);
        signal.options().first().connect_weak(&object, |_| 'm');
    }),
    ("emit", |signal, _| {
        signal.emit();
    }),
    ("calls", |signal, _| {
        signal.calls().catch_unwind().for_each(drop);
    }),
    ("emitting", |signal, _| drop(signal.emitting())),
    ("disconnect", |signal, slot| {
        signal.disconnect(slot);
    }),
    ("disconnect_all", |signal, _| signal.disconnect_all()),
    ("disconnect_and_wait", |signal, slot| {
        signal.disconnect_and_wait(slot).unwrap_err();
    }),
    ("scoped", |signal, slot| drop(signal.scoped(slot))),
    ("block", |signal, slot| {
        let _guard = signal.block(slot);
        signal.emit();
        signal.is_blocked(slot);
    }),
    ("block_all", |signal, _| {
        let _guard = signal.block_all();
        signal.emit();
    }),
    ("contains", |signal, slot| {
        signal.contains(slot);
    }),
    ("len", |signal, _| {
        assert_ne!(signal.len(), usize::from(signal.is_empty()));
    }),
    ("connections", |signal, _| {
        assert_eq!(signal.connections().len(), signal.slots().len());
    }),
    ("Debug", |signal, _| {
        assert!(!format!("{signal:?} {signal:#?}").contains("locked"));
    }),
];

type Act = Arc<dyn Fn() + Send + Sync>;

/// An object whose drop acts.
fn acting(act: Act) -> Arc<OnDrop<impl FnMut() + Send + Sync + 'static>> {
    Arc::new(OnDrop(move || act()))
}

/// Connects a slot whose object is dropped at once, and whose captures act when they are dropped.
fn connect_expired(signal: &Signal<(), char>, act: Act) -> Connection {
    let captured = acting(act);
    signal.connect_weak(&Widget::new('w'), move |_| {
        let _ = &captured;
        'w'
    })
}

/// A situation in which an object is dropped, and so acts.
type Situation = fn(&Arc<Signal<(), char>>, Act);

const SITUATIONS: &[(&str, Situation)] = &[
    ("between emissions", |signal, act| {
        let object = acting(act);
        signal.connect_weak(&object, |_| 'w');
        signal.emit();
        drop(object);
        signal.emit();
    }),
    ("before the first emission", |signal, act| {
        let object = acting(act);
        signal.connect_weak(&object, |_| 'w');
        drop(object);
        signal.connect(|| 'p');
    }),
    ("as its own slot returns", |signal, act| {
        let object = acting(act);
        let owner = owner(&object);
        signal.connect_weak(&object, move |_| {
            owner.lock().unwrap().take();
            'w'
        });
        drop(object);
        signal.emit();
    }),
    ("as its own waitable slot returns", |signal, act| {
        let object = acting(act);
        let owner = owner(&object);
        let waitable = signal.options().waitable();
        waitable.connect_weak(&object, move |_| {
            owner.lock().unwrap().take();
            'w'
        });
        drop(object);
        signal.emit();
    }),
    ("as its own slot unwinds", |signal, act| {
        let object = acting(act);
        let owner = owner(&object);
        signal.connect_weak(&object, move |_| {
            owner.lock().unwrap().take();
            throw("unwinding");
        });
        drop(object);
        assert_eq!(thrown(|| signal.emit()), "unwinding");
    }),
    ("as the last call of its budget returns", |signal, act| {
        let object = acting(act);
        let owner = owner(&object);
        let options = signal.options().max_calls(1);
        options.connect_weak(&object, move |_| {
            owner.lock().unwrap().take();
            'w'
        });
        drop(object);
        signal.emit();
    }),
    ("in an earlier slot", |signal, act| {
        let object = acting(act);
        let owner = owner(&object);
        signal.once(move || {
            owner.lock().unwrap().take();
            'a'
        });
        signal.connect_weak(&object, |_| 'w');
        drop(object);
        signal.emit();
    }),
    (
        "as captures own the last owner of another",
        |signal, act| {
            // Dropping the captures of one expired slot makes another expire.
            let (object, other) = (Widget::new('w'), acting(act));
            signal.connect_weak(&other, |_| 'o');
            signal.connect_weak(&object, move |_| {
                let _ = &other;
                'w'
            });
            drop(object);
            signal.emit();
        },
    ),
    (
        "as a connect drops the captures that own it",
        |signal, act| {
            connect_expired(signal, act);
            signal.connect(|| 'c');
        },
    ),
    (
        "as a connect with a key drops the captures that own it",
        |signal, act| {
            connect_expired(signal, act);
            signal.connect_with_key(|_| || 'k');
        },
    ),
    (
        "as an emission drops the captures that own it",
        |signal, act| {
            connect_expired(signal, act);
            signal.emit();
        },
    ),
    (
        "as a disconnect drops the captures that own it",
        |signal, act| {
            let slot = connect_expired(signal, act);
            assert!(!signal.disconnect(slot));
        },
    ),
    (
        "as an emission reaches the captures that own it",
        |signal, act| {
            let (object, other) = (Widget::new('w'), acting(act));
            signal.connect_weak(&object, move |_| {
                let _ = &other;
                'w'
            });
            signal.emit();
            drop(object);
            signal.emit();
        },
    ),
];

/// Tries every method in every situation. `around` decides how the method is called.
fn try_everywhere(around: fn(Box<dyn FnOnce() + Send>)) {
    for &(situation, drop_there) in SITUATIONS {
        for &(name, method) in METHODS {
            let what = format!("{name} {situation}");
            within(DEADLOCK, &what, move || {
                let signal = Arc::new(Signal::<(), char>::new());
                let plain = signal.connect(|| 'p');
                let weak: Weak<_> = Arc::downgrade(&signal);
                let acted = Counter::default();
                let count = acted.clone();
                drop_there(
                    &signal,
                    Arc::new(move || {
                        // A test that fails drops the signal first.
                        if let Some(signal) = weak.upgrade() {
                            around(Box::new(move || method(&signal, plain)));
                            count.add();
                        }
                    }),
                );
                assert_eq!(acted.get(), 1);
                signal.disconnect_all();
                assert!(signal.is_empty());
                signal.connect(|| 'e');
                assert_eq!(said(&signal), "e");
            });
        }
    }
}

// Boost.Signals2: deadlock_regression_test.cpp
#[test]
fn an_objects_drop_may_call_every_method() {
    try_everywhere(|call| call());
}

// Boost.Signals2: deadlock_regression_test.cpp
#[test]
fn an_objects_drop_may_wait_for_another_thread_that_calls_every_method() {
    try_everywhere(|call| {
        thread::spawn(call).join().expect("the call works");
    });
}

// Boost.Signals2: deadlock_regression_test.cpp
#[test]
fn captures_dropped_by_a_connect_by_name_may_use_the_registry() {
    within(DEADLOCK, "a capture's drop as a name is connected", || {
        static REGISTRY: smoke_signal::Registry = smoke_signal::Registry::new();
        let signal = REGISTRY.signal::<(), char>("name").unwrap();
        let object = Widget::new('w');
        let capture = OnDrop(|| {
            REGISTRY.on("other", || ()).unwrap();
        });
        signal.connect_weak(&object, move |widget| {
            let _ = &capture;
            widget.letter
        });
        drop(object);
        REGISTRY.on("name", || 'n').unwrap();
        assert_eq!(REGISTRY.emit("other", ()), Ok(1));
    });
}

// palacaze/sigslot: test_observer; Boost.Signals2: trackable_test.cpp
#[test]
fn an_object_may_own_the_handles_of_its_slots() {
    struct Panel {
        listens: Mutex<Vec<ScopedConnection>>,
    }
    let signals = [(); 3].map(|()| Signal::<(), char>::new());
    let dropped = Counter::default();
    let panel = Arc::new(Panel {
        listens: Mutex::default(),
    });
    for signal in &signals {
        let tracked = dropped.tracked();
        let slot = signal.connect_weak(&panel, move |_| {
            tracked.touch();
            'p'
        });
        panel.listens.lock().unwrap().push(signal.scoped(slot));
        assert_eq!(said(signal), "p");
    }
    drop(panel);
    // The handles disconnected the slots, although they had expired by then.
    assert_eq!(dropped.get(), 3);
    assert!(signals.iter().all(Signal::is_empty));
}

// signals2: weak_signal_test
#[test]
fn a_weak_slot_may_hold_a_weak_reference_to_its_signal() {
    let signal = Arc::new(Signal::<(), char>::new());
    let weak = Arc::downgrade(&signal);
    let object = Widget::new('w');
    let own = weak.clone();
    signal.connect_weak(&object, move |widget| {
        assert_eq!(own.upgrade().unwrap().len(), 1);
        widget.letter
    });
    assert_eq!(said(&signal), "w");
    drop(signal);
    assert!(weak.upgrade().is_none());
    assert_eq!(Arc::weak_count(&object), 0);
}

// Boost.Signals2: track_test.cpp; palacaze/sigslot: test_track_shared; psygnal: test_weakref
#[test]
fn objects_may_be_made_and_dropped_while_threads_emit() {
    let signal = Signal::<(), char>::new();
    let dropped = Counter::default();
    together(4, |thread| {
        for _ in 0..500 {
            if thread == 0 {
                let object = Widget::new('w');
                let slot = signal.connect_weak(&object, holding(dropped.tracked()));
                assert!(signal.contains(slot));
                drop(object);
            } else {
                assert!(signal.emit().len() <= 2 * 4);
            }
        }
    });
    signal.emit();
    assert!(signal.is_empty());
    assert_eq!(dropped.get(), 500);
}
