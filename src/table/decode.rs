//! Bytes to UTF-8: recognises what is not text at all, drops the byte order mark, decodes UTF-16 as it streams in, and
//! Windows-1252 record by record where a record is not UTF-8 and reads like it. Bytes that are text in neither stay invalid
//! UTF-8, so that the row they are in is the one to be rejected.

use crate::{Error, Result};

/// How a log's text is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub enum Encoding {
    /// UTF-8, with or without a byte order mark.
    #[serde(rename = "UTF-8")]
    Utf8,
    /// UTF-16, low byte first, by its byte order mark or by the zero bytes of its ASCII characters.
    #[serde(rename = "UTF-16LE")]
    Utf16Le,
    /// UTF-16, high byte first, likewise.
    #[serde(rename = "UTF-16BE")]
    Utf16Be,
    /// UTF-8 in which some records are not, and read like Windows-1252: what they were taken for.
    #[serde(rename = "Windows-1252")]
    Windows1252,
}

impl Encoding {
    /// The name people know it by.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Utf16Le => "UTF-16LE",
            Self::Utf16Be => "UTF-16BE",
            Self::Windows1252 => "Windows-1252",
        }
    }
}

const AS_CSV: &str = "export it as CSV text and try again";
const UNPACKED: &str = "unpack it first and choose the CSV file in it";

const PROMETHEUS: &str = "what Prometheus scrapes, which is one moment";
const QUERIED: &str = "query a range of time and export it as CSV";

/// First bytes of files that people drop by mistake. A signature that could also begin a text is not in the list.
const SIGNATURES: [(&[u8], &str, &str); 19] = [
    (b"\x89PNG\r\n\x1a\n", "a PNG image", AS_CSV),
    (b"\xff\xd8\xff", "a JPEG image", AS_CSV),
    (b"GIF89a", "a GIF image", AS_CSV),
    (b"PK\x03\x04", "a zip archive", UNPACKED),
    (b"PK\x05\x06", "an empty zip archive", UNPACKED),
    (b"\x1f\x8b", "a gzip archive", UNPACKED),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive", UNPACKED),
    (b"\xfd7zXZ\0", "an xz archive", UNPACKED),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", UNPACKED),
    (b"%PDF-", "a PDF document", AS_CSV),
    (b"PAR1", "a Parquet file", AS_CSV),
    (b"ARROW1\0\0", "an Arrow file", AS_CSV),
    (b"SQLite format 3\0", "an SQLite database", AS_CSV),
    (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        "an old Excel workbook (.xls)",
        "save its sheet as CSV and try again",
    ),
    (b"\x7fELF", "a program", AS_CSV),
    (b"\0asm", "a WebAssembly program", AS_CSV),
    (b"MZ\x90\0", "a program", AS_CSV),
    (b"# HELP ", PROMETHEUS, QUERIED),
    (b"# TYPE ", PROMETHEUS, QUERIED),
];

/// The encoding and the length of the byte order mark, from the first bytes of a file.
///
/// # Errors
/// [`Error::NotCsv`] with the name of what the bytes look like.
pub(super) fn sniff(head: &[u8]) -> Result<(Encoding, usize)> {
    if is_workbook(head) {
        return Err(Error::NotCsv {
            found: "an Excel workbook (.xlsx)",
            advice: "save its sheet as CSV and try again",
        });
    }
    let mut signatures = SIGNATURES.iter();
    if let Some(&(_, found, advice)) = signatures.find(|(magic, ..)| head.starts_with(magic)) {
        return Err(Error::NotCsv { found, advice });
    }
    let text = head.trim_ascii_start();
    if starts_with_word(text, b"<!doctype html") || starts_with_word(text, b"<html") {
        return Err(Error::NotCsv {
            found: "a web page (HTML)",
            advice: AS_CSV,
        });
    }
    Ok(match head {
        [0xef, 0xbb, 0xbf, ..] => (Encoding::Utf8, 3),
        [0xff, 0xfe, ..] => (Encoding::Utf16Le, 2),
        [0xfe, 0xff, ..] => (Encoding::Utf16Be, 2),
        _ => (utf16_without_mark(head).unwrap_or(Encoding::Utf8), 0),
    })
}

/// A zip archive that names a part of a workbook near its start, as every program that writes them does.
fn is_workbook(head: &[u8]) -> bool {
    const NAMES_WITHIN: usize = 4096;
    let start = &head[..head.len().min(NAMES_WITHIN)];
    let names = |name: &[u8]| start.windows(name.len()).any(|window| window == name);
    head.starts_with(b"PK\x03\x04") && (names(b"xl/") || names(b"[Content_Types].xml"))
}

/// In UTF-16 every other byte of a log is zero, that of its digits and delimiters; in a log without digits, some are.
fn utf16_without_mark(head: &[u8]) -> Option<Encoding> {
    let (mut n_first, mut n_second) = (0, 0);
    for pair in head.chunks_exact(2) {
        n_first += usize::from(pair[0] == 0);
        n_second += usize::from(pair[1] == 0);
    }
    let mostly = |zeros: usize, others: usize| zeros * 5 >= head.len() && others * 20 <= zeros;
    if mostly(n_second, n_first) && n_second > 1 {
        Some(Encoding::Utf16Le)
    } else if mostly(n_first, n_second) && n_first > 1 {
        Some(Encoding::Utf16Be)
    } else {
        None
    }
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
    let n_control = text
        .iter()
        .filter(|&&byte| byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c | 0x1b))
        .count();
    if n_control < FEW || n_control * 20 <= text.len() {
        return Ok(());
    }
    let n_nul = text.iter().filter(|&&byte| byte == 0).count();
    Err(Error::NotCsv {
        found: if n_nul * 2 > n_control {
            "full of NUL bytes (a binary file)"
        } else {
            "a binary file"
        },
        advice: AS_CSV,
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
            Encoding::Utf8 | Encoding::Windows1252 => return None,
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

/// Whether bytes that are not UTF-8 read like Windows-1252: each run of them is in or at a word, or consists of signs that
/// stand alone, such as the degree. Damage seldom looks like that, and 0xff, which no language needs, is a sign of it.
pub(super) fn reads_like_windows_1252(bytes: &[u8]) -> bool {
    const SIGNS: &[u8] =
        b"\x80\x85\x91\x92\x93\x94\x96\x97\xa0\xa3\xa7\xab\xb0\xb1\xb2\xb3\xb5\xb7\xbb\xbd";
    let mut rest = bytes;
    let mut before = b' ';
    while let Some(start) = rest.iter().position(|byte| !byte.is_ascii()) {
        if let Some(at) = start.checked_sub(1) {
            before = rest[at];
        }
        rest = &rest[start..];
        let n = rest.iter().take_while(|byte| !byte.is_ascii()).count();
        let (run, after) = rest.split_at(n);
        let is_at_word = before.is_ascii_alphabetic()
            || after.first().is_some_and(|byte| byte.is_ascii_alphabetic());
        let is_text = |byte: &u8| *byte != 0xff && windows_1252(*byte).is_some();
        if !run.iter().all(is_text) || !(is_at_word || run.iter().all(|byte| SIGNS.contains(byte)))
        {
            return false;
        }
        rest = after;
        before = b' ';
    }
    true
}

/// Appends the UTF-8 of Windows-1252 bytes; the five it does not define become the replacement character.
pub(super) fn decode_windows_1252(bytes: &[u8], out: &mut Vec<u8>) {
    for &byte in bytes {
        let character = windows_1252(byte).unwrap_or(char::REPLACEMENT_CHARACTER);
        out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
    }
}

/// <https://encoding.spec.whatwg.org/index-windows-1252.txt>, less the five bytes that stand for nothing.
fn windows_1252(byte: u8) -> Option<char> {
    const FROM_80: [u16; 32] = [
        0x20ac, 0, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039,
        0x0152, 0, 0x017d, 0, 0, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc,
        0x2122, 0x0161, 0x203a, 0x0153, 0, 0x017e, 0x0178,
    ];
    match byte {
        0x80..=0x9f => {
            let code = FROM_80[usize::from(byte - 0x80)];
            (code != 0).then(|| char::from_u32(code.into()))?
        }
        _ => Some(char::from(byte)),
    }
}
