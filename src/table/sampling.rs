//! Which rows of a log that is longer than its table are kept: whole blocks of rows that follow each other, so that the
//! minutes before a row are there, each with the same chance. A block is kept if a number made from its own is below a
//! bound; when the table is full the bound is halved. So what is kept depends on nothing but the order of the rows.

/// Rows of a block, at most.
const MAX_BLOCK: u64 = 1 << 14;
/// A full table holds so many blocks, at least.
const MIN_BLOCKS: u64 = 8;
/// The bound is halved so often, at most.
const MAX_HALVINGS: u32 = 63;

/// The rows that are kept.
#[derive(Debug, Clone, Default)]
pub(super) struct Sampling {
    /// Rows there is room for; 0 for any number.
    pub(super) max_rows: usize,
    /// Rows of a block.
    block: u64,
    /// Rows that came.
    n_rows: u64,
    /// How often the bound was halved.
    n_halvings: u32,
    /// The number of each block that is kept, and its first row in the table.
    blocks: Vec<(u64, usize)>,
}

impl Sampling {
    /// Sets how many rows there is room for; blocks are of the size that the first room asks for.
    pub(super) fn set_room(&mut self, max_rows: usize) {
        self.max_rows = max_rows;
        if self.block == 0 {
            self.block = (max_rows as u64 / MIN_BLOCKS).clamp(1, MAX_BLOCK);
        }
    }

    /// Of the next rows, at most so many, how many share one fate, and whether it is to be kept, the first as this row of
    /// the table. After them the table may be full.
    #[inline(never)]
    pub(super) fn next_rows(&mut self, row: usize, at_most: usize) -> (usize, bool) {
        if self.max_rows == 0 {
            return (at_most, true);
        }
        let (block, place) = (self.n_rows / self.block, self.n_rows % self.block);
        let mut n_rows = (self.block - place).min(at_most as u64);
        let are_kept = self.keeps(block);
        if are_kept {
            if !self.is_least() {
                // One row too many is what makes the table drop some.
                n_rows = n_rows.min(self.max_rows.saturating_sub(row) as u64 + 1);
            }
            if place == 0 {
                self.blocks.push((block, row));
            }
        }
        self.n_rows += n_rows;
        (n_rows as usize, are_kept)
    }

    fn keeps(&self, block: u64) -> bool {
        self.n_halvings == 0 || mixed(block) >> (64 - self.n_halvings) == 0
    }

    pub(super) fn n_rows(&self) -> u64 {
        self.n_rows
    }

    pub(super) fn has_dropped(&self) -> bool {
        self.n_halvings > 0
    }

    /// Whether there can be no fewer rows.
    pub(super) fn is_least(&self) -> bool {
        self.n_halvings == MAX_HALVINGS
    }

    /// Halves the bound; the rows of a table of so many that stay, as ranges.
    pub(super) fn halve(&mut self, n_rows: usize) -> Vec<(usize, usize)> {
        self.n_halvings += 1;
        let mut kept = Vec::new();
        let mut ranges = Vec::new();
        let mut n_kept = 0;
        for at in 0..self.blocks.len() {
            let (block, start) = self.blocks[at];
            let end = self.blocks.get(at + 1).map_or(n_rows, |next| next.1);
            if self.keeps(block) {
                kept.push((block, n_kept));
                ranges.push((start, end));
                n_kept += end - start;
            }
        }
        self.blocks = kept;
        ranges
    }
}

/// Keeps the items of some rows of a vector that may end before the last.
#[inline(never)]
pub(super) fn keep_ranges<T: Copy>(items: &mut Vec<T>, ranges: &[(usize, usize)]) {
    let mut end = 0;
    for &(start, stop) in ranges {
        let (start, stop) = (start.min(items.len()), stop.min(items.len()));
        items.copy_within(start..stop, end);
        end += stop - start;
    }
    items.truncate(end);
}

/// The finalizer of SplitMix64 (Steele, Lea and Flood 2014); block 0 gives 0 and is always kept.
fn mixed(block: u64) -> u64 {
    let mut z = block.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
