//! A small object with private signals: only the object emits them, others listen through connectors. A label shows
//! the value of a slider for as long as the label exists. A panel checks new values until it is dropped.
//!
//! ```text
//! cargo run --example widget
//! ```

use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Arc, Mutex};

use smoke_signal::{Connector, ScopedConnection, Signal};

/// A value that others can follow.
#[derive(Default)]
struct Slider {
    value: AtomicI32,
    changed: Signal<(i32,)>,
    accepts: Signal<(i32,), bool>,
}

impl Slider {
    /// Emitted with the new value after each change.
    fn changed(&self) -> Connector<'_, (i32,)> {
        self.changed.connector()
    }

    /// Emitted before each change. A slot that returns `false` prevents the change.
    fn accepts(&self) -> Connector<'_, (i32,), bool> {
        self.accepts.connector()
    }

    fn set(&self, value: i32) {
        if !self.accepts.calls(value).all(|yes| yes) {
            println!("{value} is refused");
        } else if self.value.swap(value, Ordering::Relaxed) != value {
            self.changed.emit(value);
        }
    }
}

/// Shows the latest value.
#[derive(Default)]
struct Label {
    text: Mutex<String>,
}

impl Label {
    fn show(&self, value: i32) {
        let text = format!("value: {value}");
        println!("label: {text}");
        *self.text.lock().unwrap() = text;
    }
}

/// Listens to a slider until it is dropped.
struct Panel {
    _connections: Vec<ScopedConnection>,
}

impl Panel {
    fn new(slider: &Slider) -> Self {
        let (changed, accepts) = (slider.changed(), slider.accepts());
        let alarm = changed.options().group(-1).connect(|value| {
            if value > 90 {
                println!("panel: {value} is high");
            }
        });
        Self {
            _connections: vec![
                changed.scoped(alarm),
                accepts.scoped(accepts.connect(|value| value <= 100)),
            ],
        }
    }
}

fn main() {
    let slider = Slider::default();
    let panel = Panel::new(&slider);
    let label = Arc::new(Label::default());
    let follows = slider.changed().connect_weak(&label, Label::show);
    println!("{:#?}", slider.changed());

    slider.set(95);
    slider.set(101);
    {
        let _quiet = slider.changed().block(follows);
        slider.set(96);
    }

    drop(panel);
    slider.set(101);
    assert_eq!(*label.text.lock().unwrap(), "value: 101");

    drop(label);
    slider.set(102);
    assert!(slider.changed().is_empty() && slider.accepts().is_empty());
    println!("nobody is listening");
}
