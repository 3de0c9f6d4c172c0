//! Rule 3: user code may call every method. Each method is called from each situation in which user code
//! runs, on the same thread and on another thread that it waits for. A lock held there would deadlock.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use smoke_signal::{Connection, Signal};

use crate::common::{Counter, DEADLOCK, OnDrop, throw, thrown, within};

/// An argument and result that runs user code when it is cloned or dropped.
pub(crate) struct UserCode {
    on_clone: Option<Act>,
    on_drop: Option<Act>,
}

type Act = Arc<dyn Fn() + Send + Sync>;

impl UserCode {
    pub(crate) fn inert() -> Self {
        Self {
            on_clone: None,
            on_drop: None,
        }
    }
}

impl Clone for UserCode {
    fn clone(&self) -> Self {
        if let Some(act) = &self.on_clone {
            act();
        }
        Self::inert()
    }
}

impl Drop for UserCode {
    fn drop(&mut self) {
        if let Some(act) = &self.on_drop {
            act();
        }
    }
}

pub(crate) type Signals = Signal<(UserCode,), UserCode>;

/// A method that user code may call; the second argument is a connected slot.
pub(crate) type Method = fn(&Signals, Connection);

pub(crate) const METHODS: &[(&str, Method)] = &[
    ("connect", |signal, _| {
        signal.connect(|_| UserCode::inert());
    }),
    ("once", |signal, _| {
        signal.once(|_| UserCode::inert());
    }),
    ("connect_with_key", |signal, _| {
        signal.connect_with_key(|_| |_| UserCode::inert());
    }),
    ("options", |signal, _| {
        let options = signal.options().group(-1).first().max_calls(2);
        options.connect(|_| UserCode::inert());
        options.max_calls(0).connect(|_| UserCode::inert());
    }),
    ("emit", |signal, _| {
        signal.emit(UserCode::inert());
    }),
    ("calls", |signal, _| {
        signal
            .calls(UserCode::inert())
            .catch_unwind()
            .for_each(drop);
    }),
    ("emitting", |signal, _| {
        drop(signal.emitting(UserCode::inert()));
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

/// A situation in which user code runs, and so acts.
type Situation = fn(&Signals, Act);

const SITUATIONS: &[(&str, Situation)] = &[
    ("in a slot", |signal, act| {
        signal.connect(move |_| {
            act();
            UserCode::inert()
        });
        signal.emit(UserCode::inert());
    }),
    ("in a once slot", |signal, act| {
        signal.once(move |_| {
            act();
            UserCode::inert()
        });
        signal.emit(UserCode::inert());
    }),
    ("in the closure of connect_with_key", |signal, act| {
        signal.connect_with_key(|_| {
            act();
            |_| UserCode::inert()
        });
    }),
    ("as an argument is cloned", |signal, act| {
        signal.connect(|_| UserCode::inert());
        signal.connect(|_| UserCode::inert());
        signal.emit(UserCode {
            on_clone: Some(act),
            on_drop: None,
        });
    }),
    ("as an argument is dropped", |signal, act| {
        signal.emit(UserCode {
            on_clone: None,
            on_drop: Some(act),
        });
    }),
    (
        "as an argument of an unfinished emission is dropped",
        |signal, act| {
            drop(signal.calls(UserCode {
                on_clone: None,
                on_drop: Some(act),
            }));
        },
    ),
    ("as a result is dropped", |signal, act| {
        signal.connect(move |_| UserCode {
            on_clone: None,
            on_drop: Some(Arc::clone(&act)),
        });
        signal.emit(UserCode::inert());
    }),
    ("as disconnect drops a capture", |signal, act| {
        let slot = signal.connect(capturing(act));
        signal.emit(UserCode::inert());
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
        signal.emit(UserCode::inert());
        signal.disconnect_all();
    }),
    (
        "as a budget is used up and drops a capture",
        |signal, act| {
            signal.options().max_calls(1).connect(capturing(act));
            signal.emit(UserCode::inert());
        },
    ),
    ("as a once slot drops a capture", |signal, act| {
        signal.once(capturing(act));
        signal.emit(UserCode::inert());
    }),
    ("as an emission in progress ends", |signal, act| {
        let slot = signal.connect(capturing(act));
        let calls = signal.calls(UserCode::inert());
        signal.disconnect(slot);
        drop(calls);
    }),
    (
        "as the next emission replaces the snapshot",
        |signal, act| {
            let slot = signal.connect(capturing(act));
            signal.emit(UserCode::inert());
            signal.connect(|_| UserCode::inert());
            signal.disconnect(slot);
            signal.emit(UserCode::inert());
        },
    ),
    ("as max_calls(0) drops the closure", |signal, act| {
        signal.options().max_calls(0).connect(capturing(act));
    }),
    ("as a panicking slot unwinds", |signal, act| {
        // Only once, because a second panic during unwinding would abort.
        signal.once(move |_| {
            let _unwound = OnDrop(move || act());
            throw("unwinding");
        });
        assert_eq!(thrown(|| signal.emit(UserCode::inert())), "unwinding");
    }),
];

/// A slot whose capture acts when it is dropped.
fn capturing(act: Act) -> impl Fn(UserCode) -> UserCode + Send + Sync + 'static {
    let capture = OnDrop(move || act());
    move |_| {
        let _ = &capture;
        UserCode::inert()
    }
}

/// Tries every method in every situation. `around` decides how the method is called.
fn try_everywhere(around: fn(Box<dyn FnOnce() + Send>)) {
    for &(situation, run) in SITUATIONS {
        for &(name, method) in METHODS {
            let what = format!("{name} {situation}");
            within(DEADLOCK, &what, move || {
                let signal = Arc::new(Signals::new());
                let other = signal.connect(|_| UserCode::inert());
                let (weak, ran) = (Arc::downgrade(&signal), AtomicBool::new(false));
                let acted = Counter::default();
                let count = acted.clone();
                run(
                    &signal,
                    Arc::new(move || {
                        // Only once, because the method may lead back here.
                        if !ran.swap(true, Ordering::Relaxed) {
                            let signal = weak.upgrade().expect("the test owns it");
                            around(Box::new(move || method(&signal, other)));
                            count.add();
                        }
                    }),
                );
                signal.disconnect_all();
                assert_eq!(acted.get(), 1);
                assert!(signal.is_empty());
                signal.connect(|_| UserCode::inert());
                assert_eq!(signal.emit(UserCode::inert()).len(), 1);
            });
        }
    }
}

// Boost.Signals2: deadlock_regression_test.cpp
#[test]
fn every_method_may_be_called_from_everywhere() {
    try_everywhere(|call| call());
}

// Boost.Signals2: deadlock_regression_test.cpp
#[test]
fn every_method_may_be_called_by_another_thread_that_is_waited_for() {
    try_everywhere(|call| {
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
fn two_signals_that_set_each_other_terminate() {
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
fn a_signal_may_be_a_slot_of_another() {
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
