//! A bucket that is sick, and a disk that is full, as somebody who uploads meets them.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use adstead_backends::{Backend, S3Bucket, available};
use adstead_testkit::contract::files::png;
use adstead_testkit::proxy::{FOR_EVER, Fault, Proxy};
use serde_json::json;

use super::{Uploader, files_below, on, told};
use crate::faults::Disk;
use crate::server::{Server, adstead};

const MIB: usize = 1 << 20;

/// Longer than a part, so that it is sent in two.
fn film_sized_picture(number: u32) -> Vec<u8> {
    png(number, 100, 6 * MIB).to_vec()
}

/// A server whose bucket is behind a proxy, and which gives up soon.
struct Behind {
    uploader: Uploader,
    proxy: Proxy,
    folder: tempfile::TempDir,
    _server: Server,
    bucket: S3Bucket,
}

impl Behind {
    async fn proxy() -> Option<Self> {
        let bucket = S3Bucket::of(available(Backend::S3)?).unwrap();
        let proxy = Proxy::start(&bucket.endpoint).await;
        let folder = tempfile::tempdir().unwrap();
        let behind = S3Bucket { endpoint: proxy.endpoint().to_owned(), ..bucket.clone() };
        let server = Server::spawn(impatient(&mut on(&behind, folder.path(), &["serve"])));
        let uploader = Uploader { address: server.address, key: server.first_key() };
        Some(Self { uploader, proxy, folder, _server: server, bucket })
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap()
    }

    /// Parts of files that were never completed, as `gc` counts and removes them.
    fn collect(&self, dry_run: bool) -> u64 {
        let dry_run = if dry_run { &["--dry-run"][..] } else { &[] };
        let arguments = [&["storage", "gc", "--json"], dry_run].concat();
        let mut command = on(&self.bucket, self.folder.path(), &arguments);
        told({
            command.env("ADSTEAD__STORAGE__ORPHANS_AFTER", "10m");
            command
        })["unfinished"]["files"]
            .as_u64()
            .unwrap()
    }
}

fn impatient(command: &mut Command) -> &mut Command {
    command
        .env("ADSTEAD__STORAGE__S3__PART_SIZE", "5MiB")
        .env("ADSTEAD__STORAGE__S3__ATTEMPT_TIMEOUT", "3s")
        .env("ADSTEAD__STORAGE__S3__STALL_TIMEOUT", "2s")
        .env("ADSTEAD__STORAGE__S3__CONNECT_TIMEOUT", "500ms")
        .env("ADSTEAD__STORAGE__S3__MAX_ATTEMPTS", "2")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sick_bucket_is_told_within_bounds_and_leaves_nothing() {
    let Some(behind) = Behind::proxy().await else { return };
    let faults = [
        ("POST", Fault::Answer(503, "SlowDown")),
        ("POST", Fault::Answer(500, "InternalError")),
        ("PUT", Fault::Answer(503, "SlowDown")),
        ("PUT", Fault::CutRequest(MIB as u64)),
        ("PUT", Fault::StallRequest(MIB as u64)),
        ("PUT", Fault::StallResponse(0)),
        ("POST", Fault::StallResponse(0)),
    ];
    let picture = film_sized_picture(1);
    for (method, fault) in faults {
        behind.proxy.harm(method, FOR_EVER, fault);
        let start = Instant::now();
        let answer = behind.uploader.try_upload("hero.png", "image/png", &picture);
        let took = start.elapsed();
        assert!([503, 504].contains(&answer.status), "{method} {fault:?}: {answer:?}");
        assert!(
            answer.json()["detail"].as_str().unwrap().starts_with("a system behind the API "),
            "{answer:?}"
        );
        assert!(took < Duration::from_secs(15), "{method} {fault:?}: after {took:?}");
        behind.proxy.heal();
    }
    let asset = behind.uploader.upload("hero.png", &picture);
    assert!(behind.uploader.download(&asset) == picture, "once it is well, the same file is taken");
    let log = behind.log();
    for secret in [&*behind.bucket.secret_access_key, "Signature="] {
        assert!(!log.contains(secret), "the log tells no secret");
    }
    // Uploads that the bucket began while nobody heard of it are there until they are collected.
    assert_eq!(behind.collect(true), behind.collect(false));
    assert_eq!(behind.collect(true), 0, "no part is left");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_that_recovers_in_time_costs_nobody_anything() {
    let Some(behind) = Behind::proxy().await else { return };
    for (number, (method, fault)) in (1..).zip([
        ("PUT", Fault::Answer(503, "SlowDown")),
        ("PUT", Fault::CutRequest(MIB as u64)),
        ("PUT", Fault::CutResponse(10)),
        ("POST", Fault::Answer(500, "InternalError")),
    ]) {
        behind.proxy.harm(method, 1, fault);
        let picture = film_sized_picture(number);
        let answer = behind.uploader.try_upload("hero.png", "image/png", &picture);
        assert_eq!(answer.status, 201, "{method} {fault:?}: {answer:?} {}", behind.log());
        let asset = super::id(&answer.json());
        behind.proxy.harm("GET", 1, Fault::CutResponse(3 * MIB as u64));
        assert!(behind.uploader.download(&asset) == picture, "{fault:?}, and a download that broke off");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_that_cannot_be_reached_is_told_and_what_needs_no_file_goes_on() {
    let Some(behind) = Behind::proxy().await else { return };
    let asset = behind.uploader.upload("hero.png", &film_sized_picture(1));
    behind.proxy.close();
    let answer = behind.uploader.try_upload("other.png", "image/png", &film_sized_picture(2));
    assert_eq!(answer.status, 503, "{answer:?}");
    let line = format!("GET /v1/assets/{asset}");
    let known = crate::http::succeed(behind.uploader.address, &line, &behind.uploader.key, None);
    assert_eq!(known["name"], json!("hero.png"));
    let line = format!("GET /v1/assets/{asset}/content");
    let answer = crate::http::ask(behind.uploader.address, &line, &behind.uploader.key, None).unwrap();
    assert_eq!(answer.status, 503, "{answer:?}");
}

#[test]
fn a_full_disk_below_the_files_is_told_and_harms_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let Some(disk) = Disk::with_room(8, folder.path()) else { return };
    let root = disk.path().join("files");
    let mut command = adstead(folder.path(), &["serve"]);
    let server = Server::spawn(command.env("ADSTEAD__STORAGE__LOCAL__ROOT", &root));
    let uploader = Uploader { address: server.address, key: server.first_key() };
    let picture = |number| png(number, 100, 3 * MIB).to_vec();
    let mut kept = Vec::new();
    let refusal = (1..).find_map(|number| {
        let answer = uploader.try_upload("hero.png", "image/png", &picture(number));
        match answer.status {
            201 => {
                kept.push((number, super::id(&answer.json())));
                None
            }
            _ => Some(answer),
        }
    });
    let refusal = refusal.unwrap();
    assert_eq!(
        (refusal.status, &refusal.json()["type"]),
        (503, &json!("urn:adstead:problem:full")),
        "{refusal:?}"
    );
    assert!((1..=3).contains(&kept.len()), "{kept:?}");
    let whole =
        |kept: &[(u32, String)]| kept.iter().all(|(number, id)| uploader.download(id) == picture(*number));
    assert!(whole(&kept), "what is stored can be read");
    assert_eq!(staged(&root), 0, "nothing half-written is left");
    assert_eq!(files_below(&root.join("assets")).len(), kept.len());
    disk.free();
    kept.push((100, uploader.upload("hero.png", &picture(100))));
    assert!(whole(&kept));
}

fn staged(root: &Path) -> usize {
    files_below(&root.join(".staging")).len()
}
