//! Runs random programs on signals of both kinds and on the reference model in `tests/it/reference`.
//!
//! Run it with `cargo fuzz run signal`, or on a stable compiler with
//! `RUSTC_BOOTSTRAP=1 cargo fuzz run --sanitizer none signal`. To show the program of a crash, run
//! `cargo fuzz fmt signal fuzz/artifacts/signal/crash-..`, and add it to the `regressions` of the model.
#![no_main]

#[allow(dead_code, reason = "shared with the integration tests")]
#[path = "../../tests/it/common.rs"]
mod common;
#[allow(dead_code, reason = "the other target uses the rest")]
#[path = "../../tests/it/reference/mod.rs"]
mod reference;

use self::reference::signal::{compare, compare_kinds, compare_local, operations::Program};

libfuzzer_sys::fuzz_target!(|program: Program| {
    compare(&program);
    compare_local(&program);
    compare_kinds(&program);
});
