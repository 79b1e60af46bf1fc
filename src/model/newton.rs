//! The minimum of the penalised log loss of a linear model, by Newton steps.
//!
//! Where there are many rows the steps begin on a share of them: what is far from the minimum need not be known to more than a
//! few digits, and the minimum of the share is near enough to that of all rows for two or three more steps.

use ndarray::Array2;
use smartcore::linalg::traits::cholesky::CholeskyDecomposable;

use crate::error::{Error, Result};
use crate::features::Dataset;

use super::design::{BLOCK, Design};
use super::loss::LossSums;

/// Newton steps converge quadratically from anywhere near; more than this means that the data is pathological.
const MAX_STEPS: usize = 100;
/// Stop when the decrement promises to lower the objective by less than this share of it; the step that follows such a
/// promise squares it, so the coefficients are then exact to rounding.
const TOLERANCE: f64 = 1e-10;
/// What a decrement can be worth and still drown in the rounding of the objective.
const ROUNDING: f64 = 1e-8;
/// The steps begin on one row in so many; a prime, as logs go round by hosts, minutes and hours.
const SAMPLED: usize = 11;
/// A share of the rows has at least so many for each column, or tells too little of the minimum of all.
const ROWS_PER_COLUMN: usize = 10;
/// The tolerance on a share of the rows: its minimum is not that of all rows anyway.
const ROUGH: f64 = 1e-4;

/// The objective over some rows; weights are the coefficients in the order of the terms, then the intercept.
#[derive(Clone, Copy)]
pub struct Problem<'a> {
    pub data: &'a Dataset,
    /// One label for each row of `data`.
    pub y: &'a [bool],
    pub rows: &'a [usize],
    pub design: &'a Design,
    /// For each weight 1 where it must not be negative, -1 where it must not be positive, 0 where it may be both.
    pub signs: &'a [f64],
    /// Inverse strength of the penalty, above 0.
    pub c: f64,
}

/// The objective and its derivatives at one point.
pub struct Point {
    pub weights: Vec<f64>,
    objective: f64,
    gradient: Vec<f64>,
    /// Row by row; the lower triangle is filled.
    pub hessian: Vec<f64>,
}

impl Problem<'_> {
    /// Where to begin.
    pub fn start(&self) -> Vec<f64> {
        self.start_by_sample()
            .unwrap_or_else(|| self.start_by_rate())
    }

    /// The intercept that is right where no column tells anything; half a row keeps one class finite.
    fn start_by_rate(&self) -> Vec<f64> {
        let positives = self.positives() as f64;
        let mut start = vec![0.0; self.design.n_terms() + 1];
        start[self.design.n_terms()] =
            libm::log((positives + 0.5) / (self.rows.len() as f64 - positives + 0.5));
        start
    }

    /// The minimum on a share of the rows, if that has enough of both classes. Its penalty is as strong as that of all rows, so
    /// that what few rows seem to say is not believed.
    fn start_by_sample(&self) -> Option<Vec<f64>> {
        let rows: Vec<usize> = self.rows.iter().copied().step_by(SAMPLED).collect();
        let sample = Problem {
            rows: &rows,
            ..*self
        };
        let n_weights = self.design.n_terms() + 1;
        let positives = sample.positives();
        let tells = rows.len() >= ROWS_PER_COLUMN * n_weights
            && positives.min(rows.len() - positives) >= n_weights;
        let minimum = tells.then(|| sample.minimise(sample.start(), ROUGH))?;
        Some(minimum.ok()?.weights)
    }

    fn positives(&self) -> usize {
        self.rows.iter().filter(|&&row| self.y[row]).count()
    }

    /// The minimum.
    ///
    /// # Errors
    /// `NotConverged` where 100 steps are not enough.
    pub fn minimum(&self, start: Vec<f64>) -> Result<Point> {
        self.minimise(start, TOLERANCE)
    }

    fn minimise(&self, start: Vec<f64>, tolerance: f64) -> Result<Point> {
        let mut point = self.at(start);
        for _ in 0..MAX_STEPS {
            let step = self.newton_step(&point)?;
            let decrement = dot(&step, &point.gradient);
            let promise = decrement.is_nan() || decrement > tolerance * (1.0 + point.objective);
            if !promise {
                // The Hessian stays that of the point before, which is the same to four digits: it gives the standard errors.
                point.weights = self.moved(&point, &step, 1.0);
                return Ok(point);
            }
            match self.descend(&point, &step) {
                Some(lower) => point = lower,
                // No step lowers the objective any more: the minimum to rounding, if the promise was small.
                None if decrement <= ROUNDING * (1.0 + point.objective) => return Ok(point),
                None => break,
            }
        }
        Err(Error::NotConverged {
            iterations: MAX_STEPS,
        })
    }

    /// The Newton step, in which a coefficient that stands at its bound and would leave it takes no part.
    fn newton_step(&self, point: &Point) -> Result<Vec<f64>> {
        let n = point.gradient.len();
        let mut hessian = point.hessian.clone();
        let mut right = point.gradient.clone();
        for (held, sign) in self.signs.iter().enumerate() {
            if point.weights[held] == 0.0 && sign * point.gradient[held] > 0.0 {
                right[held] = 0.0;
                for other in 0..n {
                    hessian[n * held.max(other) + held.min(other)] = f64::from(held == other);
                }
            }
        }
        solve(n, hessian, right)
    }

    /// The first of the full, half, quarter... step that lowers the objective.
    fn descend(&self, point: &Point, step: &[f64]) -> Option<Point> {
        let mut share = 1.0;
        for _ in 0..30 {
            let next = self.at(self.moved(point, step, share));
            if next.objective < point.objective {
                return Some(next);
            }
            share /= 2.0;
        }
        None
    }

    /// The weights after a share of a step, none beyond its bound.
    fn moved(&self, point: &Point, step: &[f64], share: f64) -> Vec<f64> {
        let weights = point.weights.iter().zip(step).zip(self.signs);
        let moved = weights.map(|((weight, by), sign)| {
            let moved = weight - share * by;
            if sign * moved < 0.0 { 0.0 } else { moved }
        });
        moved.collect()
    }

    fn at(&self, weights: Vec<f64>) -> Point {
        let mut sums = LossSums::new(weights.len());
        let mut block = self.design.block();
        for rows in self.rows.chunks(BLOCK) {
            self.design.encode(self.data, rows, &mut block);
            let mut crashed = [1.0; BLOCK];
            for (crashed, &row) in crashed.iter_mut().zip(rows) {
                *crashed = f64::from(self.y[row]);
            }
            sums.add(&block, &crashed, &weights);
        }
        self.penalised(&sums, weights)
    }

    /// Scales by `c` and adds the penalty, which leaves the intercept alone.
    fn penalised(&self, sums: &LossSums, weights: Vec<f64>) -> Point {
        let coefficients = &weights[..weights.len() - 1];
        let (mut hessian, mut gradient) = (sums.hessian(), sums.gradient().to_vec());
        for sum in hessian.iter_mut().chain(&mut gradient) {
            *sum *= self.c;
        }
        for (i, coefficient) in coefficients.iter().enumerate() {
            gradient[i] += coefficient;
            hessian[(weights.len() + 1) * i] += 1.0;
        }
        Point {
            objective: 0.5 * dot(coefficients, coefficients) + self.c * sums.loss,
            gradient,
            hessian,
            weights,
        }
    }
}

/// Solves `hessian * x = right`, both row by row and of the same height; only the lower triangle of `hessian` is read.
///
/// # Errors
/// `NotConverged` where the Hessian is not positive definite.
pub fn solve(height: usize, hessian: Vec<f64>, right: Vec<f64>) -> Result<Vec<f64>> {
    matrix(height, hessian)
        .cholesky_solve_mut(matrix(height, right))
        .map(|solution| solution.into_raw_vec_and_offset().0)
        .map_err(|_| Error::NotConverged { iterations: 0 })
}

fn matrix(height: usize, values: Vec<f64>) -> Array2<f64> {
    let width = values.len() / height;
    // Of a vector, ndarray would bring the words for shapes that do not fit.
    Array2::from_shape_fn((height, width), |(row, column)| {
        values[row * width + column]
    })
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).fold(0.0, |sum, (x, y)| sum + x * y)
}
