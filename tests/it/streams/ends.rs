//! When a stream ends, and what it still yields before that.

use std::sync::{Arc, Mutex, OnceLock};
use std::task::{Poll, Waker};

use futures::{FutureExt, Stream, StreamExt};
use smoke_signal::{NextEmission, Signal, SignalStream};

use crate::common::{Counter, DEADLOCK, Recorder, throw, thrown, within};

use super::{counting, has_ended, poll, ready};

type Shared<T> = Arc<Mutex<Option<T>>>;

fn polled(stream: &Shared<SignalStream<(u8,)>>) -> Vec<Poll<Option<(u8,)>>> {
    let mut stream = stream.lock().unwrap();
    let stream = stream.as_mut().unwrap();
    (0..3).map(|_| poll(stream, Waker::noop())).collect()
}

#[test]
fn a_slot_that_disconnects_all_sees_the_end_of_a_stream_that_follows() {
    static SIGNAL: Signal<(u8,)> = Signal::new();
    let (stream, seen) = (Shared::default(), Recorder::new());
    SIGNAL.emit(0);
    SIGNAL.connect({
        let (stream, seen) = (Arc::clone(&stream), seen.clone());
        move |number| {
            if number == 2 {
                SIGNAL.disconnect_all();
                seen.add(polled(&stream));
            }
        }
    });
    *stream.lock().unwrap() = Some(SIGNAL.stream(4));
    SIGNAL.emit(1);
    SIGNAL.emit(2);
    let ended = Poll::Ready(None);
    assert_eq!(seen.take(), [[Poll::Ready(Some((1,))), ended, ended]]);
    assert_eq!(polled(&stream), [ended; 3]);
}

#[test]
fn a_slot_that_disconnects_all_sees_the_end_of_a_stream_that_came_before() {
    static SIGNAL: Signal<(u8,)> = Signal::new();
    let (stream, seen) = (Shared::default(), Recorder::new());
    *stream.lock().unwrap() = Some(SIGNAL.stream(4));
    SIGNAL.connect({
        let (stream, seen) = (Arc::clone(&stream), seen.clone());
        move |_| {
            SIGNAL.disconnect_all();
            seen.add(polled(&stream));
        }
    });
    SIGNAL.emit(1);
    let ended = Poll::Ready(None);
    assert_eq!(seen.take(), [[Poll::Ready(Some((1,))), ended, ended]]);
}

#[test]
fn the_reader_is_woken_in_the_emission_that_disconnects_the_stream() {
    static SIGNAL: Signal<(u8,)> = Signal::new();
    within(DEADLOCK, "the end of a stream", || {
        let (woken, waker) = counting();
        let at_the_end = woken.clone();
        SIGNAL.connect(move |_| {
            SIGNAL.disconnect_all();
            assert_eq!(at_the_end.get(), 1);
        });
        let mut stream = SIGNAL.stream(4);
        assert_eq!(poll(&mut stream, &waker), Poll::Pending);
        SIGNAL.emit(1);
        assert!(has_ended(&mut stream));
        assert_eq!(woken.get(), 1, "woken once");
    });
}

#[test]
fn a_stream_disconnected_by_its_key_ends_while_a_lazy_emission_holds_it() {
    let signal: Signal<(u8,)> = Signal::new();
    let (mut stream, mut next) = (signal.stream(4), signal.next());
    let mut calls = signal.calls(7);
    for info in signal.slots() {
        assert!(signal.disconnect(info.connection));
    }
    assert_eq!(stream.size_hint(), (0, Some(0)));
    assert!(has_ended(&mut stream));
    assert_eq!((&mut next).now_or_never(), Some(None));
    assert_eq!(calls.next(), None);
    assert!(has_ended(&mut stream), "no item follows the end");
    assert_eq!(next.now_or_never(), Some(None));
}

/// An argument whose clone runs a function.
struct Cloned(fn());

impl Clone for Cloned {
    fn clone(&self) -> Self {
        (self.0)();
        Self(self.0)
    }
}

#[test]
fn a_call_that_has_begun_delivers_its_item_before_the_end() {
    static SIGNAL: Signal<(Cloned,)> = Signal::new();
    static STREAM: Mutex<Option<SignalStream<(Cloned,)>>> = Mutex::new(None);
    static SEEN: OnceLock<bool> = OnceLock::new();
    *STREAM.lock().unwrap() = Some(SIGNAL.stream(4));
    SIGNAL.connect(|_| ());
    SIGNAL.emit(Cloned(|| {
        SIGNAL.disconnect_all();
        let mut stream = STREAM.lock().unwrap();
        let pending = poll(stream.as_mut().unwrap(), Waker::noop()).is_pending();
        SEEN.set(pending).unwrap();
    }));
    assert_eq!(SEEN.get(), Some(&true), "the call that clones is running");
    let mut stream = STREAM.lock().unwrap().take().unwrap();
    assert_eq!(ready(&mut stream).len(), 1);
    assert!(has_ended(&mut stream));
}

#[test]
fn a_clone_that_panics_after_the_slot_has_left_ends_the_stream() {
    static SIGNAL: Signal<(Cloned,)> = Signal::new();
    let (woken, waker) = counting();
    let mut stream = SIGNAL.stream(4);
    let mut next = SIGNAL.next();
    SIGNAL.connect(|_| ());
    assert!(poll(&mut stream, &waker).is_pending());
    let message = thrown(|| {
        SIGNAL.emit(Cloned(|| {
            SIGNAL.disconnect_all();
            throw("a clone");
        }))
    });
    assert_eq!(message, "a clone");
    assert_eq!(woken.get(), 1);
    assert!(has_ended(&mut stream));
    assert!(matches!((&mut next).now_or_never(), Some(None)));

    let mut next = SIGNAL.next();
    SIGNAL.connect(|_| ());
    let throwing = || SIGNAL.emit(Cloned(|| throw("a clone")));
    assert_eq!(thrown(throwing), "a clone");
    let ended = (&mut next).now_or_never();
    assert!(matches!(ended, Some(None)), "its only call was charged");
}

#[test]
fn dropping_the_signal_lets_an_emission_in_progress_reach_the_stream_which_then_ends() {
    let signal: Shared<Signal<(u8,)>> = Shared::default();
    let stream: Shared<SignalStream<(u8,)>> = Shared::default();
    let next: Shared<NextEmission<(u8,)>> = Shared::default();
    let (first, later) = (Recorder::new(), Recorder::new());
    {
        let made: Signal<(u8,)> = Signal::new();
        let look = |record: &Recorder<_>, drops: bool| {
            let (signal, stream, record) =
                (Arc::clone(&signal), Arc::clone(&stream), record.clone());
            move |_: u8| {
                if drops {
                    drop(signal.lock().unwrap().take());
                }
                record.add(polled(&stream));
            }
        };
        made.connect(look(&first, true));
        *stream.lock().unwrap() = Some(made.stream(4));
        *next.lock().unwrap() = Some(made.next());
        made.connect(look(&later, false));
        *signal.lock().unwrap() = Some(made);
    }
    let calls = signal.lock().unwrap().as_ref().unwrap().calls(1);
    calls.for_each(drop);
    let (pending, item, ended) = (
        Poll::Pending,
        Poll::Ready(Some((1,))),
        Poll::Ready(None::<(u8,)>),
    );
    assert_eq!(first.take(), [[pending; 3]]);
    assert_eq!(later.take(), [[item, pending, pending]]);
    assert_eq!(polled(&stream), [ended; 3]);
    let next = next.lock().unwrap().take().unwrap();
    assert_eq!(next.now_or_never(), Some(Some((1,))));
}

#[test]
fn no_item_of_any_thread_follows_the_end() {
    within(DEADLOCK, "streams end while others emit", || {
        for _ in 0..300 {
            let signal: Arc<Signal<(u8,)>> = Arc::default();
            let mut stream = signal.stream(64);
            let emitted = Counter::default();
            let emitters: Vec<_> = (0..2)
                .map(|_| {
                    let (signal, emitted) = (Arc::clone(&signal), emitted.clone());
                    std::thread::spawn(move || {
                        for number in 0..20 {
                            signal.emit(number);
                            emitted.add();
                        }
                    })
                })
                .collect();
            while emitted.get() < 5 {
                std::hint::spin_loop();
            }
            signal.disconnect_all();
            let items = futures::executor::block_on(stream.by_ref().collect::<Vec<_>>());
            assert!(items.len() >= 5, "{}", items.len());
            for emitter in emitters {
                emitter.join().unwrap();
            }
            assert!(has_ended(&mut stream));
        }
    });
}
