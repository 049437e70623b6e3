use adstead_domain::PageRequest;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};

/// The rows of a page and one more, newest first: those with an id below the last one seen. The primary key finds the
/// first of them at once, however far down the list it stands.
pub(super) fn overfetched<E: EntityTrait>(rows: Select<E>, id: E::Column, page: PageRequest) -> Select<E> {
    let limit = u64::try_from(page.limit() + 1).expect("a page is small");
    let rows = rows.order_by_desc(id).limit(limit);
    match page.after {
        Some(after) => rows.filter(id.lt(after)),
        None => rows,
    }
}
