//! What a registry does with callbacks that return futures.

use std::any::Any;
use std::future::Future;
use std::panic::Location;
use std::sync::Arc;

use super::Registry;
use super::books::{AnySignal, Named, Removed};
use super::callback::type_identity;
use super::mismatch::{Signature, SignatureMismatch};
use super::names::Names;
use crate::args::{Args, for_each_arity};
use crate::asynchronous::Pending;
use crate::{AsyncSignal, CallbackKey, Connection, Emission, Signal, SlotInfo};

mod sealed {
    pub trait AsyncCallback<Signature> {}
}

/// An async callable that a [`Registry`] can call: any `Fn` of 0 to 8 parameters, as a
/// [`Callback`](crate::Callback), that returns a `Future + Send + 'static`: an `async fn`, say.
///
/// `Signature` is inferred. This trait is sealed.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be an async callback of a registry",
    label = "not an async callback",
    note = "an async callback is an `Fn` of 0 to 8 parameters, `Send + Sync + 'static`, each parameter `Clone + 'static`, that returns a `Future + Send + 'static`"
)]
pub trait AsyncCallback<Signature: 'static>:
    sealed::AsyncCallback<Signature> + Send + Sync + 'static
{
    /// The tuple of parameter types.
    type Args: Args;
    /// What the future gives.
    type Ret: 'static;

    /// Calls it.
    #[doc(hidden)]
    fn call(&self, args: <Self::Args as Args>::In<'_>) -> Pending<Self::Ret>;
}

macro_rules! impl_async_callback {
    ($fence:literal $($A:ident $a:ident),*) => {
        impl<F, Fut, $($A),*> sealed::AsyncCallback<fn($($A),*) -> Fut> for F
        where
            F: Fn($($A),*) -> Fut,
        {
        }

        impl<F, Fut, $($A: Clone + 'static),*> AsyncCallback<fn($($A),*) -> Fut> for F
        where
            F: Fn($($A),*) -> Fut + Send + Sync + 'static,
            Fut: Future<Output: 'static> + Send + 'static,
        {
            type Args = ($($A,)*);
            type Ret = Fut::Output;

            fn call(&self, ($($a,)*): ($($A,)*)) -> Pending<Fut::Output> {
                Box::pin(self($($a),*))
            }
        }
    };
}

for_each_arity!(impl_async_callback);

/// # Async callbacks (feature `async`)
///
/// A name whose callbacks return futures is bound as such: `emit` and `emitting` on it are a
/// [`SignatureMismatch`], since nobody would await the futures, and so is a callback that returns
/// none; [`std::future::ready`] makes a future of a plain value. CallbackKeys, identity, budgets and
/// everything that takes callbacks off are the same for both kinds.
impl Registry {
    /// As [`on`](Self::on), for a callback that returns a future.
    ///
    /// # Errors
    ///
    /// As there.
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
    pub fn on_async<S: 'static, C: AsyncCallback<S>>(
        &self,
        names: impl Names,
        callback: C,
    ) -> Result<CallbackKey, SignatureMismatch> {
        self.register_async(&names, None, callback, Location::caller())
    }

    /// As [`on_max`](Self::on_max), for a callback that returns a future. A call is charged when the
    /// name is emitted, not when its future finishes.
    ///
    /// # Errors
    ///
    /// As there.
    ///
    /// ```
    /// let registry = smoke_signal::Registry::new();
    /// let key = registry.on_max_async("tick", 2, async || ())?;
    /// let first = registry.emit_async::<_, ()>("tick", ())?;
    /// assert_eq!(registry.calls_left(key), Some(1));
    /// # drop(first);
    /// # Ok::<(), smoke_signal::SignatureMismatch>(())
    /// ```
    #[track_caller]
    pub fn on_max_async<S: 'static, C: AsyncCallback<S>>(
        &self,
        names: impl Names,
        max_calls: u32,
        callback: C,
    ) -> Result<CallbackKey, SignatureMismatch> {
        self.register_async(&names, Some(max_calls), callback, Location::caller())
    }

    /// As [`once`](Self::once), for a callback that returns a future.
    ///
    /// # Errors
    ///
    /// As there.
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
    pub fn once_async<S: 'static, C: AsyncCallback<S>>(
        &self,
        names: impl Names,
        callback: C,
    ) -> Result<CallbackKey, SignatureMismatch> {
        self.register_async(&names, Some(1), callback, Location::caller())
    }

    /// Emits an async name: calls its callbacks and gives their futures, to be awaited.
    ///
    /// A name that nobody has bound is no error: there is nothing to wait for, and it stays unbound.
    ///
    /// # Errors
    ///
    /// [`SignatureMismatch`] if the name is bound to other types, or to callbacks that return no
    /// futures; nothing has been called.
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
    pub fn emit_async<A, R: 'static>(
        &self,
        name: &str,
        args: A,
    ) -> Result<Emission<R>, SignatureMismatch>
    where
        A: for<'a> Args<In<'a> = A>,
    {
        let emit = |signal: &AsyncSignal<A, R>| signal.emission(args);
        let emission = match self.shared.get() {
            Some(shared) => shared.follow(name, &Signature::of_async::<A, R>(), emit)?,
            None => None,
        };
        Ok(emission.unwrap_or_else(Emission::of_none))
    }

    /// The typed signal behind an async name, as [`signal`](Self::signal).
    ///
    /// # Errors
    ///
    /// [`SignatureMismatch`] if the name is bound to other types, or to callbacks that return no
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
        self.named(name, Location::caller())
    }

    fn register_async<S: 'static, C: AsyncCallback<S>>(
        &self,
        names: &impl Names,
        max_calls: Option<u32>,
        callback: C,
        at: &'static Location<'static>,
    ) -> Result<CallbackKey, SignatureMismatch> {
        let callback = Arc::new(callback);
        let slot = || {
            let callback = Arc::clone(&callback);
            move |args: <C::Args as Args>::In<'_>| callback.call(args)
        };
        let who = type_identity::<C>();
        let registered =
            self.register::<AsyncSignal<C::Args, C::Ret>, _>(names, max_calls, who, slot, at);
        drop(callback); // by hand, or its panic would leak the error: see `Core::emit`
        registered
    }
}

impl<A: Args, R: 'static> Named for AsyncSignal<A, R> {
    type Args = A;
    type Ret = Pending<R>;

    fn signature() -> Signature {
        Signature::of_async::<A, R>()
    }

    fn signal(&self) -> &Signal<A, Pending<R>> {
        self
    }

    fn route(self: &Arc<Self>) -> Arc<dyn Any + Send + Sync> {
        self.clone()
    }
}

impl<A: Args, R: 'static> AnySignal for AsyncSignal<A, R> {
    fn contains(&self, connection: Connection) -> bool {
        AnySignal::contains(&**self, connection)
    }

    fn disconnect_into(&self, connection: Connection, removed: &mut Removed) -> bool {
        (**self).disconnect_into(connection, removed)
    }

    fn disconnect_all_into(&self, removed: &mut Removed) {
        (**self).disconnect_all_into(removed);
    }

    fn try_slots(&self) -> Option<Vec<SlotInfo>> {
        AnySignal::try_slots(&**self)
    }
}
