//! What is known at compile time: the label of a signal, and the lines that emit.

use std::panic::Location;

/// What a signal is told about itself when it is made.
#[derive(Clone, Copy)]
pub(crate) struct Label {
    pub(super) name: Option<&'static str>,
    /// Warn if more slots than this are connected.
    pub(super) warn_above: usize,
}

impl Label {
    pub(crate) const fn new() -> Self {
        Self {
            name: None,
            warn_above: usize::MAX,
        }
    }

    pub(crate) const fn named(mut self, name: &'static str) -> Self {
        self.name = Some(name);
        self
    }

    pub(crate) const fn warn_above(mut self, slots: usize) -> Self {
        self.warn_above = slots;
        self
    }
}

/// The source line that emits.
#[derive(Clone, Copy)]
pub(crate) struct Origin(pub(super) &'static Location<'static>);

impl Origin {
    #[inline]
    #[track_caller]
    pub(crate) fn caller() -> Self {
        Self(Location::caller())
    }

    pub(crate) fn location(self) -> &'static Location<'static> {
        self.0
    }
}
