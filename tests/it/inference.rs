//! Closures need no type annotations, however they are connected and whatever their parameters.

#![allow(
    clippy::redundant_closure_for_method_calls,
    clippy::type_complexity,
    reason = "the tests check that closures infer the types of their parameters"
)]

use std::cell::Cell;
use std::fmt::{Debug, Display};
use std::iter::repeat;
use std::mem;
use std::path::Path;
use std::rc::Rc;
use std::sync::atomic::{AtomicI32, Ordering};

use smoke_signal::{ByMut, ByRef, Connection, Signal};

/// Every way to connect and to emit, for one number of arguments of any kinds. `use` is what a slot does
/// with an argument. To call a method, the type of the argument must be known.
macro_rules! every_way {
    ($test:ident: $($T:ty, $a:ident = $value:expr, use $used:expr => $made:expr);*) => {
        #[test]
        fn $test() {
            static SIGNAL: Signal<($($T,)*), Vec<usize>> = Signal::new();
            let expected: Vec<usize> = vec![$($made),*];
            let own = expected.clone();

            SIGNAL.connect(|$($a),*| vec![$($used),*]);
            SIGNAL.once(move |$($a),*| {
                let mut own = own; // the captures are the closure's to give away
                own.clear();
                own.append(&mut vec![$($used),*]);
                own
            });
            SIGNAL.connect_with_key(|_| |$($a),*| vec![$($used),*]);
            SIGNAL.connect_with_key(|me| {
                move |$($a),*| {
                    SIGNAL.disconnect(me);
                    vec![$($used),*]
                }
            });
            SIGNAL.options().group(1).connect(|$($a),*| vec![$($used),*]);
            SIGNAL.options().first().once(|$($a),*| vec![$($used),*]);
            SIGNAL
                .options()
                .max_calls(2)
                .connect_with_key(|_| |$($a),*| vec![$($used),*]);

            assert_eq!(SIGNAL.emit($($value),*), vec![expected.clone(); 7]);
            assert_eq!(SIGNAL.calls($($value),*).collect::<Vec<_>>(), vec![expected.clone(); 4]);
            assert_eq!(SIGNAL.calls($($value),*).catch_unwind().flatten().count(), 3);

            let (sender, receiver) = std::sync::mpsc::channel();
            SIGNAL.once(move |$($a),*| {
                sender.send(vec![$($used),*]).unwrap();
                Vec::new()
            });
            drop(SIGNAL.emitting($($value),*));
            assert_eq!(receiver.try_recv(), Ok(expected));
        }
    };
}

/// The same for arguments by value, which slots return in order.
macro_rules! plain {
    ($test:ident: $($a:ident = $value:expr),*) => {
        every_way!($test: $(usize, $a = $value, use $a => $value);*);
    };
}

// Boost.Signals2: signal_n_test.cpp, signal_type_test.cpp
plain!(no_argument:);
plain!(one_argument: a = 1);
plain!(two_arguments: a = 1, b = 2);
plain!(three_arguments: a = 1, b = 2, c = 3);
plain!(four_arguments: a = 1, b = 2, c = 3, d = 4);
plain!(five_arguments: a = 1, b = 2, c = 3, d = 4, e = 5);
plain!(six_arguments: a = 1, b = 2, c = 3, d = 4, e = 5, f = 6);
plain!(seven_arguments: a = 1, b = 2, c = 3, d = 4, e = 5, f = 6, g = 7);
plain!(eight_arguments: a = 1, b = 2, c = 3, d = 4, e = 5, f = 6, g = 7, h = 8);

// Each number of arguments with each kind: values, markers, sized and unsized.
every_way!(
    one_lent_argument:
    ByRef<str>, a = &String::from("four"), use a.len() => 4
);
every_way!(
    one_changed_argument:
    ByMut<[u8]>, a = &mut [1, 2], use { a.reverse(); a.len() } => 2
);
every_way!(
    two_mixed_arguments:
    ByMut<String>, a = &mut String::from("four"), use { a.make_ascii_uppercase(); a.len() } => 4;
    ByRef<dyn Display>, b = &12, use b.to_string().len() => 2
);
every_way!(
    three_mixed_arguments:
    String, a = "abc".to_owned(), use a.into_bytes().len() => 3;
    ByRef<[u16]>, b = &[1; 5], use b.first().map_or(0, |_| b.len()) => 5;
    ByMut<dyn Iterator<Item = usize>>, c = &mut repeat(3), use c.next().unwrap() => 3
);
every_way!(
    four_mixed_arguments:
    ByRef<str>, a = "a literal", use a.chars().count() => 9;
    ByRef<Vec<u8>>, b = &vec![0; 3], use b.capacity().min(b.len()) => 3;
    ByMut<str>, c = &mut *String::from("loud"), use { c.make_ascii_uppercase(); c.len() } => 4;
    Vec<u8>, d = vec![1, 2], use d.into_boxed_slice().len() => 2
);
every_way!(
    five_mixed_arguments:
    Option<usize>, a = Some(1), use a.unwrap() => 1;
    ByMut<Vec<u8>>, b = &mut vec![0], use { b.sort_unstable(); b.len() } => 1;
    Rc<str>, c = Rc::from("shared"), use c.len() => 6;
    ByRef<dyn Fn(usize) -> usize>, d = &|n| n + 1, use d(1) => 2;
    &'static str, e = "static", use e.trim().len() => 6
);
every_way!(
    six_mixed_arguments:
    ByRef<str>, a = "a", use a.len() => 1;
    ByMut<[u8]>, b = &mut [0; 2], use { b.fill(7); b.len() } => 2;
    ByRef<str>, c = "abc", use c.len() => 3;
    ByMut<[u8]>, d = &mut [0; 4], use { d.fill(7); d.len() } => 4;
    String, e = "abcde".into(), use e.len() => 5;
    u8, f = 6, use usize::from(f.pow(1)) => 6
);
every_way!(
    seven_lent_arguments:
    ByRef<str>, a = "a", use a.len() => 1;
    ByRef<str>, b = "ab", use b.len() => 2;
    ByRef<[u8]>, c = &[0; 3], use c.len() => 3;
    ByRef<[u8; 4]>, d = &[0; 4], use d.len() => 4;
    ByRef<Path>, e = Path::new("a/b/c"), use e.as_os_str().len() => 5;
    ByRef<dyn Debug>, f = &"four", use format!("{f:?}").len() => 6;
    ByRef<Option<usize>>, g = &Some(7), use g.unwrap() => 7
);
every_way!(
    eight_changed_arguments:
    ByMut<str>, a = &mut *String::from("a"), use { a.make_ascii_uppercase(); a.len() } => 1;
    ByMut<String>, b = &mut String::from("ab"), use { b.make_ascii_uppercase(); b.len() } => 2;
    ByMut<[u8]>, c = &mut [0; 3], use { c.reverse(); c.len() } => 3;
    ByMut<[u8; 4]>, d = &mut [0; 4], use { d.reverse(); d.len() } => 4;
    ByMut<Vec<u8>>, e = &mut vec![0; 5], use { e.sort_unstable(); e.len() } => 5;
    ByMut<Option<usize>>, f = &mut Some(6), use { f.get_or_insert_default(); f.unwrap() } => 6;
    ByMut<usize>, g = &mut 7, use mem::replace(g, 7) => 7;
    ByMut<dyn FnMut() -> usize>, h = &mut || 8, use h() => 8
);

#[test]
fn methods_need_no_trait_in_scope() {
    // A module without any `use`: the methods of slots, emitters and keys are inherent.
    mod bare {
        static SIGNAL: smoke_signal::Signal<(smoke_signal::ByRef<str>, u8), usize> =
            smoke_signal::Signal::new();

        pub(super) fn used() -> (Vec<usize>, bool) {
            let key = SIGNAL.connect(|text, n| text.len() + usize::from(n));
            SIGNAL.once(|text, _| text.len());
            SIGNAL.connect_with_key(|_| |_, n| usize::from(n));
            SIGNAL.options().group(1).max_calls(1).connect(|_, _| 0);
            SIGNAL.options().first().once(|_, _| 1);
            SIGNAL.options().connect_with_key(|_| |_, _| 2);
            let first = SIGNAL.calls("text", 1).next();
            drop(SIGNAL.emitting("text", 2));
            let rest = SIGNAL.emit("text", 3).into_iter().chain(first).collect();
            (rest, SIGNAL.disconnect(key) && !SIGNAL.contains(key))
        }
    }
    assert_eq!(bare::used(), (vec![7, 3, 2, 1], true));
}

#[test]
fn types_are_inferred_from_the_use_of_the_signal() {
    fn watch(signal: &Signal<(ByRef<str>,), usize>) -> usize {
        signal.emit("text").iter().sum()
    }
    let signal = Signal::new();
    assert_eq!(watch(&signal), 0);
    signal.connect(|text| text.len());
    assert_eq!(watch(&signal), 4);
}

#[test]
fn closures_may_call_methods_of_their_parameters() {
    // A closure can call methods of its parameters only if their types are known.
    let signal: Signal<(String, Vec<u8>, Option<i32>), usize> = Signal::new();
    signal.connect(|text, bytes, number| text.len() + bytes.len() + usize::from(number.is_some()));
    signal.connect_with_key(|_| |text, _, _| text.chars().count());
    signal
        .options()
        .max_calls(3)
        .once(|text, bytes, _| text.into_bytes().len() + bytes.into_boxed_slice().len());
    assert_eq!(
        signal.emit("hello".to_owned(), vec![1, 2], Some(3)),
        [8, 5, 7]
    );
}

#[test]
fn borrowed_arguments_of_any_lifetime() {
    static TEXT: Signal<(ByRef<str>,), usize> = Signal::new();
    static BYTES: Signal<(ByRef<[u8]>,), usize> = Signal::new();
    static OWNER: Signal<(ByRef<String>,), usize> = Signal::new();

    TEXT.connect(|text| text.len());
    TEXT.connect_with_key(|me| move |text| text.len() + usize::from(TEXT.contains(me)));
    TEXT.once(|text| text.trim().len());
    TEXT.options().group(1).connect(|text| text.chars().count());
    BYTES.connect(|bytes| bytes.len());
    BYTES.once(|bytes| bytes.iter().map(|&byte| usize::from(byte == 0)).sum());
    OWNER.connect(|text| text.capacity().min(text.len()));

    {
        let local = String::from(" hello ");
        assert_eq!(TEXT.emit(&local), [7, 8, 5, 7]);
        assert_eq!(TEXT.emit(&local[1..3]), [2, 3, 2]);
        assert_eq!(OWNER.emit(&local), [7]);
        let shorter = local.trim();
        assert_eq!(TEXT.calls(shorter).sum::<usize>(), 16);
        let _guard = TEXT.emitting(shorter);
    }
    assert_eq!(TEXT.emit("a literal"), [9, 10, 9]);
    assert_eq!(BYTES.emit(&[0, 1, 0]), [3, 2]);
    assert_eq!(BYTES.emit(vec![0; 5].as_slice()), [5]);
}

#[test]
fn borrowed_arguments_may_be_trait_objects_and_need_not_be_clone() {
    struct NotClone(i32);
    static ANY: Signal<(ByRef<dyn Display>, ByRef<NotClone>), String> = Signal::new();
    ANY.connect(|any, number| format!("{any} {}", number.0));
    assert_eq!(ANY.emit(&4.5, &NotClone(6)), ["4.5 6"]);
    assert_eq!(ANY.emit(&"text", &NotClone(7)), ["text 7"]);
}

// Boost.Signals2: signal_test.cpp, test_reference_args; palacaze/sigslot: test_mutation
#[test]
fn mutable_arguments_pass_from_slot_to_slot_and_back() {
    static NUMBER: Signal<(ByMut<i32>,), i32> = Signal::new();
    NUMBER.connect(|number| {
        *number += 1;
        *number
    });
    NUMBER.connect_with_key(|_| {
        |number| {
            *number *= 4;
            *number
        }
    });
    NUMBER.once(|number| mem::replace(number, 10));

    let mut number = 0;
    assert_eq!(NUMBER.emit(&mut number), [1, 4, 4]);
    assert_eq!(number, 10);
    assert_eq!(NUMBER.calls(&mut number).last(), Some(44));
    drop(NUMBER.emitting(&mut number));
    assert_eq!(number, 180);
}

#[test]
fn mutable_arguments_may_be_unsized() {
    static SLICE: Signal<(ByMut<[u8]>, ByMut<str>, ByMut<dyn Iterator<Item = u8>>)> = Signal::new();
    SLICE.connect(|bytes, text, numbers| {
        bytes.fill(numbers.next().unwrap());
        text.make_ascii_uppercase();
    });
    SLICE.connect(|bytes, _, numbers| bytes[0] = numbers.next().unwrap());
    let (mut bytes, mut text) = ([0; 3], String::from("loud"));
    SLICE.emit(&mut bytes, &mut text, &mut (7..9));
    assert_eq!((bytes, &*text), ([8, 7, 7], "LOUD"));
}

#[test]
fn kinds_of_arguments_may_be_mixed() {
    type Mixture = (
        ByRef<str>,
        ByMut<Vec<String>>,
        u8,
        String,
        ByRef<[u8]>,
        ByMut<u64>,
        Option<bool>,
        &'static str,
    );
    static MIXTURE: Signal<Mixture, usize> = Signal::new();

    MIXTURE.connect(|a, b, c, d, e, f, g, h| {
        b.push(a.to_owned());
        b.push(d);
        *f += u64::from(c) + u64::from(g == Some(true));
        e.len() + h.len()
    });
    MIXTURE.connect_with_key(|me| {
        move |_, b, _, d, _, _, _, _| {
            MIXTURE.disconnect(me);
            b.push(d);
            b.len()
        }
    });
    MIXTURE
        .options()
        .group(-1)
        .once(|a, b, _, _, e, f, _, _| a.len() + b.len() + e.len() + usize::try_from(*f).unwrap());

    let (mut list, mut number) = (Vec::new(), 0);
    {
        let (text, bytes) = (String::from("text"), [1, 2]);
        let owned = || String::from("own");
        let results = MIXTURE.emit(
            &text,
            &mut list,
            7,
            owned(),
            &bytes,
            &mut number,
            Some(true),
            "abc",
        );
        assert_eq!(results, [6, 5, 3]);
        let results = MIXTURE.calls(&text, &mut list, 1, owned(), &[], &mut number, None, "");
        assert_eq!(results.collect::<Vec<_>>(), [0]);
    }
    assert_eq!(list, ["text", "own", "own", "text", "own"]);
    assert_eq!(number, 9);
}

// palacaze/sigslot: test_static_connection, test_pmf_connection, test_lambda_connection
#[test]
fn functions_methods_and_constructors_are_slots() {
    fn double(number: i32) -> i32 {
        2 * number
    }
    fn tripled<T: std::ops::Mul<i32>>(number: T) -> T::Output {
        number * 3
    }
    struct Widget {
        width: AtomicI32,
    }
    impl Widget {
        fn resize(&self, by: i32) -> i32 {
            self.width.fetch_add(by, Ordering::Relaxed) + by
        }
    }
    static WIDGET: Widget = Widget {
        width: AtomicI32::new(100),
    };

    let numbers: Signal<(i32,), i32> = Signal::new();
    let pointer: fn(i32) -> i32 = double;
    let factor = 5;
    let boxed: Box<dyn Fn(i32) -> i32 + Send + Sync> = Box::new(move |number| number * factor);
    numbers.connect(double);
    numbers.connect(tripled);
    numbers.connect(i32::abs);
    numbers.connect(i32::from);
    numbers.connect(pointer);
    numbers.connect(boxed);
    numbers.connect(|by| WIDGET.resize(by));
    numbers.once(double);
    numbers.connect_with_key(|_| double);
    assert_eq!(
        numbers.emit(-2),
        [-4, -6, 2, -2, -4, -10, 98, -4, -4],
        "in the order of connection"
    );

    let text: Signal<(ByRef<str>,), usize> = Signal::new();
    text.connect(str::len);
    assert_eq!(text.emit("four"), [4]);
    let owned: Signal<(ByRef<str>,), String> = Signal::new();
    owned.connect(str::to_uppercase);
    owned.connect(ToOwned::to_owned);
    assert_eq!(owned.emit("a"), ["A", "a"]);
    let list: Signal<(ByMut<Vec<u8>>,)> = Signal::new();
    list.connect(Vec::clear);
    let mut full = vec![1, 2];
    list.emit(&mut full);
    assert!(full.is_empty());
    let wrapped: Signal<(i32,), Option<i32>> = Signal::new();
    wrapped.connect(Some);
    assert_eq!(wrapped.emit(1), [Some(1)]);
    let made: Signal<(), Vec<u8>> = Signal::new();
    made.connect(Vec::new);
    made.connect(Default::default);
    assert_eq!(made.emit(), [[0; 0], []]);
}

// Boost.Signals2: signal_test.cpp, test_signal_signal_connect; psygnal: test_signal_emit_as_slot
#[test]
fn an_emission_may_be_a_slot() {
    static INNER: Signal<(i32,), i32> = Signal::new();
    let outer: Signal<(i32,), i32> = Signal::new();
    outer.connect(|number| INNER.emit(number).iter().sum());
    INNER.connect(|number| number + 1);
    INNER.connect(|number| number + 2);
    assert_eq!(outer.emit(10), [23]);
}

// Boost.Signals2: regression_test.cpp, return_move_only_test
#[test]
fn results_need_not_be_clone() {
    #[derive(Debug, PartialEq)]
    struct Receipt(u32);
    static PAY: Signal<(u32,), Receipt> = Signal::new();
    static BOXED: Signal<(), Box<dyn Fn(u8) -> u8>> = Signal::new();

    assert!(PAY.emit(1).is_empty());
    PAY.connect(Receipt);
    PAY.connect(|cents| Receipt(cents + 1));
    assert_eq!(PAY.emit(1), [Receipt(1), Receipt(2)]);
    assert_eq!(
        PAY.calls(2).max_by_key(|receipt| receipt.0),
        Some(Receipt(3))
    );

    let captured = 40;
    BOXED.connect(move || Box::new(move |n| n + captured));
    let made = BOXED.emit().into_vec().remove(0);
    assert_eq!(made(2), 42);
}

// Boost.Signals2: regression_test.cpp, reference_return_test
#[test]
fn results_may_be_shared() {
    static CELL: AtomicI32 = AtomicI32::new(1);
    static SHARED: Signal<(), Rc<Cell<i32>>> = Signal::new();
    static BORROWED: Signal<(), &'static AtomicI32> = Signal::new();

    SHARED.connect(|| Rc::new(Cell::new(3)));
    let results = SHARED.emit();
    results[0].set(4);
    assert_eq!(results[0].get(), 4);

    BORROWED.connect(|| &CELL);
    BORROWED.emit()[0].store(7, Ordering::Relaxed);
    assert_eq!(CELL.load(Ordering::Relaxed), 7);
}

#[test]
fn arguments_need_not_be_send() {
    let signal: Signal<(Rc<Cell<i32>>, ByRef<Rc<str>>), Rc<str>> = Signal::new();
    signal.connect(|cell, text| {
        cell.set(cell.get() + 1);
        Rc::clone(text)
    });
    signal.once(|cell, _| {
        cell.set(cell.get() * 10);
        Rc::from("once")
    });
    let (cell, text) = (Rc::new(Cell::new(1)), Rc::from("text"));
    assert_eq!(
        signal.emit(Rc::clone(&cell), &text),
        [Rc::clone(&text), Rc::from("once")]
    );
    assert_eq!(cell.get(), 20);
    assert_eq!(Rc::strong_count(&cell), 1);
}

#[test]
fn statics_locals_fields_and_constants() {
    static MANY: [Signal<(u8,), u8>; 3] = [const { Signal::new() }; 3];
    struct Button {
        clicked: Signal<(u8,), u8>,
    }

    for signal in &MANY {
        signal.connect(|n| n);
        assert_eq!(signal.emit(1), [1], "each is a signal of its own");
    }
    let button = Button {
        clicked: Signal::new(),
    };
    let key: Connection = button.clicked.connect(|n| n + 1);
    assert_eq!(button.clicked.emit(1), [2]);
    assert!(button.clicked.disconnect(key));
}
