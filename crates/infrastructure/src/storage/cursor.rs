//! Lists that walk two stores.

use adstead_domain::port::{FilePage, PortError, PortErrorKind};

/// Which of two stores a list walks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Walked {
    First,
    Second,
}

/// Where a list over two stores goes on.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Cursor<'a> {
    pub(super) walked: Walked,
    /// The cursor of that store; nothing at its beginning.
    pub(super) inner: Option<&'a str>,
}

impl<'a> Cursor<'a> {
    /// The place that `cursor` names; without one, the beginning of the first store.
    pub(super) fn read(cursor: Option<&'a str>) -> Result<Self, PortError> {
        let Some(cursor) = cursor else { return Ok(Self { walked: Walked::First, inner: None }) };
        let (walked, inner) = match cursor.split_once(':') {
            Some(("1", inner)) => (Walked::First, inner),
            Some(("2", inner)) => (Walked::Second, inner),
            _ => {
                let strange =
                    format!("{cursor:?} is no cursor of a list of files: ask for the first page again");
                return Err(PortError::new(PortErrorKind::Rejected, "files.list").with_source(strange));
            }
        };
        Ok(Self { walked, inner: Some(inner).filter(|inner| !inner.is_empty()) })
    }
}

impl Walked {
    /// The cursor of this store's place `inner`.
    pub(super) fn cursor(self, inner: &str) -> String {
        match self {
            Self::First => format!("1:{inner}"),
            Self::Second => format!("2:{inner}"),
        }
    }

    /// A page of this store, as one of both.
    pub(super) fn page(self, page: FilePage) -> FilePage {
        FilePage { next: page.next.map(|next| self.cursor(&next)), ..page }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_as_it_was_written() {
        for walked in [Walked::First, Walked::Second] {
            for inner in ["assets/0199", "1:x", ":"] {
                let written = walked.cursor(inner);
                let cursor = Cursor::read(Some(&written)).expect("a cursor");
                assert_eq!(cursor, Cursor { walked, inner: Some(inner) });
            }
            let beginning = walked.cursor("");
            assert_eq!(Cursor::read(Some(&beginning)).expect("a cursor"), Cursor { walked, inner: None });
        }
        for strange in ["", "x", "3:x", "assets/0199"] {
            assert!(Cursor::read(Some(strange)).is_err(), "{strange:?}");
        }
    }
}
