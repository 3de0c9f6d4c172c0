//! Streams of signals whose slots return results.

use std::convert::Infallible;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::task::Waker;
use std::thread;

use futures::{FutureExt, Stream};
use smoke_signal::{NextEmission, Signal, SignalStream};

use crate::common::{DEADLOCK, together, within};

use super::{has_ended, now, poll, ready};

#[test]
fn streams_and_next_add_no_result() {
    let signal: Signal<(u8,), String> = Signal::new();
    let mut early = signal.stream(4);
    signal.connect(|n| format!("one {n}"));
    let next = signal.next();
    let mut between = signal.stream(4);
    signal.options().group(1).connect(|n| format!("two {n}"));
    let mut last = signal.stream(4);
    assert_eq!(signal.emit(1), ["one 1", "two 1"]);
    assert_eq!(signal.calls(2).collect::<Vec<_>>(), ["one 2", "two 2"]);
    let outcomes = signal.calls(3).catch_unwind();
    let outcomes: Vec<_> = outcomes.map(|outcome| outcome.is_ok()).collect();
    assert_eq!(outcomes, [true, true]);
    for stream in [&mut early, &mut between, &mut last] {
        assert_eq!(ready(stream), [(1,), (2,), (3,)]);
    }
    assert_eq!(now(next), Some((1,)));
    assert_eq!(signal.len(), 5);
    drop(signal);
    assert!(has_ended(&mut early));
}

#[test]
fn a_lazy_emission_passes_a_listener_on_the_way_to_the_next_result() {
    let signal: Signal<(u8,), u8> = Signal::new();
    let stream = signal.stream(4);
    signal.connect(|n| n);
    let last = signal.stream(4);
    let mut calls = signal.calls(7);
    let sizes = || (stream.size_hint().0, last.size_hint().0);
    assert_eq!(sizes(), (0, 0));
    assert_eq!(calls.next(), Some(7));
    assert_eq!(sizes(), (1, 0));
    assert_eq!(calls.next(), None);
    assert_eq!(sizes(), (1, 1));
    assert_eq!(calls.next(), None);
    assert_eq!(sizes(), (1, 1));
}

#[test]
fn results_of_any_type_can_be_streamed_past() {
    let never: Signal<(u8,), Infallible> = Signal::new();
    let (mut stream, next) = (never.stream(1), never.next());
    assert!(never.emit(1).is_empty());
    assert_eq!((ready(&mut stream), now(next)), (vec![(1,)], Some((1,))));

    let local: Signal<(u8,), Rc<u8>> = Signal::new();
    local.connect(Rc::new);
    let mut stream = local.stream(1);
    assert_eq!(local.emit(1), [Rc::new(1)]);
    let read = thread::spawn(move || ready(&mut stream)).join().unwrap();
    assert_eq!(read, [(1,)]);
}

#[test]
fn a_listener_is_listed_blocked_and_disconnected_like_any_slot() {
    let signal: Signal<(u8,), u8> = Signal::new();
    signal.connect(|n| n);
    let mut stream = signal.stream(4);
    let next = signal.next();
    let [_, listener, once] = signal.slots()[..] else {
        panic!("three slots: {signal:#?}");
    };
    assert_eq!((listener.group, listener.calls_left), (0, None));
    assert!(!listener.weak && !once.weak);
    assert_eq!(once.calls_left, Some(1));
    let guard = signal.block(listener.connection);
    assert!(signal.is_blocked(listener.connection));
    assert_eq!(signal.emit(1), [1]);
    drop(guard);
    assert_eq!(signal.emit(2), [2]);
    assert!(signal.disconnect(listener.connection));
    assert!(!signal.disconnect(once.connection), "its only call is over");
    assert_eq!(signal.emit(3), [3]);
    assert_eq!(ready(&mut stream), [(2,)]);
    assert!(has_ended(&mut stream));
    assert_eq!(now(next), Some((1,)));
}

#[test]
fn a_result_survives_a_listener_that_panics_after_it() {
    let signal: Signal<(u8,), u8> = Signal::new();
    let mut stream = signal.stream_map(4, |n| {
        if n == 1 {
            crate::common::throw("an item");
        }
        n
    });
    signal.connect(|n| n);
    assert_eq!(crate::common::thrown(|| signal.emit(1)), "an item");
    let outcomes: Vec<_> = signal.calls(1).catch_unwind().collect();
    assert!(matches!(outcomes[..], [Err(_), Ok(1)]));
    assert_eq!(signal.emit(2), [2]);
    assert_eq!(ready(&mut stream), [2]);
}

#[test]
fn of_a_disconnect_and_the_only_call_of_next_one_wins() {
    within(DEADLOCK, "a race for the only call", || {
        for _ in 0..500 {
            let signal: Signal<(u8,), u8> = Signal::new();
            let next = signal.next();
            let slot = signal.connections()[0];
            let won = together(2, |thread| {
                if thread == 0 {
                    signal.emit(1);
                    false
                } else {
                    signal.disconnect(slot)
                }
            });
            let disconnected = won[1];
            let expected = (!disconnected).then_some((1,));
            assert_eq!(next.now_or_never(), Some(expected));
        }
    });
}

#[test]
fn a_slot_may_own_a_stream_of_its_own_signal() {
    type Kept = Arc<Mutex<Vec<SignalStream<(u8,)>>>>;
    let signal: Signal<(u8,), usize> = Signal::new();
    let kept = Kept::default();
    signal.connect({
        let kept = Arc::clone(&kept);
        move |_| {
            let mut kept = kept.lock().unwrap();
            kept.iter_mut().map(|stream| ready(stream).len()).sum()
        }
    });
    kept.lock().unwrap().push(signal.stream(4));
    assert_eq!(signal.emit(1), [0]);
    assert_eq!(signal.emit(2), [1]);
    drop(signal);
    let mut stream = kept.lock().unwrap().pop().unwrap();
    assert_eq!(ready(&mut stream), [(2,)]);
    assert!(has_ended(&mut stream));
    let _: Option<NextEmission<(u8,)>> = None;
    assert!(poll(&mut stream, Waker::noop()).is_ready());
}
