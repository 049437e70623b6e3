//! Briefs, and choosing among what was written.

use adstead_domain::{AdType, BrandVoice, Brief, Platform};
use adstead_testkit::build;

#[test]
fn all_faults_of_a_brief_are_told_at_once() {
    let brief = Brief {
        variants: 21,
        benefits: vec![build::parsed("More"); 51],
        platform: Platform::Google,
        ad_type: AdType::Story,
        ..build::brief()
    };
    let refused = brief.checked().unwrap_err();
    let pointers: Vec<_> = refused.iter().map(|fault| fault.pointer().to_owned()).collect();
    assert_eq!(pointers, ["/variants", "/benefits", "/ad_type"]);
}

#[test]
fn banned_words_are_found_as_words_whatever_their_case() {
    let voice = BrandVoice {
        banned_words: vec![build::parsed("cheap"), build::parsed("Best Price")],
        ..BrandVoice::default()
    };
    for (line, found) in [
        ("Not CHEAP.", Some("cheap")),
        ("cheap", Some("cheap")),
        ("Cheaper", None),
        ("Our best  price!", Some("Best Price")),
        ("The best of all prices", None),
    ] {
        assert_eq!(voice.banned_in(line), found, "{line}");
    }
}

#[test]
fn variants_are_chosen_by_position_each_once() {
    let generation = build::generation(&build::user(&build::account()));
    let chosen = generation.choose(&[1, 0]).unwrap();
    assert_eq!(chosen, [&generation.variants[1], &generation.variants[0]]);
    for (wrong, part) in [
        (&[][..], "no variant is chosen"),
        (&[0, 0], "variant 0 is chosen twice"),
        (&[2], "there is no variant 2"),
    ] {
        let refused = generation.choose(wrong).unwrap_err();
        assert!(refused.message().contains(part), "{refused}");
    }
}

#[test]
fn banned_words_are_found_in_any_script_and_however_they_are_composed() {
    let banned = |word: &str, line: &str| {
        let voice = BrandVoice { banned_words: vec![build::parsed(word)], ..BrandVoice::default() };
        voice.banned_in(line).is_some()
    };
    assert!(banned("最高", "世界最高の味"));
    assert!(banned("caf\u{e9}", "El cafe\u{301} de hoy"));
    assert!(banned("C++", "Learn C++ today") && !banned("C++", "Vitamin C inside"));
    assert!(banned("!!!", "Now!!!") && !banned("!!!", "Fresh bread daily"));
    assert!(banned("número uno", "El NÚMERO UNO."));
}

#[test]
fn copy_runs_on_the_platform_that_it_was_written_for() {
    let user = build::user(&build::account());
    let generation = build::generation(&user);
    let mut campaign = build::campaign(&user);
    campaign.platform = generation.brief.platform;
    generation.fits(&campaign).unwrap();
    campaign.platform = Platform::Linkedin;
    let refused = generation.fits(&campaign).unwrap_err();
    assert!(refused.message().contains("choose a group on google"), "{refused}");
}
