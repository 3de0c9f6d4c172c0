//! A client that is no bridge.

use std::future::Future;

use async_nats::Client;

/// Runs something with a client of its own.
pub(crate) fn with_client<T, F: Future<Output = T>>(url: &str, f: impl FnOnce(Client) -> F) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let client = async_nats::connect(url).await.unwrap();
        f(client).await
    })
}

/// Publishes raw messages to a subject.
pub(crate) fn publish(url: &str, subject: &str, messages: Vec<Vec<u8>>) {
    with_client(url, |client| async move {
        for message in messages {
            client
                .publish(subject.to_owned(), message.into())
                .await
                .unwrap();
        }
        // The answer comes after the server has seen the messages.
        let nobody = client.request(client.new_inbox(), "".into()).await;
        assert!(nobody.is_err());
    });
}

/// A message as a bridge would write it.
pub(crate) fn message(origin: u128, sequence: u64, hops: u8, codec: &str, body: &str) -> Vec<u8> {
    format!("SS1 {origin:032x} {sequence:016x} {hops:02x} {codec}\n{body}").into_bytes()
}

/// One message of several emissions, as a bridge would write it.
pub(crate) fn several(origin: u128, sequence: u64, bodies: &[&str]) -> Vec<u8> {
    let head = format!(
        "SS1 {origin:032x} {sequence:016x} 00 json {:04x}\n",
        bodies.len()
    );
    let parts = bodies
        .iter()
        .map(|body| format!("{:08x}{body}", body.len()));
    (head + &parts.collect::<String>()).into_bytes()
}
