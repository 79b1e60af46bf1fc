//! Many rows at a time. Most rows of most logs are plain: so many fields as the header has, with nothing in them to be
//! unescaped. Those are cut into cells here in one go; at the first byte that means anything else the scanner goes on from
//! that very place as it always does, so that no byte is read twice and nothing depends on where rows are plain.

use super::Scanner;
use crate::table::fields::Bounds;
use crate::table::lines::is_line_end;
use crate::table::syntax::{Spacing, Syntax};

/// Cells of a block: few enough to stay in the nearest cache with their text.
const BLOCK_CELLS: usize = 2048;

/// Plain rows that follow each other, each on one line.
#[derive(Debug, Clone, Copy)]
pub(in crate::table) struct Rows<'a> {
    /// Physical line of the first.
    pub(in crate::table) line: u64,
    pub(in crate::table) n_rows: usize,
    /// Their bytes with the line ends.
    pub(in crate::table) text: &'a str,
    /// Where their cells are in it, row after row.
    bounds: &'a [Bounds],
    width: usize,
}

impl Rows<'_> {
    /// Where a row's cell is.
    #[inline(always)]
    pub(in crate::table) fn cell(&self, row: usize, column: usize) -> Bounds {
        self.bounds[row * self.width + column]
    }
}

impl Scanner {
    /// Takes the next rows out, if they are plain: of `width` fields, and usual to `is_usual`, which is given a text and where
    /// the row's cells are in it. What comes next is for [`next`](Self::next), after which rows may be asked for again.
    pub(in crate::table) fn next_rows(
        &mut self,
        width: usize,
        is_usual: impl Fn(&[u8], &[Bounds]) -> bool,
        take: impl FnOnce(Rows<'_>),
    ) {
        let Syntax {
            spacing, delimiter, ..
        } = self.syntax;
        let may_be_blank = width < 2 || delimiter == b' ';
        let is_inside = self.position > self.start || self.skipped.is_some();
        let is_rough = self.start < self.rough || self.runaway.is_some();
        if spacing != Spacing::Kept || may_be_blank || is_inside || is_rough {
            return;
        }
        let first = self.start;
        self.fields.clear();
        let mut cells = std::mem::take(&mut self.cells);
        if cells.is_empty() {
            cells = vec![(0, 0); BLOCK_CELLS];
        }
        let mut n_rows = 0;
        for row in cells.chunks_exact_mut(width) {
            if !self.read_row(first, row, &is_usual) {
                break;
            }
            n_rows += 1;
        }
        self.cells = cells;
        match std::str::from_utf8(&self.pending[first..self.start]) {
            _ if n_rows == 0 => {}
            Ok(text) => {
                take(Rows {
                    line: self.line.line,
                    n_rows,
                    text,
                    bounds: &self.cells,
                    width,
                });
                let end = self.start - 1;
                self.line.pass_lines(n_rows as u64, self.pending[end]);
            }
            Err(_) => {
                self.rough = self.start;
                self.start = first;
                self.position = first;
                self.field = first;
                self.look_from(first);
            }
        }
    }

    /// Reads a row that is plain and passes it. One that is not is left at the first byte that shows it. `first` is the
    /// place that the bounds count from.
    #[inline]
    fn read_row(
        &mut self,
        first: usize,
        row: &mut [Bounds],
        is_usual: &impl Fn(&[u8], &[Bounds]) -> bool,
    ) -> bool {
        let last = row.len() - 1;
        let mut n_read = 0;
        while let Some(place) = self.next_needle() {
            // Records are shorter than 2^32 bytes, and so are the pieces they come in.
            row[n_read] = ((self.field - first) as u32, (place - first) as u32);
            let byte = self.pending.as_slice()[place];
            if byte == self.syntax.delimiter && n_read < last {
                n_read += 1;
                self.field = place + 1;
                continue;
            }
            let is_whole = n_read == last && is_line_end(byte);
            if is_whole && is_usual(&self.pending[first..place], row) {
                self.start = self.behind_line_end(place);
                self.position = self.start;
                self.field = self.start;
                return true;
            }
            self.unread(place);
            break;
        }
        let before = (self.start - first) as u32;
        for &(start, end) in row.iter().take(n_read) {
            self.fields
                .push((start - before) as usize, (end - before) as usize);
        }
        false
    }
}
