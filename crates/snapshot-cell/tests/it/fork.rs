//! The child of a fork goes on with what it has inherited.

use std::sync::{Arc, Barrier};
use std::thread;

use crate::common::{both, number};

#[test]
fn a_child_loads_and_swaps() {
    both(|values, cell| {
        let cell = Arc::new(cell);
        let barrier = Arc::new(Barrier::new(2));
        // In the child this thread does not exist, but its guard does.
        let other = thread::spawn({
            let (cell, barrier) = (Arc::clone(&cell), Arc::clone(&barrier));
            move || {
                let guard = cell.load();
                barrier.wait();
                barrier.wait();
                drop(guard);
            }
        });
        barrier.wait();
        let guard = cell.load();
        let (two, three) = (values.value(2), values.value(3));
        // SAFETY: the child only uses the cell, and then ends at once. It allocates, which the C library allows.
        let child = unsafe { libc::fork() };
        if child == 0 {
            let passed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                let old = cell.swap(Some(two)).unwrap();
                assert_eq!(Arc::strong_count(&old), 3);
                drop(guard);
                assert_eq!(
                    Arc::strong_count(&old),
                    2,
                    "that of the thread that is gone"
                );
                crate::common::promote(&cell);
                let old = cell.swap(Some(three)).unwrap();
                assert_eq!(Arc::strong_count(&old), 1);
                assert_eq!(number(&cell), Some(3));
            }));
            // SAFETY: ends the process without running anything of the parent's.
            unsafe { libc::_exit(i32::from(passed.is_err())) }
        }
        let mut status = 0;
        // SAFETY: `status` is a valid place for the result.
        assert_eq!(unsafe { libc::waitpid(child, &raw mut status, 0) }, child);
        assert_eq!(status, 0);
        barrier.wait();
        other.join().unwrap();
        assert_eq!(number(&cell), Some(1));
    });
}
