//! What a spy has recorded. The spy shares it with its slots.

use std::mem;
use std::sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError, TryLockError};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

/// No user code runs under its lock: items are made before they are added, and are moved out to be looked at, cloned
/// or dropped.
pub(super) struct Log<T> {
    state: Mutex<State<T>>,
    added: Condvar,
    /// Nothing is added from other threads than this one.
    only: OnceLock<ThreadId>,
}

pub(super) struct State<T> {
    /// What has not been taken, in order.
    entries: Vec<Entry<T>>,
    /// How many items have been added.
    recorded: usize,
    /// How many of them have been taken.
    taken: usize,
    /// Somebody waits for what is added.
    awaited: bool,
    /// Nothing is added any more.
    closed: bool,
}

struct Entry<T> {
    thread: ThreadId,
    item: T,
}

impl<T> State<T> {
    pub(super) fn recorded(&self) -> usize {
        self.recorded
    }

    pub(super) fn taken(&self) -> usize {
        self.taken
    }

    /// How many items have been added and not been taken.
    pub(super) fn len(&self) -> usize {
        self.recorded - self.taken
    }
}

impl<T> Log<T> {
    pub(super) fn new() -> Self {
        Self {
            state: Mutex::new(State {
                entries: Vec::new(),
                recorded: 0,
                taken: 0,
                awaited: false,
                closed: false,
            }),
            added: Condvar::new(),
            only: OnceLock::new(),
        }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many items have been added and not been taken, unless another thread holds the lock.
    pub(super) fn try_len(&self) -> Option<usize> {
        match self.state.try_lock() {
            Ok(state) => Some(state.len()),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner().len()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    /// Whether what this thread emits is to be added.
    pub(super) fn wants_this_thread(&self) -> bool {
        self.wants(|| thread::current().id())
    }

    fn wants(&self, thread: impl FnOnce() -> ThreadId) -> bool {
        self.only.get().is_none_or(|only| *only == thread())
    }

    pub(super) fn add(&self, item: T) {
        let thread = thread::current().id();
        let mut state = self.lock();
        if state.closed || !self.wants(|| thread) {
            drop(state);
            drop(item);
            return;
        }
        state.recorded += 1;
        state.entries.push(Entry { thread, item });
        let awaited = state.awaited;
        drop(state);
        if awaited {
            self.added.notify_all(); // a system call
        }
    }

    /// Forgets what other threads have added, and adds nothing more of theirs.
    pub(super) fn only_this_thread(&self) {
        let this = *self.only.get_or_init(|| thread::current().id());
        let mut state = self.lock();
        let entries = mem::take(&mut state.entries);
        let (kept, forgotten): (Vec<_>, Vec<_>) =
            entries.into_iter().partition(|entry| entry.thread == this);
        state.entries = kept;
        state.recorded -= forgotten.len();
        drop(state);
        drop(forgotten);
    }

    /// Moves out what has not been taken, to be put back.
    pub(super) fn look(&self) -> Look<'_, T> {
        Look {
            log: self,
            entries: mem::take(&mut self.lock().entries),
        }
    }

    /// Takes what is there.
    pub(super) fn take(&self) -> Vec<T> {
        let mut state = self.lock();
        let entries = mem::take(&mut state.entries);
        state.taken += entries.len();
        drop(state);
        entries.into_iter().map(|entry| entry.item).collect()
    }

    /// Blocks until `enough`, which is asked under the lock, or until the deadline. Returns what it said last.
    pub(super) fn wait(
        &self,
        deadline: Option<Instant>,
        enough: impl Fn(&State<T>) -> bool,
    ) -> bool {
        let mut state = self.lock();
        state.awaited = true;
        let is_enough = loop {
            if enough(&state) {
                break true;
            }
            let left = match deadline {
                Some(deadline) => deadline.saturating_duration_since(Instant::now()),
                None => Duration::MAX,
            };
            if left.is_zero() {
                break false;
            }
            let waited = self.added.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        };
        state.awaited = false;
        is_enough
    }

    /// Takes everything out, for the caller to drop, and adds nothing more.
    pub(super) fn close(&self) -> impl Sized + use<T> {
        let mut state = self.lock();
        state.closed = true;
        mem::take(&mut state.entries)
    }
}

/// The items that have not been taken, without the lock. Puts them back, before those that have been added since,
/// when it is dropped.
pub(super) struct Look<'l, T> {
    log: &'l Log<T>,
    entries: Vec<Entry<T>>,
}

impl<T> Look<'_, T> {
    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.entries.iter().map(|entry| &entry.item)
    }
}

impl<T> Drop for Look<'_, T> {
    fn drop(&mut self) {
        let mut state = self.log.lock();
        let added = mem::replace(&mut state.entries, mem::take(&mut self.entries));
        state.entries.extend(added);
    }
}
