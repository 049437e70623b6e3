//! Prints the OpenAPI document: `cargo run -p adstead-api --example openapi > docs/reference/openapi.json`.

fn main() {
    let document =
        adstead_api::openapi().to_pretty_json().expect("a document of strings and numbers is JSON");
    println!("{document}");
}
