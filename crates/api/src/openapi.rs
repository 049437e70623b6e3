//! The OpenAPI document: what the handlers say of themselves, and what is true of all of them.

mod operations;

use std::collections::BTreeMap;

use utoipa::openapi::header::Header;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::tag::{Tag, TagBuilder};
use utoipa::openapi::{
    ArrayBuilder, Components, Content, InfoBuilder, LicenseBuilder, ObjectBuilder, OpenApi, Ref, RefOr,
    Response, ResponseBuilder, Schema, Type,
};
use utoipa::{PartialSchema, ToSchema};

use crate::problem::{FaultBody, ProblemBody, ProblemKind};
use crate::router::documented;

const BEARER: &str = "bearer";

const DESCRIPTION: &str = "\
A self-hosted backend for advertising. The way from nothing to figures:

1. `create_campaign`, then `create_ad_group` in it.
2. `create_generation` has copy written; `adopt_variants` makes draft ads of it. Or `create_ad` with copy of your own, \
and `upload_asset` for its files.
3. `submit_ad`, `approve_ad`; `activate_campaign`, `activate_ad`.
4. `record_events` counts what happens, each event once by its id.
5. `get_performance_report`, `get_summary_report`, `predict_ad`; `analyse_ad`, `apply_optimization`.

Money is in integer micros (millionths) of the account's one currency; times are RFC 3339 in UTC; days are days of the \
account's time zone. A POST with an `Idempotency-Key` is carried out once, however often it is sent. Unknown fields are refused, and every fault of a request is listed at once. Errors are \
`application/problem+json` (RFC 9457): programs act on `type`.";

/// The document that `/openapi.json` serves.
pub fn openapi() -> OpenApi {
    completed(documented().into_openapi())
}

/// The document with what is true of every operation.
pub(crate) fn completed(mut document: OpenApi) -> OpenApi {
    document.info = InfoBuilder::new()
        .title("Adstead")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(DESCRIPTION))
        .license(Some(LicenseBuilder::new().name("Apache-2.0").identifier(Some("Apache-2.0")).build()))
        .build();
    document.tags = Some(tags());
    complete_components(document.components.get_or_insert_default());
    for (path, item) in &mut document.paths.paths {
        if let Some(post) = &mut item.post {
            operations::take_idempotency_keys(post);
        }
        for operation in [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete]
            .into_iter()
            .flatten()
        {
            operations::complete(path, operation);
        }
    }
    document
}

fn tags() -> Vec<Tag> {
    [
        ("campaigns", "A budget, a flight and an audience on one platform"),
        (
            "ad groups",
            "Ads of one campaign that share a narrower audience and, where wanted, a budget of their own",
        ),
        ("ads", "What is shown, and its way through review into delivery"),
        ("generations", "Ad copy written by a machine"),
        ("assets", "Creative files"),
        ("events", "What happened to ads, counted exactly once"),
        ("reports", "Figures and forecasts"),
        ("optimizations", "Advice on an ad, and acting on it"),
        ("subscriptions", "Who is told of what happens, where and when"),
        ("platforms", "What the platforms take"),
        ("system", "Who you are, and how the server is doing"),
    ]
    .map(|(name, description)| TagBuilder::new().name(name).description(Some(description)).build())
    .into()
}

fn complete_components(components: &mut Components) {
    let key = "A key of `adstead keys create`: `adstead_` and 64 hexadecimal digits.";
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(key)).build();
    components.add_security_scheme(BEARER, SecurityScheme::Http(bearer));
    refer_from_pages(&mut components.schemas);
    components.schemas.insert(FaultBody::name().into(), FaultBody::schema());
    components.schemas.insert(ProblemBody::name().into(), ProblemBody::schema());
    for status in statuses() {
        components.responses.insert(response_name(status), problem_response(status).into());
    }
}

/// A page's items are the schemas that stand on their own, where utoipa repeats them in full.
fn refer_from_pages(schemas: &mut BTreeMap<String, RefOr<Schema>>) {
    for (name, schema) in schemas {
        if let Some(item) = name.strip_prefix("Page_")
            && let RefOr::T(Schema::Object(page)) = schema
        {
            let items = ArrayBuilder::new().items(Ref::from_schema_name(item));
            page.properties.insert("items".into(), items.description(Some("The things of this page")).into());
        }
    }
}

/// The statuses of all kinds of problems, each once.
fn statuses() -> Vec<u16> {
    let mut statuses: Vec<_> = ProblemKind::ALL.iter().map(|kind| kind.status().as_u16()).collect();
    statuses.dedup();
    statuses
}

fn response_name(status: u16) -> String {
    format!("Problem{status}")
}

fn problem_response(status: u16) -> Response {
    let kinds = ProblemKind::ALL.iter().filter(|kind| kind.status().as_u16() == status);
    let kinds: Vec<_> = kinds.map(|kind| format!("`{}`: {}", kind.uri(), kind.title())).collect();
    let content = Content::new(Some(Ref::from_schema_name(ProblemBody::name())));
    let response =
        ResponseBuilder::new().description(kinds.join("\n\n")).content("application/problem+json", content);
    match status {
        401 => response.header("WWW-Authenticate", text_header("`Bearer`")),
        405 => response.header("Allow", text_header("The methods that the path takes")),
        409 => response.header(
            "Retry-After",
            text_header("Seconds until another attempt makes sense, where the first call is still running"),
        ),
        429 => response
            .header("Retry-After", text_header("Seconds until the next request is let through"))
            .header(
                "RateLimit-Policy",
                text_header("What the account may do in a time, such as `\"requests\";q=600;w=60`"),
            )
            .header(
                "RateLimit",
                text_header(
                    "What is left of it, and in how many seconds all is, such as `\"requests\";r=0;t=60`",
                ),
            ),
        503 => response.header("Retry-After", text_header("Seconds until another attempt makes sense")),
        _ => response,
    }
    .build()
}

fn text_header(description: &str) -> Header {
    let mut header = Header::new(ObjectBuilder::new().schema_type(Type::String));
    header.description = Some(description.to_owned());
    header
}
