//! What is told of async signals: their slots are called, and their futures polled, in the span of the emission.

use std::future::{pending, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use futures::executor::block_on;
use futures::future::FutureExt;
use smoke_signal::{AsyncSignal, Registry, Signal};

use super::log::{events, log, made};
use crate::common::{throw, thrown};

/// A future that is ready when it is polled for the second time, and emits a signal at each time.
fn twice(signal: Arc<Signal<()>>) -> impl Future<Output = u8> {
    let mut polled = false;
    poll_fn(move |cx| {
        signal.emit();
        if std::mem::replace(&mut polled, true) {
            return Poll::Ready(7);
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
}

#[test]
fn slots_are_called_and_futures_polled_in_the_span() {
    let inner = Arc::new(Signal::<()>::new().named("inner"));
    let signal = AsyncSignal::<(), u8>::new().named("fetch");
    signal.connect(move || twice(Arc::clone(&inner)));
    let log = log(|| {
        let emission = signal.emit();
        signal.disconnect_all();
        assert_eq!(block_on(emission), [7]);
    });
    let expected = [
        "+ DEBUG emit{signal=fetch at=@+1 slots=1}",
        "> emit{signal=fetch at=@+1 slots=1}",
        "  TRACE slot connected_at=@-1 outcome=called",
        "< emit{signal=fetch at=@+1 slots=1}",
        "TRACE disconnected signal=fetch connected_at=@-1 reason=disconnected",
        "> emit{signal=fetch at=@+1 slots=1}",
        "  + DEBUG emit{signal=inner at=@-14 slots=0}",
        "  > emit{signal=inner at=@-14 slots=0}",
        "  < emit{signal=inner at=@-14 slots=0}",
        "  - emit{signal=inner at=@-14 slots=0}",
        "< emit{signal=fetch at=@+1 slots=1}",
        "> emit{signal=fetch at=@+1 slots=1}",
        "  + DEBUG emit{signal=inner at=@-14 slots=0}",
        "  > emit{signal=inner at=@-14 slots=0}",
        "  < emit{signal=inner at=@-14 slots=0}",
        "  - emit{signal=inner at=@-14 slots=0}",
        "< emit{signal=fetch at=@+1 slots=1}",
        "- emit{signal=fetch at=@+1 slots=1}",
    ];
    assert_eq!(log, expected);
}

#[test]
fn each_way_to_emit_tells_its_own_line() {
    let signal = AsyncSignal::<(u8,)>::new().named("fetch");
    let registry = Registry::new();
    registry.on_async("fetch", async |_: u8| ()).unwrap();
    let log = log(|| {
        drop(signal.emit(1));
        drop(signal.emit_tuple((1,)));
        drop(signal.calls(1));
        drop(signal.calls_tuple((1,)));
        drop(registry.emit_async::<_, ()>("fetch", (1_u8,)));
    });
    let expected = [(1, 0), (2, 0), (3, 0), (4, 0), (5, 1)]
        .map(|(line, slots)| format!("+ DEBUG emit{{signal=fetch at=@+{line} slots={slots}}}"));
    assert_eq!(made(log), expected);
}

#[test]
fn panics_of_slots_and_of_futures_name_the_slot() {
    // One future, a few, and many.
    for more in [0, 3, 50] {
        let signal = AsyncSignal::<(), ()>::new();
        for _ in 0..more {
            signal.connect(async || ());
        }
        let bad = signal.connect(async || throw("in the future"));
        let told = events(|| block_on(signal.emit().catch_unwind()));
        let panics: Vec<_> = told.iter().filter(|it| it.contains("panicked")).collect();
        let expected = "slot panicked at=@+0 connected_at=@-1 panic=in the future";
        assert_eq!(panics, [expected]);
        signal.disconnect(bad);
        signal.connect(|| {
            throw("in the call");
            #[allow(unreachable_code)]
            async {}
        });
        let told = events(|| block_on(signal.emit().catch_unwind()));
        let panics: Vec<_> = told.iter().filter(|it| it.contains("panicked")).collect();
        let expected = "slot panicked at=@+0 connected_at=@-5 panic=in the call";
        assert_eq!(panics, [expected]);
    }
}

#[test]
fn a_panic_is_told_while_other_futures_are_pending() {
    for more in [1, 50] {
        let signal = AsyncSignal::<()>::new();
        for _ in 0..more {
            signal.connect(pending);
        }
        signal.connect(async || throw("in the future"));
        let told = events(|| {
            let mut emission = signal.emit();
            for _ in 0..3 {
                let mut cx = Context::from_waker(Waker::noop());
                assert!(emission.poll_unpin(&mut cx).is_pending());
            }
        });
        let panics: Vec<_> = told.iter().filter(|it| it.contains("panicked")).collect();
        let expected = "slot panicked at=@+1 connected_at=@-1 panic=in the future";
        assert_eq!(panics, [expected]);
    }
}

#[test]
fn an_emission_that_unwinds_closes_its_span() {
    let signal = AsyncSignal::<()>::new();
    signal.connect(async || throw("in the future"));
    let log = log(|| {
        assert_eq!(thrown(|| block_on(signal.emit())), "in the future");
    });
    assert_eq!(log.last().unwrap(), "- emit{at=@+1 slots=1}");
}

#[test]
fn a_lazy_emission_tells_of_each_call() {
    let signal = AsyncSignal::<(), u8>::new();
    signal.connect(async || 1);
    signal.connect(async || unreachable!("the first slot suffices"));
    let told = events(|| {
        let first = signal.calls().next();
        assert_eq!(first.and_then(FutureExt::now_or_never), Some(1));
    });
    assert_eq!(told, ["slot connected_at=@-2 outcome=called"]);
}

#[test]
fn async_names_tell_nobody_and_mismatches() {
    let registry = Registry::new();
    registry.on("sync", || ()).unwrap();
    let log = log(|| {
        drop(registry.emit_async::<_, ()>("typo", ()));
        assert!(registry.emit_async::<_, ()>("sync", ()).is_err());
        registry.on_async("sync", async || ()).unwrap_err();
        registry.async_signal::<(), ()>("sync").unwrap_err();
    });
    assert_eq!(log[0], "+ DEBUG emit{signal=typo at=@+1 slots=0}");
    for (line, told) in (2..5).zip(&log[2..]) {
        let expected = format!(
            "WARN signature mismatch signal=sync at=@+{line} bound=() -> () requested=async () -> () bound_at=@-1"
        );
        assert_eq!(*told, expected);
    }
}

#[test]
fn results_are_those_of_an_emission_that_nobody_hears_of() {
    for slots in [0, 1, 2, 40] {
        let signal = AsyncSignal::<(String,), usize>::new();
        for number in 0..slots {
            signal.connect(move |text| async move {
                if number % 7 == 3 {
                    throw("seventh");
                }
                text.len() + number
            });
        }
        let run = || {
            let outcomes = block_on(signal.emit("four".to_owned()).catch_unwind());
            outcomes.into_iter().map(Result::ok).collect::<Vec<_>>()
        };
        let mut logged = Vec::new();
        log(|| logged = run());
        assert_eq!(logged, run());
        assert_eq!(logged.len(), slots);
        let unwinds = |work: &dyn Fn()| catch_unwind(AssertUnwindSafe(work)).is_err();
        let emit = || drop(block_on(signal.emit("four".to_owned())));
        let mut unwound = false;
        log(|| unwound = unwinds(&emit));
        assert_eq!(unwound, slots > 3);
    }
}
