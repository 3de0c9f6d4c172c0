//! The direct pointers.

use std::fmt::Debug;
use std::rc::Rc;
use std::sync::Arc;
use std::thread;

use snapshot_cell::{DirectArc, DirectRc};

use crate::common::{Value, Values};

trait Numbered: Send + Sync {
    fn get(&self) -> usize;
}

impl Numbered for Value {
    fn get(&self) -> usize {
        self.number()
    }
}

#[test]
fn the_value_is_dropped_with_the_last_of_both_kinds() {
    let values = Values::default();
    let counted: Arc<dyn Numbered> = values.value(7);
    let direct = DirectArc::from(Arc::clone(&counted));
    let clone = direct.clone();
    assert_eq!(
        (
            Arc::strong_count(&counted),
            DirectArc::strong_count(&direct)
        ),
        (3, 3)
    );
    drop(counted);
    assert_eq!((direct.get(), clone.get()), (7, 7));
    drop(direct);
    assert_eq!((values.alive(), DirectArc::strong_count(&clone)), (1, 1));
    drop(clone);
    assert_eq!(values.alive(), 0);
}

#[test]
fn a_weak_reference_does_not_keep_the_value() {
    let values = Values::default();
    let direct = DirectArc::from(values.value(7));
    let weak = DirectArc::downgrade(&direct);
    assert_eq!(DirectArc::strong_count(&direct), 1);
    assert_eq!(weak.upgrade().unwrap().number(), 7);
    drop(direct);
    assert!(weak.upgrade().is_none());
    assert_eq!(values.alive(), 0);
}

/// The place of the value behind the counts depends on its alignment.
#[test]
fn every_alignment_and_size() {
    fn check<T: Debug + PartialEq + Clone + Send + Sync + 'static>(value: T) {
        let expected = format!("{value:?}");
        let counted: Arc<dyn Debug + Send + Sync> = Arc::new(value.clone());
        let at = Arc::as_ptr(&counted).addr();
        let direct = DirectArc::from(counted);
        assert_eq!((&raw const *direct).addr(), at);
        assert_eq!(format!("{direct:?}"), expected);

        let counted: Rc<dyn Debug> = Rc::new(value);
        let direct = DirectRc::from(counted);
        assert_eq!(format!("{direct:?}"), expected);
    }

    #[derive(Debug, Clone, PartialEq)]
    #[repr(align(256))]
    struct Aligned(u8);

    check(());
    check(1_u8);
    check(1_u64);
    check("text".to_owned());
    check([Aligned(1), Aligned(2)]);
}

#[test]
fn slices() {
    let direct = DirectArc::<[u8]>::from(Arc::from([1, 2, 3]));
    assert_eq!(direct.iter().sum::<u8>(), 6);
}

#[test]
fn it_goes_where_an_arc_goes() {
    let values = Values::default();
    let direct: DirectArc<dyn Numbered> = DirectArc::from(values.value(7) as Arc<dyn Numbered>);
    let clone = direct.clone();
    thread::spawn(move || assert_eq!(clone.get(), 7))
        .join()
        .unwrap();
    assert_eq!(DirectArc::strong_count(&direct), 1);
}

/// For one thread, the same.
#[test]
fn direct_rc() {
    let counted: Rc<dyn Fn(i32) -> i32> = Rc::new(|n| 2 * n);
    let direct = DirectRc::from(Rc::clone(&counted));
    let weak = DirectRc::downgrade(&direct);
    assert_eq!(DirectRc::strong_count(&direct), 2);
    assert_eq!(direct.clone()(4), 8);
    drop(counted);
    assert_eq!(DirectRc::strong_count(&direct), 1);
    drop(direct);
    assert!(weak.upgrade().is_none());
}
