use std::sync::Arc;

use adstead_testkit::contract::{images, run_all};
use adstead_testkit::memory::PlainRenderer;

#[tokio::test]
async fn the_plain_renderer_keeps_the_contract() {
    run_all("PlainRenderer", "ImageRenderer", images::CASES, async || Arc::new(PlainRenderer) as _).await;
}
