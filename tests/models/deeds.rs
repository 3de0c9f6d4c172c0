//! What a thread can do to a signal, and the signal with one slot that it is done to.

use std::any::Any;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use loom::sync::atomic::AtomicBool;
use smoke_signal::{Connection, Signal};

use crate::orders::{Crossing, Scene, Step, step};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deed {
    Connect,
    ConnectFirst,
    /// `connect_with_key`: a promise, then the slot.
    ConnectWithKey,
    Disconnect,
    DisconnectAll,
    /// The handle from `scoped` is dropped.
    DropScoped,
    DisconnectAndWait,
    /// The last owner of a weak slot's object lets it go.
    DropObject,
    Block,
    /// A guard from before is dropped.
    Unblock,
    BlockAll,
    /// A guard from before is dropped.
    UnblockAll,
    Emit,
    /// An emission that has begun before comes to the slot's turn, and ends.
    GoOn,
    /// The guard from `emitting` is dropped.
    DropEmitting,
    /// `slots`, `contains` and the others that look.
    Look,
    /// Tells other threads that this one has come so far, by a release.
    Tell,
    /// Asks, by an acquire, whether another thread has told.
    Hear,
}

/// All but the two that do nothing to a signal.
pub(crate) const DEEDS: [Deed; 16] = {
    use Deed::*;
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
        GoOn,
        DropEmitting,
        Look,
    ]
};

impl Deed {
    pub(crate) fn emits(self) -> bool {
        matches!(self, Self::Emit | Self::GoOn | Self::DropEmitting)
    }

    pub(crate) fn connects(self) -> bool {
        matches!(
            self,
            Self::Connect | Self::ConnectFirst | Self::ConnectWithKey
        )
    }
}

/// What kind of slot it is done to.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Kind {
    /// It has one call left.
    pub(crate) limited: bool,
    pub(crate) weak: bool,
    pub(crate) waitable: bool,
}

impl Kind {
    pub(crate) const PLAIN: Self = Self {
        limited: false,
        weak: false,
        waitable: false,
    };
    pub(crate) const LIMITED: Self = Self {
        limited: true,
        ..Self::PLAIN
    };
    pub(crate) const WEAK: Self = Self {
        weak: true,
        ..Self::PLAIN
    };
    pub(crate) const WAITABLE: Self = Self {
        waitable: true,
        ..Self::PLAIN
    };

    /// The deeds that there are for it.
    pub(crate) fn deeds(self) -> Vec<Deed> {
        let there = |deed: &Deed| match deed {
            Deed::DropObject => self.weak,
            Deed::DisconnectAndWait => self.waitable,
            _ => true,
        };
        DEEDS.into_iter().filter(there).collect()
    }
}

/// What emissions find as the threads start.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Snapshot {
    /// What `connect` has left.
    Untaken,
    Taken,
    /// An emission under way holds it to the end.
    Held,
}

/// What is seen from outside: atomics that `loom` does not know, and that bring neither order nor
/// steps of their own.
#[derive(Debug, Default)]
struct Seen {
    calls: AtomicUsize,
    dropped: AtomicUsize,
}

/// What the slot has captured.
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
    /// A weak slot's object. `loom` does not see how it is counted: who drops it and who is called
    /// with it pass here.
    object: Option<Arc<Crossing>>,
    /// Guards that threads have made.
    kept: Arc<Mutex<Vec<Box<dyn Any>>>>,
    told: Arc<AtomicBool>,
}

/// Sets the scene in which each thread does these deeds.
pub(crate) fn scene(kind: Kind, snapshot: Snapshot, threads: &[Vec<Deed>]) -> Scene {
    let mut world = World::new(kind);
    let crossing = Crossing::default();
    let mut prepare = |&deed: &Deed| -> Step {
        let deed = world.prepare(deed);
        let crossing = crossing.clone();
        Box::new(move || {
            // Whether the object is there is asked in more places than are points for `loom`.
            if kind.weak {
                crossing.pass();
            }
            deed()
        })
    };
    let threads = threads
        .iter()
        .map(|deeds| deeds.iter().map(&mut prepare).collect())
        .collect();
    let held = match snapshot {
        Snapshot::Untaken => None,
        Snapshot::Taken => {
            drop(world.signal.calls());
            None
        }
        Snapshot::Held => Some(world.signal.calls()),
    };
    let afterwards = step(move || {
        let mut looks = vec![world.look()];
        if let Some(held) = held {
            looks.push((Vec::new(), held.collect()));
            looks.push(world.look());
        }
        world.kept.lock().unwrap().clear();
        looks.push(world.look());
        let gone = world.seen.dropped.load(Ordering::Relaxed) == 1;
        assert_ne!(gone, world.signal.contains(world.slot), "the captures");
        (looks, world.seen)
    });
    Scene {
        threads,
        afterwards,
    }
}

/// Of each slot: whether it is the one from before, what is left of its budget, whether it is blocked.
type Slots = Vec<(bool, Option<u32>, bool)>;

fn look(signal: &Signal<(), u8>, slot: Connection) -> Slots {
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
            kept: Arc::default(),
            told: Arc::default(),
        }
    }

    /// What is to be seen at the end, and what an emission gives.
    fn look(&self) -> (Slots, Vec<u8>) {
        let slots = look(&self.signal, self.slot);
        (slots, self.signal.emit().into_iter().collect())
    }

    /// The deed, ready to be done.
    fn prepare(&mut self, deed: Deed) -> Step {
        let (signal, slot) = (Arc::clone(&self.signal), self.slot);
        let (seen, kept) = (Arc::clone(&self.seen), Arc::clone(&self.kept));
        let told = Arc::clone(&self.told);
        match deed {
            Deed::Connect => step(move || {
                signal.connect(|| 2);
            }),
            Deed::ConnectFirst => step(move || {
                signal.options().first().connect(|| 3);
            }),
            Deed::ConnectWithKey => step(move || {
                signal.connect_with_key(|me| {
                    assert!(!signal.contains(me), "promised, not connected");
                    || 4
                });
            }),
            Deed::Disconnect => step(move || signal.disconnect(slot)),
            Deed::DisconnectAll => step(move || signal.disconnect_all()),
            Deed::DropScoped => {
                let scoped = signal.scoped(slot);
                step(move || drop(scoped))
            }
            Deed::DisconnectAndWait => step(move || {
                let answer = signal.disconnect_and_wait(slot);
                assert_eq!(seen.dropped.load(Ordering::Relaxed), 1, "not over");
                answer
            }),
            Deed::DropObject => {
                let object = self.object.take().unwrap();
                step(move || {
                    object.pass();
                    drop(object);
                })
            }
            Deed::Block => step(move || {
                let guard = signal.block(slot);
                let there = guard.is_some();
                kept.lock().unwrap().push(Box::new(guard));
                there
            }),
            Deed::Unblock => {
                let guard = signal.block(slot);
                step(move || drop(guard))
            }
            Deed::BlockAll => step(move || {
                let guard = signal.block_all();
                kept.lock().unwrap().push(Box::new(guard));
            }),
            Deed::UnblockAll => {
                let guard = signal.block_all();
                step(move || drop(guard))
            }
            Deed::Emit => step(move || signal.emit()),
            Deed::GoOn => {
                let mut calls = signal.calls();
                step(move || calls.next())
            }
            Deed::DropEmitting => {
                let guard = signal.emitting();
                step(move || drop(guard))
            }
            Deed::Look => step(move || look(&signal, slot)),
            Deed::Tell => step(move || told.store(true, loom::sync::atomic::Ordering::Release)),
            Deed::Hear => step(move || told.load(loom::sync::atomic::Ordering::Acquire)),
        }
    }
}
