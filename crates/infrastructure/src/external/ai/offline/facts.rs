use std::collections::HashSet;

use adstead_domain::{Brief, Text};

use super::grammar::{Grammar, Slot, Words};
use super::tone::Tone;
use super::typography::{capitalized, tidy, within_sentence};

/// The most entries of a list in a brief that the writer uses: the strongest come first.
const MOST_ENTRIES: usize = 6;

/// What a brief offers to a writer, in the forms in which it can stand in a sentence.
pub(super) struct Facts {
    pub(super) tone: Tone,
    pub(super) likes_questions: bool,
    pub(super) likes_brevity: bool,
    pub(super) avoids_exclamations: bool,
    fillers: Vec<Filler>,
}

/// Words of the brief for one slot.
#[derive(Debug, Clone)]
pub(super) struct Filler {
    pub(super) slot: Slot,
    pub(super) source: Source,
    pub(super) text: String,
    /// How far it is from the brief's own words: 0 for those, more for each word left out.
    pub(super) shortened: usize,
}

/// What of the brief a text is about. A good text is about each once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Source {
    Product,
    Audience,
    Call,
    Benefit(usize),
    Keyword(usize),
    Sentence(usize),
}

impl Facts {
    pub(super) fn of(brief: &Brief, grammar: &Grammar) -> Self {
        let voice = &brief.brand_voice;
        let says = |text: &str, hints: &[&str]| hints.iter().any(|hint| text.to_lowercase().contains(hint));
        let style = voice.style.as_ref().map_or("", Text::as_str);
        let rules = || voice.guidelines.iter().map(Text::as_str).chain([style]);
        let mut facts = Self {
            tone: Tone::of(voice),
            likes_questions: says(style, &["question", "pregunta"]),
            likes_brevity: says(style, &["short", "brief", "concise", "minimal", "cort", "brev", "conci"]),
            avoids_exclamations: rules().any(|rule| says(rule, &["exclamation", "exclamaci"])),
            fillers: Vec::new(),
        };
        let words = &grammar.words;
        let proper = proper_nouns(brief, words);
        let is_proper = |word: &str| {
            let singular = word.strip_suffix('s').unwrap_or(word);
            proper.contains(word) || [word, singular].iter().any(|word| words.proper.contains(word))
        };
        let inner = |text: &str| within_sentence(&tidy(text), is_proper);
        let said = |text: &&str| text.contains(char::is_alphanumeric);
        facts.add_product(brief, words, &inner);
        let benefits = brief.benefits.iter().map(Text::as_str).filter(said);
        for (index, benefit) in benefits.take(MOST_ENTRIES).enumerate() {
            facts.add_benefit(Source::Benefit(index), &inner(benefit), words);
        }
        if let Some(audience) = &brief.audience {
            facts.add_audience(&inner(audience.as_str()), words);
        }
        let keywords = brief.keywords.iter().map(Text::as_str).filter(said);
        for (index, keyword) in keywords.take(MOST_ENTRIES).enumerate() {
            facts.add_keyword(Source::Keyword(index), &inner(keyword), words);
        }
        if let Some(call) = &brief.call_to_action {
            facts.add(Slot::Call, Source::Call, capitalized(&tidy(call.as_str())), 0);
        }
        let description = brief.description.as_ref().map_or("", Text::as_str);
        for (index, sentence) in sentences(description).into_iter().take(MOST_ENTRIES).enumerate() {
            facts.add(Slot::Sentence, Source::Sentence(index), sentence, 0);
        }
        facts
    }

    /// The words for a slot.
    pub(super) fn fillers(&self, slot: Slot) -> impl Iterator<Item = &Filler> {
        self.fillers.iter().filter(move |filler| filler.slot == slot)
    }

    /// Whether a text names the product although no slot for it was filled.
    pub(super) fn names_product(&self, text: &str) -> bool {
        let lower = text.to_lowercase();
        self.fillers(Slot::Name).any(|name| lower.contains(&name.text.to_lowercase()))
    }

    fn add(&mut self, slot: Slot, source: Source, text: String, shortened: usize) {
        if text.chars().any(char::is_alphanumeric) {
            self.fillers.push(Filler { slot, source, text, shortened });
        }
    }

    fn add_product(&mut self, brief: &Brief, words: &Words, inner: &impl Fn(&str) -> String) {
        let is_brand = is_brand(brief, words);
        let product = tidy(brief.product.as_str());
        for (shortened, name) in shorter_names(&product, brief, is_brand, words).into_iter().enumerate() {
            let object = if is_brand { name.clone() } else { (words.object)(&inner(&name)) };
            if is_brand {
                self.add(Slot::Brand, Source::Product, name.clone(), shortened);
            }
            self.add(Slot::Product, Source::Product, object, shortened);
            self.add(Slot::Name, Source::Product, name, shortened);
        }
    }

    fn add_benefit(&mut self, source: Source, benefit: &str, words: &Words) {
        let mut following = benefit.split_whitespace();
        let first = following.next().unwrap_or_default().to_lowercase();
        let second = following.next().unwrap_or_default().to_lowercase();
        let is_clause = benefit.contains(['.', '?', '!', ':', ';']);
        let opens = |list: &[&str]| list.contains(&first.as_str()) && !second.is_empty() && !is_clause;
        if opens(words.imperatives) {
            self.add(Slot::Action, source, benefit.to_owned(), 0);
            if words.infinitives.is_empty() {
                self.add(Slot::Activity, source, benefit.to_owned(), 0);
            }
        } else if opens(words.infinitives) {
            self.add(Slot::Activity, source, benefit.to_owned(), 0);
        } else if is_thing(&first, words) && !is_clause && !words.not_after_things.contains(&second.as_str())
        {
            self.add(Slot::Thing, source, benefit.to_owned(), 0);
        }
        self.add(Slot::Benefit, source, benefit.to_owned(), 0);
    }

    fn add_audience(&mut self, audience: &str, words: &Words) {
        let lower = audience.to_lowercase();
        let prefix = words.before_audience.iter().find(|prefix| lower.starts_with(**prefix));
        let audience = prefix.and_then(|prefix| audience.get(prefix.len()..)).unwrap_or(audience);
        let whole = audience.split(['.', '(', ';', '!', '?', ':', '\n']).next().map(tidy).unwrap_or_default();
        let comma = whole.split(',').next().map(tidy).unwrap_or_default();
        let joint = cut_at_joint(&comma, words).unwrap_or_default();
        for (shortened, form) in unlike_each_other([whole, comma, joint]).into_iter().enumerate() {
            self.add(Slot::Audience, Source::Audience, form, shortened);
        }
    }

    fn add_keyword(&mut self, source: Source, keyword: &str, words: &Words) {
        let first = keyword.split_whitespace().next().unwrap_or_default().to_lowercase();
        let opens = |list: &[&str]| list.contains(&first.as_str()) && keyword.contains(' ');
        if opens(words.infinitives) || (words.infinitives.is_empty() && opens(words.imperatives)) {
            self.add(Slot::Activity, source, keyword.to_owned(), 0);
        } else if !words.askers.contains(&first.as_str()) {
            self.add(Slot::Term, source, keyword.to_owned(), 0);
            self.add(Slot::Offer, source, (words.object)(keyword), 0);
        }
        self.add(Slot::Keyword, source, keyword.to_owned(), 0);
    }
}

fn is_thing(first: &str, words: &Words) -> bool {
    words.things.iter().any(|known| match known.strip_prefix('-') {
        Some(ending) => first.len() > ending.len() && first.ends_with(ending),
        None => *known == first,
    })
}

/// Whether a product's name is a proper one, such as `Aurora running shoes`, and not `Running shoes`.
fn is_brand(brief: &Brief, words: &Words) -> bool {
    let product = brief.product.as_str();
    let mut names = product.split_whitespace();
    let Some(first) = names.next() else { return false };
    let is_capital = |word: &str| word.chars().any(char::is_uppercase);
    let is_title =
        names.clone().next().is_some() && names.filter(|word| word.chars().count() > 3).all(is_capital);
    let lower = first.to_lowercase();
    let is_common = words.openers.contains(&lower.as_str())
        || (product.contains(' ')
            && texts(brief).any(|text| text.split_whitespace().any(|word| word == lower)));
    is_capital(first) && (is_title || !is_common)
}

/// A product's name and what remains recognisable of it when it is cut, the longest first.
///
/// The proper part stands alone only where the brief uses it so: `Aurora` of `Aurora running shoes` is a name if the
/// description speaks of Aurora, and `Trail` of `Trail shoes` is none.
fn shorter_names(name: &str, brief: &Brief, is_brand: bool, words: &Words) -> Vec<String> {
    let head = [" – ", " — ", " - ", " | ", ": ", ", ", " ("]
        .iter()
        .fold(name, |head, separator| head.split(separator).next().unwrap_or(head));
    let capitals: Vec<_> = head.split(' ').take_while(|word| word.starts_with(char::is_uppercase)).collect();
    let proper = capitals.join(" ");
    let stands_alone = is_brand && texts_beside_the_product(brief).any(|text| text.contains(&proper));
    let proper = if stands_alone { proper } else { String::new() };
    unlike_each_other([
        name.to_owned(),
        tidy(head),
        cut_at_joint(head, words).unwrap_or_default(),
        tidy(&proper),
    ])
}

fn cut_at_joint(text: &str, words: &Words) -> Option<String> {
    let parts: Vec<_> = text.split(' ').collect();
    let joint = parts.iter().position(|word| words.joints.contains(&word.to_lowercase().as_str()))?;
    Some(tidy(&parts[..joint].join(" ")))
}

fn unlike_each_other<const N: usize>(forms: [String; N]) -> Vec<String> {
    let mut distinct = Vec::new();
    for form in forms {
        if !form.is_empty() && !distinct.contains(&form) {
            distinct.push(form);
        }
    }
    distinct
}

/// The sentences of a text, each with a capital and a full stop, without those that are hardly one.
fn sentences(text: &str) -> Vec<String> {
    const FEWEST_WORDS: usize = 3;
    let words: Vec<_> = text.split_whitespace().collect();
    let mut sentences = Vec::new();
    let mut sentence: Vec<&str> = Vec::new();
    for (index, word) in words.iter().enumerate() {
        sentence.push(word);
        let next = words.get(index + 1).and_then(|next| next.chars().next());
        let begins = next.is_none_or(|first| !first.is_lowercase());
        if next.is_none() || (begins && word.ends_with(['.', '!', '?', '…'])) {
            let words = std::mem::take(&mut sentence);
            if words.len() >= FEWEST_WORDS {
                let line = words.join(" ");
                let line = line.trim_end_matches([',', ';', ':', '-', '–', ' ']);
                let stop = if line.ends_with(['.', '!', '?', '…']) { "" } else { "." };
                sentences.push(format!("{}{stop}", capitalized(line)));
            }
        }
    }
    sentences
}

/// The words that the brief writes with a capital where no sentence begins, and those of a proper name.
fn proper_nouns(brief: &Brief, words: &Words) -> HashSet<String> {
    let mut proper = HashSet::new();
    let mut add = |word: &str| {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric());
        if word.starts_with(char::is_uppercase) {
            proper.insert(word.to_owned());
        }
    };
    for text in texts(brief) {
        let words: Vec<_> = text.split_whitespace().collect();
        let inner = words.windows(2).filter(|pair| !pair[0].ends_with(['.', '!', '?', ':']));
        inner.for_each(|pair| add(pair[1]));
    }
    if is_brand(brief, words) {
        brief.product.as_str().split_whitespace().for_each(add);
    }
    proper
}

fn texts(brief: &Brief) -> impl Iterator<Item = &str> {
    texts_beside_the_product(brief).chain([brief.product.as_str()])
}

fn texts_beside_the_product(brief: &Brief) -> impl Iterator<Item = &str> {
    let lists = brief.benefits.iter().map(Text::as_str).chain(brief.keywords.iter().map(Text::as_str));
    let description = brief.description.iter().map(Text::as_str);
    lists.chain(description).chain(brief.audience.iter().map(Text::as_str))
}
