//! The methods of a registry for callbacks that return futures.

use std::any::Any;
use std::future::Future;
use std::panic::Location;
use std::sync::Arc;

use crate::args::Args;
use crate::asynchronous::{AsyncSignal, Emission, Pending};
use crate::core::Core;
use crate::keys::CallbackKey;
use crate::registry::api::Registry;
use crate::registry::callback::{Callback, SharedCallback};
use crate::registry::identity::type_identity;
use crate::registry::mismatch::{Signature, SignatureMismatch};
use crate::registry::named::Named;
use crate::registry::names::{Names, owned};
use crate::signal::Signal;
use crate::trace::Origin;

/// # Async callbacks (feature `async`)
///
/// A name whose callbacks return futures is bound as an async name. `emit` and `emitting` return a
/// [`SignatureMismatch`] for it, because nobody would await the futures. So does registering a
/// callback that does not return a future; [`std::future::ready`] turns a plain value into one.
/// Keys, identities, budgets and the methods that disconnect callbacks are the same for both kinds.
impl Registry {
    /// Like [`on`](Self::on), but for a callback that returns a future.
    ///
    /// # Errors
    ///
    /// As for [`on`](Self::on).
    ///
    /// ```
    /// async fn length(text: String) -> usize {
    ///     text.len()
    /// }
    ///
    /// let registry = smoke_signal::Registry::new();
    /// registry.on_async("measure", length)?;
    /// # futures::executor::block_on(async {
    /// let lengths = registry.emit_async::<_, usize>("measure", ("four".to_owned(),))?.await;
    /// assert_eq!(lengths, [4]);
    /// # Ok::<(), smoke_signal::SignatureMismatch>(())
    /// # })?;
    /// assert!(registry.disconnect(length));
    /// # Ok::<(), smoke_signal::SignatureMismatch>(())
    /// ```
    #[track_caller]
    pub fn on_async<S: 'static, C: Callback<S>>(
        &self,
        names: impl Names,
        callback: C,
    ) -> Result<CallbackKey, SignatureMismatch>
    where
        C::Ret: Future<Output: 'static> + Send,
    {
        self.register_async(names, None, callback, Location::caller())
    }

    /// Like [`on_max`](Self::on_max), but for a callback that returns a future. A call counts when the
    /// callback is called, not when its future finishes.
    ///
    /// # Errors
    ///
    /// As for [`on`](Self::on).
    ///
    /// ```
    /// let registry = smoke_signal::Registry::new();
    /// let key = registry.on_max_async("tick", 2, async || ())?;
    /// let first = registry.emit_async::<_, ()>("tick", ())?;
    /// assert_eq!(registry.calls_left(key), Some(1));
    /// drop(first);
    /// # Ok::<(), smoke_signal::SignatureMismatch>(())
    /// ```
    #[track_caller]
    pub fn on_max_async<S: 'static, C: Callback<S>>(
        &self,
        names: impl Names,
        max_calls: u32,
        callback: C,
    ) -> Result<CallbackKey, SignatureMismatch>
    where
        C::Ret: Future<Output: 'static> + Send,
    {
        self.register_async(names, Some(max_calls), callback, Location::caller())
    }

    /// Like [`once`](Self::once), but for a callback that returns a future.
    ///
    /// # Errors
    ///
    /// As for [`on`](Self::on).
    ///
    /// ```
    /// let registry = smoke_signal::Registry::new();
    /// registry.once_async(["opened", "closed"], async || 1)?;
    /// # futures::executor::block_on(async {
    /// assert_eq!(registry.emit_async::<_, i32>("opened", ())?.await, [1]);
    /// assert_eq!(registry.emit_async::<_, i32>("closed", ())?.await, []);
    /// # Ok::<(), smoke_signal::SignatureMismatch>(())
    /// # })?;
    /// # Ok::<(), smoke_signal::SignatureMismatch>(())
    /// ```
    #[track_caller]
    pub fn once_async<S: 'static, C: Callback<S>>(
        &self,
        names: impl Names,
        callback: C,
    ) -> Result<CallbackKey, SignatureMismatch>
    where
        C::Ret: Future<Output: 'static> + Send,
    {
        self.register_async(names, Some(1), callback, Location::caller())
    }

    /// Emits an async name: calls its callbacks, and returns an [`Emission`] to await their futures.
    ///
    /// Emitting an unbound name is not an error: nothing is called, and the name stays unbound.
    ///
    /// # Errors
    ///
    /// [`SignatureMismatch`] if the name is bound to other types, or to callbacks that do not return
    /// futures. Then nothing has been called.
    ///
    /// ```
    /// let registry = smoke_signal::Registry::new();
    /// registry.on_async("fetch", async |host: &'static str| match host {
    ///     "localhost" => Ok(200_u16),
    ///     _ => Err("down"),
    /// })?;
    /// # futures::executor::block_on(async {
    /// let answers = registry.emit_async::<_, Result<u16, &str>>("fetch", ("elsewhere",))?;
    /// assert_eq!(answers.errback(|_| Ok::<_, ()>(404)).await, [Ok(404)]);
    /// # Ok::<(), smoke_signal::SignatureMismatch>(())
    /// # })?;
    /// # Ok::<(), smoke_signal::SignatureMismatch>(())
    /// ```
    #[cfg_attr(feature = "tracing", track_caller)]
    pub fn emit_async<A, R: 'static>(
        &self,
        name: &str,
        args: A,
    ) -> Result<Emission<R>, SignatureMismatch>
    where
        A: for<'a> Args<In<'a> = A>,
    {
        let origin = Origin::caller();
        let emit = |emitter: &AsyncEmitter<A, R>| {
            let snapshot = emitter.0.snapshot();
            #[cfg(feature = "tracing")]
            if let Some(observer) = emitter.0.observer(origin, &snapshot) {
                return Emission::observed(snapshot, args, observer);
            }
            Emission::new(snapshot, args)
        };
        let Some(shared) = self.shared_if_used() else {
            #[cfg(feature = "tracing")]
            crate::trace::emitted_to_nobody(name, origin);
            return Ok(Emission::of_none());
        };
        let emission = shared.dispatch(name, &Signature::of_async::<A, R>(), origin, emit)?;
        Ok(emission.unwrap_or_else(Emission::of_none))
    }

    /// Returns the typed signal behind an async name. See [`signal`](Self::signal).
    ///
    /// # Errors
    ///
    /// [`SignatureMismatch`] if the name is bound to other types, or to callbacks that do not return
    /// futures.
    ///
    /// ```
    /// let registry = smoke_signal::Registry::new();
    /// let saved = registry.async_signal::<(String,), usize>("saved")?;
    /// saved.connect(async |path| path.len());
    /// # Ok::<(), smoke_signal::SignatureMismatch>(())
    /// ```
    #[track_caller]
    pub fn async_signal<A: Args, R: 'static>(
        &self,
        name: &str,
    ) -> Result<Arc<AsyncSignal<A, R>>, SignatureMismatch> {
        self.shared().named(name, Location::caller())
    }

    fn register_async<S: 'static, C: Callback<S>>(
        &self,
        names: impl Names,
        max_calls: Option<u32>,
        callback: C,
        at: &'static Location<'static>,
    ) -> Result<CallbackKey, SignatureMismatch>
    where
        C::Ret: Future<Output: 'static> + Send,
    {
        let names = owned(names);
        let shared: SharedCallback<C::Args, Pending<<C::Ret as Future>::Output>> =
            Arc::new(move |args| Box::pin(callback.call(args)));
        let identity = type_identity::<C>();
        self.register::<AsyncSignal<C::Args, <C::Ret as Future>::Output>>(
            &names, max_calls, identity, shared, at,
        )
    }
}

impl<A: Args, R: 'static> Named for AsyncSignal<A, R> {
    type Args = A;
    type Ret = Pending<R>;

    fn signature() -> Signature {
        Signature::of_async::<A, R>()
    }

    fn signal(&self) -> &Signal<A, Pending<R>> {
        &self.signal
    }

    fn emitter(self: &Arc<Self>) -> Arc<dyn Any + Send + Sync> {
        Arc::new(AsyncEmitter(self.signal().core().clone()))
    }
}

/// What an async name is emitted through.
struct AsyncEmitter<A: Args, R: 'static>(Arc<Core<A, Pending<R>>>);
