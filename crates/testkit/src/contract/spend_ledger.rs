//! The contract of [`SpendLedger`](adstead_domain::port::SpendLedger).

use adstead_domain::port::Payer;
use futures::future::join_all;
use jiff::ToSpan;

use super::{Case, Repositories};
use crate::build::CREATED_AT;
use crate::cases;

/// What every `SpendLedger` must do.
pub const CASES: &[Case<Repositories>] = cases![
    what_fits_the_limit_is_granted_and_counts,
    what_was_spent_takes_the_place_of_what_was_reserved,
    concurrent_calls_share_the_limit,
    accounts_and_days_are_apart,
];

async fn payer(world: &Repositories) -> Payer {
    Payer::at(&world.account().await, CREATED_AT)
}

async fn reserve(world: &Repositories, payer: &Payer, micros: u64, limit: Option<u64>) -> bool {
    world.spend_ledger.reserve(payer, micros, limit).await.expect("an amount can be reserved")
}

async fn settle(world: &Repositories, payer: &Payer, reserved: u64, spent: u64) {
    world.spend_ledger.settle(payer, reserved, spent).await.expect("an amount can be settled");
}

async fn spent(world: &Repositories, payer: &Payer) -> u64 {
    world.spend_ledger.spent(payer).await.expect("what was spent can be read")
}

async fn what_fits_the_limit_is_granted_and_counts(world: &Repositories) {
    let payer = payer(world).await;
    assert_eq!(spent(world, &payer).await, 0);
    assert!(!reserve(world, &payer, 101, Some(100)).await, "a first amount passes the limit too");
    assert_eq!(spent(world, &payer).await, 0);
    assert!(reserve(world, &payer, 60, Some(100)).await);
    assert!(!reserve(world, &payer, 41, Some(100)).await);
    assert!(reserve(world, &payer, 40, Some(100)).await, "the limit itself may be spent");
    assert!(!reserve(world, &payer, 1, Some(100)).await);
    assert!(reserve(world, &payer, 0, Some(100)).await, "nothing passes no limit");
    assert!(reserve(world, &payer, 5_000_000_000, None).await, "nobody set a limit");
    assert_eq!(spent(world, &payer).await, 5_000_000_100);
}

async fn what_was_spent_takes_the_place_of_what_was_reserved(world: &Repositories) {
    let payer = payer(world).await;
    assert!(reserve(world, &payer, 90, Some(100)).await);
    settle(world, &payer, 90, 20).await;
    assert_eq!(spent(world, &payer).await, 20);
    assert!(reserve(world, &payer, 80, Some(100)).await);
    settle(world, &payer, 80, 0).await;
    assert!(reserve(world, &payer, 10, Some(100)).await);
    settle(world, &payer, 10, 300).await;
    assert_eq!(spent(world, &payer).await, 320, "what was spent counts, also past the limit");
    assert!(!reserve(world, &payer, 1, Some(100)).await);
}

async fn concurrent_calls_share_the_limit(world: &Repositories) {
    let payer = payer(world).await;
    let granted = join_all((0..12).map(|_| reserve(world, &payer, 30, Some(100)))).await;
    assert_eq!(granted.iter().filter(|is_granted| **is_granted).count(), 3);
    assert_eq!(spent(world, &payer).await, 90);
    join_all((0..3).map(|_| settle(world, &payer, 30, 7))).await;
    assert_eq!(spent(world, &payer).await, 21);
}

async fn accounts_and_days_are_apart(world: &Repositories) {
    let (one, other) = (world.account().await, payer(world).await);
    let (today, tomorrow) = (Payer::at(&one, CREATED_AT), Payer::at(&one, CREATED_AT + 24.hours()));
    assert_ne!(today.day, tomorrow.day);
    assert!(reserve(world, &today, 100, Some(100)).await);
    assert!(reserve(world, &tomorrow, 50, Some(100)).await);
    assert!(reserve(world, &other, 25, Some(100)).await);
    let all = [spent(world, &today).await, spent(world, &tomorrow).await, spent(world, &other).await];
    assert_eq!(all, [100, 50, 25]);
}
