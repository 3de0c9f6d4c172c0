//! The arguments that slots receive, and how often they are cloned.

use std::cell::Cell;
use std::fmt::Display;
use std::sync::Arc;

use smoke_signal::{Arg, ByMut, ByRef, Signal};

use crate::common::{Counted, Counter, Recorder, throw, thrown};

// smokesignal: test_emit_with_callback_args; Boost.Signals2: signal_test.cpp, test_one_arg
#[test]
fn arguments_reach_every_slot_in_order() {
    let signal = Signal::<(u8, String, [i64; 3], char), (u8, String, [i64; 3], char)>::new();
    signal.connect(|a, b, c, d| (a, b, c, d));
    signal.connect(|a, b, c, d| (a, b, c, d));
    let given = (1, "two".to_owned(), [3, 4, 5], '6');
    let results = signal.emit(1, "two".to_owned(), [3, 4, 5], '6');
    assert_eq!(results, [given.clone(), given]);
}

// smokesignal: test_instance_method_passes_args_kwargs
#[test]
fn a_struct_names_arguments() {
    #[derive(Clone)]
    struct Moved {
        foo: &'static str,
        mult: usize,
    }
    let signal = Signal::<(Moved,), String>::new();
    signal.connect(|Moved { foo, mult }| foo.repeat(mult));
    assert_eq!(
        signal.emit(Moved {
            mult: 3,
            foo: "bar"
        }),
        ["barbarbar"]
    );
}

// palacaze/sigslot: test_lvalue_emission
#[test]
fn arguments_are_cloned_for_all_slots_but_the_last() {
    for slots in 0..6 {
        let signal = Signal::<(Counted,), bool>::new();
        for _ in 0..slots {
            signal.connect(|argument| argument.is_clone);
        }
        let clones = Counter::default();
        let original = || Counted {
            clones: clones.clone(),
            is_clone: false,
        };
        let given = signal.emit(original());
        assert_eq!(clones.get(), given.len().saturating_sub(1));
        let expected: Vec<bool> = (1..=slots).map(|slot| slot < slots).collect();
        assert_eq!(given, expected[..], "the last slot gets the original");
        signal.calls(original()).for_each(drop);
        assert_eq!(clones.get(), 2 * given.len().saturating_sub(1));
    }
}

// palacaze/sigslot: test_lvalue_emission
#[test]
fn slots_that_are_not_called_cost_no_clone() {
    let signal = Signal::<(Counted,)>::new();
    let slots = [(); 4].map(|()| signal.connect(|_| ()));
    let argument = Counted::default();
    let clones = argument.clones.clone();
    let calls = signal.calls(argument);
    signal.disconnect(slots[0]);
    signal.disconnect(slots[2]);
    assert_eq!(calls.count(), 2);
    assert_eq!(clones.get(), 1);
}

// palacaze/sigslot: test_lvalue_emission
#[test]
fn a_slot_cannot_change_the_next_ones_copy() {
    let signal = Signal::<(Vec<u8>,), usize>::new();
    for _ in 0..3 {
        signal.connect(|mut list| {
            list.push(1);
            list.len()
        });
    }
    assert_eq!(signal.emit(vec![0]), [2, 2, 2]);
}

// Boost.Signals2: signal_test.cpp, test_reference_args; palacaze/sigslot: test_mutation
#[test]
fn mutable_arguments_pass_from_slot_to_slot() {
    let signal = Signal::<(ByMut<u32>, u32), u32>::new();
    signal.connect(|sum, by| {
        *sum += by;
        *sum
    });
    signal.connect(|sum, by| {
        *sum *= by;
        *sum
    });
    let mut sum = 1;
    assert_eq!(signal.emit(&mut sum, 3), [4, 12]);
    assert_eq!(sum, 12);
    assert_eq!(signal.calls(&mut sum, 2).next(), Some(14));
    assert_eq!(sum, 14);
}

// Boost.Signals2: signal_test.cpp, test_reference_args; palacaze/sigslot: test_mutation
#[test]
fn mutable_arguments_may_be_unsized() {
    let signal = Signal::<(ByMut<[u8]>, ByMut<str>)>::new();
    signal.connect(|bytes, text| {
        bytes.reverse();
        text.make_ascii_uppercase();
    });
    let (mut bytes, mut text) = ([1, 2, 3], String::from("abc"));
    signal.emit(&mut bytes, &mut text);
    assert_eq!((bytes, text.as_str()), ([3, 2, 1], "ABC"));
}

#[test]
fn borrowed_arguments_of_any_lifetime_are_never_cloned() {
    struct NotClone(u8);
    let signal = Signal::<(ByRef<NotClone>, ByRef<str>, ByRef<dyn Display>), String>::new();
    for _ in 0..3 {
        signal.connect(|number, text, any| format!("{}{text}{any}", number.0));
    }
    let local = NotClone(7);
    let text = String::from(" text ");
    assert_eq!(signal.emit(&local, &text, &8), ["7 text 8"; 3]);
    assert_eq!(signal.calls(&local, &text, &9).last().unwrap(), "7 text 9");
}

// psygnal: test_emit_should_not_prevent_gc, test_nonhashable_args
#[test]
fn arguments_are_dropped_by_the_end_of_the_emission() {
    let signal = Signal::<(Arc<()>,)>::new();
    signal.connect(drop);
    signal.connect(|_| ());
    let argument = Arc::new(());
    signal.emit(Arc::clone(&argument));
    assert_eq!(Arc::strong_count(&argument), 1);

    let mut half = signal.calls(Arc::clone(&argument));
    half.next();
    assert_eq!(Arc::strong_count(&argument), 2);
    drop(half);
    assert_eq!(Arc::strong_count(&argument), 1);

    signal.options().first().connect(|_| throw("first"));
    assert_eq!(thrown(|| signal.emit(Arc::clone(&argument))), "first");
    assert_eq!(Arc::strong_count(&argument), 1);
    signal.disconnect_all();
    signal.emit(Arc::clone(&argument));
    assert_eq!(Arc::strong_count(&argument), 1);
}

#[test]
fn a_clone_that_panics_ends_the_emission_but_is_charged() {
    #[derive(Debug)]
    struct Fragile(u8);
    impl Clone for Fragile {
        fn clone(&self) -> Self {
            if self.0 == 0 {
                throw("clone");
            }
            Self(self.0)
        }
    }
    let signal = Signal::<(Fragile,)>::new();
    let record = Recorder::new();
    let first = {
        let record = record.clone();
        signal
            .options()
            .max_calls(2)
            .connect(move |given| record.add(given.0))
    };
    let last = {
        let record = record.clone();
        signal.connect(move |given| record.add(given.0))
    };
    assert_eq!(thrown(|| signal.emit(Fragile(0))), "clone");
    assert_eq!(record.take(), [0; 0], "neither it nor the next was called");
    assert!(signal.contains(first) && signal.contains(last));
    signal.emit(Fragile(1));
    assert_eq!(record.take(), [1, 1]);
    assert!(
        !signal.contains(first),
        "the call that never ran was charged"
    );
}

/// Lends a word, and panics when it has been lent so often.
struct Fragile {
    lends_left: Cell<usize>,
    dropped: Counter,
}

impl Drop for Fragile {
    fn drop(&mut self) {
        self.dropped.add();
    }
}

enum ByFragile {}

impl Arg for ByFragile {
    type In<'a> = &'a Fragile;

    fn lend<'s>(held: &'s mut &'_ Fragile) -> &'s Fragile {
        match held.lends_left.get() {
            0 => throw("lend"),
            left => held.lends_left.set(left - 1),
        }
        held
    }
}

#[test]
fn an_argument_that_panics_when_it_is_lent_is_like_a_clone_that_panics() {
    let signal = Signal::<(ByFragile,), char>::new();
    let limited = signal.options().max_calls(2).connect(|_| 'l');
    signal.connect(|_| 'p');
    let later = Counter::default();
    let last = later.clone();
    signal.connect(move |_| {
        last.add();
        'e'
    });
    let dropped = Counter::default();
    let fragile = Fragile {
        lends_left: Cell::new(1),
        dropped: dropped.clone(),
    };
    assert_eq!(thrown(|| signal.emit(&fragile)), "lend");
    assert_eq!(signal.slots()[0].calls_left, Some(1), "it was called");
    assert_eq!(thrown(|| signal.emit(&fragile)), "lend");
    assert!(!signal.contains(limited), "the call has been charged");
    assert_eq!(later.get(), 0);
    fragile.lends_left.set(9);
    assert_eq!(signal.emit(&fragile), ['p', 'e']);
    let mut calls = signal.calls(&fragile);
    fragile.lends_left.set(0);
    assert_eq!(thrown(|| calls.next()), "lend");
    assert_eq!(
        calls.next(),
        Some('e'),
        "the last slot takes the argument itself"
    );
    assert_eq!(calls.next(), None);
    drop(fragile);
    assert_eq!(dropped.get(), 1);
}

#[test]
fn generic_code_may_be_about_any_argument() {
    fn passed<A: Arg, R: 'static>(signal: &Signal<(A,), R>, argument: A::In<'_>) -> Vec<R> {
        signal.emit(argument).into_vec()
    }

    let signal = Signal::<(ByFragile,), bool>::new();
    signal.connect(|fragile| fragile.lends_left.get() == 7);
    let fragile = Fragile {
        lends_left: Cell::new(7),
        dropped: Counter::default(),
    };
    assert_eq!(passed(&signal, &fragile), [true]);
}
