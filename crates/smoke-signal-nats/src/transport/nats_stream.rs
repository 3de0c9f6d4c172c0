//! Streams and consumers: what they are called, and which subjects they have.

use std::error::Error;
use std::fmt::Write;

use async_nats::jetstream::context::{
    GetStreamError, GetStreamErrorKind, RequestError, RequestErrorKind,
};
use async_nats::jetstream::stream::{Config, Stream};
use async_nats::jetstream::{Context, ErrorCode};

use crate::transport::Fault;

/// How often to try again if somebody else changes the stream meanwhile.
const ATTEMPTS: u32 = 3;

/// Makes sure that a stream stores what is sent to `subject`. One that does not exist is created; one that exists is given
/// the subject, and is left alone otherwise.
pub(crate) async fn cover(context: &Context, stream: &str, subject: &str) -> Result<(), Fault> {
    let mut left = ATTEMPTS;
    loop {
        left -= 1;
        let done = if let Some(found) = find(context, stream).await? {
            let mut config = found.cached_info().config.clone();
            if config
                .subjects
                .iter()
                .any(|pattern| matches(pattern, subject))
            {
                return Ok(());
            }
            config.subjects.push(subject.to_owned());
            context.update_stream(config).await.map(drop)
        } else {
            let config = Config {
                name: stream.to_owned(),
                subjects: vec![subject.to_owned()],
                ..Config::default()
            };
            context.create_stream(config).await.map(drop)
        };
        // Looked at once more, because another process may have replaced the subjects by its own.
        if let (Err(error), 0) = (&done, left) {
            return Err(Fault::Refused(format!("stream {stream}: {error}")));
        }
        if left == 0 {
            return Ok(());
        }
    }
}

/// Asks for a stream. `None`: there is none. `Refused`: nobody there knows about streams. `Lost`: there is no answer, and a
/// server that does not answer is left before the client would notice.
pub(crate) async fn find(context: &Context, stream: &str) -> Result<Option<Stream>, Fault> {
    let error = match context.get_stream(stream).await {
        Ok(found) => return Ok(Some(found)),
        Err(error) if is_missing(&error) => return Ok(None),
        Err(error) => error,
    };
    let source = error
        .source()
        .and_then(|source| source.downcast_ref::<RequestError>());
    let why = format!("stream {stream}: {error}");
    Err(match source.map(RequestError::kind) {
        None | Some(RequestErrorKind::NoResponders) => Fault::Refused(why),
        Some(_) => Fault::Lost(why),
    })
}

fn is_missing(error: &GetStreamError) -> bool {
    matches!(error.kind(), GetStreamErrorKind::JetStream(error) if error.error_code() == ErrorCode::STREAM_NOT_FOUND)
}

/// Whether a subject is among those that a pattern with wildcards stands for.
fn matches(pattern: &str, subject: &str) -> bool {
    let (mut pattern, mut subject) = (pattern.split('.'), subject.split('.'));
    loop {
        match (pattern.next(), subject.next()) {
            (None, None) | (Some(">"), Some(_)) => return true,
            (Some(part), Some(there)) if part == "*" || part == there => {}
            _ => return false,
        }
    }
}

/// The name of the consumer of a link: that of the bridge, and the subject without what a name must not have. No two
/// subjects have the same.
pub(crate) fn consumer_name(bridge: &str, subject: &str) -> String {
    let mut name = format!("{bridge}-");
    for letter in subject.chars() {
        match letter {
            '.' => name.push('-'),
            'a'..='z' | 'A'..='Z' | '0'..='9' => name.push(letter),
            _ => {
                // A `String` takes everything.
                let _infallible = write!(name, "_{:x}_", u32::from(letter));
            }
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_stand_for_subjects() {
        for (pattern, subject, expected) in [
            ("shop.order", "shop.order", true),
            ("shop.*", "shop.order", true),
            ("shop.*", "shop.order.v1", false),
            ("shop.>", "shop.order.v1", true),
            ("shop.>", "shop", false),
            ("*.order", "shop.order", true),
            (">", "shop", true),
            ("shop.order.v1", "shop.order", false),
        ] {
            assert_eq!(matches(pattern, subject), expected, "{pattern} {subject}");
        }
    }

    #[test]
    fn consumers_have_names_of_their_own() {
        assert_eq!(
            consumer_name("billing", "shop.order.v1"),
            "billing-shop-order-v1"
        );
        assert_eq!(
            consumer_name("billing", "shop.order-v1"),
            "billing-shop-order_2d_v1"
        );
        assert_eq!(
            consumer_name("billing", "shop_order"),
            "billing-shop_5f_order"
        );
    }
}
