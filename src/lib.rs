//! Strongly typed signals and slots.
//!
//! A [`Signal`] is a value with a type, not a string: a list of closures that are called whenever
//! the signal is emitted. Its arguments and the results of its slots are checked by the compiler,
//! closures are connected without annotations, connecting returns a key to disconnect with. A
//! signal can be a `static`, and it may be emitted from many threads at once: no lock is held while
//! slots run.
//!
//! ```
//! use smoke_signal::{ByRef, Signal};
//!
//! static TEMPERATURE: Signal<(i32,)> = Signal::new();
//! static LINE: Signal<(ByRef<str>,), bool> = Signal::new();
//!
//! let alarm = TEMPERATURE.connect(|celsius| {
//!     if celsius > 90 {
//!         eprintln!("too hot: {celsius} degrees");
//!     }
//! });
//! TEMPERATURE.emit(95);
//! TEMPERATURE.disconnect(alarm);
//!
//! LINE.connect(|line| line.contains("ERROR"));
//! let text = String::from("ERROR: out of tea");
//! let seen = LINE.calls(&text).any(|hit| hit); // lazy: stops at the first `true`
//! assert!(seen);
//! ```
//!
//! | to | use |
//! |---|---|
//! | connect a closure, or one that may be consumed | [`Signal::connect`](Signal#method.connect), [`once`](Signal#method.once) |
//! | limit its calls, order it, put it first | [`Signal::options`] |
//! | let a slot disconnect itself | [`connect_with_key`](Signal#method.connect_with_key) |
//! | make a method a slot, without keeping its object alive | [`connect_weak`](Signal#method.connect_weak) |
//! | disconnect at the end of a scope, or with an owner | [`scoped`](Signal::scoped) |
//! | pass a slot over for a while, or all of them | [`block`](Signal::block), [`block_all`](Signal::block_all) |
//! | know that no call of a slot is running any more | [`disconnect_and_wait`](Signal::disconnect_and_wait) |
//! | hand out the right to listen, not to emit | [`connector`](Signal::connector) |
//! | see who is listening, and from where | [`slots`](Signal::slots) |
//! | call all slots and have all results | [`emit`](Signal#method.emit) |
//! | stop early, combine results, survive panics | [`calls`](Signal#method.calls) |
//! | emit at the end of a scope | [`emitting`](Signal#method.emitting) |
//! | lend an argument instead of cloning it | [`ByRef`], [`ByMut`] |
//! | use names instead of statics, as in Python's `smokesignal` | [`Registry`], [`global`] |
//!
//! # What always holds
//!
//! 1. **Order.** Slots are called by ascending group (0 unless said otherwise), within a group in
//!    the order connected; [`first`](ConnectOptions::first) puts a slot before those already in its
//!    group.
//! 2. **One emission, one view.** A slot connected during an emission is not called by it. A slot
//!    disconnected, by hand or by the end of a scope, blocked, or used up before its turn is not
//!    called, nor is one whose object has gone. At its turn, liveness is checked and
//!    the budget charged, then the arguments are cloned, then it is called; a call that panics, in
//!    a clone too, has been charged.
//! 3. **No lock is held while foreign code runs**: not while a slot runs, not while an argument is
//!    cloned, not while a captured value, an argument or a result is dropped. Any of them may call
//!    any method of the same signal or registry, from any thread, without deadlock.
//! 4. **Budgets are exact.** [`max_calls(n)`](ConnectOptions::max_calls) runs as often as the signal
//!    is emitted, or `n` times, whichever is less, however many threads emit at once. The slot has
//!    left the signal (`contains` is false) before its last call begins. `max_calls(0)` never
//!    connects.
//! 5. **[`disconnect`](Signal::disconnect) answers `true` once** per connection at most: over all
//!    threads, and never for a slot that left in another way.
//! 6. **Captured values go promptly**: once `disconnect` returns, the slot's captures have been
//!    dropped, unless an emission under way still holds them; then when that emission ends. Those
//!    of a [`waitable`](ConnectOptions::waitable) slot go when its last call returns. Dropping the
//!    signal drops all slots; emissions under way go on to their end.
//! 7. **A panicking slot** unwinds out of `emit`; later slots are not called; nothing is poisoned,
//!    no slot is lost, the signal goes on working. A [`Calls`] iterator can be resumed after it.
//! 8. **Guards emit exactly once**, on unwinding too; a slot that panics while a guard is dropped
//!    by unwinding does not abort the process.
//! 9. **Arguments are cloned once less than there are slots** at most: the last slot gets the
//!    original. [`ByRef`] and [`ByMut`] never clone.
//! 10. **Visibility.** Once `connect` has returned, every emission that starts after it, on any
//!     thread, calls the slot.
//! 11. **No `unsafe`** in this crate.
//!
//! The page [`guarantees`] tells how each of these is tried, and what is not promised; the page
//! [`performance`], what costs what.
//!
//! # Features
//!
//! - `async` (off by default; brings in `futures-core` and `futures-util`): `AsyncSignal`, whose
//!   slots return futures that the emitter awaits; `on_async`, `emit_async` and so on of a
//!   [`Registry`]; `Signal::stream` and `Signal::next`, emissions as a stream. No executor is
//!   needed or chosen.
//!
//! # What becomes of an emission under way
//!
//! | while an emission is under way | a slot whose turn is to come | a call that is running on another thread |
//! |---|---|---|
//! | `disconnect`, `disconnect_all`, a [`ScopedConnection`] dropped | is not called | goes on |
//! | [`disconnect_and_wait`](Signal::disconnect_and_wait) | is not called | is waited for |
//! | [`block`](Signal::block) | is passed over as long as the guard lives | goes on |
//! | [`block_all`](Signal::block_all) | is called | goes on |
//! | the object of a [`connect_weak`](Signal#method.connect_weak) gone | is not called | keeps the object to its end |
//! | its budget used up by another emission | is not called | goes on |
//! | the signal dropped | is called | goes on |
//! | a slot connected | the new one is not called | |
//!
//! # Memory order
//!
//! *After* in rule 10 is the happens-before order: the same thread later, or another thread that has
//! learnt of it through a channel, a lock, an atomic with acquire and release, or a join. What a
//! thread did before `connect` is visible to the slot whenever it runs. What a thread did before
//! `disconnect` or `block` is visible to whoever finds the slot gone or blocked. What any call of a
//! waitable slot did is visible after `disconnect_and_wait`. There is no order between emissions on
//! different threads: a slot may run on several at once, which is why closures must be `Sync`.
//!
//! # Limits
//!
//! - [`len`](Signal::len), [`is_empty`](Signal::is_empty) and [`contains`](Signal::contains) tell
//!   what was true when they looked; other threads go on.
//! - `disconnect` does not wait for calls that are running on other threads;
//!   [`disconnect_and_wait`](Signal::disconnect_and_wait) does.
//! - Slots are called on the emitting thread, recursion is depth first and not limited: a slot that
//!   always emits its own signal overflows the stack.
//! - A [`Connection`] or [`CallbackKey`] means something only to what gave it. A key's 31-bit version
//!   wraps around after 2<sup>31</sup> slots in the same storage place.
//! - At most 2<sup>31</sup> slots are connected at a time, and 2<sup>30</sup> - 1 guards block one of
//!   them. Allocation failure aborts, as everywhere in `std`.
//! - The standard library and 64-bit atomics are required.
#![doc(test(attr(deny(warnings))))]
#![forbid(unsafe_code)]

mod args;
mod arity;
#[cfg(feature = "async")]
mod asynchronous;
mod block;
mod calls;
mod connector;
mod core;
mod discard;
mod emitting;
pub mod global;
mod keys;
mod options;
mod owner;
mod registry;
pub mod returns;
mod scoped;
mod signal;
mod slot_info;
mod sync;

pub use crate::args::{Arg, Args, ByMut, ByRef};
#[cfg(feature = "async")]
pub use crate::asynchronous::{
    AsyncConnectOptions, AsyncSignal, Emission, Errback, Failure, NextEmission, SignalStream,
};
pub use crate::block::BlockGuard;
pub use crate::calls::{Calls, CatchUnwind};
pub use crate::connector::Connector;
pub use crate::core::WaitError;
pub use crate::emitting::Emitting;
pub use crate::keys::{CallbackKey, Connection};
pub use crate::options::ConnectOptions;
pub use crate::registry::{Callback, Identity, Names, Registry, SignatureMismatch};
pub use crate::returns::Returns;
pub use crate::scoped::ScopedConnection;
pub use crate::signal::Signal;
pub use crate::slot_info::SlotInfo;

/// What the compiler checks of the promises in the documentation.
#[cfg(not(smoke_signal_loom))]
mod promises {
    use std::cell::Cell;
    use std::fmt::Debug;
    use std::panic::{RefUnwindSafe, UnwindSafe};
    use std::rc::Rc;

    use static_assertions::{assert_impl_all, assert_not_impl_any, const_assert, const_assert_eq};

    use super::{
        BlockGuard, ByMut, ByRef, CallbackKey, Calls, Connection, Connector, Emitting, Registry,
        ScopedConnection, Signal, SignatureMismatch, SlotInfo, WaitError,
    };

    /// Neither `Send` nor `Sync`.
    type Local = Rc<Cell<u8>>;

    assert_impl_all!(Signal<(Local,), Local>: Send, Sync, UnwindSafe, RefUnwindSafe, Debug, Default);
    assert_impl_all!(Registry: Send, Sync, UnwindSafe, RefUnwindSafe, Debug, Default);
    assert_not_impl_any!(Signal<()>: Clone);
    assert_not_impl_any!(Registry: Clone);
    const_assert!(size_of::<Signal<(u64, u64), [u64; 9]>>() <= 16);
    const_assert!(size_of::<Registry>() <= 16);

    assert_impl_all!(Connection: Copy, Ord, std::hash::Hash, Default, slotmap::Key);
    assert_impl_all!(CallbackKey: Copy, Ord, std::hash::Hash, Default, slotmap::Key);
    const_assert_eq!(size_of::<Connection>(), 8);
    const_assert_eq!(size_of::<Option<Connection>>(), 8);
    const_assert_eq!(size_of::<Option<CallbackKey>>(), 8);

    // What is under way is `Send` where its arguments are; its guard emits only once.
    assert_impl_all!(Calls<'static, (u8,), Local>: Send);
    assert_not_impl_any!(Calls<'static, (Local,), u8>: Send);
    assert_impl_all!(Emitting<'static, (u8,)>: Send);
    assert_not_impl_any!(Emitting<'static, (Local,)>: Send);
    assert_not_impl_any!(Emitting<'static>: Clone);
    assert_impl_all!(SignatureMismatch: std::error::Error, Send, Sync);

    // Handles belong to no signal's type and to no thread, and each does its work once.
    assert_impl_all!(ScopedConnection: Send, Sync, UnwindSafe, RefUnwindSafe, Debug);
    assert_impl_all!(BlockGuard: Send, Sync, UnwindSafe, RefUnwindSafe, Debug);
    assert_not_impl_any!(ScopedConnection: Clone);
    assert_not_impl_any!(BlockGuard: Clone);
    assert_impl_all!(Connector<'static, (Local,), Local>: Copy, Send, Sync, Debug);
    assert_impl_all!(SlotInfo: Copy, Send, Sync, Debug);
    assert_impl_all!(WaitError: std::error::Error, Copy, Send, Sync);

    #[cfg(feature = "async")]
    mod with_async {
        use super::Local;
        use crate::{AsyncSignal, Emission, Errback, NextEmission, SignalStream};
        use static_assertions::{assert_impl_all, assert_not_impl_any, const_assert};
        use std::fmt::Debug;
        use std::panic::{RefUnwindSafe, UnwindSafe};

        assert_impl_all!(AsyncSignal<(Local,), Local>: Send, Sync, Debug, Default);
        assert_impl_all!(AsyncSignal<(Local,), Local>: UnwindSafe, RefUnwindSafe);
        const_assert!(size_of::<AsyncSignal<(u64,), u8>>() <= 16);
        assert_impl_all!(Emission<u8>: Send, Unpin, Debug);
        assert_not_impl_any!(Emission<Local>: Send);
        assert_impl_all!(Errback<u8, u8, fn()>: Send, Unpin, Debug);
        assert_impl_all!(SignalStream<(u8,)>: Send, Sync, Unpin, Debug);
        assert_impl_all!(NextEmission<(u8,)>: Send, Sync, Unpin, Debug);
    }

    // The markers' being not `Clone` is what tells them from plain arguments.
    assert_not_impl_any!(ByRef<u8>: Clone);
    assert_not_impl_any!(ByMut<u8>: Clone);
}

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

// Pages of the documentation only: there is nothing in them to use.
#[cfg(doc)]
#[doc = include_str!("../docs/guarantees.md")]
pub mod guarantees {}
#[cfg(doc)]
#[doc = include_str!("../docs/performance.md")]
pub mod performance {}
