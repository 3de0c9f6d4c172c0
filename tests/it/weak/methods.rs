//! Methods as slots: every way to connect one, every arity, every kind of object.

use std::any::Any;
use std::sync::{Arc, Mutex, OnceLock};

use smoke_signal::{ByMut, ByRef, Connection, Signal};

use crate::common::said;

use super::Widget;

// Boost.Signals2: track_test.cpp; palacaze/sigslot: test_track_shared; psygnal: test_weakref
#[test]
fn a_method_path_is_a_slot() {
    let renamed = Signal::<(String,)>::new();
    let (one, two) = (Widget::new('1'), Widget::new('2'));
    renamed.connect_weak(&one, Widget::hear);
    renamed.connect_weak(&two, Widget::hear);
    renamed.emit("Ada".to_owned());
    drop(two);
    renamed.emit("Bob".to_owned());
    assert_eq!(one.heard.take(), ["Ada", "Bob"]);
}

// Boost.Signals2: track_test.cpp; palacaze/sigslot: test_track_shared; psygnal: test_weakref
#[test]
fn methods_take_borrowed_arguments_and_return_results() {
    let signal = Signal::<(ByRef<str>, ByMut<String>), usize>::new();
    let (one, two) = (Widget::new('1'), Widget::new('2'));
    signal.connect_weak(&one, Widget::append);
    signal.connect(|word, text| word.len() + text.len());
    signal.connect_weak(&two, Widget::append);
    let (word, mut text) = (String::from("x"), String::new());
    assert_eq!(signal.emit(&word, &mut text), [2, 3, 4]);
    assert_eq!(text, "x1x2");
    drop(one);
    assert_eq!(signal.emit(&word, &mut text), [5, 6]);
    assert_eq!(text, "x1x2x2");
}

// Boost.Signals2: track_test.cpp; palacaze/sigslot: test_track_shared; psygnal: test_weakref
#[test]
fn methods_take_any_number_of_arguments() {
    let factor = Arc::new(10);
    let none = Signal::<(), u32>::new();
    none.connect_weak(&factor, |f| *f);
    assert_eq!(none.emit(), [10]);
    let two = Signal::<(u32, u32), u32>::new();
    two.connect_weak(&factor, |f, x, y| f * (x + y));
    assert_eq!(two.emit(1, 2), [30]);
    let eight = Signal::<(u8, u8, u8, u8, u8, u8, u8, ByRef<[u32]>), u32>::new();
    eight.connect_weak(&factor, |f, n1, n2, n3, n4, n5, n6, n7, rest| {
        let bytes = [n1, n2, n3, n4, n5, n6, n7].map(u32::from);
        f * (bytes.iter().sum::<u32>() + rest.iter().sum::<u32>())
    });
    assert_eq!(eight.emit(1, 2, 3, 4, 5, 6, 7, &[8, 9]), [450]);
    drop(factor);
    assert!(none.is_empty() && two.is_empty() && eight.is_empty());
}

// Boost.Signals2: track_test.cpp; palacaze/sigslot: test_track_shared; psygnal: test_weakref
#[test]
fn every_way_to_connect_takes_a_weak_slot() {
    let signal = Signal::<(), char>::new();
    let object = Widget::new('w');
    let marked = |letter| move |_: &Widget| letter;
    let slots = [
        signal.connect_weak(&object, Widget::letter),
        signal.options().connect_weak(&object, marked('o')),
        signal.options().first().connect_weak(&object, marked('f')),
        signal
            .options()
            .group(-1)
            .connect_weak(&object, marked('g')),
        signal
            .options()
            .max_calls(1)
            .connect_weak(&object, marked('m')),
        signal
            .options()
            .waitable()
            .connect_weak(&object, marked('q')),
        signal.connector().connect_weak(&object, marked('c')),
        signal
            .connector()
            .options()
            .group(1)
            .connect_weak(&object, marked('d')),
    ];
    assert!(slots.iter().all(|slot| signal.contains(*slot)));
    assert_eq!(said(&signal), "gfwomqcd");
    assert_eq!(said(&signal), "gfwoqcd");
    let never = signal.options().max_calls(0);
    assert!(!signal.contains(never.connect_weak(&object, marked('n'))));
    drop(object);
    assert!(signal.is_empty());
    assert!(!slots.iter().any(|slot| signal.contains(*slot)));
    assert_eq!(said(&signal), "");
}

// palacaze/sigslot: test_tracked_connection
#[test]
fn a_weak_slot_may_disconnect_itself() {
    static SIGNAL: Signal<(), char> = Signal::new();
    let object = Widget::new('w');
    let own: Arc<OnceLock<Connection>> = Arc::default();
    let known = Arc::clone(&own);
    let slot = SIGNAL.connect_weak(&object, move |widget| {
        assert!(SIGNAL.disconnect(*known.get().unwrap()));
        widget.letter
    });
    own.set(slot).unwrap();
    assert_eq!(said(&SIGNAL), "w");
    assert_eq!(said(&SIGNAL), "");
    assert_eq!(Arc::weak_count(&object), 0);
}

trait Listener: Send + Sync {
    fn hear(&self, n: u32) -> u32;
}

impl Listener for u32 {
    fn hear(&self, n: u32) -> u32 {
        self + n
    }
}

// Boost.Signals2: track_test.cpp; palacaze/sigslot: boost-tracking.cpp
#[test]
fn objects_may_be_unsized() {
    let signal = Signal::<(u32,), u32>::new();
    let listener: Arc<dyn Listener> = Arc::new(1_u32);
    let text: Arc<str> = Arc::from("four");
    let bytes: Arc<[u8]> = Arc::from([1, 2, 3]);
    let any: Arc<dyn Any + Send + Sync> = Arc::new(String::new());
    signal.connect_weak(&listener, <dyn Listener>::hear);
    signal.connect_weak(&listener, |listener, n| listener.hear(n + 10));
    signal.connect_weak(&text, |text, n| n + u32::try_from(text.len()).unwrap());
    signal.connect_weak(&bytes, |bytes, n| n + u32::from(bytes[2]));
    signal.connect_weak(&any, |any, n| n + u32::from(any.is::<String>()));
    assert_eq!(signal.emit(0), [1, 11, 4, 3, 1]);
    drop(text);
    assert_eq!(signal.emit(0), [1, 11, 3, 1]);
    drop((listener, any));
    assert_eq!(signal.emit(0), [3]);
    drop(bytes);
    assert!(signal.is_empty());
}

// Boost.Signals2: track_test.cpp; palacaze/sigslot: boost-tracking.cpp
#[test]
fn an_object_may_own_its_signal() {
    struct Model {
        changed: Signal<(u32,)>,
        value: Mutex<u32>,
    }
    let model = Arc::new(Model {
        changed: Signal::new(),
        value: Mutex::new(0),
    });
    model
        .changed
        .connect_weak(&model, |model, n| *model.value.lock().unwrap() += n);
    model.changed.emit(7);
    assert_eq!(*model.value.lock().unwrap(), 7);
    let weak = Arc::downgrade(&model);
    drop(model);
    assert!(weak.upgrade().is_none(), "no cycle");
    assert_eq!(weak.weak_count(), 0, "its slots were dropped with it");
}
