//! Sorting. The standard sort costs six kilobytes of wasm for every type and comparison it is used with; these two uses
//! serve the whole crate.

use std::cmp::Ordering;

/// Sorts rising by number, then by what goes with it.
#[inline(never)]
pub(crate) fn sort_by_number(pairs: &mut [(f64, u32)]) {
    pairs.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
}

/// The numbers `0..n` in the order of `compare`; what it calls equal stays in order.
#[inline(never)]
pub(crate) fn indices_by(n: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let mut indices: Vec<usize> = (0..n).collect();
    indices.sort_unstable_by(|&a, &b| compare(a, b).then(a.cmp(&b)));
    indices
}

/// Row numbers, rising.
pub(crate) fn sorted(rows: &[usize]) -> Vec<usize> {
    let order = indices_by(rows.len(), &|a, b| rows[a].cmp(&rows[b]));
    order.into_iter().map(|at| rows[at]).collect()
}
