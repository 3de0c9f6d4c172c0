//! Names and limits of signals, which mean something only with the feature `tracing`, and are accepted without it.

#[cfg(feature = "async")]
use smoke_signal::AsyncSignal;
use smoke_signal::{LocalSignal, Signal};

static SAVED: Signal<(u8,), u8> = Signal::new().named("saved").warn_above(2);
#[cfg(feature = "async")]
static FETCH: AsyncSignal<(u8,), u8> = AsyncSignal::new().named("fetch").warn_above(2);

thread_local! {
    static CLICKED: LocalSignal<(u8,), u8> =
        const { LocalSignal::new().named("clicked").warn_above(2) };
}

#[test]
fn names_and_limits_change_nothing_of_what_a_signal_does() {
    for nth in 0..4 {
        SAVED.connect(move |n| n + nth);
        CLICKED.with(|clicked| clicked.connect(move |n| n + nth));
    }
    assert_eq!(SAVED.emit(1), [1, 2, 3, 4]);
    CLICKED.with(|clicked| assert_eq!(clicked.emit(1), [1, 2, 3, 4]));
    assert_eq!(format!("{SAVED:?}"), "Signal { slots: 4, .. }");
    #[cfg(feature = "async")]
    {
        for nth in 0..4 {
            FETCH.connect(move |n| async move { n + nth });
        }
        let results = futures::executor::block_on(FETCH.emit(1));
        assert_eq!(results, [1, 2, 3, 4]);
    }
}

#[test]
fn a_signal_with_a_name_may_be_a_field() {
    struct Editor {
        saved: Signal<()>,
    }

    let editor = Editor {
        saved: Signal::new().named("saved"),
    };
    editor.saved.connect(|| ());
    assert_eq!(editor.saved.emit().len(), 1);
}

#[test]
fn a_name_takes_no_space_without_the_feature() {
    let most = if cfg!(feature = "tracing") { 32 } else { 16 };
    assert!(size_of::<Signal<(String, u64), String>>() <= most);
    assert!(size_of::<LocalSignal<(String, u64), String>>() <= most);
}
