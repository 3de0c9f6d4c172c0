//! The empty types that take the place of those with the feature `tracing`.

/// What a signal is told about itself when it is made.
#[derive(Clone, Copy)]
pub(crate) struct Label;

impl Label {
    pub(crate) const fn new() -> Self {
        Self
    }

    pub(crate) const fn named(self, _name: &'static str) -> Self {
        self
    }

    pub(crate) const fn warn_above(self, _slots: usize) -> Self {
        self
    }
}

/// The source line that emits.
#[derive(Clone, Copy)]
pub(crate) struct Origin;

impl Origin {
    pub(crate) const fn caller() -> Self {
        Self
    }
}
