//! Python's blinker.

use std::sync::Arc;

use smoke_signal::{Registry, Signal};

use super::behaviours;

// theirs: `signal('ready')`
#[test]
fn a_name_is_the_same_signal_each_time() {
    let registry = Registry::new();
    let ready = registry.signal::<(u32,), ()>("ready").unwrap();
    let again = registry.signal::<(u32,), ()>("ready").unwrap();
    assert!(Arc::ptr_eq(&ready, &again));
    assert!(registry.signal::<(String,), ()>("ready").is_err());
}

// theirs: `ready.connect(obj.method)`
#[test]
fn a_method_of_an_object_that_is_gone_is_disconnected() {
    behaviours::a_method_leaves_with_its_object();
}

// theirs: the pairs that `send` returns
#[test]
fn each_result_comes_with_its_receiver() {
    behaviours::results_come_with_the_slots_that_returned_them();
}

// theirs: an exception in a receiver
#[test]
fn an_error_of_a_receiver_reaches_the_sender() {
    behaviours::a_panic_reaches_the_emitter_and_later_slots_are_not_called();
}

// theirs: `with ready.connected_to(f):`
#[test]
fn a_receiver_is_connected_for_a_block() {
    behaviours::a_scope_disconnects();
}

// theirs: `with ready.muted():`
#[test]
fn a_signal_is_muted_for_a_block() {
    behaviours::a_signal_is_blocked_until_the_last_guard_is_dropped();
}

// theirs: `if ready.receivers:`
#[test]
fn whether_there_are_receivers_is_known() {
    let ready: Signal<(u32,)> = Signal::new();
    assert!(ready.is_empty());
    let object = Arc::new(());
    ready.connect_weak(&object, |(), _| ());
    assert!(!ready.is_empty());
    drop(object);
    assert!(ready.is_empty(), "gone objects do not count");
}
