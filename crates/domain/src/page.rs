//! Pages of a list, newest first, by keyset: what comes after a given id, never "skip so many".

use uuid::Uuid;

use crate::Violation;

/// Which part of a list is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageRequest {
    limit: u16,
    /// The id of the last thing already seen; nothing means the beginning.
    pub after: Option<Uuid>,
}

impl PageRequest {
    /// The most things of one page.
    pub const MAX_LIMIT: u16 = 200;
    /// How many things a page has where nobody asks for a number.
    pub const DEFAULT_LIMIT: u16 = 50;

    /// A page of `limit` things, 1 to [`PageRequest::MAX_LIMIT`].
    ///
    /// # Errors
    /// A limit out of bounds.
    pub fn new(limit: u16, after: Option<Uuid>) -> Result<Self, Violation> {
        if (1..=Self::MAX_LIMIT).contains(&limit) {
            return Ok(Self { limit, after });
        }
        let most = Self::MAX_LIMIT;
        Err(Violation::invalid(format!("the limit {limit} is out of bounds: ask for 1 to {most}")))
    }

    /// The most things that the page may have.
    pub fn limit(self) -> usize {
        self.limit.into()
    }
}

impl Default for PageRequest {
    fn default() -> Self {
        Self { limit: Self::DEFAULT_LIMIT, after: None }
    }
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The things, newest first.
    pub items: Vec<T>,
    /// Where the next page begins, if there is one.
    pub next: Option<Uuid>,
}

impl<T> Page<T> {
    /// A page from up to `request.limit() + 1` things: the one too many only shows that there are more.
    pub fn from_overfetched(mut items: Vec<T>, request: PageRequest, id: impl Fn(&T) -> Uuid) -> Self {
        let more = items.len() > request.limit();
        items.truncate(request.limit());
        let next = if more { items.last().map(id) } else { None };
        Self { items, next }
    }
}
