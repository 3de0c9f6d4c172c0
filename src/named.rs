//! The name of a signal, and what a subscriber of `tracing` is told under it.

use crate::args::Args;
#[cfg(feature = "tracing")]
use crate::core::observed::emit_observed;
#[cfg(feature = "tracing")]
use crate::returns::Returns;
use crate::signal::Signal;
#[cfg(feature = "tracing")]
use crate::trace::{Observer, Origin};

impl<A: Args, R> Signal<A, R> {
    /// Names a new signal. The name is what logs call it, with the feature `tracing`. Without the feature, the
    /// method is there too, and does nothing. On a signal that has been used, it has no effect.
    ///
    /// The page [Seeing what happens](crate::tracing_signals) shows such logs.
    ///
    /// ```
    /// use smoke_signal::Signal;
    ///
    /// static SAVED: Signal<(String,)> = Signal::new().named("saved");
    /// SAVED.emit("a.txt".to_owned());
    /// ```
    #[must_use]
    pub const fn named(mut self, name: &'static str) -> Self {
        self.label = self.label.named(name);
        self
    }

    /// With the feature `tracing`, makes a new signal warn when more than this many slots are connected, and again each
    /// time it is half more. Slots that are connected and never leave are found like this: the warning contains the
    /// source line that connected most of them. Without the feature, and on a signal that has been used, the method has
    /// no effect.
    ///
    /// The warnings of a signal with `warn_above(100)` come at 101 slots, at 151, at 226 and so on, each of them once.
    ///
    /// ```
    /// use smoke_signal::Signal;
    ///
    /// static SAVED: Signal<(String,)> = Signal::new().named("saved").warn_above(100);
    /// SAVED.connect(|path| println!("saved {path}"));
    /// ```
    #[must_use]
    pub const fn warn_above(mut self, slots: usize) -> Self {
        self.label = self.label.warn_above(slots);
        self
    }
}

#[cfg(feature = "tracing")]
impl<A: Args, R> Signal<A, R> {
    /// Returns who tells a subscriber of an emission to a number of slots. `None` if nobody wants to hear of it.
    #[cold]
    pub(crate) fn observer(&self, origin: Origin, slots: usize) -> Option<Observer> {
        let name = match self.core_if_used() {
            Some(core) => core.subject.name.clone(),
            None => self.label.into(),
        };
        Observer::new(name, origin, slots)
    }

    /// Emits, and tells a subscriber of it.
    #[cold]
    #[inline(never)]
    pub(crate) fn emit_observed(&self, args: A::In<'_>, origin: Origin) -> Returns<R> {
        let snapshot = self.snapshot();
        let slots = snapshot.as_deref().map_or(0, |list| list.slots().len());
        let mut returns = Returns::new();
        if let Some(observer) = self.observer(origin, slots) {
            emit_observed(snapshot, args, &observer, &mut returns);
        } else {
            if let Some(list) = snapshot.as_deref() {
                list.emit_rest(args, &mut returns);
            }
            drop(snapshot); // explicitly, or a panic in its drop would leak the results: see `Core::emit`
        }
        returns
    }
}
