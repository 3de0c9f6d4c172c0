//! An event bus: one signal for each type of event, so that parts of a program know the events and not each other.
//!
//! ```text
//! cargo run --example bus
//! ```

use std::any::{Any, TypeId, type_name};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use smoke_signal::{ScopedConnection, Signal};

/// Makes the signal of a type when it is first asked for.
#[derive(Default)]
struct Bus(Mutex<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>);

impl Bus {
    fn signal<E: Clone + 'static>(&self) -> Arc<Signal<(E,)>> {
        let mut signals = self.0.lock().expect("nobody panics with this lock");
        let signal = signals
            .entry(TypeId::of::<E>())
            .or_insert_with(|| Arc::new(Signal::<(E,)>::new()));
        Arc::clone(signal)
            .downcast()
            .expect("the signal of this type")
    }

    fn on<E: Clone + 'static>(&self, f: impl Fn(E) + Send + Sync + 'static) -> ScopedConnection {
        self.signal::<E>().connect_scoped(f)
    }

    /// Calls whoever listens to events of this type. The lock has been released, so they may use the bus.
    fn emit<E: Clone + 'static>(&self, event: E) {
        let signal = self.signal::<E>();
        if signal.is_empty() {
            println!("nobody listens to {}", type_name::<E>());
        }
        signal.emit(event);
    }
}

#[derive(Clone)]
struct Ordered {
    item: &'static str,
    cents: u32,
}

#[derive(Clone)]
struct Paid(u32);

#[derive(Clone)]
struct Shipped(&'static str);

/// Takes money for what is ordered.
fn till(bus: &Arc<Bus>) -> ScopedConnection {
    let pays = Arc::downgrade(bus); // the bus owns this slot, which must not own the bus
    bus.on(move |order: Ordered| {
        if let Some(bus) = pays.upgrade() {
            bus.emit(Paid(order.cents));
        }
    })
}

/// Ships what is ordered.
fn depot(bus: &Arc<Bus>) -> ScopedConnection {
    let ships = Arc::downgrade(bus);
    bus.on(move |order: Ordered| {
        if let Some(bus) = ships.upgrade() {
            bus.emit(Shipped(order.item));
        }
    })
}

fn main() {
    let bus = Arc::new(Bus::default());
    let parts = [till(&bus), depot(&bus)];
    let _books = bus.on(|Paid(cents)| println!("{cents} cents are in the till"));
    let _door = bus.on(|Shipped(item)| println!("{item} is on its way"));
    bus.emit(Ordered {
        item: "tea",
        cents: 450,
    });
    drop(parts);
    bus.emit(Ordered {
        item: "coffee",
        cents: 520,
    });
}
