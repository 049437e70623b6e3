use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use adstead_domain::port::{News, PortError, PortErrorKind};
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value};

use super::config::NotificationConfigError;
use super::words::Told;

pub(super) const SUBJECT: &str = "mail.subject";
pub(super) const TEXT: &str = "mail.txt";
pub(super) const HTML: &str = "mail.html";
pub(super) const CHAT: &str = "chat.txt";

const BUILT_IN: [(&str, &str); 4] = [
    (SUBJECT, include_str!("../../../templates/mail.subject")),
    (TEXT, include_str!("../../../templates/mail.txt")),
    (HTML, include_str!("../../../templates/mail.html")),
    (CHAT, include_str!("../../../templates/chat.txt")),
];

/// The words around news, in Jinja's language.
pub(super) struct Templates(Environment<'static>);

impl Templates {
    /// The built-in ones, but for those that `folder` has. Each is filled in once, so that a fault shows now.
    pub(super) fn open(folder: Option<&Path>) -> Result<Self, NotificationConfigError> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_auto_escape_callback(|name| match name {
            HTML => AutoEscape::Html,
            _ => AutoEscape::None,
        });
        for (name, built_in) in BUILT_IN {
            let source = folder.map(|folder| read(&folder.join(name))).transpose()?.flatten();
            let source = source.unwrap_or_else(|| built_in.to_owned());
            let added = environment.add_template_owned(name, source);
            added.map_err(|error| fault(name, &error))?;
        }
        let templates = Self(environment);
        for (name, _) in BUILT_IN {
            for count in [1, 2] {
                templates.fill(name, &samples(count)).map_err(|error| fault(name, &error))?;
            }
        }
        Ok(templates)
    }

    /// What `name` makes of news.
    pub(super) fn render(&self, name: &'static str, news: &News<'_>) -> Result<String, PortError> {
        let told: Vec<_> = news.events.iter().map(|event| Told::of(event, news.time_zone)).collect();
        let escape: fn(&str) -> String = if name == CHAT { escaped_for_chat } else { str::to_owned };
        self.fill(name, &context(&told, &news.subscription.to_string(), escape)).map_err(|error| {
            let detail = format!("the template {name}: {}", detail(&error));
            PortError::new(PortErrorKind::Unexpected, "notifier.notify").with_source(detail)
        })
    }

    fn fill(&self, name: &str, context: &Value) -> Result<String, minijinja::Error> {
        self.0.get_template(name)?.render(context)
    }
}

/// The template in a folder, where it has one.
fn read(path: &Path) -> Result<Option<String>, NotificationConfigError> {
    match fs::read_to_string(path) {
        Ok(source) => Ok(Some(source)),
        Err(error)
            if error.kind() == std::io::ErrorKind::NotFound && path.parent().is_some_and(Path::is_dir) =>
        {
            Ok(None)
        }
        Err(cause) => Err(NotificationConfigError::File { path: path.to_owned(), cause }),
    }
}

fn context(told: &[Told], subscription: &str, escape: fn(&str) -> String) -> Value {
    let event = |told: &Told| {
        let Told { name, title, text, at, critical } = told;
        Value::from(BTreeMap::from([
            ("name", Value::from(name.as_str())),
            ("title", Value::from(escape(title))),
            ("text", Value::from(escape(text))),
            ("at", Value::from(at.as_str())),
            ("critical", Value::from(*critical)),
        ]))
    };
    Value::from(BTreeMap::from([
        ("count", Value::from(told.len())),
        ("events", told.iter().map(event).collect()),
        ("subscription", Value::from(subscription)),
    ]))
}

/// News as templates may expect them, to see whether they do.
fn samples(count: usize) -> Value {
    let sample = |critical| Told {
        name: "ad.approved".to_owned(),
        title: "Ad approved: Spring".to_owned(),
        text: "The google ad “Spring” was approved.".to_owned(),
        at: "2026-03-01 09:30 Europe/Berlin".to_owned(),
        critical,
    };
    let told: Vec<_> = (0..count).map(|number| sample(number == 0)).collect();
    context(&told, "01900000-0000-7000-8000-000000000000", str::to_owned)
}

/// Foreign text that makes no link and calls nobody (<https://docs.slack.dev/messaging/formatting-message-text#escaping>).
fn escaped_for_chat(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn fault(name: &str, error: &minijinja::Error) -> NotificationConfigError {
    NotificationConfigError::Template { name: name.to_owned(), detail: detail(error) }
}

/// What is wrong, and where.
fn detail(error: &minijinja::Error) -> String {
    let place = error.line().map(|line| format!(" in line {line}")).unwrap_or_default();
    let known = match error.kind() {
        minijinja::ErrorKind::UndefinedError => {
            "; there are count, subscription, and events with name, title, text, at and critical"
        }
        _ => "",
    };
    format!("{error}{place}{known}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(name: &str, source: &str) -> String {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(name), source).unwrap();
        Templates::open(Some(folder.path())).err().expect("it is refused").to_string()
    }

    #[test]
    fn the_built_in_templates_and_those_of_a_folder_can_be_filled_in() {
        assert!(Templates::open(None).is_ok());
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(SUBJECT), "{{ count }} news").unwrap();
        let templates = Templates::open(Some(folder.path())).unwrap();
        assert_eq!(templates.fill(SUBJECT, &samples(2)).unwrap(), "2 news");
        assert!(templates.fill(HTML, &samples(1)).unwrap().contains("Ad approved"));
    }

    #[test]
    fn a_template_with_a_fault_is_refused_with_its_place() {
        let unknown = refusal(TEXT, "Hello\n{{ events[0].tittle }}");
        assert!(unknown.contains("mail.txt") && unknown.contains("line 2"), "{unknown}");
        assert!(unknown.contains("events with name, title, text, at and critical"), "{unknown}");
        assert!(refusal(CHAT, "{% for event in events %}").contains("chat.txt"));
        let missing = Templates::open(Some(Path::new("/nowhere/at/all"))).err().unwrap().to_string();
        assert!(missing.contains("/nowhere/at/all"), "{missing}");
    }
}
