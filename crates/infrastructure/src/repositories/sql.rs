//! Where the engines' SQL differs.

use sea_orm::sea_query::{BinOper, Expr, ExprTrait, SimpleExpr};

use crate::database::Engine;

/// The sum of a column of 64-bit integers as one of them: servers would answer a decimal number. Where it is greater than 64
/// bits hold, the statement fails; MariaDB's casts would answer the greatest number instead, while its `DIV` fails.
pub(super) fn sum(engine: Engine, amounts: impl Into<SimpleExpr>) -> SimpleExpr {
    let sum = amounts.into().sum();
    match engine {
        Engine::Sqlite => sum,
        Engine::Postgres => sum.cast_as("bigint"),
        Engine::MariaDb => sum.binary(BinOper::Custom("DIV"), Expr::val(1_i64)),
    }
}
