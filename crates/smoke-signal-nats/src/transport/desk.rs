//! Attends to a bridge, with a connection and without one: links that come and go, `flush`, `close`.

use std::cell::Cell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, mpsc, oneshot, watch};
use tokio::task::{JoinHandle, spawn_local, unconstrained};
use tokio::time::{Instant, sleep, sleep_until};

use crate::error::Unfinished;
use crate::shared::{LinkId, Shared};
use crate::transport::{Inlet, Session, pump};

/// How often a bridge that is to close without a connection looks whether anything is left.
const LOOK: Duration = Duration::from_millis(10);
/// A deadline that nobody lives to see.
const FAR: Duration = Duration::from_secs(60 * 60 * 24 * 365);

/// What a bridge tells its thread.
#[derive(Debug)]
pub(crate) enum Command {
    /// Receive.
    Add(LinkId, Inlet),
    /// Receive no longer.
    Remove(LinkId),
    /// Answer once everything until now has arrived.
    Flush(Duration, Answer),
    /// Finish what there is, and end.
    Close(Duration, Answer),
    /// End now.
    Stop,
}

pub(crate) type Answer = oneshot::Sender<Result<(), Unfinished>>;

pub(crate) struct Desk {
    shared: Arc<Shared>,
    commands: mpsc::UnboundedReceiver<Command>,
    links: HashMap<LinkId, Link>,
    flushes: Vec<Flush>,
    closing: Option<Closing>,
}

struct Link {
    /// Locked by the task that reads, as long as the connection lasts.
    inlet: Rc<Mutex<Inlet>>,
    subscribed: Arc<watch::Sender<bool>>,
}

#[derive(Clone)]
struct Flush {
    /// How many messages had been queued.
    mark: u64,
    deadline: Instant,
    /// Taken by who answers.
    answer: Rc<Cell<Option<Answer>>>,
}

struct Closing {
    deadline: Instant,
    answer: Answer,
}

/// A connection, and the tasks that use it.
struct Live<S> {
    session: Rc<S>,
    readers: HashMap<LinkId, JoinHandle<()>>,
    stop: watch::Sender<bool>,
    lost: mpsc::UnboundedSender<String>,
    /// Told when nothing is left to do before the bridge closes.
    finished: mpsc::UnboundedSender<()>,
}

impl Desk {
    pub(crate) fn new(shared: Arc<Shared>, commands: mpsc::UnboundedReceiver<Command>) -> Self {
        Self {
            shared,
            commands,
            links: HashMap::new(),
            flushes: Vec::new(),
            closing: None,
        }
    }

    /// Serves a connection until it is lost, and says why. `None`: the bridge has ended.
    pub(crate) async fn serve<S: Session>(&mut self, session: S) -> Option<String> {
        let (lost, mut why) = mpsc::unbounded_channel();
        let (finished, mut end) = mpsc::unbounded_channel();
        let mut live = Live {
            session: Rc::new(session),
            readers: HashMap::new(),
            stop: watch::Sender::new(false),
            lost,
            finished,
        };
        live.pump(&self.shared);
        for (id, link) in &self.links {
            link.subscribed.send_replace(false);
            live.read(*id, link);
        }
        for flush in &self.flushes {
            live.flush(flush, &self.links, &self.shared);
        }
        if self.closing.is_some() {
            live.close(&self.shared);
        }
        loop {
            let deadline = self.deadline();
            tokio::select! {
                why = why.recv() => return Some(why.unwrap_or_default()),
                _ = end.recv() => {
                    self.closed(Ok(()));
                    return None;
                }
                () = sleep_until(deadline) => if self.expire(false) { return None },
                command = self.commands.recv() => match command {
                    Some(Command::Add(id, inlet)) => {
                        live.read(id, self.add(id, inlet));
                    }
                    Some(Command::Remove(id)) => {
                        self.links.remove(&id);
                        if let Some(reader) = live.readers.remove(&id) {
                            reader.abort();
                        }
                    }
                    Some(Command::Flush(timeout, answer)) => {
                        let flush = self.flush(timeout, answer);
                        live.flush(&flush, &self.links, &self.shared);
                    }
                    Some(Command::Close(timeout, answer)) => {
                        self.close(timeout, answer);
                        live.close(&self.shared);
                    }
                    Some(Command::Stop) | None => return None,
                },
            }
        }
    }

    /// Attends to the bridge without a connection. Returns when the bridge has ended.
    pub(crate) async fn wait(&mut self) {
        loop {
            if self.closing.is_some()
                && self.shared.outbox.len() == 0
                && self.shared.undelivered.get() == 0
            {
                self.closed(Ok(()));
                return;
            }
            let deadline = self.deadline();
            tokio::select! {
                () = sleep(LOOK), if self.closing.is_some() => {}
                () = sleep_until(deadline) => if self.expire(true) { return },
                command = self.commands.recv() => match command {
                    Some(Command::Add(id, inlet)) => drop(self.add(id, inlet)),
                    Some(Command::Remove(id)) => drop(self.links.remove(&id)),
                    Some(Command::Flush(timeout, answer)) => drop(self.flush(timeout, answer)),
                    Some(Command::Close(timeout, answer)) => self.close(timeout, answer),
                    Some(Command::Stop) | None => return,
                },
            }
        }
    }

    fn add(&mut self, id: LinkId, inlet: Inlet) -> &Link {
        let subscribed = Arc::clone(&inlet.subscribed);
        let link = Link {
            inlet: Rc::new(Mutex::new(inlet)),
            subscribed,
        };
        self.links.entry(id).or_insert(link)
    }

    fn flush(&mut self, timeout: Duration, answer: Answer) -> Flush {
        let flush = Flush {
            mark: self.shared.outbox.mark(),
            deadline: after(timeout),
            answer: Rc::new(Cell::new(Some(answer))),
        };
        self.flushes.push(flush.clone());
        flush
    }

    fn close(&mut self, timeout: Duration, answer: Answer) {
        self.closing = Some(Closing {
            deadline: after(timeout),
            answer,
        });
    }

    /// Answers who closes the bridge. Nothing is delivered any more when it hears that.
    fn closed(&mut self, result: Result<(), Unfinished>) {
        self.shared.stop_receiving();
        if let Some(closing) = self.closing.take() {
            let _gone = closing.answer.send(result);
        }
    }

    /// When something expires next.
    fn deadline(&self) -> Instant {
        let flushes = self.flushes.iter().map(|flush| flush.deadline);
        let closing = self.closing.iter().map(|closing| closing.deadline);
        flushes.chain(closing).min().unwrap_or_else(|| after(FAR))
    }

    /// Answers what has expired. Returns `true` if the bridge has ended.
    fn expire(&mut self, disconnected: bool) -> bool {
        let now = Instant::now();
        let left = Unfinished {
            unsent: self.shared.outbox.len() as u64,
            undelivered: self.shared.undelivered.get(),
            disconnected,
        };
        self.flushes.retain(|flush| {
            if flush.deadline <= now
                && let Some(answer) = flush.answer.take()
            {
                let _gone = answer.send(Err(left));
                return false;
            }
            flush.deadline > now
        });
        let ended = self
            .closing
            .as_ref()
            .is_some_and(|closing| closing.deadline <= now);
        if ended {
            self.closed(Err(left));
        }
        ended
    }
}

impl<S: Session> Live<S> {
    /// Sends what is queued, and watches the connection.
    fn pump(&self, shared: &Arc<Shared>) {
        let (session, shared, lost) = (
            Rc::clone(&self.session),
            Arc::clone(shared),
            self.lost.clone(),
        );
        spawn_local(async move {
            let why = tokio::select! {
                // It gives way by itself, after so many messages that the client writes many at once.
                why = unconstrained(pump::run(&*session, &shared)) => why,
                why = session.lost() => why,
            };
            let _ended = lost.send(why);
        });
    }

    fn read(&mut self, id: LinkId, link: &Link) {
        let (session, lost) = (Rc::clone(&self.session), self.lost.clone());
        let (inlet, stop) = (Rc::clone(&link.inlet), self.stop.subscribe());
        let reader = spawn_local(async move {
            if let Err(why) = inlet.lock().await.read(&*session, stop).await {
                let _ended = lost.send(why);
            }
        });
        self.readers.insert(id, reader);
    }

    fn flush(&self, flush: &Flush, links: &HashMap<LinkId, Link>, shared: &Arc<Shared>) {
        let subscribed: Vec<_> = links
            .values()
            .map(|link| link.subscribed.subscribe())
            .collect();
        let (session, shared, lost) = (
            Rc::clone(&self.session),
            Arc::clone(shared),
            self.lost.clone(),
        );
        let flush = flush.clone();
        spawn_local(async move {
            shared.outbox.settled(flush.mark).await;
            for mut subscribed in subscribed {
                // The link may have ended meanwhile.
                let _ended = subscribed.wait_for(|&subscribed| subscribed).await;
            }
            match session.flush().await {
                Ok(()) => {
                    if let Some(answer) = flush.answer.take() {
                        let _gone = answer.send(Ok(()));
                    }
                }
                Err(fault) => {
                    let _ended = lost.send(fault.to_string());
                }
            }
        });
    }

    /// Takes no more messages, and finishes those that there are, in both directions.
    fn close(&mut self, shared: &Arc<Shared>) {
        self.stop.send_replace(true);
        let readers: Vec<_> = self.readers.drain().map(|(_, reader)| reader).collect();
        let (session, shared, lost) = (
            Rc::clone(&self.session),
            Arc::clone(shared),
            self.lost.clone(),
        );
        let finished = self.finished.clone();
        spawn_local(async move {
            let mark = shared.outbox.mark();
            shared.outbox.settled(mark).await;
            for reader in readers {
                // An error means that the link has ended.
                let _ended = reader.await;
            }
            let _ended = match session.flush().await {
                Ok(()) => finished.send(()).is_ok(),
                Err(fault) => lost.send(fault.to_string()).is_ok(),
            };
        });
    }
}

fn after(timeout: Duration) -> Instant {
    let now = Instant::now();
    now.checked_add(timeout).unwrap_or_else(|| now + FAR)
}
