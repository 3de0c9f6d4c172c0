//! What an async signal shares with a signal: options, weak slots, waiting, blocking, every arity.

use std::cell::Cell;
use std::future::ready;
use std::rc::Rc;
use std::sync::Arc;
use std::thread;

use futures::executor::block_on;
use smoke_signal::{AsyncSignal, ByMut, ByRef, Connection, WaitError};

use super::{Gate, assert_pending};

#[test]
fn options_order_async_slots() {
    let signal = AsyncSignal::<(), char>::new();
    signal.options().group(1).connect(|| async { 'd' });
    signal.connect(async || 'b');
    signal.options().first().connect(|| ready('a'));
    let once = signal.options().group(2).once(|| async { 'f' });
    signal
        .options()
        .group(1)
        .connect_with_key(|_| || ready('e'));
    let object = Arc::new('c');
    let weak = signal
        .options()
        .connect_weak(&object, |object| ready(*object));
    assert_eq!(block_on(signal.emit()), ['a', 'b', 'c', 'd', 'e', 'f']);
    assert!(!signal.contains(once));
    assert!(signal.contains(weak));
    drop(object);
    assert!(!signal.contains(weak));
    assert_eq!(block_on(signal.emit()), ['a', 'b', 'd', 'e']);
    let options = signal.options().max_calls(2).group(3);
    let copied = options;
    options.connect(|| ready('x'));
    copied.connect(|| ready('y'));
    assert_eq!(
        signal.slots()[4..]
            .iter()
            .map(|slot| (slot.group, slot.calls_left))
            .collect::<Vec<_>>(),
        [(3, Some(2)); 2]
    );
}

#[test]
fn a_weak_slot_is_disconnected_with_its_object_while_its_future_is_pending() {
    let signal = AsyncSignal::<(), String>::new();
    let (gate, object) = (Gate::new(), Arc::new(String::from("kept")));
    let wait = Arc::clone(&gate);
    signal.connect_weak(&object, move |object| {
        let (wait, text) = (wait.wait(), String::clone(&object));
        async {
            wait.await;
            text
        }
    });
    let mut emission = signal.emit();
    assert_pending(&mut emission);
    drop(object);
    assert!(signal.is_empty());
    gate.open();
    assert_eq!(block_on(emission), ["kept"]);
}

#[test]
fn disconnect_and_wait_does_not_wait_for_the_future() {
    let signal = AsyncSignal::<()>::new();
    let gate = Gate::new();
    let wait = Arc::clone(&gate);
    let slot = signal.options().waitable().connect(move || wait.wait());
    let not_waitable = signal.connect(|| ready(()));
    let mut emission = signal.emit();
    assert_pending(&mut emission);
    assert_eq!(signal.disconnect_and_wait(slot), Ok(true));
    assert_eq!(
        signal.disconnect_and_wait(not_waitable),
        Err(WaitError::NotWaitable)
    );
    gate.open();
    assert_eq!(block_on(emission), [(), ()]);
}

#[test]
fn other_methods_are_those_of_a_signal() {
    let signal = AsyncSignal::<(), u8>::new();
    let line = line!() + 1;
    let slot = signal.connect(|| ready(1));
    let info = signal.slots()[0];
    assert_eq!((info.connection, info.weak), (slot, false));
    assert_eq!(
        (info.location.file(), info.location.line()),
        (file!(), line)
    );
    let lines = line!();
    signal.once(|| ready(2));
    signal.connect_with_key(|_| || ready(3));
    signal.connect_weak(&Arc::new(()), |_| ready(4));
    signal.options().connect(|| ready(5));
    signal.options().once(|| ready(6));
    signal.options().connect_with_key(|_| || ready(7));
    for info in &signal.slots()[1..] {
        assert!((lines + 1..=lines + 6).contains(&info.location.line()));
        assert_eq!(info.location.file(), file!());
    }
    assert_eq!(signal.connections().len(), signal.len());
    let all = signal.block_all();
    assert!(signal.is_blocked(slot));
    assert_eq!(block_on(signal.emit()), []);
    drop(all);
    drop(signal.scoped(slot));
    assert!(!signal.contains(slot));
    assert!(format!("{signal:?}").starts_with("AsyncSignal(Signal"));
    signal.disconnect_all();
    assert!(signal.is_empty());
    assert!(AsyncSignal::<(u8,)>::default().is_empty());
}

#[test]
fn max_calls_0_never_connects_an_async_slot() {
    let signal = AsyncSignal::<(), u8>::new();
    let slot = signal.options().max_calls(0).connect(|| ready(1));
    let once = signal.options().max_calls(0).once(|| ready(1));
    assert!(!signal.contains(slot) && !signal.contains(once));
    assert_eq!(block_on(signal.emit()), []);
}

fn sum(parts: &[u8]) -> u32 {
    parts.iter().copied().map(u32::from).sum()
}

/// Every way to connect to a signal with these arguments, without argument types in the closures.
macro_rules! arity {
    ($sum:literal: $($a:ident $T:ty = $value:literal),*) => {{
        #[allow(clippy::too_many_arguments, reason = "8 is what signals allow")]
        async fn function($($a: $T),*) -> u32 {
            sum(&[$($a),*])
        }
        let signal: AsyncSignal<($($T,)*), u32> = AsyncSignal::new();
        let object = Arc::new(100);
        let keyed = |_: Connection| async |$($a),*| sum(&[$($a),*]);
        signal.connect(|$($a),*| async move { sum(&[$($a),*]) });
        signal.connect(async |$($a),*| sum(&[$($a),*]));
        signal.connect(|$($a),*| ready(sum(&[$($a),*])));
        signal.connect(function);
        signal.once(|$($a),*| async move { sum(&[$($a),*]) });
        signal.once(async |$($a),*| sum(&[$($a),*]));
        signal.once(function);
        signal.connect_with_key(|_| |$($a),*| async move { sum(&[$($a),*]) });
        signal.connect_with_key(|_| function);
        signal.connect_with_key(keyed);
        signal.options().connect(|$($a),*| async move { sum(&[$($a),*]) });
        signal.options().connect(async |$($a),*| sum(&[$($a),*]));
        signal.options().once(|$($a),*| ready(sum(&[$($a),*])));
        signal.options().connect_with_key(|_| |$($a),*| ready(sum(&[$($a),*])));
        assert_eq!(block_on(signal.emit($($value),*)), [$sum; 14]);
        signal.disconnect_all();
        signal.connect_weak(&object, |object, $($a),*| {
            let object = *object;
            async move { object + sum(&[$($a),*]) }
        });
        signal.options().connect_weak(&object, |object, $($a),*| ready(*object + sum(&[$($a),*])));
        assert_eq!(block_on(signal.emit($($value),*)), [100 + $sum; 2]);
    }};
}

#[test]
fn arities_0_to_4_infer() {
    arity!(0:);
    arity!(1: a u8 = 1);
    arity!(3: a u8 = 1, b u8 = 2);
    arity!(6: a u8 = 1, b u8 = 2, c u8 = 3);
    arity!(10: a u8 = 1, b u8 = 2, c u8 = 3, d u8 = 4);
}

#[test]
fn arities_5_to_8_infer() {
    arity!(15: a u8 = 1, b u8 = 2, c u8 = 3, d u8 = 4, e u8 = 5);
    arity!(21: a u8 = 1, b u8 = 2, c u8 = 3, d u8 = 4, e u8 = 5, f u8 = 6);
    arity!(28: a u8 = 1, b u8 = 2, c u8 = 3, d u8 = 4, e u8 = 5, f u8 = 6, g u8 = 7);
    arity!(36: a u8 = 1, b u8 = 2, c u8 = 3, d u8 = 4, e u8 = 5, f u8 = 6, g u8 = 7, h u8 = 8);
}

#[test]
fn borrowed_arguments_last_as_long_as_the_call() {
    let signal = AsyncSignal::<(ByRef<str>, ByMut<Vec<u8>>), usize>::new();
    signal.connect(|text, list| {
        list.push(1);
        let text = text.to_owned();
        async move { text.len() }
    });
    signal.once(|text, list| {
        list.push(2);
        ready(text.len() + 1)
    });
    signal.connect_with_key(|_| {
        |text: &str, list: &mut Vec<u8>| {
            list.push(3);
            ready(text.len() + 2)
        }
    });
    signal.connect_weak(&Arc::new(()), |_, _, _| ready(0));
    let mut list = Vec::new();
    let emission = {
        let text = String::from("four");
        signal.emit(&text, &mut list)
    };
    assert_eq!(list, [1, 2, 3], "borrowed only during `emit`");
    assert_eq!(block_on(emission), [4, 5, 6]);
}

#[test]
fn results_need_be_neither_clone_nor_sync_nor_send() {
    let cells = AsyncSignal::<(), Cell<u8>>::new();
    cells.connect(|| async { Cell::new(1) });
    let emission = cells.emit();
    let results = thread::spawn(|| block_on(emission)).join().unwrap();
    assert_eq!(results, [Cell::new(1)]);

    let shared = AsyncSignal::<(), Rc<u8>>::new();
    shared.connect(|| async { Rc::new(2) });
    assert_eq!(block_on(shared.emit()), [Rc::new(2)]);

    let local = AsyncSignal::<(Rc<u8>,), u8>::new();
    local.connect(|n| ready(*n));
    let emission = local.emit(Rc::new(3));
    assert_eq!(thread::spawn(|| block_on(emission)).join().unwrap(), [3]);
}

#[test]
fn cloned_options_equal_copied_ones() {
    let signal = AsyncSignal::<(), char>::new();
    let options = signal.options().group(-1);
    signal.connect(|| ready('b'));
    #[allow(clippy::clone_on_copy)]
    options.clone().connect(|| ready('a'));
    assert_eq!(block_on(signal.emit()), ['a', 'b']);
}
