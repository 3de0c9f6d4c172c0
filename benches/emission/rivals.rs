//! The candidates: the floor, this crate, what a careful user would write by hand, and `signals2`.

use std::hint::black_box;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, RwLock};

use arc_swap::ArcSwap;
use signals2::{Connect1, Emit1};
use smoke_signal::{Registry, Signal};

use crate::measure::Candidate;

/// A way to call a list of slots, which threads can share.
pub(crate) trait Rival: Send + Sync {
    const NAME: &'static str;

    fn with_slots(slots: Vec<impl Slot>) -> Self;
    fn emit(&self, argument: i32);
}

pub(crate) trait Slot: Fn(i32) + Copy + Send + Sync + 'static {}
impl<F: Fn(i32) + Copy + Send + Sync + 'static> Slot for F {}

pub(crate) type SharedSlot = Arc<dyn Fn(i32) + Send + Sync>;

fn shared(slots: Vec<impl Slot>) -> impl Iterator<Item = SharedSlot> {
    slots.into_iter().map(|slot| Arc::new(slot) as _)
}

/// One counter per slot. If they shared one counter, every slot would wait for the store of the slot
/// before it, which would hide other costs of an emission. The counters are leaked, so that slots can
/// capture them without counting references.
#[derive(Clone, Copy)]
pub(crate) struct Counters(&'static [AtomicU32]);

impl Counters {
    pub(crate) fn new(count: u32) -> Self {
        Self(Vec::leak((0..count).map(|_| AtomicU32::new(0)).collect()))
    }

    /// Returns slots that add their argument to their counter. They do not use an atomic addition,
    /// whose cost would hide the rest.
    pub(crate) fn slots(self) -> Vec<impl Slot> {
        let slot = |counter: &'static AtomicU32| {
            move |argument| {
                let sum = counter.load(Ordering::Relaxed);
                counter.store(sum.wrapping_add_signed(argument), Ordering::Relaxed);
            }
        };
        self.0.iter().map(slot).collect()
    }

    /// Returns whether every slot was called this many times, and resets the counters.
    pub(crate) fn each_was(self, calls: u32) -> bool {
        let calls_of = |counter: &AtomicU32| counter.swap(0, Ordering::Relaxed);
        // `all` would stop early and leave counters that are not reset.
        self.0.iter().filter(|c| calls_of(c) != calls).count() == 0
    }
}

/// Emits through `rival`. Each batch checks that every emission called every slot.
pub(crate) fn emitting<R: Rival + 'static>(rival: R, counters: Counters) -> Candidate {
    Candidate::checked(
        R::NAME,
        move |argument| black_box(&rival).emit(argument),
        move |emissions| assert!(counters.each_was(emissions), "calls by {}", R::NAME),
    )
}

/// The floor. Nothing can be connected while it runs.
pub(crate) struct RawLoop(Vec<Box<dyn Fn(i32) + Send + Sync>>);

impl Rival for RawLoop {
    const NAME: &'static str = "raw loop";

    fn with_slots(slots: Vec<impl Slot>) -> Self {
        Self(slots.into_iter().map(|slot| Box::new(slot) as _).collect())
    }

    fn emit(&self, argument: i32) {
        for slot in &self.0 {
            slot(argument);
        }
    }
}

pub(crate) struct SmokeSignal(Signal<(i32,)>);

impl SmokeSignal {
    pub(crate) fn signal(&self) -> &Signal<(i32,)> {
        &self.0
    }
}

impl Rival for SmokeSignal {
    const NAME: &'static str = "smoke-signal";

    fn with_slots(slots: Vec<impl Slot>) -> Self {
        let signal = Signal::<(i32,)>::new();
        for slot in slots {
            signal.connect(slot);
        }
        Self(signal)
    }

    fn emit(&self, argument: i32) {
        self.0.emit(argument);
    }
}

/// Emission by name, through a registry with other names in it.
pub(crate) struct ByName(Registry);

impl ByName {
    const SIGNAL: &str = "temperature";
}

impl Rival for ByName {
    const NAME: &'static str = "by name";

    fn with_slots(slots: Vec<impl Slot>) -> Self {
        let registry = Registry::new();
        for slot in slots {
            registry.on(Self::SIGNAL, slot).unwrap();
        }
        for other in 0..15 {
            let name = format!("other {other}");
            registry.on(name, |_: i32| ()).unwrap();
        }
        Self(registry)
    }

    fn emit(&self, argument: i32) {
        self.0.emit(black_box(Self::SIGNAL), (argument,)).unwrap();
    }
}

/// The list is cloned out of the lock, so that slots may change it.
pub(crate) struct ByRwLock(RwLock<Arc<[SharedSlot]>>);

impl ByRwLock {
    pub(crate) fn list(&self) -> &RwLock<Arc<[SharedSlot]>> {
        &self.0
    }
}

impl Rival for ByRwLock {
    const NAME: &'static str = "RwLock<Arc>";

    fn with_slots(slots: Vec<impl Slot>) -> Self {
        Self(RwLock::new(shared(slots).collect()))
    }

    fn emit(&self, argument: i32) {
        let slots = Arc::clone(&self.0.read().unwrap());
        for slot in &*slots {
            slot(argument);
        }
    }
}

pub(crate) struct ByArcSwap(ArcSwap<Vec<SharedSlot>>);

impl ByArcSwap {
    pub(crate) fn list(&self) -> &ArcSwap<Vec<SharedSlot>> {
        &self.0
    }
}

impl Rival for ByArcSwap {
    const NAME: &'static str = "ArcSwap<Vec>";

    fn with_slots(slots: Vec<impl Slot>) -> Self {
        Self(ArcSwap::from_pointee(shared(slots).collect()))
    }

    fn emit(&self, argument: i32) {
        for slot in &**self.0.load() {
            slot(argument);
        }
    }
}

pub(crate) struct Signals2(signals2::Signal<(i32,)>);

impl Rival for Signals2 {
    const NAME: &'static str = "signals2";

    fn with_slots(slots: Vec<impl Slot>) -> Self {
        let signal = signals2::Signal::new();
        for slot in slots {
            signal.connect(slot);
        }
        Self(signal)
    }

    fn emit(&self, argument: i32) {
        self.0.emit(argument);
    }
}
