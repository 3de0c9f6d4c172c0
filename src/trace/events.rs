//! The spans and events: everything that a subscriber is told. Their fields are documented in `docs/tracing.md`.

use std::any::Any;
use std::panic::Location;

use slotmap::Key;
use tracing::{Level, Span, enabled, event, span};

use crate::keys::Connection;
use crate::slot_info::SlotInfo;
use crate::trace::telling::tell;

/// The target of all spans and events.
const TARGET: &str = "smoke_signal";

/// What an event says about which slot it is.
#[derive(Clone, Copy)]
pub(crate) struct SlotId {
    pub(crate) connection: Connection,
    pub(crate) connected_at: Option<&'static Location<'static>>,
}

/// Why an emission has passed a slot over, or a slot has left its signal.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Absence {
    /// A guard blocks it.
    Blocked,
    /// A call of it is running that keeps others from beginning.
    Running,
    /// It has been disconnected.
    Gone,
    /// Its budget is used up.
    UsedUp,
    /// Its object has been dropped.
    ObjectGone,
    /// Its object has not been seen alive yet.
    ObjectAwaited,
    /// It does not want the call: a spy of another thread.
    Unwanted,
}

impl Absence {
    fn outcome(self) -> &'static str {
        match self {
            Self::Blocked => "blocked",
            Self::Running => "already running",
            Self::Gone => "gone",
            Self::UsedUp => "used up",
            Self::ObjectGone => "object gone",
            Self::ObjectAwaited => "object awaited",
            Self::Unwanted => "not wanted",
        }
    }

    fn reason(self) -> &'static str {
        match self {
            Self::Gone => "disconnected",
            other => other.outcome(),
        }
    }
}

/// The span of an emission. It has the same name for all signals, as metrics need it.
pub(super) fn emission(signal: Option<&str>, at: &Location<'_>, slots: usize) -> Span {
    span!(target: TARGET, Level::DEBUG, "emit", signal, at = display(at), slots)
}

/// Whether a warning would be heard of.
pub(super) fn warnings_are_heard() -> bool {
    tell(|| enabled!(target: TARGET, Level::WARN)).unwrap_or(false)
}

/// A slot is about to be called.
pub(super) fn called(slot: SlotId) {
    outcome(slot, "called");
}

/// A slot was not called when it was its turn.
pub(crate) fn passed_over(slot: SlotId, why: Absence) {
    outcome(slot, why.outcome());
}

fn outcome(slot: SlotId, outcome: &'static str) {
    tell(|| {
        event!(
            target: TARGET,
            Level::TRACE,
            connected_at = slot.connected_at.map(display),
            outcome,
            connection = ?slot.connection.data(),
            "slot"
        );
    });
}

pub(super) fn panicked(
    signal: Option<&str>,
    at: &Location<'_>,
    slot: SlotId,
    payload: &(dyn Any + Send),
) {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| payload.downcast_ref::<&str>().copied());
    tell(|| {
        event!(
            target: TARGET,
            Level::ERROR,
            signal,
            at = display(at),
            connected_at = slot.connected_at.map(display),
            panic = text,
            connection = ?slot.connection.data(),
            "slot panicked"
        );
    });
}

pub(super) fn connected(signal: Option<&str>, slot: SlotId) {
    tell(|| {
        event!(
            target: TARGET,
            Level::TRACE,
            signal,
            connected_at = slot.connected_at.map(display),
            connection = ?slot.connection.data(),
            "connected"
        );
    });
}

pub(super) fn disconnected(signal: Option<&str>, slot: SlotId, why: Absence) {
    tell(|| {
        event!(
            target: TARGET,
            Level::TRACE,
            signal,
            connected_at = slot.connected_at.map(display),
            reason = why.reason(),
            connection = ?slot.connection.data(),
            "disconnected"
        );
    });
}

pub(super) fn dropped(signal: Option<&str>, slots: usize) {
    tell(|| event!(target: TARGET, Level::TRACE, signal, slots, "signal dropped"));
}

/// More slots are connected than the signal should have. `listed` are those of them whose objects exist.
pub(super) fn crowded(signal: Option<&str>, slots: usize, listed: &[SlotInfo]) {
    let mut lines: Vec<_> = listed.iter().map(|slot| slot.location).collect();
    lines.sort_unstable();
    // Of several lines with as many, the first.
    let by_line = lines.chunk_by(|one, other| one == other).rev();
    let most = by_line.max_by_key(|same| same.len()).unwrap_or_default();
    tell(|| {
        event!(
            target: TARGET,
            Level::WARN,
            signal,
            slots,
            connected_at = most.first().map(display),
            connected_there = most.len(),
            "many slots are connected"
        );
    });
}

/// A name was used with other types than those that it is bound to.
pub(crate) fn mismatch(
    signal: &str,
    at: &Location<'_>,
    bound: &str,
    requested: &str,
    bound_at: &Location<'_>,
) {
    tell(|| {
        event!(
            target: TARGET,
            Level::WARN,
            signal,
            at = display(at),
            bound,
            requested,
            bound_at = display(bound_at),
            "signature mismatch"
        );
    });
}
