//! Linking and unlinking.

use std::sync::Arc;

use smoke_signal::Signal;
use smoke_signal_nats::{LinkError, Loopback};

use crate::common::*;

#[test]
fn what_one_bridge_sends_another_receives() {
    let loopback = Loopback::new();
    let (here, there) = (loopback.bridge(), loopback.bridge());
    let (said, heard) = (Heard::<String>::new(), Heard::<String>::new());
    let _out = here.send(&said.signal, "chat.v1").unwrap();
    let _in = there.receive(&heard.signal, "chat.v1").unwrap();
    flush(&[&there]);

    for word in ["one", "two", "three"] {
        said.signal.emit(word.to_owned());
    }
    assert_eq!(heard.take(3), ["one", "two", "three"]);
    assert_eq!(
        said.take(3),
        ["one", "two", "three"],
        "local slots are called too"
    );
    flush(&[&here]);
    assert_eq!(here.stats().sent, 3);
    until("all are counted", || there.stats().received == 3);
    assert_eq!(there.stats().missed, 0);
}

#[test]
fn statics_and_signals_of_any_arity_can_be_linked() {
    static NOTHING: Signal<()> = Signal::new();
    static EIGHT: Signal<(u8, u16, u32, u64, i8, i16, i32, String)> = Signal::new();

    let loopback = Loopback::new();
    let (here, there) = (loopback.bridge(), loopback.bridge());
    let (nothing, eight) = (
        Arc::new(Signal::<()>::new()),
        Arc::new(Signal::<(u8, u16, u32, u64, i8, i16, i32, String)>::new()),
    );
    let _links = (
        here.send(&nothing, "nothing").unwrap(),
        here.send(Arc::clone(&eight), "eight").unwrap(),
        there.receive(&NOTHING, "nothing").unwrap(),
        there.receive(&EIGHT, "eight").unwrap(),
    );
    flush(&[&there]);

    let (heard, calls) = std::sync::mpsc::channel();
    let also = heard.clone();
    NOTHING.connect(move || heard.send(String::new()).unwrap());
    EIGHT.connect(move |a, b, c, d, e, f, g, h| {
        also.send(format!("{a}{b}{c}{d}{e}{f}{g}{h}")).unwrap();
    });
    nothing.emit();
    assert_eq!(calls.recv_timeout(LONG).unwrap(), "");
    eight.emit(1, 2, 3, 4, 5, 6, 7, "8".to_owned());
    assert_eq!(calls.recv_timeout(LONG).unwrap(), "12345678");
}

#[test]
fn a_sending_link_ends_when_its_handle_is_dropped() {
    let loopback = Loopback::new();
    let (here, there) = (loopback.bridge(), loopback.bridge());
    let (said, heard) = (numbers(), numbers());
    let _in = there.receive(&heard.signal, "chat.v1").unwrap();
    flush(&[&there]);

    let link = here.send(&said.signal, "chat.v1").unwrap();
    said.signal.emit(1);
    drop(link);
    assert_eq!(said.signal.len(), 1, "only the slot of the test is left");
    said.signal.emit(2);
    let _again = here.send(&said.signal, "chat.v1").unwrap();
    said.signal.emit(3);
    assert_eq!(heard.take(2), [1, 3]);
    until("both are counted", || there.stats().received == 2);
    assert_eq!(there.stats().missed, 0, "numbers go on where they were");
}

#[test]
fn a_receiving_link_ends_when_its_handle_is_dropped() {
    let loopback = Loopback::new();
    let (here, there) = (loopback.bridge(), loopback.bridge());
    let (said, heard) = (numbers(), numbers());
    let _out = here.send(&said.signal, "chat.v1").unwrap();
    let link = there.receive(&heard.signal, "chat.v1").unwrap();
    flush(&[&there]);
    said.signal.emit(1);
    assert_eq!(heard.next(), 1);

    drop(link);
    said.signal.emit(2);
    flush(&[&here]);
    heard.is_quiet();

    let _again = there.receive(&heard.signal, "chat.v1").unwrap();
    flush(&[&there]);
    said.signal.emit(3);
    assert_eq!(heard.next(), 3);
}

#[test]
fn a_released_link_lasts_until_the_bridge_is_dropped() {
    let loopback = Loopback::new();
    let (here, there) = (loopback.bridge(), loopback.bridge());
    let (said, heard) = (numbers(), numbers());
    here.share(&said.signal, "chat.v1").unwrap().release();
    there.share(&heard.signal, "chat.v1").unwrap().release();
    flush(&[&here, &there]);
    said.signal.emit(1);
    assert_eq!(heard.next(), 1);

    drop(here);
    assert_eq!(said.signal.len(), 1);
    heard.signal.emit(2);
    flush(&[&there]);
    assert_eq!(said.next(), 1);
    said.is_quiet();
}

#[test]
fn a_slot_may_drop_the_link_that_calls_it() {
    let loopback = Loopback::new();
    let (here, there) = (loopback.bridge(), loopback.bridge());
    let (said, heard) = (numbers(), numbers());
    let _out = here.send(&said.signal, "chat.v1").unwrap();
    let link = std::sync::Mutex::new(Some(there.receive(&heard.signal, "chat.v1").unwrap()));
    heard
        .signal
        .connect(move |_| drop(link.lock().unwrap().take()));
    flush(&[&there]);
    said.signal.emit(1);
    assert_eq!(heard.next(), 1);
    said.signal.emit(2);
    flush(&[&here]);
    heard.is_quiet();
}

#[test]
fn a_link_keeps_its_signal_and_no_longer() {
    let bridge = Loopback::new().bridge();
    let signal = Arc::new(Signal::<(u32,)>::new());
    let weak = Arc::downgrade(&signal);
    let link = bridge.share(signal, "chat.v1").unwrap();
    assert!(weak.upgrade().is_some());
    drop(link);
    until("the signal is gone", || weak.upgrade().is_none());
}

#[test]
fn a_link_cannot_be_made_twice_but_in_both_directions() {
    let bridge = Loopback::new().bridge();
    let (signal, other) = (
        Arc::new(Signal::<(u32,)>::new()),
        Arc::new(Signal::<(u32,)>::new()),
    );
    let _out = bridge.send(&signal, "a").unwrap();
    let _in = bridge.receive(&signal, "a").unwrap();
    assert_eq!(
        bridge.send(&signal, "a").unwrap_err(),
        LinkError::AlreadyLinked
    );
    assert_eq!(
        bridge.receive(&signal, "a").unwrap_err(),
        LinkError::AlreadyLinked
    );
    assert_eq!(
        bridge.share(&signal, "a").unwrap_err(),
        LinkError::AlreadyLinked
    );
    assert_eq!(
        signal.len(),
        1,
        "a link that is refused leaves no slot behind"
    );
    let _elsewhere = bridge.share(&signal, "b").unwrap();
    let _another = bridge.share(&other, "a").unwrap();
}

#[test]
fn subjects_are_checked() {
    let bridge = Loopback::new().bridge();
    let signal = Arc::new(Signal::<(u32,)>::new());
    for subject in ["", "a..b", "a b", "a.*", "a.>", "$JS.API"] {
        assert_eq!(
            bridge.share(&signal, subject).unwrap_err(),
            LinkError::Subject,
            "{subject:?}"
        );
    }
    let text = "not a subject: it has an empty part, a space, a control character or a wildcard";
    assert_eq!(LinkError::Subject.to_string(), text);
    assert_eq!(
        LinkError::AlreadyLinked.to_string(),
        "this signal is already linked to this subject"
    );
    assert_eq!(LinkError::Closed.to_string(), "the bridge has been closed");
}

#[test]
fn results_are_those_of_local_slots() {
    let loopback = Loopback::new();
    let (here, there) = (loopback.bridge(), loopback.bridge());
    let (said, heard) = (numbers(), numbers());
    let _out = here.send(&said.signal, "chat.v1").unwrap();
    let _in = there.receive(&heard.signal, "chat.v1").unwrap();
    flush(&[&there]);
    assert_eq!(
        said.signal.emit(1).len(),
        2,
        "the slot of the test, and that of the link"
    );
    assert_eq!(heard.next(), 1);
}
