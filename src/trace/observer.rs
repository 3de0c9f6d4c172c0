//! One emission, as it is told to a subscriber.

use std::any::Any;
use std::mem;
use std::panic::Location;
use std::sync::Arc;

use tracing::Span;
use tracing::span::Entered;

use crate::trace::events::{self, Absence, SlotId};
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
    /// Returns `None` if there is nothing to tell, or nobody to tell it to.
    pub(crate) fn new(signal: Name, Origin(at): Origin, slots: usize) -> Option<Self> {
        let to_emissions = is_listening_to_emissions();
        let (span, heard) = tell(|| {
            let span = if to_emissions {
                events::emission(signal.text(), at, slots)
            } else {
                Span::none()
            };
            let heard = !span.is_disabled() || events::panics_are_heard();
            (span, heard)
        })?;
        heard.then(|| Self {
            signal,
            at,
            span,
            closely: is_listening_closely(),
        })
    }

    /// Enters the span for as long as the returned value lives.
    pub(crate) fn enter(&self) -> Inside<'_> {
        if self.span.is_disabled() {
            return Inside(None);
        }
        Inside(tell(|| self.span.enter()))
    }

    /// A slot is about to be called.
    pub(crate) fn called(&self, slot: SlotId) {
        if self.closely {
            events::called(slot);
        }
    }

    /// A slot was not called when it was its turn.
    pub(crate) fn passed_over(&self, slot: SlotId, why: impl FnOnce() -> Absence) {
        if self.closely {
            events::passed_over(slot, why());
        }
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
