//! `connect_tuple`, `emit_tuple` and `calls_tuple`: code that is generic over the arguments of a signal.

use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use smoke_signal::{
    Args, ByMut, ByRef, Calls, ConnectOptions, Connection, Connector, Returns, Signal,
    assert_emitted,
};

use crate::common::{throw, thrown};

#[test]
fn closures_that_take_a_tuple_need_no_types() {
    let signal: Signal<(u32, ByRef<str>), String> = Signal::new();
    signal.connect_tuple(|(n, text)| format!("{text} {n}"));
    signal
        .connector()
        .connect_tuple(|(n, text)| format!("{n} {text}"));
    let options = signal.options().max_calls(1).first();
    options.connect_tuple(|(_, text)| text.to_uppercase());
    options.waitable().connect_tuple(|args| format!("{args:?}"));
    let expected = ["(3, \"x\")", "X", "x 3", "3 x"];
    assert_eq!(signal.emit(3, "x"), expected);
    assert_eq!(signal.emit_tuple((4, "y")), ["y 4", "4 y"]);
    assert_eq!(signal.calls_tuple((5, "z")).last().unwrap(), "5 z");
}

#[test]
fn no_arguments_are_the_empty_tuple_and_8_are_a_tuple_of_8() {
    let none: Signal<(), u8> = Signal::new();
    none.connect_tuple(|()| 1);
    none.connect_tuple(|_args| 2);
    assert_eq!(none.emit_tuple(()), [1, 2]);

    let eight: Signal<(u8, u8, u8, u8, u8, u8, u8, u8), u8> = Signal::new();
    eight.connect_tuple(|(a, b, c, d, e, f, g, h)| a + b + c + d + e + f + g + h);
    assert_eq!(eight.emit_tuple((1, 2, 3, 4, 5, 6, 7, 8)), [36]);
    assert_eq!(eight.calls(1, 2, 3, 4, 5, 6, 7, 8).sum::<u8>(), 36);
}

fn forward<A: Args>(from: &Signal<A>, to: &'static Signal<A>) -> Connection {
    from.connect_tuple(move |args| {
        to.emit_tuple(args);
    })
}

fn forward_lazily<A: Args, R>(from: Connector<'_, A, Option<R>>, to: &'static Signal<A, R>) {
    from.connect_tuple(move |args| to.calls_tuple(args).next());
}

#[test]
fn one_signal_is_forwarded_to_another_of_any_arguments() {
    static OWNED: Signal<(String, u8)> = Signal::new();
    static LENT: Signal<(ByRef<str>, ByMut<Vec<String>>)> = Signal::new();
    static LAZY: Signal<(ByRef<str>,), usize> = Signal::new();

    let owned = Signal::new();
    forward(&owned, &OWNED);
    assert_emitted!(OWNED, [("a".to_owned(), 1)] => owned.emit("a".to_owned(), 1));

    let lent = Signal::new();
    LENT.connect(|text, list| list.push(text.to_owned()));
    let slot = forward(&lent, &LENT);
    forward(&lent, &LENT);
    let mut list = Vec::new();
    lent.emit(&String::from("b"), &mut list);
    lent.disconnect(slot);
    lent.emit("c", &mut list);
    assert_eq!(list, ["b", "b", "c"]);

    let lazy: Signal<(ByRef<str>,), Option<usize>> = Signal::new();
    forward_lazily(lazy.connector(), &LAZY);
    assert_eq!(lazy.emit("four"), [None]);
    LAZY.connect(str::len);
    LAZY.connect(|_| unreachable!("only the first is called"));
    assert_eq!(lazy.emit("four"), [Some(4)]);
}

/// Records the arguments, all of which are owned, and returns the record.
fn record<A>(options: ConnectOptions<'_, A>) -> Arc<Mutex<Vec<A>>>
where
    A: for<'a> Args<In<'a> = A> + Send,
{
    let record = Arc::<Mutex<Vec<A>>>::default();
    let list = Arc::clone(&record);
    options.connect_tuple(move |args| list.lock().unwrap().push(args));
    record
}

fn replay<A>(signal: &Signal<A>, record: &Mutex<Vec<A>>)
where
    A: for<'a> Args<In<'a> = A> + Clone,
{
    let recorded = record.lock().unwrap().clone();
    for args in recorded {
        signal.emit_tuple(args);
    }
}

#[test]
fn owned_arguments_are_recorded_and_replayed_as_tuples() {
    let signal: Signal<(u8, String)> = Signal::new();
    let recorded = record(signal.options().max_calls(2));
    for n in 0..3 {
        signal.emit(n, n.to_string());
    }
    let other: Signal<(u8, String)> = Signal::new();
    let replayed = record(other.options());
    replay(&other, &recorded);
    let expected = [(0, "0".to_owned()), (1, "1".to_owned())];
    assert_eq!(*recorded.lock().unwrap(), expected);
    assert_eq!(*replayed.lock().unwrap(), expected);
}

fn largest<A: Args, R: Ord>(signal: &Signal<A, R>, args: A::In<'_>) -> Option<R> {
    let mut calls: Calls<'_, A, R> = signal.calls_tuple(args);
    let first = calls.next()?;
    Some(calls.fold(first, Ord::max))
}

fn described<A, R>(signal: &Signal<A, R>, args: A) -> String
where
    A: for<'a> Args<In<'a> = A>,
    R: Debug,
{
    let results: Returns<R> = signal.emit_tuple(args);
    format!("{results:?}")
}

#[test]
fn results_of_generic_emissions_keep_their_type() {
    let signal: Signal<(ByRef<[u8]>,), u8> = Signal::new();
    assert_eq!(largest(&signal, (&[7],)), None);
    signal.connect(|bytes| bytes[0]);
    signal.connect(|bytes| bytes[1]);
    let bytes = vec![3, 5];
    assert_eq!(largest(&signal, (&bytes,)), Some(5));

    let signal: Signal<(u8,), Box<u8>> = Signal::new();
    assert_eq!(described(&signal, (1,)), "[]");
    signal.connect(Box::new);
    assert_eq!(described(&signal, (1,)), "[1]");
}

#[test]
fn a_panic_unwinds_out_of_emit_tuple() {
    let signal: Signal<(u8,)> = Signal::new();
    signal.connect_tuple(|(_,)| throw("a slot"));
    assert_eq!(thrown(|| signal.emit_tuple((1,))), "a slot");
    assert_eq!(signal.calls_tuple((1,)).catch_unwind().count(), 1);
    assert_eq!(signal.len(), 1);
}
