//! A small editor whose signals tell what they do: plugins hear of each file that is saved, and may keep the editor from
//! closing.
//!
//! One plugin panics, one is paused, and one does not let the editor close. Nothing here says so: the log does.
//!
//! ```text
//! cargo run --example observed --features tracing
//! ```

use smoke_signal::Signal;
use tracing::{Level, info};

static SAVED: Signal<(&str,)> = Signal::new().named("saved");
static MAY_CLOSE: Signal<(), bool> = Signal::new().named("may_close");

fn main() {
    tracing_subscriber::fmt()
        .with_max_level(Level::TRACE)
        .without_time()
        .with_target(false)
        .init();

    let indexer = SAVED.connect(|path| info!(path, "indexed"));
    SAVED.once(|path| panic!("no dictionary for {path}"));
    SAVED.connect(|path| info!(path, "copied to the backup"));
    save("a.txt");

    let paused = SAVED.block(indexer);
    save("b.txt");
    drop(paused);

    MAY_CLOSE.connect(|| true);
    let player = MAY_CLOSE.connect(|| false);
    MAY_CLOSE.connect(|| true);
    if !may_close() {
        MAY_CLOSE.disconnect(player);
    }
    assert!(may_close());
}

/// Saves a file. That one plugin panics does not keep the others from hearing of it.
fn save(path: &'static str) {
    SAVED.calls(path).catch_unwind().for_each(drop);
}

/// Asks the plugins, until one says no.
fn may_close() -> bool {
    MAY_CLOSE.calls().all(|yes| yes)
}
