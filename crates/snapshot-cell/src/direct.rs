//! Reference-counted pointers that point straight at the value.

use core::fmt;
use core::marker::PhantomData;
use core::mem::ManuallyDrop;
use core::ops::Deref;
use core::ptr::NonNull;

use alloc::rc::{self, Rc};
use alloc::sync::{self, Arc};

macro_rules! direct {
    ($(#[$doc:meta])* $name:ident, $counted:ident, $weak:ty) => {
        $(#[$doc])*
        pub struct $name<T: ?Sized> {
            /// From `into_raw`. Owns one strong count.
            value: NonNull<T>,
            owns: PhantomData<$counted<T>>,
        }

        impl<T: ?Sized> $name<T> {
            #[doc = concat!("Calls `f` with the `", stringify!($counted), "` that this is.")]
            fn with<R>(&self, f: impl FnOnce(&$counted<T>) -> R) -> R {
                // SAFETY: the pointer is from `into_raw`, and the strong count that belongs to it is owned by `self`,
                // so it must not be dropped here.
                f(&ManuallyDrop::new(unsafe { $counted::from_raw(self.value.as_ptr()) }))
            }

            /// Creates a reference that does not keep the value.
            pub fn downgrade(this: &Self) -> $weak {
                this.with($counted::downgrade)
            }

            /// Returns how many own the value.
            pub fn strong_count(this: &Self) -> usize {
                this.with($counted::strong_count)
            }
        }

        impl<T: ?Sized> From<$counted<T>> for $name<T> {
            #[inline]
            fn from(counted: $counted<T>) -> Self {
                let value = $counted::into_raw(counted).cast_mut();
                Self {
                    // SAFETY: `into_raw` returns the address of the value.
                    value: unsafe { NonNull::new_unchecked(value) },
                    owns: PhantomData,
                }
            }
        }

        impl<T: ?Sized> Deref for $name<T> {
            type Target = T;

            #[inline]
            fn deref(&self) -> &T {
                // SAFETY: `self` owns a strong count, so the value exists, and can only be shared.
                unsafe { self.value.as_ref() }
            }
        }

        impl<T: ?Sized> Clone for $name<T> {
            #[inline]
            fn clone(&self) -> Self {
                // SAFETY: the pointer is from `into_raw`, and the strong count at least one, because `self` owns it.
                unsafe { $counted::increment_strong_count(self.value.as_ptr()) }
                Self { ..*self }
            }
        }

        impl<T: ?Sized> Drop for $name<T> {
            #[inline(never)] // for the size of the code that drops lists of them
            fn drop(&mut self) {
                // SAFETY: the pointer is from `into_raw`. `self` owned the strong count, and is dropped once.
                drop(unsafe { $counted::from_raw(self.value.as_ptr()) });
            }
        }

        impl<T: ?Sized + fmt::Debug> fmt::Debug for $name<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&**self, f)
            }
        }
    };
}

direct! {
    /// An `Arc` that points straight at its value.
    ///
    /// An `Arc` points at its counts. To find the value of a trait object behind them, every access computes its place
    /// from the alignment in the vtable. In a loop that calls many trait objects, that takes a third of the time. This
    /// pointer is the one that [`Arc::into_raw`] returns, so a call through it costs what a call through a `Box` costs.
    /// It is made of an `Arc`, which may have been coerced to a trait object, and shares its counts.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use snapshot_cell::DirectArc;
    ///
    /// let double: Arc<dyn Fn(i32) -> i32> = Arc::new(|n| 2 * n);
    /// let calls: Vec<DirectArc<dyn Fn(i32) -> i32>> = vec![double.clone().into(), double.into()];
    /// assert_eq!(calls.iter().fold(1, |n, call| call(n)), 4);
    /// assert_eq!(DirectArc::strong_count(&calls[0]), 2);
    /// ```
    DirectArc, Arc, sync::Weak<T>
}

// SAFETY: it is an `Arc`, in another form, and `Arc` is `Send` under this condition.
unsafe impl<T: ?Sized + Send + Sync> Send for DirectArc<T> {}
// SAFETY: as above, for `Sync`.
unsafe impl<T: ?Sized + Send + Sync> Sync for DirectArc<T> {}

direct! {
    /// An `Rc` that points straight at its value: for one thread what [`DirectArc`] is for many.
    ///
    /// ```
    /// use std::rc::Rc;
    /// use snapshot_cell::DirectRc;
    ///
    /// let double: Rc<dyn Fn(i32) -> i32> = Rc::new(|n| 2 * n);
    /// let direct = DirectRc::from(double);
    /// assert_eq!(direct(4), 8);
    /// ```
    DirectRc, Rc, rc::Weak<T>
}
