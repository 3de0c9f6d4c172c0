//! Async callbacks: registration, emission by name, and names of both kinds.

#![allow(
    clippy::unused_async,
    reason = "async functions are callbacks, whether or not they wait for anything"
)]

use std::future::{Ready, ready};

use futures::executor::block_on;
use smoke_signal::{Registry, SignatureMismatch};

use crate::common::Counter;

mod callbacks;
mod names;

type Outcome = Result<(), SignatureMismatch>;

/// Emits a name without arguments or results, and returns how many callbacks ran.
#[track_caller]
fn emit(registry: &Registry, name: &str) -> usize {
    let emission = registry.emit_async::<_, ()>(name, ());
    block_on(emission.expect("bound to no arguments")).len()
}

/// A callback that counts its calls.
fn counting(calls: &Counter) -> impl Fn() -> Ready<()> + Send + Sync + 'static + use<> {
    let calls = calls.clone();
    move || {
        calls.add();
        ready(())
    }
}

async fn nothing() {}

async fn length(text: String) -> usize {
    text.len()
}
