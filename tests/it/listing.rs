//! Listing slots: `slots()`, and the `{:#?}` of signals and registries.

use std::sync::Arc;

use smoke_signal::{
    ByRef, Connection, Connector, Registry, Signal, SignatureMismatch, SlotInfo, global,
};

use crate::common::{Counter, DEADLOCK, OnDrop, Recorder, throw, thrown, within};

type Outcome = Result<(), SignatureMismatch>;

/// Everything about a slot except its key.
type Summary = (i32, Option<u32>, bool, bool, (&'static str, u32));

fn summary(slot: &SlotInfo) -> Summary {
    let place = (slot.location.file(), slot.location.line());
    (slot.group, slot.calls_left, slot.blocked, slot.weak, place)
}

/// The lines on which the listed slots were connected.
fn lines(slots: &[SlotInfo]) -> Vec<u32> {
    assert!(slots.iter().all(|slot| slot.location.file() == file!()));
    slots.iter().map(|slot| slot.location.line()).collect()
}

#[test]
fn a_slot_without_options() {
    let signal = Signal::<(), char>::new();
    assert_eq!(signal.slots(), []);
    let slot = signal.connect(|| 'p');
    let line = line!() - 1;
    let listed = signal.slots();
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].connection, slot);
    assert_eq!(
        summary(&listed[0]),
        (0, None, false, false, (file!(), line))
    );
    assert_eq!(listed[0].location.column(), 23, "the column of `connect`");
    signal.disconnect(slot);
    assert_eq!(signal.slots(), []);
    assert_eq!(listed[0].connection, slot, "as it was then");
}

#[test]
fn every_way_to_connect_reports_the_line_of_the_call() {
    let signal = Signal::<(), char>::new();
    let connector: Connector<'_, (), char> = signal.connector();
    let options = signal.options();
    let object = Arc::new('w');
    let first = line!() + 1;
    signal.connect(|| 'a');
    signal.once(|| 'b');
    signal.connect_with_key(|_| || 'c');
    signal.connect_weak(&object, |_| 'd');
    options.connect(|| 'e');
    options.once(|| 'f');
    options.connect_with_key(|_| || 'g');
    options.connect_weak(&object, |_| 'h');
    connector.connect(|| 'i');
    connector.once(|| 'j');
    connector.connect_with_key(|_| || 'k');
    connector.connect_weak(&object, |_| 'l');
    connector.options().connect(|| 'm');
    connector.options().once(|| 'n');
    connector.options().connect_with_key(|_| || 'o');
    connector.options().connect_weak(&object, |_| 'p');
    options.waitable().connect(|| 'q');
    options.waitable().once(|| 'r');
    options.waitable().connect_with_key(|_| || 's');
    options.waitable().connect_weak(&object, |_| 't');
    options.max_calls(3).connect(|| 'u');
    signal.connect_tuple(|()| 'v');
    options.connect_tuple(|()| 'w');
    connector.connect_tuple(|()| 'x');
    let scoped = [
        signal.connect_scoped(|| 'y'),
        options.connect_scoped(|| 'z'),
        connector.connect_scoped(|| '.'),
    ];
    let expected: Vec<_> = (first..first + 24).chain(first + 25..first + 28).collect();
    assert_eq!(lines(&signal.slots()), expected);
    let said: String = signal.emit().into_iter().collect();
    assert_eq!(
        said, "abcdefghijklmnopqrstuvwxyz.",
        "one slot for each line"
    );
    drop(scoped);
}

#[test]
fn other_numbers_of_arguments_report_the_line_too() {
    let one = Signal::<(ByRef<str>,), usize>::new();
    one.connect(str::len);
    let line = line!() - 1;
    assert_eq!(lines(&one.slots()), [line]);
    let eight = Signal::<(u8, u8, u8, u8, u8, u8, u8, u8)>::new();
    eight.connect(|_, _, _, _, _, _, _, _| ());
    eight.options().once(|_, _, _, _, _, _, _, _| ());
    let line = line!() - 2;
    assert_eq!(lines(&eight.slots()), [line, line + 1]);
}

#[test]
fn a_function_that_connects_may_report_its_caller() {
    #[track_caller]
    fn listen(signal: &Signal<()>) -> Connection {
        signal.connect(|| ())
    }
    fn hide(signal: &Signal<()>) -> Connection {
        signal.connect(|| ())
    }
    let hidden = line!() - 2;
    let signal = Signal::new();
    listen(&signal);
    hide(&signal);
    let line = line!() - 2;
    assert_eq!(lines(&signal.slots()), [line, hidden]);
}

#[test]
fn registered_callbacks_report_the_line_of_the_call() -> Outcome {
    fn callback() {}
    let registry = Registry::new();
    let first = line!() + 1;
    registry.on("name", || ())?;
    registry.on_max("name", 3, || ())?;
    registry.once("name", || ())?;
    registry.on(["name", "other"], callback)?;
    registry.on(["name", "other"], callback)?; // adds nothing
    let signal = registry.signal::<(), ()>("name")?;
    signal.connect(|| ());
    let listed = [first, first + 1, first + 2, first + 3, first + 6];
    assert_eq!(lines(&signal.slots()), listed);
    let other = registry.signal::<(), ()>("other")?;
    assert_eq!(lines(&other.slots()), [first + 3]);
    let budgets: Vec<_> = signal.slots().iter().map(|s| s.calls_left).collect();
    assert_eq!(budgets, [None, Some(3), Some(1), None, None]);
    assert!(!signal.slots().iter().any(|slot| slot.weak || slot.blocked));
    Ok(())
}

#[test]
fn callbacks_of_the_global_registry_report_the_line_of_the_call() -> Outcome {
    let name = "listing::callbacks_of_the_global_registry_report_the_line_of_the_call";
    let first = line!() + 1;
    global::on(name, || ())?;
    global::on_max(name, 3, || ())?;
    global::once(name, || ())?;
    let signal = global::signal::<(), ()>(name)?;
    assert_eq!(lines(&signal.slots()), [first, first + 1, first + 2]);
    global::clear(name);
    assert_eq!(signal.slots(), []);
    Ok(())
}

#[test]
fn every_kind_of_slot_with_every_option() {
    let signal = Signal::<(), char>::new();
    let object = Arc::new('w');
    let options = signal.options();
    let first = line!() + 1;
    let weak = options.group(7).max_calls(9).connect_weak(&object, |_| 'w');
    let last = options.group(i32::MAX).connect(|| 'l');
    let once = signal.once(|| 'o');
    let capped = options.max_calls(5).once(|| 'c');
    let early = options.group(i32::MIN).first().connect(|| 'e');
    let before = options.first().max_calls(u32::MAX).connect(|| 'b');
    let waitable = options.waitable().max_calls(4).connect(|| 'q');
    let with_key = options.group(-1).max_calls(2).connect_with_key(|_| || 'k');
    let waitable_weak = options.waitable().connect_weak(&object, |_| 'v');
    options.max_calls(0).connect(|| 'n');

    let guard = signal.block(waitable);
    let at = |n| (file!(), first + n);
    let expected = [
        (early, (i32::MIN, None, false, false, at(4))),
        (with_key, (-1, Some(2), false, false, at(7))),
        (before, (0, Some(u32::MAX), false, false, at(5))),
        (once, (0, Some(1), false, false, at(2))),
        (capped, (0, Some(1), false, false, at(3))),
        (waitable, (0, Some(4), true, false, at(6))),
        (waitable_weak, (0, None, false, true, at(8))),
        (weak, (7, Some(9), false, true, at(0))),
        (last, (i32::MAX, None, false, false, at(1))),
    ];
    let listed: Vec<_> = signal.slots();
    let listed: Vec<_> = listed.iter().map(|s| (s.connection, summary(s))).collect();
    assert_eq!(listed, expected);
    let keys: Vec<_> = expected.iter().map(|(key, _)| *key).collect();
    assert_eq!(signal.connections(), keys);

    drop(guard);
    let said: String = signal.emit().into_iter().collect();
    assert_eq!(said, "ekbocqvwl", "in call order");
    let left: Vec<_> = signal.slots().iter().map(|s| s.calls_left).collect();
    let expected = [
        None,
        Some(1),
        Some(u32::MAX - 1),
        Some(3),
        None,
        Some(8),
        None,
    ];
    assert_eq!(left, expected);
    drop(object);
    let left: Vec<_> = signal.slots().iter().map(|s| s.connection).collect();
    assert_eq!(left, [early, with_key, before, waitable, last]);
}

// smokesignal: tests_twisted.py, test_max_calls
#[test]
fn budgets_count_down_and_used_up_slots_are_not_listed() {
    static SIGNAL: Signal<(), Vec<Option<u32>>> = Signal::new();
    fn left() -> Vec<Option<u32>> {
        SIGNAL.slots().iter().map(|slot| slot.calls_left).collect()
    }
    SIGNAL.options().max_calls(3).connect(left);
    SIGNAL.once(left);
    assert_eq!(left(), [Some(3), Some(1)]);
    // A call is charged before it begins, and the last call disconnects the slot first.
    assert_eq!(SIGNAL.emit(), [vec![Some(2), Some(1)], vec![Some(2)]]);
    assert_eq!(SIGNAL.emit(), [[Some(1)]]);
    assert_eq!(SIGNAL.emit(), [[]]);
    assert!(left().is_empty());
    assert!(SIGNAL.emit().is_empty());
}

// smokesignal: tests_twisted.py, test_max_calls
#[test]
fn lazy_emissions_and_panics_charge_each_call() {
    let signal = Signal::<()>::new();
    signal.options().max_calls(2).connect(|| throw("charged"));
    signal.options().max_calls(2).connect(|| ());
    let left = || -> Vec<_> { signal.slots().iter().map(|s| s.calls_left).collect() };
    assert_eq!(thrown(|| signal.emit()), "charged");
    assert_eq!(left(), [Some(1), Some(2)]);
    assert_eq!(thrown(|| signal.calls().next()), "charged");
    assert_eq!(left(), [Some(2)]);
}

#[test]
fn a_callbacks_budget_is_listed_on_all_its_names() -> Outcome {
    let registry = Registry::new();
    let key = registry.on_max(["a", "b"], 3, || ())?;
    let [a, b] = ["a", "b"].map(|name| registry.signal::<(), ()>(name));
    let (a, b) = (a?, b?);
    let left =
        |signal: &Signal<()>| -> Vec<_> { signal.slots().iter().map(|s| s.calls_left).collect() };
    for calls in [3, 2, 1] {
        assert_eq!(registry.calls_left(key), Some(calls));
        assert_eq!(left(&a), [Some(calls)]);
        assert_eq!(left(&b), [Some(calls)]);
        let name = if calls == 2 { "b" } else { "a" };
        assert_eq!(registry.emit(name, ())?, 1);
    }
    assert!(left(&a).is_empty() && left(&b).is_empty());
    Ok(())
}

#[test]
fn a_budget_may_be_set_again_or_lifted() -> Outcome {
    fn callback() {}
    let registry = Registry::new();
    let signal = registry.signal::<(), ()>("a")?;
    let left = || -> Vec<_> { signal.slots().iter().map(|s| s.calls_left).collect() };
    registry.on_max("a", 3, callback)?;
    assert_eq!(left(), [Some(3)]);
    registry.on_max("a", 9, callback)?;
    assert_eq!(left(), [Some(9)]);
    registry.on("a", callback)?;
    assert_eq!(left(), [None]);
    registry.once("a", callback)?;
    assert_eq!(left(), [Some(1)]);
    Ok(())
}

#[test]
fn disconnected_slots_are_not_listed() {
    static SIGNAL: Signal<()> = Signal::new();
    let object = Arc::new(());
    let plain = SIGNAL.connect(|| assert_eq!(SIGNAL.slots().len(), 2));
    SIGNAL.connect_weak(&object, |()| assert_eq!(SIGNAL.slots().len(), 2));
    SIGNAL.once(|| assert_eq!(SIGNAL.slots().len(), 1, "two are disconnected"));
    let mut calls = SIGNAL.calls();
    let slots = SIGNAL.slots();
    assert_eq!(slots.len(), 3);
    SIGNAL.disconnect(slots[2].connection);
    assert_eq!(calls.next(), Some(()));
    assert_eq!(calls.next(), Some(()));
    SIGNAL.disconnect(plain);
    drop(object);
    assert_eq!(SIGNAL.slots(), []);
    SIGNAL.connect_with_key(|_| {
        assert_eq!(SIGNAL.slots(), [], "a key that is only reserved");
        || ()
    });
    assert_eq!(SIGNAL.slots().len(), 1);
    SIGNAL.disconnect_all();
    assert_eq!(SIGNAL.slots(), []);
}

#[test]
fn infos_are_plain_values() {
    let signal = Signal::<()>::new();
    let slot = signal.options().max_calls(2).connect(|| ());
    let before = signal.slots();
    let copy = before[0];
    assert_eq!(copy, before[0]);
    let guard = signal.block(slot);
    assert_ne!(signal.slots()[0], copy);
    drop(guard);
    assert_eq!(signal.slots(), before);
    signal.emit();
    assert_ne!(signal.slots(), before);
}

#[test]
fn the_text_of_one_slot() {
    let signal = Signal::<()>::new();
    let object = Arc::new(());
    let text = || format!("{:?}", signal.slots()[0]);
    let slot = signal.connect(|| ());
    let here = signal.slots()[0].location;
    assert_eq!(text(), format!("{slot:?} from {here}"));
    let guard = signal.block(slot);
    assert_eq!(text(), format!("{slot:?} from {here}, blocked"));
    drop(guard);
    let all = signal.options().group(-2).max_calls(3);
    let slot = all.connect_weak(&object, |()| ());
    let here = signal.slots()[0].location;
    let _guard = signal.block_all();
    let more = ", group -2, calls left: 3, blocked, weak";
    assert_eq!(text(), format!("{slot:?} from {here}{more}"));
    assert_eq!(format!("{:#?}", signal.slots()[0]), text(), "one line");
}

// blinker: test_named_blinker; psygnal: test_description
#[test]
fn the_texts_of_a_signal() {
    let signal = Signal::<(), char>::new();
    assert_eq!(format!("{signal:?}"), "Signal { slots: 0, .. }");
    let empty = "Signal {\n    slots: [],\n    ..\n}";
    assert_eq!(format!("{signal:#?}"), empty);

    let object = Arc::new('w');
    let plain = signal.connect(|| 'p');
    let line = line!() - 1;
    let late = signal.options().group(1).max_calls(2).connect(|| 'l');
    let weak = signal.connect_weak(&object, |_| 'w');
    let _guard = signal.block(plain);
    let file = file!();
    let expected = format!(
        "Signal {{
    slots: [
        {plain:?} from {file}:{line}:24, blocked,
        {weak:?} from {file}:{}:23, weak,
        {late:?} from {file}:{}:55, group 1, calls left: 2,
    ],
    ..
}}",
        line + 3,
        line + 2,
    );
    assert_eq!(format!("{signal:#?}"), expected);
    assert_eq!(format!("{signal:?}"), "Signal { slots: 3, .. }");
    let connector = expected.replace('\n', "\n    ");
    assert_eq!(
        format!("{:#?}", signal.connector()),
        format!("Connector(\n    {connector},\n)")
    );
}

// blinker: test_named_blinker; psygnal: test_description
#[test]
fn the_texts_of_a_registry() -> Outcome {
    let registry = Registry::new();
    let one = registry.on_max(["saved", "loaded"], 3, |_: u8| true)?;
    let line = line!() - 1;
    let saved = registry.signal::<(u8,), bool>("saved")?;
    let loaded = registry.signal::<(u8,), bool>("loaded")?;
    let slot = saved.options().group(-1).connect(|_| false);
    let slot_line = line!() - 1;
    registry.signal::<(), ()>("empty")?;
    let _guard = registry.emitting("reserved")?;
    let of_saved = saved.connections()[1];
    let of_loaded = loaded.connections()[0];
    let file = file!();
    let expected = format!(
        r#"Registry {{
    signals: {{
        "empty": "() -> ()" [],
        "loaded": "(u8,) -> bool" [
            {of_loaded:?} from {file}:{line}:24, calls left: 3,
        ],
        "reserved": "()",
        "saved": "(u8,) -> bool" [
            {slot:?} from {file}:{slot_line}:42, group -1,
            {of_saved:?} from {file}:{line}:24, calls left: 3,
        ],
    }},
    ..
}}"#
    );
    assert_eq!(format!("{registry:#?}"), expected);
    let short = r#"{"empty": "() -> ()", "loaded": "(u8,) -> bool", "reserved": "()", "saved": "(u8,) -> bool"}"#;
    assert_eq!(
        format!("{registry:?}"),
        format!("Registry {{ signals: {short}, .. }}")
    );
    registry.disconnect(one);
    assert!(!format!("{registry:#?}").contains("calls left"));
    Ok(())
}

// blinker: test_named_blinker; psygnal: test_description
#[test]
fn user_code_may_list_slots_anywhere() {
    within(DEADLOCK, "a text of a busy signal", || {
        static SIGNAL: Signal<()> = Signal::new();
        static REGISTRY: Registry = Registry::new();
        let texts = Recorder::new();
        let note = {
            let texts = texts.clone();
            move || texts.add(format!("{SIGNAL:#?}{REGISTRY:#?}{:?}", SIGNAL.slots()))
        };
        let (in_slot, in_drop, in_make) = (note.clone(), note.clone(), note.clone());
        let capture = OnDrop(in_drop);
        SIGNAL.connect_with_key(|_| {
            in_make();
            move || {
                let _ = &capture;
                in_slot();
            }
        });
        let capture = OnDrop(note.clone());
        let key = REGISTRY.on("name", move || {
            let _ = &capture;
            note();
        });
        SIGNAL.emit();
        assert_eq!(REGISTRY.emit("name", ()), Ok(1));
        SIGNAL.disconnect_all();
        assert!(REGISTRY.disconnect(key.unwrap()));
        let texts = texts.take();
        assert_eq!(texts.len(), 5);
        assert!(!texts.iter().any(|text| text.contains("locked")));
    });
}

#[test]
fn listing_clones_and_drops_nothing() {
    let signal = Signal::<()>::new();
    let dropped = Counter::default();
    let object = Arc::new(());
    let tracked = dropped.tracked();
    signal.connect_weak(&object, move |()| tracked.touch());
    signal.once(dropped.tracked().held());
    for _ in 0..3 {
        assert_eq!(signal.slots().len(), 2);
        assert!(!format!("{signal:#?}").is_empty());
    }
    assert_eq!((dropped.get(), Arc::strong_count(&object)), (0, 1));
    assert_eq!(signal.emit().len(), 2);
}
