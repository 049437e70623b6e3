//! What the manifests share.

use std::collections::BTreeSet;

use super::{Breach, Workspace};

pub(super) fn own_lints(workspace: &Workspace) -> Vec<Breach> {
    let crates = workspace.manifests.iter().filter(|manifest| !manifest.folder().is_empty());
    crates
        .filter(|manifest| !manifest.inherits_lints)
        .map(|manifest| {
            Breach::new(&manifest.path, 1, "the crate does not take its lints from the workspace")
        })
        .collect()
}

pub(super) fn scattered_versions(workspace: &Workspace) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for manifest in &workspace.manifests {
        for dependency in manifest.dependencies.iter().filter(|dependency| !dependency.is_inherited) {
            let what = format!("the version of `{}` stands here", dependency.name);
            breaches.push(Breach::new(&manifest.path, dependency.line, what));
        }
    }
    breaches
}

pub(super) fn unused_versions(workspace: &Workspace) -> Vec<Breach> {
    let used: BTreeSet<_> =
        workspace.manifests.iter().flat_map(|manifest| &manifest.dependencies).map(|it| &it.name).collect();
    let mut breaches = Vec::new();
    for manifest in &workspace.manifests {
        for dependency in manifest.shared.iter().filter(|shared| !used.contains(&shared.name)) {
            let what = format!("no crate depends on `{}`", dependency.name);
            breaches.push(Breach::new(&manifest.path, dependency.line, what));
        }
    }
    breaches
}

#[cfg(test)]
mod tests {
    use super::super::tests::found;
    use super::*;

    #[test]
    fn every_crate_takes_its_lints_from_the_workspace() {
        assert_eq!(
            found(
                own_lints,
                &[
                    ("Cargo.toml", "[workspace]"),
                    ("crates/api/Cargo.toml", "[lints.rust]\nunsafe_code = \"warn\""),
                    ("crates/domain/Cargo.toml", "[lints]\nworkspace = true"),
                ]
            ),
            ["crates/api/Cargo.toml:1: the crate does not take its lints from the workspace"]
        );
    }

    #[test]
    fn versions_stand_in_the_workspace() {
        let manifest = "[dependencies]\nurl.workspace = true\nuuid = { version = \"1\" }\n\
                        [dev-dependencies]\ninsta = \"1\"\n";
        assert_eq!(
            found(scattered_versions, &[("xtask/Cargo.toml", manifest)]),
            [
                "xtask/Cargo.toml:3: the version of `uuid` stands here",
                "xtask/Cargo.toml:5: the version of `insta` stands here"
            ]
        );
    }

    #[test]
    fn what_the_workspace_lists_is_used() {
        assert_eq!(
            found(
                unused_versions,
                &[
                    ("Cargo.toml", "[workspace.dependencies]\nasync-trait = \"0.1\"\nurl = \"2\""),
                    ("xtask/Cargo.toml", "[dev-dependencies]\nasync-trait.workspace = true"),
                ]
            ),
            ["Cargo.toml:3: no crate depends on `url`"]
        );
    }
}
