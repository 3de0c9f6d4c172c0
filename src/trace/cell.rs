//! The cell that a signal keeps its state in.

use std::sync::{Mutex, PoisonError};

use once_cell::race::OnceBox;

/// A `OnceLock` that takes one word instead of two, which leaves room for the label of a signal. Reading it takes as many
/// instructions.
pub(crate) struct CoreCell<T>(OnceBox<T>);

/// Held while any cell is filled, so that nobody makes a value that another thread has made too. A state that is not used
/// would leak, because it has a reference to itself.
static FILLING: Mutex<()> = Mutex::new(());

impl<T> CoreCell<T> {
    pub(crate) const fn new() -> Self {
        Self(OnceBox::new())
    }

    #[inline]
    pub(crate) fn get(&self) -> Option<&T> {
        self.0.get()
    }

    /// `make` must not run user code.
    #[inline]
    pub(crate) fn get_or_init(&self, make: impl FnOnce() -> T) -> &T {
        match self.get() {
            Some(value) => value,
            None => self.fill(make),
        }
    }

    #[cold]
    fn fill(&self, make: impl FnOnce() -> T) -> &T {
        let _filling = FILLING.lock().unwrap_or_else(PoisonError::into_inner);
        self.0.get_or_init(|| Box::new(make()))
    }
}
