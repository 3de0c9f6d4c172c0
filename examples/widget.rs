//! A small object with private signals: it alone emits, others listen through connectors.
//!
//! A slider has a value and tells when it changes. A label follows it as long as the label lives, a
//! validator may refuse a value, and a panel owns its connections: they go when it does.
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
    /// Emitted with the new value, after each change.
    fn changed(&self) -> Connector<'_, (i32,)> {
        self.changed.connector()
    }

    /// Asked before each change: a slot that answers `false` prevents it.
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

/// Shows the last value that it was told of.
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

/// Listens to a slider as long as it exists.
struct Panel {
    _listens: Vec<ScopedConnection>,
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
            _listens: vec![
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
