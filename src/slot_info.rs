//! What can be told about a connected slot.

use std::fmt;
use std::panic::Location;

use crate::keys::Connection;

/// One slot, as [`Signal::slots`](crate::Signal::slots) lists it: what was true at that moment.
///
/// Its `Debug` text is one line, as in the `{:#?}` of its signal.
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
    /// Its group: groups are called in ascending order.
    pub group: i32,
    /// How many more calls may begin; `None` without limit.
    pub calls_left: Option<u32>,
    /// A [`BlockGuard`](crate::BlockGuard) keeps it, or all of its signal, from being called.
    pub blocked: bool,
    /// It leaves with the object that it was connected with by `connect_weak`.
    pub weak: bool,
    /// The source line that connected it.
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
        Ok(())
    }
}
