//! Fault injection: a panic at each point where user code runs.
//!
//! After each panic, nothing is poisoned or locked, on this thread or on another. Every capture, argument,
//! clone, result, object, future and item is dropped exactly once. No slot is lost. Order, budgets and keys
//! follow the rules, and later emissions work.
//!
//! | user code that panics | when | tests |
//! |---|---|---|
//! | the body of a slot | every kind of slot, way of emitting and position | `slots` |
//! | `Clone` of an argument | before each slot that gets a clone | `slots` |
//! | `Drop` of an argument | in a slot; if no slot takes it; with a lazy emission | `slots` |
//! | `Drop` of a result | one of a few, one of many; partly iterated; from either end | `slots` |
//! | the closure of `connect_with_key` | every kind of options, among other slots | `slots` |
//! | `Drop` of a capture | `disconnect`, `disconnect_all`, the drop of a scope or of the signal, a wait, the end of an emission or of a call, the removal of expired slots, a budget of 0 | `captures` |
//! | `Drop` of a `FnOnce`'s captures | in its call, before its call, without a call | `captures` |
//! | `Drop` of a weak slot's object | in the emission that held it last | `captures` |
//! | `Drop` of a panic's payload | items of `catch_unwind`, a guard dropped by unwinding | `guards` |
//! | a slot that a guard calls | `emitting`, alone and while unwinding | `guards` |
//! | what a scoped handle drops | alone, among other handles, while unwinding | `guards` |
//! | a callback of a registry, its clones | several names, the last call of a budget | `registry` |
//! | `Drop` of a callback's captures | every way to disconnect, every position, the drop of the registry | `registry` |
//! | the call of an async slot, its future's `poll` and `Drop` | alone, every position among a few and among many; finished, cancelled, never polled | `asynchronous` |
//! | an error handler | alone, every position among a few and among many | `asynchronous` |
//! | a waker's `wake` and `Drop` | of the reader of a stream, of an awaited emission | `asynchronous` |
//! | `Drop` of an item of a stream | replaced by a newer one, with the stream | `asynchronous` |
//!
//! Each module was seen to fail when the library was broken on purpose:
//!
//! | broken on purpose | fails |
//! |---|---|
//! | `disconnect` drops captures under the lock, so their panic is swallowed | `captures`, `slots` |
//! | `connect_with_key` drops expired slots under the lock | `captures` |
//! | disconnected slots are not released, or not while the thread is unwinding | `captures`, `guards` |
//! | `emit` drops its snapshot at the end of the function, so the results are leaked | `captures` |
//! | the same for the object of a weak slot, and the callable of a waitable one | `captures`, `guards` |
//! | a waitable slot does not complete if its captures panic | `captures` (a wait hangs) |
//! | a thread counts as inside a waitable slot that has panicked | `slots`, `captures`, `guards` |
//! | disconnected slots are not marked, or keep their keys | `captures`; all |
//! | a call is charged after its argument is cloned | `slots`, `registry` |
//! | `Calls` advances after the call, or loses the arguments in a panic | `slots`, `guards` |
//! | the remaining results of an iterator are leaked if one panics | `slots` |
//! | a guard does not catch panics while unwinding, or drops their payloads, or the payloads of those, unguarded | `guards` (an abort) |
//! | a callback is charged after its call | `registry` |
//! | a registry drops removed callbacks one by one, and leaks the rest after a panic | `registry` |
//! | the last call removes a callback from only one of its names | `registry` |
//! | the call of a slot, of the last slot, or a `poll` is not caught, alone, among a few, among many | `asynchronous` |
//! | the drop of a finished future is not caught, or takes precedence over the panic of its `poll` | `asynchronous` |
//! | the payload of that drop, or the lost result, is dropped unguarded | `asynchronous` |
//! | many futures are dropped together, and the rest leaked after a panic | `asynchronous` |
//! | many futures get the waker itself, not one that stays the same | `asynchronous` |
//! | a waker is kept after it was woken | `asynchronous` |
//! | a stream wakes its reader before the item is stored, or not at its end | `asynchronous` |
//! | the oldest item is dropped before the newest is stored | `asynchronous` |
//!
//! `reentrancy`, `weak`, `registry` and `streams` find drops under a lock whose panics have no visible
//! effect, as deadlocks.
//!
//! Out of scope: failed allocations, and panics that escape a `Drop` during unwinding, both of which abort
//! the process. If a local of a *user's* function panics as it is dropped, the compiler leaks the return
//! value (rust-lang/rust#47949). No function of the library is affected, and the slots here drop what they
//! hold before they make their result.

#[cfg(feature = "async")]
mod asynchronous;
mod captures;
mod guards;
mod registry;
mod slots;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use smoke_signal::{ConnectOptions, Connection, Signal};

use crate::common::{Counter, DEADLOCK, Recorder, throw, within};

/// Counts values that are made and dropped.
#[derive(Clone, Default)]
struct Ledger {
    made: Counter,
    dropped: Counter,
}

impl Ledger {
    fn value(&self) -> Value {
        self.made.add();
        Value {
            ledger: self.clone(),
            drop_panics: false,
            clones: Counter::default(),
            panicking_clone: 0,
        }
    }

    /// A value whose drop panics with "drop".
    fn bomb(&self) -> Value {
        let mut value = self.value();
        value.drop_panics = true;
        value
    }

    /// A value of which this clone, counted from 1, panics with "clone".
    fn panicking_clone(&self, number: usize) -> Value {
        let mut value = self.value();
        value.panicking_clone = number;
        value
    }

    #[track_caller]
    fn assert_alive(&self, values: usize, case: &str) {
        let (made, dropped) = (self.made.get(), self.dropped.get());
        assert_eq!(made.checked_sub(dropped), Some(values), "alive, {case}");
    }
}

/// A capture, argument, result, object, future or item.
struct Value {
    ledger: Ledger,
    drop_panics: bool,
    clones: Counter,
    /// The clone that panics; 0 means none.
    panicking_clone: usize,
}

impl Value {
    fn touch(&self) {
        let _ = &self.ledger;
    }
}

impl Clone for Value {
    fn clone(&self) -> Self {
        self.clones.add();
        if self.clones.get() == self.panicking_clone {
            throw("clone");
        }
        self.ledger.value()
    }
}

impl Drop for Value {
    fn drop(&mut self) {
        self.ledger.dropped.add();
        if self.drop_panics {
            throw("drop");
        }
    }
}

/// The number of slots, one of which is faulty: enough for a first, a middle and a last one.
const SLOTS: usize = 3;

type Tested = Signal<(Value,), Value>;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Plain,
    WithKey,
    Limited,
    Once,
    Weak,
    Waitable,
    WaitableLimited,
    WaitableOnce,
    WaitableWeak,
}

const KINDS: [Kind; 9] = [
    Kind::Plain,
    Kind::WithKey,
    Kind::Limited,
    Kind::Once,
    Kind::Weak,
    Kind::Waitable,
    Kind::WaitableLimited,
    Kind::WaitableOnce,
    Kind::WaitableWeak,
];

/// The budget of limited slots, more than any test uses.
const LIMIT: u32 = 1000;

impl Kind {
    fn is_once(self) -> bool {
        matches!(self, Self::Once | Self::WaitableOnce)
    }

    fn is_limited(self) -> bool {
        matches!(self, Self::Limited | Self::WaitableLimited)
    }

    fn is_waitable(self) -> bool {
        matches!(
            self,
            Self::Waitable | Self::WaitableLimited | Self::WaitableOnce | Self::WaitableWeak
        )
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    No,
    /// The first call panics with "body".
    Body,
    /// The drop of the capture panics with "drop".
    Capture,
    /// The drop of each result panics with "drop".
    Result,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    Emit,
    Calls,
    Emitting,
}

const WAYS: [Way; 3] = [Way::Emit, Way::Calls, Way::Emitting];

/// A signal under test. Its slots record their numbers when they are called.
#[derive(Clone)]
struct Case {
    name: String,
    ledger: Ledger,
    signal: Arc<Tested>,
    called: Recorder<usize>,
    /// The object of weak slots.
    object: Arc<Value>,
}

impl Case {
    fn new(name: impl std::fmt::Debug) -> Self {
        let ledger = Ledger::default();
        Self {
            name: format!("{name:?}"),
            object: Arc::new(ledger.value()),
            signal: Arc::default(),
            called: Recorder::new(),
            ledger,
        }
    }

    fn slot(&self, number: usize, fault: Fault) -> impl Fn(Value) -> Value + Send + Sync + 'static {
        let capture = match fault {
            Fault::Capture => self.ledger.bomb(),
            _ => self.ledger.value(),
        };
        let (ledger, called) = (self.ledger.clone(), self.called.clone());
        let called_before = AtomicBool::new(false);
        move |argument| {
            capture.touch();
            called.add(number);
            if fault == Fault::Body && !called_before.swap(true, Ordering::Relaxed) {
                throw("body");
            }
            drop(argument);
            match fault {
                Fault::Result => ledger.bomb(),
                _ => ledger.value(),
            }
        }
    }

    fn connect<F>(&self, kind: Kind, f: F) -> Connection
    where
        F: Fn(Value) -> Value + Send + Sync + 'static,
    {
        let mut options = self.signal.options();
        if kind.is_waitable() {
            options = options.waitable();
        }
        self.connect_by(options, kind, f)
    }

    fn connect_by<F>(
        &self,
        options: ConnectOptions<'_, (Value,), Value>,
        kind: Kind,
        f: F,
    ) -> Connection
    where
        F: Fn(Value) -> Value + Send + Sync + 'static,
    {
        match kind {
            Kind::Plain => self.signal.connect(f),
            Kind::Waitable => options.connect(f),
            Kind::WithKey => options.connect_with_key(|_| f),
            Kind::Limited | Kind::WaitableLimited => options.max_calls(LIMIT).connect(f),
            Kind::Once | Kind::WaitableOnce => options.once(f),
            Kind::Weak | Kind::WaitableWeak => {
                options.connect_weak(&self.object, move |_, argument| f(argument))
            }
        }
    }

    /// Slots without options or faults, except for one at this position.
    fn with_fault(name: impl std::fmt::Debug, at: usize, kind: Kind, fault: Fault) -> WithFault {
        let case = Self::new((name, at, kind, fault));
        let slots = std::array::from_fn(|number| {
            if number == at {
                case.connect(kind, case.slot(number, fault))
            } else {
                case.connect(Kind::Plain, case.slot(number, Fault::No))
            }
        });
        WithFault { case, slots, at }
    }

    fn emit(&self, way: Way) {
        let argument = self.ledger.value();
        self.emit_value(way, argument);
    }

    fn emit_value(&self, way: Way, argument: Value) {
        match way {
            Way::Emit => drop(self.signal.emit(argument)),
            Way::Calls => self.signal.calls(argument).for_each(drop),
            Way::Emitting => drop(self.signal.emitting(argument)),
        }
    }

    /// Asserts that an emission calls the slots with these numbers, in this order.
    #[track_caller]
    fn assert_calls(&self, numbers: &[usize]) {
        for way in WAYS {
            self.emit(way);
            assert_eq!(self.called.take(), numbers, "{way:?}, {}", self.name);
        }
    }

    /// Asserts that everything works as if there had been no fault, on another thread and on this one, and
    /// that the slots with these numbers are connected.
    #[track_caller]
    fn assert_works(&self, numbers: &[usize]) {
        let elsewhere = self.clone();
        let expected = numbers.to_owned();
        within(DEADLOCK, &self.name, move || {
            elsewhere.assert_works_here(&expected);
        });
        self.assert_works_here(numbers);
    }

    #[track_caller]
    fn assert_works_here(&self, numbers: &[usize]) {
        let (name, signal) = (&self.name, &self.signal);
        self.assert_calls(numbers);
        let more = self.connect(Kind::Waitable, self.slot(SLOTS, Fault::No));
        assert!(signal.contains(more), "{name}");
        assert_eq!(signal.len(), numbers.len() + 1, "{name}");
        self.assert_calls(&[numbers, &[SLOTS]].concat());
        let block = signal.block(more);
        self.assert_calls(numbers);
        drop(block);
        assert_eq!(signal.disconnect_and_wait(more), Ok(true), "{name}");
        assert_eq!(signal.len(), numbers.len(), "{name}");
        let blocked = signal.block_all();
        self.assert_calls(&[]);
        drop(blocked);
        self.assert_calls(numbers);
    }

    /// Asserts that nothing is left after everything is dropped.
    #[track_caller]
    fn assert_balance(self) {
        let Self { name, ledger, .. } = &self;
        let (name, ledger) = (name.clone(), ledger.clone());
        drop(self);
        ledger.assert_alive(0, &name);
    }
}

/// A case with [`SLOTS`] slots, one of which is faulty.
struct WithFault {
    case: Case,
    slots: [Connection; SLOTS],
    at: usize,
}

impl WithFault {
    /// The numbers of the other slots.
    fn others(&self) -> Vec<usize> {
        (0..SLOTS).filter(|&number| number != self.at).collect()
    }

    /// The faulty slot.
    fn faulty(&self) -> Connection {
        self.slots[self.at]
    }

    /// Asserts which slots are connected, by `contains`, `len`, `connections` and `slots`.
    #[track_caller]
    fn assert_there(&self, numbers: &[usize]) {
        let Case { name, signal, .. } = &self.case;
        let keys: Vec<_> = numbers.iter().map(|&number| self.slots[number]).collect();
        assert_eq!(signal.connections(), keys, "{name}");
        assert_eq!(signal.len(), keys.len(), "{name}");
        let listed = signal.slots().into_iter().map(|slot| slot.connection);
        assert_eq!(listed.collect::<Vec<_>>(), keys, "{name}");
        for slot in self.slots {
            assert_eq!(signal.contains(slot), keys.contains(&slot), "{name}");
        }
    }

    /// Asserts that all slots are connected and work, except for one that its only call used up.
    #[track_caller]
    fn assert_works_after_a_call(self, kind: Kind) {
        let left = if kind.is_once() {
            self.others()
        } else {
            (0..SLOTS).collect()
        };
        self.assert_works_with(&left);
    }

    /// Asserts that exactly the slots with these numbers are connected and called, then disconnects all.
    #[track_caller]
    fn assert_works_with(self, numbers: &[usize]) {
        let Self { case, slots, .. } = &self;
        self.assert_there(numbers);
        case.assert_works(numbers);
        self.assert_there(numbers);
        for (number, &slot) in slots.iter().enumerate() {
            let there = numbers.contains(&number);
            assert_eq!(case.signal.disconnect(slot), there, "{}", case.name);
            assert!(!case.signal.disconnect(slot), "{}", case.name);
        }
        case.assert_works(&[]);
        self.case.assert_balance();
    }
}
