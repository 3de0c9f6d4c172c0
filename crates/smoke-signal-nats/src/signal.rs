//! The signals that a bridge can be given.

use std::any::Any;
use std::sync::Arc;

use smoke_signal::{Args, Signal};

mod sealed {
    pub trait Sealed {}
}

/// A signal that a bridge can hold on to: `&'static Signal<A>`, `Arc<Signal<A>>` or a reference to one. Slots return
/// nothing, because results do not travel.
///
/// This trait is sealed.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be linked to a subject",
    label = "neither `&'static Signal<A>` nor `Arc<Signal<A>>`",
    note = "make the signal a `static`, or put it into an `Arc`",
    note = "slots must return `()`: results do not travel"
)]
pub trait Linkable: sealed::Sealed {
    /// The arguments of the signal.
    type Args: Args;

    #[doc(hidden)]
    fn hold(self) -> Held<Self::Args>;
}

/// A signal, as the bridge holds it.
#[doc(hidden)]
#[derive(Debug)]
pub enum Held<A: Args> {
    Static(&'static Signal<A>),
    Shared(Arc<Signal<A>>),
}

impl<A: Args> Held<A> {
    pub(crate) fn get(&self) -> &Signal<A> {
        match self {
            Self::Static(signal) => signal,
            Self::Shared(signal) => signal,
        }
    }

    pub(crate) fn address(&self) -> usize {
        std::ptr::from_ref(self.get()).addr()
    }

    /// What keeps the signal.
    pub(crate) fn keep(&self) -> Box<dyn Any + Send + Sync> {
        match self {
            Self::Static(_) => Box::new(()),
            Self::Shared(signal) => Box::new(Arc::clone(signal)),
        }
    }
}

impl<A: Args> Clone for Held<A> {
    fn clone(&self) -> Self {
        match self {
            Self::Static(signal) => Self::Static(signal),
            Self::Shared(signal) => Self::Shared(Arc::clone(signal)),
        }
    }
}

impl<A: Args> sealed::Sealed for &'static Signal<A> {}
impl<A: Args> Linkable for &'static Signal<A> {
    type Args = A;

    fn hold(self) -> Held<A> {
        Held::Static(self)
    }
}

impl<A: Args> sealed::Sealed for Arc<Signal<A>> {}
impl<A: Args> Linkable for Arc<Signal<A>> {
    type Args = A;

    fn hold(self) -> Held<A> {
        Held::Shared(self)
    }
}

impl<A: Args> sealed::Sealed for &Arc<Signal<A>> {}
impl<A: Args> Linkable for &Arc<Signal<A>> {
    type Args = A;

    fn hold(self) -> Held<A> {
        Held::Shared(Arc::clone(self))
    }
}
