//! A candidate that is being tried: what its folds reported so far, in whatever order, and what follows from it.

use crate::model::boosting::{self, WatchedLosses};

use super::candidates::{Recipe, Tuned, max_rounds};
use super::learner::{Predicted, Sees, Shared};

/// Rounds of boosting without a gain before it is broken off.
const PATIENCE: usize = 12;

/// A candidate and how far it is.
pub(super) struct Trial {
    pub recipe: Recipe,
    pub sees: Sees,
    pub max_rounds: usize,
    /// The losses of each fold, of boosting.
    pub losses: Vec<Vec<WatchedLosses>>,
    /// What was predicted for each fold, by each setting.
    pub predicted: Vec<Option<Vec<Predicted>>>,
    pub state: State,
    /// Where there was a clock.
    pub seconds: Option<f64>,
}

pub(super) enum State {
    Open,
    /// Boosting is over; predicted is by so many rounds.
    Rounds(usize),
    Done(Tuned),
    LeftOut,
}

impl Trial {
    pub fn new(recipe: Recipe, sees: Sees, shared: &Shared) -> Self {
        Self {
            recipe,
            sees,
            max_rounds: max_rounds(shared, sees),
            losses: vec![Vec::new(); shared.folds.len()],
            predicted: vec![None; shared.folds.len()],
            state: State::Open,
            seconds: None,
        }
    }

    pub fn is_boosting(&self) -> bool {
        matches!(self.recipe, Recipe::Boosting(_))
    }

    pub fn tuned(&self) -> Option<&Tuned> {
        match &self.state {
            State::Done(tuned) => Some(tuned),
            _ => None,
        }
    }

    /// Rounds that all folds have done.
    pub fn rounds_done(&self) -> usize {
        let rounds = self
            .losses
            .iter()
            .map(|losses| losses.len().saturating_sub(1));
        rounds.min().unwrap_or(0)
    }

    /// The round of the least mean loss, by the share of the trees that is best believed, and whether the mean has not fallen
    /// for a while since, or may rise no further.
    pub fn best_round(&self) -> (usize, bool) {
        let mean_after = |round: usize| {
            let mut sums = WatchedLosses::default();
            for losses in &self.losses {
                for (sum, loss) in sums.iter_mut().zip(losses[round]) {
                    *sum += loss;
                }
            }
            sums.into_iter().fold(f64::INFINITY, f64::min)
        };
        let n_done = self.rounds_done();
        if n_done == 0 {
            return (0, false);
        }
        let (mut best, mut least) = (0, mean_after(0));
        for round in 1..=n_done {
            let now = mean_after(round);
            if now < least {
                (best, least) = (round, now);
            } else if round >= best + PATIENCE {
                return (best, true);
            }
        }
        (best, n_done >= self.max_rounds)
    }

    /// Takes the best of the settings that were tried, once all folds are predicted.
    pub fn tune(&mut self, shared: &Shared) {
        if self.predicted.iter().all(Option::is_some) {
            let predicted: Vec<Vec<Predicted>> =
                self.predicted.iter_mut().filter_map(Option::take).collect();
            let recipe = match (self.recipe, &self.state) {
                (Recipe::Boosting(params), State::Rounds(n_rounds)) => {
                    Recipe::Boosting(boosting::Params {
                        n_rounds: *n_rounds,
                        ..params
                    })
                }
                (recipe, _) => recipe,
            };
            self.state = State::Done(Tuned::new(recipe, &predicted, shared));
        }
    }
}
