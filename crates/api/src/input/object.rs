use adstead_domain::{Faults, Violation, Violations};
use serde::de::value::MapDeserializer;
use serde::de::{DeserializeOwned, IntoDeserializer, Visitor};
use serde::{Deserializer, forward_to_deserialize_any};
use serde_json::{Map, Value};

use super::wrong_type;

/// The fields of an object, and a fault for each one that its shape does not have.
///
/// # Errors
/// Anything but an object.
pub(crate) fn object<T: DeserializeOwned>(json: Value) -> Result<(T, Faults), Violations> {
    let Value::Object(fields) = json else { return Err(wrong_type(&json, "an object").into()) };
    let mut faults = Faults::default();
    let shape = T::deserialize(Known { fields, faults: &mut faults });
    Ok((shape.expect("each field takes any value, and none must be there"), faults))
}

/// An object that notes the fields which the struct that is read from it does not have.
struct Known<'a> {
    fields: Map<String, Value>,
    faults: &'a mut Faults,
}

impl<'de> Deserializer<'de> for Known<'_> {
    type Error = serde_json::Error;

    fn deserialize_struct<V: Visitor<'de>>(
        mut self,
        _: &'static str,
        known: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        let is_known = |field: &str| known.contains(&field);
        for stray in self.fields.keys().filter(|field| !is_known(field)) {
            let message = format!("is not known here: use {}", known.join(", "));
            self.faults.push(&pointer(stray), Violation::invalid(message));
        }
        self.fields.retain(|field, _| is_known(field));
        self.deserialize_any(visitor)
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_map(MapDeserializer::new(
            self.fields.into_iter().map(|(name, json)| (name, Written(json))),
        ))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

/// A value that is there even where it is `null`, so that an edit can tell "clear it" from "keep it".
struct Written(Value);

impl<'de> Deserializer<'de> for Written {
    type Error = serde_json::Error;

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_some(self.0)
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        self.0.deserialize_any(visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl IntoDeserializer<'_, serde_json::Error> for Written {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

/// The JSON pointer to a field (RFC 6901, section 3).
pub(crate) fn pointer(field: &str) -> String {
    format!("/{}", field.replace('~', "~0").replace('/', "~1"))
}
