//! The model file: an envelope that is checked before anything in it is believed.
//!
//! | bytes | what |
//! | --- | --- |
//! | 0..8 | magic `CRASHMDL` |
//! | 8..10 | version of the format, little-endian |
//! | 10..18 | length of the payload, little-endian |
//! | 18..50 | SHA-256 of the payload |
//! | 50.. | payload: the predictor as [`codec`] writes it |
//!
//! Most damaged bytes can be decoded; hence the checksum, the limit, and the semantic checks of
//! [`CrashPredictor::is_consistent`] last.

use sha2::{Digest, Sha256};

use crate::codec;
use crate::error::Error;
use crate::model::Model;
use crate::predictor::CrashPredictor;

const MAGIC: &[u8; 8] = b"CRASHMDL";
/// Raised whenever the payload's layout changes.
const VERSION: u16 = 1;
const HEADER: usize = 50;
/// Bytes of a payload, and of all lists in it when read: far above any model, far below what hurts.
const LIMIT: usize = 128 << 20;

/// The predictor as the bytes of a model file. The same predictor gives the same bytes everywhere.
#[must_use]
pub fn save(predictor: &CrashPredictor) -> Vec<u8> {
    let payload = codec::encode(predictor);
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
    codec::encode(model).len() as u64
}

/// Reads the bytes of a model file.
///
/// # Errors
/// `NotAModel`, `ModelVersion`, `ModelTruncated`, `ModelChecksum` or `ModelInvalid`: the first check that failed.
pub fn load(bytes: &[u8]) -> Result<CrashPredictor, Error> {
    let payload = open(bytes)?;
    let invalid = |problem| Error::ModelInvalid { problem };
    let decoded = codec::decode::<CrashPredictor>(payload, LIMIT);
    let (predictor, n_left_over) =
        decoded.ok_or_else(|| invalid("its content cannot be decoded"))?;
    if n_left_over > 0 {
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
