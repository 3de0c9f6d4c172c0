//! A registry as a value: its text, its isolation from others, unwinding past it.

use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;

use smoke_signal::{Registry, Signal};

use super::{Outcome, a_function, assert_names};

#[test]
fn debug_lists_names_and_signatures() -> Outcome {
    let registry = Registry::new();
    assert_names(&registry, "");
    registry.on("saved", |_: String, _: u8| true)?;
    registry.signal::<(), ()>("a \"quoted\" name")?;
    let _guard = registry.emitting("closed")?;
    let names = r#""a \"quoted\" name": "() -> ()", "closed": "()", "saved": "(alloc::string::String, u8) -> bool""#;
    assert_names(&registry, names);
    assert_eq!(
        format!("{:#?}", Registry::default()),
        "Registry {\n    signals: {},\n    ..\n}"
    );
    Ok(())
}

#[test]
fn registries_are_isolated() -> Outcome {
    let (one, two) = (Registry::new(), Registry::new());
    one.on("foo", a_function)?;
    assert!(!two.responds_to(a_function, "foo"));
    assert!(!two.disconnect(a_function));
    two.on("foo", |_: u8| ())?;
    assert_eq!(one.emit("foo", ())?, 1);
    two.clear_all();
    assert!(one.responds_to(a_function, "foo"));
    Ok(())
}

#[test]
fn a_registry_survives_unwinding_past_it() -> Outcome {
    let registry = Registry::new();
    let raised = panic::catch_unwind(AssertUnwindSafe(|| {
        registry.on(["foo", "bar"], a_function).unwrap();
        panic!("elsewhere");
    }));
    assert!(raised.is_err());
    assert_eq!(registry.signals(a_function), ["bar", "foo"]);
    let _: Arc<Signal<(), ()>> = registry.signal("foo")?;
    Ok(())
}
