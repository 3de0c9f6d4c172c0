//! The objects that a slot can use without keeping them alive.

use std::ptr;
use std::sync::{Arc, Weak};

/// What [`connect_weak`](crate::Signal#method.connect_weak) takes: an `Arc` of an object, or a `Weak`.
///
/// A `Weak` is what an object has of itself while it is made, in [`Arc::new_cyclic`]. This trait is sealed.
///
/// ```
/// use smoke_signal::Signal;
/// use std::sync::{Arc, Weak};
///
/// static RENAMED: Signal<(String,)> = Signal::new();
///
/// struct Label(&'static str);
///
/// impl Label {
///     fn new() -> Arc<Self> {
///         Arc::new_cyclic(|this: &Weak<Self>| {
///             RENAMED.connect_weak(this, |label, text| println!("{}: {text}", label.0));
///             Label("label")
///         })
///     }
/// }
///
/// let label = Label::new();
/// assert_eq!(RENAMED.len(), 1);
/// drop(label);
/// assert!(RENAMED.is_empty());
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an object that a slot can use without keeping it alive",
    note = "pass a reference to an `Arc` or a `std::sync::Weak`; of a value that derefs to one, pass `&*value`"
)]
pub trait WeakObject: sealed::Downgrade {}

impl<T: ?Sized + Send + Sync + 'static> WeakObject for Arc<T> {}
impl<T: ?Sized + Send + Sync + 'static> WeakObject for Weak<T> {}

pub(crate) mod sealed {
    use std::sync::Weak;

    pub trait Downgrade {
        type Target: ?Sized + Send + Sync + 'static;

        fn downgraded(&self) -> Weak<Self::Target>;

        /// Whether the object may not exist yet, although nobody owns it.
        fn may_be_unborn(&self) -> bool;
    }
}

impl<T: ?Sized + Send + Sync + 'static> sealed::Downgrade for Arc<T> {
    type Target = T;

    fn downgraded(&self) -> Weak<T> {
        Self::downgrade(self)
    }

    fn may_be_unborn(&self) -> bool {
        false
    }
}

impl<T: ?Sized + Send + Sync + 'static> sealed::Downgrade for Weak<T> {
    type Target = T;

    fn downgraded(&self) -> Self {
        self.clone()
    }

    /// Not if somebody owns it, or if this was made by `Weak::new`. All of the latter are equal, but can only be
    /// compared as pointers, since `Weak::new` makes no `Weak<T>` of an unsized `T`.
    fn may_be_unborn(&self) -> bool {
        self.strong_count() == 0 && !ptr::addr_eq(self.as_ptr(), Weak::<()>::new().as_ptr())
    }
}
