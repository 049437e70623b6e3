use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

const ID: &str = "00000000-0000-7000-8000-000000000001";

/// Events as senders write them, right and wrong.
fn events() -> impl Strategy<Value = Value> {
    let word = |words: &'static [&'static str]| proptest::sample::select(words).prop_map(Value::from);
    let money = prop_oneof![
        Just(Value::Null),
        any::<i64>().prop_map(Value::from),
        Just(json!(1.5)),
        Just(json!("1"))
    ];
    let times = word(&["2026-11-01T09:00:00Z", "2026-11-01T09:00:00.123456+02:00", "2026-11-01", "now"]);
    let ids = word(&[ID, "00000000000070008000000000000001", "1"]);
    let kinds = word(&["impression", "click", "conversion", "view", ""]);
    let countries = prop_oneof![Just(Value::Null), word(&["DE", "de", "DEU", ""])];
    let devices = prop_oneof![Just(Value::Null), word(&["mobile", "connected_tv", "toaster"])];
    let placements = prop_oneof![Just(Value::Null), word(&["feed", "a \"quoted\" one", " ", "line\nbreak"])];
    (ids, kinds, times, money, countries, devices, placements, any::<bool>()).prop_map(
        |(id, kind, occurred_at, cost_micros, country, device, placement, stray)| {
            let mut event = json!({
                "id": id, "kind": kind, "ad_id": ID, "occurred_at": occurred_at, "cost_micros": cost_micros,
                "country": country, "device": device, "placement": placement,
            });
            if stray {
                event["stray"] = json!(1);
            }
            event
        },
    )
}

proptest! {
    #[test]
    fn the_fast_way_and_the_slow_way_agree(event in events()) {
        let text = event.to_string();
        let fast = serde_json::from_str::<PlainEvent<'_>>(&text).ok().and_then(PlainEvent::event);
        let slow = diagnosed(&text);
        if let Some(fast) = fast {
            prop_assert_eq!(slow, Ok(fast));
        } else {
            // Only text with escapes may take the slow way and still be right.
            prop_assert!(slow.is_err() || text.contains('\\'), "{}", text);
        }
    }
}

#[test]
fn a_wrong_event_names_all_its_faults_in_one_sentence() {
    let reason = diagnosed(r#"{"id": 7, "kind": "view", "ad_id": "x", "when": "now"}"#).unwrap_err();
    assert_eq!(
        reason,
        "when is not known here: use id, kind, ad_id, occurred_at, cost_micros, revenue_micros, country, device, \
         placement; id is the number 7: write a string; \
         kind \"view\" is not a kind of event: use one of impression, click, conversion; \
         ad_id ad id \"x\" is not a UUID; occurred_at is missing: this field is required"
    );
}
