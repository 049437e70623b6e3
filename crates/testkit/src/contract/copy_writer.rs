//! The contract of [`CopyWriter`].

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use adstead_domain::platform::CopyField;
use adstead_domain::port::{
    CopyRequest, CopyWriter, FailedLine, Listener, ModelCall, PortError, PortErrorKind, Progress,
    RewriteRequest, UnknownProvider, Usage,
};
use adstead_domain::{AdCopy, Brief, Platform};

use super::Case;
use crate::build::{self, parsed};
use crate::cases;

/// What every [`CopyWriter`] must do.
pub const CASES: &[Case<dyn CopyWriter>] = cases![
    each_variant_of_a_brief_is_written,
    every_platform_and_type_is_written_for,
    each_failed_line_is_written_again,
    the_provider_and_model_that_wrote_are_named,
    a_provider_is_known_by_each_of_its_names,
    an_unknown_provider_is_refused,
    an_answer_comes_within_the_deadline,
    a_listener_hears_who_writes_and_what,
];

fn failed_lines(count: usize) -> Vec<FailedLine> {
    let line = |number: usize| FailedLine {
        variant: number / 3,
        field: if number % 3 == 2 { CopyField::Description } else { CopyField::Headline },
        index: number % 3,
        text: if number == 1 {
            String::new()
        } else {
            "A line that is much too long for its place".to_owned()
        },
        fault: "it is 42 long, google allows 30: shorten it by 12".to_owned(),
    };
    (0..count).map(line).collect()
}

async fn write(writer: &dyn CopyWriter, request: &CopyRequest) -> (Vec<AdCopy>, Usage) {
    let written = writer.write(request).await.expect("copy can be written");
    (written.content, written.usage)
}

async fn rewrite(writer: &dyn CopyWriter, request: &RewriteRequest) -> (Vec<String>, Usage) {
    let written = writer.rewrite(request).await.expect("lines can be written again");
    (written.content, written.usage)
}

async fn assert_writes(writer: &dyn CopyWriter, brief: &Brief) {
    let (copies, _) = write(writer, &build::copy_request(brief)).await;
    assert_eq!(copies.len(), usize::from(brief.variants), "for {}, {}", brief.platform, brief.ad_type);
    for AdCopy { headlines, descriptions, call_to_action: _ } in copies {
        assert!(!headlines.is_empty(), "a copy has a headline");
        assert!(!descriptions.is_empty(), "a copy has a description");
    }
}

async fn each_variant_of_a_brief_is_written(writer: &dyn CopyWriter) {
    for variants in [1, 2, 7, Brief::MAX_VARIANTS] {
        assert_writes(writer, &Brief { variants, ..build::brief() }).await;
    }
}

async fn every_platform_and_type_is_written_for(writer: &dyn CopyWriter) {
    for &platform in Platform::ALL {
        for ad_type in platform.ad_types() {
            let language = parsed(if platform == Platform::Google { "en" } else { "es-MX" });
            assert_writes(writer, &Brief { platform, ad_type, language, ..build::brief() }).await;
        }
    }
}

async fn each_failed_line_is_written_again(writer: &dyn CopyWriter) {
    for count in [1, 2, 6] {
        let (lines, _) = rewrite(writer, &build::rewrite_request(&build::brief(), failed_lines(count))).await;
        assert_eq!(lines.len(), count);
    }
}

async fn the_provider_and_model_that_wrote_are_named(writer: &dyn CopyWriter) {
    let (_, writing) = write(writer, &build::copy_request(&build::brief())).await;
    let (_, rewriting) = rewrite(writer, &build::rewrite_request(&build::brief(), failed_lines(1))).await;
    for Usage { provider, model, cost_micros, .. } in [writing, rewriting] {
        assert!(known(writer).await.contains(&provider), "{provider:?} is not among the providers");
        assert!(!model.is_empty(), "a model has a name");
        assert!(cost_micros.is_none_or(|cost| cost >= 0), "nobody is paid for asking");
    }
}

async fn a_provider_is_known_by_each_of_its_names(writer: &dyn CopyWriter) {
    let providers = known(writer).await;
    assert!(!providers.is_empty(), "there is a provider to choose");
    assert_eq!(providers.iter().collect::<BTreeSet<_>>().len(), providers.len(), "{providers:?}");
    for name in providers {
        let call = ModelCall { provider: Some(name.clone()), ..build::model_call() };
        let request = CopyRequest { call: call.clone(), ..build::copy_request(&build::brief()) };
        assert_eq!(write(writer, &request).await.1.provider, name);
        let again = RewriteRequest { call, ..build::rewrite_request(&build::brief(), failed_lines(1)) };
        assert_eq!(rewrite(writer, &again).await.1.provider, name);
    }
}

/// The names by which providers are known, as they are told to whoever names another.
async fn known(writer: &dyn CopyWriter) -> Vec<String> {
    let request = CopyRequest { call: strange_call(), ..build::copy_request(&build::brief()) };
    assert_unknown(writer.write(&request).await)
}

fn strange_call() -> ModelCall {
    ModelCall { provider: Some("no such provider".to_owned()), ..build::model_call() }
}

async fn an_unknown_provider_is_refused(writer: &dyn CopyWriter) {
    let (call, providers) = (strange_call(), known(writer).await);
    let again = RewriteRequest { call, ..build::rewrite_request(&build::brief(), failed_lines(1)) };
    assert_eq!(assert_unknown(writer.rewrite(&again).await), providers);
}

/// Sees that a provider was refused that nobody knows; the known ones, which were told.
pub(super) fn assert_unknown<T>(outcome: Result<T, PortError>) -> Vec<String> {
    let error = outcome.err().expect("nobody knows the provider");
    assert_eq!(error.kind, PortErrorKind::Rejected);
    let source = error.source.expect("it is said why");
    let unknown = source.downcast_ref::<UnknownProvider>().expect("a provider that nobody knows");
    assert_eq!(unknown.name, "no such provider");
    assert!(!unknown.known.is_empty());
    unknown.known.clone()
}

async fn an_answer_comes_within_the_deadline(writer: &dyn CopyWriter) {
    const SLACK: Duration = Duration::from_millis(500);
    for deadline in [Duration::ZERO, Duration::from_millis(1), Duration::from_millis(50)] {
        // Whether it is an answer or a failure is up to the writer: some need less than no time.
        let started = Instant::now();
        let call = ModelCall { deadline, ..build::model_call() };
        let first = CopyRequest { call: call.clone(), ..build::copy_request(&build::brief()) };
        let _ = writer.write(&first).await;
        let again = build::rewrite_request(&build::brief(), failed_lines(1));
        let _ = writer.rewrite(&RewriteRequest { call, ..again }).await;
        let taken = started.elapsed();
        assert!(taken < 2 * deadline + SLACK, "two answers within {deadline:?} each took {taken:?}");
    }
}

/// What a listener heard: who began each answer, and the text of the last.
#[derive(Debug, Default)]
struct Heard {
    began: Vec<String>,
    text: String,
}

fn listener() -> (Listener, Arc<Mutex<Heard>>) {
    let heard: Arc<Mutex<Heard>> = Arc::default();
    let hearing = Arc::clone(&heard);
    let listener = Listener::new(move |progress| {
        let mut heard = hearing.lock().unwrap_or_else(PoisonError::into_inner);
        match progress {
            Progress::Began { provider, model } => {
                assert!(!model.is_empty(), "a model has a name");
                heard.began.push(provider.to_owned());
                heard.text.clear();
            }
            Progress::Wrote(text) => {
                assert!(!heard.began.is_empty(), "{text:?} was told before who writes it");
                heard.text.push_str(text);
            }
            Progress::Repairing { lines } => panic!("{lines} lines are repaired by who asks for it"),
        }
    });
    (listener, heard)
}

async fn a_listener_hears_who_writes_and_what(writer: &dyn CopyWriter) {
    let hears = |heard: &Mutex<Heard>, lines: Vec<String>, usage: Usage| {
        let Heard { began, text } = &*heard.lock().unwrap_or_else(PoisonError::into_inner);
        assert_eq!(began.last(), Some(&usage.provider));
        for line in lines {
            assert!(text.contains(&line), "{line:?} is not in {text:?}");
        }
    };
    let (listener_of_copy, heard) = listener();
    let brief = Brief { variants: 2, ..build::brief() };
    let call = ModelCall { listener: Some(listener_of_copy), ..build::model_call() };
    let request = CopyRequest { call, ..build::copy_request(&brief) };
    let (copies, usage) = write(writer, &request).await;
    let lines = copies.into_iter().flat_map(|copy| copy.headlines.into_iter().chain(copy.descriptions));
    hears(&heard, lines.collect(), usage);

    let (listener, heard) = listener();
    let call = ModelCall { listener: Some(listener), ..build::model_call() };
    let again = build::rewrite_request(&build::brief(), failed_lines(2));
    let (lines, usage) = rewrite(writer, &RewriteRequest { call, ..again }).await;
    hears(&heard, lines, usage);
}
