//! Waiting for emissions, and the text if they do not come.

use std::cell::{Cell, RefCell};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use smoke_signal::testing::Spy;
use smoke_signal::{LocalSignal, Signal};

use crate::common::{DEADLOCK, throw, thrown, within};

/// The time for what cannot happen any more.
const NEVER: Duration = Duration::from_millis(1);

#[test]
fn wait_counts_from_the_beginning() {
    let signal = Signal::<(u8,)>::new();
    let spy = Spy::on(&signal);
    assert_eq!(spy.wait(0, NEVER), Ok(vec![]));
    signal.emit(1);
    signal.emit(2);
    signal.emit(3);
    let all = vec![(1,), (2,), (3,)];
    for n in 0..=3 {
        assert_eq!(spy.wait(n, Duration::ZERO), Ok(all.clone()));
    }
    assert!(spy.wait(4, NEVER).is_err());
    assert_eq!(spy.take(), all);
    assert_eq!(spy.wait(3, NEVER), Ok(vec![]), "taken ones count");
    signal.emit(4);
    assert_eq!(spy.wait(4, NEVER), Ok(vec![(4,)]));
}

#[test]
fn wait_returns_once_other_threads_have_emitted() {
    within(DEADLOCK, "a wait for emissions", || {
        static LOADED: Signal<(u8,)> = Signal::new();

        let spy = Spy::on(&LOADED);
        LOADED.emit(1);
        let (go, gone) = mpsc::channel();
        let emitter = thread::spawn(move || {
            for n in 2..=4 {
                gone.recv().unwrap();
                LOADED.emit(n);
            }
        });
        for n in 1..=4 {
            let expected: Vec<_> = (1..=n).map(|n| (n,)).collect();
            assert_eq!(spy.wait(expected.len(), DEADLOCK), Ok(expected));
            let _ = go.send(());
        }
        emitter.join().unwrap();
    });
}

#[test]
fn a_timeout_beyond_the_end_of_time_is_none() {
    within(DEADLOCK, "a wait without a limit", || {
        static LOADED: Signal<(u8,)> = Signal::new();

        let spy = Spy::on(&LOADED);
        let emitter = thread::spawn(|| LOADED.emit(1));
        assert_eq!(spy.wait(1, Duration::MAX), Ok(vec![(1,)]));
        assert_eq!(spy.wait_for(|_| true, Duration::MAX), Ok((1,)));
        emitter.join().unwrap();
    });
}

#[test]
fn wait_for_looks_at_what_is_there_first() {
    let signal = Signal::<(u8,)>::new();
    let spy = Spy::on(&signal);
    signal.emit(1);
    signal.emit(2);
    signal.emit(3);
    assert_eq!(spy.wait_for(|&(n,)| n > 1, Duration::ZERO), Ok((2,)));
    assert_eq!(
        spy.wait_for(|&(n,)| n > 1, NEVER),
        Ok((2,)),
        "it is not taken"
    );
    assert_eq!(spy.len(), 3);
    spy.take();
    assert!(spy.wait_for(|_| true, NEVER).is_err());
}

#[test]
fn wait_for_looks_at_each_item_once_as_it_comes() {
    within(DEADLOCK, "a wait for an emission", || {
        static LOADED: Signal<(u8,)> = Signal::new();

        let spy = Spy::on(&LOADED);
        LOADED.emit(1);
        LOADED.emit(2);
        let (go, gone) = mpsc::channel();
        let emitter = thread::spawn(move || {
            for n in 3..=5 {
                gone.recv().unwrap();
                LOADED.emit(n);
            }
        });
        let mut looked_at = Vec::new();
        let found = spy.wait_for(
            |&(n,)| {
                looked_at.push(n);
                if n >= 2 {
                    go.send(()).unwrap();
                }
                n == 4
            },
            DEADLOCK,
        );
        assert_eq!((found, looked_at), (Ok((4,)), vec![1, 2, 3, 4]));
        let _ = go.send(());
        emitter.join().unwrap();
        assert_eq!(spy.len(), 5);
    });
}

#[test]
fn waiting_on_one_thread_is_for_what_is_there() {
    let signal = LocalSignal::<(u8,)>::new();
    let spy = Spy::on(&signal);
    signal.emit(1);
    assert_eq!(spy.wait(1, DEADLOCK), Ok(vec![(1,)]));
    assert_eq!(spy.wait_for(|_| true, DEADLOCK), Ok((1,)));
    assert!(spy.wait(2, NEVER).is_err());
}

#[test]
fn the_error_of_wait_says_what_came_instead() {
    let signal = Signal::<(String, u8)>::new();
    let spy = Spy::on(&signal);
    let text = |n| spy.wait(n, NEVER).unwrap_err().to_string();
    assert_eq!(text(1), "expected 1 emission within 1ms, seen none");
    signal.emit("a".to_owned(), 1);
    assert_eq!(
        text(2),
        "expected 2 emissions within 1ms, seen 1:\n    (\"a\", 1)"
    );
    signal.emit("b\n".to_owned(), 2);
    assert_eq!(
        text(3),
        "expected 3 emissions within 1ms, seen 2:\n    (\"a\", 1)\n    (\"b\\n\", 2)"
    );
    spy.take();
    assert_eq!(
        text(3),
        "expected 3 emissions within 1ms, seen 2, 2 of them taken before"
    );
    signal.emit("c".to_owned(), 3);
    assert_eq!(
        text(4),
        "expected 4 emissions within 1ms, seen 3, 2 of them taken before:\n    (\"c\", 3)"
    );
    let long = spy.wait(4, Duration::ZERO).unwrap_err();
    assert!(
        long.to_string()
            .starts_with("expected 4 emissions within 0ns,")
    );
}

#[test]
fn the_error_of_wait_for_says_what_came_instead() {
    let signal = Signal::<(u8,)>::new();
    let spy = Spy::on(&signal);
    let text = || spy.wait_for(|_| false, NEVER).unwrap_err().to_string();
    assert_eq!(text(), "expected a matching emission within 1ms, seen none");
    signal.emit(1);
    assert_eq!(
        text(),
        "expected a matching emission within 1ms, seen 1 other:\n    (1,)"
    );
    signal.emit(2);
    assert_eq!(
        text(),
        "expected a matching emission within 1ms, seen 2 others:\n    (1,)\n    (2,)"
    );
    spy.take();
    assert_eq!(text(), "expected a matching emission within 1ms, seen none");
}

#[test]
fn unwrap_prints_the_text() {
    let signal = Signal::<(u8,)>::new();
    let spy = Spy::on(&signal);
    signal.emit(1);
    assert_eq!(
        thrown(|| spy.wait(2, NEVER).unwrap()),
        "called `Result::unwrap()` on an `Err` value: expected 2 emissions within 1ms, seen 1:\n    (1,)"
    );
}

#[test]
fn a_predicate_may_emit_and_use_the_spy() {
    within(DEADLOCK, "a predicate that emits", || {
        static STEP: Signal<(u8,)> = Signal::new();

        let spy = Spy::on(&STEP);
        STEP.emit(1);
        let found = spy.wait_for(
            |&(n,)| {
                STEP.emit(n + 1);
                assert_eq!(spy.len(), usize::from(n) + 1);
                assert_eq!(spy.calls(), [(n + 1,)], "without what is being looked at");
                n == 3
            },
            DEADLOCK,
        );
        assert_eq!(found, Ok((3,)));
        assert_eq!(spy.calls(), [(1,), (2,), (3,), (4,)]);
    });
}

#[test]
fn a_predicate_may_take_what_has_come_meanwhile() {
    static STEP: Signal<(u8,)> = Signal::new();

    let spy = Spy::on(&STEP);
    STEP.emit(1);
    let mut taken = Vec::new();
    let error = spy.wait_for(
        |&(n,)| {
            STEP.emit(n + 1);
            taken.extend(spy.take());
            false
        },
        NEVER,
    );
    assert_eq!(
        error.unwrap_err().to_string(),
        "expected a matching emission within 1ms, seen 1 other:\n    (1,)"
    );
    assert_eq!((taken, spy.calls()), (vec![(2,)], vec![(1,)]));
    assert_eq!(spy.wait(2, NEVER), Ok(vec![(1,)]));
}

#[test]
fn a_predicate_may_panic() {
    let signal = Signal::<(u8,)>::new();
    let spy = Spy::on(&signal);
    signal.emit(1);
    let text = thrown(|| spy.wait_for(|_| throw("a predicate"), NEVER));
    assert_eq!(text, "a predicate");
    signal.emit(2);
    assert_eq!(spy.calls(), [(1,), (2,)]);
}

/// Does something while it is cloned, and something else while it is printed.
struct Busy {
    cloned: fn(),
    printed: fn(),
}

impl Clone for Busy {
    fn clone(&self) -> Self {
        (self.cloned)();
        Self { ..*self }
    }
}

impl std::fmt::Debug for Busy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        (self.printed)();
        f.write_str("Busy")
    }
}

#[test]
fn items_may_emit_and_use_the_spy_while_they_are_cloned_or_printed() {
    within(DEADLOCK, "an item that uses its spy", || {
        static USED: Signal<(Busy,)> = Signal::new();
        thread_local! {
            static SPY: RefCell<Option<&'static Spy<(Busy,)>>> = const { RefCell::new(None) };
            static DEPTH: Cell<usize> = const { Cell::new(0) };
        }

        fn use_spy() {
            let depth = DEPTH.replace(1);
            if depth == 0 {
                let spy = SPY.with_borrow(|spy| spy.unwrap());
                let before = spy.len();
                USED.emit(Busy {
                    cloned: || (),
                    printed: || (),
                });
                assert_eq!(spy.len(), before + 1);
                assert_eq!(
                    (spy.calls().len(), spy.wait(1, NEVER).unwrap().len()),
                    (1, 1)
                );
                assert_eq!((spy.take().len(), spy.len()), (1, before));
            }
            DEPTH.set(depth);
        }

        let spy: &'static Spy<_> = Box::leak(Box::new(Spy::on(&USED)));
        SPY.set(Some(spy));
        USED.emit(Busy {
            cloned: use_spy,
            printed: || (),
        });
        assert_eq!(spy.calls().len(), 1);
        assert_eq!(spy.wait(1, NEVER).unwrap().len(), 1);
        assert!(spy.wait_for(|_| true, NEVER).is_ok());
        spy.take();
        USED.emit(Busy {
            cloned: || (),
            printed: use_spy,
        });
        assert!(spy.wait_for(|_| false, NEVER).is_err());
        assert_eq!(spy.len(), 1);
        SPY.set(None);
    });
}

#[test]
fn a_clone_may_panic() {
    static CLONED: Signal<(Busy,)> = Signal::new();

    let spy = Spy::on(&CLONED);
    CLONED.emit(Busy {
        cloned: || (),
        printed: || (),
    });
    CLONED.emit(Busy {
        cloned: || throw("a clone"),
        printed: || (),
    });
    assert_eq!(thrown(|| spy.calls()), "a clone");
    assert_eq!(thrown(|| spy.wait(2, NEVER)), "a clone");
    assert_eq!((spy.len(), spy.take().len()), (2, 2));
}
