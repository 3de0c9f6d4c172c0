//! JetStream: who comes back, hears what was emitted meanwhile.

use std::time::Duration;

use smoke_signal_nats::{Bridge, Builder, ProblemKind, WhenFull};

use crate::common::*;
use crate::harness::Server;
use crate::raw::with_client;

/// A process that has this name whenever it starts.
fn named(name: &str) -> Builder {
    Bridge::builder()
        .name(name)
        .ack_wait(Duration::from_millis(500))
}

fn connect(server: &Server, builder: Builder) -> Bridge {
    block_on(builder.durable(server.url(), "SHOP")).unwrap()
}

#[test]
fn what_is_emitted_in_one_process_is_emitted_in_another() {
    let server = Server::durable();
    let open = || block_on(Bridge::durable(server.url(), "SHOP")).unwrap();
    let (here, there) = (open(), open());
    let (said, heard) = (numbers(), numbers());
    let _links = (
        here.share(&said.signal, "n.v1").unwrap(),
        there.share(&heard.signal, "n.v1").unwrap(),
    );
    (1..=100).for_each(|n| drop(said.signal.emit(n)));
    assert_eq!(heard.take(100), (1..=100).collect::<Vec<_>>());
    flush(&[&here, &there]);
    assert_eq!(
        (
            here.stats().sent,
            here.stats().queued,
            here.stats().received
        ),
        (100, 0, 0)
    );
    block_on(there.close(LONG)).unwrap();
    let stats = there.stats();
    assert_eq!(
        (stats.received, stats.missed, stats.redelivered, stats.sent),
        (100, 0, 0, 0)
    );
}

#[test]
fn a_process_that_comes_back_hears_what_it_has_missed() {
    let server = Server::durable();
    let here = connect(&server, named("here"));
    let (said, heard) = (numbers(), numbers());
    let _out = here.send(&said.signal, "n.v1").unwrap();
    for life in 0..3 {
        let there = connect(&server, named("there"));
        let _in = there.receive(&heard.signal, "n.v1").unwrap();
        flush(&[&there]);
        said.signal.emit(10 * life + 1);
        let expected: Vec<_> = if life == 0 {
            vec![1]
        } else {
            vec![10 * life - 8, 10 * life + 1]
        };
        assert_eq!(heard.take(expected.len()), expected);
        block_on(there.close(LONG)).unwrap();
        said.signal.emit(10 * life + 2);
        flush(&[&here]);
    }
    heard.is_quiet();
}

#[test]
fn a_process_that_comes_back_does_not_hear_itself() {
    let server = Server::durable();
    let [before, after, other] = [(); 3].map(|()| numbers());
    let first = connect(&server, named("here"));
    let link = first.share(&before.signal, "n.v1").unwrap();
    flush(&[&first]);
    drop(link);
    let _out = first.send(&before.signal, "n.v1").unwrap();
    before.signal.emit(1);
    block_on(first.close(LONG)).unwrap();

    let (second, there) = (
        connect(&server, named("here")),
        connect(&server, named("there")),
    );
    let _links = (
        second.share(&after.signal, "n.v1").unwrap(),
        there.send(&other.signal, "n.v1").unwrap(),
    );
    other.signal.emit(2);
    assert_eq!(after.next(), 2);
    after.is_quiet();
}

#[test]
fn without_a_server_everything_waits_and_then_arrives() {
    let mut server = Server::durable();
    server.kill();
    let (here, there) = (
        connect(&server, named("here")),
        connect(&server, named("there")),
    );
    let (said, heard) = (numbers(), numbers());
    let _links = (
        here.send(&said.signal, "n.v1").unwrap(),
        there.receive(&heard.signal, "n.v1").unwrap(),
    );
    (0..50).for_each(|n| drop(said.signal.emit(n)));
    server.start();
    assert_eq!(heard.take(50), (0..50).collect::<Vec<_>>());
}

#[test]
fn nothing_is_lost_or_reordered_while_the_server_is_killed_again_and_again() {
    const COUNT: u32 = 3000;
    let mut server = Server::durable();
    let here = connect(
        &server,
        named("here").capacity(100).when_full(WhenFull::Block),
    );
    let there = connect(&server, named("there"));
    let (said, heard) = (numbers(), numbers());
    let _links = (
        here.send(&said.signal, "n.v1").unwrap(),
        there.receive(&heard.signal, "n.v1").unwrap(),
    );
    flush(&[&there]);
    let signal = said.signal.clone();
    let emitter = std::thread::spawn(move || (0..COUNT).for_each(|n| drop(signal.emit(n))));
    let mut next = 0;
    for kills in 1..=4 {
        while next < kills * COUNT / 6 {
            assert_eq!(heard.next(), next);
            next += 1;
        }
        server.kill();
        server.start();
    }
    while next < COUNT {
        assert_eq!(heard.next(), next);
        next += 1;
    }
    emitter.join().unwrap();
    flush(&[&here]);
    heard.is_quiet();
    assert_eq!(
        (here.stats().sent, here.stats().refused, here.stats().queued),
        (COUNT.into(), 0, 0)
    );
    assert_eq!(there.stats().missed, 0);
}

#[test]
fn a_stream_that_exists_is_kept_as_it_is_and_given_the_subject() {
    let server = Server::durable();
    let info = || {
        with_client(&server.url(), |client| async move {
            let stream = async_nats::jetstream::new(client)
                .get_stream("SHOP")
                .await
                .unwrap();
            stream.cached_info().config.clone()
        })
    };
    with_client(&server.url(), |client| async move {
        let config = async_nats::jetstream::stream::Config {
            name: "SHOP".to_owned(),
            subjects: vec!["shop.*".to_owned()],
            max_messages: 500,
            ..Default::default()
        };
        async_nats::jetstream::new(client)
            .create_stream(config)
            .await
            .unwrap();
    });
    let bridge = connect(&server, named("here"));
    let said = numbers();
    let _covered = bridge.send(&said.signal, "shop.order").unwrap();
    said.signal.emit(1);
    flush(&[&bridge]);
    assert_eq!(info().subjects, ["shop.*"]);
    let _added = bridge.receive(&said.signal, "shop.order.v1").unwrap();
    flush(&[&bridge]);
    assert_eq!(info().subjects, ["shop.*", "shop.order.v1"]);
    let _sent = bridge.send(&said.signal, "shop.paid.v1").unwrap();
    said.signal.emit(2);
    flush(&[&bridge]);
    assert_eq!(info().subjects, ["shop.*", "shop.order.v1", "shop.paid.v1"]);
    assert_eq!(info().max_messages, 500);
}

#[test]
fn what_the_stream_itself_has_dropped_is_counted() {
    let server = Server::durable();
    with_client(&server.url(), |client| async move {
        let config = async_nats::jetstream::stream::Config {
            name: "SHOP".to_owned(),
            subjects: vec!["n.v1".to_owned()],
            max_messages: 10,
            ..Default::default()
        };
        async_nats::jetstream::new(client)
            .create_stream(config)
            .await
            .unwrap();
    });
    let (here, there) = (
        connect(&server, named("here")),
        connect(&server, named("there")),
    );
    let (said, heard) = (numbers(), numbers());
    let (go, gate) = std::sync::mpsc::channel::<()>();
    let gate = std::sync::Mutex::new(gate);
    heard.signal.connect(move |n| {
        if n == 1 {
            gate.lock().unwrap().recv().unwrap();
        }
    });
    let _links = (
        here.send(&said.signal, "n.v1").unwrap(),
        there.receive(&heard.signal, "n.v1").unwrap(),
    );
    said.signal.emit(1);
    assert_eq!(heard.next(), 1);
    (2..=30).for_each(|n| drop(said.signal.emit(n)));
    flush(&[&here]);
    go.send(()).unwrap();
    // The last ten, after some that were under way when the stream dropped what was before them.
    let mut arrived = vec![1];
    while arrived.last() != Some(&30) {
        arrived.push(heard.next());
    }
    assert!(arrived.is_sorted(), "{arrived:?}");
    assert_eq!(
        arrived[arrived.len() - 10..],
        [21, 22, 23, 24, 25, 26, 27, 28, 29, 30]
    );
    let missed = 30 - arrived.len() as u64;
    assert!(missed > 0);
    until("all are counted", || there.stats().missed == missed);
}

#[test]
fn a_consumer_that_was_deleted_is_made_again_where_it_was() {
    let server = Server::durable();
    let (here, there) = (
        connect(&server, named("here")),
        connect(&server, named("there")),
    );
    let (said, heard) = (numbers(), numbers());
    let _links = (
        here.send(&said.signal, "n.v1").unwrap(),
        there.receive(&heard.signal, "n.v1").unwrap(),
    );
    said.signal.emit(1);
    assert_eq!(heard.next(), 1);
    flush(&[&there]);
    until("it is acknowledged", || there.stats().received == 1);
    with_client(&server.url(), |client| async move {
        let stream = async_nats::jetstream::new(client)
            .get_stream("SHOP")
            .await
            .unwrap();
        stream.delete_consumer("there-n-v1").await.unwrap();
    });
    (2..=5).for_each(|n| drop(said.signal.emit(n)));
    assert_eq!(heard.take(4), [2, 3, 4, 5]);
    heard.is_quiet();
    assert_eq!(there.stats().duplicates, 0, "the server began where it was");
}

#[test]
#[ignore = "takes ten seconds, which a heartbeat and a request have before they count as lost"]
fn a_receiver_leaves_a_server_that_does_not_answer() {
    let server = Server::durable();
    let (tell, problems) = std::sync::mpsc::channel();
    let builder = Bridge::builder().on_problem(move |problem| {
        // The test may have ended.
        let _ended = tell.send(problem.kind);
    });
    let (here, there) = (connect(&server, named("here")), connect(&server, builder));
    let (said, heard) = (numbers(), numbers());
    let _links = (
        here.send(&said.signal, "n.v1").unwrap(),
        there.receive(&heard.signal, "n.v1").unwrap(),
    );
    flush(&[&there]);
    server.signal("STOP");
    let disconnected = || problems.recv_timeout(LONG).unwrap() == ProblemKind::Disconnected;
    while !disconnected() {}
    server.signal("CONT");
    said.signal.emit(1);
    assert_eq!(heard.next(), 1);
}
