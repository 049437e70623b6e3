//! `/generations`

use adstead_domain::GenerationId;
use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::ApiState;
use crate::caller::Caller;
use crate::dto::ad::Ad;
use crate::dto::generation::{AdoptionInput, Generation, GenerationInput};
use crate::input::Input;
use crate::path::Id;
use crate::problem::Problem;

/// The routes of generations that answer from what is stored.
pub(crate) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(get)).routes(routes!(adopt))
}

/// The route that waits for a writer.
pub(crate) fn writing_routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(create))
}

/// Have ad copy written
///
/// Each line keeps the platform's hard limits; those that broke a rule at first were written again.
#[utoipa::path(post, path = "/generations", tag = "generations", operation_id = "create_generation",
    request_body = GenerationInput,
    responses((status = 201, description = "The variants, and where they came from", body = Generation)))]
async fn create(
    State(api): State<ApiState>,
    Caller(actor): Caller,
    Input((brief, provider)): Input<GenerationInput>,
) -> Result<Response, Problem> {
    let generation = api.application.generate_copy.execute(&actor, brief, provider).await?;
    let location = [(header::LOCATION, format!("/v1/generations/{}", generation.id))];
    Ok((StatusCode::CREATED, location, Json(Generation::from(generation))).into_response())
}

/// Read a generation
#[utoipa::path(get, path = "/generations/{id}", tag = "generations", operation_id = "get_generation",
    params(("id" = Uuid, Path)), responses((status = 200, description = "The generation", body = Generation)))]
async fn get(
    State(api): State<ApiState>,
    Caller(actor): Caller,
    Id(id): Id<GenerationId>,
) -> Result<Json<Generation>, Problem> {
    Ok(Json(api.application.find_generations.get(&actor, id).await?.into()))
}

/// Ads that were made together.
#[derive(Serialize, ToSchema)]
#[schema(as = AdoptedAds)]
struct Adopted {
    /// In the order in which the variants were named.
    ads: Vec<Ad>,
}

/// Make ads of variants
///
/// All of them or none; each begins as a draft.
#[utoipa::path(post, path = "/generations/{id}/ads", tag = "generations", operation_id = "adopt_variants",
    params(("id" = Uuid, Path)), request_body = AdoptionInput,
    responses((status = 201, description = "The ads, as drafts", body = Adopted)))]
async fn adopt(
    State(api): State<ApiState>,
    Caller(actor): Caller,
    Id(id): Id<GenerationId>,
    Input(adoption): Input<AdoptionInput>,
) -> Result<(StatusCode, Json<Adopted>), Problem> {
    let ads = api.application.adopt_variants.execute(&actor, id, adoption).await?;
    Ok((StatusCode::CREATED, Json(Adopted { ads: ads.into_iter().map(Ad::from).collect() })))
}
