//! What a cloud storage that cannot be used says.

use adstead_domain::port::{FileStore, PortErrorKind, PutOptions};
use adstead_infrastructure::storage::{CloudStorageConfig, CloudStorageStrategy};
use adstead_testkit::contract::files::{in_pieces, noise};
use adstead_testkit::s3::S3Server;

use super::key;
use super::place::{config, connect, credentials, moto, s3s, told};

#[tokio::test]
async fn a_storage_that_can_be_used_says_so() {
    let server = s3s().await;
    connect(config(server.endpoint())).await.check().await.expect("a bucket that is there");
    if let Some(config) = moto().await {
        connect(config).await.check().await.expect("a bucket that is there");
    }
}

#[tokio::test]
async fn a_setting_that_makes_no_sense_is_told_before_anything_is_asked() {
    let broken = CloudStorageConfig { part_bytes: 1, ..config("http://127.0.0.1:1") };
    let error = CloudStorageStrategy::connect(broken).await.expect_err("parts of one byte");
    assert_eq!(error.kind, PortErrorKind::Rejected);
    assert_eq!(
        told(&error),
        "files.connect failed: it was refused: parts cannot have 1 bytes: use 5242880 to 5368709120"
    );
}

#[tokio::test]
async fn a_bucket_that_is_not_there() {
    let server = s3s().await;
    let mut configs = vec![config(server.endpoint())];
    configs.extend(moto().await);
    for config in configs {
        let endpoint = config.endpoint.clone().expect("an address");
        let store = connect(CloudStorageConfig { bucket: "nowhere".into(), ..config }).await;
        let why = format!(
            "the bucket \"nowhere\" at {endpoint} does not exist: create it, or correct its name, its region or the \
             address: the server answered 404 NoSuchBucket"
        );
        let checked = store.check().await.expect_err("there is no such bucket");
        let listed = store.list(None, None, 10).await.expect_err("there is no such bucket");
        for error in [checked, listed] {
            assert_eq!(error.kind, PortErrorKind::Unavailable);
            assert!(told(&error).contains(&why), "{}", told(&error));
        }
    }
    let Some(config) = moto().await else { return };
    let store = connect(CloudStorageConfig { bucket: "nowhere".into(), ..config }).await;
    let put = store.put(&key("hero"), in_pieces(&noise(9), 9), &PutOptions::default()).await;
    assert_eq!(put.expect_err("there is no such bucket").kind, PortErrorKind::Unavailable);
    assert_eq!(store.get(&key("hero"), None).await.expect_err("no bucket").kind, PortErrorKind::Unavailable);
}

#[tokio::test]
async fn a_wrong_secret_and_an_unknown_key() {
    let server = s3s().await;
    for (credentials, code) in [
        (credentials(S3Server::ACCESS_KEY_ID, "hunter2"), "SignatureDoesNotMatch"),
        (credentials("somebody", "hunter2"), "NotSignedUp"),
    ] {
        let config = CloudStorageConfig { credentials: Some(credentials), ..config(server.endpoint()) };
        let store = connect(config).await;
        let put = store.put(&key("hero"), in_pieces(&noise(9), 9), &PutOptions::default()).await;
        for error in [store.check().await.expect_err("refused"), put.expect_err("refused")] {
            assert_eq!(error.kind, PortErrorKind::Unavailable);
            let told = told(&error);
            assert!(told.contains("refuses the access key: check its id and secret"), "{told}");
            assert!(told.contains(code), "{told}");
        }
    }
}

#[tokio::test]
async fn nobody_who_listens() {
    let store = connect(config("http://127.0.0.1:1")).await;
    let error = store.check().await.expect_err("nobody is there");
    assert_eq!(error.kind, PortErrorKind::Unavailable);
    let told = told(&error);
    assert!(told.contains("at http://127.0.0.1:1/ cannot be reached"), "{told}");
    assert!(told.contains("Connection refused"), "{told}");
}
