//! Behaviours that several libraries share.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

use smoke_signal::{Connection, Signal};

use crate::common::{Counter, Recorder, said, throw, thrown};

/// A signal whose slots return their letters, in the order connected.
pub(super) fn letters<const N: usize>(letters: [char; N]) -> (Signal<(), char>, [Connection; N]) {
    let signal: Signal<(), char> = Signal::new();
    let slots = letters.map(|letter| signal.connect(move || letter));
    (signal, slots)
}

pub(super) fn slots_are_called_at_once_in_the_order_connected() {
    let signal: Signal<(u8,)> = Signal::new();
    let record = Recorder::new();
    for name in ["first", "second", "third"] {
        let record = record.clone();
        signal.connect(move |n| record.add((name, n)));
    }
    signal.emit(7);
    assert_eq!(record.take(), [("first", 7), ("second", 7), ("third", 7)]);
}

pub(super) fn a_panic_reaches_the_emitter_and_later_slots_are_not_called() {
    let signal: Signal<()> = Signal::new();
    let (before, after) = (Counter::default(), Counter::default());
    signal.connect(before.adding());
    let thrower = signal.connect(|| throw("a bug"));
    signal.connect(after.adding());
    assert_eq!(thrown(|| signal.emit()), "a bug");
    assert_eq!((before.get(), after.get()), (1, 0));
    signal.disconnect(thrower);
    signal.emit();
    assert_eq!((before.get(), after.get()), (2, 1));
}

pub(super) fn results_come_with_the_slots_that_returned_them() {
    let (signal, [a, b]) = letters(['a', 'b']);
    assert!(signal.calls().keyed().eq([(a, 'a'), (b, 'b')]));
}

pub(super) fn a_scope_disconnects() {
    let signal: Signal<(), char> = Signal::new();
    {
        let _scope = signal.connect_scoped(|| 'a');
        assert_eq!(said(&signal), "a");
    }
    assert!(signal.is_empty());
    let unwound = thrown(|| {
        let _scope = signal.connect_scoped(|| 'a');
        throw("a bug")
    });
    assert_eq!((unwound.as_str(), signal.len()), ("a bug", 0));
}

pub(super) fn a_signal_is_blocked_until_the_last_guard_is_dropped() {
    let (signal, [_]) = letters(['a']);
    let outer = signal.block_all();
    {
        let _inner = signal.block_all();
        assert_eq!(said(&signal), "");
    }
    assert_eq!(said(&signal), "");
    drop(outer);
    assert_eq!(said(&signal), "a");
}

pub(super) fn a_slot_is_blocked_until_the_last_guard_is_dropped() {
    let (signal, [a, _]) = letters(['a', 'b']);
    let outer = signal.block(a).expect("it is connected");
    {
        let _inner = signal.block(a);
        assert_eq!(said(&signal), "b");
    }
    assert!(signal.is_blocked(a));
    assert_eq!(said(&signal), "b");
    drop(outer);
    assert_eq!(said(&signal), "ab");
}

#[derive(Default)]
pub(super) struct Label {
    pub(super) value: AtomicU32,
}

impl Label {
    pub(super) fn show(&self, value: u32) {
        self.value.store(value, Ordering::Relaxed);
    }

    pub(super) fn shown(&self) -> u32 {
        self.value.load(Ordering::Relaxed)
    }
}

pub(super) fn a_method_leaves_with_its_object() {
    let signal: Signal<(u32,)> = Signal::new();
    let label = Arc::new(Label::default());
    let slot = signal.connect_weak(&label, Label::show);
    assert_eq!(Arc::strong_count(&label), 1, "it is not kept alive");
    signal.emit(7);
    assert_eq!(label.shown(), 7);
    drop(label);
    assert!(!signal.contains(slot) && signal.is_empty());
    signal.emit(8);
}

pub(super) fn a_key_disconnects_once() {
    let (signal, [a, b]) = letters(['a', 'b']);
    assert!(signal.contains(a));
    assert!(signal.disconnect(a));
    assert!(!signal.contains(a) && !signal.disconnect(a));
    assert_eq!(said(&signal), "b");
    assert!(signal.contains(b));
}

pub(super) fn groups_are_called_in_ascending_order(groups: [i32; 3]) {
    let signal: Signal<(), char> = Signal::new();
    let [first, second, third] = groups;
    signal.options().group(third).connect(|| 'c');
    signal.options().group(first).connect(|| 'a');
    signal.options().group(second).connect(|| 'b');
    assert_eq!(said(&signal), "abc");
}

pub(super) fn the_first_of_a_group_is_called_before_those_already_in_it() {
    let (signal, _) = letters(['b', 'c']);
    signal.options().first().connect(|| 'a');
    assert_eq!(said(&signal), "abc");
}

pub(super) fn a_lazy_emission_stops_where_its_iterator_does() {
    let (signal, _) = letters(['a', 'b']);
    let after = Counter::default();
    let counted = after.clone();
    signal.connect(move || {
        counted.add();
        'c'
    });
    assert_eq!(signal.calls().find(|letter| *letter == 'b'), Some('b'));
    assert_eq!(after.get(), 0, "the third slot is not called");
    assert_eq!(signal.calls().max(), Some('c'));
}

pub(super) fn a_slot_disconnected_before_its_turn_is_not_called() {
    let signal: Arc<Signal<(), char>> = Arc::default();
    let later = Arc::new(OnceLock::new());
    let (weak, known) = (Arc::downgrade(&signal), Arc::clone(&later));
    signal.connect(move || {
        let signal = weak.upgrade().expect("it is emitting");
        assert!(signal.disconnect(*known.get().expect("it is connected")));
        'a'
    });
    later.set(signal.connect(|| 'b')).expect("once");
    assert_eq!(said(&signal), "a");
}

pub(super) fn a_slot_connected_by_a_slot_is_first_called_by_the_next_emission() {
    let signal: Arc<Signal<(), char>> = Arc::default();
    let weak = Arc::downgrade(&signal);
    signal.once(move || {
        weak.upgrade().expect("it is emitting").connect(|| 'b');
        'a'
    });
    assert_eq!(said(&signal), "a");
    assert_eq!(said(&signal), "b");
}

pub(super) fn a_slot_knows_its_key_and_disconnects_itself() {
    let signal: Arc<Signal<(), char>> = Arc::default();
    let weak = Arc::downgrade(&signal);
    let key = signal.connect_with_key(|key| {
        move || {
            assert!(weak.upgrade().expect("it is emitting").disconnect(key));
            'a'
        }
    });
    assert!(signal.contains(key));
    assert_eq!(said(&signal), "a");
    assert_eq!(said(&signal), "");
}

pub(super) fn a_slot_that_runs_once_has_left_before_it_is_called() {
    let signal: Arc<Signal<(), bool>> = Arc::default();
    let weak = Arc::downgrade(&signal);
    signal.once(move || weak.upgrade().expect("it is emitting").is_empty());
    assert_eq!(signal.emit(), [true]);
    assert!(signal.emit().is_empty());
}

pub(super) fn the_number_of_slots_is_known() {
    let (signal, [a, _]) = letters(['a', 'b']);
    assert_eq!(signal.len(), 2);
    signal.disconnect(a);
    assert_eq!(signal.len(), 1);
    signal.disconnect_all();
    assert!(signal.is_empty());
}
