//! The methods that depend on the number of arguments. One macro implements them as inherent methods
//! for each number, so closures need no annotations and callers import no trait.
//!
//! If a closure does not fit, the compiler prints the bound that it violates with the line before it. The comments after
//! `where` are written for that reader.

use std::panic::Location;
use std::sync::Arc;

use crate::args::{Arg, Args, for_each_arity};
use crate::calls::Calls;
use crate::connector::Connector;
use crate::core::{ClosureSlot, OnceSlot, WeakSlot};
use crate::emitting::Emitting;
use crate::keys::Connection;
use crate::options::ConnectOptions;
use crate::returns::Returns;
use crate::scoped::ScopedConnection;
use crate::signal::Signal;
use crate::trace::Origin;
#[cfg(feature = "tracing")]
use crate::trace::is_listening;
use crate::weak_object::WeakObject;

macro_rules! impl_arity {
    ([$($hidden:meta)?] $fence:literal $($A:ident $a:ident),*) => {
        $(#[$hidden])?
        #[allow(
            clippy::too_many_arguments,
            clippy::extra_unused_lifetimes,
            clippy::elidable_lifetime_names,
            reason = "one body for every number of arguments, 0 and 8 among them"
        )]
        impl<$($A: Arg,)* R> Signal<($($A,)*), R> { // arguments are `'static`: for `&str` write `ByRef<str>`
            /// Connects a slot: every emission calls `f`. Slots are called in the order in which
            /// they were connected, unless [`options`](Signal::options) say otherwise.
            ///
            /// Once this has returned, every emission that starts after it, on any thread, calls
            /// the slot. Emissions in progress do not.
            ///
            /// The slot stays connected until it is disconnected or the signal is dropped. Dropping
            /// the key changes nothing. The closure may run on several threads at once, and in
            /// nested emissions on one thread. If the compiler refuses it, see [`errors`](crate::errors).
            ///
            #[doc = concat!("```", $fence)]
            /// use smoke_signal::Signal;
            ///
            /// let price: Signal<(u32,), u32> = Signal::new();
            /// let per_gram = 3;
            /// price.connect(move |grams| grams * per_gram);
            /// assert_eq!(price.emit(100), [300]);
            /// ```
            ///
            /// The closure must be `Send` and `Sync`, because any thread may emit. State that it
            /// changes can be kept in atomics or a `Mutex`:
            ///
            #[doc = concat!("```", $fence)]
            /// use std::sync::atomic::{AtomicU32, Ordering};
            ///
            /// static CLICKED: smoke_signal::Signal<(u32,)> = smoke_signal::Signal::new();
            /// static CLICKS: AtomicU32 = AtomicU32::new(0);
            ///
            /// CLICKED.connect(|_button| {
            ///     CLICKS.fetch_add(1, Ordering::Relaxed);
            /// });
            /// ```
            #[track_caller]
            pub fn connect<F>(&self, f: F) -> Connection
            where // parameters: the signal's arguments; on one thread, use a `LocalSignal`; see `smoke_signal::errors`
                F: for<'a> Fn($($A::In<'a>),*) -> R + Send + Sync + 'static,
            {
                let slot = ClosureSlot::new(None, move |($($a,)*): <($($A,)*) as Args>::In<'_>| f($($a),*));
                self.attach(Arc::new(slot), Location::caller())
            }

            /// Connects a slot for the duration of a scope: it is disconnected when the returned handle is
            /// dropped. This is [`connect`](Signal#method.connect) and [`scoped`](Signal::scoped) in one
            /// step.
            ///
            #[doc = concat!("```", $fence)]
            /// use smoke_signal::Signal;
            ///
            /// let tick: Signal<(u32,), u32> = Signal::new();
            /// {
            ///     let _scoped = tick.connect_scoped(|n| n + 1);
            ///     assert_eq!(tick.emit(1), [2]);
            /// }
            /// assert!(tick.is_empty());
            /// ```
            #[track_caller]
            #[must_use = "dropping the handle disconnects the slot at once; bind it to a name"]
            pub fn connect_scoped<F>(&self, f: F) -> ScopedConnection
            where // parameters: the signal's arguments; on one thread, use a `LocalSignal`; see `smoke_signal::errors`
                F: for<'a> Fn($($A::In<'a>),*) -> R + Send + Sync + 'static,
            {
                self.scoped(self.connect(f))
            }

            /// Connects a slot that is called at most once. The call consumes the closure, so the
            /// closure may move its captured values out. The slot is disconnected before the call
            /// begins.
            ///
            #[doc = concat!("```", $fence)]
            /// use smoke_signal::Signal;
            /// use std::sync::mpsc;
            ///
            /// let ready: Signal<(u16,)> = Signal::new();
            /// let (sender, receiver) = mpsc::channel();
            /// ready.once(move |port| sender.send(port).unwrap());
            ///
            /// ready.emit(8080);
            /// ready.emit(8081);
            /// assert_eq!(receiver.iter().collect::<Vec<_>>(), [8080]);
            /// ```
            #[track_caller]
            pub fn once<F>(&self, f: F) -> Connection
            where // parameters: the signal's arguments; on one thread, use a `LocalSignal`; see `smoke_signal::errors`
                F: for<'a> FnOnce($($A::In<'a>),*) -> R + Send + 'static,
            {
                let slot = OnceSlot::new(move |($($a,)*): <($($A,)*) as Args>::In<'_>| f($($a),*));
                self.attach(Arc::new(slot), Location::caller())
            }

            /// Connects a slot that knows its own key: `make` receives the key and returns the
            /// closure to connect.
            ///
            /// No lock is held while `make` runs. The key is not connected yet: `contains` returns
            /// `false`. If `make` panics, nothing is connected. Boost.Signals2 calls this
            /// `connect_extended`, and slotmap `insert_with_key`.
            ///
            #[doc = concat!("```", $fence)]
            /// use smoke_signal::Signal;
            ///
            /// static PROGRESS: Signal<(u8,)> = Signal::new();
            ///
            /// PROGRESS.connect_with_key(|me| {
            ///     move |percent| {
            ///         if percent == 100 {
            ///             PROGRESS.disconnect(me);
            ///         }
            ///     }
            /// });
            /// PROGRESS.emit(100);
            /// assert!(PROGRESS.is_empty());
            /// ```
            #[track_caller]
            pub fn connect_with_key<M, F>(&self, make: M) -> Connection
            where
                M: FnOnce(Connection) -> F,
                F: for<'a> Fn($($A::In<'a>),*) -> R + Send + Sync + 'static, // see `smoke_signal::errors`
            {
                self.options().connect_with_key(make)
            }

            /// Connects a slot that uses an object without keeping it alive. `f` is called with the
            /// object in front of the arguments, so a method can be a slot.
            ///
            /// The slot disconnects by itself when the last `Arc` of the object is dropped. From
            /// then on, `contains`, `len` and `slots` leave it out, and its call budget is not
            /// charged. The captured values of `f` are dropped by the next emission that reaches the
            /// slot, or by a connect: each connect looks at 8 places of the list, in turn, and goes on
            /// as long as it finds slots without an object. So the next connect drops them if the
            /// signal has no more than 8 slots, or if many objects are gone.
            ///
            /// A `Weak` may be passed before its object exists, in [`Arc::new_cyclic`]. Until somebody
            /// has seen the object alive (an emission, a query, a connect), the slot counts as not
            /// connected: it is not called and not listed, and `disconnect` takes it out but returns
            /// `false`. `Weak` cannot tell such an object from one that has been dropped. So a slot
            /// that is connected with a `Weak` of a dropped object, or whose object is dropped before
            /// anybody has seen it, stays like that. A [`ScopedConnection`] in the object leaves
            /// nothing behind in any case.
            ///
            /// The object is kept alive while `f` runs. If its last `Arc` is dropped meanwhile, the
            /// object is dropped on the emitting thread when `f` returns. Boost.Signals2 calls this
            /// tracking.
            ///
            #[doc = concat!("```", $fence)]
            /// use smoke_signal::Signal;
            /// use std::sync::{Arc, Mutex};
            ///
            /// struct Label(Mutex<String>);
            ///
            /// impl Label {
            ///     fn show(&self, text: String) {
            ///         *self.0.lock().unwrap() = text;
            ///     }
            /// }
            ///
            /// let renamed: Signal<(String,)> = Signal::new();
            /// let label = Arc::new(Label(Mutex::default()));
            /// renamed.connect_weak(&label, Label::show);
            ///
            /// renamed.emit("Ada".to_owned());
            /// assert_eq!(*label.0.lock().unwrap(), "Ada");
            /// drop(label);
            /// assert!(renamed.is_empty());
            /// ```
            #[track_caller]
            pub fn connect_weak<W, F>(&self, object: &W, f: F) -> Connection
            where
                W: WeakObject,
                F: for<'a> Fn(&W::Target, $($A::In<'a>),*) -> R + Send + Sync + 'static,
            {
                let f = move |object: &W::Target, ($($a,)*): <($($A,)*) as Args>::In<'_>| {
                    f(object, $($a),*)
                };
                let slot = WeakSlot::new(None, object, f);
                self.attach(Arc::new(slot), Location::caller())
            }

            /// Calls every slot in order, on this thread, and returns their results in that order.
            ///
            /// The slots to call are fixed at the start. A slot that is connected during the
            /// emission is not called, and neither is one that is disconnected, blocked or used up
            /// before its turn. Arguments are cloned for every slot but the last. No lock is held
            /// while slots run.
            ///
            /// # Panics
            ///
            /// If a slot panics, the panic unwinds out of `emit`, and later slots are not called.
            /// The slot stays connected, and the signal keeps working. To call the other slots all
            /// the same, use `calls(..).catch_unwind()`.
            ///
            #[doc = concat!("```", $fence)]
            /// use smoke_signal::Signal;
            ///
            /// let greet: Signal<(String,), String> = Signal::new();
            /// greet.connect(|name| format!("Hello, {name}"));
            /// greet.connect(|name| format!("Moin, {name}"));
            /// assert_eq!(greet.emit("Ada".to_owned()), ["Hello, Ada", "Moin, Ada"]);
            /// ```
            #[allow(clippy::inline_always, reason = "see `Core::emit`")]
            #[inline(always)]
            #[cfg_attr(feature = "tracing", track_caller)]
            pub fn emit<'a>(&self, $($a: $A::In<'a>),*) -> Returns<R> {
                #[cfg(feature = "tracing")]
                if is_listening() {
                    return self.emit_observed(($($a,)*), Origin::caller());
                }
                match self.core_if_used() {
                    Some(core) => core.emit(($($a,)*)),
                    None => Returns::new(),
                }
            }

            /// Emits lazily: returns an iterator that calls one slot at each `next`.
            ///
            /// Nothing is called before the first `next`. [`Calls`] describes the iterator in
            /// detail.
            ///
            #[doc = concat!("```", $fence)]
            /// use smoke_signal::Signal;
            ///
            /// let quote: Signal<(u32,), u32> = Signal::new();
            /// quote.connect(|grams| grams * 3);
            /// quote.connect(|grams| 50 + grams * 2);
            /// assert_eq!(quote.calls(100).min(), Some(250));
            /// assert_eq!(quote.calls(100).sum::<u32>(), 550);
            /// ```
            #[must_use = "slots are called as the iterator advances; use `emit` to call them all"]
            #[cfg_attr(feature = "tracing", track_caller)]
            pub fn calls<'a>(&self, $($a: $A::In<'a>),*) -> Calls<'a, ($($A,)*), R> {
                self.calls_tuple(($($a,)*))
            }

            /// Returns a guard that emits when it is dropped, on unwinding too. See [`Emitting`].
            ///
            #[doc = concat!("```", $fence)]
            /// use smoke_signal::Signal;
            ///
            /// static DONE: Signal<(&'static str,)> = Signal::new();
            ///
            /// fn copy() -> std::io::Result<()> {
            ///     let _guard = DONE.emitting("copy");
            ///     // However this function ends, `DONE` is emitted.
            ///     Ok(())
            /// }
            ///
            /// DONE.once(|what| println!("{what} has ended"));
            /// copy().unwrap();
            /// assert!(DONE.is_empty());
            /// ```
            #[must_use = "dropping the guard emits at once; bind it to a name"]
            #[cfg_attr(feature = "tracing", track_caller)]
            pub fn emitting<'a>(&self, $($a: $A::In<'a>),*) -> Emitting<'a, ($($A,)*)> {
                Emitting::new(Arc::downgrade(self.core()), ($($a,)*), Origin::caller())
            }
        }

        $(#[$hidden])?
        impl<$($A: Arg,)* R> ConnectOptions<'_, ($($A,)*), R> {
            /// Connects a slot with these options. See [`Signal::connect`](Signal#method.connect).
            ///
            #[doc = concat!("```", $fence)]
            /// let scan = smoke_signal::Signal::<(u32,)>::new();
            /// scan.options().max_calls(3).connect(|line| println!("hit in line {line}"));
            /// ```
            #[track_caller]
            pub fn connect<F>(self, f: F) -> Connection
            where // parameters: the signal's arguments; on one thread, use a `LocalSignal`; see `smoke_signal::errors`
                F: for<'a> Fn($($A::In<'a>),*) -> R + Send + Sync + 'static,
            {
                let f = move |($($a,)*): <($($A,)*) as Args>::In<'_>| f($($a),*);
                self.attach(|max_calls| Arc::new(ClosureSlot::new(max_calls, f)))
            }

            /// Connects a slot with these options for the duration of a scope. See
            /// [`Signal::connect_scoped`](Signal#method.connect_scoped).
            ///
            #[doc = concat!("```", $fence)]
            /// let scan = smoke_signal::Signal::<(u32,)>::new();
            /// let _scoped = scan.options().first().connect_scoped(|line| println!("line {line}"));
            /// assert_eq!(scan.len(), 1);
            /// ```
            #[track_caller]
            #[must_use = "dropping the handle disconnects the slot at once; bind it to a name"]
            pub fn connect_scoped<F>(self, f: F) -> ScopedConnection
            where // parameters: the signal's arguments; on one thread, use a `LocalSignal`; see `smoke_signal::errors`
                F: for<'a> Fn($($A::In<'a>),*) -> R + Send + Sync + 'static,
            {
                self.scoped(self.connect(f))
            }

            /// Connects a slot with these options that is called at most once. See
            /// [`Signal::once`](Signal#method.once). A `max_calls` of 1 or more has no effect.
            ///
            #[doc = concat!("```", $fence)]
            /// let scan = smoke_signal::Signal::<(u32,)>::new();
            /// scan.options().first().once(|line| println!("first hit in line {line}"));
            /// ```
            #[track_caller]
            pub fn once<F>(self, f: F) -> Connection
            where // parameters: the signal's arguments; on one thread, use a `LocalSignal`; see `smoke_signal::errors`
                F: for<'a> FnOnce($($A::In<'a>),*) -> R + Send + 'static,
            {
                let f = move |($($a,)*): <($($A,)*) as Args>::In<'_>| f($($a),*);
                self.at_most_once().attach(|_| Arc::new(OnceSlot::new(f)))
            }

            /// Connects a slot with these options that knows its own key. See
            /// [`Signal::connect_with_key`](Signal#method.connect_with_key). With `max_calls(0)`,
            /// `make` is not called.
            ///
            #[doc = concat!("```", $fence)]
            /// let scan = smoke_signal::Signal::<(u32,)>::new();
            /// scan.options().group(1).connect_with_key(|me| {
            ///     move |line| println!("{me:?}: line {line}")
            /// });
            /// ```
            #[track_caller]
            pub fn connect_with_key<M, F>(self, make: M) -> Connection
            where
                M: FnOnce(Connection) -> F,
                F: for<'a> Fn($($A::In<'a>),*) -> R + Send + Sync + 'static,
            {
                self.attach_with_key(|key, max_calls| {
                    let f = make(key);
                    let f = move |($($a,)*): <($($A,)*) as Args>::In<'_>| f($($a),*);
                    Arc::new(ClosureSlot::new(max_calls, f))
                })
            }

            /// Connects a slot with these options that uses an object without keeping it alive. See
            /// [`Signal::connect_weak`](Signal#method.connect_weak).
            ///
            #[doc = concat!("```", $fence)]
            /// use std::sync::Arc;
            ///
            /// let scan = smoke_signal::Signal::<(u32,)>::new();
            /// let name = Arc::new(String::from("log"));
            /// scan.options().max_calls(3).connect_weak(&name, |name, line| {
            ///     println!("{name}: hit in line {line}");
            /// });
            /// ```
            #[track_caller]
            pub fn connect_weak<W, F>(self, object: &W, f: F) -> Connection
            where
                W: WeakObject,
                F: for<'a> Fn(&W::Target, $($A::In<'a>),*) -> R + Send + Sync + 'static,
            {
                let f = move |object: &W::Target, ($($a,)*): <($($A,)*) as Args>::In<'_>| {
                    f(object, $($a),*)
                };
                self.attach(|max_calls| {
                    Arc::new(WeakSlot::new(max_calls, object, f))
                })
            }
        }

        $(#[$hidden])?
        impl<$($A: Arg,)* R> Connector<'_, ($($A,)*), R> {
            /// See [`Signal::connect`](Signal#method.connect).
            #[track_caller]
            pub fn connect<F>(self, f: F) -> Connection
            where // parameters: the signal's arguments; on one thread, use a `LocalSignal`; see `smoke_signal::errors`
                F: for<'a> Fn($($A::In<'a>),*) -> R + Send + Sync + 'static,
            {
                self.signal.connect(f)
            }

            /// See [`Signal::connect_scoped`](Signal#method.connect_scoped).
            ///
            #[doc = concat!("```", $fence)]
            /// let tick = smoke_signal::Signal::<(u32,)>::new();
            /// let _scoped = tick.connector().connect_scoped(|n| println!("{n}"));
            /// assert_eq!(tick.len(), 1);
            /// ```
            #[track_caller]
            #[must_use = "dropping the handle disconnects the slot at once; bind it to a name"]
            pub fn connect_scoped<F>(self, f: F) -> ScopedConnection
            where // parameters: the signal's arguments; on one thread, use a `LocalSignal`; see `smoke_signal::errors`
                F: for<'a> Fn($($A::In<'a>),*) -> R + Send + Sync + 'static,
            {
                self.signal.connect_scoped(f)
            }

            /// See [`Signal::once`](Signal#method.once).
            #[track_caller]
            pub fn once<F>(self, f: F) -> Connection
            where // parameters: the signal's arguments; on one thread, use a `LocalSignal`; see `smoke_signal::errors`
                F: for<'a> FnOnce($($A::In<'a>),*) -> R + Send + 'static,
            {
                self.signal.once(f)
            }

            /// See [`Signal::connect_with_key`](Signal#method.connect_with_key).
            #[track_caller]
            pub fn connect_with_key<M, F>(self, make: M) -> Connection
            where
                M: FnOnce(Connection) -> F,
                F: for<'a> Fn($($A::In<'a>),*) -> R + Send + Sync + 'static,
            {
                self.signal.connect_with_key(make)
            }

            /// See [`Signal::connect_weak`](Signal#method.connect_weak).
            #[track_caller]
            pub fn connect_weak<W, F>(self, object: &W, f: F) -> Connection
            where
                W: WeakObject,
                F: for<'a> Fn(&W::Target, $($A::In<'a>),*) -> R + Send + Sync + 'static,
            {
                self.signal.connect_weak(object, f)
            }
        }
    };
}

for_each_arity!(impl_arity);
