//! Series in a header: `cpu{instance="a"}`, Grafana's `{host="a", job="x"}`, Datadog's `cpu{host:a}`, and a metric beside its
//! host (`cpu host-a`). Which metric and which host each column is of, from the names alone.

use super::names::{HOST_NAMES, rank};

/// The series of a header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Series {
    /// The name of the label that names the host.
    pub(super) host_name: String,
    pub(super) hosts: Vec<String>,
    pub(super) metrics: Vec<String>,
    /// For each column the metric and the host it is of; none where it is of all hosts.
    pub(super) places: Vec<Option<(usize, usize)>>,
}

/// A name of a column: what comes before its braces, and the labels in them.
struct Labelled<'a> {
    stem: &'a [u8],
    labels: Vec<(&'a [u8], &'a [u8])>,
}

impl Series {
    /// The series of these columns; none where their names say no host.
    #[inline(never)]
    pub(super) fn of(names: &[String]) -> Option<Self> {
        let mut labelled: Vec<Labelled<'_>> = Vec::with_capacity(names.len());
        let mut best = (usize::MAX, b"".as_slice());
        for name in names {
            let found = read_labels(name.as_bytes());
            for (key, _) in &found.labels {
                let rank = rank(HOST_NAMES, &String::from_utf8_lossy(key)).unwrap_or(usize::MAX);
                // Two disks of a server are no servers.
                if rank < best.0 && !key.eq_ignore_ascii_case(b"device") {
                    best = (rank, key);
                }
            }
            labelled.push(found);
        }
        let host_name = best.1;
        if host_name.is_empty() {
            return beside_hosts(names);
        }
        let mut series = Self::empty(host_name, names.len());
        for column in 0..labelled.len() {
            let of = &labelled[column];
            let Some(host) = of.value(host_name) else {
                continue;
            };
            let mut metric = of.stem.to_vec();
            let mut rest = Vec::new();
            for &(key, value) in &of.labels {
                if key == b"__name__" && metric.is_empty() {
                    metric.extend_from_slice(value);
                } else if key != host_name && key != b"__name__" {
                    // A label that says the same of every series says nothing.
                    let mut says = false;
                    for other in &labelled {
                        says |= other.value(host_name).is_some() && other.value(key) != Some(value);
                    }
                    if says {
                        rest.push(if rest.is_empty() { b'{' } else { b',' });
                        rest.extend_from_slice(key);
                        rest.push(b'=');
                        rest.extend_from_slice(value);
                    }
                }
            }
            if !rest.is_empty() {
                rest.push(b'}');
                metric.extend_from_slice(&rest);
            } else if metric.is_empty() {
                metric.extend_from_slice(b"value");
            }
            series.add(column, &metric, host);
        }
        Some(series)
    }

    fn empty(host_name: &[u8], n_columns: usize) -> Self {
        Self {
            host_name: String::from_utf8_lossy(host_name).into_owned(),
            hosts: Vec::new(),
            metrics: Vec::new(),
            places: vec![None; n_columns],
        }
    }

    /// A column of a metric and a host that another has already stays of all hosts.
    #[inline(never)]
    fn add(&mut self, column: usize, metric: &[u8], host: &[u8]) {
        let place = (
            place_of(&String::from_utf8_lossy(metric), &mut self.metrics),
            place_of(&String::from_utf8_lossy(host), &mut self.hosts),
        );
        if !self.places.contains(&Some(place)) {
            self.places[column] = Some(place);
        }
    }
}

impl<'a> Labelled<'a> {
    #[inline(never)]
    fn value(&self, key: &[u8]) -> Option<&'a [u8]> {
        for &(known, value) in &self.labels {
            if known == key {
                return Some(value);
            }
        }
        None
    }
}

/// The index of a text in a list, at whose end it is put if it is new.
#[inline(never)]
pub(crate) fn place_of(text: &str, list: &mut Vec<String>) -> usize {
    for (at, known) in list.iter().enumerate() {
        if known == text {
            return at;
        }
    }
    list.push(text.to_owned());
    list.len() - 1
}

/// The parts of `cpu{instance="a",mode="user"}`; keys and values may stand without quotes, with a colon between them. No labels
/// where there is anything else in the braces.
#[inline(never)]
fn read_labels(name: &[u8]) -> Labelled<'_> {
    let mut labels = Vec::new();
    let open = name
        .iter()
        .position(|&byte| byte == b'{')
        .unwrap_or(name.len());
    let (mut start, mut middle, mut is_quoted) = (open + 1, 0, false);
    if name.ends_with(b"}") {
        for at in open + 1..name.len() {
            let is_end = at + 1 == name.len();
            match name[at] {
                b'"' => is_quoted = !is_quoted,
                b'=' | b':' if !is_quoted && middle < start => middle = at,
                b',' | b'}' if is_end || !is_quoted => {
                    if middle < start {
                        labels.clear();
                        break;
                    }
                    labels.push((bare(&name[start..middle]), bare(&name[middle + 1..at])));
                    start = at + 1;
                }
                _ => {}
            }
        }
    }
    Labelled {
        stem: bare(&name[..open]),
        labels,
    }
}

/// Without spaces and quotes around it.
#[inline(never)]
fn bare(mut text: &[u8]) -> &[u8] {
    while let [b' ' | b'"', rest @ ..] | [rest @ .., b' ' | b'"'] = text {
        text = rest;
    }
    text
}

/// What numbered names have in common that are no servers.
const NO_HOSTS: [&[u8]; 9] = [
    b"eth",
    b"cpu",
    b"core",
    b"nvme",
    b"disk",
    b"sda",
    b"gpu",
    b"thread",
    b"percentile",
];

/// Names of a metric beside its host, where every metric has every host: `cpu host-a`, `web-1 cpu`. Hosts are known by what
/// they have in common.
#[inline(never)]
fn beside_hosts(names: &[String]) -> Option<Series> {
    for comes_last in [true, false] {
        let mut series = Series::empty(b"host", names.len());
        let mut n_series = 0;
        for (column, name) in names.iter().enumerate() {
            let name = name.as_bytes();
            let is_space = |&byte: &u8| byte == b' ';
            let (first, last) = (
                name.iter().position(is_space),
                name.iter().rposition(is_space),
            );
            if let (Some(first), Some(last)) = (first, last) {
                let (a, b) = name.split_at(if comes_last { last } else { first });
                let (metric, host) = if comes_last { (a, b) } else { (b, a) };
                series.add(column, bare(metric), bare(host));
                n_series += 1;
            }
        }
        let is_whole = n_series == series.hosts.len() * series.metrics.len();
        if series.hosts.len() > 1 && is_whole && are_hosts(&series.hosts) {
            return Some(series);
        }
    }
    None
}

/// Whether texts are the same word of three letters or more with different ends.
fn are_hosts(texts: &[String]) -> bool {
    let first = texts[0].as_bytes();
    let mut common = first.len();
    for text in texts {
        let text = text.as_bytes();
        let mut n = 0;
        while n < common && text.get(n) == Some(&first[n]) {
            n += 1;
        }
        common = n;
    }
    let mut n_letters = 0;
    while n_letters < common && first[n_letters].is_ascii_alphabetic() {
        n_letters += 1;
    }
    let is_other = |other: &&[u8]| {
        first.len() >= other.len() && first[..other.len()].eq_ignore_ascii_case(other)
    };
    n_letters >= 3 && !NO_HOSTS.iter().any(is_other)
}
