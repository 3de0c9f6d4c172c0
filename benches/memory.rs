//! Heap use of slots and emissions, and clones of arguments. This is a program of its own because
//! the counting allocator is global.

use std::sync::atomic::{AtomicU32, Ordering};

use allocation_counter::measure;
use smoke_signal::{ByRef, Signal};

const SLOTS: u32 = 10_000;

fn main() {
    println!("{:<62}{:>8}{:>8}  held", "what", "ours", "limit");
    let row = |what: &str, ours: u64, limit: u64| {
        let held = if ours <= limit { "yes" } else { "NO" };
        println!("{what:<62}{ours:>8}{limit:>8}  {held}");
    };
    let bytes = u64::try_from(heap_of_slots()).expect("slots take memory");
    row(
        "heap bytes per slot, 10000 slots, closure without captures",
        bytes.div_ceil(u64::from(SLOTS)),
        96,
    );
    let one = measure_one_slot();
    row("heap bytes of a signal with one slot", one.0, 320);
    row("allocations that it keeps", one.1, 4);
    row("heap bytes when the slot has left", one.2, 160);
    row(
        "allocations of an emission, 64 slots, no results",
        allocations::<()>(64, || ()),
        0,
    );
    row(
        "allocations of an emission, 4 slots, 4 results",
        allocations::<u64>(4, || 1),
        0,
    );
    row("clones of a `String`, 8 slots", clones(8), 7);
    row(
        "allocations of an emission, 8 slots, `ByRef<str>`",
        by_reference(8),
        0,
    );
}

/// The bytes that a signal holds after its first emission.
fn heap_of_slots() -> i64 {
    let signal = Signal::<(i32,)>::new();
    let info = measure(|| {
        for _ in 0..SLOTS {
            signal.connect(|_| ());
        }
        signal.emit(1);
    });
    assert_eq!(signal.len(), SLOTS as usize);
    info.bytes_current
}

/// The bytes and allocations of a signal with a slot that captures nothing, and the bytes when it has left.
fn measure_one_slot() -> (u64, u64, u64) {
    let positive = |number: i64| u64::try_from(number).expect("a signal takes memory");
    let signal = Signal::<(i32,)>::new();
    let mut slot = None;
    let connected = measure(|| slot = Some(signal.connect(|_| ())));
    let left = measure(|| assert!(signal.disconnect(slot.expect("it is connected"))));
    let bytes = positive(connected.bytes_current);
    let remaining = positive(connected.bytes_current + left.bytes_current);
    (bytes, positive(connected.count_current), remaining)
}

fn allocations<R: 'static>(slots: u32, result: fn() -> R) -> u64 {
    let signal = Signal::<(), R>::new();
    for _ in 0..slots {
        signal.connect(result);
    }
    signal.emit();
    measure(|| assert_eq!(signal.emit().len(), slots as usize)).count_total
}

/// An argument that counts how often it is cloned.
struct Counted(String);

static CLONES: AtomicU32 = AtomicU32::new(0);

impl Clone for Counted {
    fn clone(&self) -> Self {
        CLONES.fetch_add(1, Ordering::Relaxed);
        Self(self.0.clone())
    }
}

fn clones(slots: u32) -> u64 {
    let signal = Signal::<(Counted,), usize>::new();
    for _ in 0..slots {
        signal.connect(|text| text.0.len());
    }
    let lengths = signal.emit(Counted("text".to_owned()));
    assert_eq!(lengths.into_vec(), vec![4; slots as usize]);
    u64::from(CLONES.swap(0, Ordering::Relaxed))
}

fn by_reference(slots: u32) -> u64 {
    let signal = Signal::<(ByRef<str>,)>::new();
    for _ in 0..slots {
        signal.connect(|text| assert_eq!(text, "text"));
    }
    signal.emit("text");
    measure(|| assert_eq!(signal.emit("text").len(), slots as usize)).count_total
}
