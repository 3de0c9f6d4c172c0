//! Whether anybody listens.

use tracing::level_filters::{LevelFilter, STATIC_MAX_LEVEL};

/// Whether a subscriber wants to hear of anything: one relaxed load and a comparison.
#[inline(always)]
#[allow(clippy::inline_always, reason = "it is a part of each emission")]
pub(crate) fn is_listening() -> bool {
    STATIC_MAX_LEVEL != LevelFilter::OFF && LevelFilter::current() != LevelFilter::OFF
}

/// Whether a subscriber wants to hear of each slot, of connects and of disconnects.
#[inline]
pub(crate) fn is_listening_closely() -> bool {
    LevelFilter::TRACE <= STATIC_MAX_LEVEL && LevelFilter::TRACE <= LevelFilter::current()
}

/// Whether a subscriber wants to hear of each emission.
pub(super) fn is_listening_to_emissions() -> bool {
    LevelFilter::DEBUG <= STATIC_MAX_LEVEL && LevelFilter::DEBUG <= LevelFilter::current()
}
