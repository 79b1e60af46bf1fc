//! The model file: an envelope that is checked before anything in it is believed. The only file that names bincode.
//!
//! | bytes | what |
//! | --- | --- |
//! | 0..8 | magic `CRASHMDL` |
//! | 8..10 | version of the format, little-endian |
//! | 10..18 | length of the payload, little-endian |
//! | 18..50 | SHA-256 of the payload |
//! | 50.. | payload: the predictor in bincode's standard configuration |
//!
//! bincode alone accepts most damaged bytes and believes any length it reads; hence the checksum, the limit, and the
//! semantic checks of [`CrashPredictor::is_consistent`] last.

use bincode::BorrowDecode;
use bincode::config::{self, Config};
use bincode::de::read::Reader;
use bincode::de::{BorrowDecoder, Decoder};
use bincode::enc::Encoder;
use bincode::enc::write::Writer;
use bincode::error::{DecodeError, EncodeError};
pub(crate) use bincode::{Decode, Encode};
use sha2::{Digest, Sha256};

use crate::error::Error;
use crate::model::Model;
use crate::predictor::CrashPredictor;
use crate::table::Format;

const MAGIC: &[u8; 8] = b"CRASHMDL";
/// Raised whenever the payload's layout changes.
const VERSION: u16 = 1;
const HEADER: usize = 50;
/// What decoding may allocate: far above any model, far below what hurts.
const LIMIT: usize = 64 << 20;

fn configuration() -> impl Config {
    config::standard().with_limit::<LIMIT>()
}

/// The predictor as the bytes of a model file. The same predictor gives the same bytes everywhere.
#[must_use]
pub fn save(predictor: &CrashPredictor) -> Vec<u8> {
    let payload = encode(predictor);
    let mut bytes = Vec::with_capacity(HEADER + payload.len());
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(&VERSION.to_le_bytes());
    bytes.extend_from_slice(&(payload.len() as u64).to_le_bytes());
    bytes.extend_from_slice(&Sha256::digest(&payload));
    bytes.extend_from_slice(&payload);
    bytes
}

/// Bytes that a model takes in a file.
#[must_use]
pub fn model_bytes(model: &Model) -> u64 {
    encode(model).len() as u64
}

fn encode(value: &impl Encode) -> Vec<u8> {
    let mut written = Written(Vec::new());
    bincode::encode_into_writer(value, &mut written, configuration())
        .expect("nothing here refuses to be encoded");
    written.0
}

fn decode<T: Decode<()>>(bytes: &[u8], config: impl Config) -> Result<(T, &[u8]), DecodeError> {
    let mut unread = Unread(bytes);
    let value = bincode::decode_from_reader(&mut unread, config)?;
    Ok((value, unread.0))
}

/// bincode's own writer is inlined at every field of every type, after a pass with another that only counts bytes.
struct Written(Vec<u8>);

impl Writer for Written {
    #[inline(never)]
    fn write(&mut self, bytes: &[u8]) -> Result<(), EncodeError> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }
}

/// The same for reading.
struct Unread<'a>(&'a [u8]);

impl Reader for Unread<'_> {
    #[inline(never)]
    fn read(&mut self, bytes: &mut [u8]) -> Result<(), DecodeError> {
        let additional = bytes.len().saturating_sub(self.0.len());
        let Some((read, unread)) = self.0.split_at_checked(bytes.len()) else {
            return Err(DecodeError::UnexpectedEnd { additional });
        };
        bytes.copy_from_slice(read);
        self.0 = unread;
        Ok(())
    }
}

/// What a file leaves out: what follows from the rest, and what is of the moment. Read from a file it is as by `Default`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Unsaved<T>(pub T);

impl<T> Encode for Unsaved<T> {
    fn encode<E: Encoder>(&self, _: &mut E) -> Result<(), EncodeError> {
        Ok(())
    }
}

impl<T: Default, C> Decode<C> for Unsaved<T> {
    fn decode<D: Decoder<Context = C>>(_: &mut D) -> Result<Self, DecodeError> {
        Ok(Self::default())
    }
}

impl<'de, T: Default, C> BorrowDecode<'de, C> for Unsaved<T> {
    fn borrow_decode<D: BorrowDecoder<'de, Context = C>>(_: &mut D) -> Result<Self, DecodeError> {
        Ok(Self::default())
    }
}

/// A format is saved as its text.
impl Encode for Format {
    fn encode<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        String::from(self.clone()).encode(encoder)
    }
}

impl<C> Decode<C> for Format {
    fn decode<D: Decoder<Context = C>>(decoder: &mut D) -> Result<Self, DecodeError> {
        Ok(Self::from(String::decode(decoder)?))
    }
}

bincode::impl_borrow_decode!(Format);

/// What the workers of one pool tell each other. One program in one moment: no envelope, and nobody to mistrust.
#[must_use]
pub fn to_message(value: &impl Encode) -> Vec<u8> {
    encode(value)
}

/// Reads what [`to_message`] wrote.
///
/// # Errors
/// `BadOptions` where something else did.
pub fn from_message<T: Decode<()>>(bytes: &[u8]) -> Result<T, Error> {
    match decode(bytes, config::standard()) {
        Ok((value, _)) => Ok(value),
        Err(_) => Err(Error::BadOptions {
            problem: "not a message of this training".to_owned(),
        }),
    }
}

/// Reads the bytes of a model file.
///
/// # Errors
/// `NotAModel`, `ModelVersion`, `ModelTruncated`, `ModelChecksum` or `ModelInvalid`: the first check that failed.
pub fn load(bytes: &[u8]) -> Result<CrashPredictor, Error> {
    let payload = open(bytes)?;
    let invalid = |problem| Error::ModelInvalid { problem };
    let decoded = decode::<CrashPredictor>(payload, configuration());
    let (predictor, unread) = decoded.map_err(|_| invalid("its content cannot be decoded"))?;
    if !unread.is_empty() {
        return Err(invalid("bytes are left over behind its content"));
    }
    if !predictor.is_consistent() {
        return Err(invalid("its parts do not fit each other"));
    }
    Ok(predictor)
}

/// Checks the envelope and returns the payload.
fn open(bytes: &[u8]) -> Result<&[u8], Error> {
    let start = bytes.len().min(MAGIC.len());
    if start == 0 || bytes[..start] != MAGIC[..start] {
        return Err(Error::NotAModel);
    }
    let found = bytes.len() as u64;
    let Some((header, payload)) = bytes.split_at_checked(HEADER) else {
        return Err(Error::ModelTruncated {
            expected: HEADER as u64,
            found,
        });
    };
    let version = u16::from_le_bytes(field(header, 8));
    if version != VERSION {
        return Err(Error::ModelVersion {
            found: version,
            supported: VERSION,
        });
    }
    let length = u64::from_le_bytes(field(header, 10));
    if length != payload.len() as u64 {
        return Err(Error::ModelTruncated {
            expected: length.saturating_add(HEADER as u64),
            found,
        });
    }
    if header[18..HEADER] != Sha256::digest(payload)[..] {
        return Err(Error::ModelChecksum);
    }
    Ok(payload)
}

fn field<const N: usize>(header: &[u8], at: usize) -> [u8; N] {
    header[at..at + N]
        .try_into()
        .expect("the header is longer than all of its fields")
}
