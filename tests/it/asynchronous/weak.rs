//! `connect_weak` of async signals, which hands the slot an `Arc` of the object.

use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};

use futures::executor::block_on;
use smoke_signal::{AsyncSignal, ByRef};

use super::{Gate, assert_pending};

#[derive(Default)]
struct Service(AtomicI32);

impl Service {
    async fn handle(&self, n: i32) -> i32 {
        self.0.fetch_add(n, Ordering::Relaxed) + n
    }

    async fn take(self: Arc<Self>, n: i32) -> i32 {
        self.handle(n).await
    }

    fn add(&self, n: i32) -> std::future::Ready<i32> {
        std::future::ready(self.0.load(Ordering::Relaxed) + n)
    }
}

#[test]
fn an_async_method_of_the_object_is_awaited_in_the_future() {
    let signal: AsyncSignal<(i32,), i32> = AsyncSignal::new();
    let service = Arc::new(Service::default());
    signal.connect_weak(
        &service,
        |service, n| async move { service.handle(n).await },
    );
    signal
        .connector()
        .connect_weak(&service, async |service, n| service.handle(n).await);
    let options = signal.options();
    options.connect_weak(&service, |service, n| async move { service.take(n).await });
    assert_eq!(block_on(signal.emit(2)), [2, 4, 6]);
    drop(service);
    assert!(signal.is_empty());
    assert_eq!(block_on(signal.emit(2)), []);
}

#[test]
fn the_path_of_an_async_method_that_takes_an_arc_is_a_slot() {
    let signal: AsyncSignal<(i32,), i32> = AsyncSignal::new();
    let service = Arc::new(Service::default());
    signal.connect_weak(&service, Service::take);
    signal.connector().connect_weak(&service, Service::take);
    signal
        .options()
        .max_calls(1)
        .connect_weak(&service, Service::take);
    assert_eq!(block_on(signal.emit(1)), [1, 2, 3]);
    assert_eq!(block_on(signal.emit(1)), [4, 5]);
}

#[test]
fn a_method_that_borrows_for_the_call_only_needs_no_clone() {
    let signal: AsyncSignal<(i32,), i32> = AsyncSignal::new();
    let service = Arc::new(Service::default());
    signal.connect_weak(&service, |service, n| service.add(n));
    assert_eq!(block_on(signal.emit(3)), [3]);
    assert_eq!(Arc::strong_count(&service), 1);
}

#[test]
fn a_pending_future_that_owns_the_object_keeps_its_slot_connected() {
    let signal: AsyncSignal<(i32,), i32> = AsyncSignal::new();
    let (gate, service) = (Gate::new(), Arc::new(Service::default()));
    let wait = Arc::clone(&gate);
    let slot = signal.connect_weak(&service, move |service, n| {
        let wait = wait.wait();
        async move {
            wait.await;
            service.handle(n).await
        }
    });
    let mut emission = signal.emit(7);
    assert_pending(&mut emission);
    drop(service);
    assert!(signal.contains(slot), "the future owns the object");
    gate.open();
    assert_eq!(block_on(emission), [7]);
    assert!(!signal.contains(slot));
}

#[test]
fn objects_may_be_unsized_and_arguments_borrowed() {
    trait Handler: Send + Sync {
        fn length(&self, text: &str) -> usize;
    }

    impl Handler for usize {
        fn length(&self, text: &str) -> usize {
            self + text.len()
        }
    }

    let signal: AsyncSignal<(ByRef<str>,), usize> = AsyncSignal::new();
    let handler: Arc<dyn Handler> = Arc::new(1);
    signal.connect_weak(&handler, |handler, text| {
        let text = text.to_owned();
        async move { handler.length(&text) }
    });
    assert_eq!(block_on(signal.emit("four")), [5]);
    let text: Arc<str> = Arc::from("text");
    signal.connect_weak(&text, |own, _| async move { own.len() });
    assert_eq!(block_on(signal.emit("four")), [5, 4]);
}

#[test]
fn the_object_outlives_a_call_in_which_its_last_owner_is_dropped() {
    let signal: AsyncSignal<(i32,), i32> = AsyncSignal::new();
    let owner = Arc::new(std::sync::Mutex::new(Some(Arc::new(Service::default()))));
    let object = Arc::clone(owner.lock().unwrap().as_ref().unwrap());
    signal.connect_weak(&object, {
        let owner = Arc::clone(&owner);
        move |service, n| {
            drop(owner.lock().unwrap().take());
            async move { service.handle(n).await }
        }
    });
    drop(object);
    assert_eq!(block_on(signal.emit(4)), [4]);
    assert!(signal.is_empty());
}
