//! The words given to a language model. Their text is versioned: a changed text is a new file.

use std::fmt::Write;

use adstead_domain::analysis::{AudienceBrief, VoiceSamples};
use adstead_domain::platform::{Characters, CopyField, CopyLimits, LineList};
use adstead_domain::port::{FailedLine, Prompt};
use adstead_domain::{AdCopy, Brief, Language, LineLength, Platform, Source, Task, Text};

/// The versions of the texts below that ask for new copy.
const VERSION: &str = "ad-copy.v1";
const REWORK_VERSION: &str = "rework.v1";

const POLICY_VERSION: &str = "policy.v1";

const SYSTEM: &str = include_str!("../../prompts/ad-copy.v1.system.md");
const WRITE: &str = include_str!("../../prompts/ad-copy.v1.user.md");
const REWORK: &str = include_str!("../../prompts/rework.v1.user.md");
const REPAIR: &str = include_str!("../../prompts/repair.v1.user.md");

const POLICY_SYSTEM: &str = include_str!("../../prompts/policy.v1.system.md");
const POLICY: &str = include_str!("../../prompts/policy.v1.user.md");

const ANALYSIS_SYSTEM: &str = include_str!("../../prompts/analysis.v1.system.md");
const VOICE: &str = include_str!("../../prompts/brand-voice.v1.user.md");
const AUDIENCE: &str = include_str!("../../prompts/audience.v1.user.md");

/// The wish for all variants of a brief.
pub(super) fn write(brief: &Brief, limits: &CopyLimits, headlines: usize, descriptions: usize) -> Prompt {
    let mut lines = String::new();
    list_rules(&mut lines, CopyField::Headline, &limits.headlines, headlines);
    list_rules(&mut lines, CopyField::Description, &limits.descriptions, descriptions);
    let values = [("variants", brief.variants.to_string()), ("lines", lines.trim_end().to_owned())];
    match &brief.source {
        None => prompt(WRITE, VERSION, brief, limits, &values),
        Some(source) => {
            let [variants, lines] = values;
            let values = [variants, lines, ("task", task(source, brief)), ("copy", copy(&source.copy))];
            prompt(REWORK, REWORK_VERSION, brief, limits, &values)
        }
    }
}

/// What is to become of the copy, in a sentence or two. It holds no word of the copy or the brief.
fn task(source: &Source, brief: &Brief) -> String {
    let Source { task, platform, ad_type, language, length, .. } = source;
    match (task, length) {
        (Task::Vary, None) => "Vary the ad copy below: the same message in other words, by the brief.".to_owned(),
        (Task::Vary, Some(LineLength::Shorter)) => {
            "Vary the ad copy below: the same message in other words, by the brief, each line a third shorter or \
             more."
                .to_owned()
        }
        (Task::Vary, Some(LineLength::Longer)) => {
            "Vary the ad copy below: the same message in other words, by the brief, each line as long as its limit \
             allows."
                .to_owned()
        }
        (Task::Rewrite, _) => {
            format!("Rewrite the ad copy below, which was written for {platform} ({ad_type}), as its new place asks for it.")
        }
        (Task::Translate, _) => {
            let from = language.as_ref().map_or_else(String::new, |language| format!(" from {language}"));
            format!(
                "Translate the ad copy below{from} into {}: what it says and how, not word for word; names stay as they are.",
                brief.language
            )
        }
    }
}

/// The copy that others are made from, a line each.
fn copy(copy: &AdCopy) -> String {
    let AdCopy { headlines, descriptions, call_to_action } = copy;
    let numbered = |field: CopyField, lines: &[String]| {
        let line = |(index, line): (usize, &String)| format!("- {field} {}: {}", index + 1, plain(line));
        lines.iter().enumerate().map(line).collect::<Vec<_>>()
    };
    let mut lines = numbered(CopyField::Headline, headlines);
    lines.extend(numbered(CopyField::Description, descriptions));
    lines.extend(call_to_action.iter().map(|words| format!("- call to action: {}", plain(words.as_str()))));
    lines.join("\n")
}

/// The wish for better lines in the place of those that failed.
pub(super) fn repair(brief: &Brief, limits: &CopyLimits, failed: &[FailedLine], taken: &[String]) -> Prompt {
    let line = |(index, line): (usize, &FailedLine)| {
        format!("{}. {:?}, because: {}", index + 1, plain(&line.text), plain(&line.fault))
    };
    let lines = failed.iter().enumerate().map(line).collect::<Vec<_>>().join("\n");
    let taken = taken.iter().map(|line| format!("- {}", plain(line))).collect::<Vec<_>>().join("\n");
    prompt(REPAIR, VERSION, brief, limits, &[("lines", lines), ("taken", taken)])
}

/// The wish to read copy for what platforms may object to. A line is known by its number, from 1, headlines first.
pub(crate) fn policy(copy: &AdCopy, language: &Language, platform: Platform) -> Prompt {
    let AdCopy { headlines, descriptions, call_to_action: _ } = copy;
    let line = |(index, line): (usize, &String)| format!("{}. {}", index + 1, plain(line));
    let lines = headlines.iter().chain(descriptions).enumerate().map(line).collect::<Vec<_>>().join("\n");
    let (language, platform) = (language.to_string(), platform.to_string());
    let user = filled(POLICY, |name| match name {
        "language" => Some(&language),
        "platform" => Some(&platform),
        "lines" => Some(&lines),
        _ => None,
    });
    Prompt { system: POLICY_SYSTEM.to_owned(), user, version: POLICY_VERSION }
}

/// The wish to hear how whoever wrote these texts speaks.
pub(crate) fn voice(samples: &VoiceSamples) -> Prompt {
    let text = |(index, text): (usize, &str)| format!("{}. {}", index + 1, plain(text));
    let samples = samples.iter().enumerate().map(text).collect::<Vec<_>>().join("\n");
    let user = filled(VOICE, |name| (name == "samples").then_some(samples.as_str()));
    Prompt { system: ANALYSIS_SYSTEM.to_owned(), user, version: "brand-voice.v1" }
}

/// The wish to hear whom a product is for.
pub(crate) fn audience(brief: &AudienceBrief) -> Prompt {
    let AudienceBrief { product, description, market, language, segments } = brief;
    let values = [
        ("segments", segments.to_string()),
        ("language", language.to_string()),
        ("product", plain(product.as_str())),
        ("description", optional(description.as_ref().map(Text::as_str))),
        ("market", optional(market.as_ref().map(Text::as_str))),
    ];
    let user = filled(AUDIENCE, |name| {
        values.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    });
    Prompt { system: ANALYSIS_SYSTEM.to_owned(), user, version: "audience.v1" }
}

fn list_rules(text: &mut String, field: CopyField, list: &LineList, count: usize) {
    for index in 0..count {
        let rules = list.field(index);
        let _ = write!(text, "- {field} {} ({}): ", index + 1, rules.label);
        let _ = match (rules.soft, rules.hard) {
            (Some(soft), Some(hard)) => {
                write!(text, "best up to {}, never more than {}", soft.length, hard.length)
            }
            (Some(limit), None) => write!(text, "best up to {}", limit.length),
            (None, Some(limit)) => write!(text, "never more than {}", limit.length),
            (None, None) => write!(text, "as long as it needs"),
        };
        let _ = write!(text, ", in {}", rules.counting.describe());
        for unwanted in rules.refused.iter().chain(rules.discouraged) {
            let _ = match unwanted.characters {
                Characters::Emoji => write!(text, "; no emoji"),
                Characters::AnyOf(set) => write!(text, "; none of {set}"),
            };
        }
        text.push('\n');
    }
}

fn prompt(
    template: &str,
    version: &'static str,
    brief: &Brief,
    limits: &CopyLimits,
    values: &[(&str, String)],
) -> Prompt {
    let voice = &brief.brand_voice;
    let common = [
        ("format", limits.format.to_owned()),
        ("platform", limits.platform.to_string()),
        ("language", brief.language.to_string()),
        ("product", plain(brief.product.as_str())),
        ("description", optional(brief.description.as_ref().map(Text::as_str))),
        ("audience", optional(brief.audience.as_ref().map(Text::as_str))),
        ("benefits", listed(&brief.benefits)),
        ("keywords", listed(&brief.keywords)),
        ("call_to_action", optional(brief.call_to_action.as_ref().map(Text::as_str))),
        ("tone", optional(voice.tone.as_ref().map(Text::as_str))),
        ("style", optional(voice.style.as_ref().map(Text::as_str))),
        ("personality", listed(&voice.personality)),
        ("guidelines", listed(&voice.guidelines)),
        ("banned", listed(&voice.banned_words)),
    ];
    let user = filled(template, |name| {
        let values = values.iter().chain(&common);
        values.clone().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    });
    Prompt { system: SYSTEM.to_owned(), user, version }
}

/// The template with each `{name}` replaced, in one pass: what a brief brings in is not looked at again.
fn filled<'a>(template: &str, value: impl Fn(&str) -> Option<&'a str>) -> String {
    let mut text = String::with_capacity(template.len() * 2);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, tail) = after.split_once('}').expect("each brace of a template is closed");
        text.push_str(before);
        text.push_str(value(name).expect("each name in a template has a value"));
        rest = tail;
    }
    text.push_str(rest);
    text
}

fn optional(text: Option<&str>) -> String {
    text.map_or_else(|| "not given".to_owned(), plain)
}

fn listed<const MAX: usize>(texts: &[Text<MAX>]) -> String {
    if texts.is_empty() {
        return "none".to_owned();
    }
    // None can pass for two.
    texts.iter().map(|text| plain(text.as_str()).replace(';', ",")).collect::<Vec<_>>().join("; ")
}

/// Foreign text that can neither close the delimiters around it nor begin a line of its own.
fn plain(text: &str) -> String {
    const LINE_ENDS: [char; 5] = ['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}'];
    text.replace('<', "‹").replace('>', "›").replace(LINE_ENDS, " ")
}

#[cfg(test)]
mod tests;
