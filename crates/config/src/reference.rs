use std::fmt::Write;

use toml_edit::Value;

use crate::known::{ANY_NAME, FILE_SUFFIX, KnownKey, KnownSection, known_keys, variable_name};

const INTRODUCTION: &str = "\
# Configuration

<!-- Generated from config/default.toml by `cargo xtask`; change the comments there. -->

Adstead runs with no settings at all. Each of these layers overrides the ones before it, key by key:

1. the defaults below, compiled into the binary;
2. `config/default.toml`;
3. the environment's file: `config/development.toml`, or the one that `ADSTEAD_ENV` names, such as
   `ADSTEAD_ENV=production` for `config/production.toml`;
4. `config/local.toml`, for one machine, never committed;
5. variables: `ADSTEAD__SECTION__KEY`, lists being comma separated.

What is a secret, or an address that may hold a password, may also stand in a file of its own, such as those that Docker
and Kubernetes mount: `KEY_file` in place of `KEY`, or the variable `…_FILE`, names it. In each layer one of the two is given.

`adstead config show` prints every effective value with its origin, secrets redacted;
`adstead config check` reports every fault at once. Durations are texts such as `250ms`, `30s`, `5m`, `24h`, `90d`;
sizes are texts such as `512KiB`, `20MiB`, `1GiB`.
";

/// The reference of every key, its default, its variable and its meaning, as Markdown; always the same text.
pub fn reference_markdown() -> String {
    let mut text = INTRODUCTION.to_owned();
    for section in &known_keys().sections {
        write_section(&mut text, section).expect("writing to a String cannot fail");
    }
    text
}

fn write_section(text: &mut String, section: &KnownSection) -> std::fmt::Result {
    writeln!(text, "\n## `[{}]`\n\n{}\n", section.path.replace(ANY_NAME, "NAME"), section.meaning)?;
    writeln!(text, "| key | default | meaning | variable |\n|---|---|---|---|")?;
    for key in &section.keys {
        let variable = variables(key).replace(ANY_NAME, "NAME");
        let meaning = key.meaning.replace('|', "\\|");
        writeln!(text, "| `{}` | {} | {meaning} | {variable} |", key.name(), shown_default(key))?;
    }
    Ok(())
}

/// The variables that set a key.
fn variables(key: &KnownKey) -> String {
    let value = variable_name(&key.path);
    if key.takes_file() {
        format!("`{value}`, `{value}{}`", FILE_SUFFIX.to_uppercase())
    } else {
        format!("`{value}`")
    }
}

fn shown_default(key: &KnownKey) -> String {
    match &key.default {
        _ if key.is_required() => "none, required".to_owned(),
        _ if key.is_secret() => "none".to_owned(),
        Value::Array(list) => {
            let texts: Vec<String> =
                list.iter().filter_map(Value::as_str).map(|text| format!("`{text}`")).collect();
            texts.join(", ")
        }
        Value::String(text) => format!("`{}`", text.value()),
        value => format!("`{}`", value.to_string().trim()),
    }
}
