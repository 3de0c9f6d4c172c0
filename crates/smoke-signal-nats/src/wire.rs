//! What a message looks like: one line of metadata, of fixed width but for the codec's name, and then the arguments as
//! the codec wrote them.
//!
//! ```text
//! SS1 <origin, 32 hex digits> <number, 16 hex digits> <hops, 2 hex digits> <codec>\n
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

/// The metadata of a message.
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

/// Numbers a message that [`begin`] has begun.
pub(crate) fn number(message: &mut [u8], sequence: u64) {
    for (place, digit) in message[NUMBER..NUMBER + 16].iter_mut().enumerate() {
        *digit = DIGITS[(sequence >> (60 - 4 * place) & 15) as usize];
    }
}

/// Splits a message into its metadata and what the codec wrote.
pub(crate) fn parse(message: &[u8]) -> Result<(Head<'_>, &[u8]), BadHead> {
    let magic = message.get(..MAGIC.len()).ok_or(BadHead::Foreign)?;
    if magic != MAGIC {
        let version = magic.starts_with(b"SS") && magic[2].is_ascii_digit();
        return Err(if version {
            BadHead::Version
        } else {
            BadHead::Foreign
        });
    }
    // Where each field of the line is, is known but for the length of the last one.
    let (fields, rest) = message.split_at_checked(CODEC).ok_or(BadHead::Malformed)?;
    let end = rest
        .iter()
        .take(CODEC_MAX + 1)
        .position(|&byte| byte == b'\n')
        .ok_or(BadHead::Malformed)?;
    let (name, body) = (&rest[..end], &rest[end + 1..]);
    let spaced = [NUMBER - 1, HOPS - 1, CODEC - 1]
        .iter()
        .all(|&at| fields[at] == b' ');
    let origin = hex(&fields[ORIGIN..ORIGIN + 16]).zip(hex(&fields[ORIGIN + 16..NUMBER - 1]));
    let sequence = hex(&fields[NUMBER..HOPS - 1]);
    let hops = hex(&fields[HOPS..CODEC - 1]).and_then(|hops| u8::try_from(hops).ok());
    match (spaced, origin, sequence, hops, codec(name)) {
        (true, Some((high, low)), Some(sequence @ 1..), Some(hops), Some(codec)) => Ok((
            Head {
                origin: Origin::from_bits(u128::from(high) << 64 | u128::from(low)),
                sequence,
                hops,
                codec,
            },
            body,
        )),
        _ => Err(BadHead::Malformed),
    }
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
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn message(origin: u128, sequence: u64, hops: u8, name: &str, body: &[u8]) -> Vec<u8> {
        let mut message = Vec::new();
        begin(&mut message, Origin::from_bits(origin), hops, name);
        message.extend_from_slice(body);
        number(&mut message, sequence);
        message
    }

    #[test]
    fn a_message_reads_as_documented() {
        let message = message(0xab, 0x1f, 3, "json", b"[1]");
        assert_eq!(
            String::from_utf8(message).unwrap(),
            "SS1 000000000000000000000000000000ab 000000000000001f 03 json\n[1]"
        );
    }

    #[test]
    fn bad_heads_are_told_apart() {
        let good = message(u128::MAX, 1, 0, "json", b"");
        let text = String::from_utf8(good).unwrap();
        let cases = [
            (text.replace("SS1", "SS2"), BadHead::Version),
            (text.replace("SS1", "GET"), BadHead::Foreign),
            (text.replace("ffff 0000", "ffffx0000"), BadHead::Malformed),
            (
                text.replace("0000000000000001 00", "0000000000000000 00"),
                BadHead::Malformed,
            ),
            (text.replace("json", "JSON"), BadHead::Malformed),
            (text.replace("json", ""), BadHead::Malformed),
            (
                text.replace("json", "abcdefghijklmnopq"),
                BadHead::Malformed,
            ),
            (text.replace('\n', ""), BadHead::Malformed),
            (text.replace(" 00 ", " 0A "), BadHead::Malformed),
            ("SS".to_owned(), BadHead::Foreign),
            (String::new(), BadHead::Foreign),
        ];
        for (text, expected) in cases {
            assert_eq!(parse(text.as_bytes()), Err(expected), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(
            origin: u128, sequence in 1..=u64::MAX, hops: u8, name in "[a-z0-9-]{1,16}", body: Vec<u8>,
        ) {
            let message = message(origin, sequence, hops, &name, &body);
            let head = Head { origin: Origin::from_bits(origin), sequence, hops, codec: &name };
            prop_assert_eq!(parse(&message), Ok((head, &body[..])));
        }

        #[test]
        fn what_is_read_is_written_the_same(start in 0..70_usize, damage: Vec<u8>) {
            let mut message = message(7, 9, 1, "json", b"[]");
            for (place, byte) in damage.into_iter().enumerate() {
                if let Some(there) = message.get_mut(start + place) {
                    *there = byte;
                }
            }
            if let Ok((head, body)) = parse(&message) {
                let again = self::message(head.origin.bits(), head.sequence, head.hops, head.codec, body);
                prop_assert_eq!(again, message);
            }
        }
    }
}
