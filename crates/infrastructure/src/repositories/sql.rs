//! Where the engines' SQL differs.

use sea_orm::sea_query::{ExprTrait, SimpleExpr};

use crate::database::Engine;

/// The sum of a column of 64-bit integers as one of them: servers would answer a decimal number.
pub(super) fn sum(engine: Engine, amounts: impl Into<SimpleExpr>) -> SimpleExpr {
    let sum = amounts.into().sum();
    match engine {
        Engine::Sqlite => sum,
        Engine::Postgres => sum.cast_as("bigint"),
        Engine::MariaDb => sum.cast_as("signed"),
    }
}
