//! Analyses as a model is asked to answer them, and what can be made of its answers.

use adstead_domain::BrandVoice;
use adstead_domain::Text;
use adstead_domain::analysis::{AudienceSegment, VoiceAnalysis};
use serde::Deserialize;
use serde_json::json;

use super::answer::{Shape, object};

/// The most entries of a list that are taken over.
const ENTRIES: usize = 5;

/// How a brand speaks.
#[derive(Debug, Deserialize)]
pub(super) struct Voice {
    summary: String,
    #[serde(default)]
    tone: String,
    #[serde(default)]
    style: String,
    #[serde(default)]
    personality: Vec<String>,
    #[serde(default)]
    guidelines: Vec<String>,
    #[serde(default)]
    banned_words: Vec<String>,
}

impl Voice {
    pub(super) fn shape() -> Shape {
        let (text, texts) =
            (json!({ "type": "string" }), json!({ "type": "array", "items": { "type": "string" } }));
        let schema = object(&json!({
            "summary": text, "tone": text, "style": text,
            "personality": texts, "guidelines": texts, "banned_words": texts,
        }));
        Shape { name: "brand_voice", schema }
    }

    /// The voice, without what no brief can hold.
    pub(super) fn into_analysis(self) -> Result<VoiceAnalysis, String> {
        let Self { summary, tone, style, personality, guidelines, banned_words } = self;
        let summary = summary.trim().to_owned();
        if summary.is_empty() {
            return Err("it wrote no summary of the voice".to_owned());
        }
        let voice = BrandVoice {
            tone: tone.parse().ok(),
            style: style.parse().ok(),
            personality: texts(&personality),
            guidelines: texts(&guidelines),
            banned_words: texts(&banned_words),
        };
        Ok(VoiceAnalysis { voice, summary })
    }
}

fn texts<const MAX: usize>(lines: &[String]) -> Vec<Text<MAX>> {
    lines.iter().filter_map(|line| line.parse().ok()).take(ENTRIES).collect()
}

/// Whom a product is for.
#[derive(Debug, Deserialize)]
pub(super) struct Segments {
    segments: Vec<Segment>,
}

#[derive(Debug, Deserialize)]
struct Segment {
    name: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    min_age: Option<u8>,
    #[serde(default)]
    max_age: Option<u8>,
    #[serde(default)]
    interests: Vec<String>,
    #[serde(default)]
    motives: Vec<String>,
    #[serde(default)]
    objections: Vec<String>,
    message: String,
}

impl Segments {
    pub(super) fn shape(segments: usize) -> Shape {
        let (text, texts) =
            (json!({ "type": "string" }), json!({ "type": "array", "items": { "type": "string" } }));
        let age = json!({ "type": "integer", "minimum": 13, "maximum": 65 });
        let segment = object(&json!({
            "name": text, "description": text, "min_age": age, "max_age": age,
            "interests": texts, "motives": texts, "objections": texts, "message": text,
        }));
        let list = json!({ "type": "array", "minItems": segments, "maxItems": segments, "items": segment });
        Shape { name: "audience_segments", schema: object(&json!({ "segments": list })) }
    }

    /// So many segments, each with a name and a message.
    pub(super) fn into_segments(self, wanted: usize) -> Result<Vec<AudienceSegment>, String> {
        let mut segments: Vec<_> = self.segments.into_iter().filter_map(Segment::checked).collect();
        if segments.len() < wanted {
            return Err(format!("it wrote {} of {wanted} segments that can be used", segments.len()));
        }
        segments.truncate(wanted);
        Ok(segments)
    }
}

impl Segment {
    fn checked(self) -> Option<AudienceSegment> {
        const AGES: std::ops::RangeInclusive<u8> = 13..=65;
        let Self { name, description, min_age, max_age, interests, motives, objections, message } = self;
        let (name, message) = (name.trim().to_owned(), message.trim().to_owned());
        let ages = min_age.zip(max_age);
        let ages = ages.filter(|(from, to)| from <= to && AGES.contains(from) && AGES.contains(to));
        let few = |lines: Vec<String>| {
            let lines = lines.iter().map(|line| line.trim().to_owned());
            lines.filter(|line| !line.is_empty()).take(ENTRIES).collect()
        };
        (!name.is_empty() && !message.is_empty()).then(|| AudienceSegment {
            name,
            description: description.trim().to_owned(),
            ages,
            interests: few(interests),
            motives: few(motives),
            objections: few(objections),
            message,
        })
    }
}
