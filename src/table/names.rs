//! Names that say what a column is, however they are spelt.

/// Names of the column that names the server, the likeliest first.
pub(crate) const HOST_NAMES: [&str; 17] = [
    "host",
    "hostname",
    "hostid",
    "server",
    "servername",
    "serverid",
    "node",
    "nodename",
    "instance",
    "machine",
    "machineid",
    "pod",
    "container",
    "device",
    "vm",
    "series",
    "ip",
];

/// ASCII in lower case, letters and digits only: `Has_Crashed` and `has crashed` are one name.
#[inline(never)]
pub(crate) fn normalise(name: &str) -> String {
    name.chars()
        .filter(|c| c.is_ascii_alphanumeric() || !c.is_ascii())
        .map(|c| c.to_ascii_lowercase())
        .collect()
}

/// The place of a name in a list of normalised ones.
#[inline(never)]
pub(crate) fn rank(names: &[&str], name: &str) -> Option<usize> {
    let name = normalise(name);
    names.iter().position(|known| *known == name)
}
