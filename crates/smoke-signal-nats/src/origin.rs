//! Who sent a message.

use std::fmt;
use std::hash::{BuildHasher, RandomState};

/// Identifies a bridge among all that ever existed: each has an origin of its own, drawn at random when it is created. A
/// process that starts again has another one.
///
/// ```
/// use smoke_signal_nats::{Delivery, Loopback};
///
/// let loopback = Loopback::new();
/// assert_ne!(loopback.bridge().origin(), loopback.bridge().origin());
/// // Slots learn the origin of what they are called with from `Delivery::current`.
/// assert!(Delivery::current().is_none());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Origin(u128);

impl Origin {
    /// Draws one. The keys of `RandomState` come from the operating system, and no two states of a thread have the same.
    pub(crate) fn random() -> Self {
        let half = || u128::from(RandomState::new().hash_one(std::process::id()));
        Self(half() << 64 | half())
    }

    /// Draws one whose first half stands for a name, so that a process that starts again knows what it sent before.
    #[cfg(feature = "nats")]
    pub(crate) fn of_name(name: &str) -> Self {
        // FNV-1a, because the hash must be the same in all builds.
        let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        Self(u128::from(hash) << 64 | Self::random().0 & u128::from(u64::MAX))
    }

    /// Whether both are this bridge, or the same named bridge before and after a restart.
    pub(crate) const fn is_same_bridge(self, other: Self) -> bool {
        self.0 >> 64 == other.0 >> 64
    }

    pub(crate) const fn from_bits(bits: u128) -> Self {
        Self(bits)
    }

    pub(crate) const fn bits(self) -> u128 {
        self.0
    }
}

/// 32 hexadecimal digits.
impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Origin({self})")
    }
}
