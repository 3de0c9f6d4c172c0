//! The library's side of a comparison: runs the operations of a program on a registry.

use std::cell::RefCell;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use smoke_signal::{
    BlockGuard, CallbackKey, Connection, Emitting, Registry, ScopedConnection, Signal,
};

use super::events::{CallbackSeen, Called, Event, NameSeen, RegistrySeen, Seen, SlotSeen};
use super::operations::{
    Callable, DEPTH, FUEL, FUNCTIONS, Limit, NAMES, Name, Operation, Pick, Program, Target,
    index_of,
};
use crate::common::OnDrop;
use crate::reference::table::Table;
use crate::reference::{Thrown, one_of};

/// The state that all callbacks share. No lock is held while the library is called.
pub(crate) struct Library {
    scripts: Vec<Vec<Operation>>,
    registry: Mutex<Option<Arc<Registry>>>,
    held: Mutex<Held>,
}

struct Held {
    fuel: usize,
    log: Vec<Event>,
    /// All keys, present and past.
    keys: Vec<CallbackKey>,
    /// The closures, each with its key.
    closures: Vec<(Called, CallbackKey)>,
    /// The scripts of all captures, present and past.
    captures: Vec<Vec<Operation>>,
    drops: Vec<usize>,
    inside: Vec<Called>,

    scoped: Table<ScopedConnection>,
    guards: Table<Emitting<'static>>,
    blocks: Table<BlockGuard>,
}

thread_local! {
    /// The library that functions use, because they capture nothing.
    static CURRENT: RefCell<Option<Arc<Library>>> = const { RefCell::new(None) };
}

fn function<const NUMBER: usize>() -> Called {
    let called = Called::Function(NUMBER);
    let library = CURRENT.with_borrow(Clone::clone);
    library.expect("a program is run").called(called);
    called
}

/// The capture of every closure, which counts its drops.
struct Capture {
    library: Arc<Library>,
    number: usize,
}

impl Drop for Capture {
    fn drop(&mut self) {
        self.library.held().drops[self.number] += 1;
    }
}

impl Capture {
    fn call(&self) -> Called {
        let called = Called::Capturing(self.number);
        self.library.called(called);
        called
    }
}

/// How a callback is identified.
#[derive(Clone, Copy)]
enum Named {
    Function(usize),
    CallbackKey(CallbackKey),
}

/// Runs an expression with a function or with a key, whichever identifies the callback.
macro_rules! with {
    ($named:expr, |$callback:ident| $work:expr) => {
        match $named {
            Named::Function(0) => {
                let $callback = function::<0>;
                $work
            }
            Named::Function(1) => {
                let $callback = function::<1>;
                $work
            }
            Named::Function(_) => {
                let $callback = function::<2>;
                $work
            }
            Named::CallbackKey($callback) => $work,
        }
    };
}

impl Library {
    pub(crate) fn new(program: &Program) -> Arc<Self> {
        let library = Arc::new(Self {
            scripts: program.scripts.clone(),
            registry: Mutex::new(Some(Arc::new(Registry::new()))),
            held: Mutex::new(Held {
                fuel: FUEL,
                log: Vec::new(),
                keys: Vec::new(),
                closures: Vec::new(),
                captures: Vec::new(),
                drops: Vec::new(),
                inside: Vec::new(),
                scoped: Table::new(),
                guards: Table::new(),
                blocks: Table::new(),
            }),
        });
        CURRENT.set(Some(Arc::clone(&library)));
        library
    }

    /// Performs an operation outside of callbacks, and returns what can be observed.
    pub(crate) fn step(self: &Arc<Self>, operation: &Operation) -> Vec<Event> {
        if let Err(thrown) = Thrown::caught(|| self.perform(operation)) {
            self.log(Event::Caught(thrown));
        }
        self.observe();
        mem::take(&mut self.held().log)
    }

    /// Drops the registry, and returns what can be observed.
    pub(crate) fn drop_registry(&self) -> Vec<Event> {
        let registry = self.registry.lock().unwrap().take();
        drop(registry);
        self.observe();
        mem::take(&mut self.held().log)
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn log(&self, event: Event) {
        self.held().log.push(event);
    }

    fn registry(&self) -> Option<Arc<Registry>> {
        self.registry.lock().unwrap().clone()
    }

    fn perform(self: &Arc<Self>, operation: &Operation) {
        match operation {
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
            Operation::Unblock(pick) => {
                let guard = self.held().blocks.take(*pick);
                drop(guard);
            }
            Operation::DropGuard(pick) if self.may_call() => {
                let guard = self.held().guards.take(*pick);
                drop(guard);
            }
            Operation::Panic { guarded } => {
                let guarded = *guarded && self.may_call();
                let _guard = guarded.then(|| self.held().guards.take(0));
                let inside = self.held().inside.len();
                Thrown(inside.checked_sub(1)).throw();
            }
            _ => {
                if let Some(registry) = self.registry() {
                    self.perform_on(&registry, operation);
                }
            }
        }
    }

    fn perform_on(self: &Arc<Self>, registry: &Registry, operation: &Operation) {
        match operation {
            Operation::On(names, limit, callable) => {
                self.on(registry, &strings(names), *limit, *callable);
            }
            Operation::OnMismatched(names) => {
                let names = strings(names);
                if names.iter().any(|name| is_bound(registry, name)) {
                    let refused = registry.on(&names, |_: u8| ()).is_err();
                    self.log(Event::Refused(refused));
                }
            }
            Operation::Disconnect(target) => {
                let left = with!(self.named(*target), |callback| registry
                    .disconnect(callback));
                self.log(Event::Disconnected(left));
            }
            Operation::DisconnectFrom(target, names) => {
                let names = strings(names);
                let left = with!(self.named(*target), |callback| {
                    registry.disconnect_from(callback, &names)
                });
                self.log(Event::Disconnected(left));
            }
            Operation::Clear(names) => registry.clear(strings(names)),
            Operation::ClearAll => registry.clear_all(),
            Operation::Remove(names) => {
                let removed = registry.remove(strings(names));
                self.log(Event::Removed(removed));
            }

            Operation::Scope(target) => {
                let key = match self.named(*target) {
                    Named::CallbackKey(key) => key,
                    Named::Function(number) => self.registered(registry, number),
                };
                let scoped = registry.scoped(key);
                self.held().scoped.add(scoped);
            }

            Operation::Emit { name, caught } if self.may_call() => {
                let emit = || registry.emit(string(*name), ()).expect("no arguments");
                self.report(|| Event::Emitted(emit()), *caught);
            }
            Operation::Guard(name) => {
                let guard = registry.emitting(string(*name)).expect("no arguments");
                self.held().guards.add(guard);
            }
            Operation::GuardBetween(enter, exit) if self.may_call() => {
                let guard = registry.emitting_between(string(*enter), string(*exit));
                self.held().guards.add(guard.expect("no arguments"));
            }
            _ => self.perform_typed(registry, operation),
        }
    }

    /// Performs an operation on the typed signal behind a name.
    fn perform_typed(self: &Arc<Self>, registry: &Registry, operation: &Operation) {
        match operation {
            Operation::ConnectTyped(name, script) => {
                let capture = self.capture(*script);
                signal(registry, string(*name)).connect(move || capture.call());
            }
            Operation::DisconnectTyped(name, pick) => {
                let signal = signal(registry, string(*name));
                let done = signal.disconnect(pick_slot(&signal, *pick));
                self.log(Event::Disconnected(done));
            }
            Operation::DisconnectAllTyped(name) => {
                signal(registry, string(*name)).disconnect_all();
            }
            Operation::BlockTyped(name, pick) => {
                let signal = signal(registry, string(*name));
                let guard = signal.block(pick_slot(&signal, *pick));
                self.log(Event::Blocked(guard.is_some()));
                if let Some(guard) = guard {
                    self.held().blocks.add(guard);
                }
            }
            Operation::EmitTyped { name, caught } if self.may_call() => {
                let signal = signal(registry, string(*name));
                let emit = || signal.emit().into_iter().collect();
                self.report(|| Event::EmittedTyped(emit()), *caught);
            }
            _ => {}
        }
    }

    fn report(&self, emit: impl FnOnce() -> Event, catching: bool) {
        let event = if catching {
            Thrown::caught(emit).unwrap_or_else(Event::Caught)
        } else {
            emit()
        };
        self.log(event);
    }

    fn named(&self, target: Target) -> Named {
        let held = self.held();
        let key = match target {
            Target::Function(pick) => return Named::Function(usize::from(pick) % FUNCTIONS),
            Target::Any(pick) => one_of(&held.keys, pick),
            Target::Itself => match held.inside.last() {
                Some(Called::Function(number)) => return Named::Function(*number),
                Some(called) => {
                    let mut closures = held.closures.iter();
                    let closure = closures.find(|(closure, _)| closure == called);
                    closure.map(|(_, key)| *key)
                }
                None => None,
            },
        };
        // Every method must accept a null key.
        Named::CallbackKey(key.unwrap_or_default())
    }

    /// The key of a function, if it is registered.
    fn registered(&self, registry: &Registry, number: usize) -> CallbackKey {
        let names = with!(Named::Function(number), |function| registry
            .signals(function));
        let held = self.held();
        let mut of_function = held.closures.iter().rev();
        let last = of_function.find(|(called, _)| *called == Called::Function(number));
        match last {
            Some((_, key)) if !names.is_empty() => *key,
            _ => CallbackKey::default(),
        }
    }

    fn on(self: &Arc<Self>, registry: &Registry, names: &[&str], limit: Limit, callable: Callable) {
        macro_rules! on {
            ($callback:expr) => {
                match limit {
                    Limit::On => registry.on(names, $callback),
                    Limit::OnMax(calls) => registry.on_max(names, u32::from(calls), $callback),
                    Limit::Once => registry.once(names, $callback),
                }
            };
        }
        let (called, registered) = match callable {
            Callable::Closure(script) => {
                let capture = self.capture(script);
                let called = Called::Capturing(capture.number);
                (called, on!(move || capture.call()))
            }
            Callable::Function(pick) => {
                let number = usize::from(pick) % FUNCTIONS;
                let registered = match number {
                    0 => on!(function::<0>),
                    1 => on!(function::<1>),
                    _ => on!(function::<2>),
                };
                (Called::Function(number), registered)
            }
        };
        let key = registered.expect("all names have this signature");
        let mut held = self.held();
        held.closures.push((called, key));
        let number = held.number(key);
        held.log.push(Event::Registered(number));
    }

    fn capture(self: &Arc<Self>, script: Pick) -> Capture {
        let mut held = self.held();
        let script = usize::from(script) % self.scripts.len().max(1);
        let script = self.scripts.get(script).cloned().unwrap_or_default();
        held.captures.push(script);
        held.drops.push(0);
        Capture {
            library: Arc::clone(self),
            number: held.captures.len() - 1,
        }
    }

    fn may_call(&self) -> bool {
        self.held().inside.len() < DEPTH
    }

    /// The body of every callback.
    fn called(self: &Arc<Self>, called: Called) {
        self.log(Event::Called(called));
        self.held().inside.push(called);
        let _pop = OnDrop(|| {
            self.held().inside.pop();
        });
        let script = match called {
            Called::Function(number) => self.scripts.get(number).cloned().unwrap_or_default(),
            Called::Capturing(number) => self.held().captures[number].clone(),
        };
        for operation in &script {
            if self.held().take_fuel() {
                self.perform(operation);
                self.observe();
            }
        }
        self.log(Event::Returned(called));
    }

    fn observe(&self) {
        let registry = self.registry();
        let registry = registry.map(|registry| self.registry_seen(&registry));
        let mut held = self.held();
        let drops = held.drops.clone();
        held.log.push(Event::Seen(Seen { registry, drops }));
    }

    fn registry_seen(&self, registry: &Registry) -> RegistrySeen {
        let callback_seen = |named: Named| {
            let names = NAMES.into_iter();
            CallbackSeen {
                signals: with!(named, |callback| registry.signals(callback)),
                responds_to: names
                    .filter(|name| with!(named, |callback| registry.responds_to(callback, name)))
                    .collect(),
                calls_left: with!(named, |callback| registry.calls_left(callback)),
            }
        };
        let keys = self.held().keys.clone();
        let keys = keys.into_iter().map(Named::CallbackKey);
        let functions = (0..FUNCTIONS).map(Named::Function);
        RegistrySeen {
            keys: keys.map(callback_seen).collect(),
            functions: functions.map(callback_seen).collect(),
            names: NAMES.map(|name| name_seen(registry, name)).to_vec(),
            bound: registry.names(),
        }
    }
}

impl Held {
    /// The number of a key, new or not.
    fn number(&mut self, key: CallbackKey) -> usize {
        let known = self.keys.iter().position(|known| *known == key);
        known.unwrap_or_else(|| {
            self.keys.push(key);
            self.keys.len() - 1
        })
    }

    fn take_fuel(&mut self) -> bool {
        let left = self.fuel > 0;
        self.fuel -= usize::from(left);
        left
    }
}

fn string(name: Name) -> &'static str {
    NAMES[index_of(name)]
}

fn strings(names: &[Name]) -> Vec<&'static str> {
    names.iter().map(|&name| string(name)).collect()
}

fn signal(registry: &Registry, name: &str) -> Arc<Signal<(), Called>> {
    registry
        .signal(name)
        .expect("all names have this signature")
}

/// A slot of a signal; a null key if it has none.
fn pick_slot(signal: &Signal<(), Called>, pick: Pick) -> Connection {
    one_of(&signal.connections(), pick).unwrap_or_default()
}

/// A name is bound if it refuses other arguments.
fn is_bound(registry: &Registry, name: &str) -> bool {
    registry.emit(name, ("other",)).is_err()
}

fn name_seen(registry: &Registry, name: &str) -> NameSeen {
    // Asking for a signal that does not exist yet would create it.
    let has_signal = format!("{registry:?}").contains(&format!("{name:?}: \"() -> "));
    let slots = has_signal.then(|| signal(registry, name).slots());
    let slot_seen = |slot: smoke_signal::SlotInfo| SlotSeen {
        calls_left: slot.calls_left,
        blocked: slot.blocked,
    };
    NameSeen {
        is_bound: is_bound(registry, name),
        slots: slots.map(|slots| slots.into_iter().map(slot_seen).collect()),
    }
}
