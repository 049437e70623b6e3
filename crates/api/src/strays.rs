//! What an endpoint does not take: parameters of the query that the OpenAPI document does not name, and a body where it
//! names none. Both are refused, so that a typing error never goes unnoticed.
//!
//! A stray is noted as the request comes in and refused by `caller`, once it is known who asks.

use std::collections::HashMap;
use std::sync::Arc;

use adstead_domain::Violation;
use axum::body::HttpBody;
use axum::extract::{MatchedPath, Request};
use axum::http::Method;
use axum::http::request::Parts;
use utoipa::openapi::path::{Operation, ParameterIn};
use utoipa::openapi::{OpenApi, RefOr};

use crate::input::{excerpt, pairs, pointer};
use crate::problem::Problem;

/// A request with something that its endpoint does not take.
#[derive(Debug, Clone)]
struct Stray(Problem);

/// Refuses a request with a stray, now that it is known who asks.
pub(crate) fn refused(parts: &mut Parts) -> Result<(), Problem> {
    match parts.extensions.remove::<Stray>() {
        Some(Stray(problem)) => Err(problem),
        None => Ok(()),
    }
}

/// What the endpoints of a document take.
#[derive(Clone)]
pub(crate) struct Taken(Arc<HashMap<String, HashMap<Method, Endpoint>>>);

struct Endpoint {
    parameters: Vec<String>,
    /// Whether it reads a body, or its method has no use for any.
    lets_bodies_pass: bool,
}

impl Taken {
    /// What a document's endpoints take, whose paths are found below `root`.
    pub(crate) fn by(document: &OpenApi, root: &str) -> Self {
        let paths = document.paths.paths.iter().map(|(path, item)| {
            let operations = [
                (Method::GET, &item.get),
                (Method::HEAD, &item.get),
                (Method::POST, &item.post),
                (Method::PUT, &item.put),
                (Method::PATCH, &item.patch),
                (Method::DELETE, &item.delete),
            ];
            let endpoints = operations.into_iter().filter_map(|(method, operation)| {
                Some((method.clone(), Endpoint::of(&method, operation.as_ref()?)))
            });
            (format!("{root}{path}"), endpoints.collect())
        });
        Self(Arc::new(paths.collect()))
    }

    /// The request, with a note where it has something that its endpoint does not take.
    pub(crate) fn note(&self, mut request: Request) -> Request {
        if let Some(problem) = self.stray(&request) {
            request.extensions_mut().insert(Stray(problem));
        }
        request
    }

    fn stray(&self, request: &Request) -> Option<Problem> {
        let (method, uri) = (request.method(), request.uri());
        if uri.query().is_none() && method != Method::POST {
            return None;
        }
        let path = request.extensions().get::<MatchedPath>()?;
        let endpoint = self.0.get(path.as_str())?.get(method)?;
        let stray = match pairs(uri) {
            Ok(pairs) => endpoint.stray_parameters(pairs.into_iter().map(|(name, _)| name)),
            Err(problem) => Some(problem),
        };
        stray.or_else(|| endpoint.stray_body(request))
    }
}

impl Endpoint {
    /// As many strays as anybody reads about.
    const TOLD: usize = 20;

    fn of(method: &Method, operation: &Operation) -> Self {
        let parameters = operation.parameters.iter().flatten().filter_map(|parameter| match parameter {
            RefOr::T(parameter) if parameter.parameter_in == ParameterIn::Query => {
                Some(parameter.name.clone())
            }
            RefOr::T(_) | RefOr::Ref(_) => None,
        });
        let lets_bodies_pass = method != Method::POST || operation.request_body.is_some();
        Self { parameters: parameters.collect(), lets_bodies_pass }
    }

    fn stray_parameters(&self, names: impl Iterator<Item = String>) -> Option<Problem> {
        let mut strays: Vec<String> = names.filter(|name| !self.parameters.contains(name)).collect();
        strays.sort();
        strays.dedup();
        strays.truncate(Self::TOLD);
        if strays.is_empty() {
            return None;
        }
        let advice = match &*self.parameters {
            [] => "leave it out, this path takes none".to_owned(),
            known => format!("use {}", known.join(", ")),
        };
        let named: Vec<_> = strays.iter().map(|name| excerpt(name)).collect();
        let detail =
            format!("the query has parameters that are not known here, {}: {advice}", named.join(", "));
        let fault =
            |name: &String| Violation::invalid(format!("is not known here: {advice}")).at(&pointer(name));
        Some(Problem { faults: strays.iter().map(fault).collect(), ..Problem::malformed(detail) })
    }

    /// A body where none is taken. `{}` says no more than nothing does.
    fn stray_body(&self, request: &Request) -> Option<Problem> {
        const NOTHING: u64 = "{}".len() as u64;
        let is_nothing = request.body().size_hint().exact().is_some_and(|length| length <= NOTHING);
        (!self.lets_bodies_pass && !is_nothing)
            .then(|| Problem::malformed("this call takes no body: send none"))
    }
}
