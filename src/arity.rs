//! The methods that know how many arguments a signal has: inherent ones, made by one macro for each
//! number of arguments, so that closures need no annotation and callers import no trait.

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
use crate::signal::Signal;

macro_rules! impl_arity {
    ([$($hidden:meta)?] $fence:literal $($A:ident $a:ident),*) => {
        $(#[$hidden])?
        #[allow(
            clippy::too_many_arguments,
            clippy::extra_unused_lifetimes,
            clippy::elidable_lifetime_names,
            reason = "one body for every number of arguments, 0 and 8 among them"
        )]
        impl<$($A: Arg,)* R> Signal<($($A,)*), R> {
            /// Connects a slot: `f` is called at every emission, after the slots connected before.
            ///
            /// When this returns, every emission that starts afterwards, on any thread, calls the
            /// slot; emissions under way do not.
            ///
            /// The closure stays until it is disconnected or the signal is dropped; letting go of
            /// the key changes nothing. It may run on several threads at once, and in several
            /// nested emissions of one thread.
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
            /// A closure must be `Send` and `Sync`, whichever thread emits:
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
            where
                F: for<'a> Fn($($A::In<'a>),*) -> R + Send + Sync + 'static,
            {
                let slot = ClosureSlot::new(None, move |($($a,)*): <($($A,)*) as Args>::In<'_>| f($($a),*));
                self.attach(Arc::new(slot), Location::caller())
            }

            /// Connects a slot that is called once at most, and consumed by it: it may give its
            /// captures away. It has left the signal before the call begins.
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
            where
                F: for<'a> FnOnce($($A::In<'a>),*) -> R + Send + 'static,
            {
                let slot = OnceSlot::new(move |($($a,)*): <($($A,)*) as Args>::In<'_>| f($($a),*));
                self.attach(Arc::new(slot), Location::caller())
            }

            /// Connects a slot that knows its own key: `make` gets the key and returns the closure
            /// to connect.
            ///
            /// While `make` runs no lock is held, and the key is not connected yet: `contains` is
            /// false. If `make` panics, nothing is connected. Boost.Signals2 has this as
            /// `connect_extended`, slotmap as `insert_with_key`.
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
                F: for<'a> Fn($($A::In<'a>),*) -> R + Send + Sync + 'static,
            {
                self.options().connect_with_key(make)
            }

            /// Connects a slot that needs an object but does not keep it alive: `f` is called with
            /// the object in front of the arguments, so that a method is a slot.
            ///
            /// The slot leaves by itself when the last `Arc` has gone: from then on `contains`,
            /// `len` and `slots` leave it out, and nothing is charged to its call budget. What `f`
            /// captured is dropped at the next emission or connect at the latest; an emission that
            /// stops before the slot's turn leaves that to the next. While `f` runs the object is
            /// kept alive; if its last owner lets go meanwhile, it is dropped when `f` returns, on
            /// the emitting thread. Boost.Signals2 calls this tracking.
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
            pub fn connect_weak<T, F>(&self, object: &Arc<T>, f: F) -> Connection
            where
                T: ?Sized + Send + Sync + 'static,
                F: for<'a> Fn(&T, $($A::In<'a>),*) -> R + Send + Sync + 'static,
            {
                let f = move |object: &T, ($($a,)*): <($($A,)*) as Args>::In<'_>| {
                    f(object, $($a),*)
                };
                let slot = WeakSlot::new(None, Arc::downgrade(object), f);
                self.attach(Arc::new(slot), Location::caller())
            }

            /// Calls every slot in order, on this thread; gives what they returned, in that order.
            ///
            /// Which slots are called is settled at the start: one connected in the meantime is
            /// not. One that is disconnected, blocked or used up before its turn is not called
            /// either.
            /// Arguments are cloned for every slot but the last. No lock is held.
            ///
            /// # Panics
            ///
            /// A panicking slot unwinds out of `emit`; later slots are not called. The signal goes
            /// on working, the slot stays connected. To go on with the others, use
            /// `calls(..).catch_unwind()`.
            ///
            #[doc = concat!("```", $fence)]
            /// use smoke_signal::Signal;
            ///
            /// let greet: Signal<(String,), String> = Signal::new();
            /// greet.connect(|name| format!("Hello, {name}"));
            /// greet.connect(|name| format!("Moin, {name}"));
            /// assert_eq!(greet.emit("Ada".to_owned()), ["Hello, Ada", "Moin, Ada"]);
            /// ```
            #[inline]
            pub fn emit<'a>(&self, $($a: $A::In<'a>),*) -> Returns<R> {
                match self.core_if_used() {
                    Some(core) => core.emit(($($a,)*)),
                    None => Returns::new(),
                }
            }

            /// Emits lazily: an iterator that calls one slot at each `next`.
            ///
            /// `calls(..)` alone calls nothing. See [`Calls`] for what the iterator promises.
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
            pub fn calls<'a>(&self, $($a: $A::In<'a>),*) -> Calls<'a, ($($A,)*), R> {
                Calls::new(self.view(), ($($a,)*))
            }

            /// Emits when the guard is dropped, on unwinding too.
            ///
            #[doc = concat!("```", $fence)]
            /// use smoke_signal::Signal;
            ///
            /// static DONE: Signal<(&'static str,)> = Signal::new();
            ///
            /// fn copy() -> std::io::Result<()> {
            ///     let _guard = DONE.emitting("copy");
            ///     // whichever way this function is left, `DONE` is emitted
            ///     Ok(())
            /// }
            /// # DONE.once(|what| assert_eq!(what, "copy"));
            /// # copy().unwrap();
            /// # assert!(DONE.is_empty());
            /// ```
            pub fn emitting<'a>(&self, $($a: $A::In<'a>),*) -> Emitting<'a, ($($A,)*)> {
                Emitting::new(Arc::downgrade(self.core()), ($($a,)*))
            }
        }

        $(#[$hidden])?
        impl<$($A: Arg,)* R> ConnectOptions<'_, ($($A,)*), R> {
            /// Connects a slot with these options; see [`Signal::connect`](Signal#method.connect).
            ///
            #[doc = concat!("```", $fence)]
            /// let scan = smoke_signal::Signal::<(u32,)>::new();
            /// scan.options().max_calls(3).connect(|line| println!("hit in line {line}"));
            /// ```
            #[track_caller]
            pub fn connect<F>(self, f: F) -> Connection
            where
                F: for<'a> Fn($($A::In<'a>),*) -> R + Send + Sync + 'static,
            {
                let f = move |($($a,)*): <($($A,)*) as Args>::In<'_>| f($($a),*);
                self.attach(|max_calls| Arc::new(ClosureSlot::new(max_calls, f)))
            }

            /// Connects a slot with these options that is called once at most; see
            /// [`Signal::once`](Signal#method.once). A `max_calls` of 1 or more changes nothing.
            ///
            #[doc = concat!("```", $fence)]
            /// let scan = smoke_signal::Signal::<(u32,)>::new();
            /// scan.options().first().once(|line| println!("first hit in line {line}"));
            /// ```
            #[track_caller]
            pub fn once<F>(self, f: F) -> Connection
            where
                F: for<'a> FnOnce($($A::In<'a>),*) -> R + Send + 'static,
            {
                let f = move |($($a,)*): <($($A,)*) as Args>::In<'_>| f($($a),*);
                self.at_most_once().attach(|_| Arc::new(OnceSlot::new(f)))
            }

            /// Connects a slot with these options that knows its own key; see
            /// [`Signal::connect_with_key`](Signal#method.connect_with_key). With `max_calls(0)`
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

            /// Connects a slot with these options that leaves with an object; see
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
            pub fn connect_weak<T, F>(self, object: &Arc<T>, f: F) -> Connection
            where
                T: ?Sized + Send + Sync + 'static,
                F: for<'a> Fn(&T, $($A::In<'a>),*) -> R + Send + Sync + 'static,
            {
                let f = move |object: &T, ($($a,)*): <($($A,)*) as Args>::In<'_>| {
                    f(object, $($a),*)
                };
                self.attach(|max_calls| {
                    Arc::new(WeakSlot::new(max_calls, Arc::downgrade(object), f))
                })
            }
        }

        $(#[$hidden])?
        impl<$($A: Arg,)* R> Connector<'_, ($($A,)*), R> {
            /// As [`Signal::connect`](Signal#method.connect).
            #[track_caller]
            pub fn connect<F>(self, f: F) -> Connection
            where
                F: for<'a> Fn($($A::In<'a>),*) -> R + Send + Sync + 'static,
            {
                self.signal.connect(f)
            }

            /// As [`Signal::once`](Signal#method.once).
            #[track_caller]
            pub fn once<F>(self, f: F) -> Connection
            where
                F: for<'a> FnOnce($($A::In<'a>),*) -> R + Send + 'static,
            {
                self.signal.once(f)
            }

            /// As [`Signal::connect_with_key`](Signal#method.connect_with_key).
            #[track_caller]
            pub fn connect_with_key<M, F>(self, make: M) -> Connection
            where
                M: FnOnce(Connection) -> F,
                F: for<'a> Fn($($A::In<'a>),*) -> R + Send + Sync + 'static,
            {
                self.signal.connect_with_key(make)
            }

            /// As [`Signal::connect_weak`](Signal#method.connect_weak).
            #[track_caller]
            pub fn connect_weak<T, F>(self, object: &Arc<T>, f: F) -> Connection
            where
                T: ?Sized + Send + Sync + 'static,
                F: for<'a> Fn(&T, $($A::In<'a>),*) -> R + Send + Sync + 'static,
            {
                self.signal.connect_weak(object, f)
            }
        }
    };
}

for_each_arity!(impl_arity);
