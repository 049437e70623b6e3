use std::sync::Arc;

use adstead_testkit::contract::{copy_reviewer, run_all};
use adstead_testkit::memory::PhraseReviewer;

#[tokio::test]
async fn the_phrase_reviewer_keeps_the_contract() {
    let make = async || Arc::new(PhraseReviewer) as _;
    run_all("PhraseReviewer", "CopyReviewer", copy_reviewer::CASES, make).await;
}
