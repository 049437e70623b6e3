use adstead_domain::{Faults, Violation};
use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use serde_json::{Map, Value};

use super::FromJson;
use crate::problem::Problem;

/// What the query's parameters stand for. They are read as an object of strings, so that faults have pointers too.
pub(crate) struct Params<T: FromJson>(pub(crate) T::Value);

impl<T: FromJson, S: Send + Sync> FromRequestParts<S> for Params<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let Query(pairs) = Query::<Vec<(String, String)>>::try_from_uri(&parts.uri).map_err(|fault| {
            Problem::malformed(format!("the query cannot be read: {}", fault.body_text()))
        })?;
        let mut parameters = Map::new();
        let mut faults = Faults::default();
        for (name, value) in pairs {
            if parameters.contains_key(&name) {
                faults.push(&format!("/{name}"), Violation::invalid("is given twice: give it once"));
            }
            parameters.insert(name, Value::String(value));
        }
        faults.into_result()?;
        Ok(Self(T::from_json(Value::Object(parameters))?))
    }
}
