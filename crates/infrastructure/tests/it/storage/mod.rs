mod cloud;
mod faults;
mod local;
mod place;
mod refusals;

use adstead_domain::port::{FileKey, FileStore};
use futures::TryStreamExt;

fn key(text: &str) -> FileKey {
    text.parse().expect("a valid key")
}

async fn content(store: &dyn FileStore, key: &FileKey) -> Vec<u8> {
    let content = store.get(key, None).await.expect("a readable file").expect("the file is there");
    content.bytes.try_collect::<Vec<_>>().await.expect("a readable file").concat()
}
