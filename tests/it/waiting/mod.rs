//! `disconnect_and_wait`, from outside and from inside a slot.

use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use smoke_signal::{Connection, Signal, WaitError};

mod ends;
mod inside;
mod running;

/// Long enough for a thread that could go on to do so, and too short to notice.
const A_WHILE: Duration = Duration::from_millis(20);

/// A place in a slot where it stops until it is let on.
struct Gate {
    inside: Receiver<()>,
    let_on: Sender<()>,
}

impl Gate {
    /// The gate, and the function that a slot calls to stop there.
    fn new() -> (Self, impl Fn() + Send + Sync + 'static) {
        let (entered, inside) = mpsc::channel();
        let (let_on, waiting) = mpsc::channel();
        let waiting = Mutex::new(waiting);
        let stop = move || {
            entered.send(()).unwrap();
            waiting.lock().unwrap().recv().unwrap();
        };
        (Self { inside, let_on }, stop)
    }

    fn wait_until_entered(&self) {
        self.inside.recv().unwrap();
    }

    fn open(&self) {
        self.let_on.send(()).unwrap();
    }
}

fn emit_elsewhere(signal: &Arc<Signal<()>>) -> JoinHandle<usize> {
    let signal = Arc::clone(signal);
    thread::spawn(move || signal.emit().len())
}

/// Waits for the slot on another thread; what came of it is sent.
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
