//! Whom servers run as.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;

/// A user without privileges.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Account {
    pub(crate) user: u32,
    pub(crate) group: u32,
}

impl Account {
    /// Whether this process is root's.
    ///
    /// # Errors
    /// The system has no `/proc`.
    pub(crate) fn is_root() -> io::Result<bool> {
        Ok(fs::metadata("/proc/self")?.uid() == 0)
    }

    /// The account that root's servers run as.
    pub(crate) fn unprivileged() -> io::Result<Option<Self>> {
        let accounts = fs::read_to_string("/etc/passwd")?;
        Ok(["postgres", "nobody"].iter().find_map(|name| Self::named(name, &accounts)))
    }

    /// Looks `name` up in the lines of a passwd(5): `name:password:uid:gid:…`.
    fn named(name: &str, accounts: &str) -> Option<Self> {
        accounts.lines().find_map(|line| {
            let mut fields = line.split(':');
            let is_it = fields.next() == Some(name);
            let mut number = |skipped| fields.nth(skipped)?.parse().ok();
            let account = Self { user: number(1)?, group: number(0)? };
            is_it.then_some(account)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_found_by_its_name() {
        let accounts = "root:x:0:0:root:/root:/bin/bash\n+::::::\nnobody:x:65534:65533::/:/bin/false\n";
        assert_eq!(Account::named("nobody", accounts), Some(Account { user: 65534, group: 65533 }));
        assert_eq!(Account::named("postgres", accounts), None);
    }
}
