//! The contract of [`ServiceSwitches`](adstead_domain::port::ServiceSwitches).

use adstead_domain::port::DisabledService;
use jiff::{Timestamp, ToSpan};

use super::{Case, Repositories};
use crate::cases;

/// What every `ServiceSwitches` must do.
pub const CASES: &[Case<Repositories>] = cases![
    what_is_disabled_is_told_once_with_its_first_moment,
    what_is_enabled_is_told_no_more,
    what_is_disabled_is_told_in_the_order_of_the_names,
];

fn noon() -> Timestamp {
    "2026-06-01T12:00:00Z".parse().expect("a moment")
}

async fn disabled(world: &Repositories) -> Vec<DisabledService> {
    world.service_switches.disabled().await.expect("the switches can be read")
}

async fn disable(world: &Repositories, name: &str, at: Timestamp) {
    world.service_switches.disable(name, at).await.expect("a service can be disabled");
}

async fn what_is_disabled_is_told_once_with_its_first_moment(world: &Repositories) {
    assert_eq!(disabled(world).await, []);
    disable(world, "openai", noon()).await;
    disable(world, "openai", noon() + 1.hour()).await;
    assert_eq!(disabled(world).await, [DisabledService { name: "openai".to_owned(), since: noon() }]);
}

async fn what_is_enabled_is_told_no_more(world: &Repositories) {
    disable(world, "openai", noon()).await;
    disable(world, "ollama", noon()).await;
    let enable = async |name| world.service_switches.enable(name).await.expect("a service can be enabled");
    assert!(enable("openai").await);
    assert!(!enable("openai").await, "it was enabled already");
    assert!(!enable("nobody").await);
    let names: Vec<_> = disabled(world).await.into_iter().map(|service| service.name).collect();
    assert_eq!(names, ["ollama"]);
    disable(world, "openai", noon() + 1.hour()).await;
    assert_eq!(disabled(world).await[1].since, noon() + 1.hour(), "the moment is the new one");
}

async fn what_is_disabled_is_told_in_the_order_of_the_names(world: &Repositories) {
    for name in ["b", "a_b", "a1", "a"] {
        disable(world, name, noon()).await;
    }
    let names: Vec<_> = disabled(world).await.into_iter().map(|service| service.name).collect();
    assert_eq!(names, ["a", "a1", "a_b", "b"]);
}
