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

use crate::codec::saved;
use crate::error::{Error, Result};
use crate::features::{Dataset, FeatureSpec};

use super::design::{BLOCK, Design, Term};
use super::newton::{Point, Problem, solve};
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

/// Columns of the design: the Hessian grows with their square, and the solve with their cube.
const MAX_TERMS: usize = 500;

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
            signs: &design.signs(data.signs()),
            c: params.0.c,
        };
        Self::of(&design, problem.minimum(problem.start())?)
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
            signs: &design.signs(data.signs()),
            c: cs.first().copied().unwrap_or(1.0),
        };
        let mut start = problem.start();
        let mut fit = |&c: &f64| {
            problem.c = c;
            let point = problem.minimum(start.clone())?;
            start.clone_from(&point.weights);
            Self::of(&design, point)
        };
        cs.iter().map(&mut fit).collect()
    }

    fn of(design: &Design, fitted: Point) -> Result<Self> {
        let n = fitted.weights.len();
        let mut identity = vec![0.0; n * n];
        let diagonal = |place: usize| (n + 1) * place;
        (0..n).for_each(|place| identity[diagonal(place)] = 1.0);
        let inverse = solve(n, fitted.hessian, identity)?;
        let mut standard_errors: Vec<f64> = (0..n)
            .map(|place| libm::sqrt(inverse[diagonal(place)]))
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
        let mut probabilities = Vec::with_capacity(data.n_rows());
        let mut weights = self.coefficients.clone();
        weights.push(self.intercept);
        let mut block = self.design.block();
        let rows: Vec<usize> = (0..data.n_rows()).collect();
        for rows in rows.chunks(BLOCK) {
            self.design.encode(data, rows, &mut block);
            let log_odds = block.weigh(&weights);
            probabilities.extend(log_odds[..rows.len()].iter().copied().map(sigmoid));
        }
        probabilities
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
