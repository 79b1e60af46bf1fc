//! The summed log loss of a linear model with its gradient and Hessian, block by block. Every sum is taken in one order, in
//! lanes of our own: the same bits natively and in wasm.

use ndarray::Array2;

use super::design::{BLOCK, Block, Cells};
use super::exponential::exp_of_minus;
use super::pair::{
    abs, add, add_product, both, div, load, mul, stored, sub, sum, where_not_negative,
};

/// Sums over rows; weights are the coefficients in the order of the columns, then the intercept.
pub struct LossSums {
    /// The log loss in nats.
    pub loss: f64,
    n_weights: usize,
    /// The rows of the Hessian, of which the lower triangle is filled, and below it the gradient.
    derivatives: Vec<f64>,
    /// Of the columns that are not sparse the cells times the curvature, and the residuals: kept for their memory alone.
    scaled: Vec<Cells>,
}

/// Log odds of which the loss and its derivatives are exactly 0.
const CERTAIN: f64 = 1e3;
/// Lanes that losses are summed in.
const LANES: usize = 8;

impl LossSums {
    /// Of no rows.
    #[must_use]
    pub fn new(n_weights: usize) -> Self {
        Self {
            loss: 0.0,
            n_weights,
            derivatives: vec![0.0; (n_weights + 1) * n_weights],
            scaled: vec![[0.0; BLOCK]; n_weights + 1],
        }
    }

    /// Adds the rows of a block; `crashed` is 1 where the row is a crash, 0 where not.
    pub fn add(&mut self, block: &Block, mut crashed: Cells, weights: &[f64]) {
        let mut log_odds = block.weigh(weights);
        // Rows beyond the last one count as crashes that are foreseen for certain.
        log_odds[block.n_rows()..].fill(CERTAIN);
        crashed[block.n_rows()..].fill(1.0);
        let rows = Rows::new(&log_odds, &crashed);
        self.loss += rows.loss;
        self.add_derivatives(block, &rows);
    }

    /// Adds the sums over the rows of curvature times cell times cell, and of residual times cell.
    fn add_derivatives(&mut self, block: &Block, rows: &Rows) {
        let n = self.n_weights;
        let sums = &mut self.derivatives;
        let (mut dense, mut sparse) = (Vec::with_capacity(n + 1), Vec::new());
        for column in 0..n {
            if let Some(ones) = block.ones(column) {
                sparse.push((column, ones));
                continue;
            }
            let cells = rows.curvatures.iter().zip(block.cells(column));
            for (scaled, (curvature, cell)) in self.scaled[dense.len()].iter_mut().zip(cells) {
                *scaled = curvature * cell;
            }
            dense.push(column);
        }
        let n_dense = dense.len();
        // The residuals stand below the Hessian.
        dense.push(n);
        self.scaled[n_dense] = rows.residuals;
        let mut totals = vec![0.0; n_dense + 1];
        for (at, &(column, ones)) in sparse.iter().enumerate() {
            for row in ones {
                for (total, scaled) in totals.iter_mut().zip(&self.scaled) {
                    *total += scaled[row];
                }
            }
            for (&other, total) in dense.iter().zip(&mut totals) {
                sums[n * column.max(other) + column.min(other)] += std::mem::take(total);
            }
            for &(other, others) in &sparse[..=at] {
                for row in ones.and(others) {
                    sums[n * column + other] += rows.curvatures[row];
                }
            }
        }
        for left in (0..=n_dense).step_by(2) {
            let lefts = [left, (left + 1).min(n_dense)];
            let last = lefts[1].min(n_dense - 1);
            for right in (0..=last).step_by(4) {
                let rights: [usize; 4] = std::array::from_fn(|at| (right + at).min(n_dense - 1));
                let products = products(
                    lefts.map(|left| &self.scaled[left]),
                    rights.map(|right| block.cells(dense[right])),
                );
                for (i, products) in products.iter().enumerate() {
                    // The last one may stand there twice.
                    if left + i > n_dense {
                        continue;
                    }
                    for (j, product) in products.iter().enumerate() {
                        if right + j <= (left + i).min(n_dense - 1) {
                            sums[n * dense[left + i] + dense[right + j]] += product;
                        }
                    }
                }
            }
        }
    }

    /// The gradient.
    #[must_use]
    pub fn gradient(&self) -> &[f64] {
        &self.derivatives[self.n_weights * self.n_weights..]
    }

    /// The Hessian, of which the lower triangle is filled.
    #[must_use]
    pub fn hessian(&self) -> Array2<f64> {
        let n = self.n_weights;
        Array2::from_shape_fn((n, n), |(i, j)| self.derivatives[n * i + j])
    }
}

/// The loss of a block's rows, and its derivatives by each row's log odds.
struct Rows {
    loss: f64,
    /// The probability less 1 where the row is a crash.
    residuals: Cells,
    /// The second derivative.
    curvatures: Cells,
}

impl Rows {
    fn new(log_odds: &Cells, crashed: &Cells) -> Self {
        let (mut residuals, mut curvatures, mut terms) = ([0.0; BLOCK], [0.0; BLOCK], [0.0; BLOCK]);
        let (pairs, crashes) = (log_odds.as_chunks::<2>().0, crashed.as_chunks::<2>().0);
        let of_residuals = residuals.as_chunks_mut::<2>().0;
        let of_curvatures = curvatures.as_chunks_mut::<2>().0;
        let of_terms = terms.as_chunks_mut::<2>().0;
        for at in 0..BLOCK / 2 {
            let z = load(&pairs[at]);
            let small = exp_of_minus(abs(z));
            let term = add(both(1.0), small);
            let near = div(both(1.0), term);
            let far = mul(small, near);
            let probability = where_not_negative(z, near, far);
            of_residuals[at] = stored(sub(probability, load(&crashes[at])));
            of_curvatures[at] = stored(mul(near, far));
            of_terms[at] = stored(term);
        }
        // A logarithm of the product instead of a sum of logarithms: it is at most 2^BLOCK.
        let (mut product, mut against) = ([1.0; LANES], [0.0; LANES]);
        for row in 0..BLOCK {
            let (z, lane) = (log_odds[row], row % LANES);
            product[lane] *= terms[row];
            let loss = if crashed[row] > 0.5 { -z } else { z };
            against[lane] += if loss > 0.0 { loss } else { 0.0 };
        }
        let product = product.iter().fold(1.0, |all, lane| all * lane);
        Self {
            loss: libm::log(product) + against.iter().sum::<f64>(),
            residuals,
            curvatures,
        }
    }
}

/// The sums over the rows of each of the left times each of the right cells.
fn products(left: [&Cells; 2], right: [&Cells; 4]) -> [[f64; 4]; 2] {
    let left = left.map(|cells| cells.as_chunks::<2>().0);
    let right = right.map(|cells| cells.as_chunks::<2>().0);
    let [mut a, mut b, mut c, mut d] = [both(0.0); 4];
    let [mut e, mut f, mut g, mut h] = [both(0.0); 4];
    for at in 0..BLOCK / 2 {
        let (first, second) = (load(&left[0][at]), load(&left[1][at]));
        let right = [
            load(&right[0][at]),
            load(&right[1][at]),
            load(&right[2][at]),
            load(&right[3][at]),
        ];
        a = add_product(a, first, right[0]);
        b = add_product(b, first, right[1]);
        c = add_product(c, first, right[2]);
        d = add_product(d, first, right[3]);
        e = add_product(e, second, right[0]);
        f = add_product(f, second, right[1]);
        g = add_product(g, second, right[2]);
        h = add_product(h, second, right[3]);
    }
    [
        [sum(a), sum(b), sum(c), sum(d)],
        [sum(e), sum(f), sum(g), sum(h)],
    ]
}
