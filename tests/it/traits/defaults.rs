//! Statics and defaults.

use std::cell::Cell;
use std::fmt::Debug;
use std::rc::Rc;

use slotmap::Key;
use smoke_signal::{ByMut, ByRef, CallbackKey, Connection, Registry, Returns, Signal};

use super::{Bare, debug};

// Boost.Signals2: signal_test.cpp, test_zero_args
#[test]
fn a_static_can_be_any_signal() {
    type Borrowed = (ByMut<[u8]>, ByRef<dyn Debug>);
    static PLAIN: Signal<()> = Signal::new();
    static RESULT: Signal<(u8, String), Vec<String>> = Signal::new();
    static BORROWED: Signal<Borrowed> = Signal::new();
    static NOT_SHARED: Signal<(ByRef<Bare>,), Bare> = Signal::new();
    static MANY: [Signal<(u8,)>; 2] = [const { Signal::new() }; 2];
    static NAMED: Registry = Registry::new();

    PLAIN.connect(|| ());
    RESULT.connect(|n, text| vec![text; usize::from(n)]);
    BORROWED.connect(|bytes, shown| bytes[0] = debug(&shown).as_bytes()[0]);
    NOT_SHARED.connect(|bare| Bare(Rc::clone(&bare.0)));
    MANY[1].connect(drop);
    NAMED.on("named", || ()).unwrap();

    assert_eq!(PLAIN.emit(), [()]);
    assert_eq!(RESULT.emit(2, "a".to_owned()), [["a", "a"]]);
    let mut bytes = [0; 2];
    BORROWED.emit(&mut bytes, &1);
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

#[test]
fn cloned_options_equal_copied_ones() {
    let signal = Signal::<(), char>::new();
    let options = signal.options().group(-1);
    signal.connect(|| 'b');
    #[allow(clippy::clone_on_copy)]
    options.clone().connect(|| 'a');
    assert_eq!(signal.emit(), ['a', 'b']);
}
