//! A chat. Without a server, two parties in this process speak over a `Loopback`, and it ends by itself:
//!
//! ```text
//! cargo run -p smoke-signal-nats --example chat
//! ```
//!
//! With one (`nats-server`), start it in two terminals and write:
//!
//! ```text
//! NATS_URL=nats://127.0.0.1:4222 cargo run -p smoke-signal-nats --example chat -- Ada
//! NATS_URL=nats://127.0.0.1:4222 cargo run -p smoke-signal-nats --example chat -- Grace
//! ```

use std::io::BufRead;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use smoke_signal::Signal;
use smoke_signal_nats::{Bridge, Delivery, Loopback, Stats};

#[derive(Clone, Serialize, Deserialize)]
struct Line {
    from: String,
    text: String,
}

const SUBJECT: &str = "chat.line.v1";
const PATIENCE: Duration = Duration::from_secs(5);

/// What this process says and hears.
static LINE: Signal<(Line,)> = Signal::new();

fn main() -> Result<(), Box<dyn std::error::Error>> {
    match std::env::var("NATS_URL") {
        Ok(url) => futures_executor::block_on(terminal(&url)),
        Err(_) => futures_executor::block_on(demonstration()),
    }
}

/// Says what is written, and writes what others say, until the input ends.
async fn terminal(url: &str) -> Result<(), Box<dyn std::error::Error>> {
    let name = std::env::args().nth(1).unwrap_or("a guest".to_owned());
    let builder = Bridge::builder().on_problem(|problem| eprintln!("({problem})"));
    let bridge = builder.connect(url).await?;
    let _link = bridge.share(&LINE, SUBJECT)?;
    LINE.connect(|line| {
        // What this process says itself is no delivery.
        if Delivery::current().is_some() {
            println!("{}: {}", line.from, line.text);
        }
    });
    eprintln!("You are {name}. Write, and end with Ctrl-D.");
    for text in std::io::stdin().lock().lines() {
        LINE.emit(Line {
            from: name.clone(),
            text: text?,
        });
    }
    bridge.close(PATIENCE).await?;
    Ok(())
}

/// Two parties. Each has a signal of its own, as if it were a process of its own.
async fn demonstration() -> Result<(), Box<dyn std::error::Error>> {
    let loopback = Loopback::new();
    let (said, heard) = channel();
    let party = |name: &'static str| {
        let (bridge, line) = (loopback.bridge(), Arc::new(Signal::<(Line,)>::new()));
        let said = said.clone();
        line.connect(move |line: Line| {
            if Delivery::current().is_some() {
                println!("{name} hears {}: {}", line.from, line.text);
                said.send(()).unwrap();
            }
        });
        (bridge, line, name)
    };
    let parties = [party("Ada"), party("Grace")];
    for (bridge, line, _) in &parties {
        bridge.share(line, SUBJECT)?.release();
        bridge.flush(PATIENCE).await?;
    }
    let words = ["Good morning!", "Good morning. Tea?", "Always."];
    for (text, (_, line, name)) in words.into_iter().zip(parties.iter().cycle()) {
        let (from, text) = ((*name).to_owned(), text.to_owned());
        line.emit(Line { from, text });
        heard.recv_timeout(PATIENCE)?;
    }
    for (bridge, _, name) in &parties {
        bridge.close(PATIENCE).await?;
        let Stats { sent, received, .. } = bridge.stats();
        println!("{name}: {sent} sent, {received} received");
    }
    println!("Set NATS_URL to chat between two terminals.");
    Ok(())
}
