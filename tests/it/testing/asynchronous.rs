//! Spies on async signals, and assertions over `await`.

use std::future::{pending, ready};
use std::rc::Rc;

use futures::executor::block_on;
use futures::future::poll_fn;
use std::task::Poll;

use smoke_signal::testing::Spy;
use smoke_signal::{
    AsyncConnector, AsyncSignal, ByRef, Registry, Signal, assert_emitted, assert_not_emitted,
};

use crate::common::thrown;

/// Is ready when it is polled for the second time.
async fn pause() {
    let mut paused = false;
    poll_fn(|cx| {
        if std::mem::replace(&mut paused, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

#[test]
fn an_async_emission_is_recorded_when_it_calls_its_slots() {
    let signal = AsyncSignal::<(u8,), u8>::new();
    let spy = Spy::on(&signal);
    signal.connect(async |n| n);
    signal.connect(|_| pending());
    drop(signal.emit(1)); // not awaited
    assert_eq!(spy.calls(), [(1,)]);
}

#[test]
fn a_spy_adds_no_future() {
    let signal = AsyncSignal::<(u8,), u8>::new();
    let spy = Spy::on(&signal);
    signal.connect(|n| ready(n + 1));
    let late = Spy::map(&signal, |(n,)| n);
    assert_eq!(block_on(signal.emit(1)), [2]);
    assert_eq!(signal.calls(2).count(), 1);
    assert_eq!((spy.calls(), late.calls()), (vec![(1,), (2,)], vec![1, 2]));
    assert_eq!(signal.len(), 3);
    drop((spy, late));
    assert_eq!(signal.len(), 1);
}

#[test]
fn every_kind_of_result_and_connector_will_do() {
    struct Store {
        saved: AsyncSignal<(ByRef<str>,), Rc<u8>>,
    }
    impl Store {
        fn saved(&self) -> AsyncConnector<'_, (ByRef<str>,), Rc<u8>> {
            self.saved.connector()
        }
    }
    let store = Store {
        saved: AsyncSignal::new(),
    };
    let spy = Spy::map(&store.saved(), |(path,)| path.to_owned());
    drop(store.saved.emit("a.txt"));
    assert_eq!(spy.calls(), ["a.txt"]);

    let plain = Signal::<(u8,)>::new();
    let other = AsyncSignal::<(u8,)>::new();
    let spy = Spy::map(&plain, |(n,)| n).and(&other, |(n,)| n);
    drop(other.emit(1));
    plain.emit(2);
    assert_eq!(spy.calls(), [1, 2]);

    let registry = Registry::new();
    let named = registry.async_signal::<(u8,), u8>("named").unwrap();
    let spy = Spy::on(&named);
    drop(registry.emit_async::<_, u8>("named", (3u8,)).unwrap());
    assert_eq!(spy.calls(), [(3,)]);
}

#[test]
fn assertions_may_await() {
    async fn save(saved: &AsyncSignal<(u8,), u8>, n: u8) -> u8 {
        pause().await;
        let sum = saved.emit(n).await.iter().sum();
        pause().await;
        sum
    }

    let saved = AsyncSignal::<(u8,), u8>::new();
    saved.connect(async |n| {
        pause().await;
        n + 1
    });
    block_on(async {
        let sum = assert_emitted!(saved, [(1,)] => save(&saved, 1).await);
        assert_eq!(sum, 2);
        let sum = assert_emitted!(saved, [(1,), (2,)] => {
            save(&saved, 1).await + assert_emitted!(saved, [(2,)] => save(&saved, 2).await)
        });
        assert_eq!(sum, 5);
        assert_not_emitted!(saved => pause().await);
    });
    let text = thrown(|| {
        block_on(async { assert_not_emitted!(saved => save(&saved, 3).await) });
    });
    assert!(
        text.ends_with("expected: nothing\n      seen: (3,)"),
        "{text}"
    );
    assert_eq!(saved.len(), 1);
}

#[test]
fn what_else_runs_on_the_thread_meanwhile_counts() {
    let saved = Signal::<(u8,)>::new();
    let other = async {
        pause().await;
        saved.emit(1);
    };
    block_on(async {
        let one = async { assert_emitted!(saved, [(1,)] => { pause().await; pause().await }) };
        futures::future::join(one, other).await;
    });
}
