//! Line ends and quotes: physical lines counted, and the quote found that swallowed what follows.

use super::fields::MAX_FIELD_BYTES;

/// Counts physical lines: LF, CRLF and a lone CR each end one.
#[derive(Debug, Clone, Copy)]
pub(super) struct LineCounter {
    pub(super) line: u64,
    after_cr: bool,
}

impl LineCounter {
    /// At the start of a text.
    pub(super) fn new() -> Self {
        Self {
            line: 1,
            after_cr: false,
        }
    }

    pub(super) fn pass(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            if byte == b'\r' || (byte == b'\n' && !self.after_cr) {
                self.line += 1;
            }
            self.after_cr = byte == b'\r';
        }
    }

    /// Passes the content of a record that is known to hold no line end.
    pub(super) fn pass_content(&mut self, n_bytes: usize) {
        self.after_cr &= n_bytes == 0;
    }
}

pub(super) fn is_line_end(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

/// A quoted field that took in more than it was meant to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Runaway {
    /// Position of its opening quote.
    pub(super) opened: usize,
    /// Its index.
    pub(super) column: usize,
    /// Position of the first line end inside it.
    pub(super) line_end: Option<usize>,
}

/// The first field of a record whose quote is not closed, or whose quotes hold line ends and more bytes than a field may
/// have. Quotes mean something at the start of a field only, as in csv-core.
pub(super) fn runaway_quote(raw: &[u8], delimiter: u8) -> Option<Runaway> {
    let mut position = 0;
    for column in 0.. {
        if raw.get(position) == Some(&b'"') {
            let opened = position;
            let closed = closing_quote(raw, opened);
            let inside = &raw[opened..closed.unwrap_or(raw.len())];
            let line_end = inside.iter().position(|&byte| is_line_end(byte));
            let is_long = inside.len() > MAX_FIELD_BYTES && line_end.is_some();
            if closed.is_none() || is_long {
                let line_end = line_end.map(|offset| opened + offset);
                return Some(Runaway {
                    opened,
                    column,
                    line_end,
                });
            }
            position = closed? + 1;
        }
        position += raw[position..].iter().position(|&byte| byte == delimiter)? + 1;
    }
    None
}

/// The position of the quote that closes the one at `opened`; doubled ones do not.
fn closing_quote(raw: &[u8], opened: usize) -> Option<usize> {
    let mut position = opened + 1;
    loop {
        position += raw[position..].iter().position(|&byte| byte == b'"')?;
        if raw.get(position + 1) != Some(&b'"') {
            return Some(position);
        }
        position += 2;
    }
}
