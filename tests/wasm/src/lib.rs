//! What a page would do: a model, and a view that changes what it captured.

use std::cell::RefCell;
use std::rc::Rc;

use smoke_signal::LocalSignal;

thread_local! {
    static CLICKED: LocalSignal<(u32,), u32> = const { LocalSignal::new() };
}

/// Connects slots and emits. Returns what the slots made of it: 1 + 2 + 3 clicks, and the length of the text.
#[unsafe(no_mangle)]
pub extern "C" fn run() -> u32 {
    let shown = Rc::new(RefCell::new(String::new()));
    CLICKED.with(|clicked| {
        let mut sum = 0;
        clicked.connect_mut(move |clicks| {
            sum += clicks;
            sum
        });
        let view = Rc::clone(&shown);
        let view = clicked.connect_scoped(move |clicks| {
            view.borrow_mut().push_str("click");
            clicks
        });
        clicked.emit(1);
        clicked.emit(2);
        drop(view);
        clicked.emit(3)[0] * 100 + u32::try_from(shown.borrow().len()).unwrap_or(0)
    })
}
