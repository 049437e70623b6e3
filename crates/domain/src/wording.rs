//! Finding words in text.

use unicode_normalization::UnicodeNormalization;

/// The text composed (NFC), in lower case, with single spaces.
pub(crate) fn folded(text: &str) -> String {
    let composed: String = text.nfc().flat_map(char::to_lowercase).collect();
    composed.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether a folded line holds a folded word or phrase: as a whole in scripts that put spaces between words, anywhere in those
/// that do not.
pub(crate) fn holds(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(start, _)| {
        let (before, after) = (&line[..start], &line[start + word.len()..]);
        let parts = |outer: Option<char>, inner: Option<char>| {
            outer.is_none_or(|outer| inner.is_some_and(|inner| !(is_spaced(outer) && is_spaced(inner))))
        };
        parts(before.chars().next_back(), word.chars().next())
            && parts(after.chars().next(), word.chars().next_back())
    })
}

/// Whether a character belongs to words that are set apart by spaces: letters and digits up to the scripts of East Asia.
fn is_spaced(character: char) -> bool {
    const FIRST_OF_EAST_ASIA: char = '\u{2e80}';
    character.is_alphanumeric() && character < FIRST_OF_EAST_ASIA
}
