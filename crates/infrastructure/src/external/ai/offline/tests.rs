use std::collections::HashSet;

use adstead_domain::platform::{CopyField, CopyLimits, limits};
use adstead_domain::port::{FailedLine, ModelCall, Payer, Prompt};
use adstead_domain::{AccountId, AdType, BrandVoice, Brief, Platform};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::grammar::{Group, Slot};
use super::*;

fn request(brief: Brief, headlines: usize, descriptions: usize) -> CopyRequest {
    let limits = limits(brief.platform, brief.ad_type).unwrap();
    let prompt = Prompt { system: String::new(), user: String::new(), version: "test" };
    let payer = Payer {
        account: AccountId::new(uuid::Uuid::nil()),
        day: jiff::civil::date(2026, 11, 27),
        day_ends_in: Duration::ZERO,
    };
    CopyRequest {
        brief,
        headlines,
        descriptions,
        limits,
        call: ModelCall {
            prompt,
            provider: None,
            payer,
            deadline: Duration::MAX,
            listener: None,
            fresh: false,
        },
    }
}

fn bare(product: &str, language: &str) -> Brief {
    Brief {
        product: product.parse().unwrap(),
        description: None,
        audience: None,
        benefits: Vec::new(),
        brand_voice: BrandVoice::default(),
        keywords: Vec::new(),
        call_to_action: None,
        language: language.parse().unwrap(),
        platform: Platform::Google,
        ad_type: AdType::Text,
        variants: 1,
        source: None,
    }
}

fn lines(copy: &AdCopy) -> impl Iterator<Item = (CopyField, usize, &str)> {
    let headlines =
        copy.headlines.iter().enumerate().map(|(index, line)| (CopyField::Headline, index, line.as_str()));
    let descriptions = copy
        .descriptions
        .iter()
        .enumerate()
        .map(|(index, line)| (CopyField::Description, index, line.as_str()));
    headlines.chain(descriptions)
}

/// What is wrong with a line, whatever it says.
fn blemish(line: &str, brief: &Brief, limits: &CopyLimits, field: CopyField, index: usize) -> Option<String> {
    let last = line.chars().next_back()?;
    if let Some(fault) = limits.fault_in(field, index, line) {
        Some(fault)
    } else if let Some(word) = brief.brand_voice.banned_in(line) {
        Some(format!("holds the banned {word:?}"))
    } else if line.contains("  ") || line.trim() != line {
        Some("has stray spaces".to_owned())
    } else if line.contains(['{', '}', '[', '|']) && !brief.product.as_str().contains('{') {
        Some("shows its pattern".to_owned())
    } else if !last.is_alphanumeric() && !".?!…%'’)€+#🎉".contains(last) {
        Some("breaks off".to_owned())
    } else if line.contains("..") || line.contains("?.") || line.contains("!.") {
        Some("has two stops".to_owned())
    } else {
        None
    }
}

fn rows() -> Vec<(Platform, AdType)> {
    let rows = |&platform: &Platform| platform.ad_types().map(move |ad_type| (platform, ad_type));
    Platform::ALL.iter().flat_map(rows).collect()
}

prop_compose! {
    /// What people may type, odd things included.
    fn phrase()(words in vec("[A-Za-zñéí0-9]{1,12}|C\\+\\+|C#|🎉|&|-|24/7|20%|iPhone|for|para", 1..7)) -> String {
        words.join(" ")
    }
}

prop_compose! {
    fn brief()(
        (product, description, audience) in (phrase(), option::of(vec(phrase(), 1..5)), option::of(phrase())),
        (benefits, keywords) in (vec(phrase(), 0..6), vec(phrase(), 0..6)),
        call in option::of("[A-Z][a-z]{2,8} [a-z]{2,8}"),
        tone in option::of(select(&["friendly", "profesional", "playful", "urgente", "luxury", "gruff"][..])),
        banned in vec(select(&["today", "hoy", "free", "see", "take", "más", "start", "detalles", "how", "look"][..]), 0..4),
        language in select(&["en", "en-GB", "es", "es-MX"][..]),
        (platform, ad_type) in select(rows()),
        variants in 1..=20_u8,
    ) -> Brief {
        let texts = |texts: Vec<String>| texts.iter().map(|text| text.parse().unwrap()).collect();
        Brief {
            description: description.map(|sentences| sentences.join(". ").parse().unwrap()),
            audience: audience.map(|text| text.parse().unwrap()),
            benefits: texts(benefits),
            keywords: keywords.iter().map(|text| text.parse().unwrap()).collect(),
            brand_voice: BrandVoice {
                tone: tone.map(|text| text.parse().unwrap()),
                banned_words: banned.iter().map(|text| text.parse().unwrap()).collect(),
                ..BrandVoice::default()
            },
            call_to_action: call.map(|text| text.parse().unwrap()),
            platform,
            ad_type,
            variants,
            ..bare(&product, language)
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn copy_fits_its_platform_and_obeys_its_brief(brief in brief(), headlines in 1..=15_usize, descriptions in 1..=4_usize) {
        let request = request(brief, headlines, descriptions);
        let brief = &request.brief;
        let copies = write(&request).expect("there are words enough");
        prop_assert_eq!(copies.len(), usize::from(brief.variants));
        for (number, copy) in copies.iter().enumerate() {
            prop_assert!(!copies[..number].contains(copy), "variant {} repeats another: {:?}", number, copy);
            prop_assert_eq!(copy.headlines.len(), headlines);
            prop_assert_eq!(copy.descriptions.len(), descriptions);
            let mut seen = HashSet::new();
            for (field, index, line) in lines(copy) {
                prop_assert!(!line.is_empty());
                prop_assert_eq!(blemish(line, brief, request.limits, field, index), None, "{}", line);
                prop_assert!(seen.insert(line.to_lowercase()), "{} stands twice", line);
            }
            let button = copy.call_to_action.as_ref().map_or("", |text| text.as_str());
            prop_assert_eq!(brief.brand_voice.banned_in(button), None);
        }
    }

    #[test]
    fn lines_are_written_again_unlike_all_others(brief in brief(), failing in vec((any::<bool>(), 0..4_usize), 1..8)) {
        let request = request(brief, 4, 2);
        let copies = write(&request).expect("there are words enough");
        let taken: Vec<_> = lines(&copies[0]).map(|(_, _, line)| line.to_owned()).collect();
        let failed = |(index, (is_headline, place)): (usize, (bool, usize))| FailedLine {
            variant: index % 3,
            field: if is_headline { CopyField::Headline } else { CopyField::Description },
            index: place,
            text: format!("An old line {index}"),
            fault: "it is too long".to_owned(),
        };
        let CopyRequest { brief, limits, call, .. } = request;
        let rewrite_request = RewriteRequest {
            brief: brief.clone(),
            limits,
            lines: failing.into_iter().enumerate().map(failed).collect(),
            taken: taken.clone(),
            call,
        };
        let written = rewrite(&rewrite_request).expect("there are words enough");
        prop_assert_eq!(written.len(), rewrite_request.lines.len());
        let mut seen: HashSet<_> = taken.iter().map(|line| line.to_lowercase()).collect();
        for (line, FailedLine { field, index, .. }) in written.iter().zip(&rewrite_request.lines) {
            prop_assert_eq!(blemish(line, &brief, limits, *field, *index), None, "{}", line);
            prop_assert!(seen.insert(line.to_lowercase()), "{} stands twice", line);
        }
    }
}

#[test]
fn the_most_that_can_be_asked_for_is_written() {
    for (platform, ad_type) in rows() {
        for language in ["en", "es"] {
            let brief = Brief { platform, ad_type, variants: Brief::MAX_VARIANTS, ..bare("Acme", language) };
            let headlines = limits(platform, ad_type).unwrap().headlines.most().min(15);
            let copies = write(&request(brief, headlines, 4))
                .unwrap_or_else(|refusal| panic!("{platform} {ad_type} {language}: {refusal}"));
            let distinct: HashSet<_> =
                copies.iter().map(|copy| (&copy.headlines, &copy.descriptions)).collect();
            assert_eq!(distinct.len(), 20);
            assert!(
                copies.iter().all(|copy| copy.headlines.len() == headlines),
                "{platform} {ad_type} {language}"
            );
        }
    }
}

#[test]
fn the_same_brief_gets_the_same_copy() {
    let request = request(Brief { variants: 5, ..bare("Acme", "en") }, 5, 2);
    assert_eq!(write(&request).unwrap(), write(&request).unwrap());
}

#[test]
fn a_language_it_does_not_speak_is_refused_with_those_it_does() {
    let refusal = write(&request(bare("Acme", "de"), 3, 2)).unwrap_err();
    insta::assert_snapshot!(refusal, @"the built-in writer speaks English (en) and Spanish (es), not de: describe a language model under [ai.providers] and name it in ai.order");
}

#[test]
fn a_brand_that_bans_too_many_words_is_told_so() {
    let mut brief = bare("A", "en");
    let words: HashSet<_> = patterns(&english::GRAMMAR)
        .flat_map(|pattern| pattern.split(|c: char| !c.is_alphanumeric()))
        .collect();
    let words = words.into_iter().chain(["A"]).filter_map(|word| word.parse().ok());
    brief.brand_voice.banned_words = words.collect();
    let refusal = write(&request(brief, 3, 2)).unwrap_err();
    assert!(refusal.to_string().contains("ban fewer words"), "{refusal}");
}

fn patterns(grammar: &Grammar) -> impl Iterator<Item = &'static str> {
    let Grammar { headlines, titles, hooks, bodies, closes, .. } = *grammar;
    [headlines, titles, hooks, bodies, closes].into_iter().flat_map(patterns_of)
}

fn patterns_of(groups: &'static [Group]) -> impl Iterator<Item = &'static str> {
    groups.iter().flat_map(|group| group.patterns.iter().copied())
}

#[test]
fn every_pattern_is_well_formed() {
    for grammar in [&english::GRAMMAR, &spanish::GRAMMAR] {
        for pattern in patterns(grammar) {
            let slots = pattern.split('{').skip(1).map(|rest| rest.split_once('}').expect(pattern).0);
            slots.for_each(|slot| assert!(Slot::named(slot).is_some(), "{pattern}"));
            assert_eq!(pattern.matches('[').count(), pattern.matches('|').count(), "{pattern}");
        }
        let Grammar { headlines, titles, hooks, bodies, closes, .. } = *grammar;
        for headline in [headlines, titles].into_iter().flat_map(patterns_of) {
            assert!(!headline.ends_with('.'), "{headline}");
        }
        for sentence in [hooks, bodies, closes].into_iter().flat_map(patterns_of) {
            assert!(sentence.ends_with(['.', '?', '!', '}']), "{sentence}");
        }
    }
}

#[test]
fn no_pattern_invents_a_claim() {
    const CLAIMS: &[&str] = &[
        "best",
        "leading",
        "guarantee",
        "cheap",
        "only",
        "award",
        "trusted",
        "mejor",
        "líder",
        "únic",
        "garant",
    ];
    for pattern in [&english::GRAMMAR, &spanish::GRAMMAR].into_iter().flat_map(patterns) {
        let lower = pattern.to_lowercase();
        assert!(CLAIMS.iter().all(|claim| !lower.contains(claim)), "{pattern}");
        assert!(!lower.contains(|c: char| c.is_ascii_digit() || "%#".contains(c)), "{pattern}");
    }
}
