//! Panics of futures, error handlers and captures.

use std::future::Future;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Waker};

use futures::executor::block_on;
use smoke_signal::{AsyncSignal, Failure};

use crate::common::{Counter, message, throw, thrown};
use crate::faults::{Ledger, SLOTS, Value};

use super::{MANY, positions};

/// One future, a few, and enough that only woken futures are polled.
const SIZES: [usize; 3] = [1, SLOTS, MANY];

#[derive(Clone, Copy, Debug, PartialEq)]
enum At {
    Nothing,
    /// The slot's call panics with "call".
    Call,
    /// The first poll panics with "poll".
    FirstPoll,
    /// The second poll panics with "poll".
    SecondPoll,
    /// The drop of the future panics with "drop".
    Drop,
    /// Both a poll and the drop panic.
    PollAndDrop,
    /// The drop of the future panics with "drop", and so does the drop of its result.
    DropOfBoth,
    /// The second poll panics with "poll", and the drop of the future with a value whose drop panics.
    PollAndPayload,
}

const OF_FUTURES: [At; 6] = [
    At::Call,
    At::FirstPoll,
    At::SecondPoll,
    At::Drop,
    At::PollAndDrop,
    At::DropOfBoth,
];

/// The future of a slot: pending once, then ready.
struct Step {
    polls: usize,
    fault: At,
    result: Option<Value>,
    /// Counts the future, and panics as it is dropped.
    _held: Held,
}

struct Held {
    value: Option<Value>,
    is_payload: bool,
}

impl Drop for Held {
    fn drop(&mut self) {
        if self.is_payload {
            resume_unwind(Box::new(self.value.take()));
        }
    }
}

impl Step {
    fn new(ledger: &Ledger, fault: At) -> Self {
        if fault == At::Call {
            throw("call");
        }
        Self {
            polls: 0,
            fault,
            result: Some(match fault {
                At::DropOfBoth => ledger.bomb(),
                _ => ledger.value(),
            }),
            _held: Held {
                value: Some(match fault {
                    At::Nothing | At::FirstPoll | At::SecondPoll => ledger.value(),
                    _ => ledger.bomb(),
                }),
                is_payload: fault == At::PollAndPayload,
            },
        }
    }
}

impl Future for Step {
    type Output = Result<Value, ()>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.polls += 1;
        let panics = match self.fault {
            At::FirstPoll => self.polls == 1,
            At::SecondPoll | At::PollAndDrop | At::PollAndPayload => self.polls == 2,
            _ => false,
        };
        if panics {
            throw("poll");
        }
        if self.polls == 1 {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(Ok(self.result.take().expect("not polled again")))
    }
}

/// An async signal with this many slots, one of which is faulty.
struct Case {
    name: String,
    ledger: Ledger,
    signal: AsyncSignal<(), Result<Value, ()>>,
    /// How many futures were made.
    called: Counter,
}

impl Case {
    fn new(slots: usize, at: usize, fault: At) -> Self {
        let case = Self {
            name: format!("{:?}", (slots, at, fault)),
            ledger: Ledger::default(),
            signal: AsyncSignal::new(),
            called: Counter::default(),
        };
        for number in 0..slots {
            let fault = if number == at { fault } else { At::Nothing };
            let (ledger, called) = (case.ledger.clone(), case.called.clone());
            let first = AtomicBool::new(true);
            case.signal.connect(move || {
                called.add();
                let first = first.swap(false, Ordering::Relaxed);
                Step::new(&ledger, if first { fault } else { At::Nothing })
            });
        }
        case
    }

    /// Asserts that the fault affected one emission only, and the next returns all results.
    #[track_caller]
    fn assert_works(self, slots: usize) {
        self.ledger.assert_alive(0, &self.name);
        self.called.take();
        let results = block_on(self.signal.emit());
        assert_eq!(self.called.take(), slots, "{}", self.name);
        assert_eq!(results.len(), slots, "{}", self.name);
        assert!(results.iter().all(Result::is_ok), "{}", self.name);
        drop(results);
        self.ledger.assert_alive(0, &self.name);
    }
}

#[test]
fn a_future_panics_once_all_others_have_finished() {
    for slots in SIZES {
        for at in positions(slots) {
            for fault in OF_FUTURES {
                let case = Case::new(slots, at, fault);
                let emission = case.signal.emit();
                assert_eq!(case.called.take(), slots, "{}", case.name);
                let awaited = thrown(|| block_on(emission));
                let expected = match fault {
                    At::Call => "call",
                    At::Drop | At::DropOfBoth => "drop",
                    _ => "poll",
                };
                assert_eq!(awaited, expected, "{}", case.name);
                case.assert_works(slots);
            }
        }
    }
}

#[test]
fn a_future_that_panics_is_a_failure() {
    each_is_a_failure(&OF_FUTURES);
}

/// The payload of the last of these panics is leaked.
#[test]
fn however_often_payloads_panic_a_future_is_a_failure() {
    each_is_a_failure(&[At::PollAndPayload]);
}

#[track_caller]
fn each_is_a_failure(faults: &[At]) {
    for slots in SIZES {
        for at in positions(slots) {
            for &fault in faults {
                let case = Case::new(slots, at, fault);
                let handled = case.signal.emit().errback(|failure| match failure {
                    Failure::Error(()) => unreachable!(),
                    Failure::Panic(payload) => Err(message(&*payload)),
                });
                let results = block_on(handled);
                let failed: Vec<_> = results.iter().map(Result::is_err).collect();
                let expected = Vec::from_iter((0..slots).map(|number| number == at));
                assert_eq!(failed, expected, "{}", case.name);
                drop(results);
                case.assert_works(slots);
            }
        }
    }
}

/// Never polled, polled once, and with some results already.
#[test]
fn a_future_panics_as_its_emission_is_dropped() {
    for slots in SIZES {
        for at in positions(slots) {
            for polls in 0..2 {
                let case = Case::new(slots, at, At::Drop);
                let mut emission = case.signal.emit();
                for _ in 0..polls {
                    let mut cx = Context::from_waker(Waker::noop());
                    assert!(Pin::new(&mut emission).poll(&mut cx).is_pending());
                }
                assert_eq!(thrown(|| drop(emission)), "drop", "{}", case.name);
                case.assert_works(slots);
            }
        }
    }
}

#[test]
fn an_error_handler_panics() {
    for slots in SIZES {
        for at in positions(slots) {
            let case = Case::new(slots, at, At::Call);
            let handled = case
                .signal
                .emit()
                .errback(|_| -> Result<Value, ()> { throw("handler") });
            assert_eq!(thrown(|| block_on(handled)), "handler", "{}", case.name);
            case.assert_works(slots);
        }
    }
}

/// The last call of a budget, whose captures are dropped as `emit` returns.
#[test]
fn a_capture_panics_as_emit_ends() {
    for slots in SIZES {
        for at in positions(slots) {
            let ledger = Ledger::default();
            let signal = AsyncSignal::<(), Value>::new();
            for number in 0..slots {
                let capture = if number == at {
                    ledger.bomb()
                } else {
                    ledger.value()
                };
                let options = signal.options();
                let options = if number == at {
                    options.max_calls(1)
                } else {
                    options
                };
                options.connect(move || {
                    let value = capture.ledger.value();
                    async move { value }
                });
            }
            assert_eq!(thrown(|| drop(signal.emit())), "drop");
            ledger.assert_alive(slots - 1, &format!("{slots}, {at}"));
            assert_eq!(block_on(signal.emit()).len(), slots - 1);
            signal.disconnect_all();
            ledger.assert_alive(0, &format!("{slots}, {at}"));
        }
    }
}
