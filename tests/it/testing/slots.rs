//! A spy is a slot: what it does to its signal, and what is done to it.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use smoke_signal::testing::Spy;
use smoke_signal::{LocalSignal, Signal};

use crate::common::{Counted, Counter, OnDrop, Tracked, throw, thrown};

#[test]
fn a_spy_is_the_last_of_its_group_when_it_is_made() {
    let signal = Signal::<(), char>::new();
    let early = signal.connect(|| 'a');
    let later_group = signal.options().group(1).connect(|| 'z');
    let line = line!() + 1;
    let spy = Spy::on(&signal);
    let [.., spied, _] = signal.slots()[..] else {
        panic!("three slots: {signal:#?}");
    };
    let late = signal.connect(|| 'b');
    let order = [early, spied.connection, late, later_group];
    assert_eq!(signal.connections(), order);
    assert_eq!((spied.group, spied.calls_left), (0, None));
    assert!(!spied.blocked && !spied.weak);
    assert_eq!(
        (spied.location.file(), spied.location.line()),
        (file!(), line)
    );
    assert_eq!(signal.emit(), ['a', 'b', 'z']);
    assert_eq!((spy.len(), signal.len()), (1, 4));
}

#[test]
fn the_line_that_adds_a_signal_is_that_of_its_slot() {
    let (one, other) = (Signal::<()>::new(), LocalSignal::<()>::new());
    let line = line!();
    let spy = Spy::map(&one, |()| 1);
    let _spy = spy.and(&other, |()| 2);
    let lines = [one.slots(), other.slots()].map(|slots| slots[0].location.line());
    assert_eq!(lines, [line + 1, line + 2]);
}

#[test]
fn a_spy_sees_nothing_of_an_emission_in_which_an_earlier_slot_panics() {
    let signal = Signal::<(u8,)>::new();
    let early = Spy::on(&signal);
    signal.connect(|n| {
        if n == 1 {
            throw("a slot");
        }
    });
    let late = Spy::on(&signal);
    assert_eq!(thrown(|| signal.emit(1)), "a slot");
    signal.emit(2);
    assert_eq!((early.take(), late.take()), (vec![(1,), (2,)], vec![(2,)]));
    // Unless the emission goes on.
    assert_eq!(signal.calls(1).catch_unwind().count(), 1);
    assert_eq!((early.take(), late.take()), (vec![(1,)], vec![(1,)]));
}

#[test]
fn a_lazy_emission_reaches_a_spy_on_the_way_to_the_next_result() {
    let signal = Signal::<(u8,), u8>::new();
    signal.connect(|n| n);
    let middle = Spy::on(&signal);
    signal.connect(|n| n + 1);
    let last = Spy::on(&signal);
    let reached = || (middle.take().len(), last.take().len());

    drop(signal.calls(0));
    assert_eq!(reached(), (0, 0));
    assert!(signal.calls(1).any(|n| n == 1), "stops at the first");
    assert_eq!(reached(), (0, 0));
    assert!(signal.calls(1).any(|n| n == 2), "stops at the second");
    assert_eq!(reached(), (1, 0));
    assert_eq!(signal.calls(1).take(2).sum::<u8>(), 3);
    assert_eq!(reached(), (1, 0), "two results are all, but not the end");
    assert_eq!(signal.calls(1).sum::<u8>(), 3);
    assert_eq!(reached(), (1, 1));
}

#[test]
fn budgets_are_as_without_a_spy() {
    let signal = Signal::<(), char>::new();
    signal.options().max_calls(2).connect(|| 'a');
    let spy = Spy::on(&signal);
    signal.once(|| 'b');
    assert_eq!(signal.slots()[0].calls_left, Some(2));
    assert_eq!(signal.emit(), ['a', 'b']);
    assert_eq!(signal.slots()[0].calls_left, Some(1));
    assert_eq!(signal.emit(), ['a']);
    assert!(signal.emit().is_empty());
    assert_eq!((spy.len(), signal.len()), (3, 1));
}

#[test]
fn a_spy_costs_one_clone_as_one_more_slot() {
    fn clones(slots: usize, spies: usize) -> usize {
        let signal = Signal::<(Counted,)>::new();
        let mut spying = Vec::new();
        for _ in 0..slots {
            signal.connect(drop);
        }
        for _ in 0..spies {
            spying.push(Spy::map(&signal, |(counted,)| counted.is_clone));
        }
        let counted = Counted::default();
        let clones = counted.clones.clone();
        signal.emit(counted);
        assert!(spying.iter().all(|spy| spy.len() == 1));
        if let Some(last) = spying.last() {
            assert_eq!(last.calls(), [false], "the last slot gets the original");
        }
        clones.get()
    }
    assert_eq!(clones(3, 0), 2);
    assert_eq!(clones(4, 0), clones(3, 1));
    assert_eq!(clones(0, 1), 0);
    assert_eq!(clones(2, 3), 4);
}

#[test]
fn a_spy_on_owned_arguments_keeps_what_it_is_given() {
    let signal = LocalSignal::<(Counted,)>::new();
    signal.connect(drop);
    let spy = Spy::on(&signal);
    let counted = Counted::default();
    let clones = counted.clones.clone();
    signal.emit(counted);
    assert_eq!(clones.get(), 1, "one for the slot");
    assert!(!spy.take()[0].0.is_clone, "taken as it came");
    assert_eq!(clones.get(), 1);
}

#[test]
fn a_spy_disconnects_when_it_is_dropped() {
    let signal = Signal::<(u8,)>::new();
    let kept = Spy::on(&signal);
    let spy = Spy::on(&signal);
    signal.emit(1);
    drop(spy);
    assert_eq!(signal.len(), 1);
    signal.emit(2);
    assert_eq!(kept.calls(), [(1,), (2,)]);
    drop(kept);
    assert!(signal.is_empty());
}

#[test]
fn a_spy_that_is_dropped_during_an_emission_is_not_called_by_it() {
    let signal = Rc::new(LocalSignal::<()>::new());
    let spy = Rc::new(RefCell::new(None));
    let calls = Counter::default();
    let drops = Counter::default();
    let held = Rc::clone(&spy);
    signal.connect(move || drop(held.take()));
    let tracked = drops.tracked();
    let count = calls.adding();
    spy.replace(Some(Spy::map(&signal, move |()| {
        tracked.touch();
        count();
    })));
    signal.emit();
    assert_eq!((calls.get(), drops.get(), signal.len()), (0, 1, 1));
}

#[test]
fn an_item_that_comes_after_its_spy_is_dropped_at_once() {
    let signal = LocalSignal::<(), usize>::new();
    let spy = Rc::new(RefCell::new(None));
    let drops = Counter::default();
    let (held, items) = (Rc::clone(&spy), drops.clone());
    spy.replace(Some(Spy::map(&signal, move |()| {
        drop(held.take());
        items.tracked()
    })));
    signal.connect(move || drops.get());
    assert_eq!(signal.emit(), [1]);
}

#[test]
fn what_a_spy_has_is_dropped_with_it() {
    let drops = Counter::default();
    let signal = Signal::<(Arc<Tracked>,)>::new();
    let captured = drops.tracked();
    let spy = Spy::map(&signal, move |(item,)| {
        captured.touch();
        item
    });
    signal.emit(Arc::new(drops.tracked()));
    signal.emit(Arc::new(drops.tracked()));
    assert_eq!(drops.get(), 0);
    drop(spy.take());
    assert_eq!(drops.get(), 2);
    signal.emit(Arc::new(drops.tracked()));
    drop(spy);
    assert_eq!(drops.get(), 4, "the item and the capture");
}

#[test]
fn the_drop_of_an_item_may_emit_the_signal() {
    type Dropping = Arc<OnDrop<Box<dyn FnMut() + Send + Sync>>>;
    static DROPPED: Signal<(Option<Dropping>,)> = Signal::new();

    let emitting = || {
        let emit = || drop(DROPPED.emit(None));
        Some(Arc::new(OnDrop(Box::new(emit) as _)))
    };
    let spy = Spy::map(&DROPPED, |(item,)| item).this_thread();
    DROPPED.emit(emitting());
    drop(spy.take());
    assert_eq!(spy.take().len(), 1, "emitted by the drop");
    DROPPED.emit(emitting());
    drop(spy); // which no longer listens
    assert!(DROPPED.is_empty());
}

#[test]
fn a_spy_keeps_what_it_has_when_its_signal_is_dropped() {
    let signal = Signal::<(u8,)>::new();
    let drops = Counter::default();
    let captured = drops.tracked();
    let spy = Spy::map(&signal, move |args| {
        captured.touch();
        args
    });
    signal.emit(1);
    drop(signal);
    assert_eq!(drops.get(), 1, "the slot is dropped with the signal");
    assert_eq!((spy.calls(), spy.take()), (vec![(1,)], vec![(1,)]));
    drop(spy);
}

#[test]
fn an_emission_that_outlives_its_signal_is_recorded() {
    let signal = Rc::new(RefCell::new(Some(LocalSignal::<(u8,)>::new())));
    let drops = Rc::clone(&signal);
    let borrowed = signal.borrow();
    let emitted = borrowed.as_ref().unwrap();
    let calls = {
        emitted.connect(move |_| drop(drops.take()));
        let spy = Spy::on(emitted);
        let calls = emitted.calls(1);
        (spy, calls)
    };
    drop(borrowed);
    let (spy, calls) = calls;
    assert_eq!(calls.count(), 1);
    assert!(signal.borrow().is_none());
    assert_eq!(spy.calls(), [(1,)]);
}

#[test]
fn a_spy_is_blocked_and_disconnected_like_any_slot() {
    let signal = Signal::<(u8,)>::new();
    let spy = Spy::on(&signal);
    let slot = signal.connections()[0];
    let guard = signal.block(slot);
    signal.emit(1);
    drop(guard);
    signal.emit(2);
    let guard = signal.block_all();
    signal.emit(3);
    drop(guard);
    signal.emit(4);
    assert!(signal.disconnect(slot) && !signal.disconnect(slot));
    signal.emit(5);
    assert_eq!(spy.calls(), [(2,), (4,)]);
}
