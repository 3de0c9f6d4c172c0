//! Strongly typed signals and slots: connect closures to a signal, emit it from any thread, and no lock
//! is held while slots run.
//!
//! A [`Signal`] is a list of closures, its slots, that are called whenever the signal is emitted. It is a
//! value with a type, not a string: the compiler checks its arguments and the results of its slots, and
//! closures need no annotations. Connecting a slot returns a key to disconnect it with. A signal can be a
//! `static`.
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
//! | connect a closure, or one that is consumed by its call | [`Signal::connect`](Signal#method.connect), [`once`](Signal#method.once) |
//! | limit the calls of a slot, order it, put it first | [`Signal::options`] |
//! | let a slot disconnect itself | [`connect_with_key`](Signal#method.connect_with_key) |
//! | make a method a slot without keeping its object alive | [`connect_weak`](Signal#method.connect_weak) |
//! | disconnect at the end of a scope, or with an owner | [`connect_scoped`](Signal#method.connect_scoped), [`scoped`](Signal::scoped) |
//! | block a slot, or all of them, for a while | [`block`](Signal::block), [`block_all`](Signal::block_all) |
//! | wait until no call of a slot is running | [`disconnect_and_wait`](Signal::disconnect_and_wait) |
//! | let others listen but not emit | [`connector`](Signal::connector) |
//! | see who is listening, and from which source line | [`slots`](Signal::slots) |
//! | call all slots and collect their results | [`emit`](Signal#method.emit) |
//! | stop early, combine results, survive panics | [`calls`](Signal#method.calls) |
//! | know which slot returned what, or panicked | [`Calls::keyed`] |
//! | emit at the end of a scope | [`emitting`](Signal#method.emitting) |
//! | lend an argument instead of cloning it | [`ByRef`], [`ByMut`] |
//! | stay on one thread, with `Rc`s and closures that are `FnMut` | [`LocalSignal`] |
//! | run slots on one thread of your choice, whichever emits | [`Queue`] |
//! | write code for any number of arguments | [`connect_tuple`](Signal::connect_tuple), [`emit_tuple`](Signal::emit_tuple) |
//! | find signals by name, as in Python's `smokesignal` | [`Registry`], [`global`] |
//! | see in a log who emits and which slots run | [`named`](Signal::named), and the feature `tracing` |
//! | await what slots do | [`AsyncSignal`] |
//! | read emissions as a stream, or await the next one | [`Signal::stream`], [`Signal::next`] |
//! | test code that emits | [`assert_emitted!`], [`Spy`] |
//!
//! The last needs the feature `testing`, the two before it need `async`.
//!
//! The other pages:
//!
//! - [`guide`]: every feature with an example
//! - [`recipes`]: things that programs do with signals; [`recipes_time`]: with a clock
//! - [`local_signals`]: signals for one thread, and life without the standard library
//! - [`threads`]: emissions of any thread, handled by one: queues, channels, streams
//! - [`errors`]: when it does not compile
//! - [`async_signals`]: slots that return futures, and emissions as a stream
//! - [`testing_signals`]: how to test code that emits, and code that listens
//! - [`tracing_signals`]: seeing what happens, in a log
//! - [`smokesignal`]: the functions of the Python library and their equivalents; [`coming_from`]: the same for
//!   blinker, Django, psygnal, Boost.Signals2, Qt, GTK, Node's `EventEmitter`, C# events, signals2 and tokio
//! - [`guarantees`]: how the guarantees below are tested, and what is not guaranteed
//! - [`performance`]: what costs how much, and why
//! - [`architecture`]: how the library is built
//!
//! # What always holds
//!
//! 1. **Order.** Slots are called by ascending group (0 by default), within a group in the order in which
//!    they were connected. [`first`](ConnectOptions::first) puts a slot before those already in its group.
//! 2. **One emission, one view.** A slot connected during an emission is not called by it. A slot that is
//!    disconnected, blocked or used up before its turn is not called, nor is one whose object is gone. At
//!    its turn, the emission first checks that the slot is alive and charges its budget, then clones the
//!    arguments, then calls it. A call that panics has been charged, even if a clone panicked.
//! 3. **No lock is held while user code runs**: not while a slot runs, not while an argument is cloned, not
//!    while a captured value, an argument or a result is dropped. User code may call any method of the same
//!    signal or registry, from any thread, without deadlock.
//! 4. **Budgets are exact.** A slot with [`max_calls(n)`](ConnectOptions::max_calls) runs as often as the
//!    signal is emitted, but at most `n` times, however many threads emit. It has left the signal
//!    (`contains` returns `false`) before its last call begins. `max_calls(0)` never connects.
//! 5. **[`disconnect`](Signal::disconnect) returns `true` at most once** per connection, over all threads,
//!    and never for a slot that left in another way. Of the last call that a budget allows and a disconnect,
//!    one wins: if `disconnect` returned `true`, that call has not begun and never will.
//! 6. **Captured values are dropped promptly**: when `disconnect` returns, they have been dropped, unless an
//!    emission in progress still holds them. Then they are dropped when that emission ends, or, if the slot
//!    is [`waitable`](ConnectOptions::waitable), when its last call returns. Dropping the signal drops all
//!    slots; emissions in progress run to their end. Until then, scopes, blocks, budgets and objects of the
//!    slots still end, and keep a slot from being called. A slot whose object is gone is dropped by the next
//!    emission or, at the latest, by connects after it; see [`connect_weak`](Signal#method.connect_weak). The
//!    closures that a [`Queue`] calls are dropped on its thread; see there.
//! 7. **A panicking slot** unwinds out of `emit`, and later slots are not called. Nothing is poisoned, no
//!    slot is lost, and the signal keeps working. A [`Calls`] iterator can be resumed after a panic.
//! 8. **Guards emit exactly once**, on unwinding too. If a slot panics while a guard is dropped by
//!    unwinding, the process does not abort.
//! 9. **Arguments are cloned at most slots - 1 times**: the last slot gets the original. [`ByRef`] and
//!    [`ByMut`] never clone.
//! 10. **Visibility.** Once `connect` has returned, every emission that starts after it, on any thread,
//!     calls the slot.
//! 11. **No `unsafe`** in this crate. The cell from which emissions read the list of slots is a crate below it,
//!     `snapshot-cell`, which is nothing but that and is tested adversarially by itself; see [guarantees].
//! 12. **Costs do not surprise.** No operation takes time quadratic in slots or names. Connecting,
//!     disconnecting, `is_empty` and `contains` cost the same with few and many slots, and about the same
//!     with weak, waitable and plain ones. [`len`](Signal::len), [`slots`](Signal::slots) and
//!     [`connections`](Signal::connections) look at each slot, and so does the first emission after a change.
//!
//! # Features
//!
//! - `std` (on by default): signals for threads, [`Queue`], registries, and whatever else needs the standard library. Without it, the crate is `no_std`, needs `alloc`, and has
//!   [`LocalSignal`], the module [`local`], [`Args`], [`Arg`], [`Returns`], [`Connection`] and [`SlotInfo`].
//! - `async` (off by default; adds the dependencies `futures-core` and `futures-util`): [`AsyncSignal`],
//!   whose slots return futures that the emitter awaits; `on_async`, `emit_async` and the like for a
//!   [`Registry`]; [`Signal::stream`], `stream_map` and [`Signal::next`]. It neither needs nor chooses an executor.
//! - `testing` (off by default; adds no dependency): the module `testing`, with [`Spy`], and [`assert_emitted!`] and
//!   `assert_not_emitted!`, for tests of code that uses signals.
//! - `tracing` (off by default; adds the dependencies `tracing` and `once_cell`): emissions, slots, connects and
//!   disconnects are told to a subscriber of the crate `tracing`. The page [`tracing_signals`] says what is told.
//!
//! # What happens to an emission in progress
//!
//! | during an emission | a slot whose turn is still to come | a call that is running on another thread |
//! |---|---|---|
//! | `disconnect`, `disconnect_all`, a [`ScopedConnection`] is dropped | is not called | continues |
//! | [`disconnect_and_wait`](Signal::disconnect_and_wait) | is not called | is waited for |
//! | [`block`](Signal::block) | is skipped while the guard is alive | continues |
//! | [`block_all`](Signal::block_all) | is called | continues |
//! | the object of a [`connect_weak`](Signal#method.connect_weak) is dropped | is not called | keeps the object alive until it returns |
//! | another emission uses up its budget | is not called | continues |
//! | the signal is dropped | is called, unless it leaves in one of the ways above | continues |
//! | a slot is connected | the new one is not called | |
//!
//! # Memory order
//!
//! *After* in rule 10 means happens-before: later on the same thread, or on another thread that learned of it
//! through a channel, a lock, an atomic with acquire and release, or a join.
//!
//! - What a thread did before `connect` is visible to the slot whenever it runs.
//! - What a thread did before `disconnect` or `block` is visible to every thread that finds the slot
//!   disconnected or blocked.
//! - What any call of a waitable slot did is visible after `disconnect_and_wait`.
//! - What an emitter did before it emitted is visible to what a [`Queue`] calls for that emission.
//! - Emissions on different threads are unordered. A slot may run on several threads at once, which is why
//!   closures must be `Sync`.
//!
//! # Limits
//!
//! - [`len`](Signal::len), [`is_empty`](Signal::is_empty) and [`contains`](Signal::contains) describe the moment
//!   at which they looked. Other threads may have changed the signal since. `len` and `slots` look at one
//!   slot after the other: if several need one object, and another thread drops it meanwhile, some of them
//!   may still be counted.
//! - `disconnect` does not wait for calls that are running on other threads;
//!   [`disconnect_and_wait`](Signal::disconnect_and_wait) does.
//! - Slots are called on the emitting thread; a [`Queue`] calls closures on its own. Recursion is depth-first and unlimited: a slot that always emits
//!   its own signal overflows the stack. In a release build, one level takes about 180 bytes of stack for a plain
//!   slot, 320 for one that is checked (see [performance]), 480 for a waitable one and 550 to 640 by name, and the frame
//!   of the slot itself; in a debug build, four to five times as much. So a thread with 2 MiB can nest some
//!   10 000 emissions, or 2 000 in a debug build.
//! - Drops are recursive too: if a slot owns a signal, a slot of which owns a signal, and so on, dropping the
//!   first takes about 200 bytes of stack for each, and 1 KiB in a debug build. A chain of 20 000 overflows the
//!   8 MiB of a main thread in a debug build.
//! - Arguments that are passed by value are moved through the stack: an emission needs three to four times their
//!   size, and in a debug build twelve times. An array of 1 MiB overflows the 2 MiB of a thread. Lend what is
//!   large with [`ByRef`], or pass an `Arc`.
//! - After `fork` in a process with several threads, the child can emit. A change, and the first emission after
//!   a change, take a lock, which another thread of the parent may have held: they may wait for ever. This is
//!   so for every lock in such a child. Call `exec`, or change signals before `fork` only.
//! - A [`Connection`] or [`CallbackKey`] belongs to the signal or registry that made it, and is dead to any other.
//!   No two are alike as long as the number of signals and registries ever used, multiplied by how often one place
//!   in the storage of one of them is used again, stays below 2<sup>29</sup>.
//! - At most 2<sup>31</sup> slots are connected at a time, and at most 2<sup>29</sup> - 1 guards block one of them.
//!   A failed allocation aborts the process, as in `std`.
//! - The standard library and 64-bit atomics are required, but for [`LocalSignal`].
//!
// Without the feature, these have no page of their own.
#![cfg_attr(feature = "async", doc = "[`AsyncSignal`]: AsyncSignal")]
#![cfg_attr(feature = "async", doc = "[`Signal::stream`]: Signal::stream")]
#![cfg_attr(feature = "async", doc = "[`Signal::next`]: Signal::next")]
#![cfg_attr(not(feature = "async"), doc = "[`AsyncSignal`]: async_signals")]
#![cfg_attr(not(feature = "async"), doc = "[`Signal::stream`]: async_signals")]
#![cfg_attr(not(feature = "async"), doc = "[`Signal::next`]: async_signals")]
#![cfg_attr(feature = "testing", doc = "[`Spy`]: testing::Spy")]
#![cfg_attr(feature = "testing", doc = "[`assert_emitted!`]: assert_emitted!")]
#![cfg_attr(not(feature = "testing"), doc = "[`Spy`]: testing_signals")]
#![cfg_attr(not(feature = "testing"), doc = "[`assert_emitted!`]: testing_signals")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(not(feature = "std"), no_std)]
#![doc(test(attr(deny(warnings))))]
#![forbid(unsafe_code)]

extern crate alloc;

mod args;
#[cfg(feature = "std")]
mod arity;
#[cfg(feature = "async")]
mod asynchronous;
#[cfg(feature = "std")]
mod block;
#[cfg(feature = "std")]
mod calls;
#[cfg(feature = "std")]
mod connector;
#[cfg(feature = "std")]
mod core;
#[cfg(feature = "std")]
mod discard;
#[cfg(feature = "std")]
mod emitting;
#[cfg(feature = "std")]
pub mod global;
mod key_map;
mod keys;
pub mod local;
#[cfg(feature = "std")]
mod named;
#[cfg(feature = "std")]
mod options;
mod order;
#[cfg(feature = "std")]
mod owner;
#[cfg(feature = "std")]
mod queue;
#[cfg(feature = "std")]
mod registry;
pub mod returns;
#[cfg(feature = "std")]
mod scoped;
#[cfg(feature = "std")]
mod signal;
#[cfg(feature = "testing")]
mod silent;
mod slot_info;
#[cfg(feature = "std")]
mod sync;
#[cfg(feature = "testing")]
pub mod testing;
mod trace;
#[cfg(feature = "std")]
mod tuple;
#[cfg(feature = "std")]
mod weak_object;

pub use crate::args::{Arg, Args, ByMut, ByRef};
#[cfg(feature = "async")]
pub use crate::asynchronous::{
    AsyncConnectOptions, AsyncConnector, AsyncSignal, CaughtEmission, Emission, Errback, Failure,
    NextEmission, SignalStream,
};
#[cfg(feature = "std")]
pub use crate::block::BlockGuard;
#[cfg(feature = "std")]
pub use crate::calls::{Calls, CatchUnwind, Keyed};
#[cfg(feature = "std")]
pub use crate::connector::Connector;
#[cfg(feature = "std")]
pub use crate::core::WaitError;
#[cfg(feature = "std")]
pub use crate::emitting::Emitting;
pub use crate::keys::{CallbackKey, Connection};
pub use crate::local::LocalSignal;
#[cfg(feature = "std")]
pub use crate::options::ConnectOptions;
#[cfg(feature = "std")]
pub use crate::queue::{PassTo, Queue, QueueSource};
#[cfg(feature = "std")]
pub use crate::registry::{Callback, Identity, Names, Registry, SignatureMismatch};
pub use crate::returns::Returns;
#[cfg(feature = "std")]
pub use crate::scoped::ScopedConnection;
#[cfg(feature = "std")]
pub use crate::signal::Signal;
pub use crate::slot_info::SlotInfo;
#[cfg(feature = "std")]
pub use crate::weak_object::WeakObject;

/// What the compiler checks of the promises in the documentation.
#[cfg(all(feature = "std", not(smoke_signal_loom)))]
mod promises {
    use std::cell::Cell;
    use std::fmt::Debug;
    use std::ops::Deref;
    use std::panic::{RefUnwindSafe, UnwindSafe};
    use std::rc::Rc;

    use static_assertions::{assert_impl_all, assert_not_impl_any, const_assert, const_assert_eq};

    use super::{
        BlockGuard, ByMut, ByRef, CallbackKey, Calls, Connection, Connector, Emitting, Queue,
        Registry, ScopedConnection, Signal, SignatureMismatch, SlotInfo, WaitError,
    };

    /// Neither `Send` nor `Sync`.
    #[allow(dead_code, reason = "Rust 1.85 sees no use in the assertions")]
    type Local = Rc<Cell<u8>>;

    assert_impl_all!(Signal<(Local,), Local>: Send, Sync, UnwindSafe, RefUnwindSafe, Debug, Default);
    assert_impl_all!(Registry: Send, Sync, UnwindSafe, RefUnwindSafe, Debug, Default);
    assert_not_impl_any!(Signal<()>: Clone);
    assert_not_impl_any!(Registry: Clone);
    /// With the feature `tracing`, a signal also has a name.
    #[allow(dead_code, reason = "Rust 1.85 sees no use in the assertions")]
    const SIGNAL: usize = if cfg!(feature = "tracing") { 32 } else { 16 };

    const_assert!(size_of::<Signal<(u64, u64), [u64; 9]>>() <= SIGNAL);
    const_assert!(size_of::<Registry>() <= 16);

    assert_impl_all!(Connection: Copy, Ord, std::hash::Hash, Default, slotmap::Key);
    assert_impl_all!(CallbackKey: Copy, Ord, std::hash::Hash, Default, slotmap::Key);
    const_assert_eq!(size_of::<Connection>(), 8);
    const_assert_eq!(size_of::<Option<Connection>>(), 8);
    const_assert_eq!(size_of::<Option<CallbackKey>>(), 8);

    // Emissions in progress are `Send` if their arguments are. A guard emits only once.
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
    assert_not_impl_any!(Connector<'static, (u8,)>: Deref);
    assert_impl_all!(SlotInfo: Copy, Send, Sync, Debug);
    assert_impl_all!(WaitError: std::error::Error, Copy, Send, Sync);

    // A queue stays on its thread, as its closures do.
    assert_impl_all!(Queue: UnwindSafe, RefUnwindSafe, Debug);
    assert_not_impl_any!(Queue: Clone, Send, Sync);

    /// The same for signals of one thread, which stay on it, whatever their arguments and results.
    mod of_one_thread {
        use super::{Debug, Deref, Local, RefUnwindSafe, UnwindSafe};
        use super::{assert_impl_all, assert_not_impl_any, const_assert};
        use crate::LocalSignal;
        use crate::local::{BlockGuard, Calls, Connector, Emitting, ScopedConnection};

        assert_impl_all!(LocalSignal<(Local,), Local>: UnwindSafe, RefUnwindSafe, Debug, Default);
        assert_not_impl_any!(LocalSignal<()>: Clone, Send, Sync);
        const_assert!(size_of::<LocalSignal<(u64, u64), [u64; 9]>>() <= super::SIGNAL);
        assert_not_impl_any!(Calls<'static, ()>: Send, Sync);
        assert_not_impl_any!(Emitting<'static>: Clone, Send, Sync);
        assert_impl_all!(ScopedConnection: UnwindSafe, RefUnwindSafe, Debug);
        assert_not_impl_any!(ScopedConnection: Clone, Send, Sync);
        assert_impl_all!(BlockGuard: UnwindSafe, RefUnwindSafe, Debug);
        assert_not_impl_any!(BlockGuard: Clone, Send, Sync);
        assert_impl_all!(Connector<'static, (Local,), Local>: Copy, Debug);
        assert_not_impl_any!(Connector<'static, (u8,)>: Deref, Send, Sync);
    }

    #[cfg(feature = "async")]
    mod with_async {
        use super::Local;
        use crate::{
            AsyncConnector, AsyncSignal, CaughtEmission, Emission, Errback, NextEmission,
            SignalStream,
        };
        use futures_core::{FusedFuture, FusedStream};
        use static_assertions::{assert_impl_all, assert_not_impl_any, const_assert};
        use std::fmt::Debug;
        use std::ops::Deref;
        use std::panic::{RefUnwindSafe, UnwindSafe};

        assert_impl_all!(AsyncSignal<(Local,), Local>: Send, Sync, Debug, Default);
        assert_impl_all!(AsyncSignal<(Local,), Local>: UnwindSafe, RefUnwindSafe);
        const_assert!(size_of::<AsyncSignal<(u64,), u8>>() <= super::SIGNAL);
        assert_not_impl_any!(AsyncSignal<(u8,)>: Deref);
        assert_impl_all!(AsyncConnector<'static, (Local,), Local>: Copy, Send, Sync, Debug);
        assert_not_impl_any!(AsyncConnector<'static, (u8,)>: Deref);
        assert_impl_all!(Emission<u8>: Send, Unpin, Debug, FusedFuture);
        assert_not_impl_any!(Emission<Local>: Send);
        assert_impl_all!(Errback<u8, u8, fn()>: Send, Unpin, Debug);
        assert_impl_all!(CaughtEmission<u8>: Send, Unpin, Debug, FusedFuture);
        assert_impl_all!(SignalStream<(u8,)>: Send, Sync, Unpin, Debug, FusedStream);
        assert_impl_all!(NextEmission<(u8,)>: Send, Sync, Unpin, Debug, FusedFuture);
    }

    #[cfg(feature = "testing")]
    mod with_testing {
        use super::{Debug, Local, RefUnwindSafe, UnwindSafe};
        use super::{assert_impl_all, assert_not_impl_any};
        use crate::testing::{NotEmitted, Spy};

        // One type for signals of threads and of one thread.
        assert_not_impl_any!(Spy<u8>: Send, Sync, Clone);
        assert_impl_all!(Spy<Local>: UnwindSafe, RefUnwindSafe, Debug);
        assert_impl_all!(NotEmitted: std::error::Error, Clone, Eq, Send, Sync);
    }

    // The markers' being not `Clone` is what tells them from plain arguments.
    assert_not_impl_any!(ByRef<u8>: Clone);
    assert_not_impl_any!(ByMut<u8>: Clone);
}

// The snippets of the README run as tests. It is no page of the documentation.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

/// Makes a file of `docs` a page of the documentation, whose snippets run as tests.
///
/// A file defines its links to other pages at its end, as links to files, which is what GitHub needs. The
/// definitions here come before those, and the first definition of a link wins.
macro_rules! page {
    ($page:ident, $file:literal $(, $condition:meta)?) => {
        #[cfg(doc)]
        // Without the definitions a failing snippet is reported with its file and line.
        #[cfg_attr(not(doctest), doc = "[front page]: crate#what-always-holds")]
        #[cfg_attr(not(doctest), doc = "[async signals]: crate::async_signals")]
        #[cfg_attr(not(doctest), doc = "[guide]: crate::guide")]
        #[cfg_attr(not(doctest), doc = "[local signals]: crate::local_signals")]
        #[cfg_attr(not(doctest), doc = "[performance]: crate::performance")]
        #[cfg_attr(not(doctest), doc = "[threads]: crate::threads")]
        #[cfg_attr(not(doctest), doc = "[Seeing what happens]: crate::tracing_signals")]
        #[cfg_attr(not(doctest), doc = "[When it does not compile]: crate::errors")]
        #[cfg_attr(not(doctest), doc = "[testing signals]: crate::testing_signals")]
        #[cfg_attr(not(doctest), doc = "[recipes]: crate::recipes")]
        #[cfg_attr(not(doctest), doc = "[recipes with time]: crate::recipes_time")]
        #[cfg_attr(not(doctest), doc = "[coming from smokesignal]: crate::smokesignal\n")]
        #[cfg_attr(all($($condition)?), doc = include_str!($file))]
        pub mod $page {}
    };
}

page!(architecture, "../docs/architecture.md");
// These pages are always there. Some of their snippets need the feature.
page!(
    async_signals,
    "../docs/async_signals.md",
    any(feature = "async", not(doctest))
);
page!(coming_from, "../docs/coming-from.md");
page!(
    errors,
    "../docs/errors.md",
    any(feature = "async", not(doctest))
);
page!(guarantees, "../docs/guarantees.md");
page!(guide, "../docs/guide.md");
page!(local_signals, "../docs/local.md");
page!(performance, "../docs/performance.md");
page!(recipes, "../docs/recipes.md");
// Its snippets need tokio, and run in `crates/executors`.
page!(recipes_time, "../docs/recipes_time.md", not(doctest));
page!(smokesignal, "../docs/smokesignal.md");
page!(
    testing_signals,
    "../docs/testing.md",
    any(feature = "testing", not(doctest))
);
page!(threads, "../docs/threads.md");
page!(tracing_signals, "../docs/tracing.md");
