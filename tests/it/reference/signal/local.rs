//! What `library.rs` uses of `LocalSignal`.

pub(super) use std::rc::Rc as Pointer;

pub(super) use smoke_signal::LocalSignal as Signal;
pub(super) use smoke_signal::local::{
    BlockGuard, Calls, CatchUnwind, ConnectOptions, Emitting, ScopedConnection,
};
use smoke_signal::{Connection, WaitError};

use self::library::{Argument, Signals};

#[allow(clippy::duplicate_mod, reason = "one text for each kind of signal")]
#[allow(
    clippy::arc_with_non_send_sync,
    reason = "the other kind of signal needs an `Arc`"
)]
#[path = "library.rs"]
pub(super) mod library;

type Options<'s> = ConnectOptions<'s, (Argument,), usize>;

fn waitable(_: Options<'_>) -> Options<'_> {
    unreachable!("programs for one thread do not wait")
}

fn disconnect_and_wait(_: &Signals, _: Connection) -> Result<bool, WaitError> {
    unreachable!("programs for one thread do not wait")
}

fn knows_when_it_waits(_: &Signals, _: Connection) -> bool {
    false
}

#[track_caller]
fn connect_mut(options: Options<'_>, f: impl FnMut(Argument) -> usize + 'static) -> Connection {
    options.connect_mut(f)
}
