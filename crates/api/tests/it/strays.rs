//! What an endpoint does not take is refused, wherever that is.

use axum::body::Body;
use serde_json::json;

use crate::app::TestApp;

/// Every operation of the document: its method, a path that leads to it, its query's parameters, whether it has a body.
fn operations() -> Vec<(String, String, Vec<String>, bool)> {
    let document = serde_json::to_value(adstead_api::openapi()).unwrap();
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            let names =
                parameters.filter(|parameter| parameter["in"] == "query").map(|parameter| &parameter["name"]);
            let path =
                path.replace("{id}", "019cadc6-9a80-7000-8000-000000000001").replace("{name}", "thumbnail");
            let names = names.map(|name| name.as_str().unwrap().to_owned()).collect();
            operations.push((method.to_uppercase(), path, names, operation["requestBody"].is_object()));
        }
    }
    operations
}

#[tokio::test]
async fn every_endpoint_names_the_query_parameters_that_it_does_not_know() {
    let app = TestApp::new().await;
    let (ada, nobody) = (app.admin().await, app.nobody());
    // Who holds an address of `/v1/files/` is asked for no key: see `uploads`.
    let with_key = |path: &str| path.starts_with("/v1/") && !path.starts_with("/v1/files/");
    for (method, path, known, _) in operations().into_iter().filter(|(_, path, ..)| with_key(path)) {
        let stray = format!("{path}?zz=1&a%2Fb&zz=2");
        let problem = ada.send(&method, &stray, &[], Body::empty()).await.expect(400);
        assert_eq!(problem["type"], "urn:adstead:problem:malformed-request", "{method} {path}");
        let advice = if known.is_empty() {
            "leave it out, this path takes none".to_owned()
        } else {
            format!("use {}", known.join(", "))
        };
        let message = format!("is not known here: {advice}");
        let errors =
            json!([{"pointer": "/a~1b", "message": message}, {"pointer": "/zz", "message": message}]);
        assert_eq!(problem["errors"], errors, "{method} {path}");
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains("\"a/b\", \"zz\""), "{detail}");
        nobody.send(&method, &stray, &[], Body::empty()).await.expect(401);
    }
    assert_eq!(ada.send("HEAD", "/v1/campaigns?zz=1", &[], Body::empty()).await.status, 400);
}

#[tokio::test]
async fn no_post_ignores_a_body_that_it_does_not_take() {
    let app = TestApp::new().await;
    let ada = app.admin().await;
    let json = [("content-type", "application/json")];
    let bare: Vec<_> =
        operations().into_iter().filter(|(method, .., body)| method == "POST" && !body).collect();
    assert!(bare.len() > 8, "{bare:?}");
    for (method, path, ..) in bare {
        for body in ["{\"notes\": \"please\"}", "null"] {
            let problem = ada.send(&method, &path, &json, body).await.expect(400);
            assert_eq!(problem["detail"], "this call takes no body: send none", "{path}");
        }
        let chunked = Body::from_stream(futures::stream::iter([Ok::<_, std::io::Error>("{\"a\": 1}")]));
        ada.send(&method, &path, &json, chunked).await.expect(400);
        for nothing in ["", "{}"] {
            ada.send(&method, &path, &json, nothing).await.expect(404);
        }
    }
}

#[tokio::test]
async fn a_stray_parameter_gives_the_key_of_its_call_back() {
    let app = TestApp::new().await;
    let ada = app.admin().await;
    let named = [("idempotency-key", "call-1")];
    let path = format!("/v1/campaigns/{}/activate", ada.campaign().await);
    ada.send("POST", &format!("{path}?now=yes"), &named, Body::empty()).await.expect(400);
    ada.send("POST", &path, &named, Body::empty()).await.expect(200);
}
