use std::sync::Arc;

use adstead_infrastructure::storage::ImageStudio;
use adstead_testkit::contract::{images, run_all};

#[tokio::test]
async fn the_studio_keeps_the_contract() {
    run_all("ImageStudio", "ImageRenderer", images::CASES, async || Arc::new(ImageStudio::new(2)) as _).await;
}
