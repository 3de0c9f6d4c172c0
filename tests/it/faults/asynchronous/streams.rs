//! Panics of the readers and items of streams.

use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use futures::StreamExt;
use smoke_signal::{Signal, SignalStream};

use crate::common::{Counter, DEADLOCK, thrown, within};
use crate::faults::{Ledger, SLOTS, Value};

use super::{WakerFault, release, waker};

/// A signal with a stream among its slots.
struct Streamed {
    ledger: Ledger,
    signal: Arc<Signal<(Value,)>>,
    called: Counter,
    stream: Option<SignalStream<(Value,)>>,
}

impl Streamed {
    fn new(at: usize, capacity: usize) -> Self {
        let mut case = Self {
            ledger: Ledger::default(),
            signal: Arc::default(),
            called: Counter::default(),
            stream: None,
        };
        for number in 0..SLOTS {
            if number == at {
                case.stream = Some(case.signal.stream(capacity));
            } else {
                let (capture, called) = (case.ledger.value(), case.called.clone());
                case.signal.connect(move |_| {
                    capture.touch();
                    called.add();
                });
            }
        }
        case
    }

    fn poll(&mut self, waker: &Waker) -> Poll<Option<(Value,)>> {
        let stream = self.stream.as_mut().expect("it was not dropped yet");
        stream.poll_next_unpin(&mut Context::from_waker(waker))
    }

    fn emit(&self) {
        self.signal.emit(self.ledger.value());
    }

    /// Asserts that emissions reach the slots and the stream, which is empty and wakes its reader.
    #[track_caller]
    fn assert_works(&mut self) {
        let signal = Arc::clone(&self.signal);
        let value = self.ledger.value();
        let (waker, woken) = waker(WakerFault::No);
        self.called.take();
        assert!(self.poll(&waker).is_pending(), "nothing is buffered");
        within(DEADLOCK, "another thread", move || drop(signal.emit(value)));
        assert_eq!(woken.get(), 1, "the reader is woken");
        assert!(matches!(self.poll(&waker), Poll::Ready(Some(_))));
        self.emit();
        assert!(matches!(self.poll(&waker), Poll::Ready(Some(_))));
        assert!(self.poll(&waker).is_pending());
        assert_eq!(self.called.take(), 2 * (SLOTS - 1));
        assert_eq!(self.signal.len(), SLOTS);
    }

    #[track_caller]
    fn assert_balance(self) {
        let ledger = self.ledger.clone();
        drop(self);
        ledger.assert_alive(0, "streamed");
    }
}

#[test]
fn a_reader_panics_as_an_emission_wakes_it() {
    for at in 0..SLOTS {
        for fault in [WakerFault::Wake, WakerFault::Drop] {
            let mut case = Streamed::new(at, 4);
            let (waker, woken) = waker(fault);
            assert!(case.poll(&waker).is_pending());
            release(waker);
            let expected = match fault {
                WakerFault::Drop => "waker",
                _ => "wake",
            };
            assert_eq!(thrown(|| case.emit()), expected);
            assert_eq!(woken.get(), 1);
            assert_eq!(case.called.take(), at, "the slots before it were called");
            assert!(matches!(case.poll(Waker::noop()), Poll::Ready(Some(_))));
            assert!(case.poll(Waker::noop()).is_pending());
            case.assert_works();
            case.assert_balance();
        }
    }
}

#[test]
fn a_reader_panics_as_the_end_of_the_stream_wakes_it() {
    for at in 0..SLOTS {
        for drops_signal in [false, true] {
            let mut case = Streamed::new(at, 4);
            let (waker, woken) = waker(WakerFault::Wake);
            assert!(case.poll(&waker).is_pending());
            if drops_signal {
                let signal = std::mem::take(&mut case.signal);
                assert_eq!(thrown(|| drop(signal)), "wake");
            } else {
                assert_eq!(thrown(|| case.signal.disconnect_all()), "wake");
                assert!(case.signal.is_empty());
            }
            assert_eq!(woken.get(), 1);
            case.ledger.assert_alive(0, "captures");
            assert!(matches!(case.poll(Waker::noop()), Poll::Ready(None)));
        }
    }
}

/// A reader polls with another waker, which drops the previous one.
#[test]
fn a_waker_panics_as_another_replaces_it() {
    for at in 0..SLOTS {
        let mut case = Streamed::new(at, 4);
        let (former, _) = waker(WakerFault::Drop);
        assert!(case.poll(&former).is_pending());
        release(former);
        let (latter, woken) = waker(WakerFault::No);
        assert_eq!(thrown(|| case.poll(&latter)), "waker");
        assert!(case.poll(&latter).is_pending());
        case.emit();
        assert_eq!(woken.get(), 1);
        assert!(matches!(case.poll(&latter), Poll::Ready(Some(_))));
        case.called.take();
        case.assert_works();
        case.assert_balance();
    }
}

/// The stream is the last slot, which gets the original. A clone of a bomb is harmless.
#[test]
fn an_item_panics_as_a_newer_one_replaces_it() {
    let mut case = Streamed::new(SLOTS - 1, 2);
    let (waker, woken) = waker(WakerFault::No);
    assert!(case.poll(&waker).is_pending());
    case.signal.emit(case.ledger.bomb());
    case.emit();
    assert_eq!(thrown(|| case.emit()), "drop");
    assert_eq!(woken.get(), 1);
    assert_eq!(case.called.take(), 3 * (SLOTS - 1));
    assert_eq!(case.stream.as_ref().unwrap().missed(), 1);
    for _ in 0..2 {
        assert!(matches!(case.poll(&waker), Poll::Ready(Some(_))));
    }
    case.assert_works();
    case.assert_balance();
}

#[test]
fn an_item_panics_as_its_stream_is_dropped() {
    let items = 5;
    for at in 0..items {
        let case = Streamed::new(SLOTS - 1, items);
        for number in 0..items {
            let item = if number == at {
                case.ledger.bomb()
            } else {
                case.ledger.value()
            };
            case.signal.emit(item);
        }
        case.ledger.assert_alive(items + SLOTS - 1, "buffered");
        assert_eq!(thrown(|| drop(case.stream)), "drop");
        case.ledger.assert_alive(SLOTS - 1, "dropped");
        assert_eq!(case.signal.len(), SLOTS - 1, "the stream is disconnected");
        case.called.take();
        case.signal.emit(case.ledger.value());
        assert_eq!(case.called.take(), SLOTS - 1);
    }
}
