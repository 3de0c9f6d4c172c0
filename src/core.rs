//! The slots of one signal: the truth, which changes edit under a mutex, and the snapshot of it,
//! which emissions read without a lock.
//!
//! # How a change reaches emissions
//!
//! Every change locks the truth, edits it, and empties the snapshot cell before it unlocks. An
//! emission that finds the cell empty locks the truth, copies the slots in call order into a new
//! snapshot, and stores it before it unlocks. So all writes of the cell are ordered by the mutex,
//! and a snapshot in the cell is never older than the truth. An emission that starts after a change
//! has returned (after, in the happens-before order) reads the cell no earlier than the change
//! emptied it: it sees the change.
//!
//! Leaving and blocking are also written into the slot itself, for emissions under way.
//!
//! # Why no foreign code runs under the mutex
//!
//! Foreign code is what a slot's closure does, an argument's `Clone`, and the `Drop` of captures,
//! arguments and results. Under the mutex no slot is called. A snapshot may be dropped there, but
//! each slot of a snapshot in the cell is owned by the truth too, or has just been moved out of it
//! into the hands of the caller, which drops it after unlocking.

use std::collections::BTreeSet;
use std::mem;
use std::panic::Location;
use std::sync::{Arc, Weak};
use std::time::Instant;

use slotmap::SlotMap;
use smallvec::SmallVec;

use crate::args::Args;
use crate::slot::{Callable, Head, Round, Slot, SlotOf};
use crate::sync::{CellArc, Loaded, Mutex, MutexGuard, SnapshotCell, loaded, lock};
use crate::waiting::Ending;
use crate::{Connection, Returns, SlotInfo, WaitError};

/// A slot of a signal, shared by the truth and the snapshots.
type SharedSlot<A, R> = Arc<dyn Slot<A, R>>;

/// How a slot is to be connected.
#[derive(Clone, Copy)]
pub(crate) struct Placement {
    pub(crate) group: i32,
    /// Before the slots that are in its group already, not after them.
    pub(crate) first: bool,
    pub(crate) max_calls: Option<u32>,
    /// The source line that connects it.
    pub(crate) location: &'static Location<'static>,
}

impl Placement {
    /// Where slots go that are connected without options.
    pub(crate) fn plain(location: &'static Location<'static>) -> Self {
        Self {
            group: 0,
            first: false,
            max_calls: None,
            location,
        }
    }
}

/// Where a slot stands in the call order: by group, then by sequence number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Order {
    group: i32,
    sequence: i64,
}

pub(crate) struct Core<A: Args, R: 'static> {
    truth: Mutex<Truth<A, R>>,
    /// Written under the lock of `truth` only; empty when a change has outdated it.
    snapshot: SnapshotCell<Snapshot<A, R>>,
}

struct Truth<A: Args, R: 'static> {
    /// `None`: a key that `connect_with_key` has promised to a closure still to be made.
    slots: SlotMap<Connection, Option<Entry<A, R>>>,
    /// How many of `slots` are `None`.
    promised: usize,
    /// Those of `slots` that may expire.
    weak: BTreeSet<Connection>,
    /// The sequence numbers of the next slot to go before, and after, all others of its group.
    next_first: i64,
    next_last: i64,
    /// How many guards block the signal as a whole.
    blocks: usize,
    /// The waitable slots that have left and may be running still.
    leaving: Vec<(Connection, CellArc<Ending>)>,
}

/// A slot as the truth holds it.
struct Entry<A: Args, R: 'static> {
    slot: SharedSlot<A, R>,
    order: Order,
    /// The source line that connected it.
    location: &'static Location<'static>,
}

impl<A: Args, R> Truth<A, R> {
    fn order(&mut self, placement: Placement) -> Order {
        let sequence = if placement.first {
            self.next_first -= 1;
            self.next_first
        } else {
            self.next_last += 1;
            self.next_last
        };
        Order {
            group: placement.group,
            sequence,
        }
    }

    /// Puts a slot where its key is.
    fn place<C: Callable<A, R>>(&mut self, key: Connection, placement: Placement, callable: C) {
        let order = self.order(placement);
        if C::WEAK {
            self.weak.insert(key);
        }
        self.slots[key] = Some(Entry {
            slot: Arc::new(SlotOf {
                head: Head::new(key, placement.max_calls),
                callable,
            }),
            order,
            location: placement.location,
        });
    }

    /// The slot of a key, unless it has expired.
    fn get(&self, key: Connection) -> Option<&SharedSlot<A, R>> {
        let slot = &self.slots.get(key)?.as_ref()?.slot;
        (self.weak.is_empty() || !slot.is_expired()).then_some(slot)
    }

    /// The connected slots, in no particular order.
    fn connected(&self) -> impl Iterator<Item = &Entry<A, R>> {
        self.slots
            .values()
            .flatten()
            .filter(|entry| self.weak.is_empty() || !entry.slot.is_expired())
    }

    /// The connected slots in call order.
    fn in_order(&self) -> Vec<&Entry<A, R>> {
        let mut entries: Vec<_> = self.connected().collect();
        entries.sort_unstable_by_key(|entry| entry.order);
        entries
    }

    fn len(&self) -> usize {
        self.slots.len() - self.promised - self.expired().count()
    }

    /// Takes a slot out, expired or not.
    fn take(&mut self, key: Connection) -> Option<Departed<A, R>> {
        let entry = self.slots.get_mut(key)?.take()?;
        self.slots.remove(key);
        Some(self.leave(entry))
    }

    /// Marks a slot that has been taken out.
    fn leave(&mut self, Entry { slot, .. }: Entry<A, R>) -> Departed<A, R> {
        slot.head().leave();
        if slot.is_weak() {
            self.weak.remove(&slot.head().key);
        }
        if let Some(ending) = slot.ending() {
            self.leaving.retain(|(_, ending)| !ending.is_over());
            self.leaving.push((slot.head().key, CellArc::clone(ending)));
        }
        Departed(slot)
    }

    /// The slots that have expired and are still here.
    fn expired(&self) -> impl Iterator<Item = Connection> {
        let keys = self.weak.iter().copied();
        keys.filter(|&key| self.get(key).is_none())
    }

    /// Takes out the slots that have expired.
    fn sweep(&mut self) -> Vec<Departed<A, R>> {
        let expired: Vec<_> = self.expired().collect();
        let departed = expired.into_iter().filter_map(|key| self.take(key));
        departed.collect()
    }
}

/// A slot that has left its signal. Its drop is foreign code: it drops the captures, unless an
/// emission under way still holds them.
pub(crate) struct Departed<A: Args, R: 'static>(SharedSlot<A, R>);

impl<A: Args, R> Drop for Departed<A, R> {
    fn drop(&mut self) {
        self.0.release();
    }
}

/// A slot that has been connected.
pub(crate) struct Connected<A: Args, R: 'static> {
    pub(crate) key: Connection,
    /// What was found expired. The caller drops it without a lock.
    pub(crate) expired: Vec<Departed<A, R>>,
}

impl<A: Args, R> Core<A, R> {
    pub(crate) fn new() -> Self {
        Self {
            truth: Mutex::new(Truth {
                slots: SlotMap::with_key(),
                promised: 0,
                weak: BTreeSet::new(),
                next_first: 0,
                next_last: -1,
                blocks: 0,
                leaving: Vec::new(),
            }),
            snapshot: SnapshotCell::new(),
        }
    }

    /// Makes the next emission look at the truth; to be called before the truth is unlocked.
    fn outdate_snapshot(&self, _truth: &mut Truth<A, R>) {
        if self.snapshot.load().is_some() {
            self.snapshot.swap(None);
        }
    }

    pub(crate) fn connect<C: Callable<A, R>>(
        &self,
        placement: Placement,
        callable: C,
    ) -> Connected<A, R> {
        let mut truth = lock(&self.truth);
        let expired = truth.sweep();
        let key = truth.slots.insert(None);
        truth.place(key, placement, callable);
        self.outdate_snapshot(&mut truth);
        Connected { key, expired }
    }

    /// Sets a key aside for a slot still to be made. Until then the key is not connected.
    pub(crate) fn promise(&self) -> Promise<'_, A, R> {
        let mut truth = lock(&self.truth);
        truth.promised += 1;
        Promise {
            core: self,
            key: truth.slots.insert(None),
        }
    }

    /// A key that was never connected and never will be.
    pub(crate) fn dead_key(&self) -> Connection {
        self.promise().key
    }

    /// Takes a slot out; nothing if it had left before. The caller drops it without a lock.
    pub(crate) fn disconnect(&self, key: Connection) -> Option<Departed<A, R>> {
        let mut truth = lock(&self.truth);
        let departed = truth.take(key)?;
        self.outdate_snapshot(&mut truth);
        drop(truth);
        (!departed.0.is_expired()).then_some(departed)
    }

    /// Takes all slots out. The caller drops them without a lock.
    pub(crate) fn disconnect_all(&self) -> Vec<Departed<A, R>> {
        let mut truth = lock(&self.truth);
        let mut entries = Vec::with_capacity(truth.slots.len());
        truth.slots.retain(|_, entry| {
            let promised = entry.is_none();
            entries.extend(entry.take());
            promised
        });
        let departed = entries.into_iter().map(|e| truth.leave(e)).collect();
        self.outdate_snapshot(&mut truth);
        departed
    }

    /// Disconnects a waitable slot, if it is still connected, and waits until it is over; tells
    /// whether this call disconnected it.
    pub(crate) fn disconnect_and_wait(
        &self,
        key: Connection,
        deadline: Option<Instant>,
    ) -> Result<bool, WaitError> {
        let mut truth = lock(&self.truth);
        if truth.get(key).is_some_and(|slot| slot.ending().is_none()) {
            return Err(WaitError::NotWaitable);
        }
        let connected = truth.get(key).is_some();
        let departed = truth.take(key);
        if departed.is_some() {
            self.outdate_snapshot(&mut truth);
        }
        let mut leaving = truth.leaving.iter();
        let ending = leaving
            .find(|(left, _)| *left == key)
            .map(|(_, ending)| CellArc::clone(ending));
        drop(truth);
        drop(departed);
        if let Some(ending) = ending {
            ending.wait(deadline)?;
        }
        Ok(connected)
    }

    /// Blocks a slot; to be followed by an [`unblock`](Guarded::unblock). Tells whether it is there.
    pub(crate) fn block(&self, key: Connection) -> bool {
        let truth = lock(&self.truth);
        let slot = truth.get(key);
        if let Some(slot) = slot {
            slot.head().block();
        }
        slot.is_some()
    }

    /// Blocks the whole signal, for emissions that start from now on; to be followed by an
    /// [`unblock_all`](Guarded::unblock_all).
    pub(crate) fn block_all(&self) {
        let mut truth = lock(&self.truth);
        truth.blocks += 1;
        self.outdate_snapshot(&mut truth);
    }

    pub(crate) fn is_blocked(&self, key: Connection) -> bool {
        let truth = lock(&self.truth);
        let slot = truth.get(key);
        slot.is_some_and(|slot| truth.blocks > 0 || slot.head().is_blocked())
    }

    pub(crate) fn contains(&self, key: Connection) -> bool {
        lock(&self.truth).get(key).is_some()
    }

    pub(crate) fn len(&self) -> usize {
        lock(&self.truth).len()
    }

    /// The keys of the slots in call order.
    pub(crate) fn connections(&self) -> Vec<Connection> {
        let truth = lock(&self.truth);
        let entries = truth.in_order().into_iter();
        entries.map(|entry| entry.slot.head().key).collect()
    }

    /// The slots in call order.
    pub(crate) fn slots(&self) -> Vec<SlotInfo> {
        Self::list(&lock(&self.truth))
    }

    /// The slots in call order, unless another thread is looking or changing just now.
    pub(crate) fn try_slots(&self) -> Option<Vec<SlotInfo>> {
        Some(Self::list(&*self.truth.try_lock().ok()?))
    }

    fn list(truth: &Truth<A, R>) -> Vec<SlotInfo> {
        let info = |entry: &Entry<A, R>| SlotInfo {
            connection: entry.slot.head().key,
            group: entry.order.group,
            calls_left: entry.slot.calls_left(),
            blocked: truth.blocks > 0 || entry.slot.head().is_blocked(),
            weak: entry.slot.is_weak(),
            location: entry.location,
        };
        truth.in_order().into_iter().map(info).collect()
    }

    /// Calls every slot in order.
    #[inline]
    pub(crate) fn emit(self: &Arc<Self>, args: A::In<'_>) -> Returns<R> {
        match self.snapshot.load().as_deref() {
            Some(snapshot) => snapshot.emit(args),
            None => self.take_snapshot().emit(args),
        }
    }

    /// The slots as an emission that starts now sees them.
    #[inline]
    pub(crate) fn view(self: &Arc<Self>) -> View<A, R> {
        let current = self.snapshot.load();
        if current.is_some() {
            current
        } else {
            loaded(Some(self.take_snapshot()))
        }
    }

    #[cold]
    fn take_snapshot(self: &Arc<Self>) -> CellArc<Snapshot<A, R>> {
        let mut truth: MutexGuard<'_, Truth<A, R>> = lock(&self.truth);
        if let Some(current) = &*self.snapshot.load() {
            return CellArc::clone(current); // another emission came first
        }
        let expired = truth.sweep();
        let entries = match truth.blocks {
            0 => truth.in_order(),
            _ => Vec::new(),
        };
        let snapshot = CellArc::new(Snapshot {
            core: Arc::downgrade(self),
            slots: entries
                .iter()
                .map(|entry| Arc::clone(&entry.slot))
                .collect(),
        });
        // A blocked signal has no turns, which would find what expires: every emission looks here.
        if truth.blocks == 0 || truth.weak.is_empty() {
            self.snapshot.swap(Some(CellArc::clone(&snapshot)));
        }
        drop(truth);
        drop(expired);
        snapshot
    }

    #[cfg(test)]
    pub(crate) fn lock_as_a_change_does(&self) -> impl Sized {
        lock(&self.truth)
    }

    /// Lets go of all slots, as the signal is dropped. They have not left: an emission under way
    /// goes on to its end.
    pub(crate) fn abandon(&self) {
        let mut truth = lock(&self.truth);
        let slots = mem::take(&mut truth.slots);
        truth.weak = BTreeSet::new();
        let snapshot = self.snapshot.swap(None);
        drop(truth);
        drop(snapshot);
        drop(slots);
    }
}

/// What guards do with a signal whose types they do not know.
pub(crate) trait Guarded: Send + Sync {
    fn disconnect(&self, key: Connection);
    fn unblock(&self, key: Connection);
    fn unblock_all(&self);
}

impl<A: Args, R> Guarded for Core<A, R> {
    fn disconnect(&self, key: Connection) {
        Core::disconnect(self, key);
    }

    fn unblock(&self, key: Connection) {
        // Expired or not: the count must not stay behind in a slot that is still called.
        if let Some(Some(entry)) = lock(&self.truth).slots.get(key) {
            entry.slot.head().unblock();
        }
    }

    fn unblock_all(&self) {
        let mut truth = lock(&self.truth);
        truth.blocks -= 1;
        self.outdate_snapshot(&mut truth);
    }
}

/// A key set aside by [`Core::promise`]; dropped without a slot, it is dead.
pub(crate) struct Promise<'c, A: Args, R: 'static> {
    core: &'c Core<A, R>,
    pub(crate) key: Connection,
}

impl<A: Args, R> Promise<'_, A, R> {
    pub(crate) fn keep<C: Callable<A, R>>(self, placement: Placement, callable: C) -> Connection {
        let mut truth = lock(&self.core.truth);
        let expired = truth.sweep();
        truth.place(self.key, placement, callable);
        truth.promised -= 1;
        self.core.outdate_snapshot(&mut truth);
        drop(truth);
        let key = self.key;
        mem::forget(self); // kept: nothing to take back
        drop(expired);
        key
    }
}

impl<A: Args, R> Drop for Promise<'_, A, R> {
    fn drop(&mut self) {
        let mut truth = lock(&self.core.truth);
        truth.slots.remove(self.key);
        truth.promised -= 1;
    }
}

/// The slots as one emission sees them; `None` where nothing was ever connected.
pub(crate) type View<A, R> = Loaded<Snapshot<A, R>>;

/// The slots of a signal at one moment, in call order.
pub(crate) struct Snapshot<A: Args, R: 'static> {
    core: Weak<Core<A, R>>,
    pub(crate) slots: SmallVec<[SharedSlot<A, R>; 4]>,
}

impl<A: Args, R> Snapshot<A, R> {
    /// Calls every slot in order.
    #[inline]
    pub(crate) fn emit(&self, args: A::In<'_>) -> Returns<R> {
        let mut returns = Returns::new();
        if let Some((last, others)) = self.slots.split_last() {
            let mut round = Round { among: self, args };
            for slot in others {
                if let Some(result) = slot.turn(&mut round) {
                    returns.push(result);
                }
            }
            if let Some(result) = last.last_turn(self, round.args) {
                returns.push(result);
            }
        }
        returns
    }

    /// Disconnects a slot of this snapshot from the signal, if that still exists. The slot stays
    /// alive as long as the snapshot; what a waitable one captured goes with its last call.
    pub(crate) fn disconnect(&self, key: Connection) {
        if let Some(core) = self.core.upgrade() {
            core.disconnect(key);
        }
    }
}
