//! The tables that are named by the operator, such as `[ai.providers.NAME]`.

use std::collections::{BTreeMap, BTreeSet};

use crate::known::ANY_NAME;
use crate::layer::Layer;
use crate::sections::OFFLINE_PROVIDER;

/// A kind of table that is named by the operator.
struct NamedTable {
    /// What stands before the name.
    prefix: &'static str,
    /// What the name is called in errors.
    what: &'static str,
    /// Names that mean something else.
    reserved: &'static [&'static str],
    /// The longest name.
    longest: usize,
}

const TABLES: [NamedTable; 2] = [
    NamedTable {
        prefix: "ai.providers.",
        what: "a provider's name",
        // Providers, the mail server and all webhooks together are services of one register.
        reserved: &[OFFLINE_PROVIDER, "smtp", "webhooks"],
        longest: 64,
    },
    // The outbox knows a sink as `analytics-NAME`, in 32 characters at most.
    NamedTable { prefix: "analytics.sinks.", what: "a sink's name", reserved: &[], longest: 22 },
];

/// The table that `key` stands in, the table's name, and what stands after that.
fn split(key: &str) -> Option<(&'static NamedTable, &str, &str)> {
    TABLES.iter().find_map(|table| {
        let (name, rest) = key.strip_prefix(table.prefix)?.split_once('.')?;
        Some((table, name, rest))
    })
}

/// Refuses a table's name that a variable could not spell, or that means something else.
pub(crate) fn check_name(key: &str) -> Result<(), String> {
    match split(key) {
        None | Some((_, ANY_NAME, _)) => Ok(()),
        Some((table, name, _)) if table.reserved.contains(&name) => {
            Err(format!("`{name}` is built in and takes no settings; choose another name"))
        }
        Some((table, name, _)) if name.len() > table.longest => Err(format!(
            "`{name}` is {} characters long and {} may have {}; shorten it",
            name.len(),
            table.what,
            table.longest
        )),
        Some((_, name, _)) if is_name(name) => Ok(()),
        Some((table, name, _)) => Err(format!(
            "`{name}` is not {}; use lower-case letters, digits and single `_`, so that a variable can spell it",
            table.what
        )),
    }
}

fn is_name(name: &str) -> bool {
    let is_part =
        |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    name.split('_').all(is_part)
}

/// What stands under `*` in any layer, spread over every table of its kind that any layer names. Comes before all layers, so
/// that a table's own value wins wherever it stands.
pub(crate) fn defaults(layers: &[Layer]) -> Layer {
    let keys = || layers.iter().flat_map(Layer::iter).filter_map(|(key, value)| Some((split(key)?, value)));
    let named = keys().filter(|((_, name, _), _)| *name != ANY_NAME);
    let names: BTreeSet<(&str, &str)> = named.map(|((table, name, _), _)| (table.prefix, name)).collect();
    let mut values = BTreeMap::new();
    for ((table, _, key), value) in keys().filter(|((_, name, _), _)| *name == ANY_NAME) {
        for (prefix, name) in names.iter().filter(|(prefix, _)| *prefix == table.prefix) {
            values.insert(format!("{prefix}{name}.{key}"), value.clone());
        }
    }
    Layer::of_values(values)
}
