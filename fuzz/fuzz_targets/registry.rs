//! Runs random programs on registries and on the reference model in `tests/it/reference`.
//!
//! Run it with `cargo fuzz run registry`, or on a stable compiler with
//! `RUSTC_BOOTSTRAP=1 cargo fuzz run --sanitizer none registry`. To show the program of a crash, run
//! `cargo fuzz fmt registry fuzz/artifacts/registry/crash-..`, and add it to the `regressions` of the model.
#![no_main]

#[allow(dead_code, reason = "shared with the integration tests")]
#[path = "../../tests/it/common.rs"]
mod common;
#[allow(dead_code, reason = "the other target uses the rest")]
#[path = "../../tests/it/reference/mod.rs"]
mod reference;

use self::reference::registry::{compare, operations::Program};

libfuzzer_sys::fuzz_target!(|program: Program| compare(&program));
