//! Bytes, however they are cut, to [`Record`]s with their line, raw bytes and fields: decoding, dialect and scanner put
//! together. Training and scoring read the same records here. What the cells mean is `builder`'s and `value`'s.

use super::decode::{
    Encoding, Utf16Decoder, decode_windows_1252, reads_like_windows_1252, refuse_binary, sniff,
};
use super::dialect::{CheckedOptions, Dialect, ReadOptions, detect};
use super::header::can_be_name;
use super::scan::{Found, Scanner};
use crate::{Error, Result};

/// The dialect is found from exactly so many first bytes, or all there are, so that chunks never matter.
const HEAD_BYTES: usize = 64 << 10;

/// What a record is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordRole {
    /// The names of the columns.
    Header,
    /// A row of data.
    Row,
}

/// Why a record's fields cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordProblem {
    /// A quote is opened and not closed. The lines after the one it is on are records again.
    UnclosedQuote {
        /// Physical line of the quote.
        line: u64,
        /// Index of its field.
        column: usize,
    },
    /// A field is longer than [`MAX_FIELD_BYTES`](super::MAX_FIELD_BYTES).
    FieldTooLong {
        /// Index of the field.
        column: usize,
    },
}

/// A record: one row of a log, or its header.
#[derive(Debug, Clone, Copy)]
pub struct Record<'a> {
    /// Physical line it starts on, the first being 1.
    pub line: u64,
    /// Offset of its first byte from the start of the file (of the decoded text for UTF-16).
    pub offset: u64,
    /// Its bytes as UTF-8 without the line end; empty for a record over
    /// [`MAX_RECORD_BYTES`](super::MAX_RECORD_BYTES). Invalid bytes are as they were.
    pub raw: &'a [u8],
    /// How the log is written; the header is known from the first sound record on.
    pub dialect: Dialect,
    /// What it is.
    pub role: RecordRole,
    /// Why its fields cannot be used, if they cannot.
    pub problem: Option<RecordProblem>,
    /// How many fields it has, also where they are too many to be kept.
    pub n_fields: usize,
    /// Whether it is the first that was taken for Windows-1252.
    pub is_first_windows_1252: bool,
    pub(super) text: &'a [u8],
    pub(super) ends: &'a [usize],
}

impl<'a> Record<'a> {
    /// The unescaped fields. They may not be valid UTF-8.
    pub fn fields(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let text = self.text;
        let mut start = 0;
        self.ends.iter().map(move |&end| {
            let field = &text[start..end];
            start = end;
            field
        })
    }
}

/// Cuts a log into records. Push bytes, then finish; records go to the sink as they become complete.
#[derive(Debug)]
pub struct RecordReader {
    options: CheckedOptions,
    /// The first bytes, until there are enough of them to find the dialect.
    head: Vec<u8>,
    body: Option<Body>,
}

#[derive(Debug)]
struct Body {
    decoder: Option<Utf16Decoder>,
    scanner: Scanner,
    context: Context,
}

/// What turns what the scanner finds into records.
#[derive(Debug)]
struct Context {
    dialect: Dialect,
    header: HeaderState,
    converted: Converted,
    /// Length of the byte order mark.
    mark: u64,
}

/// A record that was taken for Windows-1252, as UTF-8.
#[derive(Debug, Default)]
struct Converted {
    raw: Vec<u8>,
    text: Vec<u8>,
    ends: Vec<usize>,
}

impl Converted {
    fn convert(&mut self, record: &Record<'_>) {
        self.raw.clear();
        decode_windows_1252(record.raw, &mut self.raw);
        self.text.clear();
        self.ends.clear();
        for field in record.fields() {
            decode_windows_1252(field, &mut self.text);
            self.ends.push(self.text.len());
        }
    }
}

/// What is known of the header.
#[derive(Debug, Clone, Copy)]
enum HeaderState {
    /// No sound record has come yet; `Some` is what the user said.
    Awaited(Option<bool>),
    Passed,
}

impl RecordReader {
    /// A reader with these options.
    ///
    /// # Errors
    /// [`Error::BadOption`]
    pub fn new(options: &ReadOptions) -> Result<Self> {
        Ok(Self {
            options: options.check()?,
            head: Vec::new(),
            body: None,
        })
    }

    /// Takes the next bytes.
    ///
    /// # Errors
    /// [`Error::NotCsv`], and whatever the sink returns.
    pub fn push(
        &mut self,
        chunk: &[u8],
        sink: &mut impl FnMut(&Record<'_>) -> Result<()>,
    ) -> Result<()> {
        if let Some(body) = &mut self.body {
            return body.push(chunk, sink);
        }
        let (first, rest) = chunk.split_at(chunk.len().min(HEAD_BYTES - self.head.len()));
        self.head.extend_from_slice(first);
        if self.head.len() < HEAD_BYTES {
            return Ok(());
        }
        let body = self.open(IsWhole::No, sink)?;
        body.push(rest, sink)
    }

    /// Says that no more bytes will come.
    ///
    /// # Errors
    /// [`Error::NotCsv`], and whatever the sink returns.
    pub fn finish(&mut self, sink: &mut impl FnMut(&Record<'_>) -> Result<()>) -> Result<()> {
        if self.body.is_none() {
            self.open(IsWhole::Yes, sink)?;
        }
        match &mut self.body {
            Some(body) => body.finish(sink),
            None => Ok(()),
        }
    }

    /// How the log is written. Known once the first record has come; before that, the usual.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.body
            .as_ref()
            .map_or_else(Dialect::default, |body| body.context.dialect)
    }

    /// Finds the dialect from the head and reads the head's records.
    fn open(
        &mut self,
        is_whole: IsWhole,
        sink: &mut impl FnMut(&Record<'_>) -> Result<()>,
    ) -> Result<&mut Body> {
        let head = std::mem::take(&mut self.head);
        let (encoding, mark) = sniff(&head)?;
        let mut decoder = Utf16Decoder::new(encoding);
        let mut text = head[mark..].to_vec();
        if let Some(decoder) = &mut decoder {
            text.clear();
            decoder.decode(&head[mark..], &mut text);
        }
        refuse_binary(&text)?;
        let dialect = Dialect {
            encoding,
            ..detect(&text, is_whole, self.options.delimiter)
        };
        let body = self.body.insert(Body {
            decoder,
            scanner: Scanner::new(dialect.delimiter_byte()),
            context: Context {
                dialect,
                header: HeaderState::Awaited(self.options.header),
                converted: Converted::default(),
                mark: mark as u64,
            },
        });
        body.scan(&text, sink)?;
        Ok(body)
    }
}

/// Whether the head is the whole file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum IsWhole {
    Yes,
    No,
}

impl Body {
    fn push(
        &mut self,
        chunk: &[u8],
        sink: &mut impl FnMut(&Record<'_>) -> Result<()>,
    ) -> Result<()> {
        let Some(decoder) = &mut self.decoder else {
            return self.scan(chunk, sink);
        };
        let mut text = Vec::with_capacity(chunk.len());
        decoder.decode(chunk, &mut text);
        self.scan(&text, sink)
    }

    fn scan(
        &mut self,
        text: &[u8],
        sink: &mut impl FnMut(&Record<'_>) -> Result<()>,
    ) -> Result<()> {
        let Self {
            scanner, context, ..
        } = self;
        scanner.feed(text, |scanner| {
            while let Some(found) = scanner.next() {
                sink(&context.record(scanner, &found))?;
            }
            Ok::<(), Error>(())
        })
    }

    fn finish(&mut self, sink: &mut impl FnMut(&Record<'_>) -> Result<()>) -> Result<()> {
        if let Some(decoder) = &mut self.decoder {
            let mut text = Vec::new();
            decoder.finish(&mut text);
            self.scan(&text, sink)?;
        }
        while let Some(found) = self.scanner.next_at_end() {
            sink(&self.context.record(&self.scanner, &found))?;
        }
        Ok(())
    }
}

impl Context {
    /// The record that was found. The first one that is sound decides whether there is a header.
    fn record<'a>(&'a mut self, scanner: &'a Scanner, found: &Found) -> Record<'a> {
        let (text, ends) = scanner.fields();
        let is_utf16 = matches!(self.dialect.encoding, Encoding::Utf16Le | Encoding::Utf16Be);
        let mut record = Record {
            line: found.line,
            offset: found.offset + if is_utf16 { 0 } else { self.mark },
            raw: scanner.raw(found),
            dialect: self.dialect,
            role: RecordRole::Row,
            problem: found.problem,
            n_fields: found.n_fields,
            is_first_windows_1252: false,
            text,
            ends,
        };
        if !is_utf16
            && !record.raw.is_ascii()
            && std::str::from_utf8(record.raw).is_err()
            && reads_like_windows_1252(record.raw)
        {
            self.converted.convert(&record);
            record.is_first_windows_1252 = self.dialect.encoding == Encoding::Utf8;
            self.dialect.encoding = Encoding::Windows1252;
            record.raw = &self.converted.raw;
            record.text = &self.converted.text;
            record.ends = &self.converted.ends;
        }
        if let HeaderState::Awaited(said) = self.header
            && record.problem.is_none()
        {
            self.dialect.header = said.unwrap_or_else(|| reads_like_names(&record));
            if self.dialect.header {
                record.role = RecordRole::Header;
            }
            self.header = HeaderState::Passed;
        }
        record.dialect = self.dialect;
        record
    }
}

/// Cells that are not UTF-8 are no numbers; the header they make is refused later.
fn reads_like_names(record: &Record<'_>) -> bool {
    let mut cells = record.fields().map(std::str::from_utf8);
    cells.all(|cell| cell.map_or(true, can_be_name))
}
