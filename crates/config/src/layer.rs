use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::fs;
use std::path::Path;

use config::{ConfigError, Map, Source, Value, ValueKind};
use toml_edit::{Document, Item};

use crate::document;
use crate::fault::Fault;
use crate::known::{ANY_NAME, Form, Shape, VARIABLE_PREFIX, known_keys, variable_name};
use crate::named;

/// The origin of what nobody set.
pub(crate) const BUILT_IN: &str = "built-in default";

/// The settings of one place: known keys with values of the right type, each with its origin.
#[derive(Clone)]
pub(crate) struct Layer {
    notation: Notation,
    values: BTreeMap<String, Value>,
}

/// How a place writes keys.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Notation {
    Dotted,
    Variable,
}

impl Layer {
    /// The defaults compiled into the binary.
    pub(crate) fn built_in() -> Self {
        let origin = BUILT_IN.to_owned();
        let value = |kind| Value::new(Some(&origin), kind);
        let values =
            known_keys().keys().map(|known| (known.path.clone(), value(known.default_kind()))).collect();
        Self { notation: Notation::Dotted, values }
    }

    /// What a file sets; nothing where it does not exist.
    pub(crate) fn from_file(path: &Path, faults: &mut Vec<Fault>) -> Self {
        let mut layer = Self::empty(Notation::Dotted);
        let shown = path.display();
        match fs::read_to_string(path) {
            Ok(text) => layer.put_document(&shown.to_string(), &text, faults),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => faults.push(Fault::of_source(
                shown.to_string(),
                format!("the file cannot be read: {error}; make it readable or take it away"),
            )),
        }
        layer
    }

    /// What the variables `ADSTEAD__…` set.
    pub(crate) fn from_variables(variables: &BTreeMap<String, OsString>, faults: &mut Vec<Fault>) -> Self {
        let mut layer = Self::empty(Notation::Variable);
        for (variable, text) in variables {
            let Some(path) = variable.strip_prefix(VARIABLE_PREFIX) else { continue };
            let key = path.to_lowercase().replace("__", ".");
            layer.put(&key, variable, faults, |shape| {
                let text = text.to_str().ok_or("the value is not UTF-8")?;
                shape.read_variable(text)
            });
        }
        layer
    }

    fn empty(notation: Notation) -> Self {
        Self { notation, values: BTreeMap::new() }
    }

    /// The keys that are set, and their values.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.values.iter().map(|(key, value)| (key.as_str(), value))
    }

    /// A layer of values that another layer already took in.
    pub(crate) fn of_values(values: BTreeMap<String, Value>) -> Self {
        Self { notation: Notation::Dotted, values }
    }

    fn put_document(&mut self, path: &str, text: &str, faults: &mut Vec<Fault>) {
        let document = match Document::parse(text) {
            Ok(document) => document,
            Err(error) => {
                let (line, column, found) = document::describe(text, &error);
                return faults.push(Fault::of_source(
                    format!("{path}:{line}:{column}"),
                    format!("this is not TOML: {found}; mend this line, since nothing of the file was read"),
                ));
            }
        };
        for leaf in document::leaves(document.as_table()) {
            let offset = leaf.name.span().map_or(0, |span| span.start);
            let origin = format!("{path}:{}", document::line(text, offset));
            if leaf.item.is_table_like() && known_keys().is_section(&leaf.key) {
                continue;
            }
            self.put(&leaf.key, &origin, faults, |shape| match leaf.item {
                Item::Value(value) => shape.read(value),
                _ => Err("expected a value, found a table".to_owned()),
            });
        }
    }

    /// Takes in one value, or notes why not.
    fn put(
        &mut self,
        key: &str,
        origin: &str,
        faults: &mut Vec<Fault>,
        read: impl FnOnce(Shape) -> Result<ValueKind, String>,
    ) {
        let mut fault = |message: String| faults.push(Fault::of_key(origin, key, message));
        let Some((known, form)) = known_keys().find(key) else {
            return fault(self.unknown(key));
        };
        if let Err(message) = named::check_name(key) {
            return fault(message);
        }
        let value = read(known.shape).and_then(|value| match form {
            Form::Value => Ok(Value::new(Some(&origin.to_owned()), value)),
            Form::SecretFile => read_secret(value, origin),
        });
        let value = match value {
            Ok(value) => value,
            Err(message) => return fault(message),
        };
        let (section, _) = key.rsplit_once('.').unwrap_or_default();
        let target = format!("{section}.{}", known.name());
        if self.values.insert(target, value).is_some() {
            fault(format!("the same is set twice here, as `{0}` and as `{0}_file`; keep one", known.name()));
        }
    }

    fn unknown(&self, key: &str) -> String {
        if known_keys().is_section(key) {
            return "this is a section, not a key; set the keys in it".to_owned();
        }
        match known_keys().nearest(key) {
            Some(nearest) => format!("unknown key; did you mean `{}`?", self.notation.spell(&nearest)),
            None => "unknown key; `adstead config show` lists the keys there are".to_owned(),
        }
    }
}

impl Notation {
    fn spell(self, key: &str) -> String {
        match self {
            Self::Dotted => key.to_owned(),
            Self::Variable => variable_name(key),
        }
    }
}

/// What stands under `*` is not a setting itself: [`named::defaults`] spreads it over the tables of its kind.
impl Source for Layer {
    fn clone_into_box(&self) -> Box<dyn Source + Send + Sync> {
        Box::new(self.clone())
    }

    fn collect(&self) -> Result<Map<String, Value>, ConfigError> {
        let settings = self.values.iter().filter(|(key, _)| !key.contains(ANY_NAME));
        Ok(settings.map(|(key, value)| (key.clone(), value.clone())).collect())
    }
}

/// Keys only: a value may be a secret.
impl fmt::Debug for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.values.keys()).finish()
    }
}

/// The secret in the file that `path` names; the empty path stands for no secret.
fn read_secret(path: ValueKind, origin: &str) -> Result<Value, String> {
    let ValueKind::String(path) = path else { return Err("expected the path of a file".to_owned()) };
    if path.is_empty() {
        return Ok(Value::new(Some(&origin.to_owned()), ""));
    }
    let text = fs::read_to_string(&path).map_err(|error| {
        format!("the secret file `{path}` cannot be read: {error}; create it or name another")
    })?;
    let secret = text.trim_end_matches(['\r', '\n']);
    if secret.is_empty() {
        return Err(format!("the secret file `{path}` is empty; write the secret into it"));
    }
    Ok(Value::new(Some(&format!("{origin}, read from {path}")), secret))
}
