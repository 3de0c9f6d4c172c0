//! Registries: the identity of callbacks, names and their signatures, emission by name, budgets, guards.

use std::sync::Arc;

use smoke_signal::{Registry, SignatureMismatch};

/// Defines a callback that captures nothing, and a static that counts its calls.
macro_rules! counted {
    ($callback:ident, $CALLS:ident) => {
        static $CALLS: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
        fn $callback() {
            $CALLS.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        }
    };
}

pub(crate) use counted;

mod budgets;
mod captures;
mod emission;
mod guards;
mod identity;
mod names;
mod orphans;
mod panicking;
mod reentrancy;
mod removal;
mod signatures;
mod sinks;
mod typed;
mod values;

type Outcome = Result<(), SignatureMismatch>;

/// A callback that does nothing but capture a value.
fn holding<T: Send + Sync + 'static>(held: T) -> impl Fn() + Send + Sync + 'static {
    move || {
        let _ = &held;
    }
}

/// A value, and a function that returns whether it is alive.
fn watched_value() -> (Arc<()>, impl Fn() -> bool) {
    let value = Arc::new(());
    let weak = Arc::downgrade(&value);
    (value, move || weak.strong_count() > 0)
}

/// Checks the names in the registry's `Debug` text.
#[track_caller]
fn assert_names(registry: &Registry, names: &str) {
    assert_eq!(
        format!("{registry:?}"),
        format!("Registry {{ signals: {{{names}}}, .. }}")
    );
}

fn a_function() {}

/// A closure would return `!`, which is another signature.
fn raising() {
    panic!("from a callback");
}
