//! How a slot is connected.

use std::panic::Location;

/// How a slot is connected.
#[derive(Clone, Copy)]
pub(crate) struct SlotOptions {
    pub(crate) group: i32,
    /// Whether the slot goes before those that are already in its group, not after them.
    pub(crate) first: bool,
    /// The source line that connects it.
    pub(crate) location: &'static Location<'static>,
}

impl SlotOptions {
    pub(crate) fn new(location: &'static Location<'static>) -> Self {
        Self {
            group: 0,
            first: false,
            location,
        }
    }
}
