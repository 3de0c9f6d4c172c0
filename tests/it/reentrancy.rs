//! Rule 3: foreign code may call everything. Every method, from every place where foreign code runs,
//! on the same thread and on another that the place waits for: a lock held there would deadlock.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use smoke_signal::{Connection, Signal};

use crate::common::{Counter, DEADLOCK, OnDrop, throw, thrown, within};

/// An argument and a result that runs foreign code when it is cloned or dropped.
struct Foreign {
    on_clone: Option<Act>,
    on_drop: Option<Act>,
}

type Act = Arc<dyn Fn() + Send + Sync>;

impl Foreign {
    fn inert() -> Self {
        Self {
            on_clone: None,
            on_drop: None,
        }
    }
}

impl Clone for Foreign {
    fn clone(&self) -> Self {
        if let Some(act) = &self.on_clone {
            act();
        }
        Self::inert()
    }
}

impl Drop for Foreign {
    fn drop(&mut self) {
        if let Some(act) = &self.on_drop {
            act();
        }
    }
}

type Signals = Signal<(Foreign,), Foreign>;

/// What foreign code may do; the second argument is a connected slot.
type Method = fn(&Signals, Connection);

const METHODS: &[(&str, Method)] = &[
    ("connect", |signal, _| {
        signal.connect(|_| Foreign::inert());
    }),
    ("once", |signal, _| {
        signal.once(|_| Foreign::inert());
    }),
    ("connect_with_key", |signal, _| {
        signal.connect_with_key(|_| |_| Foreign::inert());
    }),
    ("options", |signal, _| {
        let options = signal.options().group(-1).first().max_calls(2);
        options.connect(|_| Foreign::inert());
        options.max_calls(0).connect(|_| Foreign::inert());
    }),
    ("emit", |signal, _| {
        signal.emit(Foreign::inert());
    }),
    ("calls", |signal, _| {
        signal.calls(Foreign::inert()).catch_unwind().for_each(drop);
    }),
    ("emitting", |signal, _| {
        drop(signal.emitting(Foreign::inert()));
    }),
    ("disconnect", |signal, slot| {
        signal.disconnect(slot);
    }),
    ("disconnect_all", |signal, _| signal.disconnect_all()),
    ("contains", |signal, slot| {
        signal.contains(slot);
    }),
    ("len", |signal, _| {
        assert_ne!(signal.len(), usize::from(signal.is_empty()));
    }),
    ("connections", |signal, _| {
        signal.connections();
    }),
    ("Debug", |signal, _| {
        assert!(!format!("{signal:?}").contains("locked"));
    }),
];

/// Where foreign code runs; each brings about that `act` does.
type Place = fn(&Signals, Act);

const PLACES: &[(&str, Place)] = &[
    ("in a slot", |signal, act| {
        signal.connect(move |_| {
            act();
            Foreign::inert()
        });
        signal.emit(Foreign::inert());
    }),
    ("in a once slot", |signal, act| {
        signal.once(move |_| {
            act();
            Foreign::inert()
        });
        signal.emit(Foreign::inert());
    }),
    ("in the closure of connect_with_key", |signal, act| {
        signal.connect_with_key(|_| {
            act();
            |_| Foreign::inert()
        });
    }),
    ("as an argument is cloned", |signal, act| {
        signal.connect(|_| Foreign::inert());
        signal.connect(|_| Foreign::inert());
        signal.emit(Foreign {
            on_clone: Some(act),
            on_drop: None,
        });
    }),
    ("as an argument is dropped", |signal, act| {
        signal.emit(Foreign {
            on_clone: None,
            on_drop: Some(act),
        });
    }),
    (
        "as an argument of an unfinished emission is dropped",
        |signal, act| {
            drop(signal.calls(Foreign {
                on_clone: None,
                on_drop: Some(act),
            }));
        },
    ),
    ("as a result is dropped", |signal, act| {
        signal.connect(move |_| Foreign {
            on_clone: None,
            on_drop: Some(Arc::clone(&act)),
        });
        signal.emit(Foreign::inert());
    }),
    ("as disconnect drops a capture", |signal, act| {
        let slot = signal.connect(capturing(act));
        signal.emit(Foreign::inert());
        signal.disconnect(slot);
    }),
    (
        "as disconnect drops a capture that was never emitted",
        |signal, act| {
            let slot = signal.connect(capturing(act));
            signal.disconnect(slot);
        },
    ),
    ("as disconnect_all drops a capture", |signal, act| {
        signal.connect(capturing(act));
        signal.emit(Foreign::inert());
        signal.disconnect_all();
    }),
    (
        "as a budget is used up and drops a capture",
        |signal, act| {
            signal.options().max_calls(1).connect(capturing(act));
            signal.emit(Foreign::inert());
        },
    ),
    ("as a once slot drops a capture", |signal, act| {
        signal.once(capturing(act));
        signal.emit(Foreign::inert());
    }),
    ("as an emission under way ends", |signal, act| {
        let slot = signal.connect(capturing(act));
        let calls = signal.calls(Foreign::inert());
        signal.disconnect(slot);
        drop(calls);
    }),
    (
        "as the next emission replaces the list of slots",
        |signal, act| {
            let slot = signal.connect(capturing(act));
            signal.emit(Foreign::inert());
            signal.connect(|_| Foreign::inert());
            signal.disconnect(slot);
            signal.emit(Foreign::inert());
        },
    ),
    ("as max_calls(0) drops the closure", |signal, act| {
        signal.options().max_calls(0).connect(capturing(act));
    }),
    ("as a panicking slot unwinds", |signal, act| {
        // Once: a second panic during unwinding would abort.
        signal.once(move |_| {
            let _unwound = OnDrop(move || act());
            throw("unwinding");
        });
        assert_eq!(thrown(|| signal.emit(Foreign::inert())), "unwinding");
    }),
];

/// A slot whose capture acts when it is dropped.
fn capturing(act: Act) -> impl Fn(Foreign) -> Foreign + Send + Sync + 'static {
    let capture = OnDrop(move || act());
    move |_| {
        let _ = &capture;
        Foreign::inert()
    }
}

/// Tries every method in every place, `around` it the way it is called.
fn try_all(around: fn(Box<dyn FnOnce() + Send>)) {
    for &(place, bring_about) in PLACES {
        for &(name, method) in METHODS {
            let what = format!("{name} {place}");
            within(DEADLOCK, &what, move || {
                let signal = Arc::new(Signals::new());
                let other = signal.connect(|_| Foreign::inert());
                let (weak, ran) = (Arc::downgrade(&signal), AtomicBool::new(false));
                let acted = Counter::default();
                let count = acted.clone();
                bring_about(
                    &signal,
                    Arc::new(move || {
                        // Once: the method may lead back here.
                        if !ran.swap(true, Ordering::Relaxed) {
                            let signal = weak.upgrade().expect("the test holds it");
                            around(Box::new(move || method(&signal, other)));
                            count.add();
                        }
                    }),
                );
                signal.disconnect_all();
                assert_eq!(acted.get(), 1);
                assert!(signal.is_empty());
                signal.connect(|_| Foreign::inert());
                assert_eq!(signal.emit(Foreign::inert()).len(), 1);
            });
        }
    }
}

// Boost.Signals2: deadlock_regression_test.cpp
#[test]
fn every_method_may_be_called_from_everywhere() {
    try_all(|call| call());
}

// Boost.Signals2: deadlock_regression_test.cpp
#[test]
fn even_by_another_thread_that_is_waited_for() {
    try_all(|call| {
        thread::spawn(call).join().expect("the call works");
    });
}

// palacaze/sigslot: test_self_recursive, test_recursive, test_loop
#[test]
fn recursion_is_depth_first() {
    static SIGNAL: Signal<(u8,)> = Signal::new();
    static RECORD: Mutex<String> = Mutex::new(String::new());
    let note = |slot: char, depth: u8| {
        let mut record = RECORD.lock().unwrap();
        record.push(slot);
        record.push(char::from(b'0' + depth));
    };
    SIGNAL.connect(move |depth| {
        note('a', depth);
        if depth < 2 {
            SIGNAL.emit(depth + 1);
        }
    });
    SIGNAL.connect(move |depth| note('b', depth));
    SIGNAL.emit(0);
    assert_eq!(*RECORD.lock().unwrap(), "a0a1a2b2b1b0");
}

// palacaze/sigslot: test_self_recursive; signals2: disconnect_while_emitting
#[test]
fn recursion_may_go_deep() {
    static SIGNAL: Signal<(u32,), u32> = Signal::new();
    SIGNAL.connect(|depth| match depth {
        0 => 0,
        _ => 1 + SIGNAL.emit(depth - 1)[0],
    });
    assert_eq!(SIGNAL.emit(100), [100]);
}

// palacaze/sigslot: test_loop, test_recursive
#[test]
fn two_signals_that_set_each_other_settle() {
    use std::sync::atomic::AtomicI32;
    static LEFT: Signal<(i32,)> = Signal::new();
    static RIGHT: Signal<(i32,)> = Signal::new();
    static VALUES: [AtomicI32; 2] = [AtomicI32::new(0), AtomicI32::new(0)];
    for (own, signal, other) in [(0, &LEFT, &RIGHT), (1, &RIGHT, &LEFT)] {
        signal.connect(move |value| {
            if VALUES[own].swap(value, Ordering::Relaxed) != value {
                other.emit(value);
            }
        });
    }
    LEFT.emit(7);
    assert_eq!(VALUES.each_ref().map(|v| v.load(Ordering::Relaxed)), [7, 7]);
}

// Boost.Signals2: signal_test.cpp, test_signal_signal_connect; psygnal: test_signal_emit_as_slot
#[test]
fn a_signal_as_a_slot_of_another() {
    static INNER: Signal<(i32,), i32> = Signal::new();
    let outer = Signal::<(i32,), i32>::new();
    outer.connect(|n| -n);
    let link = outer.connect(|n| INNER.calls(n).max().unwrap_or(i32::MIN));
    INNER.connect(|n| 2 * n);
    INNER.connect(|n| n - 10);
    assert_eq!(outer.emit(3), [-3, 6]);
    assert!(outer.disconnect(link));
    assert_eq!(outer.calls(3).max(), Some(-3));
}
