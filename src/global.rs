//! The functions of Python's `smokesignal` module over one registry for the whole process,
//! [`Registry::global`].
//!
//! ```
//! use smoke_signal::global as smokesignal;
//!
//! fn debug(verbose: bool) {
//!     println!("verbose: {verbose}");
//! }
//!
//! smokesignal::on("debug", debug)?;
//! smokesignal::emit("debug", (true,))?;
//! # Ok::<(), smoke_signal::SignatureMismatch>(())
//! ```
//!
//! Code that is tested, or used as a library, is better served by a [`Registry`] or a typed
//! [`Signal`] of its own: whoever shares a process shares these names.

#[cfg(feature = "async")]
use std::future::Future;
use std::sync::Arc;

use crate::args::Args;
#[cfg(feature = "async")]
use crate::asynchronous::{AsyncSignal, Emission};
use crate::emitting::Emitting;
use crate::keys::CallbackKey;
use crate::registry::{Callback, Identity, Names, Registry, SignatureMismatch};
use crate::signal::Signal;

/// [`Registry::on`] of the global registry.
///
/// # Errors
///
/// As there.
#[track_caller]
pub fn on<S: 'static, C: Callback<S>>(
    names: impl Names,
    callback: C,
) -> Result<CallbackKey, SignatureMismatch> {
    Registry::global().on(names, callback)
}

/// [`Registry::on_max`] of the global registry.
///
/// # Errors
///
/// As there.
#[track_caller]
pub fn on_max<S: 'static, C: Callback<S>>(
    names: impl Names,
    max_calls: u32,
    callback: C,
) -> Result<CallbackKey, SignatureMismatch> {
    Registry::global().on_max(names, max_calls, callback)
}

/// [`Registry::once`] of the global registry.
///
/// # Errors
///
/// As there.
#[track_caller]
pub fn once<S: 'static, C: Callback<S>>(
    names: impl Names,
    callback: C,
) -> Result<CallbackKey, SignatureMismatch> {
    Registry::global().once(names, callback)
}

/// [`Registry::emit`] of the global registry.
///
/// # Errors
///
/// As there.
pub fn emit<A>(name: &str, args: A) -> Result<usize, SignatureMismatch>
where
    A: for<'a> Args<In<'a> = A>,
{
    Registry::global().emit(name, args)
}

/// [`Registry::emitting`] of the global registry.
///
/// # Errors
///
/// As there.
#[track_caller]
pub fn emitting(name: &str) -> Result<Emitting<'static>, SignatureMismatch> {
    Registry::global().emitting(name)
}

/// [`Registry::emitting_between`] of the global registry.
///
/// # Errors
///
/// As there.
#[track_caller]
pub fn emitting_between(enter: &str, exit: &str) -> Result<Emitting<'static>, SignatureMismatch> {
    Registry::global().emitting_between(enter, exit)
}

/// [`Registry::signal`] of the global registry.
///
/// # Errors
///
/// As there.
#[track_caller]
pub fn signal<A: Args, R: 'static>(name: &str) -> Result<Arc<Signal<A, R>>, SignatureMismatch> {
    Registry::global().signal(name)
}

/// [`Registry::disconnect`] of the global registry.
pub fn disconnect<K>(callback: impl Identity<K>) -> bool {
    Registry::global().disconnect(callback)
}

/// [`Registry::disconnect_from`] of the global registry.
pub fn disconnect_from<K>(callback: impl Identity<K>, names: impl Names) -> bool {
    Registry::global().disconnect_from(callback, names)
}

/// [`Registry::signals`] of the global registry.
pub fn signals<K>(callback: impl Identity<K>) -> Vec<String> {
    Registry::global().signals(callback)
}

/// [`Registry::responds_to`] of the global registry.
pub fn responds_to<K>(callback: impl Identity<K>, name: &str) -> bool {
    Registry::global().responds_to(callback, name)
}

/// [`Registry::calls_left`] of the global registry.
pub fn calls_left<K>(callback: impl Identity<K>) -> Option<u32> {
    Registry::global().calls_left(callback)
}

/// [`Registry::clear`] of the global registry.
pub fn clear(names: impl Names) {
    Registry::global().clear(names);
}

/// [`Registry::clear_all`] of the global registry: the callbacks of everybody in this process.
pub fn clear_all() {
    Registry::global().clear_all();
}

/// [`Registry::on_async`] of the global registry.
///
/// # Errors
///
/// As there.
#[cfg(feature = "async")]
#[track_caller]
pub fn on_async<S: 'static, C: Callback<S>>(
    names: impl Names,
    callback: C,
) -> Result<CallbackKey, SignatureMismatch>
where
    C::Ret: Future<Output: 'static> + Send,
{
    Registry::global().on_async(names, callback)
}

/// [`Registry::on_max_async`] of the global registry.
///
/// # Errors
///
/// As there.
#[cfg(feature = "async")]
#[track_caller]
pub fn on_max_async<S: 'static, C: Callback<S>>(
    names: impl Names,
    max_calls: u32,
    callback: C,
) -> Result<CallbackKey, SignatureMismatch>
where
    C::Ret: Future<Output: 'static> + Send,
{
    Registry::global().on_max_async(names, max_calls, callback)
}

/// [`Registry::once_async`] of the global registry.
///
/// # Errors
///
/// As there.
#[cfg(feature = "async")]
#[track_caller]
pub fn once_async<S: 'static, C: Callback<S>>(
    names: impl Names,
    callback: C,
) -> Result<CallbackKey, SignatureMismatch>
where
    C::Ret: Future<Output: 'static> + Send,
{
    Registry::global().once_async(names, callback)
}

/// [`Registry::emit_async`] of the global registry.
///
/// # Errors
///
/// As there.
#[cfg(feature = "async")]
pub fn emit_async<A, R: 'static>(name: &str, args: A) -> Result<Emission<R>, SignatureMismatch>
where
    A: for<'a> Args<In<'a> = A>,
{
    Registry::global().emit_async(name, args)
}

/// [`Registry::async_signal`] of the global registry.
///
/// # Errors
///
/// As there.
#[cfg(feature = "async")]
#[track_caller]
pub fn async_signal<A: Args, R: 'static>(
    name: &str,
) -> Result<Arc<AsyncSignal<A, R>>, SignatureMismatch> {
    Registry::global().async_signal(name)
}
