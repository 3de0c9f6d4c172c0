//! `assert_emitted!` and `assert_not_emitted!`.

use std::cell::Cell;
use std::fmt::Debug;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::thread;

use smoke_signal::{
    ByMut, ByRef, Connector, LocalSignal, Signal, assert_emitted, assert_not_emitted, testing,
};

use crate::common::{Counter, throw, thrown};

/// What the tests are about: a thing that emits.
#[derive(Default)]
struct Editor {
    saved: Signal<(String,)>,
    closed: Signal<(), bool>,
}

impl Editor {
    fn save(&self, path: &str) -> usize {
        self.saved.emit(path.to_owned());
        path.len()
    }

    fn saved(&self) -> Connector<'_, (String,)> {
        self.saved.connector()
    }
}

fn saved(path: &str) -> (String,) {
    (path.to_owned(),)
}

#[test]
fn the_value_of_the_expression_is_returned() {
    let editor = Editor::default();
    let length = assert_emitted!(editor.saved, [saved("a.txt")] => editor.save("a.txt"));
    assert_eq!(length, 5);
    let moved = assert_not_emitted!(editor.saved => vec![String::from("moved")]);
    assert_eq!(moved, ["moved"]);
    assert!(editor.saved.is_empty(), "the spies are gone");
}

#[test]
fn several_emissions_are_compared_in_order() {
    let editor = Editor::default();
    assert_emitted!(editor.saved, [saved("a"), saved("b"), saved("a")] => {
        for path in ["a", "b", "a"] {
            editor.save(path);
        }
    });
    let text = thrown(|| {
        assert_emitted!(editor.saved, [saved("a"), saved("b")] => {
            editor.save("b");
            editor.save("a");
        });
    });
    assert_eq!(
        text,
        "assertion failed: `editor.saved` was not emitted as expected\n  \
           expected: (\"a\",)\n            \
                     (\"b\",)\n      \
               seen: (\"b\",)\n            \
                     (\"a\",)"
    );
}

#[test]
fn every_form_may_have_trailing_commas() {
    let editor = Editor::default();
    assert_emitted!(editor.saved, [saved("a"),] => editor.save("a"),);
    assert_emitted!(editor.saved, [] => (),);
    assert_not_emitted!(editor.saved => (),);
    assert_emitted!(
        editor.saved,
        [saved("a"), saved("b"),] => {
            editor.save("a");
            editor.save("b");
        },
    );
}

#[test]
fn an_empty_list_is_no_emission() {
    let editor = Editor::default();
    assert_emitted!(editor.saved, [] => editor.closed.emit());
    let text = thrown(|| assert_emitted!(editor.saved, [] => editor.save("a")));
    assert_eq!(
        text,
        "assertion failed: `editor.saved` was not emitted as expected\n  \
           expected: nothing\n      \
               seen: (\"a\",)"
    );
}

#[test]
fn a_missing_emission_and_one_too_many_are_shown() {
    let editor = Editor::default();
    let text = thrown(|| assert_emitted!(editor.saved(), [saved("a")] => ()));
    assert_eq!(
        text,
        "assertion failed: `editor.saved()` was not emitted as expected\n  \
           expected: (\"a\",)\n      \
               seen: nothing"
    );
    let text = thrown(|| {
        assert_emitted!(editor.closed, [()] => {
            editor.closed.emit();
            editor.closed.emit();
        });
    });
    assert_eq!(
        text,
        "assertion failed: `editor.closed` was not emitted as expected\n  \
           expected: ()\n      \
               seen: ()\n            \
                     ()"
    );
}

#[test]
fn an_unexpected_emission_is_shown() {
    let editor = Editor::default();
    let text = thrown(|| assert_not_emitted!(editor.saved => editor.save("a")));
    assert_eq!(
        text,
        "assertion failed: `editor.saved` was not emitted as expected\n  \
           expected: nothing\n      \
               seen: (\"a\",)"
    );
}

#[test]
fn the_panic_is_at_the_line_of_the_assertion() {
    let signal = Signal::<(u8,)>::new();
    let lines = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&lines);
    let this = thread::current().id();
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if thread::current().id() == this {
            let at = panic.location().unwrap();
            seen.lock().unwrap().push((at.file().to_owned(), at.line()));
        } else {
            before(panic);
        }
    }));
    let line = line!();
    thrown(|| assert_emitted!(signal, [] => signal.emit(1)));
    thrown(|| assert_not_emitted!(signal => signal.emit(1)));
    drop(std::panic::take_hook());
    let expected = [line + 1, line + 2].map(|line| (file!().to_owned(), line));
    assert_eq!(*lines.lock().unwrap(), expected);
}

#[test]
fn borrowed_arguments_can_be_asserted_not_to_be_emitted() {
    let line = Signal::<(ByRef<str>, ByMut<Vec<u8>>), usize>::new();
    let mut list = vec![1];
    assert_not_emitted!(line => list.push(2));
    let text = thrown(|| assert_not_emitted!(line => line.emit("text", &mut list)));
    assert_eq!(
        text,
        "assertion failed: `line` was not emitted as expected\n  \
           expected: nothing\n      \
               seen: (\"text\", [1, 2])"
    );
}

#[test]
fn arguments_that_stay_on_their_thread_can_be_asserted() {
    let local = LocalSignal::<(Rc<u8>,)>::new();
    assert_emitted!(local, [(Rc::new(1),)] => local.emit(Rc::new(1)));
    let signal = Signal::<(Rc<u8>,)>::new();
    assert_not_emitted!(signal => ());
    let text = thrown(|| assert_not_emitted!(signal => signal.emit(Rc::new(1))));
    assert!(text.ends_with("seen: (1,)"), "{text}");
}

#[test]
fn thread_locals_are_asserted_where_they_are_lent() {
    thread_local! {
        static CLICKED: LocalSignal<(u8,)> = const { LocalSignal::new() };
    }
    fn click() {
        CLICKED.with(|clicked| clicked.emit(1));
    }
    CLICKED.with(|clicked| assert_emitted!(clicked, [(1,)] => click()));
    CLICKED.with(|clicked| assert_not_emitted!(clicked => ()));
}

#[test]
fn signals_are_named_in_any_way_that_leads_to_them() {
    let shared = Arc::new(Mutex::new(Editor::default()));
    // The lock is not held while the expression runs.
    assert_emitted!(shared.lock().unwrap().saved, [saved("a")] => shared.lock().unwrap().save("a"));
    assert_not_emitted!(shared.lock().unwrap().closed => shared.lock().unwrap().save("a"));

    let signal = Rc::new(LocalSignal::<(u8,)>::new());
    let by_reference = &signal;
    assert_emitted!(signal, [(1,)] => signal.emit(1));
    assert_emitted!(by_reference, [(1,)] => signal.emit(1));
    assert_emitted!(*signal, [(1,)] => signal.emit(1));
    assert_emitted!(signal.connector(), [(1,)] => signal.emit(1));
    assert_emitted!({ &signal }, [(1,)] => signal.emit(1));
}

#[test]
fn what_is_expected_may_be_any_array() {
    let signal = Signal::<(u8,)>::new();
    let emit = |times: u8| (0..times).for_each(|n| drop(signal.emit(n)));
    let expected = [(0,), (1,)];
    assert_emitted!(signal, expected => emit(2));
    assert_emitted!(signal, [(0,); 1] => emit(1));
    assert_emitted!(signal, [0, 1, 2].map(|n| (n,)) => emit(3));
}

#[test]
fn what_is_expected_is_evaluated_first_and_does_not_count() {
    let signal = Signal::<(u8,), u8>::new();
    signal.connect(|n| n);
    let owned = String::from("moved");
    let text = Signal::<(String,)>::new();
    assert_emitted!(text, [(owned.clone(),)] => text.emit(owned));
    assert_emitted!(signal, [(signal.emit(1)[0],)] => signal.emit(1));
}

#[test]
fn what_a_temporary_emits_as_it_is_dropped_counts() {
    let signal = Signal::<(u8,)>::new();
    assert_emitted!(signal, [(1,)] => format!("{:?}", signal.emitting(1)).is_empty());
    let guard = assert_not_emitted!(signal => signal.emitting(2));
    assert_emitted!(signal, [(2,)] => drop(guard));
}

#[test]
fn only_the_emissions_of_this_thread_count() {
    static SAVED: Signal<(u8,)> = Signal::new();

    let elsewhere = || drop(thread::spawn(|| SAVED.emit(9)).join().unwrap());
    assert_not_emitted!(SAVED => elsewhere());
    assert_emitted!(SAVED, [(1,), (2,)] => {
        SAVED.emit(1);
        elsewhere();
        SAVED.emit(2);
    });
}

#[test]
fn assertions_may_be_nested() {
    let editor = Editor::default();
    let length = assert_emitted!(editor.saved, [saved("a"), saved("b")] => {
        editor.save("a");
        assert_not_emitted!(editor.closed => {
            assert_emitted!(editor.saved, [saved("b")] => editor.save("b"))
        })
    });
    assert_eq!(length, 1);
    let text = thrown(|| {
        assert_emitted!(editor.saved, [] => assert_emitted!(editor.closed, [()] => ()));
    });
    assert!(
        text.starts_with("assertion failed: `editor.closed`"),
        "{text}"
    );
}

#[test]
fn names_of_the_macro_do_not_hide_those_of_the_test() {
    let signal = Signal::<(u8,)>::new();
    let (expected, spy, value) = (1, &signal, 3);
    let sum = assert_emitted!(spy, [(expected,), (value,)] => {
        spy.emit(expected);
        spy.emit(value);
        expected + value
    });
    assert_eq!(sum, 4);
}

#[test]
fn a_panic_in_the_expression_goes_on_and_the_spy_disconnects() {
    let signal = Signal::<(u8,)>::new();
    let drops = Counter::default();
    let text = thrown(|| {
        let _tracked = drops.tracked();
        assert_emitted!(signal, [(1,)] => if signal.emit(2).is_empty() { throw("the expression") });
    });
    assert_eq!((text, drops.get()), ("the expression".to_owned(), 1));
    assert!(signal.is_empty());
    let throwing: fn() = || throw("again");
    let text = thrown(|| assert_not_emitted!(signal => throwing()));
    assert_eq!(text, "again");
    assert!(signal.is_empty());
}

#[test]
fn a_panicking_slot_leaves_the_assertion() {
    let signal = Signal::<(u8,)>::new();
    signal.connect(|_| throw("a slot"));
    assert_eq!(
        thrown(|| assert_emitted!(signal, [] => signal.emit(1))),
        "a slot"
    );
    assert_eq!(signal.len(), 1);
}

#[test]
fn returning_from_the_expression_leaves_the_function() {
    fn early(signal: &Signal<(u8,)>, text: &str) -> Result<u8, std::num::ParseIntError> {
        let n = assert_emitted!(signal, [(7,)] => {
            let n = text.parse()?;
            signal.emit(n);
            n
        });
        Ok(n + 1)
    }
    let signal = Signal::new();
    assert_eq!(early(&signal, "7"), Ok(8));
    assert!(early(&signal, "seven").is_err());
    assert!(signal.is_empty());
    assert!(thrown(|| early(&signal, "8")).ends_with("seen: (8,)"));
    for n in [1, 2] {
        assert_not_emitted!(signal => if n == 1 { continue });
    }
}

#[test]
fn arguments_are_compared_and_printed_once_the_expression_has_run() {
    #[derive(Clone)]
    struct Watched<'c>(u8, &'c Cell<bool>);
    impl PartialEq for Watched<'_> {
        fn eq(&self, other: &Self) -> bool {
            assert!(self.1.get(), "compared too early");
            self.0 == other.0
        }
    }
    impl Debug for Watched<'_> {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            assert!(self.1.get(), "printed too early");
            write!(f, "<{}>", self.0)
        }
    }
    let ended: &'static Cell<bool> = Box::leak(Box::new(Cell::new(false)));
    let signal = LocalSignal::<(Watched<'static>,)>::new();
    let text = thrown(|| {
        assert_emitted!(signal, [(Watched(1, ended),)] => {
            signal.emit(Watched(2, ended));
            ended.set(true);
        });
    });
    assert!(
        text.ends_with("expected: (<1>,)\n      seen: (<2>,)"),
        "{text}"
    );
}

#[test]
fn the_macros_are_in_the_module_too() {
    let signal = Signal::<(u8,)>::new();
    testing::assert_emitted!(signal, [(1,)] => signal.emit(1));
    testing::assert_not_emitted!(signal => ());
}
