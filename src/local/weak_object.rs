//! The objects that a slot can use without keeping them alive.

use alloc::rc::{Rc, Weak};
use core::ptr;

/// What [`connect_weak`](crate::LocalSignal#method.connect_weak) takes: an `Rc` of an object, or a `Weak`.
///
/// A `Weak` is what an object has of itself while it is made, in [`Rc::new_cyclic`]. This trait is sealed.
///
/// ```
/// use smoke_signal::LocalSignal;
/// use std::rc::{Rc, Weak};
///
/// struct Label(&'static str);
///
/// impl Label {
///     fn new(renamed: &LocalSignal<(String,)>) -> Rc<Self> {
///         Rc::new_cyclic(|this: &Weak<Self>| {
///             renamed.connect_weak(this, |label, text| println!("{}: {text}", label.0));
///             Label("label")
///         })
///     }
/// }
///
/// let renamed = LocalSignal::new();
/// let label = Label::new(&renamed);
/// assert_eq!(renamed.len(), 1);
/// drop(label);
/// assert!(renamed.is_empty());
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an object that a slot can use without keeping it alive",
    note = "pass a reference to an `Rc` or a `std::rc::Weak`"
)]
pub trait WeakObject: sealed::Downgrade {}

impl<T: ?Sized + 'static> WeakObject for Rc<T> {}
impl<T: ?Sized + 'static> WeakObject for Weak<T> {}

pub(crate) mod sealed {
    use alloc::rc::Weak;

    pub trait Downgrade {
        type Target: ?Sized + 'static;

        fn downgraded(&self) -> Weak<Self::Target>;

        /// Whether the object may not exist yet, although nobody owns it.
        fn may_be_unborn(&self) -> bool;
    }
}

impl<T: ?Sized + 'static> sealed::Downgrade for Rc<T> {
    type Target = T;

    fn downgraded(&self) -> Weak<T> {
        Self::downgrade(self)
    }

    fn may_be_unborn(&self) -> bool {
        false
    }
}

impl<T: ?Sized + 'static> sealed::Downgrade for Weak<T> {
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
