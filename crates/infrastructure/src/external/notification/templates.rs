use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use adstead_domain::OccurrenceName;
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
            for sample in samples() {
                templates.fill(name, &sample).map_err(|error| fault(name, &error))?;
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

/// News as templates may expect them, to see whether they do: of each name alone and with others, critical and not.
fn samples() -> impl Iterator<Item = Value> {
    let sample = |name: OccurrenceName, critical| Told {
        name: name.to_string(),
        title: "Ad approved: Spring".to_owned(),
        text: "The google ad “Spring” was approved.".to_owned(),
        at: "2026-03-01 09:30 Europe/Berlin".to_owned(),
        critical,
    };
    OccurrenceName::all().into_iter().flat_map(move |name| {
        let told = [sample(name, true), sample(name, false)];
        let context = |told: &[Told]| context(told, "01900000-0000-7000-8000-000000000000", str::to_owned);
        [context(&told[..1]), context(&told[1..]), context(&told)]
    })
}

/// The longest text of one event that a chat is told, in characters: Discord takes 2,000 in a message, of which name, title and
/// time need some (<https://discord.com/developers/docs/resources/webhook#execute-webhook>).
const LONGEST_FOR_CHAT: usize = 1_500;

/// Foreign text that makes no link and calls nobody: neither as Slack calls
/// (<https://docs.slack.dev/messaging/formatting-message-text#escaping>) nor by a plain `@everyone`, as others do.
fn escaped_for_chat(text: &str) -> String {
    let is_cut = text.chars().nth(LONGEST_FOR_CHAT).is_some();
    let text: String = text.chars().take(LONGEST_FOR_CHAT).collect();
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('@', "@\u{200b}");
    if is_cut { text + "…" } else { text }
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
        let subjects: Vec<_> = samples().take(3).map(|it| templates.fill(SUBJECT, &it).unwrap()).collect();
        assert_eq!(subjects, ["1 news", "1 news", "2 news"]);
        assert!(templates.fill(HTML, &samples().next().unwrap()).unwrap().contains("Ad approved"));
    }

    #[test]
    fn a_template_with_a_fault_is_refused_with_its_place() {
        let unknown = refusal(TEXT, "Hello\n{{ events[0].tittle }}");
        assert!(unknown.contains("mail.txt") && unknown.contains("line 2"), "{unknown}");
        assert!(unknown.contains("events with name, title, text, at and critical"), "{unknown}");
        let hidden = "{% if events[0].name == 'ad.rejected' %}{{ events[0].notes }}{% endif %}";
        assert!(refusal(TEXT, hidden).contains("undefined value"), "a fault may show for one event alone");
        assert!(refusal(CHAT, "{% for event in events %}").contains("chat.txt"));
        let missing = Templates::open(Some(Path::new("/nowhere/at/all"))).err().unwrap().to_string();
        assert!(missing.contains("/nowhere/at/all"), "{missing}");
    }
}
