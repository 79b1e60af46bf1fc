//! Searching and cutting text where std's own ways bring kilobytes of wasm: a search for long texts, and words for a panic
//! about characters cut apart.

/// Where a word that is not empty stands in a text. Texts are short.
#[inline(never)]
pub(crate) fn position_in(text: &str, word: &str) -> Option<usize> {
    let (text, word) = (text.as_bytes(), word.as_bytes());
    text.windows(word.len()).position(|part| part == word)
}

/// The text up to a byte, and from it on; whole where it ends before, or where the byte is inside a character.
#[inline(never)]
pub(crate) fn parted(text: &str, at: usize) -> (&str, &str) {
    text.split_at_checked(at).unwrap_or((text, ""))
}
