use utoipa::openapi::path::{Operation, ParameterBuilder, ParameterIn};
use utoipa::openapi::security::SecurityRequirement;
use utoipa::openapi::{ObjectBuilder, Ref, RefOr, Required, Response, ResponseBuilder, Type};

use super::{BEARER, response_name, text_header};

/// Adds what follows from an operation's shape: its security, the headers of its answers, and its problems.
pub(super) fn complete(path: &str, operation: &mut Operation) {
    let answers_a_version = operation.responses.responses.values().filter_map(inline).any(is_versioned);
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
    }
    for status in problems(path, operation) {
        let problem = Ref::from_response_name(response_name(status));
        operation.responses.responses.entry(status.to_string()).or_insert(problem.into());
    }
    if path.starts_with("/v1/") {
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
    let mut problems = vec![401, 403, 500, 503, 504];
    for parameter in parameters {
        match (&parameter.parameter_in, &*parameter.name) {
            (ParameterIn::Path, _) => problems.push(404),
            (ParameterIn::Query, _) => problems.extend([400, 422]),
            (_, "If-Match") => problems.extend([400, 412]),
            _ => {}
        }
    }
    if operation.request_body.is_some() {
        problems.extend([400, 413, 415, 422]);
    }
    if !["get_", "list_", "predict_"].iter().any(|reading| is_named(operation, reading)) {
        problems.push(409);
    }
    match operation.operation_id.as_deref() {
        Some("submit_ad" | "activate_ad" | "activate_campaign" | "analyse_ad") => problems.push(422),
        Some("create_generation") => problems.push(502),
        Some("get_asset_content") => problems.push(416),
        _ => {}
    }
    problems
}

fn is_named(operation: &Operation, prefix: &str) -> bool {
    operation.operation_id.as_ref().is_some_and(|id| id.starts_with(prefix))
}

/// Whether the answer is one thing that has a version.
fn is_versioned(response: &Response) -> bool {
    const VERSIONED: [&str; 4] = ["Campaign", "AdGroup", "Ad", "Optimization"];
    response.content.values().filter_map(inline).any(|content| match &content.schema {
        Some(RefOr::Ref(schema)) => {
            schema.ref_location.rsplit('/').next().is_some_and(|name| VERSIONED.contains(&name))
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
