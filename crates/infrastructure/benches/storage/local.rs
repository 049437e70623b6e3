//! Durable files on the local disk.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;
use std::time::Instant;

use adstead_domain::port::{FileKey, FileStore};
use adstead_infrastructure::storage::LocalStorageStrategy;
use adstead_testkit::bench::{Bench, FEW_ROUNDS, Row};
use futures::StreamExt;
use tokio::runtime::Runtime;
use tokio::task::spawn_blocking;

use crate::ours;
use crate::source::{MIB, file};

/// How many files are stored in a round.
const FILES: u64 = 64;

pub(crate) fn compare(runtime: &Runtime, bench: Bench) -> Row {
    compare_puts(runtime, bench, false)
}

pub(crate) fn compare_with_folder(runtime: &Runtime, bench: Bench) -> Row {
    compare_puts(runtime, bench, true)
}

fn compare_puts(runtime: &Runtime, bench: Bench, syncs_folder: bool) -> Row {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder on the disk");
    let root = folder.path().join("ours");
    let store = runtime.block_on(LocalStorageStrategy::open(root)).expect("an empty folder");
    let by_hand = folder.path().join("by-hand");
    fs::create_dir(&by_hand).expect("a new folder");
    let row = bench.compare_rounds(
        FEW_ROUNDS,
        || per_second(|number| runtime.block_on(put(&store, number))),
        || per_second(|number| runtime.block_on(put_by_hand(&by_hand, number, syncs_folder))),
    );
    row.with_note(format!(
        "{FILES} files of 1 MiB in a round, in pieces of 64 KiB, each replaced in the next round"
    ))
}

/// Beside a million files of the same account, against a folder that is empty but for what is measured.
pub(crate) fn compare_at_a_million(runtime: &Runtime, bench: Bench) -> Row {
    const SHARDS: u32 = 256;
    const EACH: u32 = 1_000_000 / SHARDS;
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder on the disk");
    let [full, empty] = ["full", "empty"].map(|name| folder.path().join(name));
    let stores = [&full, &empty].map(|root| {
        let store = runtime.block_on(LocalStorageStrategy::open(root)).expect("an empty folder");
        per_second(|number| runtime.block_on(put(&store, number)));
        store
    });
    for shard in 0..SHARDS {
        let shard = full.join(format!("assets/account/@{shard:02x}"));
        fs::create_dir_all(&shard).expect("a folder of files");
        (0..EACH).for_each(|file| drop(File::create(shard.join(format!("other-{file}"))).expect("a file")));
    }
    let figure = |store| per_second(|number| runtime.block_on(put(store, number)));
    bench.compare_rounds(FEW_ROUNDS, || figure(&stores[0]), || figure(&stores[1]))
}

/// How many MiB are stored in a second.
fn per_second(put: impl Fn(u64)) -> f64 {
    let start = Instant::now();
    (0..FILES).for_each(put);
    FILES as f64 / start.elapsed().as_secs_f64()
}

async fn put(store: &dyn FileStore, number: u64) {
    let key: FileKey = format!("assets/account/{number}").parse().expect("a key");
    ours::put(store, &key, MIB).await;
}

async fn put_by_hand(folder: &Path, number: u64, syncs_folder: bool) {
    let pieces: Vec<_> = file(MIB).map(|piece| piece.expect("a file that arrives")).collect().await;
    let (folder, name) = (folder.to_owned(), number.to_string());
    let written = spawn_blocking(move || -> io::Result<()> {
        let staged = folder.join(format!(".{name}"));
        let mut file = File::create(&staged)?;
        for piece in pieces {
            file.write_all(&piece)?;
        }
        file.sync_all()?;
        fs::rename(&staged, folder.join(name))?;
        if syncs_folder {
            File::open(folder)?.sync_all()?;
        }
        Ok(())
    });
    written.await.expect("it ends").expect("a file that is stored");
}
