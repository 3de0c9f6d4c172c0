//! Credentials and certificates.

use std::path::PathBuf;

use async_nats::ConnectOptions;
use smoke_signal_nats::{Bridge, ConnectError};

use crate::common::*;
use crate::harness::Server;

fn connect(server: &Server, options: ConnectOptions) -> Result<Bridge, ConnectError> {
    block_on(
        Bridge::builder()
            .connect_options(options)
            .connect(server.url()),
    )
}

/// Each hears the other.
fn converse(here: &Bridge, there: &Bridge) {
    let (said, heard) = (numbers(), numbers());
    let _links = (
        here.send(&said.signal, "n.v1").unwrap(),
        there.receive(&heard.signal, "n.v1").unwrap(),
    );
    flush(&[there]);
    said.signal.emit(1);
    assert_eq!(heard.next(), 1);
}

#[test]
fn a_wrong_password_is_an_error_and_the_right_one_is_not() {
    let server = Server::with("authorization { user: shop, password: secret }");
    let with = |password: &str| {
        ConnectOptions::with_user_and_password("shop".to_owned(), password.to_owned())
    };
    let error = connect(&server, with("wrong")).unwrap_err();
    assert!(
        error.to_string().starts_with("authorization violation"),
        "{error}"
    );
    assert!(
        connect(&server, ConnectOptions::new()).is_err(),
        "none at all"
    );
    converse(
        &connect(&server, with("secret")).unwrap(),
        &connect(&server, with("secret")).unwrap(),
    );
}

#[test]
fn a_token_is_handed_through() {
    let server = Server::with("authorization { token: secret }");
    let with = |token: &str| ConnectOptions::with_token(token.to_owned());
    assert!(connect(&server, with("wrong")).is_err());
    converse(
        &connect(&server, with("secret")).unwrap(),
        &connect(&server, with("secret")).unwrap(),
    );
}

#[test]
fn tls_with_a_certificate_of_our_own() {
    let mut server = Server::new();
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned(), "localhost".to_owned()])
        .unwrap();
    let certificate = server.folder().join("certificate.pem");
    std::fs::write(&certificate, made.cert.pem()).unwrap();
    std::fs::write(
        server.folder().join("key.pem"),
        made.signing_key.serialize_pem(),
    )
    .unwrap();
    server.configure("tls { cert_file: \"FOLDER/certificate.pem\", key_file: \"FOLDER/key.pem\" }");
    server.start();

    let trusting = |certificate: PathBuf| {
        ConnectOptions::new()
            .require_tls(true)
            .add_root_certificates(certificate)
    };
    let error = connect(&server, ConnectOptions::new()).unwrap_err();
    assert!(error.to_string().contains("certificate"), "{error}");
    converse(
        &connect(&server, trusting(certificate.clone())).unwrap(),
        &connect(&server, trusting(certificate)).unwrap(),
    );
}

#[test]
fn what_is_no_address_is_an_error() {
    let error = block_on(Bridge::connect("nats://[")).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("not an address of a server: "),
        "{error}"
    );
    for (stream, name) in [
        ("a.b", "x"),
        ("a b", "x"),
        ("", "x"),
        ("a", "x.y"),
        ("a", ""),
    ] {
        let error = block_on(
            Bridge::builder()
                .name(name)
                .durable("nats://127.0.0.1:1", stream),
        )
        .unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("not a name of letters, digits, - and _: "),
            "{error}"
        );
    }
}

#[test]
fn a_server_without_jetstream_is_an_error_for_a_durable_bridge() {
    let server = Server::core();
    let error = block_on(Bridge::durable(server.url(), "SHOP")).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("the server has no JetStream: "),
        "{error}"
    );
}
