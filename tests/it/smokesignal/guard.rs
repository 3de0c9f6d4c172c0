//! The guard that emits at the end of a scope.

use std::panic;

use smoke_signal::Registry;

use crate::common::{Counter, Recorder, thrown};

use super::Outcome;

#[test]
fn test_emitting_arg_style() -> Outcome {
    // smokesignal: test_emitting_arg_style
    let registry = Registry::new();
    let log = Recorder::new();
    registry.on("foo", log.adding("foo"))?;
    {
        let _guard = registry.emitting("foo")?;
        log.add("body");
    }
    assert_eq!(log.take(), ["body", "foo"]);
    Ok(())
}

#[test]
fn test_emitting_kwarg_style() -> Outcome {
    // smokesignal: test_emitting_kwarg_style. Here the entry name comes first, in a method named after it.
    let registry = Registry::new();
    let log = Recorder::new();
    registry.on("foo", log.adding("foo"))?;
    registry.on("bar", log.adding("bar"))?;
    {
        let _guard = registry.emitting_between("foo", "bar")?;
        log.add("body");
    }
    assert_eq!(log.take(), ["foo", "body", "bar"]);
    Ok(())
}

#[test]
fn emitting_the_empty_name() -> Outcome {
    let registry = Registry::new();
    let log = Recorder::new();
    registry.on("", log.adding("empty"))?;
    registry.on("None", log.adding("None"))?;
    drop(registry.emitting("foo")?);
    assert_eq!(log.take(), [""; 0]);
    drop(registry.emitting_between("", "None")?);
    assert_eq!(log.take(), ["empty", "None"]);
    Ok(())
}

#[test]
fn emitting_when_the_body_panics() -> Outcome {
    let registry = Registry::new();
    let log = Recorder::new();
    registry.on("foo", log.adding("foo"))?;
    let raised = thrown(|| {
        let _guard = registry.emitting("foo").unwrap();
        log.add("body");
        panic!("from the body");
    });
    assert_eq!(raised, "from the body");
    assert_eq!(log.take(), ["body", "foo"]);
    Ok(())
}

#[test]
fn emitting_when_the_body_returns_early() -> Outcome {
    // In place of a decorated function, a function that holds a guard emits on each call.
    fn leave_early(registry: &Registry, how: &str) -> Outcome {
        for _ in 0..2 {
            let _guard = registry.emitting("foo")?;
            if how == "continue" {
                continue;
            }
            if how == "break" {
                break;
            }
            return Ok(());
        }
        Ok(())
    }

    let registry = Registry::new();
    let calls = Counter::default();
    registry.on("foo", calls.adding())?;
    for (how, expected) in [("return", 1), ("break", 2), ("continue", 4), ("return", 5)] {
        leave_early(&registry, how)?;
        assert_eq!(calls.get(), expected, "{how}");
    }
    Ok(())
}

#[test]
fn emitting_when_enter_panics() -> Outcome {
    let registry = Registry::new();
    let log = Recorder::new();
    registry.on("enter", || panic!("from enter"))?;
    registry.on("exit", log.adding("exit"))?;
    let raised = thrown(|| {
        let _guard = registry.emitting_between("enter", "exit").unwrap();
        log.add("body");
    });
    assert_eq!(raised, "from enter");
    assert_eq!(log.take(), [""; 0]);
    Ok(())
}

#[test]
fn emitting_when_exit_panics() -> Outcome {
    // The body's panic propagates and the exit's is discarded. Python chains the two exceptions.
    fn raise() {
        panic!("from exit");
    }

    let registry = Registry::new();
    let log = Recorder::new();
    registry.on("exit", log.adding("exit"))?;
    registry.on("exit", raise)?;
    for (body_raises, message) in [(false, "from exit"), (true, "from the body")] {
        let raised = thrown(|| {
            let _guard = registry.emitting("exit").unwrap();
            assert!(!body_raises, "from the body");
        });
        assert_eq!(raised, message);
        assert_eq!(log.take(), ["exit"]);
    }
    Ok(())
}

#[test]
fn emitting_calls_the_callbacks_registered_at_the_end() -> Outcome {
    let registry = Registry::new();
    let log = Recorder::new();
    let early = registry.on("foo", log.adding("early"))?;
    {
        let _guard = registry.emitting("foo")?;
        registry.disconnect(early);
        registry.on("foo", log.adding("late"))?;
    }
    assert_eq!(log.take(), ["late"]);
    Ok(())
}

#[test]
fn emitting_nests() -> Outcome {
    let registry = Registry::new();
    let log = Recorder::new();
    for name in ["outer", "middle", "inner"] {
        registry.on(name, log.adding(name))?;
    }
    {
        let _outer = registry.emitting("outer")?;
        let _middle = registry.emitting("middle")?;
        let _inner = registry.emitting("inner")?;
    }
    assert_eq!(log.take(), ["inner", "middle", "outer"]);
    Ok(())
}

#[test]
fn emitting_one_name_on_enter_and_exit_runs_a_once_callback_once() -> Outcome {
    let registry = Registry::new();
    let calls = Counter::default();
    registry.once("foo", calls.adding())?;
    let guard = registry.emitting_between("foo", "foo")?;
    assert_eq!(calls.get(), 1);
    drop(guard);
    assert_eq!(calls.get(), 1);
    Ok(())
}

#[test]
fn emitting_enters_when_it_is_made() -> Outcome {
    // smokesignal's guard does nothing until it is entered.
    let registry = Registry::new();
    let calls = Counter::default();
    registry.on(["foo", "bar"], calls.adding())?;
    let _ = registry.emitting("foo")?;
    assert_eq!(calls.get(), 1);
    let _ = registry.emitting_between("foo", "bar")?;
    assert_eq!(calls.get(), 3);
    Ok(())
}
