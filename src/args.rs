//! The arguments of a signal: argument types, tuples of them, and how one set of arguments serves
//! many slots.

use std::marker::PhantomData;

mod sealed {
    pub trait Arg {}
    pub trait Args {}
}

/// The type of one argument of a signal.
///
/// | argument type | slots take | cloned |
/// |---|---|---|
/// | any `T: Clone + 'static` | `T` | for every slot but the last |
/// | [`ByRef<T>`](ByRef) | `&T`, of any lifetime | never |
/// | [`ByMut<T>`](ByMut) | `&mut T`, one slot at a time | never |
///
/// This trait is sealed.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be an argument of a signal",
    label = "neither `Clone + 'static` nor a marker",
    note = "an argument is any `T: Clone + 'static`, or `ByRef<T>` (slots take `&T`), or `ByMut<T>` (slots take `&mut T`)"
)]
pub trait Arg: sealed::Arg + 'static {
    /// What the emitter passes in, and what each slot takes.
    type In<'a>;

    /// Makes the argument for one slot and keeps what is needed for the next.
    #[doc(hidden)]
    fn lend<'s>(held: &'s mut Self::In<'_>) -> Self::In<'s>;
}

impl<T: Clone + 'static> sealed::Arg for T {}
// The compiler is to say what an argument may be, not only that this one is not `Clone`.
#[diagnostic::do_not_recommend]
impl<T: Clone + 'static> Arg for T {
    type In<'a> = T;

    #[inline]
    fn lend(held: &mut T) -> T {
        held.clone()
    }
}

/// An argument that slots take as `&T`. Nothing is cloned, any lifetime is accepted, and `T` may be
/// unsized.
///
/// This is a marker for the type of a signal. It has no values.
///
/// ```
/// use smoke_signal::{ByRef, Signal};
///
/// static LINE: Signal<(ByRef<str>,), bool> = Signal::new();
///
/// LINE.connect(|line| line.contains("ERROR"));
/// let text = String::from("ERROR: out of tea");
/// assert_eq!(LINE.emit(&text), [true]);
/// ```
// Not `Clone`: that is what keeps it apart from the blanket impl of `Arg` over `T: Clone`.
pub struct ByRef<T: ?Sized>(PhantomData<fn(&T)>);

impl<T: ?Sized + 'static> sealed::Arg for ByRef<T> {}
impl<T: ?Sized + 'static> Arg for ByRef<T> {
    type In<'a> = &'a T;

    #[inline]
    fn lend<'s>(held: &'s mut &'_ T) -> &'s T {
        held
    }
}

/// An argument that slots take as `&mut T`, one slot after the other. Each slot sees the changes of
/// the slots before it, and the emitter sees all of them.
///
/// This is a marker for the type of a signal. It has no values.
///
/// ```
/// use smoke_signal::{ByMut, Signal};
///
/// static PRICE: Signal<(ByMut<u32>,)> = Signal::new();
///
/// PRICE.connect(|cents| *cents += 50);
/// PRICE.connect(|cents| *cents *= 2);
/// let mut cents = 100;
/// PRICE.emit(&mut cents);
/// assert_eq!(cents, 300);
/// ```
// Not `Clone`, as `ByRef`.
pub struct ByMut<T: ?Sized>(PhantomData<fn(&mut T)>);

impl<T: ?Sized + 'static> sealed::Arg for ByMut<T> {}
impl<T: ?Sized + 'static> Arg for ByMut<T> {
    type In<'a> = &'a mut T;

    #[inline]
    #[allow(
        clippy::mut_mut,
        reason = "a reborrow of the emitter's `&mut T` for one slot"
    )]
    fn lend<'s>(held: &'s mut &'_ mut T) -> &'s mut T {
        held
    }
}

impl<T: ?Sized> std::fmt::Debug for ByRef<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ByRef").finish_non_exhaustive()
    }
}

impl<T: ?Sized> std::fmt::Debug for ByMut<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ByMut").finish_non_exhaustive()
    }
}

/// The arguments of a signal: a tuple of 0 to 8 types, each an [`Arg`].
///
/// This trait is sealed.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be the arguments of a signal",
    label = "not a tuple of 0 to 8 argument types",
    note = "for one argument write a tuple with a trailing comma: `Signal<(i32,)>`",
    note = "each argument is any `T: Clone + 'static`, or `ByRef<T>`, or `ByMut<T>`; for more than 8, pass a struct"
)]
pub trait Args: sealed::Args + 'static {
    /// The tuple of values that the emitter passes in.
    type In<'a>;

    /// Makes the arguments for one slot and keeps what is needed for the next.
    #[doc(hidden)]
    fn lend<'s>(held: &'s mut Self::In<'_>) -> Self::In<'s>;
}

macro_rules! impl_args {
    ([$($hidden:meta)?] $fence:literal $($A:ident $a:ident),*) => {
        impl<$($A: Arg),*> sealed::Args for ($($A,)*) {}
        impl<$($A: Arg),*> Args for ($($A,)*) {
            type In<'a> = ($($A::In<'a>,)*);

            #[inline]
            #[allow(clippy::unused_unit, reason = "the tuple of no arguments")]
            fn lend<'s>(($($a,)*): &'s mut Self::In<'_>) -> Self::In<'s> {
                ($($A::lend($a),)*)
            }
        }
    };
}

/// Calls `$body!` once for each number of arguments.
///
/// What comes first are an attribute, which hides the methods of every number but one in the
/// documentation, and a literal that opens their examples: for one argument they run, for the others,
/// which only editors show, they are plain text.
macro_rules! for_each_arity {
    ($body:ident) => {
        $body!([doc(hidden)] "text");
        $body!([] "" A a);
        $body!([doc(hidden)] "text" A1 a1, A2 a2);
        $body!([doc(hidden)] "text" A1 a1, A2 a2, A3 a3);
        $body!([doc(hidden)] "text" A1 a1, A2 a2, A3 a3, A4 a4);
        $body!([doc(hidden)] "text" A1 a1, A2 a2, A3 a3, A4 a4, A5 a5);
        $body!([doc(hidden)] "text" A1 a1, A2 a2, A3 a3, A4 a4, A5 a5, A6 a6);
        $body!([doc(hidden)] "text" A1 a1, A2 a2, A3 a3, A4 a4, A5 a5, A6 a6, A7 a7);
        $body!([doc(hidden)] "text" A1 a1, A2 a2, A3 a3, A4 a4, A5 a5, A6 a6, A7 a7, A8 a8);
    };
}
pub(crate) use for_each_arity;

for_each_arity!(impl_args);
