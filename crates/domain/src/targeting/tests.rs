use proptest::prelude::*;

use super::selection::{Criterion, covered};
use super::*;

fn parse(json: &str) -> Result<Targeting, Violations> {
    Targeting::parse(&serde_json::from_str(json).unwrap())
}

fn targeting(json: &str) -> Targeting {
    parse(json).unwrap()
}

fn narrowed(outer: &str, inner: &str) -> Result<Targeting, Violations> {
    targeting(outer).narrowed_by(&targeting(inner))
}

/// Each fault as `pointer: message`.
fn faults<T: std::fmt::Debug>(result: Result<T, Violations>) -> Vec<String> {
    result.unwrap_err().iter().map(|fault| format!("{}: {}", fault.pointer(), fault.message())).collect()
}

fn pointers<T: std::fmt::Debug>(result: Result<T, Violations>) -> Vec<String> {
    result.unwrap_err().iter().map(|fault| fault.pointer().to_owned()).collect()
}

#[test]
fn all_faults_of_a_targeting_are_told_at_once() {
    let long = "x".repeat(81);
    let json = format!(
        r#"{{"ages":{{"min":12,"max":70}},"genders":["female","men"],
        "locations":{{"include":["USA","US"],"exclude":["us"]}},"languages":{{"include":["english"]}},
        "devices":{{"exclude":["mobile","phone"]}},"keywords":{{"include":["{long}"," "]}}}}"#
    );
    let expected = [
        "/ages/min",
        "/ages/max",
        "/genders/1",
        "/locations/include/0",
        "/locations/exclude",
        "/languages/include/0",
        "/devices/exclude/1",
        "/keywords/include/0",
        "/keywords/include/1",
    ];
    assert_eq!(pointers(parse(&json)), expected);
}

#[test]
fn messages_list_what_is_right() {
    let found = faults(parse(
        r#"{"genders":["men"],"locations":{"include":["UK"]},"languages":{"include":["en_US"]},
        "devices":{"include":["tv"]}}"#,
    ));
    assert_eq!(found[0], r#"/genders/0: "men" is not a gender: use one of female, male, nonbinary, unknown"#);
    assert!(found[1].contains("use GB for the United Kingdom"), "{found:?}");
    assert!(found[2].contains("en, es-MX or zh-Hant-TW"), "{found:?}");
    assert!(found[3].contains("mobile, desktop, tablet, connected_tv"), "{found:?}");
}

#[test]
fn unknown_fields_are_refused() {
    for json in [r#"{"age":{}}"#, r#"{"ages":{"from":13}}"#, r#"{"keywords":{"includes":[]}}"#] {
        assert!(serde_json::from_str::<RawTargeting>(json).is_err(), "{json}");
        assert!(serde_json::from_str::<Targeting>(json).is_err(), "{json}");
    }
}

#[test]
fn an_age_range_with_one_end_is_open_at_the_other() {
    assert_eq!(targeting(r#"{"ages":{"min":30}}"#).ages.to_string(), "30–65+");
    assert_eq!(targeting(r#"{"ages":{"max":30}}"#).ages.to_string(), "13–30");
    assert_eq!(pointers(parse(r#"{"ages":{"min":40,"max":30}}"#)), ["/ages/min"]);
}

#[test]
fn codes_are_normalised_and_counted_once() {
    let targeting = targeting(
        r#"{"locations":{"include":["us","US"," us-ca "]},"languages":{"include":["EN-us","zh-HANT"]}}"#,
    );
    let raw = RawTargeting::from(&targeting);
    assert_eq!(raw.locations.include, ["US", "US-CA"]);
    assert_eq!(raw.languages.include, ["en-US", "zh-Hant"]);
}

#[test]
fn a_part_may_be_excluded_from_the_whole_but_not_the_whole_from_its_part() {
    assert!(parse(r#"{"locations":{"include":["US"],"exclude":["US-CA"]}}"#).is_ok());
    let found = faults(parse(r#"{"locations":{"include":["US-CA"],"exclude":["US"]}}"#));
    assert_eq!(
        found,
        ["/locations/exclude: what is included cannot be excluded as well: choose one side for US-CA"]
    );
    assert_eq!(
        pointers(parse(r#"{"languages":{"include":["zh-Hant-TW"],"exclude":["zh"]}}"#)),
        ["/languages/exclude"]
    );
}

#[test]
fn a_thousand_values_are_the_most() {
    let listed = |count: usize| RawTargeting {
        keywords: RawSelection {
            include: (0..count).map(|n| format!("shoe {n}")).collect(),
            exclude: Vec::new(),
        },
        ..RawTargeting::default()
    };
    assert!(Targeting::parse(&listed(Targeting::MAX_VALUES)).is_ok());
    assert_eq!(pointers(Targeting::parse(&listed(Targeting::MAX_VALUES + 1))), ["/keywords/include"]);
}

#[test]
fn nothing_named_is_everybody() {
    assert_eq!(targeting("{}"), Targeting::default());
    assert_eq!(targeting(r#"{"ages":{"min":13,"max":65}}"#), Targeting::default());
    assert_eq!(serde_json::to_string(&Targeting::default()).unwrap(), "{}");
}

#[test]
fn an_ad_group_that_names_nothing_inherits_everything() {
    let outer = r#"{"ages":{"min":25,"max":40},"genders":["male"],"locations":{"include":["US"],"exclude":["US-CA"]}}"#;
    assert_eq!(narrowed(outer, "{}").unwrap(), targeting(outer));
    assert_eq!(narrowed("{}", outer).unwrap(), targeting(outer));
}

#[test]
fn an_ad_group_may_not_reach_outside_its_campaign() {
    let outer = r#"{"ages":{"min":25,"max":40},"genders":["male"],"locations":{"include":["US"],"exclude":["US-CA"]},
        "keywords":{"include":["shoes"]}}"#;
    let inner = r#"{"ages":{"min":20,"max":30},"genders":["female"],"locations":{"include":["US-CA","FR"]},
        "keywords":{"include":["boots"]}}"#;
    assert_eq!(
        faults(narrowed(outer, inner)),
        [
            "/ages: the ages 20–30 reach outside the campaign's 25–40: stay within them, or widen the campaign's",
            "/genders: the campaign is for male alone: name none but those",
            "/locations/include: the campaign does not include FR: name only what it includes",
            "/locations/include: the campaign excludes US-CA: name nothing that it excludes",
            "/keywords/include: the campaign does not include boots: name only what it includes",
        ]
    );
}

#[test]
fn an_ad_group_may_take_a_region_of_its_campaigns_country() {
    let narrowed =
        narrowed(r#"{"locations":{"include":["US"]}}"#, r#"{"locations":{"include":["US-CA"]}}"#).unwrap();
    assert_eq!(RawTargeting::from(&narrowed).locations.include, ["US-CA"]);
}

#[test]
fn an_ad_group_may_exclude_a_part_of_what_it_inherits_but_not_all() {
    let outer = r#"{"locations":{"include":["CA","US"]}}"#;
    let left = narrowed(outer, r#"{"locations":{"exclude":["CA"]}}"#).unwrap();
    assert_eq!(RawTargeting::from(&left).locations.include, ["US"]);
    let nothing = narrowed(outer, r#"{"locations":{"exclude":["CA","US"]}}"#);
    assert_eq!(pointers(nothing), ["/locations/exclude"]);
}

/// Somebody, as the dimensions see them; several keywords may be theirs.
#[derive(Debug, Clone)]
struct Person {
    age: u8,
    gender: Gender,
    location: Location,
    language: Language,
    device: Device,
    keywords: BTreeSet<Term>,
}

fn takes<T: Criterion>(selection: &Selection<T>, values: &[T]) -> bool {
    let any = |set| values.iter().any(|value| covered(value, set));
    (selection.include().is_empty() || any(selection.include())) && !any(selection.exclude())
}

fn reaches(targeting: &Targeting, person: &Person) -> bool {
    let keywords: Vec<Term> = person.keywords.iter().cloned().collect();
    (targeting.ages.min()..=targeting.ages.max()).contains(&person.age)
        && (targeting.genders.is_empty() || targeting.genders.contains(&person.gender))
        && takes(&targeting.locations, std::slice::from_ref(&person.location))
        && takes(&targeting.languages, std::slice::from_ref(&person.language))
        && takes(&targeting.devices, &[person.device])
        && takes(&targeting.keywords, &keywords)
}

const LOCATIONS: [&str; 5] = ["US", "US-CA", "US-NY", "DE", "DE-BE"];
const LANGUAGES: [&str; 5] = ["en", "en-US", "zh", "zh-Hant", "zh-Hant-TW"];
const DEVICES: [&str; 4] = ["mobile", "desktop", "tablet", "connected_tv"];
const KEYWORDS: [&str; 3] = ["shoes", "boots", "socks"];

fn some_of(values: &'static [&'static str]) -> impl Strategy<Value = Vec<String>> {
    proptest::sample::subsequence(values, 0..=values.len())
        .prop_map(|chosen| chosen.into_iter().map(str::to_owned).collect())
}

/// Mostly small selections, so that a good share of the pairs agree.
fn selections(values: &'static [&'static str]) -> impl Strategy<Value = RawSelection> {
    (any::<bool>(), some_of(values), proptest::option::weighted(0.3, proptest::sample::select(values)))
        .prop_map(|(included, include, excluded)| RawSelection {
            include: if included { include } else { Vec::new() },
            exclude: excluded.into_iter().map(str::to_owned).collect(),
        })
}

fn targetings() -> impl Strategy<Value = Targeting> {
    let ages = proptest::option::of((13..=65_i64, 13..=65_i64))
        .prop_map(|ends| ends.map(|(a, b)| RawAges { min: Some(a.min(b)), max: Some(a.max(b)) }));
    let genders = some_of(&["female", "male", "nonbinary", "unknown"]);
    let parts = (
        ages,
        genders,
        selections(&LOCATIONS),
        selections(&LANGUAGES),
        selections(&DEVICES),
        selections(&KEYWORDS),
    );
    parts.prop_filter_map("a valid targeting", |(ages, genders, locations, languages, devices, keywords)| {
        let raw = RawTargeting {
            ages,
            genders,
            locations,
            languages,
            devices,
            keywords,
            ..RawTargeting::default()
        };
        Targeting::parse(&raw).ok()
    })
}

fn people() -> impl Strategy<Value = Person> {
    let gender = proptest::sample::select(Gender::ALL);
    let location = proptest::sample::select(&LOCATIONS[..]).prop_map(|code| code.parse().unwrap());
    let language = proptest::sample::select(&LANGUAGES[..]).prop_map(|tag| tag.parse().unwrap());
    let device = proptest::sample::select(Device::ALL);
    let keywords = some_of(&KEYWORDS)
        .prop_map(|words| words.iter().map(|word| word.parse().unwrap()).collect::<BTreeSet<Term>>());
    (13..=65_u8, gender, location, language, device, keywords).prop_map(
        |(age, gender, location, language, device, keywords)| Person {
            age,
            gender,
            location,
            language,
            device,
            keywords,
        },
    )
}

proptest! {
    #[test]
    fn targeting_survives_storage(targeting in targetings()) {
        let stored = serde_json::to_string(&targeting).unwrap();
        prop_assert_eq!(serde_json::from_str::<Targeting>(&stored).unwrap(), targeting);
    }

    #[test]
    fn an_ad_group_never_reaches_anybody_whom_its_campaign_does_not(
        outer in targetings(),
        inner in targetings(),
        people in proptest::collection::vec(people(), 100),
    ) {
        let Ok(narrowed) = outer.narrowed_by(&inner) else { return Ok(()) };
        for person in people {
            prop_assert!(
                !reaches(&narrowed, &person) || (reaches(&outer, &person) && reaches(&inner, &person)),
                "{person:?}"
            );
        }
        prop_assert_eq!(Targeting::parse(&RawTargeting::from(&narrowed)), Ok(narrowed));
    }

    #[test]
    fn narrowing_twice_changes_nothing_more(outer in targetings(), inner in targetings()) {
        if let Ok(narrowed) = outer.narrowed_by(&inner) {
            prop_assert_eq!(narrowed.narrowed_by(&Targeting::default()), Ok(narrowed.clone()));
            prop_assert_eq!(outer.narrowed_by(&narrowed), Ok(narrowed));
        }
    }

    #[test]
    fn any_text_parses_or_is_refused_and_what_parses_reads_as_itself(
            text: String, tag in "[a-zA-Z]{1,4}(-[a-zA-Z0-9]{1,4}){0,3}",
        ) {
        for text in [text, tag] {
            if let Ok(location) = text.parse::<Location>() {
                prop_assert_eq!(location.to_string().parse::<Location>(), Ok(location));
            }
            if let Ok(language) = text.parse::<Language>() {
                prop_assert_eq!(language.to_string().parse::<Language>(), Ok(language));
            }
        }
    }
}
