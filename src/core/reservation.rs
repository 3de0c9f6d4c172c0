//! A key that is known before its slot.

use crate::args::Args;
use crate::core::Core;
use crate::core::slot::SharedSlot;
use crate::core::slot_options::SlotOptions;
use crate::keys::Connection;

/// A key reserved by [`Core::reserve`]. If it is dropped without a slot, the key is dead.
pub(crate) struct Reservation<'c, A: Args, R: 'static> {
    core: &'c Core<A, R>,
    pub(crate) key: Connection,
}

impl<'c, A: Args, R> Reservation<'c, A, R> {
    pub(crate) fn new(core: &'c Core<A, R>) -> Self {
        Self {
            core,
            key: core.lock().state.table.reserve(),
        }
    }

    /// Connects the slot that the key was reserved for.
    pub(crate) fn commit(self, options: SlotOptions, slot: SharedSlot<A, R>) -> Connection {
        let mut locked = self.core.lock_swept();
        let key = locked.connect(Some(self.key), options, slot);
        drop(locked);
        #[cfg(feature = "tracing")]
        self.core.tell_connected(key, options.location);
        std::mem::forget(self); // nothing to cancel
        key
    }
}

impl<A: Args, R> Drop for Reservation<'_, A, R> {
    fn drop(&mut self) {
        self.core.lock().state.table.cancel(self.key);
    }
}
