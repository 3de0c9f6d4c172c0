//! `connect_tuple`, `emit_tuple` and `calls_tuple` of async signals.

use std::future::{Future, ready};
use std::pin::Pin;
use std::sync::Arc;

use futures::executor::block_on;
use smoke_signal::{Args, AsyncSignal, ByRef, Calls, Connection, Emission};

#[test]
fn async_closures_that_take_a_tuple_need_no_types() {
    let signal: AsyncSignal<(u32,), u32> = AsyncSignal::new();
    signal.connect_tuple(async |(n,)| n + 1);
    let added = 2;
    signal.connect_tuple(move |(n,)| async move { n + added });
    signal.connector().connect_tuple(async |(n,)| n + 3);
    signal.connector().connect_tuple(|(n,)| ready(n + 4));
    let options = signal.options().max_calls(1);
    options.first().connect_tuple(async |(n,)| n);
    signal
        .connector()
        .options()
        .connect_tuple(async |args| args.0 + 5);
    assert_eq!(block_on(signal.emit(1)), [1, 2, 3, 4, 5, 6]);
    assert_eq!(block_on(signal.emit_tuple((2,))), [3, 4, 5, 6, 7]);

    let none: AsyncSignal<()> = AsyncSignal::new();
    none.connect_tuple(async |()| ());
    assert_eq!(block_on(none.emit_tuple(())), [()]);
}

#[test]
fn a_tuple_may_hold_borrowed_arguments() {
    let signal: AsyncSignal<(ByRef<str>, u8), usize> = AsyncSignal::new();
    signal.connect_tuple(|(text, n)| {
        let length = text.len() + usize::from(n);
        async move { length }
    });
    let emission = signal.emit_tuple((&String::from("four"), 1));
    assert_eq!(block_on(emission), [5]);
}

fn forward<A, R>(from: &AsyncSignal<A, usize>, to: &Arc<AsyncSignal<A, R>>) -> Connection
where
    A: for<'a> Args<In<'a> = A> + Send,
    R: Send,
{
    let to = Arc::clone(to);
    from.connect_tuple(move |args| {
        let emission: Emission<R> = to.emit_tuple(args);
        async move { emission.await.len() }
    })
}

fn forward_borrowed<A: Args>(from: &AsyncSignal<A>, to: &'static AsyncSignal<A, bool>) {
    from.connect_tuple(move |args| {
        let emission = to.emit_tuple(args);
        async move { assert!(emission.await.iter().all(|&yes| yes)) }
    });
}

#[test]
fn one_async_signal_is_forwarded_to_another() {
    static TO: AsyncSignal<(ByRef<str>,), bool> = AsyncSignal::new();

    let (from, to) = (AsyncSignal::<(u8, String), usize>::new(), Arc::default());
    forward(&from, &to);
    to.connect(async |n, text: String| text.len() == usize::from(n));
    to.connect(async |_, _| true);
    assert_eq!(block_on(from.emit(1, "a".to_owned())), [2]);

    let from = AsyncSignal::new();
    forward_borrowed(&from, &TO);
    TO.connect(|text| ready(text == "yes"));
    assert_eq!(block_on(from.emit("yes")), [()]);
}

type Boxed<R> = Pin<Box<dyn Future<Output = R> + Send>>;

async fn in_turn<A: Args, R>(calls: Calls<'_, A, Boxed<R>>) -> Vec<R> {
    let mut results = Vec::new();
    for future in calls {
        results.push(future.await);
    }
    results
}

#[test]
fn the_futures_of_calls_tuple_are_awaited_one_by_one() {
    let signal: AsyncSignal<(u8,), u8> = AsyncSignal::new();
    signal.connect_tuple(async |(n,)| n);
    signal.connect(async |n| n + 1);
    assert_eq!(block_on(in_turn(signal.calls_tuple((1,)))), [1, 2]);
    assert_eq!(block_on(in_turn(signal.calls(3))), [3, 4]);
}
