//! Judges what comes from the network, before anybody sees it.

use crate::origin::Origin;
use crate::origins::{Arrival, Origins};
use crate::wire::{self, BadHead, Emissions, Head};

/// Judges the messages of one receiving link.
#[derive(Debug)]
pub(crate) struct Intake {
    /// The bridge that receives.
    own: Origin,
    codec: &'static str,
    max_message: usize,
    hop_limit: u8,
    origins: Origins,
}

/// What a message is.
#[derive(Debug)]
pub(crate) enum Opened<'m> {
    /// This bridge has sent it.
    Echo,
    /// It has passed through too many bridges.
    Looped,
    Unreadable(Unreadable),
    /// Each of them is still to be judged, by [`Intake::arrive`].
    Emissions(Emissions<'m>),
}

/// Why a message, or one of its emissions, is skipped without a look at what it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unreadable {
    Head(BadHead),
    /// It is written by another codec.
    Codec,
    TooLarge,
}

impl Intake {
    pub(crate) fn new(own: Origin, codec: &'static str, max_message: usize, hop_limit: u8) -> Self {
        Self {
            own,
            codec,
            max_message,
            hop_limit,
            origins: Origins::default(),
        }
    }

    pub(crate) fn open<'m>(&self, message: &'m [u8]) -> Opened<'m> {
        let emissions = match wire::parse(message) {
            Ok(emissions) => emissions,
            Err(why) => return Opened::Unreadable(Unreadable::Head(why)),
        };
        let head = emissions.head();
        if head.origin.is_same_bridge(self.own) {
            Opened::Echo
        } else if head.codec != self.codec {
            Opened::Unreadable(Unreadable::Codec)
        } else if head.hops > self.hop_limit {
            Opened::Looped
        } else {
            Opened::Emissions(emissions)
        }
    }

    /// Counts an emission as arrived, unless it is larger than a message of its own may be.
    pub(crate) fn arrive(&mut self, head: &Head<'_>, body: &[u8]) -> Result<Arrival, Unreadable> {
        if wire::length(head, body) > self.max_message {
            return Err(Unreadable::TooLarge);
        }
        Ok(self.origins.arrive(head.origin, head.sequence))
    }

    /// The emission has been dealt with, and is to be dropped if it comes again.
    pub(crate) fn done(&mut self, head: &Head<'_>) {
        self.origins.done(head.origin, head.sequence);
    }
}

impl std::fmt::Display for Unreadable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Head(BadHead::Foreign) => "no message of a bridge",
            Self::Head(BadHead::Version) => "a message of another version",
            Self::Head(BadHead::Malformed) => "its first line is malformed",
            Self::Codec => "written by another codec",
            Self::TooLarge => "larger than the limit",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: Origin = Origin::from_bits(1 << 64 | 1);
    const OTHER: Origin = Origin::from_bits(2 << 64 | 1);

    fn intake() -> Intake {
        Intake::new(OWN, "json", 100, 4)
    }

    fn message(origin: Origin, sequence: u64, hops: u8, codec: &str) -> Vec<u8> {
        let mut message = Vec::new();
        wire::begin(&mut message, origin, hops, codec);
        wire::number(&mut message, sequence);
        message.extend_from_slice(b"[1]");
        message
    }

    #[test]
    fn each_kind_of_message_is_judged() {
        let intake = intake();
        let own = message(OWN, 1, 0, "json");
        assert!(matches!(intake.open(&own), Opened::Echo));
        let before_a_restart = message(Origin::from_bits(1 << 64 | 9), 1, 0, "json");
        assert!(matches!(intake.open(&before_a_restart), Opened::Echo));
        assert!(matches!(
            intake.open(&message(OTHER, 1, 5, "json")),
            Opened::Looped
        ));
        let codec = message(OTHER, 1, 0, "postcard");
        assert!(matches!(
            intake.open(&codec),
            Opened::Unreadable(Unreadable::Codec)
        ));
        let foreign = Unreadable::Head(BadHead::Foreign);
        assert!(matches!(intake.open(b"hello"), Opened::Unreadable(why) if why == foreign));
    }

    #[test]
    fn what_is_done_is_a_duplicate_and_what_is_not_comes_again() {
        let mut intake = intake();
        let message = message(OTHER, 7, 4, "json");
        let Opened::Emissions(mut emissions) = intake.open(&message) else {
            panic!("not a new message");
        };
        let (head, body) = emissions.next().unwrap();
        assert_eq!((body, emissions.next()), (&b"[1]"[..], None));
        assert_eq!(intake.arrive(&head, body), Ok(Arrival::Next { gap: 0 }));
        assert_eq!(intake.arrive(&head, body), Ok(Arrival::Again));
        intake.done(&head);
        assert_eq!(intake.arrive(&head, body), Ok(Arrival::Duplicate));
    }

    #[test]
    fn an_emission_is_as_large_as_a_message_with_nothing_else() {
        let mut intake = intake();
        let mut message = message(OTHER, 1, 0, "json");
        message.resize(100, b' ');
        for (sequence, length) in [(1, 100), (2, 101)] {
            wire::number(&mut message, sequence);
            message.resize(length, b' ');
            let Opened::Emissions(emissions) = intake.open(&message) else {
                panic!("not a new message");
            };
            for (head, body) in emissions {
                let arrival = intake.arrive(&head, body);
                assert_eq!(arrival.is_ok(), length == 100, "{length}: {arrival:?}");
            }
        }
    }
}
