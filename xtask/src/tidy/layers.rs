//! Which crate may know which, and what may be known in which layer.

use super::source::Source;
use super::{Breach, Workspace};

/// What the domain may be built with. `unicode_…` is allowed besides.
const PURE: &[&str] = &[
    "async_trait",
    "base64",
    "bytes",
    "futures",
    "hmac",
    "imagesize",
    "jiff",
    "linkify",
    "serde",
    "sha2",
    "thiserror",
    "url",
    "uuid",
];

/// Our crates, and which of our crates each may be built with.
const DOWNWARD: &[(&str, &[&str])] = &[
    ("crates/domain", &[]),
    ("crates/application", &["adstead_domain"]),
    ("crates/api", &["adstead_application", "adstead_domain"]),
    ("crates/backends", &[]),
    ("crates/config", &[]),
    ("crates/infrastructure", &["adstead_config", "adstead_domain", "adstead_migrations"]),
    ("crates/testkit", &["adstead_domain"]),
    ("migrations", &[]),
    ("xtask", &["adstead_backends"]),
];

const INFRASTRUCTURE: &str = "crates/infrastructure";

/// What the names of adapters' crates begin with, and the only folders whose crates may be built with them.
const FENCED: &[(&str, &[&str])] = &[
    ("sea_orm", &[INFRASTRUCTURE, "migrations"]),
    ("sqlx", &[INFRASTRUCTURE]),
    ("moka", &[INFRASTRUCTURE]),
    ("fred", &[INFRASTRUCTURE]),
    ("aws_", &[INFRASTRUCTURE]),
    ("async_openai", &[INFRASTRUCTURE]),
    ("lettre", &[INFRASTRUCTURE]),
    ("adstead_infrastructure", &["crates/server"]),
    ("adstead_backends", &["xtask"]),
    ("adstead_testkit", &[]),
];

/// Those of them that tests and benchmarks of any crate may name.
const FOR_TESTS: &[&str] = &["adstead_backends", "adstead_testkit"];

pub(super) fn domain_dependencies(workspace: &Workspace) -> Vec<Breach> {
    let Some(domain) = workspace.manifest_in("crates/domain") else { return Vec::new() };
    let is_pure = |name: &str| PURE.contains(&name) || name.starts_with("unicode_");
    domain
        .built_with()
        .filter(|dependency| !is_pure(&dependency.name))
        .map(|it| Breach::new(&domain.path, it.line, format!("the domain depends on `{}`", it.name)))
        .collect()
}

pub(super) fn untyped_json_in_the_domain(workspace: &Workspace) -> Vec<Breach> {
    let value = "serde_json::Value";
    named(
        workspace.sources_in("crates/domain"),
        |source| source.names(value),
        "the domain names `serde_json::Value`",
    )
}

pub(super) fn upward_dependencies(workspace: &Workspace) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for (folder, allowed) in DOWNWARD {
        let Some(manifest) = workspace.manifest_in(folder) else { continue };
        for dependency in manifest.built_with() {
            let name = &*dependency.name;
            if name.starts_with("adstead_") && !allowed.contains(&name) {
                breaches.push(Breach::new(
                    &manifest.path,
                    dependency.line,
                    format!("{folder} depends on `{name}`"),
                ));
            }
        }
    }
    breaches
}

pub(super) fn fenced_dependencies(workspace: &Workspace) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for manifest in &workspace.manifests {
        let folder = manifest.folder();
        for dependency in manifest.built_with() {
            let name = &*dependency.name;
            let is_fenced =
                |(prefix, allowed): &(&str, &[&str])| name.starts_with(prefix) && !allowed.contains(&folder);
            if FENCED.iter().any(is_fenced) {
                breaches.push(Breach::new(
                    &manifest.path,
                    dependency.line,
                    format!("{folder} depends on `{name}`"),
                ));
            }
        }
    }
    breaches
}

/// Tests and benchmarks of these crates are held to it as well.
pub(super) fn adapters_named_above_the_ports(workspace: &Workspace) -> Vec<Breach> {
    let adapters = FENCED.iter().map(|(prefix, _)| *prefix).filter(|prefix| !FOR_TESTS.contains(prefix));
    adapters
        .flat_map(|prefix| {
            let above =
                ["crates/application", "crates/api"].into_iter().flat_map(|at| workspace.sources_in(at));
            named(
                above,
                |source| source.names_crate(prefix),
                &format!("an adapter's crate is named: `{prefix}…`"),
            )
        })
        .collect()
}

pub(super) fn escaped_entities(workspace: &Workspace) -> Vec<Breach> {
    let rooms = ["crates/infrastructure/src/database", "crates/infrastructure/src/repositories"];
    let outside =
        || workspace.sources_in("crates").filter(|source| !rooms.iter().any(|room| source.is_in(room)));
    let own_sources = || outside().filter(|source| source.is_in("crates/infrastructure/src"));
    let repositories = workspace.sources_in("crates/infrastructure/src/repositories");
    let mut breaches =
        named(own_sources(), |source| source.names_crate("sea_orm"), "`sea_orm` is named here");
    breaches.extend(named(
        outside(),
        |source| source.names("repositories::entity"),
        "an entity module is named here",
    ));
    breaches.extend(named(
        repositories,
        |source| {
            let public = source.sequences(&["pub", "mod", "entity"]).next();
            Some(public?[0].line)
        },
        "the entities are public",
    ));
    breaches
}

pub(super) fn http_below_the_api(workspace: &Workspace) -> Vec<Breach> {
    let below = ["crates/domain/src", "crates/application/src", "crates/infrastructure/src"];
    // It speaks HTTP as a client.
    let client = "crates/infrastructure/src/external";
    let sources =
        || below.into_iter().flat_map(|at| workspace.sources_in(at)).filter(|source| !source.is_in(client));
    let mut breaches = named(sources(), |source| source.names("StatusCode"), "an HTTP status is named here");
    breaches.extend(named(sources(), |source| source.reaches_into("http"), "the `http` crate is named here"));
    breaches
}

pub(super) fn wiring_outside_wire(workspace: &Workspace) -> Vec<Breach> {
    let is_wire = |source: &Source| {
        source.path == "crates/server/src/wire.rs" || source.is_in("crates/server/src/wire")
    };
    let others = workspace.sources_in("crates/server/src").filter(|source| !is_wire(source));
    named(
        others,
        |source| {
            let names_port = source.names("adstead_domain::port").is_some();
            source.names_crate("adstead_infrastructure").filter(|_| names_port)
        },
        "both ports and adapters are named here",
    )
}

/// The sources in which `find` finds a line.
fn named<'a>(
    sources: impl Iterator<Item = &'a Source>,
    find: impl Fn(&Source) -> Option<usize>,
    what: &str,
) -> Vec<Breach> {
    sources.filter_map(|source| Some(Breach::new(&source.path, find(source)?, what))).collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::found;
    use super::*;

    #[test]
    fn the_domain_depends_on_nothing_that_does_io() {
        let manifest = "[dependencies]\nunicode-width.workspace = true\nreqwest.workspace = true\n\
                        [dev-dependencies]\nserde_json.workspace = true\n";
        assert_eq!(
            found(domain_dependencies, &[("crates/domain/Cargo.toml", manifest)]),
            ["crates/domain/Cargo.toml:3: the domain depends on `reqwest`"]
        );
    }

    #[test]
    fn the_domain_names_no_untyped_json() {
        let source = "// serde_json::Value\nuse serde_json::{Map, Value};\n";
        assert_eq!(
            found(
                untyped_json_in_the_domain,
                &[("crates/domain/src/brief.rs", source), ("crates/api/src/dto.rs", source)]
            ),
            ["crates/domain/src/brief.rs:2: the domain names `serde_json::Value`"]
        );
    }

    #[test]
    fn dependencies_point_down() {
        let manifest = "[dependencies]\nadstead-domain.workspace = true\nadstead-api.workspace = true\n\
                        [dev-dependencies]\nadstead-testkit.workspace = true\n";
        assert_eq!(
            found(
                upward_dependencies,
                &[("crates/application/Cargo.toml", manifest), ("crates/server/Cargo.toml", manifest)]
            ),
            ["crates/application/Cargo.toml:3: crates/application depends on `adstead_api`"]
        );
        assert_eq!(
            found(
                upward_dependencies,
                &[("crates/config/Cargo.toml", "dependencies.adstead-domain.workspace = true")]
            ),
            ["crates/config/Cargo.toml:1: crates/config depends on `adstead_domain`"]
        );
    }

    #[test]
    fn what_adapters_are_made_of_stays_with_them() {
        let manifest = "[dependencies]\nsea-orm.workspace = true\n[build-dependencies]\nmoka.workspace = true\n\
                        [dev-dependencies]\nsqlx.workspace = true\n";
        assert_eq!(
            found(
                fenced_dependencies,
                &[("crates/api/Cargo.toml", manifest), ("crates/infrastructure/Cargo.toml", manifest)]
            ),
            [
                "crates/api/Cargo.toml:2: crates/api depends on `sea_orm`",
                "crates/api/Cargo.toml:4: crates/api depends on `moka`"
            ]
        );
    }

    #[test]
    fn servers_for_tests_are_in_no_build() {
        let built = "dependencies.adstead-backends.workspace = true";
        let tested = "dev-dependencies.adstead-backends.workspace = true";
        assert_eq!(
            found(
                fenced_dependencies,
                &[
                    ("crates/infrastructure/Cargo.toml", tested),
                    ("crates/server/Cargo.toml", built),
                    ("xtask/Cargo.toml", built),
                ]
            ),
            ["crates/server/Cargo.toml:1: crates/server depends on `adstead_backends`"]
        );
    }

    #[test]
    fn use_cases_and_http_name_no_adapter() {
        let source = "use adstead_domain::port::Clock;\nuse adstead_infrastructure::cache::CacheManager;\n";
        assert_eq!(
            found(
                adapters_named_above_the_ports,
                &[
                    ("crates/application/src/ads.rs", source),
                    ("crates/api/tests/it/main.rs", "fn f() { aws_sdk_s3::Client::new(); }"),
                    ("crates/server/src/wire.rs", source),
                ]
            ),
            [
                "crates/api/tests/it/main.rs:1: an adapter's crate is named: `aws_…`",
                "crates/application/src/ads.rs:2: an adapter's crate is named: `adstead_infrastructure…`",
            ]
        );
    }

    #[test]
    fn no_entity_leaves_the_repositories() {
        let source = "use sea_orm::EntityTrait;";
        assert_eq!(
            found(
                escaped_entities,
                &[
                    ("crates/infrastructure/src/cache/manager.rs", source),
                    ("crates/infrastructure/src/database/manager.rs", source),
                    ("crates/infrastructure/src/repositories/ads.rs", source),
                    ("crates/infrastructure/src/repositories/mod.rs", "mod ads;\npub mod entity;"),
                    ("crates/server/src/wire.rs", "use adstead_infrastructure::repositories::entity::ad;"),
                ]
            ),
            [
                "crates/infrastructure/src/cache/manager.rs:1: `sea_orm` is named here",
                "crates/server/src/wire.rs:1: an entity module is named here",
                "crates/infrastructure/src/repositories/mod.rs:2: the entities are public",
            ]
        );
    }

    #[test]
    fn no_http_is_known_below_the_api() {
        let source = "fn f() -> reqwest::StatusCode { todo() }\nuse http::Method;";
        assert_eq!(
            found(
                http_below_the_api,
                &[
                    ("crates/api/src/problem.rs", source),
                    ("crates/infrastructure/src/external/ai/openai.rs", source),
                    ("crates/infrastructure/src/storage/local.rs", source),
                ]
            ),
            [
                "crates/infrastructure/src/storage/local.rs:1: an HTTP status is named here",
                "crates/infrastructure/src/storage/local.rs:2: the `http` crate is named here",
            ]
        );
    }

    #[test]
    fn ports_meet_adapters_in_one_file() {
        let both =
            "use adstead_domain::{Account, port::{Clock, FileStore}};\nuse adstead_infrastructure::system;";
        assert_eq!(
            found(
                wiring_outside_wire,
                &[
                    ("crates/server/src/wire.rs", both),
                    ("crates/server/src/serve.rs", both),
                    (
                        "crates/server/src/migrate.rs",
                        "use adstead_infrastructure::database::DatabaseManager;"
                    ),
                ]
            ),
            ["crates/server/src/serve.rs:2: both ports and adapters are named here"]
        );
    }
}
