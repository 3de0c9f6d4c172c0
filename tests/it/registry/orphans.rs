//! A registry has been dropped, while a typed signal of it is still used.

use std::sync::Arc;

use smoke_signal::{Registry, Signal};

use crate::common::Counter;

use super::{Outcome, holding, watched_value};

type Signals = [Arc<Signal<()>>; 2];

fn signals(registry: &Registry) -> Signals {
    ["foo", "bar"].map(|name| registry.signal(name).unwrap())
}

#[test]
fn a_scope_ends_its_callback() -> Outcome {
    let registry = Registry::new();
    let [foo, bar] = signals(&registry);
    let calls = Counter::default();
    let scoped = registry.scoped(registry.on(["foo", "bar"], calls.adding())?);
    drop(registry);
    foo.emit();
    assert_eq!(calls.get(), 1);
    drop(scoped);
    assert!(foo.is_empty() && bar.is_empty());
    foo.emit();
    bar.emit();
    assert_eq!(calls.get(), 1);
    Ok(())
}

#[test]
fn a_callback_leaves_all_its_signals_with_its_last_call() -> Outcome {
    let registry = Registry::new();
    let [foo, bar] = signals(&registry);
    let (value, alive) = watched_value();
    registry.on_max(["foo", "bar"], 2, holding(value))?;
    drop(registry);
    foo.emit();
    assert_eq!(bar.slots()[0].calls_left, Some(1));
    bar.emit();
    assert!(foo.slots().is_empty(), "{:?}", foo.slots());
    assert!(bar.slots().is_empty(), "{:?}", bar.slots());
    assert!(!alive());
    Ok(())
}
