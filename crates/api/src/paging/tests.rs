use adstead_domain::{AdGroupId, AdStatus};
use proptest::prelude::*;

use super::*;

const KEY: SigningKey = SigningKey::new([7; 32]);
const OURS: AccountId = AccountId::new(Uuid::from_u128(1));

fn list(account: AccountId, listing: Listing) -> List<'static> {
    List { key: &KEY, account, listing }
}

/// Lists of which no two are the same.
fn listings() -> Vec<Listing> {
    let one = Uuid::from_u128(1);
    let ads = |campaign_id, ad_group_id, status| Listing::Ads(AdFilter { campaign_id, ad_group_id, status });
    vec![
        Listing::Campaigns { status: None },
        Listing::Campaigns { status: Some(CampaignStatus::Draft) },
        Listing::Campaigns { status: Some(CampaignStatus::Active) },
        Listing::AdGroups { campaign: CampaignId::new(one) },
        Listing::AdGroups { campaign: CampaignId::new(Uuid::from_u128(2)) },
        ads(None, None, None),
        ads(Some(CampaignId::new(one)), None, None),
        ads(None, Some(AdGroupId::new(one)), None),
        ads(None, None, Some(AdStatus::Draft)),
        ads(Some(CampaignId::new(one)), None, Some(AdStatus::Draft)),
        Listing::Assets,
        Listing::Optimizations { ad: AdId::new(one) },
        Listing::Optimizations { ad: AdId::new(Uuid::from_u128(2)) },
    ]
}

#[test]
fn a_cursor_opens_the_list_that_gave_it_out_and_no_other() {
    let position = Uuid::from_u128(0x019c_adc6_9a80_7000_8000_0000_0000_0001);
    for given in listings() {
        let cursor = list(OURS, given).cursor(position);
        for read in listings() {
            let expected = (read == given).then_some(position);
            assert_eq!(list(OURS, read).position(&cursor), expected, "of {given}, sent to {read}");
        }
        let theirs = AccountId::new(Uuid::from_u128(2));
        assert_eq!(list(theirs, given).position(&cursor), None, "{given}");
        let other_key = SigningKey::new([8; 32]);
        assert_eq!(List { key: &other_key, ..list(OURS, given) }.position(&cursor), None, "{given}");
    }
}

#[test]
fn a_cursor_that_is_cut_short_or_goes_on_is_refused() {
    let assets = list(OURS, Listing::Assets);
    let cursor = assets.cursor(Uuid::from_u128(5));
    for end in 0..cursor.len() {
        assert_eq!(assets.position(&cursor[..end]), None, "{end} characters");
    }
    for longer in ["A", "AA", "AAAA", "=", " ", "\n"] {
        assert_eq!(assets.position(&format!("{cursor}{longer}")), None, "{longer:?}");
    }
}

#[test]
fn what_is_wrong_with_a_cursor_is_said_at_its_parameter() {
    let asked = Asked { limit: Limit::default(), cursor: Some("bm90aGluZw".to_owned()) };
    let problem = list(OURS, Listing::Assets).page(asked).expect_err("a forged cursor");
    assert_eq!(problem.kind.uri(), "urn:adstead:problem:malformed-request");
    assert_eq!(problem.faults[0].pointer(), "/cursor");
    assert!(problem.detail.ends_with("leave it out to start from the first page"), "{}", problem.detail);
}

proptest! {
    #[test]
    fn a_cursor_leads_back_to_its_position(position: u128) {
        let ads = list(OURS, Listing::Ads(AdFilter::default()));
        let position = Uuid::from_u128(position);
        let asked = Asked { limit: Limit::default(), cursor: Some(ads.cursor(position)) };
        prop_assert_eq!(ads.page(asked).expect("a cursor").after, Some(position));
    }

    #[test]
    fn a_flipped_bit_is_refused(position: u128, bit in 0_usize..256) {
        let ads = list(OURS, Listing::Ads(AdFilter::default()));
        let mut bytes = BASE64_URL_SAFE_NO_PAD.decode(ads.cursor(Uuid::from_u128(position))).expect("base64");
        bytes[bit / 8] ^= 1 << (bit % 8);
        prop_assert_eq!(ads.position(&BASE64_URL_SAFE_NO_PAD.encode(bytes)), None);
    }

    #[test]
    fn another_character_is_refused(position: u128, at in 0_usize..43, other in "[A-Za-z0-9_-]") {
        let ads = list(OURS, Listing::Ads(AdFilter::default()));
        let cursor = ads.cursor(Uuid::from_u128(position));
        let mut changed = cursor.clone();
        changed.replace_range(at..=at, &other);
        prop_assert_eq!(ads.position(&changed).is_some(), changed == cursor);
    }

    #[test]
    fn any_text_is_refused(text in ".{0,80}", url_safe in "[A-Za-z0-9_-]{43}") {
        let ads = list(OURS, Listing::Ads(AdFilter::default()));
        prop_assert_eq!(ads.position(&text), None);
        prop_assert_eq!(ads.position(&url_safe), None);
    }
}
