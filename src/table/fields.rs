//! The fields of the record that is being read, and the limits they are held to.

use csv_core::{ReadRecordResult, Reader};

/// A field may be so long; a row with a longer one is rejected.
pub const MAX_FIELD_BYTES: usize = 1 << 20;
/// A row may be so long. Of a longer one nothing is kept but its line.
pub const MAX_RECORD_BYTES: usize = 16 << 20;
/// A log may have so many columns.
pub const MAX_COLUMNS: usize = 16_384;

const FIRST_TEXT_BYTES: usize = 64 << 10;
const FIRST_ENDS: usize = 256;

/// The unescaped fields of the record that is being read.
#[derive(Debug)]
pub(super) struct Fields {
    text: Vec<u8>,
    pub(super) text_len: usize,
    ends: Vec<usize>,
    n_ends: usize,
    /// Fields past `MAX_COLUMNS`, whose ends are forgotten.
    n_dropped: usize,
}

impl Fields {
    pub(super) fn new() -> Self {
        Self {
            text: vec![0; FIRST_TEXT_BYTES],
            text_len: 0,
            ends: vec![0; FIRST_ENDS],
            n_ends: 0,
            n_dropped: 0,
        }
    }

    pub(super) fn clear(&mut self) {
        self.text_len = 0;
        self.n_ends = 0;
        self.n_dropped = 0;
    }

    pub(super) fn count(&self) -> usize {
        self.n_ends + self.n_dropped
    }

    /// One step of `core`. The input must not be empty: to csv-core that is the end of the text.
    pub(super) fn read(&mut self, core: &mut Reader, input: &[u8]) -> (ReadRecordResult, usize) {
        let (result, n_in, n_out, n_ends) = core.read_record(
            input,
            &mut self.text[self.text_len..],
            &mut self.ends[self.n_ends..],
        );
        self.text_len += n_out;
        self.n_ends += n_ends;
        (result, n_in)
    }

    /// Ends the record by a line end; says whether that was one, and not text inside quotes or a blank line.
    pub(super) fn end_line(&mut self, core: &mut Reader) -> bool {
        loop {
            match self.read(core, b"\n") {
                (ReadRecordResult::Record, _) => return true,
                (ReadRecordResult::OutputEndsFull, 0) => self.grow_ends(),
                (ReadRecordResult::OutputFull, 0) => {
                    if !self.grow_text() {
                        self.text_len = 0;
                    }
                }
                _ => return false,
            }
        }
    }

    /// Makes room for more fields; those of a record with too many are only counted.
    pub(super) fn grow_ends(&mut self) {
        if self.ends.len() <= MAX_COLUMNS {
            self.ends.resize(self.ends.len() * 2, 0);
        } else {
            self.n_dropped += self.n_ends;
            self.n_ends = 0;
        }
    }

    /// Makes room for more text, or says that there is none.
    pub(super) fn grow_text(&mut self) -> bool {
        let room = self.text.len() < MAX_RECORD_BYTES;
        if room {
            self.text.resize(self.text.len() * 2, 0);
        }
        room
    }

    /// The text of all fields, one after the other.
    pub(super) fn text(&self) -> &[u8] {
        &self.text[..self.text_len]
    }

    /// Where each field ends in the text; none where there are too many fields.
    pub(super) fn ends(&self) -> &[usize] {
        let kept = if self.n_dropped == 0 { self.n_ends } else { 0 };
        &self.ends[..kept]
    }

    /// The index of the first field over the limit.
    pub(super) fn too_long(&self) -> Option<usize> {
        if self.text_len <= MAX_FIELD_BYTES {
            return None;
        }
        let ends = self.ends();
        let start = |index: usize| if index == 0 { 0 } else { ends[index - 1] };
        (0..ends.len()).find(|&index| ends[index] - start(index) > MAX_FIELD_BYTES)
    }
}
