//! `keyed`: which slot a lazy emission called.

use std::sync::Arc;

use smoke_signal::{ByMut, Calls, CatchUnwind, Connection, Keyed, Signal};

use crate::common::{message, throw, thrown};

#[test]
fn each_result_comes_with_the_key_of_its_slot() {
    let signal = Signal::<(u8,), u8>::new();
    let second = signal.connect(|n| n);
    let third = signal.connect(|n| n + 1);
    let first = signal.options().first().connect(|n| n + 2);
    let calls: Keyed<Calls<'_, (u8,), u8>> = signal.calls(1).keyed();
    assert_eq!(calls.size_hint(), (0, Some(3)));
    let answers: Vec<(Connection, u8)> = calls.collect();
    assert_eq!(answers, [(first, 3), (second, 1), (third, 2)]);
}

#[test]
fn slots_that_are_passed_over_do_not_shift_the_keys() {
    let signal = Signal::<(), char>::new();
    let keys = ['a', 'b', 'c', 'd', 'e', 'f'].map(|letter| signal.connect(move || letter));
    let mut calls = signal.calls().keyed();
    signal.disconnect(keys[0]);
    let _guard = signal.block(keys[2]);
    assert_eq!(calls.next(), Some((keys[1], 'b')));
    signal.disconnect(keys[1]);
    signal.disconnect(keys[4]);
    assert_eq!(calls.next(), Some((keys[3], 'd')));
    assert_eq!(calls.next(), Some((keys[5], 'f')));
    assert_eq!(calls.next(), None);
    assert_eq!(calls.next(), None);
}

#[test]
fn every_kind_of_slot_has_its_own_key() {
    let signal = Signal::<(), char>::new();
    let object = Arc::new('w');
    let keys = [
        signal.connect(|| 'c'),
        signal.once(|| 'o'),
        signal.connect_with_key(|_| || 'k'),
        signal.connect_weak(&object, |letter| *letter),
        signal.options().waitable().connect(|| 'a'),
        signal.options().waitable().connect_weak(&object, |_| 'x'),
        signal.options().max_calls(1).connect(|| 'm'),
        signal.connect_tuple(|()| 't'),
    ];
    let (called, letters): (Vec<_>, String) = signal.calls().keyed().unzip();
    assert_eq!((called, &*letters), (keys.to_vec(), "cokwaxmt"));
    let left: Vec<_> = signal.calls().keyed().map(|(key, _)| key).collect();
    assert_eq!(left, [keys[0], keys[2], keys[3], keys[4], keys[5], keys[7]]);
}

#[test]
fn the_slot_that_panicked_is_named() {
    let signal = Signal::<(), u8>::new();
    let good = signal.connect(|| 1);
    let bad = signal.connect(|| throw("bad"));
    let last = signal.connect(|| throw("last"));
    let calls: Keyed<CatchUnwind<'_, (), u8>> = signal.calls().catch_unwind().keyed();
    let outcomes: Vec<_> = calls
        .map(|(key, outcome)| (key, outcome.map_err(|payload| message(&*payload))))
        .collect();
    let expected = [
        (good, Ok(1)),
        (bad, Err("bad".to_owned())),
        (last, Err("last".to_owned())),
    ];
    assert_eq!(outcomes, expected);
}

#[test]
fn a_clone_that_panics_is_charged_to_the_slot_it_was_made_for() {
    struct Cloned;
    impl Clone for Cloned {
        fn clone(&self) -> Self {
            throw("a clone")
        }
    }

    let signal = Signal::<(Cloned,)>::new();
    let first = signal.connect(|_| ());
    let last = signal.connect(|_| ());
    let calls = signal.calls(Cloned).catch_unwind().keyed();
    let outcomes: Vec<_> = calls.map(|(key, outcome)| (key, outcome.is_ok())).collect();
    assert_eq!(outcomes, [(first, false), (last, true)]);
}

#[test]
fn a_panic_leaves_a_keyed_emission_usable() {
    let signal = Signal::<(), u8>::new();
    signal.connect(|| throw("first"));
    let second = signal.connect(|| 2);
    let mut calls = signal.calls().keyed();
    assert_eq!(thrown(|| calls.next()), "first");
    assert_eq!(format!("{calls:?}"), "Keyed { slots_left: Some(1), .. }");
    assert_eq!(calls.next(), Some((second, 2)));
}

#[test]
fn the_slot_called_may_be_disconnected_by_its_key() {
    let signal = Signal::<(ByMut<u8>,), bool>::new();
    for limit in 1..=3 {
        signal.connect(move |n| {
            *n += 1;
            *n > limit
        });
    }
    let mut n = 1;
    for (slot, satisfied) in signal.calls(&mut n).keyed() {
        if satisfied {
            assert!(signal.disconnect(slot));
        }
    }
    assert_eq!((n, signal.len()), (4, 0));
    assert!(signal.calls(&mut n).keyed().next().is_none());
}

#[cfg(feature = "async")]
#[test]
fn a_stream_on_the_way_does_not_shift_the_keys() {
    let signal = Signal::<(u8,), u8>::new();
    let _first = signal.stream(1);
    let slot = signal.connect(|n| n);
    let (_next, _last) = (signal.next(), signal.stream(1));
    let answers: Vec<_> = signal.calls(7).keyed().collect();
    assert_eq!(answers, [(slot, 7)]);
}

/// An argument that panics as it is dropped, unless the thread is unwinding.
#[derive(Clone)]
struct Fragile;

impl Drop for Fragile {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            throw("drop of an argument");
        }
    }
}

#[test]
fn an_argument_that_panics_as_it_is_dropped_is_no_slots_fault() {
    let signal = Signal::<(Fragile,)>::new();
    assert_eq!(
        thrown(|| signal.calls(Fragile).catch_unwind().keyed().count()),
        "drop of an argument",
        "never used"
    );
    let slot = signal.connect(std::mem::forget);
    let guard = signal.block(slot);
    let mut calls = signal.calls(Fragile).catch_unwind().keyed();
    assert_eq!(thrown(|| calls.next().is_some()), "drop of an argument");
    assert!(calls.next().is_none());
    drop(guard);
    let outcomes = signal.calls(Fragile).catch_unwind().keyed();
    assert_eq!(
        outcomes
            .map(|(key, called)| (key, called.is_ok()))
            .collect::<Vec<_>>(),
        [(slot, true)]
    );
}
