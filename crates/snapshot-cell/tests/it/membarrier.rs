//! Processes in which `membarrier` is missing, from the start or from some moment on.

use std::env;
use std::process::Command;
use std::sync::{Arc, Once};

use crate::common::{Cell, Values, is_promoted, number, promote};

/// What is done against `membarrier` in this process: nothing, `switch`, or `filter`.
const VARIABLE: &str = "SNAPSHOT_CELL_TEST_WITHOUT_MEMBARRIER";

/// Whether it is available in this process, in which it is made unavailable by the first call if it shall be.
pub(crate) fn is_available() -> bool {
    static ONCE: Once = Once::new();
    let without = env::var(VARIABLE).unwrap_or_default();
    ONCE.call_once(|| match &*without {
        "switch" => snapshot_cell::disable_membarrier(),
        "filter" => refuse(),
        _ => (),
    });
    without.is_empty()
}

/// Makes the system refuse the call to all threads of this process, for ever.
fn refuse() {
    let statement = |code: u32, jumps: [u8; 2], k: u32| libc::sock_filter {
        code: u16::try_from(code).unwrap(),
        jt: jumps[0],
        jf: jumps[1],
        k,
    };
    let call = u32::try_from(libc::SYS_membarrier).unwrap();
    let refusal = libc::SECCOMP_RET_ERRNO | u32::try_from(libc::EPERM).unwrap();
    let mut filter = [
        // The number of the call is at the start of what a filter sees.
        statement(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, [0, 0], 0),
        statement(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, [0, 1], call),
        statement(libc::BPF_RET | libc::BPF_K, [0, 0], refusal),
        statement(libc::BPF_RET | libc::BPF_K, [0, 0], libc::SECCOMP_RET_ALLOW),
    ];
    let program = libc::sock_fprog {
        len: u16::try_from(filter.len()).unwrap(),
        filter: filter.as_mut_ptr(),
    };
    // SAFETY: it only forbids this process to gain privileges, without which a filter needs some.
    let result = unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) };
    assert_eq!(result, 0);
    // SAFETY: the program and its filter are valid during the call, which copies them.
    let result = unsafe {
        libc::syscall(
            libc::SYS_seccomp,
            libc::SECCOMP_SET_MODE_FILTER,
            libc::SECCOMP_FILTER_FLAG_TSYNC,
            &raw const program,
        )
    };
    assert_eq!(result, 0, "{}", std::io::Error::last_os_error());
}

/// Runs tests of this binary in a child process.
#[track_caller]
fn run(without: &str, arguments: &[&str]) {
    let output = Command::new(env::current_exe().unwrap())
        .args(arguments)
        .env(VARIABLE, without)
        // One of them leaks on purpose.
        .env("ASAN_OPTIONS", "detect_leaks=0")
        .env("LSAN_OPTIONS", "detect_leaks=0")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(!text.contains(" 0 passed"), "{text}");
}

#[test]
fn everything_passes_without_it_by_the_switch() {
    run("switch", &["--skip", "membarrier::"]);
}

#[test]
fn everything_passes_without_it_by_a_filter() {
    run("filter", &["--skip", "membarrier::"]);
}

#[test]
fn it_is_refused_after_a_promotion() {
    run(
        "",
        &["--ignored", "--exact", "membarrier::in_a_child_of_its_own"],
    );
}

/// One strong count is leaked for each value that has been promoted, and no other.
#[test]
#[ignore = "it installs a filter for the whole process"]
fn in_a_child_of_its_own() {
    let values = Values::default();
    let promoted = [1, 2].map(|number| Cell::from(Some(values.value(number))));
    promoted.iter().for_each(promote);
    let fenced = Cell::from(Some(values.value(3)));
    refuse();
    for (cell, expected) in promoted.iter().zip([1, 2]) {
        let guard = cell.load();
        let mut old = cell.swap(Some(values.value(4))).unwrap();
        assert_eq!(guard.as_ref().unwrap().number(), expected);
        drop(guard);
        assert_eq!(Arc::strong_count(&old), 2);
        assert!(Arc::get_mut(&mut old).is_none());
    }
    for cell in promoted.iter().chain([&fenced]) {
        for _ in 0..10_000 {
            assert!(number(cell).is_some());
        }
        assert!(!is_promoted(cell));
        let guard = cell.load();
        let old = cell.swap(None).unwrap();
        drop(guard);
        assert_eq!(Arc::strong_count(&old), 1);
    }
    assert_eq!(values.alive(), 2);
}
