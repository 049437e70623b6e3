//! Files on the local disk: over a kill, and as the operator looks after them.

use std::fs::{self, File};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use adstead_testkit::contract::files::png;
use serde_json::{Value, json};

use super::files_below;
use crate::http::{Request, succeed};
use crate::server::{Server, adstead, eventually, failure, json, stdout};

const SENDERS: u32 = 4;
const FILES: u32 = 250;

/// A picture that no other sender has, some of them larger than what is written at once.
fn picture(sender: u32, number: u32) -> Vec<u8> {
    png(sender + 1, number + 1, 2_000 + (number as usize % 7) * 60_000).to_vec()
}

fn upload(address: SocketAddr, key: &str, name: &str, file: &[u8]) -> Option<Value> {
    let line = format!("POST /v1/assets?name={name}");
    let mut request = Request::begin(address, &line, key, "image/png", file.len()).ok()?;
    request.send(file).ok()?;
    let answer = request.finish().ok()?;
    assert_eq!(answer.status, 201, "{answer:?}");
    serde_json::from_str(&answer.body).ok()
}

#[test]
fn files_that_were_acknowledged_before_a_kill_are_whole_after_it_and_nothing_else_is_seen() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(folder.path());
    let (key, address) = (server.first_key(), server.address);
    let acknowledged = AtomicUsize::new(0);
    let kept: Vec<(u32, u32, String)> = thread::scope(|scope| {
        let senders = (0..SENDERS).map(|sender| {
            let (acknowledged, key) = (&acknowledged, &key);
            scope.spawn(move || {
                let sent = (0..FILES).map_while(|number| {
                    let asset = upload(address, key, "hero.png", &picture(sender, number))?;
                    acknowledged.fetch_add(1, Ordering::Relaxed);
                    Some((sender, number, asset["id"].as_str().unwrap().to_owned()))
                });
                sent.collect::<Vec<_>>()
            })
        });
        let senders: Vec<_> = senders.collect();
        eventually("some files are acknowledged", || {
            (acknowledged.load(Ordering::Relaxed) >= 60).then_some(())
        });
        server.kill();
        senders.into_iter().flat_map(|sender| sender.join().unwrap()).collect()
    });
    assert!(kept.len() < (SENDERS * FILES) as usize, "the kill came too late to mean anything");

    let server = Server::start(folder.path());
    let root = folder.path().join("data/files");
    assert_eq!(files_below(&root.join(".staging")), [] as [PathBuf; 0], "half-written files are gone");
    for (sender, number, id) in &kept {
        let mut request =
            Request::begin(server.address, &format!("GET /v1/assets/{id}/content"), &key, "image/png", 0)
                .unwrap();
        request.send(&[]).unwrap();
        assert!(
            request.finish_in_bytes().unwrap() == picture(*sender, *number),
            "{sender}/{number} is whole"
        );
    }
    let verified = json(folder.path(), &["storage", "verify", "--json"]);
    let known = verified["checked"].as_u64().unwrap();
    assert!(known >= kept.len() as u64, "{verified}");
    assert_eq!(verified["faults"], json!([]), "whatever is seen is whole");

    let stored = files_below(&root.join("assets"));
    let orphans = stored.len() as u64 - known;
    let collected = json(folder.path(), &["storage", "gc", "--json"]);
    assert_eq!(collected["orphans"]["files"], 0, "what is young may be under way");
    for path in &stored {
        let file = File::options().write(true).open(path).unwrap();
        let long_ago = file.metadata().unwrap().modified().unwrap() - Duration::from_secs(2 * 24 * 3_600);
        file.set_modified(long_ago).unwrap();
    }
    let found = json(folder.path(), &["storage", "gc", "--dry-run", "--json"]);
    assert_eq!(found["orphans"]["files"], orphans);
    let removed = json(folder.path(), &["storage", "gc", "--json"]);
    assert_eq!(removed["orphans"], found["orphans"]);
    assert_eq!(files_below(&root.join("assets")).len() as u64, known, "gc finds the rest, and nothing else");
}

/// A server, its first key, and a file that it has.
fn with_one_file(folder: &Path) -> (Server, String, PathBuf) {
    let server = Server::start(folder);
    let key = server.first_key();
    fs::write(folder.join("hero.png"), picture(0, 0)).unwrap();
    let address = format!("http://{}", server.address);
    let uploaded =
        json(folder, &["assets", "upload", "--server", &address, "--key", &key, "--json", "hero.png"]);
    assert_eq!(uploaded["assets"][0]["name"], "hero.png");
    let [path] = &*files_below(&folder.join("data/files/assets")) else { panic!("one file is stored") };
    (server, key, path.clone())
}

#[test]
fn files_are_uploaded_by_the_command_line_through_the_server_and_past_it() {
    let folder = tempfile::tempdir().unwrap();
    let (server, key, _) = with_one_file(folder.path());
    let address = format!("http://{}", server.address);
    fs::write(folder.path().join("film.mp4"), b"\0\0\0\x18ftypisom\0\0\0\0isommp42\0\0\0\x08moov").unwrap();
    let arguments =
        ["assets", "upload", "--server", &address, "--key", &key, "--direct", "--json", "film.mp4"];
    let uploaded = json(folder.path(), &arguments);
    assert_eq!(
        (&uploaded["assets"][0]["content_type"], &uploaded["failures"]),
        (&json!("video/mp4"), &json!([]))
    );

    fs::write(folder.path().join("words.png"), "just words").unwrap();
    for direct in [&[][..], &["--direct"]] {
        let arguments = [
            &["assets", "upload", "--server", &address, "--key", &key, "words.png", "hero.png", "gone.png"],
            direct,
        ];
        let mut command = adstead(folder.path(), &arguments.concat());
        let output = command.output().unwrap();
        let (told, words) =
            (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.status.code(), Some(1), "{words}");
        assert!(
            words.contains("words.png was not uploaded: ") && words.contains("its content is text"),
            "{words}"
        );
        assert!(words.contains("gone.png was not uploaded: the file cannot be opened"), "{words}");
        assert!(told.contains("image/png  hero.png"), "the others are uploaded: {told}");
    }
    let (_, words) =
        failure(adstead(folder.path(), &["assets", "upload", "hero.png"]).env_remove("ADSTEAD_KEY"));
    assert!(words.contains("--key <KEY>"), "{words}");
    let unknown = ["assets", "upload", "--server", &address, "--key", "nonsense", "hero.png"];
    let (_, words) = failure(&mut adstead(folder.path(), &unknown));
    assert!(words.contains("401"), "{words}");
}

#[test]
fn a_file_that_changed_behind_the_back_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let (server, _, path) = with_one_file(folder.path());
    assert!(stdout(folder.path(), &["storage", "verify"]).starts_with("1 files of "));
    let mut content = fs::read(&path).unwrap();
    content[1_000] ^= 1;
    fs::write(&path, &content).unwrap();
    let verify = |expected: &str| {
        let output = adstead(folder.path(), &["storage", "verify"]).output().unwrap();
        let told = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(1), "{told}");
        assert!(told.starts_with("hero.png (asset ") && told.contains(expected), "{told}");
    };
    verify("its file has another content than was uploaded\n1 of 1 files are not as they should be");
    fs::write(&path, &content[..500]).unwrap();
    verify("its file has 500 bytes and should have 2000");
    fs::remove_file(&path).unwrap();
    verify("its file is missing");
    drop(server);
}

#[test]
fn the_operator_is_told_what_is_stored() {
    let folder = tempfile::tempdir().unwrap();
    let (server, key, _) = with_one_file(folder.path());
    let id = {
        let assets = succeed(server.address, "GET /v1/assets", &key, None);
        assets["items"][0]["id"].as_str().unwrap().to_owned()
    };
    let renditions = succeed(server.address, &format!("GET /v1/assets/{id}/renditions"), &key, None);
    assert_eq!(renditions["items"][0]["name"], "thumbnail");
    let stats = json(folder.path(), &["storage", "stats", "--json"]);
    assert_eq!(stats["assets"], json!([{"content_type": "image/png", "files": 1, "bytes": 2_000}]));
    assert_eq!(stats["stored"], json!([{"place": "assets", "files": 1, "bytes": 2_000}]));
    let told = stdout(folder.path(), &["storage", "stats"]);
    assert!(told.contains("image/png") && told.contains("1 files  1.95 KiB"), "{told}");
}

#[test]
fn places_that_are_the_same_or_none_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (_, words) =
        failure(&mut adstead(folder.path(), &["storage", "migrate", "--from", "local", "--to", "local"]));
    assert!(words.contains("--from and --to name the same place"), "{words}");
    let (code, words) =
        failure(&mut adstead(folder.path(), &["storage", "migrate", "--from", "local", "--to", "ftp"]));
    assert!(code == 2 && words.contains("local, s3"), "{words}");
}
