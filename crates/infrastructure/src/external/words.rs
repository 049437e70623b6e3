/// The longest piece of a server's words in an error, in characters.
const LONGEST_EXCERPT: usize = 160;

/// The beginning of a server's words, on one line.
pub(super) fn excerpt(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(LONGEST_EXCERPT) {
        Some((end, _)) => format!("{} …", &line[..end]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_is_one_short_line() {
        assert_eq!(excerpt(" a\n\n b "), "a b");
        assert_eq!(excerpt(&"ñ".repeat(500)).chars().count(), LONGEST_EXCERPT + 2);
    }
}
