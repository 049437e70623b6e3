//! What the demo advertises, and where.

use adstead_domain::Platform;
use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};

pub(super) const BRAND: &str = "Café Alba";
pub(super) const HOST: &str = "cafe-alba.example";
pub(super) const TIME_ZONE: &str = "Europe/Madrid";
pub(super) const CURRENCY: &str = "EUR";

/// One platform's part of the plan.
pub(super) struct Channel {
    pub(super) platform: Platform,
    /// The step that has its ads written.
    pub(super) generation: &'static str,
    pub(super) title: &'static str,
    pub(super) campaign: Value,
    pub(super) group: Value,
    pub(super) brief: Value,
    pub(super) final_url: String,
}

/// The whole plan, its flights having begun two weeks before `now`.
pub(super) fn channels(now: Timestamp) -> [Channel; 2] {
    let begun = now - (24 * 15).hours();
    let campaign = |name, platform: Platform, country, language, amount: i64, daily: i64| {
        json!({
            "name": name,
            "objective": "sales",
            "platform": platform,
            "budget": {
                "currency": CURRENCY,
                "amount_micros": amount * 1_000_000,
                "daily_limit_micros": daily * 1_000_000,
            },
            "schedule": { "start": begun, "time_zone": TIME_ZONE },
            "targeting": {
                "ages": { "min": 25, "max": 54 },
                "locations": { "include": [country] },
                "languages": { "include": [language] },
            },
        })
    };
    [
        Channel {
            platform: Platform::Google,
            generation: "generate_google_en",
            title: "Google search ads, in English",
            campaign: campaign("Coffee by post, search", Platform::Google, "GB", "en", 5_000, 120),
            group: json!({ "name": "Coffee lovers" }),
            brief: json!({
                "product": "Alba coffee subscription",
                "description": "Single-farm coffee, roasted each Monday and sent by post.",
                "audience": "people who make coffee at home",
                "benefits": ["Roasted on Monday", "Free delivery", "Skip or stop any time"],
                "brand_voice": {
                    "tone": "friendly",
                    "personality": ["warm", "plain-spoken"],
                    "banned_words": ["cheap"],
                },
                "keywords": ["fresh coffee", "coffee by post"],
                "language": "en",
                "platform": "google",
                "ad_type": "text",
                "variants": 4,
            }),
            final_url: format!("https://{HOST}/en/subscribe"),
        },
        Channel {
            platform: Platform::Facebook,
            generation: "generate_facebook_es",
            title: "Facebook image ads, in Spanish",
            campaign: campaign("Café en casa, feed", Platform::Facebook, "ES", "es", 3_000, 60),
            group: json!({ "name": "Amantes del café" }),
            brief: json!({
                "product": "Suscripción de café Alba",
                "description": "Café de una sola finca, tostado cada lunes y enviado a casa.",
                "audience": "quienes preparan café en casa",
                "benefits": ["Tostado el lunes", "Envío gratis", "Sin permanencia"],
                "brand_voice": {
                    "tone": "friendly",
                    "personality": ["cercana"],
                    "banned_words": ["barato"],
                },
                "keywords": ["café recién tostado"],
                "language": "es",
                "platform": "facebook",
                "ad_type": "image",
                "variants": 3,
            }),
            final_url: format!("https://{HOST}/es/suscripcion"),
        },
    ]
}
