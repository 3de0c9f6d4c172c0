//! The methods that depend on the number of arguments, as in the `arity.rs` of `Signal`.

use alloc::rc::Rc;
use core::panic::Location;

use crate::args::{Arg, Args, for_each_arity};
use crate::keys::Connection;
use crate::local::calls::Calls;
use crate::local::connector::Connector;
use crate::local::emitting::Emitting;
use crate::local::engine::{ClosureSlot, MutSlot, OnceSlot, WeakSlot};
use crate::local::options::ConnectOptions;
use crate::local::scoped::ScopedConnection;
use crate::local::signal::LocalSignal;
use crate::local::weak_object::WeakObject;
use crate::returns::Returns;
use crate::trace::Origin;
#[cfg(feature = "tracing")]
use crate::trace::is_listening;

macro_rules! impl_arity {
    ([$($hidden:meta)?] $fence:literal $($A:ident $a:ident),*) => {
        $(#[$hidden])?
        #[allow(
            clippy::too_many_arguments,
            clippy::extra_unused_lifetimes,
            clippy::elidable_lifetime_names,
            reason = "one body for every number of arguments, 0 and 8 among them"
        )]
        impl<$($A: Arg,)* R> LocalSignal<($($A,)*), R> { // arguments are `'static`: for `&str` write `ByRef<str>`
            /// Connects a slot: every emission that starts from now on calls `f`. Slots are called in the order in
            /// which they were connected, unless [`options`](LocalSignal::options) say otherwise.
            ///
            /// The slot stays connected until it is disconnected or the signal is dropped. Dropping
            /// the key changes nothing. The closure may run again in a nested emission while it runs, which is
            /// why it is `Fn`; a closure that is `FnMut` is connected by
            /// [`connect_mut`](LocalSignal#method.connect_mut). If the compiler refuses a closure, see
            /// [`errors`](crate::errors).
            ///
            #[doc = concat!("```", $fence)]
            /// use smoke_signal::LocalSignal;
            /// use std::cell::RefCell;
            /// use std::rc::Rc;
            ///
            /// let added: LocalSignal<(u32,), usize> = LocalSignal::new();
            /// let items = Rc::new(RefCell::new(Vec::new()));
            /// let pushed = Rc::clone(&items);
            /// added.connect(move |item| {
            ///     pushed.borrow_mut().push(item);
            ///     pushed.borrow().len()
            /// });
            /// assert_eq!(added.emit(7), [1]);
            /// assert_eq!(*items.borrow(), [7]);
            /// ```
            #[track_caller]
            pub fn connect<F>(&self, f: F) -> Connection
            where // parameters: the signal's arguments; `FnMut`: use `connect_mut`; see `smoke_signal::errors`
                F: for<'a> Fn($($A::In<'a>),*) -> R + 'static,
            {
                let slot = ClosureSlot::new(None, move |($($a,)*): <($($A,)*) as Args>::In<'_>| f($($a),*));
                self.attach(Rc::new(slot), Location::caller())
            }

            /// Connects a slot that changes what it captured.
            ///
            /// While it runs, the slot is blocked, because a closure that is `FnMut` cannot run again inside
            /// itself: a nested emission does not call it, adds no result for it, and leaves its call budget
            /// unchanged. It calls the other slots. [`SlotInfo::missed`](crate::SlotInfo::missed) counts the
            /// emissions that the slot missed. Inside the slot, [`is_blocked`](LocalSignal::is_blocked) returns
            /// `true`. A panic in the slot ends the block too.
            ///
            /// The slot may disconnect itself, and even drop its signal: the closure lives until its call ends.
            ///
            #[doc = concat!("```", $fence)]
            /// use smoke_signal::LocalSignal;
            ///
            /// let drawn: LocalSignal<(u32,), u32> = LocalSignal::new();
            /// let mut sum = 0;
            /// drawn.connect_mut(move |number| {
            ///     sum += number;
            ///     sum
            /// });
            /// assert_eq!(drawn.emit(1), [1]);
            /// assert_eq!(drawn.emit(2), [3]);
            /// ```
            #[track_caller]
            pub fn connect_mut<F>(&self, f: F) -> Connection
            where
                F: for<'a> FnMut($($A::In<'a>),*) -> R + 'static,
            {
                let mut f = f;
                let slot = MutSlot::new(None, move |($($a,)*): <($($A,)*) as Args>::In<'_>| f($($a),*));
                self.attach(Rc::new(slot), Location::caller())
            }

            /// Connects a slot for the duration of a scope: it is disconnected when the returned handle is
            /// dropped. This is [`connect`](LocalSignal#method.connect) and [`scoped`](LocalSignal::scoped) in one
            /// step.
            ///
            #[doc = concat!("```", $fence)]
            /// use smoke_signal::LocalSignal;
            ///
            /// let tick: LocalSignal<(u32,), u32> = LocalSignal::new();
            /// {
            ///     let _scoped = tick.connect_scoped(|n| n + 1);
            ///     assert_eq!(tick.emit(1), [2]);
            /// }
            /// assert!(tick.is_empty());
            /// ```
            #[track_caller]
            #[must_use = "dropping the handle disconnects the slot at once; bind it to a name"]
            pub fn connect_scoped<F>(&self, f: F) -> ScopedConnection
            where // parameters: the signal's arguments; `FnMut`: use `connect_mut`; see `smoke_signal::errors`
                F: for<'a> Fn($($A::In<'a>),*) -> R + 'static,
            {
                self.scoped(self.connect(f))
            }

            /// Connects a slot that is called at most once. The call consumes the closure, so the
            /// closure may move its captured values out. The slot is disconnected before the call
            /// begins.
            ///
            #[doc = concat!("```", $fence)]
            /// use smoke_signal::LocalSignal;
            ///
            /// let opened: LocalSignal<(u16,), String> = LocalSignal::new();
            /// let text = String::from("port");
            /// opened.once(move |port| text + " " + &port.to_string());
            /// assert_eq!(opened.emit(8080), ["port 8080"]);
            /// assert!(opened.emit(8081).is_empty());
            /// ```
            #[track_caller]
            pub fn once<F>(&self, f: F) -> Connection
            where
                F: for<'a> FnOnce($($A::In<'a>),*) -> R + 'static,
            {
                let slot = OnceSlot::new(move |($($a,)*): <($($A,)*) as Args>::In<'_>| f($($a),*));
                self.attach(Rc::new(slot), Location::caller())
            }

            /// Connects a slot that knows its own key: `make` receives the key and returns the
            /// closure to connect.
            ///
            /// While `make` runs, the key is not connected yet: `contains` returns `false`. If `make` panics,
            /// nothing is connected.
            ///
            #[doc = concat!("```", $fence)]
            /// use smoke_signal::LocalSignal;
            ///
            /// thread_local! {
            ///     static PROGRESS: LocalSignal<(u8,)> = const { LocalSignal::new() };
            /// }
            ///
            /// PROGRESS.with(|progress| {
            ///     progress.connect_with_key(|me| {
            ///         move |percent| {
            ///             if percent == 100 {
            ///                 PROGRESS.with(|progress| progress.disconnect(me));
            ///             }
            ///         }
            ///     });
            ///     progress.emit(100);
            ///     assert!(progress.is_empty());
            /// });
            /// ```
            #[track_caller]
            pub fn connect_with_key<M, F>(&self, make: M) -> Connection
            where
                M: FnOnce(Connection) -> F,
                F: for<'a> Fn($($A::In<'a>),*) -> R + 'static,
            {
                self.options().connect_with_key(make)
            }

            /// Connects a slot that uses an object without keeping it alive. `f` is called with the
            /// object in front of the arguments, so a method can be a slot.
            ///
            /// The slot disconnects by itself when the last `Rc` of the object is dropped. From
            /// then on, `contains`, `len` and `slots` leave it out, and its call budget is not
            /// charged. The captured values of `f` are dropped by the next emission that reaches the
            /// slot, or by a connect: each connect looks at 8 slots, in turn, and goes on as long as
            /// it finds slots without an object.
            ///
            /// The object is kept alive while `f` runs. If its last `Rc` is dropped meanwhile, the
            /// object is dropped when `f` returns.
            ///
            #[doc = concat!("```", $fence)]
            /// use smoke_signal::LocalSignal;
            /// use std::cell::RefCell;
            /// use std::rc::Rc;
            ///
            /// struct Label(RefCell<String>);
            ///
            /// impl Label {
            ///     fn show(&self, text: String) {
            ///         *self.0.borrow_mut() = text;
            ///     }
            /// }
            ///
            /// let renamed: LocalSignal<(String,)> = LocalSignal::new();
            /// let label = Rc::new(Label(RefCell::default()));
            /// renamed.connect_weak(&label, Label::show);
            ///
            /// renamed.emit("Ada".to_owned());
            /// assert_eq!(*label.0.borrow(), "Ada");
            /// drop(label);
            /// assert!(renamed.is_empty());
            /// ```
            #[track_caller]
            pub fn connect_weak<W, F>(&self, object: &W, f: F) -> Connection
            where
                W: WeakObject,
                F: for<'a> Fn(&W::Target, $($A::In<'a>),*) -> R + 'static,
            {
                let f = move |object: &W::Target, ($($a,)*): <($($A,)*) as Args>::In<'_>| {
                    f(object, $($a),*)
                };
                let slot = WeakSlot::new(None, object, f);
                self.attach(Rc::new(slot), Location::caller())
            }

            /// Calls every slot in order and returns their results in that order.
            ///
            /// The slots to call are fixed at the start. A slot that is connected during the
            /// emission is not called, and neither is one that is disconnected, blocked or used up
            /// before its turn. Arguments are cloned for every slot but the last.
            ///
            /// # Panics
            ///
            /// If a slot panics, the panic unwinds out of `emit`, and later slots are not called.
            /// The slot stays connected, and the signal keeps working. To call the other slots all
            /// the same, use `calls(..).catch_unwind()`.
            ///
            #[doc = concat!("```", $fence)]
            /// use smoke_signal::LocalSignal;
            ///
            /// let greet: LocalSignal<(String,), String> = LocalSignal::new();
            /// greet.connect(|name| format!("Hello, {name}"));
            /// greet.connect(|name| format!("Moin, {name}"));
            /// assert_eq!(greet.emit("Ada".to_owned()), ["Hello, Ada", "Moin, Ada"]);
            /// ```
            #[inline]
            #[cfg_attr(feature = "tracing", track_caller)]
            pub fn emit<'a>(&self, $($a: $A::In<'a>),*) -> Returns<R> {
                #[cfg(feature = "tracing")]
                if is_listening() {
                    return self.emit_observed(($($a,)*), Origin::caller());
                }
                let mut results = Returns::new();
                if let Some(core) = self.core_if_used() {
                    core.emit(($($a,)*), &mut results);
                }
                results
            }

            /// Emits lazily: returns an iterator that calls one slot at each `next`.
            ///
            /// Nothing is called before the first `next`. [`Calls`] describes the iterator in
            /// detail.
            ///
            #[doc = concat!("```", $fence)]
            /// use smoke_signal::LocalSignal;
            ///
            /// let quote: LocalSignal<(u32,), u32> = LocalSignal::new();
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
            /// use smoke_signal::LocalSignal;
            ///
            /// fn copy(done: &LocalSignal<(&'static str,)>) -> std::io::Result<()> {
            ///     let _guard = done.emitting("copy");
            ///     // However this function ends, `done` is emitted.
            ///     Ok(())
            /// }
            ///
            /// let done = LocalSignal::<(&'static str,)>::new();
            /// done.once(|what| println!("{what} has ended"));
            /// copy(&done).unwrap();
            /// assert!(done.is_empty());
            /// ```
            #[must_use = "dropping the guard emits at once; bind it to a name"]
            #[cfg_attr(feature = "tracing", track_caller)]
            pub fn emitting<'a>(&self, $($a: $A::In<'a>),*) -> Emitting<'a, ($($A,)*)> {
                let target = Rc::downgrade(self.core());
                Emitting::new(target, ($($a,)*), Origin::caller())
            }
        }

        $(#[$hidden])?
        impl<$($A: Arg,)* R> ConnectOptions<'_, ($($A,)*), R> {
            /// Connects a slot with these options. See [`LocalSignal::connect`](LocalSignal#method.connect).
            ///
            #[doc = concat!("```", $fence)]
            /// let scan = smoke_signal::LocalSignal::<(u32,)>::new();
            /// scan.options().max_calls(3).connect(|line| println!("hit in line {line}"));
            /// ```
            #[track_caller]
            pub fn connect<F>(self, f: F) -> Connection
            where // parameters: the signal's arguments; `FnMut`: use `connect_mut`; see `smoke_signal::errors`
                F: for<'a> Fn($($A::In<'a>),*) -> R + 'static,
            {
                let f = move |($($a,)*): <($($A,)*) as Args>::In<'_>| f($($a),*);
                self.attach(|max_calls| Rc::new(ClosureSlot::new(max_calls, f)))
            }

            /// Connects a slot with these options that changes what it captured. See
            /// [`LocalSignal::connect_mut`](LocalSignal#method.connect_mut).
            ///
            #[doc = concat!("```", $fence)]
            /// let scan = smoke_signal::LocalSignal::<(u32,)>::new();
            /// let mut hits = 0;
            /// scan.options().max_calls(3).connect_mut(move |line| {
            ///     hits += 1;
            ///     println!("hit {hits} in line {line}");
            /// });
            /// ```
            #[track_caller]
            pub fn connect_mut<F>(self, f: F) -> Connection
            where
                F: for<'a> FnMut($($A::In<'a>),*) -> R + 'static,
            {
                let mut f = f;
                let f = move |($($a,)*): <($($A,)*) as Args>::In<'_>| f($($a),*);
                self.attach(|max_calls| Rc::new(MutSlot::new(max_calls, f)))
            }

            /// Connects a slot with these options for the duration of a scope. See
            /// [`LocalSignal::connect_scoped`](LocalSignal#method.connect_scoped).
            ///
            #[doc = concat!("```", $fence)]
            /// let scan = smoke_signal::LocalSignal::<(u32,)>::new();
            /// let _scoped = scan.options().first().connect_scoped(|line| println!("line {line}"));
            /// assert_eq!(scan.len(), 1);
            /// ```
            #[track_caller]
            #[must_use = "dropping the handle disconnects the slot at once; bind it to a name"]
            pub fn connect_scoped<F>(self, f: F) -> ScopedConnection
            where // parameters: the signal's arguments; `FnMut`: use `connect_mut`; see `smoke_signal::errors`
                F: for<'a> Fn($($A::In<'a>),*) -> R + 'static,
            {
                self.scoped(self.connect(f))
            }

            /// Connects a slot with these options that is called at most once. See
            /// [`LocalSignal::once`](LocalSignal#method.once). A `max_calls` of 1 or more has no effect.
            ///
            #[doc = concat!("```", $fence)]
            /// let scan = smoke_signal::LocalSignal::<(u32,)>::new();
            /// scan.options().first().once(|line| println!("first hit in line {line}"));
            /// ```
            #[track_caller]
            pub fn once<F>(self, f: F) -> Connection
            where
                F: for<'a> FnOnce($($A::In<'a>),*) -> R + 'static,
            {
                let f = move |($($a,)*): <($($A,)*) as Args>::In<'_>| f($($a),*);
                self.at_most_once().attach(|_| Rc::new(OnceSlot::new(f)))
            }

            /// Connects a slot with these options that knows its own key. See
            /// [`LocalSignal::connect_with_key`](LocalSignal#method.connect_with_key). With `max_calls(0)`,
            /// `make` is not called.
            ///
            #[doc = concat!("```", $fence)]
            /// let scan = smoke_signal::LocalSignal::<(u32,)>::new();
            /// scan.options().group(1).connect_with_key(|me| {
            ///     move |line| println!("{me:?}: line {line}")
            /// });
            /// ```
            #[track_caller]
            pub fn connect_with_key<M, F>(self, make: M) -> Connection
            where
                M: FnOnce(Connection) -> F,
                F: for<'a> Fn($($A::In<'a>),*) -> R + 'static,
            {
                self.attach_with_key(|key, max_calls| {
                    let f = make(key);
                    let f = move |($($a,)*): <($($A,)*) as Args>::In<'_>| f($($a),*);
                    Rc::new(ClosureSlot::new(max_calls, f))
                })
            }

            /// Connects a slot with these options that uses an object without keeping it alive. See
            /// [`LocalSignal::connect_weak`](LocalSignal#method.connect_weak).
            ///
            #[doc = concat!("```", $fence)]
            /// use std::rc::Rc;
            ///
            /// let scan = smoke_signal::LocalSignal::<(u32,)>::new();
            /// let name = Rc::new(String::from("log"));
            /// scan.options().max_calls(3).connect_weak(&name, |name, line| {
            ///     println!("{name}: hit in line {line}");
            /// });
            /// ```
            #[track_caller]
            pub fn connect_weak<W, F>(self, object: &W, f: F) -> Connection
            where
                W: WeakObject,
                F: for<'a> Fn(&W::Target, $($A::In<'a>),*) -> R + 'static,
            {
                let f = move |object: &W::Target, ($($a,)*): <($($A,)*) as Args>::In<'_>| {
                    f(object, $($a),*)
                };
                self.attach(|max_calls| {
                    Rc::new(WeakSlot::new(max_calls, object, f))
                })
            }
        }

        $(#[$hidden])?
        impl<$($A: Arg,)* R> Connector<'_, ($($A,)*), R> {
            /// See [`LocalSignal::connect`](LocalSignal#method.connect).
            #[track_caller]
            pub fn connect<F>(self, f: F) -> Connection
            where // parameters: the signal's arguments; `FnMut`: use `connect_mut`; see `smoke_signal::errors`
                F: for<'a> Fn($($A::In<'a>),*) -> R + 'static,
            {
                self.signal.connect(f)
            }

            /// See [`LocalSignal::connect_mut`](LocalSignal#method.connect_mut).
            #[track_caller]
            pub fn connect_mut<F>(self, f: F) -> Connection
            where
                F: for<'a> FnMut($($A::In<'a>),*) -> R + 'static,
            {
                self.signal.connect_mut(f)
            }

            /// See [`LocalSignal::connect_scoped`](LocalSignal#method.connect_scoped).
            #[track_caller]
            #[must_use = "dropping the handle disconnects the slot at once; bind it to a name"]
            pub fn connect_scoped<F>(self, f: F) -> ScopedConnection
            where // parameters: the signal's arguments; `FnMut`: use `connect_mut`; see `smoke_signal::errors`
                F: for<'a> Fn($($A::In<'a>),*) -> R + 'static,
            {
                self.signal.connect_scoped(f)
            }

            /// See [`LocalSignal::once`](LocalSignal#method.once).
            #[track_caller]
            pub fn once<F>(self, f: F) -> Connection
            where
                F: for<'a> FnOnce($($A::In<'a>),*) -> R + 'static,
            {
                self.signal.once(f)
            }

            /// See [`LocalSignal::connect_with_key`](LocalSignal#method.connect_with_key).
            #[track_caller]
            pub fn connect_with_key<M, F>(self, make: M) -> Connection
            where
                M: FnOnce(Connection) -> F,
                F: for<'a> Fn($($A::In<'a>),*) -> R + 'static,
            {
                self.signal.connect_with_key(make)
            }

            /// See [`LocalSignal::connect_weak`](LocalSignal#method.connect_weak).
            #[track_caller]
            pub fn connect_weak<W, F>(self, object: &W, f: F) -> Connection
            where
                W: WeakObject,
                F: for<'a> Fn(&W::Target, $($A::In<'a>),*) -> R + 'static,
            {
                self.signal.connect_weak(object, f)
            }
        }
    };
}

for_each_arity!(impl_arity);
