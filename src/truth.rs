//! Which slots a signal has: what changes edit, under the signal's mutex.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::mem;
use std::panic::Location;
use std::ptr;
use std::sync::{Arc, Weak};

use slotmap::SlotMap;

use crate::args::Args;
use crate::core::Core;
use crate::slot::{Callable, Gap, Head, SlotOf};
use crate::snapshot::{SharedSlot, Snapshot};
use crate::sync::{CellArc, SnapshotCell};
use crate::waiting::Ending;
use crate::{Connection, SlotInfo};

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

/// Where in the list the slot of a key is.
struct Place {
    /// There or a little before: see [`Truth::drift`].
    index: u32,
    group: i32,
    /// The source line that connected it, as a number in [`Truth::locations`].
    location: u32,
    /// The list is still to be sorted for this slot to come before those of its group.
    first: bool,
}

impl Place {
    /// The index of the slot with this key, which stands at most `drift` before where it was put.
    fn find<A: Args, R>(
        &self,
        key: Connection,
        slots: &[SharedSlot<A, R>],
        drift: usize,
    ) -> Option<usize> {
        let index = self.index as usize;
        let mut near = (index.saturating_sub(drift)..=index).rev();
        near.find(|&at| slots.get(at).is_some_and(|slot| slot.head().key == key))
    }
}

/// So many gaps may go from the list before its slots are numbered anew. To number 1000 slots takes as
/// long as to emit to them; done at every gap, it would be a third of the time where one slot comes and
/// one goes between two emissions.
const DRIFT: usize = 16;

/// The truth about one signal.
///
/// The slots themselves are in one list, which is a [`Snapshot`]: it is either *published*, in the
/// cell where emissions find it, or *parked* here.
pub(crate) struct Truth<A: Args, R: 'static> {
    /// `None`: a key that `connect_with_key` has promised to a closure still to be made.
    places: SlotMap<Connection, Option<Place>>,
    /// How many of `places` are `None`.
    promised: usize,
    /// The source lines that have connected slots: few, whatever comes and goes.
    locations: Vec<&'static Location<'static>>,
    /// The keys of slots that may expire.
    weak: BTreeSet<Connection>,
    parked: Option<CellArc<Snapshot<A, R>>>,
    /// The list is parked, and no emission holds it.
    owned: bool,
    /// What stands in a parked list where a slot has left.
    gap: SharedSlot<A, R>,
    /// An emission is using what was published before the last change.
    in_use: bool,
    /// The list is not in call order; parked then.
    unsorted: bool,
    /// How many gaps have gone from the list since its slots were numbered: a slot may stand so far
    /// before the index of its place.
    drift: usize,
    /// No slot of the list is in a higher group.
    last_group: i32,
    /// How many slots are not [plain](crate::slot::Slot::is_plain), and how many are blocked.
    special: usize,
    blocked: usize,
    /// How many guards block the signal as a whole.
    blocks: usize,
    /// The waitable slots that have left and may be running still.
    leaving: Vec<(Connection, CellArc<Ending>)>,
}

#[inline]
fn number(index: usize) -> u32 {
    u32::try_from(index).expect("at most 2^31 slots are connected at a time")
}

/// A slot that has left its signal. Its drop is foreign code: it drops the captures, unless an
/// emission under way still holds them.
pub(crate) struct Departed<A: Args, R: 'static>(SharedSlot<A, R>);

impl<A: Args, R> Departed<A, R> {
    pub(crate) fn is_expired(&self) -> bool {
        self.0.is_expired()
    }
}

impl<A: Args, R> Drop for Departed<A, R> {
    fn drop(&mut self) {
        self.0.release();
    }
}

type Cell<A, R> = SnapshotCell<Snapshot<A, R>>;

/// All that take the cell expect the truth to be the cell's, and locked: every write of the cell
/// happens here.
impl<A: Args, R> Truth<A, R> {
    pub(crate) fn new(core: Weak<Core<A, R>>) -> Self {
        Self {
            places: SlotMap::with_key(),
            promised: 0,
            locations: Vec::new(),
            weak: BTreeSet::new(),
            parked: Some(CellArc::new(Snapshot::new(core))),
            owned: true,
            gap: Arc::new(SlotOf {
                head: Head::new(Connection::default(), None),
                callable: Gap,
            }),
            in_use: false,
            unsorted: false,
            drift: 0,
            last_group: i32::MIN,
            special: 0,
            blocked: 0,
            blocks: 0,
            leaving: Vec::new(),
        }
    }

    /// The list, for a look at it.
    fn look<T>(&self, cell: &Cell<A, R>, look: impl FnOnce(&Snapshot<A, R>) -> T) -> Option<T> {
        match &self.parked {
            Some(list) => Some(look(list)),
            None => cell.load().as_deref().map(look),
        }
    }

    /// The list, to be edited: parked, and held by nobody else.
    fn edit(&mut self, cell: &Cell<A, R>) -> &mut Snapshot<A, R> {
        self.park(cell);
        let list = self.parked.as_mut().expect("the list has just been parked");
        if !self.owned && CellArc::get_mut(list).is_none() {
            // Emissions under way go on with the list they have.
            list.set_plain(false);
            *list = CellArc::new(list.copy());
            self.in_use = true;
        }
        self.owned = true;
        CellArc::get_mut(list).expect("nobody else holds it")
    }

    /// Takes the list out of the cell; emissions that start from now on come to the truth.
    fn park(&mut self, cell: &Cell<A, R>) {
        if self.parked.is_none() {
            self.parked = cell.swap(None);
            self.owned = false;
        }
    }

    /// Ends a change: where emissions are frequent, as far as one can tell, the next ones are to
    /// find the list published, rather than to wait for each other here.
    pub(crate) fn settle(&mut self, cell: &Cell<A, R>) {
        if mem::take(&mut self.in_use) && self.blocks == 0 {
            self.publish(cell);
        }
    }

    /// Puts the list into the cell.
    fn publish(&mut self, cell: &Cell<A, R>) -> Option<CellArc<Snapshot<A, R>>> {
        self.arrange();
        let list = self.parked.take()?;
        list.set_plain(self.is_plain());
        cell.swap(Some(CellArc::clone(&list)));
        Some(list)
    }

    /// What an emission goes through that found nothing in the cell.
    pub(crate) fn view(&mut self, cell: &Cell<A, R>) -> Option<CellArc<Snapshot<A, R>>> {
        if let Some(published) = &*cell.load() {
            return Some(CellArc::clone(published)); // another emission came first
        }
        if self.blocks == 0 {
            return self.publish(cell);
        }
        let nothing = CellArc::new(self.parked.as_ref()?.of_none());
        // A blocked signal has no turns, which would find what expires: every emission looks here.
        if self.weak.is_empty() {
            cell.swap(Some(CellArc::clone(&nothing)));
        }
        Some(nothing)
    }

    /// Every slot may be called without a question.
    fn is_plain(&self) -> bool {
        self.special == 0 && self.blocked == 0
    }

    fn gaps(&self) -> usize {
        let length = self.parked.as_ref().map_or(0, |list| list.slots().len());
        length.saturating_sub(self.places.len() - self.promised)
    }

    /// Brings a parked list into call order, without gaps.
    fn arrange(&mut self) {
        let gaps = self.gaps();
        if !self.unsorted && gaps == 0 {
            return;
        }
        let list = self.parked.as_mut().and_then(CellArc::get_mut);
        let slots = list
            .expect("what has been edited is not shared")
            .slots_mut();
        slots.retain(|slot| !Arc::ptr_eq(slot, &self.gap));
        self.drift += gaps;
        if self.unsorted {
            slots.sort_by_cached_key(|slot| {
                self.places[slot.head().key].as_ref().map(|place| {
                    // The latest of those that are to be first comes before the others, which stay
                    // in their order: the sort is stable.
                    (place.group, Reverse(place.first.then_some(place.index)))
                })
            });
        }
        // All the weak are looked for whenever a slot is connected.
        if self.unsorted || self.drift > DRIFT / (1 + self.weak.len()) {
            for (index, slot) in slots.iter().enumerate() {
                if let Some(place) = &mut self.places[slot.head().key] {
                    place.index = number(index);
                    place.first = false;
                }
            }
            self.unsorted = false;
            self.drift = 0;
        }
        if let Some(Some(place)) = slots.last().map(|slot| &self.places[slot.head().key]) {
            self.last_group = place.group;
        }
    }

    /// Sets a key aside.
    pub(crate) fn promise(&mut self) -> Connection {
        self.promised += 1;
        self.places.insert(None)
    }

    pub(crate) fn take_back(&mut self, promised: Connection) {
        self.places.remove(promised);
        self.promised -= 1;
    }

    pub(crate) fn connect<C: Callable<A, R>>(
        &mut self,
        cell: &Cell<A, R>,
        placement: Placement,
        callable: C,
    ) -> Connection {
        let key = self.promise();
        self.keep(cell, key, placement, callable);
        key
    }

    /// Connects a slot under the key that was promised to it.
    pub(crate) fn keep<C: Callable<A, R>>(
        &mut self,
        cell: &Cell<A, R>,
        key: Connection,
        placement: Placement,
        callable: C,
    ) {
        let Placement { group, first, .. } = placement;
        let slot: SharedSlot<A, R> = Arc::new(SlotOf {
            head: Head::new(key, placement.max_calls),
            callable,
        });
        self.special += usize::from(!slot.is_plain());
        if C::WEAK {
            self.weak.insert(key);
            if self.blocks > 0 {
                cell.swap(None); // emissions to nobody are to look here, as in `view`
            }
        }
        if self.gaps() > self.places.len() {
            self.arrange();
        }
        let location = self.number_of(placement.location);
        let slots = self.edit(cell).slots_mut();
        let index = number(slots.len());
        slots.push(slot);
        self.places[key] = Some(Place {
            index,
            group,
            location,
            first: first && index > 0,
        });
        self.promised -= 1;
        self.unsorted |= index > 0 && (first || group < self.last_group);
        self.last_group = match index {
            0 => group,
            _ => group.max(self.last_group),
        };
    }

    fn number_of(&mut self, location: &'static Location<'static>) -> u32 {
        let mut known = self.locations.iter();
        let index = known.rposition(|known| ptr::eq(*known, location));
        number(index.unwrap_or_else(|| {
            self.locations.push(location);
            self.locations.len() - 1
        }))
    }

    /// Runs `look` on the slot of a key, expired or not.
    fn with_slot<T>(
        &self,
        cell: &Cell<A, R>,
        key: Connection,
        look: impl FnOnce(&SharedSlot<A, R>) -> T,
    ) -> Option<T> {
        let place = self.places.get(key)?.as_ref()?;
        self.look(cell, |list| {
            let index = place.find(key, list.slots(), self.drift)?;
            Some(look(&list.slots()[index]))
        })?
    }

    fn is_expired(&self, cell: &Cell<A, R>, key: Connection) -> bool {
        self.weak.contains(&key) && self.with_slot(cell, key, |s| s.is_expired()) == Some(true)
    }

    /// Runs `look` on the slot of a key, where it is connected and has not expired.
    pub(crate) fn with_connected<T>(
        &self,
        cell: &Cell<A, R>,
        key: Connection,
        look: impl FnOnce(&SharedSlot<A, R>) -> T,
    ) -> Option<T> {
        if self.is_expired(cell, key) {
            return None;
        }
        self.with_slot(cell, key, look)
    }

    pub(crate) fn contains(&self, cell: &Cell<A, R>, key: Connection) -> bool {
        matches!(self.places.get(key), Some(Some(_))) && !self.is_expired(cell, key)
    }

    pub(crate) fn len(&self, cell: &Cell<A, R>) -> usize {
        self.places.len() - self.promised - self.expired(cell).count()
    }

    fn expired(&self, cell: &Cell<A, R>) -> impl Iterator<Item = Connection> {
        let keys = self.weak.iter().copied();
        keys.filter(|&key| self.is_expired(cell, key))
    }

    /// Takes out the slots that have expired.
    pub(crate) fn sweep(&mut self, cell: &Cell<A, R>) -> Vec<Departed<A, R>> {
        if self.weak.is_empty() {
            return Vec::new();
        }
        let expired: Vec<_> = self.expired(cell).collect();
        let departed = expired.into_iter().filter_map(|key| self.take(cell, key));
        departed.collect()
    }

    /// Takes a slot out, expired or not.
    pub(crate) fn take(&mut self, cell: &Cell<A, R>, key: Connection) -> Option<Departed<A, R>> {
        let place = self.places.get_mut(key)?.take()?;
        self.places.remove(key);
        let gap = Arc::clone(&self.gap);
        let drift = self.drift;
        let slots = self.edit(cell).slots_mut();
        let index = place.find(key, slots, drift);
        let index = index.expect("no slot has drifted farther");
        // Those connected last are often the first to leave: at the end there are no gaps.
        let slot = mem::replace(&mut slots[index], Arc::clone(&gap));
        while slots.last().is_some_and(|last| Arc::ptr_eq(last, &gap)) {
            slots.pop();
        }
        Some(self.leave(slot))
    }

    /// Takes all slots out.
    pub(crate) fn take_all(&mut self, cell: &Cell<A, R>) -> Vec<Departed<A, R>> {
        self.places.retain(|_, place| place.is_none());
        self.unsorted = false;
        self.drift = 0;
        let mut slots = mem::take(self.edit(cell).slots_mut());
        slots.retain(|slot| !Arc::ptr_eq(slot, &self.gap));
        slots.into_iter().map(|slot| self.leave(slot)).collect()
    }

    /// Marks a slot that has been taken out.
    fn leave(&mut self, slot: SharedSlot<A, R>) -> Departed<A, R> {
        let head = slot.head();
        self.special -= usize::from(!slot.is_plain());
        self.blocked -= usize::from(head.is_blocked());
        head.leave();
        if slot.is_weak() {
            self.weak.remove(&head.key);
        }
        if let Some(ending) = slot.ending() {
            self.leaving.retain(|(_, ending)| !ending.is_over());
            self.leaving.push((head.key, CellArc::clone(ending)));
        }
        Departed(slot)
    }

    /// The end of a waitable slot that has left.
    pub(crate) fn ending(&self, key: Connection) -> Option<CellArc<Ending>> {
        let mut leaving = self.leaving.iter();
        let (_, ending) = leaving.find(|(left, _)| *left == key)?;
        Some(CellArc::clone(ending))
    }

    /// Blocks a slot once more; tells whether it is there.
    pub(crate) fn block(&mut self, cell: &Cell<A, R>, key: Connection) -> bool {
        let blocked = self.with_connected(cell, key, |slot| slot.head().is_blocked());
        let Some(blocked) = blocked else { return false };
        self.blocked += usize::from(!blocked);
        // First: whoever has found the slot blocked is not to call it afterwards without a question.
        self.look(cell, |list| list.set_plain(false));
        self.with_slot(cell, key, |slot| slot.head().block());
        true
    }

    pub(crate) fn unblock(&mut self, cell: &Cell<A, R>, key: Connection) {
        // Expired or not: the count must not stay behind in a slot that is still called.
        let freed = self.with_slot(cell, key, |slot| {
            slot.head().unblock();
            !slot.head().is_blocked()
        });
        self.blocked -= usize::from(freed == Some(true));
        self.look(cell, |list| list.set_plain(self.is_plain()));
    }

    /// Blocks the whole signal once more, for emissions that start from now on.
    pub(crate) fn block_all(&mut self, cell: &Cell<A, R>) {
        self.park(cell);
        self.blocks += 1;
    }

    pub(crate) fn unblock_all(&mut self, cell: &Cell<A, R>) {
        self.blocks -= 1;
        if self.blocks == 0 {
            cell.swap(None); // the list of no slots
        }
    }

    pub(crate) fn is_blocked(&self, cell: &Cell<A, R>, key: Connection) -> bool {
        self.with_connected(cell, key, |slot| self.is_kept_from_calls(slot))
            .unwrap_or(false)
    }

    fn is_kept_from_calls(&self, slot: &SharedSlot<A, R>) -> bool {
        self.blocks > 0 || slot.head().is_blocked()
    }

    /// What `each` makes of the slots, in call order.
    pub(crate) fn list<T>(
        &mut self,
        cell: &Cell<A, R>,
        each: impl Fn(&Self, &SharedSlot<A, R>) -> Option<T>,
    ) -> Vec<T> {
        self.arrange();
        self.look(cell, |list| {
            let slots = list.slots().iter().filter(|slot| !slot.is_expired());
            slots.filter_map(|slot| each(self, slot)).collect()
        })
        .unwrap_or_default()
    }

    /// What can be told about a slot, which is connected.
    pub(crate) fn info(&self, slot: &SharedSlot<A, R>) -> Option<SlotInfo> {
        let connection = slot.head().key;
        let place = self.places.get(connection)?.as_ref()?;
        Some(SlotInfo {
            connection,
            group: place.group,
            calls_left: slot.calls_left(),
            blocked: self.is_kept_from_calls(slot),
            weak: slot.is_weak(),
            location: self.locations[place.location as usize],
        })
    }

    /// Lets go of all slots, which have not left: emissions under way go on to their end.
    pub(crate) fn abandon(&mut self, cell: &Cell<A, R>) -> impl Sized + use<A, R> {
        self.places = SlotMap::with_key();
        self.weak = BTreeSet::new();
        (self.parked.take(), cell.swap(None))
    }
}
