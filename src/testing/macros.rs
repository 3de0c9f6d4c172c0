//! Assertions on what is emitted while an expression runs.

/// Asserts that while an expression runs, this thread emits a signal exactly with these arguments, in this order.
/// Evaluates to the value of the expression.
///
/// ```
/// use smoke_signal::{Signal, assert_emitted};
///
/// static SAVED: Signal<(String,)> = Signal::new();
///
/// fn save(path: &str) -> usize {
///     SAVED.emit(path.to_owned());
///     path.len()
/// }
///
/// let length = assert_emitted!(SAVED, [("a.txt".to_owned(),)] => save("a.txt"));
/// assert_eq!(length, 5);
/// assert_emitted!(SAVED, [("a".to_owned(),), ("b".to_owned(),)] => {
///     save("a");
///     save("b");
/// });
/// assert_emitted!(SAVED, [] => 1 + 1);
/// ```
///
/// The first argument is whatever a [`Spy`](crate::testing::Spy) can listen to: a signal, a connector, a reference, an
/// `Arc`, an `Rc`. All arguments of the signal must be owned. If some are borrowed, record what matters of them with
/// [`Spy::map`](crate::testing::Spy::map), and compare that. The second argument is an array of tuples. It is evaluated
/// before the expression.
///
/// What other threads emit meanwhile does not count, so parallel tests of one `static` do not disturb each other. If the
/// code under test emits on threads of its own, [wait](crate::testing::Spy::wait) for that with a `Spy`.
///
/// The expression stands where it is written, not in a closure. It may await; the future in which it does is not `Send`.
/// `?` and `return` leave the function, and nothing is asserted. A panic in the expression goes on, and the spy
/// disconnects.
///
/// # Panics
///
/// If the emissions are not the expected ones. The message shows both:
///
/// ```text
/// assertion failed: `SAVED` was not emitted as expected
///   expected: ("a.txt",)
///             ("b.txt",)
///       seen: ("b.txt",)
/// ```
#[macro_export]
macro_rules! assert_emitted {
    ($signal:expr, $expected:expr => $expression:expr $(,)?) => {{
        let spy = $crate::testing::Spy::on(&$signal).this_thread();
        let expected = spy.expecting($expected);
        let value = $expression;
        $crate::testing::assert_recorded(::core::stringify!($signal), &spy, expected);
        value
    }};
}

/// Asserts that while an expression runs, this thread does not emit a signal. Evaluates to the value of the expression.
///
/// This is [`assert_emitted!`] with an empty list, but the arguments of the signal may be borrowed: it is enough that they
/// are `Debug`.
///
/// ```
/// use smoke_signal::{ByRef, Signal, assert_not_emitted};
///
/// static LINE: Signal<(ByRef<str>,)> = Signal::new();
///
/// fn read(text: &str) -> usize {
///     text.lines().inspect(|line| drop(LINE.emit(line))).count()
/// }
///
/// assert_eq!(assert_not_emitted!(LINE => read("")), 0);
/// ```
///
/// # Panics
///
/// If the signal is emitted. The message shows with what, as that of [`assert_emitted!`].
#[macro_export]
macro_rules! assert_not_emitted {
    ($signal:expr => $expression:expr $(,)?) => {{
        let spy =
            $crate::testing::Spy::map(&$signal, |args| ::std::format!("{args:?}")).this_thread();
        let value = $expression;
        $crate::testing::assert_nothing_recorded(::core::stringify!($signal), &spy);
        value
    }};
}
