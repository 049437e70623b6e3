//! What can be written in one place of an ad: the lines of the grammar that its rules allow.

use adstead_domain::platform::{CopyField, CopyLimits, TextField};
use adstead_domain::{AdType, BrandVoice, Platform};

use super::facts::{Facts, Source};
use super::grammar::{Family, Grammar, Group};
use super::line::{Line, content_words, lines};
use super::seed::key;
use super::typography::title;

/// Up to this length, a description is a phrase as headlines are; past it, it is made of sentences.
const LONGEST_PHRASE: usize = 45;
/// The length to aim at where the platform recommends none and allows a lot.
const LONGEST_AIM: usize = 220;
/// As [`LONGEST_AIM`], for the description of a product in a catalogue.
const LONGEST_CATALOGUE_AIM: usize = 400;

/// All that can be written in the places that share these rules.
pub(super) struct Stock {
    pub(super) aim: usize,
    pub(super) kind: Kind,
}

/// How a place is filled.
pub(super) enum Kind {
    /// By one phrase.
    Phrase(Vec<Candidate>),
    /// By sentences.
    Text(Sentences),
}

/// The sentences that a text is made of.
pub(super) struct Sentences {
    pub(super) hooks: Vec<Candidate>,
    pub(super) bodies: Vec<Candidate>,
    pub(super) closes: Vec<Candidate>,
}

/// A line that fits.
pub(super) struct Candidate {
    pub(super) text: String,
    /// What stands for the text.
    pub(super) key: u64,
    pub(super) length: usize,
    pub(super) family: Family,
    pub(super) sources: Vec<Source>,
    pub(super) content: Vec<String>,
    /// What it is worth before it is known what stands beside it.
    pub(super) worth: i32,
}

impl Candidate {
    /// Whether both speak of the same thing in the brief, or do the same to the reader in words of their own.
    pub(super) fn is_about_the_same_as(&self, other: &Self) -> bool {
        let has_same_source = self.sources.iter().any(|source| other.sources.contains(source));
        let has_same_family =
            self.family == other.family && !matches!(self.family, Family::Benefit | Family::Story);
        has_same_source || has_same_family || self.key == other.key
    }

    /// How many words of meaning both say.
    pub(super) fn shared_words(&self, other: &Self) -> usize {
        self.content.iter().filter(|word| other.content.contains(word)).count()
    }
}

/// Builds stocks for the places of an ad.
pub(super) struct Stocker<'a> {
    pub(super) limits: &'static CopyLimits,
    pub(super) grammar: &'static Grammar,
    pub(super) facts: &'a Facts,
    pub(super) voice: &'a BrandVoice,
}

impl Stocker<'_> {
    /// The stock for the place with this index, and all others with its rules.
    pub(super) fn stock(&self, field: CopyField, index: usize) -> Stock {
        let rules = self.limits.lines(field).field(index);
        let aim = self.aim(rules);
        let kind = if field == CopyField::Headline || aim <= LONGEST_PHRASE {
            Kind::Phrase(self.phrases(field, index, aim))
        } else {
            let sentences = |groups| self.candidates(groups, field, index, aim);
            let Grammar { hooks, bodies, closes, .. } = self.grammar;
            let closes = if self.is_catalogue() { Vec::new() } else { sentences(closes) };
            Kind::Text(Sentences { hooks: sentences(hooks), bodies: sentences(bodies), closes })
        };
        Stock { aim, kind }
    }

    fn aim(&self, rules: &TextField) -> usize {
        let most = if self.is_catalogue() { LONGEST_CATALOGUE_AIM } else { LONGEST_AIM };
        let hard = rules.hard.map_or(most, |hard| hard.length.min(most));
        let aim = rules.soft.map_or(hard, |soft| soft.length.min(hard));
        if self.facts.likes_brevity && aim > LONGEST_PHRASE { aim * 2 / 3 } else { aim }
    }

    fn is_catalogue(&self) -> bool {
        self.limits.platform == Platform::Google && self.limits.ad_type == AdType::Shopping
    }

    fn phrases(&self, field: CopyField, index: usize, aim: usize) -> Vec<Candidate> {
        let Grammar { headlines, titles, .. } = self.grammar;
        let is_title = self.is_catalogue() && field == CopyField::Headline;
        let mut phrases = self.candidates(headlines, field, index, aim);
        if is_title {
            phrases.extend(self.candidates(titles, field, index, aim));
        }
        phrases
    }

    fn candidates(&self, groups: &[Group], field: CopyField, index: usize, aim: usize) -> Vec<Candidate> {
        let lines = lines(groups, self.facts).into_iter();
        lines.filter_map(|line| self.candidate(line, field, index, aim)).collect()
    }

    /// The line as it stands in this place, where it may.
    fn candidate(&self, line: Line, field: CopyField, index: usize, aim: usize) -> Option<Candidate> {
        if line.stutters() {
            return None;
        }
        let worth = self.worth(&line);
        let is_title = self.grammar.has_title_case && field == CopyField::Headline && self.is_search();
        let text = if is_title { title(&line.text) } else { line.text };
        let rules = self.limits.lines(field).field(index);
        let is_shouting = self.facts.avoids_exclamations && text.contains('!');
        let is_unwelcome =
            rules.discouraged.iter().any(|unwanted| unwanted.characters.first_in(&text).is_some());
        if is_shouting || is_unwelcome || !self.may_stand(field, index, &text) {
            return None;
        }
        let length = rules.counting.length(&text);
        let excess = if length > aim { 45 + (length - aim).min(100) as i32 } else { 0 };
        Some(Candidate {
            key: key(&text),
            length,
            family: line.family,
            sources: line.sources,
            content: content_words(&text),
            worth: worth - excess,
            text,
        })
    }

    fn worth(&self, line: &Line) -> i32 {
        let mut worth = line.family.worth() - 6 * line.shortened as i32;
        if line.is_in_tone {
            worth += 14;
        }
        if self.facts.likes_questions && line.family == Family::Question {
            worth += 30;
        }
        if self.is_catalogue() && !line.states_facts() {
            worth -= 80;
        }
        worth
    }

    /// Whether the ad stands among search results, whose headlines are titles.
    fn is_search(&self) -> bool {
        matches!(self.limits.platform, Platform::Google | Platform::Youtube) && !self.is_catalogue()
    }

    /// Whether neither the platform nor the brand refuses the text.
    pub(super) fn may_stand(&self, field: CopyField, index: usize, text: &str) -> bool {
        self.limits.fault_in(field, index, text).is_none() && self.voice.banned_in(text).is_none()
    }
}
