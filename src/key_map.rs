//! A slot map whose keys belong to it: another map does not know them.

use core::marker::PhantomData;
use core::ops::{Index, IndexMut};
use core::sync::atomic::{AtomicU32, Ordering};

use slotmap::{Key, KeyData, SlotMap};

/// A [`SlotMap`] whose keys differ from those of every other `KeyMap`, within the limit below.
///
/// The keys of any two `SlotMap`s are alike: the first of each is at index 1 with version 1. So this map
/// adds an offset of its own to the version of each key that it hands out, and subtracts it from each that
/// it is given. A key of another map then has a version that no entry here has.
///
/// A version has 31 bits that count, and the lowest one, which is always set in a key. An entry's version
/// counts up each time its place is used again. The offsets of maps are multiples of [`STEP`] modulo
/// 2<sup>31</sup>, which are spread evenly, however many maps there are: for every `n` below 2<sup>31</sup>,
/// the `n`th multiple is farther than 2<sup>29</sup> / `n` from the next multiple of 2<sup>31</sup>. So a place in
/// one map has to be used again that often before it repeats a key of the `n`th map after or before it.
pub(crate) struct KeyMap<K: Key, V> {
    entries: SlotMap<slotmap::DefaultKey, V>,
    /// Added to versions. Even, so that it leaves the lowest bit alone. [`UNUSED`] until the first insertion.
    offset: u32,
    keys: PhantomData<fn(K) -> K>,
}

/// How many maps have been used. Nothing else is ordered by it: relaxed suffices.
static MAPS: AtomicU32 = AtomicU32::new(0);

/// Of the numbers near 2<sup>31</sup> divided by the golden ratio, one whose quotient by 2<sup>31</sup> is a
/// continued fraction of ones and twos only. That keeps the distances that [`KeyMap`] speaks of.
const STEP: u32 = 0x4F01_0001;

/// The offset of a map that has never had an entry.
const UNUSED: u32 = 1;

/// The bits of a version in the number that a key is written as.
const VERSION: u32 = u32::BITS;

impl<K: Key, V> KeyMap<K, V> {
    pub(crate) fn new() -> Self {
        Self {
            entries: SlotMap::with_capacity(1), // many have one entry
            offset: UNUSED,
            keys: PhantomData,
        }
    }

    fn handed_out(&self, key: slotmap::DefaultKey) -> K {
        shifted(key.data(), self.offset).into()
    }

    fn inner(&self, key: K) -> slotmap::DefaultKey {
        shifted(key.data(), self.offset.wrapping_neg()).into()
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    #[cfg(feature = "std")]
    pub(crate) fn contains_key(&self, key: K) -> bool {
        self.entries.contains_key(self.inner(key))
    }

    pub(crate) fn get(&self, key: K) -> Option<&V> {
        self.entries.get(self.inner(key))
    }

    pub(crate) fn insert(&mut self, value: V) -> K {
        if self.offset == UNUSED {
            self.offset = next_offset();
        }
        let key = self.entries.insert(value);
        self.handed_out(key)
    }

    pub(crate) fn remove(&mut self, key: K) -> Option<V> {
        self.entries.remove(self.inner(key))
    }

    pub(crate) fn retain(&mut self, mut keep: impl FnMut(&V) -> bool) {
        self.entries.retain(|_, value| keep(value));
    }

    #[cfg(feature = "std")]
    pub(crate) fn clear(&mut self) {
        self.entries.clear();
    }
}

#[cold]
fn next_offset() -> u32 {
    let nth = MAPS.fetch_add(1, Ordering::Relaxed);
    // Doubling drops the highest bit: the rest is the remainder modulo 2^31.
    nth.wrapping_mul(STEP).wrapping_mul(2)
}

/// The key at the same index, with a number added to its version.
#[inline]
fn shifted(key: KeyData, by: u32) -> KeyData {
    KeyData::from_ffi(key.as_ffi().wrapping_add(u64::from(by) << VERSION))
}

impl<K: Key, V> Default for KeyMap<K, V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K: Key, V> Index<K> for KeyMap<K, V> {
    type Output = V;

    fn index(&self, key: K) -> &V {
        &self.entries[self.inner(key)]
    }
}

impl<K: Key, V> IndexMut<K> for KeyMap<K, V> {
    fn index_mut(&mut self, key: K) -> &mut V {
        let key = self.inner(key);
        &mut self.entries[key]
    }
}

#[cfg(all(test, feature = "std", not(smoke_signal_loom)))]
mod tests {
    use std::collections::HashSet;

    use super::{KeyMap, STEP};
    use crate::keys::Connection;

    #[test]
    fn no_two_maps_have_a_key_in_common() {
        // 1000 maps, each of which uses its one place 1000 times.
        let mut all = HashSet::new();
        for _ in 0..1000 {
            let mut map = KeyMap::<Connection, ()>::new();
            for _ in 0..1000 {
                let key = map.insert(());
                assert!(all.insert(key), "{key:?} was made before");
                assert_eq!(map.remove(key), Some(()));
                assert_eq!(map.remove(key), None);
            }
        }
    }

    #[test]
    fn multiples_of_the_step_keep_their_distance() {
        // The multiples that come nearer than all before them are those by the denominators of the convergents of
        // STEP / 2^31.
        let (mut numerator, mut denominator) = (u64::from(STEP), 1_u64 << 31);
        let (mut before, mut multiple) = (0, 1);
        let mut checked = 0;
        while denominator > 0 {
            let quotient = numerator / denominator;
            (numerator, denominator) = (denominator, numerator % denominator);
            (before, multiple) = (multiple, quotient * multiple + before);
            let rest = multiple * u64::from(STEP) % (1 << 31);
            let distance = rest.min((1 << 31) - rest);
            assert!(distance == 0 || multiple * distance > 1 << 29, "{multiple}");
            checked += 1;
        }
        assert!(checked > 20);
    }

    #[test]
    fn a_map_finds_what_its_keys_refer_to_and_nothing_else() {
        let mut maps = [0; 3].map(|_| KeyMap::<Connection, usize>::new());
        let keys = Vec::from_iter((0..3).map(|map| maps[map].insert(map)));
        for (nth, map) in maps.iter_mut().enumerate() {
            for (of, &key) in keys.iter().enumerate() {
                assert_eq!(map.contains_key(key), of == nth);
                assert_eq!(map.get(key).copied(), (of == nth).then_some(nth));
            }
            assert_eq!(map[keys[nth]], nth);
            map[keys[nth]] = 7;
            assert_eq!(map.get(Connection::default()), None);
            assert_eq!(map.remove(keys[(nth + 1) % 3]), None);
            assert_eq!(map.remove(keys[nth]), Some(7));
            assert_eq!(map.len(), 0);
        }
    }
}
