//! The names of the signing keys' table. There is no entity: its `Debug` would show the secret.

use sea_orm::sea_query::{self, Iden};

#[derive(Debug, Clone, Copy, Iden)]
pub(in crate::repositories) enum SigningKeys {
    Table,
    Purpose,
    Secret,
}
