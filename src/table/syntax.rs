//! The bytes that mean something in a log, as the scanner needs them.

/// How a log is written, byte by byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Syntax {
    pub(super) delimiter: u8,
    /// Around fields.
    pub(super) quote: u8,
    /// Before a quote that belongs to the text; the quote itself where it is doubled. A doubled one is understood always.
    pub(super) escape: u8,
    /// At the start of lines that say nothing.
    pub(super) comment: Option<u8>,
    pub(super) spacing: Spacing,
}

/// What spaces at the start of a field are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spacing {
    /// A part of it.
    Kept,
    /// A part of the delimiter.
    Dropped,
    /// The delimiter itself, in runs of spaces and tabs.
    Delimits,
}

impl Syntax {
    /// Double quotes, doubled where they belong to the text.
    pub(super) fn new(delimiter: u8) -> Self {
        Self {
            delimiter,
            quote: b'"',
            escape: b'"',
            comment: None,
            spacing: Spacing::Kept,
        }
    }

    #[inline]
    pub(super) fn is_delimiter(&self, byte: u8) -> bool {
        byte == self.delimiter || (byte == b'\t' && self.spacing == Spacing::Delimits)
    }

    /// The bytes to look for: also NUL, that rows with one are not taken for plain ones, which have no runs of spaces.
    pub(super) fn needles(&self) -> [u8; 6] {
        let other = if self.spacing == Spacing::Delimits {
            b'\t'
        } else {
            0
        };
        [self.delimiter, other, self.quote, self.escape, b'\n', b'\r']
    }
}
