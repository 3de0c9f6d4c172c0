//! The entrance of the fuzz target.

use std::collections::BTreeMap;

use crate::codec::{Codec, Json, Postcard};
use crate::intake::{Intake, Opened};
use crate::origin::Origin;
use crate::origins::Arrival;
use crate::wire::{self, Head};

/// Takes `data` for messages, with zero bytes between them, that arrive at two links one after the other.
///
/// # Panics
///
/// If what was accepted would be written differently.
pub fn messages(data: &[u8]) {
    let own = Origin::from_bits(0);
    let mut json = Intake::new(own, Json::NAME, 4096, 8);
    let mut postcard = Intake::new(own, Postcard::NAME, 4096, 8);
    for message in data.split(|&byte| byte == 0) {
        open(&mut json, &Json, message);
        open(&mut postcard, &Postcard, message);
    }
}

fn open<C: Codec>(intake: &mut Intake, codec: &C, message: &[u8]) {
    let Opened::Emissions(emissions) = intake.open(message) else {
        return;
    };
    let count = emissions.clone().count();
    assert_eq!(wire::emissions(message), count as u64);
    let mut again = Vec::new();
    for (place, (head, body)) in emissions.enumerate() {
        if place == 0 {
            wire::begin(&mut again, head.origin, head.hops, head.codec);
            wire::number(&mut again, head.sequence);
            if count > 1 {
                again.pop(); // the end of the line
                wire::count(&mut again, count);
            }
        }
        if count > 1 {
            wire::part(&mut again, body);
        } else {
            again.extend_from_slice(body);
        }
        arrive(intake, codec, &head, body);
    }
    assert_eq!(again, message);
}

fn arrive<C: Codec>(intake: &mut Intake, codec: &C, head: &Head<'_>, body: &[u8]) {
    type Arguments = (u64, String, Vec<Option<i8>>, BTreeMap<String, f64>);
    let Ok(arrival) = intake.arrive(head, body) else {
        return;
    };
    if let Ok(arguments) = codec.decode::<Arguments>(body) {
        let mut written = Vec::new();
        if codec.encode(&arguments, &mut written).is_ok() {
            assert!(codec.decode::<Arguments>(&written).is_ok(), "{arguments:?}");
        }
    }
    intake.done(head);
    let again = intake.arrive(head, body);
    assert!(
        again == Ok(Arrival::Duplicate) || arrival == Arrival::Ancient,
        "{again:?}"
    );
}
