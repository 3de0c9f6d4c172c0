//! The slot that a sending link connects.

use std::cell::Cell;
use std::sync::Arc;

use serde::Serialize;

use crate::codec::Codec;
use crate::current::{self, Path};
use crate::outbox::{Line, NotQueued};
use crate::problem::ProblemKind;
use crate::shared::Shared;
use crate::wire;

/// Room that a thread keeps to write messages in.
const ROOM: usize = 4096;

thread_local! {
    /// Where the calling thread writes a message before its length is known. Taken meanwhile, because the arguments may
    /// emit while they are written.
    static PAPER: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

pub(crate) struct Sender<C> {
    pub(crate) shared: Arc<Shared>,
    pub(crate) line: Arc<Line>,
    pub(crate) path: Path,
    pub(crate) codec: C,
    /// How each message begins.
    pub(crate) head: Vec<u8>,
}

impl<C: Codec> Sender<C> {
    /// Queues an emission, unless it is one that has come by this link.
    pub(crate) fn send(&self, args: &impl Serialize) {
        let Some(hops) = current::hops(self.path) else {
            return;
        };
        let Self { shared, line, .. } = self;
        if hops > shared.settings.hop_limit {
            shared.outbox.skip(line);
            shared.counters.looped.add(1);
            shared.report_once(line, ProblemKind::Looped, || {
                "an emission has passed through too many bridges, and is not sent on".to_owned()
            });
            return;
        }
        let mut message = PAPER.try_with(Cell::take).unwrap_or_default();
        message.clear();
        message.extend_from_slice(&self.head);
        wire::hops(&mut message, hops);
        if let Err(error) = self.codec.encode(args, &mut message) {
            shared.outbox.skip(line);
            shared.refuse(line, ProblemKind::Unencodable, || {
                format!("an emission cannot be encoded: {error}")
            });
            return;
        }
        if message.len() > shared.settings.max_message {
            shared.outbox.skip(line);
            shared.refuse(line, ProblemKind::TooLarge, || {
                format!(
                    "an emission of {} bytes is larger than the limit",
                    message.len()
                )
            });
            return;
        }
        match shared.outbox.push(line, &mut message) {
            // The slot is being disconnected.
            Ok(()) | Err(NotQueued::Closed) => {}
            Err(NotQueued::Full) => {
                shared.refuse(line, ProblemKind::Full, || {
                    "the outgoing queue is full".to_owned()
                });
            }
        }
        if message.capacity() <= ROOM {
            let _ended = PAPER.try_with(|paper| paper.set(message));
        }
    }
}
