//! Django's signals.

use smoke_signal::{Registry, Signal};

use crate::common::{Counter, throw};

use super::behaviours;

// theirs: `connect(f, dispatch_uid="x")`
#[test]
fn a_receiver_registered_twice_is_called_once() {
    static PIZZA_DONE: Registry = Registry::new();
    static CALLS: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    fn receiver() {
        CALLS.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    }
    PIZZA_DONE.on("pizza_done", receiver).unwrap();
    PIZZA_DONE.on("pizza_done", receiver).unwrap();
    assert_eq!(PIZZA_DONE.emit("pizza_done", ()), Ok(1));
    assert_eq!(CALLS.load(std::sync::atomic::Ordering::Relaxed), 1);
}

// theirs: `send(sender, size=2)`
#[test]
fn receivers_are_called_one_at_a_time_in_the_order_of_registration() {
    behaviours::slots_are_called_at_once_in_the_order_connected();
}

// theirs: the pairs that `send` returns
#[test]
fn each_response_comes_with_its_receiver() {
    behaviours::results_come_with_the_slots_that_returned_them();
}

// theirs: an error in `send`
#[test]
fn an_error_propagates_and_not_all_receivers_are_notified() {
    behaviours::a_panic_reaches_the_emitter_and_later_slots_are_not_called();
}

// theirs: `send_robust(sender)`
#[test]
fn a_robust_emission_notifies_all_and_returns_failures_in_place() {
    let signal: Signal<(), u8> = Signal::new();
    let after = Counter::default();
    signal.connect(|| 1);
    let bad = signal.connect(|| throw("a bug"));
    let counted = after.clone();
    signal.connect(move || {
        counted.add();
        3
    });
    let outcomes: Vec<_> = signal.calls().catch_unwind().keyed().collect();
    assert_eq!(after.get(), 1);
    assert!(matches!(outcomes[0].1, Ok(1)));
    assert!(outcomes[1].0 == bad && outcomes[1].1.is_err());
    assert!(matches!(outcomes[2].1, Ok(3)));
}

// theirs: `await asend(sender)`
#[cfg(feature = "async")]
#[test]
fn async_receivers_run_concurrently() {
    use futures::channel::oneshot;
    use smoke_signal::AsyncSignal;

    let signal: AsyncSignal<(), u8> = AsyncSignal::new();
    let (sender, receiver) = oneshot::channel();
    // The first waits for the second.
    signal.once(move || async { receiver.await.unwrap() });
    signal.once(move || async {
        sender.send(1).unwrap();
        2
    });
    assert_eq!(futures::executor::block_on(signal.emit()), [1, 2]);
}

// theirs: `disconnect(f)`
#[test]
fn disconnecting_says_whether_it_was_connected() {
    behaviours::a_key_disconnects_once();
}
