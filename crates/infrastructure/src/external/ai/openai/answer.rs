//! What a model is asked to answer, and what can be made of the answer it gives.

use adstead_domain::AdCopy;
use adstead_domain::platform::CopyField;
use adstead_domain::policy::{PolicyHint, PolicyRule};
use adstead_domain::port::CopyRequest;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Deserializer, Map, Value, json};

use crate::external::words::excerpt;

/// The shape of an answer, as a JSON schema of the kind that "structured outputs" take.
pub(super) struct Shape {
    pub(super) name: &'static str,
    pub(super) schema: Value,
}

/// The variants of a brief.
#[derive(Debug, Deserialize)]
pub(super) struct Copies {
    variants: Vec<Copy>,
}

#[derive(Debug, Deserialize)]
struct Copy {
    headlines: Vec<String>,
    descriptions: Vec<String>,
    #[serde(default)]
    call_to_action: Option<String>,
}

/// Single lines.
#[derive(Debug, Deserialize)]
pub(super) struct Lines {
    pub(super) lines: Vec<String>,
}

impl Copies {
    pub(super) fn shape(variants: usize, headlines: usize, descriptions: usize) -> Shape {
        let copy = object(&json!({
            "headlines": array(headlines, &json!({ "type": "string" })),
            "descriptions": array(descriptions, &json!({ "type": "string" })),
            "call_to_action": { "type": "string" },
        }));
        Shape { name: "ad_copies", schema: object(&json!({ "variants": array(variants, &copy) })) }
    }

    /// The copies that have a headline and a description, each with no more lines than were asked for.
    pub(super) fn into_copies(self, request: &CopyRequest) -> impl Iterator<Item = AdCopy> {
        self.variants.into_iter().filter_map(|copy| {
            let written = |lines: Vec<String>, most: usize| {
                let lines = lines.iter().map(|line| line.trim().to_owned());
                lines.filter(|line| !line.is_empty()).take(most).collect::<Vec<_>>()
            };
            let headlines = written(copy.headlines, request.headlines);
            let descriptions = written(copy.descriptions, request.descriptions);
            let call_to_action = copy.call_to_action.and_then(|text| text.parse().ok());
            let is_usable = !headlines.is_empty() && !descriptions.is_empty();
            is_usable.then_some(AdCopy { headlines, descriptions, call_to_action })
        })
    }
}

impl Lines {
    pub(super) fn shape(lines: usize) -> Shape {
        let lines = array(lines, &json!({ "type": "string" }));
        Shape { name: "ad_lines", schema: object(&json!({ "lines": lines })) }
    }
}

/// What a reviewer should look at.
#[derive(Debug, Deserialize)]
pub(super) struct Hints {
    hints: Vec<Hint>,
}

#[derive(Debug, Deserialize)]
struct Hint {
    rule: String,
    /// The number of the line, from 1.
    line: usize,
    excerpt: String,
    explanation: String,
    #[serde(default)]
    suggestion: Option<String>,
}

impl Hints {
    /// The shape of hints for so many lines.
    pub(super) fn shape(lines: usize) -> Shape {
        let rules: Vec<_> = PolicyRule::ALL.iter().map(|rule| rule.as_str()).collect();
        let hint = object(&json!({
            "rule": { "type": "string", "enum": rules },
            "line": { "type": "integer", "minimum": 1, "maximum": lines.max(1) },
            "excerpt": { "type": "string" },
            "explanation": { "type": "string" },
            "suggestion": { "type": "string" },
        }));
        Shape {
            name: "policy_hints",
            schema: object(&json!({ "hints": { "type": "array", "items": hint } })),
        }
    }

    /// The hints that point at words of the copy; a model may see what is not there.
    pub(super) fn of(self, copy: &AdCopy) -> Vec<PolicyHint> {
        let placed = |hint: Hint| {
            let index = hint.line.checked_sub(1)?;
            let (field, index, line) = match copy.headlines.get(index) {
                Some(line) => (CopyField::Headline, index, line),
                None => {
                    let index = index - copy.headlines.len();
                    (CopyField::Description, index, copy.descriptions.get(index)?)
                }
            };
            let excerpt = hint.excerpt.trim();
            let stands_there = !excerpt.is_empty() && line.to_lowercase().contains(&excerpt.to_lowercase());
            let rule: PolicyRule = hint.rule.parse().ok()?;
            let explanation = match hint.explanation.trim() {
                "" => rule.explanation(),
                explanation => explanation,
            };
            stands_there.then(|| PolicyHint {
                rule,
                field,
                index,
                excerpt: excerpt.to_owned(),
                explanation: explanation.to_owned(),
                suggestion: hint.suggestion.filter(|text| !text.trim().is_empty()),
            })
        };
        self.hints.into_iter().filter_map(placed).collect()
    }
}

fn array(length: usize, items: &Value) -> Value {
    json!({ "type": "array", "minItems": length, "maxItems": length, "items": items })
}

/// An object that has all these properties and no others, as strict schemas must say.
pub(super) fn object(properties: &Value) -> Value {
    let required: Vec<_> = properties.as_object().into_iter().flat_map(Map::keys).collect();
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

/// What is of interest in a chat completion. Compatible servers leave out or misspell much of the rest.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) model: Option<String>,
    /// Read and written, where the server tells both.
    pub(super) tokens: Option<(u64, u64)>,
    pub(super) content: String,
    pub(super) ending: Ending,
    /// That the model will not answer, where it said so: it has worked all the same.
    pub(super) refusal: Option<Refusal>,
}

/// How an answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// The model was done.
    Said,
    /// At the limit of its tokens.
    AtLimit,
    /// Nobody said that it was at its end.
    Untold,
}

impl Ending {
    /// The ending of which a server says this.
    pub(super) fn of(finish_reason: &str) -> Self {
        if finish_reason == "length" { Self::AtLimit } else { Self::Said }
    }
}

/// The model answered that it will not answer.
#[derive(Debug, thiserror::Error)]
#[error("the model declined: {0:?}")]
pub(super) struct Refusal(String);

impl Refusal {
    /// A refusal in these words.
    pub(super) fn new(words: &str) -> Self {
        Self(excerpt(words))
    }
}

impl Reply {
    pub(super) fn read(completion: &Value) -> Self {
        let text =
            |pointer| completion.pointer(pointer).and_then(Value::as_str).filter(|text| !text.is_empty());
        let tokens = |pointer| completion.pointer(pointer).and_then(Value::as_u64);
        Self {
            model: text("/model").map(ToOwned::to_owned),
            tokens: tokens("/usage/prompt_tokens").zip(tokens("/usage/completion_tokens")),
            content: text("/choices/0/message/content").unwrap_or_default().to_owned(),
            ending: text("/choices/0/finish_reason").map_or(Ending::Said, Ending::of),
            refusal: text("/choices/0/message/refusal").map(Refusal::new),
        }
    }

    /// The first JSON object of the wanted shape in what the model wrote, also where thoughts, prose or a Markdown fence
    /// stand around it.
    pub(super) fn extract<A: DeserializeOwned>(&self) -> Option<A> {
        const END_OF_THOUGHT: &str = "</think>";
        let answer = self.content.rsplit(END_OF_THOUGHT).next().unwrap_or_default();
        let object_at = |(start, _)| Deserializer::from_str(&answer[start..]).into_iter::<A>().next()?.ok();
        answer.match_indices('{').find_map(object_at)
    }

    /// Why nothing could be extracted.
    pub(super) fn fault(&self) -> String {
        let excerpt = excerpt(&self.content);
        match self.ending {
            Ending::AtLimit => format!("its answer was cut off at max_output_tokens: {excerpt:?}"),
            Ending::Said => format!("it did not answer the JSON that it was asked for, but {excerpt:?}"),
            Ending::Untold => {
                format!("its answer ended before the JSON that it was asked for did: {excerpt:?}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn extracts(content: &str, expected: Option<&[&str]>) {
        let completion = json!({ "choices": [{ "message": { "content": content } }] });
        let lines = Reply::read(&completion).extract::<Lines>().map(|answer| answer.lines);
        assert_eq!(
            lines.as_deref(),
            expected.map(|lines| lines.iter().map(ToString::to_string).collect::<Vec<_>>()).as_deref()
        );
    }

    #[test]
    fn json_is_found_wherever_a_model_puts_it() {
        extracts(r#"{"lines": ["a {b}"]}"#, Some(&["a {b}"]));
        extracts("Sure!\n```json\n{\"lines\": [\"a\"]}\n```\nAnything else?", Some(&["a"]));
        extracts(r#"With {braces}: {"note": 1} {"lines": ["a"], "tone": "warm"}"#, Some(&["a"]));
        extracts(r#"<think>{"lines": ["draft"]}</think>{"lines": ["a"]}"#, Some(&["a"]));
        extracts(r#"{"answer": {"lines": ["a"]}}"#, Some(&["a"]));
    }

    #[test]
    fn what_is_not_the_wanted_json_is_left() {
        extracts("Here are some lines: …", None);
        extracts(r#"{"lines": ["cut o"#, None);
        extracts(r#"{"lines": "a"}"#, None);
        extracts("", None);
    }

    #[test]
    fn a_sparse_reply_is_read() {
        let reply =
            Reply::read(&json!({ "choices": [{ "message": { "content": "hi" }, "finish_reason": "" }] }));
        assert_eq!((reply.model, reply.tokens), (None, None));
        assert!(Reply::read(&json!([])).content.is_empty());
    }

    #[test]
    fn a_schema_is_strict_about_counts_and_names() {
        let schema = Copies::shape(2, 3, 1).schema;
        assert_eq!(schema["additionalProperties"], false);
        assert_eq!(schema["properties"]["variants"]["minItems"], 2);
        let copy = &schema["properties"]["variants"]["items"];
        assert_eq!(copy["properties"]["headlines"]["maxItems"], 3);
        assert_eq!(copy["required"], json!(["call_to_action", "descriptions", "headlines"]));
    }
}
