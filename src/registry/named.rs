//! The kinds of signals that a name can be bound to, and the operations of a registry on a signal whose
//! types it does not know.

use std::any::Any;
#[cfg(feature = "tracing")]
use std::panic::Location;
use std::sync::Arc;

use crate::args::Args;
use crate::core::{Core, Count};
use crate::keys::Connection;
use crate::registry::mismatch::Signature;
use crate::signal::Signal;
use crate::slot_info::SlotInfo;
use crate::trace::Origin;
#[cfg(feature = "tracing")]
use crate::trace::is_listening;

/// Slots that have been removed from their signals under the registry's lock. Dropping them runs user
/// code, so it is deferred until after unlocking.
pub(crate) type DeferredDrops = Vec<Box<dyn Send + Sync>>;

/// A kind of signal that a name can be bound to.
pub(crate) trait Named: Default + Send + Sync + 'static {
    type Args: Args;
    type Ret: 'static;

    fn signature() -> Signature;
    fn signal(&self) -> &Signal<Self::Args, Self::Ret>;
    /// Returns the value that emission by name looks up in the dispatch table. It must not own the signal
    /// itself, because an emission may still hold an old table when the signal is dropped.
    fn emitter(self: &Arc<Self>) -> Arc<dyn Any + Send + Sync>;
}

impl<A: Args, R: 'static> Named for Signal<A, R> {
    type Args = A;
    type Ret = R;

    fn signature() -> Signature {
        Signature::of::<A, R>()
    }

    fn signal(&self) -> &Self {
        self
    }

    fn emitter(self: &Arc<Self>) -> Arc<dyn Any + Send + Sync> {
        Arc::new(Emitter::<A>(self.core().clone()))
    }
}

/// A signal whose types are not known where it is used.
pub(crate) trait AnySignal: Send + Sync {
    /// Whether a slot is connected, or was when the signal was dropped and an emission may still call it.
    fn can_leave(&self, connection: Connection) -> bool;
    /// Disconnects a slot, and returns whether it was connected.
    fn disconnect_into(&self, connection: Connection, drops: &mut DeferredDrops) -> bool;
    fn disconnect_all_into(&self, drops: &mut DeferredDrops);
    /// Tells a subscriber that a slot has been connected. No lock may be held.
    #[cfg(feature = "tracing")]
    fn tell_connected(&self, connection: Connection, at: &'static Location<'static>);
    /// Drops slots that have expired. This runs user code, so no lock may be held.
    fn sweep(&self);
    /// Lists the slots in call order, unless another thread holds the signal's lock.
    fn try_slots(&self) -> Option<Vec<SlotInfo>>;
}

impl<A: Args, R: 'static> AnySignal for Core<A, R> {
    fn can_leave(&self, connection: Connection) -> bool {
        Core::can_leave(self, connection)
    }

    fn disconnect_into(&self, connection: Connection, drops: &mut DeferredDrops) -> bool {
        let Some(slot) = self.remove(connection) else {
            return false;
        };
        let was_connected = slot.was_connected();
        drops.push(Box::new(slot));
        was_connected
    }

    fn disconnect_all_into(&self, drops: &mut DeferredDrops) {
        drops.push(Box::new(self.disconnect_all()));
    }

    #[cfg(feature = "tracing")]
    fn tell_connected(&self, connection: Connection, at: &'static Location<'static>) {
        Core::tell_connected(self, connection, at);
    }

    fn sweep(&self) {
        Core::sweep(self);
    }

    fn try_slots(&self) -> Option<Vec<SlotInfo>> {
        Core::try_slots(self)
    }
}

/// A signal whose result type is not known where it is used.
pub(crate) trait EmitAny<A: Args>: Send + Sync {
    /// Emits, and returns how many slots were called.
    fn emit_any(&self, args: A::In<'_>, origin: Origin) -> usize;
}

impl<A: Args, R: 'static> EmitAny<A> for Core<A, R> {
    #[cfg_attr(not(feature = "tracing"), allow(unused_variables))]
    fn emit_any(&self, args: A::In<'_>, origin: Origin) -> usize {
        #[cfg(feature = "tracing")]
        if is_listening() {
            return self.count_observed(args, origin);
        }
        if let Some(list) = self.stable_list() {
            return list.emit(args, Count::default()).0;
        }
        let snapshot = self.snapshot();
        let list = snapshot.as_deref();
        list.map_or(0, |list| list.emit_rest(args, Count::default()).0)
    }
}

/// An [`EmitAny`] as a sized type, which an `Any` can be downcast to.
pub(crate) struct Emitter<A: Args>(pub(crate) Arc<dyn EmitAny<A>>);
