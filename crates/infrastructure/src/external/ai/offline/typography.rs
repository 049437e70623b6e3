//! Capital letters, spaces and full stops.

/// Words that an English title leaves in lower case (Chicago Manual of Style, 8.159, with "with" and "from").
const SMALL_WORDS: &[&str] = &[
    "a", "an", "and", "as", "at", "but", "by", "for", "from", "in", "nor", "of", "off", "on", "or", "per",
    "so", "the", "to", "up", "via", "vs", "with", "yet",
];

/// The text with single spaces, and without the punctuation of a list around it.
pub(super) fn tidy(text: &str) -> String {
    let is_mark = |c: char| c == ' ' || ",;:-–—•*·/\\|_&".contains(c);
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    line.trim_start_matches(is_mark).trim_end_matches(|c| is_mark(c) || ".!…".contains(c)).to_owned()
}

/// The text with a capital first letter, unless its first word is spelled in a way of its own (`iPhone`).
pub(super) fn capitalized(text: &str) -> String {
    let Some(start) = text.find(char::is_alphanumeric) else { return text.to_owned() };
    let (before, rest) = text.split_at(start);
    let word = rest.split_whitespace().next().unwrap_or_default();
    let mut chars = rest.chars();
    match chars.next() {
        Some(first) if first.is_lowercase() && !word.chars().any(char::is_uppercase) => {
            format!("{before}{}{}", first.to_uppercase(), chars.as_str())
        }
        _ => text.to_owned(),
    }
}

/// The text as it stands within a sentence: its first letter is small, unless the word is an abbreviation, spelled in a
/// way of its own, or kept by `is_proper`.
pub(super) fn within_sentence(text: &str, is_proper: impl Fn(&str) -> bool) -> String {
    let word = text.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    let mut chars = text.chars();
    let is_plain = word.chars().skip(1).all(char::is_lowercase) && word != "I";
    match chars.next() {
        Some(first) if first.is_uppercase() && is_plain && !is_proper(word) => {
            format!("{}{}", first.to_lowercase(), chars.as_str())
        }
        _ => text.to_owned(),
    }
}

/// The text as an English title.
pub(super) fn title(text: &str) -> String {
    let words: Vec<_> = text.split(' ').collect();
    let mut starts_sentence = true;
    let mut titled = Vec::with_capacity(words.len());
    for (index, word) in words.iter().enumerate() {
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
        let is_small = SMALL_WORDS.contains(&bare) && !starts_sentence && index + 1 < words.len();
        titled.push(if is_small { (*word).to_owned() } else { capitalized(word) });
        starts_sentence = word.ends_with(['.', '?', '!', ':', '–']);
    }
    titled.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_keeps_small_words_small() {
        assert_eq!(title("free returns for the whole family"), "Free Returns for the Whole Family");
        assert_eq!(title("what is it for"), "What Is It For");
        assert_eq!(title("aurora: a good start"), "Aurora: A Good Start");
        assert_eq!(title("iPhone cases"), "iPhone Cases");
    }

    #[test]
    fn words_with_a_spelling_of_their_own_keep_it() {
        assert_eq!(capitalized("iPhone cases"), "iPhone cases");
        assert_eq!(capitalized("¿buscas café?"), "¿Buscas café?");
        assert_eq!(within_sentence("HTTPS everywhere", |_| false), "HTTPS everywhere");
        assert_eq!(within_sentence("Free returns", |_| false), "free returns");
        assert_eq!(within_sentence("Spanish lessons", |word| word == "Spanish"), "Spanish lessons");
        assert_eq!(within_sentence("I love it", |_| false), "I love it");
    }

    #[test]
    fn an_entry_of_a_list_is_freed_of_its_punctuation() {
        assert_eq!(tidy(" - Free  returns; "), "Free returns");
        assert_eq!(tidy("Fresh every week!"), "Fresh every week");
        assert_eq!(tidy("…"), "");
    }
}
