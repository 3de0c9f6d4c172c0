//! A description of a connected slot.

use core::fmt;
use core::panic::Location;

use crate::keys::Connection;

/// A description of one slot, as listed by [`Signal::slots`](crate::Signal::slots) and
/// [`LocalSignal::slots`](crate::LocalSignal::slots). It describes the moment of that call.
///
/// Its `Debug` output is one line, the same as in the `{:#?}` format of its signal.
///
/// ```
/// use smoke_signal::Signal;
///
/// let saved: Signal<(String,)> = Signal::new();
/// let slot = saved.options().group(3).max_calls(5).connect(|path| println!("{path}"));
///
/// let info = saved.slots().remove(0);
/// assert_eq!(info.connection, slot);
/// assert_eq!((info.group, info.calls_left), (3, Some(5)));
/// assert_eq!((info.blocked, info.weak), (false, false));
/// assert!(info.location.file().ends_with(".rs"));
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct SlotInfo {
    /// The slot's key.
    pub connection: Connection,
    /// The slot's group. Groups are called in ascending order.
    pub group: i32,
    /// How many more calls may begin. `None` means no limit.
    pub calls_left: Option<u32>,
    /// Whether a [`BlockGuard`](crate::BlockGuard) blocks the slot or the whole signal, or the slot was connected
    /// by [`connect_mut`](crate::LocalSignal#method.connect_mut) and is running.
    pub blocked: bool,
    /// Whether the slot was connected by `connect_weak`, and disconnects when its object is gone.
    pub weak: bool,
    /// How many nested emissions did not call the slot because a call of it was running. Only slots that are
    /// connected by [`connect_mut`](crate::LocalSignal#method.connect_mut) miss emissions; for others, this is 0.
    pub missed: u64,
    /// The source line that connected the slot.
    pub location: &'static Location<'static>,
}

impl fmt::Debug for SlotInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} from {}", self.connection, self.location)?;
        if self.group != 0 {
            write!(f, ", group {}", self.group)?;
        }
        if let Some(calls) = self.calls_left {
            write!(f, ", calls left: {calls}")?;
        }
        if self.blocked {
            f.write_str(", blocked")?;
        }
        if self.weak {
            f.write_str(", weak")?;
        }
        if self.missed != 0 {
            write!(f, ", missed: {}", self.missed)?;
        }
        Ok(())
    }
}
