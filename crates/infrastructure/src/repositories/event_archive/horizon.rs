//! The moment since which all events are kept: one row, from the first deletion on.

use jiff::Timestamp;
use sea_orm::sea_query::{Alias, CaseStatement, Expr, ExprTrait, Func, OnConflict, Query, SimpleExpr};
use sea_orm::{ConnectionTrait, DatabaseTransaction};

use crate::database::{DatabaseError, Engine};
use crate::repositories::entity::performance::EventHorizon;
use crate::repositories::entity::value::{instant, micros};

/// The key of the only row.
const ONLY: i32 = 1;

/// The moment in SQL, so that a statement sees it as it sees the events.
pub(super) const KEPT_SINCE: &str = "coalesce((SELECT kept_since FROM event_horizon), 0)";

pub(super) async fn read(database: &impl ConnectionTrait) -> Result<Timestamp, DatabaseError> {
    let row = Query::select().column(EventHorizon::KeptSince).from(EventHorizon::Table).take();
    let row = database.query_one(&row).await?;
    let kept_since = row.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or_default();
    instant("event_horizon.kept_since", kept_since)
}

/// Moves the moment on to `to`, never back. Until the end of the transaction nobody else moves it, and so nobody begins to
/// delete what it covers.
pub(super) async fn advance(tx: &DatabaseTransaction, to: Timestamp) -> Result<(), DatabaseError> {
    use EventHorizon as Column;
    let stored = || Expr::col((Column::Table, Column::KeptSince));
    let offered = || -> SimpleExpr {
        match Engine::of(tx) {
            Engine::MariaDb => Func::cust("VALUES").arg(Expr::col(Column::KeptSince)).into(),
            Engine::Sqlite | Engine::Postgres => Expr::col((Alias::new("excluded"), Column::KeptSince)),
        }
    };
    let later = CaseStatement::new().case(stored().lt(offered()), offered()).finally(stored());
    let upsert = Query::insert()
        .into_table(Column::Table)
        .columns([Column::Id, Column::KeptSince])
        .values_panic([ONLY.into(), micros(to).into()])
        .on_conflict(OnConflict::column(Column::Id).value(Column::KeptSince, later).to_owned())
        .take();
    tx.execute(&upsert).await?;
    Ok(())
}

/// Holds the moment where it is until the end of the transaction.
pub(super) async fn hold(tx: &DatabaseTransaction) -> Result<(), DatabaseError> {
    advance(tx, Timestamp::UNIX_EPOCH).await
}
