//! A server that fails as it is told.

use std::collections::{HashMap, HashSet, VecDeque};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};

use bytes::Bytes;
use tokio::sync::{Notify, oneshot};

use crate::outbox::Outgoing;
use crate::transport::{
    Fault, Feed, Incoming, NoConnection, Session, Source, Ticket, Transport, Verdict,
};
use crate::wire;

/// Shared by all bridges of a program.
pub(super) struct World {
    state: Mutex<State>,
    changed: Notify,
}

struct State {
    durable: bool,
    /// Whether one can connect.
    open: bool,
    /// Connections made before the last failure are dead.
    generation: u64,
    /// Handed over, and not seen by the server.
    wire: VecDeque<Handed>,
    /// Whether the server sees at once what is handed over.
    prompt: bool,
    /// So many messages will be refused.
    refuse: u32,
    /// How long a message of several emissions may be, as far as the client knows.
    room: usize,
    /// How long it may be. Servers can lower their limit at any time.
    limit: usize,
    stored: Vec<Stored>,
    /// The identities of what is stored.
    known: HashSet<(usize, usize, u64)>,
    /// Durable: one for each bridge and subject.
    consumers: HashMap<(usize, Arc<str>), Consumer>,
    /// Core: what each subscription has not taken.
    subscriptions: HashMap<u64, (usize, Arc<str>, VecDeque<Bytes>)>,
    next_subscription: u64,
}

struct Handed {
    bridge: usize,
    message: Outgoing,
    receipt: Option<oneshot::Sender<()>>,
}

#[derive(Clone)]
pub(super) struct Stored {
    pub(super) bridge: usize,
    pub(super) subject: Arc<str>,
    pub(super) bytes: Bytes,
}

#[derive(Default)]
struct Consumer {
    /// The next position to look at.
    next: usize,
    /// Delivered without a verdict: its position, how often, and to which generation.
    pending: Option<(usize, u64, u64)>,
}

impl World {
    pub(super) fn new(durable: bool) -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::new(State {
                durable,
                open: true,
                generation: 0,
                wire: VecDeque::new(),
                prompt: false,
                refuse: 0,
                room: 300,
                limit: usize::MAX,
                stored: Vec::new(),
                known: HashSet::new(),
                consumers: HashMap::new(),
                subscriptions: HashMap::new(),
                next_subscription: 0,
            }),
            changed: Notify::new(),
        })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.lock());
        self.changed.notify_waiters();
    }

    /// Ends all connections. What is on the wire is lost.
    pub(super) fn kill(&self) {
        self.change(|state| {
            state.generation += 1;
            state.wire.clear();
            state.subscriptions.clear();
        });
    }

    /// The server sees everything, and all connections end before it can say so.
    pub(super) fn lose_receipts(&self) {
        self.change(|state| {
            while let Some(handed) = state.wire.pop_front() {
                state.see(Handed {
                    receipt: None,
                    ..handed
                });
            }
        });
        self.kill();
    }

    pub(super) fn open(&self, open: bool) {
        self.change(|state| state.open = open);
    }

    /// The server sees the next messages.
    pub(super) fn see(&self, count: usize) {
        self.change(|state| {
            for _ in 0..count {
                if let Some(handed) = state.wire.pop_front() {
                    state.see(handed);
                }
            }
        });
    }

    /// What has been delivered without a verdict is delivered again, although it may be in the midst of that.
    pub(super) fn expire(&self) {
        self.change(|state| {
            for consumer in state.consumers.values_mut() {
                if let Some((_, _, to)) = &mut consumer.pending {
                    *to = u64::MAX;
                }
            }
        });
    }

    pub(super) fn refuse(&self, count: u32) {
        self.change(|state| state.refuse = count);
    }

    pub(super) fn room(&self, bytes: usize) {
        self.change(|state| state.room = bytes);
    }

    pub(super) fn limit(&self, bytes: usize) {
        self.change(|state| state.limit = bytes);
    }

    /// From now on nothing fails.
    pub(super) fn heal(&self) {
        self.change(|state| {
            state.open = true;
            state.refuse = 0;
            state.prompt = true;
            while let Some(handed) = state.wire.pop_front() {
                state.see(handed);
            }
        });
    }

    pub(super) fn stored(&self) -> Vec<Stored> {
        self.lock().stored.clone()
    }

    /// Waits until `what` has an answer.
    async fn wait<T>(&self, mut what: impl FnMut(&mut State) -> Option<T>) -> T {
        loop {
            let mut changed = std::pin::pin!(self.changed.notified());
            changed.as_mut().enable();
            if let Some(answer) = what(&mut self.lock()) {
                return answer;
            }
            changed.await;
        }
    }
}

impl State {
    fn see(&mut self, handed: Handed) {
        let Handed {
            bridge,
            message,
            receipt,
        } = handed;
        if self
            .known
            .insert((bridge, message.line.index, message.sequence))
            || !self.durable
        {
            let subject = Arc::clone(&message.line.subject);
            for (listener, there, waiting) in self.subscriptions.values_mut() {
                if *listener != bridge && *there == subject {
                    waiting.push_back(message.bytes.clone());
                }
            }
            self.stored.push(Stored {
                bridge,
                subject,
                bytes: message.bytes,
            });
        }
        if let Some(receipt) = receipt {
            // The bridge may have ended.
            let _ended = receipt.send(());
        }
    }

    /// The next message of a consumer, one at a time.
    fn next(&mut self, key: &(usize, Arc<str>), generation: u64) -> Option<Incoming> {
        let consumer = self.consumers.get_mut(key)?;
        let (position, attempt) = match consumer.pending {
            Some((_, _, to)) if to == generation => return None,
            Some((position, attempt, _)) => (position, attempt + 1),
            None => {
                let after = self.stored[consumer.next..].iter();
                let position =
                    consumer.next + after.take_while(|stored| stored.subject != key.1).count();
                consumer.next = position;
                if position == self.stored.len() {
                    return None;
                }
                (position, 1)
            }
        };
        consumer.pending = Some((position, attempt, generation));
        Some(Incoming {
            bytes: self.stored[position].bytes.clone(),
            attempt,
            ticket: Some(Box::new(Ticket {
                reply: String::new(),
                position: position as u64,
            })),
        })
    }
}

/// The way of one bridge to the server.
#[derive(Clone)]
pub(super) struct Way {
    pub(super) world: Arc<World>,
    pub(super) bridge: usize,
}

pub(super) struct Line {
    way: Way,
    generation: u64,
}

fn lost() -> Fault {
    Fault::Lost("killed".to_owned())
}

impl Transport for Way {
    type Session = Line;

    async fn connect(&mut self) -> Result<Line, NoConnection> {
        let state = self.world.lock();
        if state.open {
            Ok(Line {
                way: self.clone(),
                generation: state.generation,
            })
        } else {
            Err(NoConnection::Unreachable("closed".to_owned()))
        }
    }
}

impl Session for Line {
    type Receipt = Pin<Box<dyn Future<Output = Result<(), Fault>>>>;
    type Feed = LineFeed;

    async fn publish(&self, message: &Outgoing) -> Result<Option<Self::Receipt>, Fault> {
        let mut state = self.way.world.lock();
        if state.generation != self.generation {
            return Err(lost());
        }
        if wire::emissions(&message.bytes) > 1 && message.bytes.len() > state.room.min(state.limit)
        {
            return Err(Fault::TooLarge);
        }
        if state.durable && state.refuse > 0 {
            state.refuse -= 1;
            return Err(Fault::Refused("not now".to_owned()));
        }
        let (receipt, received) = oneshot::channel();
        let handed = Handed {
            bridge: self.way.bridge,
            message: message.clone(),
            receipt: state.durable.then_some(receipt),
        };
        let durable = state.durable;
        if state.prompt {
            state.see(handed);
        } else {
            state.wire.push_back(handed);
        }
        drop(state);
        self.way.world.changed.notify_waiters();
        Ok(durable
            .then(|| -> Self::Receipt { Box::pin(async { received.await.map_err(|_| lost()) }) }))
    }

    /// A durable server knows single emissions only.
    fn room(&self) -> usize {
        let state = self.way.world.lock();
        if state.durable { 0 } else { state.room }
    }

    async fn subscribe(&self, source: &Source) -> Result<LineFeed, Fault> {
        let mut state = self.way.world.lock();
        if state.generation != self.generation {
            return Err(lost());
        }
        let key = (self.way.bridge, Arc::clone(&source.subject));
        state.next_subscription += 1;
        let subscription = state.next_subscription;
        if state.durable {
            state.consumers.entry(key.clone()).or_default();
        } else {
            state
                .subscriptions
                .insert(subscription, (key.0, Arc::clone(&key.1), VecDeque::new()));
        }
        let world = Arc::clone(&self.way.world);
        Ok(LineFeed {
            world,
            generation: self.generation,
            key,
            subscription,
        })
    }

    async fn flush(&self) -> Result<(), Fault> {
        let generation = self.generation;
        self.way
            .world
            .wait(|state| {
                if state.generation == generation {
                    state.wire.is_empty().then_some(Ok(()))
                } else {
                    Some(Err(lost()))
                }
            })
            .await
    }

    async fn lost(&self) -> String {
        let generation = self.generation;
        self.way
            .world
            .wait(|state| (state.generation != generation).then_some(()))
            .await;
        "killed".to_owned()
    }
}

pub(super) struct LineFeed {
    world: Arc<World>,
    generation: u64,
    key: (usize, Arc<str>),
    subscription: u64,
}

impl Feed for LineFeed {
    async fn next(&mut self) -> Result<Option<Incoming>, Fault> {
        let Self {
            world,
            generation,
            key,
            subscription,
        } = self;
        world
            .wait(|state| {
                if state.generation != *generation {
                    return Some(Err(lost()));
                }
                if state.durable {
                    return state.next(key, *generation).map(|next| Ok(Some(next)));
                }
                let bytes = state.subscriptions.get_mut(subscription)?.2.pop_front()?;
                Some(Ok(Some(Incoming {
                    bytes,
                    attempt: 1,
                    ticket: None,
                })))
            })
            .await
    }

    /// No program closes a bridge.
    async fn drain(&mut self) -> Result<(), Fault> {
        Ok(())
    }

    async fn settle(&mut self, ticket: &Ticket, verdict: Verdict) -> Result<(), Fault> {
        let mut state = self.world.lock();
        if state.generation != self.generation {
            return Err(lost());
        }
        if let Some(consumer) = state.consumers.get_mut(&self.key)
            && let Some((position, _, to)) = &mut consumer.pending
            && *position as u64 == ticket.position
        {
            match verdict {
                Verdict::Working => {}
                // Delivered again, as if to another connection.
                Verdict::Again(_) => *to = u64::MAX,
                Verdict::Done | Verdict::Never => {
                    consumer.next = *position + 1;
                    consumer.pending = None;
                }
            }
        }
        drop(state);
        self.world.changed.notify_waiters();
        Ok(())
    }
}
