use serde_json::{Value, json};

use crate::server::{adstead, stdout};

#[test]
fn the_demo_sees_in_its_report_exactly_what_it_sent() {
    let folder = tempfile::tempdir().unwrap();
    let printed = stdout(folder.path(), &["demo", "--json"]);
    let outcome: Value = serde_json::from_str(printed.lines().last().unwrap()).unwrap();

    assert_eq!(outcome["ok"], true, "{outcome}");
    assert_eq!(outcome["provider"], "offline");
    assert!(!outcome["rewritten"].as_str().unwrap().is_empty(), "{outcome}");
    assert_eq!(outcome["hints"], 0, "{outcome}");
    assert_eq!(outcome["asset"]["verified"], true);
    let (told, ads) = (&outcome["told"], &outcome["ads_generated"]);
    assert_eq!((&told["mails"], &told["messages"], &told["signed"]), (ads, ads, &json!(true)));
    assert!(told["subject"].as_str().unwrap().starts_with("Ad submitted: "), "{told}");
    assert_eq!(outcome["asset_past"], json!({"by_the_storage": false, "verified": true}));
    assert!(outcome["renditions"].as_array().unwrap().iter().any(|size| size == "thumbnail"), "{outcome}");
    let count = |name: &str| outcome[name].as_u64().unwrap();
    assert!(count("events_sent") >= 50_000);
    assert_eq!(
        count("events_sent"),
        count("events_accepted") + count("events_duplicate") + count("events_rejected")
    );
    assert!(count("events_duplicate") > 0 && count("events_rejected") > 0 && count("recommendations") > 0);
    assert!(outcome["cache"]["hits"].as_u64().unwrap() > 0);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "the demo left something behind");
}

#[test]
fn the_demo_for_people_has_no_colours_where_none_are_wanted() {
    let folder = tempfile::tempdir().unwrap();
    let shown = adstead(folder.path(), &["demo"]).env("NO_COLOR", "1").output().unwrap();

    assert!(shown.status.success(), "{}", String::from_utf8_lossy(&shown.stderr));
    let text = String::from_utf8(shown.stdout).unwrap();
    assert!(!text.contains('\u{1b}'), "{text}");
    assert!(text.lines().all(|line| console::measure_text_width(line) <= 100), "{text}");
    assert!(text.contains("Sponsored"), "{text}");
}
