//! What crosses threads and unwinding.

use std::collections::HashSet;
use std::panic::catch_unwind;
use std::rc::Rc;
use std::sync::{Arc, mpsc};
use std::thread;

use smoke_signal::testing::Spy;
use smoke_signal::{Registry, Signal};

use crate::common::{Counter, Recorder, message, throw, together};

#[test]
fn threads_may_race_for_the_first_use_of_a_static() {
    const THREADS: usize = 8;
    static SIGNAL: Signal<(usize,), usize> = Signal::new();
    let keys = together(THREADS, |number| SIGNAL.connect(move |n| number + n));
    assert_eq!(keys.iter().collect::<HashSet<_>>().len(), THREADS);
    assert_eq!(SIGNAL.len(), THREADS);

    let mut results = together(THREADS, |n| SIGNAL.emit(100 * n));
    for (n, results) in results.iter_mut().enumerate() {
        results.sort_unstable();
        let expected: Vec<_> = (0..THREADS).map(|number| 100 * n + number).collect();
        assert_eq!(*results, expected);
    }
    assert_eq!(
        together(THREADS, |number| SIGNAL.disconnect(keys[number])),
        [true; THREADS]
    );
    assert!(SIGNAL.is_empty());
}

#[test]
fn a_signal_is_shared_in_an_arc() {
    let signal: Arc<Signal<(u32,), u32>> = Arc::default();
    let key = signal.connect(|n| n);
    let emitters: Vec<_> = (0..4)
        .map(|n| {
            let signal = Arc::clone(&signal);
            thread::spawn(move || (signal.emit(n).into_vec(), signal.contains(key)))
        })
        .collect();
    for (n, emitter) in (0..).zip(emitters) {
        assert_eq!(emitter.join().unwrap(), (vec![n], true));
    }

    // The last owner drops the slots, whichever thread it is on.
    let drops = Counter::default();
    let held = drops.tracked();
    signal.connect(move |n| {
        held.touch();
        n
    });
    let last = Arc::clone(&signal);
    drop(signal);
    assert_eq!(drops.get(), 0);
    thread::spawn(move || drop(last)).join().unwrap();
    assert_eq!(drops.get(), 1);
}

#[test]
fn a_signal_moves_to_another_thread() {
    let signal: Signal<(Rc<str>,), usize> = Signal::new();
    let key = signal.connect(|text| text.len());
    let signal = thread::spawn(move || {
        assert_eq!(signal.emit(Rc::from("four")), [4]);
        signal
    })
    .join()
    .unwrap();
    assert!(signal.disconnect(key));
}

#[test]
fn signals_are_used_within_catch_unwind() {
    static SHARED: Signal<(), u8> = Signal::new();
    let signal: Signal<(Rc<str>,), Rc<str>> = Signal::new();
    let registry = Registry::new();
    signal.connect(|text| text);
    let bad = signal.connect(|_| throw("bad slot"));
    registry.on("bad", || throw("bad callback")).unwrap();

    // What matters is that these compile without `AssertUnwindSafe`.
    let payload = catch_unwind(|| signal.emit(Rc::from("a")).len()).unwrap_err();
    assert_eq!(message(&*payload), "bad slot");
    let payload = catch_unwind(|| registry.emit("bad", ())).unwrap_err();
    assert_eq!(message(&*payload), "bad callback");
    assert!(catch_unwind(|| signal.disconnect(bad)).unwrap());
    assert_eq!(signal.emit(Rc::from("a")), [Rc::from("a")]);
    let (left, names) = catch_unwind(move || (signal.len(), registry.signals(|| ()))).unwrap();
    assert_eq!((left, names), (1, vec![]));

    SHARED.connect(|| 1);
    assert_eq!(catch_unwind(|| SHARED.emit()).unwrap(), [1]);
}

#[test]
fn an_emission_may_continue_on_another_thread() {
    let signal: Signal<(String,), Rc<str>> = Signal::new();
    let home = thread::current().id();
    let places = Recorder::new();
    for n in 0..4 {
        let places = places.clone();
        signal.connect(move |text| {
            places.add(thread::current().id() == home);
            Rc::from(format!("{text}{n}"))
        });
    }
    let mut calls = signal.calls("slot ".to_owned());
    assert_eq!(calls.next().as_deref(), Some("slot 0"));

    // The emission holds no lock: the signal changes and is dropped while the emission is in transit.
    let (sender, receiver) = mpsc::channel();
    let other = thread::spawn(move || {
        let mut calls: smoke_signal::Calls<'static, (String,), Rc<str>> =
            receiver.recv().expect("an emission");
        let second = calls.next().as_deref().map(str::to_owned);
        (second, calls)
    });
    signal.connect(|_| unreachable!("connected during the emission"));
    sender.send(calls).expect("the other thread receives");
    let (second, calls) = other.join().unwrap();
    assert_eq!(second.as_deref(), Some("slot 1"));

    let third = signal.connections()[2];
    signal.disconnect(third);
    let rest: Vec<_> = calls.catch_unwind().map(Result::unwrap).collect();
    assert_eq!(rest, [Rc::from("slot 3")]);
    assert_eq!(places.take(), [true, false, true]);
}

#[test]
fn an_emission_outlives_its_signal_on_another_thread() {
    let drops = Counter::default();
    let signal: Signal<(u8,), u8> = Signal::new();
    for _ in 0..2 {
        let held = drops.tracked();
        signal.connect(move |n| {
            held.touch();
            n
        });
    }
    let mut calls = signal.calls(1);
    assert_eq!(calls.next(), Some(1));
    thread::spawn(move || {
        drop(signal);
        drop(calls);
    })
    .join()
    .unwrap();
    assert_eq!(drops.get(), 2);
}

#[test]
fn a_guard_emits_on_the_thread_that_drops_it() {
    static DONE: Signal<(&'static str,)> = Signal::new();
    let spy = Spy::map(&DONE, |(what,)| (what, thread::current().id()));
    let guard = DONE.emitting("moved");
    let other = thread::spawn(move || {
        let _guard = guard;
        thread::current().id()
    });
    let other = other.join().unwrap();
    assert_eq!(spy.calls(), [("moved", other)]);
}
