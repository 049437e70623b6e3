//! From patterns to lines.

use super::facts::{Facts, Filler, Source};
use super::grammar::{Family, Group, Slot};
use super::typography::capitalized;

/// A line that the grammar can write from the facts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) text: String,
    pub(super) family: Family,
    /// What it is about.
    pub(super) sources: Vec<Source>,
    /// Whether it was made for the tone of the brand.
    pub(super) is_in_tone: bool,
    /// How far its words are from the brief's own, as in [`Filler::shortened`].
    pub(super) shortened: usize,
    /// Repetitions within the brief's own words, which are the author's wish.
    own_repetitions: usize,
}

impl Line {
    /// Whether it describes rather than invites, as the entry of a catalogue must.
    pub(super) fn states_facts(&self) -> bool {
        let describes = matches!(
            self.family,
            Family::Story | Family::Benefit | Family::Keyword | Family::Audience | Family::Product
        );
        describes && !self.is_in_tone
    }

    /// Whether putting it together made it say a word twice.
    pub(super) fn stutters(&self) -> bool {
        repetitions(&self.text) > self.own_repetitions
    }
}

/// All lines that the groups' patterns make of the facts.
pub(super) fn lines(groups: &[Group], facts: &Facts) -> Vec<Line> {
    let mut lines = Vec::new();
    for Group { family, tone, patterns } in groups {
        if tone.is_some_and(|tone| tone != facts.tone) {
            continue;
        }
        for pattern in *patterns {
            let empty = Line {
                text: String::new(),
                family: *family,
                sources: Vec::new(),
                is_in_tone: tone.is_some(),
                shortened: 0,
                own_repetitions: 0,
            };
            expand(&addressed(pattern, facts.tone.is_formal()), empty, facts, &mut lines);
        }
    }
    for line in &mut lines {
        if !line.sources.contains(&Source::Product) && facts.names_product(&line.text) {
            line.sources.push(Source::Product);
        }
    }
    lines
}

/// The pattern with each `[a|b]` replaced by `a`, or by `b` for a reader who is kept at a distance.
fn addressed(pattern: &str, is_formal: bool) -> String {
    let mut text = String::with_capacity(pattern.len());
    let mut rest = pattern;
    while let Some((before, choice, after)) = enclosed(rest, '[', ']') {
        let (close, distant) = choice.split_once('|').expect("a choice in a pattern is between two forms");
        text.push_str(before);
        text.push_str(if is_formal { distant } else { close });
        rest = after;
    }
    text + rest
}

/// What stands before, between and after the first two such marks.
fn enclosed(text: &str, open: char, close: char) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once(open)?;
    let (between, after) = rest.split_once(close).expect("each bracket of a pattern is closed");
    Some((before, between, after))
}

/// Adds to `lines` each way to continue `line` by `pattern`.
fn expand(pattern: &str, mut line: Line, facts: &Facts, lines: &mut Vec<Line>) {
    let Some((before, slot, after)) = enclosed(pattern, '{', '}') else {
        push_literal(&mut line.text, pattern);
        lines.push(line);
        return;
    };
    push_literal(&mut line.text, before);
    let begins_sentence =
        line.text.trim_end().is_empty() || line.text.trim_end().ends_with(['.', '?', '!', '¿', '¡']);
    let slot = Slot::named(slot).expect("a pattern names slots that there are");
    for Filler { source, text, shortened, .. } in facts.fillers(slot) {
        if line.sources.contains(source) {
            continue;
        }
        let mut longer = line.clone();
        longer.text.push_str(&if begins_sentence { capitalized(text) } else { text.clone() });
        longer.sources.push(*source);
        longer.shortened += shortened;
        longer.own_repetitions += repetitions(text);
        expand(after, longer, facts, lines);
    }
}

/// Appends the pattern's own words, without a second stop after words that bring theirs.
fn push_literal(text: &mut String, literal: &str) {
    let has_stop = text.ends_with(['.', '?', '!', '…']);
    let literal = if has_stop { literal.strip_prefix(['.', '?']).unwrap_or(literal) } else { literal };
    text.push_str(literal);
}

/// The words of a text that carry meaning, in lower case and without an ending `s`.
pub(super) fn content_words(text: &str) -> Vec<String> {
    words(text).into_iter().filter(|word| is_content(word)).collect()
}

fn words(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    let words = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(|word| word.strip_suffix('s').unwrap_or(word).to_owned()).collect()
}

fn is_content(word: &str) -> bool {
    const SHORTEST: usize = 4;
    word.chars().count() >= SHORTEST
}

/// How often the text says a word of meaning again, or any word twice in a row.
fn repetitions(text: &str) -> usize {
    let words = words(text);
    let is_repeated = |(index, word): (usize, &String)| {
        let earlier = &words[..index];
        earlier.last() == Some(word) || (is_content(word) && earlier.contains(word))
    };
    words.iter().enumerate().filter(|pair| is_repeated(*pair)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_is_addressed_closely_or_with_distance() {
        assert_eq!(addressed("[Descubre|Descubra] [tu|su] café", false), "Descubre tu café");
        assert_eq!(addressed("[Descubre|Descubra] [tu|su] café", true), "Descubra su café");
        assert_eq!(addressed("Café", true), "Café");
    }

    #[test]
    fn a_repetition_is_heard_across_singular_and_plural() {
        assert_eq!(repetitions("Running shoes: the shoe for you"), 1);
        assert_eq!(repetitions("So so good"), 1);
        assert_eq!(repetitions("By the sea, by the lake"), 0);
    }

    #[test]
    fn no_stop_follows_another() {
        let joined = |start: &str, literal| {
            let mut text = start.to_owned();
            push_literal(&mut text, literal);
            text
        };
        assert_eq!(joined("Why wait?", ". Start today."), "Why wait? Start today.");
        assert_eq!(joined("Free returns", "."), "Free returns.");
    }
}
