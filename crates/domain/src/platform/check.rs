//! Holds copy against its limits.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use super::{Characters, CopyField, CopyLimits, Platform, TextField};
use crate::{Faults, Violation, Violations};

/// How far along the copy is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Completeness {
    /// Lines may still be missing.
    Draft,
    /// The copy is to be shown as it is.
    Complete,
}

/// Something that is allowed but that its author should know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// Where, as a JSON pointer (RFC 6901).
    pub pointer: String,
    /// What it is and what may come of it.
    pub message: String,
}

/// What a check of copy found.
#[derive(Debug, Default)]
pub struct CopyCheck {
    /// What the platform refuses, under `/headlines` and `/descriptions`.
    pub faults: Faults,
    /// What the platform takes but may cut off or send back.
    pub warnings: Vec<Warning>,
}

impl CopyCheck {
    /// The warnings, where nothing is at fault.
    ///
    /// # Errors
    /// All faults.
    pub fn into_result(self) -> Result<Vec<Warning>, Violations> {
        self.faults.into_result().map(|()| self.warnings)
    }
}

impl CopyLimits {
    /// Everything that is wrong, or not quite right, with an ad's copy.
    pub fn check(
        &self,
        headlines: &[impl AsRef<str>],
        descriptions: &[impl AsRef<str>],
        stage: Completeness,
    ) -> CopyCheck {
        let mut check = CopyCheck::default();
        self.check_list(CopyField::Headline, headlines, stage, &mut check);
        self.check_list(CopyField::Description, descriptions, stage, &mut check);
        check
    }

    /// The warnings of [`check`](Self::check) alone, for copy that was checked before.
    pub fn warnings(&self, headlines: &[impl AsRef<str>], descriptions: &[impl AsRef<str>]) -> Vec<Warning> {
        let headlines = self.lines_of(CopyField::Headline, headlines);
        let descriptions = self.lines_of(CopyField::Description, descriptions);
        headlines
            .flat_map(|line| line.warnings())
            .chain(descriptions.flat_map(|line| line.warnings()))
            .collect()
    }

    /// What is wrong with one line on its own, all of it in one sentence; `index` is its position, counted from 0.
    pub fn fault_in(&self, field: CopyField, index: usize, text: &str) -> Option<String> {
        let faults = self.line(field, index, text).faults();
        (!faults.is_empty()).then(|| faults.join("; "))
    }

    fn check_list(
        &self,
        field: CopyField,
        texts: &[impl AsRef<str>],
        stage: Completeness,
        check: &mut CopyCheck,
    ) {
        if let Some(fault) = self.count_fault(field, texts.len(), stage) {
            check.faults.push(field.pointer(), Violation::invalid(fault));
        }
        for line in self.lines_of(field, texts) {
            for fault in line.faults() {
                check.faults.push(&line.pointer(), Violation::invalid(fault));
            }
            check.warnings.extend(line.warnings());
        }
        if self.lines(field).distinct {
            self.check_distinct(field, texts, check);
        }
    }

    fn check_distinct(&self, field: CopyField, texts: &[impl AsRef<str>], check: &mut CopyCheck) {
        let platform = self.platform;
        let mut first_uses = HashMap::new();
        for line in self.lines_of(field, texts) {
            let first = *first_uses.entry(folded(line.text)).or_insert(line.index);
            if first != line.index && !line.is_empty() {
                let (name, first) = (line.name(), first + 1);
                let fault =
                    format!("{name} repeats {field} {first}, {platform} wants each to differ: reword it");
                check.faults.push(&line.pointer(), Violation::invalid(fault));
            }
        }
    }

    fn count_fault(&self, field: CopyField, count: usize, stage: Completeness) -> Option<String> {
        let Self { platform, format, .. } = self;
        let list = self.lines(field);
        let (least, most) = (list.min, list.most());
        if count > most {
            let who = if list.max.is_some() { platform.as_str() } else { "adstead" };
            let surplus = count - most;
            Some(format!(
                "there are too many {field}s: {count}, where {who} takes {most} ({format}): remove {surplus}"
            ))
        } else if count < least && stage == Completeness::Complete {
            let missing = least - count;
            Some(format!(
                "there are too few {field}s: {count}, where {platform} needs {least} ({format}): add {missing}"
            ))
        } else {
            None
        }
    }

    fn lines_of<'a>(&self, field: CopyField, texts: &'a [impl AsRef<str>]) -> impl Iterator<Item = Line<'a>> {
        texts.iter().enumerate().map(move |(index, text)| self.line(field, index, text.as_ref()))
    }

    fn line<'a>(&self, field: CopyField, index: usize, text: &'a str) -> Line<'a> {
        Line { platform: self.platform, field, index, rules: self.lines(field).field(index), text }
    }
}

/// One line of copy beside the rules that govern it.
struct Line<'a> {
    platform: Platform,
    field: CopyField,
    index: usize,
    rules: &'static TextField,
    text: &'a str,
}

impl Line<'_> {
    fn is_empty(&self) -> bool {
        self.text.trim().is_empty()
    }

    /// What to call it, in the API's words and in the platform's: `description 1 (primary text)`.
    fn name(&self) -> String {
        let (field, number, label) = (self.field, self.index + 1, self.rules.label);
        if label == field.as_str() {
            format!("{field} {number}")
        } else {
            format!("{field} {number} ({label})")
        }
    }

    fn pointer(&self) -> String {
        format!("{}/{}", self.field.pointer(), self.index)
    }

    fn faults(&self) -> Vec<String> {
        let name = self.name();
        if self.is_empty() {
            return vec![format!("{name} is empty: write it or leave it out")];
        }
        let platform = self.platform;
        let mut faults = Vec::new();
        if let Some(hard) = self.rules.hard {
            let (length, most, counted) = (self.length(), hard.length, self.rules.counting.describe());
            if length > most {
                let excess = length - most;
                faults.push(format!(
                    "{name} is {length} long, {platform} allows {most} ({counted}): shorten it by {excess}"
                ));
            }
        }
        if self.text.chars().any(|c| c.is_control() && !(c == '\n' && self.rules.multiline)) {
            let example = if self.rules.multiline { "NUL" } else { "a line break" };
            faults.push(format!("{name} holds a control character such as {example}: remove it"));
        }
        for unwanted in self.rules.refused {
            if let Some(found) = found(unwanted.characters, self.text) {
                faults.push(format!("{name} holds {found}, which {platform} does not allow: remove it"));
            }
        }
        faults
    }

    fn warnings(&self) -> Vec<Warning> {
        let platform = self.platform;
        let mut warnings = Vec::new();
        let mut warn = |of: String| {
            let message = format!("{} {of}", self.name());
            warnings.push(Warning { pointer: self.pointer(), message });
        };
        let fits = |length| self.rules.hard.is_none_or(|hard| length <= hard.length);
        if let Some(soft) = self.rules.soft {
            let (length, most, counted) = (self.length(), soft.length, self.rules.counting.describe());
            if length > most && fits(length) {
                warn(format!(
                    "is {length} long, {platform} recommends {most} ({counted}): the rest may be cut off"
                ));
            }
        }
        for unwanted in self.rules.discouraged {
            if let Some(found) = found(unwanted.characters, self.text) {
                let field = self.field;
                warn(format!(
                    "holds {found}, {platform} often refuses that in a {field}: better leave it out"
                ));
            }
        }
        warnings
    }

    fn length(&self) -> usize {
        self.rules.counting.length(self.text)
    }
}

/// The first unwanted character of `text`, in words.
fn found(unwanted: Characters, text: &str) -> Option<String> {
    let character = unwanted.first_in(text)?;
    Some(match unwanted {
        Characters::Emoji => format!("the emoji {character}"),
        Characters::AnyOf(_) => format!("the character {character:?}"),
    })
}

/// What makes two lines the same to a reader.
fn folded(text: &str) -> String {
    if text.is_ascii() { text.trim().to_ascii_lowercase() } else { folded_by_unicode(text) }
}

fn folded_by_unicode(text: &str) -> String {
    text.trim().nfc().flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests;
