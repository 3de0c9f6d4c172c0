//! Guards that block one slot.

use std::mem;
use std::sync::{Arc, Mutex};

use smoke_signal::{ByRef, Connection, Registry, Signal};

use crate::common::{Counted, Counter, Numbers, said, throw, thrown};

use super::{abc, shown};

// Boost.Signals2: shared_connection_block_test.cpp; palacaze/sigslot: test_connection_blocking
#[test]
fn a_blocked_slot_is_not_called_and_keeps_its_position() {
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
fn a_signal_with_only_blocked_slots_is_not_empty() {
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
fn the_block_ends_with_its_scope_and_with_unwinding() {
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
fn guards_are_counted_whichever_is_dropped_first() {
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
fn guards_nest() {
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
fn guards_may_be_reassigned_and_swapped() {
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
fn a_guard_that_outlives_its_slot_or_signal_is_harmless() {
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
    // A strong guard would make a cycle.
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
fn a_guard_in_a_slots_captures_is_dropped_with_it() {
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
fn keys_that_are_not_connected_cannot_be_blocked() {
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
fn a_reserved_key_cannot_be_blocked() {
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
fn a_block_applies_to_the_connection_not_the_callable() {
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
fn a_guard_does_not_affect_the_slot_that_reuses_the_storage() {
    let signal = Signal::<(), char>::new();
    let old = signal.connect(|| 'o');
    let guard = signal.block(old);
    signal.disconnect(old);
    let new = signal.connect(|| 'n');
    assert!(!signal.is_blocked(new), "it starts unblocked");
    let own = signal.block(new);
    drop(guard);
    assert!(signal.is_blocked(new), "the old guard does not affect it");
    assert_eq!(said(&signal), "");
    drop(own);
    assert_eq!(said(&signal), "n");
}

#[test]
fn ten_thousand_guards_of_slots_in_the_same_storage() {
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
fn a_blocked_slot_is_not_charged() {
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
fn a_blocked_registry_callback_is_not_charged() {
    let registry = Registry::new();
    let key = registry.on_max(["a", "b"], 2, || ()).unwrap();
    let signal = registry.signal::<(), ()>("a").unwrap();
    let guard = signal.block(signal.connections()[0]);
    assert_eq!(registry.emit("a", ()), Ok(0));
    assert_eq!(registry.calls_left(key), Some(2));
    assert_eq!(
        registry.emit("b", ()),
        Ok(1),
        "its other name is not blocked"
    );
    drop(guard);
    assert_eq!(registry.emit("a", ()), Ok(1));
    assert_eq!(registry.calls_left(key), None);
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
fn every_kind_of_slot_can_be_blocked() {
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
        // The other kinds would be used up.
        let _others: Vec<_> = slots.iter().map(|slot| signal.block(*slot)).collect();
        assert!(signal.emit("").is_empty());
    }
    assert_eq!(signal.emit("").iter().collect::<String>(), all);
}
