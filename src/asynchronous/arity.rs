//! The methods of async signals that depend on the number of arguments, implemented like those of
//! signals.

use std::future::Future;
use std::sync::Arc;

use crate::args::{Arg, for_each_arity};
use crate::asynchronous::Pending;
use crate::asynchronous::emission::Emission;
use crate::asynchronous::signal::{AsyncConnectOptions, AsyncSignal};
use crate::keys::Connection;

macro_rules! impl_async_arity {
    ([$($hidden:meta)?] $fence:literal $($A:ident $a:ident),*) => {
        $(#[$hidden])?
        #[allow(
            clippy::too_many_arguments,
            clippy::extra_unused_lifetimes,
            clippy::elidable_lifetime_names,
            reason = "one body for every number of arguments, 0 and 8 among them"
        )]
        impl<$($A: Arg,)* R> AsyncSignal<($($A,)*), R> {
            /// Connects a slot: every emission calls `f`. Awaiting the emission awaits the future
            /// that `f` returned. See [`Signal::connect`](crate::Signal#method.connect).
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
            where
                F: for<'a> Fn($($A::In<'a>),*) -> Fut + Send + Sync + 'static,
                Fut: Future<Output = R> + Send + 'static,
            {
                self.options().connect(f)
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

            /// Connects a slot that uses an object without keeping it alive. See
            /// [`Signal::connect_weak`](crate::Signal#method.connect_weak). The future cannot borrow
            /// from the object: clone what it needs.
            ///
            #[doc = concat!("```", $fence)]
            /// use std::sync::Arc;
            ///
            /// let greet = smoke_signal::AsyncSignal::<(&'static str,), String>::new();
            /// let word = Arc::new(String::from("Moin"));
            /// greet.connect_weak(&word, |word, name| {
            ///     let word = word.clone();
            ///     async move { format!("{word}, {name}") }
            /// });
            ///
            /// futures::executor::block_on(async {
            ///     assert_eq!(greet.emit("Ada").await, ["Moin, Ada"]);
            /// });
            /// drop(word);
            /// assert!(greet.is_empty());
            /// ```
            #[track_caller]
            pub fn connect_weak<T, F, Fut>(&self, object: &Arc<T>, f: F) -> Connection
            where
                T: ?Sized + Send + Sync + 'static,
                F: for<'a> Fn(&T, $($A::In<'a>),*) -> Fut + Send + Sync + 'static,
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
            pub fn emit<'a>(&self, $($a: $A::In<'a>),*) -> Emission<R> {
                self.emission(($($a,)*))
            }
        }

        $(#[$hidden])?
        impl<$($A: Arg,)* R> AsyncConnectOptions<'_, ($($A,)*), R> {
            /// Connects an async slot with these options. See
            /// [`AsyncSignal::connect`](AsyncSignal#method.connect).
            #[track_caller]
            pub fn connect<F, Fut>(self, f: F) -> Connection
            where
                F: for<'a> Fn($($A::In<'a>),*) -> Fut + Send + Sync + 'static,
                Fut: Future<Output = R> + Send + 'static,
            {
                self.options.connect(move |$($a: $A::In<'_>),*| -> Pending<R> { Box::pin(f($($a),*)) })
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
            pub fn connect_weak<T, F, Fut>(self, object: &Arc<T>, f: F) -> Connection
            where
                T: ?Sized + Send + Sync + 'static,
                F: for<'a> Fn(&T, $($A::In<'a>),*) -> Fut + Send + Sync + 'static,
                Fut: Future<Output = R> + Send + 'static,
            {
                self.options.connect_weak(object, move |object: &T, $($a: $A::In<'_>),*| -> Pending<R> {
                    Box::pin(f(object, $($a),*))
                })
            }
        }
    };
}

for_each_arity!(impl_async_arity);
