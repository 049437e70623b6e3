//! The contract of [`SigningKeys`](adstead_domain::port::SigningKeys).

use adstead_domain::{SigningKey, SigningPurpose};
use futures::future::join_all;

use super::{Case, Repositories};
use crate::cases;

/// What every `SigningKeys` must do.
pub const CASES: &[Case<Repositories>] = cases![
    the_first_key_stays_to_the_last_bit,
    concurrent_first_calls_agree_on_one_key,
    the_value_of_a_key_is_not_shown,
];

async fn agreed(world: &Repositories, candidate: [u8; 32]) -> SigningKey {
    let agreed = world.signing_keys.agree(SigningPurpose::Cursors, SigningKey::new(candidate));
    agreed.await.expect("a key can be agreed on")
}

async fn the_first_key_stays_to_the_last_bit(world: &Repositories) {
    let every_byte = std::array::from_fn(|index| u8::try_from(index * 8 + 7).expect("it is below 256"));
    for candidate in [every_byte, [0; 32], [255; 32]] {
        assert_eq!(agreed(world, candidate).await.reveal(), &every_byte);
    }
}

async fn concurrent_first_calls_agree_on_one_key(world: &Repositories) {
    let keys = join_all((1..=20).map(|candidate| agreed(world, [candidate; 32]))).await;
    let revealed: Vec<_> = keys.iter().map(SigningKey::reveal).collect();
    assert!(revealed.iter().all(|key| *key == revealed[0]), "the nodes have different keys");
    assert!((1..=20).any(|candidate| [candidate; 32] == *revealed[0]), "nobody proposed that key");
    assert_eq!(agreed(world, [99; 32]).await, keys[0]);
}

async fn the_value_of_a_key_is_not_shown(world: &Repositories) {
    assert_eq!(format!("{:?}", agreed(world, [7; 32]).await), "SigningKey(***)");
}
