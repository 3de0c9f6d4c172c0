//! What a spy records, and of which signals.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;

use smoke_signal::testing::Spy;
use smoke_signal::{Arg, Args, ByMut, ByRef, Connector, LocalSignal, Registry, Signal, local};

/// Emits signals of every arity with 1, 2, .. and checks what spies record, which add no result.
macro_rules! every_arity {
    ($kind:ident: $(($($type:ident $n:literal),*))*) => {$({
        type Arguments = ($($type,)*);

        let signal: $kind<Arguments, &str> = $kind::new();
        let spy = Spy::on(&signal);
        let mapped = Spy::map(&signal.connector(), |args| args);
        let slots = signal.len();
        signal.connect_tuple(|_| "result");
        assert_eq!(signal.emit($($n),*), ["result"]);
        assert_eq!(signal.emit_tuple(($($n,)*)), ["result"]);
        let expected: [Arguments; 2] = [($($n,)*); 2];
        assert_eq!((spy.calls(), mapped.calls()), (expected.to_vec(), expected.to_vec()));
        assert_eq!(slots, 2);
    })*};
    ($kind:ident) => {
        every_arity!($kind:
            () (u8 1) (u8 1, i16 2) (u8 1, i16 2, u32 3) (u8 1, i16 2, u32 3, i64 4)
            (u8 1, i16 2, u32 3, i64 4, u8 5) (u8 1, i16 2, u32 3, i64 4, u8 5, u8 6)
            (u8 1, i16 2, u32 3, i64 4, u8 5, u8 6, u8 7)
            (u8 1, i16 2, u32 3, i64 4, u8 5, u8 6, u8 7, u8 8)
        );
    };
}

#[test]
fn the_arguments_of_every_arity_are_recorded() {
    every_arity!(Signal);
    every_arity!(LocalSignal);
}

#[test]
fn emissions_are_recorded_in_order_until_they_are_taken() {
    let signal = Signal::<(u8, char)>::new();
    let spy = Spy::on(&signal);
    assert!(spy.is_empty());
    signal.emit(1, 'a');
    signal.emit(2, 'b');
    assert_eq!((spy.len(), spy.is_empty()), (2, false));
    assert_eq!(spy.calls(), [(1, 'a'), (2, 'b')]);
    assert_eq!(spy.calls(), [(1, 'a'), (2, 'b')]);
    assert_eq!(spy.take(), [(1, 'a'), (2, 'b')]);
    assert!(spy.is_empty() && spy.calls().is_empty() && spy.take().is_empty());
    signal.emit(3, 'c');
    assert_eq!((spy.len(), spy.calls()), (1, vec![(3, 'c')]));
}

#[test]
fn emissions_before_the_spy_are_not_recorded() {
    let signal = Signal::<(u8,)>::new();
    signal.emit(1);
    let spy = Spy::on(&signal);
    signal.emit(2);
    assert_eq!(spy.calls(), [(2,)]);
}

#[test]
fn a_spy_adds_no_result_whatever_slots_return() {
    let numbers = Signal::<(u8,), u8>::new();
    let early = Spy::on(&numbers);
    numbers.connect(|n| n);
    let late = Spy::on(&numbers);
    assert_eq!(numbers.emit(1), [1]);
    assert_eq!(numbers.calls(2).collect::<Vec<_>>(), [2]);
    assert_eq!((early.len(), late.len()), (2, 2));

    let never = Signal::<(), std::convert::Infallible>::new();
    let spy = Spy::on(&never);
    assert!(never.emit().is_empty());
    assert_eq!(spy.calls(), [()]);

    // Results that stay on their thread.
    let cells = Signal::<(u8,), Rc<Cell<u8>>>::new();
    let spy = Spy::on(&cells);
    cells.connect(|n| Rc::new(Cell::new(n)));
    assert_eq!(cells.emit(3), [Rc::new(Cell::new(3))]);
    assert_eq!(spy.calls(), [(3,)]);

    let local = LocalSignal::<(u8,), Rc<u8>>::new();
    let spy = Spy::on(&local);
    local.connect_mut(Rc::new);
    assert_eq!(local.emit(4), [Rc::new(4)]);
    assert_eq!(spy.calls(), [(4,)]);
}

#[test]
fn borrowed_arguments_are_recorded_through_a_closure() {
    let line = Signal::<(usize, ByRef<str>), bool>::new();
    let spy = Spy::map(&line, |(n, text)| format!("{n} {text}"));
    let text = String::from("lent");
    line.emit(1, &text);
    assert_eq!(spy.calls(), ["1 lent"]);

    let line = LocalSignal::<(ByRef<str>,)>::new();
    let spy = Spy::map(&line, |(text,)| Rc::<str>::from(text));
    line.emit(&text);
    assert_eq!(spy.calls(), [Rc::from("lent")]);
}

#[test]
fn a_changed_argument_is_recorded_as_the_slots_before_have_left_it() {
    let price = Signal::<(ByMut<u32>,)>::new();
    price.connect(|cents| *cents += 50);
    let spy = Spy::map(&price, |(cents,)| *cents);
    price.connect(|cents| *cents *= 2);
    let mut cents = 100;
    price.emit(&mut cents);
    assert_eq!((spy.take(), cents), (vec![150], 300));

    // A spy may change it too, as any slot.
    let change = Spy::map(&price, |(cents,)| *cents -= 1);
    price.emit(&mut cents);
    assert_eq!((spy.take(), cents, change.len()), (vec![350], 699, 1));
}

#[test]
fn a_marker_of_ones_own_is_recorded_through_a_closure() {
    enum Selected {}
    impl Arg for Selected {
        type In<'a> = Option<&'a str>;
        fn lend<'s>(held: &'s mut Option<&'_ str>) -> Option<&'s str> {
            *held
        }
    }
    let selected = Signal::<(Selected,)>::new();
    let spy = Spy::map(&selected, |(name,)| name.map(str::len));
    let name = String::from("Ada");
    selected.emit(Some(&name));
    selected.emit(None);
    assert_eq!(spy.calls(), [Some(3), None]);
}

#[test]
fn items_may_be_of_any_type_that_the_emitting_threads_may_send() {
    #[derive(Clone, Debug, PartialEq)]
    struct NotSync(Cell<u8>);
    #[derive(Debug, PartialEq)]
    struct Token(u8);

    let signal = Signal::<(NotSync,)>::new();
    let spy = Spy::on(&signal);
    signal.emit(NotSync(Cell::new(1)));
    assert_eq!(spy.calls(), [(NotSync(Cell::new(1)),)]);

    // Arguments that cannot be sent can still be looked at.
    let signal = Signal::<(Rc<u8>,)>::new();
    let spy = Spy::map(&signal, |(n,)| *n);
    signal.emit(Rc::new(2));
    assert_eq!(spy.calls(), [2]);

    // What cannot be cloned can be taken.
    let spy = Spy::map(&signal, |(n,)| Token(*n));
    signal.emit(Rc::new(3));
    assert_eq!(spy.take(), [Token(3)]);
}

#[test]
fn spies_on_a_local_signal_may_hold_what_stays_on_the_thread() {
    let signal = LocalSignal::<(Rc<RefCell<Vec<u8>>>,)>::new();
    let whole = Spy::on(&signal);
    let total = Rc::new(Cell::new(0));
    let counted = Rc::clone(&total);
    let spy = Spy::map(&signal, move |(list,)| {
        counted.set(counted.get() + list.borrow().len());
        Rc::downgrade(&list)
    });
    let list = Rc::new(RefCell::new(vec![1, 2]));
    signal.emit(Rc::clone(&list));
    assert!(Rc::ptr_eq(&whole.calls()[0].0, &list));
    assert!(Rc::ptr_eq(&spy.take()[0].upgrade().unwrap(), &list));
    assert_eq!(total.get(), 2);
}

#[test]
fn several_signals_are_recorded_in_one_order() {
    #[derive(Clone, Debug, PartialEq)]
    enum Seen {
        Opened(String),
        Line(usize),
        Closed,
    }
    use Seen::{Closed, Line, Opened};

    let opened = Signal::<(String,), bool>::new();
    let line = LocalSignal::<(ByRef<str>,)>::new();
    let closed = Arc::new(Signal::<()>::new());
    let spy = Spy::map(&opened, |(path,)| Opened(path))
        .and(&line, |(text,)| Line(text.len()))
        .and(&closed, |()| Closed)
        .and(&closed.connector(), |()| Closed);
    opened.emit("a".to_owned());
    line.emit("four");
    closed.emit();
    line.emit("");
    let [a, b] = ["a", "b"].map(|path| Opened(path.to_owned()));
    assert_eq!(spy.calls(), [a, Line(4), Closed, Closed, Line(0)]);
    opened.emit("b".to_owned());
    assert_eq!((spy.len(), spy.take().last()), (6, Some(&b)));
    drop(spy);
    assert!(opened.is_empty() && line.is_empty() && closed.is_empty());
}

#[test]
fn spies_listen_through_what_leads_to_a_signal() {
    struct Button {
        clicked: Signal<(u8,)>,
        moved: LocalSignal<(u8,)>,
    }
    impl Button {
        fn clicked(&self) -> Connector<'_, (u8,)> {
            self.clicked.connector()
        }
        fn moved(&self) -> local::Connector<'_, (u8,)> {
            self.moved.connector()
        }
    }

    let shared = Arc::new(Signal::<(u8,)>::new());
    let owned = Rc::new(LocalSignal::<(u8,)>::new());
    let twice = Rc::new(Arc::clone(&shared));
    let button = Button {
        clicked: Signal::new(),
        moved: LocalSignal::new(),
    };
    let spies = [
        Spy::on(&shared),
        Spy::on(&*shared),
        Spy::on(&&shared),
        Spy::on(&twice),
        Spy::on(&owned),
        Spy::on(&owned.as_ref()),
        Spy::on(&button.clicked()),
        Spy::on(&&button.clicked()),
        Spy::on(&button.moved()),
    ];
    shared.emit(1);
    owned.emit(1);
    button.clicked.emit(1);
    button.moved.emit(1);
    for (number, spy) in spies.iter().enumerate() {
        assert_eq!(spy.calls(), [(1,)], "spy {number}");
    }
}

/// What a signal of any owned arguments emits while `work` runs.
fn emitted<A>(signal: &Signal<A>, work: impl FnOnce()) -> Vec<A>
where
    A: for<'a> Args<In<'a> = A> + Send,
{
    let spy = Spy::on(signal);
    work();
    spy.take()
}

/// How often any signal is emitted while `work` runs.
fn times<A: Args, R>(signal: Connector<'_, A, R>, work: impl FnOnce()) -> usize {
    let spy = Spy::map(&signal, |_| ());
    work();
    spy.len()
}

#[test]
fn spies_work_in_code_that_is_generic_over_the_arguments() {
    let signal = Signal::<(u8, char)>::new();
    let seen = emitted(&signal, || drop(signal.emit(1, 'a')));
    assert_eq!(seen, [(1, 'a')]);
    let line = Signal::<(ByRef<str>,), u8>::new();
    assert_eq!(times(line.connector(), || drop(line.emit("x"))), 1);
}

#[test]
fn thread_locals_are_spied_on_where_they_are_lent() {
    thread_local! {
        static CLICKED: LocalSignal<(u8,)> = const { LocalSignal::new() };
    }
    let spy = CLICKED.with(|clicked| Spy::on(clicked));
    CLICKED.with(|clicked| clicked.emit(1));
    assert_eq!(spy.calls(), [(1,)]);
}

#[test]
fn the_signals_of_a_registry_are_spied_on_by_their_type() {
    let registry = Registry::new();
    registry.on("saved", |_path: String| ()).unwrap();
    let spy = Spy::on(&registry.signal::<(String,), ()>("saved").unwrap());
    assert_eq!(registry.emit("saved", ("a.txt".to_owned(),)), Ok(1));
    assert_eq!(spy.calls(), [("a.txt".to_owned(),)]);
}

#[test]
fn an_emission_is_recorded_after_those_that_earlier_slots_began() {
    let signal = Arc::new(Signal::<(u8,)>::new());
    let weak = Arc::downgrade(&signal);
    signal.connect(move |n| {
        if n > 0 {
            weak.upgrade().unwrap().emit(n - 1);
        }
    });
    let spy = Spy::on(&signal);
    signal.emit(2);
    assert_eq!(spy.calls(), [(0,), (1,), (2,)]);
}

#[test]
fn debug_output_says_how_much_is_recorded() {
    let signal = LocalSignal::<(u8,)>::new();
    let spy = Spy::on(&signal);
    signal.emit(1);
    signal.emit(2);
    assert_eq!(format!("{spy:?}"), "Spy { recorded: 2, .. }");
    spy.take();
    assert_eq!(format!("{spy:?}"), "Spy { recorded: 0, .. }");
}
