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
//! In tests and in libraries, prefer a [`Registry`] or a typed [`Signal`] of your own: the names
//! here are shared by everything in the process.

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

/// Calls [`Registry::on`] on the global registry.
///
/// # Errors
///
/// As for the method of [`Registry`].
#[track_caller]
pub fn on<S: 'static, C: Callback<S>>(
    names: impl Names,
    callback: C,
) -> Result<CallbackKey, SignatureMismatch> {
    Registry::global().on(names, callback)
}

/// Calls [`Registry::on_max`] on the global registry.
///
/// # Errors
///
/// As for the method of [`Registry`].
#[track_caller]
pub fn on_max<S: 'static, C: Callback<S>>(
    names: impl Names,
    max_calls: u32,
    callback: C,
) -> Result<CallbackKey, SignatureMismatch> {
    Registry::global().on_max(names, max_calls, callback)
}

/// Calls [`Registry::once`] on the global registry.
///
/// # Errors
///
/// As for the method of [`Registry`].
#[track_caller]
pub fn once<S: 'static, C: Callback<S>>(
    names: impl Names,
    callback: C,
) -> Result<CallbackKey, SignatureMismatch> {
    Registry::global().once(names, callback)
}

/// Calls [`Registry::emit`] on the global registry.
///
/// # Errors
///
/// As for the method of [`Registry`].
#[cfg_attr(feature = "tracing", track_caller)]
pub fn emit<A>(name: &str, args: A) -> Result<usize, SignatureMismatch>
where
    A: for<'a> Args<In<'a> = A>,
{
    Registry::global().emit(name, args)
}

/// Calls [`Registry::emitting`] on the global registry.
///
/// # Errors
///
/// As for the method of [`Registry`].
#[track_caller]
#[must_use = "dropping the guard emits at once; bind it to a name"]
pub fn emitting(name: &str) -> Result<Emitting<'static>, SignatureMismatch> {
    Registry::global().emitting(name)
}

/// Calls [`Registry::emitting_between`] on the global registry.
///
/// # Errors
///
/// As for the method of [`Registry`].
#[track_caller]
#[must_use = "dropping the guard emits at once; bind it to a name"]
pub fn emitting_between(enter: &str, exit: &str) -> Result<Emitting<'static>, SignatureMismatch> {
    Registry::global().emitting_between(enter, exit)
}

/// Calls [`Registry::signal`] on the global registry.
///
/// # Errors
///
/// As for the method of [`Registry`].
#[track_caller]
pub fn signal<A: Args, R: 'static>(name: &str) -> Result<Arc<Signal<A, R>>, SignatureMismatch> {
    Registry::global().signal(name)
}

/// Calls [`Registry::disconnect`] on the global registry.
pub fn disconnect<K, C: Identity<K>>(callback: C) -> bool {
    let () = C::IDENTIFIES;
    Registry::global().disconnect(callback)
}

/// Calls [`Registry::disconnect_from`] on the global registry.
pub fn disconnect_from<K, C: Identity<K>>(callback: C, names: impl Names) -> bool {
    let () = C::IDENTIFIES;
    Registry::global().disconnect_from(callback, names)
}

/// Calls [`Registry::signals`] on the global registry.
pub fn signals<K, C: Identity<K>>(callback: C) -> Vec<String> {
    let () = C::IDENTIFIES;
    Registry::global().signals(callback)
}

/// Calls [`Registry::responds_to`] on the global registry.
pub fn responds_to<K, C: Identity<K>>(callback: C, name: &str) -> bool {
    let () = C::IDENTIFIES;
    Registry::global().responds_to(callback, name)
}

/// Calls [`Registry::calls_left`] on the global registry.
pub fn calls_left<K, C: Identity<K>>(callback: C) -> Option<u32> {
    let () = C::IDENTIFIES;
    Registry::global().calls_left(callback)
}

/// Calls [`Registry::clear`] on the global registry.
pub fn clear(names: impl Names) {
    Registry::global().clear(names);
}

/// Calls [`Registry::clear_all`] on the global registry. This removes the callbacks of everything
/// in the process.
pub fn clear_all() {
    Registry::global().clear_all();
}

/// Calls [`Registry::remove`] on the global registry.
pub fn remove(names: impl Names) -> usize {
    Registry::global().remove(names)
}

/// Calls [`Registry::names`] on the global registry.
pub fn names() -> Vec<String> {
    Registry::global().names()
}

/// Calls [`Registry::on_async`] on the global registry.
///
/// # Errors
///
/// As for the method of [`Registry`].
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

/// Calls [`Registry::on_max_async`] on the global registry.
///
/// # Errors
///
/// As for the method of [`Registry`].
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

/// Calls [`Registry::once_async`] on the global registry.
///
/// # Errors
///
/// As for the method of [`Registry`].
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

/// Calls [`Registry::emit_async`] on the global registry.
///
/// # Errors
///
/// As for the method of [`Registry`].
#[cfg(feature = "async")]
#[cfg_attr(feature = "tracing", track_caller)]
pub fn emit_async<A, R: 'static>(name: &str, args: A) -> Result<Emission<R>, SignatureMismatch>
where
    A: for<'a> Args<In<'a> = A>,
{
    Registry::global().emit_async(name, args)
}

/// Calls [`Registry::async_signal`] on the global registry.
///
/// # Errors
///
/// As for the method of [`Registry`].
#[cfg(feature = "async")]
#[track_caller]
pub fn async_signal<A: Args, R: 'static>(
    name: &str,
) -> Result<Arc<AsyncSignal<A, R>>, SignatureMismatch> {
    Registry::global().async_signal(name)
}
