//! Several emissions in one message.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::outbox::Outgoing;
use crate::wire;

/// How many emissions share a message at most. The client of a slow receiver keeps so many times as many emissions, because
/// it counts messages: with 4 an emission takes about half as long as by hand, and the memory of a receiver that is behind
/// hardly grows; with 8 or 16 it takes a third, and that memory grows by a third or more.
const EMISSIONS: usize = 4;
/// How long a message that emissions share is at most, in bytes. Long ones gain little.
const BYTES: usize = 4096;

/// Makes one message, of at most `room` bytes, of as many of the first as may share one, and says of how many: those of
/// one line, whose numbers follow each other, and that as many bridges have sent on. `None`: the first one goes alone.
pub(crate) fn join(messages: &VecDeque<Outgoing>, room: usize) -> Option<(Outgoing, usize)> {
    let first = messages.front()?;
    let (head, arguments) = wire::split(&first.bytes)?;
    let room = room.min(BYTES);
    let mut length = head.len() + wire::COUNT + 1 + wire::LENGTH + arguments.len();
    let others = messages.iter().skip(1).zip(1..).take(EMISSIONS - 1);
    let fitting = others.take_while(|(other, place)| {
        let arguments = other.bytes.len() - (head.len() + 1);
        let fits = length + wire::LENGTH + arguments <= room
            && other.line.index == first.line.index
            && other.sequence == first.sequence + place
            && wire::hops_of(&other.bytes) == wire::hops_of(head);
        if fits {
            length += wire::LENGTH + arguments;
        }
        fits
    });
    let count = 1 + fitting.count();
    if count == 1 {
        return None;
    }
    let mut bytes = Vec::with_capacity(length);
    bytes.extend_from_slice(head);
    wire::count(&mut bytes, count);
    for message in messages.iter().take(count) {
        wire::part(&mut bytes, &message.bytes[head.len() + 1..]);
    }
    let joined = Outgoing {
        line: Arc::clone(&first.line),
        sequence: first.sequence,
        bytes: bytes.into(),
    };
    Some((joined, count))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::origin::Origin;
    use crate::outbox::{Line, Outbox, WhenFull};

    /// A message with arguments of this length.
    fn message(line: &Arc<Line>, sequence: u64, hops: u8, length: usize) -> Outgoing {
        let mut message = Vec::new();
        wire::begin(&mut message, Origin::from_bits(5), hops, "json");
        message.resize(message.len() + length, b'0' + sequence.to_le_bytes()[0]);
        wire::number(&mut message, sequence);
        Outgoing {
            line: Arc::clone(line),
            sequence,
            bytes: message.into(),
        }
    }

    fn lines() -> [Arc<Line>; 2] {
        let outbox = Outbox::new(1, WhenFull::Refuse);
        [outbox.line("a"), outbox.line("b")]
    }

    /// How many go out together, of which each is as it was.
    fn joined(messages: &VecDeque<Outgoing>, room: usize) -> usize {
        let Some((joined, count)) = join(messages, room) else {
            return 1;
        };
        assert!(joined.bytes.len() <= room.min(BYTES) && count > 1);
        let first = &messages[0];
        assert_eq!(
            (joined.line.index, joined.sequence),
            (first.line.index, first.sequence)
        );
        let apart = messages
            .iter()
            .flat_map(|message| wire::parse(&message.bytes).unwrap());
        assert!(wire::parse(&joined.bytes).unwrap().eq(apart.take(count)));
        count
    }

    #[test]
    fn one_message_goes_alone() {
        let [line, _] = lines();
        assert!(join(&VecDeque::new(), BYTES).is_none());
        assert!(join(&VecDeque::from([message(&line, 1, 0, 3)]), BYTES).is_none());
    }

    #[test]
    fn only_neighbours_of_one_subject_origin_and_way_go_together() {
        let [a, b] = lines();
        let good = [(&a, 7, 1), (&a, 8, 1), (&a, 9, 1)];
        let other = |place: usize, other| {
            let mut messages = good;
            messages[place] = other;
            messages
        };
        let cases = [
            (good, 3),
            (other(2, (&b, 9, 1)), 2),
            (other(1, (&b, 8, 1)), 1),
            (other(2, (&a, 10, 1)), 2),
            (other(1, (&a, 7, 1)), 1),
            (other(1, (&a, 8, 2)), 1),
            (other(2, (&a, 9, 0x11)), 2),
        ];
        for (messages, expected) in cases {
            let messages = messages.map(|(line, sequence, hops)| message(line, sequence, hops, 5));
            assert_eq!(
                joined(&messages.clone().into(), BYTES),
                expected,
                "{messages:?}"
            );
        }
    }

    #[test]
    fn a_message_is_no_longer_than_there_is_room() {
        let [line, _] = lines();
        let messages = [1, 2, 3, 4].map(|n| message(&line, n, 0, 10 * usize::try_from(n).unwrap()));
        let messages = VecDeque::from(messages);
        let head = wire::split(&messages[0].bytes).unwrap().0.len() + wire::COUNT + 1;
        let length = |count: usize| head + (1..=count).map(|n| 8 + 10 * n).sum::<usize>();
        for count in 2..=4 {
            assert_eq!(joined(&messages, length(count)), count);
            assert_eq!(joined(&messages, length(count) - 1), count - 1);
        }
        assert_eq!(joined(&messages, 0), 1);
    }

    #[test]
    fn a_message_has_limits_of_its_own() {
        let [line, _] = lines();
        let many = |length| (1..100).map(|n| message(&line, n, 0, length)).collect();
        assert_eq!(joined(&many(0), usize::MAX), EMISSIONS);
        assert_eq!(joined(&many(BYTES / 3), usize::MAX), 2);
        assert_eq!(joined(&many(BYTES), usize::MAX), 1);
    }
}
