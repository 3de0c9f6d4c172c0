//! What is allocated and when. This is a binary of its own because the counting allocator is global.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::thread;

use allocation_counter::{AllocationInfo, measure};
use smoke_signal::{ByMut, ByRef, LocalSignal, Queue, Registry, Signal};

/// Asserts that nothing was allocated or freed.
#[track_caller]
fn assert_free(info: &AllocationInfo) {
    assert_eq!((info.count_total, info.bytes_total), (0, 0), "{info:?}");
}

#[test]
fn an_unused_signal_allocates_nothing() {
    assert_free(&measure(|| {
        let signal = Signal::<(String,), String>::new();
        assert!(signal.is_empty());
        assert!(signal.connections().is_empty());
        assert!(signal.emit(String::new()).is_empty());
        assert_eq!(signal.calls(String::new()).count(), 0);
        signal.disconnect_all();
        let registry = Registry::new();
        assert_eq!(registry.emit("unknown", ()), Ok(0));
    }));
}

#[test]
fn emission_allocates_nothing() {
    let plain = Signal::<(u32,), u32>::new();
    let lent = Signal::<(ByRef<str>, ByMut<u32>)>::new();
    for n in 0..4 {
        plain.connect(move |given| given + n);
        lent.connect(|text, length| *length += u32::try_from(text.len()).unwrap());
    }
    // The first emission after a change makes the snapshot that later emissions use.
    plain.emit(0);
    lent.emit("", &mut 0);
    assert_free(&measure(|| {
        assert_eq!(plain.emit(1), [1, 2, 3, 4]);
        assert_eq!(plain.calls(1).max(), Some(4));
        let mut length = 0;
        lent.emit("four", &mut length);
        assert_eq!(length, 16);
    }));
}

#[test]
fn a_local_signal_allocates_when_slots_are_connected_and_not_when_it_is_emitted() {
    assert_free(&measure(|| {
        let signal = LocalSignal::<(String,), String>::new();
        assert!(signal.is_empty() && signal.connections().is_empty());
        assert!(signal.emit(String::new()).is_empty());
        assert_eq!(signal.calls(String::new()).count(), 0);
        signal.disconnect_all();
    }));
    let signal = LocalSignal::<(ByRef<LocalSignal<(u32,), u32>>, ByMut<u32>)>::new();
    let numbers = LocalSignal::<(u32,), u32>::new();
    let mut calls = 0;
    numbers.connect_mut(move |n| {
        calls += n;
        calls
    });
    numbers.connect(|n| n);
    let limited = numbers.options().max_calls(100);
    limited.connect(|n| n);
    for _ in 0..3 {
        signal.connect(|numbers, sum| *sum += numbers.emit(1)[1]);
    }
    signal.emit(&numbers, &mut 0);
    assert_free(&measure(|| {
        let mut sum = 0;
        signal.emit(&numbers, &mut sum);
        assert_eq!((sum, numbers.calls(1).sum()), (3, 9));
    }));
    let _guard = signal.block_all();
    assert_free(&measure(|| drop(signal.emit(&numbers, &mut 0))));
}

/// Once as many calls of each slot have been stored at a time as ever will be. Full or not, whichever slot is next.
#[test]
fn an_emission_into_a_queue_and_its_delivery_allocate_nothing() {
    let numbers = Signal::<(u32, u64)>::new();
    let texts = Signal::<(&'static str,), u32>::new();
    let queue = Queue::new(20);
    let mut last = 0;
    queue.connect(&numbers, move |a, _| {
        assert!(a == 0 || a > last, "{a} after {last}");
        last = a;
    });
    queue.connect(&texts, |text| assert_eq!(text, "text"));
    queue.on_wake(|| ());
    let round = |emissions: u32| {
        for n in 0..emissions {
            numbers.emit(n, 1);
            texts.emit("text");
        }
        queue.drain()
    };
    let only_numbers = || {
        for n in 0..100 {
            numbers.emit(n, 1);
        }
        queue.drain()
    };
    round(20);
    only_numbers();
    assert_free(&measure(|| {
        assert_eq!(round(1), 2);
        assert_eq!(round(10), 20);
        assert_eq!(round(20), 20, "the oldest were dropped");
        assert_eq!(only_numbers(), 20);
    }));
}

/// Slots come and go, and calls of theirs are stored or not; nothing is drained in between.
#[test]
fn slots_of_a_queue_leave_nothing_behind() {
    let (signal, kept) = (Signal::<(u32,)>::new(), Signal::<(u32,)>::new());
    let queue = Queue::new(4);
    queue.connect(&kept, |_| ());
    let round = |n: u32| {
        let captured = [n; 4];
        let slot = queue.connect(&signal, move |n| assert!(captured.contains(&n)));
        signal.emit(n);
        if n % 3 == 0 {
            kept.emit(n);
        }
        signal.disconnect(slot);
    };
    (0..64).for_each(round);
    let info = measure(|| (64..64 + 20_000).for_each(round));
    assert!(info.bytes_current.abs() < 4096, "{info:?}");
    assert!(info.bytes_max < 16384, "{info:?}");
}

/// Measured on a thread of its own, which keeps nothing for queues that it no longer has.
#[test]
fn a_thread_that_drops_its_queues_keeps_nothing_of_them() {
    let queues = || {
        measure(|| {
            let signal = Signal::<()>::new();
            let queues = [(); 3].map(|()| Queue::new(4));
            for queue in &queues {
                queue.connect(&signal, || ());
            }
            drop(queues);
        })
    };
    thread::spawn(queues).join().unwrap(); // what threads share
    let info = thread::spawn(queues).join().unwrap();
    assert_eq!((info.count_current, info.bytes_current), (0, 0), "{info:?}");
}

#[test]
fn only_results_beyond_four_are_allocated_and_units_never() {
    let units = Signal::<()>::new();
    let numbers = Signal::<(), u64>::new();
    for _ in 0..5 {
        units.connect(|| ());
        numbers.connect(|| 1);
    }
    units.emit();
    numbers.emit();
    assert_free(&measure(|| assert_eq!(units.emit().len(), 5)));
    let info = measure(|| assert_eq!(numbers.emit().len(), 5));
    assert_eq!(info.count_total, 1);
}

/// Memory is bounded whatever connects and disconnects, with and without emissions in between.
/// blinker: `test_empty_bucket_growth`; palacaze/sigslot#5
#[test]
fn connecting_and_disconnecting_leaves_nothing_behind() {
    for emit_between in [false, true] {
        let signal = Signal::<(), u8>::new();
        signal.connect(|| 0);
        let round = |n: u32| {
            let captured = [n; 4];
            let slot = signal.connect(move || u8::try_from(captured.len()).unwrap());
            signal.once(|| 1);
            signal.options().max_calls(0).connect(|| 2);
            if emit_between {
                signal.emit();
            }
            signal.disconnect(slot);
            if n % 16 == 0 {
                signal.emit();
            }
        };
        (0..64).for_each(round);
        let info = measure(|| (64..64 + 100_000).for_each(round));
        assert!(info.bytes_current.abs() < 4096, "{info:?}");
        assert!(info.bytes_max < 16384, "{info:?}");
    }
}

/// A capture panics as its callback is refused, and the error is dropped too.
#[test]
fn a_refusal_that_ends_in_a_panic_leaves_nothing_behind() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            resume_unwind(Box::new("drop"));
        }
    }
    let registry = Registry::new();
    registry.on("name", |_: u8| ()).unwrap();
    let refused = || {
        let bomb = Bomb;
        let callback = move |_: u16| {
            let _ = &bomb;
        };
        let dropped = catch_unwind(AssertUnwindSafe(|| registry.on("name", callback)));
        assert!(dropped.is_err());
    };
    refused();
    let info = measure(refused);
    assert_eq!((info.count_current, info.bytes_current), (0, 0), "{info:?}");
}

#[test]
fn changes_of_a_local_signal_leave_nothing_behind() {
    let signal = LocalSignal::<(), u8>::new();
    signal.connect(|| 0);
    let round = |n: u32| {
        let captured = [n; 4];
        let slot = signal.connect(move || u8::try_from(captured.len()).unwrap());
        signal.once(|| 1);
        signal.options().max_calls(0).connect(|| 2);
        let calls = (n % 3 == 0).then(|| signal.calls());
        signal.disconnect(slot);
        drop(calls);
        if n % 16 == 0 {
            signal.emit();
        }
    };
    (0..64).for_each(round);
    let info = measure(|| (64..64 + 100_000).for_each(round));
    assert!(info.bytes_current.abs() < 4096, "{info:?}");
    assert!(info.bytes_max < 16384, "{info:?}");
}

/// Also if the slots that disconnect were not connected last, and nothing is emitted.
#[test]
fn storage_of_disconnected_slots_does_not_accumulate() {
    let signal = Signal::<()>::new();
    let mut slots = VecDeque::from_iter((0..64).map(|_| signal.connect(|| ())));
    for slot in slots.drain(..40) {
        signal.disconnect(slot);
    }
    let info = measure(|| {
        for _ in 0..10_000 {
            slots.push_back(signal.connect(|| ()));
            signal.disconnect(slots.pop_front().unwrap());
        }
    });
    assert!(info.bytes_current.abs() < 4096, "{info:?}");
    assert!(info.bytes_max < 16384, "{info:?}");
}

/// What is kept of a disconnected waitable slot is dropped when its last call has returned.
#[test]
fn completions_of_waitable_slots_do_not_accumulate() {
    let signal = Signal::<()>::new();
    let info = measure(|| {
        for _ in 0..5_000 {
            let slot = signal.options().waitable().connect(|| ());
            signal.disconnect(slot);
        }
    });
    assert!(info.bytes_current.abs() < 4096, "{info:?}");
    assert!(info.bytes_max < 16384, "{info:?}");
}

/// A change copies the snapshot only if an emission is using it.
#[test]
fn a_change_between_emissions_copies_nothing() {
    let signal = Signal::<()>::new();
    let slots = Vec::from_iter((0..64).map(|_| signal.connect(|| ())));
    // The first slot that leaves from between others makes what takes its place, and that of later ones.
    signal.disconnect(slots[1]);
    signal.emit();
    assert_free(&measure(|| {
        assert!(signal.disconnect(slots[0]));
    }));
}
