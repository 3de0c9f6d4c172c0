//! Lazy emission, and the standard iterator methods as combiners.

use std::sync::Arc;

use smoke_signal::Signal;

use crate::common::{Counter, Recorder, Tracked, message, said, throw, thrown};

/// A signal with this many slots, each of which returns its number, and a counter of their calls.
fn counted(slots: u32) -> (Signal<(), u32>, Counter) {
    let signal = Signal::<(), u32>::new();
    let calls = Counter::default();
    for number in 0..slots {
        let call = calls.adding();
        signal.connect(move || {
            call();
            number
        });
    }
    (signal, calls)
}

// smokesignal: test_emit_with_no_callbacks; signals2: basic_signal_test
#[test]
fn without_slots_there_are_no_results() {
    let signal = Signal::<(String,), u32>::new();
    assert!(signal.emit("unused".into()).is_empty());
    assert_eq!(signal.calls(String::new()).next(), None);
    let slot = signal.connect(|_| 1);
    signal.disconnect(slot);
    assert!(signal.emit("used before".into()).is_empty());
    assert_eq!(signal.calls(String::new()).max(), None);
}

// Boost.Signals2: signal_n_test.cpp, test_default_combiner, custom_combiners.cpp
#[test]
fn iterator_methods_are_the_combiners() {
    let (signal, calls) = counted(5);
    assert_eq!(signal.calls().collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
    assert_eq!(signal.calls().last(), Some(4));
    assert_eq!(signal.calls().max(), Some(4));
    assert_eq!(signal.calls().sum::<u32>(), 10);
    assert_eq!(signal.calls().fold(1, |product, n| product * (n + 1)), 120);
    assert_eq!(calls.get(), 25);
}

// signals2: lazy_slots_test
#[test]
fn as_many_slots_run_as_results_are_taken() {
    for (taken, ran) in [(0, 0), (1, 1), (2, 2), (4, 4), (5, 5), (6, 5)] {
        let (signal, calls) = counted(5);
        assert_eq!(signal.calls().take(taken).count(), ran);
        assert_eq!(calls.get(), ran);
    }
    let (signal, calls) = counted(1);
    let mut ended = signal.calls();
    assert_eq!(
        (ended.next(), ended.next(), ended.next()),
        (Some(0), None, None)
    );
    assert_eq!(calls.get(), 1);
}

// Boost.Signals2: tutorial, DistributeRequest; GObject: g_signal_stop_emission
#[test]
fn the_first_acceptable_answer_ends_the_emission() {
    let (signal, calls) = counted(5);
    assert_eq!(signal.calls().find(|&n| n == 2), Some(2));
    assert!(signal.calls().any(|n| n == 1));
    assert_eq!(
        signal
            .calls()
            .try_fold(0, |sum, n| (n < 3).then_some(sum + n)),
        None
    );
    assert_eq!(calls.get(), 3 + 2 + 4);
    assert_eq!(signal.len(), 5);
}

#[test]
fn peeking_calls_once() {
    let (signal, calls) = counted(2);
    let mut peekable = signal.calls().peekable();
    assert_eq!(peekable.peek(), Some(&0));
    assert_eq!(peekable.peek(), Some(&0));
    assert_eq!(calls.get(), 1);
    assert_eq!(peekable.next(), Some(0));
}

// Unlike Boost.Signals2, whose slot_call_iterator does not call them.
#[test]
fn skipped_slots_are_called() {
    let (signal, calls) = counted(5);
    assert_eq!(signal.calls().nth(2), Some(2));
    assert_eq!(calls.get(), 3);
    assert_eq!(signal.calls().skip(4).collect::<Vec<_>>(), [4]);
    assert_eq!(calls.get(), 8);
    assert_eq!(signal.calls().count(), 5);
    assert_eq!(calls.get(), 13);
}

// Boost.Signals2: slot_call_iterator, lock_next_callable
#[test]
fn a_slot_is_checked_right_before_its_call() {
    let signal = Signal::<(), char>::new();
    signal.connect(|| 'a');
    let middle = signal.connect(|| 'b');
    signal.connect(|| 'c');
    let mut calls = signal.calls();
    assert_eq!(calls.next(), Some('a'));
    signal.disconnect(middle);
    assert_eq!(calls.next(), Some('c'));
}

// signals2: lazy_slots_test
#[test]
fn dropping_a_lazy_emission_half_way_changes_nothing() {
    let (signal, calls) = counted(3);
    let mut half = signal.calls();
    half.next();
    drop(half);
    assert_eq!(calls.get(), 1);
    assert_eq!(signal.emit(), [0, 1, 2]);
}

// signals2: connection_block_test; Boost.Signals2: regression_test.cpp, slot_counter
#[test]
fn slots_not_called_have_no_result() {
    let signal = Signal::<(), u8>::new();
    signal.connect(|| 1);
    let second = signal.connect(|| 2);
    signal.connect(|| 3);
    let calls = signal.calls();
    signal.disconnect(second);
    assert_eq!(calls.collect::<Vec<_>>(), [1, 3]);
}

#[test]
fn the_signal_may_change_during_a_lazy_emission() {
    let signal = Arc::new(Signal::<(), char>::new());
    for letter in ['a', 'b', 'c'] {
        signal.connect(move || letter);
    }
    let mut calls = signal.calls();
    assert_eq!(calls.next(), Some('a'));
    signal.connect(|| 'd');
    signal.options().first().connect(|| 'e');
    assert_eq!(said(&signal), "eabcd");
    assert_eq!(calls.next(), Some('b'));
    drop(signal);
    assert_eq!(calls.next(), Some('c'), "it does not borrow the signal");
    assert_eq!(calls.next(), None);
}

#[test]
fn size_hints_hold() {
    let (signal, _) = counted(4);
    let mut calls = signal.calls();
    assert_eq!(calls.size_hint(), (0, Some(4)));
    calls.next();
    assert_eq!(calls.size_hint(), (0, Some(3)));
    assert_eq!(signal.calls().catch_unwind().size_hint(), (0, Some(4)));
    assert_eq!(Signal::<()>::new().calls().size_hint(), (0, Some(0)));
}

#[test]
fn a_panic_of_the_consumer_leaves_the_signal_usable() {
    let (signal, calls) = counted(3);
    let consumed = thrown(|| {
        signal
            .calls()
            .map(|n| {
                if n == 0 {
                    throw("consumer")
                }
            })
            .count()
    });
    assert_eq!(consumed, "consumer");
    assert_eq!(calls.get(), 1);
    assert_eq!(signal.emit(), [0, 1, 2]);
}

#[test]
fn after_a_panic_a_lazy_emission_continues_with_the_next_slot() {
    let signal = Signal::<(), u8>::new();
    signal.connect(|| 1);
    signal.connect(|| throw("second"));
    signal.connect(|| 3);
    let mut calls = signal.calls();
    assert_eq!(calls.next(), Some(1));
    assert_eq!(thrown(|| calls.next()), "second");
    assert_eq!(calls.next(), Some(3));
    assert_eq!(calls.next(), None);
}

#[test]
fn a_panic_of_the_last_slot_ends_a_lazy_emission() {
    let signal = Signal::<(String,), u8>::new();
    signal.connect(|_| throw("last"));
    let mut calls = signal.calls("argument".into());
    assert_eq!(thrown(|| calls.next()), "last");
    assert_eq!(calls.next(), None);
}

// Django: test_robust
#[test]
fn catch_unwind_calls_every_slot() {
    let signal = Signal::<(), u8>::new();
    let record = Recorder::new();
    for number in 0..6 {
        let record = record.clone();
        signal.connect(move || {
            record.add(number);
            if number % 2 == 1 {
                throw("odd");
            }
            number
        });
    }
    let outcomes: Vec<Result<u8, String>> = signal
        .calls()
        .catch_unwind()
        .map(|outcome| outcome.map_err(|payload| message(&*payload)))
        .collect();
    let odd = || Err("odd".to_owned());
    assert_eq!(outcomes, [Ok(0), odd(), Ok(2), odd(), Ok(4), odd()]);
    assert_eq!(record.take(), [0, 1, 2, 3, 4, 5]);
    assert_eq!(signal.len(), 6);
}

#[test]
fn arguments_are_dropped_once_no_slot_is_left_to_take_them() {
    let signal: Signal<(Arc<Tracked>,)> = Signal::new();
    let slot = signal.connect(|_| ());
    let drops = Counter::default();
    let mut calls = signal.calls(Arc::new(drops.tracked()));
    signal.disconnect(slot);
    assert_eq!(drops.get(), 0);
    assert!(calls.next().is_none());
    assert_eq!(drops.get(), 1);
}
