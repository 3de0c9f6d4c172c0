//! `catch_unwind` of an emission, the `Returns` of all its futures, and when these are terminated.

use std::future::ready;
use std::sync::Arc;
use std::thread;

use futures::executor::block_on;
use futures::future::FusedFuture;
use smoke_signal::{AsyncSignal, CaughtEmission, Emission, Failure, Registry, Returns};

use crate::common::{message, throw, thrown};

use super::{Gate, OTHERS, add_others, assert_pending, poll};

/// The results, with panics as their messages.
fn texts<R>(outcomes: Returns<thread::Result<R>>) -> Vec<Result<R, String>> {
    let outcomes = outcomes.into_iter();
    let texts = outcomes.map(|outcome| outcome.map_err(|payload| message(&*payload)));
    texts.collect()
}

#[test]
fn each_slot_has_a_result_or_the_payload_of_its_panic_in_slot_order() {
    for others in OTHERS {
        let signal = AsyncSignal::<(), u32>::new();
        let gate = Gate::new();
        let wait = Arc::clone(&gate);
        signal.connect(move || {
            let wait = wait.wait();
            async {
                wait.await;
                1
            }
        });
        signal.connect(async || throw("in the future"));
        signal.connect(|| -> std::future::Ready<u32> { throw("in the call") });
        signal.connect(|| ready(4));
        add_others(&signal, others);
        let mut emission: CaughtEmission<u32> = signal.emit().catch_unwind();
        assert!(poll(&mut emission).is_pending());
        gate.open();
        let outcomes = texts(block_on(emission));
        let panics = ["in the future", "in the call"].map(|text| Err(text.to_owned()));
        assert_eq!(outcomes[0], Ok(1));
        assert_eq!(outcomes[1..3], panics);
        assert_eq!(outcomes[3], Ok(4));
        assert_eq!(outcomes[4..], vec![Ok(0); others]);
    }
}

#[test]
fn catch_unwind_takes_results_of_any_type() {
    let none = AsyncSignal::<(), std::rc::Rc<u8>>::new();
    assert!(block_on(none.emit().catch_unwind()).is_empty());

    let fallible = AsyncSignal::<(), Result<u8, String>>::new();
    fallible.connect(async || Err("an error".to_owned()));
    fallible.connect(async || throw("a panic"));
    let outcomes = texts(block_on(fallible.emit().catch_unwind()));
    let expected = [Ok(Err("an error".to_owned())), Err("a panic".to_owned())];
    assert_eq!(outcomes, expected);

    let registry = Registry::new();
    registry
        .on_async("name", async || -> u8 { throw("a callback") })
        .unwrap();
    let emission = registry.emit_async::<_, u8>("name", ()).unwrap();
    let outcomes = texts(block_on(emission.catch_unwind()));
    assert_eq!(outcomes, [Err("a callback".to_owned())]);
}

#[test]
fn awaiting_an_emission_gives_returns_of_every_kind() {
    for others in OTHERS {
        let signal = AsyncSignal::<(), Result<u8, ()>>::new();
        signal.connect(async || Ok(1));
        for _ in 0..others {
            signal.connect(async || Err(()));
        }
        let results: Returns<Result<u8, ()>> = block_on(signal.emit());
        assert_eq!((results[0], results.len()), (Ok(1), others + 1));
        let handled: Returns<Result<u8, String>> =
            block_on(signal.emit().errback(|_| Err("handled".to_owned())));
        assert_eq!(handled[0], Ok(1));
        assert_eq!(handled[1..], vec![Err("handled".to_owned()); others]);
        let caught: Returns<thread::Result<Result<u8, ()>>> =
            block_on(signal.emit().catch_unwind());
        assert_eq!(caught.len(), others + 1);
    }
}

#[test]
fn emissions_are_terminated_once_they_have_resolved() {
    for others in OTHERS {
        let signal = AsyncSignal::<(), Result<u8, ()>>::new();
        for _ in 0..others {
            signal.connect(async || Ok(1));
        }
        let mut plain: Emission<_> = signal.emit();
        let mut handled = signal.emit().errback(|_: Failure<()>| Ok::<_, ()>(0));
        let mut caught = signal.emit().catch_unwind();
        assert!(!plain.is_terminated(), "not even without slots");
        assert!(!handled.is_terminated() && !caught.is_terminated());
        assert!(poll(&mut plain).is_ready() && plain.is_terminated());
        assert!(poll(&mut handled).is_ready() && handled.is_terminated());
        assert!(poll(&mut caught).is_ready() && caught.is_terminated());
    }
}

#[test]
fn a_pending_emission_is_not_terminated() {
    for others in OTHERS {
        let signal = AsyncSignal::<(), ()>::new();
        let gate = Gate::new();
        let wait = Arc::clone(&gate);
        signal.connect(move || wait.wait());
        add_others(&signal, others);
        let mut emission = signal.emit();
        assert_pending(&mut emission);
        assert!(!emission.is_terminated());
        gate.open();
        assert!(poll(&mut emission).is_ready() && emission.is_terminated());
    }
}

#[test]
fn an_emission_or_errback_that_panicked_is_terminated() {
    for others in OTHERS {
        let signal = AsyncSignal::<(), Result<u8, ()>>::new();
        signal.connect(async || throw("a slot"));
        for _ in 0..others {
            signal.connect(async || Ok(1));
        }
        let mut emission = signal.emit();
        assert_eq!(thrown(|| poll(&mut emission)), "a slot");
        assert!(emission.is_terminated());
        let mut handled = signal
            .emit()
            .errback(|_: Failure<()>| -> Result<u8, ()> { throw("a handler") });
        assert_eq!(thrown(|| poll(&mut handled)), "a handler");
        assert!(handled.is_terminated());
    }
}

#[test]
fn caught_emissions_implement_debug() {
    let emission = AsyncSignal::<(), u8>::new().emit();
    let text = format!("{:?}", emission.catch_unwind());
    assert_eq!(text, "CaughtEmission { .. }");
}

/// Panics as it is dropped, unless the thread is unwinding.
#[derive(Clone)]
struct Fragile;

impl Drop for Fragile {
    fn drop(&mut self) {
        if !thread::panicking() {
            throw("drop");
        }
    }
}

#[test]
fn arguments_that_panic_as_they_are_dropped_unwind_out_of_emit() {
    let signal = AsyncSignal::<(Fragile,), u8>::new();
    signal.connect(|argument| {
        std::mem::forget(argument);
        ready(1)
    });
    let (object, captured) = (Arc::new(()), Fragile);
    let options = signal.options().waitable();
    options.connect_weak(&object, move |_, argument: Fragile| {
        let _ = &captured;
        std::mem::forget(argument);
        ready(2)
    });
    assert_eq!(*block_on(signal.emit(Fragile)), [1, 2]);
    drop(object);
    assert_eq!(thrown(|| drop(signal.emit(Fragile).catch_unwind())), "drop");
    assert_eq!(*block_on(signal.emit(Fragile)), [1]);
}
