//! `next`, and how streams and `next` behave among other slots.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::task::{Context, Poll, Waker};

use futures::{FutureExt, Stream};
use smoke_signal::{NextEmission, Signal, SignalStream};

use crate::common::together;

use super::{counting, now, poll, ready};

#[test]
fn next_resolves_with_one_emission_and_disconnects() {
    let signal: Signal<(i32,)> = Signal::new();
    let mut next = signal.next();
    let (woken, waker) = counting();
    let context = &mut Context::from_waker(&waker);
    assert_eq!(signal.len(), 1);
    assert_eq!(next.poll_unpin(context), Poll::Pending);
    signal.emit(1);
    assert!(signal.is_empty());
    assert_eq!(woken.get(), 1);
    signal.emit(2);
    assert_eq!(next.poll_unpin(context), Poll::Ready(Some((1,))));
    signal.emit(3);
    // Polled again after it resolved, it yields nothing more.
    assert_eq!(next.poll_unpin(context), Poll::Ready(None));
}

#[test]
fn each_next_gets_its_own_item() {
    let signal: Signal<(i32,)> = Signal::new();
    let nexts: Vec<NextEmission<_>> = (0..3).map(|_| signal.next()).collect();
    signal.emit(1);
    signal.emit(2);
    let later = signal.next();
    signal.emit(3);
    let all = now(futures::future::join_all(nexts));
    assert_eq!(all, [Some((1,)); 3]);
    assert_eq!(now(later), Some((3,)));
}

#[test]
fn next_takes_one_of_several_threads_emissions() {
    let signal: Signal<(usize,)> = Signal::new();
    for _ in 0..200 {
        let next = signal.next();
        together(2, |thread| {
            signal.emit(thread);
        });
        assert!(signal.is_empty());
        assert!(now(next).is_some());
    }
}

#[test]
fn dropping_an_unresolved_next_disconnects_it() {
    let signal: Signal<(Arc<()>,)> = Signal::new();
    let item = Arc::new(());
    drop(signal.next());
    assert!(signal.is_empty());

    let mut next = signal.next();
    assert!((&mut next).now_or_never().is_none());
    drop(next);
    assert!(signal.is_empty());

    // Resolved, but not read.
    let next = signal.next();
    signal.emit(Arc::clone(&item));
    assert_eq!(Arc::strong_count(&item), 2);
    drop(next);
    assert_eq!(Arc::strong_count(&item), 1);
}

#[test]
fn next_of_a_dropped_signal_is_none() {
    let signal: Signal<(i32,)> = Signal::new();
    let (early, emitted) = (signal.next(), signal.next());
    signal.disconnect(signal.slots()[0].connection);
    signal.emit(1);
    let late = signal.next();
    drop(signal);
    assert_eq!(now(early), None);
    assert_eq!(now(emitted), Some((1,)));
    assert_eq!(now(late), None);
}

#[test]
fn streams_and_next_are_called_in_slot_order() {
    let signal: Signal<(i32,)> = Signal::new();
    let both: Arc<OnceLock<(SignalStream<_>, SignalStream<_>)>> = Arc::default();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let look = || {
        let (both, seen) = (Arc::clone(&both), Arc::clone(&seen));
        move |_: i32| {
            let (one, two) = both.get().unwrap();
            let sizes = (one.size_hint().0, two.size_hint().0);
            seen.lock().unwrap().push(sizes);
        }
    };
    signal.connect(look());
    let one = signal.stream(9);
    signal.connect(look());
    let two = signal.stream(9);
    signal.options().group(1).connect(look());
    both.set((one, two)).unwrap();
    signal.emit(1);
    let seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
    assert_eq!(*seen, [(0, 0), (1, 0), (1, 1)]);

    let signal: Signal<(i32,)> = Signal::new();
    let next = signal.next();
    let before = signal.len();
    signal.connect(|_| ());
    assert_eq!(signal.slots()[before - 1].calls_left, Some(1));
    drop(next);
    assert_eq!(signal.len(), 1);
}

#[test]
fn blocked_streams_and_next_receive_nothing() {
    let signal: Signal<(i32,)> = Signal::new();
    let (mut stream, mut next) = (signal.stream(9), signal.next());
    let slots = signal.slots();
    let guards: Vec<_> = slots.iter().map(|s| signal.block(s.connection)).collect();
    signal.emit(1);
    assert_eq!(poll(&mut stream, Waker::noop()), Poll::Pending);
    assert_eq!((&mut next).now_or_never(), None);
    drop(guards);
    let guard = signal.block_all();
    signal.emit(2);
    assert_eq!(poll(&mut stream, Waker::noop()), Poll::Pending);
    assert_eq!((&mut next).now_or_never(), None);
    drop(guard);
    signal.emit(3);
    assert_eq!(ready(&mut stream), [(3,)]);
    assert_eq!(stream.missed(), 0);
    assert_eq!(next.now_or_never(), Some(Some((3,))));
}

#[test]
fn streams_made_during_an_emission_begin_with_the_next_one() {
    static SIGNAL: Signal<(i32,)> = Signal::new();
    static MADE: Mutex<Vec<NextEmission<(i32,)>>> = Mutex::new(Vec::new());
    let slot = SIGNAL.connect(|_| MADE.lock().unwrap().push(SIGNAL.next()));
    SIGNAL.emit(1);
    SIGNAL.emit(2);
    SIGNAL.disconnect(slot);
    SIGNAL.emit(3);
    let made = std::mem::take(&mut *MADE.lock().unwrap());
    let results = now(futures::future::join_all(made));
    assert_eq!(results, [Some((2,)), Some((3,))]);
}

#[test]
fn streams_implement_debug() {
    let signal = Signal::<(i32,)>::new();
    assert_eq!(format!("{:?}", signal.stream(1)), "SignalStream { .. }");
    assert_eq!(format!("{:?}", signal.next()), "NextEmission { .. }");
}
