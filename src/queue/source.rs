//! What a queue can be connected to, and what closures take the arguments.

use std::rc::Rc;
use std::sync::Arc;

use crate::args::{Args, for_each_arity};
use crate::connector::Connector;
use crate::signal::Signal;

/// What [`Queue::connect`](crate::Queue::connect) takes: a [`Signal`] or a [`Connector`] whose arguments are all
/// owned and `Send`, with any result; or a reference, an `Rc` or an `Arc` of one.
///
/// This trait is sealed.
#[diagnostic::on_unimplemented(
    message = "a queue can't be connected to `{Self}`",
    label = "not a signal whose arguments can be stored and sent to another thread",
    note = "a queue takes a `Signal` or a `Connector` whose arguments are all `Clone + Send + 'static`, none of them `ByRef` or `ByMut`"
)]
pub trait QueueSource: sealed::AsSignal<Self::Args, Self::Result> {
    /// The arguments of the signal.
    type Args: for<'a> Args<In<'a> = Self::Args> + Send;
    /// What other slots of the signal return.
    type Result: 'static;
}

/// The tuple of the arguments of a signal, if `F` is a closure that takes them one by one: for `(A, B)`, an
/// `FnMut(A, B)`.
///
/// This trait is sealed.
#[diagnostic::on_unimplemented(
    message = "a queue can't call `{F}` with the arguments `{Self}`",
    label = "not a closure that takes these arguments",
    note = "the closure must be `FnMut(..) + 'static`, with one parameter for each argument of the signal, and return `()`"
)]
pub trait PassTo<F>: sealed::PassTo<F> {}

pub(super) mod sealed {
    use super::{Args, Signal};

    pub trait AsSignal<A: Args, R: 'static> {
        fn as_signal(&self) -> &Signal<A, R>;
    }

    pub trait PassTo<F> {
        fn pass_to(self, f: &mut F);
    }
}

// The compiler is to say what a signal must be, not which bound of these impls is not met.
#[diagnostic::do_not_recommend]
impl<A, R> QueueSource for Signal<A, R>
where
    A: for<'a> Args<In<'a> = A> + Send,
{
    type Args = A;
    type Result = R;
}

impl<A: Args, R> sealed::AsSignal<A, R> for Signal<A, R> {
    fn as_signal(&self) -> &Self {
        self
    }
}

#[diagnostic::do_not_recommend]
impl<A, R> QueueSource for Connector<'_, A, R>
where
    A: for<'a> Args<In<'a> = A> + Send,
{
    type Args = A;
    type Result = R;
}

impl<A: Args, R> sealed::AsSignal<A, R> for Connector<'_, A, R> {
    fn as_signal(&self) -> &Signal<A, R> {
        self.signal
    }
}

macro_rules! impl_through_pointer {
    ($($pointer:ty),*) => {$(
        #[diagnostic::do_not_recommend]
        impl<S: QueueSource + ?Sized> QueueSource for $pointer {
            type Args = S::Args;
            type Result = S::Result;
        }

        impl<S: QueueSource + ?Sized> sealed::AsSignal<S::Args, S::Result> for $pointer {
            fn as_signal(&self) -> &Signal<S::Args, S::Result> {
                (**self).as_signal()
            }
        }
    )*};
}

impl_through_pointer!(&S, Rc<S>, Arc<S>);

macro_rules! impl_pass_to {
    ([$($hidden:meta)?] $fence:literal $($A:ident $a:ident),*) => {
        impl<$($A,)* F: FnMut($($A),*)> PassTo<F> for ($($A,)*) {}

        impl<$($A,)* F: FnMut($($A),*)> sealed::PassTo<F> for ($($A,)*) {
            #[inline]
            fn pass_to(self, f: &mut F) {
                let ($($a,)*) = self;
                f($($a),*);
            }
        }
    };
}

for_each_arity!(impl_pass_to);
