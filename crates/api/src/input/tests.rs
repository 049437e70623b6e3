use adstead_domain::Platform;
use serde::Deserialize;
use serde_json::json;

use super::*;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Shape {
    platform: Field<Platform>,
    numbers: Field<List<i64>>,
    inner: Field<Inner>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Inner {
    name: Field<String>,
}

impl FromJson for Shape {
    type Value = (Platform, Vec<i64>, Option<Option<String>>);

    fn from_json(json: Value) -> Result<Self::Value, Violations> {
        let (Self { platform, numbers, inner }, mut faults) = object::<Self>(json)?;
        let platform = faults.at("/platform", platform.required());
        let numbers = faults.at("/numbers", numbers.optional());
        let inner = faults.at("/inner", inner.changed_or_cleared());
        faults.finish(|| Some((platform?, numbers?.unwrap_or_default(), inner?)))
    }
}

impl FromJson for Inner {
    type Value = String;

    fn from_json(json: Value) -> Result<String, Violations> {
        let (Self { name }, mut faults) = object::<Self>(json)?;
        let name = faults.at("/name", name.required());
        faults.finish(|| name)
    }
}

#[track_caller]
fn check(json: Value, faults: &[&str]) {
    let found = Shape::from_json(json).err().into_iter().flatten();
    let found: Vec<_> = found.map(|fault| format!("{} {}", fault.pointer(), fault.message())).collect();
    assert_eq!(found, faults);
}

#[test]
fn absent_null_and_given_are_told_apart() {
    let inner = |json| Shape::from_json(json).unwrap().2;
    assert_eq!(inner(json!({"platform": "x"})), None);
    assert_eq!(inner(json!({"platform": "x", "inner": null})), Some(None));
    assert_eq!(inner(json!({"platform": "x", "inner": {"name": "a"}})), Some(Some("a".to_owned())));
}

#[test]
fn faults_of_every_kind_are_found_together() {
    check(
        json!({"platform": null, "numbers": [1, "2", 3.5, 4, [5]], "inner": {"nom": 1}, "a~/b": 1}),
        &[
            "/a~0~1b is not known here: use platform, numbers, inner",
            "/platform is missing: this field is required",
            "/numbers/1 is the string \"2\": write a whole number of at most 64 bits",
            "/numbers/2 is the number 3.5: write a whole number of at most 64 bits",
            "/numbers/4 is a list: write a whole number of at most 64 bits",
            "/inner/nom is not known here: use name",
            "/inner/name is missing: this field is required",
        ],
    );
}

#[test]
fn a_value_of_another_type_says_what_it_is_and_what_is_wanted() {
    check(json!([1]), &[" is a list: write an object"]);
    check(
        json!({"platform": 5, "numbers": {}, "inner": true}),
        &[
            "/platform is the number 5: write a string",
            "/numbers is an object: write a list",
            "/inner is true: write an object",
        ],
    );
}

#[test]
fn foreign_text_is_shortened_in_messages() {
    let long = "é".repeat(100);
    assert_eq!(excerpt(&long), format!("\"{}…\"", "é".repeat(60)));
    assert_eq!(excerpt("short\n"), "\"short\\n\"");
}
