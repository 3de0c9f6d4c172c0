//! Streams, `next` and emissions in `select!`, which takes them without `fuse`.

use std::future::ready;
use std::thread;

use futures::executor::block_on;
use futures::{StreamExt, select};
use smoke_signal::{AsyncSignal, Failure, Signal};

#[test]
fn a_loop_selects_from_two_streams_until_both_have_ended() {
    let keys: Signal<(char,)> = Signal::new();
    let clicks: Signal<(u32, u32), bool> = Signal::new();
    let (mut key, mut click) = (keys.stream(64), clicks.stream(64));
    let emitters = thread::spawn(move || {
        for n in 0..10 {
            keys.emit('k');
            clicks.emit(n, n);
        }
        clicks.disconnect_all();
    });
    let (pressed, clicked, ended) = block_on(async {
        let (mut pressed, mut clicked, mut ended) = (0, 0, 0);
        loop {
            select! {
                item = key.next() => match item {
                    Some(_) => pressed += 1,
                    None => ended += 1,
                },
                item = click.next() => match item {
                    Some(_) => clicked += 1,
                    None => ended += 1,
                },
                complete => break,
            }
        }
        (pressed, clicked, ended)
    });
    emitters.join().unwrap();
    assert_eq!(
        (pressed, clicked, ended),
        (10, 10, 2),
        "each end is seen once"
    );
}

#[test]
fn select_next_some_ends_with_the_streams() {
    let keys: Signal<(char,)> = Signal::new();
    let mut key = keys.stream(4);
    keys.emit('a');
    keys.emit('b');
    drop(keys);
    let text = block_on(async {
        let mut text = String::new();
        loop {
            select! {
                (letter,) = key.select_next_some() => text.push(letter),
                complete => return text,
            }
        }
    });
    assert_eq!(text, "ab");
}

#[test]
fn a_loop_selects_each_future_once() {
    let keys: Signal<(char,), u8> = Signal::new();
    let answers: AsyncSignal<(), Result<u8, ()>> = AsyncSignal::new();
    answers.connect(|| ready(Ok(1)));
    answers.connect(async || Err(()));
    let mut next = keys.next();
    let mut plain = answers.emit();
    let mut handled = answers.emit().errback(|_: Failure<()>| Ok::<_, ()>(2));
    let mut caught = answers.emit().catch_unwind();
    keys.emit('k');
    let selected = block_on(async {
        let mut selected = Vec::new();
        loop {
            select! {
                key = next => selected.push(key == Some(('k',))),
                results = plain => selected.push(results == [Ok(1), Err(())]),
                results = handled => selected.push(results == [Ok(1), Ok(2)]),
                results = caught => selected.push(results.iter().all(Result::is_ok)),
                complete => break,
            }
        }
        selected
    });
    assert_eq!(selected, [true; 4]);
}
