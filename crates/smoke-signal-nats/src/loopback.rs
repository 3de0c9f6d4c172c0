//! Bridges without a server.

use std::sync::Arc;

use crate::bridge::Bridge;
use crate::transport::loopback::{Hub, Local};

/// Stands for a server, for bridges of one process: in tests, and where a program is to run without one.
///
/// Its bridges do what those to a server do, with the core protocol: arguments are encoded, numbered, delivered on threads
/// of their links and counted. There are no failures, and nothing is stored. Clones are the same.
///
/// ```
/// use std::sync::Arc;
/// use std::time::Duration;
///
/// use smoke_signal::Signal;
/// use smoke_signal_nats::Loopback;
///
/// # futures_executor::block_on(async {
/// let loopback = Loopback::new();
/// let (shop, kitchen) = (loopback.bridge(), loopback.bridge());
///
/// // Two processes would each have a signal of their own.
/// let (ordered, to_cook) = (Arc::new(Signal::<(String,)>::new()), Arc::new(Signal::<(String,)>::new()));
/// let _out = shop.send(&ordered, "shop.order.v1").unwrap();
/// let _in = kitchen.receive(&to_cook, "shop.order.v1").unwrap();
/// kitchen.flush(Duration::from_secs(30)).await.unwrap();
///
/// let (cooked, dishes) = std::sync::mpsc::channel();
/// to_cook.connect(move |dish: String| cooked.send(dish).unwrap());
/// ordered.emit("soup".to_owned());
/// assert_eq!(dishes.recv().unwrap(), "soup");
/// # });
/// ```
#[derive(Clone, Debug, Default)]
pub struct Loopback {
    hub: Arc<Hub>,
}

impl Loopback {
    /// One without bridges.
    pub fn new() -> Self {
        Self::default()
    }

    /// A bridge to the others of this loopback. For settings see [`Builder::loopback`](crate::Builder::loopback).
    ///
    /// # Panics
    ///
    /// If the operating system has no more threads.
    pub fn bridge(&self) -> Bridge {
        Bridge::builder().loopback(self)
    }

    pub(crate) fn transport(&self) -> Local {
        self.hub.transport()
    }
}
