//! Chooses the lines of an ad, one after the other, each with an eye on those that stand already.

use std::collections::{HashMap, HashSet};

use adstead_domain::platform::{CopyField, CopyLimits};
use adstead_domain::port::FailedLine;
use adstead_domain::{AdCopy, AdType, Brief, CallToAction};

use super::facts::{Facts, Source};
use super::grammar::{Family, Grammar};
use super::seed::{Seed, key};
use super::stock::{Candidate, Kind, Sentences, Stock, Stocker};

/// How often a variant is begun anew because it says what another says.
const FRESH_STARTS: usize = 12;

/// Writes the copy of one brief.
pub(super) struct Composer<'a> {
    brief: &'a Brief,
    stocker: Stocker<'a>,
    seed: Seed,
    /// One for each kind of place, by the index of its rules.
    headlines: Vec<Stock>,
    descriptions: Vec<Stock>,
    /// How often earlier variants used a phrase or a sentence, by its key.
    used: HashMap<u64, i32>,
}

impl<'a> Composer<'a> {
    pub(super) fn new(
        brief: &'a Brief,
        limits: &'static CopyLimits,
        grammar: &'static Grammar,
        facts: &'a Facts,
    ) -> Self {
        let stocker = Stocker { limits, grammar, facts, voice: &brief.brand_voice };
        let stocks = |field| {
            let places = 0..limits.lines(field).fields.len();
            places.map(|index| stocker.stock(field, index)).collect()
        };
        let (headlines, descriptions) = (stocks(CopyField::Headline), stocks(CopyField::Description));
        Self { brief, stocker, seed: Seed::of(brief), headlines, descriptions, used: HashMap::new() }
    }

    /// So many variants, each unlike the others, with up to so many lines; fewer where the words run out.
    pub(super) fn variants(&mut self, headlines: usize, descriptions: usize) -> Vec<AdCopy> {
        let mut variants: Vec<AdCopy> = Vec::new();
        for number in 0..usize::from(self.brief.variants) {
            let fresh = (0..FRESH_STARTS)
                .filter_map(|start| {
                    self.variant(self.seed.part(number + 1000 * start), headlines, descriptions)
                })
                .find(|(copy, _)| !variants.contains(copy));
            let Some((copy, page)) = fresh else { break };
            variants.push(copy);
            for said in page.said {
                *self.used.entry(said).or_default() += 1;
            }
        }
        variants
    }

    /// Lines for single places, each unlike the others and all that is `taken`; fewer where the words run out.
    pub(super) fn lines(&self, places: &[FailedLine], taken: &[String]) -> Vec<String> {
        let mut page = Page::default();
        let failed = places.iter().map(|place| &place.text);
        page.taken.extend(taken.iter().chain(failed).map(|line| key(line)));
        let line = |place: &FailedLine| {
            let seed = self.seed.part(place.variant).part(place.index);
            self.line(place.field, place.index, &mut page, seed)
        };
        places.iter().map_while(line).collect()
    }

    /// A line for one place, unlike all that the page holds, which then holds it too.
    fn line(&self, field: CopyField, index: usize, page: &mut Page, seed: Seed) -> Option<String> {
        let stocks = match field {
            CopyField::Headline => &self.headlines,
            CopyField::Description => &self.descriptions,
        };
        let stock = &stocks[index.min(stocks.len() - 1)];
        match &stock.kind {
            Kind::Phrase(phrases) => {
                let is_new = |phrase: &&Candidate| !page.taken.contains(&phrase.key);
                let phrase = self.best(phrases.iter().filter(is_new), page, seed, |_| 0)?;
                page.add(&phrase.text, &[phrase]);
                Some(phrase.text.clone())
            }
            Kind::Text(sentences) => (0..FRESH_STARTS).find_map(|start| {
                let parts = self.sentences(sentences, stock.aim, page, seed.part(start));
                let text = parts.iter().map(|part| part.text.as_str()).collect::<Vec<_>>().join(" ");
                let is_new = !text.is_empty() && !page.taken.contains(&key(&text));
                (is_new && self.stocker.may_stand(field, index, &text)).then(|| {
                    page.add(&text, &parts);
                    text
                })
            }),
        }
    }

    /// Sentences that make a text together, no longer than `aim` unless the first alone is.
    fn sentences<'s>(&self, stock: &'s Sentences, aim: usize, page: &Page, seed: Seed) -> Vec<&'s Candidate> {
        let shapes = Role::shapes(aim);
        let shape = shapes[seed.draw(0, shapes.len())];
        let mut text: Vec<Option<&Candidate>> = vec![None; shape.len()];
        // The opening and the call come first, so that what stands between them takes the room that is left.
        let order = [0, shape.len() - 1].into_iter().chain(1..shape.len() - 1);
        for place in order.take(shape.len()) {
            let chosen = || text.iter().flatten();
            let room = chosen().fold(aim, |room, part| room.saturating_sub(part.length + 1));
            let fits = |part: &&Candidate| {
                let is_first = chosen().next().is_none();
                (part.length <= room || is_first) && chosen().all(|other| !other.is_about_the_same_as(part))
            };
            let is_nameless = chosen().all(|other| !other.sources.contains(&Source::Product));
            let bonus = |part: &Candidate| {
                let is_body = shape[place] == Role::Body;
                let fill = if is_body { 34 * part.length.min(room) / room.max(1) } else { 0 };
                let name = if is_nameless && part.sources.contains(&Source::Product) { 20 } else { 0 };
                let echoes = chosen().map(|other| other.shared_words(part)).sum::<usize>();
                name + fill as i32 - 14 * echoes as i32
            };
            let candidates = match shape[place] {
                Role::Hook => &stock.hooks,
                Role::Body => &stock.bodies,
                Role::Close => &stock.closes,
            };
            text[place] = self.best(candidates.iter().filter(fits), page, seed.part(place), bonus);
        }
        text.into_iter().flatten().collect()
    }

    fn best<'s>(
        &self,
        candidates: impl Iterator<Item = &'s Candidate>,
        page: &Page,
        seed: Seed,
        bonus: impl Fn(&Candidate) -> i32,
    ) -> Option<&'s Candidate> {
        const WHIM: usize = 22;
        let score = |candidate: &&Candidate| {
            let uses = self.used.get(&candidate.key).copied().unwrap_or_default();
            let whim = seed.draw(candidate.key, WHIM) as i32;
            candidate.worth + whim + bonus(candidate) - 22 * uses - page.fatigue(candidate)
        };
        candidates.max_by_key(score)
    }

    /// What the button says: the brief's wish, or the first usual word that the brand does not ban.
    pub(super) fn button(&self) -> Option<CallToAction> {
        let Grammar { buttons, shop_buttons, .. } = self.stocker.grammar;
        let usual = if self.brief.ad_type == AdType::Shopping { shop_buttons } else { buttons };
        let usual = usual.iter().filter_map(|text| text.parse().ok());
        let is_banned = |text: &CallToAction| self.brief.brand_voice.banned_in(text.as_str()).is_some();
        self.brief.call_to_action.clone().into_iter().chain(usual).find(|text| !is_banned(text))
    }

    fn variant(&self, seed: Seed, headlines: usize, descriptions: usize) -> Option<(AdCopy, Page)> {
        let mut page = Page::default();
        let mut lines = |field, count: usize| {
            let indices = 0..count.max(1);
            indices
                .map_while(|index| self.line(field, index, &mut page, seed.part(index)))
                .collect::<Vec<_>>()
        };
        let headlines = lines(CopyField::Headline, headlines);
        let descriptions = lines(CopyField::Description, descriptions);
        let is_complete = !headlines.is_empty() && !descriptions.is_empty();
        is_complete.then(|| (AdCopy { headlines, descriptions, call_to_action: self.button() }, page))
    }
}

/// What a variant holds so far.
#[derive(Default)]
struct Page {
    /// Its lines, by their keys.
    taken: HashSet<u64>,
    /// The phrases and sentences that they are made of, by their keys.
    said: HashSet<u64>,
    families: HashMap<Family, i32>,
    sources: HashMap<Source, i32>,
    /// The words of meaning that it says.
    words: HashSet<String>,
}

impl Page {
    fn add(&mut self, line: &str, parts: &[&Candidate]) {
        self.taken.insert(key(line));
        for part in parts {
            self.said.insert(part.key);
            *self.families.entry(part.family).or_default() += 1;
            self.words.extend(part.content.iter().cloned());
            for source in &part.sources {
                *self.sources.entry(*source).or_default() += 1;
            }
        }
    }

    /// How tired the reader is of what the candidate does and is about, and of its very words.
    fn fatigue(&self, candidate: &Candidate) -> i32 {
        let families = self.families.get(&candidate.family).copied().unwrap_or_default();
        let sources = candidate.sources.iter().filter_map(|source| self.sources.get(source)).sum::<i32>();
        let words = candidate.content.iter().filter(|word| self.words.contains(*word)).count().min(3) as i32;
        let verbatim = if self.said.contains(&candidate.key) { 40 } else { 0 };
        14 * families + 22 * sources + 6 * words + verbatim
    }
}

/// The part of a text that a sentence plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Hook,
    Body,
    Close,
}

impl Role {
    /// The ways to build a text of about this length.
    fn shapes(aim: usize) -> &'static [&'static [Self]] {
        use Role::{Body, Close, Hook};
        match aim {
            0..=110 => &[&[Body, Close], &[Hook, Close], &[Hook, Body], &[Body, Close]],
            111..=170 => &[&[Hook, Body, Close], &[Body, Body, Close], &[Hook, Body, Close], &[Body, Close]],
            _ => &[&[Hook, Body, Body, Close], &[Hook, Body, Close], &[Body, Body, Close]],
        }
    }
}
