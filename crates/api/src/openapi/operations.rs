use utoipa::openapi::path::{Operation, ParameterBuilder, ParameterIn};
use utoipa::openapi::security::SecurityRequirement;
use utoipa::openapi::{ObjectBuilder, Ref, RefOr, Required, Response, ResponseBuilder, Type};

use super::{BEARER, response_name, text_header};

/// The header that names a call, as every POST takes it.
const IDEMPOTENCY_KEY: &str = "Idempotency-Key";

/// What has a version.
const VERSIONED: [&str; 4] = ["Campaign", "AdGroup", "Ad", "Optimization"];

/// What is made of figures that may have been kept for a while.
const AGED: [&str; 4] = ["PerformanceReport", "Funnel", "Summary", "Prediction"];

/// Adds what the station before every POST takes and answers.
pub(super) fn take_idempotency_keys(operation: &mut Operation) {
    let schema = ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(255));
    let key = ParameterBuilder::new()
        .name(IDEMPOTENCY_KEY)
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(
            "Names this call, in visible ASCII, for a day: sent again with the same key, it is answered again and not \
             carried out a second time",
        ))
        .schema(Some(schema.pattern(Some("^[!-~]+$"))))
        .example(Some("8e03978e-40d5-43dd-bc93-6894a57f9324".into()))
        .build();
    operation.parameters.get_or_insert_default().push(key.into());
    let replayed = "`true` where this is the answer to an earlier call with the same `Idempotency-Key`";
    for response in operation.responses.responses.values_mut() {
        if let RefOr::T(response) = response {
            response.headers.insert("Idempotent-Replayed".to_owned(), text_header(replayed).into());
        }
    }
}

/// Adds what follows from an operation's shape: its security, the headers of its answers, and its problems.
pub(super) fn complete(path: &str, operation: &mut Operation) {
    let answers =
        |things| operation.responses.responses.values().filter_map(inline).any(|it| is_one_of(it, things));
    let (answers_a_version, answers_figures) = (answers(&VERSIONED), answers(&AGED));
    let reads = operation.request_body.is_none() && is_named(operation, "get_");
    if reads && answers_a_version {
        answer_not_modified(operation);
    }
    for (status, response) in &mut operation.responses.responses {
        let RefOr::T(response) = response else { continue };
        let mut add = |name: &str, description| {
            response.headers.insert(name.to_owned(), text_header(description).into());
        };
        add("x-request-id", "The id of the request, also in the server's log");
        if status == "201" && operation.operation_id.as_deref() != Some("adopt_variants") {
            add("Location", "The path of what was made");
        }
        if answers_a_version {
            add("ETag", "The version in quotes, for `If-Match` and `If-None-Match`");
        }
        if answers_figures {
            add("Age", "Whole seconds since the figures were read; they may have been kept since");
            add(
                "Cache-Control",
                "`private, max-age=` and how many seconds old the figures may become; `private, no-cache` where none are kept",
            );
        }
    }
    for status in problems(path, operation) {
        let problem = Ref::from_response_name(response_name(status));
        operation.responses.responses.entry(status.to_string()).or_insert(problem.into());
    }
    if path.starts_with("/v1/") && !is_granted(path) {
        operation.security = Some(vec![SecurityRequirement::new(BEARER, [""; 0])]);
    }
}

fn answer_not_modified(operation: &mut Operation) {
    let tag = ParameterBuilder::new()
        .name("If-None-Match")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some("The `ETag` that you have: the answer is then 304"))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
        .build();
    operation.parameters.get_or_insert_default().push(tag.into());
    let not_modified = ResponseBuilder::new().description("You have it").build();
    operation.responses.responses.insert("304".into(), not_modified.into());
}

/// The statuses of the problems that the operation may answer.
fn problems(path: &str, operation: &Operation) -> Vec<u16> {
    if !path.starts_with("/v1/") {
        return if path == "/readyz" { vec![503] } else { Vec::new() };
    }
    let parameters = operation.parameters.iter().flatten().filter_map(inline);
    let mut problems = vec![400, 403, 500, 503, 504];
    if !is_granted(path) {
        problems.push(401);
    }
    for parameter in parameters {
        match (&parameter.parameter_in, &*parameter.name) {
            (ParameterIn::Path, _) => problems.push(404),
            (ParameterIn::Query, _) => problems.push(422),
            (_, IDEMPOTENCY_KEY) => problems.extend([409, 422]),
            (_, "If-Match") => problems.push(412),
            _ => {}
        }
    }
    if operation.request_body.is_some() {
        problems.extend([413, 415, 422]);
    }
    if !["get_", "list_", "predict_"].iter().any(|reading| is_named(operation, reading)) {
        problems.push(409);
    }
    match operation.operation_id.as_deref() {
        Some("create_generation") => problems.push(502),
        Some("complete_upload") => problems.extend([413, 415, 422]),
        Some("get_asset_content" | "get_granted_file") => problems.push(416),
        Some("get_rendition") => problems.extend([409, 416, 422]),
        _ => {}
    }
    problems
}

/// Whether the path itself is all that is asked for.
fn is_granted(path: &str) -> bool {
    path.starts_with("/v1/files/")
}

fn is_named(operation: &Operation, prefix: &str) -> bool {
    operation.operation_id.as_ref().is_some_and(|id| id.starts_with(prefix))
}

/// Whether the answer is one of these things.
fn is_one_of(response: &Response, things: &[&str]) -> bool {
    response.content.values().filter_map(inline).any(|content| match &content.schema {
        Some(RefOr::Ref(schema)) => {
            schema.ref_location.rsplit('/').next().is_some_and(|name| things.contains(&name))
        }
        Some(RefOr::T(_)) | None => false,
    })
}

/// What stands in the document itself, not by reference.
fn inline<T>(part: &RefOr<T>) -> Option<&T> {
    match part {
        RefOr::T(part) => Some(part),
        RefOr::Ref(_) => None,
    }
}
