//! The keys that exist, learnt from `config/default.toml`: the one place that holds their names, defaults
//! and meaning.

use std::sync::LazyLock;

use config::ValueKind;
use toml_edit::{DocumentMut, Item, Table, Value};

use crate::nearest::nearest;

/// The text of `config/default.toml`, compiled in.
pub(crate) const DEFAULTS: &str = include_str!("../../../config/default.toml");

/// Before the variable of a key.
pub(crate) const VARIABLE_PREFIX: &str = "ADSTEAD__";

/// Stands for any name in a key, and in a file for every name that does not say otherwise.
pub(crate) const ANY_NAME: &str = "*";

/// After the key of what may be a secret, for the file that holds it.
pub(crate) const FILE_SUFFIX: &str = "_file";

static KNOWN_KEYS: LazyLock<KnownKeys> = LazyLock::new(|| KnownKeys::read(DEFAULTS));

/// The keys of `config/default.toml`.
pub(crate) fn known_keys() -> &'static KnownKeys {
    &KNOWN_KEYS
}

/// The sections of the settings in the order of `default.toml`.
pub(crate) struct KnownKeys {
    pub(crate) sections: Vec<KnownSection>,
}

/// A table of `default.toml`.
pub(crate) struct KnownSection {
    pub(crate) path: String,
    pub(crate) meaning: String,
    pub(crate) keys: Vec<KnownKey>,
}

/// A key of `default.toml`.
pub(crate) struct KnownKey {
    /// The dotted key; a star stands for any name.
    pub(crate) path: String,
    pub(crate) shape: Shape,
    pub(crate) default: Value,
    pub(crate) meaning: String,
}

/// Which of its forms a key was written in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Value,
    /// `…_file`: the path of a file that holds the secret.
    SecretFile,
}

/// Who may see a value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Secrecy {
    /// Everybody.
    Open,
    /// Everybody, but for the password that may stand in it.
    Address,
    /// Nobody.
    Secret,
}

/// What a key takes, as its default shows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Text,
    Number,
    /// A number that may be [`UNKNOWN`].
    NumberIfKnown,
    Flag,
    List,
}

/// What stands for a number that nobody knows.
pub(crate) const UNKNOWN: &str = "unknown";

impl KnownKeys {
    fn read(text: &str) -> Self {
        let document: DocumentMut = text.parse().expect("default.toml is TOML, which a test checks");
        let mut sections = Vec::new();
        read_sections(document.as_table(), "", &mut sections);
        Self { sections }
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &KnownKey> {
        self.sections.iter().flat_map(|section| &section.keys)
    }

    /// The known key that `key` is, and in which form it is written.
    pub(crate) fn find(&self, key: &str) -> Option<(&KnownKey, Form)> {
        let find = |key: &str| self.keys().find(|known| fits(&known.path, key));
        find(key).map(|known| (known, Form::Value)).or_else(|| {
            let secret = find(key.strip_suffix(FILE_SUFFIX)?)?;
            secret.takes_file().then_some((secret, Form::SecretFile))
        })
    }

    /// Whether `key` is a table that known keys stand in.
    pub(crate) fn is_section(&self, key: &str) -> bool {
        let depth = key.split('.').count();
        self.keys().any(|known| {
            known.path.match_indices('.').nth(depth - 1).is_some_and(|(end, _)| fits(&known.path[..end], key))
        })
    }

    /// The known key that somebody probably meant by `key`.
    pub(crate) fn nearest(&self, key: &str) -> Option<String> {
        // Below a key there is nothing.
        if let Some((above, _)) = key.rsplit_once('.').filter(|(above, _)| self.find(above).is_some()) {
            return Some(above.to_owned());
        }
        let name = key.split('.').nth(2).filter(|_| key.split('.').count() > 3).unwrap_or("NAME");
        let forms = self.keys().flat_map(|known| {
            let path = known.path.replace(ANY_NAME, name);
            let file = known.takes_file().then(|| format!("{path}{FILE_SUFFIX}"));
            [Some(path), file].into_iter().flatten()
        });
        let candidates: Vec<String> = forms.collect();
        let candidates: Vec<&str> = candidates.iter().map(String::as_str).collect();
        nearest(key, &candidates).map(str::to_owned)
    }
}

impl KnownKey {
    fn secrecy(&self) -> Secrecy {
        match self.name() {
            "api_key" | "secret_access_key" | "keys" | "key" | "password" => Secrecy::Secret,
            "url" | "base_url" | "endpoint" => Secrecy::Address,
            _ => Secrecy::Open,
        }
    }

    /// Whether the value is never shown.
    pub(crate) fn is_secret(&self) -> bool {
        self.secrecy() == Secrecy::Secret
    }

    /// Whether the value may stand in a file of its own, since it is or holds a secret.
    pub(crate) fn takes_file(&self) -> bool {
        self.secrecy() != Secrecy::Open
    }

    /// Whether there is no default, so that a value must be given.
    pub(crate) fn is_required(&self) -> bool {
        !self.is_secret() && self.default.as_str() == Some("")
    }

    /// The last part of the key.
    pub(crate) fn name(&self) -> &str {
        self.path.rsplit('.').next().unwrap_or_default()
    }

    /// A value that stands in for a faulty one, so that reading goes on to the next fault.
    pub(crate) fn stand_in(&self) -> ValueKind {
        if self.is_required() { "http://unset.invalid".into() } else { self.default_kind() }
    }

    pub(crate) fn default_kind(&self) -> ValueKind {
        self.shape.read(&self.default).expect("the shape was learnt from this value")
    }
}

impl Shape {
    fn of(value: &Value) -> Option<Self> {
        match value {
            Value::String(text) if text.value() == UNKNOWN => Some(Self::NumberIfKnown),
            Value::String(_) => Some(Self::Text),
            Value::Integer(_) => Some(Self::Number),
            Value::Boolean(_) => Some(Self::Flag),
            Value::Array(_) => Some(Self::List),
            Value::Float(_) | Value::Datetime(_) | Value::InlineTable(_) => None,
        }
    }

    fn expected(self) -> &'static str {
        match self {
            Self::Text => "a text in quotes",
            Self::Number => "a whole number, 0 or more",
            Self::NumberIfKnown => "a whole number, 0 or more, or \"unknown\"",
            Self::Flag => "true or false",
            Self::List => "a list of texts such as [\"one\", \"two\"]",
        }
    }

    /// Takes a value out of a TOML text. The error says what was expected.
    pub(crate) fn read(self, value: &Value) -> Result<ValueKind, String> {
        let read = match (self, value) {
            (Self::Text, Value::String(text)) => Some(text.value().as_str().into()),
            (Self::NumberIfKnown, Value::String(text)) if text.value() == UNKNOWN => Some(UNKNOWN.into()),
            (Self::Number | Self::NumberIfKnown, Value::Integer(number)) => {
                u64::try_from(*number.value()).ok().map(ValueKind::from)
            }
            (Self::Flag, Value::Boolean(flag)) => Some((*flag.value()).into()),
            (Self::List, Value::Array(list)) => {
                let texts: Option<Vec<&str>> = list.iter().map(Value::as_str).collect();
                texts.map(ValueKind::from)
            }
            _ => None,
        };
        read.ok_or_else(|| match value {
            Value::Integer(number) => format!("expected {}, found {}", self.expected(), number.value()),
            _ => format!("expected {}, found {}", self.expected(), named(value.type_name())),
        })
    }

    /// Takes a value out of a variable. The error says what was expected.
    pub(crate) fn read_variable(self, text: &str) -> Result<ValueKind, String> {
        let read = match self {
            Self::Text => Some(text.into()),
            Self::NumberIfKnown if text == UNKNOWN => Some(UNKNOWN.into()),
            Self::Number | Self::NumberIfKnown => text.parse::<u64>().ok().map(ValueKind::from),
            Self::Flag => text.parse::<bool>().ok().map(ValueKind::from),
            Self::List => {
                let texts = text.split(',').map(str::trim).filter(|text| !text.is_empty());
                Some(texts.collect::<Vec<_>>().into())
            }
        };
        read.ok_or_else(|| format!("expected {}, found `{text}`", self.expected()))
    }
}

/// The variable that sets `key`.
pub(crate) fn variable_name(key: &str) -> String {
    format!("{VARIABLE_PREFIX}{}", key.to_uppercase().replace('.', "__"))
}

fn fits(path: &str, key: &str) -> bool {
    let (mut path, mut key) = (path.split('.'), key.split('.'));
    loop {
        match (path.next(), key.next()) {
            (None, None) => return true,
            (Some(known), Some(part)) if known == ANY_NAME || known == part => {}
            _ => return false,
        }
    }
}

fn named(type_name: &str) -> String {
    match type_name {
        "string" => "a text".to_owned(),
        "boolean" => "true or false".to_owned(),
        "array" => "a list".to_owned(),
        "inline table" => "a table".to_owned(),
        other => format!("a {other}"),
    }
}

fn read_sections(table: &Table, prefix: &str, sections: &mut Vec<KnownSection>) {
    for (name, item) in table {
        let Item::Table(inner) = item else { continue };
        let path = format!("{prefix}{name}");
        let keys = inner.iter().filter_map(|(name, item)| {
            let default = item.as_value()?.clone();
            let comment = inner.key(name)?.leaf_decor().prefix().and_then(|prefix| prefix.as_str());
            Some(KnownKey {
                path: format!("{path}.{name}"),
                shape: Shape::of(&default).expect("default.toml holds texts, numbers, flags and lists"),
                default,
                meaning: last_comment(comment.unwrap_or_default()),
            })
        });
        let keys: Vec<_> = keys.collect();
        if !keys.is_empty() {
            let comment = inner.decor().prefix().and_then(|prefix| prefix.as_str());
            sections.push(KnownSection {
                path: path.clone(),
                meaning: last_comment(comment.unwrap_or_default()),
                keys,
            });
        }
        read_sections(inner, &format!("{path}."), sections);
    }
}

/// The paragraph of comments right above a key, on one line.
fn last_comment(decor: &str) -> String {
    let paragraph = decor.trim_end().rsplit("\n\n").next().unwrap_or_default();
    let lines: Vec<&str> = paragraph.lines().map(|line| line.trim_start_matches('#').trim()).collect();
    lines.join(" ").trim().to_owned()
}
