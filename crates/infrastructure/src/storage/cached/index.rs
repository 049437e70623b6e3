use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;

use adstead_domain::port::{FileInfo, FileKey, FileTag};
use jiff::Timestamp;

/// An entry's number: greater than those of all entries before it. It is the name of its file.
pub(super) type Number = u64;

/// What is kept in the folder. It is all in memory.
#[derive(Debug, Default)]
pub(super) struct Index {
    entries: HashMap<FileKey, Entry>,
    /// Which entry was used when, the longest ago first.
    by_use: BTreeMap<u64, FileKey>,
    last_use: u64,
    pub(super) last_number: Number,
    /// What the entries take, in bytes.
    pub(super) bytes: u64,
    /// What is set aside for files that are on their way, in bytes.
    reserved: u64,
    /// The files that are on their way.
    arriving: HashMap<FileKey, Number>,
}

#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) number: Number,
    pub(super) info: FileInfo,
    /// What it takes, in bytes.
    pub(super) bytes: u64,
    /// When the store was known to hold just this; nothing where it was found in the folder.
    pub(super) checked_at: Option<Timestamp>,
    used: u64,
}

impl Entry {
    pub(super) fn new(number: Number, info: FileInfo, bytes: u64, checked_at: Option<Timestamp>) -> Self {
        Self { number, info, bytes, checked_at, used: 0 }
    }
}

impl Index {
    pub(super) fn files(&self) -> u64 {
        self.entries.len() as u64
    }

    /// The entry of `key`, which is used by that.
    pub(super) fn find(&mut self, key: &FileKey) -> Option<Entry> {
        let entry = self.entries.get_mut(key)?;
        let key = self.by_use.remove(&entry.used)?;
        self.last_use += 1;
        entry.used = self.last_use;
        self.by_use.insert(self.last_use, key);
        Some(entry.clone())
    }

    /// Notes that at `now` the store held the file of this `tag`.
    pub(super) fn trust(&mut self, key: &FileKey, tag: &FileTag, now: Timestamp) {
        if let Some(entry) = self.entries.get_mut(key).filter(|entry| entry.info.tag == *tag) {
            entry.checked_at = Some(now);
        }
    }

    /// Adds an entry; the answer is the one that it replaces.
    pub(super) fn insert(&mut self, key: FileKey, mut entry: Entry) -> Option<Number> {
        let replaced = self.remove(&key);
        self.last_use += 1;
        self.last_number = self.last_number.max(entry.number);
        entry.used = self.last_use;
        self.bytes += entry.bytes;
        self.by_use.insert(entry.used, key.clone());
        self.entries.insert(key, entry);
        replaced
    }

    pub(super) fn remove(&mut self, key: &FileKey) -> Option<Number> {
        let entry = self.entries.remove(key)?;
        self.by_use.remove(&entry.used);
        self.bytes -= entry.bytes;
        Some(entry.number)
    }

    /// Removes the entry of `key` if it is this one.
    pub(super) fn remove_this(&mut self, key: &FileKey, number: Number) -> Option<Number> {
        self.entries.get(key).filter(|entry| entry.number == number)?;
        self.remove(key)
    }

    /// Announces a file, unless it is on its way already.
    pub(super) fn announce(&mut self, key: &FileKey) -> Option<Number> {
        if self.arriving.contains_key(key) {
            return None;
        }
        self.last_number += 1;
        self.arriving.insert(key.clone(), self.last_number);
        Some(self.last_number)
    }

    /// Whether the file that was announced is what the store holds, as far as is known.
    pub(super) fn is_expected(&self, key: &FileKey, number: Number) -> bool {
        self.arriving.get(key) == Some(&number)
    }

    /// The file that was announced does not arrive, or has.
    pub(super) fn withdraw(&mut self, key: &FileKey, number: Number, reserved: u64) {
        self.reserved -= reserved;
        if self.is_expected(key, number) {
            self.arriving.remove(key);
        }
    }

    /// The file was replaced or removed: what is kept of it and what is on its way are no more than that.
    pub(super) fn forget(&mut self, key: &FileKey) -> Option<Number> {
        self.arriving.remove(key);
        self.remove(key)
    }

    /// Sets `bytes` aside, if there can be room for them among `max_bytes`; the answer is what has to go.
    pub(super) fn reserve(&mut self, bytes: u64, max_bytes: u64) -> Option<Vec<Number>> {
        let free = max_bytes.checked_sub(self.reserved)?.checked_sub(bytes)?;
        let removed = self.shrink(free);
        self.reserved += bytes;
        Some(removed)
    }

    /// Removes what was not used for the longest time, until the entries take `bytes` at most.
    pub(super) fn shrink(&mut self, bytes: u64) -> Vec<Number> {
        let mut removed = Vec::new();
        while self.bytes > bytes {
            let Some((_, key)) = self.by_use.pop_first() else { break };
            removed.extend(self.remove(&key));
        }
        removed
    }
}

/// Where the entry of this number is, below `folder`.
pub(super) fn path(folder: &std::path::Path, number: Number) -> PathBuf {
    folder.join(format!("{number:016x}"))
}

#[cfg(test)]
mod tests {
    use adstead_domain::port::FileMetadata;

    use super::*;

    fn key(name: &str) -> FileKey {
        name.parse().expect("a key")
    }

    fn entry(number: Number, bytes: u64) -> Entry {
        let info = FileInfo {
            size_bytes: bytes,
            tag: FileTag::new(number.to_string()),
            modified_at: Timestamp::UNIX_EPOCH,
            content_type: None,
            metadata: FileMetadata::default(),
        };
        Entry::new(number, info, bytes, None)
    }

    #[test]
    fn what_was_used_least_lately_makes_room_for_what_is_set_aside() {
        let mut index = Index::default();
        for (number, name) in ["a", "b", "c"].into_iter().enumerate() {
            assert_eq!(index.insert(key(name), entry(number as u64, 30)), None);
        }
        assert!(index.find(&key("a")).is_some());
        assert_eq!(index.reserve(10, 100), Some(vec![]));
        assert_eq!(index.reserve(20, 100), Some(vec![1]), "10 are set aside already");
        assert_eq!(index.reserve(71, 100), None, "30 are set aside already");
        assert_eq!((index.bytes, index.files()), (60, 2));
        index.withdraw(&key("x"), 9, 30);
        assert_eq!(index.reserve(100, 100), Some(vec![2, 0]));
    }

    #[test]
    fn a_file_that_is_replaced_on_its_way_is_not_expected_any_more() {
        let mut index = Index::default();
        let first = index.announce(&key("a")).expect("it is new");
        assert_eq!(index.announce(&key("a")), None, "it is on its way");
        assert!(index.is_expected(&key("a"), first));
        index.forget(&key("a"));
        let second = index.announce(&key("a")).expect("the first is out of date");
        assert!(!index.is_expected(&key("a"), first));
        index.withdraw(&key("a"), first, 0);
        assert!(index.is_expected(&key("a"), second), "the first takes nothing with it");
    }

    #[test]
    fn an_entry_is_replaced_and_removed_by_its_number() {
        let mut index = Index::default();
        index.insert(key("a"), entry(1, 30));
        assert_eq!(index.insert(key("a"), entry(2, 40)), Some(1));
        assert_eq!(index.remove_this(&key("a"), 1), None);
        assert_eq!(index.remove_this(&key("a"), 2), Some(2));
        assert_eq!((index.bytes, index.files()), (0, 0));
    }
}
