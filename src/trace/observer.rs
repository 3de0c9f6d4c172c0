//! One emission, as it is told to a subscriber.

use std::any::Any;
use std::mem;
use std::panic::Location;
use std::sync::Arc;

use tracing::Span;
use tracing::span::Entered;

use crate::trace::events::{self, SlotId};
use crate::trace::label::Origin;
use crate::trace::listening::{is_listening, is_listening_closely, is_listening_to_emissions};
use crate::trace::subject::Name;
use crate::trace::telling::{tell, tell_end};

/// An emission that a subscriber wants to hear of, if only of its panics.
pub(crate) struct Observer {
    signal: Name,
    at: &'static Location<'static>,
    span: Span,
    /// Whether it is told of each slot.
    closely: bool,
}

impl Observer {
    /// Returns `None` if the emission is part of what a subscriber does while it is told something.
    pub(crate) fn new(signal: Name, Origin(at): Origin, slots: usize) -> Option<Self> {
        let mut observer = Self {
            signal,
            at,
            span: Span::none(),
            closely: false,
        };
        if is_listening_to_emissions() {
            observer.span = tell(|| events::emission(observer.signal.text(), at, slots))?;
            // A subscriber that does not want the span does not want what is in it either.
            observer.closely = is_listening_closely() && !observer.span.is_disabled();
        }
        Some(observer)
    }

    /// Whether it is to be told of each slot, and not only of those that panic.
    pub(crate) fn is_close(&self) -> bool {
        self.closely
    }

    /// Enters the span for as long as the returned value lives.
    pub(crate) fn enter(&self) -> Inside<'_> {
        if self.span.is_disabled() {
            return Inside(None);
        }
        let mut told = false;
        let entered = tell(|| {
            told = true;
            self.span.enter()
        });
        if told && entered.is_none() {
            // The subscriber has panicked. Some of its layers may have entered the span before.
            tell_end(|| {
                self.span.with_subscriber(|(id, all)| all.exit(id));
            });
        }
        Inside(entered)
    }

    /// A slot, or what is done to call it, has panicked.
    pub(crate) fn panicked(&self, slot: SlotId, payload: &(dyn Any + Send)) {
        events::panicked(self.signal.text(), self.at, slot, payload);
    }
}

impl Drop for Observer {
    fn drop(&mut self) {
        let span = mem::replace(&mut self.span, Span::none());
        if !span.is_disabled() {
            tell_end(|| drop(span));
        }
    }
}

/// The span of an emission has been entered. It is exited when this is dropped.
pub(crate) struct Inside<'o>(Option<Entered<'o>>);

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        if let Some(entered) = self.0.take() {
            tell_end(|| drop(entered));
        }
    }
}

/// An emission by a name that nobody listens to.
pub(crate) fn emitted_to_nobody(name: &str, origin: Origin) {
    if is_listening() && is_listening_to_emissions() {
        drop(Observer::new(Name::Shared(Arc::from(name)), origin, 0));
    }
}
