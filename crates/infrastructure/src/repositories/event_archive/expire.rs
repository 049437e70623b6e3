//! Deletes old events without keeping those who record new ones waiting.

use adstead_domain::port::Expired;
use jiff::Timestamp;
use sea_orm::sea_query::{Expr, ExprTrait, IntoIden, Order, Query, SelectStatement, SimpleExpr};
use sea_orm::{ConnectionTrait, DatabaseConnection};
use uuid::Uuid;

use super::horizon;
use crate::database::{DatabaseError, DatabaseManager, Engine};
use crate::repositories::entity::performance::{PerformanceEvents, RejectedEvents};
use crate::repositories::entity::value::micros;
use crate::repositories::performance::partitions::drop_months;

/// How many rows of the primary key one transaction deletes from: a few milliseconds.
const STRIDE: u64 = 2_000;

/// First everybody learns since when events are kept, then the older ones go.
pub(super) async fn expire(database: &DatabaseManager, before: Timestamp) -> Result<Expired, DatabaseError> {
    database.transaction(async |tx| horizon::advance(tx, before).await).await?;
    let events = match database.engine() {
        Engine::Postgres => drop_months(database, before).await?,
        Engine::Sqlite | Engine::MariaDb => delete_events(database, before).await?,
    };
    let rejected = delete_rejected(database, before).await?;
    Ok(Expired { events, rejected })
}

/// Walks through the primary key, a stride at a time: events have no order of time there, and an index by it would cost
/// every recorder.
async fn delete_events(database: &DatabaseManager, before: Timestamp) -> Result<u64, DatabaseError> {
    use PerformanceEvents as Column;
    let mut deleted = 0;
    let mut last = None;
    while let Some(account) = next_account(database, Column::Table, Column::AccountId, last).await? {
        let mut after = None;
        loop {
            let stride = database.read(async |database| Stride::find(database, account, after, before).await);
            let Stride { end, holds_old } = stride.await?;
            if holds_old {
                let mut delete = Query::delete().from_table(Column::Table).take();
                delete
                    .and_where(Expr::col(Column::AccountId).eq(account))
                    .and_where(Expr::col(Column::OccurredAt).lt(micros(before)));
                for limit in between(after, end) {
                    delete.and_where(limit);
                }
                deleted += database
                    .transaction(async |tx| {
                        Ok::<_, DatabaseError>(tx.execute(&delete).await?.rows_affected())
                    })
                    .await?;
            }
            match end {
                Some(end) => after = Some(end),
                None => break,
            }
        }
        last = Some(account);
    }
    Ok(deleted)
}

/// A piece of an account's events, in the order of their ids.
struct Stride {
    /// The last id of it; nothing where it is the last piece.
    end: Option<Uuid>,
    /// Whether there is anything to delete.
    holds_old: bool,
}

impl Stride {
    async fn find(
        database: &DatabaseConnection,
        account: Uuid,
        after: Option<Uuid>,
        before: Timestamp,
    ) -> Result<Self, DatabaseError> {
        use PerformanceEvents as Column;
        let ids = |end| {
            let mut ids = Query::select();
            ids.column(Column::Id)
                .from(Column::Table)
                .and_where(Expr::col(Column::AccountId).eq(account))
                .limit(1);
            for limit in between(after, end) {
                ids.and_where(limit);
            }
            ids
        };
        let last = ids(None).order_by(Column::Id, Order::Asc).offset(STRIDE - 1).take();
        let end = first(database, &last).await?;
        let old = ids(end).and_where(Expr::col(Column::OccurredAt).lt(micros(before))).take();
        Ok(Self { end, holds_old: first(database, &old).await?.is_some() })
    }
}

/// The conditions on an id behind `after`, up to `end`.
fn between(after: Option<Uuid>, end: Option<Uuid>) -> impl Iterator<Item = SimpleExpr> {
    let id = || Expr::col(PerformanceEvents::Id);
    let after = after.map(|after| id().gt(after));
    after.into_iter().chain(end.map(|end| id().lte(end)))
}

/// What was sent again meanwhile is not old any more.
async fn delete_rejected(database: &DatabaseManager, before: Timestamp) -> Result<u64, DatabaseError> {
    use RejectedEvents as Column;
    let mut deleted = 0;
    let mut last = None;
    while let Some(account) = next_account(database, Column::Table, Column::AccountId, last).await? {
        let is_old = || {
            let of_account = Expr::col(Column::AccountId).eq(account);
            of_account.and(Expr::col(Column::ReceivedAt).lt(micros(before)))
        };
        let oldest = Query::select()
            .column(Column::Digest)
            .from(Column::Table)
            .and_where(is_old())
            .order_by(Column::ReceivedAt, Order::Asc)
            .limit(STRIDE)
            .take();
        loop {
            let digests = database
                .read(async |database| {
                    let rows = database.query_all(&oldest).await?;
                    let digests = rows.iter().map(|row| row.try_get_by_index::<String>(0));
                    Ok::<_, DatabaseError>(digests.collect::<Result<Vec<_>, _>>()?)
                })
                .await?;
            if digests.is_empty() {
                break;
            }
            let delete = Query::delete()
                .from_table(Column::Table)
                .and_where(is_old())
                .and_where(Expr::col(Column::Digest).is_in(digests))
                .take();
            deleted += database
                .transaction(async |tx| Ok::<_, DatabaseError>(tx.execute(&delete).await?.rows_affected()))
                .await?;
        }
        last = Some(account);
    }
    Ok(deleted)
}

/// The account after `last` that has rows in the table.
async fn next_account<Name: IntoIden + Copy>(
    database: &DatabaseManager,
    table: Name,
    column: Name,
    last: Option<Uuid>,
) -> Result<Option<Uuid>, DatabaseError> {
    let mut next = Query::select();
    next.column(column).from(table.into_iden()).order_by(column, Order::Asc).limit(1);
    if let Some(last) = last {
        next.and_where(Expr::col(column).gt(last));
    }
    database.read(async |database| first(database, &next).await).await
}

async fn first(
    database: &DatabaseConnection,
    query: &SelectStatement,
) -> Result<Option<Uuid>, DatabaseError> {
    let row = database.query_one(query).await?;
    Ok(row.map(|row| row.try_get_by_index(0)).transpose()?)
}
