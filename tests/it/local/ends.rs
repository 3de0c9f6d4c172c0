//! The ends of threads, signals and guards.

use std::cell::RefCell;
use std::rc::Rc;
use std::thread;

use smoke_signal::LocalSignal;
use smoke_signal::local::{Emitting, ScopedConnection};

use crate::common::{Counter, OnDrop, Recorder};

thread_local! {
    static SIGNAL: LocalSignal<(u8,)> = const { LocalSignal::new() };
    static LATER: RefCell<Vec<Box<dyn Fn()>>> = const { RefCell::new(Vec::new()) };
}

/// Slots are dropped when the thread ends. What they drop finds the signal gone, which `try_with` tells.
#[test]
fn slots_are_dropped_with_their_thread() {
    let heard = Recorder::new();
    let record = heard.clone();
    thread::spawn(move || {
        SIGNAL.with(|signal| {
            let heard = record.clone();
            let captured = OnDrop(move || {
                let emitted = SIGNAL.try_with(|signal| signal.emit(1)).is_ok();
                heard.add(if emitted { "emitted" } else { "gone" });
            });
            signal.connect(move |_| {
                let _ = &captured;
            });
        });
    })
    .join()
    .unwrap();
    assert_eq!(heard.take(), ["gone"]);
}

/// Another thread-local is destroyed while the signal may or may not be alive. Neither panics.
#[test]
fn a_destructor_of_another_thread_local_may_emit() {
    let tries = Counter::default();
    for signal_first in [true, false] {
        let (tries, calls) = (tries.clone(), Counter::default());
        let seen = calls.clone();
        thread::spawn(move || {
            let touch = || SIGNAL.with(|signal| signal.connect(move |_| seen.add()));
            let captured = OnDrop(move || {
                tries.add();
                let _ = SIGNAL.try_with(|signal| signal.emit(1));
            });
            let later = || {
                LATER.with(|later| {
                    later.borrow_mut().push(Box::new(move || {
                        let _ = &captured;
                    }));
                });
            };
            if signal_first {
                touch();
                later();
            } else {
                later();
                touch();
            }
        })
        .join()
        .unwrap();
        assert!(calls.get() <= 1);
    }
    assert_eq!(tries.get(), 2);
}

#[test]
fn a_signal_may_be_dropped_inside_its_own_slot() {
    let owner = Rc::new(RefCell::new(None));
    let drops = Counter::default();
    let signal = LocalSignal::<(), u8>::new();
    let take = Rc::clone(&owner);
    let tracked = drops.tracked();
    signal.connect(move || {
        tracked.touch();
        drop(take.take());
        1
    });
    signal.connect(|| 2);
    let guard = signal.emitting();
    *owner.borrow_mut() = Some(signal);
    drop(guard);
    assert!(owner.borrow().is_none());
    assert_eq!(drops.get(), 1);
}

#[test]
fn handles_in_the_captures_of_a_signal_are_dropped_with_it() {
    let signal = LocalSignal::<()>::new();
    let calls = Counter::default();
    let last = signal.connect(calls.adding());
    let owned: (Emitting<'static>, ScopedConnection, _) =
        (signal.emitting(), signal.scoped(last), signal.block_all());
    signal.options().first().connect(move || {
        let _ = &owned;
    });
    drop(signal);
    assert_eq!(calls.get(), 0, "the signal has gone");
}

#[test]
fn handles_outlive_their_signal() {
    let signal = LocalSignal::<()>::new();
    let slot = signal.connect(|| ());
    let scoped = signal.scoped(slot);
    let block = signal.block(slot);
    let all = signal.block_all();
    let emitting = signal.emitting();
    drop(signal);
    assert!(!scoped.is_connected() && !scoped.disconnect());
    drop((block, all, emitting));
}

#[test]
fn a_scope_ends_in_an_emission_whose_signal_has_gone() {
    let signal = LocalSignal::<(), u8>::new();
    let scoped = signal.scoped(signal.connect(|| 1));
    let mut emission = signal.calls();
    drop(signal);
    drop(scoped);
    assert_eq!(emission.next(), None);
}
