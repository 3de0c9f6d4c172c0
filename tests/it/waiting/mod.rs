//! `disconnect_and_wait`, from outside and from inside a slot. Every test runs under a watchdog, because
//! failures here hang.

use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use smoke_signal::{Connection, Signal, WaitError};

mod ends;
mod inside;
mod running;

/// Long enough for a thread that can continue to do so.
const A_WHILE: Duration = Duration::from_millis(20);

/// A point in a slot at which it stops until it is resumed.
struct Gate {
    inside: Receiver<()>,
    resume: Sender<()>,
}

impl Gate {
    /// Returns the gate, and a function with which a slot stops there.
    fn new() -> (Self, impl Fn() + Send + Sync + 'static) {
        let (entered, inside) = mpsc::channel();
        let (resume, waiting) = mpsc::channel();
        let waiting = Mutex::new(waiting);
        let stop = move || {
            entered.send(()).unwrap();
            waiting.lock().unwrap().recv().unwrap();
        };
        (Self { inside, resume }, stop)
    }

    fn wait_until_entered(&self) {
        self.inside.recv().unwrap();
    }

    fn open(&self) {
        self.resume.send(()).unwrap();
    }
}

fn emit_elsewhere(signal: &Arc<Signal<()>>) -> JoinHandle<usize> {
    let signal = Arc::clone(signal);
    thread::spawn(move || signal.emit().len())
}

/// Waits for the slot on another thread, which sends the result.
fn wait_elsewhere(signal: &Arc<Signal<()>>, slot: Connection) -> Receiver<Result<bool, WaitError>> {
    answer_elsewhere(signal, move |signal| signal.disconnect_and_wait(slot))
}

fn answer_elsewhere<T: Send + 'static>(
    signal: &Arc<Signal<()>>,
    ask: impl FnOnce(&Signal<()>) -> T + Send + 'static,
) -> Receiver<T> {
    let signal = Arc::clone(signal);
    let (answer, answers) = mpsc::channel();
    thread::spawn(move || answer.send(ask(&signal)));
    answers
}
