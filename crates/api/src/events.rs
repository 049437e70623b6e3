//! `/events`

use adstead_application::events::{RecordEvents, SubmittedEvent};
use adstead_domain::{PerformanceEvent, Permission, Violation};
use axum::Json;
use axum::extract::{Request, State};
use axum::http::HeaderMap;
use serde::Deserialize;
use serde_json::value::RawValue;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::ApiState;
use crate::caller::Caller;
use crate::dto::event::{EventInput, EventsInput, EventsReport, KeptRejection, PlainEvent};
use crate::input::{FromJson, Params, collected, malformed_json, media_type, require_json};
use crate::paging::{Items, Listing, PageParams};
use crate::problem::Problem;

/// The routes of events.
pub(crate) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(record)).routes(routes!(list_rejected))
}

/// Send performance events
///
/// Up to 5,000 events or 5 MiB, as JSON or as one event a line. Each is judged on its own: what is wrong with one stops
/// no other. What was accepted is durable; send everything again where no answer came, and each event counts once.
#[utoipa::path(post, path = "/events", tag = "events", operation_id = "record_events",
    request_body(content((EventsInput = "application/json"), (String = "application/x-ndjson")), description = "The events"),
    responses((status = 200, description = "What became of the events", body = EventsReport)))]
async fn record(
    State(api): State<ApiState>,
    Caller(actor): Caller,
    request: Request,
) -> Result<Json<EventsReport>, Problem> {
    actor.must(Permission::Write)?;
    let (parts, body) = request.into_parts();
    let form = Form::of(&parts.headers)?;
    let body = collected(body, api.limits.max_events_body).await?;
    let submitted = match form {
        Form::Json => listed(&body)?,
        Form::Lines => lines(&body)?,
    };
    Ok(Json(api.application.record_events.execute(&actor, submitted).await?.into()))
}

/// List rejected events
///
/// What was sent and counts nowhere, the last received first: each once, with the reason that was given last, for as long
/// as `events.retention` says.
#[utoipa::path(get, path = "/events/rejected", tag = "events", operation_id = "list_rejected_events",
    params(PageParams),
    responses((status = 200, description = "A page of rejected events", body = Items<KeptRejection>)))]
async fn list_rejected(
    State(api): State<ApiState>,
    Caller(actor): Caller,
    Params(asked): Params<PageParams>,
) -> Result<Json<Items<KeptRejection>>, Problem> {
    let list = api.list(&actor, Listing::RejectedEvents);
    let rejected = api.application.find_rejected_events.list(&actor, list.page(asked)?).await?;
    Ok(Json(list.answer(rejected)))
}

/// How events are written.
enum Form {
    /// `{"events": […]}`
    Json,
    /// One event a line (<https://github.com/ndjson/ndjson-spec>).
    Lines,
}

impl Form {
    fn of(headers: &HeaderMap) -> Result<Self, Problem> {
        match media_type(headers).as_deref() {
            Some("application/x-ndjson" | "application/ndjson" | "application/jsonl") => Ok(Self::Lines),
            _ => require_json(headers).map(|()| Self::Json),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Batch<'a> {
    #[serde(borrow)]
    events: Vec<&'a RawValue>,
}

fn listed(body: &[u8]) -> Result<Vec<SubmittedEvent>, Problem> {
    let batch = serde_json::from_slice::<Batch<'_>>(body).map_err(|fault| {
        if fault.is_data() {
            Violation::invalid(format!("send {{\"events\": […]}}: {fault}")).into()
        } else {
            malformed_json(&fault)
        }
    })?;
    RecordEvents::check_count(batch.events.len())?;
    Ok(batch.events.into_iter().map(|event| submitted(event.get())).collect())
}

fn lines(body: &[u8]) -> Result<Vec<SubmittedEvent>, Problem> {
    let lines = body.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty());
    RecordEvents::check_count(lines.clone().count())?;
    let event = |line| match std::str::from_utf8(line) {
        Ok(line) => submitted(line),
        Err(_) => SubmittedEvent {
            payload: String::from_utf8_lossy(line).into_owned(),
            event: Err("the line is not UTF-8".to_owned()),
        },
    };
    Ok(lines.map(event).collect())
}

fn submitted(json: &str) -> SubmittedEvent {
    let plain = serde_json::from_str::<PlainEvent<'_>>(json).ok().and_then(PlainEvent::event);
    SubmittedEvent { payload: json.to_owned(), event: plain.map_or_else(|| diagnosed(json), Ok) }
}

/// The event, or all that is wrong with it in one sentence.
fn diagnosed(json: &str) -> Result<PerformanceEvent, String> {
    let json = serde_json::from_str(json).map_err(|fault| format!("it is not JSON: {fault}"))?;
    EventInput::from_json(json).map_err(|faults| {
        let fault = |fault: &Violation| match fault.pointer().strip_prefix('/') {
            Some(field) => format!("{field} {}", fault.message()),
            None => fault.message().to_owned(),
        };
        shortened(faults.iter().map(fault).collect::<Vec<_>>().join("; "))
    })
}

/// A reason of a length that a person reads: it is stored and answered for each event.
fn shortened(mut reason: String) -> String {
    const READABLE: usize = 600;
    if reason.len() > READABLE {
        reason.truncate(reason.floor_char_boundary(READABLE));
        reason.push('…');
    }
    reason
}

#[cfg(test)]
mod tests;
