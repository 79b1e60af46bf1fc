//! Something kept for each host while its rows come in.

use crate::table::MISSING_TIME;

/// Hosts that are remembered; of more, the one that has been silent longest is forgotten.
const MAX_HOSTS: usize = 4096;

/// What is kept for each host.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Hosts<T> {
    /// Sorted by name.
    of: Vec<(String, OfHost<T>)>,
}

/// What is kept for one host.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct OfHost<T> {
    /// The moment of its latest row; [`MISSING_TIME`], the least, before there is one.
    latest: i64,
    kept: T,
}

impl<T: Default> Hosts<T> {
    /// What is kept for the host of this name.
    pub fn of(&mut self, name: &str) -> &mut OfHost<T> {
        let at = match self.of.binary_search_by(|(of, _)| of.as_str().cmp(name)) {
            Ok(at) => at,
            Err(at) => self.add(name, at),
        };
        &mut self.of[at].1
    }

    fn add(&mut self, name: &str, mut at: usize) -> usize {
        let by_silence = |&at: &usize| self.of[at].1.latest;
        if self.of.len() >= MAX_HOSTS
            && let Some(silent) = (0..self.of.len()).min_by_key(by_silence)
        {
            self.of.remove(silent);
            at -= usize::from(silent < at);
        }
        let new = OfHost {
            latest: MISSING_TIME,
            kept: T::default(),
        };
        self.of.insert(at, (name.to_owned(), new));
        at
    }
}

impl<T> OfHost<T> {
    /// What is kept, for a row of this moment. `None` where the row has no time, or comes after a later one: then it can
    /// change nothing.
    pub fn at(&mut self, moment: i64) -> Option<&mut T> {
        if moment == MISSING_TIME || moment < self.latest {
            return None;
        }
        self.latest = moment;
        Some(&mut self.kept)
    }
}
