use adstead_domain as domain;
use domain::{
    AdId, AdType, GenerationId, Language, LineLength, Origin, Platform, Rework, Task, Text, Violation,
    Violations,
};
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::count;
use crate::dto::words;
use crate::input::{Field, FromJson, object};

/// What a generation begins with.
pub(crate) enum Wanted {
    /// A brief.
    Brief(domain::Brief),
    /// Copy.
    Rework(Origin, Rework),
}

/// What is to be made of an ad's copy, or of a variant's. What is left out stays as it is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Rework)]
pub(crate) struct ReworkInput {
    #[schema(value_type = words::Task, required)]
    task: Field<Task>,
    /// The ad whose copy it is; this, or `generation_id` and `variant`.
    #[schema(value_type = Option<Uuid>)]
    ad_id: Field<AdId>,
    /// The generation whose copy it is.
    #[schema(value_type = Option<Uuid>)]
    generation_id: Field<GenerationId>,
    /// The position of the variant in its generation, from 0.
    #[schema(value_type = Option<usize>)]
    variant: Field<usize>,
    /// What is advertised; where it is left out, what the generation's brief says, or the ad's name.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200)]
    product: Field<Text<200>>,
    /// Whom the new copy speaks to.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 500)]
    audience: Field<Text<500>>,
    /// Such as friendly, professional, playful, urgent, luxurious.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 80, example = "playful")]
    tone: Field<Text<80>>,
    /// Such as short sentences, storytelling, questions.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200)]
    style: Field<Text<200>>,
    /// How long the lines of variations are.
    #[schema(value_type = Option<words::LineLength>)]
    length: Field<LineLength>,
    /// The language of the new copy, as a BCP 47 tag; required with `ad_id`, and to translate.
    #[schema(value_type = Option<String>, example = "es")]
    language: Field<Language>,
    /// Where the new copy will run, to rewrite it.
    #[schema(value_type = Option<words::Platform>)]
    platform: Field<Platform>,
    /// The type of ad that the new copy is for, to rewrite it.
    #[schema(value_type = Option<words::AdType>)]
    ad_type: Field<AdType>,
    /// How many variants are wanted; where it is left out, 3 variations, or 1 of anything else.
    #[schema(value_type = Option<u8>, minimum = 1, maximum = 20, example = 3)]
    variants: Field<i64>,
}

impl FromJson for ReworkInput {
    type Value = (Origin, Rework);

    fn from_json(json: Value) -> Result<Self::Value, Violations> {
        let (fields, mut faults) = object::<Self>(json)?;
        let Self {
            task,
            ad_id,
            generation_id,
            variant,
            product,
            audience,
            tone,
            style,
            length,
            language,
            platform,
            ad_type,
            variants,
        } = fields;
        let task = faults.at("/task", task.required());
        let ad_id = faults.at("/ad_id", ad_id.optional());
        let generation_id = faults.at("/generation_id", generation_id.optional());
        let variant = faults.at("/variant", variant.optional());
        let product = faults.at("/product", product.optional());
        let audience = faults.at("/audience", audience.optional());
        let tone = faults.at("/tone", tone.optional());
        let style = faults.at("/style", style.optional());
        let length = faults.at("/length", length.optional());
        let language = faults.at("/language", language.optional());
        let platform = faults.at("/platform", platform.optional());
        let ad_type = faults.at("/ad_type", ad_type.optional());
        let variants = faults.at("/variants", variants.optional());
        let variants = variants.and_then(|wanted| faults.at("/variants", wanted.map(count).transpose()));
        let origin = match (ad_id, generation_id, variant) {
            (Some(ad_id), Some(generation_id), Some(variant)) => {
                faults.at("", origin(ad_id, generation_id, variant))
            }
            _ => None,
        };
        faults.finish(|| {
            let rework = Rework {
                task: task?,
                product: product?,
                audience: audience?,
                tone: tone?,
                style: style?,
                length: length?,
                language: language?,
                platform: platform?,
                ad_type: ad_type?,
                variants: variants?,
            };
            Some((origin?, rework))
        })
    }
}

/// The one place that the copy is taken from.
fn origin(
    ad_id: Option<AdId>,
    generation_id: Option<GenerationId>,
    variant: Option<usize>,
) -> Result<Origin, Violation> {
    match (ad_id, generation_id, variant) {
        (Some(id), None, None) => Ok(Origin::Ad { id }),
        (None, Some(generation_id), Some(index)) => Ok(Origin::Variant { generation_id, index }),
        (None, Some(_), None) => {
            Err(Violation::invalid("is missing: say which of the generation's variants, from 0").at("/variant"))
        }
        _ => Err(Violation::invalid(
            "it is to be made of one copy: name an ad by `ad_id`, or a variant by `generation_id` and `variant`",
        )
        .at("/ad_id")),
    }
}
