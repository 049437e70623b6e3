mod rework;

use adstead_application::generations::{Adoption, Wish};
use adstead_domain as domain;
use domain::{AdGroupId, AdType, FinalUrl, Language, Platform, Text, Violation, Violations};
use serde::Deserialize;
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use self::rework::ReworkInput;
pub(crate) use self::rework::Wanted;
use super::words;
use crate::input::{Field, FromJson, List, excerpt, object};

/// How a generation is to be answered.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct GenerationParams {
    /// Whether to tell what is written while it is being written; `false` where it is left out.
    #[param(value_type = Option<bool>)]
    stream: Field<Switch>,
}

impl FromJson for GenerationParams {
    type Value = bool;

    fn from_json(json: Value) -> Result<bool, Violations> {
        let (Self { stream }, mut faults) = object::<Self>(json)?;
        let stream = faults.at("/stream", stream.optional());
        faults.finish(|| Some(stream?.unwrap_or_default()))
    }
}

/// `true` or `false`, in a query.
struct Switch;

impl FromJson for Switch {
    type Value = bool;

    fn from_json(json: Value) -> Result<bool, Violations> {
        match json.as_str() {
            Some("true") => Ok(true),
            Some("false") => Ok(false),
            other => {
                let given = excerpt(other.unwrap_or_default());
                Err(Violation::invalid(format!("is {given}: use true or false")).into())
            }
        }
    }
}

/// A wish for ad copy.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewGeneration)]
pub(crate) struct GenerationInput {
    /// What is to be written; this or `rework`.
    #[schema(value_type = Option<BriefInput>)]
    brief: Field<BriefInput>,
    /// What is to be made of copy that is there; this or `brief`.
    #[schema(value_type = Option<ReworkInput>)]
    rework: Field<ReworkInput>,
    /// Who is to write, by the name in the settings, such as `offline`; without it, the settings' order of providers.
    #[schema(value_type = Option<String>, example = "offline")]
    provider: Field<String>,
    /// Whether to write anew, also where the same brief of the same account was answered before, within `ai.cache_ttl`;
    /// `false` where it is left out.
    #[schema(value_type = Option<bool>)]
    fresh: Field<bool>,
}

impl FromJson for GenerationInput {
    type Value = (Wanted, Wish);

    fn from_json(json: Value) -> Result<Self::Value, Violations> {
        let (Self { brief, rework, provider, fresh }, mut faults) = object::<Self>(json)?;
        let brief = faults.at("/brief", brief.optional()).flatten();
        let rework = faults.at("/rework", rework.optional()).flatten();
        let is_told = faults.is_empty();
        let wanted = match (brief, rework) {
            (Some(brief), None) => Some(Wanted::Brief(brief)),
            (None, Some((origin, rework))) => Some(Wanted::Rework(origin, rework)),
            (Some(_), Some(_)) => {
                let message = "there is a brief beside it: copy is written from nothing or made from other copy, send one of both";
                faults.push("/rework", Violation::invalid(message));
                None
            }
            (None, None) if is_told => {
                let message = "is missing: say in `brief` what is to be written, or in `rework` what is to be made of copy";
                faults.push("/brief", Violation::invalid(message));
                None
            }
            (None, None) => None,
        };
        let provider = faults.at("/provider", provider.optional());
        let fresh = faults.at("/fresh", fresh.optional());
        faults.finish(|| {
            Some((wanted?, Wish { provider: provider?, fresh: fresh?.unwrap_or_default(), listener: None }))
        })
    }
}

/// What the copy is to say, to whom, and where.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BriefInput {
    /// What is advertised.
    #[schema(value_type = String, required, min_length = 1, max_length = 200, example = "Hand-stitched shoes")]
    product: Field<Text<200>>,
    /// What it is, in a few sentences.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 2000, example = "Leather shoes, made to be repaired.")]
    description: Field<Text<2000>>,
    /// Whom the ad speaks to.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 500, example = "people who walk to work")]
    audience: Field<Text<500>>,
    /// Why they should want it, the strongest first; each up to 200 characters.
    #[schema(value_type = Option<Vec<String>>, max_items = 50, example = json!(["they last for years"]))]
    benefits: Field<List<Text<200>>>,
    #[schema(value_type = Option<BrandVoiceInput>)]
    brand_voice: Field<BrandVoiceInput>,
    /// Words that should appear; each up to 80 characters.
    #[schema(value_type = Option<Vec<String>>, max_items = 50, example = json!(["leather shoes"]))]
    keywords: Field<List<Text<80>>>,
    /// What the reader should do.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 40, example = "Shop now")]
    call_to_action: Field<Text<40>>,
    /// The language of the copy, as a BCP 47 tag.
    #[schema(value_type = String, required, example = "en")]
    language: Field<Language>,
    #[schema(value_type = words::Platform, required)]
    platform: Field<Platform>,
    #[schema(value_type = words::AdType, required)]
    ad_type: Field<AdType>,
    /// How many variants are wanted.
    #[schema(value_type = u8, required, minimum = 1, maximum = 20, example = 3)]
    variants: Field<i64>,
}

impl FromJson for BriefInput {
    type Value = domain::Brief;

    fn from_json(json: Value) -> Result<domain::Brief, Violations> {
        let (fields, mut faults) = object::<Self>(json)?;
        let Self {
            product,
            description,
            audience,
            benefits,
            brand_voice,
            keywords,
            call_to_action,
            language,
            platform,
            ad_type,
            variants,
        } = fields;
        let product = faults.at("/product", product.required());
        let description = faults.at("/description", description.optional());
        let audience = faults.at("/audience", audience.optional());
        let benefits = faults.at("/benefits", benefits.optional());
        let brand_voice = faults.at("/brand_voice", brand_voice.optional());
        let keywords = faults.at("/keywords", keywords.optional());
        let call_to_action = faults.at("/call_to_action", call_to_action.optional());
        let language = faults.at("/language", language.required());
        let platform = faults.at("/platform", platform.required());
        let ad_type = faults.at("/ad_type", ad_type.required());
        let variants = faults.at("/variants", variants.required());
        let variants = variants.and_then(|wanted| faults.at("/variants", count(wanted)));
        let brief = faults.finish(|| {
            Some(domain::Brief {
                product: product?,
                description: description?,
                audience: audience?,
                benefits: benefits?.unwrap_or_default(),
                brand_voice: brand_voice?.unwrap_or_default(),
                keywords: keywords?.unwrap_or_default(),
                call_to_action: call_to_action?,
                language: language?,
                platform: platform?,
                ad_type: ad_type?,
                variants: variants?,
                source: None,
            })
        })?;
        brief.checked()
    }
}

/// A number of variants; whether it is a sensible one is for the brief to say.
fn count(wanted: i64) -> Result<u8, Violation> {
    u8::try_from(wanted).map_err(|_| {
        let most = domain::Brief::MAX_VARIANTS;
        Violation::invalid(format!("{wanted} variants are out of bounds: ask for 1 to {most}"))
    })
}

/// How the brand speaks.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BrandVoiceInput {
    /// Such as friendly, professional, playful, urgent, luxurious.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 80, example = "friendly")]
    tone: Field<Text<80>>,
    /// Such as short sentences, storytelling, questions.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200)]
    style: Field<Text<200>>,
    /// Adjectives that describe the brand as a person; each up to 80 characters.
    #[schema(value_type = Option<Vec<String>>, max_items = 50)]
    personality: Field<List<Text<80>>>,
    /// Rules of the house, in its own words; each up to 500 characters.
    #[schema(value_type = Option<Vec<String>>, max_items = 50)]
    guidelines: Field<List<Text<500>>>,
    /// Words that must never appear, whatever their case; each up to 80 characters.
    #[schema(value_type = Option<Vec<String>>, max_items = 50)]
    banned_words: Field<List<Text<80>>>,
}

impl FromJson for BrandVoiceInput {
    type Value = domain::BrandVoice;

    fn from_json(json: Value) -> Result<domain::BrandVoice, Violations> {
        let (fields, mut faults) = object::<Self>(json)?;
        let Self { tone, style, personality, guidelines, banned_words } = fields;
        let tone = faults.at("/tone", tone.optional());
        let style = faults.at("/style", style.optional());
        let personality = faults.at("/personality", personality.optional());
        let guidelines = faults.at("/guidelines", guidelines.optional());
        let banned_words = faults.at("/banned_words", banned_words.optional());
        faults.finish(|| {
            Some(domain::BrandVoice {
                tone: tone?,
                style: style?,
                personality: personality?.unwrap_or_default(),
                guidelines: guidelines?.unwrap_or_default(),
                banned_words: banned_words?.unwrap_or_default(),
            })
        })
    }
}

/// Which variants become ads, and where.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Adoption)]
pub(crate) struct AdoptionInput {
    /// The group that the ads go to; on the platform that the copy was written for.
    #[schema(value_type = Uuid, required)]
    ad_group_id: Field<AdGroupId>,
    /// The variants, by their position from 0.
    #[schema(value_type = Vec<usize>, required, min_items = 1, example = json!([0, 2]))]
    variants: Field<List<usize>>,
    /// Where a click leads.
    #[schema(value_type = String, format = Uri, required, max_length = 2048, example = "https://example.com/spring")]
    final_url: Field<FinalUrl>,
}

impl FromJson for AdoptionInput {
    type Value = Adoption;

    fn from_json(json: Value) -> Result<Adoption, Violations> {
        let (Self { ad_group_id, variants, final_url }, mut faults) = object::<Self>(json)?;
        let ad_group_id = faults.at("/ad_group_id", ad_group_id.required());
        let variants = faults.at("/variants", variants.required());
        let final_url = faults.at("/final_url", final_url.required());
        faults.finish(|| {
            Some(Adoption { ad_group_id: ad_group_id?, variants: variants?, final_url: final_url? })
        })
    }
}
