//! The handle of a link.

use std::fmt;
use std::sync::{Arc, Weak};

use tokio::sync::mpsc;

use crate::shared::{LinkId, Shared};
use crate::transport::Command;

/// A signal and a subject that are linked, until this is dropped or the bridge closes. Returned by
/// [`Bridge::send`](crate::Bridge::send), [`receive`](crate::Bridge::receive) and [`share`](crate::Bridge::share).
///
/// When the drop returns, no further emission goes out by this link, and no further delivery begins. One that is in
/// progress ends by itself and is not waited for, so a slot may drop the link that calls it. What is queued goes out.
///
/// ```
/// use smoke_signal::Signal;
/// use smoke_signal_nats::Loopback;
///
/// static MOVED: Signal<(i32, i32)> = Signal::new();
///
/// let bridge = Loopback::new().bridge();
/// let link = bridge.send(&MOVED, "game.moved.v1").unwrap();
/// assert_eq!(MOVED.len(), 1);
/// drop(link);
/// assert!(MOVED.is_empty());
/// ```
#[must_use = "dropping it ends the link at once; to keep the link, keep this, or `release` it"]
pub struct Link {
    shared: Weak<Shared>,
    commands: mpsc::UnboundedSender<Command>,
    id: LinkId,
}

impl Link {
    pub(crate) fn new(
        shared: &Arc<Shared>,
        commands: mpsc::UnboundedSender<Command>,
        id: LinkId,
    ) -> Self {
        Self {
            shared: Arc::downgrade(shared),
            commands,
            id,
        }
    }

    /// Consumes the handle: the link lasts until the bridge closes.
    ///
    /// ```
    /// use smoke_signal::Signal;
    /// use smoke_signal_nats::Loopback;
    ///
    /// static MOVED: Signal<(i32, i32)> = Signal::new();
    ///
    /// let bridge = Loopback::new().bridge();
    /// bridge.send(&MOVED, "game.moved.v1").unwrap().release();
    /// assert_eq!(MOVED.len(), 1);
    /// drop(bridge);
    /// assert!(MOVED.is_empty());
    /// ```
    pub fn release(mut self) {
        self.shared = Weak::new();
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        if let Some(shared) = self.shared.upgrade() {
            shared.end_link(self.id);
            // An error means that the bridge has ended.
            let _ended = self.commands.send(Command::Remove(self.id));
        }
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link").finish_non_exhaustive()
    }
}
