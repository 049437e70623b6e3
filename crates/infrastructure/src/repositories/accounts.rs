use std::sync::Arc;

use adstead_domain::port::{AccountRepository, PortError, PortErrorKind};
use adstead_domain::{
    Account, AccountId, AccountName, ApiKey, ApiKeyId, Currency, Email, Page, PageRequest, Sha256Digest, User,
};
use async_trait::async_trait;
use jiff::Timestamp;
use sea_orm::sea_query::{Expr, ExprTrait, Func};
use sea_orm::{
    ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};

use super::entity::value::{micros, parsed};
use super::entity::{accounts, api_keys, users};
use super::paging::overfetched;
use crate::database::{DatabaseError, DatabaseManager};

pub(super) struct DatabaseAccounts {
    pub(super) database: Arc<DatabaseManager>,
}

#[async_trait]
impl AccountRepository for DatabaseAccounts {
    #[tracing::instrument(level = "debug", skip_all, fields(account = %account.id), err(level = "debug"))]
    async fn insert(&self, account: &Account) -> Result<(), PortError> {
        self.database
            .transaction(async |tx| insert_account(tx, account).await)
            .await
            .map_err(|error| error.during("accounts.insert"))
    }

    #[tracing::instrument(level = "debug", skip_all, fields(account = %account.id), err(level = "debug"))]
    async fn found(&self, account: &Account, user: &User, key: &ApiKey) -> Result<bool, PortError> {
        self.database
            .serializable(async |tx| {
                let any = accounts::Entity::find().limit(1).one(tx).await?;
                if any.is_some() {
                    return Ok(false);
                }
                insert_account(tx, account).await?;
                insert_user(tx, user).await?;
                insert_key(tx, key).await?;
                Ok(true)
            })
            .await
            .map_err(|error: DatabaseError| error.during("accounts.found"))
    }

    #[tracing::instrument(level = "debug", skip_all, fields(account = %id), err(level = "debug"))]
    async fn get(&self, id: AccountId) -> Result<Option<Account>, PortError> {
        self.database
            .read(async |database| {
                let row = accounts::Entity::find_by_id(id.uuid()).one(database).await?;
                row.map(Account::try_from).transpose()
            })
            .await
            .map_err(|error| error.during("accounts.get"))
    }

    #[tracing::instrument(level = "debug", skip_all, err(level = "debug"))]
    async fn by_name(&self, name: &AccountName) -> Result<Option<Account>, PortError> {
        self.database
            .read(async |database| {
                let named = accounts::Entity::find().filter(accounts::Column::Name.eq(name.as_str()));
                named.one(database).await?.map(Account::try_from).transpose()
            })
            .await
            .map_err(|error| error.during("accounts.by_name"))
    }

    #[tracing::instrument(level = "debug", skip_all, err(level = "debug"))]
    async fn list(&self, page: PageRequest) -> Result<Page<Account>, PortError> {
        self.database
            .read(async |database| {
                let wanted = accounts::Entity::find();
                let rows = overfetched(wanted, accounts::Column::Id, page).all(database).await?;
                let accounts = rows.into_iter().map(Account::try_from).collect::<Result<_, _>>()?;
                Ok(Page::from_overfetched(accounts, page, |account: &Account| account.id.uuid()))
            })
            .await
            .map_err(|error: DatabaseError| error.during("accounts.list"))
    }

    #[tracing::instrument(level = "debug", skip_all, fields(account = %id), err(level = "debug"))]
    async fn fix_currency(&self, id: AccountId, currency: Currency) -> Result<Currency, PortError> {
        let fixed = self
            .database
            .transaction(async |tx| {
                accounts::Entity::update_many()
                    .col_expr(accounts::Column::Currency, Expr::val(currency.code()))
                    .filter(accounts::Column::Id.eq(id.uuid()))
                    .filter(accounts::Column::Currency.is_null())
                    .exec(tx)
                    .await?;
                let account = accounts::Entity::find_by_id(id.uuid()).one(tx).await?;
                let code = account.and_then(|account| account.currency);
                code.map(|code| parsed("accounts.currency", &code)).transpose()
            })
            .await
            .map_err(|error: DatabaseError| error.during("accounts.fix_currency"))?;
        fixed.ok_or_else(|| {
            PortError::new(PortErrorKind::Rejected, "accounts.fix_currency")
                .with_source("there is no such account")
        })
    }

    #[tracing::instrument(level = "debug", skip_all, fields(user = %user.id), err(level = "debug"))]
    async fn insert_user(&self, user: &User) -> Result<(), PortError> {
        self.database
            .transaction(async |tx| insert_user(tx, user).await)
            .await
            .map_err(|error| error.during("accounts.insert_user"))
    }

    #[tracing::instrument(level = "debug", skip_all, fields(account = %account), err(level = "debug"))]
    async fn user_by_email(&self, account: AccountId, email: &Email) -> Result<Option<User>, PortError> {
        self.database
            .read(async |database| {
                let row = users::Entity::find()
                    .filter(users::Column::AccountId.eq(account.uuid()))
                    .filter(users::Column::Email.eq(email.as_str()))
                    .one(database)
                    .await?;
                row.map(User::try_from).transpose()
            })
            .await
            .map_err(|error| error.during("accounts.user_by_email"))
    }

    #[tracing::instrument(level = "debug", skip_all, fields(key = %key.id), err(level = "debug"))]
    async fn insert_key(&self, key: &ApiKey) -> Result<(), PortError> {
        self.database
            .transaction(async |tx| insert_key(tx, key).await)
            .await
            .map_err(|error| error.during("accounts.insert_key"))
    }

    #[tracing::instrument(level = "debug", skip_all, err(level = "debug"))]
    async fn key_by_digest(&self, digest: &Sha256Digest) -> Result<Option<ApiKey>, PortError> {
        self.database
            .read(async |database| {
                let shown = api_keys::Entity::find().filter(api_keys::Column::Digest.eq(digest.to_string()));
                shown.one(database).await?.map(ApiKey::try_from).transpose()
            })
            .await
            .map_err(|error| error.during("accounts.key_by_digest"))
    }

    #[tracing::instrument(level = "debug", skip_all, fields(account = %account), err(level = "debug"))]
    async fn keys(&self, account: AccountId) -> Result<Vec<ApiKey>, PortError> {
        self.database
            .read(async |database| {
                let rows = api_keys::Entity::find()
                    .filter(api_keys::Column::AccountId.eq(account.uuid()))
                    .order_by_desc(api_keys::Column::Id)
                    .all(database)
                    .await?;
                rows.into_iter().map(ApiKey::try_from).collect()
            })
            .await
            .map_err(|error: DatabaseError| error.during("accounts.keys"))
    }

    #[tracing::instrument(level = "debug", skip_all, fields(key = %id), err(level = "debug"))]
    async fn note_key_use(&self, id: ApiKeyId, at: Timestamp) -> Result<(), PortError> {
        let last = api_keys::Column::LastUsedAt;
        self.database
            .transaction(async |tx| {
                api_keys::Entity::update_many()
                    .col_expr(last, Expr::val(micros(at)))
                    .filter(api_keys::Column::Id.eq(id.uuid()))
                    .filter(last.is_null().or(last.lt(micros(at))))
                    .exec(tx)
                    .await?;
                Ok(())
            })
            .await
            .map_err(|error: DatabaseError| error.during("accounts.note_key_use"))
    }

    #[tracing::instrument(level = "debug", skip_all, fields(key = %id), err(level = "debug"))]
    async fn revoke_key(&self, account: AccountId, id: ApiKeyId, at: Timestamp) -> Result<bool, PortError> {
        let first = Func::coalesce([Expr::col(api_keys::Column::RevokedAt), Expr::val(micros(at))]);
        let revoked = self
            .database
            .transaction(async |tx| {
                let revoke = api_keys::Entity::update_many()
                    .col_expr(api_keys::Column::RevokedAt, first.clone().into())
                    .filter(api_keys::Column::AccountId.eq(account.uuid()))
                    .filter(api_keys::Column::Id.eq(id.uuid()));
                Ok(revoke.exec(tx).await?.rows_affected)
            })
            .await
            .map_err(|error: DatabaseError| error.during("accounts.revoke_key"))?;
        Ok(revoked > 0)
    }
}

async fn insert_account(tx: &DatabaseTransaction, account: &Account) -> Result<(), DatabaseError> {
    let row = accounts::Model::from(account).into_active_model();
    accounts::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

async fn insert_user(tx: &DatabaseTransaction, user: &User) -> Result<(), DatabaseError> {
    let row = users::Model::from(user).into_active_model();
    users::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

async fn insert_key(tx: &DatabaseTransaction, key: &ApiKey) -> Result<(), DatabaseError> {
    let row = api_keys::Model::from(key).into_active_model();
    api_keys::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}
