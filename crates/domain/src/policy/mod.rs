//! What platforms may object to in what an ad says: hints for whoever reviews it, never a verdict.
//!
//! The rules are those that the platforms have in common:
//! - claims of an improbable result: Google Ads, *Misrepresentation*, "Unreliable claims"
//!   (<https://support.google.com/adspolicy/answer/6020955>);
//! - superlatives that nobody can check: Microsoft Advertising, *Misleading content*, "Unsubstantiated claims", whose examples
//!   are "#1" and "the best" (<https://about.ads.microsoft.com/en-us/resources/policies/misleading-content-policies>);
//! - personal attributes of the reader: Meta, *Privacy violations and personal attributes*
//!   (<https://transparency.meta.com/en-gb/policies/ad-standards/objectionable-content/privacy-violations-personal-attributes/>).
//!
//! The phrases are Adstead's own choice of what these texts describe.

mod phrases;

use self::phrases::{ENGLISH, Phrases, SPANISH};
use crate::Language;
use crate::ad::AdCopy;
use crate::platform::CopyField;
use crate::vocabulary::vocabulary;
use crate::wording::{folded, holds};

vocabulary! {
    /// What a hint is about.
    PolicyRule, "a rule" {
        /// A result is promised that is improbable, or that nobody can promise.
        BannedClaim = "banned_claim",
        /// Something is said to be more than all others, without a proof.
        Superlative = "superlative",
        /// The reader is told something of themselves: their health, religion, age, money …
        PersonalAttribute = "personal_attribute",
    }
}

/// Something in a line that a reviewer should look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyHint {
    /// What it is about.
    pub rule: PolicyRule,
    /// In which list the line stands.
    pub field: CopyField,
    /// Its position there, from 0.
    pub index: usize,
    /// The words in question, whatever their case.
    pub excerpt: String,
    /// Why they may be objected to.
    pub explanation: String,
    /// What could stand there instead, where somebody has an idea.
    pub suggestion: Option<String>,
}

/// Whether [`hints`] knows phrases in this language.
pub fn knows(language: &Language) -> bool {
    phrases(language).is_some()
}

/// What phrases that are well known for it give cause to look at, line by line. It finds words, not meanings: nothing found is
/// no proof that nothing is there. In a language without phrases ([`knows`]) it finds nothing.
///
/// ```
/// use adstead_domain::policy::{PolicyRule, hints};
/// use adstead_domain::AdCopy;
///
/// let copy = AdCopy {
///     headlines: vec!["The best shoes".to_owned()],
///     descriptions: vec!["Shoes that last, results guaranteed.".to_owned()],
///     call_to_action: None,
/// };
/// let found = hints(&copy, &"en".parse()?);
/// assert_eq!(found[0].rule, PolicyRule::Superlative);
/// assert_eq!(found[1].excerpt, "guaranteed");
/// # Ok::<_, adstead_domain::Violation>(())
/// ```
pub fn hints(copy: &AdCopy, language: &Language) -> Vec<PolicyHint> {
    let Some(phrases) = phrases(language) else { return Vec::new() };
    let lists = [(CopyField::Headline, &copy.headlines), (CopyField::Description, &copy.descriptions)];
    let lines = lists.into_iter().flat_map(|(field, lines)| {
        lines.iter().enumerate().map(move |(index, line)| (field, index, line.as_str()))
    });
    lines.flat_map(|(field, index, line)| phrases.hints(field, index, line)).collect()
}

/// What somebody else found in the copy, and what its phrases add to that: line by line, headlines first, nothing of one kind
/// twice in a line.
pub fn completed(mut found: Vec<PolicyHint>, copy: &AdCopy, language: &Language) -> Vec<PolicyHint> {
    let place = |hint: &PolicyHint| (hint.rule, hint.field, hint.index);
    let told: Vec<_> = found.iter().map(place).collect();
    found.extend(hints(copy, language).into_iter().filter(|hint| !told.contains(&place(hint))));
    found.sort_by_key(|hint| (hint.field == CopyField::Description, hint.index));
    found
}

fn phrases(language: &Language) -> Option<&'static Phrases> {
    match language.primary() {
        "en" => Some(&ENGLISH),
        "es" => Some(&SPANISH),
        _ => None,
    }
}

impl Phrases {
    fn hints(&self, field: CopyField, index: usize, line: &str) -> Vec<PolicyHint> {
        let folded = folded(line);
        let personal = self.addressed.iter().flat_map(|(openings, attributes)| {
            openings.iter().flat_map(|opening| attributes.iter().map(move |word| format!("{opening} {word}")))
        });
        let plain =
            |rule, words: &'static [&'static str]| words.iter().map(move |word| (rule, (*word).to_owned()));
        let all = plain(PolicyRule::BannedClaim, self.claims)
            .chain(plain(PolicyRule::Superlative, self.superlatives))
            .chain(personal.map(|phrase| (PolicyRule::PersonalAttribute, phrase)));
        let mut found: Vec<(PolicyRule, String)> = all.filter(|(_, phrase)| holds(&folded, phrase)).collect();
        // Of phrases within each other the longest says it all.
        let whole = found.clone();
        found.retain(|(_, phrase)| {
            !whole.iter().any(|(_, other)| other != phrase && other.contains(phrase.as_str()))
        });
        found
            .into_iter()
            .map(|(rule, excerpt)| PolicyHint {
                rule,
                field,
                index,
                excerpt,
                explanation: rule.explanation().to_owned(),
                suggestion: None,
            })
            .collect()
    }
}

impl PolicyRule {
    /// Why words of this kind may be objected to.
    pub fn explanation(self) -> &'static str {
        match self {
            Self::BannedClaim => {
                "it promises a result that nobody can promise to everybody: say what the product does"
            }
            Self::Superlative => {
                "it says to be more than all others: platforms want a proof by somebody else where the ad leads to"
            }
            Self::PersonalAttribute => {
                "it tells readers something of themselves: speak of the product, or of people in general"
            }
        }
    }
}
