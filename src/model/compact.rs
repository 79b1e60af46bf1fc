//! Trees in flat arrays, made to be asked: built from [`Tree`]s when first needed, never saved. The sums are those of the
//! trees one after the other, bit for bit.
//!
//! Small trees are not walked at all. Each bin of a feature rules out some leaves of a tree, as a mask of bits; the leaf is
//! what the masks of all features leave (Lucchese et al., *QuickScorer*, SIGIR 2015, with a table in place of sorted
//! thresholds). Masks of several trees lie side by side and are joined several at a time.
//!
//! Larger trees are walked by several rows side by side, or for a single row several trees, so that the steps of one need
//! not wait for those of another; a step is an addition, not a branch.

use std::sync::OnceLock;

use super::bins::{BinnedData, MISSING_BIN};
use super::tree::{Child, Side, Split, Tree};

/// The place beside an ensemble's trees for the compact ones, which follow from them: equal to any other.
#[derive(Debug, Clone, Default)]
pub(super) struct WhenAsked(OnceLock<CompactTrees>);

impl WhenAsked {
    /// Adds to the sum of each row what every tree says of it; always of the same `trees`.
    pub fn add_to(&self, sums: &mut [f64], trees: &[Tree], data: &BinnedData) {
        self.0.get_or_init(|| CompactTrees::new(trees)).add_to(
            sums,
            data.rows(),
            data.n_features(),
        );
    }
}

impl PartialEq for WhenAsked {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// Trees in a form that is fast to ask.
#[derive(Debug, Clone)]
enum CompactTrees {
    Masked(Vec<MaskedTrees>),
    Walked(WalkedTrees),
}

impl CompactTrees {
    fn new(trees: &[Tree]) -> Self {
        if trees.iter().all(|tree| tree.values.len() <= MASK_BITS) {
            Self::Masked(trees.chunks(TREES).map(MaskedTrees::new).collect())
        } else {
            Self::Walked(WalkedTrees::new(trees))
        }
    }

    /// Adds to the sum of each row what every tree says of it; `bins` holds `n_features` of each row, row by row.
    fn add_to(&self, sums: &mut [f64], bins: &[u8], n_features: usize) {
        match self {
            Self::Masked(blocks) => {
                for block in blocks {
                    for (row, sum) in sums.iter_mut().enumerate() {
                        block.add_to(sum, &bins[row * n_features..][..n_features]);
                    }
                }
            }
            Self::Walked(trees) => trees.add_to(sums, bins, n_features),
        }
    }
}

/// Leaves that a mask has room for.
const MASK_BITS: usize = u32::BITS as usize;
/// Trees in a block: few enough that its masks stay in the fastest cache.
const TREES: usize = 16;

/// Of some trees, for each the leaves that are still possible.
#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
mod masks {
    pub type Masks = [u32; super::TREES];
    pub const ALL: Masks = [u32::MAX; super::TREES];

    pub fn pack(masks: [u32; super::TREES]) -> Masks {
        masks
    }

    #[inline]
    pub fn join(possible: &mut Masks, masks: &Masks) {
        for (possible, mask) in possible.iter_mut().zip(masks) {
            *possible &= mask;
        }
    }

    #[inline]
    pub fn unpack(masks: &Masks) -> [u32; super::TREES] {
        *masks
    }
}

/// The same by SIMD, four trees at a time.
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod masks {
    use std::arch::wasm32::{u32x4, u32x4_extract_lane, v128, v128_and};

    pub type Masks = [v128; super::TREES / 4];
    pub const ALL: Masks = [u32x4(!0, !0, !0, !0); super::TREES / 4];

    pub fn pack(masks: [u32; super::TREES]) -> Masks {
        std::array::from_fn(|at| {
            let at = 4 * at;
            u32x4(masks[at], masks[at + 1], masks[at + 2], masks[at + 3])
        })
    }

    #[inline(always)]
    pub fn join(possible: &mut Masks, masks: &Masks) {
        *possible = [
            v128_and(possible[0], masks[0]),
            v128_and(possible[1], masks[1]),
            v128_and(possible[2], masks[2]),
            v128_and(possible[3], masks[3]),
        ];
    }

    #[inline(always)]
    pub fn unpack(masks: &Masks) -> [u32; super::TREES] {
        let mut unpacked = [0; super::TREES];
        for at in 0..super::TREES / 4 {
            unpacked[4 * at] = u32x4_extract_lane::<0>(masks[at]);
            unpacked[4 * at + 1] = u32x4_extract_lane::<1>(masks[at]);
            unpacked[4 * at + 2] = u32x4_extract_lane::<2>(masks[at]);
            unpacked[4 * at + 3] = u32x4_extract_lane::<3>(masks[at]);
        }
        unpacked
    }
}

use masks::Masks;

/// Some trees, none with more leaves than a mask has bits.
#[derive(Debug, Clone)]
struct MaskedTrees {
    asked: Vec<AskedFeature>,
    masks: Vec<Masks>,
    values: Vec<[f64; MASK_BITS]>,
}

/// A feature that is asked, and where the masks of each bin are; bins that no split parts share theirs.
#[derive(Debug, Clone)]
struct AskedFeature {
    feature: usize,
    masks_at: [u16; 256],
}

impl MaskedTrees {
    /// At most [`TREES`] trees.
    fn new(trees: &[Tree]) -> Self {
        let mut splits: Vec<MaskedSplit> = Vec::new();
        let mut values = vec![[0.0; MASK_BITS]; trees.len()];
        for (at, tree) in trees.iter().enumerate() {
            values[at][..tree.values.len()].copy_from_slice(&tree.values);
            splits.extend(masked_splits(at, tree));
        }
        let (mut asked, mut masks) = (Vec::new(), Vec::new());
        while let Some(feature) = splits.last().map(|last| last.split.feature) {
            let asks = |split: &MaskedSplit| split.split.feature == feature;
            let of_feature: Vec<MaskedSplit> = splits.iter().copied().filter(asks).collect();
            splits.retain(|split| !asks(split));
            asked.push(AskedFeature {
                feature: feature.into(),
                masks_at: masks_of_bins(&of_feature, &mut masks),
            });
        }
        Self {
            asked,
            masks,
            values,
        }
    }

    fn add_to(&self, sum: &mut f64, row: &[u8]) {
        let mut possible = masks::ALL;
        for asked in &self.asked {
            let masks_at = asked.masks_at[usize::from(row[asked.feature])];
            masks::join(&mut possible, &self.masks[usize::from(masks_at)]);
        }
        let possible = masks::unpack(&possible);
        for (tree, values) in self.values[..].iter().enumerate() {
            *sum += values[possible[tree].trailing_zeros() as usize % MASK_BITS];
        }
    }
}

/// A split and the leaves on its left and right.
#[derive(Clone, Copy)]
struct MaskedSplit {
    tree: usize,
    split: Split,
    below: [u32; 2],
}

/// The splits of a tree. Nodes point forward only, so what is below a split is known when it is reached from the end.
fn masked_splits(tree: usize, of: &Tree) -> Vec<MaskedSplit> {
    let mut below = vec![0; of.splits.len()];
    let mut masked = Vec::with_capacity(of.splits.len());
    for (at, &split) in of.splits.iter().enumerate().rev() {
        let leaves = |child: Child| match usize::try_from(child) {
            Ok(next) => below[next],
            Err(_) => 1u32 << !child,
        };
        let sides = [leaves(split.left), leaves(split.right)];
        below[at] = sides[0] | sides[1];
        masked.push(MaskedSplit {
            tree,
            split,
            below: sides,
        });
    }
    masked
}

/// Appends what the splits of one feature leave possible for each bin, and says where it is.
fn masks_of_bins(splits: &[MaskedSplit], masks: &mut Vec<Masks>) -> [u16; 256] {
    let mut starts_anew = [false; 256];
    for MaskedSplit { split, .. } in splits {
        starts_anew[usize::from(split.bin) + 1] = true;
    }
    starts_anew[0] = true;
    starts_anew[usize::from(MISSING_BIN)] = true;
    let mut masks_at = [0; 256];
    for bin in 0..=MISSING_BIN {
        if starts_anew[usize::from(bin)] {
            let mut possible = [u32::MAX; TREES];
            for of in splits {
                let ruled_out = of.below[usize::from(of.split.goes_left(bin))];
                possible[of.tree] &= !ruled_out;
            }
            masks.push(masks::pack(possible));
        }
        masks_at[usize::from(bin)] = (masks.len() - 1) as u16;
    }
    masks_at
}

/// Walks side by side.
const LANES: usize = 8;
/// Rows that are brought through all trees together: few enough to stay in the cache, enough to fetch each tree for.
const ROWS: usize = 4096 * LANES;

/// Trees whose children lie side by side.
#[derive(Debug, Clone)]
struct WalkedTrees {
    roots: Vec<u32>,
    nodes: Vec<Node>,
    /// What each node says that is a leaf.
    values: Vec<f64>,
}

/// Leads to `next`, or to the node behind it where the bin is above `bin`; a leaf to itself.
#[derive(Debug, Clone, Copy)]
struct Node {
    next: u32,
    /// Where in a row of [`both_ways`] the bin to compare is, and in the lowest eight bits `bin`.
    asks: u32,
}

impl WalkedTrees {
    fn new(trees: &[Tree]) -> Self {
        let n_leaves: usize = trees.iter().map(|tree| tree.values.len()).sum();
        let mut walked = Self {
            roots: Vec::with_capacity(trees.len()),
            nodes: Vec::with_capacity(2 * n_leaves),
            values: Vec::with_capacity(2 * n_leaves),
        };
        for tree in trees {
            walked.push(tree);
        }
        walked
    }

    fn push(&mut self, tree: &Tree) {
        let root = self.push_leaf(tree.values[0]);
        self.roots.push(root);
        let mut places = vec![root; tree.splits.len()];
        for (at, split) in tree.splits.iter().enumerate() {
            let mut child = |child: Child| match usize::try_from(child) {
                Ok(split) => {
                    places[split] = self.push_leaf(0.0);
                    places[split]
                }
                Err(_) => self.push_leaf(tree.values[!child as usize]),
            };
            let next = child(split.left);
            child(split.right);
            let missing_left = u32::from(split.missing == Side::Left);
            let asked_at = 2 * u32::from(split.feature) + missing_left;
            self.nodes[places[at] as usize] = Node {
                next,
                asks: (asked_at << 8) + u32::from(split.bin) + missing_left,
            };
        }
    }

    fn push_leaf(&mut self, value: f64) -> u32 {
        let next = self.nodes.len() as u32;
        // No bin is above the highest.
        let asks = u32::from(u8::MAX);
        self.nodes.push(Node { next, asks });
        self.values.push(value);
        next
    }

    fn add_to(&self, sums: &mut [f64], bins: &[u8], n_features: usize) {
        let width = 2 * n_features;
        let starts: [usize; LANES] = std::array::from_fn(|lane| lane * width);
        for (sums, bins) in sums.chunks_mut(ROWS).zip(bins.chunks(ROWS * n_features)) {
            let rows = both_ways(bins);
            let (full, rest) = sums.split_at_mut(sums.len() / LANES * LANES);
            for &root in &self.roots {
                let rows = rows.chunks_exact(LANES * width);
                for (sums, rows) in full.chunks_exact_mut(LANES).zip(rows) {
                    let leaves = self.walk([root; LANES], rows, starts);
                    for (sum, leaf) in sums.iter_mut().zip(leaves) {
                        *sum += self.values[leaf as usize];
                    }
                }
            }
            let rows = rows[full.len() * width..].chunks_exact(width);
            for (sum, row) in rest.iter_mut().zip(rows) {
                self.add_to_one(sum, row);
            }
        }
    }

    /// Several trees side by side in place of several rows.
    fn add_to_one(&self, sum: &mut f64, row: &[u8]) {
        for roots in self.roots.chunks(LANES) {
            let mut from = [roots[0]; LANES];
            from[..roots.len()].copy_from_slice(roots);
            let leaves = self.walk(from, row, [0; LANES]);
            for &leaf in &leaves[..roots.len()] {
                *sum += self.values[leaf as usize];
            }
        }
    }

    /// The leaves that are reached from the nodes `at` by the rows that begin at `starts`. A leaf leads to itself, so that
    /// it does no harm to go on for those that are not there yet, nor to look only now and then.
    fn walk(&self, mut at: [u32; LANES], rows: &[u8], starts: [usize; LANES]) -> [u32; LANES] {
        const STEPS: usize = 3;
        loop {
            for _ in 0..STEPS {
                at = self.step(at, rows, starts);
            }
            let next = self.step(at, rows, starts);
            let moved = |lane: usize| next[lane] ^ at[lane];
            let far = moved(0) | moved(1) | moved(2) | moved(3);
            if far | moved(4) | moved(5) | moved(6) | moved(7) == 0 {
                return at;
            }
            at = next;
        }
    }

    /// One step of every walk, written out: what is compiled to be small unrolls no loop.
    #[inline(always)]
    fn step(&self, at: [u32; LANES], rows: &[u8], starts: [usize; LANES]) -> [u32; LANES] {
        [
            self.step_of_one(at[0], rows, starts[0]),
            self.step_of_one(at[1], rows, starts[1]),
            self.step_of_one(at[2], rows, starts[2]),
            self.step_of_one(at[3], rows, starts[3]),
            self.step_of_one(at[4], rows, starts[4]),
            self.step_of_one(at[5], rows, starts[5]),
            self.step_of_one(at[6], rows, starts[6]),
            self.step_of_one(at[7], rows, starts[7]),
        ]
    }

    #[inline(always)]
    fn step_of_one(&self, at: u32, rows: &[u8], start: usize) -> u32 {
        let Node { next, asks } = self.nodes[at as usize];
        next + u32::from(u32::from(rows[start + (asks >> 8) as usize]) > asks & 255)
    }
}

/// Each bin as it is, where missing values come last, and turned on by one, where they come first: one comparison then
/// sends them to either side.
fn both_ways(bins: &[u8]) -> Vec<u8> {
    let both = |&bin: &u8| [bin, bin.wrapping_add(1)];
    bins.iter().flat_map(both).collect()
}
