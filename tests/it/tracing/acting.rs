//! A subscriber that does something whenever it is told something.

use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::Interest;
use tracing::{Event, Level, Metadata, Subscriber};

/// The methods of a subscriber that the library leads to.
pub(crate) const CALLS: [&str; 6] = ["enabled", "new_span", "event", "enter", "exit", "try_close"];

/// Calls a closure with the name of each method that is called.
pub(crate) struct Acting<F> {
    act: F,
    level: Level,
}

impl<F: Fn(&'static str) + Send + Sync + 'static> Acting<F> {
    pub(crate) fn new(act: F) -> Self {
        Self {
            act,
            level: Level::TRACE,
        }
    }

    /// Hears of this level and those above it.
    pub(crate) fn at(self, level: Level) -> Self {
        Self { level, ..self }
    }
}

impl<F: Fn(&'static str) + Send + Sync + 'static> Subscriber for Acting<F> {
    /// So that `enabled` is asked each time.
    fn register_callsite(&self, _metadata: &'static Metadata<'static>) -> Interest {
        Interest::sometimes()
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        (self.act)("enabled");
        *metadata.level() <= self.level
    }

    fn new_span(&self, _attributes: &Attributes<'_>) -> Id {
        (self.act)("new_span");
        Id::from_u64(1)
    }

    fn record(&self, _span: &Id, _values: &Record<'_>) {}

    fn record_follows_from(&self, _span: &Id, _follows: &Id) {}

    fn event(&self, _event: &Event<'_>) {
        (self.act)("event");
    }

    fn enter(&self, _span: &Id) {
        (self.act)("enter");
    }

    fn exit(&self, _span: &Id) {
        (self.act)("exit");
    }

    fn try_close(&self, _id: Id) -> bool {
        (self.act)("try_close");
        true
    }
}
