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
    for (wrong, part) in
        [(&[][..], "names no variant"), (&[0, 0], "names variant 0 twice"), (&[2], "there is no variant 2")]
    {
        let refused = generation.choose(wrong).unwrap_err();
        assert!(refused.message().contains(part), "{refused}");
    }
}
