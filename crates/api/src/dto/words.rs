//! The domain's vocabularies as schemas: their words are the domain's, so that the document cannot fall behind.

use std::borrow::Cow;

use adstead_domain as domain;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

macro_rules! words {
    ($($name:ident = $vocabulary:path, $description:literal;)+) => {$(
        #[doc = $description]
        pub(crate) enum $name {}

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                use $vocabulary as Vocabulary;
                let words = Vocabulary::ALL.iter().map(|word| word.as_str());
                let schema = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words));
                schema.description(Some($description)).into()
            }
        }

        impl ToSchema for $name {
            fn name() -> Cow<'static, str> {
                stringify!($name).into()
            }
        }
    )+};
}

words! {
    Role = domain::Role, "What the bearer of a key may do: `viewer` reads; `editor` reads and writes; `reviewer` reads and reviews; `admin` does everything.";
    Objective = domain::Objective, "What a campaign is for.";
    Platform = domain::Platform, "Where ads run. `GET /v1/platforms` tells what each takes.";
    AdType = domain::AdType, "What kind of ad it is. `GET /v1/platforms` tells which a platform offers.";
    PolicyRule = domain::policy::PolicyRule, "What a hint is about: `banned_claim` promises a result that nobody can promise, `superlative` says to be more than all others, `personal_attribute` tells readers something of themselves.";
    Task = domain::Task, "What is to become of copy: `vary` makes others like it, in another tone or style, shorter or longer; `rewrite` makes the same for another platform or ad type; `translate` makes the same in another language.";
    LineLength = domain::LineLength, "How long lines are, compared with those that they are made from.";
    CampaignStatus = domain::CampaignStatus, "Where a campaign stands.\n\n`draft` or `paused` → `active` (activate: inside its schedule and budget); `active` → `paused` (pause); `active` or `paused` → `completed` (complete); `draft`, `paused` or `completed` → `archived` (archive). A completed or archived campaign can only be read.";
    AdStatus = domain::AdStatus, "Where an ad stands.\n\n`draft` → `pending_review` (submit: complete by its platform's limits); `pending_review` → `approved` (approve) or `rejected` (reject); `rejected` → `draft` (revise); `approved` or `paused` → `active` (activate: its campaign inside schedule and budget); `active` → `paused` (pause); `draft`, `rejected`, `approved` or `paused` → `archived` (archive). New content sends an ad back to `draft`; an archived ad can only be read.";
    Decision = domain::Decision, "What a reviewer decided.";
    EventKind = domain::EventKind, "What happened. A conversion needs no click and may come late.";
    Device = domain::Device, "What an ad is seen on.";
    Gender = domain::Gender, "A gender as platforms report it.";
    Weekday = domain::Weekday, "A day of the week.";
    Granularity = domain::report::Granularity, "How finely a report is divided in time.";
    GroupBy = domain::report::GroupBy, "By what a report is divided.";
    Rule = domain::optimization::Rule, "The rule that a recommendation comes from.";
    Channel = domain::Channel, "A way to be told: by `email`; in a chat that takes webhooks as `slack` does; by a signed `webhook`.";
    Cadence = domain::Cadence, "How often to be told: of each thing `at_once`; `hourly` or `daily` (at eight in the morning) of all that happened. What is critical comes at once.";
    SuspensionReason = domain::SuspensionReason, "Why nothing is told: the subscription was `paused`, or its webhook answered 410, `gone`.";
    ContentType = domain::ContentType, "The type of a creative file, as its content shows.";
}
