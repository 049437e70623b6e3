use std::sync::Arc;

use adstead_domain::port::{PortError, SubscriptionRepository};
use adstead_domain::{AccountId, Subscription, SubscriptionId, UserId, Version};
use async_trait::async_trait;
use sea_orm::{
    ActiveModelTrait, ActiveValue, ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait,
};

use super::entity::subscriptions::{ActiveModel, Column, Entity, Model};
use super::entity::value::number;
use super::written::{Unwritten, met};
use crate::database::{DatabaseError, DatabaseManager, Fault};

pub(super) struct DatabaseSubscriptions {
    pub(super) database: Arc<DatabaseManager>,
}

#[async_trait]
impl SubscriptionRepository for DatabaseSubscriptions {
    #[tracing::instrument(level = "debug", skip_all, fields(subscription = %subscription.id), err(level = "debug"))]
    async fn insert(&self, subscription: &Subscription) -> Result<(), PortError> {
        self.database
            .transaction(async |tx| {
                let there = Entity::find().filter(Column::AccountId.eq(subscription.account_id.uuid()));
                if there.count(tx).await? >= Subscription::MOST as u64 {
                    return Err(DatabaseError::from(Fault::Taken));
                }
                Entity::insert(Model::from(subscription).into_active_model())
                    .exec_without_returning(tx)
                    .await?;
                Ok(())
            })
            .await
            .map_err(|error: DatabaseError| error.during("subscriptions.insert"))
    }

    #[tracing::instrument(level = "debug", skip_all, fields(subscription = %id), err(level = "debug"))]
    async fn get(&self, account: AccountId, id: SubscriptionId) -> Result<Option<Subscription>, PortError> {
        self.database
            .read(async |database| {
                let row = Entity::find_by_id((account.uuid(), id.uuid())).one(database).await?;
                row.map(Subscription::try_from).transpose()
            })
            .await
            .map_err(|error: DatabaseError| error.during("subscriptions.get"))
    }

    #[tracing::instrument(level = "debug", skip_all, fields(subscription = %id), err(level = "debug"))]
    async fn find(&self, id: SubscriptionId) -> Result<Option<Subscription>, PortError> {
        self.database
            .read(async |database| {
                let row = Entity::find().filter(Column::Id.eq(id.uuid())).one(database).await?;
                row.map(Subscription::try_from).transpose()
            })
            .await
            .map_err(|error: DatabaseError| error.during("subscriptions.find"))
    }

    #[tracing::instrument(level = "debug", skip_all, fields(account = %account), err(level = "debug"))]
    async fn of_account(
        &self,
        account: AccountId,
        user: Option<UserId>,
    ) -> Result<Vec<Subscription>, PortError> {
        self.database
            .read(async |database| {
                let rows = Entity::find()
                    .filter(Column::AccountId.eq(account.uuid()))
                    .apply_if(user, |rows, user| rows.filter(Column::UserId.eq(user.uuid())))
                    .order_by_desc(Column::Id)
                    .all(database)
                    .await?;
                rows.into_iter().map(Subscription::try_from).collect()
            })
            .await
            .map_err(|error: DatabaseError| error.during("subscriptions.of_account"))
    }

    #[tracing::instrument(level = "debug", skip_all, err(level = "debug"))]
    async fn accounts(&self) -> Result<Vec<AccountId>, PortError> {
        self.database
            .read(async |database| {
                let accounts = Entity::find()
                    .select_only()
                    .column(Column::AccountId)
                    .distinct()
                    .order_by_asc(Column::AccountId)
                    .into_tuple()
                    .all(database)
                    .await?;
                Ok(accounts.into_iter().map(AccountId::new).collect())
            })
            .await
            .map_err(|error: DatabaseError| error.during("subscriptions.accounts"))
    }

    #[tracing::instrument(level = "debug", skip_all, fields(subscription = %subscription.id), err(level = "debug"))]
    async fn update(&self, subscription: &Subscription) -> Result<Version, PortError> {
        let version = subscription.version.next();
        self.database
            .transaction(async |tx| {
                let next = Subscription { version, ..subscription.clone() };
                let changed = ActiveModel {
                    account_id: ActiveValue::NotSet,
                    id: ActiveValue::NotSet,
                    ..Model::from(&next).into_active_model().reset_all()
                };
                let update = Entity::update_many()
                    .set(changed)
                    .filter(Column::AccountId.eq(subscription.account_id.uuid()))
                    .filter(Column::Id.eq(subscription.id.uuid()))
                    .filter(Column::Version.eq(number(subscription.version)));
                met(update.exec(tx).await.map_err(DatabaseError::from)?.rows_affected)
            })
            .await
            .map_err(|error: Unwritten| error.during("subscriptions.update"))?;
        Ok(version)
    }

    #[tracing::instrument(level = "debug", skip_all, fields(subscription = %id), err(level = "debug"))]
    async fn delete(&self, account: AccountId, id: SubscriptionId) -> Result<bool, PortError> {
        let deleted = self
            .database
            .transaction(async |tx| {
                Ok(Entity::delete_by_id((account.uuid(), id.uuid())).exec(tx).await?.rows_affected)
            })
            .await
            .map_err(|error: DatabaseError| error.during("subscriptions.delete"))?;
        Ok(deleted > 0)
    }
}
