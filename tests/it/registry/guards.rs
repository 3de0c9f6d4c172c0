//! Guards that emit by name.

use std::mem;
use std::panic;
use std::sync::{Arc, Mutex};
use std::thread;

use smoke_signal::{Emitting, Registry};

use crate::common::{Counter, Recorder, thrown};

use super::{Outcome, holding, raising, watched_value};

#[test]
fn a_guard_emits_exactly_once() -> Outcome {
    let registry = Registry::new();
    let calls = Counter::default();
    registry.on("foo", calls.adding())?;
    let guard = registry.emitting("foo")?;
    assert_eq!(calls.get(), 0);
    drop(guard);
    assert_eq!(calls.get(), 1);
    mem::forget(registry.emitting("foo")?);
    assert_eq!(calls.get(), 1, "a forgotten guard does not emit");
    assert_eq!(
        format!("{:?}", registry.emitting("foo")?),
        "Emitting { .. }"
    );
    Ok(())
}

#[test]
fn a_guard_on_another_thread_emits_there() -> Outcome {
    let registry = Registry::new();
    let log = Recorder::new();
    let notes = log.clone();
    registry.on("foo", move || {
        notes.add(format!("{:?}", thread::current().id()));
    })?;
    let guard: Emitting<'static> = registry.emitting("foo")?;
    let there = thread::spawn(move || {
        let _guard = guard;
        format!("{:?}", thread::current().id())
    })
    .join()
    .expect("it only emits");
    assert_eq!(log.take(), [there]);
    Ok(())
}

#[test]
fn a_guard_of_a_dropped_registry_does_nothing() -> Outcome {
    let registry = Registry::new();
    let calls = Counter::default();
    let (value, alive) = watched_value();
    registry.on("foo", calls.adding())?;
    registry.on("foo", holding(value))?;
    let guard = registry.emitting("foo")?;
    drop(registry);
    assert!(!alive(), "the guard does not keep it alive");
    drop(guard);
    assert_eq!(calls.get(), 0);
    Ok(())
}

#[test]
fn a_guard_dropped_by_a_panic_in_a_callback_emits() -> Outcome {
    static REGISTRY: Registry = Registry::new();
    let log = Recorder::new();
    let notes = log.clone();
    REGISTRY.on("work", move || {
        let _guard = REGISTRY.emitting_between("enter", "exit").unwrap();
        notes.add("work");
        panic!("from work");
    })?;
    REGISTRY.on("enter", log.adding("enter"))?;
    REGISTRY.on("exit", log.adding("exit"))?;
    REGISTRY.on("exit", raising)?;
    REGISTRY.on("exit", log.adding("not reached"))?;
    assert_eq!(thrown(|| REGISTRY.emit("work", ())), "from work");
    assert_eq!(log.take(), ["enter", "work", "exit"]);
    Ok(())
}

#[test]
fn a_guard_dropped_inside_an_emission_emits_at_once() -> Outcome {
    // The callback owns a guard, and is dropped when it is used up.
    let registry = Registry::new();
    let log = Recorder::new();
    registry.on("inner", log.adding("inner"))?;
    let guard = registry.emitting("inner")?;
    let notes = log.clone();
    registry.once("outer", move || {
        let _ = &guard;
        notes.add("outer");
    })?;
    drop(registry.emitting("outer")?);
    assert_eq!(log.take(), ["outer", "inner"]);
    Ok(())
}

#[test]
fn a_guard_does_not_keep_its_registry_during_its_own_emission() -> Outcome {
    let registry = Arc::new(Mutex::new(Some(Registry::new())));
    let dropped = Counter::default();
    let guard = {
        let held = registry.lock().unwrap();
        let held = held.as_ref().unwrap();
        held.on("other", dropped.tracked().held())?;
        let (owner, dropped) = (Arc::clone(&registry), dropped.clone());
        held.on("done", move || {
            let registry = owner.lock().unwrap().take();
            drop(registry);
            assert_eq!(dropped.get(), 1);
        })?;
        held.emitting("done")?
    };
    drop(guard);
    assert!(registry.lock().unwrap().is_none(), "it was called");
    Ok(())
}
