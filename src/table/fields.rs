//! The fields of the record that is being read, and the limits they are held to.

use super::lines::is_line_end;

/// A field may be so long; a row with a longer one is rejected.
pub const MAX_FIELD_BYTES: usize = 1 << 20;
/// A row may be so long. Of a longer one nothing is kept but its line.
pub const MAX_RECORD_BYTES: usize = 16 << 20;
/// A log may have so many columns.
pub const MAX_COLUMNS: usize = 16_384;

/// Where a field's text begins and ends.
pub(super) type Bounds = (u32, u32);

/// The fields of the record that is being read, by their places in it: as long as nothing has to be unescaped, nothing is
/// copied.
#[derive(Debug, Default)]
pub(super) struct Fields {
    bounds: Vec<Bounds>,
    count: usize,
    /// Fields in which something is escaped, or that go on after their closing quote: index and place of that quote.
    odd: Vec<(usize, u32)>,
    /// The text of all fields, where one of them is odd.
    text: Vec<u8>,
}

impl Fields {
    pub(super) fn clear(&mut self) {
        self.bounds.clear();
        self.odd.clear();
        self.count = 0;
    }

    /// Fields, also those past `MAX_COLUMNS`, which are not kept.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    #[inline]
    pub(super) fn push(&mut self, start: usize, end: usize) {
        if self.count < MAX_COLUMNS {
            // Records are shorter than 2^32 bytes.
            self.bounds.push((start as u32, end as u32));
        }
        self.count += 1;
    }

    /// Has the last field, which has nothing to be unescaped, end later.
    pub(super) fn end_last(&mut self, end: usize) {
        if let Some(last) = self.bounds.last_mut() {
            last.1 = end as u32;
        }
    }

    /// A field whose opening quote is before `start` and whose closing quote is at `closed`.
    pub(super) fn push_odd(&mut self, start: usize, closed: usize, end: usize) {
        self.odd.push((self.count, closed as u32));
        self.push(start, end);
    }

    /// The text and the bounds of the fields in it; none where there are too many fields. `raw` is the record, `start` where
    /// it begins among the places that were pushed.
    pub(super) fn resolve<'a>(
        &'a mut self,
        raw: &'a [u8],
        escape: Escape,
    ) -> (&'a [u8], &'a [Bounds]) {
        if self.count > MAX_COLUMNS {
            return (&[], &[]);
        }
        if self.odd.is_empty() {
            return (raw, &self.bounds);
        }
        self.text.clear();
        let mut odd = self.odd.iter().peekable();
        for (index, bounds) in self.bounds.iter_mut().enumerate() {
            let (start, end) = (bounds.0 as usize, bounds.1 as usize);
            let first = self.text.len();
            match odd.next_if(|(odd, _)| *odd == index) {
                None => self.text.extend_from_slice(&raw[start..end]),
                Some(&(_, closed)) => {
                    let closed = closed as usize;
                    escape.unescape(&raw[start..closed], &mut self.text);
                    self.text
                        .extend_from_slice(&raw[(closed + 1).min(end)..end]);
                }
            }
            *bounds = (first as u32, self.text.len() as u32);
            // A character that is cut by a delimiter must not become whole.
            self.text.push(b',');
        }
        self.odd.clear();
        (&self.text, &self.bounds)
    }

    /// The first field over the limit, or rather the first that holds line ends.
    pub(super) fn too_long(&self, raw: &[u8]) -> Option<TooLong> {
        let mut first = None;
        for (column, &(start, end)) in self.bounds.iter().enumerate() {
            let text = &raw[start as usize..end as usize];
            if text.len() <= MAX_FIELD_BYTES {
                continue;
            }
            let found = TooLong {
                column,
                start: start as usize,
                has_lines: text.iter().any(|&byte| is_line_end(byte)),
            };
            if found.has_lines {
                return Some(found);
            }
            first.get_or_insert(found);
        }
        first
    }
}

/// A field over the limit.
#[derive(Debug, Clone, Copy)]
pub(super) struct TooLong {
    pub(super) column: usize,
    /// Where its text starts in the record.
    pub(super) start: usize,
    /// It holds line ends, which only quotes allow.
    pub(super) has_lines: bool,
}

/// How a quote is written inside quotes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Escape {
    pub(super) quote: u8,
    /// Before what is meant literally; the quote itself where it is doubled.
    pub(super) escape: u8,
}

impl Escape {
    fn unescape(self, quoted: &[u8], out: &mut Vec<u8>) {
        let mut position = 0;
        while position < quoted.len() {
            let byte = quoted[position];
            let next = quoted.get(position + 1);
            let doubled = byte == self.quote && next == Some(&self.quote);
            let escaped = byte == self.escape && byte != self.quote && next.is_some();
            position += usize::from(doubled || escaped);
            out.push(quoted[position]);
            position += 1;
        }
    }
}
