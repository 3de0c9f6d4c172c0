//! Guards that block the whole signal.

use smoke_signal::{Registry, Signal};

use crate::common::{Counter, Recorder, said};

use super::{Later, abc, shown};

// palacaze/sigslot: test_signal_blocking; blinker: test_mute_signal; Qt: blockSignals
#[test]
fn a_blocked_signal_calls_nothing() {
    let (signal, slots) = abc();
    let guard = signal.block_all();
    assert_eq!(said(&signal), "");
    assert_eq!(said(&signal), "", "nor in a second emission");
    assert_eq!(signal.calls().count(), 0);
    drop(guard);
    assert_eq!(said(&signal), "abc");
    assert_eq!(signal.connections(), slots);
}

// palacaze/sigslot: test_signal_blocking; blinker: test_mute_signal; Qt: blockSignals
#[test]
fn slots_connected_to_a_blocked_signal_are_blocked() {
    let signal = Signal::<(), char>::new();
    let guard = signal.block_all();
    let slot = signal.connect(|| 'a');
    assert!(signal.is_blocked(slot));
    assert_eq!(said(&signal), "");
    signal.once(|| 'o');
    signal.connect_with_key(|_| || 'k');
    assert_eq!(said(&signal), "");
    assert_eq!(signal.len(), 3);
    drop(guard);
    assert_eq!(said(&signal), "aok");
}

// palacaze/sigslot: test_signal_blocking; blinker: test_mute_signal; Qt: blockSignals
#[test]
fn slots_of_a_blocked_signal_can_be_disconnected() {
    let (signal, slots) = abc();
    let guard = signal.block_all();
    assert_eq!(said(&signal), "");
    assert!(signal.disconnect(slots[0]));
    assert_eq!(said(&signal), "");
    drop(guard);
    assert_eq!(said(&signal), "bc");
    let guard = signal.block_all();
    signal.disconnect_all();
    drop(guard);
    assert_eq!(said(&signal), "");
}

// signals2: connection_block_test
#[test]
fn is_blocked_and_slots_report_a_blocked_signal() {
    let (signal, slots) = abc();
    assert_eq!(shown(&signal), [false; 3]);
    let one = signal.block(slots[0]);
    assert_eq!(shown(&signal), [true, false, false]);
    let all = signal.block_all();
    assert_eq!(shown(&signal), [true; 3]);
    assert!(slots.iter().all(|slot| signal.is_blocked(*slot)));
    drop(one);
    assert_eq!(shown(&signal), [true; 3]);
    assert!(signal.is_blocked(slots[0]));
    drop(all);
    assert_eq!(shown(&signal), [false; 3]);
    assert!(!slots.iter().any(|slot| signal.is_blocked(*slot)));
}

// psygnal: test_nested_signal_blocked
#[test]
fn only_the_last_of_several_guards_unblocks_the_signal() {
    let (signal, _) = abc();
    let outer = signal.block_all();
    let inner = signal.block_all();
    assert_eq!(said(&signal), "");
    drop(outer); // whichever is dropped first
    assert_eq!(said(&signal), "");
    drop(inner);
    assert_eq!(said(&signal), "abc");
}

// palacaze/sigslot: test_signal_blocking; blinker: test_mute_signal; Qt: blockSignals
#[test]
fn guards_of_slots_and_of_the_signal_combine() {
    let (signal, slots) = abc();
    let one = signal.block(slots[1]);
    let all = signal.block_all();
    drop(all);
    assert_eq!(said(&signal), "ac");
    let all = signal.block_all();
    drop(one);
    assert_eq!(said(&signal), "");
    let one = signal.block(slots[0]).expect("it is connected");
    drop(all);
    assert_eq!(said(&signal), "bc");
    drop(one);
    assert_eq!(said(&signal), "abc");
}

#[test]
fn an_emission_in_progress_continues() {
    static SIGNAL: Signal<(), char> = Signal::new();
    let guard = Later::default();
    let kept = guard.clone();
    SIGNAL.connect(move || {
        *kept.lock().unwrap() = Some(SIGNAL.block_all());
        'a'
    });
    SIGNAL.connect(|| {
        assert_eq!(said(&SIGNAL), "", "an emission that starts now");
        'b'
    });
    assert_eq!(said(&SIGNAL), "ab");
    assert_eq!(said(&SIGNAL), "");
    guard.lock().unwrap().take();
    assert_eq!(said(&SIGNAL), "ab");
    guard.lock().unwrap().take();
}

#[test]
fn an_emission_begun_while_blocked_calls_nothing() {
    let (signal, _) = abc();
    let guard = signal.block_all();
    let mut blocked = signal.calls();
    drop(guard);
    assert_eq!(blocked.next(), None);
    let mut open = signal.calls();
    let _guard = signal.block_all();
    assert_eq!(open.next(), Some('a'));
    assert_eq!(open.collect::<String>(), "bc");
}

// palacaze/sigslot: test_signal_blocking; blinker: test_mute_signal; Qt: blockSignals
#[test]
fn an_emitting_guard_dropped_while_blocked_calls_nothing() {
    let signal = Signal::<()>::new();
    let record = Recorder::new();
    signal.connect(record.adding("ran"));
    {
        let emitting = signal.emitting();
        let _guard = signal.block_all();
        drop(emitting);
    }
    assert!(record.take().is_empty());
    drop(signal.emitting());
    assert_eq!(record.take(), ["ran"]);
}

// palacaze/sigslot: test_signal_blocking; blinker: test_mute_signal; Qt: blockSignals
#[test]
fn emission_by_name_calls_nothing_while_blocked() {
    let registry = Registry::new();
    registry.on("name", || ()).unwrap();
    let signal = registry.signal::<(), ()>("name").unwrap();
    let guard = signal.block_all();
    assert_eq!(registry.emit("name", ()), Ok(0));
    drop(registry.emitting("name").unwrap());
    drop(guard);
    assert_eq!(registry.emit("name", ()), Ok(1));
}

// palacaze/sigslot: test_signal_blocking; blinker: test_mute_signal; Qt: blockSignals
#[test]
fn a_signal_may_be_dropped_while_blocked() {
    let dropped = Counter::default();
    let signal = Signal::<()>::new();
    signal.connect(dropped.tracked().held());
    let guard = signal.block_all();
    signal.emit();
    drop(signal);
    assert_eq!(dropped.get(), 1);
    drop(guard);
}

// Boost.Signals2: shared_connection_block_test.cpp
#[test]
fn making_and_dropping_guards_changes_nothing() {
    let (signal, slots) = abc();
    for _ in 0..10_000 {
        drop(signal.block(slots[1]));
        drop(signal.block_all());
    }
    assert_eq!(said(&signal), "abc");
    assert_eq!(shown(&signal), [false; 3]);
}

#[test]
fn debug_texts() {
    let (signal, slots) = abc();
    let one = signal.block(slots[1]).unwrap();
    let all = signal.block_all();
    let text = format!("BlockGuard({:?}, ..)", slots[1]);
    assert_eq!(format!("{one:?}"), text);
    assert_eq!(format!("{all:?}"), "BlockGuard(..)");
}
