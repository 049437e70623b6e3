use std::collections::BTreeMap;
use std::fmt;

use config::{Config, Map, Value, ValueKind};
use serde::Serialize;

use crate::known::known_keys;
use crate::layer::BUILT_IN;
use crate::values::mask_password;

/// A setting as it may be shown: secrets redacted, passwords in addresses masked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EffectiveValue {
    /// The dotted key.
    pub key: String,
    /// The value, in the form it was given.
    pub value: ShownValue,
    /// Where it came from: `built-in default`, `config/local.toml:3`, or a variable's name.
    pub origin: String,
}

/// A value of the settings. `Display` writes it as TOML.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum ShownValue {
    /// A text, a duration, a size or an address.
    Text(String),
    /// A count.
    Number(u64),
    /// On or off.
    Flag(bool),
    /// Texts in order.
    List(Vec<String>),
}

/// What the merged layers hold, by key.
pub(crate) struct Effective(BTreeMap<String, Value>);

impl Effective {
    pub(crate) fn of(merged: &Config) -> Self {
        let mut values = BTreeMap::new();
        if let ValueKind::Table(table) = &merged.cache.kind {
            collect(table, "", &mut values);
        }
        Self(values)
    }

    /// Where the value of `key` was set.
    pub(crate) fn origin(&self, key: &str) -> &str {
        self.0.get(key).and_then(Value::origin).unwrap_or(BUILT_IN)
    }

    /// The first place that sets anything in `section`.
    pub(crate) fn first_origin_in(&self, section: &str) -> Option<&str> {
        let keys =
            self.0.keys().filter(|key| key.rsplit_once('.').is_some_and(|(parent, _)| parent == section));
        keys.map(|key| self.origin(key)).find(|origin| *origin != BUILT_IN)
    }

    /// The keys whose value must be given and is not.
    pub(crate) fn unset(&self) -> impl Iterator<Item = &str> {
        let is_unset = |key: &str, value: &Value| {
            value.kind == ValueKind::String(String::new())
                && known_keys().find(key).is_some_and(|(known, _)| known.is_required())
        };
        self.0.iter().filter(move |(key, value)| is_unset(key, value)).map(|(key, _)| key.as_str())
    }

    pub(crate) fn shown(&self) -> Vec<EffectiveValue> {
        let shown = self.0.iter().map(|(key, value)| EffectiveValue {
            key: key.clone(),
            value: ShownValue::of(key, value),
            origin: self.origin(key).to_owned(),
        });
        shown.collect()
    }
}

impl ShownValue {
    fn of(key: &str, value: &Value) -> Self {
        // A key that nobody knows could be a secret too.
        let is_secret = known_keys().find(key).is_none_or(|(known, _)| known.is_secret());
        match &value.kind {
            ValueKind::String(text) if text.is_empty() => Self::Text(String::new()),
            _ if is_secret => Self::Text("***".to_owned()),
            ValueKind::U64(number) => Self::Number(*number),
            ValueKind::Boolean(flag) => Self::Flag(*flag),
            ValueKind::Array(list) => {
                Self::List(list.iter().map(|text| mask_password(&text.to_string())).collect())
            }
            _ => Self::Text(mask_password(&value.to_string())),
        }
    }
}

impl fmt::Display for ShownValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "{text:?}"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Flag(flag) => write!(f, "{flag}"),
            Self::List(list) => write!(f, "{list:?}"),
        }
    }
}

fn collect(table: &Map<String, Value>, prefix: &str, values: &mut BTreeMap<String, Value>) {
    for (name, value) in table {
        let key = format!("{prefix}{name}");
        match &value.kind {
            ValueKind::Table(inner) => collect(inner, &format!("{key}."), values),
            _ => {
                values.insert(key, value.clone());
            }
        }
    }
}
