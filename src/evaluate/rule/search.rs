//! The best rule of a few conditions that the rows support: what a patient person with a spreadsheet might find. A beam of
//! conjunctions grows by one condition at a time, thresholds standing at quantiles; the measure is F1 on rows. Which of the
//! best would be taken by those who carry the pager is asked of their pages, outside.

use crate::order::sort_by_number;
use crate::table::{Column, Table, Values};

use super::{Comparison, Condition, Rule, Test, YES};

const MAX_CONDITIONS: usize = 3;
/// Conjunctions that are grown on.
const BEAM: usize = 12;
/// Conditions that are tried with them, and those of one column: many columns say more than one in many ways.
const POOL: usize = 400;
const OF_A_COLUMN: usize = 10;
/// Rows that are looked at; of more, every so many.
const MAX_ROWS: usize = 100_000;
/// A condition more must raise F1 by so much: less is within the noise, and every condition is something to explain.
const LEAST_GAIN: f64 = 0.01;
/// Where thresholds are tried: a metric tells at its ends.
const SHARES: [f64; 13] = [
    0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.98, 0.99, 0.995,
];
/// How near a rounded threshold stays, as a part of the distance to the next one.
const NEAR: f64 = 0.05;
/// Significant digits of a threshold at most.
const MAX_DIGITS: usize = 12;
/// Levels of a category that are tried.
const MAX_LEVELS: usize = 20;

/// The best conjunctions of at most three conditions on `columns`, by F1 on `rows` of `table`, of which `y` says what
/// happened: first the best one, whose every condition is worth its place, then those that came near. None where nothing is
/// better than a rule that always fires.
#[must_use]
pub fn best_rules(table: &Table, columns: &[&str], rows: &[usize], y: &[bool]) -> Vec<Rule> {
    let search = Search::new(table, rows, y);
    let pool = search.pool(columns);
    let always = search.f1(&search.everything(), &search.everything());
    let (mut found, mut first): (Vec<Found>, usize) = (Vec::new(), 0);
    let mut needed = always + LEAST_GAIN;
    let mut beam = vec![Found {
        conditions: Vec::new(),
        rows: search.everything(),
        f1: always,
    }];
    for _ in 0..MAX_CONDITIONS {
        beam = search.grown(&beam, &pool);
        match beam.first() {
            Some(best) if best.f1 >= needed => needed = best.f1 + LEAST_GAIN,
            _ => break,
        }
        first = found.len();
        found.extend(beam.iter().cloned());
    }
    if first > 0 {
        found.swap(0, first);
    }
    let rule = |of: &Found| {
        let conditions = of.conditions.iter();
        Rule::all(conditions.map(|&at| pool[at].condition.clone()).collect())
    };
    found.iter().map(rule).collect()
}

/// The rows that are looked at.
struct Search<'a> {
    table: &'a Table,
    rows: Vec<usize>,
    crashed: Bits,
    n_crashed: f64,
}

/// A condition and the rows it holds for.
struct Candidate {
    condition: Condition,
    rows: Bits,
    f1: f64,
}

/// Conditions by their place in the pool, and the rows all of them hold for.
#[derive(Clone)]
struct Found {
    conditions: Vec<usize>,
    rows: Bits,
    f1: f64,
}

/// One bit a row.
type Bits = Vec<u64>;

impl<'a> Search<'a> {
    fn new(table: &'a Table, rows: &[usize], y: &[bool]) -> Self {
        let stride = rows.len().div_ceil(MAX_ROWS).max(1);
        let crashed: Vec<bool> = y.iter().step_by(stride).copied().collect();
        Self {
            table,
            rows: rows.iter().step_by(stride).copied().collect(),
            n_crashed: crashed.iter().filter(|&&crashed| crashed).count() as f64,
            crashed: bits(crashed.into_iter()),
        }
    }

    fn everything(&self) -> Bits {
        bits(self.rows.iter().map(|_| true))
    }

    /// Of the rows that are in both.
    #[inline(never)]
    fn f1(&self, a: &[u64], b: &[u64]) -> f64 {
        let (mut flagged, mut caught) = (0, 0);
        for ((a, b), crashed) in a.iter().zip(b).zip(&self.crashed) {
            flagged += (a & b).count_ones();
            caught += (a & b & crashed).count_ones();
        }
        2.0 * f64::from(caught) / (f64::from(flagged) + self.n_crashed).max(1.0)
    }

    /// The best conditions, best first, not too many of one column.
    fn pool(&self, columns: &[&str]) -> Vec<Candidate> {
        let mut pool = Vec::new();
        for column in columns.iter().filter_map(|name| self.table.column(name)) {
            let tests = self.tests(column);
            let of_column = tests.into_iter().map(|test| {
                let holds = |&row: &usize| test.answer(column, row) == YES;
                let rows = bits(self.rows.iter().map(holds));
                let column = column.name.clone();
                Candidate {
                    f1: self.f1(&rows, &rows),
                    condition: Condition { column, test },
                    rows,
                }
            });
            pool.extend(best_candidates(of_column.collect(), OF_A_COLUMN));
            if pool.len() > 2 * POOL {
                pool = best_candidates(pool, POOL);
            }
        }
        best_candidates(pool, POOL)
    }

    fn tests(&self, column: &Column) -> Vec<Test> {
        let mut tests = match &column.values {
            Values::Number(_) => self.thresholds(column),
            Values::Category { levels, .. } => levels
                .iter()
                .take(MAX_LEVELS)
                .cloned()
                .map(Test::Is)
                .collect(),
            _ => return Vec::new(),
        };
        tests.push(Test::Missing);
        tests
    }

    fn thresholds(&self, column: &Column) -> Vec<Test> {
        let present = |&row: &usize| Some((column.number_at(row)?, 0));
        let mut numbers: Vec<(f64, u32)> = self.rows.iter().filter_map(present).collect();
        sort_by_number(&mut numbers);
        let Some(last) = numbers.len().checked_sub(1) else {
            return Vec::new();
        };
        let quantile = |share: f64| numbers[(share * last as f64) as usize].0;
        let mut thresholds: Vec<f64> = SHARES.into_iter().map(quantile).collect();
        thresholds.dedup();
        let gap = |at: usize| {
            let below = at
                .checked_sub(1)
                .map(|below| thresholds[at] - thresholds[below]);
            let above = thresholds.get(at + 1).map(|above| above - thresholds[at]);
            below.into_iter().chain(above).fold(f64::INFINITY, f64::min)
        };
        let all = (0..thresholds.len()).filter(|&at| gap(at).is_finite());
        let rounded: Vec<f64> = all.map(|at| rounded(thresholds[at], gap(at))).collect();
        let both = |at: f64| {
            [Comparison::Above, Comparison::Below].map(|comparison| Test::Number(comparison, at))
        };
        rounded.into_iter().flat_map(both).collect()
    }

    /// The best of the conjunctions that are one condition longer.
    fn grown(&self, beam: &[Found], pool: &[Candidate]) -> Vec<Found> {
        // Their worth first: few are kept, and only these need their rows.
        let (mut pairs, mut worths) = (Vec::new(), Vec::new());
        for (from, found) in beam.iter().enumerate() {
            for (at, candidate) in pool.iter().enumerate() {
                let f1 = self.f1(&found.rows, &candidate.rows);
                if f1 > found.f1 && !found.conditions.contains(&at) {
                    pairs.push((from, at));
                    worths.push(f1);
                }
            }
        }
        let mut grown: Vec<Found> = Vec::new();
        for place in best(&worths, 4 * BEAM) {
            let ((from, at), f1) = (pairs[place], worths[place]);
            let rows = both(&beam[from].rows, &pool[at].rows);
            // What holds for the same rows is the same; each conjunction comes once for each of its conditions.
            if grown.len() < BEAM && grown.iter().all(|of| of.rows != rows) {
                let conditions = beam[from].conditions.iter().copied().chain([at]).collect();
                grown.push(Found {
                    conditions,
                    rows,
                    f1,
                });
            }
        }
        grown
    }
}

fn bits(rows: impl Iterator<Item = bool>) -> Bits {
    let mut bits = Vec::new();
    for (row, is_set) in rows.enumerate() {
        if row % 64 == 0 {
            bits.push(0);
        }
        bits[row / 64] |= u64::from(is_set) << (row % 64);
    }
    bits
}

fn both(a: &[u64], b: &[u64]) -> Bits {
    a.iter().zip(b).map(|(a, b)| a & b).collect()
}

/// The places of the `n` largest worths, the largest first; of equals the earlier ones.
#[inline(never)]
fn best(worths: &[f64], n: usize) -> Vec<usize> {
    let mut order: Vec<(f64, u32)> = worths.iter().map(|worth| -worth).zip(0..).collect();
    sort_by_number(&mut order);
    let kept = order.iter().take(n);
    kept.map(|&(_, at)| at as usize).collect()
}

/// The best conditions by F1, the best first.
#[inline(never)]
fn best_candidates(candidates: Vec<Candidate>, n: usize) -> Vec<Candidate> {
    let worths: Vec<f64> = candidates.iter().map(|of| of.f1).collect();
    let mut candidates: Vec<Option<Candidate>> = candidates.into_iter().map(Some).collect();
    let kept = best(&worths, n).into_iter();
    kept.filter_map(|at| candidates[at].take()).collect()
}

/// The shortest decimal that is about `number`: nearer than a part of `gap`.
#[inline(never)]
fn rounded(number: f64, gap: f64) -> f64 {
    // The largest power of ten that is too coarse is the last one tried; powers of ten are exact up to 10^22.
    let (mut up, mut down) = (1.0, 1.0);
    while up <= libm::fabs(number) && up < 1e22 {
        up *= 10.0;
    }
    for _ in 0..2 * MAX_DIGITS {
        let short = libm::round(number / up * down) / down * up;
        if libm::fabs(short - number) <= NEAR * gap {
            return short;
        }
        if up > 1.0 {
            up /= 10.0;
        } else {
            down *= 10.0;
        }
    }
    number
}
