//! Values at the edges of what may be stored.

use adstead_domain::{Budget, Currency, RawAges, RawSelection, RawTargeting, RawWindow, Schedule, Targeting};
use jiff::Timestamp;

use crate::build::{CREATED_AT, dollars};

/// One line each that naive storage breaks: quoting, wildcards, characters of four bytes, joined emoji, marks that
/// must not be composed, text from right to left, 120 characters of 480 bytes.
pub(super) fn texts() -> Vec<String> {
    vec![
        r#"O'Brien's "best" `deal` \ %s _ ? $1 {} ; -- <b>&amp;"#.to_owned(),
        "🚀 👩‍👩‍👧 🇪🇸 𠜎".to_owned(),
        "cafe\u{301} café ﬀ ß İ".to_owned(),
        "مرحبا 日本語 a\u{200b}b".to_owned(),
        "null".to_owned(),
        "007".to_owned(),
        "🦀".repeat(120),
    ]
}

/// Instants that lose something where time is kept too coarsely, or as a local time.
pub(super) fn instants() -> Vec<Timestamp> {
    ["1970-01-01T00:00:00Z", "2026-03-08T07:00:00.000001Z", "2026-11-01T05:59:59.999999Z"]
        .map(|text| text.parse().expect("an instant"))
        .to_vec()
}

/// Budgets with and without limits, in currencies with and without a minor unit.
pub(super) fn budgets() -> Vec<Budget> {
    let budget = |currency: &str, amount, daily, lifetime| {
        let currency: Currency = currency.parse().expect("a currency");
        Budget::new(currency, amount, daily, lifetime).expect("a budget within bounds")
    };
    vec![
        dollars(1),
        budget("EUR", 1, None, None),
        budget("JPY", 5_000_000, Some(1), None),
        budget("KWD", 123_456_789, None, Some(Budget::MAX_MICROS)),
        budget("USD", Budget::MAX_MICROS, Some(Budget::MAX_MICROS), Some(Budget::MAX_MICROS)),
    ]
}

/// No schedule, one without an end, one with windows, one of which crosses midnight.
pub(super) fn schedules() -> Vec<Option<Schedule>> {
    let window = |days: &[&str], from: &str, to: &str| RawWindow {
        days: days.iter().map(|&day| day.to_owned()).collect(),
        from: from.to_owned(),
        to: to.to_owned(),
    };
    let windows = [
        window(&["fri", "sat"], "22:00", "02:00"),
        window(&["mon"], "00:00", "24:00"),
        window(&["wed"], "08:15", "08:16"),
    ];
    let open = Schedule::parse(&CREATED_AT.to_string(), None, "Asia/Kolkata", &[]);
    let nights = Schedule::parse(
        "2026-03-01T00:00:00.000001Z",
        Some("2026-12-31T23:59:59.999999Z"),
        "America/New_York",
        &windows,
    );
    vec![None, Some(open.expect("a valid schedule")), Some(nights.expect("a valid schedule"))]
}

/// Everybody; women up to 40; every dimension with both sides.
pub(super) fn targetings() -> Vec<Targeting> {
    let women = RawTargeting {
        ages: Some(RawAges { min: None, max: Some(40) }),
        genders: vec!["female".to_owned()],
        ..RawTargeting::default()
    };
    let all = RawTargeting {
        ages: Some(RawAges { min: Some(18), max: Some(65) }),
        genders: vec!["female".to_owned(), "nonbinary".to_owned(), "unknown".to_owned()],
        locations: selection(&["US", "ES"], &["US-CA"]),
        languages: selection(&["es", "zh-Hant-TW"], &["es-MX"]),
        devices: selection(&["mobile"], &["connected_tv"]),
        interests: selection(&["shoes 👟", "O'Neill \"surf\""], &["golf"]),
        keywords: selection(&["leather shoes", "100% wool"], &["cheap"]),
        custom_audiences: selection(&["Käufer 2025"], &["staff"]),
        lookalike_audiences: selection(&["like: Käufer 2025"], &[]),
    };
    let parsed = |raw: &RawTargeting| Targeting::parse(raw).expect("a valid audience");
    vec![Targeting::default(), parsed(&women), parsed(&all)]
}

fn selection(include: &[&str], exclude: &[&str]) -> RawSelection {
    let texts = |side: &[&str]| side.iter().map(|&text| text.to_owned()).collect();
    RawSelection { include: texts(include), exclude: texts(exclude) }
}
