//! Closures need no annotations, whatever the number of arguments.

use smoke_signal::{Queue, Signal};

use super::Seen;

/// Connects in every way, and calls a method of each argument, for which its type must be known.
macro_rules! every_way {
    ($test:ident: $($T:ty, $a:ident = $value:expr, use $used:expr => $made:expr);*) => {
        #[test]
        fn $test() {
            let signal: Signal<($($T,)*), bool> = Signal::new();
            let (queue, seen) = (Queue::new(8), Seen::<Vec<usize>>::new());
            let record = seen.clone();
            queue.connect(&signal, move |$($a),*| record.add(vec![$($used),*]));
            let record = seen.clone();
            let mut calls = 0;
            queue.connect(&signal.connector(), move |$($a),*| {
                calls += 1;
                record.add(vec![$($used),*]);
                assert_eq!(calls, 1);
            });
            let record = seen.clone();
            queue.connect_tuple(&signal, move |($($a,)*)| record.add(vec![$($used),*]));
            let record = seen.clone();
            queue.connect_tuple(&signal.connector(), move |($($a,)*)| record.add(vec![$($used),*]));
            assert!(signal.emit($($value),*).is_empty());
            assert_eq!(queue.drain(), 4);
            let expected: Vec<usize> = vec![$($made),*];
            assert_eq!(seen.take(), vec![expected; 4]);
        }
    };
}

every_way!(no_argument:);
every_way!(one_argument: String, a = "a".to_owned(), use a.len() => 1);
every_way!(two_arguments:
    String, a = "a".to_owned(), use a.len() => 1;
    Vec<u8>, b = vec![1, 2], use b.len() => 2);
every_way!(three_arguments:
    String, a = "a".to_owned(), use a.len() => 1;
    Vec<u8>, b = vec![1, 2], use b.len() => 2;
    &'static str, c = "three", use c.len() => 5);
every_way!(four_arguments:
    String, a = "a".to_owned(), use a.len() => 1;
    Vec<u8>, b = vec![1, 2], use b.len() => 2;
    &'static str, c = "three", use c.len() => 5;
    Option<usize>, d = Some(4), use d.unwrap_or_default() => 4);
every_way!(five_arguments:
    String, a = "a".to_owned(), use a.len() => 1;
    Vec<u8>, b = vec![1, 2], use b.len() => 2;
    &'static str, c = "three", use c.len() => 5;
    Option<usize>, d = Some(4), use d.unwrap_or_default() => 4;
    u8, e = 5, use usize::from(e.count_ones() > 0) => 1);
every_way!(six_arguments:
    String, a = "a".to_owned(), use a.len() => 1;
    Vec<u8>, b = vec![1, 2], use b.len() => 2;
    &'static str, c = "three", use c.len() => 5;
    Option<usize>, d = Some(4), use d.unwrap_or_default() => 4;
    u8, e = 5, use usize::from(e.count_ones() > 0) => 1;
    [u8; 6], f = [0; 6], use f.len() => 6);
every_way!(seven_arguments:
    String, a = "a".to_owned(), use a.len() => 1;
    Vec<u8>, b = vec![1, 2], use b.len() => 2;
    &'static str, c = "three", use c.len() => 5;
    Option<usize>, d = Some(4), use d.unwrap_or_default() => 4;
    u8, e = 5, use usize::from(e.count_ones() > 0) => 1;
    [u8; 6], f = [0; 6], use f.len() => 6;
    (u8, usize), g = (0, 7), use g.1.max(1) => 7);
every_way!(eight_arguments:
    String, a = "a".to_owned(), use a.len() => 1;
    Vec<u8>, b = vec![1, 2], use b.len() => 2;
    &'static str, c = "three", use c.len() => 5;
    Option<usize>, d = Some(4), use d.unwrap_or_default() => 4;
    u8, e = 5, use usize::from(e.count_ones() > 0) => 1;
    [u8; 6], f = [0; 6], use f.len() => 6;
    (u8, usize), g = (0, 7), use g.1.max(1) => 7;
    Result<usize, String>, h = Ok(8), use h.unwrap() => 8);
