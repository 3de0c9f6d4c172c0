//! Codecs, and messages of another type.

use std::collections::HashMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use smoke_signal::Signal;
use smoke_signal_nats::{Bridge, Codec, CodecError, Loopback, Problem, ProblemKind};

use crate::common::*;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Order {
    item: String,
    pieces: u32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct OldOrder {
    item: String,
}

#[test]
fn another_type_is_skipped_counted_and_reported_once() {
    let loopback = Loopback::new();
    let (problems, reported) = std::sync::mpsc::channel::<Problem>();
    let there =
        Bridge::builder().on_problem(move |problem| problems.send(problem.clone()).unwrap());
    let (here, there) = (loopback.bridge(), there.loopback(&loopback));
    let old = Arc::new(Signal::<(OldOrder,)>::new());
    let new = Arc::new(Signal::<(Order,)>::new());
    let heard = Heard::<Order>::new();
    let _links = (
        here.send(&old, "order.v1").unwrap(),
        here.send(&new, "order.v1").unwrap(),
        there.receive(&heard.signal, "order.v1").unwrap(),
    );
    flush(&[&there]);
    old.emit(OldOrder {
        item: "tea".to_owned(),
    });
    old.emit(OldOrder {
        item: "milk".to_owned(),
    });
    let order = Order {
        item: "sugar".to_owned(),
        pieces: 2,
    };
    new.emit(order.clone());
    assert_eq!(heard.next(), order);
    let stats = there.stats();
    assert_eq!(
        (stats.undecodable, stats.missed),
        (2, 0),
        "two signals with one subject are numbered together"
    );
    let problem = reported.try_recv().unwrap();
    assert_eq!(
        (problem.kind, problem.subject.as_deref()),
        (ProblemKind::Undecodable, Some("order.v1"))
    );
    let text = "order.v1: a message is skipped: missing field `pieces` at line 1 column 15";
    assert_eq!(problem.to_string(), text);
    assert!(reported.try_recv().is_err(), "once per kind");
}

/// The keys of JSON are strings.
type Map = HashMap<(u8, u8), u8>;

#[test]
fn what_a_codec_has_no_form_for_is_refused() {
    let loopback = Loopback::new();
    let (problems, reported) = std::sync::mpsc::channel();
    let here = Bridge::builder().on_problem(move |problem| problems.send(problem.kind).unwrap());
    let (here, there) = (here.loopback(&loopback), loopback.bridge());
    let signal = Arc::new(Signal::<(Map,)>::new());
    let heard = Heard::<Map>::new();
    let _links = (
        here.send(&signal, "map").unwrap(),
        there.receive(&heard.signal, "map").unwrap(),
    );
    flush(&[&there]);
    signal.emit(Map::new());
    signal.emit(Map::from([((1, 2), 3)]));
    signal.emit(Map::new());
    assert_eq!(heard.take(2), [Map::new(), Map::new()]);
    assert_eq!((here.stats().sent, here.stats().refused), (2, 1));
    until("the receiver notices", || there.stats().missed == 1);
    assert_eq!(
        reported.try_iter().collect::<Vec<_>>(),
        [ProblemKind::Unencodable]
    );
}

#[derive(Clone, Debug)]
struct Reversed;

impl Codec for Reversed {
    const NAME: &'static str = "reversed";

    fn encode<T: Serialize>(&self, value: &T, out: &mut Vec<u8>) -> Result<(), CodecError> {
        let mut text = serde_json::to_vec(value).map_err(CodecError::new)?;
        text.reverse();
        out.extend(text);
        Ok(())
    }

    fn decode<T: serde::de::DeserializeOwned>(&self, bytes: &[u8]) -> Result<T, CodecError> {
        serde_json::from_slice(&bytes.iter().rev().copied().collect::<Vec<_>>())
            .map_err(CodecError::new)
    }
}

#[test]
fn bridges_of_another_codec_are_not_understood() {
    let loopback = Loopback::new();
    let reversed = || Bridge::builder().codec(Reversed).loopback(&loopback);
    let (here, same, other) = (reversed(), reversed(), loopback.bridge());
    let (said, heard, not_heard) = (numbers(), numbers(), numbers());
    let _links = (
        here.send(&said.signal, "n").unwrap(),
        same.receive(&heard.signal, "n").unwrap(),
        other.receive(&not_heard.signal, "n").unwrap(),
    );
    flush(&[&same]);
    flush(&[&other]);
    said.signal.emit(12);
    assert_eq!(heard.next(), 12);
    until("it is skipped", || other.stats().undecodable == 1);
    not_heard.is_quiet();
}

#[cfg(feature = "postcard")]
#[test]
fn postcard_carries_and_refuses_what_is_too_long() {
    use smoke_signal_nats::Postcard;

    let loopback = Loopback::new();
    let binary = || Bridge::builder().codec(Postcard).loopback(&loopback);
    let (here, there) = (binary(), binary());
    let said = Arc::new(Signal::<(Order,)>::new());
    let (heard, short) = (Heard::<Order>::new(), Heard::<u8>::new());
    let _links = (
        here.send(&said, "order").unwrap(),
        there.receive(&heard.signal, "order").unwrap(),
        there.receive(&short.signal, "order").unwrap(),
    );
    flush(&[&there]);
    let order = Order {
        item: "tea".to_owned(),
        pieces: 300,
    };
    said.emit(order.clone());
    assert_eq!(heard.next(), order);
    until("a `u8` is not read from it", || {
        there.stats().undecodable == 1
    });
    short.is_quiet();
}

#[derive(Clone, Debug, PartialEq, Serialize)]
struct Grenade;

impl<'de> Deserialize<'de> for Grenade {
    fn deserialize<D: serde::Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        panic!("boom")
    }
}

#[test]
fn a_panic_while_decoding_skips_the_message() {
    let loopback = Loopback::new();
    let (here, there) = (loopback.bridge(), loopback.bridge());
    let (said, heard) = (Heard::<Grenade>::new(), Heard::<Grenade>::new());
    let _links = (
        here.send(&said.signal, "g").unwrap(),
        there.receive(&heard.signal, "g").unwrap(),
    );
    flush(&[&there]);
    said.signal.emit(Grenade);
    said.signal.emit(Grenade);
    until("both are skipped", || there.stats().undecodable == 2);
    heard.is_quiet();
}

#[test]
fn the_limit_of_a_message_holds_on_both_sides() {
    let loopback = Loopback::new();
    let small = || Bridge::builder().max_message(100).loopback(&loopback);
    let (here, small_there, there) = (small(), small(), loopback.bridge());
    let (said, shouted) = (Heard::<String>::new(), Heard::<String>::new());
    let (heard, limited) = (Heard::<String>::new(), Heard::<String>::new());
    let _links = (
        here.send(&said.signal, "text").unwrap(),
        there.share(&shouted.signal, "text").unwrap(),
        there.receive(&heard.signal, "text").unwrap(),
        small_there.receive(&limited.signal, "text").unwrap(),
    );
    flush(&[&there, &small_there]);
    said.signal.emit("x".repeat(100));
    said.signal.emit("x".repeat(10));
    assert_eq!(heard.next().len(), 10);
    assert_eq!(limited.next().len(), 10);
    assert_eq!(here.stats().refused, 1);
    shouted.signal.emit("x".repeat(100));
    until("it is skipped", || small_there.stats().undecodable == 1);
    limited.is_quiet();
}
