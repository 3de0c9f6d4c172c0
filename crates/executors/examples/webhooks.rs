//! Webhooks on tokio: one event is delivered to several receivers, each of which takes its own time. The sender
//! handles failures, and an audit log reads a stream of events.
//!
//! ```text
//! cargo run -p smoke-signal-executors --example webhooks
//! ```

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use smoke_signal::{AsyncSignal, Failure, Signal};
use tokio::time::{Instant, sleep};

/// What a receiver answered: an HTTP status, or why there is none.
type Answer = Result<u16, String>;

/// Emitted with the name of a repository that was pushed to.
static PUSHED: AsyncSignal<(Arc<str>,), Answer> = AsyncSignal::new();

/// Emitted with a line for the audit log.
static AUDIT: Signal<(String,)> = Signal::new();

fn connect_receivers() {
    PUSHED.connect(async |repository: Arc<str>| {
        sleep(Duration::from_millis(30)).await;
        AUDIT.emit(format!("build of {repository} is queued"));
        Ok(202)
    });
    PUSHED.connect(async |repository: Arc<str>| {
        sleep(Duration::from_millis(10)).await;
        Err(format!("chat does not know {repository}"))
    });
    PUSHED.connect(async |repository: Arc<str>| {
        sleep(Duration::from_millis(20)).await;
        match &*repository {
            "secret" => Err("the mirror is public".to_owned()),
            _ => Ok(200),
        }
    });
    // Nothing to wait for, so a ready future.
    PUSHED.connect(|_repository| std::future::ready(Ok(204)));
    // Only for the first push.
    PUSHED.once(async |repository| {
        AUDIT.emit(format!("welcome, {repository}"));
        Ok(201)
    });
}

async fn push(repository: &str) {
    let start = Instant::now();
    let emission = PUSHED.emit(Arc::from(repository));
    let answers = emission.errback(|failure| match failure {
        // A push succeeds even if a receiver is down.
        Failure::Error(text) => {
            AUDIT.emit(text);
            Ok(503)
        }
        Failure::Panic(_) => Err("a receiver panicked"),
    });
    let answers = answers.await;
    // The receivers run concurrently: together they take only as long as the slowest.
    println!("{repository}: {answers:?} after {:?}", start.elapsed());
}

#[tokio::main]
async fn main() {
    let mut audit = AUDIT.stream(2);
    connect_receivers();

    let log = tokio::spawn(async move {
        let mut lines = Vec::new();
        while let Some((line,)) = audit.next().await {
            println!("audit: {line}");
            lines.push(line);
        }
        (lines.len(), audit.missed())
    });

    push("smoke").await;
    push("secret").await;

    // The stream ends with its slot, after what is buffered.
    AUDIT.disconnect_all();
    let (read, missed) = log.await.expect("the log does not panic");
    println!("{read} audit lines read, {missed} missed");
}
