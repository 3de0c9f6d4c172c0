//! Blocking: counted guards that keep a slot, or all of a signal, from being called.

use std::mem;
use std::sync::{Arc, Barrier, Mutex, OnceLock};
use std::thread;

use smoke_signal::{BlockGuard, ByRef, Connection, Registry, Signal};

use crate::common::{
    Counted, Counter, DEADLOCK, Numbers, Recorder, said, throw, thrown, together, within,
};

/// A guard to be dropped later, by a slot that exists before it.
type Later = Arc<Mutex<Option<BlockGuard>>>;

/// A key to be known later.
type Key = Arc<OnceLock<Connection>>;

/// A signal with the slots `a`, `b`, `c`.
fn abc() -> (Signal<(), char>, [Connection; 3]) {
    let signal = Signal::<(), char>::new();
    let slots = ['a', 'b', 'c'].map(|letter| signal.connect(move || letter));
    (signal, slots)
}

/// How the listing shows the signal's slots: for each whether it is blocked.
fn shown(signal: &Signal<(), char>) -> Vec<bool> {
    signal.slots().iter().map(|slot| slot.blocked).collect()
}

// Boost.Signals2: shared_connection_block_test.cpp; palacaze/sigslot: test_connection_blocking
#[test]
fn passed_over_and_called_again_in_its_old_place() {
    let (signal, slots) = abc();
    for (slot, without) in slots.into_iter().zip(["bc", "ac", "ab"]) {
        let guard = signal.block(slot);
        assert!(guard.is_some());
        assert_eq!(said(&signal), without);
        drop(guard);
        assert_eq!(said(&signal), "abc");
    }
}

#[test]
fn a_blocked_slot_is_connected_counted_and_listed() {
    let (signal, slots) = abc();
    let _guard = signal.block(slots[1]).unwrap();
    assert!(signal.contains(slots[1]));
    assert_eq!(signal.len(), 3);
    assert_eq!(signal.connections(), slots);
    assert_eq!(shown(&signal), [false, true, false]);
    assert!(signal.disconnect(slots[1]), "and can be disconnected");
    assert_eq!(shown(&signal), [false, false]);
}

#[test]
fn a_signal_is_not_empty_for_being_blocked() {
    let signal = Signal::<(), char>::new();
    let slot = signal.connect(|| 'a');
    let _guards = (signal.block(slot), signal.block_all());
    assert!(!signal.is_empty());
    assert!(signal.emit().is_empty());
    assert_eq!(signal.calls().next(), None);
    drop(signal.emitting());
}

// palacaze/sigslot: test_connection_blocker; signals2: connection_block_test
#[test]
fn the_end_of_a_scope_and_unwinding_end_the_block() {
    let (signal, slots) = abc();
    {
        let _guard = signal.block(slots[0]);
        assert_eq!(said(&signal), "bc");
    }
    assert_eq!(said(&signal), "abc");
    let message = thrown(|| {
        let _guards = (signal.block(slots[0]), signal.block_all());
        assert_eq!(said(&signal), "");
        throw("while blocked");
    });
    assert_eq!(message, "while blocked");
    assert_eq!(said(&signal), "abc");
    assert!(!signal.is_blocked(slots[0]));
}

// signals2: connection_block_test; GObject: g_signal_handler_block
#[test]
fn guards_are_counted_whichever_goes_first() {
    let (signal, slots) = abc();
    let slot = slots[1];
    let mut numbers = Numbers(3);
    for count in [2, 3, 50] {
        let mut guards: Vec<_> = (0..count).map(|_| signal.block(slot)).collect();
        while !guards.is_empty() {
            assert!(signal.is_blocked(slot));
            assert_eq!(said(&signal), "ac");
            drop(guards.remove(numbers.below(guards.len())));
        }
        assert!(!signal.is_blocked(slot));
        assert_eq!(said(&signal), "abc");
    }
}

// signals2: connection_block_test; GObject: g_signal_handler_block
#[test]
fn nested_scopes() {
    let (signal, slots) = abc();
    let outer = signal.block(slots[1]);
    {
        let _inner = signal.block(slots[1]);
        let _other = signal.block(slots[2]);
        assert_eq!(said(&signal), "a");
    }
    assert_eq!(said(&signal), "ac");
    drop(outer);
    assert_eq!(said(&signal), "abc");
}

// signals2: connection_block_test; Boost.Signals2: shared_connection_block_test.cpp
#[test]
fn guards_re_assigned_and_swapped() {
    let (signal, slots) = abc();
    let mut one = signal.block(slots[0]);
    let mut two = signal.block(slots[1]);
    mem::swap(&mut one, &mut two);
    drop(one);
    assert_eq!(said(&signal), "bc");
    two = signal.block(slots[2]);
    assert_eq!(said(&signal), "ab");
    drop(two);
    assert_eq!(said(&signal), "abc");
}

// signals2: connection_block_test
#[test]
fn a_guard_whose_slot_or_signal_has_gone_is_harmless() {
    let (signal, slots) = abc();
    let guards = slots.map(|slot| signal.block(slot).unwrap());
    signal.disconnect(slots[0]);
    let [first, second, third] = guards;
    drop(first);
    assert_eq!(said(&signal), "");
    assert!(!signal.is_blocked(slots[0]));
    signal.disconnect_all();
    drop(second);
    let new = signal.connect(|| 'n');
    assert!(!signal.is_blocked(new));
    assert_eq!(said(&signal), "n");
    let whole = signal.block_all();
    drop(signal);
    drop((third, whole));
}

// signals2: connection_block_test
#[test]
fn a_guard_does_not_keep_slots_alive() {
    let dropped = Counter::default();
    let signal = Signal::<()>::new();
    let slot = signal.connect(dropped.tracked().held());
    let guards = (signal.block(slot), signal.block_all());
    signal.disconnect(slot);
    assert_eq!(dropped.get(), 1);
    signal.connect(dropped.tracked().held());
    drop(signal);
    assert_eq!(dropped.get(), 2);
    drop(guards);
}

// signals2: connection_block_test
#[test]
fn slots_may_own_guards_of_their_own_signal() {
    // A cycle, were the guard strong.
    let dropped = Counter::default();
    let signal = Signal::<()>::new();
    let other = signal.connect(|| ());
    let guards = Mutex::new(vec![signal.block(other), Some(signal.block_all())]);
    let tracked = dropped.tracked();
    signal.connect(move || {
        tracked.touch();
        let _ = &guards;
    });
    drop(signal);
    assert_eq!(dropped.get(), 1);
}

// signals2: connection_block_test
#[test]
fn a_guard_in_a_slots_captures_goes_with_it() {
    let (signal, slots) = abc();
    let guard = signal.block(slots[2]);
    let owner = signal.connect(move || {
        let _ = &guard;
        'o'
    });
    assert_eq!(said(&signal), "abo");
    signal.disconnect(owner);
    assert_eq!(said(&signal), "abc");
}

// signals2: connection_block_test
#[test]
fn nothing_to_block() {
    let signal = Signal::<(), char>::new();
    assert!(signal.block(Connection::default()).is_none());
    let stale = signal.connect(|| 's');
    signal.disconnect(stale);
    let used_up = signal.once(|| 'o');
    signal.emit();
    let never = signal.options().max_calls(0).connect(|| 'n');
    let slot = signal.connect(|| 'c');
    for dead in [Connection::default(), stale, used_up, never] {
        assert!(signal.block(dead).is_none());
        assert!(!signal.is_blocked(dead));
        let _guard = signal.block_all();
        assert!(signal.block(dead).is_none());
        assert!(!signal.is_blocked(dead), "it is not connected");
    }
    assert!(!signal.is_blocked(slot));
    assert_eq!(said(&signal), "c");
}

// signals2: connection_block_test
#[test]
fn a_promised_key_is_not_connected_yet() {
    let signal = Signal::<(), char>::new();
    let slot = signal.connect_with_key(|me| {
        assert!(signal.block(me).is_none());
        assert!(!signal.is_blocked(me));
        || 'a'
    });
    assert!(signal.block(slot).is_some());
    assert_eq!(said(&signal), "a");
}

#[test]
fn the_block_is_on_the_connection_not_the_callable() {
    fn a() -> char {
        'a'
    }
    let signal = Signal::<(), char>::new();
    let (one, two) = (signal.connect(a), signal.connect(a));
    let _guard = signal.block(one);
    assert_eq!(said(&signal), "a");
    assert!(!signal.is_blocked(two));
}

#[test]
fn a_guard_leaves_alone_the_slot_that_took_the_storage_place() {
    let signal = Signal::<(), char>::new();
    let old = signal.connect(|| 'o');
    let guard = signal.block(old);
    signal.disconnect(old);
    let new = signal.connect(|| 'n');
    assert!(!signal.is_blocked(new), "it starts unblocked");
    let own = signal.block(new);
    drop(guard);
    assert!(signal.is_blocked(new), "the old guard is not its own");
    assert_eq!(said(&signal), "");
    drop(own);
    assert_eq!(said(&signal), "n");
}

#[test]
fn ten_thousand_guards_of_slots_in_the_same_storage_place() {
    let signal = Signal::<(), char>::new();
    let mut guards = Vec::new();
    for _ in 0..10_000 {
        let slot = signal.connect(|| 'x');
        guards.push(signal.block(slot));
        signal.disconnect(slot);
    }
    let last = signal.connect(|| 'l');
    let own = signal.block(last);
    drop(guards);
    assert!(signal.is_blocked(last));
    drop(own);
    assert_eq!(said(&signal), "l");
}

#[test]
fn the_budget_is_untouched() {
    let signal = Signal::<(), char>::new();
    let thrice = signal.options().max_calls(3).connect(|| 't');
    let once = signal.once(|| 'o');
    let left = || -> Vec<_> { signal.slots().iter().map(|s| s.calls_left).collect() };
    for _ in 0..10 {
        let _guards = (signal.block(thrice), signal.block(once));
        assert_eq!(said(&signal), "");
        assert_eq!(left(), [Some(3), Some(1)]);
    }
    for _ in 0..10 {
        let _guard = signal.block_all();
        assert_eq!(said(&signal), "");
        assert_eq!(left(), [Some(3), Some(1)]);
    }
    assert_eq!(said(&signal), "to");
    let guard = signal.block(thrice);
    assert_eq!(said(&signal), "");
    drop(guard);
    assert_eq!(said(&signal), "t");
    assert_eq!(said(&signal), "t");
    assert!(!signal.contains(thrice) && !signal.contains(once));
}

#[test]
fn the_budget_of_a_registry_callback_is_untouched() {
    let registry = Registry::new();
    let receiver = registry.on_max(["a", "b"], 2, || ()).unwrap();
    let signal = registry.signal::<(), ()>("a").unwrap();
    let guard = signal.block(signal.connections()[0]);
    assert_eq!(registry.emit("a", ()), Ok(0));
    assert_eq!(registry.calls_left(receiver), Some(2));
    assert_eq!(registry.emit("b", ()), Ok(1), "its other name goes on");
    drop(guard);
    assert_eq!(registry.emit("a", ()), Ok(1));
    assert_eq!(registry.calls_left(receiver), None);
}

#[test]
fn arguments_are_not_cloned_for_a_blocked_slot() {
    let signal = Signal::<(Counted,), bool>::new();
    let slot = signal.connect(|argument| argument.is_clone);
    signal.connect(|argument| argument.is_clone);
    let argument = Counted::default();
    let clones = argument.clones.clone();
    let guard = signal.block(slot);
    assert_eq!(signal.emit(argument), [false]);
    assert_eq!(clones.get(), 0);
    drop(guard);
    let argument = Counted::default();
    let clones = argument.clones.clone();
    assert_eq!(signal.emit(argument), [true, false]);
    assert_eq!(clones.get(), 1);
}

// Boost.Signals2: shared_connection_block_test.cpp; palacaze/sigslot: test_connection_blocking
#[test]
fn every_kind_of_slot() {
    let signal = Signal::<(ByRef<str>,), char>::new();
    let object = Arc::new('w');
    let slots = [
        signal.connect(|_| 'p'),
        signal.once(|_| 'o'),
        signal.options().max_calls(9).connect(|_| 'l'),
        signal.connect_with_key(|_| |_| 'k'),
        signal.connect_weak(&object, |object, _| *object),
        signal.options().waitable().connect(|_| 'q'),
        signal
            .options()
            .waitable()
            .connect_weak(&object, |_, _| 'v'),
    ];
    let all = "polkwqv";
    for (n, slot) in slots.into_iter().enumerate() {
        let _guard = signal.block(slot).expect("it is connected");
        assert!(signal.is_blocked(slot));
        let mut shown = [false; 7];
        shown[n] = true;
        assert!(signal.slots().iter().map(|s| s.blocked).eq(shown));
        // The others would be used up.
        let _others: Vec<_> = slots.iter().map(|slot| signal.block(*slot)).collect();
        assert!(signal.emit("").is_empty());
    }
    assert_eq!(signal.emit("").iter().collect::<String>(), all);
}

// signals2: signal_emitting_cloned_block_test; GObject: g_signal_handler_unblock
#[test]
fn blocked_before_its_turn_it_is_passed_over() {
    let (signal, after) = (Signal::<(), char>::new(), Key::default());
    let signal = Arc::new(signal);
    let guard = Later::default();
    let (weak, known, kept) = (Arc::downgrade(&signal), after.clone(), guard.clone());
    signal.connect(move || {
        *kept.lock().unwrap() = weak.upgrade().unwrap().block(*known.get().unwrap());
        'a'
    });
    after.set(signal.connect(|| 'b')).unwrap();
    signal.connect(|| 'c');
    assert_eq!(said(&signal), "ac");
    guard.lock().unwrap().take();
    assert_eq!(said(&signal), "ac");
}

// signals2: signal_emitting_cloned_block_test; GObject: g_signal_handler_unblock
#[test]
fn unblocked_before_its_turn_it_is_called() {
    let (signal, guard) = (Signal::<(), char>::new(), Later::default());
    let kept = guard.clone();
    signal.connect(move || {
        kept.lock().unwrap().take();
        'a'
    });
    let after = signal.connect(|| 'b');
    *guard.lock().unwrap() = signal.block(after);
    assert_eq!(said(&signal), "ab");
}

// signals2: signal_emitting_cloned_block_test; GObject: g_signal_handler_unblock
#[test]
fn one_that_had_its_turn_is_blocked_from_the_next_emission_on() {
    let signal = Arc::new(Signal::<(), char>::new());
    let before = signal.connect(|| 'a');
    let guard = Later::default();
    let (weak, kept) = (Arc::downgrade(&signal), guard.clone());
    signal.connect(move || {
        *kept.lock().unwrap() = weak.upgrade().unwrap().block(before);
        'b'
    });
    assert_eq!(said(&signal), "ab");
    assert_eq!(said(&signal), "b");
    guard.lock().unwrap().take();
    assert_eq!(said(&signal), "ab");
}

// signals2: signal_emitting_cloned_block_test; GObject: g_signal_handler_unblock
#[test]
fn in_a_lazy_emission_between_its_calls() {
    let (signal, slots) = abc();
    let mut calls = signal.calls();
    assert_eq!(calls.next(), Some('a'));
    let guard = signal.block(slots[1]);
    assert_eq!(calls.next(), Some('c'));
    assert_eq!(calls.next(), None);
    let mut calls = signal.calls();
    assert_eq!(calls.next(), Some('a'));
    drop(guard);
    assert_eq!(calls.next(), Some('b'));
}

// signals2: signal_emitting_cloned_block_test; GObject: g_signal_handler_unblock
#[test]
fn an_old_view_sees_the_block_too() {
    let (signal, slots) = abc();
    let calls = signal.calls();
    signal.connect(|| 'd');
    assert_eq!(said(&signal), "abcd");
    let _guard = signal.block(slots[1]);
    assert_eq!(calls.collect::<String>(), "ac");
}

// signals2: block_while_emitting
#[test]
fn a_slot_blocks_itself_before_it_re_emits() {
    static SIGNAL: Signal<(u32,), u32> = Signal::new();
    SIGNAL.connect_with_key(|me| {
        move |n| {
            assert!(!SIGNAL.is_blocked(me));
            let _guard = SIGNAL.block(me).expect("it is connected");
            assert!(SIGNAL.is_blocked(me));
            n + SIGNAL.emit(n + 1).iter().sum::<u32>()
        }
    });
    SIGNAL.connect(|n| n);
    assert_eq!(SIGNAL.emit(100), [201, 100]);
    assert_eq!(SIGNAL.emit(100), [201, 100]);
}

// signals2: block_while_emitting
#[test]
fn a_running_slot_that_blocks_itself_runs_on() {
    static SIGNAL: Signal<(), char> = Signal::new();
    let guard = Later::default();
    let kept = guard.clone();
    SIGNAL.connect_with_key(|me| {
        move || {
            *kept.lock().unwrap() = SIGNAL.block(me);
            's'
        }
    });
    assert_eq!(said(&SIGNAL), "s");
    assert_eq!(said(&SIGNAL), "");
    guard.lock().unwrap().take();
    assert_eq!(said(&SIGNAL), "s");
    guard.lock().unwrap().take();
}

// Node: node-v0.x-archive#6503
#[test]
fn a_once_slot_blocked_waits_for_its_call() {
    let signal = Signal::<(), String>::new();
    let text = String::from("once");
    let slot = signal.once(move || text);
    for _ in 0..3 {
        let _guard = signal.block(slot);
        assert!(signal.emit().is_empty());
        assert!(signal.contains(slot));
    }
    assert_eq!(signal.emit(), ["once"]);
    assert!(signal.block(slot).is_none());
    assert!(signal.emit().is_empty());
}

// Node: node-v0.x-archive#6503
#[test]
fn a_once_slot_is_nothing_to_block_from_inside() {
    static SIGNAL: Signal<()> = Signal::new();
    SIGNAL.options().max_calls(1).connect_with_key(|me| {
        move || {
            assert!(SIGNAL.block(me).is_none());
            assert!(!SIGNAL.is_blocked(me));
        }
    });
    assert_eq!(SIGNAL.emit().len(), 1);
}

// palacaze/sigslot: test_connection_blocker; signals2: connection_block_test
#[test]
fn guards_dropped_on_other_threads() {
    let (signal, slots) = abc();
    let guards = [signal.block(slots[0]).unwrap(), signal.block_all()];
    let guards = thread::scope(|scope| {
        let moved = scope.spawn(|| {
            assert_eq!(said(&signal), "");
            guards
        });
        moved.join().unwrap()
    });
    for guard in guards {
        thread::spawn(move || drop(guard)).join().unwrap();
    }
    assert_eq!(said(&signal), "abc");
    assert!(!signal.is_blocked(slots[0]));
}

// signals2: connection_block_test; GObject: g_signal_handler_block
#[test]
fn counted_over_threads() {
    let (signal, slots) = abc();
    let outer = signal.block(slots[1]);
    together(4, |_| {
        for _ in 0..200 {
            let _guards = (signal.block(slots[1]), signal.block_all());
            assert_eq!(said(&signal), "");
            assert!(signal.is_blocked(slots[1]));
        }
    });
    assert_eq!(said(&signal), "ac");
    drop(outer);
    assert_eq!(said(&signal), "abc");
}

// signals2: connection_block_test; GObject: g_signal_handler_block
#[test]
fn no_call_begins_while_a_guard_lives() {
    // One thread emits; the other blocks, and notes what runs while its guard lives.
    let signal = Signal::<()>::new();
    let calls = Counter::default();
    let slot = signal.connect(calls.adding());
    together(2, |thread| {
        for _ in 0..2000 {
            if thread == 0 {
                signal.emit();
            } else {
                let _guard = signal.block(slot);
                assert!(signal.emit().is_empty());
            }
        }
    });
    signal.emit();
    assert!((1..=2001).contains(&calls.get()));
}

// signals2: signal_emitting_cloned_block_test; GObject: g_signal_handler_unblock
#[test]
fn blocked_by_another_thread_while_the_slot_runs() {
    within(DEADLOCK, "a block meanwhile", || {
        let signal = Arc::new(Signal::<(), char>::new());
        let meet = Arc::new(Barrier::new(2));
        let gate = Arc::clone(&meet);
        let running = signal.connect(move || {
            gate.wait();
            gate.wait();
            'r'
        });
        let after = signal.connect(|| 'a');
        let emitting = Arc::clone(&signal);
        let emission = thread::spawn(move || said(&emitting));
        meet.wait();
        let guards = (signal.block(running), signal.block(after));
        assert_eq!(said(&signal), "", "not waited for");
        meet.wait();
        assert_eq!(emission.join().unwrap(), "r");
        drop(guards);
    });
}

// signals2: connection_block_test
#[test]
fn leaked_guards_block_for_ever() {
    let (signal, slots) = abc();
    mem::forget(signal.block(slots[1]));
    assert_eq!(said(&signal), "ac");
    drop(signal.block(slots[1]));
    assert_eq!(said(&signal), "ac");
    assert!(signal.disconnect(slots[1]), "but may be disconnected");
    mem::forget(signal.block_all());
    drop(signal.block_all());
    assert_eq!(said(&signal), "");
}

// The whole signal.

// palacaze/sigslot: test_signal_blocking; blinker: test_mute_signal; Qt: blockSignals
#[test]
fn a_blocked_signal_calls_nothing() {
    let (signal, slots) = abc();
    let guard = signal.block_all();
    assert_eq!(said(&signal), "");
    assert_eq!(said(&signal), "", "nor the second time");
    assert_eq!(signal.calls().count(), 0);
    drop(guard);
    assert_eq!(said(&signal), "abc");
    assert_eq!(signal.connections(), slots);
}

// palacaze/sigslot: test_signal_blocking; blinker: test_mute_signal; Qt: blockSignals
#[test]
fn an_unused_signal_and_slots_connected_meanwhile() {
    let signal = Signal::<(), char>::new();
    let guard = signal.block_all();
    let slot = signal.connect(|| 'a');
    assert!(signal.is_blocked(slot));
    assert_eq!(said(&signal), "");
    signal.once(|| 'o');
    signal.connect_with_key(|_| || 'k');
    assert_eq!(said(&signal), "");
    assert_eq!(signal.len(), 3);
    drop(guard);
    assert_eq!(said(&signal), "aok");
}

// palacaze/sigslot: test_signal_blocking; blinker: test_mute_signal; Qt: blockSignals
#[test]
fn disconnecting_meanwhile() {
    let (signal, slots) = abc();
    let guard = signal.block_all();
    assert_eq!(said(&signal), "");
    assert!(signal.disconnect(slots[0]));
    assert_eq!(said(&signal), "");
    drop(guard);
    assert_eq!(said(&signal), "bc");
    let guard = signal.block_all();
    signal.disconnect_all();
    drop(guard);
    assert_eq!(said(&signal), "");
}

// signals2: connection_block_test
#[test]
fn is_blocked_and_the_listing_say_so() {
    let (signal, slots) = abc();
    assert_eq!(shown(&signal), [false; 3]);
    let one = signal.block(slots[0]);
    assert_eq!(shown(&signal), [true, false, false]);
    let all = signal.block_all();
    assert_eq!(shown(&signal), [true; 3]);
    assert!(slots.iter().all(|slot| signal.is_blocked(*slot)));
    drop(one);
    assert_eq!(shown(&signal), [true; 3]);
    assert!(signal.is_blocked(slots[0]));
    drop(all);
    assert_eq!(shown(&signal), [false; 3]);
    assert!(!slots.iter().any(|slot| signal.is_blocked(*slot)));
}

// psygnal: test_nested_signal_blocked
#[test]
fn nested_only_the_last_unblocks() {
    let (signal, _) = abc();
    let outer = signal.block_all();
    let inner = signal.block_all();
    assert_eq!(said(&signal), "");
    drop(outer); // whichever goes first
    assert_eq!(said(&signal), "");
    drop(inner);
    assert_eq!(said(&signal), "abc");
}

// palacaze/sigslot: test_signal_blocking; blinker: test_mute_signal; Qt: blockSignals
#[test]
fn guards_of_both_kinds_together() {
    let (signal, slots) = abc();
    let one = signal.block(slots[1]);
    let all = signal.block_all();
    drop(all);
    assert_eq!(said(&signal), "ac");
    let all = signal.block_all();
    drop(one);
    assert_eq!(said(&signal), "");
    let one = signal.block(slots[0]).expect("it is connected");
    drop(all);
    assert_eq!(said(&signal), "bc");
    drop(one);
    assert_eq!(said(&signal), "abc");
}

#[test]
fn an_emission_under_way_goes_on() {
    static SIGNAL: Signal<(), char> = Signal::new();
    let guard = Later::default();
    let kept = guard.clone();
    SIGNAL.connect(move || {
        *kept.lock().unwrap() = Some(SIGNAL.block_all());
        'a'
    });
    SIGNAL.connect(|| {
        assert_eq!(said(&SIGNAL), "", "one that starts now");
        'b'
    });
    assert_eq!(said(&SIGNAL), "ab");
    assert_eq!(said(&SIGNAL), "");
    guard.lock().unwrap().take();
    assert_eq!(said(&SIGNAL), "ab");
    guard.lock().unwrap().take();
}

#[test]
fn an_emission_that_found_it_blocked_stays_so() {
    let (signal, _) = abc();
    let guard = signal.block_all();
    let mut blocked = signal.calls();
    drop(guard);
    assert_eq!(blocked.next(), None);
    let mut open = signal.calls();
    let _guard = signal.block_all();
    assert_eq!(open.next(), Some('a'));
    assert_eq!(open.collect::<String>(), "bc");
}

// palacaze/sigslot: test_signal_blocking; blinker: test_mute_signal; Qt: blockSignals
#[test]
fn a_guard_that_emits_at_the_end_finds_it_blocked() {
    let signal = Signal::<()>::new();
    let record = Recorder::new();
    signal.connect(record.adding("ran"));
    {
        let emitting = signal.emitting();
        let _guard = signal.block_all();
        drop(emitting);
    }
    assert!(record.take().is_empty());
    drop(signal.emitting());
    assert_eq!(record.take(), ["ran"]);
}

// palacaze/sigslot: test_signal_blocking; blinker: test_mute_signal; Qt: blockSignals
#[test]
fn emission_by_name() {
    let registry = Registry::new();
    registry.on("name", || ()).unwrap();
    let signal = registry.signal::<(), ()>("name").unwrap();
    let guard = signal.block_all();
    assert_eq!(registry.emit("name", ()), Ok(0));
    drop(registry.emitting("name").unwrap());
    drop(guard);
    assert_eq!(registry.emit("name", ()), Ok(1));
}

// palacaze/sigslot: test_signal_blocking; blinker: test_mute_signal; Qt: blockSignals
#[test]
fn a_signal_dropped_while_blocked() {
    let dropped = Counter::default();
    let signal = Signal::<()>::new();
    signal.connect(dropped.tracked().held());
    let guard = signal.block_all();
    signal.emit();
    drop(signal);
    assert_eq!(dropped.get(), 1);
    drop(guard);
}

// Boost.Signals2: shared_connection_block_test.cpp
#[test]
fn making_and_dropping_guards_leaves_no_trace() {
    let (signal, slots) = abc();
    for _ in 0..10_000 {
        drop(signal.block(slots[1]));
        drop(signal.block_all());
    }
    assert_eq!(said(&signal), "abc");
    assert_eq!(shown(&signal), [false; 3]);
}

#[test]
fn debug_texts() {
    let (signal, slots) = abc();
    let one = signal.block(slots[1]).unwrap();
    let all = signal.block_all();
    let text = format!("BlockGuard({:?}, ..)", slots[1]);
    assert_eq!(format!("{one:?}"), text);
    assert_eq!(format!("{all:?}"), "BlockGuard(..)");
}
