//! Warnings of many slots. The text of two modules, whose parents say which kind of signal it is about.

use tracing::Level;

use super::Signal;
use crate::tracing::log::{Log, events};

/// The warnings while this many slots are connected, one after the other.
fn warnings(signal: &Signal<()>, slots: usize) -> Vec<String> {
    let log = Log::at(Level::WARN);
    log.during(|| {
        for _ in 0..slots {
            signal.connect(|| ());
        }
    });
    log.take()
}

/// The numbers of slots at which it warned.
fn numbers(warnings: &[String]) -> Vec<usize> {
    let number = |text: &String| {
        let (_, number) = text.split_once("slots=")?;
        number.split(' ').next()?.parse().ok()
    };
    warnings.iter().filter_map(number).collect()
}

#[test]
fn a_signal_warns_above_its_limit_and_at_each_half_more() {
    let signal = Signal::new().named("leaky").warn_above(4);
    let told = warnings(&signal, 40);
    assert_eq!(numbers(&told), [5, 7, 10, 14, 20, 29]);
    assert_eq!(
        told[0],
        "WARN many slots are connected signal=leaky slots=5 connected_at=@+3 connected_there=5"
    );
    assert_eq!(warnings(&Signal::new(), 2000), [""; 0]);
}

#[test]
fn small_limits_warn_too() {
    assert_eq!(
        numbers(&warnings(&Signal::new().warn_above(0), 10)),
        [1, 2, 3, 4, 5, 7, 10]
    );
    assert_eq!(
        numbers(&warnings(&Signal::new().warn_above(1), 10)),
        [2, 3, 4, 5, 7, 10]
    );
}

#[test]
fn slots_that_leave_and_come_back_are_no_news() {
    let signal = Signal::new().warn_above(4);
    assert_eq!(numbers(&warnings(&signal, 6)), [5]);
    signal.disconnect_all();
    assert_eq!(numbers(&warnings(&signal, 8)), [7]);
}

#[test]
fn a_warning_names_the_line_that_connected_most_slots() {
    let signal = Signal::<()>::new().warn_above(5);
    signal.connect(|| ());
    for _ in 0..3 {
        signal.connect(|| ());
    }
    signal.connect(|| ());
    let told = events(|| signal.options().first().connect(|| ()));
    assert_eq!(
        told[1],
        "many slots are connected slots=6 connected_at=@-3 connected_there=3"
    );
}

#[test]
fn a_limit_that_was_passed_while_nobody_listened_is_told_later() {
    let signal = Signal::<()>::new().warn_above(4);
    for _ in 0..100 {
        signal.connect(|| ());
    }
    assert_eq!(numbers(&warnings(&signal, 60)), [101, 142]);
}
