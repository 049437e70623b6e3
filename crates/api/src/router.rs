//! The stations of a request, put together.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use axum::error_handling::HandleErrorLayer;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{self, FromFnLayer, Next};
use axum::response::{IntoResponse, Response};
use axum::{BoxError, Router};
use tower::ServiceBuilder;
use tower::limit::GlobalConcurrencyLimitLayer;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate};
use tower_http::timeout::{RequestBodyTimeoutLayer, TimeoutLayer};
use utoipa_axum::router::OpenApiRouter;
use utoipa_swagger_ui::{Config, SwaggerUi};

use crate::idempotency::{IdempotencyLayer, Places};
use crate::problem::Problem;
use crate::rates::Held;
use crate::strays::Taken;
use crate::{
    Answering, ApiState, Within, ad_groups, ads, analyses, assets, campaigns, events, generations, health,
    inspections, me, observe, openapi, optimizations, platforms, rates, reports, subscriptions, system,
};

/// The whole API: `/v1`, the health endpoints, and its own description.
pub fn router(state: ApiState) -> Router {
    let (api, document) = Routes::new().with_stations(&state).split_for_parts();
    let document = openapi::completed(document);
    // Swagger UI would ask a validator on the internet to judge the document.
    let docs = SwaggerUi::new("/docs")
        .config(Config::default().validator_url("none").persist_authorization(true))
        .url("/openapi.json", document);
    let worth_compressing = DefaultPredicate::new().and(NotForContentType::new("video/"));
    // One stack: each `Router::layer` of its own would box the request's way, and its answer, once more.
    let stations = ServiceBuilder::new()
        .layer(CompressionLayer::new().compress_when(worth_compressing))
        .layer(middleware::from_fn_with_state(state.ids.clone(), observe::observe))
        .layer(CatchPanicLayer::custom(|panic: Box<dyn Any + Send>| {
            Problem::panicked(panic.as_ref()).into_response()
        }))
        // Each body is read with a limit of its own.
        .layer(DefaultBodyLimit::disable());
    api.merge(docs).layer(stations).with_state(state)
}

/// All routes without their stations, each with its part of the document.
pub(crate) fn documented() -> OpenApiRouter<ApiState> {
    let Routes { quick, writing, uploads, health } = Routes::new();
    OpenApiRouter::new().nest("/v1", quick.merge(writing).merge(uploads)).merge(health)
}

/// The routes, by how long they may take.
struct Routes {
    /// Answered from what is stored.
    quick: OpenApiRouter<ApiState>,
    /// Those that wait for a writer.
    writing: OpenApiRouter<ApiState>,
    /// A large file on a slow line may take as long as it likes, as long as it moves.
    uploads: OpenApiRouter<ApiState>,
    /// Those that are answered whatever happens.
    health: OpenApiRouter<ApiState>,
}

impl Routes {
    fn new() -> Self {
        let quick = OpenApiRouter::new()
            .merge(campaigns::routes())
            .merge(ad_groups::routes())
            .merge(ads::routes())
            .merge(generations::routes())
            .merge(assets::routes())
            .merge(events::routes())
            .merge(reports::routes())
            .merge(optimizations::routes())
            .merge(subscriptions::routes())
            .merge(platforms::routes())
            .merge(me::routes())
            .merge(system::routes());
        let writing = generations::writing_routes().merge(inspections::routes()).merge(analyses::routes());
        let uploads = assets::upload_routes();
        Self { quick, writing, uploads, health: health::routes() }
    }

    fn with_stations(self, state: &ApiState) -> OpenApiRouter<ApiState> {
        let Self { quick, writing, uploads, health } = self;
        let limits = &state.limits;
        let time_out = |time| (give_up(time), tell(time, state.within));
        let places = Places::new(limits.max_concurrency);
        // The limit of time lies inside: an answer that comes too late is kept as one of unknown outcome.
        let idempotent = |most| IdempotencyLayer::new(state, &places, most);
        let body = limits.max_body.max(limits.max_events_body) as u64;
        let quick = quick.layer((idempotent(body), time_out(limits.request_timeout)));
        let held = |what, limit| {
            middleware::from_fn_with_state(Arc::new(Held { api: state.clone(), what, limit }), rates::station)
        };
        let generations = held("generations", limits.generations);
        // A repeated call asks no writer: it is not held to their rate.
        let writing = writing.layer((idempotent(body), generations, time_out(limits.generation_timeout)));
        let uploads = uploads.layer((
            idempotent(limits.max_upload.saturating_add(assets::FORM_OVERHEAD)),
            RequestBodyTimeoutLayer::new(limits.request_timeout),
        ));
        let v1 = quick.merge(writing).merge(uploads);
        let taken = Taken::by(v1.get_openapi(), "/v1");
        let v1 = v1.layer(
            ServiceBuilder::new()
                .map_response(uncached)
                .layer(HandleErrorLayer::new(overloaded))
                .load_shed()
                .layer(GlobalConcurrencyLimitLayer::new(limits.max_concurrency))
                .layer(held("requests", limits.requests))
                .map_request(move |request| taken.note(request)),
        );
        OpenApiRouter::new().nest("/v1", v1).merge(health.layer(time_out(limits.request_timeout)))
    }
}

/// Gives up what takes longer than `time`.
fn give_up(time: Duration) -> TimeoutLayer {
    TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, time)
}

/// Makes known to what answers a request that it is given up after `time`: a little early, so that it can say itself what
/// it waited for in vain.
fn tell(
    time: Duration,
    within: Within,
) -> FromFnLayer<impl Fn(Request, Next) -> Answering + Clone, (), (Request,)> {
    let told = time - time / 20;
    middleware::from_fn(move |request: Request, next: Next| within(told, Box::pin(next.run(request))))
}

/// What belongs to an account stays out of shared caches, and is asked for again with its `ETag`.
fn uncached(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("private, no-cache"));
    response
}

async fn overloaded(_: BoxError) -> Problem {
    Problem::overloaded()
}
