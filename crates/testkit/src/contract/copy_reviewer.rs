//! The contract of [`CopyReviewer`].

use std::time::{Duration, Instant};

use adstead_domain::platform::CopyField;
use adstead_domain::policy::PolicyHint;
use adstead_domain::port::{CopyReviewer, ModelCall, ReviewRequest};
use adstead_domain::{AdCopy, Platform};

use super::Case;
use super::copy_writer::assert_unknown;
use crate::build::{self, parsed};
use crate::cases;

/// What every [`CopyReviewer`] must do.
pub const CASES: &[Case<dyn CopyReviewer>] = cases![
    each_hint_points_at_words_of_the_copy,
    who_read_is_named,
    an_unknown_provider_is_refused,
    an_answer_comes_within_the_deadline,
];

fn request() -> ReviewRequest {
    let lines = |lines: &[&str]| lines.iter().map(|&line| line.to_owned()).collect();
    ReviewRequest {
        copy: AdCopy {
            headlines: lines(&["Shoes for the trail", "The BEST shoes in town"]),
            descriptions: lines(&["Are you overweight? Results guaranteed.", "Free returns within 60 days."]),
            call_to_action: None,
        },
        language: parsed("en"),
        platform: Platform::Google,
        call: build::model_call(),
    }
}

async fn each_hint_points_at_words_of_the_copy(reviewer: &dyn CopyReviewer) {
    let request = request();
    let hints = reviewer.review(&request).await.expect("copy can be read").content;
    assert!(!hints.is_empty(), "there is something to object to");
    for PolicyHint { field, index, excerpt, explanation, .. } in hints {
        let lines = match field {
            CopyField::Headline => &request.copy.headlines,
            CopyField::Description => &request.copy.descriptions,
        };
        let line = lines.get(index).unwrap_or_else(|| panic!("there is no {field} {index}"));
        assert!(line.to_lowercase().contains(&excerpt.to_lowercase()), "{excerpt:?} is not in {line:?}");
        assert!(!excerpt.is_empty() && !explanation.is_empty(), "a hint says what and why");
    }
}

async fn who_read_is_named(reviewer: &dyn CopyReviewer) {
    let usage = reviewer.review(&request()).await.expect("copy can be read").usage;
    assert!(!usage.provider.is_empty() && !usage.model.is_empty(), "{usage:?}");
    let call = ModelCall { provider: Some(usage.provider.clone()), ..build::model_call() };
    let again = reviewer.review(&ReviewRequest { call, ..request() }).await.expect("it is known by its name");
    assert_eq!(again.usage.provider, usage.provider);
}

async fn an_unknown_provider_is_refused(reviewer: &dyn CopyReviewer) {
    let call = ModelCall { provider: Some("no such provider".to_owned()), ..build::model_call() };
    assert_unknown(reviewer.review(&ReviewRequest { call, ..request() }).await);
}

async fn an_answer_comes_within_the_deadline(reviewer: &dyn CopyReviewer) {
    const SLACK: Duration = Duration::from_millis(500);
    for deadline in [Duration::ZERO, Duration::from_millis(50)] {
        let call = ModelCall { deadline, ..build::model_call() };
        let started = Instant::now();
        // Whether it is an answer or a failure is up to the reviewer.
        let _ = reviewer.review(&ReviewRequest { call, ..request() }).await;
        assert!(
            started.elapsed() < deadline + SLACK,
            "an answer within {deadline:?} took {:?}",
            started.elapsed()
        );
    }
}
