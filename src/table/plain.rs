//! A log as it was understood, as plain CSV: commas, double quotes, LF, UTF-8, every cell as its text. For people and programs
//! that want to see how a file was taken apart. Rows that the table rejects are there too, with the cells they have. Behind a
//! header in the middle that has no new names, cells stand in the order of the first; one that has is written like a row.

use super::dialect::{Dialect, ReadOptions};
use super::header::Header;
use super::records::{Record, RecordReader};
use super::role::RecordRole;
use crate::{Error, Result};

/// Rewrites a log in pieces.
///
/// ```
/// use crash_predictor::table::{PlainCsv, ReadOptions};
/// let mut plain = PlainCsv::new(&ReadOptions::default())?;
/// let mut csv = plain.push(b"cpu load;host\n'9;7';'web'\n12;db\n")?;
/// csv.extend(plain.finish()?);
/// assert_eq!(csv, b"cpu load,host\n9;7,web\n12,db\n");
/// # Ok::<(), crash_predictor::Error>(())
/// ```
#[derive(Debug)]
pub struct PlainCsv {
    reader: RecordReader,
    rows: Rows,
    failure: Option<Error>,
}

#[derive(Debug, Default)]
struct Rows {
    header: Header,
    /// Where each field of the last header is among the names of the first; empty where it is that, or has other names.
    places: Vec<usize>,
    out: Vec<u8>,
}

impl PlainCsv {
    /// Starts rewriting.
    ///
    /// # Errors
    /// [`Error::BadOption`]
    pub fn new(options: &ReadOptions) -> Result<Self> {
        Ok(Self {
            reader: RecordReader::new(options)?,
            rows: Rows::default(),
            failure: None,
        })
    }

    /// Reads the next bytes, cut anywhere, and returns what is ready of the output.
    ///
    /// # Errors
    /// [`Error::NotCsv`], [`Error::TooManyColumns`], or [`Error::Encoding`] in the header.
    pub fn push(&mut self, chunk: &[u8]) -> Result<Vec<u8>> {
        self.failure.clone().map_or(Ok(()), Err)?;
        let Self { reader, rows, .. } = self;
        let pushed = reader.push(chunk, &mut |record| rows.take(record));
        self.note(pushed)
    }

    /// Ends the log and returns the rest of the output. An empty log gives an empty one.
    ///
    /// # Errors
    /// As [`push`](Self::push).
    pub fn finish(&mut self) -> Result<Vec<u8>> {
        self.failure.clone().map_or(Ok(()), Err)?;
        let Self { reader, rows, .. } = self;
        let finished = reader.finish(&mut |record| rows.take(record));
        self.note(finished)
    }

    fn note(&mut self, done: Result<()>) -> Result<Vec<u8>> {
        self.failure = done.clone().err();
        done.map(|()| std::mem::take(&mut self.rows.out))
    }
}

impl Rows {
    fn take(&mut self, record: &Record<'_>) -> Result<()> {
        match record.role {
            RecordRole::Aside(_) => {}
            RecordRole::Header => {
                self.header.add(record)?;
                if self.header.n_lines == record.dialect.header_lines {
                    for (index, name) in self.header.cells.iter().enumerate() {
                        write_cell(index, name.as_bytes(), &mut self.out);
                    }
                    self.out.push(b'\n');
                }
            }
            RecordRole::OtherHeader if self.find_places(record) => {}
            RecordRole::Row if self.places.len() == record.n_fields => {
                let fields: Vec<&[u8]> = record.fields().collect();
                for index in 0..self.header.cells.len() {
                    let at = self.places.iter().position(|&place| place == index);
                    let field = at.map_or(&b""[..], |at| fields[at]);
                    write_cell(
                        index,
                        String::from_utf8_lossy(field).as_bytes(),
                        &mut self.out,
                    );
                }
                self.out.push(b'\n');
            }
            RecordRole::Row | RecordRole::OtherHeader => {
                for (index, field) in record.fields().enumerate() {
                    let text = String::from_utf8_lossy(field);
                    write_cell(index, text.as_bytes(), &mut self.out);
                }
                // Alone on its line, an empty cell would be a blank line.
                if record.n_fields == 1 && self.out.last().is_none_or(|&byte| byte == b'\n') {
                    self.out.extend_from_slice(b"\"\"");
                }
                self.out.push(b'\n');
            }
        }
        Ok(())
    }
}

impl Rows {
    /// Whether all names of a header are among those of the first.
    fn find_places(&mut self, record: &Record<'_>) -> bool {
        self.places.clear();
        for field in record.fields() {
            let is_same = |name: &String| name.as_bytes().eq_ignore_ascii_case(field.trim_ascii());
            let Some(place) = self.header.cells.iter().position(is_same) else {
                self.places.clear();
                return false;
            };
            self.places.push(place);
        }
        true
    }
}

fn write_cell(index: usize, cell: &[u8], out: &mut Vec<u8>) {
    if index > 0 {
        out.push(b',');
    }
    Dialect::default().write_field(cell, out);
}
