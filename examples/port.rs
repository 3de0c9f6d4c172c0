//! A program that uses Python's smokesignal, and the same program in Rust.
//!
//! ```text
//! cargo run --example port
//! ```
//!
//! ```python
//! import smokesignal
//!
//! @smokesignal.on('stock.low', max_calls=2)
//! def order(item, left):
//!     print(f'order {item}: {left} left')
//!
//! @smokesignal.once('stock.out')
//! def apologize(item):
//!     print(f'sorry, no more {item}')
//!
//! @smokesignal.on(('shop.open', 'shop.closed'))
//! def ring():
//!     print('ring')
//!
//! def take(stock, item, count):
//!     stock[item] -= count
//!     if stock[item] == 0:
//!         smokesignal.emit('stock.out', item)
//!     elif stock[item] < 10:
//!         smokesignal.emit('stock.low', item, stock[item])
//!
//! stock = {'tea': 12}
//! with smokesignal.emitting(enter='shop.open', exit='shop.closed'):
//!     for count in (1, 4, 2, 2, 3):
//!         take(stock, 'tea', count)
//! smokesignal.disconnect_from(ring, 'shop.open')
//! print('ring responds to', *smokesignal.signals(ring))
//! if not smokesignal.responds_to(order, 'stock.low'):
//!     print('no more orders')
//! ```

use std::collections::HashMap;

use smoke_signal::{SignatureMismatch, global as smokesignal};

fn order(item: &'static str, left: u32) {
    println!("order {item}: {left} left");
}

fn apologize(item: &'static str) {
    println!("sorry, no more {item}");
}

fn ring() {
    println!("ring");
}

type Stock = HashMap<&'static str, u32>;

fn take(stock: &mut Stock, item: &'static str, count: u32) -> Result<(), SignatureMismatch> {
    let left = stock.get_mut(item).expect("it is in stock");
    *left -= count;
    if *left == 0 {
        smokesignal::emit("stock.out", (item,))?;
    } else if *left < 10 {
        smokesignal::emit("stock.low", (item, *left))?;
    }
    Ok(())
}

fn main() -> Result<(), SignatureMismatch> {
    // There are no decorators.
    smokesignal::on_max("stock.low", 2, order)?;
    smokesignal::once("stock.out", apologize)?;
    smokesignal::on(["shop.open", "shop.closed"], ring)?;

    let mut stock = HashMap::from([("tea", 12)]);
    {
        let _open = smokesignal::emitting_between("shop.open", "shop.closed")?;
        for count in [1, 4, 2, 2, 3] {
            take(&mut stock, "tea", count)?;
        }
    }
    smokesignal::disconnect_from(ring, "shop.open");
    println!("ring responds to {}", smokesignal::signals(ring).join(" "));
    if !smokesignal::responds_to(order, "stock.low") {
        println!("no more orders");
    }
    Ok(())
}
