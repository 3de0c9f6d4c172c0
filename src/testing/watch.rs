//! What a spy can listen to.

use std::panic::Location;
use std::rc::Rc;
use std::sync::Arc;

use crate::args::Args;
#[cfg(feature = "async")]
use crate::asynchronous::{AsyncConnector, AsyncSignal, Pending};
use crate::connector::Connector;
use crate::local::{self, LocalSignal};
use crate::scoped::ScopedConnection;
use crate::signal::Signal;
use crate::testing::log::Log;

/// A signal that a [`Spy`](super::Spy) can listen to.
///
/// That is a [`Signal`], a [`LocalSignal`], an `AsyncSignal`, a connector of one of these, and a reference, an `Arc` or an
/// `Rc` of one. This trait is sealed.
pub trait Watchable {
    /// The arguments of the signal.
    type Args: Args;
}

/// A signal whose emissions a [`Spy`](super::Spy) can record as items of type `T`, which a closure of type `F` makes.
///
/// For a [`Signal`], the closure must be `Send` and `Sync`, and the items `Send`, because any thread may emit. For a
/// [`LocalSignal`], they may hold an `Rc`. This trait is sealed.
#[diagnostic::on_unimplemented(
    message = "a spy cannot listen to `{Self}`",
    label = "neither a signal nor a connector",
    note = "it can listen to a signal or a connector, also through a reference, an `Arc` or an `Rc`",
    note = "of a `thread_local!`, pass what `with` lends"
)]
pub trait Watch<T, F>: Watchable {
    #[doc(hidden)]
    fn watch(&self, watcher: Watcher<T, F>) -> Watching;
}

/// The arguments of a signal that are recorded as they are: all of them are owned.
///
/// This trait is sealed.
#[diagnostic::on_unimplemented(
    message = "the arguments `{Self}` cannot be recorded as they are",
    label = "some are borrowed",
    note = "record what `Spy::map` makes of them: `Spy::map(&signal, |(text,)| text.to_owned())`"
)]
pub trait OwnedArgs: Args + Sized {
    #[doc(hidden)]
    fn owned(args: Self::In<'_>) -> Self;
}

#[diagnostic::do_not_recommend]
impl<A: for<'a> Args<In<'a> = A>> OwnedArgs for A {
    fn owned(args: A) -> A {
        args
    }
}

/// The slot that a spy connects. Only this crate can name it, and nobody outside has one.
#[allow(missing_debug_implementations, reason = "nobody can print one")]
pub struct Watcher<T, F> {
    pub(super) log: Arc<Log<T>>,
    pub(super) map: F,
    pub(super) location: &'static Location<'static>,
}

/// The connection of a spy to one signal. Disconnects when it is dropped.
#[derive(Debug)]
pub enum Watching {
    /// To a signal that threads share.
    Shared(ScopedConnection),
    /// To a signal of this thread.
    Local(local::ScopedConnection),
}

impl<A: Args, R> Watchable for Signal<A, R> {
    type Args = A;
}

impl<A: Args, R, T, F> Watch<T, F> for Signal<A, R>
where
    T: Send + 'static,
    F: for<'a> Fn(A::In<'a>) -> T + Send + Sync + 'static,
{
    fn watch(&self, watcher: Watcher<T, F>) -> Watching {
        let Watcher { log, map, location } = watcher;
        let recording = Arc::clone(&log);
        let is_wanted = move || recording.wants_this_thread();
        let slot = self.connect_silently(is_wanted, move |args| log.add(map(args)), location);
        Watching::Shared(self.scoped(slot))
    }
}

impl<A: Args, R> Watchable for LocalSignal<A, R> {
    type Args = A;
}

impl<A: Args, R, T, F> Watch<T, F> for LocalSignal<A, R>
where
    T: 'static,
    F: for<'a> Fn(A::In<'a>) -> T + 'static,
{
    fn watch(&self, watcher: Watcher<T, F>) -> Watching {
        let Watcher { log, map, location } = watcher;
        let slot = self.connect_silently(move |args| log.add(map(args)), location);
        Watching::Local(self.scoped(slot))
    }
}

/// Implements the traits for what leads to a signal: `[type parameters] type, signal => expression of the signal`.
macro_rules! leads_to {
    ([$($parameter:tt)*] $type:ty, $signal:ty, $this:ident => $path:expr) => {
        impl<$($parameter)*> Watchable for $type
        where
            $signal: Watchable,
        {
            type Args = <$signal as Watchable>::Args;
        }

        impl<$($parameter)*, T, F> Watch<T, F> for $type
        where
            $signal: Watch<T, F>,
        {
            fn watch(&self, watcher: Watcher<T, F>) -> Watching {
                let $this = self;
                ($path).watch(watcher)
            }
        }
    };
}

leads_to!(['s, A: Args, R] Connector<'s, A, R>, Signal<A, R>, this => this.signal);
leads_to!(['s, A: Args, R] local::Connector<'s, A, R>, LocalSignal<A, R>, this => this.signal);
#[cfg(feature = "async")]
leads_to!([A: Args, R] AsyncSignal<A, R>, Signal<A, Pending<R>>, this => this.signal);
#[cfg(feature = "async")]
leads_to!(['s, A: Args, R] AsyncConnector<'s, A, R>, AsyncSignal<A, R>, this => this.signal);
leads_to!(['s, S] &'s S, S, this => **this);
leads_to!([S] Arc<S>, S, this => **this);
leads_to!([S] Rc<S>, S, this => **this);
