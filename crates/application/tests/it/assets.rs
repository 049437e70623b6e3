use std::sync::Arc;

use adstead_application::Error;
use adstead_application::assets::{DeleteAsset, FindAssets, NewAsset, UploadAsset};
use adstead_domain::port::{ByteStream, FileRefusal};
use adstead_domain::{Ad, Asset, ContentType, Sha256Digest};
use adstead_testkit::build;
use adstead_testkit::memory::MemoryFileStore;
use futures::{StreamExt, TryStreamExt};

use crate::desk::Desk;

/// A PNG of one pixel.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\
    \0\0\0\x0bIDAT\x78\xda\x63\xf8\x0f\x04\0\x09\xfb\x03\xfd\x68\xfa\x1c\xcc\0\0\0\0IEND\xae\x42\x60\x82";

fn content(bytes: &'static [u8]) -> ByteStream {
    futures::stream::iter([Ok(bytes.into())]).boxed()
}

struct Room {
    desk: Desk,
    upload: UploadAsset,
    find: FindAssets,
    delete: DeleteAsset,
}

async fn room() -> Room {
    let desk = Desk::new().await;
    let files = Arc::new(MemoryFileStore::default());
    let assets = desk.world.assets.clone();
    let upload = UploadAsset {
        files: files.clone(),
        assets: assets.clone(),
        clock: desk.clock(),
        ids: desk.ids(),
        allowed: vec![ContentType::Png],
        max_bytes: 1_000,
    };
    let find = FindAssets { files: files.clone(), assets: assets.clone() };
    let delete =
        DeleteAsset { files, assets, ads: desk.world.ads.clone(), clock: desk.clock(), ids: desk.ids() };
    Room { desk, upload, find, delete }
}

impl Room {
    async fn upload(&self, bytes: &'static [u8]) -> Result<Asset, Error> {
        let new = NewAsset { name: build::parsed("hero.png"), declared: None, content: content(bytes) };
        Ok(self.upload.execute(&self.desk.actor, new).await?.asset)
    }
}

#[tokio::test]
async fn an_uploaded_file_comes_back_byte_for_byte() {
    let room = room().await;
    let asset = room.upload(PNG).await.unwrap();
    assert_eq!((asset.sha256, asset.size_bytes), (Sha256Digest::of(PNG), PNG.len() as u64));
    let found = room.find.get(&room.desk.actor, asset.id).await.unwrap();
    let bytes: Vec<_> = room.find.content(&found, None).await.unwrap().try_collect().await.unwrap();
    assert_eq!(bytes.concat(), PNG);
}

#[tokio::test]
async fn a_refused_file_leaves_no_asset() {
    let room = room().await;
    let refused = room.upload(b"just words").await.unwrap_err();
    assert!(matches!(refused, Error::File(FileRefusal::TypeNotAllowed { .. })), "{refused}");
    assert!(room.find.list(&room.desk.actor, Default::default()).await.unwrap().items.is_empty());
}

#[tokio::test]
async fn a_file_that_an_ad_shows_stays_and_the_ad_is_named() {
    let room = room().await;
    let asset = room.upload(PNG).await.unwrap();
    let campaign = room.desk.campaign().await;
    let group = room.desk.ad_group(&campaign).await;
    let mut ad = build::ad(&group, &campaign);
    ad.content.assets = vec![asset.id];
    room.desk.world.ads.insert_all(std::slice::from_ref(&ad), &[]).await.unwrap();
    let refused = room.delete.execute(&room.desk.actor, asset.id).await.unwrap_err();
    assert!(refused.to_string().contains(&ad.id.to_string()), "{refused}");

    let archived = Ad { status: adstead_domain::AdStatus::Archived, ..ad };
    room.desk.world.ads.update(&archived, &[]).await.unwrap();
    room.delete.execute(&room.desk.actor, asset.id).await.unwrap();
    assert!(matches!(room.delete.execute(&room.desk.actor, asset.id).await, Err(Error::NotFound { .. })));
}

#[tokio::test]
async fn of_many_ads_that_show_a_file_five_are_named() {
    let room = room().await;
    let asset = room.upload(PNG).await.unwrap();
    let campaign = room.desk.campaign().await;
    let group = room.desk.ad_group(&campaign).await;
    let ads: Vec<_> = (0..7)
        .map(|_| {
            let mut ad = build::ad(&group, &campaign);
            ad.content.assets = vec![asset.id];
            ad
        })
        .collect();
    room.desk.world.ads.insert_all(&ads, &[]).await.unwrap();
    let refused = room.delete.execute(&room.desk.actor, asset.id).await.unwrap_err().to_string();
    let named = ads.iter().filter(|ad| refused.contains(&ad.id.to_string())).count();
    assert!(named == 5 && refused.contains(" and 2 more: take it out of them"), "{refused}");
}
