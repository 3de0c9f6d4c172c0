//! The operations of a thread on a signal, and the signal with one slot that they apply to.

use std::any::Any;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use loom::sync::atomic::AtomicBool;
use smoke_signal::{Connection, Signal};

use crate::orders::{Crossing, Scenario, Step, step};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    Connect,
    ConnectFirst,
    /// `connect_with_key`, which reserves a key and then commits the slot.
    ConnectWithKey,
    Disconnect,
    DisconnectAll,
    /// Drops the handle from `scoped`.
    DropScoped,
    DisconnectAndWait,
    /// Drops the last owner of a weak slot's object.
    DropObject,
    Block,
    /// Drops an existing guard of the slot.
    Unblock,
    BlockAll,
    /// Drops an existing guard of the whole signal.
    UnblockAll,
    Emit,
    /// Continues an emission that began before, with the slot, and ends it.
    Continue,
    /// Drops the guard from `emitting`.
    DropEmitting,
    /// `slots`, `contains` and the other queries.
    Query,
    /// Announces to other threads, by a release store, that this one got here.
    Announce,
    /// Checks, by an acquire load, whether another thread announced.
    CheckAnnouncement,
}

/// All operations except the two that do nothing to a signal.
pub(crate) const OPERATIONS: [Operation; 16] = {
    use Operation::*;
    [
        Connect,
        ConnectFirst,
        ConnectWithKey,
        Disconnect,
        DisconnectAll,
        DropScoped,
        DisconnectAndWait,
        DropObject,
        Block,
        Unblock,
        BlockAll,
        UnblockAll,
        Emit,
        Continue,
        DropEmitting,
        Query,
    ]
};

impl Operation {
    pub(crate) fn emits(self) -> bool {
        matches!(self, Self::Emit | Self::Continue | Self::DropEmitting)
    }

    pub(crate) fn connects(self) -> bool {
        matches!(
            self,
            Self::Connect | Self::ConnectFirst | Self::ConnectWithKey
        )
    }
}

/// The kind of slot that the operations apply to.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Kind {
    /// Whether it has one call left.
    pub(crate) limited: bool,
    pub(crate) weak: bool,
    pub(crate) waitable: bool,
}

impl Kind {
    pub(crate) const DEFAULT: Self = Self {
        limited: false,
        weak: false,
        waitable: false,
    };
    pub(crate) const LIMITED: Self = Self {
        limited: true,
        ..Self::DEFAULT
    };
    pub(crate) const WEAK: Self = Self {
        weak: true,
        ..Self::DEFAULT
    };
    pub(crate) const WAITABLE: Self = Self {
        waitable: true,
        ..Self::DEFAULT
    };

    /// The operations that apply to this kind.
    pub(crate) fn operations(self) -> Vec<Operation> {
        let applies = |operation: &Operation| match operation {
            Operation::DropObject => self.weak,
            Operation::DisconnectAndWait => self.waitable,
            _ => true,
        };
        OPERATIONS.into_iter().filter(applies).collect()
    }
}

/// The state of the snapshot when the threads start.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Snapshot {
    /// As `connect` leaves it.
    Unpublished,
    Published,
    /// Published, with two more slots, and the next changes copy it because an emission has had to wait.
    Replaced,
    /// Held by an emission in progress until the end.
    Held,
}

/// What is observed from outside. These atomics are unknown to `loom`, so they add neither ordering nor
/// steps.
#[derive(Debug, Default)]
struct Seen {
    calls: AtomicUsize,
    dropped: AtomicUsize,
}

/// The capture of the slot.
struct Capture(Arc<Seen>);

impl Capture {
    fn call(&self) -> u8 {
        self.0.calls.fetch_add(1, Ordering::Relaxed);
        1
    }
}

impl Drop for Capture {
    fn drop(&mut self) {
        self.0.dropped.fetch_add(1, Ordering::Relaxed);
    }
}

/// A signal with one slot.
struct World {
    signal: Arc<Signal<(), u8>>,
    slot: Connection,
    seen: Arc<Seen>,
    /// A weak slot's object. `loom` does not see its reference count, so threads that drop it or are
    /// called with it pass this crossing.
    object: Option<Arc<Crossing>>,
    /// Guards made by threads.
    guards: Arc<Mutex<Vec<Box<dyn Any>>>>,
    announced: Arc<AtomicBool>,
}

/// Sets up the scenario in which each thread performs these operations.
pub(crate) fn scenario(kind: Kind, snapshot: Snapshot, threads: &[Vec<Operation>]) -> Scenario {
    let mut world = World::new(kind);
    let crossing = Crossing::default();
    let mut prepare = |&operation: &Operation| -> Step {
        let operation = world.prepare(operation);
        let crossing = crossing.clone();
        Box::new(move || {
            // The library checks the object in more places than `loom` has switching points.
            if kind.weak {
                crossing.pass();
            }
            operation()
        })
    };
    let threads = threads
        .iter()
        .map(|operations| operations.iter().map(&mut prepare).collect())
        .collect();
    let held = match snapshot {
        Snapshot::Unpublished => None,
        Snapshot::Published => {
            drop(world.signal.calls());
            None
        }
        Snapshot::Replaced => {
            world.signal.connect(|| 2);
            world.signal.connect(|| 3);
            drop(world.signal.calls());
            world.signal.copy_next();
            None
        }
        Snapshot::Held => Some(world.signal.calls()),
    };
    let afterwards = step(move || {
        let mut queries = vec![world.query()];
        if let Some(held) = held {
            queries.push((Vec::new(), held.collect()));
            queries.push(world.query());
        }
        world.guards.lock().unwrap().clear();
        queries.push(world.query());
        let dropped = world.seen.dropped.load(Ordering::Relaxed) == 1;
        assert_ne!(dropped, world.signal.contains(world.slot), "the captures");
        (queries, world.seen)
    });
    Scenario {
        threads,
        afterwards,
    }
}

/// For each slot: whether it is the original one, the rest of its budget, and whether it is blocked.
type Slots = Vec<(bool, Option<u32>, bool)>;

fn query(signal: &Signal<(), u8>, slot: Connection) -> Slots {
    let slots = signal.slots().into_iter();
    slots
        .map(|info| (info.connection == slot, info.calls_left, info.blocked))
        .collect()
}

impl World {
    fn new(kind: Kind) -> Self {
        let signal = Arc::new(Signal::<(), u8>::new());
        let seen = Arc::new(Seen::default());
        let capture = Capture(Arc::clone(&seen));
        let mut options = signal.options();
        if kind.limited {
            options = options.max_calls(1);
        }
        if kind.waitable {
            options = options.waitable();
        }
        let object = kind.weak.then(|| Arc::new(Crossing::default()));
        let slot = match &object {
            Some(object) => options.connect_weak(object, move |object| {
                object.pass();
                capture.call()
            }),
            None => options.connect(move || capture.call()),
        };
        Self {
            signal,
            slot,
            seen,
            object,
            guards: Arc::default(),
            announced: Arc::default(),
        }
    }

    /// The visible state, and the results of an emission.
    fn query(&self) -> (Slots, Vec<u8>) {
        let slots = query(&self.signal, self.slot);
        (slots, self.signal.emit().into_iter().collect())
    }

    /// Prepares an operation as a step.
    fn prepare(&mut self, operation: Operation) -> Step {
        let (signal, slot) = (Arc::clone(&self.signal), self.slot);
        let (seen, guards) = (Arc::clone(&self.seen), Arc::clone(&self.guards));
        let announced = Arc::clone(&self.announced);
        match operation {
            Operation::Connect => step(move || {
                signal.connect(|| 2);
            }),
            Operation::ConnectFirst => step(move || {
                signal.options().first().connect(|| 3);
            }),
            Operation::ConnectWithKey => step(move || {
                signal.connect_with_key(|me| {
                    assert!(!signal.contains(me), "reserved, not connected");
                    || 4
                });
            }),
            Operation::Disconnect => step(move || signal.disconnect(slot)),
            Operation::DisconnectAll => step(move || signal.disconnect_all()),
            Operation::DropScoped => {
                let scoped = signal.scoped(slot);
                step(move || drop(scoped))
            }
            Operation::DisconnectAndWait => step(move || {
                let answer = signal.disconnect_and_wait(slot);
                assert_eq!(seen.dropped.load(Ordering::Relaxed), 1, "not complete");
                answer
            }),
            Operation::DropObject => {
                let object = self.object.take().unwrap();
                step(move || {
                    object.pass();
                    drop(object);
                })
            }
            Operation::Block => step(move || {
                let guard = signal.block(slot);
                let blocked = guard.is_some();
                guards.lock().unwrap().push(Box::new(guard));
                blocked
            }),
            Operation::Unblock => {
                let guard = signal.block(slot);
                step(move || drop(guard))
            }
            Operation::BlockAll => step(move || {
                let guard = signal.block_all();
                guards.lock().unwrap().push(Box::new(guard));
            }),
            Operation::UnblockAll => {
                let guard = signal.block_all();
                step(move || drop(guard))
            }
            Operation::Emit => step(move || signal.emit()),
            Operation::Continue => {
                let mut calls = signal.calls();
                step(move || calls.next())
            }
            Operation::DropEmitting => {
                let guard = signal.emitting();
                step(move || drop(guard))
            }
            Operation::Query => step(move || query(&signal, slot)),
            Operation::Announce => {
                step(move || announced.store(true, loom::sync::atomic::Ordering::Release))
            }
            Operation::CheckAnnouncement => {
                step(move || announced.load(loom::sync::atomic::Ordering::Acquire))
            }
        }
    }
}
