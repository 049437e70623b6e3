//! From an account to ads that run.

use adstead_application::accounts::{NewAccount, NewKey};
use adstead_domain::{Account, Platform, Role, Zone};
use anyhow::{Context, Result, ensure};
use indicatif::ProgressBar;
use serde_json::{Value, json};
use uuid::Uuid;

use super::plan::{self, Channel};
use super::preview::{self, Copy};
use super::stage::measure;
use super::traffic::Appeal;
use crate::client::{Client, field};
use crate::wire::Operator;

/// Who works in the demo: one writes, another approves, a third watches over the system.
pub(super) struct Team {
    pub(super) zone: Zone,
    pub(super) editor: Client,
    pub(super) reviewer: Client,
    pub(super) admin: Client,
}

/// A channel with its campaign and its group.
pub(super) struct Placed {
    pub(super) channel: Channel,
    pub(super) campaign_id: Uuid,
    pub(super) group_id: Uuid,
}

/// An ad of the demo.
#[derive(Clone)]
pub(super) struct MadeAd {
    pub(super) id: Uuid,
    pub(super) name: String,
    pub(super) platform: Platform,
    pub(super) appeal: Appeal,
}

/// Opens the account and issues the keys, as `adstead accounts create` and `adstead keys create` do.
pub(super) async fn account_and_keys(operator: &Operator, url: &str) -> Result<Team> {
    let new = NewAccount {
        name: plan::BRAND.parse()?,
        time_zone: plan::TIME_ZONE.parse()?,
        currency: Some(plan::CURRENCY.parse()?),
        second_reviewer: true,
    };
    let Account { id, time_zone, .. } = operator.create_account.execute(new).await?;
    let key = async |email: &str, role| -> Result<String> {
        let new = NewKey { account: id.to_string(), email: email.parse()?, role };
        Ok(operator.create_key.execute(new).await?.secret.reveal().to_owned())
    };
    let editor = Client::new(url, &key("ines@cafe-alba.example", Role::Editor).await?)?;
    let reviewer = editor.with_key(&key("omar@cafe-alba.example", Role::Reviewer).await?);
    let admin = editor.with_key(&key("ada@cafe-alba.example", Role::Admin).await?);
    Ok(Team { zone: time_zone, editor, reviewer, admin })
}

/// Makes the campaign and the group of a channel.
pub(super) async fn place(editor: &Client, channel: Channel) -> Result<Placed> {
    let campaign_id: Uuid = field(&editor.post("/v1/campaigns", &channel.campaign).await?, "/id")?;
    let group = editor.post(&format!("/v1/campaigns/{campaign_id}/ad-groups"), &channel.group).await?;
    Ok(Placed { channel, campaign_id, group_id: field(&group, "/id")? })
}

/// Makes a draft ad of every variant of a generation.
pub(super) async fn adopt(editor: &Client, placed: &Placed, generation: &Value) -> Result<Vec<Value>> {
    let id: Uuid = field(generation, "/id")?;
    let variants: Vec<Value> = field(generation, "/variants")?;
    let chosen: Vec<usize> = (0..variants.len()).collect();
    let adoption = json!({
        "ad_group_id": placed.group_id,
        "variants": chosen,
        "final_url": placed.channel.final_url,
    });
    field(&editor.post(&format!("/v1/generations/{id}/ads"), &adoption).await?, "/ads")
}

/// What an ad says on X; it stays as it is.
pub(super) async fn rewrite(editor: &Client, ad: Option<&MadeAd>) -> Result<String> {
    let id = ad.context("no ad was made")?.id;
    let wish = json!({ "rework": {
        "task": "rewrite", "ad_id": id, "language": "en", "platform": "x", "ad_type": "text",
    } });
    let generation = editor.post("/v1/generations", &wish).await?;
    let source: Uuid = field(&generation, "/brief/source/ad_id")?;
    ensure!(source == id, "it was made of another ad: {generation}");
    let lines: Vec<String> = field(&generation, "/variants/0/descriptions")?;
    Ok(lines.join(" "))
}

/// The ads of a channel; in each, people like one best, tire of one, and hardly click one.
pub(super) fn made(placed: &Placed, ads: &[Value]) -> Result<Vec<MadeAd>> {
    let platform = placed.channel.platform;
    let appeal = |index: usize| match (platform, index) {
        (Platform::Google, 0) => Appeal::Strong,
        (Platform::Google, 1) => Appeal::Tiring,
        (Platform::Facebook, last) if last + 1 == ads.len() => Appeal::Weak,
        _ => Appeal::Usual,
    };
    let made = |(index, ad): (usize, &Value)| {
        let name = format!("{platform} {}", index + 1);
        Ok(MadeAd { id: field(ad, "/id")?, name, platform, appeal: appeal(index) })
    };
    ads.iter().enumerate().map(made).collect()
}

/// An ad as people would meet it.
pub(super) fn shown(placed: &Placed, number: usize, ad: &Value, width: usize) -> Result<Vec<String>> {
    let copy = Copy {
        headlines: field(ad, "/headlines")?,
        descriptions: field(ad, "/descriptions")?,
        call_to_action: field(ad, "/call_to_action")?,
    };
    let title = format!("{} · {number}", placed.channel.title);
    Ok(match placed.channel.platform {
        Platform::Google => preview::search_ad(&title, plan::HOST, &copy, width),
        _ => preview::feed_ad(&title, plan::BRAND, plan::HOST, &copy, width),
    })
}

/// Shows the picture in an ad.
pub(super) async fn attach(editor: &Client, ad: &MadeAd, asset: Uuid) -> Result<()> {
    let edited = editor.patch(&format!("/v1/ads/{}", ad.id), &json!({ "asset_ids": [asset] })).await?;
    let shows: Vec<Uuid> = field(&edited, "/asset_ids")?;
    ensure!(shows == [asset], "the ad does not show the picture: {edited}");
    Ok(())
}

/// The editor hands every ad in, and somebody else approves it; how many hints they got of what may be objected to.
pub(super) async fn review(team: &Team, ads: &[MadeAd], bar: &ProgressBar) -> Result<usize> {
    measure(bar, ads.len() as u64);
    let mut hints = 0;
    for MadeAd { id, platform, .. } in ads {
        team.editor.step(&format!("/v1/ads/{id}/submit")).await?;
        let language = if *platform == Platform::Facebook { "es" } else { "en" };
        let inspected = json!({ "language": language });
        let inspection = team.reviewer.post(&format!("/v1/ads/{id}/inspections"), &inspected).await?;
        hints += field::<Vec<Value>>(&inspection, "/hints")?.len();
        let notes = json!({ "notes": "Keeps to our voice." });
        team.reviewer.post(&format!("/v1/ads/{id}/approve"), &notes).await?;
        bar.inc(1);
    }
    Ok(hints)
}

/// Activates the campaigns and the ads, and counts the ads that are active then.
pub(super) async fn activate(editor: &Client, placed: &[Placed], ads: &[MadeAd]) -> Result<usize> {
    for Placed { campaign_id, .. } in placed {
        editor.step(&format!("/v1/campaigns/{campaign_id}/activate")).await?;
    }
    for MadeAd { id, .. } in ads {
        editor.step(&format!("/v1/ads/{id}/activate")).await?;
    }
    let active: Vec<Value> = field(&editor.get("/v1/ads?status=active&limit=200").await?, "/items")?;
    ensure!(active.len() == ads.len(), "{} of {} ads are active", active.len(), ads.len());
    Ok(active.len())
}
