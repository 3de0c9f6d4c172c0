//! What the public types are and can do, apart from signalling: defaults, texts, keys, moves,
//! results as collections, threads and unwinding.

use std::cell::Cell;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Debug;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::mem;
use std::panic::catch_unwind;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;

use slotmap::{Key, SecondaryMap};
use smoke_signal::{ByMut, ByRef, CallbackKey, Connection, Registry, Returns, Signal};

use crate::common::{Counter, OnDrop, Recorder, Tracked, message, throw, together};

/// Neither `Clone`, `Debug`, `Send` nor `Sync`.
struct Bare(Rc<Cell<u8>>);

fn debug(value: &impl Debug) -> String {
    format!("{value:?}")
}

fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// A signal with a slot for each result, in that order.
fn returning<R: Copy + Send + Sync + 'static>(results: &[R]) -> Signal<(), R> {
    let signal: Signal<(), R> = Signal::new();
    for &result in results {
        signal.connect(move || result);
    }
    signal
}

/// What an emission to `n` slots returns: values that count their drops.
fn tracked(n: usize, drops: &Counter) -> Returns<Tracked> {
    let signal: Signal<(), Tracked> = Signal::new();
    for _ in 0..n {
        let drops = drops.clone();
        signal.connect(move || drops.tracked());
    }
    signal.emit()
}

// Boost.Signals2: signal_test.cpp, test_zero_args
#[test]
fn a_static_can_be_any_signal() {
    type Lent = (ByMut<[u8]>, ByRef<dyn Debug>);
    static PLAIN: Signal<()> = Signal::new();
    static RESULT: Signal<(u8, String), Vec<String>> = Signal::new();
    static LENT: Signal<Lent> = Signal::new();
    static NOT_SHARED: Signal<(ByRef<Bare>,), Bare> = Signal::new();
    static MANY: [Signal<(u8,)>; 2] = [const { Signal::new() }; 2];
    static NAMED: Registry = Registry::new();

    PLAIN.connect(|| ());
    RESULT.connect(|n, text| vec![text; usize::from(n)]);
    LENT.connect(|bytes, shown| bytes[0] = debug(&shown).as_bytes()[0]);
    NOT_SHARED.connect(|bare| Bare(Rc::clone(&bare.0)));
    MANY[1].connect(drop);
    NAMED.on("named", || ()).unwrap();

    assert_eq!(PLAIN.emit(), [()]);
    assert_eq!(RESULT.emit(2, "a".to_owned()), [["a", "a"]]);
    let mut bytes = [0; 2];
    LENT.emit(&mut bytes, &1);
    assert_eq!(bytes, *b"1\0");
    let bare = Bare(Rc::new(Cell::new(1)));
    NOT_SHARED.emit(&bare)[0].0.set(2);
    assert_eq!(bare.0.get(), 2);
    assert_eq!((MANY[0].len(), MANY[1].len()), (0, 1));
    assert_eq!(NAMED.emit("named", ()), Ok(1));
}

// signals2: default_test
#[test]
fn defaults_are_empty_and_usable() {
    #[derive(Default)]
    struct Widget {
        clicked: Signal<(u8,), Rc<str>>,
        names: Registry,
        last: Returns<Rc<str>>,
        key: Connection,
        callback: CallbackKey,
    }

    let mut widget = Widget::default();
    assert!(widget.clicked.is_empty());
    assert!(widget.last.is_empty());
    assert!(widget.key.is_null() && widget.callback.is_null());
    assert_eq!(widget.names.emit("clicked", ()), Ok(0));

    widget.key = widget.clicked.connect(|n| Rc::from(n.to_string()));
    widget.callback = widget.names.on("clicked", || ()).unwrap();
    widget.last = widget.clicked.emit(7);
    assert_eq!(widget.last, [Rc::from("7")]);
    assert!(widget.names.responds_to(widget.callback, "clicked"));
}

// blinker: test_named_blinker; psygnal: test_description
#[test]
fn debug_texts_of_signals() {
    static SIGNAL: Signal<(ByRef<Bare>,), Bare> = Signal::new();
    assert_eq!(debug(&SIGNAL), "Signal { slots: 0, .. }");
    SIGNAL.connect(|bare| Bare(Rc::clone(&bare.0)));
    SIGNAL.connect_with_key(|_| {
        assert_eq!(
            debug(&SIGNAL),
            "Signal { slots: 1, .. }",
            "the one to come is not connected"
        );
        |bare| Bare(Rc::clone(&bare.0))
    });
    SIGNAL.once(|_| Bare(Rc::default()));
    assert_eq!(debug(&SIGNAL), "Signal { slots: 3, .. }");
    SIGNAL.emit(&Bare(Rc::default()));
    assert_eq!(debug(&SIGNAL), "Signal { slots: 2, .. }");
    SIGNAL.disconnect_all();
    assert_eq!(debug(&SIGNAL), "Signal { slots: 0, .. }");
}

// blinker: test_named_blinker; psygnal: test_description
#[test]
fn debug_texts_of_registries() {
    let registry = Registry::new();
    assert_eq!(debug(&registry), "Registry { signals: {}, .. }");
    registry.on("b", |_: u8| true).unwrap();
    registry.on("a", || ()).unwrap();
    let _guard = registry.emitting("exit").unwrap();
    assert_eq!(
        debug(&registry),
        r#"Registry { signals: {"a": "() -> ()", "b": "(u8,) -> bool", "exit": "()"}, .. }"#
    );
    registry.clear_all();
    assert_eq!(
        debug(&registry),
        r#"Registry { signals: {"a": "() -> ()", "b": "(u8,) -> bool", "exit": "()"}, .. }"#,
        "names stay bound"
    );
}

#[test]
fn options_are_cloned_as_they_are_copied() {
    let signal = Signal::<(), char>::new();
    let options = signal.options().group(-1);
    signal.connect(|| 'b');
    #[allow(clippy::clone_on_copy)]
    options.clone().connect(|| 'a');
    assert_eq!(signal.emit(), ['a', 'b']);
}

// blinker: test_named_blinker; psygnal: test_description
#[test]
fn debug_texts_of_options() {
    let signal: Signal<(ByRef<Bare>,), Bare> = Signal::new();
    let options = signal.options();
    assert_eq!(
        debug(&options),
        "ConnectOptions { max_calls: None, group: 0, first: false, waitable: false, .. }"
    );
    let copy = options.max_calls(3).group(-1).first();
    assert_eq!(
        debug(&copy),
        "ConnectOptions { max_calls: Some(3), group: -1, first: true, waitable: false, .. }"
    );
    assert_eq!(
        debug(&options),
        "ConnectOptions { max_calls: None, group: 0, first: false, waitable: false, .. }",
        "the original of the copy"
    );
}

// blinker: test_named_blinker; psygnal: test_description
#[test]
fn debug_texts_of_emissions_under_way() {
    let signal: Signal<(ByRef<Bare>,), Bare> = Signal::new();
    let bare = Bare(Rc::default());
    assert_eq!(
        debug(&signal.calls(&bare)),
        "Calls { slots_left: Some(0), .. }"
    );
    for _ in 0..3 {
        signal.connect(|bare| Bare(Rc::clone(&bare.0)));
    }

    let mut calls = signal.calls(&bare);
    assert_eq!(debug(&calls), "Calls { slots_left: Some(3), .. }");
    assert!(calls.next().is_some());
    assert_eq!(debug(&calls), "Calls { slots_left: Some(2), .. }");
    let mut calls = calls.catch_unwind();
    assert_eq!(debug(&calls), "CatchUnwind { slots_left: Some(2), .. }");
    assert_eq!(calls.by_ref().count(), 2);
    assert_eq!(debug(&calls), "CatchUnwind { slots_left: Some(0), .. }");

    assert_eq!(debug(&signal.emitting(&bare)), "Emitting { .. }");
    let registry = Registry::new();
    assert_eq!(
        debug(&registry.emitting("exit").unwrap()),
        "Emitting { .. }"
    );
}

// blinker: test_named_blinker; psygnal: test_description
#[test]
fn debug_texts_of_results() {
    assert_eq!(debug(&Returns::<u8>::default()), "[]");
    let results = returning(&["a", "b", "c"]).emit();
    assert_eq!(debug(&results), r#"["a", "b", "c"]"#);
    let mut left = results.into_iter();
    assert_eq!(debug(&left), r#"["a", "b", "c"]"#);
    left.next();
    assert_eq!(debug(&left), r#"["b", "c"]"#);
    left.next_back();
    assert_eq!(debug(&left), r#"["b"]"#);
}

// blinker: test_named_blinker; psygnal: test_description
#[test]
fn debug_texts_of_keys() {
    let signal: Signal<()> = Signal::new();
    // The place and its version, as slotmap shows them; versions of it differ over the null key.
    assert_eq!(debug(&signal.connect(|| ())), "Connection(1v1)");
    assert_eq!(debug(&signal.connect(|| ())), "Connection(2v1)");

    let registry = Registry::new();
    let callback = registry.on("a", || ()).unwrap();
    assert_eq!(debug(&callback), "CallbackKey(1v1)");
}

// blinker: test_named_blinker; psygnal: test_description
#[test]
fn debug_text_of_a_mismatch() {
    let registry = Registry::new();
    registry.on("saved", |_: u8| ()).unwrap();
    let line = line!() - 1;
    let error = registry.emit("saved", ("a",)).unwrap_err();
    let place = format!("{}:{line}:14", file!());
    assert_eq!(
        debug(&error),
        format!(
            "SignatureMismatch {{ name: \"saved\", bound: \"(u8,) -> ()\", \
             requested: \"(&str,)\", bound_at: {place}, .. }}"
        )
    );
}

// blinker: test_named_blinker; psygnal: test_description
#[test]
fn debug_runs_no_foreign_code_and_blocks_nowhere() {
    /// Whoever looks at it, or clones it, has gone too far.
    struct Touchy;
    impl Debug for Touchy {
        fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            unreachable!("shown")
        }
    }
    impl Clone for Touchy {
        fn clone(&self) -> Self {
            unreachable!("cloned")
        }
    }
    static SIGNAL: Signal<(Touchy,), Touchy> = Signal::new();
    let texts = Recorder::new();

    let (record, captured) = (texts.clone(), Touchy);
    let on_drop = OnDrop({
        let texts = texts.clone();
        move || texts.add(debug(&SIGNAL))
    });
    SIGNAL.once(move |argument| {
        let _captures = (&captured, &on_drop);
        record.add(debug(&SIGNAL)); // by its own slot, which has left it
        argument
    });
    assert_eq!(debug(&SIGNAL), "Signal { slots: 1, .. }");
    let calls = SIGNAL.calls(Touchy);
    assert_eq!(debug(&calls), "Calls { slots_left: Some(1), .. }");
    assert_eq!(debug(&SIGNAL.emitting(Touchy)), "Emitting { .. }");
    assert_eq!(
        texts.take(),
        ["Signal { slots: 0, .. }", "Signal { slots: 0, .. }"],
        "in the slot, and in the drop of its capture"
    );
}

// blinker: test_named_blinker; psygnal: test_description
#[test]
fn debug_while_other_threads_change_the_signal() {
    let signal: Signal<()> = Signal::new();
    let registry = Registry::new();
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            for _ in 0..2000 {
                let key = signal.connect(|| ());
                let callback = registry.on("a", || ()).unwrap();
                signal.disconnect(key);
                registry.disconnect(callback);
            }
            done.store(true, Ordering::Relaxed);
        });
        while !done.load(Ordering::Relaxed) {
            let text = debug(&signal);
            let known = [
                "Signal { slots: 0, .. }",
                "Signal { slots: 1, .. }",
                "Signal { slots: <locked>, .. }",
            ];
            assert!(known.contains(&&*text), "{text}");
            let text = debug(&registry);
            let known = [
                "Registry { signals: {}, .. }",
                r#"Registry { signals: {"a": "() -> ()"}, .. }"#,
                "Registry { signals: <locked>, .. }",
            ];
            assert!(known.contains(&&*text), "{text}");
        }
    });
}

// Boost.Signals2: signal_test.cpp, test_swap; palacaze/sigslot: test_signal_moving
#[test]
fn keys_travel_with_the_slots_when_signals_are_swapped() {
    let mut one: Signal<(), &str> = Signal::new();
    let mut other: Signal<(), &str> = Signal::new();
    other.connect(|| "other");
    other.connect(|| "other again");
    let key = one.connect(|| "one");
    let later = one.connect(|| "one again");

    mem::swap(&mut one, &mut other);
    assert_eq!(one.emit(), ["other", "other again"]);
    assert_eq!(other.emit(), ["one", "one again"]);
    assert_eq!(other.connections(), [key, later]);
    assert!(other.disconnect(key));
    assert_eq!(other.emit(), ["one again"]);
    assert_eq!(one.len(), 2, "none of its own");

    let mut moved = other;
    assert!(moved.contains(later));
    one = mem::replace(&mut moved, one);
    assert_eq!(moved.emit(), ["other", "other again"]);
    assert!(one.disconnect(later));
    assert!(one.is_empty());
}

// Boost.Signals2: signal_test.cpp, test_swap; palacaze/sigslot: test_signal_moving
#[test]
fn what_is_under_way_travels_with_the_slots() {
    let mut signal: Signal<(i32,), i32> = Signal::new();
    let seen = Recorder::new();
    let record = seen.clone();
    let key = signal.connect(move |n| {
        record.add(n);
        n
    });
    let guard = signal.emitting(2);
    let mut calls = signal.calls(1);

    let moved = mem::take(&mut signal);
    let record = seen.clone();
    signal.connect(move |n| {
        record.add(100 + n);
        n
    });
    assert_eq!(calls.next(), Some(1));
    drop(guard);
    assert_eq!(seen.take(), [1, 2], "not the signal in the old place");

    let mut calls = moved.calls(3);
    assert!(moved.disconnect(key));
    assert_eq!(calls.next(), None);
    let record = seen.clone();
    moved.connect(move |n| {
        record.add(n);
        n
    });
    let guard = moved.emitting(4);
    drop(moved);
    drop(guard);
    assert_eq!(seen.take(), [], "gone with the slots");
}

// Boost.Signals2: signal_test.cpp, test_move
#[test]
fn a_signal_taken_from_is_empty_and_usable() {
    let mut signal: Signal<(u8,), u8> = Signal::new();
    let old = signal.connect(|n| n);
    let taken = mem::take(&mut signal);

    assert!(signal.is_empty());
    assert_eq!(signal.connections(), []);
    assert!(!signal.contains(old));
    assert!(!signal.disconnect(old));
    signal.disconnect_all();
    assert!(signal.emit(1).is_empty());
    assert_eq!(signal.calls(1).next(), None);
    drop(signal.emitting(1));

    signal.connect(|n| n + 1);
    assert_eq!(signal.emit(1), [2]);
    assert_eq!(taken.emit(1), [1]);
    assert!(taken.disconnect(old));

    // Never used: there is nothing to take.
    let mut unused: Signal<()> = Signal::new();
    assert!(mem::take(&mut unused).is_empty());
    assert!(unused.is_empty());
}

// Boost.Signals2: signal_test.cpp, test_swap, test_move; palacaze/sigslot: test_signal_moving
#[test]
fn registries_are_moved_as_signals_are() {
    let mut registry = Registry::new();
    let callback = registry.on("a", || ()).unwrap();
    let mut taken = mem::take(&mut registry);
    assert_eq!(debug(&registry), "Registry { signals: {}, .. }");
    assert!(!registry.disconnect(callback));
    assert_eq!(registry.emit("a", (1,)), Ok(0), "the name is free again");

    let mut other = Registry::new();
    mem::swap(&mut other, &mut taken);
    assert_eq!(taken.emit("a", ()), Ok(0));
    assert_eq!(other.emit("a", ()), Ok(1));
    assert!(other.disconnect(callback));
}

// Boost.Signals2: connection_test.cpp, swap_test
#[test]
fn the_null_connection_is_harmless() {
    let null = Connection::default();
    assert!(null.is_null());
    assert_eq!(null, Connection::null());

    let unused: Signal<()> = Signal::new();
    let emptied: Signal<()> = Signal::new();
    emptied.connect(|| ());
    emptied.disconnect_all();
    let full: Signal<()> = Signal::new();
    let keys: Vec<_> = (0..3).map(|_| full.connect(|| ())).collect();
    for signal in [&unused, &emptied, &full] {
        let len = signal.len();
        assert!(!signal.contains(null));
        assert!(!signal.disconnect(null));
        assert_eq!(signal.len(), len);
    }
    assert_eq!(full.connections(), keys);
    assert!(!keys.contains(&null));
    // What never connects has a dead key, which need not be the null one.
    let dead = full.options().max_calls(0).connect(|| ());
    assert!(!full.contains(dead) && !full.disconnect(dead));

    let mut notes = SecondaryMap::new();
    notes.insert(null, "nothing");
    assert_eq!(notes.get(null), None);
}

// Boost.Signals2: connection_test.cpp, swap_test
#[test]
fn the_null_receiver_is_harmless() {
    let null = CallbackKey::default();
    assert!(null.is_null());
    let unused = Registry::new();
    let used = Registry::new();
    let callback = used.on("a", || ()).unwrap();
    for registry in [&unused, &used] {
        assert!(!registry.disconnect(null));
        assert!(!registry.disconnect_from(null, ["a", "b"]));
        assert!(!registry.responds_to(null, "a"));
        assert_eq!(registry.signals(null), [""; 0]);
        assert_eq!(registry.calls_left(null), None);
    }
    assert_eq!(used.signals(callback), ["a"]);
    assert_eq!(
        debug(&unused),
        "Registry { signals: {}, .. }",
        "still unused"
    );
}

// Boost.Signals2: shared_connection_block_test.cpp
#[test]
fn keys_are_keys_of_every_map() {
    let signal: Signal<()> = Signal::new();
    let keys: Vec<Connection> = (0..4).map(|_| signal.connect(|| ())).collect();
    let mut secondary = SecondaryMap::new();
    let mut hashed = HashMap::new();
    let mut sorted = BTreeMap::new();
    for (n, &key) in keys.iter().enumerate() {
        secondary.insert(key, n);
        hashed.insert(key, n);
        sorted.insert(key, n);
    }
    for (n, &key) in keys.iter().enumerate() {
        assert_eq!(secondary[key], n);
        assert_eq!(hashed[&key], n);
        assert_eq!(sorted[&key], n);
    }
    assert_eq!(hashed.len(), keys.len(), "no two are equal");

    signal.disconnect(keys[0]);
    let heir = signal.connect(|| ());
    assert_ne!(heir, keys[0]);
    assert_eq!(secondary.insert(heir, 9), None, "not the old slot's note");
    assert_eq!(secondary.get(keys[0]), None);
    assert_eq!(hashed.get(&heir), None);

    let registry = Registry::new();
    let receivers = ["a", "b"].map(|name| {
        let captured = name.to_owned();
        registry.on(name, move || drop(captured.clone())).unwrap()
    });
    let mut names = SecondaryMap::new();
    for (receiver, name) in receivers.into_iter().zip(["a", "b"]) {
        names.insert(receiver, name);
    }
    assert_eq!((names[receivers[0]], names[receivers[1]]), ("a", "b"));
    assert_eq!(receivers.iter().collect::<HashSet<_>>().len(), 2);
    assert!(receivers[0] < receivers[1] || receivers[1] < receivers[0]);
}

// Boost.Signals2: shared_connection_block_test.cpp
#[test]
fn keys_are_copied_in_and_out_of_numbers() {
    let signal: Signal<()> = Signal::new();
    let key = signal.connect(|| ());
    let copy = key;
    let number: u64 = copy.data().as_ffi(); // as a C interface would keep it
    assert!(signal.disconnect(Connection::from(slotmap::KeyData::from_ffi(number))));
    assert!(!signal.disconnect(key), "the same connection");
}

#[test]
fn a_key_of_another_signal_is_dead_or_one_of_its_own() {
    let one: Signal<()> = Signal::new();
    let other: Signal<()> = Signal::new();
    let foreign: Vec<_> = (0..4).map(|_| one.connect(|| ())).collect();
    assert!(!foreign.iter().any(|&key| other.contains(key)), "empty");
    for _ in 0..2 {
        other.connect(|| ());
    }
    for key in foreign {
        let own = other.connections();
        assert_eq!(other.contains(key), own.contains(&key));
        assert_eq!(other.disconnect(key), own.contains(&key));
        let left: Vec<_> = own.into_iter().filter(|&other| other != key).collect();
        assert_eq!(other.connections(), left);
    }
    assert_eq!(one.len(), 4);
}

// signals2: basic_signal_test, vec_combiner_test; Django: test_exact
#[test]
fn results_are_read_as_a_slice() {
    let signal = returning(&[3, 1, 2]);
    let mut results = signal.emit();
    assert_eq!((results.len(), results.is_empty()), (3, false));
    assert_eq!((results.first(), results.last()), (Some(&3), Some(&2)));
    assert_eq!((results[1], results.get(3)), (1, None));
    assert_eq!(results.iter().max(), Some(&3));
    assert_eq!(*results, [3, 1, 2]);
    assert_eq!(&results[1..], [1, 2]);

    results.sort_unstable();
    results[0] = 0;
    assert_eq!(results, [0, 2, 3]);
    for result in &mut results {
        *result *= 2;
    }
    let mut sum = 0;
    for result in &results {
        sum += result;
    }
    assert_eq!(sum, 10);

    signal.disconnect_all();
    let none = signal.emit();
    assert!(none.is_empty());
    assert_eq!(none.into_iter().next(), None);
}

// signals2: vec_combiner_test; Django: test_exact
#[test]
fn results_compare_with_arrays_slices_and_vectors() {
    let results = returning(&["a", "b"]).emit();
    assert_eq!(results, ["a", "b"]);
    assert_eq!(results, &["a", "b"]);
    assert_eq!(results, ["a", "b"][..]);
    assert_eq!(results, &["a", "b"][..]);
    assert_eq!(results, vec!["a", "b"]);
    assert_eq!(results, ["a".to_owned(), "b".to_owned()], "as `str` does");
    for other in [&["a"][..], &["b", "a"], &["a", "b", "b"], &[]] {
        assert_ne!(results, *other);
        assert_ne!(results, other);
        assert_ne!(results, other.to_vec());
    }
    assert_ne!(results, ["a"]);
    assert_ne!(results, &["b", "a"]);
}

// signals2: vec_combiner_test; Django: test_exact
#[test]
fn results_are_cloned_compared_and_hashed() {
    // On both sides of what fits without allocation.
    for n in [0, 4, 5, 9] {
        let numbers: Vec<usize> = (0..n).collect();
        let results = returning(&numbers).emit();
        let clone = results.clone();
        assert_eq!(clone, results);
        assert_eq!(hash(&clone), hash(&results));
        assert_eq!(HashSet::from([results, clone]).len(), 1);
        assert_ne!(returning(&numbers).emit(), returning(&[99]).emit());
    }
}

// signals2: vec_combiner_test; Django: test_exact
#[test]
fn results_are_taken_apart_from_both_ends() {
    for n in [0, 1, 4, 5, 9] {
        let numbers: Vec<usize> = (0..n).collect();
        let signal = returning(&numbers);
        assert_eq!(signal.emit().into_vec(), numbers);
        assert_eq!(signal.emit().into_iter().collect::<Vec<_>>(), numbers);
        assert!(
            signal
                .emit()
                .into_iter()
                .rev()
                .eq(numbers.iter().rev().copied())
        );

        let mut results = signal.emit().into_iter();
        for left in (0..n).rev() {
            assert_eq!(results.len(), left + 1);
            assert_eq!(results.size_hint(), (left + 1, Some(left + 1)));
            let taken = if left % 2 == 0 {
                results.next()
            } else {
                results.next_back()
            };
            assert!(taken.is_some());
        }
        assert_eq!(results.len(), 0);
        // Fused.
        assert_eq!((results.next(), results.next_back()), (None, None));
        assert_eq!(results.next(), None);
    }
}

// signals2: vec_combiner_test; Django: test_exact
#[test]
fn more_results_than_fit_without_allocation() {
    for n in [4, 5, 100, 1000] {
        let numbers: Vec<usize> = (0..n).collect();
        assert_eq!(returning(&numbers).emit(), numbers);
    }
}

// Boost.Signals2: regression_test.cpp, return_move_only_test
#[test]
fn results_are_dropped_once_however_they_are_left() {
    for n in [1, 4, 5, 9] {
        let drops = Counter::default();
        drop(tracked(n, &drops));
        assert_eq!(drops.get(), n, "whole");

        let drops = Counter::default();
        let mut results = tracked(n, &drops).into_iter();
        drop(results.next());
        assert_eq!(drops.get(), 1, "what was taken");
        drop(results.next_back());
        assert_eq!(drops.get(), n.min(2), "what was taken from the end");
        drop(results);
        assert_eq!(drops.get(), n, "what was not");

        let drops = Counter::default();
        let results = tracked(n, &drops).into_vec();
        assert_eq!((results.len(), drops.get()), (n, 0), "moved");
        drop(results);
        assert_eq!(drops.get(), n);

        let drops = Counter::default();
        let mut results = tracked(n, &drops);
        drop(mem::replace(&mut results[0], Counter::default().tracked()));
        assert_eq!(drops.get(), 1);
        drop(results);
        assert_eq!(drops.get(), n);
    }
}

// Boost.Signals2: regression_test.cpp, return_move_only_test
#[test]
fn results_so_far_are_dropped_when_a_slot_panics() {
    for n in [1, 4, 5, 9] {
        let drops = Counter::default();
        let signal: Signal<(), Tracked> = Signal::new();
        for _ in 0..n {
            let drops = drops.clone();
            signal.connect(move || drops.tracked());
        }
        signal.connect(|| throw("no result"));
        let payload = catch_unwind(|| signal.emit().len()).unwrap_err();
        assert_eq!(message(&*payload), "no result");
        assert_eq!(drops.get(), n);
    }
}

#[test]
fn the_first_use_of_a_static_may_be_a_race() {
    const THREADS: usize = 8;
    static SIGNAL: Signal<(usize,), usize> = Signal::new();
    let keys = together(THREADS, |number| SIGNAL.connect(move |n| number + n));
    assert_eq!(keys.iter().collect::<HashSet<_>>().len(), THREADS);
    assert_eq!(SIGNAL.len(), THREADS);

    let mut results = together(THREADS, |n| SIGNAL.emit(100 * n));
    for (n, results) in results.iter_mut().enumerate() {
        results.sort_unstable();
        let expected: Vec<_> = (0..THREADS).map(|number| 100 * n + number).collect();
        assert_eq!(*results, expected);
    }
    assert_eq!(
        together(THREADS, |number| SIGNAL.disconnect(keys[number])),
        [true; THREADS]
    );
    assert!(SIGNAL.is_empty());
}

#[test]
fn a_signal_is_shared_in_an_arc() {
    let signal: Arc<Signal<(u32,), u32>> = Arc::default();
    let key = signal.connect(|n| n);
    let emitters: Vec<_> = (0..4)
        .map(|n| {
            let signal = Arc::clone(&signal);
            thread::spawn(move || (signal.emit(n).into_vec(), signal.contains(key)))
        })
        .collect();
    for (n, emitter) in (0..).zip(emitters) {
        assert_eq!(emitter.join().unwrap(), (vec![n], true));
    }

    // The last owner drops the slots, on whichever thread.
    let drops = Counter::default();
    let held = drops.tracked();
    signal.connect(move |n| {
        held.touch();
        n
    });
    let last = Arc::clone(&signal);
    drop(signal);
    assert_eq!(drops.get(), 0);
    thread::spawn(move || drop(last)).join().unwrap();
    assert_eq!(drops.get(), 1);
}

#[test]
fn a_signal_moves_to_another_thread() {
    let signal: Signal<(Rc<str>,), usize> = Signal::new();
    let key = signal.connect(|text| text.len());
    let signal = thread::spawn(move || {
        assert_eq!(signal.emit(Rc::from("four")), [4]);
        signal
    })
    .join()
    .unwrap();
    assert!(signal.disconnect(key));
}

// Boost.Signals2: regression_test.cpp, return_move_only_test, reference_return_test
#[test]
fn results_stay_on_the_thread_that_emits() {
    static SIGNAL: Signal<(ByRef<Rc<Cell<usize>>>,), Bare> = Signal::new();
    for _ in 0..5 {
        SIGNAL.connect(|shared| {
            shared.set(shared.get() + 1);
            Bare(Rc::new(Cell::new(1)))
        });
    }
    together(4, |_| {
        let shared = Rc::new(Cell::new(0));
        let results = SIGNAL.emit(&shared);
        assert_eq!(shared.get(), 5);
        assert!(results.iter().all(|bare| Rc::strong_count(&bare.0) == 1));
        let sum: u8 = SIGNAL.calls(&shared).map(|bare| bare.0.get()).sum();
        assert_eq!((sum, shared.get()), (5, 10));
    });
}

#[test]
fn signals_are_used_within_catch_unwind() {
    static SHARED: Signal<(), u8> = Signal::new();
    let signal: Signal<(Rc<str>,), Rc<str>> = Signal::new();
    let registry = Registry::new();
    signal.connect(|text| text);
    let bad = signal.connect(|_| throw("bad slot"));
    registry.on("bad", || throw("bad callback")).unwrap();

    // What matters is that these compile without `AssertUnwindSafe`.
    let payload = catch_unwind(|| signal.emit(Rc::from("a")).len()).unwrap_err();
    assert_eq!(message(&*payload), "bad slot");
    let payload = catch_unwind(|| registry.emit("bad", ())).unwrap_err();
    assert_eq!(message(&*payload), "bad callback");
    assert!(catch_unwind(|| signal.disconnect(bad)).unwrap());
    assert_eq!(signal.emit(Rc::from("a")), [Rc::from("a")]);
    let (left, names) = catch_unwind(move || (signal.len(), registry.signals(|| ()))).unwrap();
    assert_eq!((left, names), (1, vec![]));

    SHARED.connect(|| 1);
    assert_eq!(catch_unwind(|| SHARED.emit()).unwrap(), [1]);
}

#[test]
fn an_emission_goes_on_on_another_thread() {
    let signal: Signal<(String,), Rc<str>> = Signal::new();
    let home = thread::current().id();
    let places = Recorder::new();
    for n in 0..4 {
        let places = places.clone();
        signal.connect(move |text| {
            places.add(thread::current().id() == home);
            Rc::from(format!("{text}{n}"))
        });
    }
    let mut calls = signal.calls("slot ".to_owned());
    assert_eq!(calls.next().as_deref(), Some("slot 0"));

    // It keeps no lock: the signal changes, and goes, while the emission is in the post.
    let (sender, receiver) = mpsc::channel();
    let other = thread::spawn(move || {
        let mut calls: smoke_signal::Calls<'static, (String,), Rc<str>> =
            receiver.recv().expect("an emission");
        let second = calls.next().as_deref().map(str::to_owned);
        (second, calls)
    });
    signal.connect(|_| unreachable!("connected during the emission"));
    sender.send(calls).expect("somebody listens");
    let (second, calls) = other.join().unwrap();
    assert_eq!(second.as_deref(), Some("slot 1"));

    let third = signal.connections()[2];
    signal.disconnect(third);
    let rest: Vec<_> = calls.catch_unwind().map(Result::unwrap).collect();
    assert_eq!(rest, [Rc::from("slot 3")]);
    assert_eq!(places.take(), [true, false, true]);
}

#[test]
fn an_emission_outlives_its_signal_on_another_thread() {
    let drops = Counter::default();
    let signal: Signal<(u8,), u8> = Signal::new();
    for _ in 0..2 {
        let held = drops.tracked();
        signal.connect(move |n| {
            held.touch();
            n
        });
    }
    let mut calls = signal.calls(1);
    assert_eq!(calls.next(), Some(1));
    thread::spawn(move || {
        drop(signal);
        drop(calls);
    })
    .join()
    .unwrap();
    assert_eq!(drops.get(), 2);
}

#[test]
fn a_guard_emits_where_it_is_dropped() {
    static DONE: Signal<(&'static str,)> = Signal::new();
    let places = Recorder::new();
    let record = places.clone();
    DONE.connect(move |what| record.add((what, thread::current().id())));
    let guard = DONE.emitting("moved");
    let other = thread::spawn(move || {
        let _guard = guard;
        thread::current().id()
    });
    let other = other.join().unwrap();
    assert_eq!(places.take(), [("moved", other)]);
}
