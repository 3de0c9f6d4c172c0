//! `Debug` and `Display`.

use std::fmt::Debug;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use smoke_signal::{ByRef, Registry, Returns, Signal};

use crate::common::{OnDrop, Recorder};

use super::{Bare, debug, returning};

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
            "the new slot is not connected yet"
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
        "the copied original"
    );
}

// blinker: test_named_blinker; psygnal: test_description
#[test]
fn debug_texts_of_emissions_in_progress() {
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
    // The index and its version, as slotmap shows them. The version differs from signal to signal.
    let [first, second] = [(); 2].map(|()| debug(&signal.connect(|| ())));
    assert!(first.starts_with("Connection(1v"), "{first}");
    assert!(second.starts_with("Connection(2v"), "{second}");

    let registry = Registry::new();
    let callback = registry.on("a", || ()).unwrap();
    assert!(debug(&callback).starts_with("CallbackKey(1v"));
}

// blinker: test_named_blinker; psygnal: test_description
#[test]
fn debug_text_of_a_mismatch() {
    let registry = Registry::new();
    registry.on("saved", |_: u8| ()).unwrap();
    let line = line!() - 1;
    let error = registry.emit("saved", ("a",)).unwrap_err();
    let location = format!("{}:{line}:14", file!());
    assert_eq!(
        debug(&error),
        format!(
            "SignatureMismatch {{ name: \"saved\", bound: \"(u8,) -> ()\", \
             requested: \"(&str,)\", bound_at: {location}, .. }}"
        )
    );
}

// blinker: test_named_blinker; psygnal: test_description
#[test]
fn debug_runs_no_user_code_and_never_blocks() {
    /// Must be neither formatted nor cloned.
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
        record.add(debug(&SIGNAL)); // inside its own slot, which is disconnected
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
