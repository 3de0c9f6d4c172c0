//! `connect_mut`: slots that change what they captured, and are blocked while they run.
//!
//! Seen to fail when `MutSlot` was broken on purpose:
//!
//! | broken on purpose | fails |
//! |---|---|
//! | `missed` is not counted | `a_nested_emission_passes_over_a_running_slot_and_is_counted` |
//! | `is_blocked` does not know that the slot runs | `a_slot_finds_itself_blocked_while_it_runs` |
//! | the closure is not put back | `state_lasts_from_call_to_call`, `a_panic_ends_the_block` |

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use smoke_signal::LocalSignal;

use crate::common::{Counter, OnDrop, throw, thrown};

/// A signal that its slots can use.
fn shared<R: 'static>() -> (
    Rc<LocalSignal<(u32,), R>>,
    impl Fn() -> Rc<LocalSignal<(u32,), R>> + Clone,
) {
    let signal = Rc::new(LocalSignal::new());
    let weak = Rc::downgrade(&signal);
    (signal, move || weak.upgrade().expect("the test has it"))
}

#[test]
fn state_lasts_from_call_to_call() {
    let signal = LocalSignal::<(), u32>::new();
    let counting = |mut n: u32| {
        move || {
            n += 1;
            n
        }
    };
    signal.connect_mut(counting(6));
    signal.options().group(-1).connect_mut(counting(0));
    signal.connector().connect_mut(counting(9));
    assert_eq!(signal.emit(), [1, 7, 10]);
    assert_eq!(signal.emit(), [2, 8, 11]);
    assert_eq!(signal.calls().max(), Some(12));
}

#[test]
fn a_nested_emission_passes_over_a_running_slot_and_is_counted() {
    let (signal, get) = shared::<u32>();
    let slot = signal.options().max_calls(5).connect_mut(move |n| {
        if n > 0 {
            // The others run, and there is no result for this one.
            assert_eq!(get().emit(n - 1), [100]);
            assert_eq!(get().calls(0).collect::<Vec<_>>(), [100]);
        }
        n
    });
    signal.connect(|_| 100);
    assert_eq!(signal.emit(1), [1, 100]);
    let info = signal.slots()[0];
    assert_eq!((info.connection, info.missed), (slot, 2));
    assert_eq!(info.calls_left, Some(4), "they were not charged");
    assert_eq!(signal.slots()[1].missed, 0);
    assert!(format!("{info:?}").ends_with("calls left: 4, missed: 2"));
    assert_eq!(signal.emit(0), [0, 100]);
    assert_eq!(signal.slots()[0].missed, 2);
}

#[test]
fn a_slot_finds_itself_blocked_while_it_runs() {
    let (signal, get) = shared::<bool>();
    let me = Rc::new(Cell::default());
    let key = Rc::clone(&me);
    let slot = signal.connect_mut(move |_| {
        let signal = get();
        signal.slots()[0].blocked && signal.is_blocked(key.get())
    });
    me.set(slot);
    assert_eq!(signal.emit(0), [true]);
    assert!(!signal.is_blocked(slot) && !signal.slots()[0].blocked);
}

#[test]
fn a_slot_that_disconnects_itself_lives_until_its_call_ends() {
    let (signal, get) = shared::<usize>();
    let drops = Counter::default();
    let (tracked, dropped) = (drops.tracked(), drops.clone());
    let mut calls = 0;
    signal.connect_mut(move |_| {
        calls += 1;
        get().disconnect_all();
        tracked.touch();
        assert!(get().emit(0).is_empty());
        dropped.get() + calls
    });
    assert_eq!(signal.emit(0), [1]);
    assert_eq!(drops.get(), 1);
    assert!(signal.is_empty());
}

#[test]
fn a_slot_may_drop_its_signal() {
    let drops = Counter::default();
    let (tracked, dropped) = (drops.tracked(), drops.clone());
    let owner = Rc::new(RefCell::new(None));
    let signal = LocalSignal::<(), usize>::new();
    let take = Rc::clone(&owner);
    signal.connect_mut(move || {
        drop(take.take());
        tracked.touch();
        dropped.get()
    });
    signal.connect(|| 7);
    let mut emission = signal.calls();
    *owner.borrow_mut() = Some(signal);
    assert_eq!(emission.next(), Some(0));
    assert!(owner.borrow().is_none());
    assert_eq!(emission.next(), Some(7), "the emission runs to its end");
    drop(emission);
    assert_eq!(drops.get(), 1);
}

#[test]
fn a_slot_may_block_connect_and_emit() {
    let (signal, get) = shared::<u32>();
    let mut guards = Vec::new();
    signal.connect_mut(move |n| {
        let signal = get();
        if n == 0 {
            guards.clear();
        } else {
            let new = signal.connect(move |_| n);
            guards.extend(signal.block(new));
            guards.push(signal.block_all());
        }
        n
    });
    assert_eq!(signal.emit(1), [1]);
    assert!(signal.emit(2).is_empty(), "the whole signal is blocked");
    assert_eq!(signal.len(), 2);
}

#[test]
fn a_panic_ends_the_block() {
    let signal = LocalSignal::<(bool,), u32>::new();
    let mut calls = 0;
    let slot = signal.connect_mut(move |panics| {
        calls += 1;
        if panics {
            throw("slot");
        }
        calls
    });
    assert_eq!(thrown(|| signal.emit(true)), "slot");
    assert!(!signal.is_blocked(slot));
    assert_eq!(signal.emit(false), [2], "what it did is kept");
}

#[test]
fn the_clone_of_an_argument_may_still_emit() {
    thread_local! {
        static SIGNAL: LocalSignal<(Emits,), u32> = const { LocalSignal::new() };
    }

    struct Emits(bool);

    impl Clone for Emits {
        fn clone(&self) -> Self {
            if self.0 {
                SIGNAL.with(|signal| assert_eq!(signal.emit(Self(false)), [1, 0]));
            }
            Self(false)
        }
    }

    SIGNAL.with(|signal| {
        let mut calls = 0;
        signal.connect_mut(move |_| {
            calls += 1;
            calls
        });
        signal.connect(|_| 0);
        // The slot is not running yet while its argument is made.
        assert_eq!(signal.emit(Emits(true)), [2, 0]);
        assert_eq!(signal.slots()[0].missed, 0);
    });
}

#[test]
fn a_blocked_slot_is_neither_called_nor_charged() {
    let signal = LocalSignal::<()>::new();
    let slot = signal.options().max_calls(2).connect_mut(|| ());
    let guard = signal.block(slot);
    signal.emit();
    drop(guard);
    let info = signal.slots()[0];
    assert_eq!((info.calls_left, info.missed), (Some(2), 0));
    signal.emit();
    signal.emit();
    assert!(signal.is_empty());
}

#[test]
fn captures_of_a_changing_slot_may_use_the_signal_when_they_are_dropped() {
    let (signal, get) = shared::<u32>();
    let captured = OnDrop(move || {
        let signal = get();
        signal.connect(|n| n);
        assert_eq!(signal.emit(3), [3]);
    });
    let mut n = 0;
    let slot = signal.connect_mut(move |_| {
        let _ = &captured;
        n += 1;
        n
    });
    assert!(signal.disconnect(slot));
    assert_eq!(signal.emit(4), [4]);
}
