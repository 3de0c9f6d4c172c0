//! Faults with async signals and streams: calls, futures, error handlers, wakers, items.

use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

use futures::StreamExt;
use futures::executor::block_on;
use smoke_signal::{AsyncSignal, Emission, Failure, Signal, SignalStream};

use super::{Ledger, SLOTS, Value};
use crate::common::{Counter, DEADLOCK, message, throw, thrown, within};

/// One future, few, and more than are polled without a collection of those that were woken.
const SIZES: [usize; 3] = [1, SLOTS, MANY];
const MANY: usize = 33;

/// The first, one between, the last.
fn positions(slots: usize) -> Vec<usize> {
    let mut positions = vec![0, slots / 2, slots - 1];
    positions.dedup();
    positions
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum At {
    Nothing,
    /// The slot's call panics with "call".
    Call,
    /// The first poll panics with "poll".
    FirstPoll,
    /// The second poll does.
    SecondPoll,
    /// The drop of the future panics with "drop".
    Drop,
    /// Both.
    PollAndDrop,
    /// The drop of the future panics with "drop", and that of its result too.
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

/// A slot's future: pending at first, then ready.
struct Step {
    polls: usize,
    fault: At,
    result: Option<Value>,
    /// Counts the future, and panics with its drop.
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

/// An async signal with so many slots, one of which is at fault.
struct Case {
    name: String,
    ledger: Ledger,
    signal: AsyncSignal<(), Result<Value, ()>>,
    /// How many futures have been made.
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

    /// The fault was that of one emission: the next gives all results.
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
fn a_future_panics_when_all_others_have_finished() {
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

/// What the last of these payloads panics with is leaked.
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

/// Never polled, polled once, and with some results there already.
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

/// The last call of a budget: its captures go as `emit` returns.
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

/// A waker that counts how often it is woken, and may panic as it is woken or dropped.
struct Task {
    woken: Counter,
    wake_panics: bool,
    drop_panics: bool,
}

impl Wake for Task {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.woken.add();
        if self.wake_panics {
            throw("wake");
        }
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        if self.drop_panics {
            throw("waker");
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum WakerFault {
    No,
    Wake,
    Drop,
}

fn waker(fault: WakerFault) -> (Waker, Counter) {
    let woken = Counter::default();
    let task = Arc::new(Task {
        woken: woken.clone(),
        wake_panics: fault == WakerFault::Wake,
        drop_panics: fault == WakerFault::Drop,
    });
    (Waker::from(task), woken)
}

/// Lets go of our share of a waker that panics when the last goes.
fn give_up(waker: Waker) {
    drop(catch_unwind(AssertUnwindSafe(|| drop(waker))));
}

/// A signal with plain slots and, among them, a stream.
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
        let stream = self.stream.as_mut().expect("it is there");
        stream.poll_next_unpin(&mut Context::from_waker(waker))
    }

    fn emit(&self) {
        self.signal.emit(self.ledger.value());
    }

    /// Asserts that emissions reach the slots and the stream, whose reader is woken; the stream is
    /// empty.
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
            give_up(waker);
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

/// A reader polls with another waker: the former one is dropped.
#[test]
fn a_waker_panics_as_another_takes_its_place() {
    for at in 0..SLOTS {
        let mut case = Streamed::new(at, 4);
        let (former, _) = waker(WakerFault::Drop);
        assert!(case.poll(&former).is_pending());
        give_up(former);
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

/// The stream is the last slot, which has the original; a clone of a bomb is harmless.
#[test]
fn an_item_panics_as_a_newer_one_takes_its_place() {
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
        assert_eq!(case.signal.len(), SLOTS - 1, "it has disconnected");
        case.called.take();
        case.signal.emit(case.ledger.value());
        assert_eq!(case.called.take(), SLOTS - 1);
    }
}

/// An async signal whose futures wait for their doors, which keep the wakers.
fn waiting(slots: usize) -> (Emission<usize>, Vec<Arc<Door>>) {
    let signal = AsyncSignal::<(), usize>::new();
    let mut doors = Vec::new();
    for number in 0..slots {
        let door = Arc::new(Door::default());
        doors.push(Arc::clone(&door));
        signal.connect(move || {
            let door = Arc::clone(&door);
            async move {
                poll_fn(|cx| door.poll(cx)).await;
                number
            }
        });
    }
    (signal.emit(), doors)
}

#[derive(Default)]
struct Door {
    open: AtomicBool,
    waiting: Mutex<Option<Waker>>,
}

impl Door {
    fn poll(&self, cx: &Context<'_>) -> Poll<()> {
        if self.open.load(Ordering::Relaxed) {
            return Poll::Ready(());
        }
        let former = self.waiting.lock().unwrap().replace(cx.waker().clone());
        drop(former);
        Poll::Pending
    }

    fn open(&self) {
        self.open.store(true, Ordering::Relaxed);
        let waiting = self.waiting.lock().unwrap().take();
        waiting.expect("it was polled").wake();
    }
}

fn poll<F: Future + Unpin>(future: &mut F, waker: &Waker) -> Poll<F::Output> {
    Pin::new(future).poll(&mut Context::from_waker(waker))
}

#[test]
fn who_awaits_an_emission_panics_as_it_is_woken() {
    // With one slot nothing is left to wait for.
    for slots in [SLOTS, MANY] {
        for at in positions(slots) {
            let (mut emission, mut doors) = waiting(slots);
            let (waker, woken) = waker(WakerFault::Wake);
            // An emission of many wakes itself once, to let other tasks run.
            let mut poll = || {
                let polled = catch_unwind(AssertUnwindSafe(|| poll(&mut emission, &waker)));
                polled.unwrap_or(Poll::Pending)
            };
            assert!(poll().is_pending());
            assert!(poll().is_pending());
            woken.take();
            assert_eq!(thrown(|| doors.remove(at).open()), "wake");
            assert_eq!(woken.take(), 1);
            assert!(poll().is_pending());
            for door in doors {
                // Nor is it woken again before it is polled.
                drop(catch_unwind(AssertUnwindSafe(|| door.open())));
            }
            assert!(woken.take() > 0);
            assert_eq!(poll(), Poll::Ready(Vec::from_iter(0..slots)));
        }
    }
}

/// Of few futures each has the waker itself, and is what drops it.
#[test]
fn the_waker_of_an_emission_of_many_panics_as_another_takes_its_place() {
    let slots = MANY;
    for at in positions(slots) {
        let (mut emission, doors) = waiting(slots);
        let (former, _) = waker(WakerFault::Drop);
        assert!(poll(&mut emission, &former).is_pending());
        give_up(former);
        let (latter, woken) = waker(WakerFault::No);
        let second = catch_unwind(AssertUnwindSafe(|| poll(&mut emission, &latter)));
        assert!(second.is_err() || second.is_ok_and(|polled| polled.is_pending()));
        assert!(poll(&mut emission, &latter).is_pending());
        doors[at].open();
        assert_eq!(woken.take(), 1, "the emission is woken");
        assert!(poll(&mut emission, &latter).is_pending());
        for (number, door) in doors.into_iter().enumerate() {
            if number != at {
                door.open();
            }
        }
        let results = poll(&mut emission, &latter);
        assert_eq!(results, Poll::Ready(Vec::from_iter(0..slots)));
    }
}
