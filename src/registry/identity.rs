//! What identifies a registered callback.

use std::any::TypeId;
use std::mem::needs_drop;

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

/// A value that identifies a registered callback: its [`CallbackKey`], or the callable itself if it
/// is zero-sized (a `fn` item, or a closure that captures nothing), because its type then identifies
/// it.
///
/// A closure with captured values has no identity, because two closures from the same expression
/// may have captured different values. Nor has a `fn` pointer: its type does not tell to which
/// function it points. Passing one is a compile error. Keep its [`CallbackKey`] instead. `Kind` is
/// inferred. This trait is sealed.
///
/// All closures from one expression that captures nothing are the same callback, even if a loop
/// creates them. The same applies if all captured values are zero-sized.
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
    /// Fails to compile if a value of this type identifies nothing. Each public function that takes an identity
    /// evaluates it first, so that the compiler points at the call of that function.
    #[doc(hidden)]
    const IDENTIFIES: ();

    #[doc(hidden)]
    fn identify(self) -> CallbackIdentity;
}

/// An [`Identity`], resolved to a key or a type.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub enum CallbackIdentity {
    Key(CallbackKey),
    Type(TypeId),
}

impl sealed::Identity<sealed::ByKey> for CallbackKey {}
impl Identity<sealed::ByKey> for CallbackKey {
    const IDENTIFIES: () = ();

    fn identify(self) -> CallbackIdentity {
        CallbackIdentity::Key(self)
    }
}

impl<S: 'static, C: Callback<S>> sealed::Identity<sealed::ByType<S>> for C {}
impl<S: 'static, C: Callback<S>> Identity<sealed::ByType<S>> for C {
    const IDENTIFIES: () = {
        assert!(
            !is_like_a_pointer::<C>(),
            "a `fn` pointer has no identity, nor has a closure that captures a reference: pass the function \
             itself by its name, or keep the `CallbackKey` that `on` returned and pass that"
        );
        assert!(
            size_of::<C>() == 0,
            "a callable with captures has no identity: keep the `CallbackKey` that `on` returned and pass that"
        );
    };

    fn identify(self) -> CallbackIdentity {
        let () = Self::IDENTIFIES;
        CallbackIdentity::Type(TypeId::of::<C>())
    }
}

/// Whether a callable looks like a `fn` pointer: it is never null, and has nothing to drop.
const fn is_like_a_pointer<C>() -> bool {
    let size = size_of::<C>();
    size == size_of::<fn()>() && size_of::<Option<C>>() == size && !needs_drop::<C>()
}

/// Returns the type that identifies a callable, if it is zero-sized.
pub(crate) fn type_identity<C: 'static>() -> Option<TypeId> {
    (size_of::<C>() == 0).then(TypeId::of::<C>)
}
