//! The columns a log has so far: those of its first header, those that later headers add, and the rows there is room for.

use std::sync::Arc;

use super::{CELL_BYTES, TableBuilder};
use crate::table::fields::MAX_COLUMNS;
use crate::table::reshape::Shape;
use crate::table::sampling::keep_ranges;
use crate::table::series::place_of;
use crate::{Error, Result};

impl TableBuilder {
    /// Finds the columns of later names; those that are new are missing in the rows before.
    #[inline(never)]
    pub(super) fn match_names(&mut self, names: Vec<String>) -> Result<()> {
        self.fields.clear();
        if names == self.names {
            return Ok(());
        }
        let n_before = self.names.len();
        for name in &names {
            // Another program may write them in other letters.
            let is_same = |known: &String| known == name;
            let is_alike =
                |known: &String| known.eq_ignore_ascii_case(name) && !names.contains(known);
            let known = self.names.iter().position(is_same);
            let known = known.or_else(|| self.names.iter().position(is_alike));
            let free = known.filter(|at| !self.fields.contains(at));
            self.fields
                .push(free.unwrap_or_else(|| place_of(name, &mut self.names)));
        }
        let (found, limit) = (self.names.len(), MAX_COLUMNS);
        if found > limit {
            return Err(Error::TooManyColumns { found, limit });
        }
        if found > n_before {
            // Each part may have the series of a host of its own.
            self.shape = Shape::of(&self.names, &self.expected).map(Arc::new);
            self.begin();
        }
        Ok(())
    }

    /// Readies a column for each name that has none.
    pub(super) fn begin(&mut self) {
        let mut room = 0;
        if self.max_bytes > 0 {
            room = (self.max_bytes / (CELL_BYTES * self.names.len().max(1))).max(1);
            self.sampling.set_room(room);
            // Before there are more columns: they would take room for rows that are dropped.
            self.drop_rows();
        }
        let n_rows = self.n_rows();
        for (index, name) in self.names.iter().enumerate().skip(self.columns.len()) {
            let name = match &self.shape {
                Some(shape) => shape.name(index, name),
                None => name,
            };
            let mut column = self.expected.column(name);
            column.fill(n_rows);
            self.columns.push(column);
        }
        if room > 0 {
            // One row too many is what makes it drop some.
            for column in &mut self.columns {
                column.at_most(room + 1);
            }
        }
    }

    /// Drops rows until there is room again.
    #[inline(never)]
    pub(super) fn drop_rows(&mut self) {
        while self.n_rows() > self.sampling.max_rows && !self.sampling.is_least() {
            let n_before = self.n_rows();
            let ranges = self.sampling.halve(n_before);
            self.keep_ranges(&ranges);
            self.issues
                .set_aside_rows((n_before - self.n_rows()) as u64);
        }
        // One block of a narrow table may be too much of one that became wide.
        if self.n_rows() > self.sampling.max_rows {
            let n_before = self.n_rows();
            self.keep_ranges(&[(0, self.sampling.max_rows)]);
            self.issues
                .set_aside_rows((n_before - self.n_rows()) as u64);
        }
    }

    fn keep_ranges(&mut self, ranges: &[(usize, usize)]) {
        keep_ranges(&mut self.lines, ranges);
        for column in &mut self.columns {
            column.keep_ranges(ranges, self.lines.len());
        }
    }

    /// Fields of the file that is read.
    pub(super) fn width(&self) -> usize {
        if self.fields.is_empty() {
            self.names.len()
        } else {
            self.fields.len()
        }
    }

    /// The column of a field.
    pub(super) fn column_of(&self, field: usize) -> usize {
        self.fields.get(field).copied().unwrap_or(field)
    }

    /// The same in the order of the fields that are read.
    #[must_use]
    pub fn field_names(&self) -> Vec<String> {
        let name = |field| self.names[self.column_of(field)].clone();
        (0..self.width()).map(name).collect()
    }
}
