//! A program without the standard library, with a panic handler of its own: if smoke-signal pulled `std` in, there would be
//! two, and it would not link. It uses every part of what is left, and exits with 0 if that did what it should.
#![no_std]
#![no_main]

extern crate alloc;

use alloc::alloc::{GlobalAlloc, Layout};
use alloc::format;
use alloc::rc::{Rc, Weak};
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::{Cell, RefCell};
use core::ffi::{c_char, c_int};
use core::panic::PanicInfo;

use smoke_signal::local::{BlockGuard, ScopedConnection};
use smoke_signal::{ByMut, ByRef, Connection, LocalSignal, Returns, SlotInfo};

struct Malloc;

// SAFETY: `malloc` and `free` are an allocator, for alignments up to that of the largest scalar.
unsafe impl GlobalAlloc for Malloc {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        assert!(layout.align() <= 16);
        unsafe { libc::malloc(layout.size()).cast() }
    }

    unsafe fn dealloc(&self, memory: *mut u8, _: Layout) {
        unsafe { libc::free(memory.cast()) }
    }
}

#[global_allocator]
static ALLOCATOR: Malloc = Malloc;

#[panic_handler]
fn panic(info: &PanicInfo) -> ! {
    let message = format!("{info}\n");
    unsafe {
        libc::write(2, message.as_ptr().cast(), message.len());
        libc::exit(101)
    }
}

/// The precompiled `alloc` refers to these two, which `std` would define. With `panic = "abort"`, nothing calls them.
#[unsafe(no_mangle)]
extern "C" fn rust_eh_personality() {}

#[unsafe(no_mangle)]
extern "C" fn _Unwind_Resume() -> ! {
    unsafe { libc::abort() }
}

#[unsafe(no_mangle)]
pub extern "C" fn main(_: c_int, _: *const *const c_char) -> c_int {
    slots_are_called();
    a_slot_changes_what_it_captured();
    handles_end();
    objects_are_not_kept_alive();
    let message = "no_std: ok\n";
    unsafe { libc::write(1, message.as_ptr().cast(), message.len()) };
    0
}

fn slots_are_called() {
    let signal = LocalSignal::<(ByRef<str>, ByMut<u32>), usize>::new();
    let slot: Connection = signal.connect(|text, n| {
        *n += 1;
        text.len()
    });
    signal
        .options()
        .first()
        .max_calls(1)
        .connect(|_, n| *n as usize);
    let mut n = 7;
    let results: Returns<usize> = signal.emit("four", &mut n);
    assert_eq!(results, [7, 4]);
    assert_eq!(n, 8);
    assert_eq!(signal.calls("", &mut n).keyed().next(), Some((slot, 0)));
    let infos: Vec<SlotInfo> = signal.slots();
    assert!(infos.len() == 1 && infos[0].location.file().ends_with("main.rs"));
    drop(signal.emitting("", &mut n));
    assert_eq!(n, 10);
}

fn a_slot_changes_what_it_captured() {
    let signal = Rc::new(LocalSignal::<(), u32>::new());
    let weak = Rc::downgrade(&signal);
    let mut calls = 0;
    signal.connect_mut(move || {
        calls += 1;
        assert!(
            weak.upgrade()
                .is_some_and(|signal| signal.emit().is_empty())
        );
        calls
    });
    assert_eq!(signal.emit(), [1]);
    assert_eq!(signal.emit(), [2]);
    assert_eq!(signal.slots()[0].missed, 2);
}

fn handles_end() {
    let signal = LocalSignal::<()>::new();
    let heard = Rc::new(Cell::new(0));
    let hear = Rc::clone(&heard);
    let scoped: ScopedConnection = signal.connect_scoped(move || hear.set(hear.get() + 1));
    let blocked: BlockGuard = signal.block_all();
    signal.emit();
    drop(blocked);
    signal.emit();
    assert_eq!((heard.get(), signal.len()), (1, 1));
    drop(scoped);
    assert_eq!(Rc::strong_count(&heard), 1);
}

fn objects_are_not_kept_alive() {
    struct Label(RefCell<String>);

    let renamed = LocalSignal::<(String,)>::new();
    let label = Rc::new_cyclic(|this: &Weak<Label>| {
        renamed.connect_weak(this, |label, text| *label.0.borrow_mut() = text);
        Label(RefCell::default())
    });
    renamed.emit(String::from("Ada"));
    assert_eq!(*label.0.borrow(), "Ada");
    drop(label);
    assert!(renamed.is_empty());
}
