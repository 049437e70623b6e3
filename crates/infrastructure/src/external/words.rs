use url::{Origin, Url};

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

/// The scheme, the host and the port of an address: what stands before them and after them may be a secret.
pub(super) fn origin(address: &str) -> String {
    let known = address.parse::<Url>().ok().map(|url| url.origin()).filter(Origin::is_tuple);
    known.map_or_else(|| "…".to_owned(), |origin| origin.ascii_serialization())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_origin_of_an_address_tells_no_secret() {
        let address = "https://user:secret@hooks.example.com:8443/T0/secret?key=secret#secret";
        assert_eq!(origin(address), "https://hooks.example.com:8443");
        assert_eq!(origin("secret"), "…");
    }

    #[test]
    fn an_excerpt_is_one_short_line() {
        assert_eq!(excerpt(" a\n\n b "), "a b");
        assert_eq!(excerpt(&"ñ".repeat(500)).chars().count(), LONGEST_EXCERPT + 2);
    }
}
