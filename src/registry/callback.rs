//! What can be registered under a name.

use std::sync::Arc;

use crate::args::{Args, for_each_arity};
use crate::core::{Arguments, Head, Slot, SlotView};
use crate::owner::SlotOwner;
use crate::registry::budget::{Budget, Charge};

mod sealed {
    pub trait Callback<Signature> {}
}

/// A callable that a [`Registry`](crate::Registry) can call: any `Fn` of 0 to 8 parameters that is
/// `Send + Sync + 'static`, where each parameter is `Clone + 'static`.
///
/// The parameters' types bind the name, so a closure must state them: `|line: String| ..`. Callbacks
/// for borrowed arguments are connected to the typed signal instead, see
/// [`Registry::signal`](crate::Registry::signal): here `|s: &str| ..` takes `&'static str` only.
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

    /// Calls it.
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

/// A callback as a slot of one of its signals. Its budget is shared by all of them.
pub(crate) struct CallbackSlot<A: Args, R> {
    head: Head,
    callback: SharedCallback<A, R>,
    budget: Arc<Budget>,
}

impl<A: Args, R> CallbackSlot<A, R> {
    pub(crate) fn new(callback: SharedCallback<A, R>, budget: Arc<Budget>) -> Self {
        Self {
            head: Head::new(None),
            callback,
            budget,
        }
    }
}

impl<A: Args, R> Slot<A, R> for CallbackSlot<A, R> {
    fn view(&self) -> SlotView<'_> {
        SlotView {
            head: &self.head,
            conditions: Some(&*self.budget),
        }
    }

    fn call(&self, args: A::In<'_>) -> R {
        (self.callback)(args)
    }

    fn try_call(&self, owner: &SlotOwner, args: Arguments<'_, '_, A>) -> Option<R> {
        if !self.head.acquire(owner) {
            return None;
        }
        let charge = self.budget.charge();
        if charge != Charge::Granted {
            // The registry, which takes the callback off all its names, may have been dropped.
            self.head.leave(owner);
        }
        (charge != Charge::Refused).then(|| args.pass(|args| (self.callback)(args)))
    }
}
