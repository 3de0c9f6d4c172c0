//! What a queue can be connected to.

use std::fmt::Debug;
use std::rc::Rc;
use std::sync::Arc;

use smoke_signal::{Args, Connection, Connector, Queue, Registry, Signal};

use super::Seen;

#[test]
fn signals_connectors_and_pointers_to_them() {
    static STATIC: Signal<(u8,)> = Signal::new();
    let shared: Arc<Signal<(u8,)>> = Arc::default();
    let local: Rc<Signal<(u8,)>> = Rc::default();
    let (queue, seen) = (Queue::new(8), Seen::new());
    let connector: Connector<'_, (u8,)> = shared.connector();
    queue.connect(&STATIC, seen.adding());
    queue.connect(&&STATIC, seen.adding());
    queue.connect(&shared, seen.adding());
    queue.connect(&*shared, seen.adding());
    queue.connect(&connector, seen.adding());
    queue.connect(&local, seen.adding());
    STATIC.emit(1);
    shared.emit(2);
    local.emit(3);
    assert_eq!(queue.drain(), 6);
    assert_eq!(seen.take(), [1, 1, 2, 2, 2, 3]);
    drop(queue);
    assert!(STATIC.is_empty() && shared.is_empty() && local.is_empty());
}

#[test]
fn the_typed_signal_behind_a_name() {
    let registry = Registry::new();
    let (queue, seen) = (Queue::new(8), Seen::new());
    let signal = registry.signal::<(u8,), ()>("saved").unwrap();
    queue.connect(&signal, seen.adding());
    assert_eq!(
        registry.emit("saved", (7_u8,)),
        Ok(0),
        "a queue returns nothing"
    );
    queue.drain();
    assert_eq!(seen.take(), [7]);
}

#[test]
fn functions_can_be_connected() {
    thread_local! {
        static SEEN: Seen<u8> = Seen::new();
    }
    fn see(n: u8) {
        SEEN.with(|seen| seen.add(n));
    }
    let (signal, queue) = (Signal::<(u8,)>::new(), Queue::new(8));
    queue.connect(&signal, see);
    let boxed: Box<dyn FnMut(u8)> = Box::new(see);
    queue.connect(&signal, boxed);
    signal.emit(1);
    queue.drain();
    assert_eq!(SEEN.with(Seen::take), [1, 1]);
}

/// Code that is generic over the arguments, and over the results.
fn log<A, R>(queue: &Queue, signal: &Signal<A, R>, seen: &Seen<String>) -> Connection
where
    A: for<'a> Args<In<'a> = A> + Send + Debug,
{
    let seen = seen.clone();
    queue.connect_tuple(signal, move |args| seen.add(format!("{args:?}")))
}

#[test]
fn generic_code_connects_a_tuple() {
    let (numbers, none) = (Signal::<(u8, u16), bool>::new(), Signal::<()>::new());
    let (queue, seen) = (Queue::new(8), Seen::new());
    log(&queue, &numbers, &seen);
    log(&queue, &none, &seen);
    numbers.emit(1, 2);
    none.emit();
    queue.drain();
    assert_eq!(seen.take(), ["(1, 2)", "()"]);
}
