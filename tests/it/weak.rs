//! `connect_weak`: methods as slots, and slots that leave with an object which they don't keep alive.

use std::any::Any;
use std::sync::{Arc, Barrier, Mutex, OnceLock, Weak};
use std::thread;

use smoke_signal::{ByMut, ByRef, Connection, ScopedConnection, Signal};

use crate::common::{
    Counted, Counter, DEADLOCK, OnDrop, Recorder, Tracked, said, throw, thrown, together, within,
};

/// An object with methods to be slots.
#[derive(Debug)]
struct Widget {
    letter: char,
    heard: Recorder<String>,
}

impl Widget {
    fn new(letter: char) -> Arc<Self> {
        let heard = Recorder::new();
        Arc::new(Self { letter, heard })
    }

    fn letter(&self) -> char {
        self.letter
    }

    fn hear(&self, word: String) {
        self.heard.add(word);
    }

    fn append(&self, word: &str, text: &mut String) -> usize {
        text.push_str(word);
        text.push(self.letter);
        text.len()
    }
}

/// A slot method to be given by its path, which holds a value until it goes.
fn holding(tracked: Tracked) -> impl Fn(&Widget) -> char + Send + Sync + 'static {
    move |widget| {
        tracked.touch();
        widget.letter
    }
}

/// An owner that a slot can release.
type Owner<T> = Arc<Mutex<Option<Arc<T>>>>;

fn owner<T>(object: &Arc<T>) -> Owner<T> {
    Arc::new(Mutex::new(Some(Arc::clone(object))))
}

// Methods as slots.

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
fn with_lent_arguments_and_results() {
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
fn for_every_number_of_arguments() {
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
fn every_way_to_connect() {
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
fn a_slot_that_knows_itself_and_tracks_an_object() {
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
fn unsized_objects() {
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
    assert_eq!(weak.weak_count(), 0, "and its slots have gone with it");
}

// The object's life.

// psygnal: test_weakref_disconnect
#[test]
fn the_object_is_not_kept_alive() {
    let signal = Signal::<(), char>::new();
    let object = Widget::new('w');
    signal.connect_weak(&object, Widget::letter);
    signal
        .options()
        .waitable()
        .connect_weak(&object, Widget::letter);
    let calls = signal.calls();
    assert_eq!(said(&signal), "ww");
    assert_eq!(Arc::strong_count(&object), 1);
    assert_eq!(Arc::weak_count(&object), 2);
    let weak = Arc::downgrade(&object);
    drop(object);
    assert!(weak.upgrade().is_none());
    assert_eq!(calls.count(), 0);
}

// Boost.Signals2: track_test.cpp; palacaze/sigslot: test_track_shared; psygnal: test_weakref
#[test]
fn an_object_taken_out_of_its_arc_has_gone() {
    let signal = Signal::<(), char>::new();
    let object = Widget::new('w');
    signal.connect_weak(&object, Widget::letter);
    let widget = Arc::into_inner(object).expect("the slot is no owner");
    assert!(signal.is_empty());
    assert_eq!(widget.letter(), 'w');

    // Where others know it weakly, `make_mut` moves it out as well.
    let mut number = Arc::new('n');
    signal.connect_weak(&number, |number| *number);
    *Arc::make_mut(&mut number) = 'm';
    assert!(signal.is_empty());
}

// Boost.Signals2: deadlock_regression_test.cpp, trackable_test.cpp, test_immediate_disconnect_on_delete
#[test]
fn released_in_its_own_slot_it_lives_until_that_returns() {
    struct Mortal(Counter);
    impl Drop for Mortal {
        fn drop(&mut self) {
            self.0.add();
        }
    }
    static SIGNAL: Signal<(), usize> = Signal::new();
    let died = Counter::default();
    let object = Arc::new(Mortal(died.clone()));
    let (owner, seen) = (owner(&object), died.clone());
    let own: Arc<OnceLock<Connection>> = Arc::default();
    let known = Arc::clone(&own);
    let slot = SIGNAL.connect_weak(&object, move |object| {
        drop(owner.lock().unwrap().take());
        let me = *known.get().unwrap();
        assert!(SIGNAL.contains(me), "the call holds the object");
        assert_eq!(SIGNAL.len(), 1);
        assert_eq!(seen.get(), 0);
        object.0.get()
    });
    own.set(slot).unwrap();
    drop(object);
    let seen = died.clone();
    let mut calls = SIGNAL.calls();
    assert_eq!(calls.next(), Some(0));
    assert_eq!(seen.get(), 1, "it went when the call returned");
    assert!(!SIGNAL.contains(slot));
    drop(calls);
    assert!(SIGNAL.emit().is_empty());
}

// Boost.Signals2: deadlock_regression_test.cpp
#[test]
fn released_by_another_thread_while_the_slot_runs() {
    within(DEADLOCK, "an object released meanwhile", || {
        let signal = Arc::new(Signal::<(), char>::new());
        let meet = Arc::new(Barrier::new(2));
        let gate = Arc::clone(&meet);
        let object = Widget::new('w');
        let slot = signal.connect_weak(&object, move |widget| {
            gate.wait();
            gate.wait();
            widget.letter
        });
        let emitting = Arc::clone(&signal);
        let emission = thread::spawn(move || said(&emitting));
        meet.wait();
        let weak = Arc::downgrade(&object);
        drop(object);
        assert!(weak.upgrade().is_some(), "the call holds it");
        assert!(signal.contains(slot));
        meet.wait();
        assert_eq!(emission.join().unwrap(), "w");
        assert!(weak.upgrade().is_none());
        assert!(signal.is_empty());
    });
}

// Boost.Signals2: deadlock_regression_test.cpp
#[test]
fn a_slot_that_panics_lets_go_of_the_object() {
    let signal = Signal::<()>::new();
    let object = Widget::new('w');
    let owner = owner(&object);
    signal.connect_weak(&object, move |_| {
        owner.lock().unwrap().take();
        throw("with the last owner gone");
    });
    let weak = Arc::downgrade(&object);
    drop(object);
    assert_eq!(thrown(|| signal.emit()), "with the last owner gone");
    assert!(weak.upgrade().is_none());
    assert!(signal.is_empty());
    assert!(signal.emit().is_empty());
}

#[test]
fn released_by_an_earlier_slot_the_later_is_passed_over() {
    let signal = Signal::<(), char>::new();
    let object = Widget::new('b');
    let owner = owner(&object);
    signal.connect(move || {
        owner.lock().unwrap().take();
        'a'
    });
    signal.connect_weak(&object, Widget::letter);
    signal.connect(|| 'c');
    drop(object);
    assert_eq!(said(&signal), "ac");
    assert_eq!(said(&signal), "ac");
}

#[test]
fn so_it_is_in_a_lazy_emission() {
    let signal = Signal::<(), char>::new();
    let (one, two) = (Widget::new('1'), Widget::new('2'));
    signal.connect(|| 'a');
    signal.connect_weak(&one, Widget::letter);
    signal.connect(|| 'b');
    signal.connect_weak(&two, Widget::letter);
    let mut calls = signal.calls();
    assert_eq!(calls.next(), Some('a'));
    drop(one);
    assert_eq!(calls.next(), Some('b'));
    drop(two);
    assert_eq!(calls.next(), None);
    assert_eq!(said(&signal), "ab");
}

// palacaze/sigslot: test_track_shared_reversed
#[test]
fn two_objects_in_either_order() {
    for last_first in [false, true] {
        let signal = Signal::<(), char>::new();
        let (one, two) = (Widget::new('1'), Widget::new('2'));
        let first = signal.connect_weak(&one, Widget::letter);
        let second = signal.connect_weak(&two, Widget::letter);
        assert_eq!(said(&signal), "12");
        let (left, gone, slot, says) = if last_first {
            drop(two);
            (one, second, first, "1")
        } else {
            drop(one);
            (two, first, second, "2")
        };
        assert!(!signal.contains(gone));
        assert_eq!(signal.connections(), [slot]);
        assert_eq!(said(&signal), says);
        drop(left);
        assert!(signal.is_empty());
        assert_eq!(said(&signal), "");
    }
}

// palacaze/sigslot: test_track_shared_reversed
#[test]
fn two_slots_of_one_object_and_one_of_another() {
    let signal = Signal::<(), char>::new();
    let (one, two) = (Widget::new('1'), Widget::new('2'));
    signal.connect_weak(&one, Widget::letter);
    signal.connect_weak(&two, Widget::letter);
    signal.connect_weak(&one, Widget::letter);
    assert_eq!(said(&signal), "121");
    drop(one);
    assert_eq!(signal.len(), 1);
    assert_eq!(said(&signal), "2");
}

// palacaze/sigslot: test_observer; Boost.Signals2: trackable_test.cpp
#[test]
fn weak_and_plain_slots_mixed() {
    let signal = Signal::<(), char>::new();
    let objects: Vec<_> = ('a'..='j').map(Widget::new).collect();
    for object in &objects {
        signal.connect_weak(object, Widget::letter);
        let upper = object.letter.to_ascii_uppercase();
        let kept = Arc::clone(&objects[0]);
        signal.connect(move || {
            assert_eq!(kept.letter, 'a');
            upper
        });
    }
    assert_eq!(said(&signal), "aAbBcCdDeEfFgGhHiIjJ");
    drop(objects);
    assert_eq!(signal.len(), 11, "one is kept by plain slots");
    assert_eq!(said(&signal), "aABCDEFGHIJ");
}

// What can be told as soon as the object has gone.

/// Looks at a signal with an expired slot in each way there is.
fn assert_gone(signal: &Signal<(), char>, slot: Connection) {
    assert!(!signal.contains(slot));
    assert!(!signal.is_blocked(slot));
    assert!(signal.block(slot).is_none());
    assert_eq!(signal.len(), 1);
    assert!(!signal.is_empty());
    let plain = signal.connections();
    assert_eq!(plain.len(), 1);
    assert!(!plain.contains(&slot));
    let listed: Vec<_> = signal.slots().iter().map(|s| s.connection).collect();
    assert_eq!(listed, plain);
    assert_eq!(format!("{signal:?}"), "Signal { slots: 1, .. }");
    assert!(!format!("{signal:#?}").contains(", weak"));
}

// psygnal: test_weakref
#[test]
fn it_has_left_as_soon_as_the_object_has_gone() {
    for emitted in [false, true] {
        for waitable in [false, true] {
            let signal = Signal::<(), char>::new();
            signal.connect(|| 'p');
            let options = if waitable {
                signal.options().waitable()
            } else {
                signal.options()
            };
            let object = Widget::new('w');
            let slot = options.connect_weak(&object, Widget::letter);
            let guard = signal.block(slot);
            assert!(signal.is_blocked(slot));
            assert_eq!(signal.len(), 2);
            if emitted {
                signal.emit();
            }
            drop(object);
            assert_gone(&signal, slot);
            drop(guard);
            assert_gone(&signal, slot);
            assert!(!signal.disconnect(slot), "it left by itself");
            assert_gone(&signal, slot);
            assert_eq!(said(&signal), "p");
        }
    }
}

#[test]
fn alone_it_leaves_an_empty_signal() {
    let signal = Signal::<(), char>::new();
    let object = Widget::new('w');
    let slot = signal.connect_weak(&object, Widget::letter);
    assert!(!signal.is_empty());
    drop(object);
    assert!(signal.is_empty());
    assert!(signal.connections().is_empty() && signal.slots().is_empty());
    let _all = signal.block_all();
    assert!(!signal.is_blocked(slot));
    assert!(signal.is_empty());
}

// psygnal: test_weakref
#[test]
fn counting_goes_on_after_weak_slots_left_in_every_way() {
    let signal = Signal::<(), char>::new();
    let object = Widget::new('w');
    let connect = || signal.connect_weak(&object, Widget::letter);
    for round in 0..3 {
        let slot = connect();
        assert!(signal.disconnect(slot));
        signal
            .options()
            .max_calls(1)
            .connect_weak(&object, Widget::letter);
        assert_eq!(said(&signal), "w", "round {round}");
        drop(signal.scoped(connect()));
        connect();
        signal.disconnect_all();
        assert!(signal.is_empty());
        let gone = Widget::new('g');
        signal.connect_weak(&gone, Widget::letter);
        drop(gone);
        signal.connect(|| 'p');
        assert_eq!(signal.len(), 1);
        // A key that is set aside counts neither with weak slots about nor without.
        signal.connect_with_key(|_| {
            assert_eq!(signal.len(), 1);
            connect();
            assert_eq!(signal.len(), 2);
            || 'k'
        });
        assert_eq!(signal.len(), 3);
        signal.disconnect_all();
    }
}

// Boost.Signals2: signal_test.cpp, test_zero_args
#[test]
fn disconnect_answers_false_and_drops_the_captures() {
    let signal = Signal::<(), char>::new();
    let dropped = Counter::default();
    let object = Widget::new('w');
    let slot = signal.connect_weak(&object, holding(dropped.tracked()));
    signal.emit();
    drop(object);
    assert_eq!(dropped.get(), 0, "the signal knows nothing yet");
    assert!(!signal.disconnect(slot));
    assert_eq!(dropped.get(), 1);
    assert!(!signal.disconnect(slot));

    let object = Widget::new('w');
    let slot = signal.connect_weak(&object, holding(dropped.tracked()));
    assert!(
        signal.disconnect(slot),
        "while it lives, it is one like others"
    );
    assert_eq!(dropped.get(), 2);
    drop(object);
    assert!(!signal.disconnect(slot));
}

// Boost.Signals2: regression_test.cpp, scoped_connection_test
#[test]
fn scoped_and_all_of_them_take_expired_slots_too() {
    let signal = Signal::<(), char>::new();
    let dropped = Counter::default();
    let connect = || {
        let object = Widget::new('w');
        signal.connect_weak(&object, holding(dropped.tracked()))
    };
    // Each connect sweeps the one before it.
    let scoped = signal.scoped(connect());
    assert_eq!(dropped.get(), 0);
    drop(scoped);
    assert_eq!(dropped.get(), 1);
    connect();
    signal.disconnect_all();
    assert_eq!(dropped.get(), 2);
    connect();
    drop(signal);
    assert_eq!(dropped.get(), 3);
}

// When captures go.

// palacaze/sigslot: test_track_shared; blinker: test_weak_receiver
#[test]
fn captures_go_at_the_next_emission() {
    for outdated in [false, true] {
        let signal = Signal::<(), char>::new();
        let dropped = Counter::default();
        let object = Widget::new('w');
        signal.connect_weak(&object, holding(dropped.tracked()));
        assert_eq!(said(&signal), "w");
        if outdated {
            signal.connect(|| 'p');
        }
        drop(object);
        assert_eq!(dropped.get(), 0);
        assert_eq!(said(&signal), if outdated { "p" } else { "" });
        assert_eq!(dropped.get(), 1);
    }
}

// palacaze/sigslot: test_track_shared; blinker: test_weak_receiver
#[test]
fn and_at_the_next_lazy_one() {
    let signal = Signal::<(), char>::new();
    let dropped = Counter::default();
    let object = Widget::new('w');
    signal.connect_weak(&object, holding(dropped.tracked()));
    drop(object);
    let calls = signal.calls();
    assert_eq!(dropped.get(), 1, "as it takes the list of slots");
    drop(calls);

    let object = Widget::new('w');
    signal.connect_weak(&object, holding(dropped.tracked()));
    signal.emit();
    drop(object);
    assert_eq!(signal.calls().count(), 0);
    assert_eq!(dropped.get(), 2);
}

// palacaze/sigslot: test_track_shared; blinker: test_weak_receiver
#[test]
fn an_emission_under_way_holds_them_to_its_end() {
    let signal = Signal::<(), char>::new();
    let dropped = Counter::default();
    let object = Widget::new('w');
    signal.connect_weak(&object, holding(dropped.tracked()));
    signal.connect(|| 'p');
    let mut calls = signal.calls();
    drop(object);
    assert_eq!(calls.next(), Some('p'));
    assert_eq!(said(&signal), "p");
    assert_eq!(dropped.get(), 0);
    drop(calls);
    assert_eq!(dropped.get(), 1);
}

/// The ways to connect.
type Connect = fn(&Signal<(), char>);

const CONNECTS: &[(&str, Connect)] = &[
    ("connect", |signal| {
        signal.connect(|| 'n');
    }),
    ("once", |signal| {
        signal.once(|| 'n');
    }),
    ("connect_with_key", |signal| {
        signal.connect_with_key(|_| || 'n');
    }),
    ("connect_weak", |signal| {
        signal.connect_weak(&Widget::new('n'), Widget::letter);
    }),
    ("options: connect", |signal| {
        signal.options().group(3).connect(|| 'n');
    }),
    ("options: once", |signal| {
        signal.options().first().once(|| 'n');
    }),
    ("options: connect_with_key", |signal| {
        signal.options().max_calls(2).connect_with_key(|_| || 'n');
    }),
    ("waitable", |signal| {
        signal.options().waitable().connect(|| 'n');
    }),
    ("waitable, with a key", |signal| {
        signal.options().waitable().connect_with_key(|_| || 'n');
    }),
    ("the connector", |signal| {
        signal.connector().connect(|| 'n');
    }),
];

// palacaze/sigslot: test_track_shared; blinker: test_weak_receiver
#[test]
fn captures_go_at_the_next_connect_of_any_kind() {
    for (name, connect) in CONNECTS {
        for emitted in [false, true] {
            let signal = Signal::<(), char>::new();
            let dropped = Counter::default();
            let object = Widget::new('w');
            signal.connect_weak(&object, holding(dropped.tracked()));
            let waitable = signal.options().waitable();
            waitable.connect_weak(&object, holding(dropped.tracked()));
            signal.connect(|| 'p');
            if emitted {
                signal.emit();
            }
            drop(object);
            assert_eq!(dropped.get(), 0);
            connect(&signal);
            assert_eq!(dropped.get(), 2, "{name}");
            assert!(said(&signal).contains('p'));
        }
    }
}

// palacaze/sigslot: test_track_shared; blinker: test_weak_receiver
#[test]
fn a_connect_by_name_sweeps_too() {
    let registry = smoke_signal::Registry::new();
    let signal = registry.signal::<(), char>("name").unwrap();
    let dropped = Counter::default();
    let object = Widget::new('w');
    signal.connect_weak(&object, holding(dropped.tracked()));
    drop(object);
    registry.on("name", || 'n').unwrap();
    assert_eq!(dropped.get(), 1);
}

// palacaze/sigslot: test_track_shared; blinker: test_weak_receiver
#[test]
fn looking_drops_nothing() {
    let signal = Signal::<(), char>::new();
    let dropped = Counter::default();
    let object = Widget::new('w');
    let slot = signal.connect_weak(&object, holding(dropped.tracked()));
    drop(object);
    assert!(!signal.contains(slot) && signal.is_empty());
    assert!(signal.slots().is_empty() && signal.connections().is_empty());
    assert_eq!(format!("{signal:?}"), "Signal { slots: 0, .. }");
    assert_eq!(dropped.get(), 0);
    signal.emit();
    assert_eq!(dropped.get(), 1);
}

// palacaze/sigslot: test_track_shared; blinker: test_weak_receiver
#[test]
fn expired_slots_of_a_blocked_signal_go_too() {
    let signal = Signal::<(), char>::new();
    let dropped = Counter::default();
    let connected = || {
        let object = Widget::new('w');
        let slot = signal.connect_weak(&object, holding(dropped.tracked()));
        (object, slot)
    };
    // The slot is blocked, and the emission finds it in its list: not charged, not blocked, gone.
    let (object, slot) = connected();
    signal.emit();
    let guard = signal.block(slot);
    drop(object);
    assert!(signal.emit().is_empty());
    assert_eq!(dropped.get(), 1);
    drop(guard);
    // The whole signal is blocked; the first emission since makes a new list.
    let (object, _) = connected();
    signal.emit();
    let guard = signal.block_all();
    drop(object);
    assert!(signal.is_empty());
    assert!(signal.emit().is_empty());
    assert_eq!(dropped.get(), 2);
    drop(guard);
    // And at a connect.
    let (object, _) = connected();
    let guard = signal.block_all();
    drop(object);
    signal.connect(|| 'p');
    assert_eq!(dropped.get(), 3);
    drop(guard);
    assert_eq!(said(&signal), "p");
}

// palacaze/sigslot: test_track_shared; blinker: test_weak_receiver
#[test]
fn expired_slots_of_a_signal_that_stays_blocked_go_too() {
    let signal = Signal::<(), char>::new();
    let dropped = Counter::default();
    let object = Widget::new('w');
    signal.connect_weak(&object, holding(dropped.tracked()));
    let _guard = signal.block_all();
    signal.emit();
    drop(object);
    signal.emit();
    assert_eq!(dropped.get(), 1);
}

// Budgets and arguments.

#[test]
fn nothing_is_charged_or_cloned_for_a_dead_object() {
    let signal = Signal::<(Counted,), bool>::new();
    let object = Arc::new(());
    let options = signal.options().max_calls(1);
    let limited = options.connect_weak(&object, |(), argument| argument.is_clone);
    signal.connect(|argument| argument.is_clone);
    let _calls = signal.calls(Counted::default()); // the list of slots has it
    drop(object);
    let argument = Counted::default();
    let clones = argument.clones.clone();
    assert_eq!(signal.emit(argument), [false]);
    assert_eq!(clones.get(), 0);
    assert!(!signal.contains(limited));
    assert!(!signal.disconnect(limited));
}

#[test]
fn budgets_of_living_objects_are_as_any() {
    let signal = Signal::<(), char>::new();
    let object = Widget::new('w');
    let slot = signal
        .options()
        .max_calls(2)
        .connect_weak(&object, Widget::letter);
    let left = || signal.slots().first().map(|slot| slot.calls_left);
    assert_eq!(left(), Some(Some(2)));
    {
        let _guard = signal.block(slot);
        assert_eq!(said(&signal), "");
    }
    assert_eq!(said(&signal), "w");
    assert_eq!(left(), Some(Some(1)));
    assert_eq!(said(&signal), "w");
    assert_eq!(left(), None);
    assert!(!signal.contains(slot));
    drop(object);
    assert_eq!(said(&signal), "");
}

// The object's drop is foreign code.

/// What an object's drop does to the signal; the second argument is a connected slot.
type Method = fn(&Arc<Signal<(), char>>, Connection);

const METHODS: &[(&str, Method)] = &[
    ("connect", |signal, _| {
        signal.connect(|| 'n');
    }),
    ("once", |signal, _| {
        signal.once(|| 'n');
    }),
    ("connect_with_key", |signal, _| {
        signal.connect_with_key(|_| || 'n');
    }),
    ("connect_weak", |signal, _| {
        let object = Widget::new('n');
        signal.connect_weak(&object, Widget::letter);
        signal.options().first().connect_weak(&object, |_| 'm');
    }),
    ("emit", |signal, _| {
        signal.emit();
    }),
    ("calls", |signal, _| {
        signal.calls().catch_unwind().for_each(drop);
    }),
    ("emitting", |signal, _| drop(signal.emitting())),
    ("disconnect", |signal, slot| {
        signal.disconnect(slot);
    }),
    ("disconnect_all", |signal, _| signal.disconnect_all()),
    ("disconnect_and_wait", |signal, slot| {
        signal.disconnect_and_wait(slot).unwrap_err();
    }),
    ("scoped", |signal, slot| drop(signal.scoped(slot))),
    ("block", |signal, slot| {
        let _guard = signal.block(slot);
        signal.emit();
        signal.is_blocked(slot);
    }),
    ("block_all", |signal, _| {
        let _guard = signal.block_all();
        signal.emit();
    }),
    ("contains", |signal, slot| {
        signal.contains(slot);
    }),
    ("len", |signal, _| {
        assert_ne!(signal.len(), usize::from(signal.is_empty()));
    }),
    ("connections", |signal, _| {
        assert_eq!(signal.connections().len(), signal.slots().len());
    }),
    ("Debug", |signal, _| {
        assert!(!format!("{signal:?} {signal:#?}").contains("locked"));
    }),
];

type Act = Arc<dyn Fn() + Send + Sync>;

/// An object whose drop acts; a slot of it does nothing.
fn acting(act: Act) -> Arc<OnDrop<impl FnMut() + Send + Sync + 'static>> {
    Arc::new(OnDrop(move || act()))
}

/// Connects a slot whose object goes at once, and whose captures act when they go.
fn connect_expired(signal: &Signal<(), char>, act: Act) -> Connection {
    let captured = acting(act);
    signal.connect_weak(&Widget::new('w'), move |_| {
        let _ = &captured;
        'w'
    })
}

/// Where an object is dropped; each brings about that `act` does.
type Place = fn(&Arc<Signal<(), char>>, Act);

const PLACES: &[(&str, Place)] = &[
    ("between emissions", |signal, act| {
        let object = acting(act);
        signal.connect_weak(&object, |_| 'w');
        signal.emit();
        drop(object);
        signal.emit();
    }),
    ("before the first emission", |signal, act| {
        let object = acting(act);
        signal.connect_weak(&object, |_| 'w');
        drop(object);
        signal.connect(|| 'p');
    }),
    ("as its own slot returns", |signal, act| {
        let object = acting(act);
        let owner = owner(&object);
        signal.connect_weak(&object, move |_| {
            owner.lock().unwrap().take();
            'w'
        });
        drop(object);
        signal.emit();
    }),
    ("as its own waitable slot returns", |signal, act| {
        let object = acting(act);
        let owner = owner(&object);
        let waitable = signal.options().waitable();
        waitable.connect_weak(&object, move |_| {
            owner.lock().unwrap().take();
            'w'
        });
        drop(object);
        signal.emit();
    }),
    ("as its own slot unwinds", |signal, act| {
        let object = acting(act);
        let owner = owner(&object);
        signal.connect_weak(&object, move |_| {
            owner.lock().unwrap().take();
            throw("unwinding");
        });
        drop(object);
        assert_eq!(thrown(|| signal.emit()), "unwinding");
    }),
    ("as the last call of its budget returns", |signal, act| {
        let object = acting(act);
        let owner = owner(&object);
        let options = signal.options().max_calls(1);
        options.connect_weak(&object, move |_| {
            owner.lock().unwrap().take();
            'w'
        });
        drop(object);
        signal.emit();
    }),
    ("in an earlier slot", |signal, act| {
        let object = acting(act);
        let owner = owner(&object);
        signal.once(move || {
            owner.lock().unwrap().take();
            'a'
        });
        signal.connect_weak(&object, |_| 'w');
        drop(object);
        signal.emit();
    }),
    (
        "as captures own the last owner of another",
        |signal, act| {
            // The sweep of one slot makes another expire.
            let (object, other) = (Widget::new('w'), acting(act));
            signal.connect_weak(&other, |_| 'o');
            signal.connect_weak(&object, move |_| {
                let _ = &other;
                'w'
            });
            drop(object);
            signal.emit();
        },
    ),
    (
        "as a connect sweeps the captures that own it",
        |signal, act| {
            connect_expired(signal, act);
            signal.connect(|| 'c');
        },
    ),
    (
        "as a connect with the key sweeps the captures that own it",
        |signal, act| {
            connect_expired(signal, act);
            signal.connect_with_key(|_| || 'k');
        },
    ),
    (
        "as an emission sweeps the captures that own it",
        |signal, act| {
            connect_expired(signal, act);
            signal.emit();
        },
    ),
    (
        "as a disconnect finds the captures that own it",
        |signal, act| {
            let slot = connect_expired(signal, act);
            assert!(!signal.disconnect(slot));
        },
    ),
    (
        "as a slot's turn finds the captures that own it",
        |signal, act| {
            let (object, other) = (Widget::new('w'), acting(act));
            signal.connect_weak(&object, move |_| {
                let _ = &other;
                'w'
            });
            signal.emit();
            drop(object);
            signal.emit();
        },
    ),
];

/// Tries every method in every place, `around` it the way it is called.
fn try_all(around: fn(Box<dyn FnOnce() + Send>)) {
    for &(place, bring_about) in PLACES {
        for &(name, method) in METHODS {
            let what = format!("{name} {place}");
            within(DEADLOCK, &what, move || {
                let signal = Arc::new(Signal::<(), char>::new());
                let plain = signal.connect(|| 'p');
                let weak: Weak<_> = Arc::downgrade(&signal);
                let acted = Counter::default();
                let count = acted.clone();
                bring_about(
                    &signal,
                    Arc::new(move || {
                        // A test that fails lets go of the signal first.
                        if let Some(signal) = weak.upgrade() {
                            around(Box::new(move || method(&signal, plain)));
                            count.add();
                        }
                    }),
                );
                assert_eq!(acted.get(), 1);
                signal.disconnect_all();
                assert!(signal.is_empty());
                signal.connect(|| 'e');
                assert_eq!(said(&signal), "e");
            });
        }
    }
}

// Boost.Signals2: deadlock_regression_test.cpp
#[test]
fn an_objects_drop_may_call_every_method() {
    try_all(|call| call());
}

// Boost.Signals2: deadlock_regression_test.cpp
#[test]
fn even_by_another_thread_that_it_waits_for() {
    try_all(|call| {
        thread::spawn(call).join().expect("the call works");
    });
}

// Boost.Signals2: deadlock_regression_test.cpp
#[test]
fn captures_swept_by_a_connect_by_name_may_use_the_registry() {
    within(DEADLOCK, "a capture's drop as a name is connected", || {
        static REGISTRY: smoke_signal::Registry = smoke_signal::Registry::new();
        let signal = REGISTRY.signal::<(), char>("name").unwrap();
        let object = Widget::new('w');
        let capture = OnDrop(|| {
            REGISTRY.on("other", || ()).unwrap();
        });
        signal.connect_weak(&object, move |widget| {
            let _ = &capture;
            widget.letter
        });
        drop(object);
        REGISTRY.on("name", || 'n').unwrap();
        assert_eq!(REGISTRY.emit("other", ()), Ok(1));
    });
}

// palacaze/sigslot: test_observer; Boost.Signals2: trackable_test.cpp
#[test]
fn an_object_that_owns_the_handles_of_its_slots() {
    struct Panel {
        listens: Mutex<Vec<ScopedConnection>>,
    }
    let signals = [(); 3].map(|()| Signal::<(), char>::new());
    let dropped = Counter::default();
    let panel = Arc::new(Panel {
        listens: Mutex::default(),
    });
    for signal in &signals {
        let tracked = dropped.tracked();
        let slot = signal.connect_weak(&panel, move |_| {
            tracked.touch();
            'p'
        });
        panel.listens.lock().unwrap().push(signal.scoped(slot));
        assert_eq!(said(signal), "p");
    }
    drop(panel);
    // The handles have taken them out, though they had expired by then.
    assert_eq!(dropped.get(), 3);
    assert!(signals.iter().all(Signal::is_empty));
}

// signals2: weak_signal_test
#[test]
fn a_signal_known_weakly_by_a_slot_of_an_object() {
    let signal = Arc::new(Signal::<(), char>::new());
    let weak = Arc::downgrade(&signal);
    let object = Widget::new('w');
    let own = weak.clone();
    signal.connect_weak(&object, move |widget| {
        assert_eq!(own.upgrade().unwrap().len(), 1);
        widget.letter
    });
    assert_eq!(said(&signal), "w");
    drop(signal);
    assert!(weak.upgrade().is_none());
    assert_eq!(Arc::weak_count(&object), 0);
}

// Boost.Signals2: track_test.cpp; palacaze/sigslot: test_track_shared; psygnal: test_weakref
#[test]
fn objects_come_and_go_while_threads_emit() {
    let signal = Signal::<(), char>::new();
    let dropped = Counter::default();
    together(4, |thread| {
        for _ in 0..500 {
            if thread == 0 {
                let object = Widget::new('w');
                let slot = signal.connect_weak(&object, holding(dropped.tracked()));
                assert!(signal.contains(slot));
                drop(object);
            } else {
                assert!(signal.emit().len() <= 2 * 4);
            }
        }
    });
    signal.emit();
    assert!(signal.is_empty());
    assert_eq!(dropped.get(), 500);
}
