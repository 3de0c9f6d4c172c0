//! The library's side of a comparison: runs the operations of a program on a signal. The text of two modules, one for
//! each kind of signal, whose parents say what differs.

use std::mem;
use std::panic::{self, AssertUnwindSafe};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use smoke_signal::{Connection, SlotInfo};

use super::{
    BlockGuard, Calls, CatchUnwind, Emitting, Pointer, ScopedConnection, Signal, connect_mut,
    disconnect_and_wait, knows_when_it_waits, waitable,
};
use crate::common::OnDrop;
use crate::reference::signal::events::{Drops, Event, Seen, SignalSeen, SlotSeen};
use crate::reference::signal::operations::{
    Connect, DEPTH, FUEL, Kind, Operation, Pick, Program, Target,
};
use crate::reference::table::Table;
use crate::reference::{Thrown, one_of};

pub(super) type Signals = Signal<(Argument,), usize>;

/// The argument of an emission.
pub(super) struct Argument {
    emission: usize,
    is_clone: bool,
}

impl Clone for Argument {
    fn clone(&self) -> Self {
        Self {
            emission: self.emission,
            is_clone: true,
        }
    }
}

/// The object of a weak slot.
struct Object;

enum Iteration {
    Plain(Calls<'static, (Argument,), usize>),
    Catching(CatchUnwind<'static, (Argument,), usize>),
}

impl Iteration {
    fn next(&mut self) -> Option<thread::Result<usize>> {
        match self {
            Self::Plain(calls) => calls.next().map(Ok),
            Self::Catching(calls) => calls.next(),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        match self {
            Self::Plain(calls) => calls.size_hint(),
            Self::Catching(calls) => calls.size_hint(),
        }
    }
}

/// The state that all slots share. No lock is held while the library is called.
pub(crate) struct Library {
    scripts: Vec<Vec<Operation>>,
    signal: Mutex<Option<Arc<Signals>>>,
    /// Another signal, with a few slots.
    foreign: Signals,
    held: Mutex<Held>,
}

struct Held {
    fuel: usize,
    log: Vec<Event>,
    /// The keys of all slots, present and past; `None` until the key is known.
    keys: Vec<Option<Connection>>,
    scripts: Vec<Vec<Operation>>,
    objects: Vec<Option<Pointer<Object>>>,
    drops: Vec<usize>,
    emissions_so_far: usize,
    inside: Vec<usize>,

    scoped: Table<ScopedConnection>,
    guards: Table<BlockGuard>,
    calls: Table<Iteration>,
    emitting: Table<Emitting<'static, (Argument,)>>,
}

/// The capture of every slot, which counts its drops.
struct Capture {
    library: Arc<Library>,
    slot: usize,
}

impl Drop for Capture {
    fn drop(&mut self) {
        self.library.held().drops[self.slot] += 1;
    }
}

impl Capture {
    fn call(&self, Argument { emission, is_clone }: Argument) -> usize {
        self.library.log(Event::Called {
            slot: self.slot,
            emission,
            original: Some(!is_clone),
        });
        self.library.follow_script(self.slot);
        self.slot
    }
}

impl Library {
    pub(crate) fn new(program: &Program) -> Arc<Self> {
        let foreign = Signals::new();
        for slot in 0..4 {
            foreign.connect(move |_| slot);
        }
        Arc::new(Self {
            scripts: program.scripts.clone(),
            signal: Mutex::new(Some(Arc::new(Signal::new()))),
            foreign,
            held: Mutex::new(Held {
                fuel: FUEL,
                log: Vec::new(),
                keys: Vec::new(),
                scripts: Vec::new(),
                objects: Vec::new(),
                drops: Vec::new(),
                emissions_so_far: 0,
                inside: Vec::new(),
                scoped: Table::new(),
                guards: Table::new(),
                calls: Table::new(),
                emitting: Table::new(),
            }),
        })
    }

    /// Performs an operation outside of slots, and returns what can be observed.
    pub(crate) fn step(self: &Arc<Self>, operation: &Operation) -> Vec<Event> {
        if let Err(thrown) = Thrown::caught(|| self.perform(operation)) {
            self.log(Event::Caught(thrown));
        }
        self.observe();
        mem::take(&mut self.held().log)
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn log(&self, event: Event) {
        self.held().log.push(event);
    }

    fn signal(&self) -> Option<Arc<Signals>> {
        self.signal.lock().unwrap().clone()
    }

    fn perform(self: &Arc<Self>, operation: &Operation) {
        match operation {
            // These need no signal, or can outlive it.
            Operation::EndScope(pick) => {
                let scoped = self.held().scoped.take(*pick);
                drop(scoped);
            }
            Operation::Release(pick) => {
                let scoped = self.held().scoped.take(*pick);
                if let Some((_, scoped)) = scoped {
                    scoped.release();
                }
            }
            Operation::DisconnectScoped(pick) => {
                let scoped = self.held().scoped.take(*pick);
                let done = scoped.is_some_and(|(_, scoped)| scoped.disconnect());
                self.log(Event::Disconnected(done));
            }
            Operation::CancelGuard(pick) => {
                let guard = self.held().emitting.take(*pick);
                if let Some((_, guard)) = guard {
                    guard.cancel();
                }
            }
            Operation::Unblock(pick) => {
                let guard = self.held().guards.take(*pick);
                drop(guard);
            }
            Operation::DropObject(target) => {
                if let Some(slot) = self.pick(*target) {
                    let object = self.held().objects[slot].take();
                    drop(object);
                }
            }
            Operation::Advance(pick) if self.may_call() => self.advance(*pick),
            Operation::Exhaust(pick) if self.may_call() => self.exhaust(*pick),
            Operation::DropCalls(pick) => {
                let calls = self.held().calls.take(*pick);
                drop(calls);
            }
            Operation::DropGuard(pick) if self.may_call() => {
                let guard = self.held().emitting.take(*pick);
                drop(guard);
            }
            Operation::Panic { guarded } => {
                let guarded = *guarded && self.may_call();
                let _guard = guarded.then(|| self.held().emitting.take(0));
                self.throw();
            }
            Operation::DropSignal => {
                let signal = self.signal.lock().unwrap().take();
                drop(signal);
            }
            _ => {
                if let Some(signal) = self.signal() {
                    self.perform_on(&signal, operation);
                }
            }
        }
    }

    fn perform_on(self: &Arc<Self>, signal: &Signals, operation: &Operation) {
        match operation {
            Operation::Connect(connect) => self.connect(signal, connect),
            Operation::Disconnect(target) => {
                let done = signal.disconnect(self.key(*target));
                self.log(Event::Disconnected(done));
            }
            Operation::DisconnectAll => signal.disconnect_all(),
            Operation::Foreign(pick) => {
                let key = one_of(&self.foreign.connections(), *pick).expect("it has slots");
                drop(signal.scoped(key));
                let done = signal.contains(key) || signal.is_blocked(key);
                let done = done || signal.block(key).is_some() || signal.disconnect(key);
                let waited = knows_when_it_waits(signal, key);
                self.log(Event::Disconnected(done || waited));
            }
            Operation::DisconnectAndWait(target) => {
                let waited = disconnect_and_wait(signal, self.key(*target));
                self.log(Event::Waited(waited));
            }
            Operation::Scope(target) => {
                let scoped = signal.scoped(self.key(*target));
                self.held().scoped.add(scoped);
            }
            Operation::Block(target) => {
                let guard = signal.block(self.key(*target));
                self.log(Event::Blocked(guard.is_some()));
                if let Some(guard) = guard {
                    self.held().guards.add(guard);
                }
            }
            Operation::BlockAll => {
                let guard = signal.block_all();
                self.held().guards.add(guard);
            }
            Operation::Emit { caught } if self.may_call() => self.emit(signal, *caught),
            Operation::Calls { catching } => {
                let calls = signal.calls(self.argument());
                self.held().calls.add(if *catching {
                    Iteration::Catching(calls.catch_unwind())
                } else {
                    Iteration::Plain(calls)
                });
            }
            Operation::Guard => {
                let guard = signal.emitting(self.argument());
                self.held().emitting.add(guard);
            }
            _ => {}
        }
    }

    fn pick(&self, target: Target) -> Option<usize> {
        match target {
            Target::Itself => self.held().inside.last().copied(),
            Target::Connected(pick) => one_of(&self.numbers(&self.signal()?.connections()), pick),
            Target::Any(pick) => {
                let slots: Vec<_> = (0..self.held().keys.len()).collect();
                one_of(&slots, pick)
            }
        }
    }

    /// The key of a slot; if there is none, a null key, which every method must accept.
    fn key(&self, target: Target) -> Connection {
        let slot = self.pick(target);
        slot.and_then(|slot| self.held().keys[slot])
            .unwrap_or_default()
    }

    fn connect(self: &Arc<Self>, signal: &Signals, connect: &Connect) {
        let slot = self.held().add_slot(&self.scripts, connect);
        let capture = Capture {
            library: Arc::clone(self),
            slot,
        };
        let mut options = signal.options().group(i32::from(connect.group));
        if connect.first {
            options = options.first();
        }
        if connect.waitable {
            options = waitable(options);
        }
        if let Some(max_calls) = connect.max_calls {
            options = options.max_calls(u32::from(max_calls));
        }
        let key = match connect.kind {
            Kind::Plain if connect.script % 2 == 1 => {
                options.connect_tuple(move |(argument,)| capture.call(argument))
            }
            Kind::Plain => options.connect(move |argument| capture.call(argument)),
            Kind::Mut => connect_mut(options, move |argument| capture.call(argument)),
            Kind::Once => options.once(move |argument| {
                let consumed = capture;
                consumed.call(argument)
            }),
            Kind::WithKey | Kind::WithKeyPanics => options.connect_with_key(|key| {
                self.held().keys[slot] = Some(key);
                self.log(Event::WithKey(slot));
                self.observe();
                if connect.kind == Kind::WithKeyPanics {
                    self.throw();
                }
                move |argument| capture.call(argument)
            }),
            Kind::Weak => {
                let object = Pointer::new(Object);
                self.held().objects[slot] = Some(Pointer::clone(&object));
                options.connect_weak(&object, move |_: &Object, argument| capture.call(argument))
            }
        };
        let told = self.held().keys[slot].replace(key);
        assert!(
            told.is_none_or(|told| told == key),
            "a different key than before"
        );
    }

    fn may_call(&self) -> bool {
        self.held().inside.len() < DEPTH
    }

    fn argument(&self) -> Argument {
        let mut held = self.held();
        held.emissions_so_far += 1;
        Argument {
            emission: held.emissions_so_far,
            is_clone: false,
        }
    }

    fn emit(&self, signal: &Signals, catching: bool) {
        let argument = self.argument();
        let emit = || {
            let returns = if catching {
                signal.emit_tuple((argument,))
            } else {
                signal.emit(argument)
            };
            self.log(Event::Emitted(returns.into()));
        };
        if !catching {
            emit();
        } else if let Err(thrown) = Thrown::caught(emit) {
            self.log(Event::Caught(thrown));
        }
    }

    fn advance(&self, pick: Pick) {
        let calls = self.held().calls.take(pick);
        if let Some((place, mut calls)) = calls {
            let item = panic::catch_unwind(AssertUnwindSafe(|| calls.next()));
            self.held().calls.put_back(place, calls);
            match item {
                Ok(item) => self.log(Event::Next(item.map(|result| result.map_err(Thrown::of)))),
                Err(payload) => panic::resume_unwind(payload),
            }
        }
    }

    fn exhaust(&self, pick: Pick) {
        let calls = self.held().calls.take(pick);
        if let Some((_, mut calls)) = calls {
            let (least, most) = calls.size_hint();
            let mut items = 0;
            loop {
                let item = calls.next();
                let is_end = item.is_none();
                self.log(Event::Next(item.map(|result| result.map_err(Thrown::of))));
                if is_end {
                    break;
                }
                items += 1;
            }
            assert!(items >= least && most.is_some_and(|most| items <= most));
        }
    }

    fn follow_script(self: &Arc<Self>, slot: usize) {
        self.held().inside.push(slot);
        let _pop = OnDrop(|| {
            self.held().inside.pop();
        });
        let script = self.held().scripts[slot].clone();
        for operation in &script {
            if self.held().take_fuel() {
                self.perform(operation);
                self.observe();
            }
        }
        self.log(Event::Returned(slot));
    }

    fn throw(&self) -> ! {
        let slot = self.held().inside.last().copied();
        Thrown(slot).throw()
    }

    fn observe(&self) {
        let signal = self.signal();
        let signal = signal.map(|signal| self.signal_seen(&signal));
        let mut held = self.held();
        let drops = held.drops.iter().copied().map(Drops::exactly).collect();
        held.log.push(Event::Seen(Seen { signal, drops }));
    }

    fn signal_seen(&self, signal: &Signals) -> SignalSeen {
        let keys = self.held().keys.clone();
        let for_which = |answer: &dyn Fn(Connection) -> bool| {
            let answers = |slot: &usize| keys[*slot].is_some_and(answer);
            (0..keys.len()).filter(answers).collect()
        };
        let infos = signal.slots();
        let listed: Vec<_> = infos.iter().map(|info| info.connection).collect();
        let slot_seen = |(slot, info): (usize, &SlotInfo)| {
            assert_eq!(info.location.file(), file!());
            SlotSeen {
                slot,
                group: info.group,
                calls_left: info.calls_left,
                blocked: info.blocked,
                weak: info.weak,
                missed: info.missed,
            }
        };
        let slots = self.numbers(&listed).into_iter().zip(&infos);
        SignalSeen {
            len: signal.len(),
            is_empty: signal.is_empty(),
            connections: self.numbers(&signal.connections()),
            slots: slots.map(slot_seen).collect(),
            contains: for_which(&|key| signal.contains(key)),
            is_blocked: for_which(&|key| signal.is_blocked(key)),
        }
    }

    /// The numbers of the slots with these keys.
    fn numbers(&self, keys: &[Connection]) -> Vec<usize> {
        let held = self.held();
        let number = |key: &Connection| held.keys.iter().position(|known| known == &Some(*key));
        let numbers = keys.iter().map(|key| number(key).expect("a key of a slot"));
        numbers.collect()
    }
}

impl Held {
    fn add_slot(&mut self, scripts: &[Vec<Operation>], connect: &Connect) -> usize {
        let script = usize::from(connect.script) % scripts.len().max(1);
        self.scripts
            .push(scripts.get(script).cloned().unwrap_or_default());
        self.keys.push(None);
        self.objects.push(None);
        self.drops.push(0);
        self.keys.len() - 1
    }

    fn take_fuel(&mut self) -> bool {
        let left = self.fuel > 0;
        self.fuel -= usize::from(left);
        left
    }
}
