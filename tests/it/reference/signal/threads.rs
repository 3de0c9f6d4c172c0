//! What `library.rs` uses of `Signal`.

pub(super) use std::sync::Arc as Pointer;

pub(super) use smoke_signal::{
    BlockGuard, Calls, CatchUnwind, ConnectOptions, Emitting, ScopedConnection, Signal,
};
use smoke_signal::{Connection, WaitError};

use self::library::{Argument, Signals};

#[allow(clippy::duplicate_mod, reason = "one text for each kind of signal")]
#[path = "library.rs"]
pub(super) mod library;

type Options<'s> = ConnectOptions<'s, (Argument,), usize>;

fn waitable(options: Options<'_>) -> Options<'_> {
    options.waitable()
}

fn disconnect_and_wait(signal: &Signals, key: Connection) -> Result<bool, WaitError> {
    signal.disconnect_and_wait(key)
}

fn knows_when_it_waits(signal: &Signals, key: Connection) -> bool {
    signal.disconnect_and_wait(key) != Ok(false)
}

#[track_caller]
fn connect_mut<F>(_: Options<'_>, _: F) -> Connection {
    unreachable!("programs for threads have no such slots")
}
