//! Random programs on signals, against the reference model of `tests/it/reference`.
//!
//! `cargo fuzz run signal`; with a stable compiler
//! `RUSTC_BOOTSTRAP=1 cargo fuzz run --sanitizer none signal`. What a crash was made of:
//! `cargo fuzz fmt signal fuzz/artifacts/signal/crash-..`; it goes into `regressions` there.
#![no_main]

#[allow(dead_code, reason = "shared with the integration tests")]
#[path = "../../tests/it/common.rs"]
mod common;
#[allow(dead_code, reason = "the other target has use for the rest")]
#[path = "../../tests/it/reference/mod.rs"]
mod reference;

use self::reference::signal::{compare, operations::Program};

libfuzzer_sys::fuzz_target!(|program: Program| compare(&program));
