//! Bytes to UTF-8: recognises what is not text at all, drops the byte order mark and decodes UTF-16 as it streams in.
//! Bytes that are not valid in their encoding stay invalid UTF-8, so that the row they are in is the one to be rejected.

use crate::{Error, Result};

/// How a log's text is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub enum Encoding {
    /// UTF-8, with or without a byte order mark.
    #[serde(rename = "UTF-8")]
    Utf8,
    /// UTF-16, low byte first, by its byte order mark.
    #[serde(rename = "UTF-16LE")]
    Utf16Le,
    /// UTF-16, high byte first, by its byte order mark.
    #[serde(rename = "UTF-16BE")]
    Utf16Be,
}

impl Encoding {
    /// The name people know it by.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Utf16Le => "UTF-16LE",
            Self::Utf16Be => "UTF-16BE",
        }
    }
}

/// First bytes of files that people drop by mistake. A signature that could also begin a text is not in the list.
const SIGNATURES: [(&[u8], &str); 17] = [
    (b"\x89PNG\r\n\x1a\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF89a", "a GIF image"),
    (b"PK\x03\x04", "a zip archive (or an .xlsx workbook)"),
    (b"PK\x05\x06", "an empty zip archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
    (b"\xfd7zXZ\0", "an xz archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"%PDF-", "a PDF document"),
    (b"PAR1", "a Parquet file"),
    (b"ARROW1\0\0", "an Arrow file"),
    (b"SQLite format 3\0", "an SQLite database"),
    (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        "an old Excel workbook (.xls)",
    ),
    (b"\x7fELF", "a program"),
    (b"\0asm", "a WebAssembly program"),
    (b"MZ\x90\0", "a program"),
];

/// The encoding and the length of the byte order mark, from the first bytes of a file.
///
/// # Errors
/// [`Error::NotCsv`] with the name of what the bytes look like.
pub(super) fn sniff(head: &[u8]) -> Result<(Encoding, usize)> {
    if let Some((_, found)) = SIGNATURES.iter().find(|(magic, _)| head.starts_with(magic)) {
        return Err(Error::NotCsv { found });
    }
    let text = head.trim_ascii_start();
    if starts_with_word(text, b"<!doctype html") || starts_with_word(text, b"<html") {
        return Err(Error::NotCsv {
            found: "a web page (HTML)",
        });
    }
    Ok(match head {
        [0xef, 0xbb, 0xbf, ..] => (Encoding::Utf8, 3),
        [0xff, 0xfe, ..] => (Encoding::Utf16Le, 2),
        [0xfe, 0xff, ..] => (Encoding::Utf16Be, 2),
        _ => (Encoding::Utf8, 0),
    })
}

fn starts_with_word(text: &[u8], word: &[u8]) -> bool {
    text.get(..word.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(word))
}

/// Refuses decoded text of which more than one byte in twenty is a control character: no log is, every binary file is.
///
/// # Errors
/// [`Error::NotCsv`]
pub(super) fn refuse_binary(text: &[u8]) -> Result<()> {
    /// So few may be damage in a small file, which is for the row to report.
    const FEW: usize = 8;
    let n_nul = text.iter().filter(|&&byte| byte == 0).count();
    let n_control = text
        .iter()
        .filter(|&&byte| byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c | 0x1b))
        .count();
    if n_control < FEW || n_control * 20 <= text.len() {
        return Ok(());
    }
    Err(Error::NotCsv {
        found: if n_nul * 2 > n_control {
            "full of NUL bytes (a binary file, or UTF-16 without its byte order mark)"
        } else {
            "a binary file"
        },
    })
}

/// Decodes UTF-16 however it was cut; UTF-8 needs no decoder.
#[derive(Debug)]
pub(super) struct Utf16Decoder {
    big_endian: bool,
    /// The first byte of a unit whose second has not come yet.
    half: Option<u8>,
    /// The first half of a surrogate pair.
    high: Option<u16>,
}

impl Utf16Decoder {
    pub(super) fn new(encoding: Encoding) -> Option<Self> {
        let big_endian = match encoding {
            Encoding::Utf8 => return None,
            Encoding::Utf16Le => false,
            Encoding::Utf16Be => true,
        };
        Some(Self {
            big_endian,
            half: None,
            high: None,
        })
    }

    /// Appends the UTF-8 of `bytes` to `out`.
    pub(super) fn decode(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        let mut units = Vec::with_capacity(bytes.len() / 2 + 2);
        units.extend(self.high.take());
        for &byte in bytes {
            match self.half.take() {
                None => self.half = Some(byte),
                Some(first) if self.big_endian => units.push(u16::from_be_bytes([first, byte])),
                Some(first) => units.push(u16::from_le_bytes([first, byte])),
            }
        }
        if let Some(&last) = units.last()
            && (0xd800..0xdc00).contains(&last)
        {
            self.high = units.pop();
        }
        append(&units, out);
    }

    /// What is left when the file ends in the middle of a character.
    pub(super) fn finish(&mut self, out: &mut Vec<u8>) {
        if self.high.take().is_some() || self.half.take().is_some() {
            out.push(INVALID);
        }
    }
}

/// A byte that occurs nowhere in UTF-8: it stands for an unpaired surrogate, and gets its row rejected as `Encoding`.
const INVALID: u8 = 0xff;

fn append(units: &[u16], out: &mut Vec<u8>) {
    for decoded in char::decode_utf16(units.iter().copied()) {
        match decoded {
            Ok(character) => {
                out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
            }
            Err(_) => out.push(INVALID),
        }
    }
}
