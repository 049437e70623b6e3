//! `/generations`

mod stream;

use adstead_application::generations::Wish;
use adstead_domain::{Actor, Brief, GenerationId};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde::Serialize;
use tracing::Instrument;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::ApiState;
use crate::caller::Caller;
use crate::dto::ad::Ad;
use crate::dto::generation::{AdoptionInput, Generation, GenerationInput, GenerationParams, Wanted};
use crate::dto::model_spend::ModelSpend;
use crate::idempotency::IDEMPOTENCY_KEY;
use crate::input::{Input, Params};
use crate::observe::RequestId;
use crate::path::Id;
use crate::problem::Problem;

use self::stream::Writing;

/// The routes of generations that answer from what is stored.
pub(crate) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(get)).routes(routes!(adopt)).routes(routes!(spend))
}

/// The route that waits for a writer.
pub(crate) fn writing_routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(create))
}

/// Have ad copy written
///
/// By a `brief`, or by `rework` of what is there: variations of an ad or a variant, the same for another platform, or in another
/// language. Each line keeps the platform's hard limits; those that broke a rule at first were written again.
///
/// With `stream=true`, the answer is told while it is being written, as server-sent events: `started` (provider and model; what
/// came before belongs to an earlier answer), `delta` (a piece of text, in the writer's own form), `repairing` (how many lines break a
/// rule), and as the last one either `generation`, with the document of a 201, or `problem`. Until somebody begins to write, a
/// problem is answered as without it.
#[utoipa::path(post, path = "/generations", tag = "generations", operation_id = "create_generation",
    params(GenerationParams), request_body = GenerationInput,
    responses(
        (status = 200, description = "With `stream=true`: what happens, event by event",
            body = String, content_type = "text/event-stream"),
        (status = 201, description = "The variants, and where they came from", body = Generation)))]
async fn create(
    State(api): State<ApiState>,
    Caller(actor): Caller,
    Params(is_stream): Params<GenerationParams>,
    Extension(id): Extension<RequestId>,
    headers: HeaderMap,
    Input((wanted, wish)): Input<GenerationInput>,
) -> Result<Response, Problem> {
    let brief = match wanted {
        Wanted::Brief(brief) => brief,
        Wanted::Rework(origin, rework) => api.application.rework_copy.brief(&actor, origin, rework).await?,
    };
    if !is_stream {
        return written(&api, &actor, brief, wish).await;
    }
    if headers.contains_key(IDEMPOTENCY_KEY) {
        return Err(Problem::malformed(
            "a stream cannot be repeated, so it takes no Idempotency-Key: leave out the key, or stream=true",
        ));
    }
    let writing = Writing::new(|listener| {
        let (time, within) = (api.limits.generation_timeout, api.within);
        let wish = Wish { listener: Some(listener), ..wish };
        let work = async move { written(&api, &actor, brief, wish).await.into_response() };
        within(time, Box::pin(work.in_current_span()))
    });
    Ok(writing.into_response(id).await)
}

async fn written(api: &ApiState, actor: &Actor, brief: Brief, wish: Wish) -> Result<Response, Problem> {
    let generation = api.application.generate_copy.execute(actor, brief, wish).await?;
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

/// Read what models cost today
///
/// Whoever would pass the limit by a call is answered by the next provider that asks for nothing, or by a 503 with `Retry-After`.
#[utoipa::path(get, path = "/generations/spend", tag = "generations", operation_id = "get_model_spend",
    responses((status = 200, description = "What the account spent on models, and what it may spend", body = ModelSpend)))]
async fn spend(State(api): State<ApiState>, Caller(actor): Caller) -> Result<Json<ModelSpend>, Problem> {
    Ok(Json(api.application.tell_model_spend.execute(&actor).await?.into()))
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
