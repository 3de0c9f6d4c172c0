//! How arguments become bytes.

use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// Writes the arguments of an emission as bytes, and reads them back.
///
/// All bridges that share a subject must use the same codec. Its [`NAME`](Self::NAME) goes with each message, and a
/// bridge that uses another one skips it as undecodable. The default is [`Json`]; the feature `postcard` brings
/// [`Postcard`], which is binary. Set it with [`Builder::codec`](crate::Builder::codec).
///
/// `encode` is called on the thread that emits, `decode` on that which delivers. No lock is held meanwhile.
///
/// ```
/// use serde::{Serialize, de::DeserializeOwned};
/// use smoke_signal_nats::{Bridge, Codec, CodecError, Loopback};
///
/// /// JSON for people to read.
/// #[derive(Clone, Debug)]
/// struct Pretty;
///
/// impl Codec for Pretty {
///     const NAME: &'static str = "json-pretty";
///
///     fn encode<T: Serialize>(&self, value: &T, out: &mut Vec<u8>) -> Result<(), CodecError> {
///         serde_json::to_writer_pretty(out, value).map_err(CodecError::new)
///     }
///
///     fn decode<T: DeserializeOwned>(&self, bytes: &[u8]) -> Result<T, CodecError> {
///         serde_json::from_slice(bytes).map_err(CodecError::new)
///     }
/// }
///
/// let bridge: Bridge<Pretty> = Bridge::builder().codec(Pretty).loopback(&Loopback::new());
/// ```
pub trait Codec: Clone + Send + Sync + 'static {
    /// What messages of this codec are marked with: 1 to 16 of `a` to `z`, `0` to `9` and `-`. Change it together with
    /// the format. Any other name does not compile.
    const NAME: &'static str;

    /// Appends `value` to `out`.
    ///
    /// # Errors
    ///
    /// If the format has no form for `value`. The emission is then counted as
    /// [`refused`](crate::Stats::refused), and reported.
    fn encode<T: Serialize>(&self, value: &T, out: &mut Vec<u8>) -> Result<(), CodecError>;

    /// Reads a value that takes up all of `bytes`.
    ///
    /// # Errors
    ///
    /// If `bytes` are anything else than one value of this type. `bytes` come from the network, and may be anything.
    fn decode<T: DeserializeOwned>(&self, bytes: &[u8]) -> Result<T, CodecError>;
}

/// Why a value could not be written or read.
pub struct CodecError(Box<dyn std::error::Error + Send + Sync>);

impl CodecError {
    /// Wraps the error of a format, or a text.
    ///
    /// ```
    /// let error = smoke_signal_nats::CodecError::new("two values where one is expected");
    /// assert_eq!(error.to_string(), "two values where one is expected");
    /// ```
    pub fn new(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self(source.into())
    }
}

impl fmt::Display for CodecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for CodecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("CodecError").field(&self.0).finish()
    }
}

impl std::error::Error for CodecError {}

/// The default codec: JSON, an array of the arguments. Other programs can read it after the first line.
///
/// What JSON has no form for, such as a map whose keys are not strings, is refused.
///
/// ```
/// use smoke_signal_nats::{Codec, Json};
///
/// let mut out = Vec::new();
/// Json.encode(&(3, "tea"), &mut out).unwrap();
/// assert_eq!(out, br#"[3,"tea"]"#);
/// assert_eq!(Json.decode::<(u32, String)>(&out).unwrap(), (3, "tea".to_owned()));
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Json;

impl Codec for Json {
    const NAME: &'static str = "json";

    fn encode<T: Serialize>(&self, value: &T, out: &mut Vec<u8>) -> Result<(), CodecError> {
        serde_json::to_writer(out, value).map_err(CodecError::new)
    }

    fn decode<T: DeserializeOwned>(&self, bytes: &[u8]) -> Result<T, CodecError> {
        serde_json::from_slice(bytes).map_err(CodecError::new)
    }
}

/// A binary codec, the format of the crate `postcard`. Feature `postcard`.
///
/// Its messages are short and fast to read, but do not say what they hold: bytes of one type may be read as another. So
/// change the subject whenever a type changes.
///
/// ```
/// use smoke_signal_nats::{Codec, Postcard};
///
/// let mut out = Vec::new();
/// Postcard.encode(&(3_u32, "tea"), &mut out).unwrap();
/// assert_eq!(out, [3, 3, b't', b'e', b'a']);
/// assert!(Postcard.decode::<(u32,)>(&out).is_err()); // something is left
/// ```
#[cfg(feature = "postcard")]
#[cfg_attr(docsrs, doc(cfg(feature = "postcard")))]
#[derive(Clone, Copy, Debug, Default)]
pub struct Postcard;

#[cfg(feature = "postcard")]
impl Codec for Postcard {
    const NAME: &'static str = "postcard";

    fn encode<T: Serialize>(&self, value: &T, out: &mut Vec<u8>) -> Result<(), CodecError> {
        postcard::to_io(value, out)
            .map(drop)
            .map_err(CodecError::new)
    }

    fn decode<T: DeserializeOwned>(&self, bytes: &[u8]) -> Result<T, CodecError> {
        match postcard::take_from_bytes(bytes) {
            Ok((value, [])) => Ok(value),
            Ok(_) => Err(CodecError::new("bytes are left after the value")),
            Err(error) => Err(CodecError::new(error)),
        }
    }
}
