use adstead_domain::{Faults, Violation};
use axum::extract::{FromRequestParts, Query};
use axum::http::Uri;
use axum::http::request::Parts;
use serde_json::{Map, Value};

use super::FromJson;
use crate::problem::Problem;

/// What the query's parameters stand for. They are read as an object of strings, so that faults have pointers too.
pub(crate) struct Params<T: FromJson>(pub(crate) T::Value);

/// The query's parameters as they are written, in their order.
pub(crate) fn pairs(uri: &Uri) -> Result<Vec<(String, String)>, Problem> {
    let read = Query::try_from_uri(uri);
    read.map(|Query(pairs)| pairs)
        .map_err(|fault| Problem::malformed(format!("the query cannot be read: {}", fault.body_text())))
}

impl<T: FromJson, S: Send + Sync> FromRequestParts<S> for Params<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let mut parameters = Map::new();
        let mut faults = Faults::default();
        for (name, value) in pairs(&parts.uri)? {
            if parameters.contains_key(&name) {
                faults.push(&format!("/{name}"), Violation::invalid("is given twice: give it once"));
            }
            parameters.insert(name, Value::String(value));
        }
        faults.into_result()?;
        Ok(Self(T::from_json(Value::Object(parameters))?))
    }
}
