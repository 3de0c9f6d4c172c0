//! The arguments of a signal: argument types, tuples of them, and how one set of arguments serves
//! many slots.

use core::fmt;
use core::marker::PhantomData;

mod sealed {
    pub trait Args {}
}

/// The type of one argument of a signal.
///
/// | argument type | slots take | cloned |
/// |---|---|---|
/// | any `T: Clone + 'static` | `T` | for every slot but the last |
/// | [`ByRef<T>`](ByRef) | `&T`, of any lifetime | never |
/// | [`ByMut<T>`](ByMut) | `&mut T`, one slot at a time | never |
/// | a marker of your own | what its [`In`](Self::In) says | as its [`lend`](Self::lend) does |
///
/// # Lending what has a lifetime
///
/// `ByRef` and `ByMut` lend a reference to a `'static` type. For any other borrow, implement this trait for
/// a type of your own, a *marker*: it only names the argument in the type of the signal, and has no values.
/// It must not be `Clone`, or it would be an argument by itself already, and the compiler says that the
/// implementations conflict.
///
/// An event with borrowed fields, which is copied for each slot:
///
/// ```
/// use smoke_signal::{Arg, Signal};
///
/// #[derive(Clone, Copy)]
/// struct Frame<'f> {
///     pixels: &'f [u8],
///     number: u32,
/// }
///
/// /// Slots take a [`Frame`] of any lifetime.
/// enum ByFrame {}
///
/// impl Arg for ByFrame {
///     type In<'a> = Frame<'a>;
///
///     fn lend<'s>(held: &'s mut Frame<'_>) -> Frame<'s> {
///         *held
///     }
/// }
///
/// static SHOWN: Signal<(ByFrame,), usize> = Signal::new();
///
/// SHOWN.connect(|frame| frame.pixels.len() + frame.number as usize);
/// let pixels = vec![0; 640];
/// assert_eq!(SHOWN.emit(Frame { pixels: &pixels, number: 1 }), [641]);
/// ```
///
/// A trait object that itself borrows, such as a writer to a local buffer. (`ByMut<dyn Write>` lends a
/// `&mut (dyn Write + 'static)`, which excludes that. A `fn` item that takes `&mut dyn Write` cannot be a slot
/// of `ByMut<dyn Write>` for the same reason: written in a signature, it means `&'a mut (dyn Write + 'a)`, with
/// one lifetime. Such a `fn` is a slot of this signal.)
///
/// ```
/// use smoke_signal::{Arg, Signal};
/// use std::io::Write;
///
/// enum ByWriter {}
///
/// impl Arg for ByWriter {
///     type In<'a> = &'a mut (dyn Write + 'a);
///
///     fn lend<'s>(held: &'s mut Self::In<'_>) -> Self::In<'s> {
///         &mut **held
///     }
/// }
///
/// fn end_line(out: &mut dyn Write) {
///     writeln!(out).unwrap();
/// }
///
/// static REPORT: Signal<(ByWriter,)> = Signal::new();
///
/// REPORT.connect(|out| write!(out, "all is well").unwrap());
/// REPORT.connect(end_line);
/// let mut text = *b"................";
/// let mut rest = &mut text[..];
/// REPORT.emit(&mut rest);
/// assert_eq!(&text, b"all is well\n....");
/// ```
///
/// A reference that may be missing:
///
/// ```
/// use smoke_signal::{Arg, Signal};
///
/// enum ByOption {}
///
/// impl Arg for ByOption {
///     type In<'a> = Option<&'a str>;
///
///     fn lend<'s>(held: &'s mut Option<&'_ str>) -> Option<&'s str> {
///         *held
///     }
/// }
///
/// static SELECTED: Signal<(ByOption,), usize> = Signal::new();
///
/// SELECTED.connect(|name| name.map_or(0, str::len));
/// let name = String::from("Ada");
/// assert_eq!(SELECTED.emit(Some(&name)), [3]);
/// assert_eq!(SELECTED.emit(None), [0]);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be an argument of a signal",
    label = "neither `Clone + 'static` nor a marker",
    note = "to lend it, write `ByRef<{Self}>` (slots take a `&{Self}`) or `ByMut<{Self}>` (slots take a `&mut {Self}`); to share it, `Arc<{Self}>`",
    note = "an argument is any `T: Clone + 'static`, or `ByRef<T>`, or `ByMut<T>`, or a marker of your own that implements `Arg`"
)]
pub trait Arg: 'static {
    /// What the emitter passes in, and what each slot takes.
    type In<'a>;

    /// Makes the argument for one slot from what the emitter passed in, which is kept for the next slot. Called
    /// for every slot but the last, once the slot may be called and before it is. The last slot takes what the
    /// emitter passed in.
    ///
    /// If it panics, the panic unwinds out of the emission, as that of a clone does: the call has been charged,
    /// and later slots are not called.
    fn lend<'s>(held: &'s mut Self::In<'_>) -> Self::In<'s>;
}

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

impl<T: ?Sized> fmt::Debug for ByRef<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ByRef").finish_non_exhaustive()
    }
}

impl<T: ?Sized> fmt::Debug for ByMut<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
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
