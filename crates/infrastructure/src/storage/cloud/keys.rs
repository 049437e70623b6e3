//! What the files of the storage are called in the bucket.

use adstead_domain::port::FileKey;

/// The names below the prefix of the storage.
#[derive(Debug, Clone)]
pub(super) struct Keys {
    /// The prefix with a slash behind it, or nothing.
    root: String,
}

impl Keys {
    pub(super) fn below(prefix: Option<&FileKey>) -> Self {
        Self { root: prefix.map_or_else(String::new, |prefix| format!("{prefix}/")) }
    }

    /// The name of a file.
    pub(super) fn object(&self, key: &FileKey) -> String {
        format!("{}{key}", self.root)
    }

    /// What the names of all files below `prefix` begin with; nothing where all names do.
    pub(super) fn folder(&self, prefix: Option<&FileKey>) -> Option<String> {
        let folder = prefix.map_or_else(|| self.root.clone(), |prefix| format!("{}{prefix}/", self.root));
        Some(folder).filter(|folder| !folder.is_empty())
    }

    /// The file of this name; none where somebody else put it there.
    pub(super) fn file(&self, object: &str) -> Option<FileKey> {
        object.strip_prefix(&self.root)?.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> FileKey {
        text.parse().expect("a key")
    }

    #[test]
    fn a_file_is_found_by_its_name() {
        for (keys, name) in
            [(Keys::below(None), "assets/1"), (Keys::below(Some(&key("a/b"))), "a/b/assets/1")]
        {
            assert_eq!(keys.object(&key("assets/1")), name);
            assert_eq!(keys.file(name), Some(key("assets/1")));
        }
    }

    #[test]
    fn what_is_not_ours_is_no_file() {
        let keys = Keys::below(Some(&key("a/b")));
        for strange in ["a/b", "a/b/", "a/b/Upper", "a/bc/d", "assets/1", ""] {
            assert_eq!(keys.file(strange), None, "{strange:?}");
        }
    }
}
