//! The functions of the module, on the global registry.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use smoke_signal::global as smokesignal;
use smoke_signal::{CallbackKey, Emitting, Registry, SignatureMismatch};

use crate::common::{Recorder, in_own_process};

use super::Outcome;

#[test]
fn a_port_reads_like_the_original() -> Outcome {
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    fn debug(verbose: bool) {
        CALLS.fetch_add(if verbose { 10 } else { 1 }, Ordering::Relaxed);
    }

    smokesignal::on("port.debug", debug)?;
    smokesignal::emit("port.debug", (true,))?;
    smokesignal::emit("port.debug", (false,))?;
    assert_eq!(CALLS.load(Ordering::Relaxed), 11);
    assert!(smokesignal::responds_to(debug, "port.debug"));
    assert_eq!(smokesignal::signals(debug), ["port.debug"]);

    smokesignal::disconnect_from(debug, "port.debug");
    smokesignal::emit("port.debug", (true,))?;
    assert_eq!(CALLS.load(Ordering::Relaxed), 11);
    Ok(())
}

#[test]
fn exports_the_ten_functions_of_the_original() -> Outcome {
    // smokesignal: `__all__`. `clear_all` has a test of its own.
    fn foo() {}
    let key: CallbackKey = smokesignal::on("all.foo", foo)?;
    let _: CallbackKey = smokesignal::once(["all.bar", "all.baz"], foo)?;
    let _: CallbackKey = smokesignal::on_max(vec!["all.bar"], 3, foo)?;
    let names: Vec<String> = smokesignal::signals(key);
    assert_eq!(names, ["all.bar", "all.baz", "all.foo"]);
    let left: Option<u32> = smokesignal::calls_left(foo);
    assert_eq!(left, Some(3));
    let ran: Result<usize, SignatureMismatch> = smokesignal::emit("all.foo", ());
    assert_eq!(ran, Ok(1));
    let guard: Emitting<'static> = smokesignal::emitting("all.foo")?;
    drop(guard);
    assert_eq!(smokesignal::calls_left(foo), Some(1));
    let yes: bool = smokesignal::responds_to(foo, "all.baz");
    assert!(yes);
    let yes: bool = smokesignal::disconnect_from(foo, ["all.baz"]);
    assert!(yes);
    assert!(!smokesignal::responds_to(foo, "all.baz"));
    smokesignal::clear("all.bar");
    assert_eq!(smokesignal::signals(foo), ["all.foo"]);
    let yes: bool = smokesignal::disconnect(key);
    assert!(yes);

    smokesignal::on(["all.enter", "all.exit"], foo)?;
    let guard: Emitting<'static> = smokesignal::emitting_between("all.enter", "all.exit")?;
    smokesignal::clear(["all.enter", "all.exit"]);
    drop(guard);
    let _: fn() = smokesignal::clear_all;
    let signal = smokesignal::signal::<(), ()>("all.foo")?;
    assert!(signal.is_empty());
    Ok(())
}

#[test]
fn all_callers_share_the_global_registry() -> Outcome {
    fn callback() {}
    let other = Registry::new();
    smokesignal::on("shared.foo", callback)?;
    assert!(Registry::global().responds_to(callback, "shared.foo"));
    thread::spawn(|| assert!(smokesignal::disconnect(callback)))
        .join()
        .expect("seen by other threads");
    assert!(!Registry::global().responds_to(callback, "shared.foo"));

    // Other registries are separate, including the types of their names.
    other.on("shared.foo", |_: u8| ())?;
    assert_eq!(other.emit("shared.foo", (1_u8,))?, 1);
    assert_eq!(smokesignal::emit("shared.foo", ())?, 0);
    Ok(())
}

#[test]
fn global_functions_do_what_their_methods_do() -> Outcome {
    let log = Recorder::new();
    for name in ["does.enter", "does.exit", "does.end"] {
        smokesignal::on(name, log.adding(name))?;
    }
    {
        let _guard = smokesignal::emitting("does.end")?;
        let _between = smokesignal::emitting_between("does.enter", "does.exit")?;
        log.add("body");
    }
    assert_eq!(log.take(), ["does.enter", "body", "does.exit", "does.end"]);

    smokesignal::once("does.once", log.adding("once"))?;
    assert_eq!(smokesignal::emit("does.once", ())?, 1);
    assert_eq!(smokesignal::emit("does.once", ())?, 0);
    assert_eq!(log.take(), ["once"]);
    let signal = smokesignal::signal::<(), ()>("does.end")?;
    assert_eq!(signal.len(), 1);
    Ok(())
}

#[test]
fn global_functions_name_their_callers_in_errors() -> Outcome {
    smokesignal::on("located", |_: u8| ())?;
    let bound = line!() - 1;
    let errors = [
        smokesignal::on("located", || ()).unwrap_err(),
        smokesignal::on_max("located", 1, || ()).unwrap_err(),
        smokesignal::once("located", || ()).unwrap_err(),
        smokesignal::emit("located", ()).unwrap_err(),
        smokesignal::emitting("located").unwrap_err(),
        smokesignal::emitting_between("elsewhere", "located").unwrap_err(),
        smokesignal::signal::<(), ()>("located").unwrap_err(),
    ];
    for error in errors {
        assert_eq!(error.bound_at().file(), file!());
        assert_eq!(error.bound_at().line(), bound);
    }
    Ok(())
}

#[test]
fn the_modules_clear_all_clears_the_global_registry() {
    // Runs in its own process because all tests share the global registry.
    fn callback() {}

    in_own_process(
        "smokesignal::module::the_modules_clear_all_clears_the_global_registry",
        || {
            smokesignal::on(["foo", "bar"], callback).unwrap();
            smokesignal::clear_all();
            assert_eq!(smokesignal::signals(callback), [""; 0]);
            assert_eq!(smokesignal::emit("foo", ()), Ok(0));
        },
    );
}
