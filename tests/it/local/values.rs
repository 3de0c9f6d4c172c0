//! What slots, arguments and results may be, and where a signal may be made.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use smoke_signal::LocalSignal;
use smoke_signal::local::ScopedConnection;

#[test]
fn arguments_results_and_captures_may_be_bound_to_a_thread() {
    let signal = LocalSignal::<(Rc<Cell<u32>>,), Rc<str>>::new();
    let seen = Rc::new(RefCell::new(Vec::new()));
    let record = Rc::clone(&seen);
    signal.connect(move |cell| {
        record.borrow_mut().push(cell.get());
        Rc::from("one")
    });
    let text = Rc::<str>::from("two");
    signal.once(move |cell| {
        cell.set(9);
        text
    });
    let cell = Rc::new(Cell::new(7));
    let results = signal.emit(Rc::clone(&cell));
    assert_eq!(
        results.iter().map(|text| &**text).collect::<Vec<_>>(),
        ["one", "two"]
    );
    assert_eq!((cell.get(), &**seen.borrow()), (9, &[7][..]));
    drop(signal);
    assert_eq!((Rc::strong_count(&seen), Rc::strong_count(&cell)), (1, 1));
}

#[test]
fn a_signal_is_made_in_constants_of_all_kinds() {
    struct Panel {
        clicked: LocalSignal<(u8,), u8>,
        keys: [LocalSignal<()>; 2],
    }

    impl Panel {
        const fn new() -> Self {
            Self {
                clicked: LocalSignal::new(),
                keys: [const { LocalSignal::new() }; 2],
            }
        }
    }

    thread_local! {
        static PANEL: Panel = const { Panel::new() };
        static TICK: LocalSignal<(u32,), u32> = const { LocalSignal::new() };
    }

    PANEL.with(|panel| {
        panel.clicked.connect(|n| n);
        panel.keys[1].connect(|| ());
        assert_eq!(panel.clicked.emit(3), [3]);
        assert_eq!(panel.keys.each_ref().map(LocalSignal::len), [0, 1]);
    });
    TICK.with(|tick| tick.connect(|n| n + 1));
    std::thread::spawn(|| TICK.with(|tick| assert!(tick.is_empty())))
        .join()
        .unwrap();
    assert_eq!(TICK.with(|tick| tick.emit(1)), [2]);
}

#[test]
fn debug_lists_the_slots_and_asks_nobody() {
    let signal = LocalSignal::<()>::new();
    assert_eq!(format!("{signal:?}"), "LocalSignal { slots: 0, .. }");
    let slot = signal.connect_mut(|| ());
    assert_eq!(format!("{signal:?}"), "LocalSignal { slots: 1, .. }");
    let listed = format!("{signal:#?}");
    assert!(
        listed.contains(&format!("{slot:?} from {}:", file!())),
        "{listed}"
    );
    let connector = format!("{:?}", signal.connector());
    assert_eq!(connector, "Connector(LocalSignal { slots: 1, .. })");
    let options = signal.options().group(2).first().max_calls(3);
    assert_eq!(
        format!("{options:?}"),
        "ConnectOptions { max_calls: Some(3), group: 2, first: true, .. }"
    );
    assert_eq!(
        format!("{:?}", signal.calls()),
        "Calls { slots_left: Some(1), .. }"
    );
    assert_eq!(
        format!("{:?}", signal.calls().keyed()),
        "Keyed { slots_left: Some(1), .. }"
    );
    assert_eq!(
        format!("{:?}", signal.calls().catch_unwind()),
        "CatchUnwind { slots_left: Some(1), .. }"
    );
    assert_eq!(format!("{:?}", signal.block_all()), "BlockGuard(..)");
    assert_eq!(
        format!("{:?}", signal.block(slot).unwrap()),
        format!("BlockGuard({slot:?}, ..)")
    );
    assert_eq!(
        format!("{:?}", signal.scoped(slot)),
        format!("ScopedConnection({slot:?}, ..)")
    );
    let emitting = signal.emitting();
    assert_eq!(format!("{emitting:?}"), "Emitting { .. }");
    emitting.cancel();
}

#[test]
fn every_number_of_arguments_has_every_method() {
    let none = LocalSignal::<(), u8>::new();
    none.connect(|| 0);
    none.connect_mut(|| 1);
    assert_eq!(none.emit(), [0, 1]);
    let eight = LocalSignal::<(u8, u8, u8, u8, u8, u8, u8, u8), u8>::new();
    eight.connect(|a, _, _, _, _, _, _, h| a + h);
    eight.connect_mut(|a, _, _, _, _, _, _, h| a * h);
    eight.options().connect_mut(|_, b, _, _, _, _, _, _| b);
    eight.connector().connect_mut(|_, _, _, _, _, _, _, h| h);
    let object = Rc::new(9);
    eight.connect_weak(&object, |n, _, _, _, _, _, _, _, h| n + h);
    assert_eq!(eight.emit(1, 2, 3, 4, 5, 6, 7, 8), [9, 8, 2, 8, 17]);
    assert_eq!(eight.calls(1, 2, 3, 4, 5, 6, 7, 8).count(), 5);
    drop(eight.emitting(1, 2, 3, 4, 5, 6, 7, 8));
}

#[test]
fn a_connector_listens_and_does_no_more() {
    let signal = LocalSignal::<(u8,), u8>::new();
    let connector = signal.connector();
    let slot = connector.connect(|n| n);
    let scoped: ScopedConnection = connector.connect_scoped(|n| n + 1);
    connector.once(|n| n + 2);
    connector.connect_with_key(|_| |n| n + 3);
    let object = Rc::new(4);
    connector.connect_weak(&object, |own, n| own + n);
    connector.options().group(1).connect_mut(|n| n + 5);
    assert_eq!(signal.emit(0), [0, 1, 2, 3, 4, 5]);
    assert_eq!((connector.len(), connector.is_empty()), (5, false));
    let guard = connector.block(slot);
    assert!(connector.is_blocked(slot) && connector.contains(slot));
    drop((guard, scoped));
    assert!(!connector.is_blocked(slot));
    drop(connector.scoped(slot));
    assert!(!connector.disconnect(slot));
    assert_eq!(signal.emit(0), [3, 4, 5]);
}
