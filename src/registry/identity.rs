//! What identifies a registered callback.

use std::any::TypeId;

use crate::keys::CallbackKey;
use crate::registry::callback::Callback;

mod sealed {
    pub trait Identity<Kind> {}

    /// The kind of an [`Identity`](super::Identity) that is a key.
    #[derive(Debug)]
    pub struct ByKey;
    /// The kind of an [`Identity`](super::Identity) that is the callable's type.
    #[derive(Debug)]
    pub struct ByType<Signature>(std::marker::PhantomData<Signature>);
}

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
    fn identify(self) -> CallbackIdentity;
}

/// An [`Identity`], looked at.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub enum CallbackIdentity {
    Key(CallbackKey),
    Type(TypeId),
}

impl sealed::Identity<sealed::ByKey> for CallbackKey {}
impl Identity<sealed::ByKey> for CallbackKey {
    fn identify(self) -> CallbackIdentity {
        CallbackIdentity::Key(self)
    }
}

impl<S: 'static, C: Callback<S>> sealed::Identity<sealed::ByType<S>> for C {}
impl<S: 'static, C: Callback<S>> Identity<sealed::ByType<S>> for C {
    fn identify(self) -> CallbackIdentity {
        const {
            assert!(
                size_of::<C>() == 0,
                "a callable with captures has no identity: keep the `CallbackKey` that `on` returned and pass that"
            );
        }
        CallbackIdentity::Type(TypeId::of::<C>())
    }
}

/// The type that stands for a callable, where it is zero-sized.
pub(crate) fn type_identity<C: 'static>() -> Option<TypeId> {
    (size_of::<C>() == 0).then(TypeId::of::<C>)
}
