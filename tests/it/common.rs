//! Shared helpers: slots that record their calls, values that count their drops and clones, silent
//! panics, threads that start together, a watchdog for deadlocks.

use std::any::Any;
use std::mem;
use std::panic::{self, AssertUnwindSafe};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Barrier, Mutex};
use std::thread;
use std::time::Duration;

use smoke_signal::Signal;

/// Longer than any test takes on a busy machine.
pub(crate) const DEADLOCK: Duration = Duration::from_secs(30);

/// A record of events in order. Clones share one record.
#[derive(Debug)]
pub(crate) struct Recorder<T>(Arc<Mutex<Vec<T>>>);

impl<T> Recorder<T> {
    pub(crate) fn new() -> Self {
        Self(Arc::default())
    }

    pub(crate) fn add(&self, event: T) {
        self.0.lock().unwrap().push(event);
    }

    /// Returns the events since the last `take`.
    pub(crate) fn take(&self) -> Vec<T> {
        mem::take(&mut *self.0.lock().unwrap())
    }
}

impl<T: Clone + Send + 'static> Recorder<T> {
    /// A slot that records `event` whenever it is called.
    pub(crate) fn adding(&self, event: T) -> impl Fn() + Send + Sync + 'static + use<T>
    where
        T: Sync,
    {
        let record = self.clone();
        move || record.add(event.clone())
    }
}

impl<T> Clone for Recorder<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

/// A counter. Clones share one count.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counter(Arc<AtomicUsize>);

impl Counter {
    pub(crate) fn add(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    /// Returns the count since the last `take`.
    #[allow(dead_code, reason = "only tests of the feature `async` use it")]
    pub(crate) fn take(&self) -> usize {
        self.0.swap(0, Ordering::Relaxed)
    }

    /// A slot that counts its calls.
    pub(crate) fn adding(&self) -> impl Fn() + Send + Sync + 'static + use<> {
        let counter = self.clone();
        move || counter.add()
    }

    /// A value that counts when it is dropped.
    pub(crate) fn tracked(&self) -> Tracked {
        Tracked(self.clone())
    }
}

/// A value to capture that counts its drops. Made by [`Counter::tracked`].
#[derive(Debug)]
pub(crate) struct Tracked(Counter);

impl Tracked {
    /// A slot that does nothing but capture the value.
    pub(crate) fn held(self) -> impl Fn() + Send + Sync + 'static {
        move || self.touch()
    }

    /// Makes a closure capture the value.
    pub(crate) fn touch(&self) {
        let _ = &self.0;
    }
}

impl Drop for Tracked {
    fn drop(&mut self) {
        self.0.add();
    }
}

/// An argument that counts its clones, including clones of clones, and knows whether it is one.
#[derive(Debug, Default)]
pub(crate) struct Counted {
    pub(crate) clones: Counter,
    pub(crate) is_clone: bool,
}

impl Clone for Counted {
    fn clone(&self) -> Self {
        self.clones.add();
        Self {
            clones: self.clones.clone(),
            is_clone: true,
        }
    }
}

/// Calls a function when it is dropped.
pub(crate) struct OnDrop<F: FnMut()>(pub(crate) F);

impl<F: FnMut()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

/// Panics without printing a message.
pub(crate) fn throw(message: &'static str) -> ! {
    panic::resume_unwind(Box::new(message))
}

/// Returns the message of the panic with which `work` ends.
#[track_caller]
pub(crate) fn thrown<T>(work: impl FnOnce() -> T) -> String {
    match panic::catch_unwind(AssertUnwindSafe(work)) {
        Ok(_) => panic!("no panic"),
        Err(payload) => message(&*payload),
    }
}

/// The message of a panic.
pub(crate) fn message(payload: &(dyn Any + Send)) -> String {
    match payload.downcast_ref::<&str>() {
        Some(message) => (*message).to_owned(),
        None => payload.downcast_ref::<String>().expect("a message").clone(),
    }
}

/// Runs `work` on its own thread, and fails if it takes longer than `limit`.
#[track_caller]
pub(crate) fn within<T: Send + 'static>(
    limit: Duration,
    what: &str,
    work: impl FnOnce() -> T + Send + 'static,
) -> T {
    let (done, outcome) = mpsc::channel::<()>();
    let worker = thread::spawn(move || {
        let _done = done; // also dropped by unwinding
        work()
    });
    let outcome = outcome.recv_timeout(limit);
    assert_ne!(outcome, Err(RecvTimeoutError::Timeout), "{what}: deadlock");
    worker
        .join()
        .unwrap_or_else(|payload| panic!("{what}: {}", message(&*payload)))
}

/// Runs `work` on this many threads at once, each with its number, and returns the results in order.
pub(crate) fn together<T: Send>(threads: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let barrier = Barrier::new(threads);
    let (barrier, work) = (&barrier, &work);
    thread::scope(|scope| {
        let threads: Vec<_> = (0..threads)
            .map(|number| {
                scope.spawn(move || {
                    barrier.wait();
                    work(number)
                })
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().expect("the thread's assertions hold"))
            .collect()
    })
}

/// Runs `work` in its own process, because it would abort the process on failure. `test` is the full name of
/// the calling test.
pub(crate) fn in_own_process(test: &str, work: impl FnOnce()) {
    const MARK: &str = "SMOKE_SIGNAL_TEST_ALONE";
    if std::env::var_os(MARK).is_some() {
        return work();
    }
    let output = Command::new(std::env::current_exe().expect("a test binary"))
        .args(["--exact", test])
        .env(MARK, "")
        .output()
        .expect("it runs");
    let printed = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && printed.contains("1 passed"),
        "{test}: {}\n{printed}\n{errors}",
        output.status
    );
}

/// A reproducible random number generator (xorshift).
pub(crate) struct Numbers(pub(crate) u32);

impl Numbers {
    pub(crate) fn next(&mut self) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.next() as usize % limit
    }
}

/// The letters that the slots of a signal return, in call order.
pub(crate) fn said(signal: &Signal<(), char>) -> String {
    signal.emit().into_iter().collect()
}
