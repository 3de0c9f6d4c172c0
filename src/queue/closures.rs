//! The closures of a queue, which stay on its thread.
//!
//! The slots that store calls are in signals, and any thread may drop them. The closures are here: only the
//! queue's thread calls and drops them. A slot that leaves its signal on that thread finds its closure through a
//! thread-local. On any other thread it leaves a note in the [`Store`], and the queue's thread drops the closure
//! later.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::mem::{self, ManuallyDrop};
use std::ptr;
use std::rc::{Rc, Weak};
use std::sync::Arc;
use std::thread;

use slotmap::SecondaryMap;

use crate::discard::discard;
use crate::queue::buffer::Buffer;
use crate::queue::store::{Locked, SlotId, Store};
use crate::scoped::ScopedConnection;
use crate::sync::thread_local;

/// The closures of one queue. User code, which may use the queue, runs while none is borrowed.
#[derive(Default)]
pub(super) struct Closures(RefCell<SecondaryMap<SlotId, Closure>>);

struct Closure {
    /// `None` while it is being called.
    callable: Option<Box<dyn Callable>>,
    /// Disconnects the slot with the queue. `None` until the slot has been connected.
    connection: Option<ScopedConnection>,
}

thread_local! {
    // Loom's macro does not support a `const` initialiser.
    #[allow(clippy::missing_const_for_thread_local)]
    /// The closures of the queues of this thread, by the address of their store.
    ///
    /// Never dropped, so that it is there while other thread-locals are being destroyed too. It is empty, and
    /// allocates nothing, once all queues of the thread have been dropped.
    static HERE: ManuallyDrop<RefCell<BTreeMap<*const Store, Weak<Closures>>>> =
        ManuallyDrop::new(RefCell::new(BTreeMap::new()));
}

/// Drops the closures of slots that have been removed from `store`, if this is the thread of its queue.
pub(super) fn sweep_if_here(store: &Store) {
    let here = HERE.try_with(|here| here.borrow().get(&ptr::from_ref(store))?.upgrade());
    if let Ok(Some(closures)) = here {
        closures.sweep(store);
    }
}

impl Closures {
    /// Creates closures that slots on this thread find.
    pub(super) fn of(store: &Store) -> Rc<Self> {
        let closures = Rc::new(Self::default());
        let weak = Rc::downgrade(&closures);
        let _ = HERE.try_with(|here| here.borrow_mut().insert(store, weak));
        closures
    }

    pub(super) fn insert<A: 'static>(
        &self,
        slot: SlotId,
        buffer: Arc<Buffer<A>>,
        f: impl FnMut(A) + 'static,
    ) {
        let callable = TypedCallable { f, buffer };
        let closure = Closure {
            callable: Some(Box::new(callable)),
            connection: None,
        };
        self.0.borrow_mut().insert(slot, closure);
    }

    /// Ties the connection of a slot to its closure.
    pub(super) fn tie(&self, slot: SlotId, connection: ScopedConnection) {
        let mut connection = Some(connection);
        if let Some(closure) = self.0.borrow_mut().get_mut(slot) {
            closure.connection = connection.take();
        }
        drop(connection); // the slot has left already
    }

    /// Takes the oldest call of a slot, unlocks the state, and calls the closure.
    pub(super) fn call(&self, slot: SlotId, store: &Store, state: Locked<'_>) {
        let taken = self.0.borrow_mut()[slot].callable.take();
        let mut running = Running {
            closures: self,
            slot,
            callable: Some(taken.expect("one call at a time")),
        };
        let callable = running.callable.as_mut().expect("it has just been taken");
        callable.call(slot, store, state);
    }

    /// Drops the closures of slots that have been removed.
    pub(super) fn sweep(&self, store: &Store) {
        let removed = store.take_removed();
        if !removed.is_empty() {
            let mut closures = self.0.borrow_mut();
            let dropped = Vec::from_iter(removed.into_iter().map(|slot| closures.remove(slot)));
            drop(closures);
            drop(dropped);
        }
    }

    /// Disconnects all slots. Returns their closures, for the caller to drop.
    pub(super) fn close(&self, store: &Store) -> impl Sized + use<> {
        let _ = HERE.try_with(|here| {
            let mut here = here.borrow_mut();
            here.remove(&ptr::from_ref(store));
            if here.is_empty() {
                *here = BTreeMap::new(); // an empty map may keep an allocation
            }
        });
        let mut closures = mem::take(&mut *self.0.borrow_mut());
        for closure in closures.values_mut() {
            closure.connection = None;
        }
        closures
    }
}

/// A closure that is being called.
struct Running<'c> {
    closures: &'c Closures,
    slot: SlotId,
    callable: Option<Box<dyn Callable>>,
}

impl Drop for Running<'_> {
    /// Puts the closure back, or drops it if its slot has been removed meanwhile.
    fn drop(&mut self) {
        if let Some(closure) = self.closures.0.borrow_mut().get_mut(self.slot) {
            closure.callable = self.callable.take();
        }
        if thread::panicking() {
            // The call panicked. A second panic would abort the process.
            discard(self.callable.take());
        }
    }
}

/// A closure, whatever the type of its arguments.
trait Callable {
    /// Takes the oldest call of the slot, unlocks the state, and calls the closure.
    fn call(&mut self, slot: SlotId, store: &Store, state: Locked<'_>);
}

struct TypedCallable<A, F> {
    f: F,
    buffer: Arc<Buffer<A>>,
}

impl<A, F: FnMut(A)> Callable for TypedCallable<A, F> {
    fn call(&mut self, slot: SlotId, store: &Store, state: Locked<'_>) {
        let arguments = store.pop(slot, &self.buffer, state, None);
        (self.f)(arguments);
    }
}
