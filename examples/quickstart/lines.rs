//! Reads a text line by line and emits each, in bounded memory for every input.

use std::borrow::Cow;
use std::io::{self, BufRead, Read};

use super::{LINE, PROGRESS};

/// Longer lines are emitted in overlapping pieces.
const LONGEST_PIECE: u64 = 1 << 20;
/// The number of bytes to read between two emissions of `PROGRESS`.
const PROGRESS_STEP: u64 = 1 << 16;

/// Emits `LINE` and `PROGRESS`. Pieces of one line overlap by this many bytes.
pub(super) fn scan(mut input: impl BufRead, overlap: usize) -> io::Result<()> {
    let mut piece = Vec::new();
    let (mut number, mut bytes, mut reported) = (1, 0, 0);
    let (mut not_utf8, mut is_utf8) = (0, true);
    loop {
        let mut limited = input.by_ref().take(LONGEST_PIECE);
        let read = limited.read_until(b'\n', &mut piece)?;
        bytes += read as u64;
        if bytes - reported >= PROGRESS_STEP || read == 0 {
            PROGRESS.emit(bytes, not_utf8);
            reported = bytes;
        }
        if piece.is_empty() {
            return Ok(());
        }

        let line_ends = piece.ends_with(b"\n") || read == 0;
        // The rest of a piece's last character may not have been read yet.
        let last = char_start(&piece, piece.len() - 1);
        let end = if line_ends { piece.len() } else { last };
        let text = String::from_utf8_lossy(&piece[..end]);
        is_utf8 &= matches!(text, Cow::Borrowed(_));
        let line = text.trim_end_matches(['\r', '\n']);
        LINE.calls(number, line).collect::<io::Result<()>>()?;

        if line_ends {
            not_utf8 += u64::from(!is_utf8);
            (number, is_utf8) = (number + 1, true);
            piece.clear();
        } else {
            piece.drain(..char_start(&piece, end.saturating_sub(overlap)));
        }
    }
}

/// The index of the first byte of the UTF-8 character to which the byte at this index belongs.
fn char_start(bytes: &[u8], index: usize) -> usize {
    let is_start = |&at: &usize| bytes[at] & 0b1100_0000 != 0b1000_0000;
    let mut nearest = (index.saturating_sub(3)..=index).rev();
    nearest.find(is_start).unwrap_or(index)
}
