use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::app::TestApp;

/// The committed document, written by `cargo run -p adstead-api --example openapi`.
const COMMITTED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/openapi.json");

fn document() -> Value {
    serde_json::to_value(adstead_api::openapi()).unwrap()
}

#[test]
fn the_committed_document_is_the_present_one() {
    let present = adstead_api::openapi().to_pretty_json().unwrap() + "\n";
    let committed = std::fs::read_to_string(COMMITTED).unwrap_or_default();
    assert!(
        committed == present,
        "docs/reference/openapi.json is out of date: write it anew with `cargo run -p adstead-api --example openapi`"
    );
}

#[tokio::test]
async fn the_document_and_its_page_need_no_key_and_no_internet() {
    let app = TestApp::new().await;
    let nobody = app.nobody();
    assert_eq!(nobody.get("/openapi.json").await.expect(200), document());
    let page = nobody.get("/docs/").await;
    let html = String::from_utf8(page.body.to_vec()).unwrap();
    assert!(page.status.is_success() && !html.contains("https://"), "{html}");
    assert_eq!(nobody.get("/docs").await.header("location"), "/docs/");
    assert_eq!(nobody.get("/docs/swagger-ui-bundle.js").await.status, 200);
    let settings = nobody.get("/docs/swagger-initializer.js").await;
    assert!(String::from_utf8_lossy(&settings.body).contains("/openapi.json"));
}

#[test]
fn every_operation_has_an_id_a_summary_and_its_problems() {
    let document = document();
    let mut ids = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let id = operation["operationId"].as_str().unwrap_or_else(|| panic!("{method} {path} has no id"));
            assert!(ids.insert(id.to_owned()), "{id} is there twice");
            assert!(operation["summary"].is_string(), "{id} has no summary");
            let needs_key = path.starts_with("/v1/") && !path.starts_with("/v1/files/");
            assert_eq!(operation["responses"]["401"].is_object(), needs_key, "{id}");
            let bearer = operation["security"].pointer("/0/bearer").is_some();
            assert_eq!(bearer, needs_key, "{id}");
        }
    }
}

#[test]
fn every_reference_of_the_document_leads_somewhere() {
    fn check(part: &Value, document: &Value) {
        match part {
            Value::Object(fields) => {
                if let Some(reference) = fields.get("$ref").and_then(Value::as_str) {
                    assert!(document.pointer(&reference[1..]).is_some(), "{reference} leads nowhere");
                }
                fields.values().for_each(|field| check(field, document));
            }
            Value::Array(items) => items.iter().for_each(|item| check(item, document)),
            _ => {}
        }
    }
    let document = document();
    check(&document, &document);
}

/// The schema of a body, whatever it is wrapped in.
fn body<'a>(document: &'a Value, path: &str, method: &str) -> &'a Value {
    let schema = &document["paths"][path][method]["requestBody"]["content"]["application/json"]["schema"];
    let reference =
        schema["$ref"].as_str().or(schema["oneOf"][0]["$ref"].as_str()).expect("a schema with a name");
    document.pointer(&reference[1..]).unwrap()
}

#[tokio::test]
async fn the_document_names_exactly_the_fields_that_the_api_takes() {
    let app = TestApp::new().await;
    let ada = app.admin().await;
    let document = document();
    let ad = ada.ad().await;
    let whole = ada.get(&format!("/v1/ads/{ad}")).await.expect(200);
    let id = |field: &str| whole[field].as_str().unwrap().to_owned();
    let generation = ada.generation().await;
    let bodies = [
        ("post", "/v1/campaigns", String::new()),
        ("patch", "/v1/campaigns/{id}", id("campaign_id")),
        ("post", "/v1/campaigns/{id}/ad-groups", id("campaign_id")),
        ("patch", "/v1/ad-groups/{id}", id("ad_group_id")),
        ("post", "/v1/ad-groups/{id}/ads", id("ad_group_id")),
        ("patch", "/v1/ads/{id}", ad.clone()),
        ("post", "/v1/ads/{id}/approve", ad.clone()),
        ("post", "/v1/ads/{id}/reject", ad),
        ("post", "/v1/generations", String::new()),
        ("post", "/v1/generations/{id}/ads", generation),
    ];
    for (method, path, id) in bodies {
        let schema = body(&document, path, method);
        let at = path.replace("{id}", &id);
        let json = [("content-type", "application/json")];
        let stray = json!({"no_such_field": 1}).to_string();
        let faults = ada.send(&method.to_uppercase(), &at, &json, stray).await.faults();

        let known =
            faults[0].strip_prefix("/no_such_field: is not known here: use ").expect("the stray field");
        let known: BTreeSet<_> = known.split(", ").collect();
        let described: BTreeSet<_> =
            schema["properties"].as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(known, described, "{method} {path}");

        let missing =
            faults.iter().filter_map(|fault| fault.strip_suffix(": is missing: this field is required"));
        let missing: BTreeSet<_> = missing.filter_map(|pointer| pointer.strip_prefix('/')).collect();
        let required =
            schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        assert_eq!(missing, required, "{method} {path}");
        assert_eq!(schema["additionalProperties"], false, "{method} {path}");
    }
}

#[test]
fn the_guide_explains_every_kind_of_problem() {
    let guide = include_str!("../../../../docs/API.md");
    let responses = document()["components"]["responses"].to_string();
    let kinds: BTreeSet<_> =
        responses.split('`').filter(|word| word.starts_with("urn:adstead:problem:")).collect();
    assert!(kinds.len() > 15, "{kinds:?}");
    for kind in kinds {
        assert!(guide.contains(kind), "docs/API.md says nothing of {kind}");
    }
}
