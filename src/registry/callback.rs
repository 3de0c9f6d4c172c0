//! What can be registered under a name, and what names a registered callback afterwards.

use std::any::TypeId;
use std::sync::Arc;

use crate::CallbackKey;
use crate::args::{Args, for_each_arity};
use crate::registry::budget::Budget;
use crate::slot::{Callable, Head};
use crate::snapshot::Snapshot;

mod sealed {
    pub trait Callback<Signature> {}
    pub trait Identity<Kind> {}

    /// The kind of an [`Identity`](super::Identity) that is a key.
    #[derive(Debug)]
    pub struct ByKey;
    /// The kind of an [`Identity`](super::Identity) that is the callable's type.
    #[derive(Debug)]
    pub struct ByType<Signature>(std::marker::PhantomData<Signature>);
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
    ($fence:literal $($A:ident $a:ident),*) => {
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

/// What names a registered callback: its [`CallbackKey`], or the callable itself where it is
/// zero-sized (a `fn` item, or a closure that captures nothing), since its type is then as good as a
/// name.
///
/// A closure that captures has no identity: two that are made in the same place may differ in what
/// they captured. Handing one over is a compile error; keep the [`CallbackKey`] instead. `Kind` is
/// inferred. This trait is sealed.
///
/// All instances of one capture-free closure expression are the same callback, also those that a
/// loop makes, and also where a closure captures nothing but zero-sized values.
///
/// ```
/// let registry = smoke_signal::Registry::new();
/// fn log_it(line: String) {
///     println!("{line}");
/// }
///
/// registry.on("line", log_it).unwrap();
/// assert!(registry.responds_to(log_it, "line"));
///
/// let prefix = String::from("> ");
/// let key = registry
///     .on("line", move |line: String| println!("{prefix}{line}"))
///     .unwrap();
/// assert!(registry.responds_to(key, "line"));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` doesn't name a callback",
    label = "neither a `CallbackKey` nor a callable",
    note = "pass the `CallbackKey` that `on` returned, or a `fn` or closure without captures"
)]
pub trait Identity<Kind>: sealed::Identity<Kind> {
    #[doc(hidden)]
    fn identify(self) -> Who;
}

/// An [`Identity`], looked at.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub enum Who {
    Key(CallbackKey),
    Type(TypeId),
}

impl sealed::Identity<sealed::ByKey> for CallbackKey {}
impl Identity<sealed::ByKey> for CallbackKey {
    fn identify(self) -> Who {
        Who::Key(self)
    }
}

impl<S: 'static, C: Callback<S>> sealed::Identity<sealed::ByType<S>> for C {}
impl<S: 'static, C: Callback<S>> Identity<sealed::ByType<S>> for C {
    fn identify(self) -> Who {
        const {
            assert!(
                size_of::<C>() == 0,
                "a callable with captures has no identity: keep the `CallbackKey` that `on` returned and pass that"
            );
        }
        Who::Type(TypeId::of::<C>())
    }
}

/// The type that stands for a callable, where it is zero-sized.
pub(crate) fn type_identity<C: 'static>() -> Option<TypeId> {
    (size_of::<C>() == 0).then(TypeId::of::<C>)
}

/// A callback as a slot of one of its signals. Its budget is shared by all of them.
pub(crate) struct Registered<F> {
    pub(crate) call: F,
    pub(crate) budget: Arc<Budget>,
}

impl<A: Args, R: 'static, F> Callable<A, R> for Registered<F>
where
    F: for<'a> Fn(A::In<'a>) -> R + Send + Sync + 'static,
{
    fn turn<'a>(
        &self,
        head: &Head,
        among: &Snapshot<A, R>,
        args: impl FnOnce() -> A::In<'a>,
    ) -> Option<R> {
        if !head.admit(among) {
            return None;
        }
        let charged = self.budget.charge();
        if self.budget.is_used_up() {
            // The registry, which takes the callback off all its names, may be gone already.
            among.disconnect(head.key);
        }
        charged.then(|| (self.call)(args()))
    }

    fn calls_left(&self, _head: &Head) -> Option<u32> {
        self.budget.left()
    }
}
