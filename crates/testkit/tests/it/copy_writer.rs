use std::sync::Arc;

use adstead_domain::port::{CopyWriter as _, PortErrorKind};
use adstead_testkit::build;
use adstead_testkit::contract::{copy_writer, run_all};
use adstead_testkit::memory::ScriptedCopyWriter;

#[tokio::test]
async fn the_scripted_copy_writer_keeps_the_contract() {
    let make = async || Arc::new(ScriptedCopyWriter::default()) as _;
    run_all("ScriptedCopyWriter", "CopyWriter", copy_writer::CASES, make).await;
}

#[tokio::test]
async fn a_script_is_followed_to_its_end() {
    let writer = ScriptedCopyWriter::default().fails_to_write(PortErrorKind::Timeout).writes([build::copy()]);
    let request = build::copy_request(&build::brief());
    assert_eq!(writer.write(&request).await.unwrap_err().kind, PortErrorKind::Timeout);
    assert_eq!(writer.write(&request).await.unwrap().content, [build::copy()]);
    assert_eq!(writer.write(&request).await.unwrap().content.len(), 2);
    assert_eq!(writer.asked_to_write().len(), 3);
}
