//! Which path stands for which key.
//!
//! The key `assets/0199/7f2c` is the file `assets/0199/@b0/7f2c`: the last folder is one of 256, chosen by the name, so
//! that a million files below one prefix are four thousand in each. No segment of a key begins with `@`.

use std::fs;
use std::path::{Path, PathBuf};

use adstead_domain::port::FileKey;

use super::error::LocalStorageError;

const MARK: char = '@';

/// The path below the root of the file under `key`.
pub(super) fn path_of(key: &FileKey) -> PathBuf {
    let mut segments = segments_of(key);
    let name = segments.pop().expect("a key has a segment");
    let mut path: PathBuf = segments.into_iter().collect();
    path.push(shard_of(name));
    path.push(name);
    path
}

pub(super) fn segments_of(key: &FileKey) -> Vec<&str> {
    key.as_str().split('/').collect()
}

/// The folder that a file of this name is in: its Fowler–Noll–Vo hash (FNV-1a, 32 bits), folded to 8.
fn shard_of(name: &str) -> String {
    let hash =
        name.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    let [a, b, c, d] = hash.to_be_bytes();
    format!("{MARK}{:02x}", a ^ b ^ c ^ d)
}

pub(super) fn is_shard(name: &str) -> bool {
    name.starts_with(MARK)
}

/// Moves the files of a root that was filled before there were such folders, where their names say, and tells how many.
pub(super) fn move_into_shards(folder: &Path) -> Result<u64, LocalStorageError> {
    let mut moved = 0;
    for entry in fs::read_dir(folder).map_err(LocalStorageError::at("read", folder))? {
        let entry = entry.map_err(LocalStorageError::at("read", folder))?;
        let (path, name) = (entry.path(), entry.file_name());
        let Some(name) = name.to_str().filter(|name| name.parse::<FileKey>().is_ok()) else { continue };
        let kind = entry.file_type().map_err(LocalStorageError::at("look at", &path))?;
        if kind.is_dir() {
            moved += move_into_shards(&path)?;
        } else if kind.is_file() {
            let shard = folder.join(shard_of(name));
            fs::create_dir_all(&shard).map_err(LocalStorageError::at("create", &shard))?;
            fs::rename(&path, shard.join(name)).map_err(LocalStorageError::at("move", &path))?;
            moved += 1;
        }
    }
    Ok(moved)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_for_ever() {
        let key = "assets/0199/7f2c".parse().expect("a key");
        assert_eq!(path_of(&key), Path::new("assets/0199/@b0/7f2c"));
    }

    #[test]
    fn names_are_spread_evenly() {
        let mut shards = std::collections::HashMap::<_, u32>::new();
        for index in 0..25_600_u32 {
            *shards.entry(shard_of(&format!("0199c2f0-6d4e-7c3a-9d57-{index:012x}"))).or_default() += 1;
        }
        assert_eq!(shards.len(), 256);
        assert!(shards.values().all(|files| (50..=150).contains(files)), "{shards:?}");
    }
}
