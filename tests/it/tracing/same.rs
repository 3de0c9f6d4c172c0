//! Emissions that a subscriber hears of do what the model says: the random programs of `reference`, with subscribers.

use proptest::proptest;
use proptest::test_runner::Config;
use tracing::Level;

use super::acting::Acting;
use super::log::with_default;
use crate::common::throw;
use crate::reference::{config, registry, signal};

/// Runs `work` with subscribers that hear of everything, of emissions, of panics, and with one that never works.
fn with_each(work: impl Fn()) {
    for level in [Level::TRACE, Level::DEBUG, Level::ERROR] {
        with_default(Acting::new(|_| ()).at(level), &work);
    }
    with_default(Acting::new(|_| throw("a bad subscriber")), &work);
}

/// Fewer than in `reference`, because each program runs several times.
fn fewer() -> Config {
    let config = config();
    Config {
        cases: config.cases / 5,
        ..config
    }
}

proptest! {
    #![proptest_config(fewer())]

    #[test]
    fn a_signal_that_is_heard_of_does_what_a_vec_of_slots_would(program in signal::strategies::program()) {
        with_each(|| signal::compare(&program));
        with_each(|| signal::compare_local(&program));
    }

    #[test]
    fn a_registry_that_is_heard_of_does_what_lists_of_names_would(program in registry::strategies::program()) {
        with_each(|| registry::compare(&program));
    }
}
