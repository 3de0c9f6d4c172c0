//! Runs programs with this library.

use std::cell::{Cell, RefCell};
use std::panic::{self, AssertUnwindSafe};
use std::rc::Rc;

use smoke_signal::Registry;

use super::program::{CALLBACKS, Callback, NAMES, Name, Operation, Program};
use crate::common::{OnDrop, throw};

/// How much scripts may do, as in original.py.
const FUEL: usize = 60;
const DEPTH: usize = 3;

thread_local! {
    /// The machine whose callbacks are called.
    static MACHINE: RefCell<Option<Rc<Machine>>> = const { RefCell::new(None) };
}

fn call(index: Callback, argument: &str) {
    let machine = MACHINE.with_borrow(Option::clone);
    machine
        .expect("a program is running")
        .called(index, argument);
}

fn c0() {
    call(0, "");
}

fn c1() {
    call(1, "");
}

fn c2() {
    call(2, "");
}

fn c3(n: u32) {
    call(3, &format!(" {n}"));
}

fn c4(n: u32) {
    call(4, &format!(" {n}"));
}

/// Evaluates an expression with the callback that has this number.
macro_rules! with {
    ($index:expr, $callback:ident => $body:expr) => {
        match $index {
            0 => with!(@ c0, $callback, $body),
            1 => with!(@ c1, $callback, $body),
            2 => with!(@ c2, $callback, $body),
            3 => with!(@ c3, $callback, $body),
            _ => with!(@ c4, $callback, $body),
        }
    };
    (@ $function:ident, $callback:ident, $body:expr) => {{
        let $callback = $function;
        $body
    }};
}

struct Machine {
    registry: Registry,
    scripts: Vec<Vec<Operation>>,
    trace: RefCell<Vec<String>>,
    fuel: Cell<usize>,
    depth: Cell<usize>,
}

/// Runs a program, and returns its trace.
pub(super) fn run(program: &Program) -> String {
    let machine = Rc::new(Machine {
        registry: Registry::new(),
        scripts: program.scripts.clone(),
        trace: RefCell::default(),
        fuel: Cell::new(FUEL),
        depth: Cell::new(0),
    });
    MACHINE.set(Some(Rc::clone(&machine)));
    for step in &program.steps {
        if panic::catch_unwind(AssertUnwindSafe(|| machine.run(step))).is_err() {
            machine.record("raised".to_owned());
        }
        let names = (0..CALLBACKS).map(|callback| machine.names(callback));
        machine.record(format!("sees {}", Vec::from_iter(names).join(",")));
    }
    MACHINE.set(None);
    machine.trace.take().join(";")
}

fn texts(names: &[Name]) -> Vec<&'static str> {
    names.iter().map(|name| NAMES[*name]).collect()
}

impl Machine {
    fn record(&self, event: String) {
        self.trace.borrow_mut().push(event);
    }

    fn called(&self, index: Callback, argument: &str) {
        self.record(format!("call {index}{argument}"));
        if self.depth.get() == DEPTH {
            return;
        }
        self.depth.set(self.depth.get() + 1);
        let _leaves = OnDrop(|| self.depth.set(self.depth.get() - 1));
        for operation in &self.scripts[index] {
            self.run(operation);
        }
    }

    fn names(&self, callback: Callback) -> String {
        with!(callback, callback => self.registry.signals(callback)).concat()
    }

    fn run(&self, operation: &Operation) {
        if self.fuel.get() == 0 {
            return;
        }
        self.fuel.set(self.fuel.get() - 1);
        let registry = &self.registry;
        match operation {
            Operation::On(names, callback, limit) => {
                let names = texts(names);
                with!(*callback, callback => match limit {
                    None => registry.on(names, callback),
                    Some(limit) => registry.on_max(names, *limit, callback),
                })
                .expect("names have the types of their callbacks");
            }
            Operation::Once(names, callback) => {
                with!(*callback, callback => registry.once(texts(names), callback))
                    .expect("names have the types of their callbacks");
            }
            Operation::Emit(name, value) => self.emit(*name, *value),
            Operation::Emitting(enter, exit, body) => {
                let exit = NAMES[*exit];
                let guard = match enter {
                    Some(enter) => registry.emitting_between(NAMES[*enter], exit),
                    None => registry.emitting(exit),
                };
                let _guard = guard.expect("these names have no arguments");
                for operation in body {
                    self.run(operation);
                }
            }
            Operation::Disconnect(callback) => {
                with!(*callback, callback => registry.disconnect(callback));
            }
            Operation::DisconnectFrom(callback, names) => {
                with!(*callback, callback => registry.disconnect_from(callback, texts(names)));
            }
            Operation::Clear(names) => registry.clear(texts(names)),
            Operation::ClearAll => registry.clear_all(),
            Operation::Signals(callback) => {
                self.record(format!("signals {callback} {}", self.names(*callback)));
            }
            Operation::RespondsTo(index, name) => {
                let name = NAMES[*name];
                let responds = with!(*index, callback => registry.responds_to(callback, name));
                self.record(format!("responds_to {index} {name} {responds}"));
            }
            Operation::Throw => throw("raised"),
        }
    }

    fn emit(&self, name: Name, value: u32) {
        let emitted = if name < super::program::PLAIN {
            self.registry.emit(NAMES[name], ())
        } else {
            self.registry.emit(NAMES[name], (value,))
        };
        emitted.expect("names have the types of their callbacks");
    }
}
