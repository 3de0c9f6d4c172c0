//! The callables that can be registered under a name.

use std::sync::{Arc, Weak};

use snapshot_cell::DirectArc;

use crate::args::{Args, for_each_arity};
use crate::core::{Arguments, Head, Slot, SlotView};
use crate::owner::SlotOwner;
use crate::registry::named::AnySignal;
use crate::registry::registration::Registration;

mod sealed {
    pub trait Callback<Signature> {}
}

/// A callable that can be registered with a [`Registry`](crate::Registry): any `Fn` with 0 to 8
/// parameters that is `Send + Sync + 'static`. Each parameter must be `Clone + 'static`.
///
/// The name is bound to the parameter types, so a closure must state them, as in
/// `|line: String| println!("{line}")`. A reference must be `'static`: `|s: &str| ..` takes only a
/// `&'static str`. To lend arguments, connect to the typed signal instead, which
/// [`Registry::signal`](crate::Registry::signal) returns.
///
/// `Signature` is inferred. This trait is sealed.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be a callback of a registry",
    label = "not a callback",
    note = "a callback is an `Fn` of 0 to 8 parameters, `Send + Sync + 'static`, each parameter `Clone + 'static`"
)]
pub trait Callback<Signature: 'static>:
    sealed::Callback<Signature> + Send + Sync + 'static
{
    /// The tuple of parameter types.
    type Args: Args;
    /// The type of the result.
    type Ret: 'static;

    /// Calls the callback.
    #[doc(hidden)]
    fn call(&self, args: <Self::Args as Args>::In<'_>) -> Self::Ret;
}

macro_rules! impl_callback {
    ([$($hidden:meta)?] $fence:literal $($A:ident $a:ident),*) => {
        impl<F, R, $($A),*> sealed::Callback<fn($($A),*) -> R> for F
        where
            F: Fn($($A),*) -> R,
        {
        }

        impl<F, R: 'static, $($A: Clone + 'static),*> Callback<fn($($A),*) -> R> for F
        where
            F: Fn($($A),*) -> R + Send + Sync + 'static,
        {
            type Args = ($($A,)*);
            type Ret = R;

            fn call(&self, ($($a,)*): ($($A,)*)) -> R {
                self($($a),*)
            }
        }
    };
}

for_each_arity!(impl_callback);

/// A callback, shared by its slots in the signals of its names.
pub(crate) type SharedCallback<A, R> = Arc<dyn for<'a> Fn(<A as Args>::In<'a>) -> R + Send + Sync>;

/// The slot of a callback in one of its signals. The slots of a callback share its registration.
pub(crate) struct CallbackSlot<A: Args, R> {
    head: Head,
    callback: DirectArc<dyn for<'a> Fn(A::In<'a>) -> R + Send + Sync>,
    registration: Arc<Registration>,
    signal: Weak<dyn AnySignal>,
}

impl<A: Args, R> CallbackSlot<A, R> {
    pub(crate) fn new(
        callback: SharedCallback<A, R>,
        registration: Arc<Registration>,
        signal: Weak<dyn AnySignal>,
    ) -> Self {
        Self {
            head: Head::new(None),
            callback: callback.into(),
            registration,
            signal,
        }
    }
}

impl<A: Args, R> Slot<A, R> for CallbackSlot<A, R> {
    fn view(&self) -> SlotView<'_> {
        SlotView {
            head: &self.head,
            hooks: Some(&*self.registration),
        }
    }

    fn call(&self, args: A::In<'_>) -> R {
        (self.callback)(args)
    }

    fn try_call(&self, owner: &SlotOwner, args: Arguments<'_, '_, A>) -> Option<R> {
        let may_call =
            self.head.acquire_call(owner) && self.registration.charge(&self.signal, &self.head);
        may_call.then(|| args.pass(|args| (self.callback)(args)))
    }
}
