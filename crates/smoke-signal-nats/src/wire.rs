//! What a message looks like: one line of metadata, of fixed width but for the codec's name, and then the arguments as
//! the codec wrote them.
//!
//! ```text
//! SS1 <origin, 32 hex digits> <number, 16 hex digits> <hops, 2 hex digits> <codec>\n
//! ```
//!
//! Several emissions of one origin may share a message. The line then ends with their number, 2 or more, and each is
//! preceded by its length in bytes, 8 hex digits. The number of the message is that of the first; the others follow.
//!
//! ```text
//! SS1 <origin> <number> <hops> <codec> <count, 4 hex digits>\n<length><arguments><length><arguments>...
//! ```
//!
//! In the payload, not in NATS headers: messages with headers cost the client about twice as much.

use crate::origin::Origin;

/// The version is part of it.
const MAGIC: &[u8; 4] = b"SS1 ";
const ORIGIN: usize = 4;
const NUMBER: usize = ORIGIN + 32 + 1;
const HOPS: usize = NUMBER + 16 + 1;
const CODEC: usize = HOPS + 2 + 1;
/// The longest name of a codec.
pub(crate) const CODEC_MAX: usize = 16;
/// A space and four digits.
pub(crate) const COUNT: usize = 5;
/// The digits before each of several emissions.
pub(crate) const LENGTH: usize = 8;

/// The metadata of an emission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Head<'m> {
    pub(crate) origin: Origin,
    /// Counts what the origin emits to this subject, from 1 on.
    pub(crate) sequence: u64,
    /// How many bridges have sent this on already.
    pub(crate) hops: u8,
    pub(crate) codec: &'m str,
}

/// Why the first line of a message cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BadHead {
    /// It is no message of a bridge.
    Foreign,
    /// It is one of another version.
    Version,
    /// It begins as one, but is not.
    Malformed,
}

/// Begins a message. Its number is written later, by [`number`].
pub(crate) fn begin(out: &mut Vec<u8>, origin: Origin, hops: u8, codec: &str) {
    out.extend_from_slice(MAGIC);
    push_hex(out, origin.bits(), 32);
    out.push(b' ');
    push_hex(out, 0, 16);
    out.push(b' ');
    push_hex(out, u128::from(hops), 2);
    out.push(b' ');
    out.extend_from_slice(codec.as_bytes());
    out.push(b'\n');
}

/// Says of a message that [`begin`] has begun how many bridges have sent it on.
pub(crate) fn hops(message: &mut [u8], hops: u8) {
    message[HOPS] = DIGITS[usize::from(hops >> 4)];
    message[HOPS + 1] = DIGITS[usize::from(hops & 15)];
}

/// What [`hops`] has written, or [`begin`].
pub(crate) fn hops_of(message: &[u8]) -> Option<&[u8]> {
    message.get(HOPS..HOPS + 2)
}

/// Numbers a message that [`begin`] has begun.
pub(crate) fn number(message: &mut [u8], sequence: u64) {
    for (place, digit) in message[NUMBER..NUMBER + 16].iter_mut().enumerate() {
        *digit = DIGITS[(sequence >> (60 - 4 * place) & 15) as usize];
    }
}

/// Writes how many emissions share a message, at the end of its first line.
pub(crate) fn count(out: &mut Vec<u8>, emissions: usize) {
    out.push(b' ');
    push_hex(out, emissions as u128, 4);
    out.push(b'\n');
}

/// Writes one of several emissions.
pub(crate) fn part(out: &mut Vec<u8>, arguments: &[u8]) {
    push_hex(out, arguments.len() as u128, 8);
    out.extend_from_slice(arguments);
}

/// Splits the message of one emission that [`begin`] has begun into its first line without the end, and the arguments.
pub(crate) fn split(message: &[u8]) -> Option<(&[u8], &[u8])> {
    let (name, arguments) = line_end(message.get(CODEC..)?)?;
    Some((&message[..CODEC + name.len()], arguments))
}

/// The length of the message of one emission.
pub(crate) fn length(head: &Head<'_>, arguments: &[u8]) -> usize {
    CODEC + head.codec.len() + 1 + arguments.len()
}

/// How many emissions a message says that it holds: 1 if it cannot be true.
pub(crate) fn emissions(message: &[u8]) -> u64 {
    let claim = message.get(CODEC..).and_then(line_end);
    let count = claim.and_then(|(rest, body)| {
        let (_, count) = name_and_count(rest);
        count.filter(|count| usize::from(*count) <= body.len() / LENGTH)
    });
    count.map_or(1, u64::from)
}

/// The emissions of a message, each with its metadata. Whatever [`parse`] has accepted is whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Emissions<'m> {
    /// That of the next one.
    head: Head<'m>,
    rest: &'m [u8],
    left: u16,
    is_several: bool,
}

impl<'m> Emissions<'m> {
    /// The metadata of the next one.
    pub(crate) fn head(&self) -> &Head<'m> {
        &self.head
    }
}

impl<'m> Iterator for Emissions<'m> {
    type Item = (Head<'m>, &'m [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        let arguments = if self.is_several {
            let (arguments, rest) = next_part(self.rest)?;
            self.rest = rest;
            arguments
        } else {
            self.rest
        };
        let head = self.head;
        self.head.sequence = self.head.sequence.wrapping_add(1);
        Some((head, arguments))
    }
}

/// Reads the first line of a message, and sees that the emissions fill the rest of it.
pub(crate) fn parse(message: &[u8]) -> Result<Emissions<'_>, BadHead> {
    let magic = message.get(..MAGIC.len()).ok_or(BadHead::Foreign)?;
    if magic != MAGIC {
        let version = magic.starts_with(b"SS") && magic[2].is_ascii_digit();
        return Err(if version {
            BadHead::Version
        } else {
            BadHead::Foreign
        });
    }
    // Where each field of the line is, is known but for the length of the last ones.
    let (fields, rest) = message.split_at_checked(CODEC).ok_or(BadHead::Malformed)?;
    let (rest, body) = line_end(rest).ok_or(BadHead::Malformed)?;
    let (name, count) = name_and_count(rest);
    let spaced = [NUMBER - 1, HOPS - 1, CODEC - 1]
        .iter()
        .all(|&at| fields[at] == b' ');
    let origin = hex(&fields[ORIGIN..ORIGIN + 16]).zip(hex(&fields[ORIGIN + 16..NUMBER - 1]));
    let sequence = hex(&fields[NUMBER..HOPS - 1]);
    let hops = hex(&fields[HOPS..CODEC - 1]).and_then(|hops| u8::try_from(hops).ok());
    match (spaced, origin, sequence, hops, codec(name)) {
        (true, Some((high, low)), Some(sequence @ 1..), Some(hops), Some(codec))
            if count.is_none_or(|count| is_whole(body, sequence, count)) =>
        {
            Ok(Emissions {
                head: Head {
                    origin: Origin::from_bits(u128::from(high) << 64 | u128::from(low)),
                    sequence,
                    hops,
                    codec,
                },
                rest: body,
                left: count.unwrap_or(1),
                is_several: count.is_some(),
            })
        }
        _ => Err(BadHead::Malformed),
    }
}

/// Splits what comes after the fields of fixed width at the end of the line.
fn line_end(rest: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut first = rest.iter().take(CODEC_MAX + COUNT + 1);
    let end = first.position(|&byte| byte == b'\n')?;
    Some((&rest[..end], &rest[end + 1..]))
}

/// A name has no spaces, so a count that is not one makes it none.
fn name_and_count(end_of_line: &[u8]) -> (&[u8], Option<u16>) {
    if let Some((name, [b' ', digits @ ..])) = end_of_line
        .len()
        .checked_sub(COUNT)
        .map(|name| end_of_line.split_at(name))
        && let Some(count) = hex(digits)
    {
        return (name, u16::try_from(count).ok());
    }
    (end_of_line, None)
}

/// Whether so many emissions, 2 or more, fill `parts`, and there are numbers for them.
fn is_whole(mut parts: &[u8], sequence: u64, count: u16) -> bool {
    for _ in 0..count {
        match next_part(parts) {
            Some((_, rest)) => parts = rest,
            None => return false,
        }
    }
    parts.is_empty() && count > 1 && sequence.checked_add(u64::from(count) - 1).is_some()
}

/// One of several emissions, and those after it.
fn next_part(parts: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = parts.split_at_checked(LENGTH)?;
    rest.split_at_checked(usize::try_from(hex(length)?).ok()?)
}

/// The name of a codec: 1 to 16 lower-case letters, digits and hyphens.
fn codec(name: &[u8]) -> Option<&str> {
    if is_codec(name) {
        std::str::from_utf8(name).ok()
    } else {
        None
    }
}

pub(crate) const fn is_codec(name: &[u8]) -> bool {
    let mut at = 0;
    while at < name.len() {
        if !matches!(name[at], b'a'..=b'z' | b'0'..=b'9' | b'-') {
            return false;
        }
        at += 1;
    }
    at > 0 && at <= CODEC_MAX
}

const DIGITS: &[u8; 16] = b"0123456789abcdef";

fn push_hex(out: &mut Vec<u8>, value: u128, digits: u32) {
    out.extend(
        (0..digits)
            .rev()
            .map(|place| DIGITS[(value >> (4 * place) & 15) as usize]),
    );
}

/// At most 16 digits, in lower case only, so that there is one way to write each message.
fn hex(digits: &[u8]) -> Option<u64> {
    let (value, all) = digits.iter().fold((0, 0), |(value, all), &digit| {
        let digit = VALUES[usize::from(digit)];
        (value << 4 | u64::from(digit), all | digit)
    });
    (all < NO_DIGIT).then_some(value)
}

/// A bit that no digit has.
const NO_DIGIT: u8 = 16;

/// What each byte stands for as a digit.
const VALUES: [u8; 256] = {
    let mut values = [NO_DIGIT; 256];
    let mut digit = 0;
    while digit < 16 {
        values[DIGITS[digit as usize] as usize] = digit;
        digit += 1;
    }
    values
};

#[cfg(test)]
pub(crate) mod tests;
