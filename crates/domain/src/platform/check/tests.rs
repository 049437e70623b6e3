use proptest::prelude::*;

use super::*;
use crate::platform::limits;
use crate::{AdType, Platform};

/// What a check finds, as `pointer: message`: faults first, then warnings marked with a `~`.
fn findings(
    (platform, ad_type): (Platform, AdType),
    headlines: &[&str],
    descriptions: &[&str],
    stage: Completeness,
) -> Vec<String> {
    let CopyCheck { faults, warnings } =
        limits(platform, ad_type).unwrap().check(headlines, descriptions, stage);
    let faults = faults.into_result().err().into_iter().flatten();
    let faults = faults.map(|fault| format!("{}: {}", fault.pointer(), fault.message()));
    faults.chain(warnings.into_iter().map(|w| format!("~{}: {}", w.pointer, w.message))).collect()
}

#[track_caller]
fn draft(ad: (Platform, AdType), headlines: &[&str], descriptions: &[&str], expected: &[&str]) {
    assert_eq!(findings(ad, headlines, descriptions, Completeness::Draft), expected);
}

#[track_caller]
fn complete(ad: (Platform, AdType), headlines: &[&str], descriptions: &[&str], expected: &[&str]) {
    assert_eq!(findings(ad, headlines, descriptions, Completeness::Complete), expected);
}

const SEARCH: (Platform, AdType) = (Platform::Google, AdType::Text);
const FEED: (Platform, AdType) = (Platform::Facebook, AdType::Image);
const POST: (Platform, AdType) = (Platform::X, AdType::Text);
const TIKTOK: (Platform, AdType) = (Platform::Tiktok, AdType::Video);

#[test]
fn good_copy_passes_without_a_word() {
    complete(
        SEARCH,
        &["Running shoes", "Free returns", "Made for mud"],
        &["Shoes that grip.", "Order by noon, run by night."],
        &[],
    );
    complete(FEED, &["Made for mud"], &["Shoes that grip.\n\nTry them for 30 days. 🏃", "Free returns"], &[]);
    complete(POST, &[], &["Shoes that grip: example.com/shoes 🏃"], &[]);
    complete(TIKTOK, &[], &["Shoes that grip"], &[]);
}

#[test]
fn a_line_past_the_hard_limit_says_which_how_long_and_how_counted() {
    draft(
        SEARCH,
        &["Running shoes", "Free returns", "The best running shoes in the town"],
        &[],
        &["/headlines/2: headline 3 is 34 long, google allows 30 \
           (characters, double-width ones count two): shorten it by 4"],
    );
    draft(SEARCH, &[&"あ".repeat(15)], &[], &[]);
    draft(
        POST,
        &[],
        &[&format!("https://example.com/{} {}", "x".repeat(300), "y".repeat(257))],
        &["/descriptions/0: description 1 (post text) is 281 long, x allows 280 (weighted characters: \
           a link counts 23, an emoji or a wide character two): shorten it by 1"],
    );
}

#[test]
fn a_line_past_the_soft_limit_is_only_warned_of() {
    draft(
        FEED,
        &[&"h".repeat(41)],
        &[&"p".repeat(126), &"d".repeat(31)],
        &[
            "~/headlines/0: headline 1 is 41 long, facebook recommends 40 (characters): the rest may be cut off",
            "~/descriptions/0: description 1 (primary text) is 126 long, facebook recommends 125 (characters): \
             the rest may be cut off",
            "~/descriptions/1: description 2 (link description) is 31 long, facebook recommends 30 (characters): \
             the rest may be cut off",
        ],
    );
    draft(
        FEED,
        &[],
        &[&"p".repeat(2_201)],
        &["/descriptions/0: description 1 (primary text) is 2201 long, facebook allows 2200 (characters): \
           shorten it by 1"],
    );
}

#[test]
fn a_draft_may_lack_lines_and_finished_copy_may_not() {
    draft(SEARCH, &["One"], &[], &[]);
    complete(
        SEARCH,
        &["One"],
        &[],
        &[
            "/headlines: there are too few headlines: 1, where google needs 3 (responsive search ad): add 2",
            "/descriptions: there are too few descriptions: 0, where google needs 2 (responsive search ad): add 2",
        ],
    );
}

#[test]
fn too_many_lines_are_too_many_even_for_a_draft() {
    let numbers: Vec<_> = (1..=26).map(|number| number.to_string()).collect();
    let lines: Vec<_> = numbers.iter().map(String::as_str).collect();
    draft(
        SEARCH,
        &lines[..16],
        &[],
        &[
            "/headlines: there are too many headlines: 16, where google takes 15 (responsive search ad): remove 1",
        ],
    );
    draft(
        POST,
        &[],
        &lines,
        &["/descriptions: there are too many descriptions: 26, where adstead takes 25 (text ad): remove 1"],
    );
}

#[test]
fn a_repeated_headline_is_found_whatever_its_case() {
    draft(
        SEARCH,
        &["Free returns", "Made for mud", " FREE Returns "],
        &[],
        &["/headlines/2: headline 3 repeats headline 1, google wants each to differ: reword it"],
    );
    draft(FEED, &["Free returns", "free returns"], &[], &[]);
}

#[test]
fn characters_that_the_platform_refuses_are_named() {
    draft(
        TIKTOK,
        &["Mud #1"],
        &["Hi {name} 👩‍🚀!"],
        &[
            "/headlines/0: headline 1 holds the character \"#\", which tiktok does not allow: remove it",
            "/descriptions/0: description 1 (ad text) holds the emoji 👩‍🚀, which tiktok does not allow: remove it",
            "/descriptions/0: description 1 (ad text) holds the character \"{\", which tiktok does not allow: remove it",
        ],
    );
    draft(
        SEARCH,
        &["Shoes® by Ada™"],
        &["Go ☀️ run!"],
        &["/descriptions/0: description 1 holds the emoji ☀️, which google does not allow: remove it"],
    );
    draft(
        SEARCH,
        &["Run!"],
        &["Run!"],
        &[
            "~/headlines/0: headline 1 holds the character \"!\", google often refuses that in a headline: better leave it out",
        ],
    );
}

#[test]
fn empty_lines_and_control_characters_are_faults() {
    draft(
        FEED,
        &["", " \t", "a\nb"],
        &["one\ntwo", "one\ntwo", "bell\u{7}"],
        &[
            "/headlines/0: headline 1 is empty: write it or leave it out",
            "/headlines/1: headline 2 is empty: write it or leave it out",
            "/headlines/2: headline 3 holds a control character such as a line break: remove it",
            "/descriptions/1: description 2 (link description) holds a control character such as a line break: \
             remove it",
            "/descriptions/2: description 3 (link description) holds a control character such as a line break: \
             remove it",
        ],
    );
}

#[test]
fn one_line_can_be_checked_on_its_own() {
    let limits = limits(Platform::Tiktok, AdType::Video).unwrap();
    assert_eq!(limits.fault_in(CopyField::Description, 0, "Shoes that grip"), None);
    assert_eq!(
        limits.fault_in(CopyField::Description, 1, &format!("#{}", "x".repeat(100))).unwrap(),
        "description 2 (ad text) is 101 long, tiktok allows 100 (characters, double-width ones count two): \
         shorten it by 1; description 2 (ad text) holds the character \"#\", which tiktok does not allow: remove it"
    );
}

fn any_ad() -> impl Strategy<Value = &'static CopyLimits> {
    let ads: Vec<_> = Platform::ALL
        .iter()
        .flat_map(|&platform| platform.ad_types().map(move |ad_type| limits(platform, ad_type).unwrap()))
        .collect();
    prop::sample::select(ads)
}

proptest! {
    #[test]
    fn any_copy_can_be_checked(
        ad in any_ad(),
        headlines in prop::collection::vec(".*", 0..30),
        descriptions in prop::collection::vec("\\PC*", 0..30),
    ) {
        let check = ad.check(&headlines, &descriptions, Completeness::Complete);
        for warning in check.warnings {
            prop_assert!(warning.pointer.starts_with("/headlines/") || warning.pointer.starts_with("/descriptions/"));
        }
    }

    #[test]
    fn plain_words_are_at_fault_exactly_when_they_are_too_long(
        ad in any_ad(),
        headline in "[a-z]{1,300}",
    ) {
        let hard = ad.headlines.field(0).hard.unwrap().length;
        let fault = ad.fault_in(CopyField::Headline, 0, &headline);
        prop_assert_eq!(fault.is_some(), headline.len() > hard);
        let shortened: String = headline.chars().take(hard).collect();
        prop_assert_eq!(ad.fault_in(CopyField::Headline, 0, &shortened), None);
    }

    #[test]
    fn a_line_is_at_fault_on_its_own_exactly_when_it_is_in_a_draft(ad in any_ad(), line in "\\PC{0,60}") {
        let alone = ad.fault_in(CopyField::Description, 0, &line).is_none();
        let check = ad.check(&[] as &[&str], &[&line], Completeness::Draft);
        prop_assert_eq!(alone, check.into_result().is_ok());
    }

    #[test]
    fn warnings_alone_are_those_of_the_check(
        ad in any_ad(),
        headlines in prop::collection::vec("[ -~]{0,90}|\\PC{0,90}", 0..5),
        descriptions in prop::collection::vec("[ -~]{0,200}|\\PC{0,200}", 0..5),
    ) {
        let check = ad.check(&headlines, &descriptions, Completeness::Draft);
        prop_assert_eq!(ad.warnings(&headlines, &descriptions), check.warnings);
    }

    #[test]
    fn ascii_is_folded_as_any_text_is(text in "[\\x00-\\x7F]{0,60}") {
        prop_assert_eq!(folded(&text), folded_by_unicode(&text));
    }
}
