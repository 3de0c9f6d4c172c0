//! Of messages of one emission and of several.

use super::*;
use proptest::prelude::*;

pub(crate) fn message(origin: u128, sequence: u64, hops: u8, name: &str, body: &[u8]) -> Vec<u8> {
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

/// A message of several emissions.
pub(crate) fn several(sequence: u64, bodies: &[&[u8]]) -> Vec<u8> {
    let one = message(0xab, sequence, 3, "json", b"");
    let mut message = split(&one).unwrap().0.to_vec();
    count(&mut message, bodies.len());
    for body in bodies {
        part(&mut message, body);
    }
    message
}

#[test]
fn several_emissions_read_as_documented() {
    let message = several(0x1f, &[b"[1]", b"", b"[\"ten letters\"]"]);
    assert_eq!(
        str::from_utf8(&message).unwrap(),
        "SS1 000000000000000000000000000000ab 000000000000001f 03 json 0003\n\
         00000003[1]000000000000000f[\"ten letters\"]"
    );
    assert_eq!(emissions(&message), 3);
    let read: Vec<_> = parse(&message).unwrap().collect();
    let numbers: Vec<_> = read.iter().map(|(head, _)| head.sequence).collect();
    assert_eq!(numbers, [0x1f, 0x20, 0x21]);
    assert!(
        read.iter()
            .all(|(head, _)| head.hops == 3 && head.codec == "json")
    );
    let bodies: Vec<_> = read.iter().map(|&(_, body)| body).collect();
    assert_eq!(bodies, [&b"[1]"[..], b"", b"[\"ten letters\"]"]);
}

#[test]
fn forged_counts_and_lengths_are_malformed() {
    let text = String::from_utf8(several(1, &[b"[1]", b"[20]"])).unwrap();
    let forged = |what: &str, by: &str| {
        assert!(text.contains(what), "{what}");
        text.replace(what, by)
    };
    let cases = [
        forged(" 0002\n", " 0000\n"),
        forged(" 0002\n", " 0001\n"),
        forged(" 0002\n", " 0003\n"),
        forged(" 0002\n", " ffff\n"),
        forged(" 0002\n", " 000A\n"),
        forged(" 0002\n", " 002\n"),
        forged(" 0002\n", " 00002\n"),
        forged(" 0002\n", "  0002\n"),
        forged("json 0002\n", " 0002\n"),
        forged("00000003[1]", "00000002[1]"),
        forged("00000003[1]", "ffffffff[1]"),
        forged("00000003[1]", "0000000G[1]"),
        forged("00000004[20]", "00000003[20]"),
        forged("00000004[20]", "00000005[20]"),
        forged("00000004[20]", "00000004[2"),
        forged("00000004[20]", "0000"),
        forged("00000004[20]", ""),
        forged("0000000000000001 03", "ffffffffffffffff 03"),
        text.clone() + "00000000",
        text[..text.len() - 1].to_owned(),
    ];
    for text in cases {
        assert_eq!(parse(text.as_bytes()), Err(BadHead::Malformed), "{text:?}");
    }
    // The last numbers that there are.
    let last = forged("0000000000000001 03", "fffffffffffffffe 03");
    assert_eq!(parse(last.as_bytes()).map(Iterator::count), Ok(2));
}

#[test]
fn a_message_is_not_believed_to_hold_more_than_it_has_room_for() {
    let message = several(1, &[b"", b""]);
    assert_eq!(emissions(&message), 2);
    let mut forged = message.clone();
    let digit = message.iter().position(|&byte| byte == b'\n').unwrap() - 1;
    forged[digit] = b'3';
    assert_eq!(emissions(&forged), 1);
    for other in [&b"SS1"[..], b"", &[b' '; 300], &[b'\n'; 300]] {
        assert_eq!(emissions(other), 1);
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read(
        origin: u128, sequence in 1..=u64::MAX, hops: u8, name in "[a-z0-9-]{1,16}", body: Vec<u8>,
    ) {
        let message = message(origin, sequence, hops, &name, &body);
        let head = Head { origin: Origin::from_bits(origin), sequence, hops, codec: &name };
        prop_assert_eq!(emissions(&message), 1);
        prop_assert_eq!(parse(&message).map(Vec::from_iter), Ok(vec![(head, &body[..])]));
    }

    #[test]
    fn what_is_written_together_is_read_apart(
        sequence in 1..u64::MAX / 2, bodies in prop::collection::vec(any::<Vec<u8>>(), 2..70),
    ) {
        let bodies: Vec<_> = bodies.iter().map(|body| &body[..]).collect();
        let message = several(sequence, &bodies);
        prop_assert_eq!(emissions(&message), bodies.len() as u64);
        let (heads, read): (Vec<_>, Vec<_>) = parse(&message).unwrap().unzip();
        prop_assert_eq!(read, bodies);
        prop_assert!(heads.iter().map(|head| head.sequence).eq((sequence..).take(heads.len())));
    }

    #[test]
    fn what_is_read_is_written_the_same(start in 0..70_usize, damage: Vec<u8>) {
        let mut message = message(7, 9, 1, "json", b"[]");
        for (place, byte) in damage.into_iter().enumerate() {
            if let Some(there) = message.get_mut(start + place) {
                *there = byte;
            }
        }
        if let Ok(mut read) = parse(&message)
            && let Some((head, body)) = read.next()
            && read.next().is_none()
        {
            let again = self::message(head.origin.bits(), head.sequence, head.hops, head.codec, body);
            prop_assert_eq!(again, message);
        }
    }
}
