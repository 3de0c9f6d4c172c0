//! Closures need no annotation, whatever they are connected with and whatever they take.

use std::cell::Cell;
use std::fmt::Display;
use std::rc::Rc;
use std::sync::atomic::{AtomicI32, Ordering};

use smoke_signal::{ByMut, ByRef, Connection, Signal};

/// Every connect and every way to emit, for one number of plain arguments. Slots give back what
/// they were given.
macro_rules! arity {
    ($test:ident: $($T:ty, $a:ident = $value:expr);*) => {
        #[test]
        fn $test() {
            static SIGNAL: Signal<($($T,)*), Vec<u32>> = Signal::new();
            let expected: Vec<u32> = vec![$($value),*];
            let own = expected.clone();

            SIGNAL.connect(|$($a),*| vec![$($a),*]);
            SIGNAL.once(move |$($a),*| {
                let mut own = own; // the captures are the closure's to give away
                own.clear();
                own.extend::<[u32; _]>([$($a),*]);
                own
            });
            SIGNAL.connect_with_key(|_| |$($a),*| vec![$($a),*]);
            SIGNAL.connect_with_key(|me| {
                move |$($a),*| {
                    SIGNAL.disconnect(me);
                    vec![$($a),*]
                }
            });
            SIGNAL.options().group(1).connect(|$($a),*| vec![$($a),*]);
            SIGNAL.options().first().once(|$($a),*| vec![$($a),*]);
            SIGNAL
                .options()
                .max_calls(2)
                .connect_with_key(|_| |$($a),*| vec![$($a),*]);

            assert_eq!(SIGNAL.emit($($value),*), vec![expected.clone(); 7]);
            assert_eq!(SIGNAL.calls($($value),*).collect::<Vec<_>>(), vec![expected.clone(); 4]);
            assert_eq!(SIGNAL.calls($($value),*).catch_unwind().flatten().count(), 3);

            let (sender, receiver) = std::sync::mpsc::channel();
            SIGNAL.once(move |$($a),*| {
                sender.send(vec![$($a),*]).unwrap();
                Vec::new()
            });
            drop(SIGNAL.emitting($($value),*));
            assert_eq!(receiver.recv(), Ok(expected));
        }
    };
}

// B038, B044
arity!(b044_no_argument:);
arity!(b044_one_argument: u32, a = 1);
arity!(b044_two_arguments: u32, a = 1; u32, b = 2);
arity!(b044_three_arguments: u32, a = 1; u32, b = 2; u32, c = 3);
arity!(b044_four_arguments: u32, a = 1; u32, b = 2; u32, c = 3; u32, d = 4);
arity!(b044_five_arguments: u32, a = 1; u32, b = 2; u32, c = 3; u32, d = 4; u32, e = 5);
arity!(
    b044_six_arguments:
    u32, a = 1; u32, b = 2; u32, c = 3; u32, d = 4; u32, e = 5; u32, f = 6
);
arity!(
    b044_seven_arguments:
    u32, a = 1; u32, b = 2; u32, c = 3; u32, d = 4; u32, e = 5; u32, f = 6; u32, g = 7
);
arity!(
    b044_eight_arguments:
    u32, a = 1; u32, b = 2; u32, c = 3; u32, d = 4; u32, e = 5; u32, f = 6; u32, g = 7; u32, h = 8
);

#[test]
fn plain_arguments_are_methods_away() {
    // What a closure may call on its parameters shows that their types are known.
    let signal: Signal<(String, Vec<u8>, Option<i32>), usize> = Signal::new();
    signal.connect(|text, bytes, number| text.len() + bytes.len() + usize::from(number.is_some()));
    signal.connect_with_key(|_| |text, _, _| text.chars().count());
    signal
        .options()
        .max_calls(3)
        .once(|text, bytes, _| text.into_bytes().len() + bytes.into_iter().count());
    assert_eq!(
        signal.emit("hello".to_owned(), vec![1, 2], Some(3)),
        [8, 5, 7]
    );
}

#[test]
fn b348_borrowed_arguments_of_any_lifetime() {
    static TEXT: Signal<(ByRef<str>,), usize> = Signal::new();
    static BYTES: Signal<(ByRef<[u8]>,), usize> = Signal::new();
    static OWNER: Signal<(ByRef<String>,), usize> = Signal::new();

    TEXT.connect(|text| text.len());
    TEXT.connect_with_key(|me| move |text| text.len() + usize::from(TEXT.contains(me)));
    TEXT.once(|text| text.trim().len());
    TEXT.options().group(1).connect(|text| text.bytes().count());
    BYTES.connect(|bytes| bytes.len());
    BYTES.once(|bytes| bytes.iter().filter(|&&byte| byte == 0).count());
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
    assert_eq!(BYTES.emit(&vec![0; 5]), [5]);
}

#[test]
fn borrowed_arguments_may_be_trait_objects_and_need_not_be_clone() {
    struct NotClone(i32);
    static ANY: Signal<(ByRef<dyn Display>, ByRef<NotClone>), String> = Signal::new();
    ANY.connect(|any, number| format!("{any} {}", number.0));
    assert_eq!(ANY.emit(&4.5, &NotClone(6)), ["4.5 6"]);
    assert_eq!(ANY.emit(&"text", &NotClone(7)), ["text 7"]);
}

#[test]
fn b043_mutable_arguments_go_from_slot_to_slot_and_back() {
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
    NUMBER.once(|number| std::mem::replace(number, 10));

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
fn mixtures_of_all_kinds() {
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

#[test]
fn b011_functions_methods_and_constructors_are_slots() {
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
        "in the order connected"
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

#[test]
fn b026_an_emission_is_a_slot() {
    static INNER: Signal<(i32,), i32> = Signal::new();
    let outer: Signal<(i32,), i32> = Signal::new();
    outer.connect(|number| INNER.emit(number).iter().sum());
    INNER.connect(|number| number + 1);
    INNER.connect(|number| number + 2);
    assert_eq!(outer.emit(10), [23]);
}

#[test]
fn b060_results_need_not_be_clone() {
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

#[test]
fn b061_results_may_be_shared() {
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
fn b346_statics_locals_fields_and_constants() {
    const MAKE: Signal<(u8,), u8> = Signal::new();
    static MANY: [Signal<(u8,), u8>; 3] = [MAKE; 3];
    struct Button {
        clicked: Signal<(u8,), u8>,
    }

    for signal in &MANY {
        signal.connect(|n| n);
        assert_eq!(signal.emit(1), [1], "none of them is another");
    }
    let button = Button {
        clicked: Signal::new(),
    };
    let key: Connection = button.clicked.connect(|n| n + 1);
    assert_eq!(button.clicked.emit(1), [2]);
    assert!(button.clicked.disconnect(key));
}
