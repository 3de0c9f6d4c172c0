//! When the captures of expired slots are dropped.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use smoke_signal::Signal;

use crate::common::{Counter, OnDrop, said};

use super::{Widget, holding};

// palacaze/sigslot: test_track_shared; blinker: test_weak_receiver
#[test]
fn captures_are_dropped_at_the_next_emission() {
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
fn captures_are_dropped_at_the_next_lazy_emission() {
    let signal = Signal::<(), char>::new();
    let dropped = Counter::default();
    let object = Widget::new('w');
    signal.connect_weak(&object, holding(dropped.tracked()));
    drop(object);
    let calls = signal.calls();
    assert_eq!(dropped.get(), 1, "when it takes its snapshot");
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
fn an_emission_in_progress_keeps_captures_until_it_ends() {
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
fn captures_are_dropped_at_the_next_connect_of_any_kind() {
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
fn captures_are_dropped_at_the_next_connect_by_name() {
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
fn queries_drop_nothing() {
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
fn expired_slots_of_a_blocked_signal_are_dropped_too() {
    let signal = Signal::<(), char>::new();
    let dropped = Counter::default();
    let connected = || {
        let object = Widget::new('w');
        let slot = signal.connect_weak(&object, holding(dropped.tracked()));
        (object, slot)
    };
    // The slot is blocked and in the snapshot of the emission.
    let (object, slot) = connected();
    signal.emit();
    let guard = signal.block(slot);
    drop(object);
    assert!(signal.emit().is_empty());
    assert_eq!(dropped.get(), 1);
    drop(guard);
    // The whole signal is blocked, and the next emission takes a new snapshot.
    let (object, _) = connected();
    signal.emit();
    let guard = signal.block_all();
    drop(object);
    assert!(signal.is_empty());
    assert!(signal.emit().is_empty());
    assert_eq!(dropped.get(), 2);
    drop(guard);
    // A connect drops it, too.
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
fn expired_slots_of_a_signal_that_stays_blocked_are_dropped_too() {
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

#[test]
fn a_connect_drops_expired_slots_however_many_there_are() {
    for plain in [0, 5] {
        let signal = Signal::<(), char>::new();
        let dropped = Counter::default();
        let object = Widget::new('w');
        for _ in 0..1000 {
            signal.connect_weak(&object, holding(dropped.tracked()));
        }
        for _ in 0..plain {
            signal.connect(|| 'p');
        }
        drop(object);
        // It looks at the plain slots at the end first, perhaps.
        signal.connect(|| 'p');
        assert_eq!(dropped.get(), 1000);
        assert_eq!(signal.len(), plain + 1);
    }
}

#[test]
fn connects_drop_expired_slots_among_others_sooner_or_later() {
    let signal = Signal::<(), char>::new();
    let dropped = Counter::default();
    let [kept, object] = [Widget::new('k'), Widget::new('w')];
    for nth in 0..1000 {
        let object = if nth % 100 == 0 { &object } else { &kept };
        signal.connect_weak(object, holding(dropped.tracked()));
    }
    drop(object);
    for _ in 0..1000 / 8 {
        signal.disconnect(signal.connect(|| 'p'));
    }
    assert_eq!(dropped.get(), 10);
    assert_eq!(signal.len(), 990);
}

#[test]
fn asking_whether_a_signal_is_empty_keeps_nothing() {
    let signal = Signal::<(), char>::new();
    let dropped = Counter::default();
    let listener = Widget::new('l');
    for _ in 0..10 {
        signal.connect_weak(&listener, Widget::letter);
    }
    for session in 1..=1000 {
        assert!(!signal.is_empty());
        let object = Widget::new('w');
        signal.connect_weak(&object, holding(dropped.tracked()));
        assert!(session - dropped.get() < 20, "{session}: {}", dropped.get());
    }
}

#[test]
fn captures_that_emit_as_expired_slots_are_dropped_do_not_nest() {
    static SIGNAL: Signal<()> = Signal::new();
    static DEPTH: AtomicUsize = AtomicUsize::new(0);
    static DEEPEST: AtomicUsize = AtomicUsize::new(0);
    let sweeps: [fn(); 2] = [
        || drop(SIGNAL.emit()),
        || drop(SIGNAL.connect_scoped(|| ())),
    ];
    for sweep in sweeps {
        let object = Arc::new(());
        for _ in 0..1000 {
            let captured = OnDrop(|| {
                let depth = DEPTH.fetch_add(1, Ordering::Relaxed) + 1;
                DEEPEST.fetch_max(depth, Ordering::Relaxed);
                SIGNAL.emit();
                drop(SIGNAL.connect_scoped(|| ()));
                DEPTH.fetch_sub(1, Ordering::Relaxed);
            });
            SIGNAL.connect_weak(&object, move |()| {
                let _ = &captured;
            });
        }
        drop(object);
        sweep();
        assert!(SIGNAL.is_empty());
        assert_eq!(DEEPEST.load(Ordering::Relaxed), 1);
    }
}
