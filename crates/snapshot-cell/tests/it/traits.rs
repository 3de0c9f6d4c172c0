//! Traits, sizes and texts of the public types.

use std::mem::size_of;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::Arc;

use snapshot_cell::{DirectArc, DirectRc, Guard, PromotedGuard, SnapshotCell};

#[test]
fn auto_traits() {
    fn all<T: Send + Sync + Unpin + UnwindSafe + RefUnwindSafe>() {}
    all::<SnapshotCell<String>>();
    all::<Guard<String>>();
    all::<PromotedGuard<String>>();
    all::<DirectArc<String>>();

    // Where its `Arc` is not, it is not.
    static_assertions::assert_not_impl_any!(DirectArc<std::cell::Cell<u8>>: Send, Sync);
    static_assertions::assert_not_impl_any!(DirectArc<std::sync::MutexGuard<'static, u8>>: Send, Sync);
    static_assertions::assert_not_impl_any!(DirectRc<u8>: Send, Sync);
}

#[test]
fn sizes() {
    assert_eq!(size_of::<SnapshotCell<String>>(), size_of::<usize>());
    assert_eq!(size_of::<Guard<String>>(), 2 * size_of::<usize>());
    assert_eq!(size_of::<PromotedGuard<String>>(), 2 * size_of::<usize>());
    assert_eq!(size_of::<DirectArc<dyn Send>>(), size_of::<Box<dyn Send>>());
    assert_eq!(
        size_of::<Option<DirectArc<dyn Send>>>(),
        size_of::<Box<dyn Send>>()
    );
}

#[test]
fn a_static() {
    static CELL: SnapshotCell<String> = SnapshotCell::new();
    CELL.store(Some(Arc::new("text".to_owned())));
    assert_eq!(CELL.load().as_deref().map(String::as_str), Some("text"));
    CELL.store(None);
    assert!(CELL.load().is_none());
}

#[test]
fn texts() {
    let cell = SnapshotCell::default();
    assert_eq!(
        format!("{cell:?}"),
        "SnapshotCell { is_some: false, is_promoted: false, .. }"
    );
    cell.store(Some(Arc::new(5)));
    assert_eq!(
        format!("{cell:?}"),
        "SnapshotCell { is_some: true, is_promoted: false, .. }"
    );
    assert_eq!(format!("{:?}", cell.load()), "Some(5)");
}

/// Values without size have addresses of their own.
#[test]
fn values_without_size() {
    #[derive(Debug)]
    #[repr(align(2))]
    struct Nothing;

    let cell = SnapshotCell::from(Some(Arc::new(Nothing)));
    let guard = cell.load();
    let old = cell.swap(Some(Arc::new(Nothing))).unwrap();
    assert_eq!(Arc::strong_count(&old), 2);
    drop(guard);
    assert_eq!(Arc::strong_count(&old), 1);
}
