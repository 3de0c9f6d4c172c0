//! The text of two modules, whose parents say which kind of signal it is about.

use std::panic::{AssertUnwindSafe, catch_unwind};

use smoke_signal::testing::Spy;
use smoke_signal::{ByMut, ByRef, Connection};

use super::{Pointer, Signal, Weak};
use crate::common::{Counted, Counter, DEADLOCK, OnDrop, throw, thrown, within};

#[test]
fn slots_are_called_by_group_and_then_by_age() {
    let signal = Signal::<(), char>::new();
    signal.connect(|| 'c');
    signal.options().group(1).connect(|| 'e');
    signal.options().first().connect(|| 'b');
    signal.options().group(-1).connect(|| 'a');
    let last = signal.connect(|| 'd');
    assert_eq!(signal.emit(), ['a', 'b', 'c', 'd', 'e']);
    signal.disconnect(last);
    signal.options().first().connect(|| 'z');
    assert_eq!(signal.calls().collect::<String>(), "azbce");
}

#[test]
fn changes_during_an_emission_reach_the_next() {
    let signal = Pointer::new(Signal::<(), char>::new());
    let weak = Pointer::downgrade(&signal);
    signal.connect(move || {
        let signal = weak.upgrade().unwrap();
        if signal.len() < 3 {
            signal.connect(|| 'n');
        }
        'a'
    });
    assert_eq!(signal.emit(), ['a']);
    assert_eq!(signal.emit(), ['a', 'n']);
    assert_eq!(signal.emit(), ['a', 'n', 'n']);
    assert_eq!(signal.emit(), ['a', 'n', 'n']);
}

#[test]
fn a_slot_that_leaves_before_its_turn_is_not_called() {
    let signal = Pointer::new(Signal::<(), char>::new());
    let weak = Pointer::downgrade(&signal);
    signal.connect(move || {
        let signal = weak.upgrade().unwrap();
        let last = signal.connections().pop();
        assert!(signal.disconnect(last.unwrap()));
        'a'
    });
    signal.connect(|| 'b');
    signal.connect(|| 'c');
    assert_eq!(signal.emit(), ['a', 'b']);
    let mut calls = signal.calls();
    signal.disconnect_all();
    assert_eq!(calls.next(), None);
}

#[test]
fn emissions_that_began_before_other_changes_skip_what_leaves_or_is_blocked() {
    for connects in 0..4 {
        let signal = Signal::<(), u8>::new();
        let slots = [1, 2, 3].map(|n| signal.connect(move || n));
        // Each begins with another list.
        let mut emissions = vec![signal.calls()];
        for _ in 0..connects {
            signal.connect(|| 4);
            emissions.push(signal.calls());
        }
        for emission in &mut emissions {
            assert_eq!(emission.next(), Some(1));
        }
        let guard = signal.block(slots[1]);
        assert_eq!(emissions[0].next(), Some(3), "2 is blocked");
        drop(guard);
        signal.disconnect(slots[2]);
        for emission in &mut emissions[1..] {
            assert_eq!(emission.next(), Some(2));
        }
        for (connected, emission) in emissions.into_iter().enumerate() {
            assert_eq!(
                emission.collect::<Vec<_>>(),
                vec![4; connected],
                "3 has left"
            );
        }
    }
}

#[test]
fn a_budget_is_exact_and_ends_before_the_last_call() {
    let signal = Pointer::new(Signal::<(), bool>::new());
    let weak = Pointer::downgrade(&signal);
    signal.options().max_calls(2).connect_with_key(|me| {
        let weak = Weak::clone(&weak);
        move || weak.upgrade().unwrap().contains(me)
    });
    assert_eq!(signal.slots()[0].calls_left, Some(2));
    assert_eq!(signal.emit(), [true]);
    assert_eq!(signal.emit(), [false]);
    assert!(signal.emit().is_empty() && signal.is_empty());
    let dead = signal.options().max_calls(0).connect(|| true);
    assert!(!signal.contains(dead) && signal.is_empty());
    let once = signal.once(move || weak.upgrade().unwrap().emit().is_empty());
    assert!(signal.contains(once));
    assert_eq!(signal.emit(), [true]);
    assert!(!signal.contains(once));
}

#[test]
fn disconnect_is_true_once_and_only_where_the_key_was_made() {
    let signal = Signal::<()>::new();
    let other = Signal::<()>::new();
    let slot = signal.connect(|| ());
    other.connect(|| ());
    assert!(!other.disconnect(slot) && !other.contains(slot) && other.block(slot).is_none());
    assert!(signal.disconnect(slot) && !signal.disconnect(slot));
    assert!(!signal.disconnect(Connection::default()));
    assert_eq!(other.len(), 1);
}

#[test]
fn captures_are_dropped_at_once_or_with_the_emission_that_holds_them() {
    let signal = Signal::<()>::new();
    let drops = Counter::default();
    let slots = [0; 3].map(|_| signal.connect(drops.tracked().held()));
    signal.emit();
    assert!(signal.disconnect(slots[1]));
    assert_eq!(drops.get(), 1);
    let calls = signal.calls();
    assert!(signal.disconnect(slots[0]));
    assert_eq!(drops.get(), 1);
    drop(calls);
    assert_eq!(drops.get(), 2);
    drop(signal);
    assert_eq!(drops.get(), 3);
}

#[test]
fn a_panic_ends_the_emission_and_nothing_else() {
    let signal = Signal::<(), u8>::new();
    signal.connect(|| 1);
    let bad = signal.options().max_calls(2).connect(|| throw("slot"));
    signal.connect(|| 3);
    assert_eq!(thrown(|| signal.emit()), "slot");
    assert!(signal.contains(bad));
    let mut calls = signal.calls();
    assert_eq!(calls.next(), Some(1));
    assert_eq!(thrown(|| calls.next()), "slot");
    assert_eq!(calls.next(), Some(3));
    assert!(!signal.contains(bad), "the panicking calls were charged");
    assert_eq!(signal.emit(), [1, 3]);
    signal.once(|| throw("once"));
    let outcomes = signal.calls().catch_unwind().keyed();
    let outcomes: Vec<_> = outcomes.map(|(_, outcome)| outcome.ok()).collect();
    assert_eq!(outcomes, [Some(1), Some(3), None]);
}

#[test]
fn a_guard_emits_once_and_its_second_panic_is_discarded() {
    let signal = Signal::<(u8,)>::new();
    let spy = Spy::on(&signal);
    drop(signal.emitting(1));
    signal.emitting(2).cancel();
    signal.connect(|n| {
        if n > 2 {
            throw("slot");
        }
    });
    let unwound = thrown(|| {
        let _guard = signal.emitting(3);
        throw("scope");
    });
    assert_eq!(unwound, "scope");
    assert_eq!(thrown(|| drop(signal.emitting(4))), "slot");
    let guard = signal.emitting(5);
    drop(signal);
    drop(guard);
    assert_eq!(spy.calls(), [(1,), (3,), (4,)]);
}

#[test]
fn arguments_are_cloned_for_all_slots_but_the_last_or_lent() {
    let signal = Signal::<(Counted, ByRef<str>, ByMut<Vec<bool>>)>::new();
    for _ in 0..4 {
        signal.connect(|counted, text, seen| {
            assert_eq!(text, "text");
            seen.push(counted.is_clone);
        });
    }
    let argument = Counted::default();
    let clones = argument.clones.clone();
    let mut seen = Vec::new();
    signal.emit(argument, &String::from("text"), &mut seen);
    assert_eq!(seen, [true, true, true, false]);
    assert_eq!(clones.get(), 3);
    signal.emit_tuple((Counted::default(), "text", &mut seen));
    assert_eq!(seen.len(), 8);
}

#[test]
fn a_clone_that_panics_ends_the_emission_but_is_charged() {
    struct Bomb;
    impl Clone for Bomb {
        fn clone(&self) -> Self {
            throw("clone")
        }
    }
    let signal = Signal::<(Bomb,), u8>::new();
    let limited = signal.options().max_calls(1).connect(|_| 1);
    signal.connect(|_| 2);
    assert_eq!(thrown(|| signal.emit(Bomb)), "clone");
    assert!(!signal.contains(limited));
    assert_eq!(signal.emit(Bomb), [2]);
}

#[test]
fn tuples_serve_code_that_is_generic() {
    let signal = Signal::<(u8, u8), u8>::new();
    signal.connect_tuple(|(a, b)| a + b);
    signal.connector().connect_tuple(|(a, b)| a * b);
    let options = signal.options().max_calls(1);
    options.connect_tuple(|(a, _)| a);
    assert_eq!(signal.emit_tuple((2, 3)), [5, 6, 2]);
    assert_eq!(signal.calls_tuple((2, 3)).max(), Some(6));
}

#[test]
fn scopes_and_blocks_end_with_their_handles() {
    let signal = Signal::<(), u8>::new();
    let scoped = signal.connect_scoped(|| 1);
    let slot = signal.connect(|| 2);
    let blocks = [signal.block(slot), signal.block(slot)];
    assert!(signal.is_blocked(slot) && scoped.is_connected());
    assert_eq!(signal.emit(), [1]);
    let [one, other] = blocks;
    drop(one);
    assert_eq!(signal.emit(), [1]);
    drop(other);
    assert_eq!(signal.emit(), [1, 2]);
    let all = signal.block_all();
    assert!(signal.emit().is_empty() && signal.slots()[1].blocked);
    drop(all);
    assert!(scoped.disconnect());
    assert_eq!(signal.emit(), [2]);
    signal.scoped(slot).release();
    assert!(signal.contains(slot));
    drop(signal.scoped(slot));
    assert!(signal.is_empty());
}

#[test]
fn a_block_lasts_although_an_emission_that_began_before_it_ends() {
    let signal = Pointer::new(Signal::<(), bool>::new());
    let weak = Pointer::downgrade(&signal);
    signal.connect(move || {
        let signal = weak.upgrade().unwrap();
        if signal.len() == 1 {
            let guard = signal.block_all();
            signal.connect(move || {
                let _ = &guard;
                true
            });
        }
        false
    });
    assert_eq!(signal.emit(), [false]);
    assert!(signal.emit().is_empty(), "the guard is in a slot");
    signal.disconnect(signal.connections()[1]);
    assert_eq!(signal.emit(), [false]);
}

/// An emission has called the first of two slots when the signal is dropped.
#[test]
fn what_is_tied_to_a_slot_ends_after_the_signal() {
    let orphaned = |calls: u32, change: bool| {
        let signal = Signal::<(), u8>::new();
        signal.connect(|| 1);
        let slot = signal.options().max_calls(calls).connect(|| 2);
        let mut emissions = [signal.calls(), signal.calls()];
        assert_eq!(emissions[0].next(), Some(1));
        if change {
            signal.options().first().connect(|| 0);
            drop(signal.calls());
        }
        (signal.scoped(slot), signal.block(slot), emissions)
    };
    for change in [false, true] {
        let (_scoped, block, [one, other]) = orphaned(1, change);
        assert_eq!(other.count(), 1, "blocked");
        drop(block);
        assert_eq!(one.count(), 1);
        let (scoped, block, [one, _]) = orphaned(9, change);
        drop(block);
        assert!(scoped.disconnect());
        assert_eq!(one.count(), 0);
        let (_scoped, block, [one, other]) = orphaned(1, change);
        drop(block);
        assert_eq!((one.count(), other.count()), (1, 1), "the budget is shared");
    }
}

#[test]
fn an_object_may_be_born_after_its_slot() {
    struct Object(u8);
    let signal = Signal::<(), u8>::new();
    let object = Pointer::new_cyclic(|this: &Weak<Object>| {
        let slot = signal.connect_weak(this, |object| object.0);
        assert!(!signal.contains(slot) && signal.emit().is_empty() && signal.is_empty());
        assert!(signal.connect(|| 1) != slot);
        assert_eq!(signal.emit(), [1]);
        Object(7)
    });
    assert_eq!(signal.emit(), [7, 1]);
    drop(object);
    assert_eq!(signal.len(), 1);
    assert_eq!(signal.emit(), [1]);
    let dead = signal.connect_weak(&Weak::<u8>::new(), |n| *n);
    assert!(!signal.contains(dead) && !signal.disconnect(dead));
}

#[test]
fn a_weak_slot_leaves_with_its_object() {
    let signal = Signal::<(), usize>::new();
    let drops = Counter::default();
    let text: Pointer<str> = Pointer::from("text");
    let captured = drops.tracked();
    let slot = signal.connect_weak(&text, move |text| {
        captured.touch();
        text.len()
    });
    let other = Pointer::new(5);
    let options = signal.options().max_calls(1);
    options.connect_weak(&Pointer::downgrade(&other), |n| *n);
    assert!(signal.slots()[0].weak);
    assert_eq!(signal.emit(), [4, 5]);
    drop(text);
    assert!(signal.is_empty() && !signal.disconnect(slot));
    signal.connect(|| 0);
    assert_eq!(drops.get(), 1, "the connect has dropped it");
    let objects = [0, 1].map(Pointer::new);
    for object in &objects {
        signal.connect_weak(object, |n| *n);
    }
    drop(objects);
    assert_eq!((signal.len(), signal.connections().len()), (1, 1));
    assert_eq!(signal.emit(), [0]);
}

/// No step looks at all slots: that would take minutes.
#[test]
fn a_hundred_thousand_slots_come_and_go() {
    const SLOTS: usize = 100_000;
    within(DEADLOCK, "connects and disconnects", || {
        let signal = Signal::<(), usize>::new();
        let calls = signal.calls();
        let mut owned = Vec::new();
        for n in 0..SLOTS {
            let object = Pointer::new(n);
            let options = signal.options().group(i32::try_from(n % 7).unwrap());
            let slot = match n % 3 {
                0 => options.connect_weak(&object, |n| *n),
                1 => options.first().connect(move || n),
                _ => options.max_calls(3).connect(move || n),
            };
            assert!(signal.contains(slot) && !signal.is_empty() && !signal.is_blocked(slot));
            owned.push((slot, object));
            if n % 5 == 0 {
                owned.swap_remove(n / 2 % owned.len());
            }
        }
        drop(calls);
        let connected = signal.len();
        assert_eq!(signal.emit().len(), connected);
        for (nth, (slot, object)) in owned.into_iter().enumerate() {
            drop(object);
            signal.disconnect(slot);
            let _ = (
                nth % 2 == 0 && signal.is_empty(),
                signal.block(slot).is_some(),
            );
        }
        drop(signal);
    });
}

#[test]
fn captures_may_change_and_emit_their_signal_when_they_are_dropped() {
    let signal = Pointer::new(Signal::<(), u8>::new());
    let weak = Pointer::downgrade(&signal);
    let make = move || {
        let weak = Weak::clone(&weak);
        let captured = OnDrop(move || {
            if let Some(signal) = weak.upgrade() {
                let slot = signal.connect(|| 9);
                assert!(signal.emit().contains(&9));
                assert!(signal.disconnect(slot) && !signal.is_blocked(slot));
                assert!(signal.slots().len() == signal.len());
            }
        });
        move || {
            let _ = &captured;
            1
        }
    };
    let slots = [0; 4].map(|_| signal.connect(make()));
    assert!(signal.disconnect(slots[1]));
    drop(signal.scoped(slots[2]));
    let mut calls = signal.calls();
    calls.next();
    signal.disconnect_all();
    drop(calls);
    signal.connect(make());
    signal.disconnect_all();
    signal.once(make());
    assert_eq!(signal.emit(), [1]);
    let object = Pointer::new(());
    let f = make();
    signal.connect_weak(&object, move |()| f());
    drop(object);
    signal.connect(|| 2);
    signal.options().max_calls(0).connect(make());
    assert_eq!(signal.emit(), [2]);
}

#[test]
fn ten_thousand_emissions_may_be_nested() {
    // A debug build needs more stack than a test's thread has.
    let builder = std::thread::Builder::new().stack_size(256 << 20);
    let deep = builder.spawn(|| {
        let signal = Pointer::new(Signal::<(u32,), u32>::new());
        let weak = Pointer::downgrade(&signal);
        signal.connect(move |n| match n {
            0 => 0,
            n => 1 + weak.upgrade().unwrap().emit(n - 1)[0],
        });
        assert_eq!(signal.emit(10_000), [10_000]);
    });
    deep.unwrap().join().unwrap();
}

#[test]
fn a_signal_is_whole_after_a_panic_wherever_user_code_runs() {
    let signal = Signal::<(), u8>::new();
    let bomb = || {
        let captured = OnDrop(|| throw("drop"));
        move || {
            let _ = &captured;
            1
        }
    };
    let check = |signal: &Signal<(), u8>, expected: usize| {
        assert_eq!((signal.len(), signal.slots().len()), (expected, expected));
        let slot = signal.connect(|| 2);
        assert_eq!(signal.emit().len(), expected + 1);
        assert!(signal.disconnect(slot));
    };
    let slot = signal.connect(bomb());
    assert_eq!(thrown(|| signal.disconnect(slot)), "drop");
    check(&signal, 0);
    signal.connect(bomb());
    assert_eq!(thrown(|| signal.disconnect_all()), "drop");
    check(&signal, 0);
    signal.once(bomb());
    assert_eq!(thrown(|| signal.emit()), "drop");
    check(&signal, 0);
    let scoped = signal.connect_scoped(bomb());
    assert_eq!(thrown(|| drop(scoped)), "drop");
    check(&signal, 0);
    let made = catch_unwind(AssertUnwindSafe(|| {
        signal.connect_with_key(|_| {
            if signal.is_empty() {
                throw("make");
            }
            || 1
        })
    }));
    assert!(made.is_err());
    check(&signal, 0);
    let calls = signal.calls();
    signal.connect(bomb());
    let held = signal.calls();
    signal.disconnect_all();
    drop(calls);
    assert_eq!(thrown(|| drop(held)), "drop");
    check(&signal, 0);
    let object = Pointer::new(());
    let f = bomb();
    signal.connect_weak(&object, move |()| f());
    drop(object);
    assert_eq!(thrown(|| signal.connect(|| 1)), "drop");
    check(&signal, 0);
    signal.connect(bomb());
    assert_eq!(thrown(|| drop(signal)), "drop");
}
