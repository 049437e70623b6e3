use std::sync::Arc;

use adstead_domain::port::{PortError, SigningKeys};
use adstead_domain::{SigningKey, SigningPurpose};
use async_trait::async_trait;
use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Query};

use super::entity::signing_keys::SigningKeys as Column;
use crate::database::{DatabaseError, DatabaseManager, Fault};

pub(super) struct DatabaseSigningKeys {
    pub(super) database: Arc<DatabaseManager>,
}

#[async_trait]
impl SigningKeys for DatabaseSigningKeys {
    #[tracing::instrument(level = "debug", skip_all, fields(%purpose), err(level = "debug"))]
    async fn agree(&self, purpose: SigningPurpose, candidate: SigningKey) -> Result<SigningKey, PortError> {
        let propose = Query::insert()
            .into_table(Column::Table)
            .columns([Column::Purpose, Column::Secret])
            .values_panic([purpose.as_str().into(), candidate.reveal().to_vec().into()])
            .on_conflict(OnConflict::column(Column::Purpose).do_nothing_on([Column::Purpose]).to_owned())
            .take();
        let kept = Query::select()
            .column(Column::Secret)
            .from(Column::Table)
            .and_where(Expr::col(Column::Purpose).eq(purpose.as_str()))
            .take();
        self.database
            .transaction(async |tx| {
                tx.execute(&propose).await?;
                let row = tx.query_one(&kept).await?.ok_or_else(|| DatabaseError::from(Fault::Lacking))?;
                let secret: Vec<u8> = row.try_get_by_index(0)?;
                let secret = secret.try_into();
                secret
                    .map(SigningKey::new)
                    .map_err(|_| DatabaseError::corrupt("signing_keys.secret", "it has not 32 bytes"))
            })
            .await
            .map_err(|error: DatabaseError| error.during("signing_keys.agree"))
    }
}
