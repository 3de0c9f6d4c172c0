//! The outgoing queue: emitters put messages in, the pump takes them out.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::sync::Notify;

use crate::current;
use crate::problem::Reported;
use crate::wire;

/// What an emission does if the outgoing queue is full. See [`Builder::when_full`](crate::Builder::when_full).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum WhenFull {
    /// It does not go out, and is counted as [`refused`](crate::Stats::refused). Local slots are called as ever.
    #[default]
    Refuse,
    /// It waits until there is room, or the bridge closes. An emitter then waits as long as the server is gone.
    Block,
}

/// A subject of a bridge. Messages to it are numbered.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) subject: Arc<str>,
    pub(crate) index: usize,
    pub(crate) reported: Reported,
}

/// A message that has been taken out of the queue.
#[derive(Clone, Debug)]
pub(crate) struct Outgoing {
    pub(crate) line: Arc<Line>,
    pub(crate) sequence: u64,
    pub(crate) bytes: Bytes,
}

/// A message in the queue.
#[derive(Debug)]
struct Waiting {
    /// The index of its line.
    line: usize,
    sequence: u64,
    text: Text,
}

/// Where the bytes of a message in the queue are.
#[derive(Debug)]
enum Text {
    /// Together with those of others, so that no memory has to go from thread to thread for each. This is their number.
    Short(usize),
    Long(Bytes),
}

/// Messages of more bytes are kept each by itself.
const SHORT: usize = 1024;

/// What the pump takes messages out with.
#[derive(Debug, Default)]
pub(crate) struct Taker {
    /// Empty between two takes. Its memory serves the queue again.
    waiting: VecDeque<Waiting>,
    lines: Vec<Arc<Line>>,
}

/// Why a message was not queued.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum NotQueued {
    Full,
    Closed,
}

#[derive(Debug)]
pub(crate) struct Outbox {
    state: Mutex<State>,
    capacity: usize,
    when_full: WhenFull,
    /// For emitters that wait.
    room: Condvar,
    /// For the pump that waits.
    filled: Notify,
    /// For whoever waits until messages are settled.
    progress: Notify,
}

#[derive(Debug, Default)]
struct State {
    /// Given back. They come before those waiting.
    returned: VecDeque<Outgoing>,
    waiting: VecDeque<Waiting>,
    /// The short ones of those waiting.
    text: Vec<u8>,
    /// Taken out, and not settled or given back yet. They come before all others.
    taken: usize,
    lines: Vec<Arc<Line>>,
    /// The last number of each line.
    sequences: Vec<u64>,
    /// Put in, ever, and settled, ever.
    queued: u64,
    settled: u64,
    /// The pump found nothing, and has to be woken.
    asleep: bool,
    blocked: usize,
    closed: bool,
}

impl Outbox {
    pub(crate) fn new(capacity: usize, when_full: WhenFull) -> Self {
        Self {
            state: Mutex::default(),
            capacity,
            when_full,
            room: Condvar::new(),
            filled: Notify::new(),
            progress: Notify::new(),
        }
    }

    /// Nothing panics under the lock.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The line of a subject. One subject has one line, whoever sends to it, or its numbers would repeat.
    pub(crate) fn line(&self, subject: &str) -> Arc<Line> {
        let mut state = self.lock();
        if let Some(line) = state.lines.iter().find(|line| &*line.subject == subject) {
            return Arc::clone(line);
        }
        let line = Arc::new(Line {
            subject: subject.into(),
            index: state.lines.len(),
            reported: Reported::default(),
        });
        state.lines.push(Arc::clone(&line));
        state.sequences.push(0);
        line
    }

    /// Numbers a message and puts it in. What is refused has a number too, so that receivers notice that it is missing.
    /// Leaves the memory of a short message to the caller.
    pub(crate) fn push(&self, line: &Line, message: &mut Vec<u8>) -> Result<(), NotQueued> {
        let mut state = self.lock();
        while self.when_full == WhenFull::Block && current::may_wait() && self.is_full(&state) {
            state.blocked += 1;
            state = self
                .room
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
            state.blocked -= 1;
        }
        if state.closed {
            return Err(NotQueued::Closed);
        }
        let sequence = state.number(line);
        if self.is_full(&state) {
            return Err(NotQueued::Full);
        }
        wire::number(message, sequence);
        let text = if message.len() <= SHORT {
            state.text.extend_from_slice(message);
            Text::Short(message.len())
        } else {
            Text::Long(std::mem::take(message).into())
        };
        state.waiting.push_back(Waiting {
            line: line.index,
            sequence,
            text,
        });
        state.queued += 1;
        let wake = std::mem::take(&mut state.asleep);
        drop(state);
        if wake {
            self.filled.notify_one();
        }
        Ok(())
    }

    fn is_full(&self, state: &State) -> bool {
        !state.closed && state.len() >= self.capacity
    }

    /// Gives a number to an emission that does not become a message.
    pub(crate) fn skip(&self, line: &Line) {
        self.lock().number(line);
    }

    /// Takes all messages, in order.
    pub(crate) fn take(&self, taker: &mut Taker, into: &mut VecDeque<Outgoing>) {
        let Taker { waiting, lines } = taker;
        let mut state = self.lock();
        std::mem::swap(&mut state.waiting, waiting);
        let mut text = Bytes::from(std::mem::take(&mut state.text));
        state.taken += waiting.len() + state.returned.len();
        into.append(&mut state.returned);
        let known = lines.len();
        lines.extend_from_slice(&state.lines[known..]);
        drop(state);
        into.extend(waiting.drain(..).map(|message| Outgoing {
            line: Arc::clone(&lines[message.line]),
            sequence: message.sequence,
            bytes: match message.text {
                Text::Short(length) => text.split_to(length),
                Text::Long(bytes) => bytes,
            },
        }));
    }

    /// Returns once there is something to take. Only the pump waits here.
    pub(crate) async fn filled(&self) {
        loop {
            {
                let mut state = self.lock();
                if state.len() > state.taken {
                    return;
                }
                state.asleep = true;
            }
            self.filled.notified().await;
        }
    }

    /// `count` of the messages taken need not be kept any longer.
    pub(crate) fn settle(&self, count: usize) {
        let mut state = self.lock();
        state.taken -= count;
        state.settled += count as u64;
        let blocked = state.blocked > 0;
        drop(state);
        if blocked {
            self.room.notify_all();
        }
        self.progress.notify_waiters();
    }

    /// Puts messages back, in order, before all others.
    pub(crate) fn give_back(&self, messages: impl DoubleEndedIterator<Item = Outgoing>) {
        let mut state = self.lock();
        for message in messages.rev() {
            state.taken -= 1;
            state.returned.push_front(message);
        }
    }

    /// How many messages have been put in so far, for `settled`.
    pub(crate) fn mark(&self) -> u64 {
        self.lock().queued
    }

    /// Returns once as many messages as `mark` have been settled.
    pub(crate) async fn settled(&self, mark: u64) {
        loop {
            let mut progress = std::pin::pin!(self.progress.notified());
            progress.as_mut().enable();
            if self.lock().settled >= mark {
                return;
            }
            progress.await;
        }
    }

    /// Messages that are not settled.
    pub(crate) fn len(&self) -> usize {
        self.lock().len()
    }

    /// From now on nothing is put in, and nobody waits for room.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.room.notify_all();
    }
}

impl State {
    fn len(&self) -> usize {
        self.taken + self.returned.len() + self.waiting.len()
    }

    fn number(&mut self, line: &Line) -> u64 {
        let sequence = &mut self.sequences[line.index];
        *sequence += 1;
        *sequence
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::origin::Origin;

    fn message(length: usize, letter: u8) -> Vec<u8> {
        let mut message = Vec::new();
        wire::begin(&mut message, Origin::from_bits(5), 0, "json");
        message.resize(length.max(message.len()), letter);
        message
    }

    #[test]
    fn short_and_long_messages_come_out_whole_and_in_order() {
        let outbox = Outbox::new(100, WhenFull::Refuse);
        let lines = [outbox.line("a"), outbox.line("b")];
        let (mut taker, mut out) = (Taker::default(), VecDeque::new());
        let mut expected = VecDeque::new();
        let lengths = [0, SHORT + 1, SHORT, 70, 100_000, 0];
        for round in 0..3_u8 {
            for (place, length) in (0..).zip(lengths) {
                let line = &lines[usize::from(place % 2)];
                let mut message = message(length, b'a' + round * 8 + place);
                let sequence = u64::from(round * 3 + place / 2 + 1);
                let mut numbered = message.clone();
                wire::number(&mut numbered, sequence);
                assert_eq!(outbox.push(line, &mut message), Ok(()));
                expected.push_back((line.index, sequence, numbered));
            }
            outbox.take(&mut taker, &mut out);
            assert_eq!(outbox.len(), expected.len());
            // The last two of what was taken, and then those of the next round.
            let kept = out.split_off(out.len() - 2);
            outbox.settle(out.len());
            for message in out.drain(..) {
                let (line, sequence, bytes) = expected.pop_front().unwrap();
                assert_eq!((message.line.index, message.sequence), (line, sequence));
                assert!(message.bytes == bytes, "{sequence} of line {line}");
            }
            outbox.give_back(kept.into_iter());
            assert_eq!(outbox.len(), 2);
        }
        outbox.take(&mut taker, &mut out);
        let left = out.iter().map(|message| &message.bytes[..]);
        assert!(left.eq(expected.iter().map(|(.., bytes)| &bytes[..])));
    }
}
