//! `/subscriptions`

use adstead_domain::SubscriptionId;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::ApiState;
use crate::caller::Caller;
use crate::dto::subscription::{Subscription, SubscriptionEditInput, SubscriptionInput, with_secret};
use crate::input::Input;
use crate::paging::Items;
use crate::path::Id;
use crate::problem::Problem;
use crate::versions::{IfMatch, IfMatchHeader, IfNoneMatch, Versioned};

/// The routes of subscriptions.
pub(crate) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(create, list))
        .routes(routes!(get, edit, delete))
        .routes(routes!(pause))
        .routes(routes!(resume))
        .routes(routes!(rotate))
        .routes(routes!(test))
}

/// Subscribe to events
///
/// By mail to yourself, to a chat that takes webhooks as Slack does, or to a webhook of your own, signed by Standard Webhooks: the
/// answer is the only one that shows its secret.
#[utoipa::path(post, path = "/subscriptions", tag = "subscriptions", operation_id = "create_subscription",
    request_body = SubscriptionInput,
    responses((status = 201, description = "The subscription, with the secret of a webhook", body = Subscription)))]
async fn create(
    State(api): State<ApiState>,
    Caller(actor): Caller,
    Input(new): Input<SubscriptionInput>,
) -> Result<Response, Problem> {
    let subscription = api.application.subscribe.execute(&actor, new).await?;
    let path = format!("/v1/subscriptions/{}", subscription.id);
    Ok(with_secret(subscription).created(path))
}

/// List subscriptions
///
/// Your own; for an admin those of the account. Newest first, all on one page.
#[utoipa::path(get, path = "/subscriptions", tag = "subscriptions", operation_id = "list_subscriptions",
    responses((status = 200, description = "All of them", body = Items<Subscription>)))]
async fn list(
    State(api): State<ApiState>,
    Caller(actor): Caller,
) -> Result<Json<Items<Subscription>>, Problem> {
    let subscriptions = api.application.manage_subscriptions.list(&actor).await?;
    Ok(Json(Items::all(subscriptions)))
}

/// Read a subscription
#[utoipa::path(get, path = "/subscriptions/{id}", tag = "subscriptions", operation_id = "get_subscription",
    params(("id" = Uuid, Path)), responses((status = 200, description = "The subscription", body = Subscription)))]
async fn get(
    State(api): State<ApiState>,
    Caller(actor): Caller,
    Id(id): Id<SubscriptionId>,
    known: IfNoneMatch,
) -> Result<Response, Problem> {
    let subscription = api.application.manage_subscriptions.get(&actor, id).await?;
    Ok(Versioned::<Subscription>::from(subscription).unless(&known))
}

/// Change a subscription
///
/// What is left out stays as it is. Where it leads stays as it is, too: for another address, make another one.
#[utoipa::path(patch, path = "/subscriptions/{id}", tag = "subscriptions", operation_id = "edit_subscription",
    params(("id" = Uuid, Path), IfMatchHeader), request_body = SubscriptionEditInput,
    responses((status = 200, description = "The subscription", body = Subscription)))]
async fn edit(
    State(api): State<ApiState>,
    Caller(actor): Caller,
    Id(id): Id<SubscriptionId>,
    IfMatch(seen): IfMatch,
    Input(edit): Input<SubscriptionEditInput>,
) -> Result<Versioned<Subscription>, Problem> {
    Ok(api.application.manage_subscriptions.edit(&actor, id, edit, seen).await?.into())
}

/// End a subscription
///
/// With what still waits to be told.
#[utoipa::path(delete, path = "/subscriptions/{id}", tag = "subscriptions", operation_id = "delete_subscription",
    params(("id" = Uuid, Path)), responses((status = 204, description = "The subscription is gone")))]
async fn delete(
    State(api): State<ApiState>,
    Caller(actor): Caller,
    Id(id): Id<SubscriptionId>,
) -> Result<StatusCode, Problem> {
    api.application.manage_subscriptions.delete(&actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Pause a subscription
///
/// Nothing is told, and nothing kept, until it is resumed.
#[utoipa::path(post, path = "/subscriptions/{id}/pause", tag = "subscriptions", operation_id = "pause_subscription",
    params(("id" = Uuid, Path)), responses((status = 200, description = "The subscription", body = Subscription)))]
async fn pause(
    State(api): State<ApiState>,
    Caller(actor): Caller,
    Id(id): Id<SubscriptionId>,
) -> Result<Versioned<Subscription>, Problem> {
    Ok(api.application.manage_subscriptions.pause(&actor, id).await?.into())
}

/// Resume a subscription
///
/// Also one whose webhook had answered 410, that there was nobody any more.
#[utoipa::path(post, path = "/subscriptions/{id}/resume", tag = "subscriptions", operation_id = "resume_subscription",
    params(("id" = Uuid, Path)), responses((status = 200, description = "The subscription", body = Subscription)))]
async fn resume(
    State(api): State<ApiState>,
    Caller(actor): Caller,
    Id(id): Id<SubscriptionId>,
) -> Result<Versioned<Subscription>, Problem> {
    Ok(api.application.manage_subscriptions.resume(&actor, id).await?.into())
}

/// Give a webhook another secret
///
/// For a day, messages are signed with the one of before as well. The answer is the only one that shows the new one.
#[utoipa::path(post, path = "/subscriptions/{id}/rotate-secret", tag = "subscriptions", operation_id = "rotate_subscription_secret",
    params(("id" = Uuid, Path)), responses((status = 200, description = "The subscription, with its new secret", body = Subscription)))]
async fn rotate(
    State(api): State<ApiState>,
    Caller(actor): Caller,
    Id(id): Id<SubscriptionId>,
) -> Result<Versioned<Subscription>, Problem> {
    Ok(with_secret(api.application.manage_subscriptions.rotate(&actor, id).await?))
}

/// A test that is on its way.
#[derive(Serialize, ToSchema)]
struct TestSent {
    /// The id of its event, which a webhook gets as `webhook-id`.
    event_id: Uuid,
}

/// Test a subscription
///
/// Sends `subscription.tested` by the way of all other news, at any hour.
#[utoipa::path(post, path = "/subscriptions/{id}/test", tag = "subscriptions", operation_id = "test_subscription",
    params(("id" = Uuid, Path)), responses((status = 202, description = "It is on its way", body = TestSent)))]
async fn test(
    State(api): State<ApiState>,
    Caller(actor): Caller,
    Id(id): Id<SubscriptionId>,
) -> Result<(StatusCode, Json<TestSent>), Problem> {
    let event_id = api.application.manage_subscriptions.test(&actor, id).await?;
    Ok((StatusCode::ACCEPTED, Json(TestSent { event_id: event_id.uuid() })))
}
