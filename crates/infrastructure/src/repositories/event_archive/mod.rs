//! Keeps raw events for as long as they are wanted, and compares figures with them.

mod expire;
mod horizon;
mod rebuild;

use std::sync::Arc;

use adstead_domain::port::{Comparison, EventArchive, Expired, PortError};
use adstead_domain::{AccountId, KeptRejection, Page, PageRequest, RejectedEvent};
use async_trait::async_trait;
use jiff::Timestamp;
use sea_orm::sea_query::{Expr, ExprTrait, Order, Query, SelectStatement};
use sea_orm::{ConnectionTrait, QueryResult};

use super::entity::performance::RejectedEvents;
use super::entity::value::{instant, parsed};
use crate::database::{DatabaseError, DatabaseManager};

pub(super) struct DatabaseEventArchive {
    pub(super) database: Arc<DatabaseManager>,
}

#[async_trait]
impl EventArchive for DatabaseEventArchive {
    #[tracing::instrument(level = "debug", skip_all, err(level = "debug"))]
    async fn kept_since(&self) -> Result<Timestamp, PortError> {
        self.database
            .read(async |database| horizon::read(database).await)
            .await
            .map_err(|error| error.during("event_archive.kept_since"))
    }

    #[tracing::instrument(level = "debug", skip_all, fields(%before), err(level = "debug"))]
    async fn expire(&self, before: Timestamp) -> Result<Expired, PortError> {
        expire::expire(&self.database, before).await.map_err(|error| error.during("event_archive.expire"))
    }

    #[tracing::instrument(level = "debug", skip_all, fields(%account), err(level = "debug"))]
    async fn compare(&self, account: AccountId) -> Result<Comparison, PortError> {
        self.database
            .read(async |database| rebuild::compare(database, account).await)
            .await
            .map_err(|error| error.during("event_archive.compare"))
    }

    #[tracing::instrument(level = "debug", skip_all, fields(%account), err(level = "debug"))]
    async fn mend(&self, account: AccountId) -> Result<Comparison, PortError> {
        self.database
            .transaction(async |tx| rebuild::mend(tx, account).await)
            .await
            .map_err(|error| error.during("event_archive.mend"))
    }

    #[tracing::instrument(level = "debug", skip_all, fields(%account), err(level = "debug"))]
    async fn rejected(
        &self,
        account: AccountId,
        page: PageRequest,
    ) -> Result<Page<KeptRejection>, PortError> {
        let wanted = rejections(account, page);
        self.database
            .read(async |database| {
                let rows = database.query_all(&wanted).await?;
                let kept = rows.iter().map(rejection).collect::<Result<_, DatabaseError>>()?;
                Ok(Page::from_overfetched(kept, page, KeptRejection::place))
            })
            .await
            .map_err(|error: DatabaseError| error.during("event_archive.rejected"))
    }
}

/// The rows of a page and one more: those behind the place of the last one seen.
fn rejections(account: AccountId, page: PageRequest) -> SelectStatement {
    use RejectedEvents as Column;
    let limit = u64::try_from(page.limit() + 1).expect("a page is small");
    let mut rows = Query::select()
        .columns([Column::ReceivedAt, Column::Digest, Column::Reason, Column::Payload])
        .from(Column::Table)
        .and_where(Expr::col(Column::AccountId).eq(account.uuid()))
        .order_by(Column::ReceivedAt, Order::Desc)
        .order_by(Column::Digest, Order::Desc)
        .limit(limit)
        .take();
    if let Some(place) = page.after {
        let (received_at, beginning) = KeptRejection::at_place(place);
        // As text, every digest that begins so is greater than its beginning.
        let same_instant = Expr::col(Column::ReceivedAt).eq(received_at);
        let behind = same_instant.and(Expr::col(Column::Digest).lt(format!("{beginning:016x}")));
        rows.and_where(Expr::col(Column::ReceivedAt).lte(received_at))
            .and_where(Expr::col(Column::ReceivedAt).lt(received_at).or(behind));
    }
    rows
}

fn rejection(row: &QueryResult) -> Result<KeptRejection, DatabaseError> {
    Ok(KeptRejection {
        received_at: instant("rejected_events.received_at", row.try_get_by_index(0)?)?,
        event: RejectedEvent {
            digest: parsed("rejected_events.digest", &row.try_get_by_index::<String>(1)?)?,
            reason: row.try_get_by_index(2)?,
            payload: row.try_get_by_index(3)?,
        },
    })
}
