//! The methods of async signals that depend on the number of arguments, implemented like those of
//! signals.

use std::future::Future;
use std::sync::Arc;

use crate::args::{Arg, for_each_arity};
use crate::asynchronous::Pending;
use crate::asynchronous::connector::AsyncConnector;
use crate::asynchronous::emission::Emission;
use crate::asynchronous::options::AsyncConnectOptions;
use crate::asynchronous::signal::AsyncSignal;
use crate::calls::Calls;
use crate::keys::Connection;
use crate::scoped::ScopedConnection;
use crate::weak_object::WeakObject;

macro_rules! impl_async_arity {
    ([$($hidden:meta)?] $fence:literal $($A:ident $a:ident),*) => {
        $(#[$hidden])?
        #[allow(
            clippy::too_many_arguments,
            clippy::extra_unused_lifetimes,
            clippy::elidable_lifetime_names,
            reason = "one body for every number of arguments, 0 and 8 among them"
        )]
        impl<$($A: Arg,)* R> AsyncSignal<($($A,)*), R> { // arguments are `'static`: for `&str` write `ByRef<str>`
            /// Connects a slot: every emission calls `f`. Awaiting the emission awaits the future
            /// that `f` returned. See [`Signal::connect`](crate::Signal#method.connect). If the compiler refuses
            /// a closure, see [`errors`](crate::errors#an-async-closure-with-captures).
            ///
            #[doc = concat!("```", $fence)]
            /// use smoke_signal::AsyncSignal;
            /// use std::sync::{Arc, Mutex};
            ///
            /// let saved: AsyncSignal<(&'static str,)> = AsyncSignal::new();
            /// let paths = Arc::new(Mutex::new(Vec::new()));
            /// let list = Arc::clone(&paths);
            /// saved.connect(move |path| {
            ///     let list = Arc::clone(&list); // the future outlives the call
            ///     async move { list.lock().unwrap().push(path) }
            /// });
            ///
            /// futures::executor::block_on(async {
            ///     saved.emit("a.txt").await;
            /// });
            /// assert_eq!(*paths.lock().unwrap(), ["a.txt"]);
            /// ```
            #[track_caller]
            pub fn connect<F, Fut>(&self, f: F) -> Connection
            where // captures: `move |x| { let y = y.clone(); async move { .. } }`; see `smoke_signal::errors`
                F: for<'a> Fn($($A::In<'a>),*) -> Fut + Send + Sync + 'static,
                Fut: Future<Output = R> + Send + 'static,
            {
                self.options().connect(f)
            }

            /// Connects a slot for the duration of a scope: it is disconnected when the returned handle is
            /// dropped. See [`Signal::connect_scoped`](crate::Signal#method.connect_scoped).
            ///
            #[doc = concat!("```", $fence)]
            /// let saved = smoke_signal::AsyncSignal::<(&'static str,), usize>::new();
            /// {
            ///     let _scoped = saved.connect_scoped(async |path| path.len());
            ///     assert_eq!(saved.len(), 1);
            /// }
            /// assert!(saved.is_empty());
            /// ```
            #[track_caller]
            #[must_use = "dropping the handle disconnects the slot at once; bind it to a name"]
            pub fn connect_scoped<F, Fut>(&self, f: F) -> ScopedConnection
            where // captures: `move |x| { let y = y.clone(); async move { .. } }`; see `smoke_signal::errors`
                F: for<'a> Fn($($A::In<'a>),*) -> Fut + Send + Sync + 'static,
                Fut: Future<Output = R> + Send + 'static,
            {
                self.options().connect_scoped(f)
            }

            /// Connects a slot that is called at most once, and is consumed by the call. See
            /// [`Signal::once`](crate::Signal#method.once).
            ///
            #[doc = concat!("```", $fence)]
            /// let ready = smoke_signal::AsyncSignal::<(u16,), String>::new();
            /// let host = String::from("localhost");
            /// ready.once(async move |port| format!("{host}:{port}"));
            ///
            /// futures::executor::block_on(async {
            ///     assert_eq!(ready.emit(8080).await, ["localhost:8080"]);
            /// });
            /// assert!(ready.is_empty());
            /// ```
            #[track_caller]
            pub fn once<F, Fut>(&self, f: F) -> Connection
            where
                F: for<'a> FnOnce($($A::In<'a>),*) -> Fut + Send + 'static,
                Fut: Future<Output = R> + Send + 'static,
            {
                self.options().once(f)
            }

            /// Connects a slot that knows its own key. See
            /// [`Signal::connect_with_key`](crate::Signal#method.connect_with_key).
            ///
            #[doc = concat!("```", $fence)]
            /// use smoke_signal::AsyncSignal;
            ///
            /// static PROGRESS: AsyncSignal<(u8,)> = AsyncSignal::new();
            ///
            /// PROGRESS.connect_with_key(|me| {
            ///     move |percent| async move {
            ///         if percent == 100 {
            ///             PROGRESS.disconnect(me);
            ///         }
            ///     }
            /// });
            /// futures::executor::block_on(async {
            ///     PROGRESS.emit(100).await;
            /// });
            /// assert!(PROGRESS.is_empty());
            /// ```
            #[track_caller]
            pub fn connect_with_key<M, F, Fut>(&self, make: M) -> Connection
            where
                M: FnOnce(Connection) -> F,
                F: for<'a> Fn($($A::In<'a>),*) -> Fut + Send + Sync + 'static,
                Fut: Future<Output = R> + Send + 'static,
            {
                self.options().connect_with_key(make)
            }

            /// Connects a slot that uses an object without keeping it alive. `f` is called with an `Arc` of
            /// the object in front of the arguments, which its future may keep: an async method can be a
            /// slot. See [`Signal::connect_weak`](crate::Signal#method.connect_weak).
            ///
            /// The slot disconnects by itself when the last `Arc` of the object is dropped. A pending future
            /// that owns one keeps the object alive, and with it the slot.
            ///
            #[doc = concat!("```", $fence)]
            /// use smoke_signal::AsyncSignal;
            /// use std::sync::Arc;
            ///
            /// struct Service(&'static str);
            ///
            /// impl Service {
            ///     async fn greet(&self, name: &str) -> String {
            ///         format!("{}, {name}", self.0)
            ///     }
            ///
            ///     async fn part(self: Arc<Self>, name: &'static str) -> String {
            ///         format!("Bye, {name}")
            ///     }
            /// }
            ///
            /// let named: AsyncSignal<(&'static str,), String> = AsyncSignal::new();
            /// let service = Arc::new(Service("Moin"));
            /// named.connect_weak(&service, |service, name| async move { service.greet(name).await });
            /// named.connect_weak(&service, Service::part);
            ///
            /// futures::executor::block_on(async {
            ///     assert_eq!(named.emit("Ada").await, ["Moin, Ada", "Bye, Ada"]);
            /// });
            /// drop(service);
            /// assert!(named.is_empty());
            /// ```
            #[track_caller]
            pub fn connect_weak<W, F, Fut>(&self, object: &W, f: F) -> Connection
            where
                W: WeakObject,
                F: for<'a> Fn(Arc<W::Target>, $($A::In<'a>),*) -> Fut + Send + Sync + 'static,
                Fut: Future<Output = R> + Send + 'static,
            {
                self.options().connect_weak(object, f)
            }

            /// Calls every slot in order, on this thread. Awaiting the returned [`Emission`] runs
            /// their futures concurrently and returns the results in call order.
            ///
            /// The slots are called before `emit` returns, whether or not the [`Emission`] is
            /// awaited, and their call budgets are charged. If a slot panics, the others are still
            /// called, and awaiting the [`Emission`] panics.
            ///
            #[doc = concat!("```", $fence)]
            /// let fetch = smoke_signal::AsyncSignal::<(&'static str,), usize>::new();
            /// fetch.connect(|url| async move { url.len() });
            ///
            /// let emission = fetch.emit("https://"); // the slot has been called
            /// futures::executor::block_on(async {
            ///     assert_eq!(emission.await, [8]);
            /// });
            /// ```
            #[cfg_attr(feature = "tracing", track_caller)]
            pub fn emit<'a>(&self, $($a: $A::In<'a>),*) -> Emission<R> {
                self.emit_tuple(($($a,)*))
            }

            /// Emits lazily: returns an iterator that calls one slot at each `next` and returns its
            /// future, so the futures can be awaited one after the other. A slot that the iterator does
            /// not reach is not called. See [`Calls`].
            ///
            /// Each future does something only as it is awaited.
            ///
            #[doc = concat!("```", $fence)]
            /// use smoke_signal::AsyncSignal;
            ///
            /// let may_close: AsyncSignal<(u32,), bool> = AsyncSignal::new();
            /// may_close.connect(async |window| window == 1);
            /// may_close.connect(async |_window| unreachable!("the first slot has settled it"));
            ///
            /// async fn all_agree(signal: &AsyncSignal<(u32,), bool>, window: u32) -> bool {
            ///     for answer in signal.calls(window) {
            ///         if !answer.await {
            ///             return false;
            ///         }
            ///     }
            ///     true
            /// }
            /// assert!(!futures::executor::block_on(all_agree(&may_close, 2)));
            /// ```
            #[must_use = "slots are called as the iterator advances, and each future has to be awaited"]
            #[cfg_attr(feature = "tracing", track_caller)]
            pub fn calls<'a>(&self, $($a: $A::In<'a>),*) -> Calls<'a, ($($A,)*), Pending<R>> {
                self.calls_tuple(($($a,)*))
            }
        }

        $(#[$hidden])?
        impl<$($A: Arg,)* R> AsyncConnectOptions<'_, ($($A,)*), R> {
            /// Connects an async slot with these options. See
            /// [`AsyncSignal::connect`](AsyncSignal#method.connect).
            #[track_caller]
            pub fn connect<F, Fut>(self, f: F) -> Connection
            where // captures: `move |x| { let y = y.clone(); async move { .. } }`; see `smoke_signal::errors`
                F: for<'a> Fn($($A::In<'a>),*) -> Fut + Send + Sync + 'static,
                Fut: Future<Output = R> + Send + 'static,
            {
                self.options.connect(move |$($a: $A::In<'_>),*| -> Pending<R> { Box::pin(f($($a),*)) })
            }

            /// Connects an async slot with these options for the duration of a scope. See
            /// [`AsyncSignal::connect_scoped`](AsyncSignal#method.connect_scoped).
            ///
            #[doc = concat!("```", $fence)]
            /// let scan = smoke_signal::AsyncSignal::<(u32,)>::new();
            /// let _scoped = scan.options().first().connect_scoped(async |line| println!("{line}"));
            /// assert_eq!(scan.len(), 1);
            /// ```
            #[track_caller]
            #[must_use = "dropping the handle disconnects the slot at once; bind it to a name"]
            pub fn connect_scoped<F, Fut>(self, f: F) -> ScopedConnection
            where // captures: `move |x| { let y = y.clone(); async move { .. } }`; see `smoke_signal::errors`
                F: for<'a> Fn($($A::In<'a>),*) -> Fut + Send + Sync + 'static,
                Fut: Future<Output = R> + Send + 'static,
            {
                self.options.scoped(self.connect(f))
            }

            /// Connects an async slot with these options that is called at most once. See
            /// [`AsyncSignal::once`](AsyncSignal#method.once).
            #[track_caller]
            pub fn once<F, Fut>(self, f: F) -> Connection
            where
                F: for<'a> FnOnce($($A::In<'a>),*) -> Fut + Send + 'static,
                Fut: Future<Output = R> + Send + 'static,
            {
                self.options.once(move |$($a: $A::In<'_>),*| -> Pending<R> { Box::pin(f($($a),*)) })
            }

            /// Connects an async slot with these options that knows its own key. See
            /// [`AsyncSignal::connect_with_key`](AsyncSignal#method.connect_with_key).
            #[track_caller]
            pub fn connect_with_key<M, F, Fut>(self, make: M) -> Connection
            where
                M: FnOnce(Connection) -> F,
                F: for<'a> Fn($($A::In<'a>),*) -> Fut + Send + Sync + 'static,
                Fut: Future<Output = R> + Send + 'static,
            {
                self.options.connect_with_key(|key| {
                    let f = make(key);
                    move |$($a: $A::In<'_>),*| -> Pending<R> { Box::pin(f($($a),*)) }
                })
            }

            /// Connects an async slot with these options that uses an object without keeping it
            /// alive. See [`AsyncSignal::connect_weak`](AsyncSignal#method.connect_weak).
            #[track_caller]
            pub fn connect_weak<W, F, Fut>(self, object: &W, f: F) -> Connection
            where
                W: WeakObject,
                F: for<'a> Fn(Arc<W::Target>, $($A::In<'a>),*) -> Fut + Send + Sync + 'static,
                Fut: Future<Output = R> + Send + 'static,
            {
                // The slot upgrades the object too, so this cannot fail while the slot is called.
                let weak = object.downgraded();
                self.options.connect_weak(object, move |_: &W::Target, $($a: $A::In<'_>),*| -> Pending<R> {
                    let object = weak.upgrade().expect("the slot keeps its object alive for the call");
                    Box::pin(f(object, $($a),*))
                })
            }
        }

        $(#[$hidden])?
        impl<$($A: Arg,)* R> AsyncConnector<'_, ($($A,)*), R> {
            /// See [`AsyncSignal::connect`](AsyncSignal#method.connect).
            ///
            #[doc = concat!("```", $fence)]
            /// let saved = smoke_signal::AsyncSignal::<(&'static str,)>::new();
            /// saved.connector().connect(async |path| println!("saved {path}"));
            /// assert_eq!(saved.len(), 1);
            /// ```
            #[track_caller]
            pub fn connect<F, Fut>(self, f: F) -> Connection
            where // captures: `move |x| { let y = y.clone(); async move { .. } }`; see `smoke_signal::errors`
                F: for<'a> Fn($($A::In<'a>),*) -> Fut + Send + Sync + 'static,
                Fut: Future<Output = R> + Send + 'static,
            {
                self.options().connect(f)
            }

            /// See [`AsyncSignal::connect_scoped`](AsyncSignal#method.connect_scoped).
            ///
            #[doc = concat!("```", $fence)]
            /// let saved = smoke_signal::AsyncSignal::<(&'static str,)>::new();
            /// let _scoped = saved.connector().connect_scoped(async |path| println!("{path}"));
            /// assert_eq!(saved.len(), 1);
            /// ```
            #[track_caller]
            #[must_use = "dropping the handle disconnects the slot at once; bind it to a name"]
            pub fn connect_scoped<F, Fut>(self, f: F) -> ScopedConnection
            where // captures: `move |x| { let y = y.clone(); async move { .. } }`; see `smoke_signal::errors`
                F: for<'a> Fn($($A::In<'a>),*) -> Fut + Send + Sync + 'static,
                Fut: Future<Output = R> + Send + 'static,
            {
                self.options().connect_scoped(f)
            }

            /// See [`AsyncSignal::once`](AsyncSignal#method.once).
            ///
            #[doc = concat!("```", $fence)]
            /// let ready = smoke_signal::AsyncSignal::<(u16,), String>::new();
            /// let host = String::from("localhost");
            /// ready.connector().once(async move |port| format!("{host}:{port}"));
            /// assert_eq!(ready.len(), 1);
            /// ```
            #[track_caller]
            pub fn once<F, Fut>(self, f: F) -> Connection
            where
                F: for<'a> FnOnce($($A::In<'a>),*) -> Fut + Send + 'static,
                Fut: Future<Output = R> + Send + 'static,
            {
                self.options().once(f)
            }

            /// See [`AsyncSignal::connect_with_key`](AsyncSignal#method.connect_with_key).
            ///
            #[doc = concat!("```", $fence)]
            /// let scan = smoke_signal::AsyncSignal::<(u32,)>::new();
            /// scan.connector().connect_with_key(|me| {
            ///     move |line| async move { println!("{me:?}: line {line}") }
            /// });
            /// assert_eq!(scan.len(), 1);
            /// ```
            #[track_caller]
            pub fn connect_with_key<M, F, Fut>(self, make: M) -> Connection
            where
                M: FnOnce(Connection) -> F,
                F: for<'a> Fn($($A::In<'a>),*) -> Fut + Send + Sync + 'static,
                Fut: Future<Output = R> + Send + 'static,
            {
                self.options().connect_with_key(make)
            }

            /// See [`AsyncSignal::connect_weak`](AsyncSignal#method.connect_weak).
            ///
            #[doc = concat!("```", $fence)]
            /// use std::sync::Arc;
            ///
            /// let scan = smoke_signal::AsyncSignal::<(u32,)>::new();
            /// let name = Arc::new(String::from("log"));
            /// scan.connector().connect_weak(&name, |name, line| async move {
            ///     println!("{name}: hit in line {line}");
            /// });
            /// drop(name);
            /// assert!(scan.is_empty());
            /// ```
            #[track_caller]
            pub fn connect_weak<W, F, Fut>(self, object: &W, f: F) -> Connection
            where
                W: WeakObject,
                F: for<'a> Fn(Arc<W::Target>, $($A::In<'a>),*) -> Fut + Send + Sync + 'static,
                Fut: Future<Output = R> + Send + 'static,
            {
                self.options().connect_weak(object, f)
            }
        }
    };
}

for_each_arity!(impl_async_arity);
