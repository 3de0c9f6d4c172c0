//! `Connector`: the right to listen, which reaches neither emission nor what others have connected.

use std::sync::Arc;
use std::time::Duration;

use smoke_signal::testing::Spy;
use smoke_signal::{
    Args, BlockGuard, ByMut, ByRef, Connection, Connector, ScopedConnection, Signal, WaitError,
};

use crate::common::{DEADLOCK, said, together, within};

static CLICKED: Signal<(), char> = Signal::new();
static LISTEN: Connector<'static, (), char> = CLICKED.connector();

const fn listen() -> Connector<'static, (), char> {
    CLICKED.connector()
}

#[test]
fn connectors_may_be_static_or_made_by_a_const_fn() {
    let slot = LISTEN.connect(|| 'c');
    listen().connect(|| 's');
    assert_eq!(said(&CLICKED), "cs");
    assert!(listen().disconnect(slot));
    assert_eq!(said(&CLICKED), "s");
}

/// A type that keeps its signals private.
mod button {
    use super::{ByMut, ByRef, Connector, Signal};

    #[derive(Default)]
    pub(super) struct Button {
        clicked: Signal<(u32,)>,
        vetoed: Signal<(ByRef<str>, ByMut<Vec<String>>), bool>,
    }

    impl Button {
        pub(super) const fn clicked(&self) -> Connector<'_, (u32,)> {
            self.clicked.connector()
        }

        pub(super) fn vetoed(&self) -> Connector<'_, (ByRef<str>, ByMut<Vec<String>>), bool> {
            self.vetoed.connector()
        }

        /// Clicks unless a slot vetoes it, and returns the reasons.
        pub(super) fn click(&self, times: u32) -> Vec<String> {
            let mut reasons = Vec::new();
            if !self.vetoed.calls("click", &mut reasons).any(|veto| veto) {
                self.clicked.emit(times);
            }
            reasons
        }
    }
}

// signals2: scoped()
#[test]
fn a_type_may_keep_its_signals_private() {
    let button = button::Button::default();
    let clicked = Spy::on(&button.clicked());
    assert!(button.click(2).is_empty());
    assert_eq!(clicked.take(), [(2,)]);
    let veto = button.vetoed().connect(|what, reasons| {
        reasons.push(format!("no {what}"));
        true
    });
    assert_eq!(button.click(1), ["no click"]);
    assert!(clicked.is_empty());
    // A listener keeps nothing but its own handles.
    let scoped: Vec<ScopedConnection> = vec![button.vetoed().scoped(veto)];
    drop(scoped);
    assert!(button.vetoed().is_empty());
    button.click(1);
    assert_eq!(clicked.take(), [(1,)]);
}

#[test]
fn a_connector_is_copied_and_agrees_with_its_signal() {
    let signal = Signal::<(), char>::new();
    let connector = signal.connector();
    let copy = connector;
    #[allow(clippy::clone_on_copy)]
    let cloned = connector.clone();
    copy.connect(|| '1');
    cloned.connect(|| '2');
    connector.connect(|| '3');
    assert_eq!(said(&signal), "123");
    assert_eq!((connector.len(), copy.len(), cloned.len()), (3, 3, 3));
    assert_eq!(size_of_val(&connector), size_of::<&Signal<(), char>>());
}

#[test]
fn every_way_to_connect() {
    let signal = Signal::<(), char>::new();
    let connector = signal.connector();
    let object = Arc::new('w');
    let plain = connector.connect(|| 'p');
    let once = connector.once(|| 'o');
    let with_key = connector.connect_with_key(|me| {
        assert!(!connector.contains(me));
        move || {
            if me == Connection::default() {
                '?'
            } else {
                'k'
            }
        }
    });
    let weak = connector.connect_weak(&object, |letter| *letter);
    let first = connector.options().first().group(-1).connect(|| 'f');
    let limited = connector.options().max_calls(1).connect(|| 'l');
    assert_eq!(
        signal.connections(),
        [first, plain, once, with_key, weak, limited]
    );
    assert_eq!(said(&signal), "fpokwl");
    assert_eq!(said(&signal), "fpkw");
    drop(object);
    assert_eq!(said(&signal), "fpk");
}

#[test]
fn every_other_method_does_the_same_as_the_signals() {
    let signal = Signal::<(), char>::new();
    let connector = signal.connector();
    assert!(connector.is_empty() && signal.is_empty());
    assert!(!connector.disconnect(Connection::default()));

    let [a, b, c] = ['a', 'b', 'c'].map(|letter| signal.connect(move || letter));
    assert_eq!((connector.len(), connector.is_empty()), (3, false));
    assert!(connector.contains(a) && connector.contains(c));

    assert!(connector.block(Connection::default()).is_none());
    assert!(!connector.is_blocked(a));
    let guard: Option<BlockGuard> = connector.block(a);
    assert!(connector.is_blocked(a) && signal.is_blocked(a));
    assert!(!connector.is_blocked(b));
    assert_eq!(said(&signal), "bc");
    drop(guard);
    let guard = signal.block_all();
    assert!(connector.is_blocked(b) && signal.is_blocked(b));
    drop(guard);
    assert_eq!(said(&signal), "abc");

    drop(connector.scoped(b));
    assert!(!connector.contains(b));
    assert_eq!(said(&signal), "ac");
    assert!(connector.disconnect(a));
    assert!(!connector.disconnect(a));
    assert_eq!(said(&signal), "c");
    let scoped = connector.connect_scoped(|| 'd');
    connector.connect_tuple(|()| 'e');
    assert_eq!(said(&signal), "cde");
    drop(scoped);
    assert_eq!(said(&signal), "ce");
}

/// What a method returns that a connector lacks. If it had it, that would be called, and not this trait's.
#[derive(Debug, PartialEq)]
struct Lacking;

trait Lacks: Copy {
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

    fn emit_tuple(self) -> Lacking {
        Lacking
    }

    fn calls(self) -> Lacking {
        Lacking
    }

    fn calls_tuple(self) -> Lacking {
        Lacking
    }

    fn emitting(self) -> Lacking {
        Lacking
    }
}

impl<A: Args, R> Lacks for Connector<'_, A, R> {}

#[test]
fn a_connector_lacks_what_reaches_emission_or_other_listeners() {
    let signal = Signal::<()>::new();
    let connector = signal.connector();
    assert_eq!(connector.disconnect_all(), Lacking);
    assert_eq!(connector.block_all(), Lacking);
    assert_eq!(connector.connections(), Lacking);
    assert_eq!(connector.slots(), Lacking);
    assert_eq!(connector.emit(), Lacking);
    assert_eq!(connector.emit_tuple(), Lacking);
    assert_eq!(connector.calls(), Lacking);
    assert_eq!(connector.calls_tuple(), Lacking);
    assert_eq!(connector.emitting(), Lacking);
}

#[cfg(feature = "async")]
#[test]
fn a_connector_can_stream() {
    use futures::{FutureExt, StreamExt};

    let signal: Signal<(u8, ByRef<str>), bool> = Signal::new();
    let mut lengths = signal
        .connector()
        .stream_map(4, |n, text| text.len() + usize::from(n));
    assert!(signal.emit(1, "four").is_empty());
    assert_eq!(lengths.next().now_or_never(), Some(Some(5)));

    let signal: Signal<(u8,), char> = Signal::new();
    let connector = signal.connector();
    let (mut stream, next) = (connector.stream(1), connector.next());
    assert_eq!(connector.len(), 2);
    assert!(signal.emit(1).is_empty());
    assert!(signal.emit(2).is_empty());
    assert_eq!(stream.missed(), 1);
    assert_eq!(stream.next().now_or_never(), Some(Some((2,))));
    assert_eq!(next.now_or_never(), Some(Some((1,))));
    let (_stream, _next, line) = (connector.stream(1), connector.next(), line!());
    let lines: Vec<_> = signal.slots().iter().map(|s| s.location.line()).collect();
    assert_eq!(lines[1..], [line; 2]);
}

#[test]
fn a_connector_can_wait() {
    within(DEADLOCK, "waiting through a connector", || {
        let signal = Signal::<(), char>::new();
        let connector = signal.connector();
        let waitable = connector.options().waitable();
        let (one, two) = (waitable.connect(|| '1'), waitable.connect(|| '2'));
        let plain = connector.connect(|| 'p');
        let moment = Duration::from_millis(1);
        assert_eq!(
            connector.disconnect_and_wait(plain),
            Err(WaitError::NotWaitable)
        );
        assert_eq!(
            connector.disconnect_and_wait_timeout(plain, moment),
            Err(WaitError::NotWaitable)
        );
        assert_eq!(connector.disconnect_and_wait(one), Ok(true));
        assert_eq!(connector.disconnect_and_wait(one), Ok(false));
        assert_eq!(connector.disconnect_and_wait_timeout(two, moment), Ok(true));
        assert_eq!(said(&signal), "p");

        let slot = waitable.connect_with_key(|me| {
            move || {
                let waited = CONNECTED.connector().disconnect_and_wait(me);
                assert_eq!(waited, Ok(false), "another signal's slot");
                '3'
            }
        });
        assert_eq!(said(&signal), "p3");
        assert_eq!(connector.disconnect_and_wait(slot), Ok(true));
    });
}

static CONNECTED: Signal<(), char> = Signal::new();

#[test]
fn a_connector_waits_until_the_timeout() {
    within(DEADLOCK, "waiting through a connector", || {
        static SIGNAL: Signal<(), Result<bool, WaitError>> = Signal::new();
        let connector = SIGNAL.connector();
        connector.options().waitable().connect_with_key(|me| {
            move || {
                // Another thread waits for the slot in which this one waits for it.
                let waiter = std::thread::spawn(move || {
                    connector.disconnect_and_wait_timeout(me, Duration::from_millis(5))
                });
                waiter.join().unwrap()
            }
        });
        assert_eq!(SIGNAL.emit(), [Err(WaitError::TimedOut)]);
        assert!(connector.is_empty());
    });
}

#[test]
fn keys_outlive_the_connector_and_its_signal() {
    let signal = Signal::<(), char>::new();
    let (slot, scoped, guard, options) = {
        let connector = signal.connector();
        let slot = connector.connect(|| 'a');
        let scoped = connector.scoped(connector.connect(|| 'b'));
        (slot, scoped, connector.block(slot), connector.options())
    };
    options.connect(|| 'c');
    assert_eq!(said(&signal), "bc");
    drop(guard);
    assert_eq!(said(&signal), "abc");
    assert!(signal.disconnect(slot));
    drop(signal);
    drop(scoped);
}

#[test]
fn threads_connect_through_copies_of_one_connector() {
    let signal = Signal::<(), char>::new();
    let connector = signal.connector();
    together(4, |_| {
        for _ in 0..50 {
            let slot = connector.connect(|| 'x');
            assert!(connector.contains(slot));
            let kept = connector.connect(|| 'y');
            assert!(connector.disconnect(slot));
            connector.scoped(kept).release();
        }
    });
    assert_eq!(said(&signal), "y".repeat(200));
}

#[test]
fn a_slot_may_use_a_connector() {
    CONNECTED_INSIDE.connect(|| {
        CONNECTED_INSIDE.connector().once(|| 'n');
        's'
    });
    assert_eq!(said(&CONNECTED_INSIDE), "s");
    assert_eq!(said(&CONNECTED_INSIDE), "sn");
}

static CONNECTED_INSIDE: Signal<(), char> = Signal::new();

#[test]
fn debug_texts() {
    let signal = Signal::<()>::new();
    signal.connect(|| ());
    assert_eq!(
        format!("{:?}", signal.connector()),
        "Connector(Signal { slots: 1, .. })"
    );
}
