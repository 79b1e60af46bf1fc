//! Ways to part the rows of a log: blocks of time, whole hosts, stretches around whole incidents, equal shares; and what must
//! be left out so that two parts stand apart. Every row index is an index into the rows that have a label.

use crate::order::{indices_by, sort_by_number};
use crate::random::Random;

use super::split::SplitKind;

/// What a split goes by; one entry for each row that has a label.
#[derive(Debug, Clone, Copy)]
pub struct Rows<'a> {
    /// Whether the row crashed.
    pub y: &'a [bool],
    /// The row's time, later is larger, NaN where unknown.
    pub time: Option<&'a [f64]>,
    /// The number of the row's host, from 0 on.
    pub host: Option<&'a [u32]>,
    /// Time between a row learned from and one checked on, at least; in the units of `time`.
    pub gap: f64,
}

/// The incident of a row that did not crash.
const CALM: u32 = u32::MAX;

impl Rows<'_> {
    /// All rows in the order of time, those without one first; in the order of the log where there is no time.
    pub(super) fn in_order(&self) -> Vec<usize> {
        let Some(time) = self.time else {
            return (0..self.y.len()).collect();
        };
        let mut by_time: Vec<(f64, u32)> = time.iter().map(|&time| known(time)).zip(0..).collect();
        sort_by_number(&mut by_time);
        by_time.into_iter().map(|(_, row)| row as usize).collect()
    }

    /// The incident of each row: a run of crashed rows of one host among `rows`, which stand in order.
    pub(super) fn incidents(&self, rows: &[usize]) -> Vec<u32> {
        let n_hosts = self.host.and_then(|host| host.iter().max()).unwrap_or(&0);
        let (mut open, mut next) = (vec![CALM; *n_hosts as usize + 1], 0);
        let mut incidents = vec![CALM; self.y.len()];
        for &row in rows {
            let open = &mut open[self.host.map_or(0, |host| host[row]) as usize];
            if !self.y[row] {
                *open = CALM;
                continue;
            }
            if *open == CALM {
                (*open, next) = (next, next + 1);
            }
            incidents[row] = *open;
        }
        incidents
    }

    /// The number of the stretch of time that each row falls into: one stretch for each cluster of incidents that overlap,
    /// cut half-way to the next. `rows` stand in order. `None` without a time.
    pub(super) fn segments(&self, rows: &[usize], incidents: &[u32]) -> Option<Vec<u32>> {
        let time = self.time?;
        let n_incidents = incidents.iter().filter(|&&of| of != CALM).max();
        let mut last = vec![f64::NEG_INFINITY; n_incidents.map_or(0, |&of| of as usize + 1)];
        for &row in rows.iter().filter(|&&row| self.y[row]) {
            last[incidents[row] as usize] = known(time[row]);
        }
        let mut clusters: Vec<(f64, f64)> = Vec::new();
        for &row in rows.iter().filter(|&&row| self.y[row]) {
            let (start, end) = (known(time[row]), last[incidents[row] as usize]);
            match clusters.last_mut() {
                Some(cluster) if start <= cluster.1 + self.gap => cluster.1 = cluster.1.max(end),
                _ => clusters.push((start, end)),
            }
        }
        let cut = |pair: &[(f64, f64)]| 0.5 * (pair[0].1 + pair[1].0);
        let cuts: Vec<f64> = clusters.windows(2).map(cut).collect();
        let (mut segments, mut segment) = (vec![0; self.y.len()], 0);
        for &row in rows {
            while cuts.get(segment).is_some_and(|&cut| known(time[row]) > cut) {
                segment += 1;
            }
            segments[row] = segment as u32;
        }
        Some(segments)
    }

    /// `rows` in parts of about equal length, those of one time together.
    pub(super) fn blocks(&self, rows: &[usize], n_parts: usize, time: &[f64]) -> Vec<Vec<usize>> {
        let at = |place: usize| known(time[rows[place]]);
        let mut parts = Vec::with_capacity(n_parts);
        let mut start = 0;
        for part in 1..=n_parts {
            let mut end = (rows.len() * part / n_parts).max(start);
            while end > start && end < rows.len() && at(end) == at(end - 1) {
                end += 1;
            }
            parts.push(rows[start..end].to_vec());
            start = end;
        }
        parts
    }

    /// Whole groups of `rows` in parts of about as many crashes and rows each. `group` has the group of every row.
    pub(super) fn dealt(
        &self,
        rows: &[usize],
        group: &[u32],
        n_parts: usize,
        random: &mut Random,
    ) -> Vec<Vec<usize>> {
        let n_groups = group.iter().max().map_or(0, |&of| of as usize + 1);
        let mut sizes = vec![(0, 0); n_groups];
        for &row in rows {
            let size = &mut sizes[group[row] as usize];
            *size = (size.0 + usize::from(self.y[row]), size.1 + 1);
        }
        // The largest first, so that the small ones even out the parts; equal ones in a random order.
        let mut shuffled: Vec<usize> = (0..n_groups).collect();
        random.shuffle(&mut shuffled);
        let by_size = indices_by(n_groups, &|a, b| {
            sizes[shuffled[b]].cmp(&sizes[shuffled[a]])
        });
        let (mut filled, mut part_of) = (vec![(0, 0); n_parts], vec![0; n_groups]);
        for group in by_size.into_iter().map(|place| shuffled[place]) {
            let part = (0..n_parts)
                .min_by_key(|&part| filled[part])
                .unwrap_or_default();
            part_of[group] = part;
            filled[part].0 += sizes[group].0;
            filled[part].1 += sizes[group].1;
        }
        let mut parts = vec![Vec::new(); n_parts];
        for &row in rows {
            parts[part_of[group[row] as usize]].push(row);
        }
        parts
    }

    /// `rows`, which were shuffled, in parts of equal class shares.
    pub(super) fn stratified(&self, rows: &[usize], n_parts: usize) -> Vec<Vec<usize>> {
        let mut parts = vec![Vec::new(); n_parts];
        let calm = rows.iter().filter(|&&row| !self.y[row]);
        let crashed = rows.iter().filter(|&&row| self.y[row]);
        for (i, &row) in calm.chain(crashed).enumerate() {
            parts[i % n_parts].push(row);
        }
        parts
    }

    /// The `rows` that may be learned from to predict `held`. Rows drawn at random stand side by side, whatever is left out.
    pub(super) fn apart(
        &self,
        rows: &[usize],
        held: &[usize],
        incidents: &[u32],
        kind: SplitKind,
    ) -> Vec<usize> {
        let mut out = vec![false; self.y.len()];
        held.iter().for_each(|&row| out[row] = true);
        if kind != SplitKind::Random {
            let mut touched = vec![false; self.y.len()];
            for &row in held.iter().filter(|&&row| self.y[row]) {
                touched[incidents[row] as usize] = true;
            }
            for &row in rows.iter().filter(|&&row| self.y[row]) {
                out[row] |= touched[incidents[row] as usize];
            }
        }
        if matches!(kind, SplitKind::Time | SplitKind::Incident) {
            self.leave_gap(held, &mut out);
        }
        rows.iter().copied().filter(|&row| !out[row]).collect()
    }

    /// Takes out the rows nearer than the gap to a held one.
    fn leave_gap(&self, held: &[usize], out: &mut [bool]) {
        let Some(time) = self.time.filter(|_| self.gap > 0.0) else {
            return;
        };
        let mut moments: Vec<(f64, u32)> = held.iter().map(|&row| (known(time[row]), 0)).collect();
        sort_by_number(&mut moments);
        for (row, out) in out.iter_mut().enumerate() {
            let at = known(time[row]);
            let next = moments.partition_point(|&(moment, _)| moment < at);
            let near = |place: usize| {
                moments
                    .get(place)
                    .is_some_and(|&(moment, _)| libm::fabs(moment - at) < self.gap)
            };
            *out |= near(next) || near(next.wrapping_sub(1));
        }
    }

    pub(super) fn has_both(&self, rows: &[usize]) -> bool {
        rows.iter().any(|&row| self.y[row]) && rows.iter().any(|&row| !self.y[row])
    }
}

/// Rows without a time stand first.
fn known(time: f64) -> f64 {
    if time.is_nan() {
        f64::NEG_INFINITY
    } else {
        time
    }
}
