//! Lets a subscriber of `tracing` hear of all other tests. It comes first, because tests are run in the order of their names.
//!
//! `SMOKE_SIGNAL_SUBSCRIBER=hears cargo test --all-features --test it`, or `panics` for one that panics each time.

use tracing::subscriber::set_global_default;

use crate::common::throw;
use crate::tracing::acting::Acting;

#[test]
fn hears_of_all_other_tests_if_asked_to() {
    match std::env::var("SMOKE_SIGNAL_SUBSCRIBER").as_deref() {
        Ok("hears") => set_global_default(Acting::new(|_| ())).unwrap(),
        Ok("panics") => set_global_default(Acting::new(|_| throw("a bad subscriber"))).unwrap(),
        Ok(other) => panic!("`hears` or `panics`, not `{other}`"),
        Err(_) => {}
    }
}
