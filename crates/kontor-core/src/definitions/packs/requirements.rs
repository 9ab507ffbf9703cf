//! What a pack needs: a program that is new enough, and packs below it.

use kontor_model::{Json, Problem, Problems};
use kontor_store::system::PackRow;
use semver::{Version, VersionReq};

use crate::definitions::layers::ENGINE;

/// The version of this program.
pub const PROGRAM: &str = env!("CARGO_PKG_VERSION");

/// What is wrong with a manifest, wherever it is to be installed: pointers into `pack.json`.
pub fn of_manifest(manifest: &Json) -> Problems {
    let mut problems = kontor_model::check::check_pack(manifest);
    let name = manifest.get("name").and_then(Json::as_str).unwrap_or_default();
    if name == ENGINE {
        problems.push(Problem::new("reserved_name", "/name").with("name", name));
    }
    if let Some(wanted) = manifest.get("kontor").and_then(Json::as_str) {
        match range(wanted) {
            None => problems.push(Problem::new("not_a_version_range", "/kontor").with("value", wanted)),
            Some(range) if !fits(&range, PROGRAM) => problems.push(
                Problem::new("other_program_needed", "/kontor")
                    .with("wanted", wanted)
                    .with("version", PROGRAM),
            ),
            Some(_) => {}
        }
    }
    problems
}

/// Which packs below are missing or have a version that does not fit.
pub fn of_packs(manifest: &Json, installed: &[PackRow]) -> Problems {
    let mut problems = Problems::new();
    for (index, wanted) in wanted(manifest).into_iter().enumerate() {
        let at = format!("/packs/{index}");
        let Some(known) = installed.iter().find(|pack| pack.name == wanted.name) else {
            problems.push(Problem::new("pack_missing", at).with("name", wanted.name));
            continue;
        };
        if wanted.version.is_empty() {
            continue;
        }
        match range(&wanted.version) {
            None => problems.push(
                Problem::new("not_a_version_range", format!("{at}/version")).with("value", wanted.version),
            ),
            Some(range) if !fits(&range, &known.version) => problems.push(
                Problem::new("pack_version_does_not_fit", format!("{at}/version"))
                    .with("name", wanted.name)
                    .with("wanted", wanted.version)
                    .with("version", &known.version),
            ),
            Some(_) => {}
        }
    }
    problems
}

/// A pack that another one rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Its name.
    pub name: String,
    /// A version or a range; may be empty.
    pub version: String,
}

/// The packs that a manifest names as those below it.
pub fn wanted(manifest: &Json) -> Vec<Wanted> {
    let list = manifest.get("packs").and_then(Json::as_array).into_iter().flatten();
    list.filter_map(|one| {
        let name = one.get("name").and_then(Json::as_str).or_else(|| one.as_str())?;
        let version = one.get("version").and_then(Json::as_str).unwrap_or_default();
        Some(Wanted { name: name.to_owned(), version: version.to_owned() })
    })
    .collect()
}

/// A plain version means: this one or a later one of the same major version. Anything else is a range.
fn range(text: &str) -> Option<VersionReq> {
    match Version::parse(text) {
        Ok(version) => {
            VersionReq::parse(&format!(">={version}, <{}.0.0", version.major.saturating_add(1))).ok()
        }
        Err(_) => VersionReq::parse(text).ok(),
    }
}

/// Whether a version is inside a range. What comes before a release counts as the release: a pack under work can be tried.
fn fits(range: &VersionReq, version: &str) -> bool {
    Version::parse(version).is_ok_and(|version| {
        range.matches(&version) || range.matches(&Version::new(version.major, version.minor, version.patch))
    })
}

/// Whether a version comes before another.
pub fn is_older(version: &str, than: &str) -> bool {
    match (Version::parse(version), Version::parse(than)) {
        (Ok(version), Ok(than)) => version < than,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn a_version_allows_later_ones_of_its_major_version() {
        let allows = |wanted: &str, version: &str| fits(&range(wanted).unwrap(), version);
        assert!(allows("1.2.0", "1.2.0") && allows("1.2.0", "1.9.3") && allows("0.1.0", "0.7.0"));
        assert!(!allows("1.2.0", "1.1.9") && !allows("1.2.0", "2.0.0"));
        assert!(allows(">=1.2, <3", "2.5.0") && !allows(">=1.2, <3", "3.0.0") && allows("*", "0.0.1"));
        assert!(allows("1.0.0", "1.0.0-draft"));
        assert!(range("whatever").is_none());
        assert!(is_older("0.9.9", "0.10.0") && !is_older("1.0.0", "1.0.0"));
    }
}
