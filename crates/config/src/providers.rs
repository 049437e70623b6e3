//! The tables that are named by the operator: `[ai.providers.NAME]`.

use std::collections::{BTreeMap, BTreeSet};

use crate::known::ANY_NAME;
use crate::layer::Layer;
use crate::sections::OFFLINE_PROVIDER;

const PROVIDERS: &str = "ai.providers.";

/// The name in `ai.providers.NAME.key`, and the key.
fn split(key: &str) -> Option<(&str, &str)> {
    key.strip_prefix(PROVIDERS)?.split_once('.')
}

/// Refuses a provider's name that a variable could not spell, or that means something else.
pub(crate) fn check_name(key: &str) -> Result<(), String> {
    match split(key) {
        None | Some((ANY_NAME, _)) => Ok(()),
        Some((OFFLINE_PROVIDER, _)) => {
            Err(format!("`{OFFLINE_PROVIDER}` is built in and takes no settings; choose another name"))
        }
        Some((name, _)) if is_name(name) => Ok(()),
        Some((name, _)) => Err(format!(
            "`{name}` is not a provider's name; use lower-case letters, digits and single `_`, \
             so that a variable can spell it"
        )),
    }
}

fn is_name(name: &str) -> bool {
    let is_part =
        |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    name.split('_').all(is_part)
}

/// What stands under `*` in any layer, spread over every provider that any layer names. Comes before all
/// layers, so that a provider's own value wins wherever it stands.
pub(crate) fn defaults(layers: &[Layer]) -> Layer {
    let keys = || layers.iter().flat_map(Layer::iter).filter_map(|(key, value)| Some((split(key)?, value)));
    let names: BTreeSet<&str> = keys().map(|((name, _), _)| name).filter(|name| *name != ANY_NAME).collect();
    let mut values = BTreeMap::new();
    for ((_, key), value) in keys().filter(|((name, _), _)| *name == ANY_NAME) {
        for name in &names {
            values.insert(format!("{PROVIDERS}{name}.{key}"), value.clone());
        }
    }
    Layer::of_values(values)
}
