//! From which probability on a crash is predicted: what a missed crash and a false page cost, how many pages a week can be
//! borne, or the best F1. All of it on training rows that were predicted unseen: a test row must not choose it.

use super::alarms::AlarmRule;
use super::incidents::Replay;
use super::metrics::Ranking;
use crate::numerals::format_number;

/// The threshold of a model that gives every row the same probability: nothing is told apart, so nobody is paged.
pub const NEVER: f64 = 1.0;

/// A threshold and where it comes from.
#[derive(Debug, Clone, PartialEq)]
pub struct Threshold {
    /// Probability from which on a crash is predicted.
    pub value: f64,
    /// Where it comes from, in words.
    pub reason: String,
}

/// What the threshold is to achieve.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Aim {
    /// To be this probability.
    Given(f64),
    /// The best balance of crashes caught and false alarms.
    BestF1,
    /// The least cost.
    LeastCost {
        /// What a missed crash costs.
        missed: f64,
        /// What a page that belongs to no crash costs.
        page: f64,
    },
    /// As many pages a week as can be borne, and no more.
    PagesPerWeek(f64),
}

impl Aim {
    /// The threshold that reaches it best on the rows of `replay`, which `ranking` ranks: training rows that were each
    /// predicted unseen. Where they are not `in_time`, rows are counted instead of crashes and pages, and a budget of pages
    /// cannot be kept: nobody is paged.
    #[must_use]
    pub fn threshold(
        self,
        replay: &Replay,
        ranking: &Ranking,
        rule: AlarmRule,
        in_time: bool,
    ) -> Threshold {
        let (value, reason) = match self {
            Self::Given(value) => {
                return Threshold {
                    value,
                    reason: "as you said".to_owned(),
                };
            }
            Self::BestF1 => (
                best_f1(ranking),
                "the best balance of crashes caught and false alarms (F1)".to_owned(),
            ),
            Self::LeastCost { missed, page } => (
                if in_time {
                    least_cost(replay, ranking, rule, (missed, page))
                } else {
                    least_cost_in_rows(ranking, missed, page)
                },
                format!(
                    "the least cost where a missed crash costs {} and a false page {}",
                    format_number(missed),
                    format_number(page)
                ),
            ),
            Self::PagesPerWeek(pages) => (
                at_most_pages(replay, ranking, rule, pages * replay.weeks()),
                format!(
                    "as many crashes as can be caught with {} pages a week",
                    format_number(pages)
                ),
            ),
        };
        let reason = match ranking.steps().len() {
            0 | 1 => "every row has the same probability, so none is flagged".to_owned(),
            _ if value == NEVER => format!("{reason}, which here means to page nobody"),
            _ => reason + ", on training rows, each predicted unseen",
        };
        Threshold { value, reason }
    }
}

/// Thresholds that are tried by replaying the rows. They stand closer together where few rows are flagged.
const N_TRIED: usize = 60;

/// The threshold with the highest F1 on the ranked rows; of equals the highest, which pages least. `NEVER` where the
/// ranking tells nothing apart.
///
/// One half, the customary threshold, would hardly ever page where crashes are rare, however good the model.
#[must_use]
pub fn best_f1(ranking: &Ranking) -> f64 {
    let f1 = |caught: f64, flagged: f64| 2.0 * caught / (flagged + ranking.positives() as f64);
    best_step(ranking, &f1)
}

/// The threshold with the least cost in rows, for logs without a time: `missed` for a crash row not flagged, `page` for a
/// calm row flagged.
#[must_use]
pub fn least_cost_in_rows(ranking: &Ranking, missed: f64, page: f64) -> f64 {
    // Against flagging nobody.
    let saved = |caught: f64, flagged: f64| missed * caught - page * (flagged - caught);
    best_step(ranking, &saved)
}

/// The step for which `worth(crashes flagged, rows flagged)` is the largest, and above 0.
fn best_step(ranking: &Ranking, worth: &dyn Fn(f64, f64) -> f64) -> f64 {
    let steps = ranking.steps();
    if steps.len() < 2 || ranking.positives() == 0 {
        return NEVER;
    }
    let mut best = (0.0, NEVER);
    // A probability of 0 flags nobody anywhere, or else everybody.
    for step in steps.iter().filter(|step| step.threshold > 0.0) {
        let caught = step.true_positives as f64;
        let worth = worth(caught, caught + step.false_positives as f64);
        if worth > best.0 {
            best = (worth, step.threshold);
        }
    }
    best.1
}

/// The threshold with the least cost of crashes missed and false pages, when the rows are replayed; `NEVER` where paging
/// nobody costs least. Of equals the highest.
#[must_use]
pub fn least_cost(replay: &Replay, ranking: &Ranking, rule: AlarmRule, costs: (f64, f64)) -> f64 {
    let (missed, page) = costs;
    let mut best = (missed * replay.incidents().len() as f64, NEVER);
    for threshold in tried(ranking) {
        let scores = replay.scores(&replay.outcome(&AlarmRule { threshold, ..rule }));
        let n_missed = (scores.incidents - scores.caught) as f64;
        let cost = missed * n_missed + page * scores.false_pages as f64;
        if cost < best.0 {
            best = (cost, threshold);
        }
    }
    best.1
}

/// The lowest threshold with at most `pages` pages when the rows are replayed, found from above: `NEVER` where the highest
/// pages more often. A lower threshold may page less often still, by paging without end; that is not looked for.
#[must_use]
pub fn at_most_pages(replay: &Replay, ranking: &Ranking, rule: AlarmRule, pages: f64) -> f64 {
    let mut best = NEVER;
    for threshold in tried(ranking) {
        let outcome = replay.outcome(&AlarmRule { threshold, ..rule });
        if outcome.pages.len() as f64 > pages {
            break;
        }
        best = threshold;
    }
    best
}

/// The lowest threshold that flags at most `rows` rows; `NEVER` where the highest flags more.
#[must_use]
pub fn at_most_rows(ranking: &Ranking, rows: u64) -> f64 {
    let few = |step: &&super::metrics::Step| flagged(step) <= rows;
    let last = ranking.steps().iter().take_while(few).last();
    last.map_or(NEVER, |step| step.threshold)
}

/// Thresholds from the highest down: all where they are few, else by rising shares of the rows flagged.
fn tried(ranking: &Ranking) -> Vec<f64> {
    let steps = ranking.steps();
    let n_rows = steps.last().map_or(0.0, |step| flagged(step) as f64);
    let mut tried = Vec::new();
    // Each time the same factor more, from one row to all.
    let factor = libm::exp(libm::log(n_rows.max(1.0)) / N_TRIED as f64);
    let mut wanted = 1.0;
    for pair in steps.windows(2) {
        if steps.len() <= N_TRIED || flagged(&pair[1]) as f64 > wanted {
            tried.push(pair[0].threshold);
            while wanted < flagged(&pair[1]) as f64 {
                wanted *= factor;
            }
        }
    }
    // Less than two steps tell nothing apart.
    if steps.len() > 1 {
        tried.push(steps[steps.len() - 1].threshold);
    }
    tried
}

fn flagged(step: &super::metrics::Step) -> u64 {
    step.true_positives + step.false_positives
}
