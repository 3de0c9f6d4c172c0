//! The order of calls: by group, then in the order of connection, with `first` slots ahead.

use std::collections::BTreeMap;
use std::sync::Arc;

use smoke_signal::{Connection, Signal};

use crate::common::{Numbers, said};

// Boost.Signals2: hello_world_multi_slot.cpp; signals2: position_group_order_test
#[test]
fn slots_are_called_in_the_order_of_connection() {
    let signal = Signal::<(), char>::new();
    for letter in 'a'..='z' {
        signal.connect(move || letter);
    }
    assert_eq!(said(&signal), "abcdefghijklmnopqrstuvwxyz");
}

// Boost.Signals2: deletion_test.cpp, test_disconnect_equal
#[test]
fn the_others_keep_their_order_when_one_is_disconnected() {
    let signal = Signal::<(), char>::new();
    let slots = ['a', 'b', 'c', 'd'].map(|letter| signal.connect(move || letter));
    signal.disconnect(slots[2]);
    assert_eq!(said(&signal), "abd");
    signal.disconnect(slots[0]);
    assert_eq!(said(&signal), "bd");
}

#[test]
fn a_slot_in_reused_storage_comes_last() {
    let signal = Signal::<(), char>::new();
    signal.connect(|| 'a');
    let mut leaving = signal.connect(|| 'b');
    signal.connect(|| 'c');
    for _ in 0..100 {
        signal.disconnect(leaving);
        leaving = signal.connect(|| 'd');
        assert_eq!(said(&signal), "acd");
    }
}

#[test]
fn order_survives_many_changes() {
    let signal = Signal::<(), u32>::new();
    let mut numbers = Numbers(68);
    let mut model = Vec::new();
    for round in 0..500 {
        if model.len() > 20 || (!model.is_empty() && numbers.below(3) == 0) {
            let (slot, _) = model.remove(numbers.below(model.len()));
            assert!(signal.disconnect(slot));
        } else {
            model.push((signal.connect(move || round), round));
        }
        let expected: Vec<_> = model.iter().map(|&(_, round)| round).collect();
        assert_eq!(signal.emit(), expected[..]);
    }
}

#[test]
fn the_last_slot_is_found_as_all_before_it_are_disconnected() {
    let signal = Signal::<(), usize>::new();
    let slots = Vec::from_iter((0..100).map(|number| signal.connect(move || number)));
    for (leaving, &slot) in slots[..99].iter().enumerate() {
        assert!(signal.disconnect(slot));
        assert_eq!(signal.emit(), Vec::from_iter(leaving + 1..100)[..]);
        let _guard = signal.block(slots[99]).expect("it is connected");
        assert_eq!(signal.emit(), Vec::from_iter(leaving + 1..99)[..]);
    }
    assert!(signal.disconnect(slots[99]));
    assert_eq!(signal.emit(), []);
}

/// Enough slots that renumbering them all after every disconnect would not pay. None, few or many of
/// them need sorting or may expire.
#[test]
fn slots_are_found_however_many_before_them_are_disconnected() {
    for rare in [usize::MAX, 100, 10] {
        let signal = Signal::<(), u32>::new();
        let object = Arc::new(());
        let mut numbers = Numbers(5);
        let mut model = Vec::<(i32, Connection, u32)>::new();
        for round in 0..2000 {
            if model.len() > 200 || (model.len() > 3 && numbers.below(3) == 0) {
                for _ in 0..numbers.below(4) {
                    let (_, slot, _) = model.remove(numbers.below(model.len()));
                    assert!(signal.disconnect(slot));
                }
            }
            if round % 700 == 699 {
                signal.disconnect_all();
                model.clear();
            }
            let group = if numbers.below(rare) == 1 { -1 } else { 0 };
            let first = numbers.below(rare) == 2;
            let options = signal.options().group(group);
            let options = if first { options.first() } else { options };
            let slot = if numbers.below(rare) == 3 {
                options.connect_weak(&object, move |()| round)
            } else {
                options.connect(move || round)
            };
            let before = |&(other, ..): &(i32, _, _)| other < group || (!first && other == group);
            model.insert(model.partition_point(before), (group, slot, round));

            let (_, slot, number) = model[numbers.below(model.len())];
            let blocked = signal.block(slot);
            let unblocked = model.iter().map(|&(.., round)| round);
            let unblocked = Vec::from_iter(unblocked.filter(|&round| round != number));
            assert_eq!(signal.emit(), unblocked[..]);
            drop(blocked);
            let slots = Vec::from_iter(model.iter().map(|&(_, slot, _)| slot));
            assert_eq!(signal.connections(), slots);
        }
    }
}

// Boost.Signals2: ordering_test.cpp; palacaze/sigslot: test_random_groups
#[test]
fn groups_ascend_and_keep_the_order_of_connection() {
    let signal = Signal::<(), (i32, u32)>::new();
    let mut numbers = Numbers(69);
    let mut expected = BTreeMap::<i32, Vec<u32>>::new();
    let mut connect = |group: i32, sequence: u32| {
        signal
            .options()
            .group(group)
            .connect(move || (group, sequence));
        expected.entry(group).or_default().push(sequence);
    };
    for sequence in 0..1000 {
        let any = i32::from_ne_bytes(numbers.next().to_ne_bytes());
        let group = [i32::MIN, i32::MAX, 0, -1, 1, any % 10, any][sequence as usize % 7];
        connect(group, sequence);
    }
    let expected: Vec<_> = expected
        .iter()
        .flat_map(|(&group, slots)| slots.iter().map(move |&sequence| (group, sequence)))
        .collect();
    assert_eq!(signal.emit(), expected[..]);
}

// Boost.Signals2: ordering_test.cpp; signals2: position_group_order_test
#[test]
fn a_slot_without_a_group_is_in_group_0() {
    let signal = Signal::<(), char>::new();
    signal.options().group(1).connect(|| 'd');
    signal.connect(|| 'b');
    signal.options().group(0).connect(|| 'c');
    signal.options().group(-1).connect(|| 'a');
    assert_eq!(said(&signal), "abcd");
}

// signals2: position_group_order_test; Node: prependListener
#[test]
fn the_newest_first_slot_leads_its_group() {
    let signal = Signal::<(), char>::new();
    signal.options().group(1).connect(|| 'f');
    signal.options().group(-1).connect(|| 'a');
    signal.connect(|| 'd');
    signal.options().first().connect(|| 'c');
    signal.options().first().connect(|| 'b');
    signal.options().group(1).first().connect(|| 'e');
    assert_eq!(said(&signal), "abcdef");
}

// Boost.Signals2: signal_test.cpp, test_zero_args
#[test]
fn a_group_used_again_keeps_its_position() {
    let signal = Signal::<(), char>::new();
    signal.options().group(1).connect(|| 'a');
    let between = signal.options().group(2).connect(|| 'b');
    signal.options().group(3).connect(|| 'c');
    signal.disconnect(between);
    assert_eq!(said(&signal), "ac");
    signal.options().group(2).connect(|| 'B');
    assert_eq!(said(&signal), "aBc");
}

// Node: listeners(); palacaze/sigslot: test_slot_count; Django: test_has_listeners
#[test]
fn connections_lists_the_slots_in_call_order() {
    let signal = Signal::<()>::new();
    let third = signal.connect(|| ());
    let second = signal.options().first().connect(|| ());
    let fourth = signal.options().group(1).once(|| ());
    let first = signal.options().group(-1).connect_with_key(|_| || ());
    assert_eq!(signal.connections(), [first, second, third, fourth]);
    assert_eq!(signal.len(), 4);
    signal.disconnect(third);
    assert_eq!(signal.connections(), [first, second, fourth]);
    signal.emit();
    assert_eq!(signal.connections(), [first, second], "the last was a once");
    signal.disconnect_all();
    assert_eq!(signal.connections(), []);
}

// signals2: connect_group_position_extended
#[test]
fn options_order_every_kind_of_slot_alike() {
    let signal = Signal::<(), char>::new();
    signal.options().group(1).connect(|| 'd');
    signal.options().group(1).first().once(|| 'c');
    signal.options().first().connect_with_key(|_| || 'a');
    signal.options().max_calls(2).connect(|| 'b');
    assert_eq!(said(&signal), "abcd");
    assert_eq!(said(&signal), "abd");
    assert_eq!(said(&signal), "ad");
}
