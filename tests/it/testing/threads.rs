//! Spies and threads: whose emissions are recorded, and in which order.

use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use smoke_signal::testing::Spy;
use smoke_signal::{LocalSignal, Signal, assert_emitted, assert_not_emitted};

use crate::common::{Counted, DEADLOCK, together, within};

#[test]
fn eight_threads_on_one_signal_see_only_what_they_emit() {
    static SAVED: Signal<(usize, usize)> = Signal::new();

    within(DEADLOCK, "eight threads on one signal", || {
        let all = Spy::on(&SAVED);
        let barrier = Barrier::new(8);
        together(8, |thread| {
            for round in 0..100 {
                let spy = Spy::on(&SAVED).this_thread();
                let emit = |step| drop(SAVED.emit(thread, 10 * round + step));
                barrier.wait(); // all have spies
                assert_emitted!(SAVED, [(thread, 10 * round), (thread, 10 * round + 1)] => {
                    emit(0);
                    emit(1);
                });
                assert_not_emitted!(SAVED => barrier.wait());
                emit(2);
                let expected = [0, 1, 2].map(|step| (thread, 10 * round + step));
                assert_eq!(spy.calls(), expected);
                barrier.wait(); // all have looked
            }
        });
        assert_eq!(all.wait(8 * 300, DEADLOCK).unwrap().len(), 8 * 300);
        for thread in 0..8 {
            let of_one = all.calls().into_iter().filter(|&(of, _)| of == thread);
            let steps = of_one.map(|(_, step)| step);
            let expected = (0..100).flat_map(|round| [0, 1, 2].map(|step| 10 * round + step));
            assert!(steps.eq(expected), "each thread's emissions are in order");
        }
    });
}

#[test]
fn this_thread_forgets_what_others_emitted_before() {
    static SAVED: Signal<(u8,)> = Signal::new();

    let spy = Spy::on(&SAVED);
    SAVED.emit(1);
    thread::spawn(|| SAVED.emit(2)).join().unwrap();
    SAVED.emit(3);
    thread::spawn(|| SAVED.emit(4)).join().unwrap();
    assert_eq!(spy.len(), 4);
    let spy = spy.this_thread();
    assert_eq!((spy.len(), spy.calls()), (2, vec![(1,), (3,)]));
    thread::spawn(|| SAVED.emit(5)).join().unwrap();
    SAVED.emit(6);
    assert_eq!(spy.calls(), [(1,), (3,), (6,)]);
    let few = spy
        .wait(4, Duration::from_millis(1))
        .unwrap_err()
        .to_string();
    assert!(
        few.starts_with("expected 4 emissions within 1ms, seen 3:"),
        "{few}"
    );
}

#[test]
fn this_thread_is_that_of_the_call_and_holds_for_all_signals() {
    static SAVED: Signal<(u8,)> = Signal::new();
    static CLOSED: Signal<()> = Signal::new();

    let local = LocalSignal::<()>::new();
    let spy = Spy::map(&SAVED, |(n,)| n)
        .this_thread()
        .and(&CLOSED, |()| 100)
        .and(&local, |()| 200);
    let emit = |n| {
        SAVED.emit(n);
        CLOSED.emit();
    };
    thread::spawn(move || emit(1)).join().unwrap();
    emit(2);
    local.emit();
    assert_eq!(spy.calls(), [2, 100, 200]);
}

#[test]
fn emissions_of_other_threads_clone_nothing_for_the_spy_and_do_not_call_its_closure() {
    static SAVED: Signal<(Counted,)> = Signal::new();

    let here = thread::current().id();
    let spy = Spy::map(&SAVED, move |(counted,)| {
        assert_eq!(thread::current().id(), here);
        counted.is_clone
    });
    let spy = spy.this_thread();
    SAVED.connect(drop);
    let counted = Counted::default();
    let clones = counted.clones.clone();
    thread::spawn(|| SAVED.emit(counted)).join().unwrap();
    assert_eq!((clones.get(), spy.len()), (0, 0));
    SAVED.emit(Counted::default());
    assert_eq!(spy.calls(), [true]);
}

#[test]
fn an_item_that_another_thread_is_making_is_forgotten_too() {
    static SAVED: Signal<(u8,)> = Signal::new();

    within(DEADLOCK, "an item in the making", || {
        let steps = Arc::new(Barrier::new(2));
        let making = Arc::clone(&steps);
        let spy = Spy::map(&SAVED, move |(n,)| {
            making.wait(); // the item is being made
            making.wait(); // the spy listens to its own thread only
            n
        });
        let emitter = thread::spawn(|| SAVED.emit(1));
        steps.wait();
        let spy = spy.this_thread();
        steps.wait();
        emitter.join().unwrap();
        assert!(spy.is_empty());
    });
}

#[test]
fn what_a_thread_emits_for_this_one_is_that_threads() {
    static SAVED: Signal<(u8,)> = Signal::new();

    let spy = Spy::on(&SAVED);
    let mine = Spy::on(&SAVED).this_thread();
    thread::scope(|scope| drop(scope.spawn(|| SAVED.emit(1))));
    assert_eq!((spy.len(), mine.len()), (1, 0));
}

#[test]
fn a_thread_may_emit_while_a_spy_is_dropped() {
    static SAVED: Signal<(usize,)> = Signal::new();

    within(DEADLOCK, "spies that come and go", || {
        together(4, |thread| {
            for n in 0..300 {
                let spy = Spy::on(&SAVED);
                SAVED.emit(thread);
                assert!(spy.take().contains(&(thread,)), "emission {n}");
            }
        });
        assert!(SAVED.is_empty());
    });
}
