//! L2 logistic regression by Newton steps (iteratively reweighted least squares; Hastie, Tibshirani, Friedman, *The
//! Elements of Statistical Learning*, 4.4.1) on standardised columns. Minimised is scikit-learn's objective
//! `0.5 |w|^2 + C sum(log loss)` with the intercept unpenalised.
//!
//! Numbers enter imputed with their training median and standardised by mean and population standard deviation, with an
//! indicator where values were missing, booleans as 0 and 1 likewise; categories enter one-hot, values seen too rarely or never under one
//! "other" level. A coefficient of a number that must not fall (or not rise) is held at 0 where it would: the minimum is then
//! that of the objective within these bounds, found by projected Newton steps (Bertsekas, *SIAM J. Control and Optimization*
//! 20, 1982). The linear solve is smartcore's Cholesky factorisation. All sums are our own loops in a fixed order, so
//! that the coefficients are the same bits natively and in wasm.

use ndarray::Array2;
use smartcore::linalg::traits::cholesky::CholeskyDecomposable;

use crate::codec::saved;
use crate::error::{Error, Result};
use crate::features::{Dataset, FeatureSpec};

use super::design::{Design, Term};
use crate::numerals::format_number;

/// How to fit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Params {
    /// Inverse strength of the penalty, above 0; scikit-learn's `C`.
    pub c: f64,
    /// Whether a column with missing values gets an indicator of them beside it.
    pub missing: MissingIndicator,
}

/// Whether a column with missing values gets an indicator of them beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MissingIndicator {
    /// Missing is news: a sensor that falls silent may announce a crash.
    Add,
    /// Missing values are imputed and nothing more.
    Omit,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            c: 1.0,
            missing: MissingIndicator::Add,
        }
    }
}

/// A [`Params`] whose values are in range.
#[derive(Debug, Clone, Copy)]
pub struct ValidParams(Params);

impl Params {
    /// Checks the ranges.
    ///
    /// # Errors
    /// `BadOption` where `c` is not a finite number above 0.
    pub fn check(self) -> Result<ValidParams> {
        if self.c > 0.0 && self.c.is_finite() {
            return Ok(ValidParams(self));
        }
        Err(Error::BadOption {
            option: "c",
            found: format_number(self.c),
            expected: "a finite number above 0",
        })
    }
}

/// A fitted model: one coefficient for each column of the design.
#[derive(Debug, Clone, PartialEq)]
pub struct LogisticRegression {
    intercept: f64,
    intercept_standard_error: f64,
    design: Design,
    coefficients: Vec<f64>,
    standard_errors: Vec<f64>,
}

saved! {
    struct LogisticRegression {
        intercept, intercept_standard_error, design, coefficients, standard_errors,
    }
}

/// Newton steps converge quadratically from anywhere near; more than this means that the data is pathological.
const MAX_STEPS: usize = 100;
/// Stop when the decrement promises to lower the objective by less than this share of it; the step that follows such a
/// promise squares it, so the coefficients are then exact to rounding.
const TOLERANCE: f64 = 1e-10;
/// What a decrement can be worth and still drown in the rounding of the objective.
const ROUNDING: f64 = 1e-8;
/// Columns of the design: the Hessian grows with their square, and the solve with their cube.
const MAX_TERMS: usize = 500;
/// Rows encoded at a time: large enough to amortise, small enough to stay in the first-level cache.
const BLOCK: usize = 64;

impl LogisticRegression {
    /// Fits on the given rows of `data`, whose labels are `y` (one for each row of `data`).
    ///
    /// # Errors
    /// `NotConverged` where 100 Newton steps are not enough, `TooManyColumns` above 500 columns of the design.
    pub fn fit(data: &Dataset, y: &[bool], rows: &[usize], params: ValidParams) -> Result<Self> {
        let design = design(data, rows, params.0.missing)?;
        let problem = Problem {
            data,
            y,
            rows,
            design: &design,
            signs: design.signs(data.signs()),
            c: params.0.c,
        };
        Self::of(&design, problem.minimise(problem.start())?)
    }

    /// Fits on the given rows with each of the inverse penalties `cs`, all above 0, each fit beginning where the one
    /// before it ended: from the strongest penalty to the weakest that is a few steps each.
    ///
    /// # Errors
    /// As [`fit`](Self::fit).
    pub fn fit_path(data: &Dataset, y: &[bool], rows: &[usize], cs: &[f64]) -> Result<Vec<Self>> {
        let design = design(data, rows, MissingIndicator::Add)?;
        let mut problem = Problem {
            data,
            y,
            rows,
            design: &design,
            signs: design.signs(data.signs()),
            c: 1.0,
        };
        let mut start = problem.start();
        let mut fit = |&c: &f64| {
            problem.c = c;
            let point = problem.minimise(start.clone())?;
            start.clone_from(&point.weights);
            Self::of(&design, point)
        };
        cs.iter().map(&mut fit).collect()
    }

    fn of(design: &Design, fitted: Point) -> Result<Self> {
        let inverse = solve(fitted.hessian, Array2::eye(design.n_terms() + 1))?;
        let mut standard_errors: Vec<f64> = inverse
            .diag()
            .iter()
            .map(|variance| libm::sqrt(*variance))
            .collect();
        let mut coefficients = fitted.weights;
        Ok(Self {
            intercept: coefficients
                .pop()
                .expect("the intercept is the last weight"),
            intercept_standard_error: standard_errors.pop().expect("as many variances as weights"),
            coefficients,
            standard_errors,
            design: design.clone(),
        })
    }

    /// The probability of a crash for each row of `data`, which has the columns of the data it was fitted on.
    #[must_use]
    pub fn predict_proba(&self, data: &Dataset) -> Vec<f64> {
        let n_terms = self.design.n_terms();
        let mut probabilities = Vec::with_capacity(data.n_rows());
        let mut block = vec![0.0; BLOCK * n_terms];
        for start in (0..data.n_rows()).step_by(BLOCK) {
            let rows = start..data.n_rows().min(start + BLOCK);
            self.design.encode(data, rows.clone(), &mut block);
            let encoded = (0..rows.len()).map(|row| &block[row * n_terms..][..n_terms]);
            probabilities.extend(encoded.map(|x| sigmoid(self.decision(x))));
        }
        probabilities
    }

    /// The log odds of one encoded row.
    fn decision(&self, x: &[f64]) -> f64 {
        dot(x, &self.coefficients) + self.intercept
    }

    /// The terms with their coefficients and standard errors, in the order of the features. A coefficient that its sign held
    /// at 0 has the standard error it would have there without one.
    pub fn terms(&self) -> impl Iterator<Item = (&Term, f64, f64)> {
        let figures = self.coefficients.iter().zip(&self.standard_errors);
        self.design
            .terms()
            .iter()
            .zip(figures)
            .map(|(term, (coefficient, error))| (term, *coefficient, *error))
    }

    /// The log odds of a row whose standardised columns are all 0.
    #[must_use]
    pub fn intercept(&self) -> f64 {
        self.intercept
    }

    /// The standard error of the intercept.
    #[must_use]
    pub fn intercept_standard_error(&self) -> f64 {
        self.intercept_standard_error
    }

    /// The columns of the design matrix.
    #[must_use]
    pub fn design(&self) -> &Design {
        &self.design
    }

    /// Whether the parts fit each other and the features: what a file from elsewhere must satisfy.
    #[must_use]
    pub fn is_consistent(&self, spec: &FeatureSpec) -> bool {
        let n = self.design.n_terms();
        let finite =
            |values: &[f64]| values.len() == n && values.iter().all(|value| value.is_finite());
        self.intercept.is_finite()
            && self.intercept_standard_error.is_finite()
            && finite(&self.coefficients)
            && finite(&self.standard_errors)
            && self.design.is_consistent(spec)
    }
}

fn design(data: &Dataset, rows: &[usize], missing: MissingIndicator) -> Result<Design> {
    let design = Design::fit(data, rows, missing);
    if design.n_terms() > MAX_TERMS {
        return Err(Error::TooManyColumns {
            found: design.n_terms(),
            limit: MAX_TERMS,
        });
    }
    Ok(design)
}

/// The objective over some rows; weights are the coefficients in the order of the terms, then the intercept.
struct Problem<'a> {
    data: &'a Dataset,
    y: &'a [bool],
    rows: &'a [usize],
    design: &'a Design,
    /// For each weight 1 where it must not be negative, -1 where it must not be positive, 0 where it may be both.
    signs: Vec<f64>,
    c: f64,
}

/// The objective and its derivatives at one point.
struct Point {
    weights: Vec<f64>,
    objective: f64,
    gradient: Vec<f64>,
    /// Symmetric; the lower triangle is filled.
    hessian: Array2<f64>,
}

impl Problem<'_> {
    /// The intercept that is right where no column tells anything; half a row keeps one class finite.
    fn start(&self) -> Vec<f64> {
        let positives = self.rows.iter().filter(|&&row| self.y[row]).count() as f64;
        let mut start = vec![0.0; self.design.n_terms() + 1];
        start[self.design.n_terms()] =
            libm::log((positives + 0.5) / (self.rows.len() as f64 - positives + 0.5));
        start
    }

    fn minimise(&self, start: Vec<f64>) -> Result<Point> {
        let mut point = self.at(start);
        for _ in 0..MAX_STEPS {
            let step = self.newton_step(&point)?;
            let decrement = dot(&step, &point.gradient);
            let promise = decrement.is_nan() || decrement > TOLERANCE * (1.0 + point.objective);
            match self.descend(&point, &step) {
                Some(lower) => point = lower,
                // No step lowers the objective any more: the minimum to rounding, if the promise was small.
                None if decrement <= ROUNDING * (1.0 + point.objective) => return Ok(point),
                None => {
                    return Err(Error::NotConverged {
                        iterations: MAX_STEPS,
                    });
                }
            }
            if !promise {
                return Ok(point);
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
        let mut right = Array2::from_shape_fn((n, 1), |(i, _)| point.gradient[i]);
        for (held, sign) in self.signs.iter().enumerate() {
            if point.weights[held] == 0.0 && sign * point.gradient[held] > 0.0 {
                right[(held, 0)] = 0.0;
                for other in 0..n {
                    hessian[(held.max(other), held.min(other))] = f64::from(held == other);
                }
            }
        }
        Ok(solve(hessian, right)?.into_raw_vec_and_offset().0)
    }

    /// The first of the full, half, quarter... step that lowers the objective.
    fn descend(&self, point: &Point, step: &[f64]) -> Option<Point> {
        (0..30)
            .map(|halvings| libm::ldexp(1.0, -halvings))
            .find_map(|scale| {
                let weights = point
                    .weights
                    .iter()
                    .zip(step)
                    .zip(&self.signs)
                    .map(|((weight, by), sign)| {
                        let moved = weight - scale * by;
                        if sign * moved < 0.0 { 0.0 } else { moved }
                    })
                    .collect();
                let next = self.at(weights);
                (next.objective < point.objective).then_some(next)
            })
    }

    fn at(&self, weights: Vec<f64>) -> Point {
        let n_terms = self.design.n_terms();
        let mut sums = Sums::new(n_terms);
        let mut block = vec![0.0; BLOCK * n_terms];
        for rows in self.rows.chunks(BLOCK) {
            self.design
                .encode(self.data, rows.iter().copied(), &mut block);
            sums.add_block(&block, rows.iter().map(|&row| self.y[row]), &weights);
        }
        sums.into_point(weights, self.c)
    }
}

/// Sums over the rows: log loss, gradient and Hessian, the intercept last.
struct Sums {
    loss: f64,
    gradient: Vec<f64>,
    hessian: Array2<f64>,
    weighted: Vec<f64>,
}

impl Sums {
    fn new(n_terms: usize) -> Self {
        let n = n_terms + 1;
        Self {
            loss: 0.0,
            gradient: vec![0.0; n],
            hessian: Array2::zeros((n, n)),
            weighted: Vec::new(),
        }
    }

    fn add_block(&mut self, block: &[f64], y: impl Iterator<Item = bool>, weights: &[f64]) {
        let n_terms = weights.len() - 1;
        self.weighted.clear();
        for (row, crashed) in y.enumerate() {
            let x = &block[row * n_terms..][..n_terms];
            let z = dot(x, &weights[..n_terms]) + weights[n_terms];
            let (probability, loss) = sigmoid_and_loss(z, crashed);
            self.loss += loss;
            let residual = probability - f64::from(crashed);
            for (sum, value) in self.gradient.iter_mut().zip(x) {
                *sum += residual * value;
            }
            self.gradient[n_terms] += residual;
            self.weighted.push(probability * (1.0 - probability));
        }
        self.add_hessian(block, n_terms);
    }

    /// Adds the rows' outer products. Each sum is taken row by row, whatever width the inner loop is vectorised to.
    fn add_hessian(&mut self, block: &[f64], n_terms: usize) {
        for i in 0..=n_terms {
            let mut sums = self.hessian.row_mut(i);
            let sums = sums
                .as_slice_mut()
                .expect("a fresh array is in standard layout");
            for (row, weight) in self.weighted.iter().enumerate() {
                let x = &block[row * n_terms..][..n_terms];
                let scaled = if i < n_terms { weight * x[i] } else { *weight };
                let width = n_terms.min(i + 1);
                for (sum, value) in sums[..width].iter_mut().zip(&x[..width]) {
                    *sum += scaled * value;
                }
                if i == n_terms {
                    sums[n_terms] += weight;
                }
            }
        }
    }

    /// Scales by `c` and adds the penalty, which leaves the intercept alone.
    fn into_point(mut self, weights: Vec<f64>, c: f64) -> Point {
        let coefficients = &weights[..weights.len() - 1];
        self.hessian.mapv_inplace(|sum| c * sum);
        for (i, coefficient) in coefficients.iter().enumerate() {
            self.gradient[i] = c * self.gradient[i] + coefficient;
            self.hessian[(i, i)] += 1.0;
        }
        self.gradient[coefficients.len()] *= c;
        let objective = 0.5 * dot(coefficients, coefficients) + c * self.loss;
        Point {
            objective,
            gradient: self.gradient,
            hessian: self.hessian,
            weights,
        }
    }
}

/// Solves `hessian * x = right`; only the lower triangle of `hessian` is read.
fn solve(hessian: Array2<f64>, right: Array2<f64>) -> Result<Array2<f64>> {
    hessian
        .cholesky_solve_mut(right)
        .map_err(|_| Error::NotConverged { iterations: 0 })
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).fold(0.0, |sum, (x, y)| sum + x * y)
}

/// The logistic function, without overflow at either end.
#[inline]
pub(crate) fn sigmoid(z: f64) -> f64 {
    sigmoid_of(z, libm::exp(-libm::fabs(z)))
}

/// The same from `small`, the exponential of the distance of `z` below 0.
#[inline]
fn sigmoid_of(z: f64, small: f64) -> f64 {
    if z >= 0.0 {
        1.0 / (1.0 + small)
    } else {
        small / (1.0 + small)
    }
}

/// The probability at log odds `z`, and the log loss of it where the row `crashed`.
fn sigmoid_and_loss(z: f64, crashed: bool) -> (f64, f64) {
    let small = libm::exp(-libm::fabs(z));
    let probability = sigmoid_of(z, small);
    let against = if crashed { -z } else { z };
    (probability, libm::log1p(small) + against.max(0.0))
}
