//! The results of an emission.

use alloc::vec::Vec;
use core::fmt;
use core::iter::FusedIterator;
use core::ops::{Deref, DerefMut};
use core::slice;

use smallvec::SmallVec;

/// The results of one emission, in call order. Returned by
/// [`Signal::emit`](crate::Signal#method.emit), and by awaiting the emission of an async signal.
///
/// It derefs to a slice, and can be iterated by value. Up to four results need no allocation. Slots
/// that were not called, because they were blocked or disconnected, have no entry.
///
/// ```
/// use smoke_signal::Signal;
///
/// let price: Signal<(u32,), u32> = Signal::new();
/// price.connect(|grams| grams * 3);
/// price.connect(|grams| 50 + grams * 2);
///
/// let offers = price.emit(100);
/// assert_eq!(offers, [300, 250]);
/// assert_eq!(offers.into_iter().min(), Some(250));
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Returns<R>(SmallVec<[R; 4]>);

impl<R> Returns<R> {
    #[inline]
    pub(crate) fn new() -> Self {
        Self(SmallVec::new())
    }

    #[cfg(feature = "async")]
    pub(crate) fn with_capacity(capacity: usize) -> Self {
        Self(SmallVec::with_capacity(capacity))
    }

    #[inline]
    pub(crate) fn push(&mut self, result: R) {
        self.0.push(result);
    }

    /// Converts the results into a `Vec`.
    ///
    /// ```
    /// let echo: smoke_signal::Signal<(u8,), u8> = smoke_signal::Signal::new();
    /// echo.connect(|n| n);
    /// assert_eq!(echo.emit(7).into_vec(), vec![7]);
    /// ```
    #[must_use]
    pub fn into_vec(self) -> Vec<R> {
        self.0.into_vec()
    }
}

impl<R> Default for Returns<R> {
    fn default() -> Self {
        Self::new()
    }
}

impl<R> Deref for Returns<R> {
    type Target = [R];

    fn deref(&self) -> &[R] {
        &self.0
    }
}

impl<R> DerefMut for Returns<R> {
    fn deref_mut(&mut self) -> &mut [R] {
        &mut self.0
    }
}

impl<R> AsRef<[R]> for Returns<R> {
    fn as_ref(&self) -> &[R] {
        self
    }
}

impl<R> From<Returns<R>> for Vec<R> {
    fn from(results: Returns<R>) -> Self {
        results.into_vec()
    }
}

impl<R: fmt::Debug> fmt::Debug for Returns<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl<R, S> PartialEq<[S]> for Returns<R>
where
    R: PartialEq<S>,
{
    fn eq(&self, other: &[S]) -> bool {
        **self == *other
    }
}

impl<R, S> PartialEq<&[S]> for Returns<R>
where
    R: PartialEq<S>,
{
    fn eq(&self, other: &&[S]) -> bool {
        **self == **other
    }
}

impl<R, S, const N: usize> PartialEq<[S; N]> for Returns<R>
where
    R: PartialEq<S>,
{
    fn eq(&self, other: &[S; N]) -> bool {
        **self == *other
    }
}

impl<R, S, const N: usize> PartialEq<&[S; N]> for Returns<R>
where
    R: PartialEq<S>,
{
    fn eq(&self, other: &&[S; N]) -> bool {
        **self == **other
    }
}

impl<R, S> PartialEq<Vec<S>> for Returns<R>
where
    R: PartialEq<S>,
{
    fn eq(&self, other: &Vec<S>) -> bool {
        **self == **other
    }
}

/// An iterator over the results of an emission, in call order. Created by the `into_iter` of
/// [`Returns`].
pub struct IntoIter<R>(smallvec::IntoIter<[R; 4]>);

impl<R> Drop for IntoIter<R> {
    fn drop(&mut self) {
        // If the drop of a result panics here, the drop of the field, which runs next, drops the others.
        self.0.by_ref().for_each(drop);
    }
}

impl<R> Iterator for IntoIter<R> {
    type Item = R;

    fn next(&mut self) -> Option<R> {
        self.0.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl<R> DoubleEndedIterator for IntoIter<R> {
    fn next_back(&mut self) -> Option<R> {
        self.0.next_back()
    }
}

impl<R> ExactSizeIterator for IntoIter<R> {}
impl<R> FusedIterator for IntoIter<R> {}

impl<R: fmt::Debug> fmt::Debug for IntoIter<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.as_slice()).finish()
    }
}

impl<R> IntoIterator for Returns<R> {
    type Item = R;
    type IntoIter = IntoIter<R>;

    fn into_iter(self) -> IntoIter<R> {
        IntoIter(self.0.into_iter())
    }
}

impl<'a, R> IntoIterator for &'a Returns<R> {
    type Item = &'a R;
    type IntoIter = slice::Iter<'a, R>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'a, R> IntoIterator for &'a mut Returns<R> {
    type Item = &'a mut R;
    type IntoIter = slice::IterMut<'a, R>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter_mut()
    }
}
