//! What is told of registries: their names are those of their signals.

use std::sync::Arc;

use smoke_signal::{Registry, Signal, global};

use super::log::{events, log, made};
use crate::common::{throw, thrown};

#[test]
fn the_name_is_the_name_of_the_signal() {
    let registry = Registry::new();
    let log = log(|| {
        registry.on("saved", |_: u8| ()).unwrap();
        assert_eq!(registry.emit("saved", (1_u8,)), Ok(1));
    });
    let expected = [
        "TRACE connected signal=saved connected_at=@+1",
        "+ DEBUG emit{signal=saved at=@+2 slots=1}",
        "> emit{signal=saved at=@+2 slots=1}",
        "  TRACE slot connected_at=@+1 outcome=called",
        "< emit{signal=saved at=@+2 slots=1}",
        "- emit{signal=saved at=@+2 slots=1}",
    ];
    assert_eq!(log, expected);
}

#[test]
fn a_typed_signal_has_the_name_too() {
    let registry = Registry::new();
    let typed = registry.signal::<(), ()>("saved").unwrap();
    let named = events(|| {
        typed.connect(|| ());
        registry.remove("saved");
        typed.disconnect_all();
    });
    let expected = [
        "connected signal=saved connected_at=@+1",
        "disconnected signal=saved connected_at=@+1 reason=disconnected",
    ];
    assert_eq!(named, expected);
}

#[test]
fn each_way_to_emit_by_name_tells_its_own_line() {
    let registry = Registry::new();
    let log = log(|| {
        registry.on("start", || ()).unwrap();
        registry.on("end", || ()).unwrap();
        registry.emit("start", ()).unwrap();
        drop(registry.emitting("end").unwrap());
        drop(registry.emitting_between("start", "end").unwrap());
    });
    let expected = [
        "+ DEBUG emit{signal=start at=@+3 slots=1}",
        "+ DEBUG emit{signal=end at=@+4 slots=1}",
        "+ DEBUG emit{signal=start at=@+5 slots=1}",
        "+ DEBUG emit{signal=end at=@+5 slots=1}",
    ];
    assert_eq!(made(log), expected);
}

#[test]
fn the_global_functions_tell_the_lines_that_call_them() {
    let log = log(|| {
        global::on("tracing: global", || ()).unwrap();
        global::emit("tracing: global", ()).unwrap();
        drop(global::emitting("tracing: global").unwrap());
        drop(global::emitting_between("tracing: global", "tracing: global").unwrap());
    });
    let expected = [2, 3, 4, 4]
        .map(|line| format!("+ DEBUG emit{{signal=tracing: global at=@+{line} slots=1}}"));
    assert_eq!(made(log), expected);
}

#[test]
fn a_name_that_nobody_listens_to_is_told() {
    let registry = Registry::new();
    let unused = log(|| registry.emit("typo", ()));
    registry.on("other", || ()).unwrap();
    let unbound = log(|| registry.emit("typo", ()));
    let _guard = registry.emitting("typo").unwrap();
    let without_signal = log(|| registry.emit("typo", ()));
    let expected = [
        "+ DEBUG emit{signal=typo at=@+0 slots=0}",
        "- emit{signal=typo at=@+0 slots=0}",
    ];
    for log in [unused, unbound, without_signal] {
        assert_eq!(log, expected);
    }
}

#[test]
fn a_callback_leaves_each_of_its_names() {
    let registry = Registry::new();
    let names = ["one", "two", "three"];
    let key = registry.on(names, || ()).unwrap();
    registry.once(names, || ()).unwrap();
    let told = events(|| {
        registry.emit("two", ()).unwrap();
        registry.disconnect_from(key, "three");
        registry.disconnect(key);
    });
    let left: Vec<_> = told.iter().filter(|it| it.starts_with("disc")).collect();
    let expected = [
        "disconnected signal=two connected_at=@-1 reason=used up",
        "disconnected signal=one connected_at=@-1 reason=used up",
        "disconnected signal=three connected_at=@-1 reason=used up",
        "disconnected signal=three connected_at=@-2 reason=disconnected",
        "disconnected signal=one connected_at=@-2 reason=disconnected",
        "disconnected signal=two connected_at=@-2 reason=disconnected",
    ];
    assert_eq!(left, expected);
}

#[test]
fn a_callback_that_is_passed_over_tells_why() {
    static REGISTRY: Registry = Registry::new();
    fn gone() {}

    REGISTRY
        .on("tick", || {
            if REGISTRY.responds_to(gone, "tick") {
                REGISTRY.disconnect(gone);
                REGISTRY.emit("tick", ()).unwrap();
            }
        })
        .unwrap();
    REGISTRY.on("tick", gone).unwrap();
    REGISTRY.once("tick", || ()).unwrap();
    let told = events(|| REGISTRY.emit("tick", ()));
    let expected = [
        "slot connected_at=@-9 outcome=called",
        "disconnected signal=tick connected_at=@-2 reason=disconnected",
        // The emission inside.
        "slot connected_at=@-9 outcome=called",
        "disconnected signal=tick connected_at=@-1 reason=used up",
        "slot connected_at=@-1 outcome=called",
        // The one outside.
        "slot connected_at=@-2 outcome=gone",
        "slot connected_at=@-1 outcome=used up",
    ];
    assert_eq!(told, expected);
}

#[test]
fn clearing_and_removing_names_tells_of_their_slots() {
    let registry = Registry::new();
    let told = events(|| {
        registry.on(["one", "two"], || ()).unwrap();
        registry.clear("one");
        registry.remove("two");
        registry.on("one", || ()).unwrap();
        registry.clear_all();
    });
    let expected = [
        "connected signal=one connected_at=@+1",
        "connected signal=two connected_at=@+1",
        "disconnected signal=one connected_at=@+1 reason=disconnected",
        "disconnected signal=two connected_at=@+1 reason=disconnected",
        "signal dropped signal=two slots=0",
        "connected signal=one connected_at=@+4",
        "disconnected signal=one connected_at=@+4 reason=disconnected",
    ];
    assert_eq!(told, expected);
}

#[test]
fn a_panicking_callback_is_an_error() {
    let registry = Registry::new();
    registry.on("tick", || throw("bad plugin")).unwrap();
    let told = events(|| thrown(|| registry.emit("tick", ())));
    assert_eq!(
        told[1],
        "slot panicked signal=tick at=@+0 connected_at=@-1 panic=bad plugin"
    );
}

#[test]
fn each_mismatch_is_a_warning() {
    let registry = Registry::new();
    registry.on("saved", |_: u8| ()).unwrap();
    let log = log(|| {
        registry.emit("saved", ()).unwrap_err();
        registry.on("saved", || ()).unwrap_err();
        registry.once(["other", "saved"], || ()).unwrap_err();
        registry.on_max("saved", 1, || ()).unwrap_err();
        registry.signal::<(), ()>("saved").unwrap_err();
        registry.emitting("saved").unwrap_err();
        registry.emitting_between("other", "saved").unwrap_err();
    });
    let requested = [
        "()", "() -> ()", "() -> ()", "() -> ()", "() -> ()", "()", "()",
    ];
    for (line, requested) in requested.iter().enumerate() {
        let expected = format!(
            "WARN signature mismatch signal=saved at=@+{} bound=(u8,) -> () requested={requested} bound_at=@-1",
            line + 1
        );
        assert_eq!(log[line], expected);
    }
    assert_eq!(log.len(), requested.len());
}

#[test]
fn a_name_that_is_bound_anew_names_its_new_signal() {
    let registry = Registry::new();
    let old: Arc<Signal<(), ()>> = registry.signal("name").unwrap();
    registry.remove("name");
    registry.on("name", |_: u8| ()).unwrap();
    let log = log(|| {
        registry.emit("name", (1_u8,)).unwrap();
        old.emit();
    });
    assert_eq!(log[0], "+ DEBUG emit{signal=name at=@+1 slots=1}");
    assert_eq!(log[5], "+ DEBUG emit{signal=name at=@+2 slots=0}");
}
