//! Which window features are worth having, by a cheap look at the training rows: how well each one alone ranks rows before a
//! crash above calm ones, in every part of the training time by itself. What ranks well once and badly at another time is
//! worth little, however well it does on the whole.
//!
//! Crashes are few and metrics are many: the best of hundreds of features is the best by chance. So it is not features that
//! are chosen but what is asked of all metrics alike, a statistic over one length, by what it is worth on all of them together.

use crate::order::sort_by_number;

use super::dataset::{Dataset, FeatureColumn};
use super::feed::Feed;
use super::timeline::Timeline;
use super::window::{LENGTHS, Stat, WindowFeature, Windows};

/// Parts of the training time.
const N_PARTS: usize = 5;
/// Rows of each class looked at in each part.
const ROWS_OF_CLASS: usize = 400;
/// Rows of each class that a part must have to be asked.
const MIN_OF_CLASS: usize = 5;
/// Metrics whose features are worked out at a time, which bounds the memory.
const METRICS_AT_A_TIME: usize = 16;
/// Window features that are taken at most ...
const MAX_TAKEN: usize = 200;
/// ... and cells of them, which take memory and time.
const MAX_CELLS: usize = 4_000_000;
/// Statistics that answer the same question, the steadiest first: averages are moved by no single row. One of them is taken
/// for each question, over the longest window and over one of the shorter ones, the longer before the shorter.
const QUESTIONS: [&[Stat]; 3] = [
    &[Stat::Mean, Stat::Max],
    &[Stat::Deviation],
    &[Stat::Distance, Stat::Change, Stat::Slope],
];
/// Another than the first must be worth so many times as much: what is nearly as good is so by chance.
const MUCH_BETTER: f64 = 1.5;

/// The rows that are looked at.
struct Look {
    /// For each part the places of its rows, each with whether it is positive.
    parts: Vec<Vec<(usize, bool)>>,
    /// For each row of the table its place among all that are looked at.
    place: Vec<u32>,
    /// Rows that are looked at.
    n: usize,
}
const NOT_LOOKED_AT: u32 = u32::MAX;

impl Windows {
    /// Chooses among all window features of the numbers in `inputs` by the rows `rows` alone, which stand in the order of
    /// time, and whose labels are `y`. `None` where none is of use.
    #[must_use]
    pub fn choose(
        inputs: &Dataset,
        timeline: &Timeline,
        y: &[Option<bool>],
        rows: &[usize],
    ) -> Option<Self> {
        let look = Look::new(y, rows);
        let metrics: Vec<u32> = (0..)
            .zip(inputs.columns())
            .filter(|(_, column)| matches!(column, FeatureColumn::Number(_)))
            .map(|(metric, _)| metric)
            .collect();
        let mut found: Vec<(f64, WindowFeature)> = Vec::new();
        let mut since_gap = false;
        for metrics in metrics.chunks(METRICS_AT_A_TIME) {
            let windows = Self::all_of(timeline.interval(), metrics).with_gap();
            let values = look.values(&windows, inputs, timeline);
            let features = windows.features().iter().zip(&values);
            found.extend(features.map(|(&feature, values)| (look.usefulness(values).0, feature)));
            let (usefulness, error) = look.usefulness(&values[values.len() - 1]);
            since_gap = usefulness > 2.0 * error;
        }
        let room = MAX_TAKEN.min(MAX_CELLS / inputs.n_rows().max(1));
        let windows = Self::new(timeline.interval(), taken(&found, room));
        let windows = if since_gap {
            windows.with_gap()
        } else {
            windows
        };
        (windows.n_columns() > 0).then_some(windows)
    }
}

/// At most `room` features: of all metrics those of the chosen statistics and lengths, the longest first; where there is not
/// room for all metrics, the most useful ones. None where nothing is of any use.
fn taken(found: &[(f64, WindowFeature)], room: usize) -> Vec<WindowFeature> {
    let [short, middle, long] = LENGTHS;
    let mut by_length: [Vec<(f64, u32)>; 2] = Default::default();
    for question in QUESTIONS {
        let is_better = |a: f64, b: f64| a > MUCH_BETTER * b;
        let mut stat = question[0];
        for &other in &question[1..] {
            if is_better(worth(found, other, None), worth(found, stat, None)) {
                stat = other;
            }
        }
        let worths = [short, middle].map(|length| worth(found, stat, Some(length)));
        let second = if is_better(worths[0], worths[1]) {
            short
        } else {
            middle
        };
        for (length, taken) in [long, second].into_iter().zip(&mut by_length) {
            let is_taken = |of: &WindowFeature| (of.stat, of.length) == (stat, length);
            let features = (0..).zip(found).filter(|(_, (_, of))| is_taken(of));
            taken.extend(features.map(|(at, (usefulness, _))| (-usefulness, at)));
        }
    }
    let mut taken = Vec::new();
    if found.iter().all(|(usefulness, _)| *usefulness == 0.0) {
        return taken;
    }
    for mut of_length in by_length {
        sort_by_number(&mut of_length);
        let left = room - taken.len();
        let features = of_length.iter().take(left);
        taken.extend(features.map(|&(_, at)| found[at as usize].1));
    }
    taken
}

/// What a statistic is worth on all metrics together, over one length or all.
fn worth(found: &[(f64, WindowFeature)], stat: Stat, length: Option<u32>) -> f64 {
    let is_it =
        |of: &WindowFeature| of.stat == stat && length.is_none_or(|length| length == of.length);
    let of_it = found.iter().filter(|(_, feature)| is_it(feature));
    of_it.map(|(usefulness, _)| usefulness).sum()
}

impl Look {
    fn new(y: &[Option<bool>], rows: &[usize]) -> Self {
        let n_positive = rows.iter().filter(|&&row| y[row] == Some(true)).count();
        // Parts with as many positive rows each: a part without a crash tells nothing apart.
        let mut parts: Vec<[Vec<usize>; 2]> = vec![Default::default(); N_PARTS];
        let mut positives = 0;
        for &row in rows {
            let part = (positives * N_PARTS / n_positive.max(1)).min(N_PARTS - 1);
            let positive = y[row] == Some(true);
            parts[part][usize::from(positive)].push(row);
            positives += usize::from(positive);
        }
        parts.retain(|of_class| of_class.iter().all(|rows| rows.len() >= MIN_OF_CLASS));
        let mut look = Self {
            parts: vec![Vec::new(); parts.len()],
            place: vec![NOT_LOOKED_AT; y.len()],
            n: 0,
        };
        for (part, of_class) in parts.iter().enumerate() {
            for (rows, positive) in of_class.iter().zip([false, true]) {
                let stride = rows.len().div_ceil(ROWS_OF_CLASS);
                for &row in rows.iter().step_by(stride) {
                    look.place[row] = look.n as u32;
                    look.parts[part].push((look.n, positive));
                    look.n += 1;
                }
            }
        }
        look
    }

    /// The window features of the rows looked at, feature by feature.
    fn values(&self, windows: &Windows, inputs: &Dataset, timeline: &Timeline) -> Vec<Vec<f64>> {
        let mut values = vec![vec![f64::NAN; self.n]; windows.n_columns()];
        Feed::default().for_each_row(windows, (inputs, timeline), &mut |row, found| {
            if self.place[row] != NOT_LOOKED_AT {
                for (of_feature, value) in values.iter_mut().zip(found) {
                    of_feature[self.place[row] as usize] = *value;
                }
            }
        });
        values
    }

    /// How far from one half the area under the ROC curve is on average over the parts, and the standard error of that.
    fn usefulness(&self, values: &[f64]) -> (f64, f64) {
        let areas: Vec<f64> = self
            .parts
            .iter()
            .filter_map(|part| area_above_half(part, values))
            .collect();
        let n = areas.len() as f64;
        if areas.len() < 2 {
            return (0.0, 0.0);
        }
        let mean = areas.iter().sum::<f64>() / n;
        let squares: f64 = areas.iter().map(|area| (area - mean) * (area - mean)).sum();
        (libm::fabs(mean), libm::sqrt(squares / (n - 1.0) / n))
    }
}

/// The area under the ROC curve less one half, of the rows that have a value.
fn area_above_half(part: &[(usize, bool)], values: &[f64]) -> Option<f64> {
    let mut ranked: Vec<(f64, u32)> = part
        .iter()
        .filter(|(place, _)| !values[*place].is_nan())
        .map(|&(place, positive)| (values[place], u32::from(positive)))
        .collect();
    sort_by_number(&mut ranked);
    let n_positive: f64 = ranked
        .iter()
        .map(|(_, positive)| f64::from(*positive))
        .sum();
    let n_calm = ranked.len() as f64 - n_positive;
    if n_positive == 0.0 || n_calm == 0.0 {
        return None;
    }
    // Each positive row beats the calm rows below it, and those equal to it by half.
    let (mut below, mut beaten) = (0.0, 0.0);
    for equals in ranked.chunk_by(|a, b| a.0 == b.0) {
        let positives: f64 = equals
            .iter()
            .map(|(_, positive)| f64::from(*positive))
            .sum();
        let calm = equals.len() as f64 - positives;
        beaten += positives * (below + calm / 2.0);
        below += calm;
    }
    Some(beaten / (n_positive * n_calm) - 0.5)
}
