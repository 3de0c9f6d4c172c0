//! The methods that know how many arguments an async signal has, made as those of signals are.

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
            /// Connects a slot: `f` is called at every emission, and the future it returns is
            /// awaited with the others. As [`Signal::connect`](crate::Signal#method.connect).
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
            /// # futures::executor::block_on(async {
            /// saved.emit("a.txt").await;
            /// # });
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

            /// Connects a slot that is called once at most, and consumed by it. As
            /// [`Signal::once`](crate::Signal#method.once).
            ///
            #[doc = concat!("```", $fence)]
            /// let ready = smoke_signal::AsyncSignal::<(u16,), String>::new();
            /// let host = String::from("localhost");
            /// ready.once(async move |port| format!("{host}:{port}"));
            /// # futures::executor::block_on(async {
            /// assert_eq!(ready.emit(8080).await, ["localhost:8080"]);
            /// # });
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

            /// Connects a slot that knows its own key. As
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
            /// # futures::executor::block_on(async {
            /// PROGRESS.emit(100).await;
            /// # });
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

            /// Connects a slot that is called with an object which it does not keep alive, and
            /// leaves with it. As [`Signal::connect_weak`](crate::Signal#method.connect_weak). The
            /// future keeps of the object what the closure gives it.
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
            /// # futures::executor::block_on(async {
            /// assert_eq!(greet.emit("Ada").await, ["Moin, Ada"]);
            /// # });
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

            /// Calls every slot in order, on this thread; awaiting what this returns runs their
            /// futures side by side and gives what they gave, in the order of slots.
            ///
            /// The slots are called here and now, whether or not the [`Emission`] is awaited, and
            /// call budgets are charged. A panic of a slot stops no other; it comes out of the
            /// await.
            ///
            #[doc = concat!("```", $fence)]
            /// let fetch = smoke_signal::AsyncSignal::<(&'static str,), usize>::new();
            /// fetch.connect(|url| async move { url.len() });
            /// let emission = fetch.emit("https://"); // the slot has been called
            /// # futures::executor::block_on(async {
            /// assert_eq!(emission.await, [8]);
            /// # });
            /// ```
            pub fn emit<'a>(&self, $($a: $A::In<'a>),*) -> Emission<R> {
                self.emission(($($a,)*))
            }
        }

        $(#[$hidden])?
        impl<$($A: Arg,)* R> AsyncConnectOptions<'_, ($($A,)*), R> {
            /// Connects an async slot with these options; see
            /// [`AsyncSignal::connect`](AsyncSignal#method.connect).
            #[track_caller]
            pub fn connect<F, Fut>(self, f: F) -> Connection
            where
                F: for<'a> Fn($($A::In<'a>),*) -> Fut + Send + Sync + 'static,
                Fut: Future<Output = R> + Send + 'static,
            {
                self.options.connect(move |$($a: $A::In<'_>),*| -> Pending<R> { Box::pin(f($($a),*)) })
            }

            /// Connects an async slot with these options that is called once at most; see
            /// [`AsyncSignal::once`](AsyncSignal#method.once).
            #[track_caller]
            pub fn once<F, Fut>(self, f: F) -> Connection
            where
                F: for<'a> FnOnce($($A::In<'a>),*) -> Fut + Send + 'static,
                Fut: Future<Output = R> + Send + 'static,
            {
                self.options.once(move |$($a: $A::In<'_>),*| -> Pending<R> { Box::pin(f($($a),*)) })
            }

            /// Connects an async slot with these options that knows its own key; see
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

            /// Connects an async slot with these options that leaves with an object; see
            /// [`AsyncSignal::connect_weak`](AsyncSignal#method.connect_weak).
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
