//! Every place, and everything that can stand over one, by settings alone.

use std::fs;
use std::net::SocketAddr;
use std::process::Command;

use adstead_backends::{Backend, S3Bucket, Server as Backing, available, started};
use adstead_testkit::contract::files::png;
use serde_json::{Value, json};

use super::{Uploader, files_below, id, no_faults, on, told};
use crate::http::{Request, ask, succeed};
use crate::server::{Server, adstead, failure};

const SIZE: usize = 70_000;

fn picture(number: u32) -> Vec<u8> {
    png(number, 100, SIZE).to_vec()
}

/// The bucket of all tests; each has a prefix of its own.
fn bucket() -> Option<S3Bucket> {
    S3Bucket::of(available(Backend::S3)?)
}

/// A bucket that one test alone has, and may take away.
fn own_bucket() -> Option<(Backing, S3Bucket)> {
    let server = started(Backend::S3)?;
    let bucket = S3Bucket::of(&server).unwrap();
    Some((server, bucket))
}

const NOTHING_MORE: &[(&str, &str)] = &[];
const SECOND: &str = "ADSTEAD__STORAGE__SECOND";
const SECOND_ROLE: &str = "ADSTEAD__STORAGE__SECOND_ROLE";
const KEYS: &str = "ADSTEAD__STORAGE__ENCRYPTION__KEYS";
const ACTIVE: &str = "ADSTEAD__STORAGE__ENCRYPTION__ACTIVE";
const OLD_KEY: &str = "2025:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
const NEW_KEY: &str = "2026:ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA=";

/// A server, started by a command.
struct Node {
    server: Server,
    uploader: Uploader,
}

impl Node {
    fn first(mut command: Command, settings: &[(&str, &str)]) -> Self {
        let server = Server::spawn(command.envs(settings.iter().copied()));
        let uploader = Uploader { address: server.address, key: server.first_key() };
        Self { server, uploader }
    }

    /// Stopped, and started again by another command.
    fn again(mut self, mut command: Command, settings: &[(&str, &str)]) -> Self {
        self.server.terminate();
        assert!(self.server.wait().success());
        let server = Server::spawn(command.envs(settings.iter().copied()));
        let uploader = Uploader { address: server.address, key: self.uploader.key };
        Self { server, uploader }
    }
}

/// Sends a request without a key to an address of another server; what came back.
fn send(url: &str, method: &str, content_type: &str, body: &[u8]) -> Vec<u8> {
    let (host, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let address: SocketAddr = host.parse().unwrap();
    let mut request =
        Request::keyless(address, &format!("{method} /{path}"), content_type, body.len()).unwrap();
    request.send(body).unwrap();
    request.finish_in_bytes().unwrap()
}

#[test]
fn a_bucket_takes_all_that_the_local_disk_takes() {
    let Some(bucket) = bucket() else { return };
    let folder = tempfile::tempdir().unwrap();
    let node = Node::first(on(&bucket, folder.path(), &["serve"]), NOTHING_MORE);
    let uploader = &node.uploader;
    let hero = uploader.upload("hero.png", &picture(1));
    assert!(uploader.download(&hero) == picture(1));
    assert_eq!(files_below(&folder.path().join("data/files")), [] as [std::path::PathBuf; 0]);

    let link =
        succeed(uploader.address, &format!("POST /v1/assets/{hero}/links"), &uploader.key, Some(&json!({})));
    let url = link["url"].as_str().unwrap();
    assert!(url.starts_with(&bucket.endpoint), "the bucket answers by itself: {url}");
    assert!(send(url, "GET", "image/png", b"") == picture(1));

    let planned = json!({"name": "past.png", "content_type": "image/png", "size_bytes": SIZE});
    let upload = succeed(uploader.address, "POST /v1/uploads", &uploader.key, Some(&planned));
    let url = upload["request"]["url"].as_str().unwrap();
    assert!(url.starts_with(&bucket.endpoint), "{url}");
    send(url, "PUT", "image/png", &picture(2));
    let complete = format!("POST /v1/uploads/{}/complete", id(&upload));
    let past = id(&succeed(uploader.address, &complete, &uploader.key, None));
    assert!(uploader.download(&past) == picture(2));

    let text = json!({"name": "text.png", "content_type": "image/png", "size_bytes": 5});
    let upload = succeed(uploader.address, "POST /v1/uploads", &uploader.key, Some(&text));
    send(upload["request"]["url"].as_str().unwrap(), "PUT", "image/png", b"words");
    let complete = format!("POST /v1/uploads/{}/complete", id(&upload));
    let refused = ask(uploader.address, &complete, &uploader.key, None).unwrap();
    assert_eq!(refused.status, 415, "{refused:?}");

    assert!(uploader.count("put") >= 1 && uploader.count("get") >= 2);
    assert_eq!(told(on(&bucket, folder.path(), &["storage", "verify", "--json"]))["faults"], no_faults());
    let stored = told(on(&bucket, folder.path(), &["storage", "stats", "--json"]))["stored"].clone();
    assert_eq!(
        stored,
        json!([{"place": "assets", "files": 2, "bytes": 2 * SIZE}]),
        "nothing waits in quarantine"
    );
    let line = format!("DELETE /v1/assets/{hero}");
    assert_eq!(ask(uploader.address, &line, &uploader.key, None).unwrap().status, 204);
}

#[test]
fn over_a_bucket_stand_a_cache_encryption_and_compression() {
    let Some(bucket) = bucket() else { return };
    let folder = tempfile::tempdir().unwrap();
    let over = [
        ("ADSTEAD__STORAGE__CACHE__MAX_BYTES", "64MiB"),
        ("ADSTEAD__STORAGE__COMPRESSION", "zstd"),
        (KEYS, OLD_KEY),
        (ACTIVE, "2025"),
    ];
    let node = Node::first(on(&bucket, folder.path(), &["serve"]), &over);
    let hero = node.uploader.upload("hero.png", &picture(1));
    for _ in 0..3 {
        assert!(node.uploader.download(&hero) == picture(1));
    }
    let mut request = Request::begin(
        node.uploader.address,
        &format!("GET /v1/assets/{hero}/content"),
        &node.uploader.key,
        "image/png\r\nrange: bytes=40000-40099",
        0,
    )
    .unwrap();
    request.send(&[]).unwrap();
    assert_eq!(request.finish_in_bytes().unwrap(), picture(1)[40_000..40_100]);
    assert!(node.uploader.storage()["cache"]["hits"].as_u64().unwrap() >= 2, "{}", node.uploader.storage());
    let mut verify = on(&bucket, folder.path(), &["storage", "verify", "--json"]);
    assert_eq!(
        told({
            verify.envs(over);
            verify
        })["faults"],
        no_faults()
    );

    // As it is stored, it can be looked at on the local disk.
    let moved =
        on(&bucket, folder.path(), &["storage", "migrate", "--from", "s3", "--to", "local", "--json"]);
    assert_eq!(told(moved)["copied"], 1);
    let [stored] = &*files_below(&folder.path().join("data/files/assets")) else {
        panic!("one file is stored")
    };
    let stored = fs::read(stored).unwrap();
    let has_trace = stored.windows(4).any(|bytes| bytes == b"IHDR");
    assert!(!has_trace && stored.len() > SIZE, "it is encrypted");
}

#[test]
fn a_mirror_serves_what_one_side_has_lost() {
    let Some(bucket) = bucket() else { return };
    let folder = tempfile::tempdir().unwrap();
    let mirrored = [("ADSTEAD__STORAGE__BACKEND", "local"), (SECOND, "s3"), (SECOND_ROLE, "mirror")];
    let node = Node::first(on(&bucket, folder.path(), &["serve"]), &mirrored);
    let hero = node.uploader.upload("hero.png", &picture(1));
    let [path] = &*files_below(&folder.path().join("data/files/assets")) else {
        panic!("one file is stored")
    };
    fs::remove_file(path).unwrap();
    assert!(node.uploader.download(&hero) == picture(1), "the bucket has it as well");
    assert_eq!(node.uploader.storage()["fallbacks"], 1);
}

#[test]
fn files_move_from_the_local_disk_to_a_bucket_without_a_pause() {
    let Some(bucket) = bucket() else { return };
    let folder = tempfile::tempdir().unwrap();
    let node = Node::first(adstead(folder.path(), &["serve"]), NOTHING_MORE);
    let before: Vec<_> = (1..=12).map(|number| node.uploader.upload("hero.png", &picture(number))).collect();

    let node =
        node.again(on(&bucket, folder.path(), &["serve"]), &[(SECOND, "local"), (SECOND_ROLE, "backup")]);
    let meanwhile = node.uploader.upload("new.png", &picture(100));
    assert!(node.uploader.download(&before[0]) == picture(1), "the folder still has it");
    assert_eq!(node.uploader.storage()["fallbacks"], 1);

    let migrate = || {
        told(on(&bucket, folder.path(), &["storage", "migrate", "--from", "local", "--to", "s3", "--json"]))
    };
    assert_eq!(migrate(), json!({"copied": 12, "bytes": 12 * SIZE, "present": 0, "gone": 0}));
    assert_eq!(
        migrate(),
        json!({"copied": 0, "bytes": 0, "present": 12, "gone": 0}),
        "a second run finds all"
    );
    assert_eq!(told(on(&bucket, folder.path(), &["storage", "verify", "--json"]))["checked"], 13);

    let node = node.again(on(&bucket, folder.path(), &["serve"]), NOTHING_MORE);
    fs::remove_dir_all(folder.path().join("data/files")).unwrap();
    for (number, asset) in (1..).zip(&before) {
        assert!(node.uploader.download(asset) == picture(number), "{number} came along");
    }
    assert!(node.uploader.download(&meanwhile) == picture(100));
}

#[test]
fn a_key_can_be_changed_and_the_old_one_thrown_away() {
    let folder = tempfile::tempdir().unwrap();
    let (old, both) = ([(KEYS, OLD_KEY), (ACTIVE, "2025")], format!("{OLD_KEY},{NEW_KEY}"));
    let both = [(KEYS, &*both), (ACTIVE, "2026")];
    let node = Node::first(adstead(folder.path(), &["serve"]), NOTHING_MORE);
    let plain = node.uploader.upload("plain.png", &picture(1));
    let node = node.again(adstead(folder.path(), &["serve"]), &old);
    let sealed = node.uploader.upload("sealed.png", &picture(2));

    let rekey = |settings: &[(&str, &str)]| {
        let mut command = adstead(folder.path(), &["storage", "rekey", "--json"]);
        command.envs(settings.iter().copied());
        told(command)
    };
    let node = node.again(adstead(folder.path(), &["serve"]), &both);
    assert_eq!(rekey(&both), json!({"rewritten": 2, "current": 0, "gone": 0}));
    assert_eq!(rekey(&both), json!({"rewritten": 0, "current": 2, "gone": 0}));
    let new = [(KEYS, NEW_KEY), (ACTIVE, "2026")];
    let node = node.again(adstead(folder.path(), &["serve"]), &new);
    assert!(node.uploader.download(&plain) == picture(1) && node.uploader.download(&sealed) == picture(2));

    let node = node.again(adstead(folder.path(), &["serve"]), &old);
    let line = format!("GET /v1/assets/{sealed}/content");
    let answer = ask(node.uploader.address, &line, &node.uploader.key, None).unwrap();
    assert_eq!(answer.status, 503, "{answer:?}");
    let log = fs::read_to_string(folder.path().join("log")).unwrap();
    assert!(
        log.contains("2026") && !log.contains("ZmVkY2JhOTg3"),
        "the log names the key and does not tell it"
    );
    let mut verify = adstead(folder.path(), &["storage", "verify", "--json"]);
    let output = verify.envs(old).output().unwrap();
    let judged: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(judged["faults"].as_array().unwrap().len(), 2, "{judged}");
}

#[test]
fn a_file_that_breaks_off_while_it_is_sent_is_logged_with_its_cause_and_its_request() {
    let folder = tempfile::tempdir().unwrap();
    let settings = [(KEYS, OLD_KEY), (ACTIVE, "2025")];
    let node = Node::first(adstead(folder.path(), &["serve"]), &settings);
    let asset = node.uploader.upload("hero.png", &picture(1));
    let [path] = &*files_below(&folder.path().join("data/files/assets")) else {
        panic!("one file is stored")
    };
    let mut sealed = fs::read(path).unwrap();
    let end = sealed.len() - 100;
    sealed[end] ^= 1;
    fs::write(path, sealed).unwrap();
    let received = node.uploader.try_download(&asset).map_or(0, |file| file.len());
    assert!(received < SIZE, "{received} bytes: it ends before what is broken");
    let log = fs::read_to_string(folder.path().join("log")).unwrap();
    let mut lines = log.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let line = lines.find(|line| line["level"] == "ERROR").unwrap();
    assert_eq!(line["message"], "a file broke off while it was sent");
    let cause = "the answer could not be understood: ";
    assert!(line["error"].as_str().unwrap().contains(cause), "{line}");
    assert_eq!(line["spans"][0]["route"], "/v1/assets/{id}/content");

    let mut verify = adstead(folder.path(), &["storage", "verify", "--json"]);
    let output = verify.envs(settings).output().unwrap();
    let judged: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(judged["faults"][0]["fault"].as_str().unwrap().contains(cause), "{judged}");
}

#[test]
fn places_are_probed_before_anybody_needs_them() {
    let folder = tempfile::tempdir().unwrap();
    let probed = told(adstead(folder.path(), &["storage", "check", "--json"]));
    assert_eq!((&probed["places"][0]["place"], &probed["places"][0]["ok"]), (&json!("local"), &json!(true)));
    assert_eq!(files_below(&folder.path().join("data/files/probes")), [] as [std::path::PathBuf; 0]);

    let Some((server, bucket)) = own_bucket() else { return };
    let both = [(SECOND, "local"), (SECOND_ROLE, "backup")];
    let mut command = on(&bucket, folder.path(), &["storage", "check", "--json"]);
    let probed = told({
        command.envs(both);
        command
    });
    assert!(probed["places"].as_array().unwrap().iter().all(|it| it["ok"] == true), "{probed}");

    let fails = |name: &str, value: &str, expected: &str| {
        let mut command = on(&bucket, folder.path(), &["storage", "check"]);
        let output = command.env(name, value).output().unwrap();
        let words = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(1), "{words}");
        assert!(
            words.starts_with("s3: files cannot be kept in the bucket ") && words.contains(expected),
            "{words}"
        );
    };
    fails("ADSTEAD__STORAGE__S3__BUCKET", "no-such-bucket", "no-such-bucket");
    server.kill().unwrap();
    fails("ADSTEAD__STORAGE__S3__MAX_ATTEMPTS", "1", "127.0.0.1");
}

#[test]
fn a_server_starts_without_its_bucket_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let nowhere = [
        ("ADSTEAD__STORAGE__BACKEND", "s3"),
        ("ADSTEAD__STORAGE__S3__BUCKET", "creatives"),
        ("ADSTEAD__STORAGE__S3__ENDPOINT", "http://127.0.0.1:9"),
        ("ADSTEAD__STORAGE__S3__ACCESS_KEY_ID", "id"),
        ("ADSTEAD__STORAGE__S3__SECRET_ACCESS_KEY", "hunter2"),
        ("ADSTEAD__STORAGE__S3__MAX_ATTEMPTS", "1"),
    ];
    let node = Node::first(adstead(folder.path(), &["serve"]), &nowhere);
    let answer = node.uploader.try_upload("hero.png", "image/png", &picture(1));
    assert_eq!(answer.status, 503, "{answer:?}");
    assert!(!answer.body.contains("hunter2"));
    assert_eq!(ask(node.uploader.address, "GET /readyz", "", None).unwrap().status, 200);
    let log = fs::read_to_string(folder.path().join("log")).unwrap();
    assert!(log.contains("files cannot be kept in the bucket of storage.s3"), "{log}");
    assert!(!log.contains("hunter2"));
}

#[test]
fn a_bucket_without_a_name_is_refused_before_anything_starts() {
    let folder = tempfile::tempdir().unwrap();
    let (_, words) = failure(adstead(folder.path(), &["serve"]).env("ADSTEAD__STORAGE__BACKEND", "s3"));
    assert!(words.contains("storage.s3.bucket") && words.contains("name it"), "{words}");
}
