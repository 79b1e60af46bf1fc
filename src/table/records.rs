//! Bytes, however they are cut, to [`Record`]s with their line, raw bytes and fields: decoding, dialect and scanner put
//! together. Training and scoring read the same records here. What the cells mean is `builder`'s and `value`'s.

use super::decode::{
    Encoding, Utf16Decoder, decode_windows_1252, reads_like_windows_1252, refuse_binary, sniff,
};
use super::detect::{Head, Plan, detect};
use super::dialect::{CheckedOptions, Dialect, ReadOptions};
use super::fields::{Bounds, MAX_FIELD_BYTES};
use super::json_lines::JsonLines;
use super::role::{Aside, HeaderState, RecordRole, Seen, strip_sharp};
use super::sar::Sar;
use super::scan::{Found, Rows, Scanner};
use crate::{Error, Result};

/// The dialect is found from exactly so many first bytes, or all there are, so that chunks never matter.
const HEAD_BYTES: usize = 64 << 10;
/// Lines of which it can be found where more are not waited for: a header and two rows.
const FEW_LINES: usize = 3;

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
    /// The record is longer than the user allows.
    RowTooLong,
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
    /// Index of the first field in which a closing quote is followed by more.
    pub stray_quote: Option<usize>,
    /// Whether it is the first that was taken for Windows-1252.
    pub is_first_windows_1252: bool,
    /// The text the fields are in; where nothing had to be unescaped, the record itself.
    pub(super) text: &'a [u8],
    pub(super) bounds: &'a [Bounds],
    /// Fields that rows have, where that is known before they are read.
    pub(super) width: Option<usize>,
}

impl<'a> Record<'a> {
    /// The unescaped fields. They may not be valid UTF-8.
    pub fn fields(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let text = self.text;
        let field = move |&(start, end): &Bounds| &text[start as usize..end as usize];
        self.bounds.iter().map(field)
    }
}

/// What takes the records. A trait object: the reader would be compiled once more for each kind of sink.
pub(super) trait Sink {
    /// Takes the next record.
    fn take(&mut self, record: &Record<'_>) -> Result<()>;

    /// How many fields the records have that it takes many at a time, if it does so by now.
    fn width(&self) -> Option<usize>;

    /// Takes the next records of that width, each a row that has no problem.
    fn take_rows(&mut self, rows: &Rows<'_>);
}

/// Takes records one after the other.
struct OneByOne<'a>(&'a mut dyn FnMut(&Record<'_>) -> Result<()>);

impl Sink for OneByOne<'_> {
    fn take(&mut self, record: &Record<'_>) -> Result<()> {
        self.0(record)
    }

    fn width(&self) -> Option<usize> {
        None
    }

    fn take_rows(&mut self, _: &Rows<'_>) {}
}

/// Cuts a log into records. Push bytes, then finish; records go to the sink as they become complete.
#[derive(Debug)]
pub struct RecordReader {
    options: CheckedOptions,
    /// The first bytes, until there are enough of them to find the dialect.
    head: Vec<u8>,
    body: Option<Body>,
    /// Lines of the files before.
    n_lines: u64,
}

#[derive(Debug)]
struct Body {
    decoder: Option<Utf16Decoder>,
    json: Option<JsonLines>,
    sar: Option<Sar>,
    scanner: Scanner,
    context: Context,
}

/// What turns what the scanner finds into records.
#[derive(Debug)]
struct Context {
    plan: Plan,
    dialect: Dialect,
    header: HeaderState,
    seen: Seen,
    converted: Converted,
    max_row_bytes: usize,
    /// Lines of the files before.
    n_lines: u64,
    /// Where the last record began.
    last_line: u64,
    /// Length of the byte order mark.
    mark: u64,
}

/// The byte order mark, which is in the middle where files were put together by `cat`.
pub(super) const MARK: &[u8] = "\u{feff}".as_bytes();

/// A record that was taken for Windows-1252, as UTF-8, or one without the byte order mark before it.
#[derive(Debug, Default)]
struct Converted {
    raw: Vec<u8>,
    text: Vec<u8>,
    bounds: Vec<Bounds>,
}

impl Converted {
    /// The first field may be in quotes, which a mark before them hides.
    fn strip_mark(&mut self, record: &Record<'_>) {
        let quote = record.dialect.quote_byte();
        self.raw.clear();
        self.raw.extend_from_slice(&record.raw[MARK.len()..]);
        self.text.clear();
        self.bounds.clear();
        for mut field in record.fields() {
            let start = self.text.len() as u32;
            if start == 0 {
                field = field.strip_prefix(MARK).unwrap_or(field);
                field = field.strip_prefix(&[quote]).unwrap_or(field);
                field = field.strip_suffix(&[quote]).unwrap_or(field);
            }
            self.text.extend_from_slice(field);
            self.bounds.push((start, self.text.len() as u32));
        }
    }

    fn convert(&mut self, record: &Record<'_>) {
        self.raw.clear();
        decode_windows_1252(record.raw, &mut self.raw);
        self.text.clear();
        self.bounds.clear();
        for field in record.fields() {
            let start = self.text.len() as u32;
            decode_windows_1252(field, &mut self.text);
            self.bounds.push((start, self.text.len() as u32));
        }
    }
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
            n_lines: 0,
        })
    }

    /// Takes the next bytes.
    ///
    /// # Errors
    /// [`Error::NotCsv`], and whatever the sink returns.
    pub fn push(
        &mut self,
        chunk: &[u8],
        sink: &mut dyn FnMut(&Record<'_>) -> Result<()>,
    ) -> Result<()> {
        self.push_to(chunk, &mut OneByOne(sink))
    }

    pub(super) fn push_to(&mut self, chunk: &[u8], sink: &mut dyn Sink) -> Result<()> {
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

    /// Reads what has come, although more bytes would tell better how the log is written; does nothing before a few lines
    /// are there.
    ///
    /// # Errors
    /// As [`push`](Self::push).
    pub fn settle(&mut self, sink: &mut dyn FnMut(&Record<'_>) -> Result<()>) -> Result<()> {
        let lines = self.head.split_inclusive(|&byte| byte == b'\n');
        let whole = lines.filter(|line| line.ends_with(b"\n") && !line.trim_ascii().is_empty());
        if self.body.is_none() && whole.count() >= FEW_LINES {
            self.open(IsWhole::No, &mut OneByOne(sink))?;
        }
        Ok(())
    }

    /// Says that no more bytes will come.
    ///
    /// # Errors
    /// [`Error::NotCsv`], and whatever the sink returns.
    pub fn finish(&mut self, sink: &mut dyn FnMut(&Record<'_>) -> Result<()>) -> Result<()> {
        self.finish_to(&mut OneByOne(sink))
    }

    pub(super) fn finish_to(&mut self, sink: &mut dyn Sink) -> Result<()> {
        if self.body.is_none() {
            self.open(IsWhole::Yes, sink)?;
        }
        match &mut self.body {
            Some(body) => body.finish(sink),
            None => Ok(()),
        }
    }

    /// Readies for another file, whose lines count on from those of the one that was finished; returns its first line.
    pub(super) fn begin_file(&mut self) -> u64 {
        if let Some(body) = self.body.take() {
            let shown = body.sar.and_then(|sar| sar.day_first);
            self.options.day_first = self.options.day_first.or(shown);
            self.n_lines = body
                .context
                .last_line
                .max(self.n_lines + body.scanner.line() - 1);
        }
        self.n_lines + 1
    }

    /// How the log is written. Known once the first record has come; before that, the usual.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.body
            .as_ref()
            .map_or_else(Dialect::default, |body| body.context.dialect)
    }

    /// Finds the dialect from the head and reads the head's records.
    fn open(&mut self, is_whole: IsWhole, sink: &mut dyn Sink) -> Result<&mut Body> {
        let head = std::mem::take(&mut self.head);
        let (encoding, mark) = sniff(&head)?;
        let mut decoder = Utf16Decoder::new(encoding);
        let mut text = head[mark..].to_vec();
        if let Some(decoder) = &mut decoder {
            text.clear();
            decoder.decode(&head[mark..], &mut text);
        }
        refuse_binary(&text)?;
        let mut header = Vec::new();
        let json = JsonLines::open(&text, &mut header);
        let sar = match self.options.is_table {
            true => None,
            false => Sar::open(&text, encoding, self.n_lines, self.options.day_first),
        };
        let mut plan = match &json {
            Some(json) => Plan::of_json_lines(json.width()),
            None => {
                let text = &text;
                detect(Head { text, is_whole }, &self.options)
            }
        };
        if let Some(sar) = &sar {
            plan.dialect = sar.dialect;
        }
        let has_header = json.is_some().then_some(true).or(self.options.header);
        let body = self.body.insert(Body {
            decoder,
            scanner: Scanner::new(plan.syntax, plan.dialect.first_line()),
            json,
            sar,
            context: Context {
                plan,
                dialect: Dialect {
                    encoding,
                    ..plan.dialect
                },
                header: HeaderState::Awaited(has_header),
                seen: Seen::default(),
                converted: Converted::default(),
                max_row_bytes: self.options.max_row_bytes,
                n_lines: self.n_lines,
                last_line: self.n_lines,
                mark: mark as u64,
            },
        });
        body.scan_csv(&header, sink)?;
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
    fn push(&mut self, chunk: &[u8], sink: &mut dyn Sink) -> Result<()> {
        let Some(decoder) = &mut self.decoder else {
            return self.scan(chunk, sink);
        };
        let mut text = Vec::with_capacity(chunk.len());
        decoder.decode(chunk, &mut text);
        self.scan(&text, sink)
    }

    fn scan(&mut self, text: &[u8], sink: &mut dyn Sink) -> Result<()> {
        if let Some(sar) = &mut self.sar {
            return sar.read(text, sink);
        }
        let Some(json) = &mut self.json else {
            return self.scan_csv(text, sink);
        };
        let mut csv = Vec::with_capacity(text.len());
        json.translate(text, &mut csv);
        self.scan_csv(&csv, sink)
    }

    fn scan_csv(&mut self, text: &[u8], sink: &mut dyn Sink) -> Result<()> {
        let Self {
            scanner, context, ..
        } = self;
        scanner.feed(text, |scanner| {
            loop {
                context.take_rows(scanner, sink);
                match scanner.next() {
                    None => return Ok::<(), Error>(()),
                    Some(found) => sink.take(&context.record(scanner, &found))?,
                }
            }
        })
    }

    fn finish(&mut self, sink: &mut dyn Sink) -> Result<()> {
        if let Some(decoder) = &mut self.decoder {
            let mut text = Vec::new();
            decoder.finish(&mut text);
            self.scan(&text, sink)?;
        }
        if let Some(sar) = &mut self.sar {
            sar.finish(sink)?;
            self.context.last_line = sar.n_lines;
        }
        if let Some(json) = &mut self.json {
            let mut csv = Vec::new();
            json.finish(&mut csv);
            self.scan_csv(&csv, sink)?;
        }
        while let Some(found) = self.scanner.next_at_end() {
            sink.take(&self.context.record(&mut self.scanner, &found))?;
        }
        Ok(())
    }
}

impl Context {
    /// Has the sink take the rows that come next, as far as they are plain and all that [`record`](Self::record) would say
    /// of them is that they are rows.
    fn take_rows(&mut self, scanner: &mut Scanner, sink: &mut dyn Sink) {
        let Some(width) = sink.width() else { return };
        let is_wide = self.plan.width.is_some_and(|known| known != width);
        if is_wide || !self.header.is_passed() || !self.seen.has_rows_of(width) {
            return;
        }
        let Self { plan, seen, .. } = self;
        let max_bytes = self.max_row_bytes.min(MAX_FIELD_BYTES);
        let is_usual = |text: &[u8], fields: &[Bounds]| {
            let start = fields[0].0 as usize;
            let is_comment = plan.syntax.comment == text.get(start).copied();
            text.len() - start <= max_bytes && !is_comment && seen.is_row(text, fields)
        };
        scanner.next_rows(width, is_usual, |mut rows| {
            rows.line += self.n_lines;
            self.last_line = rows.line + rows.n_rows as u64 - 1;
            sink.take_rows(&rows);
        });
    }

    /// The record that was found.
    fn record<'a>(&'a mut self, scanner: &'a mut Scanner, found: &Found) -> Record<'a> {
        let (raw, text, bounds) = scanner.fields(found);
        let is_utf16 = matches!(self.dialect.encoding, Encoding::Utf16Le | Encoding::Utf16Be);
        let mut record = Record {
            line: found.line,
            offset: found.offset + if is_utf16 { 0 } else { self.mark },
            raw,
            dialect: self.dialect,
            role: RecordRole::Row,
            problem: found.problem,
            n_fields: found.n_fields,
            stray_quote: found.stray_quote,
            is_first_windows_1252: false,
            text,
            bounds,
            width: self.plan.width,
        };
        let Self {
            plan,
            dialect,
            header,
            seen,
            converted,
            max_row_bytes,
            n_lines,
            last_line,
            ..
        } = self;
        if record.raw.starts_with(MARK) {
            converted.strip_mark(&record);
            record.raw = &converted.raw;
            record.text = &converted.text;
            record.bounds = &converted.bounds;
        } else if !is_utf16
            && !record.raw.is_ascii()
            && std::str::from_utf8(record.raw).is_err()
            && reads_like_windows_1252(record.raw)
        {
            converted.convert(&record);
            record.is_first_windows_1252 = dialect.encoding == Encoding::Utf8;
            dialect.encoding = Encoding::Windows1252;
            record.raw = &converted.raw;
            record.text = &converted.text;
            record.bounds = &converted.bounds;
        }
        if found.is_comment && plan.header_line != Some(found.line) {
            record.role = RecordRole::Aside(Aside::Comment);
        } else if found.line < plan.first_line && plan.header_line != Some(found.line) {
            record.role = RecordRole::Aside(Aside::Preamble);
        } else if record.problem.is_none() {
            if found.is_comment {
                strip_sharp(&mut record);
            }
            seen.drop_empty_end(&mut record);
            record.role = header.role(&record, dialect);
            seen.look_at(&mut record);
            plan.width = record.width;
            if record.role == RecordRole::Row && record.raw.len() > *max_row_bytes {
                record.problem = Some(RecordProblem::RowTooLong);
            }
        }
        record.dialect = *dialect;
        record.line += *n_lines;
        *last_line = record.line;
        if let Some(RecordProblem::UnclosedQuote { line, .. }) = &mut record.problem {
            *line += *n_lines;
        }
        record
    }
}
