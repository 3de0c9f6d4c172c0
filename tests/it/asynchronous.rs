//! Async signals: what an emission calls at once and what it leaves to be awaited, how results and
//! failures arrive, who is woken and polled. What needs an executor is in crates/executors.

#![allow(
    clippy::unused_async,
    reason = "async functions are slots, whether or not they wait for anything"
)]

use std::cell::Cell;
use std::future::{self, Future, Ready, poll_fn, ready};
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;

use futures::channel::oneshot;
use futures::executor::block_on;
use futures::task::noop_waker;
use smoke_signal::{AsyncSignal, ByMut, ByRef, Connection, Failure, WaitError};

use crate::common::{Counter, DEADLOCK, Recorder, message, throw, thrown, within};

/// What a future waits for until the test opens it; counts how often it is polled.
#[derive(Default)]
struct Gate {
    polls: AtomicUsize,
    state: Mutex<(bool, Option<Waker>)>,
}

impl Gate {
    fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Ends when the gate is open.
    fn wait(self: &Arc<Self>) -> impl Future<Output = ()> + Send + use<> {
        let gate = Arc::clone(self);
        poll_fn(move |cx| {
            gate.polls.fetch_add(1, Ordering::Relaxed);
            let mut state = gate.state.lock().unwrap();
            if state.0 {
                return Poll::Ready(());
            }
            state.1 = Some(cx.waker().clone());
            Poll::Pending
        })
    }

    fn open(&self) {
        self.state.lock().unwrap().0 = true;
        self.wake();
    }

    /// Wakes who waits here, whether or not the gate is open.
    fn wake(&self) {
        if let Some(waker) = self.waker() {
            waker.wake();
        }
    }

    fn waker(&self) -> Option<Waker> {
        self.state.lock().unwrap().1.take()
    }

    fn polls(&self) -> usize {
        self.polls.load(Ordering::Relaxed)
    }
}

/// A waker that counts.
#[derive(Default)]
struct Wakes(AtomicUsize);

impl Wakes {
    fn new() -> Arc<Self> {
        Arc::default()
    }

    fn take(&self) -> usize {
        self.0.swap(0, Ordering::Relaxed)
    }

    /// Polls once, and again for as long as that asks to be polled at once.
    fn poll<F: Future + Unpin>(self: &Arc<Self>, future: &mut F) -> Poll<F::Output> {
        loop {
            self.take();
            let polled = poll_with(future, &Waker::from(Arc::clone(self)));
            if polled.is_ready() || self.take() == 0 {
                return polled;
            }
        }
    }
}

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

fn poll_with<F: Future + Unpin>(future: &mut F, waker: &Waker) -> Poll<F::Output> {
    std::pin::Pin::new(future).poll(&mut Context::from_waker(waker))
}

/// Polls until it waits.
fn poll<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
    Wakes::new().poll(future)
}

#[track_caller]
fn assert_pending<F: Future<Output: std::fmt::Debug> + Unpin>(future: &mut F) {
    match poll(future) {
        Poll::Pending => {}
        Poll::Ready(output) => panic!("it is ready: {output:?}"),
    }
}

/// One future, few and many are polled in ways of their own: so many slots that do nothing, to get each.
const COMPANY: [usize; 3] = [0, 1, 64];

fn add_company<R: Default + Send + 'static>(signal: &AsyncSignal<(), R>, slots: usize) {
    for _ in 0..slots {
        signal.connect(|| async { R::default() });
    }
}

// smokesignal's own tests of its Twisted support.

// smokesignal: tests_twisted.py, test_max_calls
#[test]
fn test_max_calls() {
    let signal = AsyncSignal::<()>::new();
    signal.options().max_calls(19).connect(async || ());
    let left = || signal.slots()[0].calls_left;
    assert_eq!(left(), Some(19));
    let first = signal.emit();
    assert_eq!(left(), Some(18));
    let second = signal.emit();
    assert_eq!(left(), Some(17));
    assert_eq!((block_on(first).len(), block_on(second).len()), (1, 1));
    assert_eq!(left(), Some(17));
}

// smokesignal: tests_twisted.py, TestTwisted._emit, test_synchronous; blinker: send_async
#[test]
fn test_synchronous() {
    let signal = AsyncSignal::<(), Result<&str, ()>>::new();
    signal.connect(|| ready(Ok("success")));
    let handled = Counter::default();
    let count = handled.clone();
    let emission = signal.emit().errback(move |_: Failure<()>| {
        count.add();
        Err(())
    });
    assert_eq!(block_on(emission), [Ok("success")]);
    assert_eq!(handled.get(), 0);
}

// smokesignal: tests_twisted.py, test_asynchronous, test_synchronous
#[test]
fn test_asynchronous() {
    let signal = AsyncSignal::<(), Result<&str, ()>>::new();
    let (sender, receiver) = oneshot::channel();
    signal.once(|| async { Ok(receiver.await.unwrap()) });
    let handled = Counter::default();
    let count = handled.clone();
    let mut emission = signal.emit().errback(move |_: Failure<()>| {
        count.add();
        Err(())
    });
    assert_pending(&mut emission);
    sender.send("success").unwrap();
    assert_eq!(block_on(emission), [Ok("success")]);
    assert_eq!(handled.get(), 0);
}

// smokesignal: tests_twisted.py, test_synchronous_failure
#[test]
fn test_synchronous_failure() {
    let signal = AsyncSignal::<(), Result<&str, &str>>::new();
    signal.connect(|| -> Ready<_> { throw("raised") });
    signal.connect(|| ready(Err("returned")));
    let emission = signal.emit().errback(|failure| match failure {
        Failure::Error(error) => Ok::<_, ()>(error),
        Failure::Panic(payload) => Ok(payload.downcast_ref::<&str>().copied().unwrap()),
    });
    assert_eq!(block_on(emission), [Ok("raised"), Ok("returned")]);
}

// smokesignal: tests_twisted.py, test_asynchronous_failure, test_synchronous_failure
#[test]
fn test_asynchronous_failure() {
    let signal = AsyncSignal::<(), Result<String, String>>::new();
    let gate = Gate::new();
    let wait = Arc::clone(&gate);
    signal.connect(move || {
        let wait = wait.wait();
        async {
            wait.await;
            Err("failed".to_owned())
        }
    });
    let wait = Arc::clone(&gate);
    signal.connect(move || {
        let wait = wait.wait();
        async {
            wait.await;
            throw("raised")
        }
    });
    let mut emission = signal.emit().errback(|failure| match failure {
        Failure::Error(error) => Ok::<_, ()>(error + ", handled"),
        Failure::Panic(payload) => Ok(message(&*payload) + ", handled"),
    });
    assert_pending(&mut emission);
    gate.open();
    let expected = ["failed, handled", "raised, handled"];
    assert_eq!(block_on(emission), expected.map(|text| Ok(text.to_owned())));
}

// smokesignal: tests_twisted.py, test_delay
#[test]
fn test_delay() {
    let signal = AsyncSignal::<(), &str>::new();
    let gate = Gate::new();
    let wait = Arc::clone(&gate);
    signal.connect(move || {
        let wait = wait.wait();
        async {
            wait.await;
            "success"
        }
    });
    let mut emission = signal.emit();
    assert_pending(&mut emission);
    assert_pending(&mut emission);
    gate.open();
    assert_eq!(poll(&mut emission), Poll::Ready(vec!["success"]));
}

// Calls and results.

#[test]
fn results_in_slot_order_though_finished_out_of_order() {
    for company in COMPANY {
        let signal = AsyncSignal::<(), u32>::new();
        let finished = Recorder::new();
        let senders: Vec<_> = (1..=3)
            .map(|number| {
                let (sender, receiver) = oneshot::channel::<()>();
                let finished = finished.clone();
                signal.once(move || async move {
                    receiver.await.unwrap();
                    finished.add(number);
                    number
                });
                sender
            })
            .collect();
        add_company(&signal, company);
        let mut emission = signal.emit();
        assert_pending(&mut emission);
        for sender in senders.into_iter().rev() {
            assert_pending(&mut emission);
            sender.send(()).unwrap();
        }
        let results = block_on(emission);
        assert_eq!(results[..3], [1, 2, 3]);
        assert_eq!(results[3..], vec![0; company]);
        assert_eq!(finished.take(), [3, 2, 1]);
    }
}

/// Futures that each wait for one another: they can't finish one after the other.
fn meeting(slots: usize) -> AsyncSignal<(), usize> {
    let signal = AsyncSignal::<(), _>::new();
    let (mut senders, receivers): (Vec<_>, Vec<_>) =
        (0..slots).map(|_| oneshot::channel::<usize>()).unzip();
    senders.rotate_left(1);
    for (number, (sender, receiver)) in senders.into_iter().zip(receivers).enumerate() {
        signal.once(move || async move {
            sender.send(number).unwrap();
            receiver.await.unwrap()
        });
    }
    signal
}

#[test]
fn futures_run_side_by_side() {
    within(DEADLOCK, "three", || {
        assert_eq!(block_on(meeting(3).emit()), [2, 0, 1]);
    });
    within(DEADLOCK, "many", || {
        let results = block_on(meeting(100).emit());
        assert_eq!(results[0], 99);
        assert!(results[1..].iter().copied().eq(0..99));
    });
}

#[test]
fn slots_are_called_by_emit_though_nothing_is_awaited() {
    let signal = AsyncSignal::<(u8,)>::new();
    let log = Recorder::new();
    for name in ["first", "second", "third"] {
        let log = log.clone();
        signal.connect(move |n| {
            log.add(format!("{name} called with {n}"));
            let log = log.clone();
            async move { log.add(format!("{name} polled")) }
        });
    }
    let once = signal.once(|_| async {});
    let emission = signal.emit(1);
    let calls = ["first", "second", "third"].map(|name| format!("{name} called with 1"));
    assert_eq!(log.take(), calls);
    assert!(!signal.contains(once), "its budget is spent");
    drop(emission);
    assert_eq!(log.take(), [""; 0], "nothing was polled");

    let emission = signal.emit(1);
    log.take();
    assert_eq!(block_on(emission), [(); 3]);
    let polls = ["first polled", "second polled", "third polled"];
    assert_eq!(log.take(), polls, "and nothing is called again");
}

#[test]
fn slots_are_called_on_the_thread_that_emits() {
    let signal = AsyncSignal::<(), (thread::ThreadId, thread::ThreadId)>::new();
    signal.connect(|| {
        let called = thread::current().id();
        async move { (called, thread::current().id()) }
    });
    let here = thread::current().id();
    let emission = signal.emit();
    let (there, results) = thread::spawn(move || (thread::current().id(), block_on(emission)))
        .join()
        .unwrap();
    assert_eq!(results, [(here, there)]);
}

#[test]
fn an_emission_without_slots_is_ready_at_once() {
    let signal = AsyncSignal::<(u8,), String>::new();
    assert_eq!(poll(&mut signal.emit(1)), Poll::Ready(Vec::new()));
    let slot = signal.connect(|_| async { String::new() });
    signal.disconnect(slot);
    assert_eq!(poll(&mut signal.emit(1)), Poll::Ready(Vec::new()));
}

#[test]
fn an_emission_gives_its_results_once() {
    for company in COMPANY {
        let signal = AsyncSignal::<(), u8>::new();
        signal.connect(|| ready(1));
        add_company(&signal, company);
        let mut emission = signal.emit();
        let results = poll(&mut emission).map(|results| results.len());
        assert_eq!(results, Poll::Ready(company + 1));
        assert_eq!(poll(&mut emission), Poll::Ready(Vec::new()));
    }
}

// smokesignal: tests_twisted.py, test_max_calls
#[test]
fn a_once_slot_that_is_pending_is_not_started_again() {
    let signal = AsyncSignal::<(), u8>::new();
    let gate = Gate::new();
    let wait = gate.wait();
    signal.once(|| async {
        wait.await;
        1
    });
    let mut first = signal.emit();
    assert_pending(&mut first);
    let second = signal.emit();
    assert_eq!(block_on(second), []);
    gate.open();
    assert_eq!(block_on(first), [1]);
}

#[test]
fn a_slot_that_is_not_called_has_no_entry() {
    let signal = AsyncSignal::<(), char>::new();
    signal.connect(|| ready('a'));
    signal.once(|| ready('b'));
    let blocked = signal.connect(|| ready('c'));
    let last = signal.connect(|| ready('d'));
    assert_eq!(block_on(signal.emit()), ['a', 'b', 'c', 'd']);
    assert_eq!(block_on(signal.emit()), ['a', 'c', 'd']);
    let guard = signal.block(blocked).expect("it is connected");
    assert_eq!(block_on(signal.emit()), ['a', 'd']);
    let emission = signal.emit();
    drop(guard);
    assert_eq!(block_on(emission), ['a', 'd'], "it was blocked at its turn");
    assert_eq!(block_on(signal.emit()), ['a', 'c', 'd']);
    let _guard = signal.block(last);
    assert_eq!(block_on(signal.emit()), ['a', 'c']);
}

#[test]
fn a_slot_disconnected_while_pending_still_gives_its_result() {
    for company in COMPANY {
        let signal = AsyncSignal::<(), u8>::new();
        let gate = Gate::new();
        let wait = Arc::clone(&gate);
        let slot = signal.connect(move || {
            let wait = wait.wait();
            async {
                wait.await;
                1
            }
        });
        add_company(&signal, company);
        let mut emission = signal.emit();
        assert_pending(&mut emission);
        assert!(signal.disconnect(slot));
        assert_pending(&mut emission);
        gate.open();
        assert_eq!(block_on(emission)[0], 1);
        assert_eq!(block_on(signal.emit()).len(), company);
    }
}

#[test]
fn an_emission_outlives_its_signal() {
    let signal = AsyncSignal::<(), u8>::new();
    let (gate, slots) = (Gate::new(), Counter::default());
    let (wait, tracked) = (Arc::clone(&gate), slots.tracked());
    signal.connect(move || {
        tracked.touch();
        let wait = wait.wait();
        async {
            wait.await;
            1
        }
    });
    let mut emission = signal.emit();
    assert_pending(&mut emission);
    drop(signal);
    assert_eq!(
        slots.get(),
        1,
        "the emission keeps the future, not the slot"
    );
    gate.open();
    assert_eq!(block_on(emission), [1]);
}

#[test]
fn dropping_an_emission_drops_its_futures() {
    for company in COMPANY {
        for polled in [false, true] {
            let signal = AsyncSignal::<(), Option<u8>>::new();
            let (futures, slots) = (Counter::default(), Counter::default());
            for _ in 0..3 {
                let (futures, held) = (futures.clone(), slots.tracked());
                signal.connect(move || {
                    held.touch();
                    let tracked = futures.tracked();
                    async move {
                        future::pending::<()>().await;
                        tracked.touch();
                        None
                    }
                });
            }
            add_company(&signal, company);
            let mut emission = signal.emit();
            if polled {
                assert_pending(&mut emission);
            }
            assert_eq!(futures.get(), 0);
            drop(emission);
            assert_eq!((futures.get(), slots.get()), (3, 0));

            let handled = Counter::default();
            let count = handled.clone();
            let signal = AsyncSignal::<(), Result<(), u8>>::new();
            signal.connect(|| ready(Err(1)));
            let tracked = futures.tracked();
            signal.once(|| async move {
                future::pending::<()>().await;
                tracked.touch();
                Ok(())
            });
            let mut emission = signal.emit().errback(move |_| {
                count.add();
                Ok::<_, ()>(())
            });
            if polled {
                assert_pending(&mut emission);
            }
            drop(emission);
            assert_eq!((futures.get(), handled.get()), (4, 0), "no errback on drop");
        }
    }
}

#[test]
fn dropping_an_emission_drops_the_results_it_has() {
    for company in COMPANY {
        let signal = AsyncSignal::<(), Option<crate::common::Tracked>>::new();
        let results = Counter::default();
        let count = results.clone();
        signal.connect(move || ready(Some(count.tracked())));
        signal.connect(future::pending);
        add_company(&signal, company);
        let mut emission = signal.emit();
        assert_pending(&mut emission);
        assert_eq!(results.get(), 0);
        drop(emission);
        assert_eq!(results.get(), 1);
    }
}

#[test]
fn the_emission_of_a_slot_is_awaited() {
    static INNER: AsyncSignal<(&str,), String> = AsyncSignal::new();
    let outer = AsyncSignal::<(&str,), Vec<String>>::new();
    outer.connect(|name| INNER.emit(name));
    outer.connect(async |name| INNER.emit(name).await);
    outer.connect(|name| ready(vec![name.to_owned()]));
    INNER.connect(|name| async move { format!("inner {name}") });
    let results = block_on(outer.emit("x"));
    assert_eq!(results, [["inner x"], ["inner x"], ["x"]]);
}

#[test]
fn a_future_may_change_and_emit_its_signal() {
    static SIGNAL: AsyncSignal<(u8,), usize> = AsyncSignal::new();
    SIGNAL.connect_with_key(|me| {
        move |n| async move {
            assert!(SIGNAL.disconnect(me));
            SIGNAL.connect(|n| ready(usize::from(n)));
            SIGNAL.emit(n + 1).await.into_iter().sum()
        }
    });
    within(DEADLOCK, "within a future", || {
        assert_eq!(block_on(SIGNAL.emit(1)), [2]);
        assert_eq!(block_on(SIGNAL.emit(5)), [5]);
    });
}

// What an async signal has in common with a signal.

#[test]
fn groups_first_and_options_order_async_slots() {
    let signal = AsyncSignal::<(), char>::new();
    signal.options().group(1).connect(|| async { 'd' });
    signal.connect(async || 'b');
    signal.options().first().connect(|| ready('a'));
    let once = signal.options().group(2).once(|| async { 'f' });
    signal
        .options()
        .group(1)
        .connect_with_key(|_| || ready('e'));
    let object = Arc::new('c');
    let weak = signal
        .options()
        .connect_weak(&object, |object| ready(*object));
    assert_eq!(block_on(signal.emit()), ['a', 'b', 'c', 'd', 'e', 'f']);
    assert!(!signal.contains(once));
    assert!(signal.contains(weak));
    drop(object);
    assert!(!signal.contains(weak));
    assert_eq!(block_on(signal.emit()), ['a', 'b', 'd', 'e']);
    let options = signal.options().max_calls(2).group(3);
    let copied = options;
    options.connect(|| ready('x'));
    copied.connect(|| ready('y'));
    assert_eq!(
        signal.slots()[4..]
            .iter()
            .map(|slot| (slot.group, slot.calls_left))
            .collect::<Vec<_>>(),
        [(3, Some(2)); 2]
    );
}

#[test]
fn a_weak_slot_leaves_with_its_object_while_its_future_is_pending() {
    let signal = AsyncSignal::<(), String>::new();
    let (gate, object) = (Gate::new(), Arc::new(String::from("kept")));
    let wait = Arc::clone(&gate);
    signal.connect_weak(&object, move |object| {
        let (wait, text) = (wait.wait(), object.clone());
        async {
            wait.await;
            text
        }
    });
    let mut emission = signal.emit();
    assert_pending(&mut emission);
    drop(object);
    assert!(signal.is_empty());
    gate.open();
    assert_eq!(block_on(emission), ["kept"]);
}

#[test]
fn waiting_for_a_slot_is_not_waiting_for_its_future() {
    let signal = AsyncSignal::<()>::new();
    let gate = Gate::new();
    let wait = Arc::clone(&gate);
    let slot = signal.options().waitable().connect(move || wait.wait());
    let plain = signal.connect(|| ready(()));
    let mut emission = signal.emit();
    assert_pending(&mut emission);
    assert_eq!(signal.disconnect_and_wait(slot), Ok(true));
    assert_eq!(
        signal.disconnect_and_wait(plain),
        Err(WaitError::NotWaitable)
    );
    gate.open();
    assert_eq!(block_on(emission), [(), ()]);
}

#[test]
fn scoped_block_and_slots_through_the_signal_within() {
    let signal = AsyncSignal::<(), u8>::new();
    let line = line!() + 1;
    let slot = signal.connect(|| ready(1));
    let info = signal.slots()[0];
    assert_eq!((info.connection, info.weak), (slot, false));
    assert_eq!(
        (info.location.file(), info.location.line()),
        (file!(), line)
    );
    let lines = line!();
    signal.once(|| ready(2));
    signal.connect_with_key(|_| || ready(3));
    signal.connect_weak(&Arc::new(()), |()| ready(4));
    signal.options().connect(|| ready(5));
    signal.options().once(|| ready(6));
    signal.options().connect_with_key(|_| || ready(7));
    for info in &signal.slots()[1..] {
        assert!((lines + 1..=lines + 6).contains(&info.location.line()));
        assert_eq!(info.location.file(), file!());
    }
    assert_eq!(signal.connections().len(), signal.len());
    let all = signal.block_all();
    assert!(signal.is_blocked(slot));
    assert_eq!(block_on(signal.emit()), []);
    drop(all);
    drop(signal.scoped(slot));
    assert!(!signal.contains(slot));
    assert!(format!("{signal:?}").starts_with("AsyncSignal(Signal"));
    signal.disconnect_all();
    assert!(signal.is_empty());
    assert!(AsyncSignal::<(u8,)>::default().is_empty());
}

#[test]
fn max_calls_0_never_connects_an_async_slot() {
    let signal = AsyncSignal::<(), u8>::new();
    let slot = signal.options().max_calls(0).connect(|| ready(1));
    let once = signal.options().max_calls(0).once(|| ready(1));
    assert!(!signal.contains(slot) && !signal.contains(once));
    assert_eq!(block_on(signal.emit()), []);
}

fn sum(parts: &[u8]) -> u32 {
    parts.iter().copied().map(u32::from).sum()
}

/// Every way to connect to a signal of these arguments, their types nowhere stated in a closure.
macro_rules! arity {
    ($sum:literal: $($a:ident $T:ty = $value:literal),*) => {{
        #[allow(clippy::too_many_arguments, reason = "8 is what signals allow")]
        async fn function($($a: $T),*) -> u32 {
            sum(&[$($a),*])
        }
        let signal: AsyncSignal<($($T,)*), u32> = AsyncSignal::new();
        let object = Arc::new(100);
        let keyed = |_: Connection| async |$($a),*| sum(&[$($a),*]);
        signal.connect(|$($a),*| async move { sum(&[$($a),*]) });
        signal.connect(async |$($a),*| sum(&[$($a),*]));
        signal.connect(|$($a),*| ready(sum(&[$($a),*])));
        signal.connect(function);
        signal.once(|$($a),*| async move { sum(&[$($a),*]) });
        signal.once(async |$($a),*| sum(&[$($a),*]));
        signal.once(function);
        signal.connect_with_key(|_| |$($a),*| async move { sum(&[$($a),*]) });
        signal.connect_with_key(|_| function);
        signal.connect_with_key(keyed);
        signal.options().connect(|$($a),*| async move { sum(&[$($a),*]) });
        signal.options().connect(async |$($a),*| sum(&[$($a),*]));
        signal.options().once(|$($a),*| ready(sum(&[$($a),*])));
        signal.options().connect_with_key(|_| |$($a),*| ready(sum(&[$($a),*])));
        assert_eq!(block_on(signal.emit($($value),*)), [$sum; 14]);
        signal.disconnect_all();
        signal.connect_weak(&object, |object, $($a),*| {
            let object = *object;
            async move { object + sum(&[$($a),*]) }
        });
        signal.options().connect_weak(&object, |object, $($a),*| ready(*object + sum(&[$($a),*])));
        assert_eq!(block_on(signal.emit($($value),*)), [100 + $sum; 2]);
    }};
}

#[test]
fn arities_0_to_4_infer() {
    arity!(0:);
    arity!(1: a u8 = 1);
    arity!(3: a u8 = 1, b u8 = 2);
    arity!(6: a u8 = 1, b u8 = 2, c u8 = 3);
    arity!(10: a u8 = 1, b u8 = 2, c u8 = 3, d u8 = 4);
}

#[test]
fn arities_5_to_8_infer() {
    arity!(15: a u8 = 1, b u8 = 2, c u8 = 3, d u8 = 4, e u8 = 5);
    arity!(21: a u8 = 1, b u8 = 2, c u8 = 3, d u8 = 4, e u8 = 5, f u8 = 6);
    arity!(28: a u8 = 1, b u8 = 2, c u8 = 3, d u8 = 4, e u8 = 5, f u8 = 6, g u8 = 7);
    arity!(36: a u8 = 1, b u8 = 2, c u8 = 3, d u8 = 4, e u8 = 5, f u8 = 6, g u8 = 7, h u8 = 8);
}

#[test]
fn borrowed_arguments_are_lent_to_the_call() {
    let signal = AsyncSignal::<(ByRef<str>, ByMut<Vec<u8>>), usize>::new();
    signal.connect(|text, list| {
        list.push(1);
        let text = text.to_owned();
        async move { text.len() }
    });
    signal.once(|text, list| {
        list.push(2);
        ready(text.len() + 1)
    });
    signal.connect_with_key(|_| {
        |text: &str, list: &mut Vec<u8>| {
            list.push(3);
            ready(text.len() + 2)
        }
    });
    signal.connect_weak(&Arc::new(()), |(), _, _| ready(0));
    let mut list = Vec::new();
    let emission = {
        let text = String::from("four");
        signal.emit(&text, &mut list)
    };
    assert_eq!(list, [1, 2, 3], "lent no longer than `emit`");
    assert_eq!(block_on(emission), [4, 5, 6]);
}

#[test]
fn results_need_be_neither_clone_nor_sync_nor_send() {
    let cells = AsyncSignal::<(), Cell<u8>>::new();
    cells.connect(|| async { Cell::new(1) });
    let emission = cells.emit();
    let results = thread::spawn(|| block_on(emission)).join().unwrap();
    assert_eq!(results, [Cell::new(1)]);

    let shared = AsyncSignal::<(), Rc<u8>>::new();
    shared.connect(|| async { Rc::new(2) });
    assert_eq!(block_on(shared.emit()), [Rc::new(2)]);

    let local = AsyncSignal::<(Rc<u8>,), u8>::new();
    local.connect(|n| ready(*n));
    let emission = local.emit(Rc::new(3));
    assert_eq!(thread::spawn(|| block_on(emission)).join().unwrap(), [3]);
}

// Panics.

// smokesignal: tests_twisted.py, test_synchronous_failure
#[test]
fn a_panic_unwinds_at_the_await_after_all_others_have_finished() {
    for company in COMPANY {
        for in_the_call in [false, true] {
            let signal = AsyncSignal::<(), Option<crate::common::Tracked>>::new();
            let log = Recorder::new();
            let (results, gate) = (Counter::default(), Gate::new());
            add_company(&signal, company);
            let count = results.clone();
            signal.connect(move || ready(Some(count.tracked())));
            if in_the_call {
                signal.connect(|| -> Ready<_> { throw("a bug") });
            } else {
                signal.connect(|| async { throw("a bug") });
            }
            let (wait, notes, count) = (Arc::clone(&gate), log.clone(), results.clone());
            signal.connect(move || {
                notes.add("called");
                let (wait, notes, tracked) = (wait.wait(), notes.clone(), count.tracked());
                async move {
                    wait.await;
                    notes.add("finished");
                    Some(tracked)
                }
            });
            let mut emission = signal.emit();
            assert_eq!(log.take(), ["called"]);
            assert_pending(&mut emission);
            assert_eq!(results.get(), 0);
            gate.open();
            assert_eq!(thrown(|| block_on(emission)), "a bug");
            assert_eq!(log.take(), ["finished"]);
            assert_eq!(results.get(), 2, "nobody gets the other results");

            assert_eq!(signal.len(), company + 3, "the signal goes on");
            assert_eq!(thrown(|| block_on(signal.emit())), "a bug");
            assert_eq!(log.take(), ["called", "finished"]);
        }
    }
}

#[test]
fn of_several_panics_the_first_in_slot_order_comes_out() {
    for company in COMPANY {
        let signal = AsyncSignal::<(), u8>::new();
        let (first, second) = (Gate::new(), Gate::new());
        for (gate, name) in [(&first, "first"), (&second, "second")] {
            let wait = gate.wait();
            signal.once(move || async move {
                wait.await;
                throw(name)
            });
        }
        let calls = Counter::default();
        let count = calls.clone();
        signal.once(move || -> Ready<u8> {
            count.add();
            throw("at once")
        });
        add_company(&signal, company);
        let mut emission = signal.emit();
        assert_eq!(calls.get(), 1, "it has panicked already");
        assert_pending(&mut emission);
        second.open();
        assert_pending(&mut emission);
        first.open();
        assert_eq!(thrown(|| block_on(emission)), "first");
        assert_eq!(block_on(signal.emit()).len(), company, "the signal goes on");
    }
}

#[test]
fn a_panic_nobody_awaits_is_dropped_with_the_emission() {
    let signal = AsyncSignal::<()>::new();
    let dropped = Counter::default();
    let payload = dropped.tracked();
    signal.once(|| -> Ready<()> { std::panic::resume_unwind(Box::new(payload)) });
    let emission = signal.emit();
    assert_eq!(dropped.get(), 0);
    drop(emission);
    assert_eq!(dropped.get(), 1);
}

#[test]
fn a_panic_comes_with_the_payload_it_had() {
    #[derive(Debug, PartialEq)]
    struct Code(u8);
    let signal = AsyncSignal::<()>::new();
    signal.connect(|| async { std::panic::resume_unwind(Box::new(Code(7))) });
    let emission = std::panic::AssertUnwindSafe(signal.emit());
    let payload = std::panic::catch_unwind(|| block_on({ emission }.0)).unwrap_err();
    assert_eq!(payload.downcast_ref(), Some(&Code(7)));
}

// Errbacks.

/// A failure in words.
fn describe(failure: Failure<i32>) -> String {
    match failure {
        Failure::Error(code) => format!("error {code}"),
        Failure::Panic(payload) => format!("panic {}", message(&*payload)),
    }
}

// smokesignal: tests_twisted.py, test_synchronous_failure
#[test]
fn an_errback_is_called_once_for_each_failure_in_slot_order() {
    for company in COMPANY {
        let signal = AsyncSignal::<(), Result<String, i32>>::new();
        let gate = Gate::new();
        let wait = gate.wait();
        signal.once(|| async {
            wait.await;
            Err(1)
        });
        signal.connect(|| async { Ok("fine".to_owned()) });
        signal.connect(|| -> Ready<_> { throw("call") });
        signal.connect(|| async { throw("future") });
        signal.connect(|| ready(Err(2)));
        for _ in 0..company {
            signal.connect(|| ready(Ok(String::new())));
        }
        let mut calls = Vec::new();
        let mut emission = signal.emit().errback(|failure| {
            let failure = describe(failure);
            calls.push(failure.clone());
            if failure == "error 2" {
                return Err(calls.len());
            }
            Ok(format!("{failure} handled as {}", calls.len()))
        });
        assert_pending(&mut emission);
        gate.open();
        let results = block_on(emission);
        let ok = |text: &str| Ok(text.to_owned());
        let expected = [
            ok("error 1 handled as 1"),
            ok("fine"),
            ok("panic call handled as 2"),
            ok("panic future handled as 3"),
            Err(4_usize),
        ];
        assert_eq!(results[..5], expected);
        assert_eq!(results[5..], vec![ok(""); company]);
        let failures = ["error 1", "panic call", "panic future", "error 2"];
        assert_eq!(calls, failures);
    }
}

#[test]
fn an_errback_is_called_when_all_have_finished() {
    let signal = AsyncSignal::<(), Result<u8, i32>>::new();
    let gate = Gate::new();
    let wait = gate.wait();
    signal.connect(|| ready(Err(1)));
    signal.once(|| async {
        wait.await;
        Ok(2)
    });
    let log = Recorder::new();
    let notes = log.clone();
    let mut emission = signal.emit().errback(move |failure| {
        notes.add(describe(failure));
        Ok::<_, ()>(0)
    });
    assert_pending(&mut emission);
    assert_eq!(log.take(), [""; 0]);
    gate.open();
    assert_eq!(block_on(emission), [Ok(0), Ok(2)]);
    assert_eq!(log.take(), ["error 1"]);
}

#[test]
fn without_an_errback_an_error_is_an_entry() {
    let signal = AsyncSignal::<(), Result<u8, &str>>::new();
    signal.connect(|| ready(Ok(1)));
    signal.connect(|| async { Err("failed") });
    assert_eq!(block_on(signal.emit()), [Ok(1), Err("failed")]);
}

#[test]
fn an_errback_may_return_the_failure() {
    let signal = AsyncSignal::<(), Result<u8, i32>>::new();
    signal.connect(|| ready(Err(1)));
    signal.connect(|| ready(Ok(2)));
    let answers = signal.emit().errback(Err);
    let answers = block_on(answers);
    assert!(matches!(answers[..], [Err(Failure::Error(1)), Ok(2)]));
    assert_eq!(format!("{answers:?}"), "[Err(Error(1)), Ok(2)]");
}

#[test]
fn a_panic_in_an_errback_unwinds_at_the_await_and_drops_the_rest() {
    for company in COMPANY {
        let signal = AsyncSignal::<(), Result<Option<crate::common::Tracked>, u8>>::new();
        let (results, futures) = (Counter::default(), Counter::default());
        for fails in [false, true, false, true, false] {
            let (results, futures) = (results.clone(), futures.clone());
            signal.connect(move || {
                let (result, future) = (results.tracked(), futures.tracked());
                async move {
                    future.touch();
                    if fails { Err(1) } else { Ok(Some(result)) }
                }
            });
        }
        for _ in 0..company {
            signal.connect(|| ready(Ok(None)));
        }
        let (handled, handlers) = (Counter::default(), Counter::default());
        let (count, held) = (handled.clone(), handlers.tracked());
        let emission = signal.emit().errback(move |_| -> Result<_, ()> {
            held.touch();
            count.add();
            throw("handler")
        });
        assert_eq!(thrown(|| block_on(emission)), "handler");
        assert_eq!(handled.get(), 1, "it is not called again");
        assert_eq!((futures.get(), results.get()), (5, 5));
        assert_eq!(handlers.get(), 1);
        assert_eq!(signal.len(), 5 + company);
    }
}

#[test]
fn an_errback_takes_panics_in_place_of_the_await() {
    let signal = AsyncSignal::<(), Result<u8, i32>>::new();
    for name in ["a", "b"] {
        signal.connect(move || async move { throw(name) });
    }
    let mut said = String::new();
    let emission = signal.emit().errback(|failure| {
        said.push_str(&describe(failure));
        Ok::<_, ()>(0)
    });
    assert_eq!(block_on(emission), [Ok(0), Ok(0)]);
    assert_eq!(said, "panic apanic b");
}

#[test]
fn options_are_cloned_as_they_are_copied() {
    let signal = AsyncSignal::<(), char>::new();
    let options = signal.options().group(-1);
    signal.connect(|| ready('b'));
    #[allow(clippy::clone_on_copy)]
    options.clone().connect(|| ready('a'));
    assert_eq!(block_on(signal.emit()), ['a', 'b']);
}

#[test]
fn emissions_can_be_shown() {
    let signal = AsyncSignal::<(), Result<u8, u8>>::new();
    let emission = signal.emit();
    assert_eq!(format!("{emission:?}"), "Emission { .. }");
    let errback = emission.errback(|_| Err(()));
    assert_eq!(format!("{errback:?}"), "Errback { .. }");
    assert_eq!(
        format!("{:?}", signal.options().group(2)),
        "AsyncConnectOptions(ConnectOptions { max_calls: None, group: 2, first: false, \
         waitable: false, .. })"
    );
}

// Wakers.

/// So many slots, each behind a gate, that give their numbers.
fn gated(slots: usize) -> (AsyncSignal<(), usize>, Vec<Arc<Gate>>) {
    let signal = AsyncSignal::<(), _>::new();
    let gates: Vec<_> = (0..slots).map(|_| Gate::new()).collect();
    for (number, gate) in gates.iter().enumerate() {
        let gate = Arc::clone(gate);
        signal.connect(move || {
            let wait = gate.wait();
            async move {
                wait.await;
                number
            }
        });
    }
    (signal, gates)
}

#[test]
fn of_1000_futures_only_the_woken_are_polled() {
    let (signal, gates) = gated(1000);
    let mut emission = signal.emit();
    let polls = || gates.iter().map(|gate| gate.polls()).sum::<usize>();
    assert_eq!(polls(), 0, "`emit` polls nothing");
    let wakes = Wakes::new();
    assert!(wakes.poll(&mut emission).is_pending());
    assert_eq!(polls(), 1000);
    for (done, gate) in gates.iter().rev().step_by(100).enumerate() {
        gate.open();
        assert!(wakes.take() > 0);
        assert!(wakes.poll(&mut emission).is_pending());
        assert_eq!(polls(), 1001 + done);
    }
    assert!(wakes.poll(&mut emission).is_pending());
    assert_eq!(polls(), 1010, "nothing was woken");
    gates[0].wake();
    assert!(wakes.poll(&mut emission).is_pending());
    assert_eq!(polls(), 1011, "woken for nothing");
    for gate in &gates {
        gate.open();
    }
    let Poll::Ready(results) = wakes.poll(&mut emission) else {
        panic!("all have finished");
    };
    assert!(results.into_iter().eq(0..1000));
    assert_eq!(polls(), 2001);
}

#[test]
fn a_spurious_wake_finishes_nothing() {
    for slots in [2, 100] {
        let (signal, gates) = gated(slots);
        let mut emission = signal.emit();
        let wakes = Wakes::new();
        gates[0].open();
        assert!(wakes.poll(&mut emission).is_pending());
        for _ in 0..3 {
            gates[1].wake();
            assert_eq!(wakes.take(), 1);
            assert!(wakes.poll(&mut emission).is_pending());
            assert!(poll_with(&mut emission, &noop_waker()).is_pending());
            assert!(wakes.poll(&mut emission).is_pending());
        }
        assert_eq!(gates[0].polls(), 1, "one that has finished is left alone");
        for gate in &gates {
            gate.open();
        }
        assert_eq!(block_on(emission), (0..slots).collect::<Vec<_>>());
    }
}

#[test]
fn a_future_woken_after_its_emission_was_dropped() {
    for slots in [1, 2, 100] {
        let (signal, gates) = gated(slots);
        let mut emission = signal.emit();
        let wakes = Wakes::new();
        assert!(wakes.poll(&mut emission).is_pending());
        drop(emission);
        for gate in &gates {
            let late = gate.waker().expect("it was polled");
            late.wake_by_ref();
            thread::spawn(move || late.wake()).join().unwrap();
            assert_eq!(gate.polls(), 1);
        }
        for gate in &gates {
            gate.open();
        }
        assert!(block_on(signal.emit()).into_iter().eq(0..slots));
    }
}

#[test]
fn a_future_that_never_wakes_holds_up_no_other() {
    for company in COMPANY {
        let signal = AsyncSignal::<()>::new();
        let (dropped, log, gate) = (Counter::default(), Recorder::new(), Gate::new());
        let tracked = dropped.tracked();
        signal.once(|| async move {
            let _tracked = tracked;
            future::pending::<()>().await;
        });
        let (wait, notes) = (gate.wait(), log.clone());
        signal.once(|| async move {
            wait.await;
            notes.add("finished");
        });
        add_company(&signal, company);
        let mut emission = signal.emit();
        let wakes = Wakes::new();
        assert!(wakes.poll(&mut emission).is_pending());
        gate.open();
        assert_eq!(wakes.take(), 1);
        assert!(wakes.poll(&mut emission).is_pending());
        assert_eq!(log.take(), ["finished"]);
        assert_eq!(wakes.take(), 0);
        assert_eq!(dropped.get(), 0);
        drop(emission);
        assert_eq!(dropped.get(), 1);
    }
}

#[test]
fn an_emission_wakes_the_task_that_polled_it_last() {
    for slots in [2, 100] {
        let (signal, gates) = gated(slots);
        let mut emission = signal.emit();
        let (before, after) = (Wakes::new(), Wakes::new());
        assert!(before.poll(&mut emission).is_pending());
        assert!(after.poll(&mut emission).is_pending());
        gates[1].open();
        assert_eq!(after.take(), 1);
        assert_eq!(before.take(), 0);
        for gate in &gates[2..] {
            gate.open();
        }
        let task = thread::spawn(|| block_on(emission));
        gates[0].open();
        assert!(task.join().unwrap().into_iter().eq(0..slots));
    }
}
