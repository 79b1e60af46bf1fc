//! The built-in example: a seeded simulation of a small fleet for a week, called synthetic wherever it is shown.
//!
//! Load follows the hour of the day and drives CPU, memory, disk I/O, latency and errors; memory leaks until the server
//! restarts; nightly backups and deployments disturb. Crashes follow from several causes, most of them combinations, so
//! that no metric alone tells them: memory nearly full while the disk is busy (swapping), a saturated CPU while requests
//! queue, errors after a deployment under load, and now and then nothing at all.

use std::fmt::Write;

use crate::numerals::format_fixed;
use crate::random::Random;
use crate::table::format_time;

/// The simulated log, with what no real log has: the probability each crash was drawn with.
#[derive(Debug, Clone, PartialEq)]
pub struct SampleLog {
    /// CSV text with a header: one row for each server and interval, by time.
    pub csv: String,
    /// The probability of a crash in each row.
    pub true_probabilities: Vec<f64>,
    /// Whether each row crashed.
    pub crashed: Vec<bool>,
}

/// Servers in the fleet.
const N_HOSTS: usize = 12;
/// Intervals simulated: one week.
const N_INTERVALS: usize = 1_680;
/// Minutes between the rows of one server.
const INTERVAL_MINUTES: usize = 6;
/// 2024-03-04T00:00:00Z, a Monday, in microseconds.
const START: i64 = 1_709_510_400_000_000;
/// Share of the measurements that are missing.
const MISSING_SHARE: f64 = 0.012;
/// Stream number of [`Random`].
const STREAM: u64 = 3;

const HEADER: &str = "timestamp,host,tier,requests_per_s,cpu_pct,mem_pct,disk_io_mb_s,latency_ms,error_rate_pct,crashed\n";

/// The sample log as CSV bytes; `seed` 0 is the one the page shows.
#[must_use]
pub fn csv(seed: u64) -> Vec<u8> {
    generate(seed).csv.into_bytes()
}

/// Simulates the fleet.
#[must_use]
pub fn generate(seed: u64) -> SampleLog {
    let mut random = Random::new(seed, STREAM);
    let mut hosts: Vec<Host> = (0..N_HOSTS)
        .map(|number| Host::new(number, &mut random))
        .collect();
    let n_rows = N_HOSTS * N_INTERVALS;
    let mut log = SampleLog {
        csv: String::with_capacity(HEADER.len() + 80 * n_rows),
        true_probabilities: Vec::with_capacity(n_rows),
        crashed: Vec::with_capacity(n_rows),
    };
    log.csv.push_str(HEADER);
    for interval in 0..N_INTERVALS {
        for host in &mut hosts {
            let metrics = host.measure(interval, &mut random);
            let probability = metrics.crash_probability();
            let crashed = random.uniform() < probability;
            if crashed {
                host.restart(&mut random);
            }
            log.push(interval, host, &metrics, crashed, &mut random);
            log.true_probabilities.push(probability);
        }
    }
    log
}

/// What a server does for a living; it decides which resource runs short.
#[derive(Clone, Copy, PartialEq)]
enum Tier {
    Web,
    Api,
    Database,
}

impl Tier {
    fn name(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::Api => "api",
            Self::Database => "database",
        }
    }
}

/// The hidden state of a server.
struct Host {
    number: usize,
    tier: Tier,
    /// How much of the fleet's load it takes.
    share: f64,
    /// Deviation of its load from the hour's, in the same unit; wanders.
    drift: f64,
    /// Memory leaked since the last restart, in per cent.
    leaked: f64,
    leak_rate: f64,
    /// Intervals since the last deployment.
    since_deployment: usize,
}

/// The share of its capacity that a fleet needs at an hour of the day: busiest at four in the afternoon, quietest at four
/// in the morning, and smooth in between.
fn daily_load(hour: f64) -> f64 {
    let since_quietest = of_day(hour + 20.0) / 12.0;
    let rising = 1.0 - libm::fabs(since_quietest - 1.0);
    let eased = rising * rising * (3.0 - 2.0 * rising);
    0.24 + 0.52 * eased
}

/// What is measured in one interval.
struct Metrics {
    requests_per_s: f64,
    cpu_pct: f64,
    mem_pct: f64,
    disk_io_mb_s: f64,
    latency_ms: f64,
    error_rate_pct: f64,
}

impl Host {
    fn new(number: usize, random: &mut Random) -> Self {
        let tier = [Tier::Web, Tier::Api, Tier::Web, Tier::Database][number % 4];
        Self {
            number,
            tier,
            share: 0.8 + 0.4 * random.uniform(),
            drift: 0.0,
            leaked: 30.0 * random.uniform(),
            leak_rate: 0.14 + 0.14 * random.uniform(),
            since_deployment: 40 + random.below(200),
        }
    }

    fn restart(&mut self, random: &mut Random) {
        self.leaked = 4.0 * random.uniform();
    }

    fn measure(&mut self, interval: usize, random: &mut Random) -> Metrics {
        let hour = of_day((interval * INTERVAL_MINUTES) as f64 / 60.0);
        let daily = daily_load(hour);
        self.drift = 0.93 * self.drift + 0.055 * random.normal();
        let load = (self.share * daily + self.drift).clamp(0.02, 1.25);
        self.leaked += self.leak_rate * (0.4 + load);
        self.since_deployment += 1;
        if random.uniform() < 1.0 / 240.0 {
            self.since_deployment = 0;
        }
        // A bad release shows for an hour and a half.
        let fresh = libm::exp(-(self.since_deployment as f64) / 8.0);
        let backup = hour < 3.0 && self.number % 3 == interval / 240 % 3;
        self.metrics(load, fresh, backup, random)
    }

    fn metrics(&self, load: f64, fresh: f64, backup: bool, random: &mut Random) -> Metrics {
        let mut noise = |scale: f64| scale * random.normal();
        let is = |tier: Tier| f64::from(self.tier == tier);
        let cpu_pct =
            (9.0 + 70.0 * load + 10.0 * is(Tier::Api) * load + noise(6.0)).clamp(0.5, 100.0);
        let base_memory = 34.0 + 14.0 * is(Tier::Database) + 16.0 * load;
        let mem_pct = (base_memory + self.leaked + noise(2.0)).clamp(5.0, 99.5);
        let swapping = (mem_pct - 86.0).max(0.0);
        let job = if backup { 110.0 } else { 0.0 };
        let busy_disk = 18.0 + (45.0 + 55.0 * is(Tier::Database)) * load + job + 3.5 * swapping;
        let disk_io_mb_s = (busy_disk * libm::exp(noise(0.28))).max(0.1);
        let queueing = (cpu_pct - 78.0).max(0.0) * 4.5;
        let latency_ms =
            ((45.0 + 55.0 * load + queueing + 3.0 * swapping) * libm::exp(noise(0.25))).max(1.0);
        let errors = (0.25 + 3.2 * fresh + 0.012 * queueing) * libm::exp(noise(0.45));
        Metrics {
            requests_per_s: (420.0 * load * libm::exp(noise(0.08))).max(0.0),
            cpu_pct,
            mem_pct,
            disk_io_mb_s,
            latency_ms,
            error_rate_pct: errors.min(100.0),
        }
    }
}

/// Rises from 0 to 1 around `middle`, over a few `width`.
fn rise(value: f64, middle: f64, width: f64) -> f64 {
    1.0 / (1.0 + libm::exp((middle - value) / width))
}

impl Metrics {
    /// The causes of a crash, each as a rate of its own; together they leave the server standing with exp(-sum).
    fn crash_probability(&self) -> f64 {
        let swap_storm = rise(self.mem_pct, 86.0, 3.0) * rise(self.disk_io_mb_s, 105.0, 16.0);
        let overload = rise(self.cpu_pct, 84.0, 3.0) * rise(self.latency_ms, 190.0, 24.0);
        let bad_release =
            rise(self.error_rate_pct, 2.6, 0.45) * rise(self.requests_per_s, 230.0, 30.0);
        let out_of_memory = rise(self.mem_pct, 97.0, 0.8);
        let rate =
            0.0018 + 0.9 * swap_storm + 0.5 * overload + 0.5 * bad_release + 0.5 * out_of_memory;
        1.0 - libm::exp(-rate)
    }
}

impl SampleLog {
    fn push(
        &mut self,
        interval: usize,
        host: &Host,
        metrics: &Metrics,
        crashed: bool,
        random: &mut Random,
    ) {
        let time = START + (interval * INTERVAL_MINUTES) as i64 * 60_000_000;
        let csv = &mut self.csv;
        let written = write!(
            csv,
            "{},{}-{:02},{}",
            format_time(time),
            host.tier.name(),
            host.number + 1,
            host.tier.name()
        );
        written.expect("a String takes everything");
        let cells = [
            (metrics.requests_per_s, 0),
            (metrics.cpu_pct, 1),
            (metrics.mem_pct, 1),
            (metrics.disk_io_mb_s, 1),
            (metrics.latency_ms, 0),
            (metrics.error_rate_pct, 2),
        ];
        for (value, decimals) in cells {
            csv.push(',');
            if random.uniform() >= MISSING_SHARE {
                csv.push_str(&format_fixed(value, decimals));
            }
        }
        csv.push_str(if crashed { ",1\n" } else { ",0\n" });
        self.crashed.push(crashed);
    }
}

/// The hour of the day. What is left by `%` is the same number, and its general way is half a kilobyte of wasm.
fn of_day(hours: f64) -> f64 {
    hours - 24.0 * libm::floor(hours / 24.0)
}
