//! Whose turn it is to count.

use adstead_domain::AccountId;
use sea_orm::sea_query::{Expr, ExprTrait, LockType, Query};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, Statement};

use crate::database::{DatabaseError, Engine};

/// The first key of PostgreSQL's lock of those who count; the second is the account's.
const RECORDERS: i32 = 0x6164_0001;

/// Waits until nobody else counts events of the account; until the end of the transaction, nobody else does.
pub(in crate::repositories) async fn take_turn(
    tx: &DatabaseTransaction,
    account: AccountId,
) -> Result<(), DatabaseError> {
    match Engine::of(tx) {
        // There is one writer.
        Engine::Sqlite => {}
        Engine::MariaDb => {
            let row = Query::select()
                .column("id")
                .from("accounts")
                .and_where(Expr::col("id").eq(account.uuid()))
                .lock(LockType::Update)
                .take();
            tx.query_one(&row).await?;
        }
        Engine::Postgres => {
            let (_, half) = account.uuid().as_u64_pair();
            let turn = [RECORDERS.into(), ((half >> 32) as u32 ^ half as u32).cast_signed().into()];
            let take = "SELECT pg_advisory_xact_lock($1, $2)::text";
            tx.query_one_raw(Statement::from_sql_and_values(DbBackend::Postgres, take, turn)).await?;
        }
    }
    Ok(())
}
