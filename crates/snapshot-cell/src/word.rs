//! The word that a cell publishes: the pointer of an `Arc`, and in its low bit which kind of order holds for it.
//!
//! A word without the bit is *fenced*: whoever protects it executes full fences. A word with the bit is *promoted*:
//! whoever protects it executes none, and who takes it out executes a [heavy barrier](crate::barrier::heavy).

use std::ptr;

/// A published word. Null, which is never promoted, means `None`.
pub(crate) type Word = *mut ();

/// Values are aligned to at least two bytes, so this bit of their address is free.
const PROMOTED: usize = 1;

/// What a slot contains from its first use on, whenever it protects nothing. Before that it contains null.
pub(crate) const EMPTY: Word = ptr::without_provenance_mut(PROMOTED);

/// Whether a slot that contains `word` protects nothing.
#[inline]
pub(crate) fn is_empty(word: Word) -> bool {
    word.addr() <= PROMOTED
}

#[inline]
pub(crate) fn is_promoted(word: Word) -> bool {
    word.addr() & PROMOTED != 0
}

#[inline]
pub(crate) fn promoted(word: Word) -> Word {
    word.map_addr(|address| address | PROMOTED)
}

/// The word without the bit.
#[inline]
pub(crate) fn pointer(word: Word) -> *const () {
    word.map_addr(|address| address & !PROMOTED)
}

/// Whether a word, promoted or not, has this pointer, which is not null.
#[inline]
pub(crate) fn is_same(word: Word, pointer: *const ()) -> bool {
    (word.addr() ^ pointer.addr()) <= PROMOTED
}
