//! The dispatch table: what emission by name looks up, without a lock.
//!
//! It is a trie over the hashes of names. A table that emissions may read never changes. A change makes
//! another one, which shares all but a few nodes with it, so binding or removing a name costs about the
//! same however many names are bound.
//!
//! The hash is foldhash, with a seed of its own for each table. It is not cryptographic: whoever can choose
//! names, and learn the seed from how long emissions take, can make names that have the same hash. Such names
//! are looked at one after the other, so to bind `n` of them takes time quadratic in `n`. Other names are as fast
//! as before.

use std::any::Any;
use std::array;
use std::hash::{BuildHasher, Hasher};
use std::panic::Location;
use std::sync::Arc;

use foldhash::fast::RandomState;

use crate::registry::mismatch::{Signature, SignatureMismatch};

/// What a name is bound to.
pub(crate) struct Bound {
    pub(crate) name: Arc<str>,
    /// Distinguishes this binding from a later one of the same name.
    pub(crate) id: u64,
    pub(crate) signature: Signature,
    /// The source line that bound the name.
    pub(crate) at: &'static Location<'static>,
    /// The signal's [`emitter`](crate::registry::named::Named::emitter), or `None` while only the argument
    /// types are known.
    pub(crate) emitter: Option<Arc<dyn Any + Send + Sync>>,
}

impl Bound {
    /// Returns the emitter if it has this type.
    #[inline]
    pub(crate) fn emitter<E: 'static>(&self) -> Option<&E> {
        self.emitter.as_ref()?.downcast_ref()
    }

    /// Checks that the name may be used with these types.
    pub(crate) fn check(&self, requested: &Signature) -> Result<(), SignatureMismatch> {
        if self.signature.agrees_with(requested) {
            return Ok(());
        }
        let (name, bound) = (&self.name, &self.signature);
        Err(SignatureMismatch::new(name, bound, requested, self.at))
    }
}

/// The bound names. A clone is cheap and shares all nodes.
#[derive(Clone, Default)]
pub(crate) struct DispatchTable {
    hasher: RandomState,
    root: Node,
}

impl DispatchTable {
    /// Without the end mark that `str` would add, because nothing else is hashed.
    #[inline]
    fn hash(&self, name: &str) -> u64 {
        let mut hasher = self.hasher.build_hasher();
        hasher.write(name.as_bytes());
        hasher.finish()
    }

    #[inline]
    pub(crate) fn get(&self, name: &str) -> Option<&Bound> {
        self.root.get(self.hash(name), name)
    }

    /// Adds what a name is bound to, in place of what it was bound to.
    pub(crate) fn insert(&mut self, bound: Arc<Bound>) {
        let hash = self.hash(&bound.name);
        self.root = self.root.with(Leaf { hash, bound }, 0);
    }

    pub(crate) fn remove(&mut self, name: &str) {
        self.root = self.root.without(self.hash(name), name, 0);
    }
}

/// The number of bits of a hash that choose the child of a branch.
const BITS: u32 = 4;

const CHILDREN: usize = 1 << BITS;

const MASK: u64 = CHILDREN as u64 - 1;

/// At this depth, no bits of the hash are left.
const DEPTH: u32 = u64::BITS / BITS;

/// More leaves than this become a branch, and a branch with half as many becomes leaves.
const LEAVES: usize = 8;

#[derive(Clone)]
struct Leaf {
    hash: u64,
    bound: Arc<Bound>,
}

#[derive(Clone)]
enum Node {
    /// At most [`LEAVES`], except at [`DEPTH`].
    Leaves(Arc<[Leaf]>),
    Branch(Arc<[Node; CHILDREN]>),
}

impl Default for Node {
    fn default() -> Self {
        Self::Leaves(Arc::default())
    }
}

/// Which child of a branch has the names with this hash.
#[inline]
fn child(hash: u64, depth: u32) -> usize {
    ((hash >> (BITS * depth)) & MASK) as usize
}

impl Node {
    #[inline]
    fn get(&self, hash: u64, name: &str) -> Option<&Bound> {
        let (mut node, mut bits) = (self, hash);
        loop {
            match node {
                Self::Branch(children) => {
                    node = &children[child(bits, 0)];
                    bits >>= BITS;
                }
                Self::Leaves(leaves) => {
                    let mut leaves = leaves.iter();
                    let leaf = leaves.find(|l| l.hash == hash && *l.bound.name == *name);
                    return leaf.map(|leaf| &*leaf.bound);
                }
            }
        }
    }

    fn of(leaves: Vec<Leaf>, depth: u32) -> Self {
        if leaves.len() <= LEAVES || depth == DEPTH {
            return Self::Leaves(leaves.into());
        }
        Self::Branch(Arc::new(array::from_fn(|at| {
            let inside = leaves.iter().filter(|leaf| child(leaf.hash, depth) == at);
            Self::of(inside.cloned().collect(), depth + 1)
        })))
    }

    fn with(&self, leaf: Leaf, depth: u32) -> Self {
        match self {
            Self::Branch(children) => {
                let at = child(leaf.hash, depth);
                let mut children = (**children).clone();
                children[at] = children[at].with(leaf, depth + 1);
                Self::Branch(Arc::new(children))
            }
            Self::Leaves(leaves) => {
                let others = leaves.iter().filter(|l| l.bound.name != leaf.bound.name);
                let mut leaves: Vec<_> = others.cloned().collect();
                leaves.push(leaf);
                Self::of(leaves, depth)
            }
        }
    }

    fn without(&self, hash: u64, name: &str, depth: u32) -> Self {
        match self {
            Self::Branch(children) => {
                let at = child(hash, depth);
                let mut children = (**children).clone();
                children[at] = children[at].without(hash, name, depth + 1);
                Self::collapsed(&children).unwrap_or_else(|| Self::Branch(Arc::new(children)))
            }
            Self::Leaves(leaves) => {
                let others = leaves.iter().filter(|leaf| *leaf.bound.name != *name);
                Self::Leaves(others.cloned().collect())
            }
        }
    }

    /// The leaves of a branch, if there are few.
    fn collapsed(children: &[Self; CHILDREN]) -> Option<Self> {
        let mut few = Vec::new();
        for child in children {
            match child {
                Self::Leaves(leaves) if few.len() + leaves.len() <= LEAVES / 2 => {
                    few.extend_from_slice(leaves);
                }
                _ => return None,
            }
        }
        Some(Self::Leaves(few.into()))
    }
}

#[cfg(all(test, not(smoke_signal_loom)))]
mod tests {
    use std::collections::HashMap;
    use std::panic::Location;
    use std::sync::Arc;

    use super::{Bound, CHILDREN, LEAVES, Leaf, Node, Signature};

    fn bound(name: &str, id: u64) -> Arc<Bound> {
        Arc::new(Bound {
            name: name.into(),
            id,
            signature: Signature::of::<(), ()>(),
            at: Location::caller(),
            emitter: None,
        })
    }

    fn size(node: &Node) -> usize {
        match node {
            Node::Leaves(_) => 1,
            Node::Branch(children) => 1 + children.iter().map(size).sum::<usize>(),
        }
    }

    /// Does the same with a trie and a hash map, where names have the hashes that `hash` returns.
    fn check(hash: fn(u64) -> u64) {
        let (mut trie, mut map) = (Node::default(), HashMap::new());
        let mut state = 1_u64;
        for id in 0..20_000 {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            // There are more and more names, then fewer and fewer.
            let (number, more) = ((state >> 40) % 300, id < 10_000);
            let name = number.to_string();
            if (state >> 33) % 4 == u64::from(more) {
                trie = trie.without(hash(number), &name, 0);
                map.remove(&name);
            } else if more {
                let leaf = Leaf {
                    hash: hash(number),
                    bound: bound(&name, id),
                };
                trie = trie.with(leaf, 0);
                map.insert(name, id);
            }
            let looked_up = (state >> 20) % 300;
            let name = looked_up.to_string();
            let found = trie.get(hash(looked_up), &name).map(|bound| bound.id);
            assert_eq!(found, map.get(&name).copied());
        }
        for number in 0..300 {
            trie = trie.without(hash(number), &number.to_string(), 0);
        }
        assert_eq!(size(&trie), 1, "no empty branches are left");
    }

    #[test]
    fn a_trie_finds_what_a_hash_map_finds() {
        check(|number| number.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    }

    #[test]
    fn names_whose_hashes_are_alike_are_told_apart() {
        check(|_| 7);
        check(|number| number % 3);
        check(|number| number << 60);
    }

    #[test]
    fn a_branch_does_not_come_and_go_with_one_name() {
        let mut trie = Node::default();
        let leaf = |number: usize| Leaf {
            hash: (number % CHILDREN) as u64,
            bound: bound(&number.to_string(), 0),
        };
        for number in 0..=LEAVES {
            trie = trie.with(leaf(number), 0);
        }
        assert!(matches!(trie, Node::Branch(_)));
        let fewer = trie.without(0, "0", 0);
        assert!(matches!(fewer, Node::Branch(_)));
    }
}
