//! How long a text is, as the platforms count.

use linkify::{LinkFinder, LinkKind};
use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthChar;

/// How a platform counts the length of a text.
///
/// ```
/// use adstead_domain::platform::Counting;
///
/// assert_eq!(Counting::Characters.length("広告"), 2);
/// assert_eq!(Counting::DoubleWidth.length("広告"), 4);
/// assert_eq!(Counting::XWeighted.length("See example.com/a/rather/long/path/to/a/page"), 4 + 23);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Counting {
    /// Unicode code points of the composed text (NFC).
    Characters,
    /// As [`Characters`](Self::Characters), but full-width and wide characters (UAX #11) count two.
    DoubleWidth,
    /// As X weighs a post: Latin and its neighbours count one, everything else two, an emoji two, a link 23.
    ///
    /// Source: <https://developer.x.com/en/docs/counting-characters> and twitter-text's `config/v3.json`. A link without
    /// a scheme is recognised by its shape, where X also asks whether the top-level domain exists. A capital in that
    /// domain makes it text, unlike on X: `now.Save` is more often two sentences that lack a space than a host.
    XWeighted,
}

impl Counting {
    /// The length of `text`.
    pub fn length(self, text: &str) -> usize {
        if self.counts_bytes_of(text) { text.len() } else { self.length_by_unicode(text) }
    }

    /// Whether each byte of `text` counts one: ASCII is composed, narrow and without emoji; only X counts links, and no
    /// link goes without a full stop or a colon.
    fn counts_bytes_of(self, text: &str) -> bool {
        text.is_ascii() && (self != Self::XWeighted || !text.contains(['.', ':']))
    }

    fn length_by_unicode(self, text: &str) -> usize {
        match self {
            Self::Characters => text.nfc().count(),
            Self::DoubleWidth => text.nfc().map(|c| if c.width() == Some(2) { 2 } else { 1 }).sum(),
            Self::XWeighted => x_weight(&text.nfc().collect::<String>()),
        }
    }

    /// The unit in words, for messages and prompts.
    pub const fn describe(self) -> &'static str {
        match self {
            Self::Characters => "characters",
            Self::DoubleWidth => "characters, double-width ones count two",
            Self::XWeighted => "weighted characters: a link counts 23, an emoji or a wide character two",
        }
    }
}

/// X replaces every link by one of this length.
const X_LINK: usize = 23;

fn x_weight(text: &str) -> usize {
    let mut finder = LinkFinder::new();
    finder.kinds(&[LinkKind::Url]).url_must_have_scheme(false);
    finder
        .spans(text)
        .map(|span| match span.kind() {
            Some(_) if is_web_link(span.as_str()) => X_LINK,
            _ => span.as_str().graphemes(true).map(x_grapheme_weight).sum(),
        })
        .sum()
}

/// Whether X would shorten what looks like a link: it has the scheme of the web, or none and is no missing space.
fn is_web_link(link: &str) -> bool {
    match scheme(link) {
        Some(scheme) => scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https"),
        None => !top_level_domain(link).contains(char::is_uppercase),
    }
}

fn scheme(link: &str) -> Option<&str> {
    let (scheme, _) = link.split_once("://")?;
    scheme.bytes().all(|byte| byte.is_ascii_alphanumeric()).then_some(scheme)
}

/// What follows the last full stop in the host of a link without a scheme.
fn top_level_domain(link: &str) -> &str {
    let host = link.find([':', '/', '?', '#']).map_or(link, |end| &link[..end]);
    host.rsplit_once('.').map_or(host, |(_, domain)| domain)
}

fn x_grapheme_weight(grapheme: &str) -> usize {
    // No recommended emoji is longer (emoji-zwj-sequences.txt); without a bound, any number of marks would count two.
    const LONGEST_EMOJI: usize = 10;
    if is_emoji(grapheme) && grapheme.chars().count() <= LONGEST_EMOJI {
        return 2;
    }
    grapheme.chars().map(x_char_weight).sum()
}

fn x_char_weight(c: char) -> usize {
    match u32::from(c) {
        0..=4351 | 8192..=8205 | 8208..=8223 | 8242..=8247 => 1,
        _ => 2,
    }
}

/// Whether a grapheme cluster is drawn as an emoji: it is one by default, or a selector or a keycap makes it one.
///
/// Signs such as © and ™ are text unless U+FE0F follows (UTS #51).
pub(super) fn is_emoji(grapheme: &str) -> bool {
    const EMOJI_STYLE: char = '\u{FE0F}';
    const KEYCAP: char = '\u{20E3}';
    grapheme.contains([EMOJI_STYLE, KEYCAP]) || grapheme.chars().any(is_emoji_by_default)
}

/// `Emoji_Presentation` of Unicode's emoji-data.txt. Blocks kept for pictographs are taken whole, so that emoji still
/// to come are known.
#[rustfmt::skip]
fn is_emoji_by_default(c: char) -> bool {
    matches!(u32::from(c),
        0x231A..=0x231B | 0x23E9..=0x23EC | 0x23F0 | 0x23F3 | 0x25FD..=0x25FE | 0x2614..=0x2615 | 0x2648..=0x2653
        | 0x267F | 0x2693 | 0x26A1 | 0x26AA..=0x26AB | 0x26BD..=0x26BE | 0x26C4..=0x26C5 | 0x26CE | 0x26D4 | 0x26EA
        | 0x26F2..=0x26F3 | 0x26F5 | 0x26FA | 0x26FD | 0x2705 | 0x270A..=0x270B | 0x2728 | 0x274C | 0x274E
        | 0x2753..=0x2755 | 0x2757 | 0x2795..=0x2797 | 0x27B0 | 0x27BF | 0x2B1B..=0x2B1C | 0x2B50 | 0x2B55
        | 0x1F004 | 0x1F0CF | 0x1F18E | 0x1F191..=0x1F19A | 0x1F1E6..=0x1F1FF | 0x1F201 | 0x1F21A | 0x1F22F
        | 0x1F232..=0x1F236 | 0x1F238..=0x1F23A | 0x1F250..=0x1F251 | 0x1F300..=0x1F64F | 0x1F680..=0x1F6FF
        | 0x1F7E0..=0x1F7EB | 0x1F7F0 | 0x1F90C..=0x1F9FF | 0x1FA70..=0x1FAFF)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ALL: [Counting; 3] = [Counting::Characters, Counting::DoubleWidth, Counting::XWeighted];

    #[track_caller]
    fn x_weighs(text: &str, expected: usize) {
        assert_eq!(Counting::XWeighted.length(text), expected, "{text:?}");
    }

    #[test]
    fn an_accent_counts_with_its_letter() {
        for counting in ALL {
            assert_eq!(counting.length("A\u{301}B"), 2, "{counting:?}");
        }
    }

    #[test]
    fn east_asian_characters_count_two_where_width_is_counted() {
        assert_eq!(Counting::DoubleWidth.length("新発売 Sale"), 3 * 2 + 5);
        assert_eq!(Counting::DoubleWidth.length("ＡＢ한"), 3 * 2);
        assert_eq!(Counting::DoubleWidth.length("café … “ок”"), 11);
        assert_eq!(Counting::Characters.length("新発売 Sale"), 8);
    }

    #[test]
    fn x_counts_every_link_as_23() {
        x_weighs("Hi http://test.co", 26);
        x_weighs("http://test.co", 23);
        x_weighs("https://example.com/very/long/path?with=a&query=too#and-more", 23);
        x_weighs(&"https://www.twitter.com/aloha ".repeat(10), 240);
        x_weighs("t.co", 23);
        x_weighs("(see www.example.co.uk/page).", 5 + 23 + 2);
        x_weighs("HTTPS://EXAMPLE.COM and example.com:8080/a?b=http://c", 23 + 5 + 23);
    }

    #[test]
    fn x_counts_what_only_looks_like_a_link_as_text() {
        x_weighs("v1.2, i.e. 3.5", 14);
        x_weighs("ftp://example.com", 17);
        x_weighs("me@example.com", 14);
    }

    #[test]
    fn x_counts_a_missing_space_between_sentences_as_text() {
        x_weighs("Buy now.Save more", 17);
        x_weighs("now.Save/later?at=example.com", 29);
        x_weighs("Example.com and http://EXAMPLE.COM", 23 + 5 + 23);
        x_weighs("shop.de/Sale", 23);
    }

    #[test]
    fn x_counts_wide_scripts_as_two() {
        x_weighs("故人西辞黄鹤楼，", 16);
        x_weighs("the故人", 7);
        x_weighs("Привет, café", 12);
        x_weighs("‘quoted’ – “dash”", 17);
        x_weighs("…€", 4);
    }

    #[test]
    fn x_counts_any_emoji_as_two() {
        x_weighs("😷👾😡🔥💩", 10);
        x_weighs("👨‍👩‍👧‍👦", 2);
        x_weighs("🙋🏽👨‍🎤", 4);
        x_weighs("🇪🇸 1️⃣ ❤️", 8);
        x_weighs("🏴\u{E0067}\u{E0062}\u{E0065}\u{E006E}\u{E0067}\u{E007F}", 2);
    }

    #[test]
    fn marks_piled_on_an_emoji_do_not_hide_from_the_count() {
        x_weighs(&format!("😀{}", "\u{301}".repeat(100)), 102);
    }

    #[test]
    fn signs_in_text_style_are_not_emoji() {
        for sign in ["©", "®", "™", "✔", "1", "#", "→", "中"] {
            assert!(!is_emoji(sign), "{sign}");
        }
        for emoji in ["😀", "✅", "❤️", "©️", "3️⃣", "🇩🇪", "🫶", "⭐"] {
            assert!(is_emoji(emoji), "{emoji}");
        }
    }

    proptest! {
        #[test]
        fn any_text_has_a_length(text in "\\PC*") {
            let characters = Counting::Characters.length(&text);
            let double_width = Counting::DoubleWidth.length(&text);
            prop_assert!(characters <= double_width && double_width <= 2 * characters);
            Counting::XWeighted.length(&text);
        }

        #[test]
        fn ascii_is_as_long_as_any_text_with_the_same_characters(
            text in "[\\x00-\\x7F]{0,60}|((https?|ftp)?[.:/@ \r\n!]{0,3}[a-zA-Z0-9]{0,8}){0,8}",
        ) {
            for counting in ALL {
                prop_assert_eq!(counting.length(&text), counting.length_by_unicode(&text), "{:?}", counting);
            }
        }

        #[test]
        fn plain_words_are_as_long_as_their_parts(a in "[a-zñ中あ ]{0,40}", b in "[a-zñ中あ ]{0,40}") {
            for counting in ALL {
                let joined = counting.length(&format!("{a}{b}"));
                prop_assert_eq!(joined, counting.length(&a) + counting.length(&b));
            }
        }
    }
}
