//! The `EventEmitter` of Node.

use smoke_signal::{Queue, Registry, Signal};

use crate::common::{Counter, Recorder};

use super::behaviours;

// theirs: `emitter.emit('open', a)`
#[test]
fn listeners_are_called_synchronously_in_the_order_registered() {
    let emitter = Registry::new();
    assert_eq!(emitter.emit("open", (1_u8,)), Ok(0), "nobody listens");
    let record = Recorder::new();
    for name in ["first", "second"] {
        let record = record.clone();
        emitter
            .on("open", move |n: u8| record.add((name, n)))
            .unwrap();
    }
    assert_eq!(emitter.emit("open", (1_u8,)), Ok(2));
    assert_eq!(record.take(), [("first", 1), ("second", 1)]);
}

// theirs: `emitter.once('open', f)`
#[test]
fn a_listener_that_runs_once_is_unregistered_and_then_called() {
    static EMITTER: Registry = Registry::new();
    fn listener() {
        assert!(!EMITTER.responds_to(listener, "open"));
    }
    EMITTER.once("open", listener).unwrap();
    assert_eq!(EMITTER.emit("open", ()), Ok(1));
    assert_eq!(EMITTER.emit("open", ()), Ok(0));
}

// theirs: `emitter.prependListener('open', f)`
#[test]
fn a_listener_can_be_put_before_the_others() {
    behaviours::the_first_of_a_group_is_called_before_those_already_in_it();
}

// theirs: a listener added during `emit`
#[test]
fn a_listener_added_by_a_listener_is_called_next_time() {
    behaviours::a_slot_connected_by_a_slot_is_first_called_by_the_next_emission();
}

// theirs: `emitter.removeAllListeners('open')`
#[test]
fn the_listeners_of_one_name_are_removed() {
    let emitter = Registry::new();
    let calls = Counter::default();
    emitter.on(["open", "close"], calls.adding()).unwrap();
    emitter.clear("open");
    assert_eq!(emitter.emit("open", ()), Ok(0));
    assert_eq!(emitter.emit("close", ()), Ok(1));
}

// theirs: `emitter.listenerCount('open')`
#[test]
fn the_number_of_listeners_is_known() {
    behaviours::the_number_of_slots_is_known();
    let emitter = Registry::new();
    emitter.on("open", |_: u8| ()).unwrap();
    assert_eq!(emitter.signal::<(u8,), ()>("open").unwrap().len(), 1);
}

// theirs: `setImmediate(() => ..)` in a listener
#[test]
fn what_a_queue_calls_runs_after_emit_has_returned() {
    let opened: Signal<(u8,)> = Signal::new();
    let record = Recorder::new();
    let queue = Queue::new(64);
    let recorded = record.clone();
    queue.connect(&opened, move |_| recorded.add("immediate"));
    let recorded = record.clone();
    opened.connect(move |_| recorded.add("synchronous"));
    opened.emit(1);
    record.add("emitted");
    assert_eq!(queue.drain(), 1);
    assert_eq!(record.take(), ["synchronous", "emitted", "immediate"]);
}

// theirs: `await once(emitter, 'open')`
#[cfg(feature = "async")]
#[test]
fn the_next_emission_can_be_awaited() {
    let opened: Signal<(u8, char)> = Signal::new();
    let next = opened.next();
    opened.emit(1, 'a');
    opened.emit(2, 'b');
    assert_eq!(futures::executor::block_on(next), Some((1, 'a')));
    assert!(opened.is_empty());
}
