//! Names that say what a column is, however they are spelt.

/// Names of the column that names the server, the likeliest first.
pub(crate) const HOST_NAMES: &str = "host hostname hostid server servername serverid node nodename instance instanceid machine \
    machineid computer computername pod container device vm vmname series ip serveur servidor rechner";

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
pub(crate) fn rank(names: &str, name: &str) -> Option<usize> {
    place_in(names, &normalise(name))
}

/// The place of a word, in any case, in a list of ones with a blank between them: as one text they take half the bytes of an
/// array.
#[inline(never)]
pub(crate) fn place_in(words: &str, word: &str) -> Option<usize> {
    words
        .split(' ')
        .position(|known| known.eq_ignore_ascii_case(word))
}
