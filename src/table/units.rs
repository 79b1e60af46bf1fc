//! Units in cells and in headers, and how many of one make another: a column is brought to one of them.

/// A unit that is known, by its place in [`UNITS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unit(u8);

/// What a unit measures: those of one kind are converted into each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dimension {
    Bytes,
    BytesPerSecond,
    BitsPerSecond,
    Time,
    Share,
    Frequency,
    Temperature,
}

use Dimension::{BitsPerSecond, Bytes, BytesPerSecond, Frequency, Share, Temperature, Time};

const KIB: f64 = 1024.0;
const MIB: f64 = KIB * KIB;
const GIB: f64 = MIB * KIB;
const TIB: f64 = GIB * KIB;

/// Spellings, its name first, what it measures, and how many of the smallest unit it is: all whole numbers, so that a
/// conversion is rounded once or twice. A single `K`, `M`, `G` or `T` is what `free`, `top` and `du` print: a power of 1024.
const UNITS: [(&str, Dimension, f64); 34] = [
    ("B bytes byte b", Bytes, 1.0),
    ("KB kB kb", Bytes, 1e3),
    ("KiB K k Ki", Bytes, KIB),
    ("MB mb", Bytes, 1e6),
    ("MiB M Mi", Bytes, MIB),
    ("GB gb", Bytes, 1e9),
    ("GiB G g Gi", Bytes, GIB),
    ("TB tb", Bytes, 1e12),
    ("TiB T t Ti", Bytes, TIB),
    ("B/s Bps bytes/s", BytesPerSecond, 1.0),
    ("KB/s kB/s kb/s KBps kBps", BytesPerSecond, 1e3),
    ("KiB/s K/s", BytesPerSecond, KIB),
    ("MB/s MBps", BytesPerSecond, 1e6),
    ("MiB/s M/s", BytesPerSecond, MIB),
    ("GB/s GBps", BytesPerSecond, 1e9),
    ("GiB/s G/s", BytesPerSecond, GIB),
    ("bps bit/s b/s", BitsPerSecond, 1.0),
    ("kbps Kbps kbit/s Kb/s", BitsPerSecond, 1e3),
    ("Mbps mbps Mbit/s Mb/s", BitsPerSecond, 1e6),
    ("Gbps gbps Gbit/s Gb/s", BitsPerSecond, 1e9),
    ("ns", Time, 1.0),
    ("µs us μs", Time, 1e3),
    ("ms msec", Time, 1e6),
    ("s sec secs second seconds", Time, 1e9),
    ("min m mins minute minutes", Time, 60e9),
    ("h hr hrs hour hours", Time, 3600e9),
    ("d day days", Time, 86_400e9),
    ("‰", Share, 1.0),
    ("% pct percent", Share, 10.0),
    ("Hz hz", Frequency, 1.0),
    ("kHz KHz", Frequency, 1e3),
    ("MHz", Frequency, 1e6),
    ("GHz", Frequency, 1e9),
    ("°C C ℃", Temperature, 1.0),
];
/// How many units there are.
pub(super) const N_UNITS: usize = UNITS.len();

/// The unit that a cell spells behind its number.
pub(super) fn unit_in_cell(text: &str) -> Option<Unit> {
    unit_where(&|name| name == text)
}

/// The unit of a name such as those that [`unit_of`](super::unit_of) finds in headers, where upper and lower case mix.
pub(super) fn unit_named(name: &str) -> Option<Unit> {
    unit_in_cell(name)
        .or_else(|| unit_where(&|known| name.len() > 1 && known.eq_ignore_ascii_case(name)))
}

fn unit_where(fits: &dyn Fn(&str) -> bool) -> Option<Unit> {
    (0..N_UNITS).filter_map(Unit::from_index).find(|unit| {
        let (spellings, ..) = UNITS[unit.index()];
        spellings.split_ascii_whitespace().any(fits)
    })
}

impl Unit {
    pub(super) const BYTE: Self = Self(0);

    /// The unit of an index, where there is one.
    #[must_use]
    pub fn from_index(index: usize) -> Option<Self> {
        u8::try_from(index)
            .ok()
            .filter(|_| index < N_UNITS)
            .map(Self)
    }

    /// Its index, which never changes.
    #[must_use]
    pub fn index(self) -> usize {
        usize::from(self.0)
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        UNITS[self.index()].0.split(' ').next().unwrap_or_default()
    }

    pub(super) fn is_percent(self) -> bool {
        self.name() == "%"
    }

    pub(super) fn dimension(self) -> Dimension {
        UNITS[self.index()].1
    }

    /// A number of this unit in another one of the same kind; untouched where they are the same.
    pub(super) fn convert(self, value: f64, to: Self) -> f64 {
        if self == to {
            return value;
        }
        value * UNITS[self.index()].2 / UNITS[to.index()].2
    }
}
