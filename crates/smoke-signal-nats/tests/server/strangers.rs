//! Messages that no bridge has sent, or not as they should be.

use std::sync::mpsc::channel;

use smoke_signal_nats::{Bridge, Problem, ProblemKind};

use crate::common::*;
use crate::harness::Server;
use crate::raw::{message, publish, several};

#[test]
fn what_is_no_message_is_skipped_counted_and_reported_once() {
    let server = Server::core();
    let (problems, reported) = channel::<Problem>();
    let builder =
        Bridge::builder().on_problem(move |problem| problems.send(problem.clone()).unwrap());
    let bridge = block_on(builder.connect(server.url())).unwrap();
    let heard = numbers();
    let _link = bridge.receive(&heard.signal, "n.v1").unwrap();
    flush(&[&bridge]);
    let good = message(7, 1, 0, "json", "[1]");
    let text = String::from_utf8(good.clone()).unwrap();
    let bad = [
        Vec::new(),
        b"[1]".to_vec(),
        b"SS1 ".to_vec(),
        vec![0xff; 5000],
        text.replace("SS1", "SS2").into_bytes(),
        text.replace("json", "cbor").into_bytes(),
        text.replace("0000000000000001", "0000000000000000")
            .into_bytes(),
        text.replace(
            "00000000000000000000000000000007",
            "0000000000000000000000000000000G",
        )
        .into_bytes(),
        message(7, 2, 0, "json", ""),
        message(7, 3, 0, "json", "[\"one\"]"),
        message(7, 4, 0, "json", "[1, 2]"),
        message(7, 5, 0, "json", "[1] "),
    ];
    publish(&server.url(), "n.v1", bad.to_vec());
    publish(&server.url(), "n.v1", vec![message(7, 6, 0, "json", "[6]")]);
    // A space after the array is still JSON.
    assert_eq!(heard.take(2), [1, 6]);
    until("all are counted", || bridge.stats().received == 2);
    let stats = bridge.stats();
    assert_eq!(
        (stats.undecodable, stats.missed, stats.panicked),
        (11, 0, 0)
    );
    let kinds: Vec<_> = reported.try_iter().map(|problem| problem.kind).collect();
    assert_eq!(kinds, [ProblemKind::Undecodable]);
}

#[test]
fn forged_numbers_and_hops_do_no_harm() {
    let server = Server::core();
    let (here, there) = (
        block_on(Bridge::connect(server.url())).unwrap(),
        block_on(Bridge::connect(server.url())).unwrap(),
    );
    let (said, heard) = (numbers(), numbers());
    let _links = (
        here.send(&said.signal, "n.v1").unwrap(),
        there.receive(&heard.signal, "n.v1").unwrap(),
    );
    flush(&[&there]);
    said.signal.emit(1);
    assert_eq!(heard.next(), 1);
    // In the name of the first bridge, from the end of all numbers; through too many bridges; in the name of the receiver.
    let origin = |bridge: &Bridge| u128::from_str_radix(&bridge.origin().to_string(), 16).unwrap();
    publish(
        &server.url(),
        "n.v1",
        vec![
            message(origin(&here), u64::MAX, 0, "json", "[1000]"),
            message(9, 1, 255, "json", "[1001]"),
            message(origin(&there), 1, 0, "json", "[1002]"),
        ],
    );
    assert_eq!(heard.next(), 1000);
    until("it is skipped", || there.stats().looped == 1);
    said.signal.emit(2);
    assert_eq!(
        heard.next(),
        2,
        "what the first bridge sends is delivered all the same"
    );
}

#[test]
fn a_repetition_is_dropped() {
    let server = Server::core();
    let bridge = block_on(Bridge::connect(server.url())).unwrap();
    let heard = numbers();
    let _link = bridge.receive(&heard.signal, "n.v1").unwrap();
    flush(&[&bridge]);
    let messages = [1, 2, 2, 1, 4, 3, 4].map(|n| message(7, n, 0, "json", &format!("[{n}]")));
    publish(&server.url(), "n.v1", messages.to_vec());
    assert_eq!(heard.take(4), [1, 2, 4, 3]);
    until("all are counted", || bridge.stats().duplicates == 3);
    assert_eq!(
        (bridge.stats().received, bridge.stats().missed),
        (4, 0),
        "one came late"
    );
}

#[test]
fn a_message_of_several_emissions_by_hand_is_read_and_a_forged_one_skipped() {
    let server = Server::core();
    let bridge = block_on(Bridge::connect(server.url())).unwrap();
    let heard = numbers();
    let _link = bridge.receive(&heard.signal, "n.v1").unwrap();
    flush(&[&bridge]);
    let text = String::from_utf8(several(7, 8, &["[8]", "[9]"])).unwrap();
    let messages = [
        several(7, 1, &["[1]", "[2]", "\"three\"", "[4]"]),
        text.replace(" 0002\n", " ffff\n").into_bytes(),
        text.replace("00000003[8]", "ffffffff[8]").into_bytes(),
        // One message of two emissions is lost.
        several(7, 7, &["[7]", "[8]"]),
        message(7, 9, 0, "json", "[9]"),
    ];
    publish(&server.url(), "n.v1", messages.to_vec());
    assert_eq!(heard.take(6), [1, 2, 4, 7, 8, 9]);
    until("all are counted", || bridge.stats().received == 6);
    let stats = bridge.stats();
    assert_eq!((stats.undecodable, stats.missed), (3, 2));
}
