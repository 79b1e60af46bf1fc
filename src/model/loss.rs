//! The summed log loss of a linear model with its gradient and Hessian, block by block. Every sum is taken in one order, in
//! lanes of our own: the same bits natively and in wasm.

use super::design::{BLOCK, Block, Cells};
use super::exponential::exp_of_minus;
use super::pair::{
    abs, add, add_product, both, div, load, most, mul, stored, sub, sum, where_not_negative,
};

/// Sums over rows; weights are the coefficients in the order of the columns, then the intercept.
pub struct LossSums {
    /// The log loss in nats.
    pub loss: f64,
    n_weights: usize,
    /// The rows of the Hessian, of which the lower triangle counts; below it the gradient, and a row for nothing. The last two
    /// columns are for nothing too: where they are written no case need be told from another.
    derivatives: Vec<f64>,
    /// For each column of the block that is not sparse its place in the derivatives; then that of the gradient and those for
    /// nothing.
    places: Vec<usize>,
    /// For each of these columns its cells times the curvature; then the residuals.
    scaled: Vec<Cells>,
    /// For each of them the sum over the rows of a sparse column; 0 between two columns.
    totals: Vec<f64>,
}

/// Log odds of which the loss and its gradient are exactly 0, and the curvature is below 1e-300.
const CERTAIN: f64 = 1e3;

impl LossSums {
    /// Of no rows.
    #[must_use]
    pub fn new(n_weights: usize) -> Self {
        Self {
            loss: 0.0,
            n_weights,
            derivatives: vec![0.0; (n_weights + 2) * (n_weights + 2)],
            places: vec![0; n_weights + 4],
            scaled: vec![[0.0; BLOCK]; n_weights + 2],
            totals: vec![0.0; n_weights + 1],
        }
    }

    /// Adds the rows of a block; `crashed` is 1 where the row is a crash, 0 where not, and 1 beyond the last row.
    pub fn add(&mut self, block: &Block, crashed: &Cells, weights: &[f64]) {
        let mut log_odds = block.weigh(weights);
        // Rows beyond the last one count as crashes that are foreseen for certain.
        log_odds[block.n_rows()..].fill(CERTAIN);
        let rows = Rows::new(&log_odds, crashed);
        self.loss += rows.loss;
        self.add_derivatives(block, &rows);
    }

    /// Adds the sums over the rows of curvature times cell times cell, and of residual times cell.
    fn add_derivatives(&mut self, block: &Block, rows: &Rows) {
        let (n, width) = (self.n_weights, self.n_weights + 2);
        let sums = &mut self.derivatives;
        let mut n_dense = 0;
        for column in (0..n).filter(|&column| block.ones(column).is_none()) {
            let cells = block.cells(column).as_chunks::<2>().0;
            let curvatures = rows.curvatures.as_chunks::<2>().0;
            let scaled = self.scaled[n_dense].as_chunks_mut::<2>().0;
            for at in 0..BLOCK / 2 {
                scaled[at] = stored(mul(load(&curvatures[at]), load(&cells[at])));
            }
            self.places[n_dense] = column;
            n_dense += 1;
        }
        self.scaled[n_dense] = rows.residuals;
        self.places[n_dense] = n;
        self.places[n_dense + 1..].fill(n + 1);
        for column in 0..n {
            let Some(ones) = block.ones(column) else {
                continue;
            };
            let totals = &mut self.totals[..=n_dense];
            for row in ones {
                for (total, scaled) in totals.iter_mut().zip(&self.scaled) {
                    *total += scaled[row];
                }
                for other in 0..=column {
                    if block.is_one(other, row) {
                        sums[width * column + other] += rows.curvatures[row];
                    }
                }
            }
            for (&other, total) in self.places.iter().zip(totals) {
                sums[width * column.max(other) + column.min(other)] += std::mem::take(total);
            }
        }
        let lefts = self.places.as_chunks::<2>().0.iter();
        let lefts = lefts.zip(self.scaled.as_chunks::<2>().0);
        for (at, (lefts, [one, two])) in lefts.enumerate().take(n_dense / 2 + 1) {
            // What stands right of the diagonal is of no account.
            for rights in self.places.as_chunks::<4>().0.iter().take(at / 2 + 1) {
                let cells = rights.map(|right| block.cells(right.min(n - 1)));
                let products = products([one, two], cells);
                for (left, products) in lefts.iter().zip(products) {
                    for (right, product) in rights.iter().zip(products) {
                        sums[width * left + right] += product;
                    }
                }
            }
        }
    }

    /// The gradient.
    #[must_use]
    pub fn gradient(&self) -> &[f64] {
        let n = self.n_weights;
        &self.derivatives[(n + 2) * n..][..n]
    }

    /// The Hessian row by row, of which the lower triangle is filled.
    #[must_use]
    pub fn hessian(&self) -> Vec<f64> {
        let n = self.n_weights;
        let mut hessian = Vec::with_capacity(n * n);
        for row in 0..n {
            hessian.extend_from_slice(&self.derivatives[(n + 2) * row..][..n]);
        }
        hessian
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
        let (mut residuals, mut curvatures) = ([0.0; BLOCK], [0.0; BLOCK]);
        let (pairs, crashes) = (log_odds.as_chunks::<2>().0, crashed.as_chunks::<2>().0);
        let of_residuals = residuals.as_chunks_mut::<2>().0;
        let of_curvatures = curvatures.as_chunks_mut::<2>().0;
        // A logarithm of the product instead of a sum of logarithms: it is at most 2^BLOCK.
        let (mut product, mut against) = (both(1.0), both(0.0));
        for at in 0..BLOCK / 2 {
            let (z, crash) = (load(&pairs[at]), load(&crashes[at]));
            let small = exp_of_minus(abs(z));
            let term = add(both(1.0), small);
            let near = div(both(1.0), term);
            let far = mul(small, near);
            let probability = where_not_negative(z, near, far);
            of_residuals[at] = stored(sub(probability, crash));
            of_curvatures[at] = stored(mul(near, far));
            product = mul(product, term);
            let wrong = mul(z, sub(both(1.0), add(crash, crash)));
            against = add(against, most(wrong, both(0.0)));
        }
        let [one, other] = stored(product);
        Self {
            loss: libm::log(one * other) + sum(against),
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
