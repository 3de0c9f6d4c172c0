//! `AsyncConnector`: the right to listen to an async signal. And what an async signal lacks.

use std::future::ready;
use std::sync::Arc;
use std::time::Duration;

use futures::executor::block_on;
use smoke_signal::{Args, AsyncConnector, AsyncSignal, Connection, WaitError};

use crate::common::{Counter, DEADLOCK, within};

static CLICKED: AsyncSignal<(u8,), u8> = AsyncSignal::new();
static LISTEN: AsyncConnector<'static, (u8,), u8> = CLICKED.connector();

#[test]
fn async_connectors_may_be_static_and_are_copied() {
    let copy = LISTEN;
    #[allow(clippy::clone_on_copy)]
    let cloned = LISTEN.clone();
    let slot = copy.connect(async |n| n);
    cloned.connect(async |n| n + 1);
    assert_eq!(block_on(CLICKED.emit(1)), [1, 2]);
    assert!(LISTEN.disconnect(slot));
    assert_eq!((copy.len(), LISTEN.is_empty()), (1, false));
    assert_eq!(size_of_val(&LISTEN), size_of::<usize>());
}

#[test]
fn every_way_to_connect_takes_async_slots() {
    let signal = AsyncSignal::<(u8,), u8>::new();
    let connector = signal.connector();
    let object = Arc::new(40);
    let lines = line!();
    let plain = connector.connect(async |n| n);
    let once = connector.once(async |n| n + 10);
    let with_key = connector.connect_with_key(|me| move |n| ready(key(me, n)));
    let weak = connector.connect_weak(&object, |object, n| async move { *object + n });
    let tuple = connector.connect_tuple(async |(n,)| n + 50);
    let scoped = connector.connect_scoped(async |n| n + 60);
    let first = connector.options().first().connect(async |n| n + 70);
    let keys = signal.connections();
    assert_eq!(keys[..6], [first, plain, once, with_key, weak, tuple]);
    let mut listed = Vec::from_iter(signal.slots().iter().map(|s| s.location.line() - lines));
    listed.sort_unstable();
    assert_eq!(listed, [1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(block_on(signal.emit(1)), [71, 1, 11, 21, 41, 51, 61]);
    drop((object, scoped));
    assert_eq!(block_on(signal.emit(2)), [72, 2, 22, 52]);
}

fn key(me: Connection, n: u8) -> u8 {
    assert_ne!(me, Connection::default());
    n + 20
}

#[test]
fn every_other_method_does_the_same_as_the_signals() {
    let signal = AsyncSignal::<(), char>::new();
    let connector = signal.connector();
    assert!(connector.is_empty());
    assert!(!connector.disconnect(Connection::default()));
    let [a, b, c] = ['a', 'b', 'c'].map(|letter| signal.connect(move || ready(letter)));
    assert_eq!((connector.len(), connector.is_empty()), (3, false));
    assert!(connector.contains(a) && !connector.contains(Connection::default()));

    let guard = connector.block(a);
    assert!(connector.is_blocked(a) && signal.is_blocked(a) && !connector.is_blocked(b));
    assert_eq!(block_on(signal.emit()), ['b', 'c']);
    drop(guard);
    assert!(connector.block(Connection::default()).is_none());
    drop(connector.scoped(b));
    assert_eq!(block_on(signal.emit()), ['a', 'c']);
    assert!(connector.disconnect(a) && !connector.disconnect(a));
    assert!(signal.contains(c));
    let shown = format!("{connector:?}");
    assert_eq!(
        shown,
        "AsyncConnector(AsyncSignal(Signal { slots: 1, .. }))"
    );
}

#[test]
fn an_async_connector_can_wait() {
    within(DEADLOCK, "waiting through a connector", || {
        let signal = AsyncSignal::<()>::new();
        let connector = signal.connector();
        let waitable = connector.options().waitable();
        let slots = [(); 3].map(|()| waitable.connect(async || ()));
        let plain = connector.connect(async || ());
        let moment = Duration::from_millis(1);
        assert_eq!(
            connector.disconnect_and_wait(plain),
            Err(WaitError::NotWaitable)
        );
        assert_eq!(connector.disconnect_and_wait(slots[0]), Ok(true));
        assert_eq!(connector.disconnect_and_wait(slots[0]), Ok(false));
        assert_eq!(
            connector.disconnect_and_wait_timeout(slots[1], moment),
            Ok(true)
        );
        assert_eq!(
            signal.disconnect_and_wait_timeout(slots[2], moment),
            Ok(true)
        );
        assert_eq!(signal.connections(), [plain]);
    });
}

/// What a method returns that a connector or a signal lacks. If it had it, that would be called, and not
/// this trait's.
#[derive(Debug, PartialEq)]
struct Lacking;

trait Lacks: Sized {
    fn disconnect_all(self) -> Lacking {
        Lacking
    }

    fn block_all(self) -> Lacking {
        Lacking
    }

    fn connections(self) -> Lacking {
        Lacking
    }

    fn slots(self) -> Lacking {
        Lacking
    }

    fn emit(self) -> Lacking {
        Lacking
    }

    fn calls(self) -> Lacking {
        Lacking
    }

    fn emitting(self) -> Lacking {
        Lacking
    }

    fn stream(self) -> Lacking {
        Lacking
    }
}

impl<A: Args, R> Lacks for AsyncConnector<'_, A, R> {}
impl<A: Args, R> Lacks for &AsyncSignal<A, R> {}

#[test]
fn an_async_connector_lacks_what_reaches_emission_or_other_listeners() {
    let signal = AsyncSignal::<()>::new();
    let connector = signal.connector();
    assert_eq!(connector.disconnect_all(), Lacking);
    assert_eq!(connector.block_all(), Lacking);
    assert_eq!(connector.connections(), Lacking);
    assert_eq!(connector.slots(), Lacking);
    assert_eq!(connector.emit(), Lacking);
    assert_eq!(connector.calls(), Lacking);
    assert_eq!(connector.emitting(), Lacking);
    assert_eq!(connector.stream(), Lacking);
}

#[test]
fn an_async_signal_lacks_guards_that_emit() {
    let signal = &AsyncSignal::<()>::new();
    assert_eq!(signal.emitting(), Lacking);
    assert_eq!(signal.stream(), Lacking);
}

#[test]
fn calls_iterates_futures_which_are_awaited_one_by_one() {
    let signal = AsyncSignal::<(u8,), u8>::new();
    let (called, run) = (Counter::default(), Counter::default());
    let mut slots = Vec::new();
    for added in 0..3 {
        let (called, run) = (called.clone(), run.clone());
        slots.push(signal.connect(move |n| {
            called.add();
            let run = run.clone();
            async move {
                run.add();
                n + added
            }
        }));
    }
    let mut calls = signal.calls(1);
    assert_eq!(called.get(), 0);
    let first = calls.next().unwrap();
    assert_eq!((called.get(), run.get()), (1, 0));
    assert_eq!(block_on(first), 1);
    assert_eq!((called.get(), run.get()), (1, 1));
    signal.disconnect(slots[1]);
    let (key, last) = calls.keyed().next().unwrap();
    assert_eq!((key, block_on(last)), (slots[2], 3));
    assert_eq!((called.get(), run.get()), (2, 2));
}
